//! Key files: generated ones only, so that nobody's key is a picture that an application rewrites one day.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::SecretBytes;
use zeroize::Zeroizing;

use crate::crypto::NoRandomness;

/// Bytes of the longest file that is looked at.
pub(crate) const MOST_BYTES: usize = 4096;
const FIRST_LINE: &[u8] = b"beffroi-key-file-1\n";
const KEY: usize = 64;
/// 64 bytes in base64, with padding.
const ENCODED: usize = 88;

/// The second factor of a slot of kind [`crate::SlotKind::PassphraseKeyFile`].
///
/// The file is the line `beffroi-key-file-1`, then 64 random bytes in base64, then a newline: 108 bytes.
#[derive(Debug, Clone, Copy)]
pub struct KeyFile;

/// The bytes are not those of a generated key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeyFile {
    /// It is longer than any key file.
    #[error("longer than {most} bytes")]
    TooLong {
        /// The limit, in bytes.
        most: usize,
    },
    /// Its first line is not that of a key file.
    #[error("the first line is not that of a key file")]
    Kind,
    /// It begins like a key file, but was changed or cut.
    #[error("the key file was changed or cut")]
    Damaged,
}

impl KeyFile {
    /// Makes the content of a new key file. Write it where only its owner reads it.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn make() -> Result<SecretBytes, NoRandomness> {
        let mut key = Zeroizing::new([0; KEY]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| NoRandomness)?;
        Ok(Self::encode(&key))
    }

    pub(crate) fn encode(key: &[u8; KEY]) -> SecretBytes {
        let mut encoded = Zeroizing::new([0; ENCODED]);
        let written = STANDARD.encode_slice(key, encoded.as_mut_slice());
        debug_assert_eq!(written, Ok(ENCODED));
        // One buffer of the final size, so that it leaves no copies behind.
        let mut content = Vec::with_capacity(FIRST_LINE.len() + ENCODED + 1);
        content.extend_from_slice(FIRST_LINE);
        content.extend_from_slice(encoded.as_slice());
        content.push(b'\n');
        SecretBytes::new(content)
    }

    /// Checks that a file's content is what [`KeyFile::make`] gives.
    ///
    /// # Errors
    /// [`NotAKeyFile`] for anything else, down to another line ending.
    pub fn check(content: &SecretBytes) -> Result<(), NotAKeyFile> {
        // exposed to be compared with what it must look like
        let bytes = content.expose();
        if bytes.len() > MOST_BYTES {
            return Err(NotAKeyFile::TooLong { most: MOST_BYTES });
        }
        let encoded = bytes.strip_prefix(FIRST_LINE).ok_or(NotAKeyFile::Kind)?;
        let encoded = encoded.strip_suffix(b"\n").filter(|encoded| encoded.len() == ENCODED).ok_or(NotAKeyFile::Damaged)?;
        // The decoder asks for room in whole groups of three bytes.
        let mut key = Zeroizing::new([0; KEY + 2]);
        match STANDARD.decode_slice(encoded, key.as_mut_slice()) {
            Ok(KEY) => Ok(()),
            _ => Err(NotAKeyFile::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> Result<(), NotAKeyFile> {
        KeyFile::check(&SecretBytes::new(bytes.to_vec()))
    }

    #[test]
    fn a_made_file_is_one_and_no_two_are_the_same() {
        let one = KeyFile::make().expect("random bytes");
        assert_eq!(KeyFile::check(&one), Ok(()));
        assert!(!one.same_as(&KeyFile::make().expect("random bytes")));
    }

    #[test]
    fn whatever_was_not_made_is_refused() {
        let good = KeyFile::encode(&[7; KEY]).expose().clone();
        assert_eq!(check(&good), Ok(()));
        let text = String::from_utf8(good.clone()).expect("text");
        for (what, bytes, expected) in [
            ("nothing", Vec::new(), NotAKeyFile::Kind),
            ("a picture", b"\x89PNG\r\n\x1a\n".to_vec(), NotAKeyFile::Kind),
            ("a newer version", text.replace("file-1", "file-2").into_bytes(), NotAKeyFile::Kind),
            ("Windows line ends", text.replace('\n', "\r\n").into_bytes(), NotAKeyFile::Kind),
            ("no final newline", text.trim_end().as_bytes().to_vec(), NotAKeyFile::Damaged),
            ("a line more", format!("{text}\n").into_bytes(), NotAKeyFile::Damaged),
            ("no padding", text.replace("==", "").into_bytes(), NotAKeyFile::Damaged),
            ("bits that decode to nothing", text.replace("w==", "x==").into_bytes(), NotAKeyFile::Damaged),
            ("another alphabet", text.replacen("Bw", "_w", 1).into_bytes(), NotAKeyFile::Damaged),
            ("far too long", vec![b'x'; 1 << 20], NotAKeyFile::TooLong { most: 4096 }),
        ] {
            assert_ne!(bytes, good, "{what} is another file");
            assert_eq!(check(&bytes), Err(expected), "{what}");
        }
        for length in 0..good.len() {
            assert!(check(&good[..length]).is_err(), "cut at {length}");
        }
    }
}
