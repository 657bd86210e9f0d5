//! Which archives go, and why the others stay.

use std::collections::BTreeMap;

use beffroi_domain::{DocumentId, Message};
use beffroi_remote::quote;
use beffroi_yunohost::archive::{Keep, Slot, retain};

use super::KeptDocument;
use super::folder::remove;
use super::list::KeptBackup;
use crate::plans::MadePlan;
use crate::session::{Happening, Session};
use crate::{Action, App, AppError};

/// What is to be kept, and where.
#[derive(Debug, Clone, Default)]
pub struct PruneOrder {
    /// How many.
    pub keep: Keep,
    /// Only archives of this host.
    pub host: Option<String>,
    /// Whether it is done; else only said.
    pub apply: bool,
}

/// What becomes of an archive.
#[derive(Debug, Clone)]
pub struct BackupKept {
    /// Its id, of one that is here.
    pub id: Option<String>,
    /// Its host.
    pub host: String,
    /// Its name there.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub made_s: Option<u64>,
    /// Its bytes.
    pub bytes: u64,
    /// Why it stays; nothing when it goes.
    pub why: Vec<Slot>,
    /// Whether it is somewhere that is not there now: then nothing is done to it.
    pub away: bool,
}

/// The most archives that one plan removes from a host.
const MOST_REMOVED: usize = 100;
/// How YunoHost calls the archives that it makes and removes itself, around an upgrade.
const ITS_OWN: [&str; 2] = ["-pre-upgrade1", "-pre-upgrade2"];

pub(super) fn is_its_own(name: &str) -> bool {
    ITS_OWN.iter().any(|ending| name.ends_with(ending))
}

impl App {
    /// Decides which archives that lie here go, host by host, and removes them when that is asked. The last good one of a host
    /// always stays.
    ///
    /// # Errors
    /// [`AppError::InvalidRequest`] when nothing is to be kept.
    pub async fn prune_backups(&self, order: &PruneOrder) -> Result<Vec<BackupKept>, AppError> {
        something(order.keep)?;
        let session = self.session()?;
        let order = order.clone();
        session.blocking(move |session| session.prune(&order)).await
    }

    /// A plan that removes archives of a host by YunoHost's own command, and what becomes of each. Archives that YunoHost makes
    /// around an upgrade are not looked at.
    ///
    /// # Errors
    /// [`AppError::InvalidRequest`] when nothing is to be kept; when the host cannot be asked.
    pub async fn plan_prune(&self, host: &str, keep: Keep) -> Result<(Vec<BackupKept>, Option<MadePlan>), AppError> {
        something(keep)?;
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let found = session.archives_of(&target).await?;
        let archives: Vec<_> =
            found.archives.into_iter().filter(|archive| !is_its_own(&archive.name) && !archive.name.starts_with('-')).collect();
        let dated: Vec<_> = archives.iter().map(|archive| (Some(archive.made_s()), archive.info.is_some())).collect();
        let decided = retain(&dated, keep).into_iter().filter_map(|kept| {
            let archive = archives.get(kept.index)?;
            Some(BackupKept {
                id: None,
                host: target.name.to_string(),
                name: archive.name.clone(),
                made_s: Some(archive.made_s()),
                bytes: archive.bytes,
                why: kept.why,
                away: false,
            })
        });
        let decided: Vec<BackupKept> = decided.collect();
        let go = decided.iter().filter(|one| one.why.is_empty()).take(MOST_REMOVED);
        let step = |one: &BackupKept| {
            let command = format!("yunohost --timeout 600 backup delete {}", quote(&one.name));
            (Message::new("step.backup-remove").with("name", &one.name), command)
        };
        let steps: Vec<_> = go.map(step).collect();
        if steps.is_empty() {
            return Ok((decided, None));
        }
        let title = Message::new("title.backup-prune").with("count", steps.len());
        let plan = self.make_plan(target.name.as_str(), Action::Script { title, steps }).await?;
        Ok((decided, Some(plan)))
    }
}

/// A rule that keeps nothing was not meant.
fn something(keep: Keep) -> Result<(), AppError> {
    if keep.is_nothing() { Err(AppError::InvalidRequest { what: "how many are kept" }) } else { Ok(()) }
}

