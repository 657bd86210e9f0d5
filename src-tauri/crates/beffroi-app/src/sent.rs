//! What is sent to a host to be used by a job there: packages of applications, a catalog. Each lies in a folder of its own, which
//! the ledger knows from before it is made, and which goes when its job succeeded, at `host clean`, or at `host detach`.

use std::path::Path;
use std::sync::Arc;

use beffroi_domain::{HostId, TargetRecord};
use beffroi_remote::{CommandLine, CopyOptions, Links, Remote, RemoteError, RunRequest};
use beffroi_store::table::ledger::LedgerRow;
use beffroi_yunohost::LocalPackage;
use beffroi_yunohost::catalog::Catalog;
use beffroi_yunohost::manifest::Manifest;
use sha2::{Digest, Sha256};

use crate::catalogs::BEFORE;
use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, Change, now_ms};

/// In the ledger.
pub(crate) const SENT: &str = "sent";
/// Runs on the host: see the text itself.
const PLACE_SH: &str = concat!(include_str!("../../../../assets/remote/home.sh"), include_str!("../../../../assets/remote/place.sh"));
/// What a catalog's file is called in its place.
const CATALOG: &str = "catalog.json";

/// What was sent, and where it lies: the same path on each host.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The path on the hosts.
    pub path: String,
    /// The hosts.
    pub hosts: Vec<String>,
}

/// A package of an application that was sent.
#[derive(Debug, Clone)]
pub struct SentPackage {
    /// Where it lies.
    pub sent: Sent,
    /// Its manifest, without the choices of a host.
    pub manifest: Manifest,
}

/// A catalog that was sent.
#[derive(Debug, Clone)]
pub struct SentCatalog {
    /// Where it lies.
    pub sent: Sent,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// How many applications are in it.
    pub apps: usize,
}

impl App {
    /// Looks at a folder or an archive of this machine, without sending it anywhere.
    ///
    /// # Errors
    /// [`AppError::NoPackage`] when it is no package of an application.
    pub async fn local_package(&self, path: &Path) -> Result<LocalPackage, AppError> {
        self.session()?;
        let path = path.to_owned();
        let reading = move || LocalPackage::read(&path).map_err(|why| AppError::NoPackage { path, why });
        tokio::task::spawn_blocking(reading).await.map_err(AppError::internal)?
    }

    /// Sends a package of this machine to the selected hosts, one after the other, from which it can be installed there.
    ///
    /// # Errors
    /// [`AppError::NoPackage`]; those of the stages and of the hosts. What was sent before the first that failed stays in the ledger.
    pub async fn send_package(&self, on: &str, path: &Path, typed: Option<&str>) -> Result<SentPackage, AppError> {
        let package = self.local_package(path).await?;
        let sent = self.send(on, path, &package.file_name, typed).await?;
        Ok(SentPackage { sent, manifest: package.manifest })
    }

    /// Sends a catalog of this machine to the selected hosts, in the form in which YunoHost keeps it.
    ///
    /// # Errors
    /// [`AppError::NoCatalog`]; as those of [`App::send_package`].
    pub async fn send_catalog(&self, on: &str, path: &Path, typed: Option<&str>) -> Result<SentCatalog, AppError> {
        let from = path.to_owned();
        let read = move || -> Result<_, AppError> {
            let bytes = std::fs::read(&from).map_err(|error| AppError::LocalFile { path: from.clone(), reason: error.to_string() })?;
            let no_catalog = |why| AppError::NoCatalog { path: from.clone(), why };
            let apps = Catalog::from_file(&bytes).map_err(no_catalog)?.apps.len();
            let kept = beffroi_yunohost::catalog::as_kept(&bytes).map_err(no_catalog)?;
            let folder = tempfile::tempdir().map_err(AppError::internal)?;
            let file = folder.path().join(CATALOG);
            std::fs::write(&file, &kept).map_err(|error| AppError::LocalFile { path: file.clone(), reason: error.to_string() })?;
            Ok((folder, file, crate::hex(&Sha256::digest(&kept).into()), apps))
        };
        let (folder, file, sha256, apps) = tokio::task::spawn_blocking(read).await.map_err(AppError::internal)??;
        let sent = self.send(on, &file, CATALOG, typed).await;
        drop(folder);
        Ok(SentCatalog { sent: sent?, sha256, apps })
    }

