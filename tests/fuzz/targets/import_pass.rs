#![no_main]
//! A secret of a store of `pass`, decrypted.

use beffroi_import::formats::pass::entry;
use beffroi_secret::SecretBytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let entry = entry("web/shop/root", SecretBytes::new(bytes.to_vec()));
    assert_eq!((entry.origin.as_str(), entry.title.as_str()), ("web/shop/root", "root"));
    assert!(entry.attachments.iter().all(|file| !file.name.contains('/')));
});
