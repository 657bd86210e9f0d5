#![no_main]
//! Bookmarks of electerm: as they come, and what is sealed without anything that would open it.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Electerm, "bookmarks.json", bytes, &Unlock::default());
});
