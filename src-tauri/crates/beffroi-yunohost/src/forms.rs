//! What is read before a form is shown: manifests and configuration panels, one round trip each.

use beffroi_remote::{Remote, RemoteError};
use serde_json::Value;

use crate::Cause;
use crate::ask::{Answer, ask};
use crate::manifest::{Manifest, Panel};
use crate::operation::{Question, question};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The host cannot be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// YunoHost refused to answer, or its answer is not understood.
    #[error("the host did not answer: {cause:?}: {message}")]
    Refused {
        /// Why.
        cause: Cause,
        /// Its own words, cleaned, 4 KiB at most.
        message: String,
    },
}

/// What a manifest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// What would be installed: of the catalog, of a folder, of an address.
    Package,
    /// What is installed: its questions were answered.
    Installed,
}

/// A configuration panel, as YunoHost has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelOf<'a> {
    /// Of an application, by its instance.
    App(&'a str),
    /// Of a domain.
    Domain(&'a str),
    /// Of YunoHost itself.
    Settings,
}

impl PanelOf<'_> {
    /// The question for the whole of it. Passwords stand in the answer in clear: the reader drops them.
    fn question(self) -> Question {
        match self {
            Self::App(app) => question(&["app", "config", "get", app, "--full"]),
            Self::Domain(domain) => question(&["domain", "config", "get", domain, "--full"]),
            Self::Settings => question(&["settings", "list", "--full"]),
        }
    }
}

/// Reads the manifest of what could be installed from a source (a name of the catalog, a path on the host, an address), with the
/// choices that this host has; where there is nothing, that of an application that is installed under this name.
///
/// # Errors
/// [`ReadError`]; why it cannot be installed, where neither is there.
pub async fn read_manifest(remote: &dyn Remote, source: &str) -> Result<(Manifest, Origin), ReadError> {
    let is_name = !source.contains('/');
    let mut questions = vec![question(&["app", "manifest", source])];
    if is_name {
        questions.push(question(&["app", "info", source, "--full"]));
    }
    let answers = ask(remote, &questions).await?;
    let package = read(answers.first(), Manifest::read);
    let (Err(refused), Some(installed)) = (&package, answers.get(1)) else {
        return package.map(|manifest| (manifest, Origin::Package));
    };
    tracing::debug!(%source, error = %refused, "read as what is installed");
    let installed = read(Some(installed), |info| Manifest::read(info.get("manifest")?));
    installed.map(|manifest| (manifest, Origin::Installed)).or_else(|_| package.map(|manifest| (manifest, Origin::Package)))
}

/// Reads a whole configuration panel with what it holds, but secrets.
///
/// # Errors
/// [`ReadError`]; [`Cause::ConfigPanelMissing`] where an application has none.
pub async fn read_panels(remote: &dyn Remote, of: PanelOf<'_>) -> Result<Vec<Panel>, ReadError> {
    let answers = ask(remote, &[of.question()]).await?;
    read(answers.first(), Panel::read_all)
}

fn read<T>(answer: Option<&Answer>, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, ReadError> {
    let refused = |(cause, message)| ReadError::Refused { cause, message };
    let not_understood = || ReadError::Refused { cause: Cause::AnswerNotUnderstood, message: String::new() };
    read(&answer.ok_or_else(not_understood)?.json().map_err(refused)?).ok_or_else(not_understood)
}
