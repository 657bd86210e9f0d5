#![no_main]
//! `WinSCP.ini`, and what Towerify keeps, which is INI as well.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::WinScp, "WinSCP.ini", bytes, &Unlock::default());
    import::read(Format::Towerify, "config.ini", bytes, &Unlock::default());
});
