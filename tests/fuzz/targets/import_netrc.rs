#![no_main]
//! `.netrc`.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Netrc, ".netrc", bytes, &Unlock::default());
});
