//! Applications of YunoHost: catalogs, and forms made from manifests and configuration panels.
//!
//! Texts come from hosts and packages: show them as text. They are by language, `en`, `fr`; an empty map is no text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what can be installed: by a host's catalog, or by a file of this machine. One of the two is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhCatalogRead {
    /// The host.
    #[serde(default)]
    pub host: Option<String>,
    /// The file.
    #[serde(default)]
    pub file: Option<String>,
    /// Words, all of which are to be found; accents and order do not matter.
    #[serde(default)]
    pub search: String,
    /// A category or a narrower word of one.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether a host is asked again, although its catalog was read since the vault was opened.
    #[serde(default)]
    pub refresh: bool,
}

/// What was found in a catalog.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhCatalog {
    /// The nearest first; all by name where nothing was searched for.
    pub apps: Vec<YnhCatalogApp>,
    /// How many the whole catalog has.
    pub total: usize,
    /// Its categories, with how many applications each has.
    pub categories: Vec<YnhCategory>,
    /// When it was read, in milliseconds since 1970.
    pub read_ms: u64,
    /// When the host last wrote it, in seconds since 1970 by its clock; absent for a file.
    pub changed_s: Option<u64>,
    /// The catalogs that the host uses; empty for a file.
    pub sources: Vec<YnhCatalogSource>,
}

/// A catalog that a host uses.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhCatalogSource {
    /// Its name.
    pub id: String,
    /// Where it is fetched from; absent where it is only kept.
    pub url: Option<String>,
}

/// A category of a catalog.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhCategory {
    /// Its name.
    pub id: String,
    /// Its heading.
    pub title: BTreeMap<String, String>,
    /// What is in it.
    pub description: BTreeMap<String, String>,
    /// How many applications.
    pub apps: usize,
}

/// An application of a catalog.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhCatalogApp {
    /// By what it is installed.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub description: BTreeMap<String, String>,
    /// The version that would be installed.
    pub version: String,
    /// Its category.
    pub category: String,
    /// How well it was tested, 0 to 8; absent where nobody did.
    pub level: Option<i64>,
    /// `working`, `notworking`, `inprogress`…
    pub state: String,
    /// What speaks against it.
    pub antifeatures: Vec<String>,
    /// Whether somebody takes care of it.
    pub maintained: bool,
    /// What it needs of YunoHost, `>= 12.0.9`.
    pub yunohost: String,
}

/// Asks for a manifest: of what could be installed on a host, or of a package of this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhManifestRead {
    /// The host; absent for a package of this machine.
    #[serde(default)]
    pub host: Option<String>,
    /// A name of the catalog, a path on the host, an address, an application that is installed; else a path of this machine.
    pub source: String,
}

/// A manifest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhManifest {
    /// The application.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: BTreeMap<String, String>,
    /// Its version.
    pub version: String,
    /// Whether it may be installed several times.
    pub multi_instance: bool,
    /// Whether it is one that is installed: its questions were answered.
    pub installed: bool,
    /// Whether YunoHost installs it without being told to.
    pub vouched_for: bool,
    /// What it asks, in its order.
    pub questions: Vec<YnhQuestion>,
    /// What this host was checked for.
    pub requirements: Vec<YnhRequirement>,
    /// What is to be read before it is installed.
    pub before_install: Vec<BTreeMap<String, String>>,
    /// What is to be read before it is upgraded to this version.
    pub before_upgrade: Vec<BTreeMap<String, String>>,
    /// How well it was tested, 0 to 8.
    pub level: Option<i64>,
    /// `working`, `thirdparty`…
    pub state: String,
    /// What speaks against it.
    pub antifeatures: Vec<String>,
}

/// Something that a host was checked for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhRequirement {
    /// `required_yunohost_version`, `arch`, `install`, `disk`, `ram`.
    pub name: String,
    /// Whether it is met.
    pub passed: bool,
    /// What is wanted, in YunoHost's words.
    pub message: String,
}

