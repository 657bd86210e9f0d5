//! Why a run has no exit status on a host, in a form that can be kept.

use beffroi_domain::Fingerprint;
use beffroi_remote::job::{FolderProblem, JobError};
use beffroi_remote::{CertificateFault, LoginMethod, Phase, RemoteError, SudoRefusal};
use serde::{Deserialize, Serialize};

use crate::{AppError, GuardError, GuestError};

/// Why a run has no exit status on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Its turn did not come.
    Skipped {
        /// The run.
        run: String,
    },
    /// It was cancelled while the host worked.
    Cancelled,
    /// The host's stage is sealed.
    Sealed {
        /// The stage.
        stage: String,
    },
    /// The host is no longer in the catalog.
    HostGone,
    /// The host's record was not written with the key of its stage.
    Forged {
        /// The host.
        name: String,
    },
    /// The host has nothing to log in with.
    NoCredential {
        /// The host.
        name: String,
    },
    /// The secret to log in with is of another stage than the host.
    SecretOfOtherStage {
        /// The secret.
        name: String,
        /// Its stage.
        stage: String,
        /// The host.
        host: String,
    },
    /// Something in the vault is not what was written there.
    Damaged {
        /// What.
        what: String,
    },
    /// Nothing says how to become root there.
    NoSudo {
        /// The host.
        #[serde(default)]
        name: String,
        /// The account.
        user: String,
    },
    /// Sudo did not make it root.
    SudoRefused {
        /// Why.
        why: String,
    },
    /// What it would have been offered was refused before.
    Held {
        /// The secret's name, or the agent's key.
        credential: String,
        /// The host that refused it.
        host: String,
        /// The account.
        user: String,
    },
    /// It does not answer, and may have banned this machine.
    MaybeBanned {
        /// The host.
        name: String,
        /// How many credentials it refused within a day.
        refused: usize,
        /// Why it cannot be reached.
        why: Box<Self>,
    },
    /// None of its ways leads there.
    NoWay {
        /// The host.
        name: String,
        /// Each way, and why.
        tried: Vec<String>,
    },
    /// It is a guest, which its host does not lead into.
    NotEntered {
        /// The guest.
        guest: String,
        /// What the host said.
        said: String,
    },
    /// It cannot be reached.
    Unreachable {
        /// Its address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// Its key is not the pinned one.
    Key {
        /// Its address.
        address: String,
        /// The key it showed.
        offered: String,
        /// Its algorithm.
        algorithm: String,
        /// The keys that are pinned.
        pinned: Vec<String>,
    },
    /// It refused the login.
    Login {
        /// Its address.
        #[serde(default)]
        address: String,
        /// The account.
        user: String,
        /// What it refused, by the name of the wire.
        #[serde(default)]
        refused: String,
        /// What it would take.
        methods: String,
    },
    /// The credential cannot be used.
    Credential {
        /// Why.
        reason: String,
    },
    /// No end in time.
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The link was lost.
    LinkLost {
        /// What the system said.
        reason: String,
    },
    /// Anything else that the host or the link gave.
    Refused {
        /// What it said.
        reason: String,
    },
    /// Its key was revoked.
    Revoked {
        /// Its address.
        address: String,
        /// The key.
        offered: String,
    },
    /// Its certificate does not vouch for it.
    Certificate {
        /// Its address.
        address: String,
        /// Its key.
        offered: String,
        /// The key that signed.
        authority: String,
        /// What is wrong, by the name of the wire.
        fault: String,
    },
    /// It wants more than there is.
    Factor {
        /// Its address.
        address: String,
        /// The account.
        user: String,
        /// What it accepted last, by the name of the wire.
        #[serde(default)]
        accepted: Option<String>,
        /// What it would take.
        methods: String,
    },
    /// Its folder for jobs cannot be used.
    Folder {
        /// Why, by its place among [`FolderProblem`]s.
        reason: u8,
    },
    /// It has no place in memory for secret input.
    NoTmpfs,
    /// Anything else, in this program's technical words.
    Other {
        /// What.
        what: String,
    },
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::of(&error)
    }
}

