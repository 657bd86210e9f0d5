//! Restoring an archive that lies here on a host, the one it came from or another: sent and restored as one plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use beffroi_domain::{Message, TargetRecord};
use beffroi_yunohost::archive::ArchiveInfo;
use beffroi_yunohost::{Cause, Given, Operation, Raw, YunohostFacts};

use super::KeptDocument;
use super::pull::Telling;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::surveys::Survey;
use crate::{Action, App, AppError, BackupError};

/// What is restored, as far as it can be told before the archive is on the host.
#[derive(Debug, Clone)]
pub struct Restoring {
    /// The archive's id.
    pub(crate) archive: String,
    /// Its name.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// What it holds.
    pub(crate) info: ArchiveInfo,
    /// The domains that its applications stood on.
    pub(crate) domains: BTreeMap<String, String>,
    /// What of it is restored.
    pub(crate) apps: Vec<String>,
}

impl App {
    /// A plan that sends an archive to hosts and restores applications of it there, all of them when none is named.
    ///
    /// # Errors
    /// [`BackupError::NotFound`]; what keeps it from a host is in the answer.
    pub async fn plan_backup_restore(&self, archive: &str, on: &str, apps: &[String]) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let named = archive.to_owned();
        let (stored, kept) = session.blocking(move |session| session.find_backup(&named)).await?;
        let info = kept.info.clone().unwrap_or_default();
        let apps = if apps.is_empty() { info.apps.keys().cloned().collect() } else { apps.to_vec() };
        let not_held = |about: &str| AppError::Yunohost { cause: Cause::NotInBackup, about: about.to_owned(), said: String::new() };
        if let Some(absent) = apps.iter().find(|app| !info.apps.contains_key(*app)) {
            return Err(not_held(absent));
        }
        if apps.is_empty() {
            return Err(not_held(&kept.name));
        }
        let (bytes, domains) = (stored.value.about.bytes, stored.value.about.domains);
        let restoring = Restoring { archive: kept.id, name: kept.name, bytes, info, domains, apps };
        let action = Arc::new(Action::RestoreArchive(Box::new(restoring)));
        let title = action.title();
        let orders = session.select(on).await?.into_iter().map(|target| Order::new(target, Arc::clone(&action))).collect();
        self.plan_orders(&session, title, orders).await
    }
}

impl Restoring {
    pub(crate) fn title(&self) -> Message {
        Message::new("title.backup-restore").with("name", &self.name).with("apps", self.apps.join(", ")).with("bytes", self.bytes)
    }

    /// What its first step does.
    pub(crate) fn first(&self) -> Message {
        Message::new("step.backup-restore").with("name", &self.name).with("apps", self.apps.join(", ")).with("bytes", self.bytes)
    }

    /// What forbids it on a host.
    pub(crate) fn guard(&self, facts: &YunohostFacts, survey: &Survey) -> Result<(), AppError> {
        let refused = |cause, about: String| Err(AppError::Yunohost { cause, about, said: String::new() });
        let installed = facts.apps.value();
        let there: Vec<&str> =
            self.apps.iter().map(String::as_str).filter(|app| installed.is_some_and(|apps| apps.contains_key(*app))).collect();
        if !there.is_empty() {
            return refused(Cause::AppInstalled, there.join(", "));
        }
        if let Some(domains) = facts.domains.value() {
            let mut needed = self.apps.iter().filter_map(|app| self.domains.get(app));
            if let Some(missing) = needed.find(|domain| !domains.names.contains(domain)) {
                return refused(Cause::DomainUnknown, missing.clone());
            }
        }
        if let (Some(theirs), Some(ours)) = (&self.info.yunohost, facts.version())
            && number(theirs) > number(ours)
        {
            return Err(AppError::Backup(BackupError::Newer { name: self.name.clone(), of: theirs.clone(), here: ours.to_owned() }));
        }
        // The archive itself, and what is unpacked of it.
        let wanted = self.apps.iter().filter_map(|app| self.info.apps.get(app)?.bytes).sum::<u64>();
        let room = survey.facts.disk_total_bytes.unwrap_or(u64::MAX).saturating_sub(survey.facts.disk_used_bytes.unwrap_or(0));
        let needed = self.bytes.saturating_add(wanted.saturating_mul(2));
        if needed > room {
            return refused(Cause::DiskFull, format!("{needed} > {room}"));
        }
        Ok(())
    }

    /// What YunoHost is then told.
    pub(crate) fn given(&self) -> Result<(&'static Operation, Given), AppError> {
        let operation =
            Operation::find("backup-restore").ok_or_else(|| AppError::OperationUnknown { operation: "backup-restore".to_owned() })?;
        let raw = [("name".to_owned(), Raw::Text(self.name.clone())), ("apps".to_owned(), Raw::List(self.apps.clone()))];
        Ok((operation, Given::read(operation, raw.into())?))
    }
}

