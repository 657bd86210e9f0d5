//! Host keys: several of them, revoked ones, announced ones, and certificates.

use std::path::Path;
use std::process::Command;

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use beffroi_ssh::{Authority, CertificateFault, ConnectLimits, Pin, SshRemote, Target, Trust, known_hosts, look, reach};

use super::relay::Relay;
use super::server::{Server, keygen, pinned};

async fn connect(target: &Target) -> Result<SshRemote, RemoteError> {
    SshRemote::connect(None, target, ConnectLimits::default()).await
}

const SEVERAL: &str = "HostKey %DIR%/id_rsa\nHostKey %DIR%/id_ecdsa";

#[tokio::test]
async fn a_host_with_several_keys_shows_the_kind_that_is_pinned() {
    let server = Server::with(SEVERAL);
    let mut target = server.target(server.key("id_ed25519"));
    for (name, algorithm) in [("id_rsa", "ssh-rsa"), ("id_ecdsa", "ecdsa-sha2-nistp256"), ("host", "ssh-ed25519")] {
        let pin = Pin { fingerprint: server.fingerprint(name), algorithm: Some(algorithm.to_owned()) };
        target.trust = Trust { pins: vec![pin], ..Trust::default() };
        connect(&target).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    target.trust = pinned(server.fingerprint("id_rsa"));
    let error = connect(&target).await.expect_err("a key of a kind that nobody knows of");
    assert!(matches!(error, RemoteError::HostKeyChanged { .. }), "{error}");
}

#[tokio::test]
async fn announced_keys_are_proven() {
    let server = Server::with(SEVERAL);
    let remote = server.connect().await;
    let announced = remote.announced_keys().await.expect("an answer");
    let mut names: Vec<(Fingerprint, String)> = announced.keys.into_iter().map(|key| (key.fingerprint, key.algorithm)).collect();
    names.sort();
    let mut expected = [("host", "ssh-ed25519"), ("id_rsa", "ssh-rsa"), ("id_ecdsa", "ecdsa-sha2-nistp256")]
        .map(|(name, algorithm)| (server.fingerprint(name), algorithm.to_owned()));
    expected.sort();
    assert_eq!(names, expected);
    assert!(announced.proven);
}

#[tokio::test]
async fn one_connection_is_looked_at_and_then_logged_in_to() {
    let server = Server::start();
    let relay = Relay::to(&[server.port]).await;
    let target = server.target(server.key("id_ed25519"));
    let limits = ConnectLimits::default();
    let looked = look(None, "127.0.0.1", relay.port, &Trust::default(), &[], limits).await.expect("a host");
    assert!(looked.banner().starts_with("SSH-2.0-OpenSSH_"), "{}", looked.banner());
    let line = std::fs::read_to_string(server.file("host.pub")).expect("a public key");
    let known = known_hosts::parse(format!("x {line}").as_bytes());
    assert_eq!(looked.offered().key, known.entries[0].key);
    let phases = looked.phases();
    assert!(!phases.key_exchange.is_zero() && !phases.banner.is_zero() && phases.tries_before == 0, "{phases:?}");
    let reached = looked.check(&target.trust).expect("a trusted key");
    reached.log_in(&target.user, &target.login, limits).await.expect("a login");
    assert_eq!(relay.taken(), 1);
}

#[tokio::test]
async fn a_revoked_key_is_refused_before_everything() {
    let server = Server::start();
    let mut target = server.target(server.key("id_ed25519"));
    target.trust.revoked = vec![server.fingerprint("host")];
    let error = connect(&target).await.expect_err("a revoked key");
    assert!(matches!(&error, RemoteError::HostKeyRevoked { offered, .. } if *offered == server.fingerprint("host")), "{error}");
}

#[tokio::test]
async fn a_key_that_changed_between_two_connections_is_refused() {
    let (first, second) = (Server::start(), Server::start());
    let relay = Relay::to(&[first.port, second.port]).await;
    let target = Target { port: relay.port, ..first.target(first.key("id_ed25519")) };
    connect(&target).await.expect("the first one").close().await;
    match connect(&target).await.expect_err("another key") {
        RemoteError::HostKeyChanged { offered, pinned, .. } => {
            assert_eq!((offered, pinned), (second.fingerprint("host"), vec![first.fingerprint("host")]));
        }
        other => panic!("{other}"),
    }
}

/// A certificate of the folder's `KEY`, signed by its `ca`.
fn certify(folder: &Path, key: &str, arguments: &[&str]) {
    let status = Command::new("ssh-keygen")
        .current_dir(folder)
        .args(["-q", "-s", "ca", "-I", "test"])
        .args(arguments)
        .arg(format!("{key}.pub"))
        .status();
    assert!(status.expect("ssh-keygen").success());
}

/// A server with a host certificate, and trust in who signed it and nothing else.
fn certified(kind: &str, key: &str, arguments: &[&str]) -> (Server, Target) {
    let lines = format!("HostKey %DIR%/{key}\nHostCertificate %DIR%/{key}-cert.pub");
    let server = Server::prepared(&lines, |folder| {
        keygen(&folder.join("ca"), kind, if kind == "rsa" { "3072" } else { "256" }, "");
        certify(folder, key, arguments);
    });
    let authority = Authority { fingerprint: server.fingerprint("ca"), patterns: vec!["*.example".to_owned()] };
    let trust = Trust { authorities: vec![authority], names: vec!["web.example".to_owned()], ..Trust::default() };
    let target = Target { trust, ..server.target(server.key("id_ed25519")) };
    (server, target)
}

#[tokio::test]
async fn a_host_certificate_of_any_kind_vouches_for_its_host() {
    for (kind, key) in [("ed25519", "host"), ("ecdsa", "id_ecdsa"), ("rsa", "id_rsa")] {
        let (server, target) = certified(kind, key, &["-h", "-n", "other.example,web.example", "-V", "-1d:+1d"]);
        let reached = reach(None, "127.0.0.1", server.port, &target.trust, &[], ConnectLimits::default()).await;
        let reached = reached.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(reached.offered().fingerprint, server.fingerprint(key), "{kind}");
        assert_eq!(reached.offered().authority, Some(server.fingerprint("ca")), "{kind}");
        reached.log_in(&target.user, &target.login, ConnectLimits::default()).await.expect("a login");
    }
}

#[tokio::test]
async fn a_host_certificate_is_refused_with_its_reason() {
    let day = ["-V", "-1d:+1d"];
    let cases: [(&[&str], CertificateFault); 5] = [
        (&["-h", "-n", "web.example", "-V", "20200101:20200102"], CertificateFault::Expired),
        (&["-h", "-n", "web.example", "-V", "20990101:20990102"], CertificateFault::NotYetValid),
        (&["-h", "-n", "mail.example", day[0], day[1]], CertificateFault::WrongName),
        (&["-h", day[0], day[1]], CertificateFault::WrongName),
        (&["-h", "-n", "web.example", "-O", "critical:x@example=1", day[0], day[1]], CertificateFault::UnknownCondition),
    ];
    for (arguments, expected) in cases {
        let (server, mut target) = certified("ed25519", "host", arguments);
        match connect(&target).await.expect_err("an error") {
            RemoteError::HostCertificateRefused { offered, authority, fault, .. } => {
                assert_eq!(fault, expected);
                assert_eq!((offered, authority), (server.fingerprint("host"), server.fingerprint("ca")));
            }
            other => panic!("{expected:?}: {other}"),
        }
        // A pin vouches for the key itself, whatever its certificate says.
        target.trust.pins = pinned(server.fingerprint("host")).pins;
        connect(&target).await.unwrap_or_else(|error| panic!("{expected:?}: {error}"));
    }
}

#[tokio::test]
async fn an_authority_counts_for_its_hosts_only_and_until_it_is_revoked() {
    let (server, good) = certified("ed25519", "host", &["-h", "-n", "web.example", "-V", "-1d:+1d"]);
    let with = |change: &dyn Fn(&mut Trust)| {
        let mut trust = good.trust.clone();
        change(&mut trust);
        Target { trust, ..server.target(server.key("id_ed25519")) }
    };
    let other = server.fingerprint("stranger");
    for target in [
        with(&|trust| trust.authorities[0].fingerprint = other.clone()),
        with(&|trust| trust.authorities[0].patterns = vec!["*.test".to_owned()]),
    ] {
        let error = connect(&target).await.expect_err("an unknown authority");
        assert!(matches!(error, RemoteError::HostCertificateRefused { fault: CertificateFault::UnknownAuthority, .. }), "{error}");
    }
    for name in ["ca", "host"] {
        let revoked = server.fingerprint(name);
        let target = with(&|trust| trust.revoked = vec![revoked.clone()]);
        let error = connect(&target).await.expect_err("a revoked key");
        assert!(matches!(&error, RemoteError::HostKeyRevoked { offered, .. } if *offered == revoked), "{error}");
    }
    // Without a trusted authority no certificate is asked for: the host shows its key.
    let error = connect(&with(&|trust| trust.authorities.clear())).await.expect_err("an unknown key");
    assert!(matches!(error, RemoteError::HostKeyUnknown { .. }), "{error}");
    connect(&with(&|trust| trust.authorities[0].patterns.clear())).await.expect("an authority for all hosts");
}

#[tokio::test]
async fn known_hosts_are_as_ssh_keygen_reads_and_writes_them() {
    let server = Server::start();
    let line = std::fs::read_to_string(server.file("host.pub")).expect("a public key");
    let file = server.file("known");
    let find = |name: &str| {
        let output = Command::new("ssh-keygen").args(["-F", name, "-f"]).arg(&file).output().expect("ssh-keygen");
        String::from_utf8(output.stdout).expect("text").lines().filter(|line| !line.starts_with('#')).count()
    };
    let mut entry = known_hosts::parse(format!("x {line}").as_bytes()).entries.remove(0);
    entry.hosts = known_hosts::Hosts::hashed("web.example", 2222, [9; 20]);
    let hashed = entry.to_line();
    entry.hosts = known_hosts::Hosts::plain("git.example", 22);
    std::fs::write(&file, format!("{hashed}\n{}\n", entry.to_line())).expect("known hosts");
    assert_eq!([find("[web.example]:2222"), find("git.example"), find("web.example")], [1, 1, 0]);

    assert!(Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file).output().expect("ssh-keygen").status.success());
    let text = std::fs::read(&file).expect("known hosts");
    let known = known_hosts::parse(&text);
    assert!(!String::from_utf8_lossy(&text).contains("example") && known.faults.is_empty());
    let found = |host, port| known.of(host, port).map(|entry| entry.fingerprint.clone()).collect::<Vec<_>>();
    assert_eq!([found("web.example", 2222), found("git.example", 22), found("git.example", 23)].map(|keys| keys.len()), [1, 1, 0]);
    assert_eq!(found("git.example", 22), [server.fingerprint("host")]);
}
