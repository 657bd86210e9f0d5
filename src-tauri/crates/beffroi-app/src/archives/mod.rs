//! Backups of hosts that lie here: brought, indexed, checked, sent back, removed.

mod check;
mod folder;
mod host;
mod key;
mod list;
mod prune;
mod pull;
mod push;
mod rehearse;
mod restore;
mod schedule;

use std::collections::BTreeMap;
use std::path::PathBuf;

use beffroi_domain::DocumentId;
use beffroi_yunohost::archive::ArchiveInfo;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use check::{BackupCheck, BackupFault};
pub(crate) use key::BACKUP_KEY;
pub use list::{Backups, HostBackups, KeptBackup};
pub use prune::{BackupKept, PruneOrder};
pub use pull::{BackupOrder, Brought};
pub use push::PushOrder;
pub use rehearse::{Rehearsal, RehearsalOrder};
pub use restore::Restoring;
pub use schedule::{CollectOrder, Collected, ScheduleOrder};

use crate::documents::{Document, DocumentKind};

/// What an archive is: sealed beside it, and in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct About {
    /// The id of its host in the catalog.
    pub(crate) host: String,
    /// What that was called.
    pub(crate) host_name: String,
    /// Its name there.
    pub(crate) name: String,
    /// Whether it is compressed with gzip.
    pub(crate) packed: bool,
    /// Bytes of its content.
    pub(crate) bytes: u64,
    /// SHA-256 of its content; nothing while it is being brought.
    pub(crate) sha256: Option<String>,
    /// When it was made, in seconds since 1970.
    pub(crate) made_s: Option<u64>,
    /// When it was last changed on its host, while it is being brought.
    #[serde(default)]
    pub(crate) modified_s: u64,
    /// Its `info.json`, as it stands there.
    pub(crate) info: Option<Value>,
    /// The domains that its applications stood on.
    #[serde(default)]
    pub(crate) domains: BTreeMap<String, String>,
}

impl About {
    pub(crate) fn read_info(&self) -> Option<ArchiveInfo> {
        self.info.as_ref().and_then(ArchiveInfo::of)
    }
}

/// The longest `info.json` that is kept: it lies in a document.
const MOST_INFO: usize = 256 << 10;

/// An archive in the catalog.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptDocument {
    pub(crate) about: About,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// When it was brought, in milliseconds since 1970.
    pub(crate) stored_ms: u64,
    /// Whether it never lay on its host.
    pub(crate) streamed: bool,
    /// When every chunk was last read.
    #[serde(default)]
    pub(crate) verified_ms: Option<u64>,
    /// Whether every chunk was right then, or when it was written.
    pub(crate) good: bool,
    /// What was to be in it and is not.
    #[serde(default)]
    pub(crate) lacks: Vec<String>,
}

impl Document for KeptDocument {
    const KIND: DocumentKind = DocumentKind::Archive;
}

/// An id on the wire is that of its folder: no hyphens.
pub(crate) fn id_text(id: DocumentId) -> String {
    folder::folder_name(id.as_bytes())
}
