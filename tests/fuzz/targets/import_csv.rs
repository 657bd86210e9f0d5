#![no_main]
//! Separated values. What is read is the same when it was written in between.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(parsed) = import::read(Format::Csv, "export.csv", bytes, &Unlock::default()) else { return };
    let written = write::csv::write(&parsed).expect("into memory");
    let again = import::read(Format::Csv, "again.csv", &written, &Unlock::default()).expect("what was written");
    assert_eq!(parsed.entries.len(), again.entries.len());
    for (one, other) in parsed.entries.iter().zip(&again.entries) {
        assert_eq!(
            (&one.origin, &one.path, &one.title, &one.user, one.kind),
            (&other.origin, &other.path, &other.title, &other.user, other.kind)
        );
        assert_eq!(import::value(one), import::value(other));
        assert_eq!(one.fields.len(), other.fields.len());
    }
});