/// Copies of one archive are one, and stay or go together: of each which archive it is, and what is known of the archives.
fn told_apart(kept: &[KeptBackup]) -> (Vec<usize>, Vec<(Option<u64>, bool)>) {
    let (mut archives, mut dated) = (BTreeMap::new(), Vec::new());
    let copies = kept.iter().map(|one| {
        let archive = *archives.entry(one.sha256.as_ref().unwrap_or(&one.id)).or_insert_with(|| {
            dated.push((one.made_s, false));
            dated.len() - 1
        });
        // What is not there now may be lost, and what lacks something is not whole: neither counts as the good one.
        if let Some((_, good)) = dated.get_mut(archive) {
            *good |= one.good && one.here && one.lacks.is_empty();
        }
        archive
    });
    (copies.collect(), dated)
}

impl Session {
    fn prune(&self, order: &PruneOrder) -> Result<Vec<BackupKept>, AppError> {
        let (kept, _) = self.kept_backups()?;
        let mut hosts: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for one in kept {
            if order.host.as_ref().is_none_or(|host| *host == one.host) {
                hosts.entry(one.host.clone()).or_default().push(one);
            }
        }
        let mut decided = Vec::new();
        for (host, kept) in hosts {
            let (copies, dated) = told_apart(&kept);
            let fates = retain(&dated, order.keep);
            for (one, archive) in kept.iter().zip(copies) {
                let Some(decision) = fates.get(archive) else { continue };
                decided.push(BackupKept {
                    id: Some(one.id.clone()),
                    host: host.clone(),
                    name: one.name.clone(),
                    made_s: one.made_s,
                    bytes: one.bytes,
                    why: decision.why.clone(),
                    away: !one.here,
                });
            }
        }
        if order.apply {
            for one in decided.iter().filter(|one| one.why.is_empty() && !one.away) {
                self.remove_backup(one.id.as_deref().unwrap_or_default())?;
            }
        }
        Ok(decided)
    }

    fn remove_backup(&self, id: &str) -> Result<(), AppError> {
        let (stored, _) = self.find_backup(id)?;
        let id: DocumentId = stored.id;
        let document: KeptDocument = stored.value;
        // Said before it is gone: what cannot be read any more is not in the catalog.
        let happening = Happening::new("backup-removed").with("name", &document.about.name).with("host", &document.about.host_name);
        self.commit(happening, |writer| self.delete_document(writer, id))?;
        remove(&document.folder);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use beffroi_yunohost::archive::HostArchive;

    use super::*;

    fn kept(id: &str, sum: Option<&str>, good: bool, lacks: &[&str]) -> KeptBackup {
        KeptBackup {
            id: id.to_owned(),
            host: "a".to_owned(),
            name: id.to_owned(),
            stage: "prod".to_owned(),
            folder: id.into(),
            here: true,
            bytes: 1,
            sha256: sum.map(str::to_owned),
            packed: false,
            made_s: Some(7),
            modified_s: 9,
            stored_ms: 8,
            streamed: false,
            verified_ms: None,
            good,
            lacks: lacks.iter().map(|&one| one.to_owned()).collect(),
            info: None,
        }
    }

    #[test]
    fn copies_count_once_and_what_lacks_something_is_not_the_good_one() {
        let all = [kept("1", Some("x"), false, &[]), kept("2", Some("y"), true, &["notes"]), kept("3", Some("x"), true, &[])];
        assert_eq!(told_apart(&all), (vec![0, 1, 0], vec![(Some(7), true), (Some(7), false)]));
        assert_eq!(told_apart(&[kept("1", None, true, &[]), kept("2", None, true, &[])]).0, [0, 1]);
    }

    #[test]
    fn a_name_that_was_given_again_is_not_here_and_neither_is_what_was_found_damaged() {
        let there = |bytes, modified_s| HostArchive { name: "1".to_owned(), bytes, modified_s, packed: false, info: None };
        let here = kept("1", None, true, &[]);
        assert!(here.is_of("a", &there(1, 9)) && here.is_of("a", &there(1, 7)));
        assert!(!here.is_of("a", &there(1, 8)) && !here.is_of("a", &there(2, 9)) && !here.is_of("b", &there(1, 9)));
        assert!(!KeptBackup { good: false, verified_ms: Some(1), ..here }.is_of("a", &there(1, 9)));
    }
}
