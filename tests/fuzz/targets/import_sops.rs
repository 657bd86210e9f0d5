#![no_main]
//! SOPS, in each of its layouts. What was changed never opens.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use beffroi_secret::SecretText;
use libfuzzer_sys::fuzz_target;

const IDENTITY: &str = include_str!("../../../src-tauri/crates/beffroi-import/tests/vectors/sops/identity.txt");

fuzz_target!(|bytes: &[u8]| {
    let unlock = Unlock { identities: vec![SecretText::new(IDENTITY.to_owned())], ..Unlock::default() };
    for name in ["a.yaml", "a.json", "a.env", "a.ini"] {
        import::read(Format::Sops, name, bytes, &unlock);
    }
});
