//! PEM (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::{SecretBytes, SecretText};
use zeroize::Zeroizing;

/// Characters of a line.
const LINE: usize = 64;
/// The label of a private key (RFC 5958).
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// Bytes as PEM under a label.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    let mut text = String::with_capacity(room(label, der.len()));
    write(&mut text, label, &STANDARD.encode(der));
    text
}

/// A certificate as PEM.
#[must_use]
pub fn certificate_pem(der: &[u8]) -> String {
    pem("CERTIFICATE", der)
}

/// A private key (PKCS #8) as PEM; no copy of it is left.
#[must_use]
pub fn key_pem(der: &SecretBytes) -> SecretText {
    // Into buffers that never grow, and are wiped or protected.
    let der = der.expose();
    let mut encoded = Zeroizing::new(String::with_capacity(der.len().div_ceil(3) * 4));
    STANDARD.encode_string(der, &mut encoded);
    let mut text = String::with_capacity(room(PRIVATE_KEY, der.len()));
    write(&mut text, PRIVATE_KEY, &encoded);
    SecretText::new(text)
}

/// The key of such a PEM.
pub(crate) fn key_der(pem: &SecretText) -> Option<SecretBytes> {
    // Decoded into a protected value.
    let pem = pem.expose();
    let mut encoded = Zeroizing::new(String::with_capacity(pem.len()));
    let lines = pem.lines().map(str::trim).skip_while(|line| *line != "-----BEGIN PRIVATE KEY-----").skip(1);
    lines.take_while(|line| !line.starts_with("-----")).for_each(|line| encoded.push_str(line));
    let mut der = Zeroizing::new(vec![0; encoded.len()]);
    let length = STANDARD.decode_slice(encoded.as_bytes(), &mut der).ok()?;
    der.get(..length).filter(|der| !der.is_empty()).map(|der| SecretBytes::new(der.to_vec()))
}

fn room(label: &str, bytes: usize) -> usize {
    let encoded = bytes.div_ceil(3) * 4;
    encoded + encoded.div_ceil(LINE) + 2 * label.len() + 32
}

fn write(text: &mut String, label: &str, encoded: &str) {
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for line in encoded.as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_was_and_its_text_never_grew() {
        for length in [1, 47, 48, 49, 138, 1000] {
            let der = SecretBytes::new((0..length).map(|number: usize| number.to_le_bytes()[0]).collect());
            let text = key_pem(&der);
            // Only its size and lines are looked at.
            let lines = text.expose();
            assert!(lines.len() <= room(PRIVATE_KEY, length) && lines.lines().all(|line| line.len() <= LINE), "{length}");
            assert!(key_der(&text).is_some_and(|read| read.same_as(&der)), "{length}");
        }
        for none in ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n"] {
            assert!(key_der(&SecretText::new(none.to_owned())).is_none());
        }
    }
}
