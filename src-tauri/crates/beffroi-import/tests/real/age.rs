//! age: what the program encrypts is read, what is written here it opens. SOPS: files made by an independent script.

use std::path::Path;

use beffroi_import::write::age_json::{For, write};
use beffroi_import::{
    Attachment, Entry, Field, Format, Host, HostKey, ImportError, Kind, Parsed, Past, Reading, Source, Unlock, Work, detect, read,
};
use beffroi_secret::{SecretBytes, SecretText};

use crate::{Tool, tool};

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn unlock(password: Option<&str>, identities: &[&str]) -> Unlock {
    Unlock { password: password.map(secret), identities: identities.iter().map(|text| secret(text)).collect(), ..Unlock::default() }
}

fn read_with(name: &str, bytes: impl Into<Vec<u8>>, unlock: &Unlock) -> Result<(Format, Parsed), ImportError> {
    let (source, work) = (Source::file(name, bytes), Work::default());
    let format = detect(&source).expect("a format");
    read(format, &Reading { source: &source, unlock, work: &work }).map(|parsed| (format, parsed))
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose())
}

/// A key of age: the text of its file, and who it is.
fn key() -> Option<(String, String)> {
    let keygen = tool("age-keygen")?;
    let identity = String::from_utf8(keygen.run::<&str>([], "")).expect("text");
    let recipient = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).expect("a recipient").to_owned();
    Some((identity, recipient))
}

fn ssh_key(folder: &Path, kind: &str, passphrase: &str) -> Option<(String, String)> {
    let keygen = tool("ssh-keygen")?;
    let path = folder.join(format!("id_{kind}"));
    let words = ["-q", "-t", kind, "-a", "4", "-C", "ops", "-N", passphrase, "-f"].map(std::ffi::OsStr::new);
    keygen.run(words.into_iter().chain([path.as_os_str()]), "");
    let text = |path: &Path| std::fs::read_to_string(path).expect("written");
    Some((text(&path), text(&path.with_extension("pub")).trim().to_owned()))
}

#[test]
fn what_age_encrypts_for_keys_is_read() {
    let (Some(age), Some((identity, recipient))) = (tool("age"), key()) else { return };
    let clear = "DB_PASSWORD=hünter2\nTOKEN=t\n";
    for words in [&["-r", &recipient][..], &["-a", "-r", &recipient]] {
        let sealed = age.run(words, clear);
        let (format, parsed) = read_with("prod.env.age", sealed.clone(), &unlock(None, &[&identity])).expect("read");
        assert_eq!((format, parsed.entries.len(), value(&parsed.entries[0])), (Format::Age, 2, "hünter2"));
        assert!(matches!(read_with("a.age", sealed.clone(), &Unlock::default()), Err(ImportError::Locked { what: "identity" })));
        let (other, _) = key().expect("another");
        assert!(matches!(read_with("a.age", sealed, &unlock(None, &[&other])), Err(ImportError::Wrong { what: "identity" })));
    }
    for (kind, passphrase) in [("ed25519", ""), ("ed25519", "of the key"), ("rsa", "")] {
        let folder = tempfile::tempdir().expect("a folder");
        let Some((private, public)) = ssh_key(folder.path(), kind, passphrase) else { return };
        let sealed = age.run(["-r", &public], "just one line\n");
        let (_, parsed) = read_with("token.age", sealed.clone(), &unlock(Some(passphrase), &[&private])).expect("read");
        let [entry] = parsed.entries.as_slice() else { panic!("one entry") };
        assert_eq!((entry.title.as_str(), value(entry)), ("token", "just one line"), "{kind}");
        if !passphrase.is_empty() {
            assert!(matches!(
                read_with("a.age", sealed, &unlock(Some("another"), &[&private])),
                Err(ImportError::Wrong { what: "password" })
            ));
        }
    }
}

