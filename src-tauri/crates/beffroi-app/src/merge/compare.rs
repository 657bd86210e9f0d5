//! What becomes of each thing that is not the same in two copies.
//!
//! The common ancestor is the state at the last entries that both journals have: what a copy did since is what its later
//! entries noted (`changed.rs`). What only one side changed is taken from it. What both changed is a conflict, unless both came to
//! the same; so is what differs although neither is known to have changed it, and what the other copy changed to something older:
//! a revision only grows, so that is a record or a value that was put back past its stage's key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use beffroi_domain::DocumentId;
use beffroi_store::Reader;
use beffroi_store::table::merge::RowKey;

use super::changed::covered_rows;
use super::content;
use super::other::Parted;
use super::uses::Users;
use crate::AppError;
use crate::error::MergeError;
use crate::session::Session;

/// Both copies, each in one state.
pub(crate) struct Sides<'a> {
    pub(crate) session: &'a Session,
    pub(crate) ours: &'a Reader<'a>,
    pub(crate) theirs: &'a Reader<'a>,
}

/// Something that is not the same in both: a host, a secret with its detail, a document.
pub(crate) struct Unit {
    /// Its row; for a secret and its detail that of the secret.
    pub(crate) key: RowKey,
    /// The rows of it that differ.
    pub(crate) rows: Vec<RowKey>,
    pub(crate) decision: Decision,
    /// Who uses it, if anybody does.
    pub(crate) users: Option<Users>,
}

/// Which side a unit is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Ours,
    Theirs,
    /// Both changed it: somebody has to say.
    Conflict,
}

/// Of each row that the state digest covers: its revision and MAC.
type Rows = HashMap<RowKey, (u64, [u8; 32])>;

fn rows(reader: &Reader<'_>) -> Result<Rows, AppError> {
    let sources = covered_rows(reader)?.into_iter();
    Ok(sources.filter_map(|row| Some((RowKey::new(row.table, row.id)?, (row.revision, row.mac)))).collect())
}

/// The row of a secret.
pub(crate) fn secret_key(id: [u8; 16]) -> RowKey {
    RowKey { table: "secret", id }
}

/// The row of a document.
pub(crate) fn document_key(id: [u8; 16]) -> RowKey {
    RowKey { table: "document", id }
}

