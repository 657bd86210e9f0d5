//! The detached-job protocol against this machine's shells.

mod job {
    mod ending;
    mod following;
    mod host;
    mod input;
    mod starting;
}