impl Trouble {
    /// An error, in the form that can be kept.
    pub(crate) fn of(error: &AppError) -> Self {
        match error {
            AppError::StageSealed { name } => Self::Sealed { stage: name.clone() },
            AppError::HostNotFound { .. } => Self::HostGone,
            AppError::RecordForged { name } => Self::Forged { name: name.clone() },
            AppError::NoCredential { name } => Self::NoCredential { name: name.clone() },
            AppError::SecretOfOtherStage { name, stage, host } => {
                Self::SecretOfOtherStage { name: name.clone(), stage: stage.clone(), host: host.clone() }
            }
            AppError::Damaged { what } => Self::Damaged { what: what.clone() },
            AppError::NoSudo { name, user } => Self::NoSudo { name: name.clone(), user: user.clone() },
            AppError::CredentialHeld { credential, host, user } => {
                Self::Held { credential: credential.clone(), host: host.clone(), user: user.clone() }
            }
            AppError::Guard(GuardError::MaybeBanned { name, refused, why }) => {
                Self::MaybeBanned { name: name.clone(), refused: *refused, why: Box::new(Self::of(why)) }
            }
            AppError::NoWay { name, tried } => Self::NoWay { name: name.clone(), tried: tried.clone() },
            AppError::RunCancelled => Self::Cancelled,
            AppError::Guest(GuestError::NotEntered { guest, said }) => Self::NotEntered { guest: guest.clone(), said: said.clone() },
            AppError::Job(JobError::Folder { reason }) => Self::Folder { reason: *reason as u8 },
            AppError::Job(JobError::NoTmpfs) => Self::NoTmpfs,
            AppError::Job(JobError::Remote(error)) | AppError::Remote(error) => Self::of_remote(error.clone()),
            AppError::JobOutOfReach { why } => Self::of(why),
            other => Self::Other { what: other.to_string() },
        }
    }

    fn of_remote(error: RemoteError) -> Self {
        match error {
            RemoteError::Unreachable { address, reason, .. } => Self::Unreachable { address, reason },
            RemoteError::SudoRefused { why } => Self::SudoRefused { why: why.to_string() },
            RemoteError::HostKeyUnknown { address, offered, algorithm } => {
                Self::Key { address, offered: offered.to_string(), algorithm, pinned: Vec::new() }
            }
            RemoteError::HostKeyChanged { address, offered, algorithm, pinned } => {
                let pinned = pinned.iter().map(ToString::to_string).collect();
                Self::Key { address, offered: offered.to_string(), algorithm, pinned }
            }
            RemoteError::AuthenticationRefused { address, user, refused, methods } => {
                Self::Login { address, user, refused: refused.name().to_owned(), methods }
            }
            RemoteError::HostKeyRevoked { address, offered } => Self::Revoked { address, offered: offered.to_string() },
            RemoteError::HostCertificateRefused { address, offered, authority, fault } => Self::Certificate {
                address,
                offered: offered.to_string(),
                authority: authority.to_string(),
                fault: fault.name().to_owned(),
            },
            RemoteError::FactorMissing { address, user, accepted, methods } => {
                Self::Factor { address, user, accepted: accepted.map(|method| method.name().to_owned()), methods }
            }
            RemoteError::CredentialUnusable { reason } => Self::Credential { reason },
            RemoteError::TimedOut { seconds } => Self::TimedOut { seconds },
            RemoteError::LinkLost { reason } => Self::LinkLost { reason },
            RemoteError::Refused { reason } => Self::Refused { reason },
            other => Self::Refused { reason: other.to_string() },
        }
    }

