#![no_main]
//! What Vault holds, as JSON.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::HashiCorp, "kv.json", bytes, &Unlock::default());
});
