//! Remmina, electerm, XPipe and CXF: what is too deep, too long or too much is refused before it costs anything.

use std::io::{Cursor, Write};

use beffroi_import::{Format, ImportError, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::{SecretBytes, SecretText};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{outcome, refused_by_its_header};

const PROFILE: &str = "[remmina]\nname=a\nprotocol=SSH\nserver=h:2222\nusername=u\npassword=eWyftibQN3Q+rnUJ3rUrPQ==\n";
const SECRET: &[u8] = b"[remmina_pref]\nsecret=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
const BOOKMARKS: &str = r#"{"bookmarkGroups":[{"id":"g","title":"t","bookmarkIds":["b"],"bookmarkGroupIds":["g"]}],"bookmarks":[{"id":"b","host":"h","password":"p"}]}"#;
const CXF: &str = r#"{"version":{"major":1,"minor":0},"exporterRpId":"e","accounts":[{"id":"a","collections":[],"items":[{"id":"i","title":"t","credentials":[{"type":"basic-auth","password":{"fieldType":"concealed-string","value":"p"}}]}]}]}"#;

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn with_password(password: &str) -> Unlock {
    Unlock { password: Some(SecretText::new(password.to_owned())), ..Unlock::default() }
}

fn with_secret() -> Unlock {
    Unlock { key_file: Some(SecretBytes::new(SECRET.to_vec())), ..Unlock::default() }
}

/// Half of JSON is none.
fn half_is_none(format: Format, name: &str, whole: &str) {
    assert_eq!(outcome(format, name, whole, &Unlock::default()).result.expect("whole").entries.len(), 1);
    for end in 0..whole.len() {
        assert!(outcome(format, name, &whole.as_bytes()[..end], &Unlock::default()).result.is_err(), "{end}");
    }
    assert_eq!(outcome(format, name, wide(whole), &Unlock::default()).result.expect("UTF-16").entries.len(), 1);
    let odd = [wide(whole), vec![0]].concat();
    assert!(matches!(refused_by_its_header(format, name, odd, &Unlock::default()), ImportError::Truncated { .. }));
    assert!(matches!(refused_by_its_header(format, name, b"{\xff}".to_vec(), &Unlock::default()), ImportError::NotText { .. }));
}

#[test]
fn profiles_have_limits() {
    let unlock = with_secret();
    for end in 0..PROFILE.len() {
        outcome(Format::Remmina, "a.remmina", &PROFILE.as_bytes()[..end], &unlock);
    }
    let refused = |text: Vec<u8>| refused_by_its_header(Format::Remmina, "a.remmina", text, &unlock);
    assert_eq!(outcome(Format::Remmina, "a.remmina", wide(PROFILE), &unlock).result.expect("UTF-16").entries.len(), 1);
    assert!(matches!(refused([wide(PROFILE), vec![0]].concat()), ImportError::Truncated { .. }));
    let long = format!("{PROFILE}notes_text={}\n", "x".repeat(300 << 10));
    assert!(matches!(refused(long.into_bytes()), ImportError::TooLarge { what: "value", .. }));
    let much = format!("{PROFILE}{}", "#\n".repeat(600 << 10));
    assert!(matches!(refused(much.into_bytes()), ImportError::TooLarge { what: "file", .. }));
    for hidden in ["AA==", "eWyftibQN3Q=", "not base64", "AAAAAAAAAAAAAAAAAAAAAA=="] {
        let profile = PROFILE.replace("eWyftibQN3Q+rnUJ3rUrPQ==", hidden);
        let parsed = outcome(Format::Remmina, "a.remmina", profile, &unlock).result.expect("read");
        assert_eq!((parsed.entries.len(), parsed.refused[0].why), (0, "damaged"), "{hidden}");
    }
}

#[test]
fn an_archive_of_profiles_that_swells_is_refused() {
    let archive = |files: &[(&str, Vec<u8>)]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).expect("a file");
            zip.write_all(bytes).expect("written");
        }
        zip.finish().expect("finished").into_inner()
    };
    let bomb = archive(&[("a.remmina", vec![b'#'; 8 << 20])]);
    assert_eq!(detect(&Source::file("x.zip", bomb.clone())), Some(Format::Remmina));
    let refused = refused_by_its_header(Format::Remmina, "x.zip", bomb.clone(), &Unlock::default());
    assert!(matches!(refused, ImportError::TooLarge { what: "profile", .. }), "{refused:?}");
    for end in (0..bomb.len()).step_by(97) {
        assert!(outcome(Format::Remmina, "x.zip", &bomb[..end], &Unlock::default()).result.is_err());
    }
    let parsed = outcome(Format::Remmina, "x.zip", archive(&[("../../a.remmina", PROFILE.as_bytes().to_vec())]), &with_secret());
    assert_eq!(parsed.result.expect("read").hosts[0].origin, "../../a.remmina", "a name, and never a path");
}

