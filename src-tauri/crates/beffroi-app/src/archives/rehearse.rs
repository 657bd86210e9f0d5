//! Rehearsing: whether an archive could be restored, without restoring it anywhere.

use std::collections::BTreeSet;

use beffroi_domain::Message;
use beffroi_remote::Transfer;
use beffroi_yunohost::archive::{ArchiveInfo, Listed};

use super::About;
use super::check::read_through;
use super::list::KeptBackup;
use super::pull::Telling;
use crate::vaults::Check;
use crate::{App, AppError, now_ms};

/// What to rehearse.
#[derive(Debug, Clone, Default)]
pub struct RehearsalOrder {
    /// Which archive.
    pub archive: String,
    /// What its progress is told under, and what it is cancelled by.
    pub called: Option<String>,
}

/// What a rehearsal found.
#[derive(Debug)]
pub struct Rehearsal {
    /// The archive.
    pub kept: KeptBackup,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What was looked at, and whether it held.
    pub checks: Vec<Check>,
    /// Entries in it.
    pub entries: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Entries that no backup has.
    pub odd: Vec<String>,
}

impl App {
    /// Checks every chunk of an archive, reads its table of contents, and holds that against what it says of itself.
    ///
    /// # Errors
    /// [`crate::BackupError::NotFound`]; [`AppError::CopyCancelled`]. What is wrong with it is in the answer.
    pub async fn rehearse_backup(
        &self,
        order: &RehearsalOrder,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Rehearsal, AppError> {
        let session = self.session()?;
        let work = async {
            let archive = order.archive.clone();
            let (stored, kept) = session.blocking(move |session| session.find_backup(&archive)).await?;
            let folder = stored.value.folder.clone();
            let (reader, about) = session.blocking(move |session| session.open_archive(&folder)).await?;
            let mut telling = Telling::new(&session, order.called.as_deref(), &about.name, progress);
            let (about, read) = read_through(reader, about, &mut telling).await?;
            let whole = read.is_ok();
            let listed = read.ok().and_then(Result::ok);
            let mut checks = vec![Check::new(Message::new("rehearse.chunks"), whole, "rehearse.why.chunks")];
            checks.push(Check::new(Message::new("rehearse.listing"), listed.is_some(), "rehearse.why.listing"));
            let listed = listed.unwrap_or_default();
            if whole {
                checks.extend(compared(&about, &listed));
            }
            let Listed { entries, bytes, odd, .. } = listed;
            Ok(Rehearsal { kept, at_ms: now_ms(), checks, entries, bytes, odd })
        };
        session.told_to_stop(order.called.as_deref(), Box::pin(work)).await
    }
}

/// What an archive says of itself, held against what stands in it.
fn compared(about: &About, listed: &Listed) -> Vec<Check> {
    let inside = listed.info.as_deref().and_then(ArchiveInfo::read);
    let said = inside.is_some();
    let same = inside == about.read_info();
    let info = inside.unwrap_or_default();
    let wanted: BTreeSet<&String> = info.apps.keys().collect();
    let there: BTreeSet<&String> = listed.apps.keys().collect();
    let names = |names: Vec<&&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let (missing, more) = (names(wanted.difference(&there).collect()), names(there.difference(&wanted).collect()));
    let apps = Message::new("rehearse.apps").with("count", info.apps.len()).with("missing", &missing).with("more", &more);
    vec![
        Check::new(Message::new("rehearse.info"), said && same, "rehearse.why.info"),
        Check::new(apps, missing.is_empty() && more.is_empty(), "rehearse.why.apps"),
        Check::new(Message::new("rehearse.odd").with("count", listed.odd_count), listed.odd_count == 0, "rehearse.why.odd"),
    ]
}
