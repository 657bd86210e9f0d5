//! Stages: what of a vault is sealed apart, and what may be done there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SecretInput;

/// The stages of a vault, dev first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StageList {
    /// One row per stage.
    pub stages: Vec<StageInfo>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageInfo {
    /// Its name.
    pub name: String,
    /// Whether it has a secret of its own. A stage without one is open whenever the vault is.
    pub protected: bool,
    /// Whether it can be acted on now.
    pub open: bool,
    /// Seconds until it seals itself; absent for a stage that is sealed, or not protected.
    pub seconds_left: Option<u64>,
    /// What is asked of those who act on it.
    pub policy: StagePolicy,
    /// Hosts in it.
    pub hosts: usize,
    /// Secrets in it.
    pub secrets: usize,
}

/// What is asked of those who act on a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// Whether a plan is run only after the stage's or the host's name was typed.
    pub typed_confirmation: bool,
    /// Whether a plan with warnings is refused rather than shown with them.
    pub refuse_warnings: bool,
    /// How long the stage stays unsealed when nothing else is asked for, in seconds.
    pub unsealed_s: u64,
    /// When nothing may be changed.
    pub freeze: Option<StageFreeze>,
}

/// A time during which nothing may be changed in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageFreeze {
    /// Its beginning, in milliseconds since 1970.
    pub from_ms: u64,
    /// Its end.
    pub until_ms: u64,
    /// Why, for those who are refused.
    pub why: String,
}

/// Names a stage.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageName {
    /// Its name: `[a-z][a-z0-9-]*`.
    pub stage: String,
}

/// Gives a stage a secret of its own; everything in it is sealed anew under it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageProtect {
    /// The stage.
    pub stage: String,
    /// Its secret, of 75 bits or more; generated when absent.
    #[serde(default)]
    pub secret: Option<SecretInput>,
}

/// A stage with a new secret. It is unsealed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StageProtected {
    /// The stage.
    pub stage: StageInfo,
    /// The generated secret. Shown once, stored nowhere. Absent when the secret was chosen.
    pub secret: Option<String>,
}

/// Unseals a stage for a while.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageUnseal {
    /// The stage.
    pub stage: String,
    /// Its secret.
    pub secret: SecretInput,
    /// For how long, in seconds; the policy's time when absent, 8 hours at most.
    #[serde(default)]
    pub for_s: Option<u64>,
}

/// Gives a stage another secret. What is sealed stays as it is; copies made before still open with the old secret.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StagePasswd {
    /// The stage.
    pub stage: String,
    /// Its secret until now.
    pub secret: SecretInput,
    /// Its secret from now on, of 75 bits or more; generated when absent.
    #[serde(default)]
    pub new: Option<SecretInput>,
}

/// Gives a stage a new key, and seals everything in it anew. Its secret stays.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageRekey {
    /// The stage.
    pub stage: String,
    /// Its secret.
    pub secret: SecretInput,
}

/// Sets what is asked of those who act on a stage. The stage must be unsealed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StagePolicySet {
    /// The stage.
    pub stage: String,
    /// From now on.
    pub policy: StagePolicy,
}
