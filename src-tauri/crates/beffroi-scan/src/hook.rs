//! The hook that looks through what is about to be committed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::ScanError;
use crate::git::{git, given, line, output, repository};
use crate::tree::path_of;

/// By this line a hook is known as this program's.
const MARK: &str = "# beffroi:pre-commit 1";

/// It says nothing itself: the program does, and where it is not installed the shell says so and the commit is refused.
const SCRIPT: &str = "#!/bin/sh
# beffroi:pre-commit 1
# Looks for secrets in what is about to be committed. `beffroi secret scan --remove-hook` takes this away.
if [ -f .beffroi-baseline.json ]; then
  exec beffroi secret scan --staged --rules-only --baseline .beffroi-baseline.json .
fi
exec beffroi secret scan --staged --rules-only .
";

/// What became of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its file.
    pub path: PathBuf,
    /// Whether anything was done: it was not there before, or was there to be taken away.
    pub changed: bool,
}

/// Writes the hook of a repository.
///
/// # Errors
/// [`ScanError::ForeignHook`] where there is another one, [`ScanError::SharedHooks`] where git takes its hooks from elsewhere, and when
/// the path is in no repository.
pub fn install_hook(path: &Path) -> Result<Hook, ScanError> {
    let file = place(path)?;
    match ours(&file)? {
        Some(true) => return Ok(Hook { path: file, changed: false }),
        Some(false) => return Err(ScanError::ForeignHook { path: file }),
        None => {}
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let fault = |error| ScanError::io(&file, error);
    fs::create_dir_all(folder).map_err(fault)?;
    let mut made = tempfile::Builder::new();
    #[cfg(unix)]
    made.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755));
    let mut made = made.tempfile_in(folder).map_err(fault)?;
    made.write_all(SCRIPT.as_bytes()).map_err(fault)?;
    match made.persist_noclobber(&file) {
        Ok(_) => Ok(Hook { path: file, changed: true }),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(ScanError::ForeignHook { path: file }),
        Err(error) => Err(ScanError::io(&file, error.error)),
    }
}

/// Takes the hook away, where it is this program's.
///
/// # Errors
/// As [`install_hook`].
pub fn remove_hook(path: &Path) -> Result<Hook, ScanError> {
    let file = place(path)?;
    match ours(&file)? {
        Some(true) => {
            fs::remove_file(&file).map_err(|error| ScanError::io(&file, error))?;
            Ok(Hook { path: file, changed: true })
        }
        Some(false) => Err(ScanError::ForeignHook { path: file }),
        None => Ok(Hook { path: file, changed: false }),
    }
}

fn place(path: &Path) -> Result<PathBuf, ScanError> {
    let root = repository(path)?;
    let set = output(git(&root, ["config", "--get", "core.hooksPath"]))?;
    if set.status.success() {
        return Err(ScanError::SharedHooks { path: crate::git::said(&set.stdout) });
    }
    let folder = given(git(&root, ["rev-parse", "--git-path", "hooks"]))?;
    Ok(root.join(path_of(line(&folder))).join("pre-commit"))
}

/// Whether the hook that is there is this program's.
fn ours(file: &Path) -> Result<Option<bool>, ScanError> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes.split(|byte| *byte == b'\n').any(|line| line == MARK.as_bytes()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ScanError::io(file, error)),
    }
}
