//! Archives that a host makes by itself at its times, and collecting them.

use std::path::PathBuf;
use std::sync::Arc;

use beffroi_domain::TargetRecord;
use beffroi_remote::Transfer;
use beffroi_store::table::ledger::LedgerRow;
use beffroi_yunohost::archive::{ARCHIVE_PY, ArchiveOrder, Keep};

use super::host::begin;
use super::prune::is_its_own;
use super::pull::{BackupOrder, Brought};
use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, now_ms};

/// What a host is to make, and when.
#[derive(Debug, Clone, Default)]
pub struct ScheduleOrder {
    /// The host.
    pub host: String,
    /// When, as systemd.time(7) writes it; nothing takes it away.
    pub calendar: Option<String>,
    /// Applications: none when absent, all when empty; everything when the parts of the system are absent too.
    pub apps: Option<Vec<String>>,
    /// Parts of the system, in the same way.
    pub system: Option<Vec<String>>,
    /// How many of its own it keeps; all when nothing is said.
    pub keep: Keep,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// What is new on hosts, to be brought.
#[derive(Debug, Clone, Default)]
pub struct CollectOrder {
    /// Which hosts.
    pub on: String,
    /// Where to.
    pub to: PathBuf,
    /// What its progress is told under, and what it is cancelled by.
    pub called: Option<String>,
}

/// What collecting gave: of each host, and each archive of it.
#[derive(Debug)]
pub struct Collected {
    /// The host.
    pub host: String,
    /// The archive; nothing when the host could not be asked.
    pub name: Option<String>,
    /// It, or why it was not brought.
    pub brought: Result<Brought, AppError>,
}

/// What the ledger calls what makes backups on a host.
pub(crate) const SCHEDULE: &str = "backup-schedule";

impl App {
    /// Has a host make archives at a calendar time, by a timer of systemd's, or stop it. Nothing secret lies there.
    ///
    /// # Errors
    /// When the host cannot be worked on or does not understand the time; [`AppError::NameNotTyped`].
    pub async fn schedule_backups(&self, order: &ScheduleOrder) -> Result<(), AppError> {
        let session = self.session()?;
        let target = session.authentic_host(&order.host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        session.schedule(&target, order).await
    }

    /// Brings every archive of the selected hosts that was not brought yet, one after the other. Archives that YunoHost makes
    /// around an upgrade are left there.
    ///
    /// # Errors
    /// When the selector does not select a host; [`AppError::CopyCancelled`]. What is wrong with one host is in the answer.
    pub async fn collect_backups(
        &self,
        order: &CollectOrder,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Vec<Collected>, AppError> {
        let session = self.session()?;
        let work = async {
            let mut collected = Vec::new();
            for target in session.select(&order.on).await? {
                session.collect(&target, order, &mut collected, progress).await?;
            }
            Ok(collected)
        };
        session.told_to_stop(order.called.as_deref(), Box::pin(work)).await
    }
}

impl Session {
    pub(crate) async fn schedule(self: &Arc<Self>, target: &TargetRecord, order: &ScheduleOrder) -> Result<(), AppError> {
        let asked = ArchiveOrder::Schedule {
            calendar: order.calendar.clone(),
            apps: order.apps.clone(),
            system: order.system.clone(),
            last: order.keep.last,
            daily: order.keep.daily,
            weekly: order.keep.weekly,
            monthly: order.keep.monthly,
            text: if order.calendar.is_some() { ARCHIVE_PY.to_owned() } else { String::new() },
        };
        let remote = self.connect_as(target, Rights::Most).await?;
        let (host, left) = (target.host, LedgerRow { kind: SCHEDULE.to_owned(), what: "beffroi-backup.timer".to_owned() });
        // Noted before it is there: a link that is lost in between leaves nothing that nobody knows of.
        if order.calendar.is_some() {
            let noted = left.clone();
            self.blocking(move |session| session.write(|writer| Ok(writer.note_left(host, &noted, now_ms())?))).await?;
        }
        let begun = begin(remote.as_ref(), &asked, false).await;
        let done = match begun {
            Ok(incoming) => incoming.end().await.map(drop),
            Err(error) => Err(error),
        };
        let refused = matches!(done, Err(AppError::Yunohost { .. } | AppError::InvalidRequest { .. }));
        if (done.is_ok() && order.calendar.is_none()) || (refused && order.calendar.is_some() && !self.is_scheduled(target).await) {
            self.blocking(move |session| session.write(|writer| Ok(writer.note_removed(host, &left, now_ms())?))).await?;
        }
        done?;
        let (event, values) = match &order.calendar {
            Some(calendar) => ("backup-scheduled", vec![("calendar", calendar.clone())]),
            None => ("backup-unscheduled", Vec::new()),
        };
        self.journal_event(event, Some(host), values).await
    }

    async fn is_scheduled(self: &Arc<Self>, target: &TargetRecord) -> bool {
        self.archives_of(target).await.map_or(true, |found| found.schedule.is_some())
    }

    /// Takes away what makes backups on a host, where the ledger says that there is something.
    pub(crate) async fn unschedule(self: &Arc<Self>, target: &TargetRecord) -> Result<(), AppError> {
        let host = target.host;
        let left = self.blocking(move |session| Ok(session.catalog.read(|reader| reader.left_on(host))?)).await?;
        if left.iter().any(|row| row.kind == SCHEDULE) { self.schedule(target, &ScheduleOrder::default()).await } else { Ok(()) }
    }

    async fn collect(
        self: &Arc<Self>,
        target: &TargetRecord,
        order: &CollectOrder,
        collected: &mut Vec<Collected>,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<(), AppError> {
        let host = target.name.to_string();
        let found = match self.archives_of(target).await {
            Ok(found) => found,
            Err(error) => {
                collected.push(Collected { host, name: None, brought: Err(error) });
                return Ok(());
            }
        };
        let (kept, _) = self.blocking(|session| session.kept_backups()).await?;
        for archive in found.archives.iter().filter(|archive| !is_its_own(&archive.name)) {
            if kept.iter().any(|one| one.is_of(&host, archive)) {
                continue;
            }
            let pull = BackupOrder { host: host.clone(), to: order.to.clone(), called: order.called.clone(), ..BackupOrder::default() };
            let brought = Box::pin(self.pull(&pull, &archive.name, progress)).await;
            collected.push(Collected { host: host.clone(), name: Some(archive.name.clone()), brought });
        }
        Ok(())
    }
}
