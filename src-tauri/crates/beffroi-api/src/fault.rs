//! Errors of the use cases, as codes and values.

mod guest_specs;
mod guests;
mod import;
mod processes;
mod reach;
mod rotation;

use std::collections::BTreeMap;
use std::path::Path;

use beffroi_app::{
    AppError, BackupError, CaError, CertificateError, GuardError, HealthError, InvalidNames, MergeError, PeopleError, RecipeError,
    ScanError, TemplateError, Why,
};
use beffroi_desk::keyring::KeyringError;
use beffroi_domain::{Fingerprint, Message, RecipeFault};
use beffroi_remote::RemoteError;
use beffroi_remote::job::JobError;
use beffroi_store::StoreError;
use beffroi_vault::{CreateError, DiskError, OpenError, PassphraseError, SlotError, SlotKind, UnlockError};
use beffroi_yunohost::catalog::NoCatalog;
use beffroi_yunohost::{Cause, InvalidGiven, NoPackage};

use crate::messages::Language;
use crate::wire::WireMessage;
use crate::{ApiError, ErrorCode};

/// More characters of a refused value are not repeated.
const MOST_ECHOED: usize = 80;

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let is = Self::new;
        match error {
            AppError::Locked => is(ErrorCode::VaultLocked),
            AppError::SeveralVaults { names } => is(ErrorCode::SeveralVaults).with("names", names.join(", ")),
            AppError::Create(error) => create(error),
            AppError::Open(error) => open(error),
            AppError::PassphraseWeak { least } => is(ErrorCode::VaultPassphraseWeak).with("least", least),
            AppError::Damaged { what } => is(ErrorCode::VaultDamaged).with("what", what),
            AppError::Behind { missing } => is(ErrorCode::VaultBehind).with("missing", missing),
            AppError::HeaderOlder => is(ErrorCode::VaultHeaderOlder),
            AppError::Store(error) => store(error),
            AppError::InvalidName { kind, value } => is(ErrorCode::InvalidName).with("kind", kind).with("value", value),
            AppError::InvalidSelector { near } => is(ErrorCode::InvalidSelector).with("near", near),
            AppError::InvalidRequest { what } => is(ErrorCode::InvalidRequest).with("what", what),
            AppError::NothingSelected { selector } => is(ErrorCode::NothingSelected).with("selector", selector),
            AppError::HostNotFound { name } => is(ErrorCode::HostNotFound).with("name", name),
            AppError::HostExists { name } => is(ErrorCode::HostExists).with("name", name),
            AppError::SecretExists { name } => is(ErrorCode::SecretExists).with("name", name),
            AppError::SecretNotFound { name } => is(ErrorCode::SecretNotFound).with("name", name),
            AppError::SecretInUse { name, hosts } => is(ErrorCode::SecretInUse).with("name", name).with("hosts", hosts.join(", ")),
            AppError::StageNotFound { name } => is(ErrorCode::StageNotFound).with("name", name),
            AppError::StageExists { name } => is(ErrorCode::StageExists).with("name", name),
            AppError::StageNotProtectable => is(ErrorCode::StageUnprotectable),
            AppError::StageProtected { name } => is(ErrorCode::StageIsProtected).with("name", name),
            AppError::StageNotProtected { name } => is(ErrorCode::StageNotProtected).with("name", name),
            AppError::StageUnprotected { name } => is(ErrorCode::StageLostSecret).with("name", name),
            AppError::StageSealed { name } => is(ErrorCode::StageSealed).with("name", name),
            AppError::StageFrozen { name, why, until_ms } => {
                is(ErrorCode::StageFrozen).with("name", name).with("why", why).with("until", moment(until_ms))
            }
            AppError::WrongStageSecret { name } => is(ErrorCode::StageWrongSecret).with("name", name),
            AppError::StageSecretWeak => is(ErrorCode::StageSecretWeak),
            AppError::StageSecretShared { with } => is(ErrorCode::StageSecretShared).with("with", with),
            AppError::NameNotTyped { names } => is(ErrorCode::ConfirmationNeeded).with("names", names.join(", ")),
            AppError::PolicyRefused { why } => is(ErrorCode::PolicyRefused).because((&why).into()),
            AppError::RecordForged { name } => is(ErrorCode::HostRecordForged).with("name", name),
            AppError::SecretOfOtherStage { name, stage, host } => {
                is(ErrorCode::SecretOfOtherStage).with("name", name).with("stage", stage).with("host", host)
            }
            AppError::IdentityNotFound { name } => is(ErrorCode::IdentityNotFound).with("name", name),
            AppError::IdentityExists { name } => is(ErrorCode::IdentityExists).with("name", name),
            AppError::IdentityNotOpen => is(ErrorCode::IdentityNotOpen),
            AppError::SlotNotFound { id } => is(ErrorCode::SlotNotFound).with("id", id),
            AppError::Slot(error) => slot(error),
            AppError::Keyring(error) => keyring(error),
            AppError::KeyringOtherBoot => is(ErrorCode::KeyringOtherBoot),
            AppError::KeyringAfterAbsence => is(ErrorCode::KeyringAfterAbsence),
            AppError::NotAKeyFile { path } => is(ErrorCode::KeyFileInvalid).with("path", path.display()),
            AppError::VaultOpen { name } => is(ErrorCode::VaultStillOpen).with("name", name),
            AppError::JobNotFound { job } => is(ErrorCode::JobNotFound).with("job", job),
            AppError::TerminalNotFound { terminal } => is(ErrorCode::TerminalNotFound).with("terminal", terminal),
            AppError::Reach(error) => reach::reach(error),
            AppError::TunnelNotFound { tunnel } => is(ErrorCode::TunnelNotFound).with("tunnel", tunnel),
            AppError::PortTaken { port, reason } => is(ErrorCode::PortTaken).with("port", port).with("reason", reason),
            AppError::RunNotFound { run } => is(ErrorCode::RunNotFound).with("run", run),
            AppError::RunNothingLeft { run } => is(ErrorCode::RunNothingLeft).with("run", run),
            AppError::RunSkipped { run } => is(ErrorCode::RunSkipped).with("run", run),
            AppError::RunCancelled => is(ErrorCode::RunCancelled),
            AppError::CopyCancelled => is(ErrorCode::CopyCancelled),
            AppError::Guest(error) => guests::guest(error),
            AppError::Process(error) => processes::process(error),
            AppError::Backup(BackupError::Files { path, error }) => archive(&path, error),
            AppError::Backup(BackupError::Content { name, fault }) => {
                is(ErrorCode::BackupUnreadable).with("name", name).with("reason", fault)
            }
            AppError::Backup(BackupError::Hostile { name, path }) => is(ErrorCode::BackupHostile).with("name", name).with("path", path),
            AppError::Backup(BackupError::NotFound { archive }) => is(ErrorCode::BackupNotFound).with("name", archive),
            AppError::Backup(BackupError::Busy { path }) => is(ErrorCode::BackupBusy).with("path", path.display()),
            AppError::Backup(BackupError::Newer { name, of, here }) => {
                is(ErrorCode::BackupNewer).with("name", name).with("of", of).with("here", here)
            }
            AppError::RunHostGone => is(ErrorCode::RunHostGone),
            AppError::RunPaceInvalid { flag, value } => is(ErrorCode::RunPaceInvalid).with("flag", flag).with("value", value),
            AppError::Recipe(RecipeError::NotFound { name }) => is(ErrorCode::RecipeNotFound).with("name", name),
            AppError::Recipe(RecipeError::Syntax { line, what }) => is(ErrorCode::RecipeSyntax).with("line", line).with("what", what),
            AppError::Recipe(RecipeError::Fault(fault)) => recipe(fault),
            AppError::Recipe(RecipeError::Secret { name }) => is(ErrorCode::RecipeParameterSecret).with("name", name),
            AppError::Recipe(RecipeError::ValueUnknown { recipe, name, known }) => {
                is(ErrorCode::RecipeValueUnknown).with("recipe", recipe).with("name", name).with("known", known)
            }
            AppError::Recipe(RecipeError::ValueMissing { recipe, name }) => {
                is(ErrorCode::RecipeValueMissing).with("recipe", recipe).with("name", name)
            }
            AppError::Recipe(RecipeError::ValueInvalid { recipe, name, value, expected }) => {
                let error = is(ErrorCode::RecipeValueInvalid).with("recipe", recipe).with("name", name);
                error.with("value", value).with("expected", expected)
            }
            AppError::PlanNotFound => is(ErrorCode::PlanNotFound),
            AppError::HostInUse { name, hosts } => is(ErrorCode::HostInUse).with("name", name).with("hosts", hosts.join(", ")),
            AppError::JumpLoop { name } => is(ErrorCode::JumpLoop).with("name", name),
            AppError::NoWay { name, tried } => is(ErrorCode::NoWay).with("name", name).with("tried", tried.join("; ")),
            AppError::KeyNotFound { name, fingerprint } => is(ErrorCode::KeyNotFound).with("name", name).with("fingerprint", fingerprint),
            AppError::CredentialHeld { credential, host, user } => {
                is(ErrorCode::CredentialHeld).with("credential", credential).with("host", host).with("user", user)
            }
            AppError::LegacyExpired { name, until_ms } => is(ErrorCode::LegacyExpired).with("name", name).with("until", moment(until_ms)),
            AppError::NoSudo { name, user } => is(ErrorCode::NoSudo).with("name", name).with("user", user),
            AppError::NoAgent => is(ErrorCode::SshAgentAbsent).with("reason", "SSH_AUTH_SOCK"),
            AppError::EnrolFailed { why } => is(ErrorCode::EnrolFailed).with("reason", why),
            AppError::NoCredential { name } => is(ErrorCode::NoCredential).with("name", name),
            AppError::Remote(error) => remote(error),
            AppError::Job(error) => job(error),
            AppError::Yunohost { cause, about, said } => yunohost(cause, &about, &said),
            AppError::YunohostInvalid(error) => invalid(error),
            AppError::OperationUnknown { operation } => is(ErrorCode::InvalidRequest).with("what", format!("no operation {operation}")),
            AppError::YunohostAbsent => is(ErrorCode::YnhAbsent),
            AppError::CommandFailed { exit } => is(ErrorCode::CommandFailed).with("exit", exit),
            AppError::CheckFailed { why } => because(ErrorCode::CheckFailed, why),
            AppError::HalfDone { why } => because(ErrorCode::HalfDone, why),
            AppError::NotSurveyed { name } => is(ErrorCode::NotSurveyed).with("name", name),
            AppError::NothingToCompare { name } => is(ErrorCode::NothingToCompare).with("name", name),
            AppError::JobOutOfReach { why } => (*why).into(),
            AppError::JobStillRunning { job } => is(ErrorCode::JobStillRunning).with("job", job),
            AppError::JobNotFailed { job } => is(ErrorCode::JobNotFailed).with("job", job),
            AppError::JobInputGone { job } => is(ErrorCode::JobInputGone).with("job", job),
            AppError::JobVanished { rebooted } => vanished(rebooted),
            AppError::JobNotStarted => is(ErrorCode::JobNotStarted),
            AppError::JobBeforeFailed => is(ErrorCode::JobBeforeFailed),
            AppError::Guard(GuardError::NoRoom { place, free, least }) => no_room(place, free, least),
            AppError::Guard(GuardError::ClockWrong { seconds }) => is(ErrorCode::ClockWrong).with("seconds", seconds),
            AppError::Guard(GuardError::Busy { running }) => is(ErrorCode::YnhBusyWith).because(running.into()),
            AppError::Guard(GuardError::ClockFollows) => is(ErrorCode::ClockFollows),
            AppError::Guard(GuardError::OwnAccount { user }) => is(ErrorCode::OwnAccount).with("user", user),
            AppError::Guard(GuardError::MaybeBanned { name, refused, why }) => {
                is(ErrorCode::MaybeBanned).with("name", name).with("count", refused).with("why", why)
            }
            AppError::Guard(GuardError::PilotNotPlanned { host }) => is(ErrorCode::PilotNotPlanned).with("host", host),
            AppError::Guard(GuardError::NotBanned { addresses, banned }) => {
                let banned = if banned.is_empty() { "–".to_owned() } else { banned.join(", ") };
                is(ErrorCode::NotBanned).with("addresses", addresses.join(", ")).with("banned", banned)
            }
            AppError::Guard(GuardError::NoFail2ban { why }) => is(ErrorCode::NoFail2ban).with("reason", why),
            AppError::Guard(GuardError::LifelineRefused { why }) => is(ErrorCode::LifelineRefused).with("reason", why),
            AppError::Guard(GuardError::LifelineOver { released: true, why }) => is(ErrorCode::LifelineReleased).with("why", why),
            AppError::Guard(GuardError::LifelineOver { released: false, .. }) => is(ErrorCode::LifelineGone),
            AppError::Guard(GuardError::PutBack { by_host, why, lacking }) => put_back(by_host, why, &lacking),
            AppError::JobCancelled => is(ErrorCode::JobCancelled),
            AppError::People(PeopleError::NotFound { name }) => is(ErrorCode::PersonNotFound).with("name", name),
            AppError::People(PeopleError::Exists { name }) => is(ErrorCode::PersonExists).with("name", name),
            AppError::People(PeopleError::NoAccount { name }) => is(ErrorCode::PersonNoAccount).with("name", name),
            AppError::People(PeopleError::NotLeaving { name }) => is(ErrorCode::PersonNotLeaving).with("name", name),
            AppError::People(PeopleError::AccountNotSeen { login, host }) => {
                is(ErrorCode::AccountNotSeen).with("login", login).with("name", host)
            }
            AppError::People(PeopleError::AccountNotPlanned { login, host }) => {
                is(ErrorCode::AccountNotPlanned).with("login", login).with("name", host)
            }
            AppError::People(PeopleError::AccountTaken { login, host, person }) => {
                is(ErrorCode::AccountTaken).with("login", login).with("name", host).with("person", person)
            }
            AppError::People(PeopleError::StatementBroken { path }) => is(ErrorCode::StatementBroken).with("path", path.display()),
            AppError::NoPackage { path, why } => no_package(&path, why),
            AppError::NoCatalog { path, why } => no_catalog(&path, why),
            AppError::LocalFile { path, reason } => local_file(&path, reason),
            AppError::Certificate(CertificateError::AuthorityNotFound { name }) if name.is_empty() => is(ErrorCode::CaNone),
            AppError::Certificate(CertificateError::AuthoritySeveral) => is(ErrorCode::CaSeveral),
            AppError::Certificate(CertificateError::AuthorityNotFound { name }) => is(ErrorCode::CaNotFound).with("name", name),
            AppError::Certificate(CertificateError::AuthorityExists { name }) => is(ErrorCode::CaExists).with("name", name),
            AppError::Certificate(CertificateError::Authority(error)) => authority(error),
            AppError::Certificate(CertificateError::Several { name }) => is(ErrorCode::CertificateSeveral).with("name", name),
            AppError::Certificate(CertificateError::NotFound { name }) => is(ErrorCode::CertificateNotFound).with("name", name),
            AppError::Certificate(CertificateError::Exists { name }) => is(ErrorCode::CertificateExists).with("name", name),
            AppError::Certificate(CertificateError::NotFor { domain, names }) => {
                is(ErrorCode::CertificateNotFor).with("domain", domain).with("names", names.join(", "))
            }
            AppError::Certificate(CertificateError::OutOfTime { domain, skew_s }) => {
                is(ErrorCode::CertificateOutOfTime).with("domain", domain).with("seconds", skew_s)
            }
            AppError::Rotation(error) => rotation::rotation(error),
            AppError::Health(error) => health(error),
            AppError::Merge(error) => merge(error),
            AppError::Import(error) => import::import(error),
            AppError::Parcel(error) => import::parcel(error),
            AppError::Template(error) => template(error),
            AppError::Internal { what } => is(ErrorCode::Internal).with("what", what),
        }
    }
}

