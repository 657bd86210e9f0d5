#![no_main]
//! Archives that an operator brings as images: whatever they are, listing them ends.

use beffroi_lxc::image::listed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = listed(bytes);
});
