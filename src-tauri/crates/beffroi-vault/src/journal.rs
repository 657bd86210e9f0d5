//! The journal: a chain of MACs for whoever holds the vault, a chain of hashes and signed checkpoints for whoever does not.

use beffroi_domain::{Canonical, ChainId, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{derive_hash, derive_mac};

/// What stands in for the MAC before the first entry.
pub const JOURNAL_START: [u8; 32] = [0; 32];

/// `mac_n = HMAC(journal key, mac_{n-1} ‖ canonical entry)`.
pub(crate) fn derive_link(key: &SecretKey, previous: &[u8; 32], canonical_entry: &[u8]) -> [u8; 32] {
    derive_mac(key, &[previous, canonical_entry])
}

/// Where the public chain begins: `SHA-256(C("beffroi/journal-start/1", vault, chain))`.
#[must_use]
pub fn journal_start(vault: VaultId, chain: ChainId) -> [u8; 32] {
    derive_hash(&[&Canonical::new("beffroi/journal-start/1").bytes(vault.as_bytes()).bytes(chain.as_bytes()).finish()])
}

/// The next link of the public chain: `SHA-256(previous ‖ canonical entry)`. Needs no key: a client checks an export with it.
#[must_use]
pub fn journal_link(previous: &[u8; 32], canonical_entry: &[u8]) -> [u8; 32] {
    derive_hash(&[previous, canonical_entry])
}

/// What an identity signs of a chain: `C("beffroi/checkpoint/1", vault, chain, number, link, at)`. `number` is that of the
/// last entry, `link` the public chain's link after it, `at_ms` the time in milliseconds since 1970-01-01 UTC.
///
/// Sign it with [`crate::IdentityKeys::sign`], check it with [`crate::IdentityCard::verify`].
#[must_use]
pub fn checkpoint_message(vault: VaultId, chain: ChainId, number: u64, link: &[u8; 32], at_ms: u64) -> Vec<u8> {
    Canonical::new("beffroi/checkpoint/1").bytes(vault.as_bytes()).bytes(chain.as_bytes()).number(number).bytes(link).number(at_ms).finish()
}
