//! Text of a file, whatever program wrote it.

use std::borrow::Cow;

use crate::ImportError;
use crate::limits::{MOST_TEXT, within};

/// A file as text: UTF-8, with or without a byte order mark, or UTF-16 with one. Anything else is refused, since a password
/// that was read in a wrong encoding is a wrong password.
///
/// # Errors
/// [`ImportError::NotText`], [`ImportError::TooLarge`].
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    within("file", bytes.len() as u64, MOST_TEXT)?;
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let mut pairs = bytes.chunks_exact(2);
        let units: Vec<u16> = pairs.by_ref().map(|pair| unit([pair[0], pair[1]])).collect();
        if !pairs.remainder().is_empty() {
            return Err(ImportError::Truncated { what: "UTF-16" });
        }
        if let Some(at) = units.iter().position(|unit| *unit == 0) {
            return Err(ImportError::NotText { at: 2 + 2 * at as u64 });
        }
        String::from_utf16(&units).map(Cow::Owned).map_err(|_| ImportError::Malformed { what: "UTF-16", at: 2 })
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
            let text = std::str::from_utf8(text).map_err(|error| ImportError::NotText { at: error.valid_up_to() as u64 })?;
            // UTF-16 without its mark, or no text at all.
            if let Some(at) = text.find('\0') {
                return Err(ImportError::NotText { at: at as u64 });
            }
            Ok(Cow::Borrowed(text))
        }
    }
}

/// An address with its port, as it is typed: `web-1:2222`, `[2001:db8::1]:2222`.
pub(crate) fn with_port(address: &str, port: Option<u16>) -> String {
    match port {
        Some(port) if address.contains(':') => format!("[{address}]:{port}"),
        Some(port) => format!("{address}:{port}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_in_three_encodings() {
        for bytes in [&b"mot de passe \xc3\xa9"[..], b"\xef\xbb\xbfmot de passe \xc3\xa9"] {
            assert_eq!(decode(bytes).expect("text"), "mot de passe é");
        }
        assert_eq!(decode(b"\xff\xfea\0\xe9\0").expect("text"), "aé");
        assert_eq!(decode(b"\xfe\xff\0a\0\xe9").expect("text"), "aé");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(decode(b"ok\xe9"), Err(ImportError::NotText { at: 2 })));
        assert!(matches!(decode(b"a\0b\0"), Err(ImportError::NotText { at: 1 })));
        assert!(matches!(decode(b"\xff\xfea\0\0\0"), Err(ImportError::NotText { at: 4 })));
        assert!(matches!(decode(b"\xff\xfea"), Err(ImportError::Truncated { .. })));
        assert!(matches!(decode(b"\xff\xfe\0\xd8"), Err(ImportError::Malformed { .. })));
    }
}
