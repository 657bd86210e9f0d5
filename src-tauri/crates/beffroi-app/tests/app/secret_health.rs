//! How secrets are, where they should not be, and what is made of them.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use beffroi_app::{
    App, AppError, Change, HealthError, HealthOrder, ImportChoices, ImportRules, ImportSource, KeyKind, LeakedBy, Listener, Places,
    ScanOrder, ScanWhat, SecretChange, SecretFault, SecretHealth,
};

use crate::kit::{Ground, Host, journal, run_on, text};

fn of(health: &SecretHealth, fault: SecretFault) -> Vec<(String, String)> {
    let told = |values: &[(&'static str, String)]| values.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" ");
    let found = health.findings.iter().filter(|found| found.fault == fault);
    found.map(|found| (found.secret.clone().or_else(|| found.host.clone()).unwrap_or_default(), told(&found.what.values))).collect()
}

async fn looked(app: &App) -> SecretHealth {
    app.secret_health(HealthOrder::default()).await.expect("looked at")
}

#[tokio::test]
async fn what_is_weak_or_the_same_is_told_across_open_stages_and_what_is_sealed_is_not() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("box", text("azerty2024"), None).await.expect("set");
    app.set_secret("shop", text("tA6:vq,2Lw=eRx8!kd"), None).await.expect("set");
    app.set_secret("prod/shop", text("tA6:vq,2Lw=eRx8!kd\n"), Some("prod")).await.expect("set");
    app.edit_secret("shop", SecretChange { expires_ms: Some(1), ..SecretChange::default() }).await.expect("edited");
    let health = looked(&app).await;
    // One was there before: the key of two hosts.
    assert_eq!((health.checked, health.sealed.len()), (4, 0));
    let weak = of(&health, SecretFault::Weak);
    assert!(weak.iter().any(|(name, bits)| name == "box" && bits.parse::<u32>().is_ok_and(|bits| bits < 30)), "{weak:?}");
    assert!(!weak.iter().any(|(name, _)| name.ends_with("shop")), "{weak:?}");
    let same = [("prod/shop", "shop"), ("shop", "prod/shop")].map(|(one, other)| (one.to_owned(), other.to_owned()));
    assert_eq!(of(&health, SecretFault::Reused), same);
    assert_eq!(of(&health, SecretFault::Expired).len(), 1);
    // The worst first; nothing that was looked at is in what is told.
    assert!(health.findings.is_sorted_by_key(|found| found.fault));
    assert!(!format!("{health:?}").contains("azerty") && !format!("{health:?}").contains("tA6"));

    app.seal_stage("prod").await.expect("sealed");
    let health = looked(&app).await;
    assert_eq!((health.checked, health.sealed.get("prod")), (3, Some(&1)));
    assert_eq!(of(&health, SecretFault::Reused), []);
}

#[tokio::test]
async fn notes_and_what_has_no_value_are_no_passwords() {
    let ground = Ground::new();
    let app = ground.open().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keepass.csv");
    let lines = "card one,,,azerty\ncard two,,,azerty\n";
    fs::write(&file, format!("\"Title\",\"Username\",\"Password\",\"Notes\"\n{lines}")).expect("written");
    let source = ImportSource { path: file, ..ImportSource::default() };
    let preview = app.import_read(source, ImportRules::default()).await.expect("read");
    let done = app.import_apply(preview.id, ImportRules::default(), ImportChoices::default()).await.expect("taken in");
    assert_eq!(done.added, 2);
    let health = looked(&app).await;
    assert_eq!(health.checked, 3);
    let told: Vec<_> = health.findings.iter().filter(|found| found.secret.as_ref().is_some_and(|name| name.starts_with("card"))).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn leaked_passwords_are_looked_up_in_a_file_and_time_is_told_in_days() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_secret("one", text("password\n"), None).await.expect("set");
    app.set_secret("two", text("tA6:vq,2Lw=eRx8!kd"), None).await.expect("set");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pwned.txt");
    // SHA-1 of `password`, as Pwned Passwords has it, between two others.
    let lines = [
        "00000000DD7F2A1C68A35673713783CA390C9E93:630",
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9659365",
        "FFFFFFFEE791CBAC0F6305CAF0CEE06BBE131160:2",
    ];
    fs::write(&file, lines.join("\r\n")).expect("written");
    let order = |leaked: &std::path::Path| HealthOrder { leaked: Some(leaked.to_owned()), old_days: Some(1) };
    let health = app.secret_health(order(&file)).await.expect("looked at");
    assert_eq!(health.leaked, Some(LeakedBy::Order));
    assert_eq!(of(&health, SecretFault::Leaked), [("one".to_owned(), "9659365".to_owned())]);
    assert_eq!((of(&health, SecretFault::Old), of(&health, SecretFault::Unused)), (vec![], vec![]));
    fs::write(&file, "8846F7EAEE8FB117AD06BDD830B7586C:5\n").expect("written");
    let refused = app.secret_health(order(&file)).await;
    assert!(matches!(refused, Err(AppError::Health(HealthError::LeakedNtlm { .. }))), "{refused:?}");
}

/// A leak that does not end: only the lock ends the look.
#[tokio::test(flavor = "multi_thread")]
async fn looking_for_leaked_passwords_ends_with_the_vault() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_secret("one", text("password"), None).await.expect("set");
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("leak");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let looking = tokio::spawn({
        let (app, order) = (app.clone(), HealthOrder { leaked: Some(pipe.clone()), old_days: None });
        async move { app.secret_health(order).await }
    });
    let (begun, begins) = std::sync::mpsc::channel();
    let writing = std::thread::spawn(move || {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(fs::File::create(&pipe).expect("opened"), flate2::Compression::fast());
        // Until nobody reads any more.
        let lines = "00000000DD7F2A1C68A35673713783CA390C9E93:630\n".repeat(1 << 16);
        while packed.write_all(lines.as_bytes()).is_ok() {
            let _ = begun.send(());
        }
    });
    tokio::task::spawn_blocking(move || begins.recv()).await.expect("waited").expect("it is read");
    app.lock_vault().await.expect("locked");
    let looked = looking.await.expect("it ended");
    assert!(matches!(looked, Err(AppError::Locked)), "{looked:?}");
    writing.join().expect("nobody reads");
}

