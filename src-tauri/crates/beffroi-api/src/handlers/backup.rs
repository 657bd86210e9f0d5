//! Backups.

use std::path::PathBuf;

use beffroi_app as app;
use beffroi_app::{AppError, BackupError, BackupFault, BackupOrder, CollectOrder, PruneOrder, PushOrder, RehearsalOrder, ScheduleOrder};
use beffroi_remote::Transfer;
use beffroi_yunohost::archive::{self, ArchiveInfo, Keep, Slot, TarFault};

use crate::handlers::host::{milliseconds, on};
use crate::handlers::plan;
use crate::wire::{
    Backup, BackupApp, BackupBrought, BackupCheck, BackupCollect, BackupCollected, BackupCollectedOne, BackupContent, BackupCreate,
    BackupFate, BackupKeep, BackupList, BackupListed, BackupName, BackupPrune, BackupPruned, BackupPull, BackupPush, BackupPushed,
    BackupRehearsal, BackupRehearse, BackupRestore, BackupSchedule, BackupTimes, BackupVerified, BackupVerify, Done, HostArchive,
    HostBackups, PlanView, VaultCheck,
};
use crate::{Api, ApiError};

/// Who is told how far something is.
type Progress<'a> = &'a mut (dyn FnMut(Transfer) + Send);

impl Api {
    /// `backup_list`
    pub async fn backup_list(&self, request: BackupList) -> Result<BackupListed, ApiError> {
        let found = self.app().backups(request.on.as_deref()).await?;
        let hosts = found.hosts.into_iter().map(|host| of_host(host, &found.kept)).collect();
        Ok(BackupListed { hosts, kept: found.kept.into_iter().map(backup).collect(), sealed: found.sealed })
    }

    /// `backup_show`
    pub async fn backup_show(&self, request: BackupName) -> Result<Backup, ApiError> {
        Ok(backup(self.app().backup(&request.archive).await?))
    }

    /// `backup_pull`
    pub async fn backup_pull(&self, request: BackupPull) -> Result<BackupBrought, ApiError> {
        self.backup_pull_with(request, &mut |_| {}).await
    }

    /// `backup_pull`, telling how far it is.
    pub async fn backup_pull_with(&self, request: BackupPull, progress: Progress<'_>) -> Result<BackupBrought, ApiError> {
        let BackupPull { host, name, to, called } = request;
        let order = BackupOrder { host, name: Some(name), to: to.into(), called, ..BackupOrder::default() };
        self.app().pull_backup(&order, progress).await.map(brought).map_err(|error| on(error, &order.host))
    }

    /// `backup_create`
    pub async fn backup_create(&self, request: BackupCreate) -> Result<BackupBrought, ApiError> {
        self.backup_create_with(request, &mut |_| {}).await
    }

    /// `backup_create`, telling how far it is.
    pub async fn backup_create_with(&self, request: BackupCreate, progress: Progress<'_>) -> Result<BackupBrought, ApiError> {
        let BackupCreate { host, to, name, description, apps, system, typed, called } = request;
        let order = BackupOrder { host, name, to: to.into(), description, apps, system, typed, called };
        self.app().create_backup(&order, progress).await.map(brought).map_err(|error| on(error, &order.host))
    }

    /// `backup_verify`
    pub async fn backup_verify(&self, request: BackupVerify) -> Result<BackupVerified, ApiError> {
        self.backup_verify_with(request, &mut |_| {}).await
    }

    /// `backup_verify`, telling how far it is.
    pub async fn backup_verify_with(&self, request: BackupVerify, progress: Progress<'_>) -> Result<BackupVerified, ApiError> {
        let checks = self.app().verify_backups(&request.what, request.called.as_deref(), progress).await?;
        Ok(BackupVerified { backups: checks.into_iter().map(check).collect() })
    }

    /// `backup_push`
    pub async fn backup_push(&self, request: BackupPush) -> Result<BackupPushed, ApiError> {
        self.backup_push_with(request, &mut |_| {}).await
    }

