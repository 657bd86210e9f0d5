//! Finding hosts by a part of their name, and secrets by what stands beside their values.

mod index;
mod words;

pub(crate) use index::SecretIndex;

use crate::session::Session;
use crate::{App, AppError};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundKind {
    /// Hosts.
    Host,
    /// Secrets.
    Secret,
}

/// What something was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// Its name.
    Name,
    /// Its title.
    Title,
    /// Its account.
    Account,
    /// One of its addresses.
    Address,
    /// One of its tags.
    Tag,
    /// One of its groups.
    Group,
    /// A field of its own.
    Field,
    /// A host that is given it.
    Host,
}

/// A host or a secret.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which of them.
    pub kind: FoundKind,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// By what.
    pub by: FoundBy,
    /// The text that it was found by; empty for the name.
    pub text: String,
}

const MOST_FOUND: u32 = 500;

impl App {
    /// Hosts whose names contain a text, those that begin with it first; and secrets that have every word of it in their
    /// names, titles, accounts, addresses, tags, groups, visible fields or hosts, the nearest first. For secrets neither case
    /// nor accents count, and a word of four letters may have a mistake. Values, notes and hidden fields are not searched;
    /// of a sealed stage only names and hosts are. At most `limit` of each, 500 in all cases.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn search(&self, text: &str, only: Option<FoundKind>, limit: u32) -> Result<Vec<Found>, AppError> {
        let text = text.to_owned();
        let most = limit.clamp(1, MOST_FOUND);
        self.session()?
            .blocking(move |session| {
                let mut found = match only {
                    None | Some(FoundKind::Host) => session.find_hosts(&text, most)?,
                    Some(FoundKind::Secret) => Vec::new(),
                };
                if only != Some(FoundKind::Host) {
                    found.extend(session.find_secrets(&words::words(&text), usize::try_from(most).unwrap_or(usize::MAX))?);
                }
                Ok(found)
            })
            .await
    }
}

impl Session {
    fn find_hosts(&self, text: &str, most: u32) -> Result<Vec<Found>, AppError> {
        let hosts = self.catalog.read(|reader| reader.search_hosts(text, most))?;
        let found = hosts.into_iter().map(|(id, name)| {
            let compartment = self.catalog.read(|reader| reader.target(id))?.map(|row| row.compartment);
            let stage = compartment.map(|compartment| self.stage_of(compartment)).unwrap_or_default();
            Ok(Found { kind: FoundKind::Host, name, stage, by: FoundBy::Name, text: String::new() })
        });
        found.collect()
    }
}
