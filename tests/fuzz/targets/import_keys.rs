#![no_main]
//! Private keys in PEM and of OpenSSH. What is stored of one is read again, as the same key.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(parsed) = import::read(Format::Keys, "id", bytes, &Unlock::default()) else { return };
    for entry in &parsed.entries {
        let again = import::read(Format::Keys, "id", import::value(entry).as_bytes(), &Unlock::default()).expect("what is stored");
        assert_eq!(again.entries.iter().map(import::value).collect::<Vec<_>>(), [import::value(entry)]);
    }
});
