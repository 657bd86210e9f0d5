use super::*;
use crate::{Entry, Format, Kind, Unlock, Work, detect};

/// A key that `openssl genpkey -algorithm ed25519 -outform DER` made, and its public half.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIG5kM3aazWJQJ5RAYtge3IlHBIW6tCV-Wb-nVSEewXyo";
const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM2EhX6tAkoGWfzORwHKgEvr4QBW50DLw4JiFE6lKYTl";

fn export() -> String {
    r#"{"version":{"major":1,"minor":0},"exporterRpId":"example.org","exporterDisplayName":"An exporter","timestamp":1700000000,"accounts":[
 {"id":"YWNj","username":"me","email":"me@example.org","collections":[
   {"id":"Yw","title":"Clients","items":[],"subCollections":[{"id":"ZA","title":"Morel","items":[{"item":"aTE"}]}]}],
  "items":[
  {"id":"aTE","title":"Shop","creationAt":1700000000,"modifiedAt":1700000001,"favorite":true,"tags":["web"],
   "scope":{"urls":["https://shop.example.org"],"androidApps":[]},
   "credentials":[
    {"type":"basic-auth","username":{"fieldType":"string","value":"ops"},"password":{"fieldType":"concealed-string","value":"hunter2","label":"Password"}},
    {"type":"totp","secret":"JBSWY3DPEHPK3PXP","period":60,"digits":8,"algorithm":"sha256","username":"ops","issuer":"Shop & co"},
    {"type":"note","content":{"fieldType":"string","value":"one"}},{"type":"note","content":{"fieldType":"string","value":"two"}},
    {"type":"custom-fields","fields":[{"fieldType":"concealed-string","value":"s3","label":"PIN"},{"fieldType":"boolean","value":"true"}]},
    {"type":"passkey","credentialId":"x"},{"type":"file","id":"f","name":"scan.pdf","decryptedSize":3,"integrityHash":"x"},
    {"type":"item-reference","reference":{"item":"aTI"}}]},
  {"id":"aTI","title":"web-1","credentials":[
    {"type":"ssh-key","keyType":"ssh-ed25519","privateKey":"KEY","keyComment":"ops@laptop","expiryDate":{"fieldType":"date","value":"2030-01-01"}}]},
  {"id":"aTM","title":"API","credentials":[
    {"type":"api-key","key":{"fieldType":"concealed-string","value":"tok"},"url":{"fieldType":"string","value":"https://api.example.org"},"keyType":{"fieldType":"string","value":"bearer"}}]},
  {"id":"aTQ","title":"Card","credentials":[{"type":"credit-card","number":{"fieldType":"concealed-string","value":"4111"},"fullName":{"fieldType":"string","value":"M. E."}}]},
  {"id":"aTU","title":"Wi-Fi","credentials":[{"type":"wifi","ssid":{"fieldType":"string","value":"shop"},"passphrase":{"fieldType":"concealed-string","value":"air"}}]},
  {"id":"aTY","title":"broken","credentials":[{"type":"ssh-key","keyType":"ssh-ed25519","privateKey":"AAAA"}]}]}]}"#
        .replace("KEY", KEY)
}

fn read_text(text: &str) -> Result<Parsed, ImportError> {
    let (source, unlock, work) = (Source::file("export.json", text), Unlock::default(), Work::default());
    read(&Reading { source: &source, unlock: &unlock, work: &work })
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("-", |value| value.expose())
}

fn fields(entry: &Entry) -> Vec<(&str, &str, bool)> {
    entry.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect()
}

#[test]
fn items_come_with_all_their_credentials() {
    let text = export();
    assert_eq!(detect(&Source::file("export.json", text.as_str())), Some(Format::Cxf));
    let parsed = read_text(&text).expect("read");
    let [shop, key, api, card, wifi] = parsed.entries.as_slice() else { panic!("five entries, not {}", parsed.entries.len()) };
    assert_eq!(
        (shop.origin.as_str(), shop.path.join("/"), shop.user.as_deref(), value(shop)),
        ("aTE", "Clients/Morel".to_owned(), Some("ops"), "hunter2")
    );
    assert_eq!(shop.notes.as_ref().map(|notes| notes.expose().as_str()), Some("one\n\ntwo"));
    let totp = shop.totp.as_ref().expect("codes").expose();
    assert_eq!(totp, "otpauth://totp/ops?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8&period=60&issuer=Shop%20%26%20co");
    assert_eq!(fields(shop), [("PIN", "s3", true), ("field 2", "true", false)]);
    assert_eq!(
        (shop.tags.join(","), shop.urls.join(","), shop.changed_ms),
        ("web,favorite".to_owned(), "https://shop.example.org".to_owned(), Some(1_700_000_001_000))
    );
    assert_eq!(key.kind, Kind::PrivateKey);
    assert!(value(key).starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    let public = fields(key).first().map(|(_, value, _)| (*value).to_owned()).expect("its public half");
    assert!(public.starts_with(PUBLIC), "{public}");
    assert!(fields(key).contains(&("keyComment", "ops@laptop", false)) && key.expires_ms.is_some());
    assert_eq!((api.kind, value(api), fields(api)), (Kind::Token, "tok", vec![("keyType", "bearer", false)]));
    assert_eq!((card.kind, fields(card)), (Kind::Note, vec![("number", "4111", true), ("fullName", "M. E.", false)]));
    assert_eq!((value(wifi), fields(wifi)), ("air", vec![("ssid", "shop", false)]));
    let refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
    assert_eq!(refused, [("Shop", "passkey"), ("scan.pdf", "missing-file"), ("broken", "not-readable"), ("broken", "empty")]);
}

#[test]
fn an_account_alone_and_a_later_version() {
    let account = r#"{"id":"YQ","username":"","email":"","collections":[],"items":[{"id":"aQ","title":"t","credentials":[{"type":"basic-auth","password":{"fieldType":"concealed-string","value":"p"}}]}]}"#;
    assert_eq!(detect(&Source::file("account.json", account)), Some(Format::Cxf));
    assert_eq!(value(&read_text(account).expect("read").entries[0]), "p");
    let later = export().replace("\"major\":1", "\"major\":2");
    assert!(matches!(read_text(&later), Err(ImportError::Unsupported { .. })));
}
