//! Types for secret values: no `Deref`, no `Serialize`, no `Display`, a redacted `Debug`, wiped on drop.
//!
//! A value leaves its wrapper only through [`Secret::expose`]; every call of it carries a comment that says
//! where the value goes. What is deliberately missing: conversion back to a plain value, `PartialEq`
//! (use [`SecretBytes::same_as`], which takes constant time), `Clone` for keys.
//!
//! A [`SecretKey`] lies in a locked page. [`SecretText`] and [`SecretBytes`] are ordinary heap values: wiped on drop,
//! but under memory pressure the system may write them to swap, and a core dump holds them. They live for one call; what
//! makes up for the rest is encrypted swap and a process that leaves no dump.

mod key;
mod page;
mod wiping;

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

pub use key::SecretKey;
pub use page::keys_are_locked;
pub use wiping::WipingAllocator;

/// A value that is wiped when dropped and never printed.
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// A passphrase, password or private key in text form.
pub type SecretText = Secret<String>;
/// Secret bytes of any length.
pub type SecretBytes = Secret<Vec<u8>>;

impl<T: Zeroize> Secret<T> {
    /// Takes a value under protection. Copies made before this call are the caller's to wipe.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Gives sight of the value. Say in a comment at the call where it goes and why.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl SecretText {
    /// Copies the text into a second protected value.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::new(self.0.to_string())
    }

    /// Gives the text as protected bytes.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        Secret::new(self.0.as_bytes().to_vec())
    }
}

impl SecretBytes {
    /// Copies the bytes into a second protected value.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::new(self.0.to_vec())
    }

    /// Compares in time that depends on the lengths only.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    /// Reads the bytes as UTF-8 text, or gives them back when they are not.
    ///
    /// # Errors
    /// The same bytes, still protected, when they are not UTF-8.
    pub fn into_text(self) -> Result<SecretText, Self> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Ok(Secret::new(text.to_owned())),
            Err(_) => Err(self),
        }
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(withheld)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let secret = SecretText::new("canary-9f2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(withheld)");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(Secret(withheld))");
    }

    #[test]
    fn comparison_looks_at_every_byte() {
        let one = SecretBytes::new(vec![1, 2, 3]);
        assert!(one.same_as(&SecretBytes::new(vec![1, 2, 3])));
        assert!(!one.same_as(&SecretBytes::new(vec![1, 2, 4])));
        assert!(!one.same_as(&SecretBytes::new(vec![1, 2])));
    }

    #[test]
    fn bytes_that_are_not_text_stay_protected_bytes() {
        assert!(SecretBytes::new(vec![0xff, 0xfe]).into_text().is_err());
        assert_eq!(SecretBytes::new(b"abc".to_vec()).into_text().map(|t| t.expose().clone()).ok().as_deref(), Some("abc"));
    }
}
