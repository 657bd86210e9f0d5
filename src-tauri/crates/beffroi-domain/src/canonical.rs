//! The canonical encoding: one value, one sequence of bytes. What is authenticated or sealed is encoded this way.
//!
//! An encoding is a sequence of items, each a 4-byte big-endian length and that many bytes. The first item is a tag
//! that names the kind and its version (`beffroi/target/1`), so that bytes of one kind are never taken for another.
//! Numbers are items of 8 bytes, big-endian. A list is a number of elements, then the elements.

/// Builds an encoding.
#[derive(Debug, Clone)]
pub struct Canonical(Vec<u8>);

impl Canonical {
    /// Starts an encoding of the kind named by `tag`.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        Self::with_room(tag, 128)
    }

    /// The same, with room for so many bytes before it has to grow.
    #[must_use]
    pub fn with_room(tag: &str, bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes)).bytes(tag.as_bytes())
    }

    /// Adds bytes.
    ///
    /// # Panics
    /// Never for values below 4 GiB, far above every limit of what is encoded.
    #[must_use]
    pub fn bytes(mut self, value: &[u8]) -> Self {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
        self
    }

    /// Adds text, as its UTF-8 bytes.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, value: u64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Adds a list of texts.
    #[must_use]
    pub fn texts<'a>(self, values: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let start = self.number(values.len() as u64);
        values.fold(start, Self::text)
    }

    /// Ends the encoding.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// The bytes are not a canonical encoding of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical encoding of the expected kind")]
pub struct NotCanonical;

/// Reads an encoding. Every length is checked against what is left before anything is copied.
#[derive(Debug)]
pub struct CanonicalReader<'a>(&'a [u8]);

impl<'a> CanonicalReader<'a> {
    /// Starts reading an encoding that must be of the kind named by `tag`.
    ///
    /// # Errors
    /// [`NotCanonical`] when it is of another kind.
    pub fn new(tag: &str, encoded: &'a [u8]) -> Result<Self, NotCanonical> {
        let mut reader = Self(encoded);
        if reader.bytes()? == tag.as_bytes() { Ok(reader) } else { Err(NotCanonical) }
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// [`NotCanonical`] when the encoding ends early.
    pub fn bytes(&mut self) -> Result<&'a [u8], NotCanonical> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(NotCanonical)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| NotCanonical)?;
        let (value, rest) = rest.split_at_checked(length).ok_or(NotCanonical)?;
        self.0 = rest;
        Ok(value)
    }

    /// Reads text.
    ///
    /// # Errors
    /// [`NotCanonical`] when the encoding ends early or the bytes are not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, NotCanonical> {
        std::str::from_utf8(self.bytes()?).map_err(|_| NotCanonical)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// [`NotCanonical`] when the item is not 8 bytes long.
    pub fn number(&mut self) -> Result<u64, NotCanonical> {
        self.bytes()?.try_into().map(u64::from_be_bytes).map_err(|_| NotCanonical)
    }

    /// Reads the number of elements of a list, refusing more than `most`.
    ///
    /// # Errors
    /// [`NotCanonical`] when there are more.
    pub fn count(&mut self, most: usize) -> Result<usize, NotCanonical> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= most).ok_or(NotCanonical)
    }

    /// Checks that nothing follows.
    ///
    /// # Errors
    /// [`NotCanonical`] when something does.
    pub fn finish(self) -> Result<(), NotCanonical> {
        if self.0.is_empty() { Ok(()) } else { Err(NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_fixed() {
        let encoded = Canonical::new("t/1").text("é").number(258).texts(["a"].into_iter()).finish();
        assert_eq!(encoded, b"\0\0\0\x03t/1\0\0\0\x02\xc3\xa9\0\0\0\x08\0\0\0\0\0\0\x01\x02\0\0\0\x08\0\0\0\0\0\0\0\x01\0\0\0\x01a");
    }

    #[test]
    fn boundaries_cannot_move_between_items() {
        let one = Canonical::new("t/1").text("ab").text("c").finish();
        let two = Canonical::new("t/1").text("a").text("bc").finish();
        assert_ne!(one, two);
    }

    #[test]
    fn malformed_encodings_are_refused() {
        for bad in [&b""[..], b"\0\0", b"\0\0\0\x03t/", b"\0\0\0\x03t/2", b"\xff\xff\xff\xfft/1"] {
            assert!(CanonicalReader::new("t/1", bad).is_err(), "{bad:?}");
        }
        let mut reader = CanonicalReader::new("t/1", b"\0\0\0\x03t/1\0\0\0\x01a").expect("well formed");
        assert_eq!(reader.number(), Err(NotCanonical));
        let reader = CanonicalReader::new("t/1", b"\0\0\0\x03t/1x").expect("the tag is right");
        assert_eq!(reader.finish(), Err(NotCanonical));
    }
}
