//! Identifiers: UUIDv7 (RFC 9562), so that they sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new one.
            #[must_use]
            pub fn make() -> Self {
                Self(Uuid::now_v7())
            }

            /// The 16 bytes, for canonical encodings and the database.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the 16 bytes back.
            ///
            /// # Errors
            /// [`InvalidId`] when there are not exactly 16.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidId> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| InvalidId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id!(/// A vault: one client's catalog.
    VaultId);
id!(/// A way into a vault.
    SlotId);
id!(/// What a stage is inside the vault.
    CompartmentId);
id!(/// A host of the catalog. Its name may change, its id never does.
    HostId);
id!(/// A secret of the catalog.
    SecretId);
id!(/// A plan that was shown and not yet run.
    PlanId);
id!(/// What one plan became on one host.
    JobId);
id!(/// All jobs that came of one plan, or one run on several hosts.
    RunId);
id!(/// A terminal that is open on a host.
    TerminalId);
id!(/// A port of this machine that leads through a host.
    TunnelId);
id!(/// A recipe of the catalog.
    RecipeId);
id!(/// A document of the application: a card of a person, an authority, a list of archives.
    DocumentId);
id!(/// A file of another program that waits to be taken in.
    ImportId);
id!(/// A machine that writes a journal.
    DeviceId);
id!(/// A person, as their keys know them.
    IdentityId);
id!(/// A chain of journal entries.
    ChainId);