    /// Removes what was sent to the selected hosts, unless a job was made of it: one that failed may be begun again with it.
    ///
    /// # Errors
    /// Those of the hosts.
    pub async fn drop_sent(&self, on: &str, path: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let Some(place) = place_of(path).map(str::to_owned) else { return Ok(()) };
        for target in session.select(on).await? {
            let host = target.host;
            let is_known = session.sent_places(host).await?.contains(&place);
            let needed = session.blocking(move |session| session.places_of_jobs(host, true)).await?;
            if is_known && !needed.contains(&place) {
                session.remove_sent(&target, std::slice::from_ref(&place)).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, on: &str, local: &Path, name: &str, typed: Option<&str>) -> Result<Sent, AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        session.allow_at_once(&targets, typed)?;
        let place = beffroi_domain::PlanId::make().to_string();
        let mut sent = Sent { path: String::new(), hosts: Vec::new() };
        for target in targets {
            let path = session.send(&target, &place, local, name).await?;
            if !sent.path.is_empty() && sent.path != path {
                return Err(AppError::InvalidRequest { what: "these hosts keep their state in different folders: send to one at a time" });
            }
            sent.path = path;
            sent.hosts.push(target.name.to_string());
        }
        session.listener.heard(Change::Hosts);
        Ok(sent)
    }
}

/// The place that a path on a host is in, if it is in one.
pub(crate) fn place_of(path: &str) -> Option<&str> {
    let (base, rest) = path.split_once("/sent/")?;
    let place = rest.split('/').next().filter(|place| !place.is_empty())?;
    let is_name = place.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (base.ends_with("/beffroi") && is_name).then_some(place)
}

fn row(place: &str, name: &str) -> LedgerRow {
    LedgerRow { kind: SENT.to_owned(), what: format!("{place}/{name}") }
}

impl Session {
    /// Sends something into a place of its own. Gives its path there.
    pub(crate) async fn send(self: &Arc<Self>, target: &TargetRecord, place: &str, local: &Path, name: &str) -> Result<String, AppError> {
        // As what YunoHost works: what root would run must be nobody else’s to change.
        let remote = self.connect_as(target, Rights::Most).await?;
        let host = target.host;
        // With the first catalog that is kept, what was there before is put aside there.
        let before = (name == CATALOG).then(|| row(BEFORE, "before"));
        let left: Vec<LedgerRow> = before.into_iter().chain([row(place, name)]).collect();
        self.blocking(move |session| {
            session.write(|writer| left.iter().try_for_each(|row| Ok::<_, AppError>(writer.note_left(host, row, now_ms())?)))
        })
        .await?;
        let made = in_place(remote.as_ref(), &["make", place]).await?;
        let folder = made.first().filter(|folder| folder.starts_with('/') && folder.ends_with(place));
        let folder = folder.ok_or_else(|| AppError::Remote(RemoteError::NotUnderstood { what: "a folder".to_owned() }))?;
        let path = format!("{folder}/{name}");
        let options = CopyOptions { links: Links::Keep, delta: false, ..CopyOptions::default() };
        // Into the folder where it goes by its own name: one that was sent before is gone on with, file by file.
        let to = if local.file_name().is_some_and(|own| own == name) { folder } else { &path };
        remote.put(local, to, &options, &mut |_| {}).await?;
        let values = vec![("local", local.display().to_string()), ("remote", path.clone())];
        self.journal_event("file-put", Some(target.host), values).await?;
        Ok(path)
    }

    /// Takes places away, and out of the ledger.
    pub(crate) async fn remove_sent(self: &Arc<Self>, target: &TargetRecord, places: &[String]) -> Result<(), AppError> {
        if places.is_empty() {
            return Ok(());
        }
        let known = self.sent_to(target.host).await?;
        let remote = self.connect_as(target, Rights::Most).await?;
        for place in places {
            in_place(remote.as_ref(), &["remove", place]).await?;
            let (host, gone): (HostId, Vec<LedgerRow>) = (target.host, known.iter().filter(|row| is_in(row, place)).cloned().collect());
            self.blocking(move |session| {
                session.write(|writer| gone.iter().try_for_each(|row| Ok::<_, AppError>(writer.note_removed(host, row, now_ms())?)))
            })
            .await?;
        }
        Ok(())
    }

    /// The places that this catalog's ledger knows on a host.
    pub(crate) async fn sent_places(self: &Arc<Self>, host: HostId) -> Result<Vec<String>, AppError> {
        let rows = self.sent_to(host).await?;
        Ok(rows.iter().filter_map(|row| row.what.split('/').next()).map(str::to_owned).collect())
    }

    async fn sent_to(self: &Arc<Self>, host: HostId) -> Result<Vec<LedgerRow>, AppError> {
        let known = self.blocking(move |session| Ok(session.catalog.read(|reader| reader.left_on(host))?)).await?;
        Ok(known.into_iter().filter(|row| row.kind == SENT).collect())
    }
}

fn is_in(row: &LedgerRow, place: &str) -> bool {
    row.what.split('/').next() == Some(place)
}

/// The lines that the host's side of places printed.
async fn in_place(remote: &dyn Remote, words: &[&str]) -> Result<Vec<String>, AppError> {
    let command = CommandLine::new([&["sh", "-c", PLACE_SH, "beffroi-place"], words].concat());
    let output = remote.run(RunRequest::new(command)).await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines().skip_while(|line| *line != "beffroi-place 1");
    if !output.exit.is_success() || lines.next().is_none() {
        let reason = beffroi_remote::clean(&String::from_utf8_lossy(&output.stderr));
        return Err(AppError::Remote(RemoteError::Refused { reason }));
    }
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_in_a_place_is_in_one() {
        assert_eq!(place_of("/var/lib/beffroi/sent/019a-bc/my_app_ynh"), Some("019a-bc"));
        assert_eq!(place_of("/home/x/.local/state/beffroi/sent/1/a.tar.gz"), Some("1"));
        for other in
            ["", "/root/app", "/root/sent/1/app", "/var/lib/beffroi/sent/", "/var/lib/beffroi/sent/../app", "https://x.test/sent/1/a"]
        {
            assert_eq!(place_of(other), None, "{other}");
        }
    }
}
