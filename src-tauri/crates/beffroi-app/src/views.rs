//! Views of the fleet that somebody keeps: in the vault, because their names and selectors name clients.

use serde::{Deserialize, Serialize};

use crate::{App, AppError};

/// A way to look at the fleet, under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetView {
    /// What it is called.
    pub name: String,
    /// What stands in the search field.
    pub filter: String,
    /// Which of the tabs.
    pub tab: String,
    /// The column that the hosts are sorted by.
    pub sort: String,
    /// Whether the last come first.
    pub descending: bool,
    /// What the hosts are grouped by; empty when not.
    pub group: String,
    /// The columns, in their order; empty for those that are there by default.
    pub columns: Vec<String>,
}

const VIEWS: &str = "fleet-views";
/// Views of a vault.
const MOST_VIEWS: usize = 100;
/// Bytes of all of them: what the page sends is kept, so it is counted.
const MOST_BYTES: usize = 256 << 10;

impl App {
    /// The views that are kept, in their order.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn fleet_views(&self) -> Result<Vec<FleetView>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| match session.catalog.read(|reader| reader.setting(VIEWS))? {
                Some(text) => serde_json::from_str(&text).map_err(AppError::damaged),
                None => Ok(Vec::new()),
            })
            .await
    }

    /// Keeps these views in the place of those that were kept. The journal says nothing about it: no host and no secret
    /// changes.
    ///
    /// # Errors
    /// For a name that is empty or there twice, for too many of them, and when the vault takes no changes.
    pub async fn keep_fleet_views(&self, views: Vec<FleetView>) -> Result<(), AppError> {
        let twice = views.iter().enumerate().any(|(at, view)| views.iter().take(at).any(|other| other.name == view.name));
        if twice || views.len() > MOST_VIEWS || views.iter().any(|view| view.name.trim().is_empty()) {
            return Err(AppError::InvalidRequest { what: "at most 100 views, each with a name of its own" });
        }
        let text = serde_json::to_string(&views).map_err(AppError::internal)?;
        if text.len() > MOST_BYTES {
            return Err(AppError::InvalidRequest { what: "views take 262,144 bytes at most" });
        }
        let session = self.session()?;
        session.blocking(move |session| session.write(|writer| Ok(writer.set_setting(VIEWS, &text)?))).await
    }
}
