//! What is derived from the root key, one label per purpose.

use beffroi_domain::VaultId;
use beffroi_secret::SecretKey;

use crate::crypto::derive_key;

/// The keys that an open vault works with. The root key itself is not kept.
pub(crate) struct RootKeys {
    pub(crate) database: SecretKey,
    pub(crate) header: SecretKey,
    pub(crate) anchor: SecretKey,
    pub(crate) journal: SecretKey,
    pub(crate) state: SecretKey,
    pub(crate) compartment: SecretKey,
}

impl RootKeys {
    /// `key(label) = HKDF(root key, info = label)`.
    pub(crate) fn derive(vault: VaultId, root: &SecretKey) -> Self {
        let key = |label: &[u8]| derive_key(vault, root, label);
        Self {
            database: key(b"beffroi/root/database/1"),
            header: key(b"beffroi/root/header/1"),
            anchor: key(b"beffroi/root/anchor/1"),
            journal: key(b"beffroi/root/journal/1"),
            state: key(b"beffroi/root/state/1"),
            compartment: key(b"beffroi/root/compartment/1"),
        }
    }
}

/// The two keys of a compartment. The compartment key itself is not kept.
pub(crate) struct CompartmentKeys {
    pub(crate) envelope: SecretKey,
    pub(crate) row: SecretKey,
}

impl CompartmentKeys {
    /// Both are `HKDF(compartment key, info = label)`.
    pub(crate) fn derive(vault: VaultId, compartment: &SecretKey) -> Self {
        Self {
            envelope: derive_key(vault, compartment, b"beffroi/compartment/envelope/1"),
            row: derive_key(vault, compartment, b"beffroi/compartment/row/1"),
        }
    }

    /// Copies them for the same compartment of the same vault under another root key.
    pub(crate) fn duplicate(&self) -> Self {
        // exposed to be copied into keys that are wiped as well
        Self { envelope: SecretKey::new(*self.envelope.expose()), row: SecretKey::new(*self.row.expose()) }
    }
}
