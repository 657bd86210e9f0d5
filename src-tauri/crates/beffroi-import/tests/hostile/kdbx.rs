//! Databases of KeePass that somebody made to do harm, or that are damaged.

use std::io::Write;

use beffroi_import::{Format, ImportError, Unlock};
use beffroi_secret::{SecretBytes, SecretText};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::kdbx_file::{ARGON2D, ARGON2ID, CHACHA20, Made, PASSWORD, TWOFISH, document, hider};
use crate::{Outcome, outcome, refused_by_its_header};

fn unlock() -> Unlock {
    Unlock { password: Some(SecretText::new(PASSWORD.to_owned())), ..Unlock::default() }
}

fn refused(file: Vec<u8>) -> ImportError {
    refused_by_its_header(Format::Kdbx, "a.kdbx", file, &unlock())
}

fn opened(file: impl Into<Vec<u8>>) -> Outcome {
    outcome(Format::Kdbx, "a.kdbx", file, &unlock())
}

/// An entry, its password hidden already.
fn entry(title: &str, hidden: &str) -> String {
    format!(
        "<Entry><String><Key>Title</Key><Value>{title}</Value></String>\
         <String><Key>Password</Key><Value Protected=\"True\">{hidden}</Value></String></Entry>"
    )
}

/// One of each version, each with a password that comes out.
fn good() -> [(Made, Vec<u8>); 4] {
    let old = Made { major: 3, minor: 1, stream: 2, ..Made::default() };
    let argon = Made { cipher: CHACHA20, kdf: ARGON2ID, lanes: 2, ..Made::default() };
    let plain = Made { cipher: TWOFISH, kdf: ARGON2D, gzip: false, minor: 0, ..Made::default() };
    [old, argon, plain, Made::default()].map(|made| {
        let file = made.file(&document("", &entry("one", &hider(made.stream)("secret"))));
        (made, file)
    })
}

#[test]
fn what_is_made_here_is_read() {
    for (_, file) in good() {
        let outcome = opened(file);
        assert_eq!(outcome.derivations, 1);
        let parsed = outcome.result.expect("read");
        assert_eq!(parsed.entries[0].value.as_ref().map(|value| value.expose().as_str()), Some("secret"));
    }
}

#[test]
fn wherever_it_is_cut_off_nothing_of_it_is_read() {
    for (made, file) in good() {
        for length in (0..file.len()).filter(|length| length % 7 == 0 || *length > file.len() - 80) {
            let outcome = opened(&file[..length]);
            let error = outcome.result.err().unwrap_or_else(|| panic!("{} of {} bytes were read", length, file.len()));
            if made.major == 4 {
                assert_eq!(outcome.derivations, 0, "{length}: it is seen without a key");
            }
            assert!(!matches!(error, ImportError::Io { .. }), "{error}");
        }
    }
}

#[test]
fn whatever_bit_is_flipped_is_noticed() {
    for (made, file) in good() {
        // The comment at the end of a header says nothing in version 3, where no MAC covers it either.
        let read_anyway = (0..file.len()).filter(|at| at % 3 == 0).filter(|at| {
            let mut file = file.clone();
            file[*at] ^= 1 << (at % 8);
            opened(file).result.is_ok()
        });
        let most = if made.major == 3 { 12 } else { 0 };
        assert!(read_anyway.count() <= most, "KDBX {}.{}", made.major, made.minor);
    }
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    let other = Unlock { password: Some(SecretText::new("other".to_owned())), ..Unlock::default() };
    for (made, file) in good() {
        let error = outcome(Format::Kdbx, "a.kdbx", file.clone(), &other).result.expect_err("wrong");
        assert!(matches!(error, ImportError::Wrong { what: "password" }), "{error}");
        let mut damaged = file.clone();
        let at = file.len() - if made.major == 3 { 40 } else { 60 };
        damaged[at] ^= 1;
        let error = opened(damaged).result.expect_err("damaged");
        assert!(matches!(error, ImportError::Altered { .. }), "{error}");
        let locked = refused_by_its_header(Format::Kdbx, "a.kdbx", file, &Unlock::default());
        assert!(matches!(locked, ImportError::Locked { what: "password" }));
    }
}