/// A question, or a field of a panel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhQuestion {
    /// Its name among the answers.
    pub id: String,
    /// What it may be: a type of YunoHost 12, such as `string`, `select`, `domain`; `other` for one that is newer.
    pub kind: String,
    /// The question.
    pub ask: BTreeMap<String, String>,
    /// What explains it.
    pub help: BTreeMap<String, String>,
    /// What is taken when nothing is answered.
    pub default: Option<String>,
    /// What it is now, in a panel. Never that of a secret.
    pub value: Option<String>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it can only be read.
    pub readonly: bool,
    /// Whether its answer is a secret.
    pub secret: bool,
    /// What it may be; empty where anything goes.
    pub choices: Vec<YnhChoice>,
    /// What it must look like, in Python's words.
    pub pattern: Option<String>,
    /// What is said when it does not.
    pub pattern_error: BTreeMap<String, String>,
    /// The smallest number.
    pub min: Option<i64>,
    /// The greatest.
    pub max: Option<i64>,
    /// The step from one to the next.
    pub step: Option<i64>,
    /// The word for yes.
    pub yes: Option<String>,
    /// The word for no.
    pub no: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// The condition under which it is asked; absent for always.
    pub visible: Option<String>,
}

/// One of the values that a field may have.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhChoice {
    /// What is answered.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// Holds answers against questions, by YunoHost's own rules. Nothing is asked of any host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhFormCheck {
    /// The questions, in their order: whether one is asked depends on those before it.
    pub fields: Vec<YnhQuestion>,
    /// The answers that may be shown, by question.
    pub answers: BTreeMap<String, String>,
    /// The questions whose answer is a secret that was given.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Whether these are fields of a panel: what is not answered stays what it is.
    #[serde(default)]
    pub panel: bool,
}

/// What answers come to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhFormChecked {
    /// Questions that are not asked with these answers.
    pub hidden: Vec<String>,
    /// Answers that do not fit.
    pub wrong: Vec<YnhWrong>,
}

/// An answer that YunoHost would refuse, or take no notice of.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhWrong {
    /// The question.
    pub field: String,
    /// `not_asked`, `missing`, `no_choice`, `form`, `range`, `not_secret`, `hidden`.
    pub why: String,
}

/// Asks for a configuration panel of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhPanelsRead {
    /// The host.
    pub host: String,
    /// What it is of.
    pub of: YnhPanelOf,
}

/// What has a configuration panel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum YnhPanelOf {
    /// An application, by its instance.
    App(String),
    /// A domain.
    Domain(String),
    /// YunoHost itself.
    Settings,
}

/// The panels of a configuration.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhPanels {
    /// The panels.
    pub panels: Vec<YnhPanel>,
}

/// A panel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhPanel {
    /// Its name in a key, `main` in `main.general.colour`.
    pub id: String,
    /// Its heading.
    pub name: BTreeMap<String, String>,
    /// What stands under it.
    pub help: BTreeMap<String, String>,
    /// Its parts.
    pub sections: Vec<YnhSection>,
}

/// A part of a panel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhSection {
    /// Its name in a key.
    pub id: String,
    /// Its heading; many have none.
    pub name: BTreeMap<String, String>,
    /// What stands under it.
    pub help: BTreeMap<String, String>,
    /// The condition under which it is shown; absent for always.
    pub visible: Option<String>,
    /// Whether its buttons run actions, for which its other fields are the values.
    pub actions: bool,
    /// Its fields.
    pub fields: Vec<YnhQuestion>,
}

/// Sends something of this machine to hosts, where a plan can then use it. It lies in a folder that the ledger knows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhSend {
    /// A selector.
    pub on: String,
    /// A folder or archive of an application, or the file of a catalog.
    pub path: String,
    /// What the person typed, where a stage asks for it.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Removes what was sent and of which no job was made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhSentDrop {
    /// A selector.
    pub on: String,
    /// Where it lies on the hosts.
    pub path: String,
}

/// A package that was sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhPackageSent {
    /// Where it lies on the hosts: a source for `app-install` and `app-upgrade`.
    pub path: String,
    /// The hosts.
    pub hosts: Vec<String>,
    /// The application.
    pub id: String,
    /// Its version.
    pub version: String,
}

/// A catalog that was sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhCatalogSent {
    /// Where it lies on the hosts: for a plan that keeps it.
    pub path: String,
    /// The hosts.
    pub hosts: Vec<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// How many applications are in it.
    pub apps: usize,
}
