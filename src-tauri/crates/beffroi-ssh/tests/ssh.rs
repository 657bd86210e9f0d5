//! Against a real OpenSSH server on this machine, and for passwords and prompts against russh's own.

mod ssh {
    /// Each of these tests where SFTP is served, and where a shell of busybox does its work.
    macro_rules! both_ways {
        ($($name:ident),* $(,)?) => {
            mod by_sftp {
                $(#[tokio::test]
                async fn $name() {
                    super::$name(super::Server::start()).await;
                })*
            }
            mod by_a_shell {
                $(#[tokio::test]
                async fn $name() {
                    super::$name(super::Server::guest("busybox")).await;
                })*
            }
        };
    }

    mod agents;
    mod algorithms;
    mod certificates;
    mod connecting;
    mod factors;
    mod files;
    mod files_again;
    mod files_tree;
    mod folders;
    mod guests;
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
