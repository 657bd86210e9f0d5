//! Password managers: Bitwarden, 1Password, separated values, Vault, netrc.

use std::io::{Cursor, Write};

use beffroi_import::{Format, ImportError, Source, Unlock, detect};
use beffroi_secret::SecretText;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{outcome, refused_by_its_header};

const ARGON2ID: &str = include_str!("../vectors/bitwarden/argon2id.json");
const PBKDF2: &str = include_str!("../vectors/bitwarden/pbkdf2.json");

fn password() -> Unlock {
    Unlock { password: Some(SecretText::new("correct horse é".to_owned())), ..Unlock::default() }
}

/// A protected export with other parameters than it had.
fn with(name: &str, value: serde_json::Value) -> String {
    let mut export: serde_json::Value = serde_json::from_str(ARGON2ID).expect("JSON");
    export[name] = value;
    export.to_string()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).expect("a file");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// Where the only entry of the directory of an archive begins.
fn directory(bytes: &[u8]) -> usize {
    bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a directory")
}

#[test]
fn each_is_told_by_what_is_in_it() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let files = [
        (Format::Bitwarden, ARGON2ID.to_owned()),
        (
            Format::Bitwarden,
            serde_json::json!({"encrypted": false, "folders": [], "items": [{"type": 5, "sshKey": {"privateKey": key}}]}).to_string(),
        ),
        (Format::Csv, format!("name,url,username,password,note\na,https://a,u,p,\"{key}\"\n")),
        (Format::Csv, "Groups,Label,Tags,Hostname/IP,Protocol,Port\n,a,,b,ssh,22\n".to_owned()),
        (Format::HashiCorp, serde_json::json!({"secret/app": {"key": key}}).to_string()),
        (Format::HashiCorp, "{\"request_id\": \"x\", \"lease_id\": \"\", \"data\": {\"a\": \"b\"}}".to_owned()),
        (Format::Netrc, "machine a login b password c\n".to_owned()),
    ];
    for (format, text) in files {
        assert_eq!(detect(&Source::file("export", text.as_str())), Some(format), "{text}");
    }
    assert_eq!(detect(&Source::file("export", archive(&[("export.data", b"{}")]))), Some(Format::Onepux));
}

#[test]
fn parameters_of_a_derivation_are_refused_before_it_runs() {
    let refused = |text: String| refused_by_its_header(Format::Bitwarden, "bitwarden.json", text, &password());
    assert!(matches!(refused(with("kdfMemory", 2_000_000.into())), ImportError::TooExpensive { what: "kdfMemory", .. }));
    assert!(matches!(refused(with("kdfIterations", u64::MAX.into())), ImportError::TooExpensive { what: "kdfIterations", .. }));
    assert!(matches!(
        refused(with("kdfIterations", 10_000.into())),
        ImportError::TooExpensive { what: "kdfIterations", found: 163_840_000, .. }
    ));
    assert!(matches!(refused(with("kdfParallelism", 65.into())), ImportError::TooExpensive { what: "kdfParallelism", .. }));
    assert!(matches!(refused(with("kdfMemory", serde_json::Value::Null)), ImportError::Malformed { what: "kdfMemory", .. }));
    assert!(matches!(refused(with("kdfType", 7.into())), ImportError::Unsupported { .. }));
    assert!(matches!(refused(with("kdfIterations", 0.into())), ImportError::Malformed { what: "kdfIterations", .. }));
    assert!(matches!(refused(with("salt", "x".repeat(2_000).into())), ImportError::Malformed { what: "salt", .. }));
    for broken in ["", "2.", "2.AA==|AA==|AA==", "0.AAAA|AAAA", "9.x", "2.AAAAAAAAAAAAAAAAAAAAAA==||AAAA"] {
        refused(with("data", broken.into()));
        refused(with("encKeyValidation_DO_NOT_EDIT", broken.into()));
    }
    let costly = PBKDF2.replace("\"kdfIterations\": 5000", "\"kdfIterations\": 2000000000");
    assert!(matches!(refused(costly), ImportError::TooExpensive { what: "kdfIterations", .. }));
}

#[test]
fn a_protected_export_that_is_cut_gives_nothing() {
    for end in (0..PBKDF2.len() - 2).step_by(7) {
        let (text, _) = PBKDF2.split_at(end);
        let outcome = outcome(Format::Bitwarden, "bitwarden.json", text, &password());
        assert_eq!((outcome.result.is_err(), outcome.derivations), (true, 0), "{end}");
    }
}

