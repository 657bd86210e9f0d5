//! What a survey found of a YunoHost, in the form in which it is stored.
//!
//! Everything in it comes from the host: it is hostile text, cleaned of control characters and bounded in size.

mod backup_runs;
mod certificates;
mod diagnosis;
mod firewall;
mod journal;
mod lock;
mod looked_up;
mod offers;
mod read;
mod settings;
mod upgrades;
mod yunohost;

pub use backup_runs::{BACKUP_APPS, BackupRun};
pub use certificates::Certificate;
pub use diagnosis::{Diagnosis, DiagnosisReport, Finding};
pub use journal::{LoggedEnd, LoggedOperation};
pub use lock::{LockHolder, Running};
pub use looked_up::LookedUp;
pub use upgrades::{AppUpgrade, PackageUpgrade, PendingUpgrades};
pub use yunohost::{App, Backup, Domains, Group, Package, Part, Permission, ServiceState, User, YunohostFacts};

pub(crate) use backup_runs::{backup_runs, script as backup_runs_script};
pub(crate) use certificates::certificates;
pub(crate) use diagnosis::{DIAGNOSIS_SHOW, ignore_filters, shown};
pub(crate) use firewall::firewall_rules;
pub(crate) use journal::logged_operations;
pub(crate) use lock::{lock_holder, script as lock_script};
pub(crate) use offers::{lacks, lacks_by_version, script as offers_script};
pub(crate) use read::{apps, domains, groups, permissions, service, users};
pub(crate) use settings::{script as settings_script, settings};
pub(crate) use upgrades::{UPDATE_NOREFRESH, pending_upgrades};
