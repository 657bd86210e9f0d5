//! What others make of the certificates: `openssl` reads and judges them, and a server shows them.
#![expect(clippy::expect_used, reason = "a test says what it expected")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use beffroi_ca::{
    Authority, CaError, CertificateFacts, InvalidNames, LEAF_DAYS, MadeAuthority, MadeCertificate, Permitted, Revoked, certificate_pem,
    pem, served,
};
use beffroi_secret::SecretText;

const DAY: i64 = 86_400;
/// 2026-11-22, 00:00 UTC.
const NOW: i64 = 1_795_305_600;

struct Made {
    folder: tempfile::TempDir,
    root: MadeAuthority,
    authority: Authority,
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn made(permitted: &[&str]) -> Made {
    let permitted = Permitted::read(&texts(permitted)).expect("domains");
    let root = Authority::make("Réseau de la maison", &permitted, NOW).expect("made");
    let authority = Authority::open(&root.certificate, &root.key).expect("its own");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ca.pem"), certificate_pem(&root.certificate)).expect("written");
    Made { folder, root, authority }
}

impl Made {
    fn issue(&self, names: &[&str], file: &str) -> MadeCertificate {
        let made = self.authority.issue(&texts(names), NOW).expect("issued");
        std::fs::write(self.folder.path().join(file), certificate_pem(&made.certificate)).expect("written");
        made
    }

