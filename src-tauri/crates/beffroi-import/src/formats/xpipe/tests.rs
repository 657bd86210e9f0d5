use std::path::Path;

use super::*;
use crate::{Format, Unlock, Work, detect};

/// What `tests/vectors/xpipe/make.py` wrote.
fn vault() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/xpipe/storage")
}

fn read_at(path: &Path) -> (Result<Parsed, ImportError>, u64) {
    let (source, unlock, work) = (Source::open(path).expect("open"), Unlock::default(), Work::default());
    assert_eq!(detect(&source), Some(Format::XPipe));
    (read(&Reading { source: &source, unlock: &unlock, work: &work }), work.derivations())
}

fn refused(parsed: &Parsed) -> Vec<(&str, &str)> {
    parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect()
}

#[test]
fn connections_come_with_what_opens_them() {
    let (parsed, derivations) = read_at(&vault());
    let parsed = parsed.expect("read");
    assert_eq!(derivations, 2, "one for the vault, one for what the program has built in");
    let value = |entry: &Entry| entry.value.as_ref().map(|value| value.expose().lines().next().unwrap_or_default().to_owned());
    let entries: Vec<_> =
        parsed.entries.iter().map(|entry| (entry.title.as_str(), entry.user.as_deref(), value(entry).unwrap_or_default())).collect();
    let begins = "-----BEGIN OPENSSH PRIVATE KEY-----".to_owned();
    assert_eq!(
        entries,
        [
            ("web", Some("root"), "hunter2".to_owned()),
            ("deploy", Some("deploy"), begins.clone()),
            ("sealed whole", Some("me"), "of before".to_owned()),
            ("in itself", Some("k"), begins),
        ]
    );
    let hosts: Vec<_> = parsed
        .hosts
        .iter()
        .map(|host| {
            (
                host.name.as_str(),
                host.address.as_str(),
                host.port,
                host.user.as_deref(),
                host.credential.as_deref().and_then(|id| id.get(35..)),
            )
        })
        .collect();
    assert_eq!(
        hosts,
        [
            ("web", "web-1", Some(2222), Some("root"), Some("1")),
            ("bastion", "192.0.2.1", None, Some("deploy"), Some("3")),
            ("sealed whole", "hidden", None, Some("me"), Some("4")),
            ("elsewhere", "e", None, Some("e"), None),
        ]
    );
    let web = &parsed.hosts[0];
    assert_eq!((web.jump.join(","), web.path.join("/"), web.notes[0].1.as_str()), ("bastion".to_owned(), "prod".to_owned(), "the shop\n"));
    assert_eq!(refused(&parsed), [("of a user", "xpipe-user"), ("elsewhere", "kept-elsewhere"), ("screen", "other-protocol")]);
}

#[test]
fn without_its_key_hosts_come_and_secrets_are_told() {
    let copy = tempfile::tempdir().expect("a folder");
    let mut next = vec![vault()];
    while let Some(folder) = next.pop() {
        for file in std::fs::read_dir(folder).expect("listed").map(|file| file.expect("a file").path()) {
            let to = copy.path().join(file.strip_prefix(vault()).expect("below"));
            if file.is_dir() {
                std::fs::create_dir(&to).expect("made");
                next.push(file);
            } else if file.file_name().is_some_and(|name| name != "vaultkey") {
                std::fs::copy(&file, &to).expect("copied");
            }
        }
    }
    let broken = copy.path().join("stores/00000000-0000-4000-8000-000000000002/store.json");
    std::fs::write(broken, "{\"type\":").expect("written");
    let (parsed, derivations) = read_at(copy.path());
    let parsed = parsed.expect("read");
    assert_eq!((derivations, parsed.entries.len(), parsed.hosts.len()), (0, 0, 2));
    assert!(refused(&parsed).contains(&("web", "xpipe-vaultkey")) && refused(&parsed).iter().any(|(_, why)| *why == "damaged"));
    std::fs::write(copy.path().join("vaultkey"), "another\nAAAAAAAAAAAAAAAAAAAAAA==").expect("written");
    let (parsed, _) = read_at(copy.path());
    assert!(refused(&parsed.expect("read")).contains(&("web", "xpipe-user")), "sealed by another key");
}