/// The numbers of a version, as far as they compare.
fn number(version: &str) -> Vec<u64> {
    let words = version.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
    words.take(3).map(|word| word.parse().unwrap_or(0)).collect()
}

impl Session {
    /// Sends what a job restores to its host, before the job begins there.
    pub(crate) async fn bring_to(self: &Arc<Self>, target: &TargetRecord, archive: &str, called: &str) -> Result<(), AppError> {
        let named = archive.to_owned();
        let (stored, kept) = self.blocking(move |session| session.find_backup(&named)).await?;
        let document: KeptDocument = stored.value;
        let mut unheard = |_| {};
        let mut telling = Telling::new(self, Some(called), &kept.name, &mut unheard);
        self.send_archive(target, &document, &mut telling).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GuardError;
    use crate::surveys::Read;

    fn restoring() -> Restoring {
        let info = br#"{"apps": {"notes": {"version": "1.0~ynh1", "name": "Notes"}}, "system": {}, "size_details": {"apps": {"notes": 400}}, "from_yunohost_version": "12.1.25"}"#;
        Restoring {
            archive: "0".repeat(32),
            name: "harvest".to_owned(),
            bytes: 500,
            info: ArchiveInfo::read(info).expect("as YunoHost writes it"),
            domains: BTreeMap::from([("notes".to_owned(), "notes.test".to_owned())]),
            apps: vec!["notes".to_owned()],
        }
    }

    fn guarded(change: impl FnOnce(&mut serde_json::Value)) -> Result<(), AppError> {
        let (whole, survey) = host(change);
        restoring().guard(&whole, &survey)
    }

    /// A host that could take it, but for what `change` does.
    fn host(change: impl FnOnce(&mut serde_json::Value)) -> (YunohostFacts, Survey) {
        let read = |value: serde_json::Value| serde_json::json!({ "state": "read", "value": value });
        let mut facts = serde_json::json!({
            "versions": { "yunohost": { "version": "12.1.25", "repo": "stable" } },
            "domains": { "names": ["notes.test"], "main": "notes.test" },
            "apps": {},
            "room": 2_000,
        });
        change(&mut facts);
        let room = facts["room"].as_u64();
        let nothing = || read(serde_json::json!({}));
        let whole: YunohostFacts = serde_json::from_value(serde_json::json!({
            "versions": read(facts["versions"].take()),
            "domains": read(facts["domains"].take()),
            "apps": read(facts["apps"].take()),
            "users": nothing(), "groups": nothing(), "permissions": nothing(), "services": nothing(), "backups": nothing(),
        }))
        .expect("facts");
        let facts = beffroi_survey::Facts { disk_total_bytes: room, disk_used_bytes: Some(0), ..Default::default() };
        (whole, Survey { taken_ms: 0, took_ms: 0, facts, yunohost: None })
    }

    #[test]
    fn what_could_not_be_restored_is_not_sent() {
        assert!(guarded(|_| {}).is_ok());
        let cause = |done: Result<(), AppError>| match done {
            Err(AppError::Yunohost { cause, about, .. }) => (cause, about),
            other => panic!("not refused so: {other:?}"),
        };
        let there = guarded(|facts| facts["apps"]["notes"] = serde_json::json!({ "name": "Notes", "version": "1" }));
        assert_eq!(cause(there), (Cause::AppInstalled, "notes".to_owned()));
        let homeless = guarded(|facts| facts["domains"]["names"] = serde_json::json!(["other.test"]));
        assert_eq!(cause(homeless), (Cause::DomainUnknown, "notes.test".to_owned()));
        assert_eq!(cause(guarded(|facts| facts["room"] = 1_299.into())).0, Cause::DiskFull);
        let older = guarded(|facts| facts["versions"]["yunohost"]["version"] = "12.1.9".into());
        assert!(matches!(older, Err(AppError::Backup(BackupError::Newer { here, .. })) if here == "12.1.9"));
        assert!(guarded(|facts| facts["versions"]["yunohost"]["version"] = "12.2.0".into()).is_ok(), "a later one restores it");
    }

    #[test]
    fn what_every_restore_needs_is_asked_for_before_anything_is_sent() {
        let prepared = |room: u64| {
            let (whole, survey) = host(|facts| facts["room"] = room.into());
            let read = Read { survey: Survey { yunohost: Some(whole), ..survey }, answers: Vec::new() };
            Action::RestoreArchive(Box::new(restoring())).prepare(Some(&read)).map(|prepared| prepared.record.brings)
        };
        let small = prepared(2_000);
        assert!(matches!(&small, Err(AppError::Guard(GuardError::NoRoom { place, .. })) if place == "/home/yunohost.backup"), "{small:?}");
        assert_eq!(prepared(1_000_000_000).expect("room").as_deref(), Some("0".repeat(32).as_str()));
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(number("12.1.25") > number("12.1.9") && number("12.0.4") > number("11.9"));
        assert!(number("12.1.25+202601") >= number("12.1.25"));
        assert_eq!(number("12.1.25~beta"), number("12.1.25"));
    }
}