    /// `backup_push`, telling how far it is.
    pub async fn backup_push_with(&self, request: BackupPush, progress: Progress<'_>) -> Result<BackupPushed, ApiError> {
        let BackupPush { archive, host, typed, called } = request;
        let order = PushOrder { archive, host, typed, called };
        let pushed = self.app().push_backup(&order, progress).await.map_err(|error| on(error, &order.host))?;
        Ok(BackupPushed { name: pushed.0.name, sent: pushed.1 })
    }

    /// `backup_restore_plan`
    pub async fn backup_restore_plan(&self, request: BackupRestore) -> Result<PlanView, ApiError> {
        Ok(plan::view(self.app().plan_backup_restore(&request.archive, &request.on, &request.apps).await?))
    }

    /// `backup_prune`
    pub async fn backup_prune(&self, request: BackupPrune) -> Result<BackupPruned, ApiError> {
        let BackupPrune { keep, host, there, apply } = request;
        let keep = keeping(keep);
        if there {
            let host = host.unwrap_or_default();
            let (decided, made) = self.app().plan_prune(&host, keep).await.map_err(|error| on(error, &host))?;
            return Ok(BackupPruned { backups: decided.into_iter().map(fate).collect(), plan: made.map(plan::view) });
        }
        let decided = self.app().prune_backups(&PruneOrder { keep, host, apply }).await?;
        Ok(BackupPruned { backups: decided.into_iter().map(fate).collect(), plan: None })
    }

    /// `backup_schedule`
    pub async fn backup_schedule(&self, request: BackupSchedule) -> Result<Done, ApiError> {
        let BackupSchedule { host, calendar, apps, system, keep, typed } = request;
        let order = ScheduleOrder { host, calendar, apps, system, keep: keeping(keep), typed };
        self.app().schedule_backups(&order).await.map_err(|error| on(error, &order.host))?;
        Ok(Done {})
    }

    /// `backup_collect`
    pub async fn backup_collect(&self, request: BackupCollect) -> Result<BackupCollected, ApiError> {
        self.backup_collect_with(request, &mut |_| {}).await
    }

    /// `backup_collect`, telling how far it is.
    pub async fn backup_collect_with(&self, request: BackupCollect, progress: Progress<'_>) -> Result<BackupCollected, ApiError> {
        let order = CollectOrder { on: request.on, to: PathBuf::from(request.to), called: request.called };
        let collected = self.app().collect_backups(&order, progress).await?;
        let one = |one: app::Collected| {
            let (backup, error) = match one.brought {
                Ok(done) if done.kept.good => (Some(backup(done.kept)), None),
                // It lies here now, and nothing can be restored from it.
                Ok(done) => {
                    let error = AppError::Backup(BackupError::Content { name: done.kept.name.clone(), fault: TarFault::Damaged });
                    (Some(backup(done.kept)), Some(on(error, &one.host)))
                }
                Err(error) => (None, Some(on(error, &one.host))),
            };
            BackupCollectedOne { host: one.host, name: one.name, backup, error }
        };
        Ok(BackupCollected { results: collected.into_iter().map(one).collect() })
    }

    /// `backup_rehearse`
    pub async fn backup_rehearse(&self, request: BackupRehearse) -> Result<BackupRehearsal, ApiError> {
        self.backup_rehearse_with(request, &mut |_| {}).await
    }

    /// `backup_rehearse`, telling how far it is.
    pub async fn backup_rehearse_with(&self, request: BackupRehearse, progress: Progress<'_>) -> Result<BackupRehearsal, ApiError> {
        let order = RehearsalOrder { archive: request.archive, called: request.called };
        let found = self.app().rehearse_backup(&order, progress).await?;
        let checks: Vec<VaultCheck> = found
            .checks
            .iter()
            .map(|check| VaultCheck { what: (&check.what).into(), held: check.held, why: check.why.as_ref().map(Into::into) })
            .collect();
        Ok(BackupRehearsal {
            backup: backup(found.kept),
            at_ms: found.at_ms,
            good: checks.iter().all(|check| check.held),
            checks,
            entries: found.entries,
            bytes: found.bytes,
            odd: found.odd,
        })
    }
}

