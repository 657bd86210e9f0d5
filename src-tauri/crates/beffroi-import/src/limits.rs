//! What is done for a file from outside, at most.

use std::cell::Cell;
use std::io::Read;

use zeroize::Zeroizing;

use crate::ImportError;

/// Bytes of a file.
pub const MOST_FILE: u64 = 256 << 20;
/// Bytes of a file of text that is read as a whole: JSON, YAML, CSV, XML.
pub const MOST_TEXT: u64 = 64 << 20;
/// Bytes that all that is compressed in one file may inflate to.
pub const MOST_INFLATED: u64 = 512 << 20;
/// How many times larger than what it was something may become that inflates to more than [`FREE_INFLATION`].
pub const MOST_RATIO: u64 = 200;
/// Bytes that may come out of anything.
pub const FREE_INFLATION: u64 = 1 << 20;
/// Entries of a file.
pub const MOST_ENTRIES: usize = 100_000;
/// Bytes of the names of everything in a file together: titles, groups, marks, what it is found again by. A short file may
/// repeat a long name with each of many entries.
pub const MOST_NAMES: u64 = 24 << 20;
/// How deep anything nests.
pub const MOST_DEPTH: usize = 64;
/// Bytes of one attachment.
pub const MOST_ATTACHMENT: u64 = 16 << 20;
/// Bytes of one value: a password, a key, a note.
pub const MOST_VALUE: usize = 256 << 10;
/// Files of a folder.
pub const MOST_FILES: usize = 20_000;

/// Memory of an Argon2, in KiB.
pub const MOST_ARGON2_KIB: u64 = 1 << 20;
/// Passes of an Argon2 times its memory in KiB: about ten seconds of one core.
pub const MOST_ARGON2_WORK: u64 = 20 << 20;
/// Lanes of an Argon2.
pub const MOST_ARGON2_LANES: u64 = 64;
/// Rounds of a PBKDF2.
pub const MOST_PBKDF2: u64 = 20_000_000;
/// Rounds of AES-KDF (KeePass).
pub const MOST_AES_KDF: u64 = 500_000_000;
/// log2 of an scrypt's N.
pub const MOST_SCRYPT_LOG_N: u64 = 20;
/// Rounds of a bcrypt-pbkdf (OpenSSH).
pub const MOST_BCRYPT: u64 = 2_000;

/// How often the greatest cost of one key all keys of a source may have together: about a minute of one core.
pub const MOST_KEYS: u64 = 6;
/// Parts that the greatest cost of one key is counted in.
const PARTS: u64 = 1_000_000;

/// What reading cost: keys that were derived, bytes that were inflated. A file that is refused by its header leaves both at
/// nothing, and tests look.
#[derive(Debug, Default)]
pub struct Work {
    derivations: Cell<u64>,
    /// In parts of the greatest cost of one key.
    spent: Cell<u64>,
    inflated: Cell<u64>,
}

impl Work {
    /// How many keys were derived.
    pub fn derivations(&self) -> u64 {
        self.derivations.get()
    }

    /// How many bytes came out of what was compressed.
    pub fn inflated(&self) -> u64 {
        self.inflated.get()
    }

    /// Called right before a key is derived, after its parameters were checked: what it costs of the most that one may cost, as
    /// the format counts it.
    ///
    /// # Errors
    /// [`ImportError::TooExpensive`] when all keys together cost more than is done for one source: a folder of files that are each just
    /// cheap enough would run for days.
    pub fn derives(&self, what: &'static str, cost: u64, most: u64) -> Result<(), ImportError> {
        let times = |one: u64, other: u64, by: u64| u64::try_from((u128::from(one) * u128::from(other)).div_ceil(u128::from(by.max(1))));
        let spent = self.spent.get().saturating_add(times(cost, PARTS, most).unwrap_or(u64::MAX));
        if spent > MOST_KEYS * PARTS {
            let found = times(spent, most, PARTS).unwrap_or(u64::MAX);
            return Err(ImportError::TooExpensive { what, found, most: MOST_KEYS.saturating_mul(most) });
        }
        self.spent.set(spent);
        self.derivations.set(self.derivations.get() + 1);
        Ok(())
    }

