#![no_main]
//! A KeePass database: as it comes, and inside one whose header, MACs and cipher are right.

#[path = "../../../src-tauri/crates/beffroi-import/tests/kdbx_file/mod.rs"]
#[allow(dead_code)]
mod kdbx_file;

use beffroi_import::{Format, Reading, Source, Unlock, Work, read};
use beffroi_secret::SecretText;
use kdbx_file::{CHACHA20, Made, PASSWORD};
use libfuzzer_sys::fuzz_target;

// The first byte says what the rest is: a file, a header's body, a payload of version 3 or 4, or a document of either.
fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let new = Made { cipher: CHACHA20, gzip: kind & 8 != 0, stream: 2 + u32::from(kind & 16 != 0), ..Made::default() };
    let old = Made { major: 3, minor: 1, ..new.clone() };
    let file = match kind & 7 {
        0 => rest.to_vec(),
        1 => [&[0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5], rest].concat(),
        2 => new.sealed(rest),
        3 => old.sealed(rest),
        4 => old.file(&String::from_utf8_lossy(rest)),
        _ => new.file(&String::from_utf8_lossy(rest)),
    };
    let source = Source::file("a.kdbx", file);
    let unlock = Unlock { password: Some(SecretText::new(PASSWORD.to_owned())), ..Unlock::default() };
    let work = Work::default();
    let parsed = read(Format::Kdbx, &Reading { source: &source, unlock: &unlock, work: &work });
    assert!(work.derivations() <= 1, "one key is derived at most");
    if let Ok(parsed) = parsed {
        assert_eq!(work.derivations(), 1, "nothing is read without a key");
        for attachment in parsed.entries.iter().flat_map(|entry| &entry.attachments) {
            assert!(!attachment.name.contains(['/', '\\']), "a name is no path");
        }
    }
});
