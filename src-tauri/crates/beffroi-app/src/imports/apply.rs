//! Takes a file in: everything in one transaction with one entry of the journal, or nothing.

use std::collections::HashMap;

use beffroi_domain::{HostId, SecretId, TargetRecord};
use beffroi_import::Entry;
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;

use super::detail::{put, whole};
use super::hosts::{HostStanding, address, bind, host_keys, port, record};
use super::merge::{Fate, Mark, VALUE, said};
use super::names::host_name;
use super::rows::{Judged, NOTE, View};
use super::side::{Known, origin_key};
use super::{ImportChoice, ImportChoices, ImportDone, ImportStanding, Pending};
use crate::secrets::detail::Origin;
use crate::secrets::{kind_of, place};
use crate::session::{Happening, Session, Target};
use crate::{AppError, now_ms};

/// What is written of one entry.
enum Write<'a> {
    New { row: SecretRow, entry: &'a Entry },
    Over { known: &'a Known, old: Option<SecretText>, judged: &'a Judged, entry: &'a Entry, side: Option<ImportChoice> },
}

impl Session {
    /// Does what the choices say, together or not at all.
    pub(super) fn take_import(&self, pending: &Pending, view: &View, choices: &ImportChoices) -> Result<ImportDone, AppError> {
        let mut done = ImportDone::default();
        let (mut writes, mut secrets) = (Vec::new(), HashMap::new());
        for judged in &view.rows {
            let Some(entry) = pending.parsed.entries.get(judged.entry) else { continue };
            let write = self.decide(view, judged, entry, choices, &mut done)?;
            // Of thousands that open no host nobody asks.
            if judged.opens
                && let Some(id) = self.said_by(entry, view, judged, write.as_ref())?
            {
                secrets.insert(entry.origin.as_str(), (id, judged));
            }
            writes.extend(write);
        }
        let hosts = self.decide_hosts(pending, view, choices, &secrets, &mut done)?;
        let opening = pending.parcel.as_ref().map(|by| self.opening(by)).transpose()?.flatten();
        let happening = match &pending.parcel {
            Some(by) => Happening::new("parcel-opened").with("name", &by.signer.name).with("fingerprint", &by.signer.fingerprint),
            None => Happening::new("secrets-imported"),
        };
        let happening = happening
            .with("file", &pending.name)
            .with("format", pending.format())
            .with("added", done.added)
            .with("changed", done.changed)
            .with("hosts", done.hosts_added + done.hosts_changed);
        self.commit(happening, |writer| {
            if let Some(opening) = &opening {
                self.note_opening(writer, opening)?;
            }
            for write in &writes {
                match write {
                    Write::New { row, entry } => self.insert_entry(writer, pending, row, entry)?,
                    Write::Over { known, old, judged, entry, side } => {
                        self.update_entry(writer, pending, (known, old.as_ref()), judged, entry, *side)?;
                    }
                }
            }
            for (before, record) in &hosts {
                let row = self.target_row(record, before.map_or(1, |revision| revision + 1))?;
                match before {
                    Some(_) => writer.update_target(&row)?,
                    None => writer.insert_target(&row)?,
                }
            }
            Ok(())
        })?;
        done.touched = hosts.iter().filter(|(before, _)| before.is_some()).map(|(_, record)| record.host).collect();
        Ok(done)
    }

    fn decide<'a>(
        &self,
        view: &'a View,
        judged: &'a Judged,
        entry: &'a Entry,
        choices: &ImportChoices,
        done: &mut ImportDone,
    ) -> Result<Option<Write<'a>>, AppError> {
        let chosen = choices.rows.get(&judged.entry).copied();
        if chosen == Some(ImportChoice::Skip) {
            done.left += 1;
            return Ok(None);
        }
        let side = chosen.or(choices.all);
        let known = judged.known.map(|known| view.side.known(known));
        // Read before the transaction, which has the catalog for itself.
        let over = |known: &'a Known| -> Result<_, AppError> {
            let old = self.value_of(&known.row)?.and_then(|old| old.into_text().ok()).filter(|old| !old.expose().is_empty());
            Ok(Some(Write::Over { known, old, judged, entry, side }))
        };
        Ok(match (&judged.standing, known) {
            (ImportStanding::Refused(_), _) => {
                done.refused += 1;
                None
            }
            (ImportStanding::Sealed, Some(known)) => return Err(self.sealed(known.row.compartment)),
            (ImportStanding::Sealed, None) => return Err(AppError::StageSealed { name: judged.stage.to_string() }),
            (ImportStanding::Same, Some(known)) => {
                done.same += 1;
                // The file comes to say what somebody wrote here: known from now on.
                if judged.fates.is_empty() { None } else { over(known)? }
            }
            (ImportStanding::Changed, Some(known)) => {
                done.changed += 1;
                over(known)?
            }
            (ImportStanding::Conflict, Some(known)) => {
                match side {
                    Some(ImportChoice::Theirs) => done.changed += 1,
                    Some(ImportChoice::Mine) => done.kept += 1,
                    _ => done.conflicts += 1,
                }
                over(known)?
            }
            (ImportStanding::Differs, Some(known)) if side == Some(ImportChoice::Theirs) => {
                done.changed += 1;
                over(known)?
            }
            (ImportStanding::Differs, _) if side == Some(ImportChoice::Mine) => {
                done.kept += 1;
                None
            }
            (ImportStanding::Trashed | ImportStanding::Discarded, _) if chosen != Some(ImportChoice::Take) => {
                done.left += 1;
                None
            }
            _ => {
                done.added += 1;
                Some(Write::New { row: self.new_row(judged, entry)?, entry })
            }
        })
    }

    /// The secret, if the file has the very value that it has then. A file that knows no more of a secret than its id has no
    /// host log in with it: the host may be the author's.
    fn said_by(&self, entry: &Entry, view: &View, judged: &Judged, write: Option<&Write<'_>>) -> Result<Option<SecretId>, AppError> {
        let Some(said) = entry.value.as_ref() else { return Ok(None) };
        // In this process alone, with what the file has.
        let is_it = |value: &SecretText| value.expose() == said.expose();
        Ok(match write {
            Some(Write::New { row, .. }) => Some(row.id),
            Some(Write::Over { known, old, side, .. }) => {
                let is_taken = judged.fates.iter().any(|(field, fate)| field == VALUE && is_taken(*fate, *side));
                (is_taken || old.as_ref().is_some_and(is_it)).then_some(known.row.id)
            }
            None => match judged.known.filter(|_| judged.standing == ImportStanding::Same) {
                Some(known) => {
                    let row = &view.side.known(known).row;
                    let value = self.value_of(row)?.and_then(|value| value.into_text().ok());
                    value.as_ref().is_some_and(is_it).then_some(row.id)
                }
                None => None,
            },
        })
    }

    fn new_row(&self, judged: &Judged, entry: &Entry) -> Result<SecretRow, AppError> {
        let now = now_ms();
        // A time to come is nobody's.
        let time = |at: Option<u64>| at.filter(|at| *at <= now).unwrap_or(now);
        Ok(SecretRow {
            id: SecretId::make(),
            name: judged.name.clone(),
            compartment: self.compartment(&judged.stage)?,
            kind: kind_of_entry(entry).to_owned(),
            revision: 1,
            created_ms: time(entry.created_ms.or(entry.changed_ms)),
            changed_ms: time(entry.changed_ms.or(entry.created_ms)),
        })
    }

    fn insert_entry(&self, writer: &Writer<'_>, pending: &Pending, row: &SecretRow, entry: &Entry) -> Result<(), AppError> {
        let said = said(entry, Mark(row.id.as_bytes()));
        let mut detail = whole(entry, &said);
        self.put_files(writer, row, &mut detail, entry, |_| true)?;
        detail.origin = Some(Origin { source: pending.source.clone(), id: entry.origin.clone(), said });
        writer.insert_secret(row, &self.seal(&place(row), &value_of(entry))?)?;
        self.put_detail(writer, row, None, &detail).map(drop)
    }

    fn update_entry(
        &self,
        writer: &Writer<'_>,
        pending: &Pending,
        (known, old): (&Known, Option<&SecretText>),
        judged: &Judged,
        entry: &Entry,
        side: Option<ImportChoice>,
    ) -> Result<(), AppError> {
        let is_settled = |fate: Fate| fate != Fate::Conflict || matches!(side, Some(ImportChoice::Theirs | ImportChoice::Mine));
        let taken: Vec<&str> = judged.fates.iter().filter(|(_, fate)| is_taken(*fate, side)).map(|(field, _)| field.as_str()).collect();
        if !judged.fates.iter().any(|(_, fate)| is_settled(*fate)) {
            return Ok(());
        }
        let stored = self.secret_detail_in(writer, known.row.id)?;
        let (before, mut detail) = stored.map_or_else(Default::default, |stored| (Some(stored.revision), stored.value));
        if taken.contains(&VALUE) {
            self.refuse_rotating(writer.reader(), &known.row)?;
            let row = SecretRow {
                revision: known.row.revision + 1,
                kind: kind_of_entry(entry).to_owned(),
                changed_ms: now_ms(),
                ..known.row.clone()
            };
            if let Some(old) = old {
                detail.remember(old.duplicate(), row.changed_ms);
            }
            writer.update_secret(&row, &self.seal(&place(&row), &value_of(entry))?)?;
        }
        for field in taken.iter().filter(|field| **field != VALUE) {
            put(&mut detail, entry, field);
        }
        self.put_files(writer, &known.row, &mut detail, entry, |file| taken.contains(&file))?;
        let origin = detail.origin.take();
        let is_it = !judged.named || judged.fates.iter().all(|(_, fate)| is_taken(*fate, side) || *fate == Fate::Agree);
        detail.origin = Some(said_now(origin, pending, entry, judged, is_it, is_settled));
        self.put_detail(writer, &known.row, before, &detail).map(drop)
    }

    /// The hosts that are written, and the revision of those that are there.
    fn decide_hosts(
        &self,
        pending: &Pending,
        view: &View,
        choices: &ImportChoices,
        secrets: &HashMap<&str, (SecretId, &Judged)>,
        done: &mut ImportDone,
    ) -> Result<Vec<(Option<u64>, TargetRecord)>, AppError> {
        let keys = if view.trusts_keys { host_keys(&pending.parsed.host_keys) } else { Vec::new() };
        let mut changed: HashMap<HostId, (Target, TargetRecord)> = HashMap::new();
        let mut of_names: HashMap<String, HostId> =
            view.side.targets.iter().map(|target| (target.record.name.to_string(), target.record.host)).collect();
        let mut new = Vec::new();
        for judged in &view.hosts {
            let Some(host) = pending.parsed.hosts.get(judged.host) else { continue };
            let credential = host.credential.as_deref().and_then(|origin| secrets.get(origin));
            let known = judged.target.and_then(|at| view.side.targets.get(at));
            let record = match (judged.standing, known) {
                (HostStanding::Sealed, _) => return Err(AppError::StageSealed { name: judged.stage.to_string() }),
                (HostStanding::Refused(_), _) => {
                    done.refused += 1;
                    continue;
                }
                (_, Some(target)) => {
                    of_names.insert(host_name(&host.name), target.record.host);
                    &mut changed.entry(target.record.host).or_insert_with(|| (target.clone(), target.record.clone())).1
                }
                (_, None) => {
                    let record =
                        record(host, pending.format, judged.name.parse().map_err(|_| AppError::internal("a name"))?, judged.stage.clone());
                    of_names.insert(host_name(&host.name), record.host);
                    new.push((judged, record));
                    let Some((_, record)) = new.last_mut() else { continue };
                    record
                }
            };
            if judged.standing == HostStanding::Changed && choices.all == Some(ImportChoice::Theirs) {
                record.access.address = address(host).to_owned();
                record.access.port = port(host);
                record.access.user = host.user.clone().unwrap_or_else(|| record.access.user.clone());
            }
            if let Some((secret, judged)) = credential
                && !bind(record, *secret, &judged.stage, host.user.as_deref())
                && record.login.is_none()
            {
                done.unbound.push(record.name.to_string());
            }
        }
        for (judged, record) in &mut new {
            let jump = pending.parsed.hosts.get(judged.host).and_then(|host| host.jump.last());
            record.access.jump = jump.and_then(|jump| of_names.get(&host_name(jump))).copied();
        }
        self.bind_opened(pending, view, secrets, &mut changed);
        // A host that is there keeps the trust it has: a file of somebody else would change whom it is taken for.
        for (_, record) in &mut new {
            self.take_keys(record, &keys);
        }
        done.hosts_added = new.len() as u64;
        let mut written: Vec<_> = new.into_iter().map(|(_, record)| (None, record)).collect();
        let mut changed: Vec<_> = changed.into_values().filter(|(before, record)| before.record != *record).collect();
        changed.sort_by(|(one, _), (other, _)| one.record.name.cmp(&other.record.name));
        done.hosts_changed = changed.len() as u64;
        written.extend(changed.into_iter().map(|(before, record)| (Some(before.revision), record)));
        Ok(written)
    }

    /// Has hosts of the vault log in with what a file says opens them.
    fn bind_opened(
        &self,
        pending: &Pending,
        view: &View,
        secrets: &HashMap<&str, (SecretId, &Judged)>,
        changed: &mut HashMap<HostId, (Target, TargetRecord)>,
    ) {
        // In the order of the file: the first that fits is taken.
        for entry in &pending.parsed.entries {
            let Some((secret, judged)) = secrets.get(entry.origin.as_str()).filter(|(_, judged)| judged.opens) else { continue };
            for target in judged.hosts.iter().filter_map(|at| view.side.targets.get(*at)) {
                if target.standing == crate::session::Standing::Authentic && self.is_open(target.compartment) {
                    let (_, record) = changed.entry(target.record.host).or_insert_with(|| (target.clone(), target.record.clone()));
                    bind(record, *secret, &judged.stage, entry.user.as_deref());
                }
            }
        }
    }
}

