//! What is written for each thing that is taken from the other copy, or that somebody decided.
//!
//! Everything is read and made before anything is written: rows go over as they stand, sealed as they are, with their revisions.
//! Only what becomes something new is sealed or authenticated again: a host that gets another name, and a secret that was
//! changed in both copies, whose other value becomes an earlier one. That needs the key of its stage.

use std::collections::{BTreeMap, HashMap, HashSet};

use beffroi_domain::{CompartmentId, DocumentId, HostName, SecretId, StageName, StagePolicy, TargetRecord};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::document::DocumentRow;
use beffroi_store::table::identity::IdentityRow;
use beffroi_store::table::login::Credential;
use beffroi_store::table::merge::RowKey;
use beffroi_store::table::policy::PolicyRow;
use beffroi_store::table::recipe::RecipeRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Reader, Writer};

use super::compare::{Decision, Sides, Unit, document_key, id, secret_key};
use crate::documents::{self, DocumentKind};
use crate::recipes::recipe_row;
use crate::secrets::detail::{Detail, Hidden, MOST_PAST, PastValue, Trashed, detail_id};
use crate::session::{compartment_row, target_place};
use crate::stages::policy_row;
use crate::{AppError, now_ms, secrets};

/// Something that is written.
pub(crate) enum Put {
    Target(TargetRow),
    Secret(SecretRow, Vec<u8>),
    Document(DocumentRow, Vec<u8>),
    Compartment(CompartmentRow),
    Policy(PolicyRow),
    Recipe(RecipeRow),
    Identity(IdentityRow),
    Drop(RowKey),
}

/// Something that was given another name, since the other copy has one of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRename {
    /// `host` or `secret`.
    pub what: &'static str,
    /// The name it had.
    pub from: String,
    /// The name it has.
    pub to: String,
}

/// All that is to be written.
#[derive(Default)]
pub(crate) struct Settled {
    pub(crate) puts: Vec<Put>,
    /// Rows that are something new: this copy changed them by merging.
    pub(crate) made: Vec<RowKey>,
    pub(crate) renames: Vec<MergeRename>,
    /// Files of secrets that must be there afterwards.
    needed: HashSet<RowKey>,
    /// Secrets of this copy that got another revision with the value that they have: from which, to which.
    again: Vec<(SecretId, u64, u64)>,
}

impl Put {
    fn key(&self) -> RowKey {
        let key = |table, id: &[u8; 16]| RowKey { table, id: *id };
        match self {
            Self::Target(row) => key("target", row.id.as_bytes()),
            Self::Secret(row, _) => secret_key(*row.id.as_bytes()),
            Self::Document(row, _) => document_key(*row.id.as_bytes()),
            Self::Compartment(row) => key("compartment", row.id.as_bytes()),
            Self::Policy(row) => key("policy", row.compartment.as_bytes()),
            Self::Recipe(row) => key("recipe", row.id.as_bytes()),
            Self::Identity(row) => key("identity", row.id.as_bytes()),
            Self::Drop(key) => *key,
        }
    }

    fn revision(&self) -> Option<u64> {
        Some(match self {
            Self::Target(row) => row.revision,
            Self::Secret(row, _) => row.revision,
            Self::Document(row, _) => row.revision,
            Self::Compartment(row) => row.revision,
            Self::Policy(row) => row.revision,
            Self::Recipe(row) => row.revision,
            Self::Identity(row) => row.revision,
            Self::Drop(_) => return None,
        })
    }

    fn write(&self, writer: &Writer<'_>) -> Result<(), AppError> {
        Ok(match self {
            Self::Target(row) => writer.put_target(row),
            Self::Secret(row, sealed) => writer.put_secret(row, sealed),
            Self::Document(row, sealed) => writer.put_document(row, sealed),
            Self::Compartment(row) => writer.put_compartment(row),
            Self::Policy(row) => writer.put_policy(row),
            Self::Recipe(row) => writer.put_recipe(row),
            Self::Identity(row) => writer.put_identity(row),
            Self::Drop(key) => writer.drop_row(*key),
        }?)
    }
}

