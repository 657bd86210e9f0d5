//! Private authorities: their keys stay in the vault, what they sign is taken by others, and time and stages are kept.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use beffroi_app::{App, AppError, AuthorityOrder, CertificateError, CertificateOrder, ExportOrder, IssuedFacts, KitOrder, Which};

use crate::kit::{Ground, OTHER_SECRET, STAGE_SECRET, events, holds, text};

fn named(name: &str, permitted: &[&str]) -> AuthorityOrder {
    AuthorityOrder { name: name.to_owned(), stage: None, permitted: permitted.iter().map(|domain| (*domain).to_owned()).collect() }
}

fn order(names: &[&str], host: Option<&str>) -> CertificateOrder {
    CertificateOrder { names: names.iter().map(|name| (*name).to_owned()).collect(), authority: None, host: host.map(str::to_owned) }
}

async fn issue(app: &App, names: &[&str], host: Option<&str>) -> Result<IssuedFacts, AppError> {
    app.issue_certificate(order(names, host)).await
}

fn export(name: &str, path: &Path) -> ExportOrder {
    ExportOrder { name: name.to_owned(), path: path.to_owned(), der: false, list: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_has_a_stage_of_its_own_that_can_be_protected() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    let made = app.make_authority(named("Home", &["lan.example"])).await.expect("made");
    assert_eq!((made.stage.as_str(), made.permitted.as_slice(), made.key.as_str()), ("ca", &["lan.example".to_owned()][..], "ca/home"));
    assert!((3640..=3652).contains(&made.days_left), "{}", made.days_left);
    assert!(matches!(app.make_authority(named("Home", &[])).await, Err(AppError::Certificate(CertificateError::AuthorityExists { .. }))));
    app.protect_stage("ca", Some(text(OTHER_SECRET))).await.expect("protected");
    let one = issue(&app, &["nas.lan.example"], Some("web-1")).await.expect("issued");
    assert_eq!((one.host.as_deref(), one.stage.as_str(), one.days_left), (Some("web-1"), "dev", 396));
    assert!(!one.due && !one.revoked && !one.is_there && one.pushed_ms.is_none());

    app.seal_stage("ca").await.expect("sealed");
    // What it signed is of the hosts' stages; to sign more, it is needed.
    app.export_certificate(export("nas.lan.example", &ground.root().join("nas.pem"))).await.expect("written");
    for (name, list) in [("Home", false), ("nobody.lan.example", false), ("nas.lan.example", true)] {
        let refused = app.export_certificate(ExportOrder { list, ..export(name, &ground.root().join("none.pem")) }).await;
        assert!(matches!(refused, Err(AppError::StageSealed { .. })), "{name}: {refused:?}");
    }
    assert_eq!(app.certificates().await.expect("listed").len(), 1);
    assert!(app.authorities().await.expect("listed").is_empty());
    for refused in [
        issue(&app, &["b.lan.example"], None).await.map(drop),
        app.revoke_certificate("nas.lan.example").await.map(drop),
        app.reveal_secret("ca/home").await.map(drop),
    ] {
        assert!(matches!(refused, Err(AppError::StageSealed { ref name }) if name == "ca"), "{refused:?}");
    }
    let renewed = app.renew_certificates(Which::All).await.expect("answered");
    assert!(matches!(renewed.as_slice(), [renewal] if matches!(renewal.renewed, Err(AppError::StageSealed { .. }))));
    app.unseal_stage("ca", text(OTHER_SECRET), None).await.expect("unsealed");
    issue(&app, &["b.lan.example"], None).await.expect("issued");
    holds(&app.verify_vault().await.expect("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_renewed_in_time_and_the_old_ones_are_on_the_list() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.make_authority(named("Home", &[])).await.expect("made");
    let one = issue(&app, &["nas.lan.example", "*.lan.example"], Some("web-1")).await.expect("issued");
    assert!(matches!(issue(&app, &["nas.lan.example"], Some("web-1")).await, Err(AppError::Certificate(CertificateError::Exists { .. }))));
    issue(&app, &["nas.lan.example"], Some("web-2")).await.expect("another host has its own");
    assert!(
        matches!(app.certificate("nas.lan.example").await, Err(AppError::Certificate(CertificateError::Several { .. }))),
        "two are called so"
    );
    assert_eq!(app.certificate(&one.id.to_string()).await.expect("found").serial, one.serial);

    assert!(app.renew_certificates(Which::Due(None)).await.expect("answered").is_empty(), "nothing is due");
    let key_before = app.reveal_secret(&one.key).await.expect("told").1;
    let renewed = app.renew_certificates(Which::Due(Some(400))).await.expect("answered");
    assert_eq!(renewed.len(), 2);
    let now = app.certificate(&one.id.to_string()).await.expect("found");
    assert_eq!((&now.names, &now.key, &now.host), (&one.names, &one.key, &one.host));
    assert!(now.serial != one.serial && now.fingerprint != one.fingerprint);
    let key_now = app.reveal_secret(&now.key).await.expect("told").1;
    // Held against each other only.
    assert_ne!(key_before.expose(), key_now.expose());

    let revoked = app.revoke_certificate(&one.id.to_string()).await.expect("revoked");
    assert!(revoked.revoked && !revoked.due);
    assert_eq!(app.authorities().await.expect("listed").first().map(|authority| authority.revoked), Some(3));
    assert_eq!(app.renew_certificates(Which::All).await.expect("answered").len(), 1, "what was revoked stays so");
    let id = one.id.to_string();
    let named = app.renew_certificates(Which::Named(vec![id.clone()])).await.expect("answered");
    assert!(matches!(named.as_slice(), [renewal] if matches!(renewal.renewed, Err(AppError::InvalidRequest { .. }))), "{named:?}");
    assert!(app.certificate(&id).await.expect("found").revoked, "it does not come back");
    let pushed = app.plan_push(std::slice::from_ref(&id), &[], None, false).await;
    assert!(matches!(pushed, Err(AppError::InvalidRequest { .. })), "{pushed:?}");
    let back = app.plan_push(&[id], &[], Some("nobody"), true).await;
    assert!(matches!(back, Err(AppError::HostNotFound { .. })), "the one of before may come back, where there is a host: {back:?}");
    let path = ground.root().join("list.pem");
    app.export_certificate(ExportOrder { list: true, ..export("Home", &path) }).await.expect("written");
    let list = said(Command::new("openssl").args(["crl", "-noout", "-text", "-in"]).arg(&path));
    for serial in [&one.serial, &now.serial] {
        assert!(list.to_lowercase().contains(serial.as_str()), "{serial} is not in {list}");
    }
    let told = events(&app).await;
    for event in ["authority-made", "certificate-issued", "certificate-renewed", "certificate-revoked"] {
        assert!(told.iter().any(|told| told == event), "{event}");
    }
    holds(&app.verify_vault().await.expect("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_in_use_are_not_removed_and_names_that_do_not_fit_are_refused() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    assert!(matches!(issue(&app, &["a.test"], None).await, Err(AppError::Certificate(CertificateError::AuthorityNotFound { .. }))));
    app.make_authority(named("Home", &["lan.example"])).await.expect("made");
    let one = issue(&app, &["a.lan.example"], None).await.expect("issued");
    for key in ["ca/home", &one.key] {
        assert!(matches!(app.remove_secret(key).await, Err(AppError::SecretInUse { .. })), "{key}");
    }
    for names in [&[][..], &["bank.test"], &["lan"], &["a b.lan.example"], &["*.lan.example.org"]] {
        assert!(matches!(issue(&app, names, None).await, Err(AppError::Certificate(CertificateError::Authority(_)))), "{names:?}");
    }
    assert!(matches!(issue(&app, &["b.lan.example"], Some("nobody")).await, Err(AppError::HostNotFound { .. })));
    app.make_authority(named("Office", &[])).await.expect("made");
    assert!(
        matches!(issue(&app, &["c.lan.example"], None).await, Err(AppError::Certificate(CertificateError::AuthoritySeveral))),
        "which of two"
    );
    // A key that is another by now signs nothing in the authority's name.
    app.set_secret("ca/home", text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), None).await.expect("stored");
    let other = CertificateOrder { authority: Some("Home".to_owned()), ..order(&["d.lan.example"], None) };
    assert!(matches!(app.issue_certificate(other).await, Err(AppError::Certificate(CertificateError::Authority(_)))));
    // Nothing of a stage goes to a host of another one.
    app.make_authority(AuthorityOrder { stage: Some("prod".to_owned()), ..named("Prod", &[]) }).await.expect("made");
    let of_prod = CertificateOrder { authority: Some("Prod".to_owned()), ..order(&["e.test"], None) };
    app.issue_certificate(of_prod).await.expect("issued");
    let pushed = app.plan_push(&["e.test".to_owned()], &[], Some("web-1"), false).await;
    assert!(matches!(pushed, Err(AppError::SecretOfOtherStage { .. })), "{pushed:?}");
    assert!(matches!(app.plan_push(&["e.test".to_owned()], &[], None, false).await, Err(AppError::InvalidRequest { .. })));
    app.unseal_stage("prod", text(STAGE_SECRET), None).await.expect("unsealed");
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A web server of OpenSSL's, ended with the test.
struct Web(Child, u16);

impl Web {
    fn start(folder: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let mut command = Command::new("openssl");
        command.args(["s_server", "-www", "-quiet", "-cert", "leaf.pem", "-key", "leaf.key", "-accept"]).arg(format!("127.0.0.1:{port}"));
        let child = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        let up = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(up, "it listens");
        Self(child, port)
    }

    /// Whether `curl` takes what is shown under a name.
    fn is_taken(&self, name: &str, trusting: &[&str], folder: &Path) -> bool {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-o", "/dev/null", "--resolve", &format!("{name}:{}:127.0.0.1", self.1)]).args(trusting);
        curl.arg(format!("https://{name}:{}/", self.1)).current_dir(folder).stderr(Stdio::null());
        curl.status().expect("install curl").success()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_takes_a_certificate_with_the_authority_of_the_kit_and_not_without() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.make_authority(named("Chez nous", &["lan.example"])).await.expect("made");
    let one = issue(&app, &["cloud.lan.example"], Some("web-1")).await.expect("issued");
    let folder = ground.root().join("web");
    std::fs::create_dir(&folder).expect("a folder");
    app.export_certificate(export("cloud.lan.example", &folder.join("leaf.pem"))).await.expect("written");
    // For the server of this test.
    std::fs::write(folder.join("leaf.key"), app.reveal_secret(&one.key).await.expect("told").1.expose()).expect("written");
    let kit = KitOrder { authority: None, path: folder.join("kit"), languages: Vec::new() };
    let written = app.write_trust_kit(kit.clone()).await.expect("written");
    assert!(written.files.contains(&"LISEZ-MOI.html".to_owned()) && folder.join("kit/chez-nous.crt").is_file());
    assert!(matches!(app.write_trust_kit(kit).await, Err(AppError::LocalFile { .. })), "what is there stays");
    assert!(app.export_certificate(export("Chez nous", &folder.join("leaf.pem"))).await.is_err(), "what is there stays");

    let web = Web::start(&folder);
    assert!(web.is_taken("cloud.lan.example", &["--cacert", "kit/chez-nous.crt"], &folder));
    assert!(!web.is_taken("cloud.lan.example", &[], &folder), "nobody else vouches for it");
    assert!(!web.is_taken("other.lan.example", &["--cacert", "kit/chez-nous.crt"], &folder), "it is for that name only");
    let whole = said(Command::new("grep").args(["-rlE", "PRIVATE KEY", "."]).current_dir(&folder));
    assert_eq!(whole.trim(), "./leaf.key", "no key is in what is given away");
}
