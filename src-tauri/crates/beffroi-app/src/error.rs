//! Why a use case failed.

mod backups;
mod causes;
mod certificates;
mod guards;
mod guest_specs;
mod guests;
mod health;
mod imports;
mod merges;
mod parcels;
mod people;
mod processes;
mod reach;
mod recipes;
mod rotations;

use std::path::PathBuf;

use beffroi_desk::keyring::KeyringError;
use beffroi_domain::{Fingerprint, InvalidName, Message};
use beffroi_remote::RemoteError;
use beffroi_remote::job::JobError;
use beffroi_store::StoreError;
use beffroi_vault::{CreateError, OpenError, SlotError};
use beffroi_yunohost::catalog::NoCatalog;
use beffroi_yunohost::{Cause, InvalidGiven, NoPackage};

use crate::jobs::Why;

pub use self::backups::BackupError;
pub use self::certificates::CertificateError;
pub use self::guest_specs::SpecError;
pub use self::guests::GuestError;
pub use self::health::HealthError;
pub use self::merges::MergeError;
pub use self::parcels::ParcelError;
pub use self::people::PeopleError;
pub use self::processes::ProcessError;
pub use self::reach::{PublishRefusal, ReachError};
pub use self::recipes::RecipeError;
pub use self::rotations::RotationError;
pub use self::{guards::GuardError, imports::ImportingError};