impl Settled {
    /// Writes all of it. The journal of the other copy is here already.
    pub(crate) fn write(&self, writer: &Writer<'_>) -> Result<(), AppError> {
        let keys: Vec<RowKey> = self.puts.iter().map(Put::key).collect();
        writer.begin_merge(&keys)?;
        // What goes makes room for what comes.
        let (drops, puts): (Vec<&Put>, Vec<&Put>) = self.puts.iter().partition(|put| matches!(put, Put::Drop(_)));
        drops.into_iter().chain(puts).try_for_each(|put| put.write(writer))?;
        // What hosts said of those values still holds.
        for (id, from, to) in &self.again {
            let of = |revision| Credential { name: id.to_string(), revision };
            for login in writer.reader().logins_with(&of(*from))? {
                writer.note_login(&of(*to), &login)?;
            }
        }
        Ok(())
    }
}

impl Sides<'_> {
    /// What is to be written for these units, of which none is in conflict any more but those in `decided`: they were, and
    /// somebody said which side is kept.
    pub(crate) fn settle(&self, units: &[Unit], decided: &HashSet<RowKey>) -> Result<Settled, AppError> {
        let mut settled = Settled::default();
        for unit in units.iter().filter(|unit| decided.contains(&unit.key)) {
            settled.made.extend(&unit.rows);
            if unit.key.table == "secret" {
                self.settle_secret(unit, &mut settled)?;
            }
        }
        for unit in units.iter().filter(|unit| !(decided.contains(&unit.key) && unit.key.table == "secret")) {
            for row in &unit.rows {
                let (side, other) = match unit.decision {
                    Decision::Theirs => (self.theirs, self.ours),
                    Decision::Ours | Decision::Conflict => (self.ours, self.theirs),
                };
                if decided.contains(&unit.key)
                    && let Some(put) = self.renewed(self.put_of(side, *row)?, &self.put_of(other, *row)?)?
                {
                    settled.puts.push(put);
                    continue;
                }
                let needed = settled.needed.contains(row);
                let theirs = unit.decision == Decision::Theirs;
                // A file that a secret which was decided still has is kept by whichever side has it.
                let take = if needed && !self.has(side, *row)? { !theirs } else { theirs };
                if take {
                    settled.puts.push(self.put_of(self.theirs, *row)?);
                }
            }
        }
        self.part_names(&mut settled)?;
        Ok(settled)
    }

    /// A row as it stands in a copy, checked where its stage is open.
    fn put_of(&self, reader: &Reader<'_>, key: RowKey) -> Result<Put, AppError> {
        let found = match key.table {
            "target" => reader.target(id(key)?)?.map(Put::Target),
            "secret" => reader.sealed_secret(id(key)?)?.map(|(row, sealed)| Put::Secret(row, sealed)),
            "document" => reader.document(id(key)?)?.map(|(row, sealed)| Put::Document(row, sealed)),
            "policy" => reader.policy(id(key)?)?.map(Put::Policy),
            "identity" => reader.identity(id(key)?)?.map(Put::Identity),
            "recipe" => reader.recipes()?.into_iter().find(|row| *row.id.as_bytes() == key.id).map(Put::Recipe),
            _ => reader.compartments()?.into_iter().find(|row| *row.id.as_bytes() == key.id).map(Put::Compartment),
        };
        let put = found.unwrap_or(Put::Drop(key));
        match &put {
            Put::Target(row) if self.session.vault.is_open(row.compartment) => {
                let place = target_place(row.id, row.compartment, row.revision);
                let held = self.session.vault.check_row(&place, &row.record, &row.mac);
                held.map_err(|_| AppError::RecordForged { name: row.name.clone() })?;
            }
            Put::Secret(row, sealed) => drop(self.open(&secrets::place(row), sealed)?),
            Put::Document(row, sealed) => drop(self.open(&documents::place(row), sealed)?),
            _ => {}
        }
        Ok(put)
    }

    /// What was decided as something newer than either copy has: a copy that is merged later takes it without a question, and
    /// what it was decided against stays older. Nothing where it is newer as it stands, or one of the two has none.
    fn renewed(&self, kept: Put, lost: &Put) -> Result<Option<Put>, AppError> {
        let (Some(own), Some(other)) = (kept.revision(), lost.revision()) else { return Ok(None) };
        if own > other {
            return Ok(None);
        }
        let (revision, vault) = (other + 1, &self.session.vault);
        let open = |compartment| if vault.is_open(compartment) { Ok(()) } else { Err(self.sealed_stage(compartment)) };
        Ok(Some(match kept {
            Put::Target(row) => {
                open(row.compartment)?;
                let mac = vault.row_mac(&target_place(row.id, row.compartment, revision), &row.record).map_err(AppError::internal)?;
                Put::Target(TargetRow { revision, mac, ..row })
            }
            Put::Document(row, sealed) => {
                let value = self.opened(&documents::place(&row), &sealed)?;
                let row = DocumentRow { revision, ..row };
                let sealed = self.seal(&documents::place(&row), &value)?;
                Put::Document(row, sealed)
            }
            Put::Policy(row) => {
                open(row.compartment)?;
                let policy = StagePolicy::from_canonical(&row.record).map_err(AppError::damaged)?;
                Put::Policy(policy_row(vault, row.compartment, &policy, revision)?)
            }
            Put::Compartment(row) => {
                let stage: StageName = row.stage.parse().map_err(|_| AppError::damaged("the name of a stage"))?;
                Put::Compartment(compartment_row(vault, row.id, &stage, row.wrapped, revision)?)
            }
            Put::Recipe(row) => {
                let dev = self.session.compartment(&StageName::dev())?;
                Put::Recipe(recipe_row(vault, dev, row.id, &row.name, row.record, revision)?)
            }
            // Secrets are settled with what stands beside them; an identity is never changed.
            Put::Secret(..) | Put::Identity(_) | Put::Drop(_) => return Ok(None),
        }))
    }

    /// Opens a value that is needed to make something new.
    fn opened(&self, place: &beffroi_vault::Place<'_>, sealed: &[u8]) -> Result<SecretBytes, AppError> {
        self.open(place, sealed)?.ok_or_else(|| self.sealed_stage(place.compartment))
    }

    pub(super) fn sealed_stage(&self, compartment: CompartmentId) -> AppError {
        let rows = self.theirs.compartments().unwrap_or_default();
        let there = rows.into_iter().find(|row| row.id == compartment).map(|row| row.stage);
        match self.session.sealed(compartment) {
            AppError::StageSealed { name } if name.is_empty() => AppError::StageSealed { name: there.unwrap_or_default() },
            other => other,
        }
    }

    /// A secret that both changed: the one that is kept, with the other's value, earlier values and files.
    fn settle_secret(&self, unit: &Unit, settled: &mut Settled) -> Result<(), AppError> {
        let theirs_win = unit.decision == Decision::Theirs;
        let (ours, theirs) = (self.secret_side(self.ours, unit.key)?, self.secret_side(self.theirs, unit.key)?);
        let revisions = (ours.revision.max(theirs.revision) + 1, ours.detail_revision.max(theirs.detail_revision) + 1);
        let (kept, mut lost) = if theirs_win { (theirs, ours) } else { (ours, theirs) };
        let Some(compartment) = kept.compartment.or(lost.compartment) else { return Ok(()) };
        let value = kept.value.as_ref().or(kept.trashed_value.as_ref());
        // What hosts said of a value is known by its revision: theirs is new here, and ours is new there.
        match (&kept.row, &kept.value) {
            (Some(row), Some(value)) if theirs_win || row.revision <= lost.revision => {
                if !theirs_win {
                    settled.again.push((row.id, row.revision, revisions.0));
                }
                let row = SecretRow { revision: revisions.0, ..row.clone() };
                let sealed = self.seal(&secrets::place(&row), value)?;
                settled.puts.push(Put::Secret(row, sealed));
            }
            (Some(_), Some(_)) => {}
            _ if theirs_win => settled.puts.push(Put::Drop(unit.key)),
            _ => {}
        }
        let is_gone = value.is_none();
        let mut detail = kept.detail;
        let was = lost.value.or(lost.trashed_value).filter(|was| value.is_none_or(|value| !value.same_as(was)));
        let was: Option<SecretText> = was.and_then(|was| was.into_text().ok());
        if is_gone {
            // Removed for good where it is kept: what the other copy changed since lies in the trash.
            let Some(trashed) = lost.detail.trashed.take().or_else(|| Some(thrown(lost.row?, was?, revisions.0))) else {
                settled.puts.push(Put::Drop(document_key(unit.key.id)));
                settled.made.extend([unit.key, document_key(unit.key.id)]);
                return Ok(());
            };
            detail = Detail { trashed: Some(trashed), ..lost.detail };
        } else {
            join(&mut detail, lost.detail, was);
        }
        settled
            .needed
            .extend(detail.attachments.iter().filter_map(|line| Some(document_key(*line.document.parse::<DocumentId>().ok()?.as_bytes()))));
        let id = detail_id(id::<SecretId>(unit.key)?);
        let row = DocumentRow { id, kind: DocumentKind::Detail.name().to_owned(), compartment, revision: revisions.1 };
        let bytes = SecretBytes::new(serde_json::to_vec(&detail).map_err(AppError::internal)?);
        let sealed = self.seal(&documents::place(&row), &bytes)?;
        settled.made.extend([unit.key, document_key(unit.key.id)]);
        settled.puts.push(Put::Document(row, sealed));
        Ok(())
    }

    fn seal(&self, place: &beffroi_vault::Place<'_>, value: &SecretBytes) -> Result<Vec<u8>, AppError> {
        self.session.vault.seal(place, value).map_err(|_| self.sealed_stage(place.compartment))
    }

    fn secret_side(&self, reader: &Reader<'_>, key: RowKey) -> Result<SecretSide, AppError> {
        let mut side = SecretSide::default();
        if let Some((row, sealed)) = reader.sealed_secret(id(key)?)? {
            side.value = Some(self.opened(&secrets::place(&row), &sealed)?);
            (side.revision, side.changed_ms, side.compartment) = (row.revision, row.changed_ms, Some(row.compartment));
            side.row = Some(row);
        }
        if let Some((row, sealed)) = reader.document(id(document_key(key.id))?)? {
            let bytes = self.opened(&documents::place(&row), &sealed)?;
            side.detail = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
            side.detail_revision = row.revision;
            side.compartment = side.compartment.or(Some(row.compartment));
            if let Some(trashed) = &side.detail.trashed {
                (side.revision, side.changed_ms) = (trashed.revision, trashed.changed_ms);
                side.trashed_value = Some(trashed.value.0.to_bytes());
            }
        }
        Ok(side)
    }

    /// Of two hosts or secrets of one name, the one that was made later gets another, in whichever copy it is.
    fn part_names(&self, settled: &mut Settled) -> Result<(), AppError> {
        let coming: HashMap<RowKey, usize> = settled.puts.iter().enumerate().map(|(at, put)| (put.key(), at)).collect();
        let name = |put: &Put| match put {
            Put::Target(row) => Some(row.name.clone()),
            Put::Secret(row, _) => Some(row.name.clone()),
            _ => None,
        };
        for (table, what) in [("target", "host"), ("secret", "secret")] {
            let own = match table {
                "target" => self.ours.targets()?.into_iter().map(|row| (*row.id.as_bytes(), row.name)).collect::<Vec<_>>(),
                _ => self.ours.secrets()?.into_iter().map(|row| (*row.id.as_bytes(), row.name)).collect(),
            };
            let mut all: BTreeMap<[u8; 16], String> = own.into_iter().collect();
            for put in settled.puts.iter().filter(|put| put.key().table == table) {
                match name(put) {
                    Some(name) => drop(all.insert(put.key().id, name)),
                    None => drop(all.remove(&put.key().id)),
                }
            }
            // The oldest first: ids sort by the time at which they were made.
            let mut taken: HashSet<String> = HashSet::new();
            let every: HashSet<String> = all.values().cloned().collect();
            for (row, from) in all {
                if taken.insert(from.clone()) {
                    continue;
                }
                let free = |to: &String| !taken.contains(to) && !every.contains(to);
                let to = (2..10_000).map(|turn| format!("{from}-{turn}")).find(free).ok_or_else(|| AppError::internal("no free name"))?;
                taken.insert(to.clone());
                let key = RowKey { table, id: row };
                self.rename(key, &to, coming.get(&key).copied(), settled)?;
                settled.made.push(key);
                settled.renames.push(MergeRename { what, from, to });
            }
        }
        Ok(())
    }

    fn rename(&self, key: RowKey, to: &str, coming: Option<usize>, settled: &mut Settled) -> Result<(), AppError> {
        let gone = || AppError::damaged("a name that is there twice");
        let taken = coming.and_then(|at| settled.puts.get(at));
        let put = match (key.table, taken) {
            ("target", Some(Put::Target(row))) => self.renamed_host(row.clone(), to)?,
            ("target", _) => self.renamed_host(self.ours.target(id(key)?)?.ok_or_else(gone)?, to)?,
            (_, Some(Put::Secret(row, sealed))) => Put::Secret(SecretRow { name: to.to_owned(), ..row.clone() }, sealed.clone()),
            _ => {
                // A name is no part of what is sealed.
                let (row, sealed) = self.ours.sealed_secret(id(key)?)?.ok_or_else(gone)?;
                Put::Secret(SecretRow { name: to.to_owned(), ..row }, sealed)
            }
        };
        match coming.and_then(|at| settled.puts.get_mut(at)) {
            Some(place) => *place = put,
            None => settled.puts.push(put),
        }
        Ok(())
    }

    fn renamed_host(&self, row: TargetRow, to: &str) -> Result<Put, AppError> {
        let mut record = TargetRecord::from_canonical(&row.record).map_err(|_| AppError::damaged(format!("the record of {}", row.name)))?;
        record.name = crate::error::named::<HostName>("host", to)?;
        let (encoded, revision) = (record.to_canonical(), row.revision + 1);
        if !self.session.vault.is_open(row.compartment) {
            return Err(self.sealed_stage(row.compartment));
        }
        let mac = self.session.vault.row_mac(&target_place(row.id, row.compartment, revision), &encoded).map_err(AppError::internal)?;
        Ok(Put::Target(TargetRow { name: to.to_owned(), record: encoded, revision, mac, ..row }))
    }
}

