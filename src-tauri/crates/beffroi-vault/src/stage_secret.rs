//! Stage secrets: made by default, estimated otherwise. Whoever has the vault open can try them for ever, without us.

use beffroi_secret::SecretText;
use bip39::Language;
use zeroize::Zeroizing;

use crate::crypto::NoRandomness;
use crate::kdf;

/// What a stage secret that somebody chose must be estimated at, in bits.
pub const LEAST_STAGE_SECRET_BITS: f64 = 75.0;

const WORDS: usize = 8;
/// Bits of one word: the list has 2048.
const BITS: usize = 11;
/// zxcvbn looks at no more characters, and so does the estimate.
const MOST_ESTIMATED: usize = 100;
/// The longest piece: its estimate by brute force, 10 guesses to the power of its length, stays below 2^64.
const PIECE: usize = 16;

/// Makes a stage secret: 8 words of the English BIP-39 list, 88 random bits, joined by `-`.
///
/// # Errors
/// [`NoRandomness`].
pub fn make_stage_secret() -> Result<SecretText, NoRandomness> {
    let mut random = Zeroizing::new([0_u8; WORDS * BITS / 8]);
    getrandom::fill(random.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(to_words(&random))
}

/// The bytes as words of 11 bits each, the most significant first.
pub(crate) fn to_words(random: &[u8; WORDS * BITS / 8]) -> SecretText {
    let list = Language::English.word_list();
    // 8 words of at most 8 letters: the buffer never grows, so it leaves no copies behind.
    let mut text = String::with_capacity(WORDS * 9);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in random {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        if held >= BITS {
            held -= BITS;
            let index = (bits >> held) as usize % list.len();
            bits &= (1 << held) - 1;
            if !text.is_empty() {
                text.push('-');
            }
            text.push_str(list.get(index).copied().unwrap_or_default());
        }
    }
    SecretText::new(text)
}

/// How hard a secret is to guess: log2 of the guesses that zxcvbn expects, of its first 100 characters in NFC.
///
/// zxcvbn counts in 64 bits, so it says 64 of whatever is stronger. Above that the text is cut into pieces of at most 16
/// characters, where the sum of their estimates is least: a lower bound of what zxcvbn would say if it could count further.
/// It is cautious with random characters (3.3 bits for each), and never sees more than 100 characters.
///
/// zxcvbn cannot wipe its copies of the pieces: call it for a secret that is being chosen, not for one that is being tried.
#[must_use]
pub fn estimate_bits(secret: &SecretText) -> f64 {
    let normalised = kdf::normalised(secret);
    // exposed to zxcvbn
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(normalised.expose().chars().take(MOST_ESTIMATED).collect());
    let whole = bits_of(&characters);
    if whole < f64::from(u64::BITS) {
        return whole;
    }
    // least[n] is the least sum for the first n characters.
    let mut least = vec![0.0];
    for end in 1..=characters.len() {
        let sums = (end.saturating_sub(PIECE)..end)
            .filter_map(|start| Some(least.get(start)? + bits_of(characters.get(start..end)?)))
            .fold(f64::INFINITY, f64::min);
        least.push(sums);
    }
    least.last().copied().unwrap_or_default()
}

fn bits_of(characters: &[char]) -> f64 {
    let mut text = Zeroizing::new(String::with_capacity(characters.len() * 4));
    text.extend(characters);
    (zxcvbn::zxcvbn(&text, &[]).guesses().max(1) as f64).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(text: &str) -> f64 {
        estimate_bits(&SecretText::new(text.to_owned()))
    }

    #[test]
    fn made_secrets_are_eight_words_that_differ_and_pass_the_estimate() {
        let (one, other) = (make_stage_secret().expect("random"), make_stage_secret().expect("random"));
        assert_ne!(one.expose(), other.expose());
        for secret in [one, other] {
            assert_eq!(secret.expose().split('-').count(), 8);
            assert!(estimate_bits(&secret) >= LEAST_STAGE_SECRET_BITS, "{} bits", estimate_bits(&secret));
        }
    }

    #[test]
    fn weak_secrets_stay_below_the_limit() {
        for weak in [
            "",
            "hunter2",
            "correct horse battery staple",
            "the-and-you-was-for-are-his-not",
            "password password password password password",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "qwertyuiopasdfghjklzxcvbnm1234567890",
            "Tr0ub4dor&3-2024-12-31",
        ] {
            assert!(bits(weak) < LEAST_STAGE_SECRET_BITS, "{weak}: {} bits", bits(weak));
        }
    }

    #[test]
    fn more_than_64_bits_are_counted_and_more_than_100_characters_are_not() {
        let random = "qF8zT2mXw9LrPb4KjV7hNc3GdYs6Ua1E";
        assert!(bits(random) > 90.0, "{}", bits(random));
        let long = "x9Kq2vTz7m".repeat(3) + random + "pW5eR8tY1uI3oA6sD4fG7hJ9kL2zX0cV8bN5mQ1wE4rT";
        assert_eq!(bits(&long), bits(&long.chars().take(100).collect::<String>()));
        assert_eq!(bits("cafe\u{301}"), bits("caf\u{e9}"));
    }
}
