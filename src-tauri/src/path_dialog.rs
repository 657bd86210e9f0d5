//! Asks the person for a path. rfd's dialogs stand behind [`PathDialog`], so that a test can answer them.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use beffroi_api::{ApiError, ErrorCode};
use serde::Deserialize;
use tauri::State;

/// What kind of path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PathKind {
    /// A file that is there.
    File,
    /// A folder that is there; a vault is one.
    Folder,
    /// A file or a folder to make.
    Save,
}

/// The path the person chose; nothing when they changed their mind.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Option<PathBuf>> + Send>>;

/// Whoever asks the person.
pub(crate) trait PathDialog: Send + Sync {
    /// Asks for a path. `suggested` is a path, or a name alone.
    fn ask(&self, kind: PathKind, suggested: Option<&Path>) -> Answer;
}

/// The dialogs of the system.
pub(crate) struct SystemDialog;

impl PathDialog for SystemDialog {
    fn ask(&self, kind: PathKind, suggested: Option<&Path>) -> Answer {
        let mut dialog = rfd::AsyncFileDialog::new();
        if let Some(folder) = suggested.and_then(Path::parent).filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = suggested.and_then(Path::file_name) {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        Box::pin(async move {
            let chosen = match kind {
                PathKind::File => dialog.pick_file().await,
                PathKind::Folder => dialog.pick_folder().await,
                PathKind::Save => dialog.save_file().await,
            };
            chosen.map(|file| file.path().to_owned())
        })
    }
}

/// Asks the person for a path.
///
/// # Errors
/// [`ErrorCode::LocalFile`] when the path chosen is not UTF-8: the page could not say it back.
#[tauri::command]
pub(crate) async fn choose_path(
    dialog: State<'_, Arc<dyn PathDialog>>,
    kind: PathKind,
    suggested: Option<String>,
) -> Result<Option<String>, ApiError> {
    let chosen = dialog.ask(kind, suggested.as_deref().map(Path::new)).await;
    chosen.map(utf8).transpose()
}

fn utf8(path: PathBuf) -> Result<String, ApiError> {
    path.into_os_string()
        .into_string()
        .map_err(|path| ApiError::new(ErrorCode::LocalFile).with("path", path.to_string_lossy()).with("reason", "not UTF-8"))
}

/// Answers in the person's place, from the environment. Not in releases.
#[cfg(debug_assertions)]
pub(crate) mod scripted {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::{Answer, Path, PathBuf, PathDialog, PathKind};

    /// Gives prepared answers in order, then none.
    pub(crate) struct ScriptedDialog {
        answers: Mutex<VecDeque<PathBuf>>,
    }

    impl ScriptedDialog {
        /// Reads the answers from `BEFFROI_DIALOG_ANSWERS`, one path after another with the separator of `PATH`.
        pub(crate) fn from_environment() -> Option<Self> {
            let answers = std::env::var_os("BEFFROI_DIALOG_ANSWERS")?;
            Some(Self { answers: Mutex::new(std::env::split_paths(&answers).collect()) })
        }
    }

    impl PathDialog for ScriptedDialog {
        fn ask(&self, _kind: PathKind, _suggested: Option<&Path>) -> Answer {
            let answer = self.answers.lock().ok().and_then(|mut answers| answers.pop_front());
            Box::pin(std::future::ready(answer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_the_page_writes_it() {
        for (text, kind) in [("\"file\"", PathKind::File), ("\"folder\"", PathKind::Folder), ("\"save\"", PathKind::Save)] {
            assert_eq!(serde_json::from_str::<PathKind>(text).expect("known"), kind);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_the_page_could_not_say_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let path = PathBuf::from(std::ffi::OsString::from_vec(b"/tmp/\xff".to_vec()));
        assert_eq!(utf8(path).expect_err("not UTF-8").code, ErrorCode::LocalFile);
    }
}
