//! Files that are not whole yet: beside their destination, and gone unless they are kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Sftp;

/// Bytes of a name that are kept in its part's name: with what follows it stays within the 255 of common file systems.
const MOST_NAME: usize = 200;

/// `NAME.beffroi-part-RANDOM`, with 64 random bits; `None` when the system gives no randomness.
pub(super) fn part_name(name: &str) -> Option<String> {
    let random = getrandom::u64().ok()?;
    let mut kept = 0;
    for (at, character) in name.char_indices() {
        if at + character.len_utf8() > MOST_NAME {
            break;
        }
        kept = at + character.len_utf8();
    }
    let stem = name.get(..kept).unwrap_or_default();
    Some(format!("{stem}.beffroi-part-{random:016x}"))
}

/// A part on the host.
pub(super) struct RemotePart {
    session: Sftp,
    path: Option<String>,
}

impl RemotePart {
    pub(super) fn new(session: &Sftp, path: String) -> Self {
        Self { session: session.clone(), path: Some(path) }
    }

    /// It became the file.
    pub(super) fn keep(mut self) {
        self.path = None;
    }

    /// Removes it now, so that it is gone when the error is told.
    pub(super) async fn remove(mut self) {
        if let Some(path) = self.path.take() {
            // A host that is gone keeps it; there is nothing else to tell than the first error.
            let _ = self.session.raw.remove(path).await;
        }
    }
}

impl Drop for RemotePart {
    fn drop(&mut self) {
        let Some(path) = self.path.take() else { return };
        let session = self.session.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { tokio::time::timeout(Duration::from_secs(10), session.raw.remove(path)).await });
        }
    }
}

/// A part here.
pub(super) struct LocalPart(Option<PathBuf>);

impl LocalPart {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// It became the file.
    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for LocalPart {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // One call on a local file: not worth a task, and drop cannot wait.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Where a local file goes: into `to` under `name` when `to` is a folder.
pub(super) async fn local_destination(to: &Path, name: &str) -> PathBuf {
    match tokio::fs::metadata(to).await {
        Ok(found) if found.is_dir() => to.join(name),
        _ => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_names_differ_and_stay_within_255_bytes() {
        let (one, two) = (part_name("a"), part_name("a"));
        assert!(one.is_some() && one != two);
        let long = part_name(&"é".repeat(127)).expect("randomness");
        assert!(long.len() <= 255 && long.starts_with('é'), "{long}");
    }
}
