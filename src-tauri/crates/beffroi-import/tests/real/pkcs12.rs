//! PKCS#12 files and PEM bundles as `openssl` writes them; what is stored, `openssl` reads, and it is the same key with the same
//! certificate.

use std::fs;

use beffroi_import::{Entry, Format, ImportError, Kind, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::SecretText;

use crate::{Tool, tool};

const PASSWORD: &str = "mot de passe à 3 €";

fn open(tool: &Tool, name: &str, password: Option<&str>, format: Format) -> Result<Parsed, ImportError> {
    let source = Source::open(&tool.home().join(name)).expect("a file");
    assert_eq!(detect(&source), Some(format), "{name}");
    let unlock = Unlock { password: password.map(|text| SecretText::new(text.to_owned())), ..Unlock::default() };
    read(format, &Reading { source: &source, unlock: &unlock, work: &Work::default() })
}

/// An authority, and a key of each kind with its certificate.
fn certificates(openssl: &Tool) {
    let run = |words: &str| drop(openssl.run(words.split(' '), ""));
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Authority");
    for (name, algorithm) in [("rsa", "rsa:2048"), ("ec", "ec -pkeyopt ec_paramgen_curve:P-384"), ("ed", "ed25519")] {
        run(&format!("req -newkey {algorithm} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}.example.org"));
        run(&format!("x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -out {name}.pem"));
    }
}

/// What is stored is this key and its certificates, its own first.
fn holds(openssl: &Tool, entry: &Entry, name: &str, chain: usize) {
    let text = entry.value.as_ref().expect("a value").expose();
    assert_eq!((entry.kind, text.matches("BEGIN CERTIFICATE").count()), (Kind::Certificate, chain), "{name}");
    assert!(entry.expires_ms.is_some_and(|until| until > 1_700_000_000_000));
    let public = |words: &[&str], input: &str| String::from_utf8(openssl.run(words, input)).expect("text");
    let wanted = public(&["pkey", "-in", &format!("{name}.key"), "-pubout"], "");
    assert_eq!(public(&["pkey", "-pubout"], text), wanted, "{name}");
    assert_eq!(public(&["x509", "-pubkey", "-noout"], text), wanted, "{name}");
}

#[test]
fn every_way_that_openssl_seals_them() {
    let Some(openssl) = tool("openssl") else { return };
    certificates(&openssl);
    let ways: [(&str, bool); 7] = [
        ("", false),
        ("-legacy", true),
        ("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", true),
        ("-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha512 -iter 5000", false),
        ("-keypbe NONE -certpbe NONE -macalg sha384", false),
        ("-keypbe AES-256-CBC -certpbe NONE -maciter", false),
        ("-nomac", false),
    ];
    for name in ["rsa", "ec", "ed"] {
        for (way, legacy) in ways {
            let mut words = vec!["pkcs12", "-export", "-inkey"];
            let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
            words.extend([
                key.as_str(),
                "-in",
                &pem,
                "-certfile",
                "ca.pem",
                "-name",
                "clé d'accès",
                "-out",
                "sealed.p12",
                "-passout",
                "stdin",
            ]);
            words.extend(way.split_whitespace());
            openssl.run(words, PASSWORD);
            let parsed = open(&openssl, "sealed.p12", Some(PASSWORD), Format::Pkcs12).expect(way);
            let [entry] = parsed.entries.as_slice() else { unreachable!("{way}: {parsed:?}") };
            holds(&openssl, entry, name, 2);
            assert_eq!(entry.title, "clé d'accès");
            let told: Vec<_> = parsed.notices.iter().map(|notice| notice.key).collect();
            assert_eq!(told.contains(&"weak-encryption"), legacy, "{way}");
            assert_eq!(told.contains(&"no-mac"), way == "-nomac", "{way}");
            assert!(matches!(open(&openssl, "sealed.p12", Some("wrong"), Format::Pkcs12), Err(ImportError::Wrong { .. })), "{way}");
            assert!(matches!(open(&openssl, "sealed.p12", None, Format::Pkcs12), Err(ImportError::Locked { .. })), "{way}");
        }
    }
    // What has no password still has a MAC.
    openssl.run("pkcs12 -export -inkey ec.key -in ec.pem -out sealed.p12 -passout stdin".split(' '), "\n");
    holds(&openssl, &open(&openssl, "sealed.p12", Some(""), Format::Pkcs12).expect("empty").entries[0], "ec", 1);
    // Certificates alone are no secret.
    openssl.run("pkcs12 -export -nokeys -in ec.pem -out alone.p12 -passout stdin".split(' '), PASSWORD);
    let alone = open(&openssl, "alone.p12", Some(PASSWORD), Format::Pkcs12).expect("read");
    assert_eq!(
        alone.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
        [("ec.example.org", "certificate-only")]
    );
}

#[test]
fn a_byte_that_was_changed_is_seen() {
    let Some(openssl) = tool("openssl") else { return };
    certificates(&openssl);
    openssl.run("pkcs12 -export -inkey ec.key -in ec.pem -out sealed.p12 -passout stdin -iter 2 -macalg sha256".split(' '), PASSWORD);
    let bytes = fs::read(openssl.home().join("sealed.p12")).expect("bytes");
    let unlock = Unlock { password: Some(SecretText::new(PASSWORD.to_owned())), ..Unlock::default() };
    let taken = |bytes: Vec<u8>| {
        let source = Source::file("sealed.p12", bytes);
        read(Format::Pkcs12, &Reading { source: &source, unlock: &unlock, work: &Work::default() }).map(|parsed| parsed.entries.len())
    };
    assert_eq!(taken(bytes.clone()).ok(), Some(1));
    // The header before what the MAC covers, and the MAC's own salt and rounds, lead to another error or none: all between is covered.
    for at in (60..bytes.len() - 90).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(taken(changed).is_err(), "byte {at}");
    }
}

#[test]
fn one_pem_file_with_both() {
    let Some(openssl) = tool("openssl") else { return };
    certificates(&openssl);
    let text = |name: &str| fs::read_to_string(openssl.home().join(name)).expect(name);
    fs::write(openssl.home().join("site.pem"), [text("ca.pem"), text("rsa.pem"), text("ec.pem"), text("rsa.key"), text("ec.key")].concat())
        .expect("written");
    let parsed = open(&openssl, "site.pem", None, Format::Certificate).expect("read");
    assert_eq!(parsed.entries.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["rsa.example.org", "ec.example.org"]);
    holds(&openssl, &parsed.entries[0], "rsa", 2);
    holds(&openssl, &parsed.entries[1], "ec", 2);
    openssl.run("pkcs8 -topk8 -in ec.key -out sealed.key -passout stdin".split(' '), PASSWORD);
    fs::write(openssl.home().join("site.pem"), [text("sealed.key"), text("ec.pem")].concat()).expect("written");
    holds(&openssl, &open(&openssl, "site.pem", Some(PASSWORD), Format::Certificate).expect("read").entries[0], "ec", 1);
    assert!(matches!(open(&openssl, "site.pem", None, Format::Certificate), Err(ImportError::Locked { .. })));
    // A key beside a certificate of another.
    fs::write(openssl.home().join("site.pem"), [text("rsa.key"), text("ec.pem")].concat()).expect("written");
    let parsed = open(&openssl, "site.pem", None, Format::Certificate).expect("read");
    assert_eq!(parsed.entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [Kind::PrivateKey]);
    assert_eq!(parsed.notices.iter().map(|notice| notice.key).collect::<Vec<_>>(), ["key-without-certificate"]);
}