    /// The error that it is, for people.
    #[must_use]
    pub fn error(self) -> AppError {
        let remote = AppError::Remote;
        match self {
            Self::Skipped { run } => AppError::RunSkipped { run },
            Self::Cancelled => AppError::RunCancelled,
            Self::Sealed { stage } => AppError::StageSealed { name: stage },
            Self::HostGone => AppError::RunHostGone,
            Self::Forged { name } => AppError::RecordForged { name },
            Self::NoCredential { name } => AppError::NoCredential { name },
            Self::SecretOfOtherStage { name, stage, host } => AppError::SecretOfOtherStage { name, stage, host },
            Self::Damaged { what } => AppError::Damaged { what },
            Self::NoSudo { name, user } => AppError::NoSudo { name, user },
            Self::SudoRefused { why } => remote(RemoteError::SudoRefused { why: SudoRefusal::Other { said: why } }),
            Self::Held { credential, host, user } => AppError::CredentialHeld { credential, host, user },
            Self::MaybeBanned { name, refused, why } => {
                AppError::Guard(GuardError::MaybeBanned { name, refused, why: Box::new(why.error()) })
            }
            Self::NoWay { name, tried } => AppError::NoWay { name, tried },
            Self::NotEntered { guest, said } => GuestError::NotEntered { guest, said }.into(),
            Self::Unreachable { address, reason } => remote(RemoteError::Unreachable { address, reason, phase: Phase::Connect }),
            Self::Key { address, offered, algorithm, pinned } => remote(key(address, &offered, algorithm, &pinned)),
            Self::Login { address, user, refused, methods } => {
                // What was kept before it was kept which.
                let refused = LoginMethod::from_name(&refused).unwrap_or(LoginMethod::Key);
                remote(RemoteError::AuthenticationRefused { address, user, refused, methods })
            }
            Self::Revoked { address, offered } => remote(match offered.parse() {
                Ok(offered) => RemoteError::HostKeyRevoked { address, offered },
                Err(_) => RemoteError::Refused { reason: offered },
            }),
            Self::Certificate { address, offered, authority, fault } => remote(certificate(address, &offered, &authority, &fault)),
            Self::Factor { address, user, accepted, methods } => {
                let accepted = accepted.as_deref().and_then(LoginMethod::from_name);
                remote(RemoteError::FactorMissing { address, user, accepted, methods })
            }
            Self::Credential { reason } => remote(RemoteError::CredentialUnusable { reason }),
            Self::TimedOut { seconds } => remote(RemoteError::TimedOut { seconds }),
            Self::LinkLost { reason } => remote(RemoteError::LinkLost { reason }),
            Self::Refused { reason } => remote(RemoteError::Refused { reason }),
            Self::Folder { reason } => AppError::Job(JobError::Folder { reason: folder_problem(reason) }),
            Self::NoTmpfs => AppError::Job(JobError::NoTmpfs),
            Self::Other { what } => AppError::Internal { what },
        }
    }
}

fn certificate(address: String, offered: &str, authority: &str, fault: &str) -> RemoteError {
    match (offered.parse(), authority.parse(), CertificateFault::from_name(fault)) {
        (Ok(offered), Ok(authority), Some(fault)) => RemoteError::HostCertificateRefused { address, offered, authority, fault },
        _ => RemoteError::Refused { reason: format!("host certificate: {fault}") },
    }
}

fn folder_problem(number: u8) -> FolderProblem {
    let known = [FolderProblem::ReadOnly, FolderProblem::Full, FolderProblem::NotAllowed];
    known.into_iter().find(|problem| *problem as u8 == number).unwrap_or(FolderProblem::Other)
}

fn key(address: String, offered: &str, algorithm: String, pinned: &[String]) -> RemoteError {
    let pinned: Vec<Fingerprint> = pinned.iter().filter_map(|pin| pin.parse().ok()).collect();
    match offered.parse::<Fingerprint>() {
        Ok(offered) if pinned.is_empty() => RemoteError::HostKeyUnknown { address, offered, algorithm },
        Ok(offered) => RemoteError::HostKeyChanged { address, offered, algorithm, pinned },
        Err(_) => RemoteError::Refused { reason: format!("host key {offered}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_of_an_error_is_the_same_error() {
        let (address, user) = ("192.0.2.7:22".to_owned(), "root".to_owned());
        let fingerprint = |letter: &str| format!("SHA256:{}", letter.repeat(43)).parse().expect("a fingerprint");
        let errors = [
            AppError::Remote(RemoteError::HostKeyRevoked { address: address.clone(), offered: fingerprint("r") }),
            AppError::Remote(RemoteError::HostCertificateRefused {
                address: address.clone(),
                offered: fingerprint("a"),
                authority: fingerprint("c"),
                fault: CertificateFault::Expired,
            }),
            AppError::Remote(RemoteError::FactorMissing {
                address: address.clone(),
                user: user.clone(),
                accepted: Some(LoginMethod::Key),
                methods: "password".to_owned(),
            }),
            AppError::Remote(RemoteError::AuthenticationRefused {
                address,
                user,
                refused: LoginMethod::PasswordAndOneTime,
                methods: "keyboard-interactive".to_owned(),
            }),
            AppError::Job(JobError::Folder { reason: FolderProblem::Full }),
            AppError::CredentialHeld { credential: "key".to_owned(), host: "web".to_owned(), user: "root".to_owned() },
        ];
        for error in errors {
            let kept = serde_json::to_vec(&Trouble::of(&error)).expect("written");
            let read: Trouble = serde_json::from_slice(&kept).expect("read back");
            assert_eq!(format!("{:?}", read.error()), format!("{error:?}"));
        }
    }
}