/// Whether a part of a secret is taken from the file.
fn is_taken(fate: Fate, side: Option<ImportChoice>) -> bool {
    fate == Fate::Take || (fate == Fate::Conflict && side == Some(ImportChoice::Theirs))
}

/// What the file says from now on: what is not settled is asked again, what it no longer says is remembered. A secret that came
/// from elsewhere, and is found in a file that this vault wrote, is still found again by the file that it came from.
/// One that came from a file of the same name comes from this one as soon as all of it `is_it`.
fn said_now(
    origin: Option<Origin>,
    pending: &Pending,
    entry: &Entry,
    judged: &Judged,
    is_it: bool,
    is_settled: impl Fn(Fate) -> bool,
) -> Origin {
    let (mut source, mut id, mut said) = (pending.source.clone(), entry.origin.clone(), Vec::new());
    if let Some(before) = origin {
        if !(judged.named && is_it) && origin_key(&before.source, &before.id) != origin_key(&source, &id) {
            (source, id) = (before.source, before.id);
        }
        said = before.said;
    }
    for (field, _) in judged.fates.iter().filter(|(_, fate)| is_settled(*fate)) {
        let Some((_, digest)) = judged.said.iter().find(|(name, _)| name == field) else { continue };
        match said.iter_mut().find(|(name, _)| name == field) {
            Some((_, before)) => before.clone_from(digest),
            None => said.push((field.clone(), digest.clone())),
        }
    }
    Origin { source, id, said }
}

