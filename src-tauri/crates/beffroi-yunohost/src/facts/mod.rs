//! What a survey found on a host, in the form in which it is stored.

mod read;
mod system;
mod yunohost;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use system::SystemFacts;
pub use yunohost::{App, Backup, Domains, Group, Package, Part, Permission, ServiceState, User, YunohostFacts};

pub(crate) use read::{groups, service, users};

/// The most bytes of stored facts that are read back.
const MOST_STORED_BYTES: usize = 64 << 20;

/// What a survey found.
///
/// Everything in it comes from the host: it is hostile text, cleaned of control characters and bounded in size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    /// The version of the stored form.
    pub schema: SurveySchema,
    /// The machine itself.
    pub system: SystemFacts,
    /// Its YunoHost; `None` where there is none.
    pub yunohost: Option<YunohostFacts>,
}

/// The stored facts are not of a version that this program knows, or are damaged.
#[derive(Debug, thiserror::Error)]
pub enum StoredFactsError {
    /// Over 64 MiB.
    #[error("stored facts of {bytes} bytes")]
    TooLarge {
        /// Their size.
        bytes: usize,
    },
    /// Not the JSON of [`HostFacts`].
    #[error("stored facts are not understood: {reason}")]
    NotUnderstood {
        /// What the reader said; it names places, not values.
        reason: String,
    },
}

impl HostFacts {
    /// The name and version of the stored form.
    pub const SCHEMA: &str = "beffroi/survey/1";

    /// The stored form, JSON.
    #[must_use]
    pub fn to_stored(&self) -> Vec<u8> {
        // Cannot fail: every key is text and no value refuses to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`StoredFactsError`] when it is too large, damaged, or of a version that this program does not know.
    pub fn from_stored(stored: &[u8]) -> Result<Self, StoredFactsError> {
        if stored.len() > MOST_STORED_BYTES {
            return Err(StoredFactsError::TooLarge { bytes: stored.len() });
        }
        serde_json::from_slice(stored)
            .map_err(|error| StoredFactsError::NotUnderstood { reason: format!("line {}, column {}", error.line(), error.column()) })
    }
}

/// Stands for the text [`HostFacts::SCHEMA`]; reading any other refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SurveySchema;

impl Serialize for SurveySchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HostFacts::SCHEMA)
    }
}

impl<'de> Deserialize<'de> for SurveySchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let schema = String::deserialize(deserializer)?;
        if schema == HostFacts::SCHEMA { Ok(Self) } else { Err(D::Error::custom("another schema")) }
    }
}
