//! What runs on a YunoHost to give a domain a certificate, on folders of this test: its services are programs that say what they
//! were told, and that fail when they are to.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const PROGRAM: &str = include_str!("../../../../../assets/remote/certificate.py");

struct Ground {
    folder: tempfile::TempDir,
}

struct Ended {
    good: bool,
    said: String,
}

impl Ground {
    /// A host with the domain `maison.test` and its self-signed certificate.
    fn new() -> Self {
        let ground = Self { folder: tempfile::tempdir().expect("a folder") };
        let history = ground.certificates().join("maison.test-history/20260101.000000-selfsigned");
        std::fs::create_dir_all(&history).expect("made");
        let (key, certificate) = pair("maison.test");
        std::fs::write(history.join("key.pem"), key).expect("written");
        std::fs::write(history.join("crt.pem"), certificate).expect("written");
        symlink(&history, ground.certificates().join("maison.test")).expect("linked");
        for program in ["nginx", "systemctl", "yunohost"] {
            let path = ground.path("bin").join(program);
            std::fs::create_dir_all(ground.path("bin")).expect("made");
            // The words it was given; it fails when a file of its name says at which of them.
            let text = format!(
                "#!/bin/sh\nread -r fails <'{root}/fails' 2>/dev/null\necho \"{program} $*\" >>'{root}/told'\n[ ! -e '{root}/stops' ] || case \" {program} $* \" in *\" $(cat '{root}/stops') \"*) kill -TERM $PPID ;; esac\ncase \" {program} $* \" in *\" $fails \"*) exit 1 ;; esac\n",
                root = ground.folder.path().display()
            );
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program");
        }
        let module = ground.path("modules/moulinette");
        std::fs::create_dir_all(&module).expect("made");
        std::fs::write(module.join("__init__.py"), "").expect("written");
        let lock = "class MoulinetteLock:\n    def __init__(self, name, timeout): assert (name, timeout) == ('yunohost', 600)\n    def __enter__(self): return self\n    def __exit__(self, *_): pass\n";
        std::fs::write(module.join("core.py"), lock).expect("written");
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn certificates(&self) -> PathBuf {
        self.path("certs")
    }

    fn live(&self) -> PathBuf {
        std::fs::read_link(self.certificates().join("maison.test")).expect("a link")
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.path("told")).unwrap_or_default()
    }

    fn lets_fail(&self, words: &str) {
        std::fs::write(self.path("fails"), format!("{words}\n")).expect("written");
    }

    /// Folders of certificates that were pushed.
    fn pushed(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.certificates().join("maison.test-history")).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.to_string_lossy().ends_with("-beffroi")).collect()
    }

    /// Runs the program as it is, but for where it works and as whom.
    fn run(&self, request: &Value) -> Ended {
        self.run_text(PROGRAM, request)
    }

    fn run_text(&self, program: &str, request: &Value) -> Ended {
        let text = program
            .replace("/etc/yunohost/certs", &self.certificates().display().to_string())
            .replace("os.geteuid()", "0")
            .replace("os.chown(", "(lambda *owners: None)(")
            .replace("grp.getgrnam(\"ssl-cert\").gr_gid", "os.getgid()");
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("python3");
        command.args(["-c", &text]).env("PATH", path).env("PYTHONPATH", self.path("modules")).env("PYTHONDONTWRITEBYTECODE", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("python3");
        let mut input = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, format!("{request}\n").as_bytes()).expect("taken");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        Ended { good: output.status.success(), said: String::from_utf8_lossy(&output.stderr).into_owned() }
    }

    fn push(&self, key: &str, certificate: &str) -> Ended {
        self.push_by(PROGRAM, key, certificate)
    }

    fn push_by(&self, program: &str, key: &str, certificate: &str) -> Ended {
        self.run_text(program, &json!({"push": {"domain": "maison.test", "key": key, "chain": certificate, "root": certificate}}))
    }

    /// Makes the domain's certificate a folder, as it was before YunoHost made links.
    fn has_a_folder(&self) -> PathBuf {
        let (link, before) = (self.certificates().join("maison.test"), self.live());
        std::fs::remove_file(&link).expect("removed");
        std::fs::rename(&before, &link).expect("moved");
        link
    }

    fn back(&self) -> Ended {
        self.run(&json!({"back": {"domain": "maison.test"}}))
    }
}