    fn may_inflate(&self, compressed: u64) -> u64 {
        MOST_INFLATED.saturating_sub(self.inflated.get()).min(FREE_INFLATION.max(compressed.saturating_mul(MOST_RATIO)))
    }

    /// Counts what a decompressor gives, of `compressed` bytes, within the limits of one file, and holds none of it: for what
    /// is then read a second time, as a stream, without a limit of its own.
    ///
    /// # Errors
    /// As [`Work::inflate`].
    pub fn measure(&self, what: &'static str, compressed: u64, mut from: impl Read) -> Result<u64, ImportError> {
        let (most, mut found) = (self.may_inflate(compressed), 0);
        let mut piece = Zeroizing::new([0_u8; 16 << 10]);
        loop {
            let count = from.read(piece.as_mut_slice()).map_err(|_| ImportError::Malformed { what, at: found })? as u64;
            if count == 0 {
                return Ok(found);
            }
            found += count;
            self.inflated.set(self.inflated.get() + count);
            within(what, found, most)?;
        }
    }

    /// Reads what a decompressor gives, of `compressed` bytes, within the limits of one file.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] as soon as too much comes out; [`ImportError::Malformed`] for what does not inflate.
    pub fn inflate(&self, what: &'static str, compressed: u64, mut from: impl Read) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let most = self.may_inflate(compressed);
        // Grown by doubling, old pieces wiped by the vector's own copy below.
        let mut all = Zeroizing::new(Vec::with_capacity(usize::try_from(compressed.saturating_mul(2).min(most)).unwrap_or(0)));
        let mut piece = Zeroizing::new([0_u8; 16 << 10]);
        loop {
            let count = from.read(piece.as_mut_slice()).map_err(|_| ImportError::Malformed { what, at: all.len() as u64 })?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { return Ok(all) };
            self.inflated.set(self.inflated.get() + count as u64);
            let found = (all.len() + count) as u64;
            if found > most {
                return Err(ImportError::TooLarge { what, found, most });
            }
            if all.capacity() - all.len() < count {
                let mut larger = Zeroizing::new(Vec::with_capacity(all.capacity().max(64 << 10) * 2));
                larger.extend_from_slice(&all);
                all = larger;
            }
            all.extend_from_slice(read);
        }
    }
}

/// Refuses a parameter of a key derivation that is above what is done for a file from outside.
///
/// # Errors
/// [`ImportError::TooExpensive`].
pub fn affordable(what: &'static str, found: u64, most: u64) -> Result<u64, ImportError> {
    if found > most { Err(ImportError::TooExpensive { what, found, most }) } else { Ok(found) }
}

/// Refuses what is more than is read.
///
/// # Errors
/// [`ImportError::TooLarge`].
pub fn within(what: &'static str, found: u64, most: u64) -> Result<(), ImportError> {
    if found > most { Err(ImportError::TooLarge { what, found, most }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_paid_for_together() {
        let work = Work::default();
        for _ in 0..5 {
            work.derives("rounds", MOST_BCRYPT, MOST_BCRYPT).expect("one of the greatest cost");
        }
        work.derives("iterations", MOST_PBKDF2 / 2, MOST_PBKDF2).expect("half of one");
        let refused = work.derives("scrypt", 1 << 20, 1 << 20);
        assert!(matches!(refused, Err(ImportError::TooExpensive { what: "scrypt", found, most }) if found > most && most == 6 << 20));
        work.derives("rounds", 16, MOST_BCRYPT).expect("one that there is room for");
        assert_eq!(work.derivations(), 7);
        assert!(work.derives("rounds", u64::MAX, 1).is_err());
    }
}
