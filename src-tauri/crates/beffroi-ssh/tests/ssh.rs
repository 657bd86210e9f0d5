//! Against a real OpenSSH server on this machine, and for passwords against russh's own.

mod ssh {
    mod connecting;
    mod files;
    mod jobs;
    mod losing;
    mod password;
    mod running;
    mod server;
}
