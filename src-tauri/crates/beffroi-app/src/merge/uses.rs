//! What hangs together: what one copy removed and the other uses, and the rows of a rotation.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use beffroi_domain::{CompartmentId, SecretId, TargetRecord};
use beffroi_store::Reader;
use beffroi_store::table::merge::RowKey;
use serde::Deserialize;

use super::compare::{Decision, Sides, Unit, document_key, secret_key};
use super::{MergeField, MergeKeep};
use crate::AppError;
use crate::archives::BACKUP_KEY;
use crate::documents::{self, DocumentKind};
use crate::error::RotationError;
use crate::secrets::PRIVATE_KEY;

/// Who uses a thing in each copy: hosts, authorities and certificates, the stage of backups.
#[derive(Debug, Default)]
pub(crate) struct Users {
    ours: BTreeSet<String>,
    theirs: BTreeSet<String>,
}

impl Users {
    /// They as a line of a conflict.
    pub(crate) fn field(&self) -> MergeField {
        let said = |names: &BTreeSet<String>| (!names.is_empty()).then(|| names.iter().cloned().collect::<Vec<_>>().join(", "));
        MergeField { field: "used-by".to_owned(), ours: said(&self.ours), theirs: said(&self.theirs), hidden: false }
    }
}

/// By thing: who uses it.
type Used = HashMap<RowKey, Users>;

/// What a document says of the key that belongs to it.
#[derive(Deserialize)]
struct HasKey {
    key: String,
}

/// What a rotation says of its secrets.
#[derive(Deserialize)]
struct Rotates {
    secret: String,
    next: String,
}

