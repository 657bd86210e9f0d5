//! DER (ITU-T X.690), as far as keys and PKCS#12 files need it: one element after the other, nothing copied, nothing beyond the
//! bytes that are there. Lengths that are not written, as BER has them, are not read.

use crate::ImportError;

/// Tags.
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const BMP: u8 = 0x1e;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// `[number]`, constructed.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Elements that are left to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Der<'a> {
    rest: &'a [u8],
    /// What they are of, for errors.
    what: &'static str,
    at: u64,
}

impl<'a> Der<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, what, at: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn malformed(&self) -> ImportError {
        ImportError::Malformed { what: self.what, at: self.at }
    }

    /// The tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element: its tag and its content.
    pub(crate) fn any(&mut self) -> Result<(u8, Self), ImportError> {
        let truncated = ImportError::Truncated { what: self.what };
        let (tag, length, header) = match *self.rest {
            [] | [_] => return Err(truncated),
            [tag, ..] if tag & 0x1f == 0x1f => return Err(self.malformed()),
            [_, 0x80, ..] => return Err(ImportError::Unsupported { what: "BER".to_owned() }),
            [tag, short, ..] if short < 0x80 => (tag, usize::from(short), 2),
            [tag, long, ref more @ ..] => {
                let count = usize::from(long & 0x7f);
                if count > 4 {
                    return Err(self.malformed());
                }
                let bytes = more.get(..count).ok_or(truncated)?;
                (tag, bytes.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte)), 2 + count)
            }
        };
        let end = header.checked_add(length).filter(|end| *end <= self.rest.len()).ok_or(ImportError::Truncated { what: self.what })?;
        let (element, rest) = self.rest.split_at(end);
        let content = Self { rest: element.get(header..).unwrap_or_default(), what: self.what, at: self.at + header as u64 };
        self.rest = rest;
        self.at += end as u64;
        Ok((tag, content))
    }

    /// The content of the next element, which has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Self, ImportError> {
        if self.peek().is_some_and(|found| found != tag) {
            return Err(self.malformed());
        }
        Ok(self.any()?.1)
    }

    /// The content of the next element, if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Self>, ImportError> {
        if self.peek() == Some(tag) { Ok(Some(self.any()?.1)) } else { Ok(None) }
    }

    pub(crate) fn sequence(&mut self) -> Result<Self, ImportError> {
        self.expect(SEQUENCE)
    }

    pub(crate) fn octets(&mut self) -> Result<&'a [u8], ImportError> {
        Ok(self.expect(OCTETS)?.rest)
    }

    /// An object identifier, as its bytes.
    pub(crate) fn oid(&mut self) -> Result<&'a [u8], ImportError> {
        Ok(self.expect(OID)?.rest)
    }

    /// A positive integer, without the zeros before it.
    pub(crate) fn positive(&mut self) -> Result<&'a [u8], ImportError> {
        let found = self.expect(INTEGER)?;
        match found.rest {
            [] => Err(found.malformed()),
            [first, ..] if first & 0x80 != 0 => Err(found.malformed()),
            bytes => Ok(bytes.get(bytes.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default()),
        }
    }

    /// An integer that counts something. One that does not fit stands for the largest that does: it is refused by whatever limit it meets.
    pub(crate) fn count(&mut self) -> Result<u64, ImportError> {
        let bytes = self.positive()?;
        if bytes.len() > 8 {
            return Ok(u64::MAX);
        }
        Ok(bytes.iter().fold(0, |count, byte| (count << 8) | u64::from(*byte)))
    }

    /// A bit string of whole bytes.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], ImportError> {
        let found = self.expect(BITS)?;
        found.rest.strip_prefix(&[0]).ok_or_else(|| found.malformed())
    }

    /// The bytes that are left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_where_they_say_and_never_after_the_bytes() {
        let mut der = Der::new("key", &[0x30, 0x05, 0x02, 0x03, 0x00, 0x01, 0x02, 0x04, 0x00]);
        let mut inside = der.sequence().expect("sequence");
        assert_eq!(inside.count().expect("integer"), 258);
        assert!(inside.is_empty());
        assert_eq!(der.octets().expect("octets"), b"");
        for broken in [&[0x30][..], &[0x30, 0x02, 0x00], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x82, 0x01]] {
            assert!(matches!(Der::new("key", broken).sequence(), Err(ImportError::Truncated { .. })), "{broken:x?}");
        }
        assert!(matches!(Der::new("key", &[0x30, 0x85, 1, 1, 1, 1, 1]).sequence(), Err(ImportError::Malformed { .. })));
        assert!(matches!(Der::new("key", &[0x30, 0x80, 0, 0]).sequence(), Err(ImportError::Unsupported { .. })));
        assert!(matches!(Der::new("key", &[0x02, 0x01, 0xff]).count(), Err(ImportError::Malformed { .. })));
        assert_eq!(Der::new("key", &[0x02, 0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0]).count().expect("integer"), u64::MAX);
    }
}