#[tokio::test]
async fn a_key_is_made_and_its_public_part_is_the_one_that_ssh_keygen_tells() {
    let ground = Ground::new();
    let app = ground.open().await;
    let made = app.make_key("keys/deploy", KeyKind::Ed25519, None, None).await.expect("made");
    assert!(made.line.starts_with("ssh-ed25519 ") && made.fingerprint.starts_with("SHA256:"), "{made:?}");
    assert_eq!(app.public_key("keys/deploy").await.expect("told").line, made.line);
    assert!(matches!(app.make_key("keys/deploy", KeyKind::Ed25519, None, None).await, Err(AppError::SecretExists { .. })));
    let (_, private) = app.reveal_secret("keys/deploy").await.expect("shown");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    // Into a file of a folder of this test's own.
    fs::write(&file, private.expose()).expect("written");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("rights");
    let told = Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file).output().expect("ssh-keygen runs");
    let two = |line: &str| line.split(' ').take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(two(&String::from_utf8_lossy(&told.stdout).replace('\n', "")), two(&made.line));
    // A short key, and one of the same under two names.
    for name in ["keys/old", "keys/old-copy"] {
        let short = folder.path().join("short");
        if !short.exists() {
            let run = Command::new("ssh-keygen").args(["-q", "-t", "rsa", "-b", "1024", "-N", "", "-f"]).arg(&short).status();
            assert!(run.expect("ssh-keygen runs").success());
        }
        app.set_secret(name, text(&fs::read_to_string(&short).expect("a key")), None).await.expect("set");
    }
    let health = looked(&app).await;
    let short = ["keys/old", "keys/old-copy"].map(|name| (name.to_owned(), "RSA 1024".to_owned()));
    assert_eq!(of(&health, SecretFault::WeakKey), short);
    assert_eq!(of(&health, SecretFault::Reused).len(), 2);
    assert_eq!(health.keys_unknown, 0);
    app.set_secret("word", text("tA6:vq,2Lw=eRx8!kd"), None).await.expect("set");
    assert!(matches!(app.public_key("word").await, Err(AppError::Health(HealthError::NoKey { .. }))));
}

