//! Files that are not whole yet: beside their destination, and gone unless they are kept.

use std::fs::{File, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

use super::session::Sftp;

/// Bytes of a name that are kept in its part's name: with what follows it stays within the 255 of common file systems.
const MOST_NAME: usize = 200;

/// What stands between the name of a file and the random part of its part's name.
const MARK: &str = ".beffroi-part-";

/// `NAME.beffroi-part-RANDOM`, with 64 random bits; `None` when the system gives no randomness.
pub(super) fn part_name(name: &str) -> Option<String> {
    let random = getrandom::u64().ok()?;
    Some(format!("{}{MARK}{random:016x}", stem(name)))
}

/// As much of a name as its part's name keeps.
pub(super) fn stem(name: &str) -> &str {
    let kept = name.char_indices().map(|(at, character)| at + character.len_utf8()).take_while(|end| *end <= MOST_NAME).last();
    name.get(..kept.unwrap_or(0)).unwrap_or_default()
}

/// Whether a name is that of a part of a file of this name.
pub(super) fn is_part_of(part: &str, name: &str) -> bool {
    let random = part.strip_prefix(stem(name)).and_then(|rest| rest.strip_prefix(MARK));
    random.is_some_and(|random| random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// How many removals of what copies left on hosts are under way, in tasks of their own.
static REMOVALS: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

struct Removal;

impl Drop for Removal {
    fn drop(&mut self) {
        REMOVALS.send_modify(|count| *count -= 1);
    }
}

/// Removes what a copy that was given up left on its host, when somebody waits for it no more.
pub(super) fn remove_later(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        REMOVALS.send_modify(|count| *count += 1);
        let removal = Removal;
        runtime.spawn(async move {
            work.await;
            drop(removal);
        });
    }
}

/// Waits until what copies that were given up left on hosts is removed, so long at most: a host that is gone keeps it.
pub async fn left_no_more(most: Duration) {
    let _ = tokio::time::timeout(most, REMOVALS.subscribe().wait_for(|count| *count == 0)).await;
}

/// A part on the host: gone when it is dropped, unless it became the file or is to be gone on with.
pub(super) struct RemotePart {
    session: Sftp,
    path: Option<String>,
}

impl RemotePart {
    /// One that is `left` stays where it is, whatever happens.
    pub(super) fn new(session: &Sftp, path: &str, left: bool) -> Self {
        Self { session: session.clone(), path: (!left).then(|| path.to_owned()) }
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
        remove_later(async move {
            let _ = tokio::time::timeout(Duration::from_secs(10), session.raw.remove(path)).await;
        });
    }
}

/// A part here, under the same rule.
pub(super) struct LocalPart(Option<PathBuf>);

impl LocalPart {
    pub(super) fn new(path: &Path, left: bool) -> Self {
        Self((!left).then(|| path.to_owned()))
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

/// Takes up the largest part that an earlier copy left beside the destination, under the new name. What is not a plain
/// file once it has that name is not ours, and is left out.
pub(super) fn take_local(destination: &Path, part: &Path) -> Option<File> {
    let name = destination.file_name()?.to_str()?;
    let folder = destination.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parts = std::fs::read_dir(folder).ok()?.flatten();
    let parts = parts.filter(|entry| entry.file_name().to_str().is_some_and(|found| is_part_of(found, name)));
    let sized = parts.filter_map(|entry| Some((entry.metadata().ok().filter(Metadata::is_file)?.len(), entry.path())));
    let (_, found) = sized.max()?;
    std::fs::rename(found, part).ok()?;
    if !std::fs::symlink_metadata(part).ok()?.is_file() {
        return None;
    }
    OpenOptions::new().read(true).write(true).open(part).ok()
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

    #[test]
    fn parts_are_known_by_their_names() {
        for name in ["a", "é x", &"é".repeat(127)] {
            let part = part_name(name).expect("randomness");
            assert!(is_part_of(&part, name) && !is_part_of(&part, "b") && !is_part_of(name, name), "{part}");
            assert!(!is_part_of(&format!("{part}0"), name));
        }
    }
}