    /// What `openssl verify` says at a moment.
    fn verify(&self, arguments: &[&str], at: i64) -> (bool, String) {
        let at = at.to_string();
        let common = ["verify", "-x509_strict", "-purpose", "sslserver", "-attime", &at, "-CAfile", "ca.pem"];
        openssl(self.folder.path(), &[&common, arguments].concat())
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).stdin(Stdio::null()).output().expect("openssl runs");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn openssl_takes_a_certificate_and_says_of_it_what_we_say() {
    let made = made(&["lan.example"]);
    let leaf = made.issue(&["cloud.lan.example", "*.lan.example"], "leaf.pem");
    for host in ["cloud.lan.example", "mail.lan.example"] {
        let (good, said) = made.verify(&["-verify_hostname", host, "leaf.pem"], NOW);
        assert!(good, "{said}");
    }
    assert!(!made.verify(&["-verify_hostname", "bank.test", "leaf.pem"], NOW).0);

    let (_, root) = openssl(made.folder.path(), &["x509", "-in", "ca.pem", "-noout", "-text", "-fingerprint", "-sha256"]);
    let facts = CertificateFacts::read(&made.root.certificate).expect("read");
    for said in [
        "CA:TRUE, pathlen:0",
        "Permitted:\n                  DNS:lan.example",
        "Excluded:\n                  IP:0.0.0.0/0.0.0.0",
        "prime256v1",
        "Certificate Sign, CRL Sign",
        &facts.fingerprint_text(),
    ] {
        assert!(root.contains(said), "{said} is not in {root}");
    }
    assert_eq!(facts.permitted, ["lan.example"]);
    assert_eq!((facts.days_left(NOW), facts.is_authority), (3651, true));

    let facts = CertificateFacts::read(&leaf.certificate).expect("read");
    let (_, text) = openssl(made.folder.path(), &["x509", "-in", "leaf.pem", "-noout", "-text"]);
    for said in ["CA:FALSE", "TLS Web Server Authentication", "DNS:cloud.lan.example, DNS:*.lan.example", "Digital Signature"] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let (_, serial) = openssl(made.folder.path(), &["x509", "-in", "leaf.pem", "-noout", "-serial"]);
    assert_eq!(serial.trim().to_lowercase(), format!("serial={}", facts.serial_text()));
    assert_eq!((facts.serial.len(), facts.names.len(), facts.issuer.as_str()), (16, 2, "Réseau de la maison"));
    assert!(facts.not_after_s - facts.not_before_s < LEAF_DAYS * DAY && facts.has_key(&leaf.key) && !facts.has_key(&made.root.key));
}

#[test]
fn every_certificate_has_a_key_and_a_number_of_its_own() {
    let made = made(&[]);
    let (one, other) = (made.issue(&["a.test"], "one.pem"), made.issue(&["a.test"], "other.pem"));
    let read = |made: &MadeCertificate| CertificateFacts::read(&made.certificate).expect("read");
    assert_ne!(read(&one).serial, read(&other).serial);
    assert!(read(&one).has_key(&one.key) && !read(&one).has_key(&other.key));
    assert!(!format!("{one:?}{:?}{:?}", made.root, made.authority).contains("PRIVATE"));
}

#[test]
fn names_outside_of_the_authority_are_refused_here_and_by_others() {
    let made = made(&["lan.example"]);
    for outside in ["bank.test", "lan.example.test", "xlan.example"] {
        let refused = made.authority.issue(&texts(&[outside]), NOW);
        assert!(matches!(refused, Err(CaError::Names(InvalidNames::NotPermitted { .. }))), "{outside}");
    }
    // Whoever had the key could sign for anything with another program: those who trust the authority do not take it.
    let folder = made.folder.path();
    let (key, request) = (folder.join("ca.key"), folder.join("leaf.ext"));
    // A key that was made for this test, into its own folder.
    std::fs::write(&key, made.root.key.expose()).expect("written");
    std::fs::write(request, "subjectAltName=DNS:bank.test\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n").expect("written");
    let (good, said) =
        openssl(folder, &["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "l.key", "-subj", "/CN=bank.test", "-out", "l.csr"]);
    assert!(good, "{said}");
    let sign =
        ["x509", "-req", "-in", "l.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30", "-extfile", "leaf.ext", "-out", "forged.pem"];
    let (good, said) = openssl(folder, &sign);
    assert!(good, "{said}");
    // It is of today, whenever that is.
    let (good, said) = openssl(folder, &["verify", "-no_check_time", "-purpose", "sslserver", "-CAfile", "ca.pem", "forged.pem"]);
    assert!(!good && said.contains("permitted subtree violation"), "{said}");
}

#[test]
fn time_is_told_and_an_authority_that_ended_signs_nothing() {
    let made = made(&[]);
    made.issue(&["a.test"], "leaf.pem");
    for (at, good) in [(NOW - 1800, true), (NOW + 396 * DAY, true), (NOW - 2 * 3600, false), (NOW + 397 * DAY, false)] {
        assert_eq!(made.verify(&["leaf.pem"], at).0, good, "{at}");
    }
    let facts = made.authority.facts();
    assert!(matches!(made.authority.issue(&texts(&["a.test"]), facts.not_after_s + 1), Err(CaError::OutOfTime)));
    assert!(matches!(made.authority.issue(&texts(&["a.test"]), facts.not_before_s - 1), Err(CaError::OutOfTime)));
    let last = made.authority.issue(&texts(&["a.test"]), facts.not_after_s - 10 * DAY).expect("issued");
    assert!(CertificateFacts::read(&last.certificate).expect("read").not_after_s < facts.not_after_s, "no longer than who signed it");
}

#[test]
fn what_was_revoked_is_not_taken_by_those_who_have_the_list() {
    let made = made(&[]);
    let leaf = made.issue(&["a.test"], "leaf.pem");
    made.issue(&["b.test"], "other.pem");
    let serial = CertificateFacts::read(&leaf.certificate).expect("read").serial;
    let list = made.authority.revocation_list(&[Revoked { serial, at_s: NOW, superseded: true }], 2, NOW).expect("signed");
    std::fs::write(made.folder.path().join("list.pem"), pem("X509 CRL", &list)).expect("written");
    let with_list = |file| made.verify(&["-crl_check", "-CRLfile", "list.pem", file], NOW + 60);
    let (good, said) = with_list("leaf.pem");
    assert!(!good && said.contains("certificate revoked"), "{said}");
    assert!(with_list("other.pem").0);
}

#[test]
fn another_key_and_what_is_no_authority_are_refused() {
    let made = made(&[]);
    let leaf = made.issue(&["a.test"], "leaf.pem");
    for (certificate, key) in [(&made.root.certificate, &leaf.key), (&leaf.certificate, &leaf.key)] {
        assert!(matches!(Authority::open(certificate, key), Err(CaError::OtherKey)));
    }
    assert!(matches!(Authority::open(&made.root.certificate, &SecretText::new("x".to_owned())), Err(CaError::OtherKey)));
    assert!(matches!(CertificateFacts::read(b"\x30\x80hostile"), Err(CaError::NotACertificate)));
    for name in ["", "a\nb", &"x".repeat(65)] {
        assert!(matches!(Authority::make(name, &Permitted::default(), NOW), Err(CaError::Names(_))), "{name:?}");
    }
}

/// `openssl s_server` with a certificate; ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", &address, "-cert", "leaf.pem", "-key", "leaf.key", "-www", "-quiet"]);
        let child = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
        let up = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            std::net::TcpStream::connect(&address).is_ok()
        });
        assert!(up, "the server listens");
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_shows_is_seen_and_judged() {
    let (made, other) = (made(&[]), made(&[]));
    let leaf = made.issue(&["a.test"], "leaf.pem");
    // A key that was made for this test, into its own folder.
    std::fs::write(made.folder.path().join("leaf.key"), leaf.key.expose()).expect("written");
    let server = Server::start(made.folder.path());
    let ask = async |name: &str, authority: &[u8], at: i64| {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.expect("it listens");
        served(stream, name, authority, at).await.expect("a handshake")
    };
    let fingerprint = CertificateFacts::read(&leaf.certificate).expect("read").fingerprint;
    let seen = ask("a.test", &made.root.certificate, NOW).await;
    assert!(seen.accepted && seen.fingerprint == fingerprint, "{seen:?}");
    for (name, authority, at) in [
        ("b.test", &made.root.certificate, NOW),
        ("a.test", &other.root.certificate, NOW),
        ("a.test", &made.root.certificate, NOW + 400 * DAY),
    ] {
        let seen = ask(name, authority, at).await;
        assert!(!seen.accepted && !seen.why_not.is_empty() && seen.fingerprint == fingerprint, "{name}: {seen:?}");
    }
}