#[test]
fn costs_and_kinds_are_refused_by_the_header() {
    type Change = fn(&mut Made);
    let made = |change: Change| {
        let mut made = Made { kdf: ARGON2ID, ..Made::default() };
        let file = made.file(&document("", ""));
        // Only its header is another one: nothing costly is done to make it.
        change(&mut made);
        splice(&made, &file)
    };
    let expensive: [(&str, Change); 4] = [
        ("Argon2 M", |made| made.memory = 1 << 42),
        ("Argon2 M", |made| made.memory = u64::MAX),
        ("Argon2 I", |made| made.rounds = u64::MAX),
        ("Argon2 P", |made| made.lanes = u32::MAX),
    ];
    for (parameter, change) in expensive {
        let error = refused(made(change));
        assert!(matches!(error, ImportError::TooExpensive { what, .. } if what == parameter), "{error}");
    }
    for (major, minor) in [(3, 1), (4, 1)] {
        let cheap = Made { major, minor, ..Made::default() };
        let dear = Made { rounds: u64::MAX, ..cheap.clone() };
        let error = refused(splice(&dear, &cheap.file(&document("", ""))));
        assert!(matches!(error, ImportError::TooExpensive { what: "TransformRounds", .. }), "{error}");
    }
    for change in [(|made| made.memory = 0) as Change, |made| made.lanes = 0, |made| made.rounds = 0, |made| made.lanes = 60] {
        assert!(matches!(refused(made(change)), ImportError::Malformed { what: "KdfParameters", .. }));
    }
    for change in [(|made| made.major = 5) as Change, |made| made.major = 2, |made| made.cipher = 1, |made| made.kdf = 1] {
        let error = refused(made(change));
        assert!(matches!(error, ImportError::Unsupported { .. }), "{error}");
    }
    let old = refused([&[0x03, 0xd9, 0xa2, 0x9a, 0x65, 0xfb, 0x4b, 0xb5][..], &[0; 200]].concat());
    assert!(matches!(old, ImportError::Unsupported { ref what } if what.contains("KDB")), "{old}");
    let long = refused(made(|made| made.extra.push((12, vec![0; 2 << 20]))));
    assert!(matches!(long, ImportError::TooLarge { what: "header", .. }), "{long}");
}

/// A file with the header of another: its hash is right, its MAC is not.
fn splice(made: &Made, file: &[u8]) -> Vec<u8> {
    let header = made.header();
    let body = &file[file.windows(4).position(|end| end == b"\r\n\r\n").expect("a header") + 4..];
    if made.major == 3 { [&header, body].concat() } else { [&header[..], &Sha256::digest(&header), &body[32..]].concat() }
}

#[test]
fn a_field_that_says_it_is_giant_is_refused() {
    for (_, file) in good() {
        let mut file = file;
        file.splice(12..17, [2, 0xff, 0xff, 0xff, 0x7f]);
        let error = refused(file);
        assert!(matches!(error, ImportError::Truncated { what: "header" }), "{error}");
    }
}