fn everything() -> Parsed {
    let entry = Entry {
        origin: "o/1".to_owned(),
        path: vec!["a".to_owned(), "é".to_owned()],
        title: "title \"quoted\"".to_owned(),
        kind: Kind::PrivateKey,
        user: Some("root".to_owned()),
        value: Some(secret("line\nline\u{1f511}")),
        passphrase: Some(secret("p")),
        urls: vec!["ssh://root@web-1:2222".to_owned()],
        notes: Some(secret("n")),
        totp: Some(secret("otpauth://totp/x?secret=GEZDGNBV")),
        fields: vec![Field { name: "f".to_owned(), value: secret("v"), hidden: true }],
        attachments: vec![Attachment { name: "a.bin".to_owned(), bytes: SecretBytes::new(vec![0, 255, 10]) }],
        history: vec![Past { value: secret("old"), until_ms: Some(5) }],
        tags: vec!["t".to_owned()],
        hosts: vec!["web-1".to_owned()],
        stage: Some("prod".to_owned()),
        created_ms: Some(1),
        changed_ms: Some(2),
        expires_ms: Some(3),
        discarded: true,
    };
    let host = Host {
        origin: "h".to_owned(),
        name: "web-1".to_owned(),
        path: vec!["g".to_owned()],
        address: "192.0.2.1".to_owned(),
        port: Some(2222),
        user: Some("root".to_owned()),
        jump: vec!["bastion".to_owned()],
        credential: Some("o/1".to_owned()),
        tags: vec!["web".to_owned()],
        stage: Some("prod".to_owned()),
        notes: vec![("k".to_owned(), "v".to_owned())],
    };
    let key = HostKey { hosts: "web-1".to_owned(), marker: "revoked", key: "ssh-ed25519 AAAA".to_owned() };
    let small = Entry { origin: "o/2".to_owned(), title: "small".to_owned(), ..Entry::default() };
    Parsed { entries: vec![entry, small], hosts: vec![host], host_keys: vec![key], ..Parsed::default() }
}

/// Everything of an entry, secrets too: for comparing only.
fn whole(parsed: &Parsed) -> String {
    let text = |value: &Option<SecretText>| value.as_ref().map(|value| value.expose().clone());
    let one = |entry: &Entry| {
        let fields: Vec<_> = entry.fields.iter().map(|field| (&field.name, field.value.expose().clone(), field.hidden)).collect();
        let files: Vec<_> = entry.attachments.iter().map(|file| (&file.name, file.bytes.expose().clone())).collect();
        let history: Vec<_> = entry.history.iter().map(|past| (past.value.expose().clone(), past.until_ms)).collect();
        let secrets = (text(&entry.value), text(&entry.passphrase), text(&entry.notes), text(&entry.totp));
        format!("{entry:?} {secrets:?} {fields:?} {files:?} {history:?}")
    };
    let entries: Vec<String> = parsed.entries.iter().map(one).collect();
    format!("{entries:?} {:?} {:?}", parsed.hosts, parsed.host_keys)
}

#[test]
fn age_opens_what_is_written_here_and_nothing_is_lost() {
    let (Some(age), Some((identity, recipient))) = (tool("age"), key()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let Some((private, public)) = ssh_key(folder.path(), "ed25519", "") else { return };
    let parsed = everything();
    let sealed = write(&parsed, For::Keys(&[recipient, public])).expect("written");
    for identity in [&identity, &private] {
        let (_, again) = read_with("export.json.age", sealed.clone(), &unlock(None, &[identity])).expect("read");
        assert_eq!(whole(&again), whole(&parsed));
        let clear = opened(&age, identity, &sealed);
        let json: serde_json::Value = serde_json::from_slice(&clear).expect("JSON");
        assert_eq!((json["format"].as_str(), json["entries"][0]["value"].as_str()), (Some("beffroi-export"), Some("line\nline\u{1f511}")));
        assert_eq!(json["entries"][1].as_object().map(serde_json::Map::len), Some(3));
    }
    let passphrase = secret("a long passphrase");
    let sealed = write(&parsed, For::Passphrase(&passphrase)).expect("written");
    let (_, again) = read_with("export.age", sealed.clone(), &unlock(Some("a long passphrase"), &[])).expect("read");
    assert_eq!(whole(&again), whole(&parsed));
    assert!(matches!(read_with("export.age", sealed, &unlock(Some("another"), &[])), Err(ImportError::Wrong { what: "password" })));
    assert!(matches!(write(&parsed, For::Keys(&["age1nobody".to_owned()])), Err(ImportError::Malformed { what: "recipient", at: 1 })));
    assert!(matches!(write(&parsed, For::Keys(&[])), Err(ImportError::Locked { .. })));
}

fn opened(age: &Tool, identity: &str, sealed: &[u8]) -> Vec<u8> {
    let path = age.home().join("identity");
    std::fs::write(&path, identity).expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("private");
    age.run(["-d", "-i", "identity"], sealed)
}
