//! The detached-job protocol against this machine's shells.

mod job {
    mod disk;
    mod ending;
    mod following;
    mod host;
    mod input;
    mod ledger;
    mod lifeline;
    mod output;
    mod starting;
}
