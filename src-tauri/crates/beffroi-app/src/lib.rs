//! Use cases: joins vault, store, SSH and YunoHost; plans, jobs, journal, ledger.
//!
//! [`App`] is the whole of what the desktop and the command line can do. It speaks domain types; wire types and words
//! for people are the edge's. What is deliberately missing: knowledge of who is asking, and any secret in an answer but
//! the recovery words of a vault that was just made, a password that was just made, and a secret that is revealed on purpose.

mod action;
mod apps;
mod archives;
mod bans;
mod catalogs;
mod certificates;
mod connect;
mod copies;
mod documents;
mod ends;
mod enrol;
mod error;
mod export;
mod exposure;
mod files;
mod folders;
mod generate;
mod guards;
mod guests;
mod hardening;
mod health;
mod host_keys;
mod hosts;
mod identities;
mod imports;
mod inventory;
mod jobs;
mod journal;
mod ledger;
mod merge;
mod named;
mod names;
mod own_file;
mod parcels;
mod people;
mod places;
mod plans;
mod processes;
mod recipes;
mod reports;
mod reseal;
mod rotation;
mod run;
mod scan;
mod search;
mod secret_health;
mod secret_keys;
mod secrets;
mod sent;
mod session;
mod stages;
mod surveys;
mod terminals;
mod totp;
mod tunnels;
mod turns;
mod vaults;
mod views;
mod ways;
mod ynh_reads;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use beffroi_domain::{JobId, PlanId, RunId, VaultId};
use beffroi_remote::Transfer;

