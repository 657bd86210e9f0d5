//! Certificates of people.

use std::path::Path;
use std::process::Command;

use beffroi_domain::Exit;
use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use beffroi_ssh::{ConnectLimits, Login, LoginKey, LoginMethod, SshRemote};

use super::server::{Server, keygen, run, user};

async fn log_in(server: &Server, login: Login) -> Result<SshRemote, RemoteError> {
    SshRemote::connect(None, &server.target(login), ConnectLimits::default()).await
}

/// Certifies keys that the server knows nothing of, for the account that runs the test unless it is said otherwise.
fn certified(keys: &[(&str, &str)], arguments: &[&str]) -> Server {
    let me = user();
    Server::prepared("TrustedUserCAKeys %DIR%/ca.pub", |folder| {
        keygen(&folder.join("ca"), "ed25519", "256", "");
        for (name, kind) in keys {
            keygen(&folder.join(name), kind, if *kind == "rsa" { "2048" } else { "256" }, "");
            let principal: &[&str] = if arguments.contains(&"-n") { &[] } else { &["-n", &me] };
            certify(folder, name, &[principal, arguments].concat());
        }
    })
}

fn certify(folder: &Path, key: &str, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    command.current_dir(folder).args(["-q", "-s", "ca", "-I", "test"]).args(arguments).arg(format!("{key}.pub"));
    assert!(command.status().expect("ssh-keygen").success());
}

fn line(server: &Server, name: &str) -> String {
    std::fs::read_to_string(server.file(&format!("{name}-cert.pub"))).expect("a certificate")
}

fn with(key: SecretText, certificate: Option<String>) -> Login {
    Login { key: Some(LoginKey::Private { key, passphrase: None, certificate }), ..Login::default() }
}

#[tokio::test]
async fn a_certificate_logs_in_a_key_that_the_host_does_not_know() {
    let server = certified(&[("new_ed", "ed25519"), ("new_ec", "ecdsa"), ("new_rsa", "rsa")], &[]);
    for name in ["new_ed", "new_ec", "new_rsa"] {
        let error = log_in(&server, server.key(name)).await.expect_err("not without it");
        assert!(matches!(error, RemoteError::AuthenticationRefused { refused: LoginMethod::Key, .. }), "{name}: {error}");
        let beside = with(server.key_text(name), Some(line(&server, name)));
        let remote = log_in(&server, beside).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(run(&remote, "exit 3").await.exit, Exit::Status(3));
        // To the host's log only; the text is not printed.
        let together = format!("{}\n{}", server.key_text(name).expose(), line(&server, name));
        log_in(&server, with(SecretText::new(together), None)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[tokio::test]
async fn a_certificate_for_somebody_else_is_refused_by_the_host() {
    let server = certified(&[("new", "ed25519")], &["-n", "somebody-else"]);
    let error = log_in(&server, with(server.key_text("new"), Some(line(&server, "new")))).await.expect_err("an error");
    assert!(matches!(error, RemoteError::AuthenticationRefused { refused: LoginMethod::Key, .. }), "{error}");
}

#[tokio::test]
async fn a_certificate_that_cannot_work_is_not_sent() {
    let good = certified(&[("new", "ed25519")], &[]);
    let expired = certified(&[("new", "ed25519")], &["-V", "20200101:20200102"]);
    let host = certified(&[("new", "ed25519")], &["-h"]);
    let cases = [
        (&good, "stranger", line(&good, "new")),
        (&good, "new", "not a certificate".to_owned()),
        (&good, "new", "x".repeat(100_000)),
        (&expired, "new", line(&expired, "new")),
        (&host, "new", line(&host, "new")),
    ];
    for (server, key, certificate) in cases {
        let mut target = server.target(with(server.key_text(key), Some(certificate)));
        // Nothing listens there: what could be sent would be unreachable.
        target.port = super::server::free_port();
        let error = SshRemote::connect(None, &target, ConnectLimits::default()).await.expect_err("an error");
        assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{key}: {error}");
    }
}
