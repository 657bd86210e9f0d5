//! Passwords and passphrases that nobody thought of.

use beffroi_secret::SecretText;
use bip39::Language;
use zeroize::Zeroizing;

use crate::AppError;

/// What a password is made of.
#[derive(Debug, Clone, Copy)]
pub struct PasswordOrder {
    /// Its characters.
    pub length: usize,
    /// With `a` to `z`.
    pub lower: bool,
    /// With `A` to `Z`.
    pub upper: bool,
    /// With `0` to `9`.
    pub digits: bool,
    /// With signs that ASCII keyboards have and shells do not take for a quote or a substitution.
    pub symbols: bool,
    /// Also characters that look like others: `0` and `O`, `1`, `l` and `I`.
    pub look_alikes: bool,
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SYMBOLS: &str = "!#%+,-./:=?@^_~";
const LOOK_ALIKES: &str = "0O1lIo";
/// The shortest that is made.
const SHORTEST: usize = 8;
/// The longest: what forms and protocols take.
const LONGEST: usize = 256;

/// What a passphrase is made of.
#[derive(Debug, Clone)]
pub struct PassphraseOrder {
    /// Its words.
    pub words: usize,
    /// Where they are from.
    pub list: WordList,
    /// What stands between them: a sign that passwords may have, a space, or nothing.
    pub separator: String,
    /// Whether each word begins with a capital.
    pub capitals: bool,
    /// Whether a digit follows one of the words.
    pub digit: bool,
}

/// A list of 2,048 words, as BIP-39 has them
/// (<https://github.com/bitcoin/bips/blob/master/bip-0039/bip-0039-wordlists.md>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordList {
    /// 3 to 8 letters.
    English,
    /// 5 to 8 letters, without their accents: they are typed on every keyboard. No two words differ by an accent alone.
    French,
}

/// Words of a passphrase, at least and at most.
const FEWEST_WORDS: usize = 4;
const MOST_WORDS: usize = 24;
/// The longest word of both lists.
const LONGEST_WORD: usize = 8;
/// Words of a list.
const LIST: usize = 2048;

impl WordList {
    fn words(self) -> &'static [&'static str; LIST] {
        match self {
            Self::English => Language::English.word_list(),
            Self::French => Language::French.word_list(),
        }
    }
}

impl PassphraseOrder {
    /// Makes one, every one equally likely, and says how many bits that is.
    ///
    /// # Errors
    /// [`AppError::InvalidRequest`] for a number of words or a separator that is not offered, and where nothing tells one word
    /// from the next: two draws could give the same passphrase then.
    pub fn make(&self) -> Result<(SecretText, f64), AppError> {
        if !(FEWEST_WORDS..=MOST_WORDS).contains(&self.words) {
            return Err(AppError::InvalidRequest { what: "a passphrase that is made has between 4 and 24 words" });
        }
        let mut separator = self.separator.chars();
        let is_one = separator.next().is_none_or(|sign| sign == ' ' || SYMBOLS.contains(sign)) && separator.next().is_none();
        if !is_one {
            return Err(AppError::InvalidRequest { what: "between words stands one sign, a space or nothing" });
        }
        if self.separator.is_empty() && !self.capitals {
            return Err(AppError::InvalidRequest { what: "words without anything between them begin with capitals" });
        }
        // Made whole before anything is put in, so that it never grows and leaves no copies behind.
        let mut text = Zeroizing::new(String::with_capacity(self.words * (LONGEST_WORD + 1) + 1));
        let with_digit = if self.digit { Some(below(self.words)?) } else { None };
        for at in 0..self.words {
            if at > 0 {
                text.push_str(&self.separator);
            }
            let word = self.list.words().get(below(LIST)?).ok_or_else(|| AppError::internal("a word"))?;
            // The French list is decomposed (NFKD): an accent is a character of its own.
            for (place, letter) in word.chars().filter(char::is_ascii).enumerate() {
                text.push(if self.capitals && place == 0 { letter.to_ascii_uppercase() } else { letter });
            }
            if with_digit == Some(at) {
                text.push(DIGITS.chars().nth(below(DIGITS.len())?).unwrap_or('0'));
            }
        }
        let digits = if self.digit { DIGITS.len() * self.words } else { 1 };
        let bits = (LIST as f64).log2().mul_add(self.words as f64, (digits as f64).log2());
        Ok((SecretText::new(String::clone(&text)), bits))
    }
}

