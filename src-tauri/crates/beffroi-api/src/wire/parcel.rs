//! Merging two copies of one vault.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
