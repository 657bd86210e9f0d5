#![no_main]
//! Files that people exchange: identity cards, key files, a person's stored keys.

use beffroi_secret::SecretBytes;
use beffroi_vault::{IdentityCard, IdentityKeys, KeyFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(card) = IdentityCard::from_text(text)
    {
        let again = card.to_text();
        let read = IdentityCard::from_text(&again);
        assert!(read.is_ok_and(|read| read.to_text() == again && read.fingerprint() == card.fingerprint()));
        assert!(card.verify(b"message", &[0; 64]).is_err(), "nobody signed");
    }
    let content = SecretBytes::new(bytes.to_vec());
    let _ = KeyFile::check(&content);
    if let Ok(keys) = IdentityKeys::from_bytes(&content) {
        assert!(keys.to_bytes().same_as(&content));
    }
});