/// Why a use case failed. Variants carry what a sentence for people needs; the sentence itself is the edge's.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No vault is open.
    #[error("no vault is open")]
    Locked,
    /// Several vaults are open, and none was named.
    #[error("several vaults are open: {names:?}")]
    SeveralVaults {
        /// Their names.
        names: Vec<String>,
    },
    /// A vault could not be made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// A vault could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The passphrase is shorter than this.
    #[error("the passphrase needs {least} characters")]
    PassphraseWeak {
        /// Least number of characters.
        least: usize,
    },
    /// Something in the vault is not what was written there.
    #[error("damaged: {what}")]
    Damaged {
        /// What.
        what: String,
    },
    /// The catalog is older than what this machine has seen.
    #[error("{missing} journal entries are missing")]
    Behind {
        /// How many entries are missing.
        missing: u64,
    },
    /// The vault got a new root key since: this machine has seen it, and the folder has the old one.
    #[error("the header is from before the vault got a new root key")]
    HeaderOlder,
    /// The catalog cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text is not a name of this kind.
    #[error("{value:?} is not a name of a {kind}")]
    InvalidName {
        /// host, stage, tag, secret, fingerprint, job or plan.
        kind: &'static str,
        /// The text.
        value: String,
    },
    /// The selector is not understood.
    #[error("the selector is not understood near {near:?}")]
    InvalidSelector {
        /// The word.
        near: String,
    },
    /// The request does not make sense.
    #[error("{what}")]
    InvalidRequest {
        /// Why.
        what: &'static str,
    },
    /// The selector selects no host.
    #[error("nothing is selected by {selector:?}")]
    NothingSelected {
        /// The selector.
        selector: String,
    },
    /// No host has this name.
    #[error("no host {name:?}")]
    HostNotFound {
        /// The name.
        name: String,
    },
    /// A host has this name already.
    #[error("host {name:?} exists")]
    HostExists {
        /// The name.
        name: String,
    },
    /// A secret is already called this.
    #[error("a secret is already called {name:?}")]
    SecretExists {
        /// The name.
        name: String,
    },
    /// No secret has this name.
    #[error("no secret {name:?}")]
    SecretNotFound {
        /// The name.
        name: String,
    },
    /// Hosts log in with the secret.
    #[error("secret {name:?} is in use")]
    SecretInUse {
        /// The name.
        name: String,
        /// Those hosts.
        hosts: Vec<String>,
    },
    /// The vault has no such stage.
    #[error("no stage {name:?}")]
    StageNotFound {
        /// The name.
        name: String,
    },
    /// A stage has this name already.
    #[error("stage {name:?} exists")]
    StageExists {
        /// The name.
        name: String,
    },
    /// Stage dev is open whenever the vault is.
    #[error("dev cannot be protected")]
    StageNotProtectable,
    /// The stage has a secret already.
    #[error("stage {name:?} has a secret")]
    StageProtected {
        /// The name.
        name: String,
    },
    /// The stage has no secret.
    #[error("stage {name:?} has no secret")]
    StageNotProtected {
        /// The name.
        name: String,
    },
    /// The stage had a secret when this machine last saw it, and has none now.
    #[error("stage {name:?} has lost its secret")]
    StageUnprotected {
        /// The name.
        name: String,
    },
    /// The stage is sealed.
    #[error("stage {name:?} is sealed")]
    StageSealed {
        /// The name.
        name: String,
    },
    /// Nothing may be changed in the stage for now.
    #[error("stage {name:?} is frozen: {why}")]
    StageFrozen {
        /// The name.
        name: String,
        /// Why.
        why: String,
        /// Until when, in milliseconds since 1970.
        until_ms: u64,
    },
    /// The secret is not that of the stage.
    #[error("not the secret of stage {name:?}")]
    WrongStageSecret {
        /// The name.
        name: String,
    },
    /// The secret is below 75 bits.
    #[error("the stage's secret is too weak")]
    StageSecretWeak,
    /// The secret opens something else as well.
    #[error("the secret opens {with:?} as well")]
    StageSecretShared {
        /// What: a stage, or the vault's name.
        with: String,
    },
    /// A plan needs a name to be typed.
    #[error("one of {names:?} must be typed")]
    NameNotTyped {
        /// The names, any one of which will do.
        names: Vec<String>,
    },
    /// A plan has warnings, and its stage refuses them.
    #[error("the stage refuses: {why:?}")]
    PolicyRefused {
        /// The warning.
        why: Message,
    },
    /// A host's record was not written with the key of its stage.
    #[error("the record of {name:?} is forged")]
    RecordForged {
        /// The host.
        name: String,
    },
    /// The secret of a host is of another stage than the host.
    #[error("secret {name:?} is of stage {stage:?}, {host:?} is not")]
    SecretOfOtherStage {
        /// The secret.
        name: String,
        /// Its stage.
        stage: String,
        /// The host.
        host: String,
    },
    /// No identity has this name, or more than one.
    #[error("no single identity {name:?}")]
    IdentityNotFound {
        /// The name.
        name: String,
    },
    /// The vault knows this identity.
    #[error("identity of {name:?} exists")]
    IdentityExists {
        /// The person.
        name: String,
    },
    /// No open vault holds an identity.
    #[error("no identity is open")]
    IdentityNotOpen,
    /// The vault has no such way in.
    #[error("no way in {id:?}")]
    SlotNotFound {
        /// The id.
        id: String,
    },
    /// A way in was not changed.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// The keyring does not answer, or refuses.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// What the keyring holds was for another boot of this machine.
    #[error("the keyring's key was for another boot")]
    KeyringOtherBoot,
    /// The vault was locked because nobody was there.
    #[error("the keyring alone does not open a vault that was left alone")]
    KeyringAfterAbsence,
    /// The file is not a key file.
    #[error("{} is not a key file", path.display())]
    NotAKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// The vault is open.
    #[error("vault {name:?} is open")]
    VaultOpen {
        /// Its name.
        name: String,
    },
    /// No job has this id.
    #[error("no job {job:?}")]
    JobNotFound {
        /// The id.
        job: String,
    },
    /// No terminal has this id.
    #[error("no terminal {terminal:?}")]
    TerminalNotFound {
        /// The id.
        terminal: String,
    },
    /// No open tunnel has this id.
    #[error("no tunnel {tunnel:?}")]
    TunnelNotFound {
        /// The id.
        tunnel: String,
    },
    /// A name means no single host, or nothing more leads to one.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// A port of this machine cannot be listened on.
    #[error("port {port} of this machine: {reason}")]
    PortTaken {
        /// The port.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// No run has this id.
    #[error("no run {run:?}")]
    RunNotFound {
        /// The id.
        run: String,
    },
    /// The run has no host to be run on again.
    #[error("nothing is left of run {run:?}")]
    RunNothingLeft {
        /// The id.
        run: String,
    },
    /// The run was stopped before the host's turn.
    #[error("run {run} was stopped before")]
    RunSkipped {
        /// The id.
        run: String,
    },
    /// The run was cancelled while the host worked.
    #[error("the run was cancelled")]
    RunCancelled,
    /// Why something was not done with an archive of a host's backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Something was not done with a guest.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// Something was not done with a process that is kept on a host.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The copy was cancelled.
    #[error("the copy was cancelled")]
    CopyCancelled,
    /// The host of a result is not in the catalog any more.
    #[error("the host is no longer in the catalog")]
    RunHostGone,
    /// The text is not a number of hosts, nor a share of them.
    #[error("{flag} {value:?} does not say how many hosts")]
    RunPaceInvalid {
        /// For what.
        flag: &'static str,
        /// The text.
        value: String,
    },
    /// Why a recipe was not read, kept or run.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The plan is not known, or no longer.
    #[error("no such plan")]
    PlanNotFound,
    /// Other hosts are reached through this one.
    #[error("{name:?} is the way to {hosts:?}")]
    HostInUse {
        /// The host.
        name: String,
        /// Those hosts.
        hosts: Vec<String>,
    },
    /// The way to a host leads through the host itself.
    #[error("the way to {name:?} leads through itself")]
    JumpLoop {
        /// The host.
        name: String,
    },
    /// None of a host's ways leads to it.
    #[error("no way leads to {name:?}: {tried:?}")]
    NoWay {
        /// The host.
        name: String,
        /// Each way, and why.
        tried: Vec<String>,
    },
    /// The host knows no such key.
    #[error("{name:?} knows no key {fingerprint}")]
    KeyNotFound {
        /// The host.
        name: String,
        /// The key.
        fingerprint: Fingerprint,
    },
    /// A host refused the credential, and nobody said since that it may be offered again.
    #[error("{credential:?} was refused by {host:?}")]
    CredentialHeld {
        /// The secret's name, or the agent's key.
        credential: String,
        /// The host that refused it.
        host: String,
        /// The account.
        user: String,
    },
    /// The time for which a host may use old algorithms is over.
    #[error("{name:?} may no longer use old algorithms")]
    LegacyExpired {
        /// The host.
        name: String,
        /// When it ended, in milliseconds since 1970.
        until_ms: u64,
    },
    /// The host's record does not say how to become root there.
    #[error("{user:?} is not root on {name:?}")]
    NoSudo {
        /// The host.
        name: String,
        /// The account.
        user: String,
    },
    /// There is no SSH agent to ask for a key.
    #[error("SSH_AUTH_SOCK is not set")]
    NoAgent,
    /// A host was not given a key of its own; it is as it was.
    #[error("not enrolled: {why}")]
    EnrolFailed {
        /// Why.
        why: String,
    },
    /// The host has no secret to log in with.
    #[error("host {name:?} has no credential")]
    NoCredential {
        /// The host.
        name: String,
    },
    /// Work on a host failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A detached job could not be driven.
    #[error(transparent)]
    Job(#[from] JobError),
    /// YunoHost, or a guard on its behalf, said no.
    #[error("YunoHost refused: {cause:?}")]
    Yunohost {
        /// Why.
        cause: Cause,
        /// What it is about: a login, a service, a domain.
        about: String,
        /// YunoHost's own words; empty when a guard spoke.
        said: String,
    },
    /// What an operation of YunoHost was given cannot be sent.
    #[error(transparent)]
    YunohostInvalid(#[from] InvalidGiven),
    /// There is no such operation.
    #[error("no operation {operation:?}")]
    OperationUnknown {
        /// Its name.
        operation: String,
    },
    /// YunoHost is not on the host.
    #[error("YunoHost is not installed")]
    YunohostAbsent,
    /// A command ended, but not with status 0.
    #[error("the command ended with {exit}")]
    CommandFailed {
        /// A status, or a signal's name.
        exit: String,
    },
    /// A command succeeded, but the state is not as it should be.
    #[error("the check does not hold: {why}")]
    CheckFailed {
        /// Why.
        why: Why,
    },
    /// A command failed and changed something all the same.
    #[error("failed, half done: {why}")]
    HalfDone {
        /// What.
        why: Why,
    },
    /// A job's process is gone without an exit status.
    #[error("the process is gone")]
    JobVanished {
        /// The host started again since.
        rebooted: bool,
    },
    /// A host has too few surveys to be compared.
    #[error("{name:?} has no survey to compare")]
    NothingToCompare {
        /// The host.
        name: String,
    },
    /// A host was never surveyed: nothing is known of it.
    #[error("{name:?} was never surveyed")]
    NotSurveyed {
        /// The host.
        name: String,
    },
    /// A job goes on at its host, which cannot be worked on now.
    #[error("the job goes on out of reach: {why}")]
    JobOutOfReach {
        /// Why.
        why: Box<Self>,
    },
    /// A job runs on the host.
    #[error("job {job:?} still runs")]
    JobStillRunning {
        /// The job.
        job: String,
    },
    /// A job that did not fail is not begun again.
    #[error("job {job:?} did not fail")]
    JobNotFailed {
        /// The job.
        job: String,
    },
    /// What a job was given was erased.
    #[error("what job {job:?} was given is gone")]
    JobInputGone {
        /// The job.
        job: String,
    },
    /// A job never began on its host.
    #[error("the job never began")]
    JobNotStarted,
    /// What had to be done before a job on its host was not.
    #[error("what comes before the job was not done")]
    JobBeforeFailed,
    /// Why a change was not begun, or was put back: it would have done harm to the host, or to the way to it.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A job was cancelled.
    #[error("cancelled")]
    JobCancelled,
    /// A folder or archive of this machine is no package of an application.
    #[error("{path:?} is no package: {why}")]
    NoPackage {
        /// Where.
        path: PathBuf,
        /// Why.
        why: NoPackage,
    },
    /// A file of this machine is no catalog of applications.
    #[error("{path:?} is no catalog: {why}")]
    NoCatalog {
        /// Where.
        path: PathBuf,
        /// Why.
        why: NoCatalog,
    },
    /// A file of this machine cannot be read or written.
    #[error("{}: {reason}", path.display())]
    LocalFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Why something was not done for a person.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Why something was not done with an authority or its certificates.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Why a secret was not rotated.
    #[error(transparent)]
    Rotation(#[from] RotationError),
    /// Why a foreign file was not taken in, or not written.
    #[error(transparent)]
    Import(#[from] ImportingError),
    /// Why the health of secrets was not looked at, or nothing was scanned.
    #[error(transparent)]
    Health(#[from] HealthError),
    /// Why two copies were not merged.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// Why a parcel was not made, or not opened.
    #[error(transparent)]
    Parcel(#[from] ParcelError),
    /// Why a template of secrets was not kept, or not found.
    #[error(transparent)]
    Template(#[from] crate::secrets::TemplateError),
    /// A fault of this program.
    #[error("internal: {what}")]
    Internal {
        /// What.
        what: String,
    },
}

/// Reads a name of some kind.
pub(crate) fn named<T: std::str::FromStr<Err = InvalidName>>(kind: &'static str, text: &str) -> Result<T, AppError> {
    text.parse().map_err(|InvalidName(value)| AppError::InvalidName { kind, value })
}
