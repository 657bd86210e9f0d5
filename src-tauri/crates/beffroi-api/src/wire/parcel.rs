//! Parcels, and merging two copies of one vault.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Authority, ImportRefused};

/// Which side is kept of what both copies changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MergeKeep {
    /// The open vault's.
    Mine,
    /// The other copy's.
    Theirs,
}

/// What is kept of one thing that both copies changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MergeResolved {
    /// Its key, or what it is and its name, as in `secret:acme/key`.
    pub key: String,
    /// Which side is kept.
    pub keep: MergeKeep,
}

/// Merges another copy of the open vault into it, or says what that would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ParcelMerge {
    /// The folder of the other copy.
    pub other: String,
    /// What is kept of all that both changed and that `resolved` does not name.
    #[serde(default)]
    pub keep: Option<MergeKeep>,
    /// What is kept of single things.
    #[serde(default)]
    pub resolved: Vec<MergeResolved>,
    /// Whether to stop before anything is written.
    #[serde(default)]
    pub rehearse: bool,
}

/// What a merge did, or would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelMerged {
    /// The other copy.
    pub other: String,
    /// Whether anything was written.
    pub merged: bool,
    /// What is taken from the other copy.
    pub taken: Vec<MergeTaken>,
    /// What both changed.
    pub conflicts: Vec<MergeConflict>,
    /// What got another name, since the other copy has one of the same.
    pub renames: Vec<MergeRename>,
    /// Entries of its journal that are new here.
    pub entries: u64,
    /// Surveys that were copied; 0 before it is done, as the next two.
    pub surveys: u64,
    /// Jobs that ended.
    pub jobs: u64,
    /// Results of runs.
    pub runs: u64,
    /// Whether the other copy has other ways in. Those are not merged.
    pub other_ways: bool,
}

/// A thing that is taken from the other copy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MergeTaken {
    /// `host`, `secret`, `document`, `stage`, `policy`, `recipe` or `identity`.
    pub what: String,
    /// What people call it.
    pub name: String,
    /// What becomes of it here.
    pub effect: MergeEffect,
}

/// What becomes of a thing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MergeEffect {
    /// It comes from the other copy.
    Added,
    /// It is changed to what the other copy has.
    Changed,
    /// The other copy removed it.
    Removed,
}

/// A thing that both copies changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MergeConflict {
    /// What it is resolved by.
    pub key: String,
    /// As in [`MergeTaken`].
    pub what: String,
    /// What people call it.
    pub name: String,
    /// Where they differ; empty where its stage is sealed.
    pub fields: Vec<MergeField>,
    /// Whether it is gone here.
    pub removed_here: bool,
    /// Whether it is gone in the other copy.
    pub removed_there: bool,
    /// Which side is kept, once it was said.
    pub kept: Option<MergeKeep>,
}

/// A field that is not the same in both copies.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MergeField {
    /// Its name.
    pub field: String,
    /// What it says here; absent where it is not there, or not told.
    pub mine: Option<String>,
    /// What it says in the other copy.
    pub theirs: Option<String>,
    /// Whether it is a value that is not told.
    pub hidden: bool,
}

/// Something that got another name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MergeRename {
    /// `host` or `secret`.
    pub what: String,
    /// The name it had.
    pub from: String,
    /// The name it has.
    pub to: String,
}

/// Makes a parcel: hosts and secrets for somebody, signed and encrypted; or says what would be in it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ParcelCreate {
    /// Proves that it may be done: what opens the vault. Nothing is made when absent.
    #[serde(default)]
    pub authority: Option<Authority>,
    /// The file to make.
    pub path: String,
    /// Whom it is for: names or fingerprints of identities, public keys of age or SSH, files with one or with a card.
    pub readers: Vec<String>,
    /// The person whom it is given to.
    #[serde(default)]
    pub person: Option<String>,
    /// Selectors of hosts.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Names of secrets.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Stages of which everything goes.
    #[serde(default)]
    pub stages: Vec<String>,
    /// Whether hosts go without the secrets that open them and without the hosts that they are reached through.
    #[serde(default)]
    pub only_named: bool,
}

/// What a parcel holds, or would hold. No value is in it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelContent {
    /// The file.
    pub path: String,
    /// Its id; absent before it is made.
    pub id: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: Option<u64>,
    /// Who signs it.
    pub signer: String,
    /// Their fingerprint: they can be asked for it.
    pub fingerprint: String,
    /// Who can open it.
    pub readers: Vec<ParcelReader>,
    /// Its hosts.
    pub hosts: Vec<ParcelHost>,
    /// Its secrets.
    pub secrets: Vec<ParcelSecret>,
    /// What is not in it.
    pub left: Vec<ImportRefused>,
}

/// Somebody who can open a parcel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelReader {
    /// What they are called; may be empty.
    pub name: String,
    /// Their public key: `age1…`, or one of SSH.
    pub key: String,
}

/// A host of a parcel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelHost {
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// Whether it goes along only because another one is reached through it.
    pub through: bool,
}

/// A secret of a parcel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelSecret {
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// `private-key`, `password` or `note`.
    pub kind: String,
    /// Hosts of the parcel that log in with it.
    pub opens: Vec<String>,
}

/// Asks what was handed over.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ParcelWhom {
    /// To whom: a person, an identity, a key, a fingerprint; to everybody when absent.
    #[serde(default)]
    pub who: Option<String>,
}

/// What was handed over, and what of it still is what it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelsGiven {
    /// The parcels, the newest first.
    pub parcels: Vec<ParcelGiven>,
    /// The secrets that could be read.
    pub secrets: Vec<ParcelHanded>,
    /// Ways into the vault itself that whoever was asked for has or had: everything could be read with one.
    pub ways: Vec<ParcelWay>,
    /// Stages with a secret of their own, where there is such a way.
    pub protected: Vec<String>,
    /// Parts of parcels that are under sealed stages, and not told.
    pub sealed: usize,
}

/// A parcel that was made here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelGiven {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: u64,
    /// The file that was made.
    pub file: String,
    /// Who it was said to be for.
    pub person: Option<String>,
    /// Who can open it.
    pub readers: Vec<ParcelReader>,
    /// Its hosts.
    pub hosts: Vec<String>,
    /// How many secrets are in it.
    pub secrets: usize,
    /// How many of them still are what was handed over.
    pub open: usize,
}

/// A secret that somebody could read.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelHanded {
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// When it could last be read, in milliseconds since 1970.
    pub since_ms: u64,
    /// Whether it still is what they could read.
    pub standing: ParcelStanding,
    /// What of it is: `value`, `totp`, `field:…`.
    pub parts: Vec<String>,
    /// Whether it was in a parcel; else it was in the vault.
    pub in_parcel: bool,
    /// Whether it is rotated from here; else it is changed by hand, where it is used.
    pub rotatable: bool,
    /// Hosts that are given it.
    pub hosts: Vec<String>,
}

/// Whether a secret still is what somebody could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ParcelStanding {
    /// It is: they could still use it.
    Same,
    /// It has another value since.
    Changed,
    /// It is not in the vault any more.
    Gone,
}

/// A way into the vault that somebody has or had.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParcelWay {
    /// Its slot, while it is there.
    pub slot: Option<String>,
    /// Its kind.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Until when; it is there when absent.
    pub until_ms: Option<u64>,
}