impl Sides<'_> {
    /// Everything that differs, with what becomes of it.
    pub(crate) fn compare(&self, parted: &Parted) -> Result<Vec<Unit>, AppError> {
        self.refuse_parted_stages()?;
        let (ours, theirs) = (rows(self.ours)?, rows(self.theirs)?);
        let changed = |reader: &Reader<'_>, chains: &[(beffroi_domain::ChainId, u64)]| {
            let mut found = HashSet::new();
            for (chain, after) in chains {
                found.extend(reader.changed_rows(*chain, *after)?);
            }
            Ok::<HashSet<RowKey>, AppError>(found)
        };
        let (here, there) = (changed(self.ours, &parted.here)?, changed(self.theirs, &parted.there)?);
        let differing: BTreeSet<RowKey> =
            ours.keys().chain(theirs.keys()).filter(|key| ours.get(key) != theirs.get(key)).copied().collect();
        self.refuse_parted_rotations(&differing, &here, &there)?;
        let mut units: BTreeMap<RowKey, Vec<RowKey>> = BTreeMap::new();
        for key in differing {
            units.entry(self.unit_of(key)?).or_default().push(key);
        }
        let mut decided = Vec::with_capacity(units.len());
        for (key, rows) in units {
            let by_us = rows.iter().any(|row| here.contains(row));
            let by_them = rows.iter().any(|row| there.contains(row));
            let older = rows.iter().any(|row| matches!((theirs.get(row), ours.get(row)), (Some(theirs), Some(ours)) if theirs.0 < ours.0));
            let decision = match (by_us, by_them) {
                _ if key.table == "compartment" && !theirs.contains_key(&key) => Decision::Ours,
                (true, false) => Decision::Ours,
                (false, true) if !older => Decision::Theirs,
                (false, false) if rows.iter().all(|row| !ours.contains_key(row)) => Decision::Theirs,
                (false, false) if rows.iter().all(|row| !theirs.contains_key(row)) => Decision::Ours,
                _ if content::same(self, key)? => {
                    // Whoever merges takes the same one of the two.
                    let of = |side: &Rows| rows.iter().map(|row| side.get(row).copied()).collect::<Vec<_>>();
                    if of(&theirs) > of(&ours) { Decision::Theirs } else { Decision::Ours }
                }
                _ => Decision::Conflict,
            };
            decided.push(Unit { key, rows, decision, users: None });
        }
        self.match_recipes(&mut decided)?;
        self.keep_what_is_used(&mut decided)?;
        Ok(decided)
    }

    /// A stage that got another key on one side, or was made on both, is not merged: what is under the one key cannot be put
    /// under the other without both.
    fn refuse_parted_stages(&self) -> Result<(), AppError> {
        let ours = self.ours.compartments()?;
        for row in self.theirs.compartments()? {
            if ours.iter().any(|own| own.stage == row.stage && own.id != row.id) {
                return Err(MergeError::StageApart { stage: row.stage }.into());
            }
        }
        Ok(())
    }

    /// A detail belongs to its secret.
    fn unit_of(&self, key: RowKey) -> Result<RowKey, AppError> {
        if key.table != "document" {
            return Ok(key);
        }
        let id = DocumentId::from_bytes(&key.id).map_err(AppError::damaged)?;
        let found = match self.ours.document(id)? {
            Some(found) => Some(found),
            None => self.theirs.document(id)?,
        };
        let is_detail = found.is_some_and(|(row, _)| row.kind == "detail");
        Ok(if is_detail { secret_key(key.id) } else { key })
    }

    /// Two recipes of one name are one: it is what they are called by.
    fn match_recipes(&self, units: &mut [Unit]) -> Result<(), AppError> {
        let (ours, theirs) = (self.ours.recipes()?, self.theirs.recipes()?);
        for other in &theirs {
            let Some(own) = ours.iter().find(|own| own.name == other.name && own.id != other.id) else { continue };
            let (own_key, other_key) =
                (RowKey { table: "recipe", id: *own.id.as_bytes() }, RowKey { table: "recipe", id: *other.id.as_bytes() });
            let is = |key: RowKey| move |unit: &&mut Unit| unit.key == key;
            let gone = |unit: &Unit, side: Decision| unit.decision == side;
            let own_goes = units.iter().any(|unit| unit.key == own_key && gone(unit, Decision::Theirs));
            let other_comes = units.iter().any(|unit| unit.key == other_key && gone(unit, Decision::Theirs));
            if own_goes || !other_comes {
                continue;
            }
            let decision = match own.record == other.record {
                true if other.id < own.id => Decision::Theirs,
                true => Decision::Ours,
                false => Decision::Conflict,
            };
            if let Some(unit) = units.iter_mut().find(is(other_key)) {
                unit.decision = decision;
                unit.rows = vec![own_key, other_key];
            }
            if let Some(unit) = units.iter_mut().find(is(own_key)) {
                unit.rows.clear();
            }
        }
        Ok(())
    }

    /// Whether a copy has a row of one of the tables in which people see names.
    pub(crate) fn has(&self, reader: &Reader<'_>, key: RowKey) -> Result<bool, AppError> {
        Ok(match key.table {
            "target" => reader.target(id(key)?)?.is_some(),
            "secret" => reader.sealed_secret(id(key)?)?.is_some(),
            "document" => reader.document(id(key)?)?.is_some(),
            "policy" => reader.policy(id(key)?)?.is_some(),
            "identity" => reader.identity(id(key)?)?.is_some(),
            "recipe" => reader.recipes()?.iter().any(|row| *row.id.as_bytes() == key.id),
            _ => reader.compartments()?.iter().any(|row| *row.id.as_bytes() == key.id),
        })
    }
}

/// The id of a row in the type of its table.
pub(crate) fn id<T: RowId>(key: RowKey) -> Result<T, AppError> {
    T::of(key.id).map_err(AppError::damaged)
}

/// An id that is made of 16 bytes.
pub(crate) trait RowId: Sized {
    fn of(bytes: [u8; 16]) -> Result<Self, beffroi_domain::InvalidId>;
}

macro_rules! row_id {
    ($($name:ident),*) => {
        $(impl RowId for beffroi_domain::$name {
            fn of(bytes: [u8; 16]) -> Result<Self, beffroi_domain::InvalidId> {
                Self::from_bytes(&bytes)
            }
        })*
    };
}
row_id!(HostId, SecretId, DocumentId, CompartmentId, IdentityId);
