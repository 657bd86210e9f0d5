//! The state digest: one value for all authenticated rows, so that a replayed one is noticed.

use beffroi_domain::Canonical;
use beffroi_secret::SecretKey;

use crate::crypto::derive_mac;

/// An authenticated row as the digest sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestRow<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The row's id.
    pub id: [u8; 16],
    /// Its revision.
    pub revision: u64,
    /// Its MAC.
    pub mac: [u8; 32],
}

/// More than one row takes in the encoding.
const ROW: usize = 96;

/// `HMAC(state key, C("beffroi/state/1", number of rows, [table, id, revision, MAC] of each))`, rows sorted.
pub(crate) fn derive_state(key: &SecretKey, rows: &[DigestRow<'_>]) -> [u8; 32] {
    let mut sorted: Vec<&DigestRow<'_>> = rows.iter().collect();
    // They come table by table, by id: this sort joins such runs.
    sorted.sort();
    let start = Canonical::with_room("beffroi/state/1", sorted.len() * ROW).number(sorted.len() as u64);
    let encoded =
        sorted.into_iter().fold(start, |encoding, row| encoding.text(row.table).bytes(&row.id).number(row.revision).bytes(&row.mac));
    derive_mac(key, &[&encoded.finish()])
}