/// A key and a certificate for it.
fn pair(name: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]);
    command.args(["-subj", &format!("/CN={name}"), "-keyout", "key.pem", "-out", "crt.pem"]).current_dir(folder.path());
    assert!(command.stderr(Stdio::null()).status().expect("openssl").success());
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).expect("read");
    (read("key.pem"), read("crt.pem"))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

#[test]
fn a_certificate_is_put_beside_the_one_of_before_and_enabled() {
    let ground = Ground::new();
    let before = ground.live();
    let (key, certificate) = pair("maison.test");
    let ended = ground.push(&key, &certificate);
    assert!(ended.good, "{}", ended.said);
    assert!(ended.said.contains("SUCCESS done") && !ended.said.contains("PRIVATE KEY"));
    let live = ground.live();
    assert_eq!(ground.pushed(), std::slice::from_ref(&live));
    assert_eq!(std::fs::read_to_string(live.join("key.pem")).expect("read"), key);
    assert_eq!(std::fs::read_to_string(live.join("crt.pem")).expect("read"), certificate);
    assert_eq!((mode(&live), mode(&live.join("key.pem")), mode(&live.join("crt.pem"))), (0o750, 0o640, 0o640));
    assert!(before.join("key.pem").is_file(), "the one of before stays");
    let told = ground.told();
    for words in [
        "yunohost tools regen-conf nginx postfix",
        "systemctl reload nginx",
        "systemctl restart dovecot",
        "yunohost hook callback post_cert_update --args maison.test",
    ] {
        assert!(told.contains(words), "{words} is not in {told}");
    }

    let ended = ground.back();
    assert!(ended.good, "{}", ended.said);
    assert_eq!(ground.live(), before);
    let again = ground.back();
    assert!(!again.good && again.said.contains("none that was pushed"), "{}", again.said);
    assert_eq!(ground.live(), before);
}

#[test]
fn what_services_do_not_take_is_put_back_and_its_key_is_gone() {
    let (key, certificate) = pair("maison.test");
    for fails in ["nginx -t", "yunohost tools regen-conf nginx postfix", "systemctl reload nginx", "systemctl restart dovecot"] {
        let ground = Ground::new();
        let before = ground.live();
        ground.lets_fail(fails);
        let ended = ground.push(&key, &certificate);
        assert!(!ended.good && ended.said.contains("ERROR"), "{fails}: {}", ended.said);
        assert_eq!(ground.live(), before, "{fails}");
        assert!(ground.pushed().is_empty(), "{fails}: no key is left");
    }
    let ground = Ground::new();
    ground.lets_fail("systemctl is-active dovecot");
    assert!(ground.push(&key, &certificate).good, "where there is no dovecot, it is not restarted");
    assert!(!ground.told().contains("restart dovecot"));
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let ground = Ground::new();
    let before = ground.live();
    let ((key, _), (_, other)) = (pair("maison.test"), pair("maison.test"));
    let ended = ground.push(&key, &other);
    assert!(!ended.good && ended.said.contains("not that of the certificate") && !ended.said.contains("PRIVATE"), "{}", ended.said);
    for request in [
        json!({"push": {"domain": "nobody.test", "key": key, "chain": other, "root": other}}),
        json!({"push": {"domain": "../maison.test", "key": key, "chain": other, "root": other}}),
        json!({"push": {"domain": "-x"}}),
        json!({"push": {"domain": "maison.test"}}),
        json!({"push": {"domain": "maison.test"}, "back": {"domain": "maison.test"}}),
        json!({"other": {}}),
        json!([]),
    ] {
        let ended = ground.run(&request);
        assert!(!ended.good && ended.said.contains("ERROR") && !ended.said.contains("Traceback"), "{request}: {}", ended.said);
    }
    assert_eq!((ground.live(), ground.pushed().len()), (before, 0));
    assert!(!ground.told().contains("reload"), "{}", ground.told());
}

