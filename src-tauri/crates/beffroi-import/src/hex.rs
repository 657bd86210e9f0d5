//! Hexadecimal.

/// The bytes of hexadecimal digits. None for anything else, and for half a byte.
pub(crate) fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut pairs = text.chunks_exact(2);
    let bytes = pairs.by_ref().map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect::<Option<_>>();
    bytes.filter(|_| pairs.remainder().is_empty())
}

/// Hexadecimal digits, in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Into a string, which takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
