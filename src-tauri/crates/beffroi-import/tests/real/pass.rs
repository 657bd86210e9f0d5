//! Stores that `pass` and gopass made, with keys of `gpg` and of age.

use std::path::Path;

use beffroi_import::{Entry, Format, ImportError, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::SecretText;

use crate::{Tool, finish, tool};

fn read_at(path: &Path, password: Option<&str>, identities: &[&str]) -> Result<Parsed, ImportError> {
    let secret = |text: &str| SecretText::new(text.to_owned());
    let identities = identities.iter().map(|text| secret(text)).collect();
    let (source, work) = (Source::open(path).expect("open"), Work::default());
    let unlock = Unlock { password: password.map(secret), identities, ..Unlock::default() };
    assert_eq!(detect(&source), Some(Format::Pass));
    read(Format::Pass, &Reading { source: &source, unlock: &unlock, work: &work })
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose())
}

/// A key of `gpg` in a home of its own, and its armored export.
fn key(gpg: &Tool, passphrase: &str, algorithm: &str) -> String {
    let options = ["--batch", "--pinentry-mode", "loopback", "--s2k-count", "1024", "--passphrase"];
    let run = |words: &[&str]| gpg.run(options.iter().copied().chain([passphrase]).chain(words.iter().copied()), "");
    if algorithm == "rsa" {
        run(&["--quick-gen-key", "ops@example.org", "rsa2048", "default", "never"]);
        let list = String::from_utf8(run(&["--with-colons", "--list-keys"])).expect("text");
        let print = list.lines().find_map(|line| line.strip_prefix("fpr:")).map(|line| line.trim_matches(':').to_owned()).expect("a key");
        run(&["--quick-add-key", &print, "rsa2048", "encrypt", "never"]);
    } else {
        run(&["--quick-gen-key", "ops@example.org", "default", "default", "never"]);
    }
    String::from_utf8(run(&["--armor", "--export-secret-keys", "ops@example.org"])).expect("text")
}

#[test]
fn a_store_of_pass_and_one_of_gopass_are_read() {
    for (program, passphrase, algorithm) in [("gopass", "", "default"), ("pass", "of the key", "rsa")] {
        let (Some(gpg), Some(pass)) = (tool("gpg"), tool(program)) else { return };
        let exported = key(&gpg, passphrase, algorithm);
        let store = pass.home().join(".password-store");
        editor(&pass.home().join("editor"));
        let run = |words: &[&str], input: &str| {
            // gopass asks an editor.
            std::fs::write(pass.home().join("text"), input).expect("written");
            let mut command = pass.command(words);
            command.env("EDITOR", pass.home().join("editor")).env("GNUPGHOME", gpg.home().join(".gnupg")).env("PASSWORD_STORE_DIR", &store);
            let output = finish(&mut command, if program == "pass" { input.as_bytes() } else { b"" });
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(&["init", "ops@example.org"], "");
        // That of Debian makes no folders.
        std::fs::create_dir_all(store.join("web/shop")).expect("made");
        run(&["insert", "-m", "web/shop/root"], "hünter2\nlogin: ops\notpauth://totp/x?secret=GEZDGNBVGY3TQOJQ\n\nfree text\n");
        // Longer than what is compressed away, and than one packet of a stream.
        let words = if program == "pass" { 20_000 } else { 100 };
        let long = format!("long\n{}\n", "note ".repeat(words));
        run(&["insert", "-m", "big"], &long);
        std::fs::write(store.join("README.md"), "not a secret").expect("written");

        let parsed = read_at(&store, Some(passphrase), &[&exported]).expect("read");
        let found: Vec<_> = parsed.entries.iter().map(|entry| (entry.origin.as_str(), value(entry))).collect();
        assert_eq!(found, [("big", "long"), ("web/shop/root", "hünter2")], "{program}");
        let [big, root] = parsed.entries.as_slice() else { panic!("two entries") };
        assert_eq!((root.path.join("/"), root.user.as_deref(), root.totp.is_some()), ("web/shop".to_owned(), Some("ops"), true));
        assert_eq!(big.notes.as_ref().map(|notes| notes.expose().len()), Some(5 * words));
        assert_eq!(
            parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
            [("README.md", "not-read")]
        );

        assert!(matches!(read_at(&store, None, &[]), Err(ImportError::Locked { what: "identity" })));
        if !passphrase.is_empty() {
            assert!(matches!(read_at(&store, Some("another"), &[&exported]), Err(ImportError::Wrong { what: "password" })));
        }
        let Some(other) = tool("gpg") else { return };
        let another = key(&other, "", "default");
        assert!(matches!(read_at(&store, None, &[&another]), Err(ImportError::Wrong { what: "identity" })));

        // A changed byte at the end is noticed.
        let path = store.join("web/shop/root.gpg");
        let mut bytes = std::fs::read(&path).expect("read");
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        let parsed = read_at(&store, Some(passphrase), &[&exported]).expect("read");
        assert!(parsed.refused.iter().any(|refused| refused.what == "web/shop/root" && refused.why == "damaged"));
        for tool in [&gpg, &other] {
            finish(&mut gpgconf(tool), b"");
        }
    }
}

/// An editor that writes what lies beside it.
fn editor(path: &Path) {
    std::fs::write(path, "#!/bin/sh\ncp \"$(dirname \"$0\")/text\" \"$1\"\n").expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("runnable");
}

/// Ends the agent of a home.
fn gpgconf(gpg: &Tool) -> std::process::Command {
    let mut kill = std::process::Command::new("gpgconf");
    kill.args(["--kill", "gpg-agent"]).env("GNUPGHOME", gpg.home().join(".gnupg")).env("HOME", gpg.home());
    kill
}

#[test]
fn a_store_for_keys_of_age_is_read() {
    let (Some(age), Some(keygen)) = (tool("age"), tool("age-keygen")) else { return };
    let identity = String::from_utf8(keygen.run::<&str>([], "")).expect("text");
    let recipient = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).expect("a recipient");
    let store = age.home().join("store");
    std::fs::create_dir_all(store.join("web")).expect("made");
    std::fs::write(store.join(".age-recipients"), recipient).expect("written");
    let sealed = age.run(["-r", recipient], "hunter2\nuser: ops\n");
    std::fs::write(store.join("web/root.age"), &sealed).expect("written");
    std::fs::write(store.join("web/cut.age"), &sealed[..sealed.len() - 1]).expect("written");
    let parsed = read_at(&store, None, &[&identity]).expect("read");
    let found: Vec<_> = parsed.entries.iter().map(|entry| (entry.origin.as_str(), value(entry), entry.user.as_deref())).collect();
    assert_eq!(found, [("web/root", "hunter2", Some("ops"))]);
    assert_eq!(parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(), [("web/cut", "damaged")]);
}
