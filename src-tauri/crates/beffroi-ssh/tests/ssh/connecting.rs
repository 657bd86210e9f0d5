//! Reaching a host, knowing it, logging in.

use std::io::{Read, Write};
use std::time::Duration;

use beffroi_domain::{Exit, Fingerprint};
use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use beffroi_ssh::{ConnectLimits, Login, LoginMethod, Phase, SshRemote, Trust, offered_key};

use super::server::{Server, free_port, pinned, private, run, user};

fn limits() -> ConnectLimits {
    ConnectLimits::default()
}

#[tokio::test]
async fn every_kind_of_key_logs_in() {
    let server = Server::start();
    for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
        let remote =
            SshRemote::connect(None, &server.target(server.key(name)), limits()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(run(&remote, "exit 3").await.exit, Exit::Status(3));
        assert!(!remote.is_closed());
        remote.close().await;
    }
    let passphrase = Some(SecretText::new("open sesame".to_owned()));
    let encrypted = private(server.key_text("id_encrypted"), passphrase);
    SshRemote::connect(None, &server.target(encrypted), limits()).await.expect("a connection").close().await;
}

#[tokio::test]
async fn rsa_keys_never_sign_with_sha1() {
    let server = Server::with("PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256");
    SshRemote::connect(None, &server.target(server.key("id_rsa")), limits()).await.expect("a connection");
    let old = Server::with("PubkeyAcceptedAlgorithms ssh-rsa\nHostKeyAlgorithms +ssh-rsa");
    let error = SshRemote::connect(None, &old.target(old.key("id_rsa")), limits()).await.expect_err("no SHA-1");
    assert!(matches!(error, RemoteError::AuthenticationRefused { .. }), "{error}");
}

#[tokio::test]
async fn the_offered_key_is_seen_without_a_login() {
    let server = Server::start();
    let offered = offered_key("127.0.0.1", server.port, limits()).await.expect("a key");
    assert_eq!(offered.fingerprint, server.fingerprint("host"));
    assert_eq!(offered.algorithm, "ssh-ed25519");
    let named = offered_key("localhost", server.port, limits()).await.expect("a key, over the address that answers");
    assert_eq!(named, offered);
}

