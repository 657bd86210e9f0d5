//! Hosts, and direct work on them.

use std::time::Duration;

use beffroi_app::{AppError, HostFacts, HostOrder, Standing, Survey};
use beffroi_domain::{Message, Role, Sudo};

use crate::fault;
use crate::handlers::{access, job, survey};
use crate::wire::{
    Done, GuestWay, HostAccess, HostAdd, HostDetail, HostEdit, HostList, HostName, HostRow, HostScan, HostStatus, HostSummary, Legacy,
    Nothing, OfferedKey, SurveyRequest, SurveyResult, SurveyResults, WireMessage,
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
        let (announced, reached) = self.app().keys_of(&request.host).await?;
        let (keys, revoked) = (access::trusted(&host.record), host.record.revoked.iter().map(ToString::to_string).collect());
        let reached = reached.map(|reached| access::reached(&host.record, &host.names, reached));
        let announced = announced.into_iter().map(access::announced).collect();
        Ok(HostDetail { host: row(host), survey, jobs: jobs.into_iter().map(job::view).collect(), keys, revoked, announced, reached })
    }

    /// `host_scan`
    pub async fn host_scan(&self, request: HostScan) -> Result<OfferedKey, ApiError> {
        let key = self.app().scan(&request.address, request.port.unwrap_or(22), request.jump.as_deref()).await?;
        Ok(OfferedKey { fingerprint: key.fingerprint.to_string(), algorithm: key.algorithm })
    }

    /// `host_add`
    pub async fn host_add(&self, request: HostAdd) -> Result<HostRow, ApiError> {
        let HostAdd { name, address, port, user, stage, tags, identity, trust, jump, others, password, one_time, sudo, legacy } = request;
        let (address, tags) = (Some(address), Some(tags));
        let access = HostAccess { address, port, user, jump, others, stage, tags, identity, password, one_time, sudo, legacy };
        Ok(row(self.app().add_host(&name, HostOrder { trust, ..access::order(access) }).await?))
    }

    /// `host_edit`
    pub async fn host_edit(&self, request: HostEdit) -> Result<HostRow, ApiError> {
        Ok(row(self.app().edit_host(&request.host, request.name.as_deref(), access::order(request.change)).await?))
    }

    /// `host_remove`
    pub async fn host_remove(&self, request: HostName) -> Result<Done, ApiError> {
        self.app().remove_host(&request.host).await?;
        Ok(Done {})
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

pub(crate) fn row(host: HostFacts) -> HostRow {
    let (record, names) = (host.record, host.names);
    let name = record.name.to_string();
    HostRow {
        id: record.host.to_string(),
        stage: record.stage.to_string(),
        others: access::others(&record, &names),
        jump: names.accesses.first().and_then(|(jump, _)| jump.clone()),
        identity: names.identity,
        password: names.password,
        one_time: names.one_time,
        sudo: match record.sudo {
            Sudo::Never => "never",
            Sudo::WithoutPassword => "without-password",
            Sudo::Password(_) => "password",
        }
        .to_owned(),
        sudo_secret: names.sudo,
        legacy: record.legacy.map(|legacy| Legacy { algorithms: legacy.algorithms, why: legacy.why, until_ms: legacy.until_ms }),
        guest: record.access.guest.map(|guest| GuestWay {
            driver: guest.driver.name().to_owned(),
            project: guest.project,
            name: guest.name,
        }),
        address: record.access.address,
        port: record.access.port,
        user: record.access.user,
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
    let facts = &wire.facts;
    let certificates = facts.certificates.iter().flatten().map(|certificate| certificate.not_after_seconds).min();
    HostSummary {
        taken_ms: wire.taken_ms,
        took_ms: wire.took_ms,
        version,
        disk_percent,
        apps: yunohost.and_then(|yunohost| yunohost.apps.as_ref()).map(Vec::len),
        upgrades,
        people: yunohost.and_then(|yunohost| yunohost.users.as_ref()).map(Vec::len),
        packages: facts.upgrades.as_ref().map(|upgrades| upgrades.packages.len()),
        security: facts.upgrades.as_ref().map(beffroi_survey::facts::Upgrades::security),
        load: system.load.map(|[minute, ..]| minute),
        uptime_s: system.uptime_s,
        failed_services: facts.failed_services.as_ref().map(Vec::len),
        certificate_ms: certificates.map(|seconds| seconds.saturating_mul(1000)),
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
