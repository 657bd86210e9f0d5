//! Passwords, against a server in this process: sshd checks them only as root, and not without the system's accounts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use beffroi_ssh::{ConnectLimits, Login, LoginMethod, SshRemote, Target, Trust, offered_key};

use russh::keys::{Algorithm, HashAlg, PrivateKey};
use russh::server::{Auth, Config, Handler, PublicKeyOffer};
use russh::{MethodKind, MethodSet};

use super::server::pinned;

/// What a host saw.
#[derive(Clone, Default)]
struct Seen {
    passwords: Arc<Mutex<Vec<String>>>,
    requests: Arc<AtomicUsize>,
}

impl Handler for Seen {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, russh::Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(Auth::reject())
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.passwords.lock().expect("no panic").push(password.to_owned());
        let right = user == "admin" && password == "pass word é";
        let methods = MethodSet::from(&[MethodKind::Password, MethodKind::KeyboardInteractive][..]);
        Ok(if right { Auth::Accept } else { Auth::Reject { proceed_with_methods: Some(methods), partial_success: false } })
    }

    async fn auth_publickey_offered(&mut self, _: &str, _: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(Auth::reject())
    }
}

struct Host {
    port: u16,
    key: PrivateKey,
    seen: Seen,
}

impl Host {
    async fn start() -> Self {
        let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).expect("a key");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Seen::default();
        let config = Arc::new(Config { keys: vec![key.clone()], auth_rejection_time: std::time::Duration::ZERO, ..Config::default() });
        let handler = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, handler) = (Arc::clone(&config), handler.clone());
                tokio::spawn(async move {
                    if let Ok(session) = russh::server::run_stream(config, stream, handler).await {
                        let _ = session.await;
                    }
                });
            }
        });
        Self { port, key, seen }
    }

    fn target(&self, password: &str) -> Target {
        let fingerprint = self.key.public_key().fingerprint(HashAlg::Sha256).to_string();
        Target {
            address: "127.0.0.1".to_owned(),
            port: self.port,
            user: "admin".to_owned(),
            trust: pinned(fingerprint.parse().expect("a fingerprint")),
            login: Login { password: Some(SecretText::new(password.to_owned())), ..Login::default() },
            legacy: Vec::new(),
        }
    }
}

#[tokio::test]
async fn the_right_password_logs_in() {
    let host = Host::start().await;
    let remote = SshRemote::connect(None, &host.target("pass word é"), ConnectLimits::default()).await.expect("a connection");
    assert!(!remote.is_closed());
    assert_eq!(*host.seen.passwords.lock().expect("no panic"), ["pass word é"]);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let host = Host::start().await;
    match SshRemote::connect(None, &host.target("wrong"), ConnectLimits::default()).await.expect_err("an error") {
        RemoteError::AuthenticationRefused { user, refused, methods, .. } => {
            assert_eq!((user.as_str(), refused, methods.as_str()), ("admin", LoginMethod::Password, "password,keyboard-interactive"));
        }
        other => panic!("{other}"),
    }
    assert_eq!(*host.seen.passwords.lock().expect("no panic"), ["wrong"]);
}

#[tokio::test]
async fn no_credential_is_sent_before_the_pins_agree() {
    let host = Host::start().await;
    let mut target = host.target("pass word é");
    target.trust = pinned(format!("SHA256:{}", "A".repeat(43)).parse().expect("a fingerprint"));
    let error = SshRemote::connect(None, &target, ConnectLimits::default()).await.expect_err("an error");
    assert!(matches!(error, RemoteError::HostKeyChanged { .. }), "{error}");
    target.trust = Trust::default();
    let error = SshRemote::connect(None, &target, ConnectLimits::default()).await.expect_err("an error");
    assert!(matches!(error, RemoteError::HostKeyUnknown { .. }), "{error}");
    offered_key("127.0.0.1", host.port, ConnectLimits::default()).await.expect("a key");
    assert_eq!(host.seen.requests.load(Ordering::SeqCst), 0);
    assert_eq!(host.seen.passwords.lock().expect("no panic").len(), 0);
}
