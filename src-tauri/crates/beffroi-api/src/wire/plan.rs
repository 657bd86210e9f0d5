//! Plans: what would be done, before anything is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{WireMessage, YnhValue};
use crate::ApiError;

/// Asks for the plan of an action on hosts. Nothing is changed; each host is read first, so that guards can speak.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlanMake {
    /// A selector.
    pub on: String,
    /// What to do.
    pub action: ActionRequest,
    /// Makes a snapshot of the guest first that each host is: nothing begins there before.
    #[serde(default)]
    #[ts(optional)]
    pub snapshot: Option<SnapshotFirst>,
}

/// A snapshot of what a host runs in, made before something is done there.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SnapshotFirst {
    /// The guest, `HOST/GUEST`, that the one selected host is; absent: each host is a guest itself.
    #[serde(default)]
    #[ts(optional)]
    pub guest: Option<String>,
}

/// What to do.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionRequest {
    /// Does something on a YunoHost: see [`crate::ynh_operations`].
    Ynh {
        /// Its name, such as `user-add`.
        operation: String,
        /// With what, by parameter.
        given: BTreeMap<String, YnhValue>,
    },
    /// Keeps a catalog of applications that was sent to the host, and fetches none any more: see `ynh_catalog_send`.
    CatalogKeep {
        /// Where it lies on the host.
        path: String,
        /// SHA-256 of the file, hexadecimal.
        sha256: String,
        /// How many applications are in it.
        apps: usize,
    },
    /// Puts the catalog back that the host had before the first that was kept.
    CatalogBack,
    /// Lifts a ban: of an address on the selected hosts, or of this machine on one host that is reached through another.
    Unban {
        /// The address; absent: the one that this machine has.
        #[serde(default)]
        #[ts(optional)]
        address: Option<String>,
        /// The host that leads there.
        #[serde(default)]
        #[ts(optional)]
        through: Option<String>,
    },
    /// Sets the clock from this machine's.
    SetClock,
    /// Runs a command, detached: it goes on when the link does not.
    Run {
        /// Shell text, as typed.
        command: String,
        /// Whether it runs as root, by sudo where the account is not root.
        #[serde(default)]
        root: bool,
    },
    /// Runs commands one after the other, detached; the first that fails is the last.
    RunSteps {
        /// The commands, at most 100.
        steps: Vec<RunStep>,
        /// Whether they run as root, by sudo where the account is not root.
        #[serde(default)]
        root: bool,
    },
}

/// A command of several.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunStep {
    /// What it is for, in the words of who wrote it.
    #[serde(default)]
    pub title: Option<String>,
    /// Shell text.
    pub command: String,
}

/// A plan that can be run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlanView {
    /// Names it; it is forgotten after 30 minutes or when the vault is locked.
    pub id: String,
    /// What it is for.
    pub title: WireMessage,
    /// What must be typed before it is run: any one of these names. Empty when a yes is enough.
    pub confirm: Vec<String>,
    /// One part per host that it would change.
    pub hosts: Vec<HostPlanView>,
    /// Hosts it leaves alone, and why: a guard refused, or they cannot be reached.
    pub refused: Vec<RefusedHost>,
}

/// A host that a plan leaves alone.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RefusedHost {
    /// The host's name.
    pub host: String,
    /// Why.
    pub error: ApiError,
}

/// The part of a plan that concerns one host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostPlanView {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// What speaks against it, without forbidding it.
    pub warnings: Vec<WireMessage>,
    /// In the order in which they run.
    pub steps: Vec<StepView>,
}

/// One step of a plan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StepView {
    /// Counted from 1.
    pub number: u16,
    /// Whether it changes the host.
    pub changes: bool,
    /// What it does.
    pub what: WireMessage,
    /// The exact command, word by word: shown with one space between.
    pub command: Vec<CommandPartView>,
    /// How success is checked.
    pub check: WireMessage,
    /// The way back.
    pub undo: UndoView,
}

/// A part of a command.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommandPartView {
    /// Shown as it is.
    Text {
        /// Already quoted for the shell.
        text: String,
    },
    /// A secret: shown as dots and its name.
    Secret {
        /// What it is.
        name: String,
    },
}

/// The way back from a step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UndoView {
    /// The step changes nothing.
    Nothing,
    /// How to go back.
    By {
        /// In words.
        how: WireMessage,
    },
    /// There is no complete way back.
    Not {
        /// What is lost.
        why: WireMessage,
    },
}

/// Names a plan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlanName {
    /// Its identifier.
    pub plan: String,
}

/// Runs a plan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlanRun {
    /// Its identifier.
    pub plan: String,
    /// What the person typed, where a stage asks for it.
    #[serde(default)]
    pub typed: Option<String>,
    /// The host on which it is run first: the others begin once it succeeded there.
    #[serde(default)]
    #[ts(optional)]
    pub pilot: Option<String>,
}