/// What is made is read by `ssh-keygen`, which says of which kind it is, and opens an `sshd`.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind_are_read_by_another_program() {
    let ground = Ground::new();
    let app = ground.open().await;
    let kinds = [("ed25519", KeyKind::Ed25519, "256"), ("ecdsa", KeyKind::EcdsaP256, "256"), ("rsa", KeyKind::Rsa3072, "3072")];
    let mut lines = String::new();
    for (name, kind, bits) in kinds {
        let made = app.make_key(name, kind, Some(" for the printer "), None).await.expect("made");
        assert!(made.line.ends_with(" for the printer"), "{}", made.line);
        let file = ground.root().join(name);
        let (_, private) = app.reveal_secret(name).await.expect("told");
        fs::write(&file, private.expose()).expect("written");
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("for its owner alone");
        let told = |arguments: &[&str]| {
            let run = Command::new("ssh-keygen").args(arguments).arg(&file).output().expect("ssh-keygen runs");
            assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
            String::from_utf8(run.stdout).expect("text")
        };
        // From the private part alone: type and bytes of the public one.
        let line = told(&["-y", "-f"]);
        assert_eq!(line.split(' ').take(2).collect::<Vec<_>>(), made.line.split(' ').take(2).collect::<Vec<_>>());
        let shown = told(&["-l", "-f"]);
        assert!(shown.starts_with(bits) && shown.contains(&made.fingerprint) && shown.to_lowercase().contains(name), "{shown}");
        lines += &format!("{}\n", made.line);
    }
    let host = Host::taking(&lines);
    for (name, ..) in kinds {
        app.add_host(&format!("by-{name}"), host.as_new("dev", name)).await.expect("added");
        assert_eq!(run_on(&app, &format!("by-{name}"), "echo in").await.expect("let in"), "in");
    }
    for wrong in ["two\nlines", &"x".repeat(201)] {
        assert!(matches!(app.make_key("other", KeyKind::Ed25519, Some(wrong), None).await, Err(AppError::InvalidRequest { .. })));
    }
}

