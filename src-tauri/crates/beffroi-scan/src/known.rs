//! Secrets that are looked for by their value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use beffroi_secret::SecretBytes;
use zeroize::Zeroizing;

/// Shorter ones stand in ordinary text.
const LEAST: usize = 8;
/// Of each value this much is compared: enough to know it.
const MOST: usize = 256;
/// Bits of the filter.
const FILTER: u32 = 16;

/// Values of secrets, each under a name. They are wiped when this is dropped.
#[derive(Default)]
pub struct Known {
    needles: Vec<Needle>,
    /// The first four bytes of each needle and its place, in order.
    index: Zeroizing<Vec<(u32, usize)>>,
    /// Which hashes of four bytes begin a needle.
    filter: Zeroizing<Vec<u64>>,
    secrets: usize,
    passed: u64,
}

struct Needle {
    name: String,
    value: SecretBytes,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Known(withheld)")
    }
}

impl Known {
    /// Takes secrets by name and value. They are found as they are and as base64; of one with several lines, the longest line.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = (String, SecretBytes)>) -> Self {
        let mut known = Self { filter: Zeroizing::new(vec![0; 1 << (FILTER - 6)]), ..Self::default() };
        for (name, value) in secrets {
            known.add(name, &value);
        }
        known.index.sort_unstable();
        known
    }

    fn add(&mut self, name: String, value: &SecretBytes) {
        // Compared with what is scanned.
        let lines = value.expose().split(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(line) = lines.map(<[u8]>::trim_ascii).max_by_key(|line| line.len()).filter(|line| line.len() >= LEAST) else {
            self.passed += 1;
            return;
        };
        // Trailing characters of the encoding depend on what follows the value: they are left out.
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(line.get(..line.len() - line.len() % 3).unwrap_or_default()));
        self.secrets += 1;
        self.needle(name.clone(), line);
        if encoded.len() >= LEAST {
            self.needle(name, encoded.as_bytes());
        }
    }

    fn needle(&mut self, name: String, value: &[u8]) {
        let value = value.get(..value.len().min(MOST)).unwrap_or_default();
        let Some(start) = first_four(value) else { return };
        self.index.push((start, self.needles.len()));
        if let Some(word) = self.filter.get_mut(bucket(start) / 64) {
            *word |= 1 << (bucket(start) % 64);
        }
        self.needles.push(Needle { name, value: SecretBytes::new(value.to_vec()) });
    }

    /// How many are too short to be looked for.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// How many are looked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.secrets
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Every place: the name, from, to. Where two begin, the longer.
    pub(crate) fn find<'a>(&'a self, text: &[u8], mut found: impl FnMut(&'a str, usize, usize)) {
        if self.needles.is_empty() {
            return;
        }
        let mut after = 0;
        for (at, four) in text.windows(4).enumerate() {
            let Some(start) = first_four(four) else { continue };
            let is_begun = self.filter.get(bucket(start) / 64).is_some_and(|word| word & (1 << (bucket(start) % 64)) != 0);
            if !is_begun || at < after {
                continue;
            }
            if let Some((needle, end)) = self.longest_at(text, at, start) {
                found(&needle.name, at, end);
                after = end;
            }
        }
    }

    fn longest_at(&self, text: &[u8], at: usize, start: u32) -> Option<(&Needle, usize)> {
        let rest = text.get(at..)?;
        let first = self.index.partition_point(|(four, _)| *four < start);
        let begun = self.index.iter().skip(first).take_while(|(four, _)| *four == start);
        let needles = begun.filter_map(|(_, place)| self.needles.get(*place));
        // Compared with what is scanned.
        let fits = needles.filter(|needle| rest.starts_with(needle.value.expose()));
        // Its length only.
        fits.map(|needle| (needle, at + needle.value.expose().len())).max_by_key(|(_, end)| *end)
    }
}

fn first_four(text: &[u8]) -> Option<u32> {
    text.first_chunk().copied().map(u32::from_le_bytes)
}

fn bucket(four: u32) -> usize {
    (four.wrapping_mul(0x9e37_79b1) >> (32 - FILTER)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(secrets: &[(&str, &str)]) -> Known {
        Known::new(secrets.iter().map(|(name, value)| ((*name).to_owned(), SecretBytes::new(value.as_bytes().to_vec()))))
    }

    fn found(known: &Known, text: &str) -> Vec<(String, usize, usize)> {
        let mut all = Vec::new();
        known.find(text.as_bytes(), |name, from, to| all.push((name.to_owned(), from, to)));
        all
    }

    #[test]
    fn values_are_found_as_they_are_and_encoded() {
        let known = known(&[("long", "correct-horse-9"), ("short", "abc"), ("longer", "correct-horse-9-battery")]);
        assert_eq!(known.passed(), 1);
        assert_eq!(found(&known, "x=correct-horse-9;"), [("long".to_owned(), 2, 17)]);
        assert_eq!(found(&known, "correct-horse-9-battery"), [("longer".to_owned(), 0, 23)]);
        let encoded = base64::engine::general_purpose::STANDARD.encode("correct-horse-9");
        assert_eq!(found(&known, &encoded).first().map(|hit| hit.0.clone()), Some("long".to_owned()));
        assert_eq!(found(&known, "correct-horse-8 abc"), []);
        assert_eq!(format!("{known:?}"), "Known(withheld)");
    }

    #[test]
    fn of_a_key_the_longest_line_is_looked_for() {
        let known = known(&[("key", "-----BEGIN X-----\nMIIEowIBAAKCAQEAuV9ht1Zq0gJz4b3s\nQw==\n-----END X-----\n")]);
        assert_eq!(found(&known, "a: MIIEowIBAAKCAQEAuV9ht1Zq0gJz4b3s\\n").len(), 1);
    }
}
