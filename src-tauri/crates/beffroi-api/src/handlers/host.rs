//! Hosts, and direct work on them.

use std::path::Path;
use std::time::Duration;

use beffroi_app::{AppError, HostFacts, NewHost, RunAnswer, RunOrder, Standing, Survey};
use beffroi_domain::{Exit, Message, Role};
use beffroi_remote::Transfer;

use crate::fault;
use crate::handlers::{job, survey};
use crate::wire::{
    CopiedFile, CopyFile, Done, HostAdd, HostDetail, HostList, HostName, HostRow, HostScan, HostStatus, HostSummary, HostTest,
    HostTestStep, HostTrust, Nothing, OfferedKey, Run, RunResult, RunResults, SurveyRequest, SurveyResult, SurveyResults, WireMessage,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `host_list`
    pub async fn host_list(&self, _: Nothing) -> Result<HostList, ApiError> {
        Ok(HostList { hosts: self.app().hosts().await?.into_iter().map(row).collect() })
    }

    /// `host_show`
    pub async fn host_show(&self, request: HostName) -> Result<HostDetail, ApiError> {
        let (host, jobs) = self.app().host(&request.host).await?;
        let survey = host.survey.as_ref().map(survey::wire);
        Ok(HostDetail { host: row(host), survey, jobs: jobs.into_iter().map(job::view).collect() })
    }

    /// `host_scan`
    pub async fn host_scan(&self, request: HostScan) -> Result<OfferedKey, ApiError> {
        let key = self.app().scan(&request.address, request.port.unwrap_or(22)).await?;
        Ok(OfferedKey { fingerprint: key.fingerprint.to_string(), algorithm: key.algorithm })
    }

    /// `host_add`
    pub async fn host_add(&self, request: HostAdd) -> Result<HostRow, ApiError> {
        let HostAdd { name, address, port, user, stage, tags, identity, trust } = request;
        Ok(row(self.app().add_host(NewHost { name, address, port, user, stage, tags, identity, trust }).await?))
    }

    /// `host_trust`
    pub async fn host_trust(&self, request: HostTrust) -> Result<HostRow, ApiError> {
        Ok(row(self.app().trust(&request.host, &request.fingerprint).await?))
    }

    /// `host_remove`
    pub async fn host_remove(&self, request: HostName) -> Result<Done, ApiError> {
        self.app().remove_host(&request.host).await?;
        Ok(Done {})
    }

    /// `host_test`
    pub async fn host_test(&self, request: HostName) -> Result<HostTest, ApiError> {
        let test = self.app().test_host(&request.host).await?;
        let host = test.host;
        let steps: Vec<HostTestStep> = test
            .steps
            .into_iter()
            .map(|step| HostTestStep {
                what: (&step.what).into(),
                error: step.error.map(|error| on(error, &host)),
                duration_ms: milliseconds(step.took),
            })
            .collect();
        Ok(HostTest { passed: steps.iter().all(|step| step.error.is_none()), host, steps })
    }

    /// `host_survey`
    pub async fn host_survey(&self, request: SurveyRequest) -> Result<SurveyResults, ApiError> {
        let answers = self.app().survey(&request.on, request.refresh).await?;
        let results = answers.into_iter().map(|answer| {
            let duration_ms = milliseconds(answer.took);
            match answer.survey {
                Ok(found) => {
                    SurveyResult { host: answer.host, status: HostStatus::Ok, duration_ms, survey: Some(survey::wire(&found)), error: None }
                }
                Err(error) => {
                    let error = on(error, &answer.host);
                    SurveyResult { host: answer.host, status: HostStatus::of(&error), duration_ms, survey: None, error: Some(error) }
                }
            }
        });
        Ok(SurveyResults { results: results.collect() })
    }

    /// `run`
    pub async fn run(&self, request: Run) -> Result<RunResults, ApiError> {
        let order = RunOrder {
            on: request.on,
            command: request.command,
            timeout: Duration::from_secs(request.timeout_s.unwrap_or(60).clamp(1, 24 * 3600)),
            parallel: request.parallel.unwrap_or(32),
            typed: request.typed,
        };
        Ok(RunResults { results: self.app().run(order).await?.into_iter().map(run_result).collect() })
    }

    /// `put`
    pub async fn put(&self, request: CopyFile) -> Result<CopiedFile, ApiError> {
        self.put_with(request, &mut |_| {}).await
    }

    /// `get`
    pub async fn get(&self, request: CopyFile) -> Result<CopiedFile, ApiError> {
        self.get_with(request, &mut |_| {}).await
    }

    /// `put`, telling how far it is.
    pub async fn put_with(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        let copied = self.app().put(&request.host, Path::new(&request.local), &request.remote, request.typed.as_deref(), progress).await;
        let copied = copied.map_err(|error| on(error, &request.host))?;
        Ok(CopiedFile { bytes: copied.bytes, duration_ms: milliseconds(copied.took) })
    }

    /// `get`, telling how far it is.
    pub async fn get_with(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        let copied = self.app().get(&request.host, &request.remote, Path::new(&request.local), progress).await;
        let copied = copied.map_err(|error| on(error, &request.host))?;
        Ok(CopiedFile { bytes: copied.bytes, duration_ms: milliseconds(copied.took) })
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An error of one host. Its name is also a value: the remedy of an unknown key names it.
pub(crate) fn on(error: AppError, host: &str) -> ApiError {
    let mut error = ApiError::from(error).on(host);
    if matches!(error.code, ErrorCode::HostKeyUnknown | ErrorCode::HostKeyChanged | ErrorCode::LoginRefused) {
        error.values.insert("host".to_owned(), host.to_owned());
        error.values.entry("address".to_owned()).or_insert_with(|| host.to_owned());
    }
    error
}

fn run_result(answer: RunAnswer) -> RunResult {
    let duration_ms = milliseconds(answer.took);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match answer.output {
        Ok(output) => {
            let (exit_code, signal) = match &output.exit {
                Exit::Status(status) => (Some(*status), None),
                Exit::Signal(signal) => (None, Some(signal.clone())),
                Exit::Unknown => (None, None),
            };
            let error = (!output.exit.is_success()).then(|| {
                let exit = exit_code.map_or_else(|| signal.clone().unwrap_or_else(|| "?".to_owned()), |status| status.to_string());
                ApiError::new(ErrorCode::CommandFailed).with("exit", exit).on(&answer.host)
            });
            RunResult {
                host: answer.host,
                status: if error.is_some() { HostStatus::Failed } else { HostStatus::Ok },
                exit_code,
                signal,
                duration_ms,
                stdout: text(&output.stdout),
                stderr: text(&output.stderr),
                cut: output.cut,
                error,
            }
        }
        Err(error) => {
            let error = on(error, &answer.host);
            RunResult {
                status: HostStatus::of(&error),
                host: answer.host,
                exit_code: None,
                signal: None,
                duration_ms,
                stdout: String::new(),
                stderr: String::new(),
                cut: false,
                error: Some(error),
            }
        }
    }
}

fn row(host: HostFacts) -> HostRow {
    let record = host.record;
    let name = record.name.to_string();
    HostRow {
        id: record.host.to_string(),
        stage: record.stage.to_string(),
        address: record.access.address,
        port: record.access.port,
        user: record.access.user,
        identity: host.identity,
        tags: record.tags.iter().map(ToString::to_string).collect(),
        pins: record.pins.iter().map(|pin| pin.fingerprint.to_string()).collect(),
        role: host.survey.as_ref().map(|survey| survey.role().name().to_owned()),
        summary: host.survey.as_ref().map(summary),
        trouble: match host.standing {
            Standing::Forged => Some(ApiError::from(AppError::RecordForged { name: name.clone() }).on(&name)),
            _ => host.trouble.map(|error| fault::remote(error).on(&name).with("host", &name)),
        },
        sealed: host.standing == Standing::Sealed,
        name,
    }
}

fn summary(found: &Survey) -> HostSummary {
    let wire = survey::wire(found);
    let yunohost = wire.yunohost.as_ref();
    let system = &wire.system;
    let disk_percent = system.disk_used.zip(system.disk_total).filter(|(_, total)| *total > 0);
    let disk_percent = disk_percent.and_then(|(used, total)| u8::try_from(used.saturating_mul(100) / total).ok());
    let upgradable = |app: &&crate::wire::YunohostApp| app.upgrade.as_deref() == Some("upgradable");
    let upgrades = yunohost.and_then(|yunohost| yunohost.apps.as_ref()).map(|apps| apps.iter().filter(upgradable).count());
    let version = match (found.role(), yunohost.and_then(|yunohost| yunohost.version.as_deref())) {
        (Role::Yunohost, Some(version)) => format!("YunoHost {version}"),
        (Role::Yunohost, None) => "YunoHost".to_owned(),
        (Role::Linux, _) => system.os.clone(),
    };
    HostSummary {
        taken_ms: wire.taken_ms,
        took_ms: wire.took_ms,
        version,
        disk_percent,
        apps: yunohost.and_then(|yunohost| yunohost.apps.as_ref()).map(Vec::len),
        upgrades,
        people: yunohost.and_then(|yunohost| yunohost.users.as_ref()).map(Vec::len),
        attention: attention(&wire, disk_percent, upgrades),
    }
}

/// From here on a disk is called full: a system upgrade needs the rest.
const FULL_PERCENT: u8 = 85;
/// A clock that is further off breaks one-time codes and certificates.
const SKEW_SECONDS: i64 = 60;

fn attention(survey: &crate::wire::HostSurvey, disk_percent: Option<u8>, upgrades: Option<usize>) -> Vec<WireMessage> {
    let mut messages = Vec::new();
    if let Some(yunohost) = &survey.yunohost {
        let stopped = |service: &&crate::wire::YunohostService| service.start_on_boot == "enabled" && service.status != "running";
        let stopped: Vec<&str> = yunohost.services.iter().flatten().filter(stopped).map(|service| service.name.as_str()).collect();
        if !stopped.is_empty() {
            messages.push(Message::new("attention.services").with("count", stopped.len()).with("names", stopped.join(", ")));
        }
        if !yunohost.failures.is_empty() {
            messages.push(Message::new("attention.survey"));
        }
    }
    if let Some(count) = upgrades.filter(|count| *count > 0) {
        messages.push(Message::new("attention.upgrades").with("count", count));
    }
    if let Some(percent) = disk_percent.filter(|percent| *percent >= FULL_PERCENT) {
        messages.push(Message::new("attention.disk").with("percent", percent));
    }
    if let Some(seconds) = survey.system.clock_skew_s.filter(|seconds| seconds.abs() > SKEW_SECONDS) {
        messages.push(Message::new("attention.clock").with("seconds", seconds));
    }
    messages.iter().map(WireMessage::from).collect()
}
