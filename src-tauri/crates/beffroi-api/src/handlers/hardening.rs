//! What could be safer about hosts.

use beffroi_app::{Checked, Fix, FixValue, Severity, Verdict};

use crate::handlers::host::{milliseconds, on};
use crate::wire::{
    HardeningCheck, HardeningFix, HardeningSeverity, HardeningVerdict, HostHardening, HostHardeningOf, HostHardeningRequest, HostStatus,
    YnhValue,
};
use crate::{Api, ApiError};

impl Api {
    /// `host_hardening`
    pub async fn host_hardening(&self, request: HostHardeningRequest) -> Result<HostHardening, ApiError> {
        let hosts = self.app().hardening(&request.on, request.refresh).await?;
        let results = hosts.into_iter().map(|found| {
            let error = found.error.map(|error| on(error, &found.host));
            let status = error.as_ref().map_or(HostStatus::Ok, HostStatus::of);
            let checks = found.checks.into_iter().map(check).collect();
            let duration_ms = milliseconds(found.took);
            HostHardeningOf { host: found.host, status, duration_ms, stage: found.stage, taken_ms: found.taken_ms, checks, error }
        });
        Ok(HostHardening { results: results.collect() })
    }
}

fn check(checked: Checked) -> HardeningCheck {
    HardeningCheck {
        id: checked.id.to_owned(),
        severity: match checked.severity {
            Severity::High => HardeningSeverity::High,
            Severity::Medium => HardeningSeverity::Medium,
            Severity::Low => HardeningSeverity::Low,
        },
        verdict: match checked.verdict {
            Verdict::ToDo => HardeningVerdict::ToDo,
            Verdict::Unknown => HardeningVerdict::Unknown,
            Verdict::Ok => HardeningVerdict::Ok,
        },
        title: (&checked.title).into(),
        found: checked.found.as_ref().map(Into::into),
        why: (&checked.why).into(),
        remedy: checked.remedy.as_ref().map(Into::into),
        fix: checked.fix.map(fix),
    }
}

fn fix(fix: Fix) -> HardeningFix {
    let value = |value| match value {
        FixValue::Text(text) => YnhValue::Text(text),
        FixValue::List(list) => YnhValue::List(list),
    };
    match fix {
        Fix::Yunohost { operation, given } => HardeningFix::Ynh {
            operation: operation.to_owned(),
            given: given.into_iter().map(|(name, given)| (name.to_owned(), value(given))).collect(),
        },
        Fix::Run { command } => HardeningFix::Run { command: command.to_owned(), root: true },
        Fix::SetClock => HardeningFix::SetClock,
    }
}