/// The codes are those of `oathtool`, which is asked for the second in which ours was made.
#[tokio::test]
async fn one_time_codes_are_those_of_another_program() {
    let ground = Ground::new();
    let app = ground.open().await;
    app.set_secret("plain", text("tA6:vq,2Lw=eRx8!kd"), None).await.expect("set");
    assert!(matches!(app.secret_code("plain").await, Err(AppError::Health(HealthError::NoCodes { .. }))));
    app.set_secret("alone", text("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"), None).await.expect("set");
    app.set_secret("beside", text("tA6:vq,2Lw=eRx8!kd"), None).await.expect("set");
    for (name, digits, algorithm, period) in
        [("alone", 6, "sha1", 30), ("beside", 6, "sha1", 30), ("beside", 8, "sha256", 60), ("beside", 7, "sha512", 45)]
    {
        if name == "beside" {
            let uri = format!(
                "otpauth://totp/x:y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits={digits}&algorithm={}&period={period}",
                algorithm.to_uppercase()
            );
            app.edit_secret("beside", SecretChange { totp: Some(text(&uri)), ..SecretChange::default() }).await.expect("edited");
        }
        let made = app.secret_code(name).await.expect("a code");
        // The second before its end is one of those in which it is the code.
        let at = format!("@{}", made.until_ms / 1000 - 1);
        let told = Command::new("oathtool")
            .args(["--base32", &format!("--totp={algorithm}"), "--digits", &digits.to_string()])
            .args([&format!("--time-step-size={period}"), "--now", &at, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"])
            .output();
        let told = told.expect("oathtool runs");
        // Compared with another program's.
        assert_eq!(made.code.expose(), String::from_utf8_lossy(&told.stdout).trim(), "{algorithm}");
        assert_eq!((made.period_s, made.until_ms % (period * 1000)), (period, 0));
    }
    let asked = journal(&app).await.iter().filter(|line| line.entry.event == "secret-revealed").count();
    assert_eq!(asked, 4, "a code that is not made is not told");
}

#[tokio::test]
async fn a_scan_finds_values_of_open_stages_by_name_and_accepts_what_was_looked_at() {
    let ground = Ground::with_prod();
    let app = ground.unsealed().await;
    app.set_secret("prod/router", text("tulpenfeld-77"), Some("prod")).await.expect("set");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("notes.txt"), "router: tulpenfeld-77\n").expect("written");
    fs::write(folder.path().join("x.env"), "DB_PASSWORD=sommerzeit\n").expect("written");
    let baseline = folder.path().join("accepted.json");
    let order = |rules_only: bool, accept: bool| ScanOrder {
        name: None,
        path: folder.path().to_owned(),
        what: ScanWhat::Files,
        rules_only,
        baseline: (accept || baseline.exists()).then(|| baseline.clone()),
        accept,
    };
    let all = app.scan_secrets(order(false, false)).await.expect("scanned");
    let told: Vec<_> = all.findings.iter().map(|found| (found.rule, found.path.as_str(), found.known.as_deref())).collect();
    assert_eq!(told, [("known-secret", "notes.txt", Some("prod/router")), ("password", "x.env", None)]);
    assert!(all.values.is_some_and(|values| values > 0));
    app.seal_stage("prod").await.expect("sealed");
    let open = app.scan_secrets(order(false, false)).await.expect("scanned");
    assert_eq!(open.findings.len(), 1, "what a sealed stage holds is not looked for");
    let accepted = app.scan_secrets(order(true, true)).await.expect("scanned");
    assert_eq!((accepted.findings.len(), accepted.accepted, accepted.values), (0, 1, None));
    let again = app.scan_secrets(order(true, false)).await.expect("scanned");
    assert_eq!((again.findings.len(), again.accepted), (0, 1));
    app.lock_vault().await.expect("locked");
    assert_eq!(app.scan_secrets(order(false, false)).await.expect("without a vault").values, None);
}

/// Says when a scan began, and keeps it there until it may go on.
struct Gate {
    began: tokio::sync::mpsc::UnboundedSender<()>,
    go_on: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl Listener for Gate {
    fn heard(&self, change: Change) {
        if let Change::Progress { work: "scan", done: 0, .. } = change {
            self.began.send(()).expect("somebody waits");
            self.go_on.lock().expect("one at a time").recv().expect("it goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_is_told_to_stop_gives_what_it_found_so_far_and_accepts_nothing() {
    const FILES: u64 = 3_000;
    let (began, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go, go_on) = std::sync::mpsc::channel();
    let ground = Ground::new();
    let app = App::new(Places::new(ground.root().join("state")), Arc::new(Gate { began, go_on: Mutex::new(go_on) }));
    app.unlock_vault(&ground.path(), ground.authority()).await.expect("open");
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..FILES {
        fs::write(folder.path().join(format!("{number}.env")), "DB_PASSWORD=sommerzeit\n").expect("written");
    }
    let baseline = folder.path().join("accepted.json");
    let (path, what) = (folder.path().to_owned(), ScanWhat::Files);
    let order = ScanOrder { path, what, rules_only: false, baseline: Some(baseline.clone()), accept: true, name: Some("look".to_owned()) };
    let scanning = tokio::spawn({
        let app = app.clone();
        async move { app.scan_secrets(order).await }
    });
    has_begun.recv().await.expect("it began");
    app.cancel_scan("another").expect("nothing of that name");
    app.cancel_scan("look").expect("told");
    go.send(()).expect("it waits");
    let scanned = scanning.await.expect("no panic").expect("scanned");
    assert!(scanned.stopped && scanned.files < FILES, "{} files", scanned.files);
    assert!(!baseline.exists(), "what was not looked at is not accepted");
}