/// A number below another one of at most 2,048, each equally likely.
fn below(end: usize) -> Result<usize, AppError> {
    let fair = (1 << 16) - (1 << 16) % end;
    loop {
        let mut random = Zeroizing::new([0_u8; 2]);
        getrandom::fill(random.as_mut_slice()).map_err(AppError::internal)?;
        let number = usize::from(u16::from_le_bytes(*random));
        if number < fair {
            return Ok(number % end);
        }
    }
}

impl PasswordOrder {
    fn sets(self) -> Vec<Vec<u8>> {
        [(self.lower, LOWER), (self.upper, UPPER), (self.digits, DIGITS), (self.symbols, SYMBOLS)]
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, set)| set.bytes().filter(|byte| self.look_alikes || !LOOK_ALIKES.as_bytes().contains(byte)).collect())
            .collect()
    }

    /// Makes one, every one that has a character of each set equally likely, and says how many bits that is.
    ///
    /// # Errors
    /// [`AppError::InvalidRequest`] for a length that is not offered and for no set at all.
    pub fn make(self) -> Result<(SecretText, f64), AppError> {
        let sets = self.sets();
        if !(SHORTEST..=LONGEST).contains(&self.length) {
            return Err(AppError::InvalidRequest { what: "a password that is made has between 8 and 256 characters" });
        }
        if sets.is_empty() {
            return Err(AppError::InvalidRequest { what: "a password is made of one set of characters at least" });
        }
        let alphabet = sets.concat();
        loop {
            let text = draw(&alphabet, self.length)?;
            // Drawing again until each set is there keeps those that remain equally likely.
            if sets.iter().all(|set| text.bytes().any(|byte| set.contains(&byte))) {
                return Ok((SecretText::new(String::clone(&text)), bits(&sets, self.length)));
            }
        }
    }
}

fn draw(alphabet: &[u8], length: usize) -> Result<Zeroizing<String>, AppError> {
    // Made whole before anything is put in, so that it never grows and leaves no copies behind.
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut random = Zeroizing::new([0_u8; 64]);
    // The largest multiple of the alphabet's length: above it, the first characters would come up more often.
    let fair = 256 - 256 % alphabet.len();
    while text.len() < length {
        getrandom::fill(random.as_mut_slice()).map_err(AppError::internal)?;
        for byte in random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair) {
            if text.len() < length
                && let Some(character) = alphabet.get(byte % alphabet.len())
            {
                text.push(char::from(*character));
            }
        }
    }
    Ok(text)
}