fn template(error: TemplateError) -> ApiError {
    match error {
        TemplateError::Unknown { name } => ApiError::new(ErrorCode::TemplateUnknown).with("name", echoed(&name)),
        TemplateError::Known { name } => ApiError::new(ErrorCode::TemplateKnown).with("name", name),
        TemplateError::Name { name } => ApiError::new(ErrorCode::TemplateName).with("name", echoed(&name)),
        TemplateError::Fields => ApiError::new(ErrorCode::TemplateFields),
        TemplateError::TooMany => ApiError::new(ErrorCode::TemplatesMany),
    }
}

fn merge(error: MergeError) -> ApiError {
    let at = |code, path: &Path| ApiError::new(code).with("path", path.display());
    match error {
        MergeError::OtherVault { path } => at(ErrorCode::MergeOtherVault, &path),
        MergeError::OtherKeys { path } => at(ErrorCode::MergeOtherKeys, &path),
        MergeError::Itself => ApiError::new(ErrorCode::MergeItself),
        MergeError::Forked { person } => ApiError::new(ErrorCode::MergeForked).with("person", person),
        MergeError::StageApart { stage } => ApiError::new(ErrorCode::MergeStageApart).with("stage", stage),
        MergeError::Unresolved { count } => ApiError::new(ErrorCode::MergeUnresolved).with("count", count),
        MergeError::NoConflict { key } => ApiError::new(ErrorCode::MergeNoConflict).with("key", key),
    }
}

