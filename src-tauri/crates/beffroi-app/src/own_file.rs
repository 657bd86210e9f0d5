//! Files with something secret in them, which a person asked for: theirs only.

use std::io::{Read, Write};
use std::path::Path;

use beffroi_domain::DocumentId;
use beffroi_secret::SecretBytes;

use crate::AppError;

/// Reads a file of this machine, of at most so many bytes.
///
/// # Errors
/// [`AppError::LocalFile`].
pub(crate) fn read(path: &Path, most: u64) -> Result<SecretBytes, AppError> {
    let failed = |reason: String| AppError::LocalFile { path: path.to_owned(), reason };
    let about = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    // A pipe or a device may never end.
    if !about.is_file() {
        return Err(failed("not a file".to_owned()));
    }
    if about.len() > most {
        return Err(failed(format!("larger than {most} bytes")));
    }
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0) + 1);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    let read = bytes.len() as u64;
    let bytes = SecretBytes::new(bytes);
    if read > most { Err(failed(format!("larger than {most} bytes"))) } else { Ok(bytes) }
}

/// Writes a file that only its owner reads. It is there whole or not at all; one that is there already stays unless it may be
/// replaced.
///
/// # Errors
/// [`AppError::LocalFile`].
pub(crate) fn write(path: &Path, bytes: &SecretBytes, replace: bool) -> Result<(), AppError> {
    let failed = |reason: String| AppError::LocalFile { path: path.to_owned(), reason };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| failed("no name of a file".to_owned()))?.to_string_lossy();
    let beside = folder.join(format!(".{name}.{}", DocumentId::make()));
    let open = |path: &Path| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    };
    // Its name is taken first, so that what somebody else puts there meanwhile is not written over.
    if !replace {
        drop(open(path).map_err(|error| failed(error.to_string()))?);
    }
    let written = open(&beside).and_then(|mut file| {
        // To the file that the person asked for.
        file.write_all(bytes.expose())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    });
    written.map_err(|error| {
        drop(std::fs::remove_file(&beside));
        if !replace {
            drop(std::fs::remove_file(path));
        }
        failed(error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_unless_it_may_be_replaced() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("export.kdbx");
        let bytes = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
        write(&path, &bytes("one"), false).expect("written");
        assert!(write(&path, &bytes("two"), false).is_err());
        assert_eq!(read(&path, 3).expect("read").expose(), b"one");
        write(&path, &bytes("three"), true).expect("replaced");
        assert_eq!(read(&path, 64).expect("read").expose(), b"three");
        assert!(read(&path, 4).is_err() && read(folder.path(), 4).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left beside");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("there").permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
