//! The codes, with the exit status of each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $exit:literal,)*) => {
        /// What went wrong. Each code has a sentence and a remedy in every language (`error.CODE`, `error.CODE.remedy`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "kebab-case")]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire, such as `host-unreachable`.
            #[must_use]
            pub fn name(self) -> String {
                let mut name = String::new();
                for c in format!("{self:?}").chars() {
                    if c.is_ascii_uppercase() && !name.is_empty() {
                        name.push('-');
                    }
                    name.push(c.to_ascii_lowercase());
                }
                name
            }

            /// The code of a name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// The exit status of the CLI contract for this code.
            #[must_use]
            pub fn exit_status(self) -> u8 {
                match self {
                    $(Self::$name => $exit,)*
                }
            }
        }
    };
}

with_codes_of_guests! { codes! {
    /// The request does not have the form it should: `what`.
    InvalidRequest = 2,
    /// `value` is not a name of this `kind` (host, stage, tag, secret, fingerprint, plan, job).
    InvalidName = 2,
    /// The selector is not understood `near` a word.
    InvalidSelector = 2,
    /// A flag is missing without a terminal to ask at: `flag`.
    FlagMissing = 2,
    /// Something would change and nobody said yes.
    NotConfirmed = 2,
    /// No host is called `name`.
    HostNotFound = 2,
    /// No host is selected by `selector`.
    NothingSelected = 2,
    /// A host is already called `name`.
    HostExists = 2,
    /// A secret is already called `name`.
    SecretExists = 2,
    /// No secret is called `name`.
    SecretNotFound = 2,
    /// The secret `name` is used by `hosts`.
    SecretInUse = 2,
    /// No stage is called `name`.
    StageNotFound = 2,
    /// A stage is already called `name`.
    StageExists = 2,
    /// Stage dev has no secret of its own.
    StageUnprotectable = 2,
    /// Stage `name` has a secret already.
    StageIsProtected = 2,
    /// Stage `name` has no secret.
    StageNotProtected = 2,
    /// Stage `name` had a secret when this machine last saw it, and has none now.
    StageLostSecret = 3,
    /// Stage `name` is sealed.
    StageSealed = 6,
    /// Stage `name` is frozen `until` a time: `why`.
    StageFrozen = 7,
    /// The secret is not that of stage `name`.
    StageWrongSecret = 3,
    /// The secret of a stage is too easy to guess.
    StageSecretWeak = 2,
    /// The secret opens `with` as well.
    StageSecretShared = 2,
    /// One of `names` must be typed before the plan is run.
    ConfirmationNeeded = 7,
    /// The stage refuses plans with warnings: `why`.
    PolicyRefused = 7,
    /// The record of the host `name` was not written with the key of its stage.
    HostRecordForged = 3,
    /// The secret `name` is of `stage`, and `host` is not.
    SecretOfOtherStage = 7,
    /// No single identity is called `name`.
    IdentityNotFound = 2,
    /// The identity of `name` is known.
    IdentityExists = 2,
    /// No identity is open.
    IdentityNotOpen = 3,
    /// The vault has no way in `id`.
    SlotNotFound = 2,
    /// Nothing would open the vault without the keyring.
    SlotLast = 7,
    /// The vault has as many ways in as it can have.
    SlotsFull = 7,
    /// The vault has no way in of this `kind`.
    SlotAbsent = 3,
    /// There is no keyring: `reason`.
    KeyringUnavailable = 3,
    /// The keyring is locked: `reason`.
    KeyringLocked = 3,
    /// The keyring did not answer in `seconds`.
    KeyringTimedOut = 3,
    /// The keyring's key was for another boot.
    KeyringOtherBoot = 3,
    /// The keyring alone does not open a vault that was left alone.
    KeyringAfterAbsence = 3,
    /// `path` is not a key file.
    KeyFileInvalid = 2,
    /// The vault `name` is open.
    VaultStillOpen = 3,
    /// The vault's header was changed by another program.
    VaultHeaderChanged = 3,
    /// The folder is from before the vault got a new root key, or before its ways in were last changed.
    VaultHeaderOlder = 3,
    /// No job is called `job`.
    JobNotFound = 2,
    /// No terminal is called `terminal`.
    TerminalNotFound = 2,
    /// There are `most` terminals, or `most_here` on this host.
    TooManyTerminals = 1,
    /// No open tunnel is called `tunnel`.
    TunnelNotFound = 2,
    /// There are `most` tunnels.
    TooManyTunnels = 1,
    /// There are `most` connections of programs that speak SSH.
    TooManyEnds = 1,
    /// Several hosts or guests are meant by `name`: `candidates`.
    HostAmbiguous = 2,
    /// Port `port` of this machine cannot be listened on, for `reason`.
    PortTaken = 1,
    /// There is no terminal here to show one of a host in.
    NoTerminal = 2,
    /// No run is called `run`.
    RunNotFound = 2,
    /// Run `run` has no host to be run on again.
    RunNothingLeft = 2,
    /// Run `run` was stopped before the host's turn.
    RunSkipped = 1,
    /// The run was cancelled while the host worked.
    RunCancelled = 1,
    /// The copy was cancelled.
    CopyCancelled = 1,
    /// What lies at `path` is not what was written there.
    BackupDamaged = 1,
    /// What lies at `path` is no backup of this program.
    BackupNone = 2,
    /// The backup at `path` is of a later format.
    BackupTooNew = 1,
    /// The backup at `path` was sealed under a key that is not in this vault.
    BackupOtherKey = 4,
    /// The archive `name` cannot be read as one: `reason`.
    BackupUnreadable = 1,
    /// The archive `name` holds `path`, as no backup does.
    BackupHostile = 1,
    /// No backup here is called `name`, or several are.
    BackupNotFound = 2,
    /// Another process writes the backup at `path`.
    BackupBusy = 1,
    /// The backup `name` is of YunoHost `of`, and the host has `here`.
    BackupNewer = 2,
    /// The host of this result is not in the catalog any more.
    RunHostGone = 2,
    /// `value` is not a number of hosts, or a share of them, for `flag`.
    RunPaceInvalid = 2,
    /// No recipe is called `name`.
    RecipeNotFound = 2,
    /// The file is not a recipe: `what`, in line `line`.
    RecipeSyntax = 2,
    /// `what` of the recipe is not within its limits: `limit`.
    RecipeLimit = 2,
    /// Step `number` of the recipe has a placeholder for `name`, which is no parameter.
    RecipePlaceholderUnknown = 2,
    /// Step `number` of the recipe has the placeholder of `name` where no word can stand: `inside`.
    RecipePlaceholderMisplaced = 2,
    /// No step of the recipe uses parameter `name`.
    RecipeParameterUnused = 2,
    /// Parameter `name` of the recipe contradicts itself: `what`.
    RecipeParameterInvalid = 2,
    /// Parameter `name` of the recipe would be a secret.
    RecipeParameterSecret = 2,
    /// Recipe `recipe` has no parameter `name`; it has `known`.
    RecipeValueUnknown = 2,
    /// Parameter `name` of recipe `recipe` was not given.
    RecipeValueMissing = 2,
    /// `value` is not what parameter `name` of recipe `recipe` takes: `expected`.
    RecipeValueInvalid = 2,
    /// The plan was forgotten, or never was.
    PlanNotFound = 2,
    /// No vault is open, and none was named.
    VaultLocked = 3,
    /// Several vaults are open and none was named: `names`.
    SeveralVaults = 2,
    /// The passphrase does not open the vault.
    VaultWrongPassphrase = 3,
    /// The recovery words do not open the vault, or are not 24 words with a right checksum.
    VaultWrongRecoveryWords = 3,
    /// The passphrase is too weak: `least` characters are needed.
    VaultPassphraseWeak = 2,
    /// The vault is damaged: `what`.
    VaultDamaged = 3,
    /// The vault was made by a newer program: format `version`.
    VaultTooNew = 3,
    /// Another process has the vault open: `process`.
    VaultInUse = 3,
    /// There is no vault at `path`.
    VaultNotFound = 3,
    /// `path` exists already.
    VaultExists = 3,
    /// A file of the vault cannot be read or written: `path`, `reason`.
    VaultFile = 3,
    /// The database is older than this machine has seen: `missing` entries are missing.
    VaultBehind = 3,
    /// The host key of `address` is not known: `fingerprint`, `algorithm`.
    HostKeyUnknown = 4,
    /// The host key of `address` changed: `fingerprint`, `algorithm`, `pinned`.
    HostKeyChanged = 4,
    /// `address` cannot be reached: `reason`.
    HostUnreachable = 5,
    /// `user` was refused at `address`; the host takes `methods`.
    LoginRefused = 5,
    /// The host `name` has no secret to log in with.
    NoCredential = 5,
    /// `credential` is not offered: `host` refused it for `user`.
    CredentialHeld = 5,
    /// None of the ways to `name` leads there: `tried`.
    NoWay = 5,
    /// The leave of `name` to use old algorithms ended: `until`.
    LegacyExpired = 5,
    /// `user` is not root on `name`, and nothing says how to become root.
    NoSudo = 5,
    /// sudo refused `user` on `name`: `reason`.
    SudoRefused = 5,
    /// No SSH agent answers: `reason`.
    SshAgentAbsent = 5,
    /// `address` wants more of `user`, by one of `methods`, than there is.
    FactorMissing = 5,
    /// Every one-time code of the next `seconds` was used already.
    OneTimeSpent = 5,
    /// `address` and this program have no algorithm of a `kind` in common; it offers `theirs`.
    NoCommonAlgorithm = 5,
    /// The host's disk is full: `path`.
    HostDiskFull = 1,
    /// The disk of this machine is full: `path`.
    DiskFull = 1,
    /// What arrived at `path` is not what was sent.
    CopyDiffers = 1,
    /// The host was not enrolled: `reason`. Everything is as it was.
    EnrolFailed = 1,
    /// `address` shows a key that was revoked: `fingerprint`.
    HostKeyRevoked = 4,
    /// The host certificate of `address` is refused: `reason`.
    HostCertificateRefused = 4,
    /// `name` is the way to `hosts`.
    HostInUse = 2,
    /// The way to `name` would lead through itself.
    JumpLoop = 2,
    /// Host `name` does not know the key `fingerprint`.
    KeyNotFound = 2,
    /// The secret cannot be used to log in: `reason`.
    CredentialUnusable = 5,
    /// The link was lost: `reason`.
    LinkLost = 5,
    /// No end after `seconds`.
    TimedOut = 1,
    /// The host refused: `reason`.
    RemoteRefused = 1,
    /// The host's answer is not understood: `what`.
    NotUnderstood = 1,
    /// The command ended with `exit`.
    CommandFailed = 1,
    /// The local file `path`: `reason`.
    LocalFile = 1,
    /// The file `path` of the host: `reason`.
    RemoteFile = 1,
    /// `path` of the host gives a copy no name, and `destination` is there already.
    CopyNameless = 2,
    /// Something is at `path` already.
    FileExists = 1,
    /// The folder `path` has something in it.
    FolderNotEmpty = 7,
    /// `path` is what a system or a person stands on.
    PathProtected = 7,
    /// Some hosts did not succeed: `failed` of `total`.
    SeveralFailed = 1,
    /// The command ended well, but the host's state is not what it should be: `why`.
    CheckFailed = 1,
    /// The command failed, and yet changed something: `why`.
    HalfDone = 1,
    /// The process on the host is gone and left no exit status.
    JobVanished = 1,
    /// The host started again while the job ran there: how far it came is not known.
    HostRebooted = 1,
    /// The host's folder for jobs cannot be used: `reason`.
    HostFolder = 1,
    /// Host `name` has too few surveys to be compared.
    NothingToCompare = 2,
    /// Host `name` was never surveyed.
    NotSurveyed = 1,
    /// The job `job` did not fail, so it is not begun again.
    JobNotFailed = 2,
    /// What the job `job` was given is not kept any more.
    JobInputGone = 2,
    /// The job never began on the host.
    JobNotStarted = 1,
    /// What had to be done before the job was not.
    JobBeforeFailed = 1,
    /// Nobody has the name `name`.
    PersonNotFound = 3,
    /// Somebody has the name `name`.
    PersonExists = 2,
    /// The person `name` has no account on the hosts that were meant.
    PersonNoAccount = 3,
    /// The person `name` was not off-boarded.
    PersonNotLeaving = 3,
    /// The last survey of host `name` has no account `login`.
    AccountNotSeen = 3,
    /// The account `login` of host `name` was in no plan of its person's off-boarding.
    AccountNotPlanned = 3,
    /// The account `login` of host `name` is the person `person`'s.
    AccountTaken = 2,
    /// The signature of the statement at `path` does not hold.
    StatementBroken = 8,
    /// The host has less room than the action needs: `place`, `free`, `least`.
    NoRoom = 7,
    /// The host's clock is `seconds` ahead, or behind.
    ClockWrong = 7,
    /// The host's clock follows a time service.
    ClockFollows = 7,
    /// `user` is the account with which the host is reached.
    OwnAccount = 7,
    /// The host does not answer, and refused `count` credentials within a day: it may have banned this machine.
    MaybeBanned = 5,
    /// The plan does not change `host`, on which it was to be run first.
    PilotNotPlanned = 2,
    /// None of `addresses` is banned; those that are: `banned`.
    NotBanned = 7,
    /// No fail2ban runs there: `reason`.
    NoFail2ban = 7,
    /// What would have put the change back could not be made, so that it was not begun: `reason`.
    LifelineRefused = 1,
    /// The change was to be put back, but its lifeline had been let go already, so that it stands, and nobody gets in now: `why`.
    LifelineReleased = 1,
    /// The change was to be put back, but the host has no lifeline of it any more.
    LifelineGone = 1,
    /// Nobody got in after the change; it was put back over the connection that stood: `why`.
    PutBack = 1,
    /// The same, by the host itself.
    PutBackByHost = 1,
    /// It was put back but for `what`.
    PutBackInPart = 1,
    /// What was read of a file is forgotten.
    ImportNotFound = 2,
    /// No format is called `name`.
    ImportFormatUnknown = 2,
    /// `path` cannot be read, at `below`: `reason`.
    ImportUnreadable = 1,
    /// `what` in `path` is `found`, and `most` is read.
    ImportTooLarge = 1,
    /// Deriving the key of `path` would cost `what` = `found`, and `most` is done.
    ImportTooExpensive = 1,
    /// `path` ends inside `what`.
    ImportTruncated = 1,
    /// `what` in `path` is not as the format has it, `at` a line or a byte.
    ImportMalformed = 1,
    /// `what` in `path` does not match: it was changed or damaged.
    ImportAltered = 1,
    /// `path` is encrypted with a password.
    ImportNeedsPassword = 2,
    /// `path` is encrypted with a key file.
    ImportNeedsKeyFile = 2,
    /// `path` is encrypted for a key.
    ImportNeedsIdentity = 2,
    /// Nothing says what the columns of `path` are.
    ImportNeedsMapping = 2,
    /// The password does not open `path`.
    ImportWrongPassword = 2,
    /// The key file does not open `path`.
    ImportWrongKeyFile = 2,
    /// None of the keys opens `path`.
    ImportWrongIdentity = 2,
    /// `what` in `path` is of a kind or a version that is not read.
    ImportUnsupported = 1,
    /// `path` is not text from byte `at`.
    ImportNotText = 1,
    /// `path` is of no format that is read.
    ImportNoFormat = 2,
    /// `path` is a file, and its format a folder.
    ImportNeedsFolder = 2,
    /// `path` is a folder, and its format a file.
    ImportNeedsFile = 2,
    /// `path` is there already.
    ExportExists = 2,
    /// A file of `format` wants a password.
    ExportNeedsPassword = 2,
    /// A file of `format` wants a password or somebody who can read it.
    ExportNeedsReader = 2,
    /// A file of `format` was to be for a password and for keys.
    ExportTwoReaders = 2,
    /// A file of `format`, which anybody reads, was to be for a password or for keys.
    ExportNotSealed = 2,
    /// Not written as `format`: `reason`.
    ExportFailed = 1,
    /// No host logs in with the secret `name`.
    RotationNowhere = 2,
    /// One-time codes of `host` are made from the secret `name`, which cannot be told the host anew.
    RotationOneTime = 2,
    /// The secret `name` is being rotated.
    RotationGoesOn = 2,
    /// The secret `name` is not being rotated.
    RotationNone = 2,
    /// The old key `name` was taken away from `host`: there is no way back.
    RotationNoWayBack = 7,
    /// The secret `name` opens the backups of its stage.
    RotationBackups = 2,
    /// The secret `name` is the key of `of`, an authority or a certificate.
    RotationCertificate = 2,
    /// Hosts know the key `name` by a certificate that stands beside it.
    RotationCertified = 2,
    /// The key `name` cannot be read: `reason`.
    RotationUnreadable = 2,
    /// `user` of `host` is an account of its YunoHost, and nothing says how to become root there.
    RotationNeedsRoot = 2,
    /// The secret `gone`, which the rotation of `name` needs, lies in the trash.
    RotationInTrash = 7,
    /// A value of the rotation of the secret `name` is gone.
    RotationGone = 7,
    /// `reader` is nobody that a parcel can be made for.
    ParcelReaderUnknown = 2,
    /// Nothing that was chosen is there.
    ParcelEmpty = 2,
    /// The secret `name` is never handed over.
    ParcelNever = 2,
    /// The signature of `path` does not hold.
    ParcelSignature = 1,
    /// `path` was signed by `name`, `fingerprint`, whom the vault does not know.
    ParcelSignerUnknown = 7,
    /// `path` was signed by `fingerprint`, who is not who was said.
    ParcelOtherSigner = 1,
    /// `path` was made for `readers`.
    ParcelNotForYou = 1,
    /// The vault has no template `name` of its own.
    TemplateUnknown = 2,
    /// Everybody has a template `name`, which stays as it is.
    TemplateKnown = 2,
    /// `name` cannot be what a template or one of its fields is called.
    TemplateName = 2,
    /// A template without a field, with too many, or with two that are alike.
    TemplateFields = 2,
    /// The vault has as many templates as it may have.
    TemplatesMany = 2,
    /// `path` is another vault.
    MergeOtherVault = 2,
    /// `path` has other keys than the open vault.
    MergeOtherKeys = 2,
    /// The vault cannot be merged with itself.
    MergeItself = 2,
    /// `person` wrote in both copies on one machine.
    MergeForked = 7,
    /// The stage `stage` has another key in each copy.
    MergeStageApart = 7,
    /// `count` things were changed in both copies.
    MergeUnresolved = 7,
    /// `key` was not changed in both copies.
    MergeNoConflict = 2,
    /// `path` cannot be read: `reason`.
    LeakedUnreadable = 2,
    /// `path` has NTLM hashes, not SHA-1.
    LeakedNtlm = 2,
    /// `path` has no hashes of leaked passwords.
    LeakedNone = 2,
    /// The secret `name` makes no one-time codes.
    CodesNone = 2,
    /// The secret `name` is no private key.
    SecretNoKey = 2,
    /// `path` cannot be read or written: `reason`.
    ScanUnreadable = 2,
    /// Git cannot be run, or failed: `reason`.
    ScanGit = 7,
    /// `path` is in no git repository.
    ScanNoRepository = 2,
    /// `path` is no baseline.
    ScanNoBaseline = 2,
    /// `path` is a hook that somebody else wrote.
    ScanForeignHook = 2,
    /// Git takes its hooks from `path`, which other repositories may share.
    ScanSharedHooks = 2,
    /// The job was cancelled.
    JobCancelled = 1,
    /// The job has not ended.
    JobStillRunning = 1,
    /// The host has nowhere to keep a secret in memory.
    NoSecretPlace = 1,
    /// What lies at `path` is no package of an application that can be sent: `why`.
    AppPackageInvalid = 2,
    /// What lies at `path` is no catalog of applications: `why`.
    AppCatalogInvalid = 2,
    /// YunoHost is not installed on the host.
    YnhAbsent = 7,
    /// YunoHost is installed but its post-installation was not done.
    YnhNotPostinstalled = 7,
    /// `value` is not what the parameter `field` must be.
    YnhInvalid = 2,
    /// The parameter `field` must be given.
    YnhMissing = 2,
    /// The account `user` exists already.
    YnhUserExists = 7,
    /// There is no account `user`.
    YnhUserUnknown = 7,
    /// `user` is the last administrator.
    YnhLastAdmin = 7,
    /// There is no service `service`.
    YnhServiceUnknown = 7,
    /// There is no domain `domain`.
    YnhDomainUnknown = 7,
    /// YunoHost refuses the password: `reason`.
    YnhPasswordRefused = 1,
    /// Another YunoHost operation runs.
    YnhBusy = 1,
    /// Another YunoHost operation ran for longer than this one may wait: the error's own sentence says which.
    YnhBusyWith = 1,
    /// YunoHost would refuse, or do harm: the error's own sentence says why. Nothing was sent.
    YnhNotPossible = 7,
    /// YunoHost refused: `reason`.
    YnhRefused = 1,
    /// No process holds the keys.
    AgentAbsent = 1,
    /// The process that holds the keys cannot be started or asked: `reason`.
    AgentFailed = 1,
    /// The process that holds the keys ended before it answered.
    AgentLost = 1,
    /// The process that holds the keys, `process`, is of another `version`.
    AgentVersion = 1,
    /// No process can hold the keys on this system.
    AgentNotOffered = 1,
    /// The operator stopped it.
    Interrupted = 130,
    /// No authority is called `name`.
    CaNotFound = 2,
    /// There is no authority yet.
    CaNone = 2,
    /// There are several authorities, and it was not said which.
    CaSeveral = 2,
    /// An authority is already called `name`.
    CaExists = 2,
    /// `name` is no name for a certificate, or for an authority.
    CaName = 2,
    /// The authority is not for `name`: it is kept to `permitted`.
    CaNotPermitted = 7,
    /// The authority is not valid at this time.
    CaOutOfTime = 7,
    /// The key of the authority is not its own any more.
    CaOtherKey = 3,
    /// No certificate is for `name`.
    CertificateNotFound = 2,
    /// Several certificates are for `name`.
    CertificateSeveral = 2,
    /// There is a certificate for `name`.
    CertificateExists = 2,
    /// The certificate is not for `domain`, but for `names`.
    CertificateNotFor = 7,
    /// The certificate for `domain` is not valid by the clocks of both sides, which differ by `seconds`.
    CertificateOutOfTime = 7,
    /// A fault of this program: `what`.
    Internal = 1,
} }