/// log2 of how many passwords have a character of each set: all, less those that lack one, and so on.
fn bits(sets: &[Vec<u8>], length: usize) -> f64 {
    let all: usize = sets.iter().map(Vec::len).sum();
    let part: f64 = (0_u32..1 << sets.len())
        .map(|lacking| {
            let left: usize = sets.iter().enumerate().filter(|(at, _)| lacking & (1 << at) == 0).map(|(_, set)| set.len()).sum();
            let share = (left as f64 / all as f64).powf(length as f64);
            if lacking.count_ones() % 2 == 0 { share } else { -share }
        })
        .sum();
    (length as f64).mul_add((all as f64).log2(), part.log2())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: PasswordOrder = PasswordOrder { length: 20, lower: true, upper: true, digits: true, symbols: true, look_alikes: false };

    #[test]
    fn one_has_its_length_and_a_character_of_each_set_and_no_other() {
        for _ in 0..200 {
            let (password, _) = PasswordOrder { length: 8, ..ALL }.make().expect("made");
            let text = password.expose();
            assert_eq!(text.len(), 8);
            for set in [LOWER, UPPER, DIGITS, SYMBOLS] {
                assert!(text.chars().any(|character| set.contains(character)), "{text} has none of {set}");
            }
            assert!(!text.chars().any(|character| LOOK_ALIKES.contains(character)), "{text}");
        }
        let (pin, _) = PasswordOrder { lower: false, upper: false, symbols: false, look_alikes: true, ..ALL }.make().expect("made");
        assert!(pin.expose().bytes().all(|byte| byte.is_ascii_digit()));
    }

    #[test]
    fn two_are_never_the_same() {
        assert_ne!(ALL.make().expect("made").0.expose(), ALL.make().expect("made").0.expose());
    }

    #[test]
    fn bits_count_what_could_have_come_out() {
        // Every string over one set; over two sets of one character each, all strings of 8 but the two that have one only.
        assert!((bits(&[vec![0; 16]], 8) - 32.0).abs() < 1e-9);
        assert!((bits(&[vec![b'a'], vec![b'b']], 8) - 254_f64.log2()).abs() < 1e-9);
        let (_, bits) = ALL.make().expect("made");
        assert!((120.0..124.0).contains(&bits), "{bits}");
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        for wrong in [
            PasswordOrder { length: 7, ..ALL },
            PasswordOrder { length: 257, ..ALL },
            PasswordOrder { lower: false, upper: false, digits: false, symbols: false, ..ALL },
        ] {
            assert!(matches!(wrong.make(), Err(AppError::InvalidRequest { .. })), "{wrong:?}");
        }
    }

    const WORDS: PassphraseOrder =
        PassphraseOrder { words: 7, list: WordList::French, separator: String::new(), capitals: true, digit: true };

    /// A list as it is drawn from.
    fn drawn(list: WordList) -> Vec<String> {
        list.words().iter().map(|word| word.chars().filter(char::is_ascii).collect()).collect()
    }

    #[test]
    fn words_are_typed_on_every_keyboard_and_none_is_another_one_without_its_accents() {
        for list in [WordList::English, WordList::French] {
            let mut words = drawn(list);
            assert!(
                words.iter().all(|word| (3..=LONGEST_WORD).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()))
            );
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), LIST);
        }
        assert!(drawn(WordList::French).contains(&"academie".to_owned()), "an accent took its letter with it");
    }

    #[test]
    fn a_passphrase_has_its_words_as_they_were_ordered() {
        let listed = drawn(WordList::English);
        let plain = PassphraseOrder { list: WordList::English, separator: "-".to_owned(), capitals: false, digit: false, ..WORDS };
        for _ in 0..200 {
            let (made, bits) = plain.make().expect("made");
            let words: Vec<_> = made.expose().split('-').collect();
            assert!(words.len() == 7 && words.iter().all(|word| listed.contains(&(*word).to_owned())), "{words:?}");
            assert!((bits - 77.0).abs() < 1e-9);
        }
        let (made, bits) = WORDS.make().expect("made");
        let text = made.expose();
        assert_eq!(text.bytes().filter(u8::is_ascii_uppercase).count(), 7, "{text}");
        assert_eq!(text.bytes().filter(u8::is_ascii_digit).count(), 1, "{text}");
        assert!((bits - 77.0 - 70_f64.log2()).abs() < 1e-9, "{bits}");
        assert_ne!(text, WORDS.make().expect("made").0.expose());
    }

    #[test]
    fn every_number_comes_up_and_none_more_often() {
        let mut drawn = [0_u32; 10];
        for _ in 0..10_000 {
            drawn[below(10).expect("drawn")] += 1;
        }
        // Eight standard deviations.
        assert!(drawn.iter().all(|count| (760..1240).contains(count)), "{drawn:?}");
        assert!((0..1000).all(|_| below(LIST).expect("drawn") < LIST));
    }

    #[test]
    fn a_passphrase_that_is_weaker_than_it_says_is_refused() {
        for wrong in [
            PassphraseOrder { words: 3, ..WORDS },
            PassphraseOrder { words: 25, ..WORDS },
            PassphraseOrder { separator: "--".to_owned(), ..WORDS },
            PassphraseOrder { separator: "a".to_owned(), ..WORDS },
            PassphraseOrder { separator: "\n".to_owned(), ..WORDS },
            PassphraseOrder { capitals: false, ..WORDS },
        ] {
            assert!(matches!(wrong.make(), Err(AppError::InvalidRequest { .. })), "{wrong:?}");
        }
    }
}
