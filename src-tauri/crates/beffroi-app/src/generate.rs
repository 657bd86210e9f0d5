//! Passwords that nobody thought of.

use beffroi_secret::SecretText;
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
}
