//! Against a real OpenSSH server on this machine, and for passwords and prompts against russh's own.

mod ssh {
    mod agents;
    mod algorithms;
    mod certificates;
    mod connecting;
    mod factors;
    mod files;
    mod files_again;
    mod files_tree;
    mod folders;
    mod hosts;
    mod jobs;
    mod losing;
    mod password;
    mod relay;
    mod running;
    mod server;
    mod streaming;
    mod sudo;
    mod terminals;
    mod ways;
}