#[tokio::test]
async fn a_host_without_pins_is_unknown() {
    let server = Server::start();
    let mut target = server.target(server.key("id_ed25519"));
    target.trust = Trust::default();
    match SshRemote::connect(None, &target, limits()).await.expect_err("an error") {
        RemoteError::HostKeyUnknown { address, offered, algorithm } => {
            assert_eq!(address, format!("127.0.0.1:{}", server.port));
            assert_eq!((offered, algorithm.as_str()), (server.fingerprint("host"), "ssh-ed25519"));
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_host_with_another_key_has_changed() {
    let server = Server::start();
    let mut target = server.target(server.key("id_ed25519"));
    target.trust = pinned(server.fingerprint("stranger"));
    match SshRemote::connect(None, &target, limits()).await.expect_err("an error") {
        RemoteError::HostKeyChanged { offered, pinned, .. } => {
            assert_eq!(offered, server.fingerprint("host"));
            assert_eq!(pinned, [server.fingerprint("stranger")]);
        }
        other => panic!("{other}"),
    }
    target.trust.pins.extend(pinned(server.fingerprint("host")).pins);
    SshRemote::connect(None, &target, limits()).await.expect("one of several pins is enough");
}

#[tokio::test]
async fn a_refused_key_is_told_with_what_the_host_takes() {
    let server = Server::start();
    match SshRemote::connect(None, &server.target(server.key("stranger")), limits()).await.expect_err("an error") {
        RemoteError::AuthenticationRefused { address, user: who, refused, methods } => {
            assert_eq!((who, refused, methods.as_str()), (user(), LoginMethod::Key, "publickey"));
            assert_eq!(address, format!("127.0.0.1:{}", server.port));
        }
        other => panic!("{other}"),
    }
    let password = Login { password: Some(SecretText::new("guess".to_owned())), ..Login::default() };
    // It is not sent: nobody asked for it.
    let error = SshRemote::connect(None, &server.target(password), limits()).await.expect_err("an error");
    assert!(matches!(&error, RemoteError::FactorMissing { accepted: None, methods, .. } if methods == "publickey"), "{error}");
}

#[tokio::test]
async fn one_connection_makes_one_attempt() {
    // A second attempt would end the connection, which is another error.
    let server = Server::with("MaxAuthTries 1");
    let remote = SshRemote::connect(None, &server.target(server.key("id_rsa")), limits()).await;
    assert!(remote.is_ok(), "{remote:?}");
}

#[tokio::test]
async fn what_is_not_a_usable_key_is_refused_before_anything_is_sent() {
    let server = Server::start();
    let encrypted = server.key_text("id_encrypted");
    let wrong = Some(SecretText::new("open barley".to_owned()));
    let cases = [
        private(encrypted.duplicate(), None),
        private(encrypted, wrong),
        private(SecretText::new("not a key".to_owned()), None),
        private(SecretText::new(String::new()), None),
        private(SecretText::new("x".repeat(100_000)), None),
        private(server.key_text("id_rsa.pub"), None),
    ];
    for login in cases {
        let mut target = server.target(login);
        // Nothing listens there: with a usable key it would be unreachable.
        target.port = free_port();
        let error = SshRemote::connect(None, &target, limits()).await.expect_err("an error");
        assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_unreachable() {
    let server = Server::start();
    let mut target = server.target(server.key("id_ed25519"));
    target.port = free_port();
    let error = SshRemote::connect(None, &target, limits()).await.expect_err("an error");
    let expected = format!("127.0.0.1:{}", target.port);
    assert!(matches!(&error, RemoteError::Unreachable { address, phase: Phase::Connect, .. } if *address == expected), "{error}");
    target.address = "no-such-host.invalid".to_owned();
    let error = SshRemote::connect(None, &target, limits()).await.expect_err("an error");
    assert!(
        matches!(&error, RemoteError::Unreachable { address, phase: Phase::Name, .. } if address.starts_with("no-such-host.invalid:")),
        "{error}"
    );
}

#[tokio::test]
async fn a_port_that_is_not_ssh_or_says_nothing_is_unreachable() {
    let server = Server::start();
    for greeting in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-x\r\n", b"SSH-1.5-old\r\n", b""] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let serving = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.write_all(greeting);
            // Silent, until the other side gives up.
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let mut target = server.target(server.key("id_ed25519"));
        target.port = port;
        let short = ConnectLimits { handshake: Duration::from_millis(300), ..limits() };
        let error = SshRemote::connect(None, &target, short).await.expect_err("an error");
        assert!(matches!(&error, RemoteError::Unreachable { address, .. } if address.ends_with(&port.to_string())), "{error}");
        serving.await.expect("the connection was given up");
    }
}

#[tokio::test]
async fn an_address_that_never_answers_is_given_up() {
    // A listener whose queue is full: the kernel lets further connections wait.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().expect("an address").into()).expect("a port");
    socket.listen(0).expect("a queue");
    let address = socket.local_addr().expect("an address").as_socket().expect("an address");
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let other = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
            other.set_nonblocking(true).expect("no waiting");
            let _ = other.connect(&address.into());
            other
        })
        .collect();
    let short = ConnectLimits { connect: Duration::from_millis(200), ..limits() };
    let error = offered_key("127.0.0.1", address.port(), short).await.expect_err("an error");
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
    drop(waiting);
}

#[tokio::test]
async fn names_in_errors_are_harmless() {
    let error = offered_key("a\u{1b}[2J.invalid", 22, limits()).await.expect_err("an error");
    assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
    let six = offered_key("::1", 1, limits()).await.expect_err("an error");
    assert!(matches!(&six, RemoteError::Unreachable { address, .. } if address == "[::1]:1"), "{six}");
}

#[tokio::test]
async fn pins_are_compared_as_they_are_written() {
    let server = Server::start();
    let right = server.fingerprint("host").to_string();
    let turned: String =
        right.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
    let turned: Fingerprint = format!("SHA256:{}", turned.get(7..).expect("a digest")).parse().expect("a fingerprint");
    let mut target = server.target(server.key("id_ed25519"));
    target.trust = pinned(turned);
    let error = SshRemote::connect(None, &target, limits()).await.expect_err("an error");
    assert!(matches!(error, RemoteError::HostKeyChanged { .. }), "{error}");
}