impl Sides<'_> {
    /// What one side removed is not lost to a host, a certificate or a backup of the other that uses it: somebody has to say.
    pub(crate) fn keep_what_is_used(&self, units: &mut [Unit]) -> Result<(), AppError> {
        let decided: HashMap<RowKey, Decision> = units.iter().map(|unit| (unit.key, unit.decision)).collect();
        let mut used = Used::new();
        for (reader, mine) in [(self.ours, true), (self.theirs, false)] {
            let counts = |key: RowKey| match decided.get(&key) {
                None | Some(Decision::Conflict) => true,
                Some(Decision::Ours) => mine,
                Some(Decision::Theirs) => !mine,
            };
            let mut note = |key: RowKey, by: String| {
                let users = used.entry(key).or_default();
                if mine {
                    users.ours.insert(by)
                } else {
                    users.theirs.insert(by)
                };
            };
            used_by_hosts(reader, &counts, &mut note)?;
            self.used_by_documents(reader, &counts, &mut note)?;
        }
        for unit in units.iter_mut().filter(|unit| unit.rows.contains(&unit.key)) {
            unit.users = used.remove(&unit.key);
            let kept = match unit.decision {
                _ if unit.users.is_none() => continue,
                Decision::Ours => self.has(self.ours, unit.key)?,
                Decision::Theirs => self.has(self.theirs, unit.key)?,
                Decision::Conflict => true,
            };
            if !kept {
                unit.decision = Decision::Conflict;
            }
        }
        Ok(())
    }

    /// Whether what is kept of everything may be kept of this too. Nothing that is used is removed by that.
    pub(crate) fn may_keep(&self, unit: &Unit, keep: MergeKeep) -> Result<bool, AppError> {
        let side = match keep {
            MergeKeep::Ours => self.ours,
            MergeKeep::Theirs => self.theirs,
        };
        Ok(unit.users.is_none() || self.has(side, unit.key)?)
    }

    /// Keys of authorities and certificates, and the keys of stages that have backups.
    fn used_by_documents(
        &self,
        reader: &Reader<'_>,
        counts: &impl Fn(RowKey) -> bool,
        note: &mut impl FnMut(RowKey, String),
    ) -> Result<(), AppError> {
        let secrets = reader.secrets()?;
        let of = |compartment: CompartmentId, kind: &'static str| {
            let found = secrets.iter().filter(move |row| row.compartment == compartment && row.kind == kind);
            found.map(|row| secret_key(*row.id.as_bytes()))
        };
        for kind in [DocumentKind::Authority, DocumentKind::Certificate] {
            for (row, sealed) in reader.documents(kind.name())? {
                let key = document_key(*row.id.as_bytes());
                if !counts(key) {
                    continue;
                }
                let opened = self.open(&documents::place(&row), &sealed).ok().flatten();
                let named = opened.and_then(|bytes| serde_json::from_slice::<HasKey>(bytes.expose()).ok());
                match named.and_then(|named| named.key.parse::<SecretId>().ok()) {
                    Some(secret) => {
                        let name = self.version(reader, key)?.map_or_else(|| row.id.to_string(), |version| version.name);
                        note(secret_key(*secret.as_bytes()), name);
                    }
                    // Nobody can say which key is its own: any of its stage.
                    None => of(row.compartment, PRIVATE_KEY).for_each(|secret| note(secret, row.id.to_string())),
                }
            }
        }
        let stages = reader.compartments()?;
        for (row, _) in reader.documents(DocumentKind::Archive.name())? {
            if counts(document_key(*row.id.as_bytes())) {
                let stage = stages.iter().find(|stage| stage.id == row.compartment).map(|stage| stage.stage.clone()).unwrap_or_default();
                of(row.compartment, BACKUP_KEY).for_each(|secret| note(secret, stage.clone()));
            }
        }
        Ok(())
    }

    /// A rotation, its secret and the value that is to come are of one copy: where each copy changed something of them, no choice
    /// between single rows leaves hosts with what opens them. The rotation is ended first.
    pub(crate) fn refuse_parted_rotations(
        &self,
        differing: &BTreeSet<RowKey>,
        here: &HashSet<RowKey>,
        there: &HashSet<RowKey>,
    ) -> Result<(), AppError> {
        let by_both = |rows: &[RowKey]| {
            let by = |changed: &HashSet<RowKey>| rows.iter().any(|row| differing.contains(row) && changed.contains(row));
            by(here) && by(there)
        };
        let mut rotating: BTreeMap<SecretId, Vec<RowKey>> = BTreeMap::new();
        for reader in [self.ours, self.theirs] {
            for (row, sealed) in reader.documents(DocumentKind::Rotation.name())? {
                let document = document_key(*row.id.as_bytes());
                let Some(bytes) = self.open(&documents::place(&row), &sealed)? else {
                    // Which secret it is of is not known: any of its stage.
                    if by_both(&self.rows_of_stage(row.compartment, document)?) {
                        return Err(self.sealed_stage(row.compartment));
                    }
                    continue;
                };
                let Rotates { secret, next } = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
                let parsed = |id: String| id.parse::<SecretId>().map_err(|_| AppError::damaged("a rotation's secret"));
                let (secret, next) = (parsed(secret)?, parsed(next)?);
                let rows = [document, secret_key(*secret.as_bytes()), secret_key(*next.as_bytes())];
                rotating.entry(secret).or_default().extend(rows);
            }
        }
        for (secret, rows) in rotating {
            if by_both(&rows) {
                let version = self.version(self.ours, secret_key(*secret.as_bytes()))?;
                let name = version.map_or_else(|| secret.to_string(), |version| version.name);
                return Err(RotationError::GoesOn { name }.into());
            }
        }
        Ok(())
    }

    fn rows_of_stage(&self, compartment: CompartmentId, document: RowKey) -> Result<Vec<RowKey>, AppError> {
        let mut rows = vec![document];
        for reader in [self.ours, self.theirs] {
            let secrets = reader.secrets()?.into_iter().filter(|row| row.compartment == compartment);
            rows.extend(secrets.map(|row| secret_key(*row.id.as_bytes())));
            let rotations = reader.documents(DocumentKind::Rotation.name())?.into_iter().filter(|(row, _)| row.compartment == compartment);
            rows.extend(rotations.map(|(row, _)| document_key(*row.id.as_bytes())));
        }
        Ok(rows)
    }
}

fn used_by_hosts(reader: &Reader<'_>, counts: &impl Fn(RowKey) -> bool, note: &mut impl FnMut(RowKey, String)) -> Result<(), AppError> {
    let key = |host: &[u8; 16]| RowKey { table: "target", id: *host };
    for row in reader.targets()?.into_iter().filter(|row| counts(key(row.id.as_bytes()))) {
        let record = TargetRecord::from_canonical(&row.record).map_err(|_| AppError::damaged(format!("the record of {}", row.name)))?;
        record.secrets().for_each(|secret| note(secret_key(*secret.as_bytes()), row.name.clone()));
        record.accesses().filter_map(|access| access.jump).for_each(|host| note(key(host.as_bytes()), row.name.clone()));
    }
    Ok(())
}
