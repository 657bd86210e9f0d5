//! Applications: catalogs, and the forms that their manifests and panels make.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use beffroi_domain::HostId;
use beffroi_yunohost::catalog::{Catalog, CatalogError, HostCatalog};
use beffroi_yunohost::manifest::{Manifest, Panel};
use beffroi_yunohost::{Cause, Origin, PanelOf, ReadError, read_manifest, read_panels};

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, now_ms};

/// A catalog of applications, of a host or of a file.
#[derive(Debug, Clone)]
pub struct KnownCatalog {
    /// What is in it.
    pub host: HostCatalog,
    /// When it was read, in milliseconds since 1970.
    pub read_ms: u64,
}

/// Hosts whose catalogs are remembered until the vault is locked: the public one takes about a megabyte.
const MOST_KNOWN: usize = 16;

impl App {
    /// The catalog that a host keeps. It is read once and remembered while the vault is open, unless `refresh`.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; [`Cause::CatalogUnreachable`] where it keeps none.
    pub async fn host_catalog(&self, host: &str, refresh: bool) -> Result<Arc<KnownCatalog>, AppError> {
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        if let Some(known) = session.known_catalog(target.host).filter(|_| !refresh) {
            return Ok(known);
        }
        let remote = session.connect_as(&target, Rights::Most).await?;
        let read = HostCatalog::read(remote.as_ref(), "").await.map_err(|error| {
            let refused = |cause, said| AppError::Yunohost { cause, about: host.to_owned(), said };
            match error {
                CatalogError::Remote(error) => AppError::Remote(error),
                CatalogError::None => refused(Cause::CatalogUnreachable, String::new()),
                CatalogError::NotUnderstood { message } => refused(Cause::AnswerNotUnderstood, message),
            }
        })?;
        let known = Arc::new(KnownCatalog { host: read, read_ms: now_ms() });
        session.remember_catalog(target.host, &known);
        Ok(known)
    }

    /// The catalog in a file of this machine, in the form in which YunoHost keeps it.
    ///
    /// # Errors
    /// [`AppError::LocalFile`] and [`AppError::NoCatalog`].
    pub async fn file_catalog(&self, path: &Path) -> Result<Arc<KnownCatalog>, AppError> {
        let path = path.to_owned();
        let reading = move || {
            let bytes = std::fs::read(&path).map_err(|error| AppError::LocalFile { path: path.clone(), reason: error.to_string() })?;
            let catalog = Catalog::from_file(&bytes).map_err(|why| AppError::NoCatalog { path, why })?;
            Ok(Arc::new(KnownCatalog { host: HostCatalog { catalog, ..HostCatalog::default() }, read_ms: now_ms() }))
        };
        tokio::task::spawn_blocking(reading).await.map_err(AppError::internal)?
    }

    /// The manifest of what could be installed on a host from a source, with the choices that this host has; else of what is
    /// installed there under this name.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; when the host cannot be asked, or neither is there.
    pub async fn manifest(&self, host: &str, source: &str) -> Result<(Manifest, Origin), AppError> {
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let remote = session.connect_as(&target, Rights::Most).await?;
        read_manifest(remote.as_ref(), source).await.map_err(|error| refused(error, source))
    }

    /// A configuration panel of a host, whole, without its secrets.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; when the host cannot be asked, or has no such panel.
    pub async fn panels(&self, host: &str, of: PanelOf<'_>) -> Result<Vec<Panel>, AppError> {
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let remote = session.connect_as(&target, Rights::Most).await?;
        let about = match of {
            PanelOf::App(name) | PanelOf::Domain(name) => name,
            PanelOf::Settings => host,
        };
        read_panels(remote.as_ref(), of).await.map_err(|error| refused(error, about))
    }
}

fn refused(error: ReadError, about: &str) -> AppError {
    match error {
        ReadError::Remote(error) => AppError::Remote(error),
        ReadError::Refused { cause, message } => AppError::Yunohost { cause, about: about.to_owned(), said: message },
    }
}

impl Session {
    fn known_catalog(&self, host: HostId) -> Option<Arc<KnownCatalog>> {
        self.catalogs.lock().unwrap_or_else(PoisonError::into_inner).get(&host).cloned()
    }

    fn remember_catalog(&self, host: HostId, catalog: &Arc<KnownCatalog>) {
        let mut known = self.catalogs.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN
            && let Some(oldest) = known.iter().min_by_key(|(_, known)| known.read_ms).map(|(host, _)| *host)
        {
            known.remove(&oldest);
        }
        known.insert(host, Arc::clone(catalog));
    }

    /// Forgets a host's catalog, which is about to be another.
    pub(crate) fn forget_catalog(&self, host: HostId) {
        self.catalogs.lock().unwrap_or_else(PoisonError::into_inner).remove(&host);
    }
}
