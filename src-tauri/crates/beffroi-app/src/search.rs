//! Finding hosts and secrets by a part of their name.

use beffroi_domain::{HostId, SecretId};

use crate::session::Session;
use crate::{App, AppError};

/// A host or a secret.
#[derive(Debug, Clone)]
pub struct Found {
    /// `host` or `secret`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
}

const MOST_FOUND: u32 = 200;

impl App {
    /// Hosts and secrets whose names contain a text; those that begin with it come first.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn search(&self, text: &str, limit: u32) -> Result<Vec<Found>, AppError> {
        let text = text.to_owned();
        self.session()?
            .blocking(move |session| {
                let found = session.catalog.read(|reader| reader.search(&text, limit.clamp(1, MOST_FOUND)))?;
                let hosts = found.hosts.into_iter().map(|(id, name)| (Kind::Host(id), name));
                let secrets = found.secrets.into_iter().map(|(id, name)| (Kind::Secret(id), name));
                hosts.chain(secrets).map(|(kind, name)| session.found(kind, name)).collect()
            })
            .await
    }
}

enum Kind {
    Host(HostId),
    Secret(SecretId),
}

impl Session {
    fn found(&self, kind: Kind, name: String) -> Result<Found, AppError> {
        let (kind, compartment) = match kind {
            Kind::Host(id) => ("host", self.catalog.read(|reader| reader.target(id))?.map(|row| row.compartment)),
            Kind::Secret(id) => ("secret", self.catalog.read(|reader| reader.sealed_secret(id))?.map(|(row, _)| row.compartment)),
        };
        Ok(Found { kind, name, stage: compartment.map(|compartment| self.stage_of(compartment)).unwrap_or_default() })
    }
}