#[test]
fn json_that_is_too_deep_or_too_much_is_refused() {
    let none = Unlock::default();
    for format in [Format::Bitwarden, Format::HashiCorp] {
        let refused = |text: String| refused_by_its_header(format, "x.json", text, &none);
        for open in ["[", "{\"a\":"] {
            assert!(matches!(refused(open.repeat(1_000_000)), ImportError::TooLarge { what: "depth", .. }));
        }
        let many = format!("{{\"encrypted\":false,\"items\":[{}0]}}", "0,".repeat(8_000_000));
        assert!(matches!(refused(many), ImportError::TooLarge { what: "values", .. }));
        assert!(matches!(refused("\u{feff}{\0}".to_owned()), ImportError::NotText { .. }));
        assert!(matches!(refused("{\"encrypted\": fal".to_owned()), ImportError::Truncated { what: "JSON" }));
    }
    let items = format!("{{\"encrypted\":false,\"items\":[{}{{}}]}}", "{},".repeat(100_000));
    let refused = |text: String| refused_by_its_header(Format::Bitwarden, "x.json", text, &none);
    assert!(matches!(refused(items), ImportError::TooLarge { what: "items", found: 100_001, .. }));
    let fields = format!("{{\"encrypted\":false,\"items\":[{{\"type\":1,\"fields\":[{}{{}}]}}]}}", "{},".repeat(1_000_000));
    assert!(matches!(refused(fields), ImportError::TooLarge { what: "fields", .. }));
}

