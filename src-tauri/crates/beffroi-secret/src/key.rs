//! A symmetric key in a page of its own.

use std::fmt;

use zeroize::Zeroize;

use crate::page::Page;

/// Bytes of a key.
pub(crate) const KEY: usize = 32;

/// A symmetric key of 32 bytes, wiped on drop and never printed.
///
/// It lies in a memory page of its own that is not written to swap, is left out of core dumps and is not there in a forked
/// child, as far as the system allows; [`keys_are_locked`](crate::keys_are_locked) says whether it did. A key takes 4 KiB
/// and a few system calls: it is for keys that live, not for the parts of a long value.
pub struct SecretKey(Page);

impl SecretKey {
    /// Takes a key under protection and wipes the array that was passed. Copies made before this call are the caller's
    /// to wipe. Never fails: without a page, the key is an ordinary heap value, wiped all the same.
    #[must_use]
    pub fn new(mut bytes: [u8; KEY]) -> Self {
        let mut page = Page::make();
        page.bytes_mut().copy_from_slice(&bytes);
        bytes.zeroize();
        Self(page)
    }

    /// Gives sight of the key. Say in a comment at the call where it goes and why.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY] {
        self.0.bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(withheld)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_its_bytes_and_debug_does_not() {
        let key = SecretKey::new([0x5a; KEY]);
        assert_eq!(key.expose(), &[0x5a; KEY]);
        assert_eq!(format!("{key:?}"), "Secret(withheld)");
    }

    #[test]
    fn keys_do_not_share_memory() {
        let keys: Vec<SecretKey> = (0..100).map(|n| SecretKey::new([n; KEY])).collect();
        for (n, key) in (0..).zip(&keys) {
            assert_eq!(key.expose(), &[n; KEY]);
        }
    }
}