/// A secret and what stands beside it, as one copy has it.
#[derive(Default)]
struct SecretSide {
    row: Option<SecretRow>,
    value: Option<SecretBytes>,
    /// Its value, when it lies in the trash.
    trashed_value: Option<SecretBytes>,
    revision: u64,
    changed_ms: u64,
    compartment: Option<CompartmentId>,
    detail: Detail,
    detail_revision: u64,
}

/// Adds to a detail what the other copy alone had: earlier values, files, and the value that is not kept. Of all earlier values
/// the last ones stay.
fn join(detail: &mut Detail, lost: Detail, was: Option<SecretText>) {
    let was = was.map(|was| PastValue { value: Hidden(was), until_ms: now_ms() });
    for past in lost.history.into_iter().chain(was) {
        let bytes = past.value.0.to_bytes();
        if !detail.history.iter().any(|known| known.value.0.to_bytes().same_as(&bytes)) {
            detail.history.push(past);
        }
    }
    detail.history.sort_by_key(|past| past.until_ms);
    let over = detail.history.len().saturating_sub(MOST_PAST);
    detail.history.drain(..over);
    for line in lost.attachments {
        if !detail.attachments.iter().any(|own| own.document == line.document) {
            detail.attachments.push(line);
        }
    }
}

/// A secret as it lies in the trash.
fn thrown(row: SecretRow, value: SecretText, revision: u64) -> Trashed {
    let SecretRow { name, kind, created_ms, changed_ms, .. } = row;
    Trashed { name, kind, value: Hidden(value), revision, created_ms, changed_ms, at_ms: now_ms() }
}
