//! Changes of guests, and what they wrote.

use std::time::Duration;

use beffroi_app::{GuestChange as Change, GuestSettings as Settings, GuestStop as Stop, Snapshot};

use crate::handlers::host::on;
use crate::handlers::plan;
use crate::wire::{
    GuestChange, GuestLogs, GuestLogsRequest, GuestPlan, GuestSettings, GuestSnapshotRow, GuestSnapshots, GuestSnapshotsRequest, GuestStop,
    PlanView,
};
use crate::{Api, ApiError, ErrorCode};

/// The longest that a guest may be given to stop by itself, in seconds.
const LONGEST_STOP: u64 = 3600;

impl Api {
    /// `guest_plan`
    pub async fn guest_plan(&self, request: GuestPlan) -> Result<PlanView, ApiError> {
        let change = change(request.change)?;
        Ok(plan::view(self.app().plan_guests(&request.guests, change).await?))
    }

    /// `guest_snapshots`
    pub async fn guest_snapshots(&self, request: GuestSnapshotsRequest) -> Result<GuestSnapshots, ApiError> {
        let found = self.app().guest_snapshots(&request.guest).await.map_err(|error| on(error, &request.guest))?;
        let row = |snapshot: Snapshot| GuestSnapshotRow {
            name: snapshot.name,
            created_seconds: snapshot.created_seconds,
            comment: snapshot.comment,
        };
        Ok(GuestSnapshots { guest: request.guest, snapshots: found.into_iter().map(row).collect() })
    }

    /// `guest_logs`
    pub async fn guest_logs(&self, request: GuestLogsRequest) -> Result<GuestLogs, ApiError> {
        let GuestLogsRequest { guest, console, lines } = request;
        let logs = self.app().guest_logs(&guest, console, lines).await.map_err(|error| on(error, &guest))?;
        Ok(GuestLogs { guest, from: logs.from, lines: logs.lines })
    }
}

fn change(change: GuestChange) -> Result<Change, ApiError> {
    Ok(match change {
        GuestChange::Start => Change::Start,
        GuestChange::Stop(how) => Change::Stop(stop(&how)?),
        GuestChange::Restart(how) => Change::Restart(stop(&how)?),
        GuestChange::Freeze => Change::Freeze,
        GuestChange::Unfreeze => Change::Thaw,
        GuestChange::Rename { to } => Change::Rename { to },
        GuestChange::Copy { to } => Change::Copy { to },
        GuestChange::Set(settings) => Change::Set(set(&settings)),
        GuestChange::Delete { volumes } => Change::Delete { volumes },
        GuestChange::SnapshotCreate { name } => Change::Snapshot { name },
        GuestChange::SnapshotRestore { name } => Change::Restore { name },
        GuestChange::SnapshotDelete { name } => Change::Forget { name },
    })
}

fn stop(how: &GuestStop) -> Result<Stop, ApiError> {
    if (1..=LONGEST_STOP).contains(&how.timeout_s) {
        Ok(Stop { timeout: Duration::from_secs(how.timeout_s), force: how.force })
    } else {
        Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "a guest has 1 to 3600 seconds to stop"))
    }
}

fn set(settings: &GuestSettings) -> Settings {
    let limit = |value: u64| (value != 0).then_some(value);
    Settings {
        memory_bytes: settings.memory_bytes.map(limit),
        cpu_thousandths: settings.cpu_thousandths.map(limit),
        disk_bytes: settings.disk_bytes,
        autostart: settings.autostart,
    }
}
