//! The journal chain.

use beffroi_secret::SecretKey;

use crate::crypto::derive_mac;

/// What stands in for the MAC before the first entry.
pub const JOURNAL_START: [u8; 32] = [0; 32];

/// `mac_n = HMAC(journal key, mac_{n-1} ‖ canonical entry)`.
pub(crate) fn derive_link(key: &SecretKey, previous: &[u8; 32], canonical_entry: &[u8]) -> [u8; 32] {
    derive_mac(key, &[previous, canonical_entry])
}
