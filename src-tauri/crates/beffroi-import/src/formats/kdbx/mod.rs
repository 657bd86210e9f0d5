//! KeePass databases: KDBX 3.0, 3.1, 4.0 and 4.1, as KeePass 2 and KeePassXC write them.
//!
//! The format is described at <https://keepass.info/help/kb/kdbx.html>; what it leaves open is as KeePassXC's `src/format` has it.
//! This is own code on RustCrypto's primitives: the `keepass` crate (0.17) takes whatever memory and rounds a header asks for,
//! inflates to the end however far that is, and reads the whole document into a tree before anything of it can be refused.
//!
//! What is done, in this order, so that each step is paid only when the one before let it: the header's sizes, names and
//! costs; the header's hash and the lengths of its blocks; the key derivation, once; the header's MAC; each block's MAC;
//! the cipher; the inflated size, counted without holding any of it; the document, streamed.
//!
//! - Groups are the path, without the root group. What lies below the recycle bin is `discarded`.
//! - A value of the history is kept where it differs from the one that followed it.
//! - One-time codes come from KeePassXC's `otp`, KeePass's `TimeOtp-*` and TrayTOTP's `TOTP Seed`; see [`totp`].
//! - `{REF:P@I:…}` is replaced by what it stands for: see [`references`].
//! - `KP2A_URL…` fields are further addresses. Other fields stay fields; those that are protected are hidden.
//! - Files stay files, but for the key of an SSH entry, which becomes the value: see [`entry`].
//! - Icons, colours and sequences of auto-type are not taken.

pub(crate) mod blocks;
pub(crate) mod cipher;
mod document;
pub(crate) mod entry;
pub(crate) mod header;
mod inner;
pub(crate) mod kdf;
pub(crate) mod key;
mod references;
pub(crate) mod times;
mod totp;
mod variant;
mod xml;

use std::io::{BufRead, BufReader};

use flate2::bufread::GzDecoder;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::limits::{MOST_FILE, MOST_TEXT};
use crate::{ImportError, Parsed, Reading, Source, Unlock, Work};
use cipher::InnerStream;
use document::Document;
use header::{Header, Old};
use inner::Pool;
use key::Keys;

/// Bytes of one text of a document of version 4, as it stands there.
const MOST_EVENT: u64 = 8 << 20;
/// The same of version 3, where files are texts of the document.
const MOST_OLD_EVENT: u64 = 24 << 20;

/// By its first eight bytes. Databases of KeePass 1 too, so that they are refused by their name.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    header::signature(bytes).is_some()
}

/// Every entry of a database.
///
/// # Errors
/// [`ImportError::Unsupported`] for a version, a cipher or a key derivation that is not read, [`ImportError::TooExpensive`],
/// [`ImportError::Locked`] and [`ImportError::Altered`] before a key is derived; [`ImportError::Wrong`] for a password or
/// a key file that does not open it. Version 3 has no MAC of its own over the header, so that a database of it whose beginning
/// is damaged looks like one with another password.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let header = Header::read(reading.source.bytes()?)?;
    let document = match &header.old {
        Some(old) => read_3(&header, old, reading.unlock, reading.work)?,
        None => read_4(&header, reading.unlock, reading.work)?,
    };
    let mut parsed = entry::finish(document)?;
    if header.kdf.is_weak() && reading.unlock.password.is_some() {
        parsed.notice("weak-kdf", "");
    }
    Ok(parsed)
}

fn read_4(header: &Header<'_>, unlock: &Unlock, work: &Work) -> Result<Document, ImportError> {
    let body = blocks::Body::read(header)?;
    let composite = key::composite(unlock)?;
    header.kdf.costs(work)?;
    let keys = Keys::new(&header.seed, &*header.kdf.derive(&composite)?);
    body.check_header(header.whole, &keys).map_err(|()| wrong(unlock))?;
    let mut payload = body.open(&keys)?;
    header.cipher.decrypt(&keys.cipher, header.iv, &mut payload)?;
    let length = cipher::unpadded(header.cipher, &payload).ok_or(ImportError::Malformed { what: "padding", at: 0 })?;
    payload.truncate(length);
    let mut from = plain(header.gzip, &payload, work)?;
    let (stream, pool) = inner::read(&mut from)?;
    let xml = xml::Xml::new(from, stream, MOST_TEXT, MOST_EVENT);
    document::read(xml, pool, work, None)
}

fn read_3(header: &Header<'_>, old: &Old<'_>, unlock: &Unlock, work: &Work) -> Result<Document, ImportError> {
    let composite = key::composite(unlock)?;
    let mut payload = Zeroizing::new(header.body.to_vec());
    header.kdf.costs(work)?;
    let keys = Keys::new(&header.seed, &*header.kdf.derive(&composite)?);
    header.cipher.decrypt(&keys.cipher, header.iv, &mut payload)?;
    // Known to whoever has the key, and random: without the right one they do not come out.
    let Some((start, _)) = payload.split_first_chunk::<32>() else { return Err(ImportError::Truncated { what: "payload" }) };
    if !bool::from(start.ct_eq(&old.start)) {
        return Err(wrong(unlock));
    }
    let length = cipher::unpadded(header.cipher, &payload).ok_or(ImportError::Altered { what: "padding" })?;
    payload.truncate(length);
    let joined = blocks::open_hashed(payload.get(32..).unwrap_or_default())?;
    drop(payload);
    let from = plain(header.gzip, &joined, work)?;
    let stream = InnerStream::new(old.stream, old.stream_key);
    let xml = xml::Xml::new(from, stream, MOST_FILE, MOST_OLD_EVENT);
    document::read(xml, Pool::default(), work, Some(header.whole))
}

/// What was given and does not open it.
fn wrong(unlock: &Unlock) -> ImportError {
    ImportError::Wrong { what: if unlock.password.is_some() { "password" } else { "key-file" } }
}

/// The payload as it was before it was compressed. What it inflates to is counted first: one that is refused takes no memory.
fn plain<'a>(gzip: bool, payload: &'a [u8], work: &Work) -> Result<Box<dyn BufRead + 'a>, ImportError> {
    if !gzip {
        return Ok(Box::new(payload));
    }
    work.measure("gzip", payload.len() as u64, GzDecoder::new(payload))?;
    Ok(Box::new(BufReader::with_capacity(64 << 10, GzDecoder::new(payload))))
}