fn health(error: HealthError) -> ApiError {
    let at = |code, path: &Path| ApiError::new(code).with("path", path.display());
    match error {
        HealthError::Leaked { path, source } => at(ErrorCode::LeakedUnreadable, &path).with("reason", source),
        HealthError::LeakedNtlm { path } => at(ErrorCode::LeakedNtlm, &path),
        HealthError::NotLeaked { path } => at(ErrorCode::LeakedNone, &path),
        HealthError::NoCodes { name } => ApiError::new(ErrorCode::CodesNone).with("name", name),
        HealthError::NoKey { name } => ApiError::new(ErrorCode::SecretNoKey).with("name", name),
        HealthError::Scan(ScanError::Io { path, source }) => at(ErrorCode::ScanUnreadable, &path).with("reason", source),
        HealthError::Scan(ScanError::NoGit(reason)) => ApiError::new(ErrorCode::ScanGit).with("reason", reason),
        HealthError::Scan(ScanError::Git { said }) => ApiError::new(ErrorCode::ScanGit).with("reason", said),
        HealthError::Scan(ScanError::NoRepository { path, .. }) => at(ErrorCode::ScanNoRepository, &path),
        HealthError::Scan(ScanError::NoBaseline { path }) => at(ErrorCode::ScanNoBaseline, &path),
        HealthError::Scan(ScanError::ForeignHook { path }) => at(ErrorCode::ScanForeignHook, &path),
        HealthError::Scan(ScanError::SharedHooks { path }) => ApiError::new(ErrorCode::ScanSharedHooks).with("path", path),
    }
}

