//! Where this machine keeps what is not in a vault: the list of vaults it has seen, its own id, copies of anchors.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use beffroi_domain::{DeviceId, VaultId};
use serde::{Deserialize, Serialize};

use crate::AppError;

/// The folder of this machine's own state, such as `~/.local/state/beffroi`. Nothing secret is in it.
#[derive(Debug, Clone)]
pub struct Places {
    state: PathBuf,
}

/// A vault that this machine has seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenVault {
    /// Its folder, absolute.
    pub path: PathBuf,
    /// When it was last opened here, in milliseconds since 1970.
    pub opened_ms: u64,
}

const IDLE_LOCK_S: u64 = 600;
const MOST_SEEN: usize = 64;
const MOST_BYTES: u64 = 1 << 20;

impl Places {
    /// Uses `state`; it is made, for its owner only, when something is first kept.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self { state }
    }

    /// The folder this system's conventions name: `$XDG_STATE_HOME/beffroi`, else `~/.local/state/beffroi`, or the
    /// like of it on Windows (`%LOCALAPPDATA%`).
    #[must_use]
    pub fn of_this_system() -> Self {
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state = from("XDG_STATE_HOME")
            .or_else(|| from("LOCALAPPDATA"))
            .or_else(|| from("HOME").map(|home| home.join(".local/state")))
            .unwrap_or_else(std::env::temp_dir);
        Self::new(state.join("beffroi"))
    }

    /// Where copies of anchors are kept.
    #[must_use]
    pub fn anchors(&self) -> PathBuf {
        self.state.join("anchors")
    }

    /// This machine's id, made when first asked for.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn device(&self) -> Result<DeviceId, AppError> {
        let path = self.state.join("device");
        if let Some(id) = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()) {
            return Ok(id);
        }
        let id = DeviceId::make();
        self.keep(&path, format!("{id}\n").as_bytes())?;
        Ok(id)
    }

    /// The vaults seen here, the last opened first. A list that cannot be read is an empty one.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenVault> {
        let path = self.state.join("vaults.json");
        let small = fs::metadata(&path).is_ok_and(|about| about.len() <= MOST_BYTES);
        let text = if small { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Remembers that a vault was opened.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn remember(&self, path: &Path, opened_ms: u64) -> Result<(), AppError> {
        let mut seen = self.seen();
        seen.retain(|vault| vault.path != path);
        seen.insert(0, SeenVault { path: path.to_owned(), opened_ms });
        seen.truncate(MOST_SEEN);
        let text = serde_json::to_vec_pretty(&seen).map_err(AppError::internal)?;
        self.keep(&self.state.join("vaults.json"), &text)
    }

    /// Seconds without anybody at the desk after which the vaults are locked: 10 minutes unless it was set; 0 for never.
    #[must_use]
    pub fn idle_lock_s(&self) -> u64 {
        let kept = fs::read_to_string(self.state.join("idle-lock")).ok();
        kept.and_then(|text| text.trim().parse().ok()).unwrap_or(IDLE_LOCK_S)
    }

    /// Sets what [`Places::idle_lock_s`] says.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn set_idle_lock_s(&self, seconds: u64) -> Result<(), AppError> {
        self.keep(&self.state.join("idle-lock"), format!("{seconds}\n").as_bytes())
    }

    /// The stages of a vault that had a secret when this machine last saw them.
    #[must_use]
    pub fn protected(&self, vault: VaultId) -> Vec<String> {
        let path = self.state.join("protected").join(vault.to_string());
        let small = fs::metadata(&path).is_ok_and(|about| about.len() <= MOST_BYTES);
        let text = if small { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        text.lines().map(str::to_owned).collect()
    }

    /// Sets what [`Places::protected`] says.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub(crate) fn remember_protected(&self, vault: VaultId, names: &[String]) -> Result<(), AppError> {
        if self.protected(vault) == names {
            return Ok(());
        }
        let folder = self.state.join("protected");
        make_private_folder(&folder).map_err(|error| AppError::LocalFile { path: folder.clone(), reason: error.to_string() })?;
        let text: String = names.iter().map(|name| format!("{name}\n")).collect();
        self.keep(&folder.join(vault.to_string()), text.as_bytes())
    }

    /// Whether a vault is next opened by a passphrase or recovery words only: it was locked because nobody was there.
    #[must_use]
    pub fn wants_passphrase(&self, vault: VaultId) -> bool {
        self.passphrase_next(vault).exists()
    }

    /// Sets what [`Places::wants_passphrase`] says. A mark that cannot be written is worth a warning, not a failed lock.
    pub(crate) fn want_passphrase(&self, vault: VaultId, wanted: bool) {
        let mark = self.passphrase_next(vault);
        let done = if wanted {
            make_private_folder(&self.state.join("passphrase-next")).and_then(|()| fs::File::create(&mark).map(drop))
        } else {
            fs::remove_file(&mark)
        };
        match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!(%error, "{}", mark.display()),
            _ => {}
        }
    }

    fn passphrase_next(&self, vault: VaultId) -> PathBuf {
        self.state.join("passphrase-next").join(vault.to_string())
    }

    /// Keeps the line that `known_hosts` has for the ends of a vault ([`crate::App::open_ssh_end`]); gives the file.
    pub(crate) fn keep_known_hosts(&self, vault: VaultId, line: &str) -> Result<PathBuf, AppError> {
        let folder = self.state.join("known-hosts");
        let path = folder.join(vault.to_string());
        // Many ask at once for what is there.
        if !fs::read_to_string(&path).is_ok_and(|kept| kept == line) {
            make_private_folder(&folder).map_err(|error| AppError::LocalFile { path: folder.clone(), reason: error.to_string() })?;
            self.keep(&path, line.as_bytes())?;
        }
        Ok(path)
    }

    fn keep(&self, path: &Path, content: &[u8]) -> Result<(), AppError> {
        let written = make_private_folder(&self.state).and_then(|()| {
            let part = path.with_extension("part");
            fs::File::create(&part)?.write_all(content)?;
            fs::rename(&part, path)
        });
        written.map_err(|error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() })
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_opened_vault_comes_first_and_only_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let places = Places::new(folder.path().join("state"));
        assert!(places.seen().is_empty());
        for (path, at) in [("/a", 1), ("/b", 2), ("/a", 3)] {
            places.remember(Path::new(path), at).expect("it can be written");
        }
        let seen: Vec<_> = places.seen().into_iter().map(|vault| (vault.path, vault.opened_ms)).collect();
        assert_eq!(seen, [(PathBuf::from("/a"), 3), (PathBuf::from("/b"), 2)]);
    }

    #[test]
    fn a_machine_keeps_its_id() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let places = Places::new(folder.path().to_owned());
        let id = places.device().expect("it can be written");
        assert_eq!(places.device().expect("it can be read"), id);
    }
}
