//! ZIP archives within limits: what one says of itself is checked before anything inflates, and again by what comes out.

use std::collections::HashMap;
use std::io::Cursor;

use zeroize::Zeroizing;
use zip::read::{Config, ZipFileEntry, ZipReadOptions};
use zip::unstable::read::ZipIterable;

use crate::limits::{MOST_FILES, within};
use crate::{ImportError, Reading};

/// How far from its beginning and its end a name is looked for.
const NEAR: usize = 64 << 10;

/// Whether bytes are a ZIP that has a part of a name near its beginning or its end.
pub(crate) fn has(bytes: &[u8], part: &[u8]) -> bool {
    let is_near = |near: &[u8]| near.windows(part.len()).any(|window| window == part);
    bytes.starts_with(b"PK\x03\x04")
        && (is_near(bytes.get(..NEAR).unwrap_or(bytes)) || is_near(bytes.get(bytes.len().saturating_sub(NEAR)..).unwrap_or(bytes)))
}

/// An archive: where each of its files is.
pub(crate) struct Archive<'a> {
    reading: &'a Reading<'a>,
    bytes: &'a [u8],
    files: HashMap<String, ZipFileEntry<'static>>,
}

impl<'a> Archive<'a> {
    /// Finds its files: `key` says what one of a name is called here, or that it is none that is wanted.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] for too many; [`ImportError::Malformed`] for no archive, and for one with two files of one name:
    /// one of them would be read, and nobody could say which.
    pub(crate) fn of(reading: &'a Reading<'a>, key: impl Fn(String) -> Option<String>) -> Result<Self, ImportError> {
        let malformed = |_| ImportError::Malformed { what: "ZIP", at: 0 };
        let bytes = reading.source.bytes()?;
        let mut archive = ZipIterable::try_new(Cursor::new(bytes), Config::default()).map_err(malformed)?;
        within("ZIP", archive.len() as u64, MOST_FILES as u64)?;
        let mut files = HashMap::new();
        for file in archive.files().map_err(malformed)? {
            let file = file.map_err(malformed)?;
            let Some(key) = key(file.name().map_err(malformed)?.into_owned()) else { continue };
            if files.insert(key, file).is_some() {
                return Err(ImportError::Malformed { what: "ZIP", at: 0 });
            }
        }
        Ok(Self { reading, bytes, files })
    }

    /// What its files are called here, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.files.keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    /// How large a file says it is. None when there is none.
    pub(crate) fn size(&self, key: &str) -> Option<u64> {
        self.files.get(key).map(|file| file.size())
    }

    /// What is in a file, once. None when there is none, or no more.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] for more than `most`, [`ImportError::Unsupported`] for an encrypted one,
    /// [`ImportError::Malformed`] for one that is longer or shorter than it says.
    pub(crate) fn file(&mut self, key: &str, what: &'static str, most: u64) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
        let Some(file) = self.files.remove(key) else { return Ok(None) };
        if file.encrypted() {
            return Err(ImportError::Unsupported { what: "encrypted ZIP".to_owned() });
        }
        let (says, compressed) = (file.size(), file.compressed_size().min(self.bytes.len() as u64));
        within(what, says, most)?;
        let malformed = || ImportError::Malformed { what, at: 0 };
        let mut from = Cursor::new(self.bytes);
        let file = file.with_reader(&mut from, ZipReadOptions::default()).map_err(|_| malformed())?;
        // One byte more than it says shows that it lies.
        let bytes = self.reading.work.inflate(what, compressed, std::io::Read::take(file, says + 1))?;
        if bytes.len() as u64 != says {
            return Err(malformed());
        }
        Ok(Some(bytes))
    }
}
