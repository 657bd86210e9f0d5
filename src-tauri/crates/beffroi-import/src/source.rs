//! Where it is read from.

use std::fs::{File, FileType};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use beffroi_secret::{SecretBytes, SecretText};

use crate::formats::csv::CsvMapping;
use crate::limits::{MOST_DEPTH, MOST_FILE, MOST_FILES, within};
use crate::{ImportError, Work};

/// A file or a folder of this machine. Nothing outside it is read, links that lead out of it are left alone.
#[derive(Debug)]
pub enum Source {
    /// A file: its name, and its bytes.
    File {
        /// Its name, without its folder.
        name: String,
        /// What is in it.
        bytes: SecretBytes,
    },
    /// A folder.
    Folder {
        /// Where it is.
        root: PathBuf,
    },
}

/// What may open what is encrypted. Whatever is not there is left out.
#[derive(Debug, Default)]
pub struct Unlock {
    /// A password or a passphrase.
    pub password: Option<SecretText>,
    /// What is in a key file (KeePass).
    pub key_file: Option<SecretBytes>,
    /// Private keys: age identities, SSH keys, OpenPGP keys, each the text of a file.
    pub identities: Vec<SecretText>,
    /// Age identities that are tried as well, of whoever reads: a file that they do not open still asks for one.
    pub own: Vec<SecretText>,
    /// What the columns are of a file of separated values: it opens nothing, and says how to read.
    pub mapping: Option<CsvMapping>,
}

/// A reading: the source, what opens it, and what it cost.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The source.
    pub source: &'a Source,
    /// What may open it.
    pub unlock: &'a Unlock,
    /// What it cost.
    pub work: &'a Work,
}

impl Source {
    /// Opens a file or a folder of this machine.
    ///
    /// # Errors
    /// [`ImportError::Io`], [`ImportError::TooLarge`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let failed = |source| ImportError::Io { path: name.clone(), source };
        let about = std::fs::metadata(path).map_err(failed)?;
        if about.is_dir() {
            return Ok(Self::Folder { root: path.to_owned() });
        }
        // A pipe or a device may never end.
        if !about.is_file() {
            return Err(ImportError::WrongPlace { needs: "file" });
        }
        let bytes = read_file(path, &name)?;
        Ok(Self::File { name, bytes })
    }

    /// A file that is already in memory.
    pub fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::File { name: name.to_owned(), bytes: SecretBytes::new(bytes.into()) }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`ImportError::WrongPlace`] for a folder.
    pub fn bytes(&self) -> Result<&[u8], ImportError> {
        match self {
            // Parsed here.
            Self::File { bytes, .. } => Ok(bytes.expose()),
            Self::Folder { .. } => Err(ImportError::WrongPlace { needs: "file" }),
        }
    }

    /// Its name, without its folder.
    pub fn name(&self) -> String {
        match self {
            Self::File { name, .. } => name.clone(),
            Self::Folder { root } => root.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        }
    }

    /// The folder's files, by their paths below it with `/`, sorted. Hidden ones too; links, devices and sockets not.
    ///
    /// # Errors
    /// [`ImportError::WrongPlace`] for a file, [`ImportError::TooLarge`] for too many or too deep, [`ImportError::Io`].
    pub fn files(&self) -> Result<Vec<String>, ImportError> {
        self.of_kind(FileType::is_file)
    }

    /// The folder's links that lead out of it, or nowhere, as [`Source::files`] gives files. What another one leads to is found
    /// by its own name.
    ///
    /// # Errors
    /// Those of [`Source::files`].
    pub fn links(&self) -> Result<Vec<String>, ImportError> {
        let mut links = self.of_kind(FileType::is_symlink)?;
        if let Self::Folder { root } = self {
            let within = root.canonicalize().map_err(|source| ImportError::Io { path: self.name(), source })?;
            links.retain(|link| !root.join(link).canonicalize().is_ok_and(|real| real.starts_with(&within)));
        }
        Ok(links)
    }

    fn of_kind(&self, wanted: fn(&FileType) -> bool) -> Result<Vec<String>, ImportError> {
        let Self::Folder { root } = self else { return Err(ImportError::WrongPlace { needs: "folder" }) };
        let mut found = Vec::new();
        let mut next = vec![(root.clone(), String::new(), 0)];
        while let Some((folder, below, depth)) = next.pop() {
            within("folder", depth as u64, MOST_DEPTH as u64)?;
            let failed = |source| ImportError::Io { path: below.clone(), source };
            for file in std::fs::read_dir(&folder).map_err(failed)? {
                let file = file.map_err(failed)?;
                let kind = file.file_type().map_err(failed)?;
                let Ok(name) = file.file_name().into_string() else { continue };
                let path = if below.is_empty() { name } else { format!("{below}/{name}") };
                if kind.is_dir() {
                    next.push((file.path(), path, depth + 1));
                } else if wanted(&kind) {
                    found.push(path);
                    within("folder", found.len() as u64, MOST_FILES as u64)?;
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// A file of the folder, by a path that [`Source::files`] gave, or that stands in one of them. None when there is none, and
    /// where a link leads out of the folder.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] for a path with `..` or a root in it, [`ImportError::TooLarge`], [`ImportError::Io`].
    pub fn read(&self, path: &str) -> Result<Option<SecretBytes>, ImportError> {
        let Self::Folder { root } = self else { return Err(ImportError::WrongPlace { needs: "folder" }) };
        let below = Path::new(path);
        if !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(ImportError::Malformed { what: "path", at: 0 });
        }
        let failed = |source| ImportError::Io { path: path.to_owned(), source };
        let at = root.join(below);
        let (root, real) = match (root.canonicalize(), at.canonicalize()) {
            (Ok(root), Ok(real)) => (root, real),
            (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            (Err(error), _) | (_, Err(error)) => return Err(failed(error)),
        };
        if !real.starts_with(&root) || !real.is_file() {
            return Ok(None);
        }
        read_file(&real, path).map(Some)
    }
}

fn read_file(path: &Path, name: &str) -> Result<SecretBytes, ImportError> {
    let failed = |source| ImportError::Io { path: name.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    within("file", length, MOST_FILE)?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(MOST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    within("file", bytes.len() as u64, MOST_FILE)?;
    Ok(SecretBytes::new(bytes))
}