fn archive(path: &std::path::Path, error: beffroi_vault::ArchiveError) -> ApiError {
    use beffroi_vault::ArchiveError;
    let code = match error {
        ArchiveError::NotAnArchive => ErrorCode::BackupNone,
        ArchiveError::TooNew => ErrorCode::BackupTooNew,
        ArchiveError::OtherKey => ErrorCode::BackupOtherKey,
        ArchiveError::NotAuthentic => ErrorCode::BackupDamaged,
        ArchiveError::NoRandomness(_) => ErrorCode::Internal,
    };
    ApiError::new(code).with("path", path.display()).with("what", error)
}

fn authority(error: CaError) -> ApiError {
    let is = ApiError::new;
    match error {
        CaError::Names(InvalidNames::None) => is(ErrorCode::InvalidRequest).with("what", "a certificate needs a name"),
        CaError::Names(InvalidNames::TooMany { count }) => is(ErrorCode::InvalidRequest).with("what", format!("{count} names; 50 at most")),
        CaError::Names(InvalidNames::Unfit { name }) => is(ErrorCode::CaName).with("name", name),
        CaError::Names(InvalidNames::NotPermitted { name, permitted }) => {
            is(ErrorCode::CaNotPermitted).with("name", name).with("permitted", permitted.join(", "))
        }
        CaError::OutOfTime => is(ErrorCode::CaOutOfTime),
        CaError::OtherKey => is(ErrorCode::CaOtherKey),
        CaError::NotACertificate => is(ErrorCode::VaultDamaged).with("what", "a certificate"),
        other @ (CaError::NotMade(_) | CaError::NoRandom(_)) => is(ErrorCode::Internal).with("what", other),
    }
}

