//! The entry: what answers commands, and the little it asks of who uses it.

use std::sync::Arc;

use beffroi_app::{App, Change, Listener, Places};

use crate::ApiError;
use crate::wire::Event;

/// What the desktop and the command line do differently.
pub trait Shell: Send + Sync {
    /// Something changed. Called from many tasks; must not block.
    fn notify(&self, event: Event);
}

/// Answers commands. One method per command of [`crate::COMMANDS`], and [`Api::call`] for all of them by name.
#[derive(Clone)]
pub struct Api {
    app: App,
}

struct Ear(Arc<dyn Shell>);

impl Listener for Ear {
    fn heard(&self, change: Change) {
        self.0.notify(match change {
            Change::Vault => Event::VaultChanged,
            Change::Hosts => Event::HostsChanged,
            Change::Secrets => Event::SecretsChanged,
            Change::Job(job) => Event::JobChanged { job: job.to_string() },
            Change::JobOutput(job) => Event::JobOutput { job: job.to_string() },
            Change::Journal => Event::JournalChanged,
        });
    }
}

impl Api {
    /// Starts without an open vault.
    #[must_use]
    pub fn new(places: Places, shell: Arc<dyn Shell>) -> Self {
        Self { app: App::new(places, Arc::new(Ear(shell))) }
    }

    /// The same, meaning one of the open vaults: by its id, its name or its folder.
    ///
    /// # Errors
    /// [`crate::ErrorCode::VaultLocked`] when no open vault is called so.
    pub fn on(&self, vault: &str) -> Result<Self, ApiError> {
        Ok(Self { app: self.app.on(vault)? })
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}
