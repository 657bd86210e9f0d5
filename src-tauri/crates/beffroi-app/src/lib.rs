//! Use cases: joins vault, store, SSH and YunoHost; plans, jobs, journal, ledger.
//!
//! [`App`] is the whole of what the desktop and the command line can do. It speaks domain types; wire types and words
//! for people are the edge's. What is deliberately missing: knowledge of who is asking, and any secret in an answer but
//! the recovery words of a vault that was just made.

mod action;
mod connections;
mod error;
mod files;
mod hosts;
mod jobs;
mod journal;
mod places;
mod plans;
mod run;
mod secrets;
mod session;
mod surveys;
mod vaults;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use beffroi_domain::{JobId, PlanId};

pub use action::Action;
pub use error::AppError;
pub use files::Copied;
pub use hosts::{HostFacts, HostTest, NewHost, TestStep};
pub use jobs::{JobFacts, OutputNote, OutputText, StoredMessage, StoredPart, StoredStep};
pub use journal::{JournalFacts, JournalLine, hex};
pub use places::Places;
pub use plans::{MadePlan, RefusedHost};
pub use run::{RunAnswer, RunOrder};
pub use secrets::SecretFacts;
pub use surveys::{Survey, SurveyAnswer};
pub use vaults::{Check, KnownVault, StageFacts, UnlockWith, VaultFacts};

use plans::Pending;
use session::Session;

/// Something changed that others may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A vault was opened or locked.
    Vault,
    /// Hosts or their facts changed.
    Hosts,
    /// Secrets changed.
    Secrets,
    /// A job or a step of it changed state.
    Job(JobId),
    /// A job has more output.
    JobOutput(JobId),
    /// The journal grew.
    Journal,
}

/// Hears of changes. Called from many tasks; must not block.
pub trait Listener: Send + Sync {
    /// Something changed.
    fn heard(&self, change: Change);
}

/// Everything that can be done.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    places: Places,
    listener: Arc<dyn Listener>,
    session: RwLock<Option<Arc<Session>>>,
    plans: Mutex<HashMap<PlanId, Pending>>,
}

impl App {
    /// Starts without an open vault.
    #[must_use]
    pub fn new(places: Places, listener: Arc<dyn Listener>) -> Self {
        Self { inner: Arc::new(Inner { places, listener, session: RwLock::default(), plans: Mutex::default() }) }
    }

    /// The open vault.
    pub(crate) fn session(&self) -> Result<Arc<Session>, AppError> {
        self.inner.session.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(AppError::Locked)
    }

    fn set_session(&self, session: Option<Arc<Session>>) -> Option<Arc<Session>> {
        std::mem::replace(&mut *self.inner.session.write().unwrap_or_else(PoisonError::into_inner), session)
    }

    fn plans(&self) -> std::sync::MutexGuard<'_, HashMap<PlanId, Pending>> {
        self.inner.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}
