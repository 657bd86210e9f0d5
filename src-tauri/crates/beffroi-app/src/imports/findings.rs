//! What is seen of the secrets of a file before they are taken in.

use std::collections::HashMap;

use beffroi_import::{Entry, Kind};
use beffroi_secret::SecretText;
use sha2::{Digest, Sha256};

use crate::now_ms;
use crate::secret_health::{Strength, WEAK_BITS};

/// Something about a secret that should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportFinding {
    /// What: `weak` (its bits), `reused` (how often it is in the file), `old` (its years), `expired`, `left-out` (how many of its
    /// files are too large), `history-cut` (how many earlier values are not kept).
    pub key: &'static str,
    /// How much.
    pub value: u64,
}

/// Years after which one is old.
const OLD: u64 = 2;
const YEAR_MS: u64 = 365 * 24 * 3600 * 1000;

/// What is seen, entry by entry.
pub(super) fn findings(entries: &[Entry]) -> Vec<Vec<ImportFinding>> {
    let mut salt = [0; 16];
    // Without it the digests would still only live as long as this function.
    getrandom::fill(&mut salt).unwrap_or_default();
    let digest = |entry: &Entry| {
        let value = entry.value.as_ref().filter(|_| is_chosen(entry))?;
        // Into a digest that nobody keeps.
        Some(<[u8; 32]>::from(Sha256::new_with_prefix(salt).chain_update(value.expose()).finalize()))
    };
    let digests: Vec<_> = entries.iter().map(digest).collect();
    let strength = Strength::new();
    let mut seen: HashMap<[u8; 32], (u64, Option<f64>)> = HashMap::new();
    for (entry, digest) in entries.iter().zip(&digests) {
        if let Some(digest) = digest {
            let (times, bits) = seen.entry(*digest).or_insert((0, None));
            *times += 1;
            if bits.is_none() {
                *bits = entry.value.as_ref().map(|value| bits_of(&strength, value));
            }
        }
    }
    let now = now_ms();
    let of = |(entry, digest): (&Entry, &Option<[u8; 32]>)| {
        let mut found = Vec::new();
        let mut find = |key, value| found.push(ImportFinding { key, value });
        if let Some((times, bits)) = digest.as_ref().and_then(|digest| seen.get(digest)) {
            if let Some(bits) = bits.filter(|bits| *bits < WEAK_BITS) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 45")]
                find("weak", bits as u64);
            }
            if *times > 1 {
                find("reused", *times);
            }
        }
        let years = entry.changed_ms.map_or(0, |at| now.saturating_sub(at) / YEAR_MS);
        if years >= OLD && digest.is_some() {
            find("old", years);
        }
        if entry.expires_ms.is_some_and(|at| at < now) {
            find("expired", 0);
        }
        // Their lengths only.
        let too_large = entry.attachments.iter().filter(|file| !super::detail::fits(file)).count();
        if too_large > 0 {
            find("left-out", too_large as u64);
        }
        let cut = entry.history.len().saturating_sub(crate::secrets::detail::MOST_PAST);
        if cut > 0 {
            find("history-cut", cut as u64);
        }
        found
    };
    entries.iter().zip(&digests).map(of).collect()
}

/// Whether somebody chose it: what programs make is neither weak nor old.
fn is_chosen(entry: &Entry) -> bool {
    // Its first line only.
    entry.kind == Kind::Password && entry.value.as_ref().is_some_and(|value| !beffroi_import::is_private_key(value.expose()))
}

/// How hard one is to guess. What is long and of many characters is not looked at closer: it takes a thousand times longer.
fn bits_of(strength: &Strength, value: &SecretText) -> f64 {
    // Counted, and estimated.
    let text = value.expose();
    let different = text.chars().take(64).collect::<std::collections::HashSet<_>>().len();
    if text.len() >= 20 && different >= 14 { f64::INFINITY } else { strength.bits(value) }
}
