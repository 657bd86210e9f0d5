use super::*;
use crate::{Entry, Format, Kind, Unlock, detect};

const EXPORT: &str = r##"{"bookmarkGroups":[
  {"id":"default","title":"Default","bookmarkIds":["b5"],"bookmarkGroupIds":["g1"]},
  {"id":"g1","title":"prod","bookmarkIds":["b2"],"bookmarkGroupIds":["g2"]},
  {"id":"g2","title":"front","bookmarkIds":["b1"],"bookmarkGroupIds":["g1"]}],
 "bookmarks":[
  {"id":"b1","type":"ssh","title":"web","host":"web-1","port":2222,"username":"ops","password":"hunter2","description":"the shop",
   "enableSsh":true,"connectionHoppings":[{"host":"bastion","port":22,"username":"jump","password":"hop"},{"host":"inner","port":2200}]},
  {"id":"b2","host":"db","port":22,"username":"root","password":"between","privateKey":"-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n","passphrase":"pp"},
  {"id":"b3","type":"rdp","title":"win","host":"w","port":3389,"username":"boss","domain":"ACME","password":"r"},
  {"id":"b4","type":"local","title":"here"},
  {"id":"b5","type":"ssh","title":"by profile","host":"p","authType":"profiles","profile":"pr1"},
  {"id":"b6","title":"shifted","host":"s","password":"SHIFTED","passwordEncrypted":true}],
 "profiles":[{"id":"pr1","name":"deploy","username":"deploy","password":"shared","rdp":{"username":"a","password":"b"}}]}"##;

fn read_text(text: &str, unlock: &Unlock) -> Result<Parsed, ImportError> {
    let (source, work) = (Source::file("bookmarks.json", text), Work::default());
    read(&Reading { source: &source, unlock, work: &work })
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("-", |value| value.expose())
}

#[test]
fn bookmarks_are_hosts_with_what_they_log_in_with() {
    // "a\u{e9}" and a pair of units, each moved up by its place.
    let shifted: String =
        String::from_utf16(&"aé9".encode_utf16().zip(1..).map(|(unit, place)| unit + place).collect::<Vec<_>>()).expect("text");
    let text = EXPORT.replace("SHIFTED", &shifted);
    assert_eq!(detect(&Source::file("x.json", text.as_str())), Some(Format::Electerm));
    let parsed = read_text(&text, &Unlock::default()).expect("read");
    let entries: Vec<_> =
        parsed.entries.iter().map(|entry| (entry.title.as_str(), value(entry).lines().next().unwrap_or_default())).collect();
    assert_eq!(
        entries,
        [
            ("deploy", "shared"),
            ("deploy rdp", "b"),
            ("web", "hunter2"),
            ("jump@bastion", "hop"),
            ("db", "-----BEGIN OPENSSH PRIVATE KEY-----"),
            ("win", "r"),
            ("shifted", "aé9"),
        ]
    );
    let key = &parsed.entries[4];
    assert_eq!(
        (key.kind, key.passphrase.as_ref().map(|text| text.expose().as_str()), key.fields[0].name.as_str()),
        (Kind::PrivateKey, Some("pp"), "password")
    );
    assert_eq!(parsed.entries[5].user.as_deref(), Some("ACME\\boss"));
    let hosts: Vec<_> =
        parsed.hosts.iter().map(|host| (host.name.as_str(), host.port, host.path.join("/"), host.credential.as_deref())).collect();
    assert_eq!(
        hosts,
        [
            ("web", Some(2222), "prod/front".to_owned(), Some("b1")),
            ("db", None, "prod".to_owned(), Some("b2")),
            ("by profile", None, String::new(), Some("profile:pr1#")),
            ("shifted", None, String::new(), Some("b6")),
        ]
    );
    assert_eq!((parsed.hosts[0].jump.join(" "), parsed.hosts[0].notes[0].1.as_str()), ("jump@bastion inner:2200".to_owned(), "the shop"));
    assert_eq!(parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(), [("here", "other-protocol")]);
}

/// As `encrypt` of electerm gives them, by `node:crypto`, with the password `sync pass`.
const SEALED: &str = "gcm:000102030405060708090a0b:07070707070707070707070707070707:5f1c3f0b12c2fab1f2033aff1ac463d9:d35620a83fa63fddc78b8283795a69bd21de4b061486b4b3920b6f587d74c9e798833bc2b4cf7f25cb8b39997ade9a52c29bbabfda81e59332696fafa005b3167be7e13ed768a6bc6a150f8c974daaff795cf6ad613bab676f9b78c3c7e1d246a9";
const LEGACY: &str = "a9952e616a233d37ae14c66907d918fd92be8756b9eff29942f812eb03f2952aefe76eb98bfa89de09033f10924b0f0cd0d11aa134ee9653f714e402f76006f3010a08044e68fb290639ad15ca8feee1f9fba79cdacd142d22975bcef26fe6ab956ceb9071d56385aa22ae5707a12e56";

#[test]
fn what_is_synchronised_is_opened() {
    let with = |password: &str| Unlock { password: Some(SecretText::new(password.to_owned())), ..Unlock::default() };
    assert_eq!(detect(&Source::file("bookmarks.json", SEALED)), Some(Format::Electerm));
    for text in [SEALED, LEGACY] {
        let parsed = read_text(text, &with("sync pass")).expect("read");
        assert_eq!((parsed.hosts[0].address.as_str(), value(&parsed.entries[0])), ("web-1", "hunter2"));
        assert!(matches!(read_text(text, &with("other")), Err(ImportError::Wrong { what: "password" })));
        assert!(matches!(read_text(text, &Unlock::default()), Err(ImportError::Locked { what: "password" })));
    }
}
