//! The facts of a host at a moment. Every text of it came from the host: show it as text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use beffroi_survey::Facts;

/// A host's facts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostSurvey {
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// How long connecting and reading took.
    pub took_ms: u64,
    /// The machine, in short.
    pub system: SystemSurvey,
    /// All that is known of the machine, in the form in which it is stored.
    pub facts: Facts,
    /// YunoHost, where it is installed.
    pub yunohost: Option<YunohostSurvey>,
}

/// The machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SystemSurvey {
    /// Its own name.
    pub hostname: String,
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    pub os: String,
    /// Kernel release.
    pub kernel: String,
    /// Such as `x86_64`.
    pub architecture: String,
    /// Seconds since it was started.
    pub uptime_s: Option<u64>,
    /// Load over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Processors.
    pub cpus: Option<u32>,
    /// Bytes of memory.
    pub memory_total: Option<u64>,
    /// Bytes of memory that a new program could use.
    pub memory_available: Option<u64>,
    /// Bytes of the root file system.
    pub disk_total: Option<u64>,
    /// Bytes of it that are used.
    pub disk_used: Option<u64>,
    /// Seconds by which its clock is ahead of this machine's.
    pub clock_skew_s: Option<i64>,
}

/// YunoHost's facts. A list is absent when the host would not give it; `failures` says why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostSurvey {
    /// Version of the package `yunohost`.
    pub version: Option<String>,
    /// Accounts.
    pub users: Option<Vec<YunohostUser>>,
    /// Groups, without each account's own.
    pub groups: Option<Vec<YunohostGroup>>,
    /// Permissions.
    pub permissions: Option<Vec<YunohostPermission>>,
    /// Applications.
    pub apps: Option<Vec<YunohostApp>>,
    /// Domains, the main one first.
    pub domains: Option<Vec<String>>,
    /// Services.
    pub services: Option<Vec<YunohostService>>,
    /// Names of backup archives.
    pub backups: Option<Vec<String>>,
    /// What could not be read, in the host's words.
    pub failures: Vec<String>,
}

/// A YunoHost account.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostUser {
    /// The login.
    pub username: String,
    /// The person's name.
    pub fullname: String,
    /// The main e-mail address.
    pub mail: String,
    /// Such as `500M`, or `0` for none.
    pub mailbox_quota: String,
    /// Groups it is in, without its own and `all_users`.
    pub groups: Vec<String>,
}

/// A YunoHost group.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostGroup {
    /// Its name.
    pub name: String,
    /// Its accounts.
    pub members: Vec<String>,
}

/// A YunoHost permission.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostPermission {
    /// Such as `nextcloud.main`.
    pub name: String,
    /// What people see.
    pub label: String,
    /// Groups and accounts it was given to.
    pub allowed: Vec<String>,
    /// Accounts that have it in the end.
    pub users: Vec<String>,
}

/// An installed application.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostApp {
    /// Its instance, such as `nextcloud__2`.
    pub id: String,
    /// What people see.
    pub name: String,
    /// Version with its packaging suffix.
    pub version: String,
    /// Where it answers, when it does.
    pub domain_path: Option<String>,
    /// `up_to_date`, `upgradable`, `url_required` or another word of YunoHost's.
    pub upgrade: Option<String>,
    /// The version an upgrade would bring.
    pub new_version: Option<String>,
}

/// A service.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YunohostService {
    /// Its name.
    pub name: String,
    /// `running`, `dead`, `failed` or another word of systemd's.
    pub status: String,
    /// `enabled`, `disabled` or another word.
    pub start_on_boot: String,
    /// Date in the host's words, or `unknown`.
    pub last_state_change: String,
    /// What it does.
    pub description: String,
    /// `valid`, `broken` or `unknown`.
    pub configuration: String,
}

/// Asks what differs between two surveys.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostDiff {
    /// The host whose last survey is compared.
    pub host: String,
    /// The host that it is held against; its own earlier survey when absent.
    #[serde(default)]
    pub with: Option<String>,
    /// The earlier survey is the last one before this moment, in milliseconds since 1970; the one before the last when absent.
    #[serde(default)]
    pub before_ms: Option<u64>,
    /// Whether what changes by itself is told too.
    #[serde(default)]
    pub noise: bool,
}

/// What differs between two surveys.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostDifferences {
    /// What the later one is held against.
    pub before: SurveyMoment,
    /// The later one.
    pub after: SurveyMoment,
    /// What differs: what matters for security first, then changes, then noise.
    pub differences: Vec<HostDifference>,
}

/// A survey of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SurveyMoment {
    /// The host.
    pub host: String,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
}

/// One thing that differs. Its texts came from the host: show them as text.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostDifference {
    /// The part of the facts, such as `authorized_keys`.
    pub area: beffroi_survey::Area,
    /// `security`, `change` or `noise`.
    pub severity: String,
    /// What of that area, then what names the entry: an account, a port, a path.
    pub path: Vec<String>,
    /// What it was; absent when it was not there.
    pub before: Option<String>,
    /// What it is; absent when it is not there any more.
    pub after: Option<String>,
}
