//! The recovery words: 32 random bytes as 24 words (BIP-39, English list, with its checksum).

use beffroi_secret::{SecretKey, SecretText};
use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use crate::crypto::{NoRandomness, make_key};

const WORDS: usize = 24;
/// 24 words of at most 8 letters and a generous amount of white space.
const MOST_TEXT: usize = 1024;

/// The words that open a vault without its passphrase. Shown once, never stored.
pub struct RecoveryWords(SecretText);

/// The text is not a set of recovery words. Nothing was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRecoveryWords {
    /// There are not 24 words.
    #[error("{found} words instead of 24")]
    Count {
        /// How many there are; 0 when the text is far too long to count.
        found: usize,
    },
    /// A word is not in the list.
    #[error("word {number} is not in the list")]
    UnknownWord {
        /// Counted from 1.
        number: usize,
    },
    /// The words are in the list, but one is wrong or two are exchanged.
    #[error("the checksum does not match")]
    Checksum,
}

impl RecoveryWords {
    /// The words, in lower case, one space between them.
    #[must_use]
    pub fn as_text(&self) -> &SecretText {
        &self.0
    }

    /// Draws the material of a new slot, and puts it into words.
    pub(crate) fn make() -> Result<(SecretKey, Self), NoRandomness> {
        let material = make_key()?;
        // 32 bytes are a size that BIP-39 knows: there is no other way to fail.
        let words = Self::from_material(&material).map_err(|_| NoRandomness)?;
        Ok((material, words))
    }

    pub(crate) fn from_material(material: &SecretKey) -> Result<Self, NotRecoveryWords> {
        // exposed to be put into words; the mnemonic is wiped on drop
        let mnemonic = Mnemonic::from_entropy_in(Language::English, material.expose()).map_err(|_| NotRecoveryWords::Checksum)?;
        // 24 words of at most 8 letters: the buffer never grows, so it leaves no copies behind.
        let mut text = String::with_capacity(WORDS * 9);
        for word in mnemonic.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        Ok(Self(SecretText::new(text)))
    }
}

/// Reads words back. Case and white space do not matter.
pub(crate) fn read_material(words: &SecretText) -> Result<SecretKey, NotRecoveryWords> {
    // exposed to be read; the copy in lower case is wiped
    let text = words.expose();
    if text.len() > MOST_TEXT {
        return Err(NotRecoveryWords::Count { found: 0 });
    }
    let text = Zeroizing::new(text.to_ascii_lowercase());
    let found = text.split_whitespace().count();
    if found != WORDS {
        return Err(NotRecoveryWords::Count { found });
    }
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &text).map_err(|error| match error {
        bip39::Error::UnknownWord(index) => NotRecoveryWords::UnknownWord { number: index + 1 },
        bip39::Error::BadWordCount(found) => NotRecoveryWords::Count { found },
        _ => NotRecoveryWords::Checksum,
    })?;
    let (entropy, _) = mnemonic.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    let material = entropy.first_chunk::<32>().ok_or(NotRecoveryWords::Checksum)?;
    Ok(SecretKey::new(*material))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SecretKey, NotRecoveryWords> {
        read_material(&SecretText::new(text.to_owned()))
    }

    #[test]
    fn words_survive_case_and_white_space() {
        let words = RecoveryWords::from_material(&SecretKey::new([0xa5; 32])).expect("32 bytes");
        let untidy = format!("\n {} ", words.as_text().expose().to_uppercase().replace(' ', "  \n"));
        assert_eq!(read(&untidy).expect("the same words").expose(), &[0xa5; 32]);
    }

    #[test]
    fn malformed_words_are_told_apart() {
        let good = format!("{} art", ["abandon"; 23].join(" "));
        assert!(read(&good).is_ok());
        assert_eq!(read("").err(), Some(NotRecoveryWords::Count { found: 0 }));
        assert_eq!(read(&["abandon"; 12].join(" ")).err(), Some(NotRecoveryWords::Count { found: 12 }));
        assert_eq!(read(&good.replace("art", "arts")).err(), Some(NotRecoveryWords::UnknownWord { number: 24 }));
        assert_eq!(read(&good.replace("art", "able")).err(), Some(NotRecoveryWords::Checksum));
        assert_eq!(read(&"abandon ".repeat(10_000)).err(), Some(NotRecoveryWords::Count { found: 0 }));
    }
}
