#![no_main]
//! Profiles of Remmina, with a secret: as they come, which may be an archive of them, and with what is in one well hidden.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use beffroi_secret::SecretBytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let secret = SecretBytes::new(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_vec());
    let unlock = Unlock { key_file: Some(secret), ..Unlock::default() };
    import::read(Format::Remmina, "web.remmina", bytes, &unlock);
    import::read(Format::Remmina, "web.remmina", bytes, &Unlock { key_file: Some(SecretBytes::new(bytes.to_vec())), ..Unlock::default() });
});
