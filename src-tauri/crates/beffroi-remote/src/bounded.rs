//! A reader that ends where it was said to.

use std::io::{Error, Read, Result};

/// Ends with an error, not as if it were the end, where there is more than is looked at.
#[derive(Debug)]
pub struct Bounded<R> {
    from: R,
    left: u64,
    most: &'static str,
}

impl<R: Read> Bounded<R> {
    /// Gives `left` bytes at most; `most` says that number to people, such as `64 GiB`.
    pub fn new(from: R, left: u64, most: &'static str) -> Self {
        Self { from, left, most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.from.read(into)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| Error::other(format!("it unpacks to more than {}", self.most)))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Bounded;

    #[test]
    fn what_is_too_long_is_an_error_and_no_end() {
        let mut read = Vec::new();
        Bounded::new(&b"abc"[..], 3, "3 bytes").read_to_end(&mut read).expect("as long as it may be");
        assert_eq!(read, b"abc");
        let error = Bounded::new(&b"abcd"[..], 3, "3 bytes").read_to_end(&mut read).expect_err("one too many");
        assert_eq!(error.to_string(), "it unpacks to more than 3 bytes");
    }
}