pub use action::Action;
pub use apps::KnownCatalog;
pub use archives::{
    BackupCheck, BackupFault, BackupKept, BackupOrder, Backups, Brought, CollectOrder, Collected, HostBackups, KeptBackup, PruneOrder,
    PushOrder, Rehearsal, RehearsalOrder, Restoring, ScheduleOrder,
};
pub use bans::{HostBans, Jail};
pub use beffroi_ca::{CaError, InvalidNames, KitLanguage};
pub use beffroi_import::{ImportError, Reader as ParcelReader};
pub use beffroi_lxc::change::{Change as GuestChange, ChangeRefusal, Settings as GuestSettings, Stop as GuestStop};
pub use beffroi_lxc::exposure::PublishedBy;
pub use beffroi_lxc::image::NoImage;
pub use beffroi_lxc::spec::make::Part as GuestPart;
pub use beffroi_lxc::spec::{Finding as SpecFinding, SpecFault};
pub use beffroi_lxc::{GuestState, Shortage, Snapshot};
pub use beffroi_process::change::{Change as ProcessChange, ChangeRefusal as ProcessRefusal};
pub use beffroi_scan::{
    Finding as ScanFinding, Hook as ScanHook, ScanError, Skipped as ScanSkipped, What as ScanWhat, rules as scan_rules,
};
pub use catalogs::CatalogChange;
pub use certificates::{
    AuthorityFacts, AuthorityOrder, CertificateOrder, ExportOrder, Exported, IssuedFacts, KitOrder, KitWritten, Push, Renewal, Which,
};
pub use connect::{HeldLogin, Reached, way};
pub use copies::{CopyFacts, RestoreFacts};
pub use ends::SshEnd;
pub use enrol::{EnrolOrder, HostEnrolled, HostTest, TestStep};
pub use error::{
    AppError, BackupError, CertificateError, GuardError, GuestError, HealthError, ImportingError, MergeError, ParcelError, PeopleError,
    ProcessError, PublishRefusal, ReachError, RecipeError, RotationError, SpecError,
};
pub use exposure::{ExposedWay, Exposure, ExposureOrder, Hop, HopKind, HopState, PublishOrder, WithdrawOrder};
pub use files::{CopiedFiles, CopyOrder};
pub use folders::{FilesRemoved, FolderOrder};
pub use generate::{PassphraseOrder, PasswordOrder, WordList};
pub use guests::{
    Declaration, ExportedImage, GuestImageOrder, GuestLogs, GuestOrder, GuestOrdered, GuestReading, GuestWork, HostGuests, ImageBuild,
    ImageExport, ImageOrder, ImageOrdered, KeptImage, KeptSpec, ListedGuest, Newness, Presence, ShownGuest,
};
pub use hardening::{Checked, Fix, FixValue, HostHardening, Severity, Verdict, hardening_checks};
pub use health::{Finding, Grade};
pub use host_keys::{KnownHostsExport, KnownHostsImport, KnownHostsOfHost};
pub use hosts::{AccessOrder, GivenNames, HostFacts, HostOrder, LegacyOrder};
pub use identities::IdentityFacts;
pub use imports::{
    ExportSecrets, ExportedSecrets, ImportChoice, ImportChoices, ImportDone, ImportEntryRow, ImportFinding, ImportHostRow,
    ImportHostStanding, ImportPreview, ImportRules, ImportSource, ImportStanding, export_formats, import_column_kinds, import_columns,
    import_formats,
};
pub use inventory::{Inventory, InventoryHost};
pub use jobs::{JobFacts, OutputNote, OutputText, StoredMessage, StoredPart, StoredStep, Why};
pub use journal::{ChainFacts, JournalFacts, JournalLine, hex};
pub use ledger::{HostCleaned, HostLedger, LedgerEntry};
pub use merge::{MergeConflict, MergeEffect, MergeFacts, MergeField, MergeKeep, MergeOrder, MergeRename, MergeTaken};
pub use parcels::{
    Handed, HandedParcel, HandedSecret, HandedStanding, HeldWay, ParcelContent, ParcelHost, ParcelOrder, ParcelSecret, ParcelSigner,
};
pub use people::{
    AccountFacts, AccountStanding, CardOrder, Drift, DriftKind, Import, ImportFault, ImportOrder, ImportRow, LeavingAccount, LeavingFacts,
    Matrix, MatrixAccess, MatrixAccount, MatrixHost, MatrixPermission, PersonChange, PersonFacts, PersonOrder, Reason, RowEffect,
    SeenAccount, Statement, StatementFacts, csv_line,
};
pub use places::Places;
pub use plans::{HostStanding, MadePlan, RefusedHost};
pub use processes::{HostProcesses, ProcessLogs, ProcessName, ProcessWork};
pub use recipes::{PlannedHost, RecipeFacts, RecipeOrder, RecipePlan};
pub use reports::{Report, ReportCell, ReportKind, ReportOrder, ReportSection, ReportStep, ReportTable};
pub use rotation::{
    PlaceCheck, PlaceState, Rotated, RotationFacts, RotationHost, RotationOrder, RotationPlan, RotationStep, RotationWay, SecretAccount,
    SecretPlace, SecretUse, SecretWhere,
};
pub use run::{Group, HostResult, Pace, RunEnd, RunFacts, RunOrder, RunWhat, Trouble, exit_words};
pub use scan::{ScanOrder, Scanned};
pub use search::{Found, FoundBy, FoundKind};
pub use secret_health::{HealthOrder, LeakedBy, SecretFault, SecretFinding, SecretHealth};
pub use secret_keys::{KeyKind, PublicKeyFacts};
pub use secrets::{
    FieldFacts, SecretAbout, SecretChange, SecretFacts, SecretPart, SecretTemplate, TemplateError, TemplateField, TemplatePlace,
    TrashedSecret,
};
pub use sent::{Sent, SentCatalog, SentPackage};
pub use session::Standing;
pub use stages::StageFacts;
pub use surveys::{Survey, SurveyAnswer, SurveyDiff};
pub use terminals::{TerminalEnd, TerminalFacts, TerminalOrder, TerminalOutput};
pub use totp::OneTimeCode;
pub use tunnels::{End as TunnelEnd, TunnelFacts, TunnelOrder};
pub use vaults::{Check, KnownVault, VaultFacts};
pub use views::FleetView;
pub use ways::{Authority, SlotFacts, SlotOrder};
pub use ynh_reads::{FleetHost, HostOperation, ReadAnswer};

use plans::Pending;
use session::Session;

