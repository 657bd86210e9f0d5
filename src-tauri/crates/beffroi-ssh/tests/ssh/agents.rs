//! Keys that an agent holds: OpenSSH's own agent, and one of the test that holds a security key.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Exit, Fingerprint};
use beffroi_remote::RemoteError;
use beffroi_ssh::{ConnectLimits, Login, LoginKey, LoginMethod, SshRemote};
use russh::keys::signature::Signer;
use russh::keys::{Algorithm, PrivateKey};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Server, keygen, run, user};

struct Agent {
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Agent {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("ssh-agent");
        command.arg("-D").arg("-a").arg(folder.path().join("socket")).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = Self { daemon: command.spawn().expect("ssh-agent"), folder };
        // The file is there before anybody listens.
        while std::os::unix::net::UnixStream::connect(agent.socket()).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        agent
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Adds a key, and its certificate where there is one beside it.
    fn add(&self, key: &Path) {
        let mut command = Command::new("ssh-add");
        command.arg("-q").arg(key).env("SSH_AUTH_SOCK", self.socket()).stderr(Stdio::null());
        assert!(command.status().expect("ssh-add").success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn held(socket: PathBuf, fingerprint: Option<Fingerprint>) -> Login {
    Login { key: Some(LoginKey::Agent { socket, fingerprint }), ..Login::default() }
}

async fn log_in(server: &Server, login: Login) -> Result<SshRemote, RemoteError> {
    SshRemote::connect(None, &server.target(login), ConnectLimits::default()).await
}

#[tokio::test]
async fn every_kind_of_key_of_an_agent_logs_in_by_its_fingerprint() {
    let (server, agent) = (Server::with("MaxAuthTries 1"), Agent::start().await);
    for name in ["stranger", "id_rsa", "id_ecdsa", "id_ed25519"] {
        agent.add(&server.file(name));
    }
    for name in ["id_rsa", "id_ecdsa", "id_ed25519"] {
        let login = held(agent.socket(), Some(server.fingerprint(name)));
        let remote = log_in(&server, login).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(run(&remote, "exit 3").await.exit, Exit::Status(3));
    }
    let error = log_in(&server, held(agent.socket(), Some(server.fingerprint("stranger")))).await.expect_err("an error");
    assert!(matches!(error, RemoteError::AuthenticationRefused { refused: LoginMethod::Key, .. }), "{error}");
}

#[tokio::test]
async fn without_a_fingerprint_the_first_key_alone_is_offered() {
    let (server, agent) = (Server::start(), Agent::start().await);
    agent.add(&server.file("stranger"));
    agent.add(&server.file("id_ed25519"));
    let error = log_in(&server, held(agent.socket(), None)).await.expect_err("the second one would do");
    assert!(matches!(error, RemoteError::AuthenticationRefused { refused: LoginMethod::Key, .. }), "{error}");
    let other = Agent::start().await;
    other.add(&server.file("id_ed25519"));
    log_in(&server, held(other.socket(), None)).await.expect("a connection");
}

#[tokio::test]
async fn a_certificate_of_an_agent_goes_before_its_key() {
    let agent = Agent::start().await;
    let me = user();
    let server = Server::prepared("TrustedUserCAKeys %DIR%/ca.pub\nMaxAuthTries 1", |folder| {
        keygen(&folder.join("ca"), "ed25519", "256", "");
        keygen(&folder.join("new"), "rsa", "2048", "");
        let mut command = Command::new("ssh-keygen");
        command.current_dir(folder).args(["-q", "-s", "ca", "-I", "test", "-n", &me, "new.pub"]);
        assert!(command.status().expect("ssh-keygen").success());
    });
    agent.add(&server.file("new"));
    log_in(&server, held(agent.socket(), Some(server.fingerprint("new")))).await.expect("a connection");
}

#[tokio::test]
async fn a_key_that_is_bound_to_hosts_is_used_for_them_only() {
    let (server, other, agent) = (Server::start(), Server::start(), Agent::start().await);
    let known = server.file("known");
    let line = std::fs::read_to_string(server.file("host.pub")).expect("a public key");
    std::fs::write(&known, format!("web.example {line}")).expect("known hosts");
    let mut command = Command::new("ssh-add");
    command.args(["-q", "-h", "web.example", "-H"]).arg(&known).arg(server.file("id_ed25519"));
    assert!(command.env("SSH_AUTH_SOCK", agent.socket()).stderr(Stdio::null()).status().expect("ssh-add").success());
    let login = || held(agent.socket(), Some(server.fingerprint("id_ed25519")));
    log_in(&server, login()).await.expect("its host");
    let error = log_in(&other, login()).await.expect_err("another host");
    assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{error}");
}

#[tokio::test]
async fn an_agent_that_cannot_help_is_told_before_the_host_is_reached() {
    let (server, agent) = (Server::start(), Agent::start().await);
    agent.add(&server.file("id_ed25519"));
    let mut target = server.target(held(server.file("nothing"), None));
    // Nothing listens there.
    target.port = super::server::free_port();
    for login in [held(server.file("nothing"), None), held(server.file("authorized"), None)] {
        target.login = login;
        let error = SshRemote::connect(None, &target, ConnectLimits::default()).await.expect_err("an error");
        assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{error}");
    }
    let error = log_in(&server, held(agent.socket(), Some(server.fingerprint("stranger")))).await.expect_err("an error");
    assert!(matches!(error, RemoteError::CredentialUnusable { .. }), "{error}");
}

/// A string of the protocol: its length, and its bytes.
fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).expect("a short one").to_be_bytes()[..], bytes].concat()
}

const SK: &str = "sk-ssh-ed25519@openssh.com";

/// An agent with a security key, made of an ordinary one (OpenSSH's `PROTOCOL.u2f`): it signs the digest of what it is given,
/// with the application before it and what the device did.
async fn serve_security_key(listener: tokio::net::UnixListener, key: PrivateKey, blob: Vec<u8>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        while let Ok(length) = stream.read_u32().await {
            let mut request = vec![0; length as usize];
            stream.read_exact(&mut request).await.expect("a request");
            let answer = match request.first() {
                Some(11) => [&[12][..], &1_u32.to_be_bytes(), &string(&blob), &string(b"token")].concat(),
                Some(13) => {
                    // After the key: what is to be signed, and four bytes of flags.
                    let data = &request[1 + 4 + blob.len() + 4..request.len() - 4];
                    let (touched, counter) = ([1_u8], 7_u32.to_be_bytes());
                    let signed = [&Sha256::digest(b"ssh:")[..], &touched, &counter, &Sha256::digest(data)[..]].concat();
                    let signature = key.try_sign(&signed).expect("a signature");
                    let whole = [&string(SK.as_bytes())[..], &string(signature.as_bytes()), &touched, &counter].concat();
                    [&[14][..], &string(&whole)].concat()
                }
                // Extensions are not known here.
                _ => vec![5],
            };
            stream.write_all(&string(&answer)).await.expect("an answer");
        }
    }
}

#[tokio::test]
async fn a_security_key_logs_in_through_its_agent() {
    let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).expect("a key");
    let public = key.public_key().key_data().ed25519().expect("a key of this kind").as_ref().to_vec();
    let blob = [string(SK.as_bytes()), string(&public), string(b"ssh:")].concat();
    let line = format!("{SK} {}\n", STANDARD.encode(&blob));
    let server = Server::prepared("", |folder| std::fs::write(folder.join("authorized"), line).expect("authorized keys"));
    let socket = server.file("socket");
    let listener = tokio::net::UnixListener::bind(&socket).expect("a socket");
    tokio::spawn(serve_security_key(listener, key, blob));
    let remote = log_in(&server, held(socket, None)).await.expect("a connection");
    assert_eq!(run(&remote, "exit 3").await.exit, Exit::Status(3));
}
