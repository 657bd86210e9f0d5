//! Envelopes and row MACs: values bound to the place where they are stored.

use beffroi_domain::{Canonical, CompartmentId, HostId, VaultId};
use beffroi_secret::{SecretBytes, SecretKey};

use crate::crypto::{self, NONCE};
use crate::error::UnsealError;

/// The longest plaintext of one envelope: 64 MiB.
pub const MOST_PLAINTEXT: usize = 64 << 20;

const VERSION: u8 = 1;

/// Where a value stands. A value moved to another place does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose key seals it.
    pub compartment: CompartmentId,
    /// The host it belongs to.
    pub target: Option<HostId>,
    /// The table.
    pub table: &'a str,
    /// The row's id.
    pub row: [u8; 16],
    /// The row's revision.
    pub revision: u64,
    /// The field.
    pub field: &'a str,
}

impl Place<'_> {
    /// `C(tag, vault, compartment, target or nothing, table, row, revision, field)`.
    fn start(&self, tag: &str, vault: VaultId) -> Canonical {
        Canonical::new(tag)
            .bytes(vault.as_bytes())
            .bytes(self.compartment.as_bytes())
            .bytes(self.target.as_ref().map_or(&[][..], |target| target.as_bytes()))
            .text(self.table)
            .bytes(&self.row)
            .number(self.revision)
            .text(self.field)
    }

    fn refused(&self) -> UnsealError {
        UnsealError::Refused { table: self.table.to_owned(), field: self.field.to_owned() }
    }
}

/// `0x01 ‖ nonce ‖ AEAD(key, nonce, plaintext, associated data = C("beffroi/envelope/1", vault, place))`.
///
/// Nothing only when the plaintext is above the cipher's limit of 256 GiB.
pub(crate) fn seal(key: &SecretKey, nonce: &[u8; NONCE], vault: VaultId, place: &Place<'_>, plaintext: &SecretBytes) -> Option<Vec<u8>> {
    let mut prefix = [VERSION; 1 + NONCE];
    let (_, rest) = prefix.split_at_mut(1);
    rest.copy_from_slice(nonce);
    let associated = place.start("beffroi/envelope/1", vault).finish();
    // exposed to be sealed
    crypto::seal(key, nonce, &associated, plaintext.expose(), &prefix).ok()
}

/// Opens what [`seal`] gave.
pub(crate) fn unseal(key: &SecretKey, vault: VaultId, place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, UnsealError> {
    let (version, rest) = sealed.split_first().ok_or_else(|| place.refused())?;
    if *version > VERSION {
        return Err(UnsealError::TooNew { version: *version });
    }
    let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(|| place.refused())?;
    if *version < VERSION || body.len() > MOST_PLAINTEXT + crypto::TAG {
        return Err(place.refused());
    }
    let associated = place.start("beffroi/envelope/1", vault).finish();
    crypto::unseal(key, nonce, &associated, body).map_err(|_| place.refused())
}

fn row(vault: VaultId, place: &Place<'_>, content: &[u8]) -> Vec<u8> {
    place.start("beffroi/row/1", vault).bytes(content).finish()
}

/// `HMAC(key, C("beffroi/row/1", vault, place, content))`.
pub(crate) fn derive_row_mac(key: &SecretKey, vault: VaultId, place: &Place<'_>, content: &[u8]) -> [u8; 32] {
    crypto::derive_mac(key, &[&row(vault, place, content)])
}

/// Compares with [`derive_row_mac`] in constant time.
pub(crate) fn check_row(key: &SecretKey, vault: VaultId, place: &Place<'_>, content: &[u8], mac: &[u8]) -> Result<(), UnsealError> {
    crypto::check_mac(key, &[&row(vault, place, content)], mac).map_err(|_| place.refused())
}