fn kind_of_entry(entry: &Entry) -> &'static str {
    match &entry.value {
        Some(value) if entry.kind != beffroi_import::Kind::Note => kind_of(value),
        _ => NOTE,
    }
}

/// The bytes that are sealed: none for an entry that is fields and files only.
fn value_of(entry: &Entry) -> SecretBytes {
    entry.value.as_ref().map_or_else(|| SecretBytes::new(Vec::new()), SecretText::to_bytes)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use beffroi_domain::StageName;
    use beffroi_import::{Format, Parsed};

    use super::*;

    #[test]
    fn a_secret_of_a_file_of_the_same_name_is_of_this_one_only_when_somebody_says_so() {
        let pending = Pending {
            made: Instant::now(),
            name: ".env".to_owned(),
            format: Format::Env,
            source: "env:/home/alice/shop/.env".to_owned(),
            short: "env:shop/.env".to_owned(),
            parsed: Parsed::default(),
            findings: Vec::new(),
            parcel: None,
        };
        let entry = Entry { origin: "DB".to_owned(), ..Entry::default() };
        let judged = Judged {
            entry: 0,
            standing: ImportStanding::Conflict,
            name: "DB".to_owned(),
            stage: StageName::dev(),
            known: Some(0),
            named: true,
            fates: vec![(VALUE.to_owned(), Fate::Conflict)],
            said: vec![(VALUE.to_owned(), "new".to_owned())],
            hosts: Vec::new(),
            opens: false,
        };
        let before = Origin { source: pending.short.clone(), id: "DB".to_owned(), said: vec![(VALUE.to_owned(), "old".to_owned())] };
        assert_eq!(said_now(Some(before.clone()), &pending, &entry, &judged, false, |_| false), before);
        let kept = said_now(Some(before.clone()), &pending, &entry, &judged, false, |_| true);
        assert_eq!((kept.source.as_str(), kept.said[0].1.as_str()), ("env:shop/.env", "new"), "the vault's is kept: asked no more");
        let taken = said_now(Some(before), &pending, &entry, &judged, true, |_| true);
        assert_eq!((taken.source.as_str(), taken.id.as_str()), ("env:/home/alice/shop/.env", "DB"));
    }
}