/// Something changed that others may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A vault was opened or locked.
    Vault,
    /// Hosts or their facts changed.
    Hosts,
    /// A stage was sealed, unsealed, protected, or its policy changed.
    Stages,
    /// Secrets changed.
    Secrets,
    /// Cards of people changed, or whose which account is.
    People,
    /// A job or a step of it changed state.
    Job(JobId),
    /// A job has more output.
    JobOutput(JobId),
    /// A run on several hosts goes on, or ended.
    RunProgress {
        /// The run.
        run: RunId,
        /// Hosts whose result is there.
        done: u64,
        /// Hosts in all.
        total: u64,
        /// Of those done, hosts on which it did not succeed.
        failed: u64,
    },
    /// Authorities or certificates changed.
    Certificates,
    /// The recipes changed.
    Recipes,
    /// A host of a rotation is further, or was kept from it.
    Rotation {
        /// The secret's id.
        secret: Arc<str>,
        /// The host's name.
        host: Arc<str>,
        /// How far it is.
        step: RotationStep,
    },
    /// The journal grew.
    Journal,
    /// A copy goes on.
    Copy {
        /// The name that its order gave it.
        name: Arc<str>,
        /// How far it is.
        at: Transfer,
    },
    /// Long work on the vault goes on.
    Progress {
        /// What: `rekey`, `stage-rekey`, `copy`, `scan`.
        work: &'static str,
        /// Done so far.
        done: u64,
        /// In all; 0 where nobody knows.
        total: u64,
    },
}

/// Hears of changes. Called from many tasks; must not block.
pub trait Listener: Send + Sync {
    /// Something changed.
    fn heard(&self, change: Change);
}

/// Everything that can be done, on one of the open vaults.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
    /// The vault that is meant; the only open one when absent.
    chosen: Option<VaultId>,
}

struct Inner {
    places: Places,
    listener: Arc<dyn Listener>,
    /// The open vaults, the first opened first.
    sessions: RwLock<Vec<Arc<Session>>>,
    plans: Mutex<HashMap<PlanId, Pending>>,
    /// One vault is opened at a time: who asks for the same one waits, and finds it open.
    opening: tokio::sync::Mutex<()>,
}

impl App {
    /// Starts without an open vault.
    #[must_use]
    pub fn new(places: Places, listener: Arc<dyn Listener>) -> Self {
        Self {
            inner: Arc::new(Inner {
                places,
                listener,
                sessions: RwLock::default(),
                plans: Mutex::default(),
                opening: tokio::sync::Mutex::default(),
            }),
            chosen: None,
        }
    }

    /// The same, meaning one of the open vaults: by its id, its name or its folder.
    ///
    /// # Errors
    /// [`AppError::Locked`] when no open vault is called so, [`AppError::SeveralVaults`] when more than one is.
    pub fn on(&self, vault: &str) -> Result<Self, AppError> {
        let folder = vaults::typed_folder(vault);
        let is_meant = |session: &&Arc<Session>| {
            let open = session.vault.folder();
            session.vault.id().to_string() == vault || session.name == vault || folder.iter().any(|folder| same_folder(folder, open))
        };
        let sessions = self.sessions();
        let session = sole(sessions.iter().filter(is_meant))?;
        Ok(Self { inner: Arc::clone(&self.inner), chosen: Some(session.vault.id()) })
    }

    /// The open vault that is meant.
    pub(crate) fn session(&self) -> Result<Arc<Session>, AppError> {
        let sessions = self.sessions();
        let is_meant = |session: &&Arc<Session>| self.chosen.is_none_or(|chosen| session.vault.id() == chosen);
        sole(sessions.iter().filter(is_meant)).map(Arc::clone)
    }

    /// The open vaults.
    pub(crate) fn sessions(&self) -> Vec<Arc<Session>> {
        self.inner.sessions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many vaults are open.
    #[must_use]
    pub fn open_vaults(&self) -> usize {
        self.sessions().len()
    }

    fn add_session(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.inner.sessions.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&session));
        session
    }

    /// Takes the vaults that are meant, or all when none is named, out of what can be used.
    fn take_sessions(&self) -> Vec<Arc<Session>> {
        let is_meant = |session: &mut Arc<Session>| self.chosen.is_none_or(|chosen| session.vault.id() == chosen);
        self.inner.sessions.write().unwrap_or_else(PoisonError::into_inner).extract_if(.., is_meant).collect()
    }

    fn plans(&self) -> std::sync::MutexGuard<'_, HashMap<PlanId, Pending>> {
        self.inner.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two paths lead to one folder, by whatever links.
fn same_folder(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// The only one of several vaults.
fn sole<'a>(mut meant: impl Iterator<Item = &'a Arc<Session>>) -> Result<&'a Arc<Session>, AppError> {
    let first = meant.next().ok_or(AppError::Locked)?;
    let others: Vec<_> = meant.map(|session| session.name.clone()).collect();
    if others.is_empty() { Ok(first) } else { Err(AppError::SeveralVaults { names: [vec![first.name.clone()], others].concat() }) }
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}
