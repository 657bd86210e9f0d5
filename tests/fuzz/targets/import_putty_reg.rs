#![no_main]
//! An export of the registry, with sessions and keys of hosts of PuTTY.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(parsed) = import::read(Format::PuttyReg, "putty.reg", bytes, &Unlock::default()) {
        assert!(parsed.hosts.iter().all(|host| !host.address.is_empty()));
    }
});