fn recipe(fault: RecipeFault) -> ApiError {
    let is = ApiError::new;
    match fault {
        RecipeFault::Limit { what, limit } => is(ErrorCode::RecipeLimit).with("what", what).with("limit", limit),
        RecipeFault::Unknown { number, name } => is(ErrorCode::RecipePlaceholderUnknown).with("number", number).with("name", name),
        RecipeFault::Misplaced { number, name, inside } => {
            is(ErrorCode::RecipePlaceholderMisplaced).with("number", number).with("name", name).with("inside", inside)
        }
        RecipeFault::Unused { name } => is(ErrorCode::RecipeParameterUnused).with("name", name),
        RecipeFault::Parameter { name, what } => is(ErrorCode::RecipeParameterInvalid).with("name", name).with("what", what),
    }
}

fn create(error: CreateError) -> ApiError {
    match error {
        CreateError::Exists { folder } => ApiError::new(ErrorCode::VaultExists).with("path", folder.display()),
        CreateError::Passphrase(PassphraseError::Empty) => ApiError::new(ErrorCode::VaultPassphraseWeak).with("least", 12),
        CreateError::Disk(error) => disk(&error),
        other => ApiError::new(ErrorCode::InvalidRequest).with("what", other),
    }
}

fn open(error: OpenError) -> ApiError {
    match error {
        OpenError::NotAVault { folder } => ApiError::new(ErrorCode::VaultNotFound).with("path", folder.display()),
        OpenError::NotReadable { path } => {
            ApiError::new(ErrorCode::VaultFile).with("path", path.display()).with("reason", "permission denied")
        }
        OpenError::Disk(error) => disk(&error),
        OpenError::FormatTooNew { version, .. } => ApiError::new(ErrorCode::VaultTooNew).with("version", version),
        OpenError::Damaged { path } => ApiError::new(ErrorCode::VaultDamaged).with("what", path.display()),
        OpenError::InUse { pid } => {
            ApiError::new(ErrorCode::VaultInUse).with("process", pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string()))
        }
        OpenError::RekeyDamaged { path } => ApiError::new(ErrorCode::VaultDamaged).with("what", path.display()),
        OpenError::Unlock(error) => unlock(error),
    }
}