#[test]
fn utf_16_is_read_where_it_is_whole() {
    let wide = |text: &str| -> Vec<u8> { [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect() };
    let none = Unlock::default();
    let read = |format, text: &str| outcome(format, "x", wide(text), &none).result.map(|parsed| parsed.entries.len());
    assert_eq!(read(Format::Netrc, "machine a login b password c").expect("read"), 1);
    assert_eq!(read(Format::HashiCorp, "{\"a\":{\"b\":\"c\"}}").expect("read"), 1);
    assert_eq!(read(Format::Bitwarden, "{\"encrypted\":false,\"items\":[{\"type\":2,\"name\":\"n\",\"notes\":\"x\"}]}").expect("read"), 1);
    assert!(matches!(outcome(Format::Csv, "x", &wide("a,b\n")[..7], &none).result, Err(ImportError::Truncated { what: "UTF-16" })));
}

#[test]
fn separated_values_have_limits() {
    let none = Unlock::default();
    let refused = |text: String| refused_by_its_header(Format::Csv, "x.csv", text, &none);
    let header = "name,url,username,password\n";
    assert!(matches!(refused(",".repeat(1 << 20)), ImportError::TooLarge { what: "columns", .. }));
    assert!(matches!(refused(format!("{header}a,b,c,\"{}", "x".repeat(16 << 20))), ImportError::Truncated { what: "quote" }));
    assert!(matches!(refused(format!("{header}{}", "a,b,c,d\n".repeat(100_001))), ImportError::TooLarge { what: "entries", .. }));
    assert!(matches!(refused("sep=;\n".to_owned()), ImportError::Malformed { .. }));
    let large = outcome(Format::Csv, "x.csv", format!("{header}a,b,c,{}\n", "x".repeat(1 << 20)), &none).result.expect("read");
    assert_eq!((large.entries.len(), large.refused[0].why), (0, "too-large"));
    let own = "Beffroi ID,Title,Fields\ni,t,\"[[[[\"\n";
    assert!(matches!(refused(own.to_owned()), ImportError::Malformed { what: "Fields", at: 2 }));
}

#[test]
fn bombs_of_archives_do_not_go_off() {
    let none = Unlock::default();
    // Honest about its size: refused before a byte inflates.
    let bomb = archive(&[("export.data", &vec![b' '; 65 << 20])]);
    assert!(matches!(
        refused_by_its_header(Format::Onepux, "x.1pux", bomb.clone(), &none),
        ImportError::TooLarge { what: "export.data", .. }
    ));
    // A liar: no more comes out than it says.
    let mut liar = bomb;
    let at = directory(&liar);
    liar[at + 24..at + 28].copy_from_slice(&1_000_u32.to_le_bytes());
    let outcome_of_liar = outcome(Format::Onepux, "x.1pux", liar, &none);
    assert!(matches!(outcome_of_liar.result, Err(ImportError::Malformed { what: "export.data", .. })));
    assert!(outcome_of_liar.inflated <= 1_001);
    // Within the size, but out of all proportion.
    let dense = outcome(Format::Onepux, "x.1pux", archive(&[("export.data", &vec![b' '; 30 << 20])]), &none);
    assert!(matches!(dense.result, Err(ImportError::TooLarge { what: "export.data", .. })));
    // Files that are many.
    let names: Vec<String> = (0..20_001).map(|number| format!("files/{number}__x")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(matches!(refused_by_its_header(Format::Onepux, "x.1pux", archive(&many), &none), ImportError::TooLarge { what: "ZIP", .. }));
}

#[test]
fn archives_that_are_cut_or_say_something_twice_give_nothing() {
    let none = Unlock::default();
    let whole = archive(&[(
        "export.data",
        br#"{"accounts":[{"vaults":[{"items":[{"uuid":"a","overview":{"title":"t"},"details":{"password":"p"}}]}]}]}"#,
    )]);
    assert_eq!(outcome(Format::Onepux, "x.1pux", whole.clone(), &none).result.expect("whole").entries.len(), 1);
    for end in (0..whole.len()).step_by(3) {
        assert!(outcome(Format::Onepux, "x.1pux", &whole[..end], &none).result.is_err(), "{end}");
    }
    let twice = archive(&[("files/a__one", b"1"), ("files/a__two", b"2"), ("export.data", b"{}")]);
    assert!(matches!(outcome(Format::Onepux, "x.1pux", twice, &none).result, Err(ImportError::Malformed { what: "ZIP", .. })));
    let mut encrypted = whole;
    let at = directory(&encrypted);
    encrypted[at + 8] |= 1;
    assert!(outcome(Format::Onepux, "x.1pux", encrypted, &none).result.is_err());
}

#[test]
fn words_of_netrc_have_an_end() {
    let none = Unlock::default();
    let refused = |text: String| refused_by_its_header(Format::Netrc, ".netrc", text, &none);
    assert!(matches!(refused(format!("machine a password \"{}", "x".repeat(8 << 20))), ImportError::Truncated { what: "quote" }));
    assert!(matches!(refused("machine a password b ".repeat(100_001)), ImportError::TooLarge { what: "entries", .. }));
    let large = outcome(Format::Netrc, ".netrc", format!("machine a password {}", "x".repeat(1 << 20)), &none).result.expect("read");
    assert_eq!((large.entries.len(), large.refused[0].why), (0, "too-large"));
}

#[test]
fn a_name_that_many_entries_repeat_takes_no_more_room_than_a_file() {
    let none = Unlock::default();
    let name = "a/".repeat(1 << 20);
    let items: Vec<String> = (0..50)
        .map(|at| format!("{{\"id\":\"{at}\",\"folderId\":\"f\",\"type\":1,\"name\":\"n\",\"login\":{{\"password\":\"x\"}}}}"))
        .collect();
    let folders = format!("{{\"encrypted\":false,\"folders\":[{{\"id\":\"f\",\"name\":\"{name}\"}}],\"items\":[{}]}}", items.join(","));
    let parsed = outcome(Format::Bitwarden, "export.json", folders, &none).result.expect("told");
    assert_eq!((parsed.entries.len(), parsed.refused.len()), (0, 50));
    let path =
        format!("url,username,password,extra,name,grouping,fav\n{}", format!("http://a,u,p,,n,{},0\n", "g\\".repeat(1 << 16)).repeat(50));
    assert!(outcome(Format::Csv, "lastpass.csv", path, &none).result.expect("told").entries.is_empty());
    let key = "k".repeat(900);
    let mut vars = String::new();
    for depth in 0..40 {
        vars.push_str(&format!("{}{key}{depth}:\n", " ".repeat(depth)));
    }
    (0..10_000).for_each(|at| vars.push_str(&format!("{}a{at}_password: x\n", " ".repeat(40))));
    let refused = outcome(Format::Ansible, "vars.yml", vars, &none).result;
    assert!(matches!(refused, Err(ImportError::TooLarge { what: "names", .. })), "{:?}", refused.map(|parsed| parsed.entries.len()));
    let refused = outcome(Format::Ansible, "hosts", format!("[a]\n{}[1:9000]\n", "w".repeat(8 << 10)), &none).result;
    assert!(matches!(refused, Err(ImportError::TooLarge { .. })), "{refused:?}");
}
