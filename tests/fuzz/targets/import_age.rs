#![no_main]
//! A file of age, for a key; and Beffroi's own JSON, which lies in one.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use beffroi_secret::SecretText;
use libfuzzer_sys::fuzz_target;

const IDENTITY: &str = include_str!("../../../src-tauri/crates/beffroi-import/tests/vectors/sops/identity.txt");

fuzz_target!(|bytes: &[u8]| {
    let unlock = Unlock { identities: vec![SecretText::new(IDENTITY.to_owned())], ..Unlock::default() };
    import::read(Format::Age, "a.age", bytes, &unlock);
    import::read(Format::BeffroiJson, "a.json", bytes, &unlock);
});
