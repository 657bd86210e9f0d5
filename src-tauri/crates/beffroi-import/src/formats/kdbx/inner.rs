//! What version 4 has before its document: the key of the inner stream, and files.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use beffroi_secret::SecretBytes;
use zeroize::Zeroizing;

use super::cipher::{InnerKind, InnerStream};
use crate::ImportError;
use crate::limits::{MOST_ATTACHMENT, MOST_FILE, within};

/// The files of a database, by the numbers that its entries have for them. One that is too large is there without its bytes.
#[derive(Default)]
pub(super) struct Pool {
    files: BTreeMap<u32, Option<SecretBytes>>,
    held: u64,
}

impl Pool {
    /// Takes a file in, unless it is too large.
    pub(super) fn put(&mut self, number: u32, bytes: Option<SecretBytes>) -> Result<(), ImportError> {
        // Its length only.
        let bytes = bytes.filter(|bytes| bytes.expose().len() as u64 <= MOST_ATTACHMENT);
        self.held += bytes.as_ref().map_or(0, |bytes| bytes.expose().len() as u64);
        within("Binaries", self.held, MOST_FILE)?;
        self.files.insert(number, bytes);
        Ok(())
    }

    /// A file: none when there is none of that number, and none inside when it is too large.
    pub(super) fn get(&self, number: u32) -> Option<Option<&SecretBytes>> {
        self.files.get(&number).map(Option::as_ref)
    }
}

/// Reads it, up to where the document begins.
pub(super) fn read(from: &mut dyn BufRead) -> Result<(InnerStream, Pool), ImportError> {
    let (mut kind, mut key, mut pool, mut files) = (None, None, Pool::default(), 0);
    loop {
        let [id] = array(from)?;
        let length = u64::from(u32::from_le_bytes(array(from)?));
        if id == 3 {
            let bytes = file(from, length)?;
            pool.put(files, bytes)?;
            files += 1;
            continue;
        }
        within("inner header", length, 1 << 10)?;
        let mut value = Zeroizing::new(vec![0; usize::try_from(length).unwrap_or(0)]);
        from.read_exact(&mut value).map_err(truncated)?;
        match id {
            0 => break,
            1 => kind = value.as_slice().try_into().ok().map(u32::from_le_bytes),
            2 => key = Some(value),
            _ => {}
        }
    }
    let (Some(kind), Some(key)) = (kind, key) else { return Err(ImportError::Malformed { what: "inner header", at: 0 }) };
    Ok((InnerStream::new(InnerKind::numbered(kind)?, &key), pool))
}

/// A file, after a byte of flags. None when it is too large; it is passed over then.
fn file(from: &mut dyn BufRead, length: u64) -> Result<Option<SecretBytes>, ImportError> {
    let Some(length) = length.checked_sub(1) else { return Err(ImportError::Malformed { what: "Binary", at: 0 }) };
    array::<1>(from)?;
    if length > MOST_ATTACHMENT {
        let passed = std::io::copy(&mut from.take(length), &mut std::io::sink()).map_err(truncated)?;
        return if passed == length { Ok(None) } else { Err(ImportError::Truncated { what: "inner header" }) };
    }
    // Whether it can be that long is known to the reader only: it grows as bytes come.
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(length).read_to_end(&mut bytes).map_err(truncated)?;
    if bytes.len() as u64 != length {
        return Err(ImportError::Truncated { what: "inner header" });
    }
    Ok(Some(SecretBytes::new(std::mem::take(&mut *bytes))))
}

fn array<const N: usize>(from: &mut dyn BufRead) -> Result<[u8; N], ImportError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).map_err(truncated)?;
    Ok(bytes)
}

fn truncated(_: std::io::Error) -> ImportError {
    ImportError::Truncated { what: "inner header" }
}
