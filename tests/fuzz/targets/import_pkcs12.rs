#![no_main]
//! PKCS#12 files.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Pkcs12, "a.p12", bytes, &Unlock::default());
});