fn unlock(error: UnlockError) -> ApiError {
    match error {
        UnlockError::NoSlot { kind: SlotKind::Passphrase } | UnlockError::WrongPassphrase => ApiError::new(ErrorCode::VaultWrongPassphrase),
        UnlockError::NoSlot { kind } => ApiError::new(ErrorCode::SlotAbsent).with("kind", kind.name()),
        UnlockError::WrongPassphraseOrKeyFile | UnlockError::WrongPassphraseOrKeyring => ApiError::new(ErrorCode::VaultWrongPassphrase),
        UnlockError::WrongRecoveryWords | UnlockError::NotRecoveryWords(_) => ApiError::new(ErrorCode::VaultWrongRecoveryWords),
        UnlockError::WrongIdentity => ApiError::new(ErrorCode::SlotAbsent).with("kind", SlotKind::Identity.name()),
        UnlockError::WrongKeyring => ApiError::new(ErrorCode::SlotAbsent).with("kind", SlotKind::Keyring.name()),
        UnlockError::NotAKeyFile(_) => ApiError::new(ErrorCode::KeyFileInvalid).with("path", "--key-file"),
        other @ UnlockError::NotEnoughMemory(_) => ApiError::new(ErrorCode::Internal).with("what", other),
    }
}

fn slot(error: SlotError) -> ApiError {
    let is = ApiError::new;
    match error {
        SlotError::Unlock(error) => unlock(error),
        SlotError::Passphrase(PassphraseError::Empty) => is(ErrorCode::VaultPassphraseWeak).with("least", 12),
        SlotError::Unknown { slot } => is(ErrorCode::SlotNotFound).with("id", slot),
        SlotError::TooMany { .. } => is(ErrorCode::SlotsFull),
        SlotError::OnlyKeyring => is(ErrorCode::SlotLast),
        SlotError::HeaderChanged { .. } | SlotError::RekeyPending { .. } => is(ErrorCode::VaultHeaderChanged),
        SlotError::CopyNotWritten(error) | SlotError::Disk(error) => disk(&error),
        SlotError::NotAKeyFile(_) => is(ErrorCode::KeyFileInvalid).with("path", "--new-key-file"),
        other => is(ErrorCode::InvalidRequest).with("what", other),
    }
}

fn keyring(error: KeyringError) -> ApiError {
    match error {
        KeyringError::Absent { reason } | KeyringError::Refused { reason } => {
            ApiError::new(ErrorCode::KeyringUnavailable).with("reason", reason)
        }
        KeyringError::Locked { reason } => ApiError::new(ErrorCode::KeyringLocked).with("reason", reason),
        KeyringError::TimedOut { seconds } => ApiError::new(ErrorCode::KeyringTimedOut).with("seconds", seconds),
        error @ KeyringError::NotOfferedHere => ApiError::new(ErrorCode::KeyringUnavailable).with("reason", error),
    }
}

/// To the minute, in UTC: the same on every machine.
fn moment(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%MZ").to_string()).unwrap_or_default()
}

fn disk(error: &DiskError) -> ApiError {
    ApiError::new(ErrorCode::VaultFile).with("path", error.path.display()).with("reason", &error.source)
}

fn store(error: StoreError) -> ApiError {
    match error {
        StoreError::NotAuthentic | StoreError::NotACatalog | StoreError::Malformed { .. } | StoreError::Altered { .. } => {
            ApiError::new(ErrorCode::VaultDamaged).with("what", "catalog.db")
        }
        StoreError::TooNew { found, .. } => ApiError::new(ErrorCode::VaultTooNew).with("version", found),
        StoreError::Busy => ApiError::new(ErrorCode::VaultInUse).with("process", "?"),
        StoreError::Disk { reason } => ApiError::new(ErrorCode::VaultFile).with("path", "catalog.db").with("reason", reason),
        other => ApiError::new(ErrorCode::Internal).with("what", other),
    }
}