#[test]
fn a_bomb_inside_a_file_that_is_right_holds_nothing() {
    // 300 MiB of zeros, in less than one.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let zeros = vec![0; 1 << 20];
    for _ in 0..300 {
        gzip.write_all(&zeros).expect("into memory");
    }
    let bomb = gzip.finish().expect("into memory");
    for (major, minor) in [(3, 1), (4, 1)] {
        let made = Made { major, minor, ..Made::default() };
        let outcome = opened(made.sealed(&bomb));
        let error = outcome.result.expect_err("a bomb");
        assert!(matches!(error, ImportError::TooLarge { what: "gzip", .. }), "{error}");
        assert!(outcome.inflated < 200 << 20);
    }
    // As a file inside the document of version 3, where nothing else is compressed.
    let made = Made { major: 3, minor: 1, gzip: false, ..Made::default() };
    let binary = base64(&bomb);
    let error = opened(made.file(&document(&format!("<Binaries><Binary ID=\"0\" Compressed=\"True\">{binary}</Binary></Binaries>"), "")));
    // More than an attachment may be: that file is left out, and nothing asks for it.
    assert!(error.inflated <= (16 << 20) + (16 << 10) && error.result.is_ok());
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn documents_that_nest_or_repeat_without_end_are_refused() {
    let plain = Made { gzip: false, ..Made::default() };
    let read = |xml: String| opened(plain.file(&xml)).result;
    let deep = format!("{}{}", "<Group>".repeat(10_000), "</Group>".repeat(10_000));
    assert!(matches!(read(document("", &deep)), Err(ImportError::TooLarge { what: "Group", .. })));
    let deep = format!("{}{}", "<x>".repeat(10_000), "</x>".repeat(10_000));
    assert!(matches!(read(document("", &deep)), Err(ImportError::TooLarge { what: "depth", .. })));
    assert!(matches!(read(document("", &"<Group/>".repeat(100_001))), Err(ImportError::TooLarge { what: "Group", .. })));
    assert!(matches!(read(document("", &"<Entry/>".repeat(100_001))), Err(ImportError::TooLarge { what: "Entry", .. })));
    // Long names, over and over.
    let name = "n".repeat(4000);
    let nested = format!("{}{}", format!("<Group><Name>{name}</Name>").repeat(60), "</Group>".repeat(60));
    assert!(read(document("", &nested.repeat(10))).is_ok(), "no entry takes them");
    let innermost = format!("{}{}{}", format!("<Group><Name>{name}</Name>").repeat(60), "<Entry/>".repeat(1000), "</Group>".repeat(60));
    assert!(matches!(read(document("", &innermost)), Err(ImportError::TooLarge { what: "Group", .. })));
    // One file, used again and again.
    let used = "<Binary><Key>f</Key><Value Ref=\"0\"/></Binary>".repeat(100);
    let made = Made { files: vec![vec![0; 4 << 20]], gzip: false, ..Made::default() };
    let error = opened(made.file(&document("", &format!("<Entry>{used}</Entry>")))).result.expect_err("too much");
    assert!(matches!(error, ImportError::TooLarge { what: "Binaries", .. }), "{error}");
}

#[test]
fn references_that_lead_in_circles_or_multiply_stay_as_they_are() {
    let text = |name: &str, value: &str| format!("<String><Key>{name}</Key><Value>{value}</Value></String>");
    let one = "<UUID>AAAAAAAAAAAAAAAAAAAAAg==</UUID>";
    let to_itself = format!("<Entry>{one}{}{}</Entry>", text("Title", "a"), text("Password", "{REF:P@I:00000000000000000000000000000002}"));
    let parsed = opened(Made::default().file(&document("", &to_itself))).result.expect("read");
    assert_eq!(parsed.entries[0].value.as_ref().map(|value| value.expose().as_str()), Some("{REF:P@I:00000000000000000000000000000002}"));
    let notices: Vec<_> = parsed.notices.iter().map(|notice| (notice.key, notice.what.as_str())).collect();
    assert_eq!(notices, [("kept-reference", "a"), ("weak-kdf", "")]);

    let long = format!("<Entry>{one}{}</Entry>", text("Notes", &"x".repeat(200 << 10)));
    let reference = "{REF:N@I:00000000000000000000000000000002}";
    let many = format!("<Entry>{}{}</Entry>", text("Title", "b"), text("Notes", &reference.repeat(3)));
    let made = Made { gzip: false, ..Made::default() };
    let parsed = opened(made.file(&document("", &format!("{long}{}", many.repeat(100))))).result.expect("read");
    let total: usize = parsed.entries.iter().filter_map(|entry| entry.notes.as_ref()).map(|notes| notes.expose().len()).sum();
    assert!(total < 40 << 20, "{total}");
    assert_eq!(parsed.notices.iter().filter(|notice| notice.key == "kept-reference").count(), 100, "only one of three fits");
    for broken in ["{REF:", "{REF:P", "{REF:P@I:zz}", "{REF:P@T:a}", "{REF:P@I:00000000000000000000000000000009}", "{{REF:}}"] {
        let entry = format!("<Entry>{}{}</Entry>", text("Title", "c"), text("Password", broken));
        let parsed = opened(Made::default().file(&document("", &entry))).result.expect("read");
        assert_eq!(parsed.entries[0].value.as_ref().map(|value| value.expose().as_str()), Some(broken));
    }
}

#[test]
fn what_is_too_long_is_left_out_and_told() {
    let made = Made { files: vec![vec![1; (16 << 20) + 1], b"fits".to_vec()], gzip: false, ..Made::default() };
    let notes = "n".repeat((256 << 10) + 1);
    let entry = format!(
        "<Entry><String><Key>Title</Key><Value>t</Value></String><String><Key>Notes</Key><Value>{notes}</Value></String>\
         <Binary><Key>../../etc/big</Key><Value Ref=\"0\"/></Binary><Binary><Key>C:\\x\\fits</Key><Value Ref=\"1\"/></Binary>\
         <Binary><Key>none</Key><Value Ref=\"2\"/></Binary></Entry>"
    );
    let parsed = opened(made.file(&document("", &entry))).result.expect("read");
    let mut refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
    refused.sort_unstable();
    assert_eq!(refused, [("t: Notes", "too-large"), ("t: big", "too-large"), ("t: none", "missing-file")]);
    assert_eq!(parsed.entries[0].attachments[0].name, "fits");
    let one = format!("<Entry><String><Key>Title</Key><Value>{}</Value></String></Entry>", "v".repeat(9 << 20));
    let error = opened(Made { gzip: false, ..Made::default() }.file(&document("", &one))).result.expect_err("too long");
    assert!(matches!(error, ImportError::TooLarge { what: "Value", .. }), "{error}");
}

#[test]
fn xml_that_is_no_document_is_refused() {
    let doctype = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><KeePassFile/>";
    let read = |xml: &str| opened(Made::default().file(xml)).result.expect_err("refused");
    assert!(matches!(read(doctype), ImportError::Unsupported { ref what } if what == "DOCTYPE"));
    let entity = document("", "<Entry><String><Key>Title</Key><Value>&b;</Value></String></Entry>");
    assert!(matches!(read(&entity), ImportError::Malformed { what: "entity", .. }));
    for broken in ["", "text", "<KeePassFile>", "<a/>", "<KeePassFile></Meta></KeePassFile>", "<KeePassFile/><KeePassFile/>", "\u{0}"] {
        let error = read(broken);
        assert!(matches!(error, ImportError::Malformed { .. } | ImportError::Truncated { .. }), "{broken}: {error}");
    }
    // UTF-16 is no encoding of it.
    let wide: Vec<u8> = document("", "").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(opened(Made { major: 3, minor: 1, ..Made::default() }.sealed(&wide)).result.is_err());
    let bad = document("", &entry("t", "not base64!"));
    assert!(matches!(read(&bad), ImportError::Malformed { what: "base64", .. }));
}

#[test]
fn bad_key_files_are_refused_before_a_key_is_derived() {
    let (_, file) = good().into_iter().next_back().expect("one");
    let with = |key: &str| {
        let key_file = Some(SecretBytes::new(key.as_bytes().to_vec()));
        refused_by_its_header(Format::Kdbx, "a.kdbx", file.clone(), &Unlock { key_file, ..unlock() })
    };
    let xml = |version: &str, attributes: &str, data: &str| {
        format!("<KeyFile><Meta><Version>{version}</Version></Meta><Key><Data{attributes}>{data}</Data></Key></KeyFile>")
    };
    let digits = "A7007945D07D54BA28DF6434 1B4500FC9750DFB1D36ADA2D9C32DC19 4C7AB01B";
    assert!(matches!(with(&xml("2.0", " Hash=\"00000000\"", digits)), ImportError::Altered { what: "KeyFile Hash" }));
    assert!(matches!(with(&xml("2.0", "", "ABCD")), ImportError::Malformed { what: "KeyFile", .. }));
    assert!(matches!(with(&xml("1.00", "", "not base64")), ImportError::Malformed { what: "KeyFile", .. }));
    assert!(matches!(with(&xml("3.0", "", digits)), ImportError::Unsupported { .. }));
    // Any other file is a key, and here a wrong one.
    for other in ["", "<KeyFile>", "<html></html>", "0123"] {
        let key_file = Some(SecretBytes::new(other.as_bytes().to_vec()));
        let error = outcome(Format::Kdbx, "a.kdbx", file.clone(), &Unlock { key_file, ..unlock() }).result.expect_err("wrong");
        assert!(matches!(error, ImportError::Wrong { .. }), "{error}");
    }
}