fn keeping(keep: BackupKeep) -> Keep {
    Keep { last: keep.last, daily: keep.daily, weekly: keep.weekly, monthly: keep.monthly }
}

fn brought(done: app::Brought) -> BackupBrought {
    BackupBrought { backup: backup(done.kept), resumed: done.resumed, lacks: done.lacks, duration_ms: milliseconds(done.took) }
}

fn backup(kept: app::KeptBackup) -> Backup {
    Backup {
        id: kept.id,
        host: kept.host,
        name: kept.name,
        stage: kept.stage,
        folder: kept.folder.display().to_string(),
        here: kept.here,
        bytes: kept.bytes,
        sha256: kept.sha256,
        made_s: kept.made_s,
        stored_ms: kept.stored_ms,
        streamed: kept.streamed,
        verified_ms: kept.verified_ms,
        good: kept.good,
        lacks: kept.lacks,
        holds: kept.info.map(content),
    }
}

fn content(info: ArchiveInfo) -> BackupContent {
    let app = |(id, app): (String, archive::InfoApp)| BackupApp { id, name: app.name, version: app.version, bytes: app.bytes };
    BackupContent {
        description: info.description,
        yunohost: info.yunohost,
        apps: info.apps.into_iter().map(app).collect(),
        system: info.system.into_keys().collect(),
    }
}

fn of_host(host: app::HostBackups, kept: &[app::KeptBackup]) -> HostBackups {
    let (found, error) = match host.found {
        Ok(found) => (found, None),
        Err(error) => (archive::HostArchives::default(), Some(on(error, &host.host))),
    };
    let same = |archive: &archive::HostArchive| kept.iter().find(|one| one.is_of(&host.host, archive)).map(|one| one.id.clone());
    let archive = |archive: archive::HostArchive| HostArchive {
        kept: same(&archive),
        made_s: archive.made_s(),
        name: archive.name,
        bytes: archive.bytes,
        holds: archive.info.map(content),
    };
    let times = |schedule: archive::HostSchedule| BackupTimes {
        calendar: schedule.calendar,
        active: schedule.active,
        next_s: schedule.next_s,
        last_began_s: schedule.last_began_s,
        last_ended_s: schedule.last_ended_s,
        last_good: schedule.last_good,
        last_name: schedule.last_name,
        lacks: schedule.lacks,
        keep: BackupKeep {
            last: schedule.keep.last,
            daily: schedule.keep.daily,
            weekly: schedule.keep.weekly,
            monthly: schedule.keep.monthly,
        },
        apps: schedule.apps,
        system: schedule.system,
    };
    let archives = found.archives.into_iter().map(archive).collect();
    HostBackups { archives, free: found.free, schedule: found.schedule.map(times), error, host: host.host }
}

fn check(check: app::BackupCheck) -> BackupCheck {
    let (host, name) = check.named.unzip();
    let error = check.fault.map(|fault| match fault {
        BackupFault::Files(error) => error.into(),
        BackupFault::Archive(fault) => AppError::Backup(BackupError::Content { name: name.clone().unwrap_or_default(), fault }).into(),
    });
    BackupCheck { folder: check.folder.display().to_string(), id: check.id, host, name, bytes: check.bytes, known: check.known, error }
}

fn fate(kept: app::BackupKept) -> BackupFate {
    let why = |slot: &Slot| match slot {
        Slot::Last => "last",
        Slot::Daily => "daily",
        Slot::Weekly => "weekly",
        Slot::Monthly => "monthly",
        Slot::LastGood => "last-good",
        Slot::Undated => "undated",
    };
    BackupFate {
        id: kept.id,
        host: kept.host,
        name: kept.name,
        made_s: kept.made_s,
        bytes: kept.bytes,
        why: kept.why.iter().map(|slot| why(slot).to_owned()).collect(),
        away: kept.away,
    }
}