pub(crate) fn remote(error: RemoteError) -> ApiError {
    let is = ApiError::new;
    match error {
        RemoteError::Unreachable { address, reason, phase } => {
            is(ErrorCode::HostUnreachable).with("address", address).with("reason", reason).with("phase", phase.name())
        }
        RemoteError::HostKeyUnknown { address, offered, algorithm } => {
            is(ErrorCode::HostKeyUnknown).with("address", address).with("fingerprint", offered).with("algorithm", algorithm)
        }
        RemoteError::HostKeyChanged { address, offered, algorithm, pinned } => {
            let pinned: Vec<&str> = pinned.iter().map(Fingerprint::as_str).collect();
            is(ErrorCode::HostKeyChanged)
                .with("address", address)
                .with("fingerprint", &offered)
                .with("algorithm", algorithm)
                .with("pinned", pinned.join(", "))
        }
        RemoteError::AuthenticationRefused { address, user, refused, methods } => {
            is(ErrorCode::LoginRefused).with("address", address).with("user", user).with("refused", refused.name()).with("methods", methods)
        }
        RemoteError::FactorMissing { address, user, methods, .. } => {
            is(ErrorCode::FactorMissing).with("address", address).with("user", user).with("methods", methods)
        }
        RemoteError::OneTimeCodeSpent { seconds } => is(ErrorCode::OneTimeSpent).with("seconds", seconds),
        RemoteError::HostKeyRevoked { address, offered } => {
            is(ErrorCode::HostKeyRevoked).with("address", address).with("fingerprint", offered)
        }
        RemoteError::HostCertificateRefused { address, offered, authority, fault } => is(ErrorCode::HostCertificateRefused)
            .with("address", address)
            .with("fingerprint", offered)
            .with("authority", authority)
            .with("reason", fault),
        RemoteError::NoCommonAlgorithm { address, kind, theirs } => {
            is(ErrorCode::NoCommonAlgorithm).with("address", address).with("kind", kind).with("theirs", theirs)
        }
        RemoteError::UnknownAlgorithm { name } => is(ErrorCode::InvalidName).with("kind", "algorithm").with("value", name),
        RemoteError::SudoRefused { why } => is(ErrorCode::SudoRefused).with("reason", why),
        RemoteError::NoSpace { there, path } => is(if there { ErrorCode::HostDiskFull } else { ErrorCode::DiskFull }).with("path", path),
        RemoteError::Differs { path } => is(ErrorCode::CopyDiffers).with("path", path),
        error @ RemoteError::InputClosed => is(ErrorCode::RemoteRefused).with("reason", error),
        RemoteError::CredentialUnusable { reason } => is(ErrorCode::CredentialUnusable).with("reason", reason),
        RemoteError::TimedOut { seconds } => is(ErrorCode::TimedOut).with("seconds", seconds),
        RemoteError::LinkLost { reason } => is(ErrorCode::LinkLost).with("reason", reason),
        RemoteError::Refused { reason } => is(ErrorCode::RemoteRefused).with("reason", reason),
        RemoteError::LocalFile { path, reason } => local_file(&path, reason),
        RemoteError::Nameless { path, destination } => {
            is(ErrorCode::CopyNameless).with("path", path).with("destination", destination.display())
        }
        RemoteError::FileExists { path } => is(ErrorCode::FileExists).with("path", path),
        RemoteError::FolderNotEmpty { path } => is(ErrorCode::FolderNotEmpty).with("path", path),
        RemoteError::PathProtected { path } => is(ErrorCode::PathProtected).with("path", path),
        RemoteError::RemoteFile { path, reason } => is(ErrorCode::RemoteFile).with("path", path).with("reason", reason),
        error @ RemoteError::TooMuchOutput { .. } => is(ErrorCode::RemoteRefused).with("reason", error),
        RemoteError::NotUnderstood { what } => is(ErrorCode::NotUnderstood).with("what", what),
    }
}

fn local_file(path: &Path, reason: String) -> ApiError {
    ApiError::new(ErrorCode::LocalFile).with("path", path.display()).with("reason", reason)
}

/// In megabytes, as YunoHost's own limits are.
fn no_room(place: String, free: u64, least: u64) -> ApiError {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    ApiError::new(ErrorCode::NoRoom).with("place", place).with("free", megabytes(free)).with("least", megabytes(least))
}

fn put_back(by_host: bool, why: String, lacking: &[String]) -> ApiError {
    match (lacking.is_empty(), by_host) {
        (false, _) => ApiError::new(ErrorCode::PutBackInPart).with("what", lacking.join(", ")),
        (true, true) => ApiError::new(ErrorCode::PutBackByHost),
        (true, false) => ApiError::new(ErrorCode::PutBack).with("why", why),
    }
}

fn vanished(rebooted: bool) -> ApiError {
    ApiError::new(if rebooted { ErrorCode::HostRebooted } else { ErrorCode::JobVanished })
}

fn job(error: JobError) -> ApiError {
    match error {
        JobError::Remote(error) => remote(error),
        JobError::NoTmpfs => ApiError::new(ErrorCode::NoSecretPlace),
        JobError::Vanished { rebooted } => vanished(rebooted),
        JobError::Folder { reason } => ApiError::new(ErrorCode::HostFolder).with("reason", reason),
        JobError::Absent | JobError::NotStarted | JobError::CutShort => ApiError::new(ErrorCode::JobNotStarted),
        JobError::StillRunning => ApiError::new(ErrorCode::JobStillRunning).with("job", ""),
        other => ApiError::new(ErrorCode::RemoteRefused).with("reason", other),
    }
}

