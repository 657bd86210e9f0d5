//! SOPS: files that `tests/vectors/sops/make.py` made from the description of the format, with `age` and a cipher of Python.

use beffroi_import::{Format, ImportError, Kind, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::SecretText;

const IDENTITY: &str = include_str!("../vectors/sops/identity.txt");
const YAML: &str = include_str!("../vectors/sops/all.yaml");
const ONLY: &str = include_str!("../vectors/sops/only-encrypted.yaml");
const JSON: &str = include_str!("../vectors/sops/all.json");
const ENV: &str = include_str!("../vectors/sops/all.env");
const INI: &str = include_str!("../vectors/sops/all.ini");
const KEY: &str = include_str!("../vectors/sops/key.json");

fn read_with(name: &str, text: &str, identities: &[&str]) -> Result<Parsed, ImportError> {
    let identities = identities.iter().map(|text| SecretText::new((*text).to_owned())).collect();
    let (source, work, unlock) = (Source::file(name, text), Work::default(), Unlock { identities, ..Unlock::default() });
    assert_eq!(detect(&source), Some(Format::Sops), "{name}");
    read(Format::Sops, &Reading { source: &source, unlock: &unlock, work: &work })
}

fn values(parsed: &Parsed) -> Vec<(&str, &str)> {
    parsed.entries.iter().map(|entry| (entry.title.as_str(), entry.value.as_ref().map_or("", |value| value.expose()))).collect()
}

#[test]
fn each_layout_gives_its_values() {
    let expected = [
        ("db.user", "ops"),
        ("db.password", "hünter2"),
        ("db.port", "5432"),
        ("db.ssl", "True"),
        ("db.ratio", "0.5"),
        ("list", "one"),
        ("list.two", "2"),
        ("list[1]", "three"),
    ];
    for (name, text) in [("all.yaml", YAML), ("only.yaml", ONLY), ("all.json", JSON)] {
        let parsed = read_with(name, text, &[IDENTITY]).expect(name);
        assert_eq!(values(&parsed), expected, "{name}");
        let left: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
        assert_eq!(left, ["note_unencrypted", "size_unencrypted", "on_unencrypted"].map(|what| (what, "not-encrypted")));
    }
    assert_eq!(values(&read_with("all.env", ENV, &[IDENTITY]).expect("dotenv")), [("TOKEN", "a=b c"), ("LINES", "one\ntwo")]);
    let ini = [("db.user", "ops"), ("db.password", "hünter2"), ("web.token", "t")];
    assert_eq!(values(&read_with("all.ini", INI, &[IDENTITY]).expect("INI")), ini);
    let key = read_with("key.json", KEY, &[IDENTITY]).expect("binary");
    assert_eq!(key.entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [Kind::PrivateKey]);
}

#[test]
fn whatever_was_changed_is_noticed() {
    let moved = YAML.replace("  user: ENC", "  resu: ENC");
    assert!(matches!(read_with("a.yaml", &moved, &[IDENTITY]), Err(ImportError::Altered { what: "tag" })));
    for (from, to) in
        [("seen", "secn"), ("size_unencrypted: 31", "size_unencrypted: 32"), ("on_unencrypted: true", "on_unencrypted: false")]
    {
        assert!(YAML.contains(from));
        assert!(matches!(read_with("a.yaml", &YAML.replace(from, to), &[IDENTITY]), Err(ImportError::Altered { what: "mac" })), "{from}");
    }
    // A value that is gone, and one in clear where it was encrypted.
    let gone: String = YAML.lines().filter(|line| !line.starts_with("  port:")).map(|line| format!("{line}\n")).collect();
    assert!(matches!(read_with("a.yaml", &gone, &[IDENTITY]), Err(ImportError::Altered { what: "mac" })));
    let clear: String =
        ONLY.lines().map(|line| if line.starts_with("  port:") { "  port: 1\n".to_owned() } else { format!("{line}\n") }).collect();
    assert!(matches!(read_with("a.yaml", &clear, &[IDENTITY]), Err(ImportError::Altered { what: "mac" })));
    // `mac_only_encrypted` alone makes another mac.
    let only = YAML.replace("  lastmodified", "  mac_only_encrypted: true\n  lastmodified");
    assert!(matches!(read_with("a.yaml", &only, &[IDENTITY]), Err(ImportError::Altered { what: "mac" })));
    let later = YAML.replace("2026-01-02", "2026-01-03");
    assert!(matches!(read_with("a.yaml", &later, &[IDENTITY]), Err(ImportError::Altered { .. })));
}

#[test]
fn other_keys_are_told() {
    assert!(matches!(read_with("a.yaml", YAML, &[]), Err(ImportError::Locked { what: "identity" })));
    let pgp = YAML.replace("  age:", "  pgp:");
    assert!(matches!(read_with("a.yaml", &pgp, &[IDENTITY]), Err(ImportError::Unsupported { .. })));
}
