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
            Change::Stages => Event::StagesChanged,
            Change::Progress { work, done, total } => Event::Progress { work: work.to_owned(), done, total },
            Change::Secrets => Event::SecretsChanged,
            Change::People => Event::PeopleChanged,
            Change::Copy { name, at } => Event::Copy {
                name: name.to_string(),
                done: at.done,
                total: at.total,
                files_done: at.files_done,
                files: at.files,
                current: at.current.to_string(),
            },
            Change::Job(job) => Event::JobChanged { job: job.to_string() },
            Change::JobOutput(job) => Event::JobOutput { job: job.to_string() },
            Change::RunProgress { run, done, total, failed } => Event::RunProgress { run: run.to_string(), done, total, failed },
            Change::Certificates => Event::CertificatesChanged,
            Change::Recipes => Event::RecipesChanged,
            Change::Rotation { secret, host, step } => {
                Event::RotationProgress { secret: secret.to_string(), host: host.to_string(), step: crate::handlers::rotation::step(step) }
            }
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

    /// How many vaults are open in this process.
    #[must_use]
    pub fn open_vaults(&self) -> usize {
        self.app.open_vaults()
    }

    /// Locks every open vault because nobody is there: the keyring alone opens none of them until somebody proves to be.
    ///
    /// # Errors
    /// When a journal cannot be written; the vaults are locked all the same.
    pub async fn lock_for_absence(&self) -> Result<(), ApiError> {
        Ok(self.app.lock_for_absence().await?)
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}
