#![no_main]
//! Credential Exchange Format.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Cxf, "export.json", bytes, &Unlock::default());
});