#[test]
fn the_way_back_leads_to_no_other_place() {
    let ground = Ground::new();
    let (key, certificate) = pair("maison.test");
    assert!(ground.push(&key, &certificate).good);
    let live = ground.live();
    for elsewhere in ["/etc", "", "/etc/yunohost", &ground.path("bin").display().to_string()] {
        std::fs::write(live.join("former"), elsewhere).expect("written");
        let ended = ground.back();
        assert!(!ended.good && ended.said.contains("ERROR"), "{elsewhere}: {}", ended.said);
        assert_eq!(ground.live(), live, "{elsewhere}");
    }
}

#[test]
fn who_is_told_to_stop_before_the_services_took_it_goes_the_way_back() {
    let (key, certificate) = pair("maison.test");
    for at in ["yunohost tools regen-conf nginx postfix", "systemctl reload nginx", "systemctl restart dovecot"] {
        let ground = Ground::new();
        let before = ground.live();
        std::fs::write(ground.path("stops"), at).expect("written");
        let ended = ground.push(&key, &certificate);
        assert!(!ended.good && ended.said.contains("ERROR told to stop"), "{at}: {}", ended.said);
        assert_eq!((ground.live(), ground.pushed().len()), (before, 0), "{at}");
        let told = ground.told();
        assert!(told.ends_with("systemctl reload nginx\nsystemctl restart dovecot\n"), "{at}: the services took it again: {told}");
    }
}

#[test]
fn a_folder_that_cannot_become_a_link_stays_the_certificate() {
    let (key, certificate) = pair("maison.test");
    let fails = PROGRAM.replace("        os.rename(beside, link)\n", "        raise OSError('no room')\n");
    // Killed where nothing catches it: the next run finds what lies aside.
    let killed = PROGRAM.replace("        os.rename(beside, link)\n", "        os._exit(137)\n");
    assert!(fails != PROGRAM && killed != PROGRAM);
    let ground = Ground::new();
    let folder = ground.has_a_folder();
    let before = std::fs::read_to_string(folder.join("crt.pem")).expect("read");
    let ended = ground.push_by(&fails, &key, &certificate);
    assert!(!ended.good && ended.said.contains("no room"), "{}", ended.said);
    assert_eq!(std::fs::read_to_string(folder.join("crt.pem")).expect("it is there"), before);
    assert!(ground.pushed().is_empty(), "no key is left");

    let ground = Ground::new();
    let folder = ground.has_a_folder();
    let before = std::fs::read_to_string(folder.join("crt.pem")).expect("read");
    assert!(!ground.push_by(&killed, &key, &certificate).good);
    assert!(!folder.exists());
    assert!(!ground.push(&key, "no certificate").good);
    assert_eq!(std::fs::read_to_string(folder.join("crt.pem")).expect("it is there again"), before);
}

#[test]
fn a_folder_of_before_there_were_links_is_kept_as_a_copy() {
    let ground = Ground::new();
    ground.has_a_folder();
    let (key, certificate) = pair("maison.test");
    let ended = ground.push(&key, &certificate);
    assert!(ended.good, "{}", ended.said);
    let copies = std::fs::read_dir(ground.certificates().join("maison.test-backups")).expect("a folder");
    assert_eq!(copies.count(), 1);
    assert!(ground.back().good, "the copy is enabled again");
    assert!(ground.live().starts_with(ground.certificates().join("maison.test-backups")));
}
