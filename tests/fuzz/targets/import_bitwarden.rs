#![no_main]
//! Exports of Bitwarden. A protected one ends where its password would be needed: what is inside is read as a plain one.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Bitwarden, "bitwarden.json", bytes, &Unlock::default());
});
