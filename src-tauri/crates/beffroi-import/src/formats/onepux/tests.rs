use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::{Kind, Unlock, Work};

/// An archive of files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).expect("a file");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn with(bytes: Vec<u8>) -> Result<Parsed, ImportError> {
    let (source, unlock, work) = (Source::file("export.1pux", bytes), Unlock::default(), Work::default());
    assert!(tells(&source));
    read(&Reading { source: &source, unlock: &unlock, work: &work })
}

fn export(items: &str) -> String {
    format!(
        r#"{{"accounts":[{{"attrs":{{"accountName":"Me","name":"M"}},"vaults":[{{"attrs":{{"uuid":"v","name":"Private"}},"items":[{items}]}}]}}]}}"#
    )
}

fn items(items: &str) -> Parsed {
    with(archive(&[("export.attributes", b"{}"), ("export.data", export(items).as_bytes())])).expect("read")
}

fn fields(entry: &Entry) -> Vec<(&str, &str, bool)> {
    entry.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect()
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose().as_str())
}

#[test]
fn a_login_with_all_that_belongs_to_it() {
    let all = items(
        r#"{"uuid":"i1","favIndex":1,"createdAt":1700000000,"updatedAt":1700000001,"state":"active","categoryUuid":"001",
        "overview":{"title":"Mail","url":"https://a","urls":[{"label":"","url":"https://a"},{"url":"https://b"}],"tags":["t"]},
        "details":{"loginFields":[{"value":"me","name":"u","fieldType":"T","designation":"username"},{"value":"s3","fieldType":"P","designation":"password"},
            {"value":"on","name":"remember","fieldType":"C"},{"value":"x","name":"extra","fieldType":"P"}],
          "notesPlain":"n","passwordHistory":[{"value":"old2","time":1700000000},{"value":"old1","time":1600000000}],
          "sections":[{"title":"More","name":"m","fields":[
            {"title":"code","id":"TOTP_1","value":{"totp":"otpauth://totp/Mail?secret=JBSWY3DPEHPK3PXP"}},
            {"title":"second","id":"p2","value":{"concealed":"h"}},{"title":"mail","id":"e","value":{"email":{"email_address":"a@b","provider":null}}},
            {"title":"day","id":"d","value":{"date":1700000000}},{"title":"home","id":"a","value":{"address":{"street":"1 A","city":"","zip":"75001"}}},
            {"title":"month","id":"m","value":{"monthYear":202412}},{"title":"none","id":"n","value":{"string":""}}]}]}}"#,
    );
    let entry = &all.entries[0];
    assert_eq!(
        (entry.origin.as_str(), entry.path.as_slice(), entry.user.as_deref(), value(entry)),
        ("i1", &["Private".to_owned()][..], Some("me"), "s3")
    );
    assert_eq!(
        (entry.urls.as_slice(), entry.tags.as_slice()),
        (&["https://a".to_owned(), "https://b".to_owned()][..], &["t".to_owned(), "favorite".to_owned()][..])
    );
    assert!(entry.totp.is_some());
    let expected = [
        ("extra", "x", true),
        ("More: second", "h", true),
        ("More: mail", "a@b", false),
        ("More: day", "2023-11-14", false),
        ("More: home", "1 A\n75001", false),
        ("More: month", "202412", false),
    ];
    assert_eq!(fields(entry), expected);
    assert_eq!(entry.history.iter().map(|past| past.value.expose().as_str()).collect::<Vec<_>>(), ["old1", "old2"]);
    assert_eq!((entry.created_ms, entry.changed_ms), (Some(1_700_000_000_000), Some(1_700_000_001_000)));
}

#[test]
fn keys_servers_tokens_and_what_is_archived() {
    let all = items(
        r#"{"uuid":"k","state":"archived","categoryUuid":"114","overview":{"title":"Key"},"details":{"sections":[{"title":"","fields":[{"title":"private key","id":"private_key",
            "value":{"sshKey":{"privateKey":"-----BEGIN PRIVATE KEY-----\nx","metadata":{"publicKey":"ssh-ed25519 A","fingerprint":"SHA256:y","keyType":"ed25519"}}}}]}]}},
        {"uuid":"s","categoryUuid":"110","overview":{"title":"Server"},"details":{"sections":[{"title":"","fields":[{"title":"URL","id":"url","value":{"string":"web-1"}},
            {"title":"username","id":"username","value":{"string":"root"}},{"title":"password","id":"password","value":{"concealed":"s3"}}]}]}},
        {"uuid":"t","categoryUuid":"112","overview":{"title":"Api"},"details":{"sections":[{"title":"","fields":[{"title":"credential","id":"credential","value":{"concealed":"t0k"}}]}]}},
        {"uuid":"p","categoryUuid":"005","overview":{"title":"Password"},"details":{"password":"only"}},
        {"uuid":"e","categoryUuid":"001","overview":{"title":"Empty"},"details":{}}"#,
    );
    let found: Vec<_> = all.entries.iter().map(|entry| (entry.origin.as_str(), entry.kind, value(entry), entry.discarded)).collect();
    let expected = [
        ("k", Kind::PrivateKey, "-----BEGIN PRIVATE KEY-----\nx", true),
        ("s", Kind::Password, "s3", false),
        ("t", Kind::Token, "t0k", false),
        ("p", Kind::Password, "only", false),
    ];
    assert_eq!(found, expected);
    assert_eq!(fields(&all.entries[0]), [("publicKey", "ssh-ed25519 A", false), ("fingerprint", "SHA256:y", false)]);
    assert_eq!((all.entries[1].hosts.as_slice(), all.entries[1].user.as_deref()), (&["web-1".to_owned()][..], Some("root")));
    assert_eq!((all.refused[0].what.as_str(), all.refused[0].why), ("Empty", "empty"));
}

#[test]
fn documents_become_attachments_and_no_name_is_a_path() {
    let data = export(
        r#"{"uuid":"d","categoryUuid":"006","overview":{"title":"Doc"},"details":{"documentAttributes":{"fileName":"../../etc/passwd","documentId":"abc","decryptedSize":3},
            "sections":[{"title":"","fields":[{"title":"f","id":"f","value":{"file":{"fileName":"b\\c.txt","documentId":"def","decryptedSize":1}}},
            {"title":"g","id":"g","value":{"file":{"fileName":"gone","documentId":"ghi"}}}]}]}}"#,
    );
    let all = with(archive(&[("export.data", data.as_bytes()), ("files/abc__../../x", b"one"), ("files/def__c.txt", b"2")])).expect("read");
    let files: Vec<_> = all.entries[0].attachments.iter().map(|file| (file.name.as_str(), file.bytes.expose().as_slice())).collect();
    assert_eq!(files, [("passwd", &b"one"[..]), ("c.txt", b"2")]);
    assert_eq!((all.refused[0].what.as_str(), all.refused[0].why), ("gone", "missing-file"));
}

#[test]
fn what_is_no_export_says_why() {
    assert!(matches!(with(archive(&[("other", b"x")])), Err(ImportError::Malformed { what: "export.data", .. })));
    assert!(matches!(with(b"PK\x03\x04".to_vec()), Err(ImportError::Malformed { what: "ZIP", .. })));
    let whole = archive(&[("export.data", export("").as_bytes())]);
    for end in [whole.len() - 1, whole.len() / 2, 40] {
        assert!(with(whole[..end].to_vec()).is_err(), "{end}");
    }
    // A byte of what is compressed.
    let mut changed = whole.clone();
    changed[45] ^= 0x10;
    assert!(matches!(with(changed), Err(ImportError::Malformed { what: "export.data", .. })));
}
