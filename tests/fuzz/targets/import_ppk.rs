#![no_main]
//! Private keys of PuTTY.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Keys, "id.ppk", bytes, &Unlock::default());
});
