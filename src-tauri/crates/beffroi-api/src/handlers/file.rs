//! Files and trees copied to and from hosts.

use std::path::Path;

use beffroi_app::{CopiedFiles, CopyOrder};
use beffroi_domain::Message;
use beffroi_remote::{CopyNote, CopyOptions, Transfer};

use crate::handlers::host::{milliseconds, on};
use crate::wire::{CopiedFile, CopyFile, CopyName, Done};
use crate::{Api, ApiError};

impl Api {
    /// `put`
    pub async fn put(&self, request: CopyFile) -> Result<CopiedFile, ApiError> {
        self.put_with(request, &mut |_| {}).await
    }

    /// `get`
    pub async fn get(&self, request: CopyFile) -> Result<CopiedFile, ApiError> {
        self.get_with(request, &mut |_| {}).await
    }

    /// `copy_cancel`
    pub async fn copy_cancel(&self, request: CopyName) -> Result<Done, ApiError> {
        self.app().cancel_copy(&request.name)?;
        Ok(Done {})
    }

    /// `put`, telling how far it is.
    pub async fn put_with(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        let (local, order) = order(request);
        let copied = self.app().put(Path::new(&local), &order, progress).await;
        copied.map(wire).map_err(|error| on(error, &order.host))
    }

    /// `get`, telling how far it is.
    pub async fn get_with(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        let (local, order) = order(request);
        let copied = self.app().get(Path::new(&local), &order, progress).await;
        copied.map(wire).map_err(|error| on(error, &order.host))
    }
}

fn order(request: CopyFile) -> (String, CopyOrder) {
    let CopyFile { host, local, remote, typed, root, resume, whole, times, name } = request;
    let options = CopyOptions { resume, delta: !whole, times, ..CopyOptions::default() };
    (local, CopyOrder { host, remote, options, root, typed, name })
}

fn wire(done: CopiedFiles) -> CopiedFile {
    let copied = done.copied;
    let more = (copied.more_notes > 0).then(|| Message::new("copy.more-notes").with("count", copied.more_notes));
    CopiedFile {
        bytes: copied.bytes,
        files: copied.files,
        sha256: copied.sha256.map(|sum| beffroi_app::hex(&sum)),
        verified: copied.verified,
        resumed: copied.resumed,
        unchanged: copied.unchanged,
        notes: copied.notes.into_iter().map(note).chain(more).map(|message| (&message).into()).collect(),
        duration_ms: milliseconds(done.took),
    }
}

fn note(note: CopyNote) -> Message {
    match note {
        CopyNote::NotVerified => Message::new("copy.not-verified"),
        CopyNote::NotResumed => Message::new("copy.not-resumed"),
        CopyNote::NoDifferences => Message::new("copy.no-differences"),
        CopyNote::NotPacked => Message::new("copy.not-packed"),
        CopyNote::Special { path } => Message::new("copy.special").with("path", path),
        CopyNote::LinkOutside { path } => Message::new("copy.link-outside").with("path", path),
        CopyNote::Name { path } => Message::new("copy.name").with("path", path),
    }
}