fn because(code: ErrorCode, why: Why) -> ApiError {
    match why {
        Why::Said(said) => ApiError::new(code).with("why", said),
        Why::Found(message) => ApiError::new(code).because(message.into()),
    }
}

fn invalid(error: InvalidGiven) -> ApiError {
    let words = |key| WireMessage { key, values: BTreeMap::new() };
    match error {
        InvalidGiven::Unfit { param, kind, value } => ApiError::new(ErrorCode::YnhInvalid)
            .with("field", param)
            .with("value", echoed(&value))
            .because(words(format!("kind.ynh-{kind}"))),
        InvalidGiven::Missing { param } => {
            ApiError::new(ErrorCode::YnhMissing).with("field", param).because(words(format!("param.ynh-{param}")))
        }
        InvalidGiven::Unknown { param } => ApiError::new(ErrorCode::InvalidRequest).with("what", format!("there is no {param}")),
        InvalidGiven::TooMany { param, count } => {
            ApiError::new(ErrorCode::InvalidRequest).with("what", format!("{count} entries for {param}"))
        }
        InvalidGiven::NothingToChange => ApiError::new(ErrorCode::InvalidRequest).with("what", "nothing to change was given"),
    }
}

/// What was typed, for a sentence: one line, not long, and harmless where it is shown.
fn echoed(value: &str) -> String {
    let harmless = |c: char| {
        if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') {
            '\u{fffd}'
        } else {
            c
        }
    };
    let mut shown: String = value.chars().take(MOST_ECHOED).map(harmless).collect();
    if value.chars().nth(MOST_ECHOED).is_some() {
        shown.push('…');
    }
    shown
}

fn no_package(path: &Path, why: NoPackage) -> ApiError {
    let error = ApiError::new(ErrorCode::AppPackageInvalid).with("path", path.display());
    match why {
        NoPackage::NotRead { reason } => local_file(path, reason),
        NoPackage::Kind => error.because((&Message::new("package.kind")).into()),
        NoPackage::Lacks { file } => error.because((&Message::new("package.lacks").with("file", file)).into()),
        NoPackage::Manifest { reason } => error.because((&Message::new("package.manifest").with("reason", reason)).into()),
        NoPackage::Unsafe { entry } => error.because((&Message::new("package.unsafe").with("entry", entry)).into()),
    }
}

fn no_catalog(path: &Path, why: NoCatalog) -> ApiError {
    let key = match why {
        NoCatalog::TooLarge => "catalog.too-large",
        NoCatalog::NotUnderstood => "catalog.not-understood",
    };
    ApiError::new(ErrorCode::AppCatalogInvalid).with("path", path.display()).because((&Message::new(key)).into())
}

/// The first causes have codes of their own. The others have a sentence and a remedy of their own, in the catalogs as
/// `cause.ynh-NAME`: what a guard foresaw is told by it; where YunoHost spoke, its words are.
fn yunohost(cause: Cause, about: &str, said: &str) -> ApiError {
    let reason = if said.is_empty() { format!("{} {about}", cause.name()) } else { said.to_owned() };
    let error = |code| ApiError::new(code).with("about", about).with("reason", &reason);
    let code = match cause {
        Cause::PasswordListed | Cause::PasswordTooSimple | Cause::PasswordTooLong => Some(ErrorCode::YnhPasswordRefused),
        Cause::LockHeld => Some(ErrorCode::YnhBusy),
        Cause::NotPostInstalled => Some(ErrorCode::YnhNotPostinstalled),
        Cause::ProgramMissing => Some(ErrorCode::YnhAbsent),
        other => ErrorCode::named(&format!("ynh-{}", other.name())),
    };
    if let Some(code) = code {
        return error(code);
    }
    let key = format!("cause.ynh-{}", cause.name());
    // What YunoHost said in words of its own says more than that it said no.
    if !Language::English.has(&key) || (cause == Cause::Other && !said.is_empty()) {
        return error(ErrorCode::YnhRefused);
    }
    let values = [("about".to_owned(), about.to_owned()), ("reason".to_owned(), reason.clone())].into();
    error(if said.is_empty() { ErrorCode::YnhNotPossible } else { ErrorCode::YnhRefused }).because(WireMessage { key, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_is_repeated_in_one_short_and_harmless_line() {
        assert_eq!(echoed("camille@maison.test"), "camille@maison.test");
        assert_eq!(echoed("a\nb\u{1b}[2Jc\u{202e}d"), "a\u{fffd}b\u{fffd}[2Jc\u{fffd}d");
        assert_eq!(echoed(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(echoed(&"é".repeat(300)), format!("{}…", "é".repeat(80)));
    }
}
