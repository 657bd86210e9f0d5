#![no_main]
//! `.env`. What is read is the same when it was written in between.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(parsed) = import::read(Format::Env, ".env", bytes, &Unlock::default()) else { return };
    let written = write::env::write(&parsed).expect("no text of a file has a NUL");
    let again = import::read(Format::Env, ".env", &written, &Unlock::default()).expect("what was written");
    assert!(parsed.entries.iter().map(import::value).eq(again.entries.iter().map(import::value)));
});
