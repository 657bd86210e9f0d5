//! Which algorithms a host may use.

use beffroi_domain::Exit;
use beffroi_remote::RemoteError;
use beffroi_ssh::{ConnectLimits, SshRemote, Target};

use super::server::{Server, run};

async fn connect(target: &Target) -> Result<SshRemote, RemoteError> {
    SshRemote::connect(None, target, ConnectLimits::default()).await
}

/// The lines of YunoHost's `conf/ssh/sshd_config`, for both values of `security.ssh.ssh_compatibility`.
const YUNOHOST: [(&str, &str); 2] = [
    (
        "intermediate",
        "KexAlgorithms diffie-hellman-group-exchange-sha256\nCiphers aes256-ctr,aes192-ctr,aes128-ctr\nMACs hmac-sha2-512,hmac-sha2-256",
    ),
    (
        "modern",
        "KexAlgorithms curve25519-sha256@libssh.org,ecdh-sha2-nistp521,ecdh-sha2-nistp384,ecdh-sha2-nistp256,diffie-hellman-group-exchange-sha256\nCiphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr\nMACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512,hmac-sha2-256,umac-128@openssh.com",
    ),
];

#[tokio::test]
async fn yunohost_connects_in_both_its_settings() {
    for (setting, lines) in YUNOHOST {
        let banner = "Banner %DIR%/issue.net\nLoginGraceTime 120\nClientAliveInterval 60\nAcceptEnv LANG LC_*";
        let server = Server::prepared(&format!("{lines}\n{banner}"), |folder| {
            std::fs::write(folder.join("issue.net"), "Welcome\u{1b}[2J\n".repeat(50)).expect("a banner");
        });
        let remote = connect(&server.target(server.key("id_ed25519"))).await.unwrap_or_else(|error| panic!("{setting}: {error}"));
        assert_eq!(run(&remote, "exit 5").await.exit, Exit::Status(5), "{setting}");
        remote.close().await;
    }
}

#[tokio::test]
async fn old_algorithms_are_off_by_default_and_on_by_name() {
    let cases = [
        ("KexAlgorithms diffie-hellman-group14-sha1", "key exchange", "diffie-hellman-group14-sha1"),
        ("KexAlgorithms diffie-hellman-group-exchange-sha1", "key exchange", "diffie-hellman-group-exchange-sha1"),
        ("Ciphers aes128-cbc", "cipher", "aes128-cbc"),
        ("Ciphers aes256-cbc", "cipher", "aes256-cbc"),
        ("Ciphers aes128-ctr\nMACs hmac-sha1", "mac", "hmac-sha1"),
        ("Ciphers aes128-ctr\nMACs hmac-sha1-etm@openssh.com", "mac", "hmac-sha1-etm@openssh.com"),
        ("HostKey %DIR%/id_rsa\nHostKeyAlgorithms ssh-rsa", "host key", "ssh-rsa"),
    ];
    for (lines, what, name) in cases {
        let server = Server::with(lines);
        let mut target = server.target(server.key("id_ed25519"));
        target.trust.pins.extend(super::server::pinned(server.fingerprint("id_rsa")).pins);
        match connect(&target).await.expect_err(name) {
            RemoteError::NoCommonAlgorithm { address, kind, theirs } => {
                assert_eq!((address, kind), (format!("127.0.0.1:{}", server.port), what), "{name}");
                assert!(theirs.split(',').any(|one| one == name), "{name} is not in {theirs}");
            }
            other => panic!("{name}: {other}"),
        }
        target.legacy = vec![name.to_owned()];
        let remote = connect(&target).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(run(&remote, "exit 3").await.exit, Exit::Status(3), "{name}");
        // An old algorithm does not open the door to another one.
        target.legacy = beffroi_ssh::known_legacy().iter().filter(|one| **one != name).map(|one| (*one).to_owned()).collect();
        assert!(matches!(connect(&target).await, Err(RemoteError::NoCommonAlgorithm { .. })), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_name_is_told_before_anything_is_sent() {
    let server = Server::start();
    let mut target = server.target(server.key("id_ed25519"));
    // Nothing listens there.
    target.port = super::server::free_port();
    for name in ["arcfour", "none", "clear", "ssh-dss", ""] {
        target.legacy = vec![name.to_owned()];
        let error = connect(&target).await.expect_err("an error");
        assert!(matches!(&error, RemoteError::UnknownAlgorithm { name: told } if told == name), "{error}");
    }
}

#[tokio::test]
async fn a_person_s_rsa_key_signs_with_sha1_only_where_that_is_allowed() {
    let server = Server::with("PubkeyAcceptedAlgorithms ssh-rsa");
    let mut target = server.target(server.key("id_rsa"));
    let error = connect(&target).await.expect_err("no SHA-1");
    assert!(matches!(error, RemoteError::AuthenticationRefused { .. }), "{error}");
    target.legacy = vec!["ssh-rsa".to_owned()];
    connect(&target).await.expect("SHA-1, by name");
    // Where the host takes better, better is used.
    let modern = Server::with("PubkeyAcceptedAlgorithms rsa-sha2-512\nMaxAuthTries 1");
    connect(&Target { legacy: target.legacy, ..modern.target(modern.key("id_rsa")) }).await.expect("SHA-2");
}
