//! Merging two copies of one vault that were worked on apart (ADR 19).
//!
//! What only one copy changed since they parted is taken from it; what both changed is shown and somebody says which is kept.
//! Both journals are kept. All of it is one transaction.

pub(crate) mod changed;
mod compare;
mod content;
mod other;
mod settle;
mod uses;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::PoisonError;

use beffroi_store::Reader;
use beffroi_store::table::merge::{HistoryTaken, RowKey};

use crate::error::MergeError;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change};

use compare::{Decision, Sides, Unit};
pub use content::MergeField;
use other::{Other, Parted, take_journal};
pub use settle::MergeRename;
use settle::Settled;

/// Which side is kept of what both changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeKeep {
    /// The open vault's.
    Ours,
    /// The other copy's.
    Theirs,
}

/// What to merge, and how.
#[derive(Debug, Clone, Default)]
pub struct MergeOrder {
    /// The folder of the other copy.
    pub other: String,
    /// What is kept of everything that both changed and that `resolved` does not name. It removes nothing that is used:
    /// that has to be named.
    pub keep: Option<MergeKeep>,
    /// What is kept of one thing, by its key or by what it is and its name (`secret:acme/key`).
    pub resolved: Vec<(String, MergeKeep)>,
    /// Whether nothing is to be written.
    pub rehearse: bool,
}

/// What becomes of a thing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeEffect {
    /// It comes from the other copy.
    Added,
    /// It is changed to what the other copy has.
    Changed,
    /// The other copy removed it.
    Removed,
}

/// A thing that is taken from the other copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeTaken {
    /// `host`, `secret`, `document`, `stage`, `policy`, `recipe` or `identity`.
    pub what: &'static str,
    /// What people call it.
    pub name: String,
    /// What becomes of it.
    pub effect: MergeEffect,
}

/// A thing that both changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeConflict {
    /// What it is resolved by.
    pub key: String,
    /// As in [`MergeTaken`].
    pub what: &'static str,
    /// What people call it.
    pub name: String,
    /// Where they differ; empty where it is sealed.
    pub fields: Vec<MergeField>,
    /// Whether it is gone here.
    pub removed_here: bool,
    /// Whether it is gone in the other copy.
    pub removed_there: bool,
    /// Which side is kept, once somebody said so.
    pub kept: Option<MergeKeep>,
}

/// What a merge did, or would do.
#[derive(Debug, Clone)]
pub struct MergeFacts {
    /// The other copy.
    pub path: PathBuf,
    /// What is taken from it.
    pub taken: Vec<MergeTaken>,
    /// What both changed.
    pub conflicts: Vec<MergeConflict>,
    /// What got another name.
    pub renames: Vec<MergeRename>,
    /// Entries of its journal that are new here.
    pub entries: u64,
    /// Surveys, jobs and results that were copied; nothing before it is done.
    pub history: HistoryTaken,
    /// Whether the other copy has other ways in. Those are not merged.
    pub other_ways: bool,
    /// Whether anything was written.
    pub merged: bool,
}

/// A comparison whose conflicts are decided as far as somebody said.
struct Compared {
    parted: Parted,
    units: Vec<Unit>,
    facts: MergeFacts,
    decided: HashSet<RowKey>,
}

impl App {
    /// Merges another copy of the open vault into it, or says what that would do.
    ///
    /// # Errors
    /// [`MergeError`]; [`AppError::StageSealed`] when something new has to be made under a stage that is sealed. Nothing is
    /// changed then.
    pub async fn merge_vault(&self, order: MergeOrder) -> Result<MergeFacts, AppError> {
        let session = self.session()?;
        let app = self.clone();
        let facts = session
            .blocking(move |session| {
                let _one_at_a_time = session.changing.lock().unwrap_or_else(PoisonError::into_inner);
                let other = app.open_other(session, &order.other)?;
                let merged = session.merge(&other, &order);
                other.forget(session);
                merged
            })
            .await?;
        if facts.merged {
            self.remember_protected(&session)?;
            for change in [Change::Stages, Change::Hosts, Change::Secrets, Change::People, Change::Certificates, Change::Recipes] {
                session.listener.heard(change);
            }
        }
        Ok(facts)
    }
}

