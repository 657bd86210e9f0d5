use super::*;
use crate::{Entry, ImportError, Kind, Unlock, Work, write};
use beffroi_secret::SecretText;

const PBKDF2: &str = include_str!("../../../tests/vectors/bitwarden/pbkdf2.json");
const ARGON2ID: &str = include_str!("../../../tests/vectors/bitwarden/argon2id.json");
const PASSWORD: &str = "correct horse é";

fn with(text: &str, password: Option<&str>) -> (Result<Parsed, ImportError>, u64) {
    let password = password.map(|password| SecretText::new(password.to_owned()));
    let (source, unlock, work) = (Source::file("bitwarden.json", text), Unlock { password, ..Unlock::default() }, Work::default());
    (read(&Reading { source: &source, unlock: &unlock, work: &work }), work.derivations())
}

fn plain(items: &str) -> Parsed {
    let text = format!(
        r#"{{"encrypted":false,"folders":[{{"id":"f1","name":"Work/Servers"}}],"collections":[{{"id":"c1","organizationId":"o","name":"Ops"}},{{"id":"c2","name":"Web"}}],"items":[{items}]}}"#
    );
    assert!(tells(&Source::file("x", text.as_str())));
    with(&text, None).0.expect("read")
}

fn shown(text: Option<&SecretText>) -> &str {
    text.map_or("", |text| text.expose().as_str())
}

fn fields(entry: &Entry) -> Vec<(&str, &str, bool)> {
    entry.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect()
}

#[test]
fn a_login_with_all_that_belongs_to_it() {
    let all = plain(
        r#"{"id":"i1","folderId":"f1","name":"Mail","type":1,"favorite":true,"notes":"n","reprompt":1,
        "fields":[{"name":"PIN","value":"1234","type":1},{"name":"shown","value":"x","type":0},{"name":"yes","value":"true","type":2},{"name":"link","value":null,"type":3,"linkedId":100}],
        "passwordHistory":[{"lastUsedDate":"2024-02-01T00:00:00.000Z","password":"old2"},{"lastUsedDate":"2024-01-01T00:00:00.000Z","password":"old1"}],
        "creationDate":"2023-11-14T22:13:20.000Z","revisionDate":"2024-03-01T00:00:00.000Z","deletedDate":null,
        "login":{"username":"me","password":"s3","uris":[{"match":null,"uri":"https://a"},{"match":0,"uri":"ssh://root@web-1"}],"totp":"JBSWY3DPEHPK3PXP","fido2Credentials":[{"keyValue":"k"}]}}"#,
    );
    let entry = &all.entries[0];
    assert_eq!((entry.origin.as_str(), entry.path.as_slice()), ("i1", &["Work".to_owned(), "Servers".to_owned()][..]));
    assert_eq!((entry.user.as_deref(), shown(entry.value.as_ref()), shown(entry.notes.as_ref())), (Some("me"), "s3", "n"));
    assert_eq!(
        (entry.urls.as_slice(), entry.tags.as_slice()),
        (&["https://a".to_owned(), "ssh://root@web-1".to_owned()][..], &["favorite".to_owned()][..])
    );
    assert_eq!(shown(entry.totp.as_ref()), "otpauth://totp/Mail?secret=JBSWY3DPEHPK3PXP");
    assert_eq!(fields(entry), [("PIN", "1234", true), ("shown", "x", false), ("yes", "true", false)]);
    assert_eq!(
        entry.history.iter().map(|past| (past.value.expose().as_str(), past.until_ms)).collect::<Vec<_>>(),
        [("old1", Some(1_704_067_200_000)), ("old2", Some(1_706_745_600_000))]
    );
    assert_eq!((entry.created_ms, entry.changed_ms, entry.discarded), (Some(1_700_000_000_000), Some(1_709_251_200_000), false));
    assert_eq!((all.refused[0].why, all.notices[0].key), ("passkey", "linked-field"));
}

