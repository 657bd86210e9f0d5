//! What lies on hosts, and what differs between surveys.

use std::time::Duration;

use beffroi_app::HostCleaned as Cleaned;
use beffroi_remote::job::StepOnHost;
use beffroi_survey::Severity;

use crate::handlers::host::on;
use crate::wire::{
    HostClean, HostCleaned, HostDetach, HostDiff, HostDifference, HostDifferences, HostLedger, HostLedgerRequest, LedgerEntry, SurveyMoment,
};
use crate::{Api, ApiError};

impl Api {
    /// `host_diff`
    pub async fn host_diff(&self, request: HostDiff) -> Result<HostDifferences, ApiError> {
        let HostDiff { host, with, before_ms, noise } = request;
        let found = self.app().diff_host(&host, with.as_deref(), before_ms, noise).await.map_err(|error| on(error, &host))?;
        let moment = |(host, taken_ms)| SurveyMoment { host, taken_ms };
        let differences = found.differences.into_iter().map(|found| HostDifference {
            area: found.area,
            severity: match found.severity {
                Severity::Security => "security",
                Severity::Change => "change",
                Severity::Noise => "noise",
            }
            .to_owned(),
            path: found.path,
            before: found.before,
            after: found.after,
        });
        Ok(HostDifferences { before: moment(found.before), after: moment(found.after), differences: differences.collect() })
    }

    /// `host_ledger`
    pub async fn host_ledger(&self, request: HostLedgerRequest) -> Result<HostLedger, ApiError> {
        let ledger = self.app().host_ledger(&request.host, request.ask).await.map_err(|error| on(error, &request.host))?;
        let entries = ledger.entries.into_iter().map(|entry| LedgerEntry {
            kind: entry.kind,
            what: entry.what,
            ours: entry.ours,
            state: entry.state.map(|state| state_name(&state).to_owned()),
            bytes: entry.bytes,
            started_s: entry.started_s,
        });
        Ok(HostLedger { entries: entries.collect(), leftovers: ledger.leftovers })
    }

    /// `host_clean`
    pub async fn host_clean(&self, request: HostClean) -> Result<HostCleaned, ApiError> {
        let older = Duration::from_secs(request.older_s);
        let cleaned = self.app().clean_host(&request.host, older, request.typed.as_deref()).await;
        cleaned.map(wire).map_err(|error| on(error, &request.host))
    }

    /// `host_detach`
    pub async fn host_detach(&self, request: HostDetach) -> Result<HostCleaned, ApiError> {
        let cleaned = self.app().detach_host(&request.host, request.typed.as_deref()).await;
        cleaned.map(wire).map_err(|error| on(error, &request.host))
    }
}

fn wire(cleaned: Cleaned) -> HostCleaned {
    HostCleaned { folders: cleaned.folders, leftovers: cleaned.leftovers, key_removed: cleaned.key_removed }
}

fn state_name(state: &StepOnHost) -> &'static str {
    match state {
        StepOnHost::Absent => "absent",
        StepOnHost::Staged => "staged",
        StepOnHost::Running => "running",
        StepOnHost::Ended(_) => "ended",
        StepOnHost::Vanished { .. } => "vanished",
    }
}
