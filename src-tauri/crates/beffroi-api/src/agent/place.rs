//! Where the process that holds the keys listens.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tokio::net::{UnixListener, UnixStream};

use crate::{ApiError, ErrorCode, Places};

const SOCKET: &str = "agent.sock";
const LOCK: &str = "agent.lock";
/// `sun_path` of Linux, without the byte that ends it. Other systems have a few less.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The socket of the process that holds the keys; at most one is there. It goes when this is dropped.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
    /// Released last, once the socket is gone.
    _lock: File,
}

impl Listener {
    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket was gone already");
        }
    }
}

/// Listens, unless another process does: then nothing. Takes the place of a process that ended without a word.
///
/// # Errors
/// [`ErrorCode::AgentFailed`] when the folder is not this person's own, or the system refuses.
pub fn listen(places: &Places) -> Result<Option<Listener>, ApiError> {
    let folder = folder(places);
    prepare(&folder).map_err(|error| failed(&folder, &error))?;
    let path = folder.join(SOCKET);
    take(&folder.join(LOCK), &path).map_err(|error| failed(&path, &error))
}

/// Whether the folder of the socket can be used.
///
/// # Errors
/// [`ErrorCode::AgentFailed`] when it cannot, and why.
pub fn is_ready(places: &Places) -> Result<(), ApiError> {
    let folder = folder(places);
    prepare(&folder).map_err(|error| failed(&folder, &error))
}

/// The socket, whether or not somebody listens there.
pub(crate) fn socket(places: &Places) -> PathBuf {
    folder(places).join(SOCKET)
}

/// Whether the other end of a connection runs under this process's user id.
pub(crate) fn is_ours(stream: &UnixStream) -> io::Result<bool> {
    Ok(is_own(stream.peer_cred()?.uid()))
}

fn is_own(uid: u32) -> bool {
    uid == rustix::process::geteuid().as_raw()
}

fn folder(places: &Places) -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|runtime| runtime.is_absolute() && is_own_folder(runtime)).map(|runtime| runtime.join("beffroi"));
    // Beside what this machine keeps of its vaults.
    let own = places.anchors().with_file_name("run");
    let fits = |folder: &PathBuf| folder.join(SOCKET).as_os_str().len() <= LONGEST;
    let short = || PathBuf::from(format!("/tmp/beffroi-{}", rustix::process::geteuid().as_raw()));
    runtime.into_iter().chain([own]).find(fits).unwrap_or_else(short)
}

fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir() && is_own(about.uid()))
}

/// Makes the folder, or makes sure that what is there is this person's, is no link, and is nobody else's to read.
fn prepare(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let opened = File::options().read(true).custom_flags(flags(OFlags::DIRECTORY | OFlags::NOFOLLOW)).open(folder)?;
    if !is_own(opened.metadata()?.uid()) {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it belongs to somebody else"));
    }
    opened.set_permissions(fs::Permissions::from_mode(0o700))
}

/// Listens at `path` if the lock is free.
fn take(lock: &Path, path: &Path) -> io::Result<Option<Listener>> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600).custom_flags(flags(OFlags::NOFOLLOW));
    let mut lock = options.open(lock)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // For people who look: nothing relies on it.
    lock.set_len(0)?;
    lock.write_all(std::process::id().to_string().as_bytes())?;
    // Whoever made what is there has not got the lock: it ended.
    match fs::symlink_metadata(path) {
        Ok(left) if left.file_type().is_socket() => fs::remove_file(path)?,
        Ok(_) => return Err(io::Error::new(ErrorKind::AlreadyExists, "something else is there")),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let socket = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(Some(Listener { socket, path: path.to_owned(), _lock: lock }))
}

fn flags(flags: OFlags) -> i32 {
    // The system's flags have one bit each of an integer that C calls int.
    flags.bits().cast_signed()
}

fn failed(path: &Path, error: &io::Error) -> ApiError {
    ApiError::new(ErrorCode::AgentFailed).with("reason", format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn one_listens_and_another_takes_over_what_was_left_behind() {
        let folder = tempfile::tempdir().expect("a temporary folder").keep().join("run");
        prepare(&folder).expect("it can be made");
        let (lock, path) = (folder.join(LOCK), folder.join(SOCKET));
        let first = take(&lock, &path).expect("it can be taken").expect("nobody is there");
        assert_eq!((mode(&folder), mode(&path), mode(&lock)), (0o700, 0o600, 0o600));
        assert!(take(&lock, &path).expect("it can be asked").is_none(), "there are two");
        drop(first);
        assert!(!path.exists(), "the socket is left behind");
        // As a killed process leaves it.
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket can be made"));
        assert!(path.exists());
        let second = take(&lock, &path).expect("it can be taken").expect("nobody is there");
        assert!(UnixStream::connect(second.path()).await.is_ok());
        drop(second);
        fs::remove_dir_all(folder.parent().expect("a temporary folder")).expect("it can be removed");
    }

    #[tokio::test]
    async fn a_link_or_another_file_is_not_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let real = folder.path().join("real");
        prepare(&real).expect("it can be made");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).expect("a link can be made");
        assert!(prepare(&link).is_err(), "a folder behind a link");

        let (lock, path) = (real.join(LOCK), real.join(SOCKET));
        fs::write(&path, "a file").expect("it can be written");
        assert!(take(&lock, &path).is_err(), "a file in the socket's place");
        assert_eq!(fs::read(&path).expect("it is there"), b"a file");
        fs::remove_file(&path).expect("it can be removed");
        fs::remove_file(&lock).expect("it can be removed");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &lock).expect("a link can be made");
        assert!(take(&lock, &path).is_err(), "a lock behind a link");
        assert!(!folder.path().join("elsewhere").exists());
    }

    #[test]
    fn a_folder_that_others_could_read_is_closed_to_them() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        prepare(folder.path()).expect("it is ours");
        assert_eq!(mode(folder.path()), 0o700);
    }

    #[tokio::test]
    async fn the_other_end_is_asked_who_it_is() {
        let (one, other) = UnixStream::pair().expect("two sockets");
        assert!(is_ours(&one).expect("the system tells") && is_ours(&other).expect("the system tells"));
        assert!(!is_own(rustix::process::geteuid().as_raw().wrapping_add(1)));
    }

    #[test]
    fn a_path_that_is_too_long_for_a_socket_is_not_used() {
        let places = Places::new(PathBuf::from(format!("/{}", "x".repeat(120))));
        let path = socket(&places);
        assert!(path.as_os_str().len() <= LONGEST, "{}", path.display());
    }
}