#[test]
fn the_other_kinds_of_items() {
    let all = plain(
        r#"{"id":"n","name":"Note","type":2,"notes":"text","secureNote":{"type":0},"deletedDate":"2024-01-01T00:00:00Z"},
        {"id":"c","name":"Card","type":3,"collectionIds":["c1","c2"],"card":{"cardholderName":"A","brand":"Visa","number":"4111","expMonth":"3","code":"123","expYear":null}},
        {"id":"p","name":"Person","type":4,"identity":{"firstName":"A","ssn":"9","passportNumber":null}},
        {"id":"k","name":"Key","type":5,"sshKey":{"privateKey":"-----BEGIN OPENSSH PRIVATE KEY-----\nx","publicKey":"ssh-ed25519 A","keyFingerprint":"SHA256:y"}},
        {"id":"b","name":"Bank","type":9},{"id":"e","name":"Empty","type":1,"login":{}}"#,
    );
    let found: Vec<_> = all.entries.iter().map(|entry| (entry.origin.as_str(), entry.kind, entry.discarded)).collect();
    assert_eq!(found, [("n", Kind::Note, true), ("c", Kind::Note, false), ("p", Kind::Note, false), ("k", Kind::PrivateKey, false)]);
    assert_eq!(
        fields(&all.entries[1]),
        [
            ("cardholderName", "A", false),
            ("brand", "Visa", false),
            ("number", "4111", true),
            ("expMonth", "3", false),
            ("code", "123", true)
        ]
    );
    assert_eq!((all.entries[1].path.as_slice(), all.entries[1].tags.as_slice()), (&["Ops".to_owned()][..], &["Web".to_owned()][..]));
    assert_eq!(fields(&all.entries[2]), [("firstName", "A", false), ("ssn", "9", true)]);
    assert_eq!(fields(&all.entries[3]), [("publicKey", "ssh-ed25519 A", false), ("keyFingerprint", "SHA256:y", false)]);
    assert!(shown(all.entries[3].value.as_ref()).starts_with("-----BEGIN"));
    let refused: Vec<_> = all.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
    assert_eq!(refused, [("Bank", "unknown-kind"), ("Empty", "empty")]);
}

#[test]
fn what_others_sealed_is_opened() {
    for text in [PBKDF2, ARGON2ID] {
        let (parsed, derivations) = with(text, Some(PASSWORD));
        let parsed = parsed.expect("read");
        assert_eq!(derivations, 1);
        assert_eq!(parsed.entries.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["Mail", "Key"]);
        assert_eq!(shown(parsed.entries[0].value.as_ref()), "s3cret");
        assert_eq!(parsed.entries[1].kind, Kind::PrivateKey);
    }
    assert_eq!(with(PBKDF2, Some(PASSWORD)).0.expect("read").notices[0].key, "weak-kdf");
}

#[test]
fn a_password_is_needed_and_must_be_right() {
    let (locked, derivations) = with(ARGON2ID, None);
    assert!(matches!(locked, Err(ImportError::Locked { what: "password" })));
    assert_eq!(derivations, 0);
    assert!(matches!(with(PBKDF2, Some("wrong")).0, Err(ImportError::Wrong { what: "password" })));
}

#[test]
fn both_macs_are_checked() {
    // The last character but one of a MAC, and of what is encrypted.
    let changed = |name: &str, from_end: usize| {
        let mut json: serde_json::Value = serde_json::from_str(PBKDF2).expect("JSON");
        let text = json[name].as_str().expect("a text").to_owned();
        let at = text.len() - from_end;
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        json[name] = format!("{}{other}{}", text.get(..at).expect("ASCII"), text.get(at + 1..).expect("ASCII")).into();
        with(&json.to_string(), Some(PASSWORD)).0
    };
    assert!(matches!(changed("encKeyValidation_DO_NOT_EDIT", 3), Err(ImportError::Wrong { what: "password" })));
    assert!(matches!(changed("data", 3), Err(ImportError::Altered { what: "mac" })));
    assert!(matches!(changed("data", 100), Err(ImportError::Altered { what: "mac" })));
}

#[test]
fn an_export_of_an_account_says_so() {
    let (parsed, _) = with(r#"{"encrypted":true,"encKeyValidation_DO_NOT_EDIT":"2.a|b|c","folders":[],"items":[]}"#, Some(PASSWORD));
    let parsed = parsed.expect("read");
    assert_eq!((parsed.entries.len(), parsed.refused[0].what.as_str(), parsed.refused[0].why), (0, "bitwarden.json", "account-bound"));
}

#[test]
fn what_is_written_is_read_again() {
    let before = write::sample::entries();
    let password = SecretText::new(PASSWORD.to_owned());
    let text = String::from_utf8(write::bitwarden::write(&before, &password).expect("written").to_vec()).expect("text");
    assert!(!text.contains("hunter2"), "what is sealed does not show");
    let (after, derivations) = with(&text, Some(PASSWORD));
    let after = after.expect("read");
    assert_eq!(derivations, 1);
    write::sample::same(&before, &after);
    assert!(after.notices.is_empty(), "what is written here is not weak");
    assert_eq!(write::bitwarden::left_out(&before).len(), 1);
}