impl Session {
    fn merge(&self, other: &Other, order: &MergeOrder) -> Result<MergeFacts, AppError> {
        let compared = self.catalog.read(|ours| other.catalog.read(|theirs| self.compared(ours, theirs, other, order)))?;
        let open = compared.facts.conflicts.iter().filter(|conflict| conflict.kept.is_none()).count();
        let nothing = compared.facts.entries == 0 && compared.units.iter().all(|unit| unit.decision == Decision::Ours);
        if order.rehearse || nothing && open == 0 {
            return Ok(compared.facts);
        }
        if open > 0 {
            return Err(MergeError::Unresolved { count: open }.into());
        }
        drop(compared);
        let facts = self.commit_noting(|writer| {
            other.catalog.read(|theirs| {
                // Compared again: what was written meanwhile counts.
                let Compared { parted, units, mut facts, decided } = self.compared(writer.reader(), theirs, other, order)?;
                let open = facts.conflicts.iter().filter(|conflict| conflict.kept.is_none()).count();
                if open > 0 {
                    return Err(MergeError::Unresolved { count: open }.into());
                }
                let settled = Sides { session: self, ours: writer.reader(), theirs }.settle(&units, &decided)?;
                take_journal(writer, theirs, &parted)?;
                settled.write(writer)?;
                facts.history = writer.take_history(theirs, |job| self.follower(job).is_some())?;
                facts.renames.clone_from(&settled.renames);
                facts.merged = true;
                let happening = Happening::new("vault-merged")
                    .with("from", other.path.display())
                    .with("taken", facts.taken.len())
                    .with("conflicts", facts.conflicts.len())
                    .with("entries", facts.entries);
                Ok((facts, happening, Some(settled.made)))
            })
        })?;
        self.take_stages()?;
        self.index.forget();
        Ok(facts)
    }

    fn compared(&self, ours: &Reader<'_>, theirs: &Reader<'_>, other: &Other, order: &MergeOrder) -> Result<Compared, AppError> {
        let sides = Sides { session: self, ours, theirs };
        let parted = self.part(ours, theirs)?;
        let mut units = sides.compare(&parted)?;
        let mut facts = MergeFacts {
            path: other.path.clone(),
            taken: Vec::new(),
            conflicts: Vec::new(),
            renames: Vec::new(),
            entries: parted.entries,
            history: HistoryTaken::default(),
            other_ways: !other.same_ways,
            merged: false,
        };
        let mut resolved: HashMap<&str, MergeKeep> = order.resolved.iter().map(|(key, keep)| (key.as_str(), *keep)).collect();
        let mut decided = HashSet::new();
        for unit in units.iter_mut().filter(|unit| !unit.rows.is_empty()) {
            match unit.decision {
                Decision::Ours => {}
                Decision::Theirs => facts.taken.push(sides.taken(unit)?),
                Decision::Conflict => {
                    let mut conflict = sides.conflict(unit)?;
                    let said = resolved.remove(conflict.key.as_str());
                    let named = resolved.remove(format!("{}:{}", conflict.what, conflict.name).as_str());
                    let unnamed = match order.keep {
                        Some(keep) if sides.may_keep(unit, keep)? => Some(keep),
                        _ => None,
                    };
                    conflict.kept = said.or(named).or(unnamed);
                    if let Some(kept) = conflict.kept {
                        unit.decision = if kept == MergeKeep::Ours { Decision::Ours } else { Decision::Theirs };
                        decided.insert(unit.key);
                    }
                    facts.conflicts.push(conflict);
                }
            }
        }
        if let Some(key) = resolved.into_keys().next() {
            return Err(MergeError::NoConflict { key: key.to_owned() }.into());
        }
        if facts.conflicts.iter().all(|conflict| conflict.kept.is_some()) {
            let Settled { renames, .. } = sides.settle(&units, &decided)?;
            facts.renames = renames;
        }
        Ok(Compared { parted, units, facts, decided })
    }
}

impl Sides<'_> {
    fn taken(&self, unit: &Unit) -> Result<MergeTaken, AppError> {
        let (ours, theirs) = (self.version(self.ours, unit.key)?, self.version(self.theirs, unit.key)?);
        let effect = match (self.has(self.ours, unit.key)?, self.has(self.theirs, unit.key)?) {
            (false, true) => MergeEffect::Added,
            (true, false) => MergeEffect::Removed,
            _ => MergeEffect::Changed,
        };
        let name = theirs.or(ours).map(|version| version.name).unwrap_or_default();
        Ok(MergeTaken { what: what(unit.key), name, effect })
    }

    fn conflict(&self, unit: &Unit) -> Result<MergeConflict, AppError> {
        let (ours, theirs) = (self.version(self.ours, unit.key)?, self.version(self.theirs, unit.key)?);
        let name = ours.as_ref().or(theirs.as_ref()).map(|version| version.name.clone()).unwrap_or_default();
        let key: beffroi_domain::DocumentId = compare::id(unit.key)?;
        let (removed_here, removed_there) = (!self.has(self.ours, unit.key)?, !self.has(self.theirs, unit.key)?);
        let mut fields = content::differences(ours.as_ref(), theirs.as_ref());
        if removed_here || removed_there {
            fields.extend(unit.users.as_ref().map(uses::Users::field));
        }
        Ok(MergeConflict {
            key: format!("{}:{key}", what(unit.key)),
            what: what(unit.key),
            name,
            fields,
            removed_here,
            removed_there,
            kept: None,
        })
    }
}

/// What people call the things of a table.
fn what(key: RowKey) -> &'static str {
    match key.table {
        "target" => "host",
        "compartment" => "stage",
        other => other,
    }
}
