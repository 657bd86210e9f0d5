//! The keyring of the operator's session: one value for each key slot of each vault.
//!
//! Linux: the Secret Service on the session bus (freedesktop.org Secret Service API 0.2), over an encrypted session, in the
//! default collection. macOS: Keychain. Windows: Credential Manager. An item is found by `service` = `beffroi` and
//! `username` = `VAULT/SLOT`, both identifiers in their text form.
//!
//! Whoever is logged in as the operator can read such an item: it is as strong as the login. A call may open a question
//! on the screen ("unlock your keyring"), so each runs on its own thread and gives up after [`LIMIT`]. Copies of a value
//! inside the libraries are not wiped.

use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use beffroi_domain::{SlotId, VaultId};
use beffroi_secret::SecretBytes;
use tokio::sync::oneshot;

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
mod entry;
#[cfg(all(test, target_os = "linux"))]
mod tests;

/// How long a call may take: enough for a person to type a password.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Calls that may wait for an answer at a time. One that gave up goes on waiting: the libraries cannot take a question back.
const WAITING: usize = 4;

/// Why the keyring did not do it. The reasons are for logs, in the words of the libraries; none holds a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No bus, or no keyring service on it.
    #[error("there is no keyring: {reason}")]
    Absent {
        /// What was missing.
        reason: String,
    },
    /// It is locked, and was not unlocked: the question was dismissed, or there is no screen to ask on.
    #[error("the keyring is locked: {reason}")]
    Locked {
        /// What the service answered.
        reason: String,
    },
    /// No answer came in time. A question may still be on the screen: answered later, it still has its effect.
    #[error("the keyring did not answer within {seconds} s")]
    TimedOut {
        /// How long the call waited.
        seconds: u64,
    },
    /// The keyring said no, or lost the connection, or too many earlier questions are unanswered.
    #[error("the keyring refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// This system has no keyring that Beffroi knows.
    #[error("this system has no keyring that Beffroi knows")]
    NotOfferedHere,
}

/// Puts a slot's value into the keyring, in place of the one that was there.
///
/// # Errors
/// [`KeyringError`]. After `TimedOut` the value may be stored or not.
pub async fn store(vault: VaultId, slot: SlotId, value: &SecretBytes) -> Result<(), KeyringError> {
    store_within(LIMIT, vault, slot, value).await
}

/// Takes a slot's value out of the keyring, where it stays. `None`: the keyring has none for this slot of this vault.
///
/// # Errors
/// [`KeyringError`]. `Locked` says nothing about whether there is a value.
pub async fn load(vault: VaultId, slot: SlotId) -> Result<Option<SecretBytes>, KeyringError> {
    load_within(LIMIT, vault, slot).await
}

/// Removes a slot's value from the keyring. Well when there is none.
///
/// # Errors
/// [`KeyringError`]. After `TimedOut` the value may be there or not.
pub async fn remove(vault: VaultId, slot: SlotId) -> Result<(), KeyringError> {
    remove_within(LIMIT, vault, slot).await
}

async fn store_within(limit: Duration, vault: VaultId, slot: SlotId, value: &SecretBytes) -> Result<(), KeyringError> {
    let value = value.duplicate();
    on_own_thread(limit, move || entry::store(&account(vault, slot), &value)).await
}

async fn load_within(limit: Duration, vault: VaultId, slot: SlotId) -> Result<Option<SecretBytes>, KeyringError> {
    on_own_thread(limit, move || entry::load(&account(vault, slot))).await
}

async fn remove_within(limit: Duration, vault: VaultId, slot: SlotId) -> Result<(), KeyringError> {
    on_own_thread(limit, move || entry::remove(&account(vault, slot))).await
}

fn account(vault: VaultId, slot: SlotId) -> String {
    format!("{vault}/{slot}")
}

impl KeyringError {
    fn refused(reason: impl Display) -> Self {
        Self::Refused { reason: reason.to_string() }
    }
}

/// Runs a call that may block for ever. Its thread is left behind when the time is up; what it brings later is wiped.
async fn on_own_thread<T: Send + 'static>(
    limit: Duration,
    call: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let turn = Turn::take().ok_or_else(|| KeyringError::refused(format_args!("{WAITING} earlier questions are unanswered")))?;
    let (tell, told) = oneshot::channel();
    let run = move || {
        let answer = call();
        drop(turn);
        // Nobody listens any more when the time is up.
        let _ = tell.send(answer);
    };
    thread::Builder::new().name("keyring".to_owned()).spawn(run).map_err(KeyringError::refused)?;
    match tokio::time::timeout(limit, told).await {
        Ok(answer) => answer.unwrap_or_else(|_| Err(KeyringError::refused("the call broke off"))),
        Err(_) => Err(KeyringError::TimedOut { seconds: limit.as_secs() }),
    }
}

/// One of the calls that may wait; gives its place back when dropped.
struct Turn;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Turn {
    fn take() -> Option<Self> {
        let one_more = |taken| (taken < WAITING).then_some(taken + 1);
        TAKEN.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok().map(|_| Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Where there is no keyring.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod entry {
    use beffroi_secret::SecretBytes;

    use super::KeyringError;

    pub(super) fn store(_account: &str, _value: &SecretBytes) -> Result<(), KeyringError> {
        Err(KeyringError::NotOfferedHere)
    }

    pub(super) fn load(_account: &str) -> Result<Option<SecretBytes>, KeyringError> {
        Err(KeyringError::NotOfferedHere)
    }

    pub(super) fn remove(_account: &str) -> Result<(), KeyringError> {
        Err(KeyringError::NotOfferedHere)
    }
}
