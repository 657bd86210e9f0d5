//! Entries with everything in them that an entry can have, for the tests of the writers.

use beffroi_secret::{SecretBytes, SecretText};

use crate::{Attachment, Entry, Field, Kind, Parsed, Past};

fn secret(text: &str) -> Option<SecretText> {
    Some(SecretText::new(text.to_owned()))
}

fn field(name: &str, value: &str, hidden: bool) -> Field {
    Field { name: name.to_owned(), value: SecretText::new(value.to_owned()), hidden }
}

/// One of each kind, with texts that are hard to write.
pub(crate) fn entries() -> Parsed {
    let full = Entry {
        origin: "id-1".to_owned(),
        path: vec!["Work".to_owned(), "=Cost".to_owned()],
        title: "-Mail, \"quoted\"".to_owned(),
        user: Some("@me".to_owned()),
        value: secret("=hunter2;\n'x'"),
        urls: vec!["https://mail.example".to_owned(), "ssh://root@web-1:2222".to_owned()],
        notes: secret("\ttwo\r\nlines"),
        totp: secret("otpauth://totp/Mail?secret=JBSWY3DPEHPK3PXP"),
        fields: vec![field("PIN", "'=1", true), field("", "no name", false)],
        attachments: vec![Attachment { name: "a.txt".to_owned(), bytes: SecretBytes::new(vec![1]) }],
        history: ["old1", "old2"]
            .into_iter()
            .zip([1_u64, 2])
            .map(|(value, day)| Past { value: SecretText::new(value.to_owned()), until_ms: Some(day * 86_400_000) })
            .collect(),
        tags: vec!["+tag".to_owned(), "favorite".to_owned()],
        hosts: vec!["web-1".to_owned()],
        stage: Some("prod".to_owned()),
        created_ms: Some(1_700_000_000_123),
        changed_ms: Some(1_700_000_001_000),
        expires_ms: Some(1_800_000_000_000),
        ..Entry::default()
    };
    let key = Entry {
        origin: "id-2".to_owned(),
        title: "''=key".to_owned(),
        kind: Kind::PrivateKey,
        user: Some("root".to_owned()),
        value: secret("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n"),
        passphrase: secret("open it"),
        urls: vec!["ssh://a".to_owned()],
        fields: vec![field("publicKey", "ssh-ed25519 A", false), field("keyFingerprint", "SHA256:x", false), field("more", "m", true)],
        discarded: true,
        changed_ms: Some(1_700_000_001_000),
        ..Entry::default()
    };
    let note =
        Entry { origin: "id-3".to_owned(), title: "Note".to_owned(), kind: Kind::Note, notes: secret("hunter2"), ..Entry::default() };
    let token =
        Entry { origin: "id-4".to_owned(), title: "Token".to_owned(), kind: Kind::Token, value: secret("+hunter2"), ..Entry::default() };
    Parsed { entries: vec![full, key, note, token], ..Parsed::default() }
}

/// Holds two readings to be the same: all but files, and the order of marks.
pub(crate) fn same(before: &Parsed, after: &Parsed) {
    let shown = |text: &Option<SecretText>| text.as_ref().map(|text| text.expose().clone());
    assert_eq!(before.entries.len(), after.entries.len());
    for (one, other) in before.entries.iter().zip(&after.entries) {
        assert_eq!(
            (&one.origin, &one.path, &one.title, &one.user, one.kind),
            (&other.origin, &other.path, &other.title, &other.user, other.kind)
        );
        for (one, other) in
            [(&one.value, &other.value), (&one.passphrase, &other.passphrase), (&one.notes, &other.notes), (&one.totp, &other.totp)]
        {
            assert_eq!(shown(one), shown(other));
        }
        let fields = |entry: &Entry| {
            let mut fields: Vec<_> =
                entry.fields.iter().map(|field| (field.name.clone(), field.value.expose().clone(), field.hidden)).collect();
            fields.sort();
            fields
        };
        assert_eq!(fields(one), fields(other));
        let past = |entry: &Entry| entry.history.iter().map(|past| (past.value.expose().clone(), past.until_ms)).collect::<Vec<_>>();
        assert_eq!(past(one), past(other));
        let tags = |entry: &Entry| entry.tags.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!((&one.urls, tags(one), &one.hosts, &one.stage), (&other.urls, tags(other), &other.hosts, &other.stage));
        assert_eq!(
            (one.created_ms, one.changed_ms, one.expires_ms, one.discarded),
            (other.created_ms, other.changed_ms, other.expires_ms, other.discarded)
        );
    }
}
