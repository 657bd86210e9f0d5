//! What is told without being asked. An event carries no data: who hears it asks for what it needs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A vault was opened or locked.
    VaultChanged,
    /// A stage was sealed, unsealed, protected, or its policy changed.
    StagesChanged,
    /// Long work on the vault goes on.
    Progress {
        /// What: `rekey`, `stage-rekey`, `copy`, `verify`.
        work: String,
        /// Done so far.
        done: u64,
        /// In all.
        total: u64,
    },
    /// A copy goes on.
    Copy {
        /// The name that its request gave it.
        name: String,
        /// Bytes done.
        done: u64,
        /// Bytes in all, as far as they are known.
        total: u64,
        /// Files done.
        files_done: u64,
        /// Files in all, as far as they are known.
        files: u64,
        /// The file that is copied now; text of a host.
        current: String,
    },
    /// The list of hosts, or a host's facts, changed.
    HostsChanged,
    /// The list of secrets changed.
    SecretsChanged,
    /// Cards of people changed, or whose which account is.
    PeopleChanged,
    /// A job or one of its steps changed state.
    JobChanged {
        /// The job.
        job: String,
    },
    /// A job has more output.
    JobOutput {
        /// The job.
        job: String,
    },
    /// A run on several hosts goes on, or ended.
    RunProgress {
        /// The run.
        run: String,
        /// Hosts whose result is there.
        done: u64,
        /// Hosts in all.
        total: u64,
        /// Of those done, hosts on which it did not succeed.
        failed: u64,
    },
    /// Authorities or certificates changed.
    CertificatesChanged,
    /// The recipes changed.
    RecipesChanged,
    /// A host of a rotation is further, or was kept from it.
    RotationProgress {
        /// The secret's identifier.
        secret: String,
        /// The host's name.
        host: String,
        /// How far it is.
        step: super::RotationStep,
    },
    /// The journal has more entries.
    JournalChanged,
}