#[test]
fn bookmarks_have_limits() {
    half_is_none(Format::Electerm, "bookmarks.json", BOOKMARKS);
    let none = Unlock::default();
    let deep = format!("{{\"bookmarkGroups\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(matches!(refused_by_its_header(Format::Electerm, "b.json", deep, &none), ImportError::TooLarge { what: "depth", .. }));
    let hops = format!("[{{\"host\":\"h\",\"connectionHoppings\":[{}]}}]", vec!["{\"host\":\"x\"}"; 100].join(","));
    assert!(matches!(
        refused_by_its_header(Format::Electerm, "b.json", hops, &none),
        ImportError::TooLarge { what: "connectionHoppings", .. }
    ));
    // Sealed ones are looked at before a key is derived.
    let unlock = with_password("p");
    let (iv, salt, tag) = ("00".repeat(12), "00".repeat(16), "00".repeat(16));
    for sealed in [
        "gcm:".to_owned(),
        format!("gcm:{iv}:{salt}:{tag}"),
        format!("gcm:{iv}:{salt}:{tag}:zz"),
        format!("gcm:{iv}:{salt}:{tag}:00:00"),
        format!("gcm:{iv}00:{salt}:{tag}:00"),
        format!("gcm:{iv}:{}:{tag}:00", "00".repeat(5000)),
        "0".repeat(33),
        "00".repeat(17),
    ] {
        let refused = refused_by_its_header(Format::Electerm, "b.json", sealed.clone(), &unlock);
        assert!(matches!(refused, ImportError::Malformed { .. }), "{sealed}: {refused:?}");
    }
    let wrong = outcome(Format::Electerm, "b.json", format!("gcm:{iv}:{salt}:{tag}:00"), &unlock);
    assert_eq!(wrong.derivations, 1);
    assert!(matches!(wrong.result, Err(ImportError::Wrong { what: "password" })));
}

#[test]
fn an_exchange_has_limits() {
    half_is_none(Format::Cxf, "export.json", CXF);
    let none = Unlock::default();
    let refused = |text: String| refused_by_its_header(Format::Cxf, "export.json", text, &none);
    let deep = (0..100).fold("{\"items\":[]}".to_owned(), |inner, _| format!("{{\"title\":\"c\",\"subCollections\":[{inner}]}}"));
    assert!(matches!(refused(format!("{{\"exporterRpId\":\"e\",\"collections\":[{deep}]}}")), ImportError::TooLarge { what: "depth", .. }));
    let many = vec!["{\"type\":\"note\"}"; 1_001].join(",");
    let many = format!("{{\"exporterRpId\":\"e\",\"items\":[{{\"id\":\"i\",\"credentials\":[{many}]}}]}}");
    assert!(matches!(refused(many), ImportError::TooLarge { what: "credentials", .. }));
    assert!(matches!(refused(CXF.replace("\"major\":1", "\"major\":99999999999")), ImportError::Unsupported { .. }));
    let long = CXF.replace("\"value\":\"p\"", &format!("\"value\":\"{}\"", "x".repeat(300 << 10)));
    let parsed = outcome(Format::Cxf, "export.json", long, &none).result.expect("read");
    assert_eq!((parsed.entries.len(), parsed.refused[0].why), (0, "too-large"));
}

#[test]
fn a_vault_of_xpipe_follows_no_path_out_of_it() {
    let vault = tempfile::tempdir().expect("a folder");
    let outside = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(outside.path(), "-----BEGIN OPENSSH PRIVATE KEY-----\nsecret of somebody else\n").expect("written");
    let write = |path: &str, text: &str| {
        let path = vault.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("vaultkey", "id\nAAAAAAAAAAAAAAAAAAAAAA==");
    let up = format!("<DATA>/../../../../../../../../..{}", outside.path().display());
    for (name, store) in [
        ("up", serde_json::json!({"type": "ssh", "host": "h", "password": null, "identityStrategy": {"type": "file", "file": up}})),
        (
            "linked",
            serde_json::json!({"type": "ssh", "host": "i", "password": null, "identityStrategy": {"type": "file", "file": "<DATA>/link"}}),
        ),
        ("absolute", serde_json::json!({"type": "ssh", "host": "j", "identityStrategy": {"type": "file", "file": outside.path()}})),
        ("long", serde_json::json!({"type": "ssh", "host": "k".repeat(2 << 20)})),
    ] {
        write(&format!("stores/{name}/entry.json"), &format!("{{\"uuid\":\"{name}\",\"name\":\"{name}\"}}"));
        write(&format!("stores/{name}/store.json"), &store.to_string());
    }
    write("stores/deep/entry.json", &"[".repeat(5_000));
    write("data/x", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), vault.path().join("data/link")).expect("linked");
    let (source, unlock, work) = (Source::open(vault.path()).expect("open"), Unlock::default(), Work::default());
    assert_eq!(detect(&source), Some(Format::XPipe));
    let parsed = read(Format::XPipe, &Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    assert!(parsed.entries.is_empty(), "no key of anybody else");
    let mut refused: Vec<_> = parsed.refused.iter().map(|refused| refused.why).collect();
    refused.sort_unstable();
    // The link itself, and what a store says of it.
    assert_eq!(refused, ["damaged", "link", "missing-file", "missing-file", "too-large"]);
    assert_eq!((parsed.hosts.len(), work.derivations()), (3, 1));
}
