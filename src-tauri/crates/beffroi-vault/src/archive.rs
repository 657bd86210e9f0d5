//! Backups outside the vault's folder: a head, then the content in chunks, each sealed for its place.
//!
//! An archive is written once, from its start to its end, and may be as large as a disk. So each chunk is authenticated by
//! itself, its number and whether it is the last with it, as age and STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) do:
//! a chunk that is changed, moved, left out or put in, and an archive that was cut, do not open. Other than there, nonces are
//! random: an archive whose writing was cut short is gone on with, and a chunk may be sealed twice with another content.
//! The files that the chunks are laid out in are not this module's.

use beffroi_domain::{Canonical, CanonicalReader, VaultId};
use beffroi_secret::{SecretBytes, SecretKey};

use crate::crypto::{self, NONCE, NoRandomness, TAG};

/// Bytes of content in every chunk but the last, which has as many or fewer.
pub const ARCHIVE_CHUNK: usize = 1 << 20;
/// Bytes that a chunk is longer than its content.
pub const ARCHIVE_OVERHEAD: usize = NONCE + TAG;
/// The longest head.
pub const MOST_ARCHIVE_HEAD: usize = 256;

const HEAD: &str = "beffroi/archive/1";
/// What a head of any version begins with, after the length of the tag.
const HEAD_OF_ANY: &[u8] = b"beffroi/archive/";

/// Why an archive, or a part of it, does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are no head of an archive.
    #[error("not a backup of this program")]
    NotAnArchive,
    /// It is of a later version of the format.
    #[error("a later format of backups")]
    TooNew,
    /// It was sealed under another key, or its head was changed.
    #[error("not sealed under this key")]
    OtherKey,
    /// The part is not what was written in its place.
    #[error("not what was written there")]
    NotAuthentic,
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Whose an archive is, as its head says; not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveHead {
    /// The vault that it was made with.
    pub vault: VaultId,
    /// Which archive it is.
    pub archive: [u8; 16],
}

/// The keys of one archive.
#[derive(Debug)]
pub struct ArchiveKey {
    content: SecretKey,
    /// SHA-256 of the head: every part is bound to it.
    head: [u8; 32],
}

impl ArchiveHead {
    /// Reads a head without its key.
    ///
    /// # Errors
    /// [`ArchiveError::NotAnArchive`], [`ArchiveError::TooNew`].
    pub fn peek(bytes: &[u8]) -> Result<Self, ArchiveError> {
        Self::read(bytes).map(|(head, _)| head)
    }

    /// Writes the head: `C("beffroi/archive/1", vault, archive, 2^20, HMAC(head key, C("beffroi/archive/1", vault, archive, 2^20)))`.
    #[must_use]
    pub fn write(&self, stage_key: &SecretKey) -> Vec<u8> {
        let body = self.body();
        let mac = crypto::derive_mac(&self.derive(stage_key, "beffroi/archive-head-key/1"), &[&body]);
        self.start().bytes(&mac).finish()
    }

    /// Checks a head and derives the keys of its archive.
    ///
    /// # Errors
    /// Those of [`ArchiveHead::peek`]; [`ArchiveError::OtherKey`].
    pub fn open(bytes: &[u8], stage_key: &SecretKey) -> Result<ArchiveKey, ArchiveError> {
        let (head, mac) = Self::read(bytes)?;
        let key = head.derive(stage_key, "beffroi/archive-head-key/1");
        crypto::check_mac(&key, &[&head.body()], mac).map_err(|_| ArchiveError::OtherKey)?;
        Ok(ArchiveKey { content: head.derive(stage_key, "beffroi/archive-content-key/1"), head: crypto::derive_hash(&[bytes]) })
    }

    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), ArchiveError> {
        let of_any = bytes.get(4..).is_some_and(|rest| rest.starts_with(HEAD_OF_ANY));
        let unknown = if of_any && bytes.len() <= MOST_ARCHIVE_HEAD { ArchiveError::TooNew } else { ArchiveError::NotAnArchive };
        let mut reader = CanonicalReader::new(HEAD, bytes).map_err(|_| unknown)?;
        let mut read = || {
            let vault = VaultId::from_bytes(reader.bytes().ok()?).ok()?;
            let archive = reader.bytes().ok()?.try_into().ok()?;
            let is_chunk = reader.number().ok()? == ARCHIVE_CHUNK as u64;
            let mac = reader.bytes().ok()?;
            is_chunk.then_some((Self { vault, archive }, mac))
        };
        let found = read().ok_or(ArchiveError::NotAnArchive)?;
        reader.finish().map_err(|_| ArchiveError::NotAnArchive)?;
        Ok(found)
    }

    fn start(&self) -> Canonical {
        Canonical::new(HEAD).bytes(self.vault.as_bytes()).bytes(&self.archive).number(ARCHIVE_CHUNK as u64)
    }

    fn body(&self) -> Vec<u8> {
        self.start().finish()
    }

    /// `HKDF(salt = vault, ikm = the stage's backup key, info = C(purpose, archive))`.
    fn derive(&self, stage_key: &SecretKey, purpose: &str) -> SecretKey {
        crypto::derive_key(self.vault, stage_key, &Canonical::new(purpose).bytes(&self.archive).finish())
    }
}

impl ArchiveKey {
    /// Seals a chunk: `nonce ‖ AEAD(content key, nonce, content, C("beffroi/archive-chunk/1", SHA-256(head), number, 1 for the
    /// last one else 0))`.
    ///
    /// # Errors
    /// [`ArchiveError::NoRandomness`].
    pub fn seal_chunk(&self, number: u64, is_last: bool, content: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        self.seal_with(&crypto::make_public()?, &self.chunk(number, is_last), content)
    }

    /// Opens a chunk.
    ///
    /// # Errors
    /// [`ArchiveError::NotAuthentic`].
    pub fn open_chunk(&self, number: u64, is_last: bool, sealed: &[u8]) -> Result<SecretBytes, ArchiveError> {
        self.open_with(&self.chunk(number, is_last), sealed)
    }

    /// Seals what is said about the archive, beside its content.
    ///
    /// # Errors
    /// [`ArchiveError::NoRandomness`].
    pub fn seal_about(&self, about: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        self.seal_with(&crypto::make_public()?, &self.about(), about)
    }

    /// Opens what is said about the archive.
    ///
    /// # Errors
    /// [`ArchiveError::NotAuthentic`].
    pub fn open_about(&self, sealed: &[u8]) -> Result<SecretBytes, ArchiveError> {
        self.open_with(&self.about(), sealed)
    }

    fn chunk(&self, number: u64, is_last: bool) -> Vec<u8> {
        Canonical::new("beffroi/archive-chunk/1").bytes(&self.head).number(number).number(u64::from(is_last)).finish()
    }

    fn about(&self) -> Vec<u8> {
        Canonical::new("beffroi/archive-about/1").bytes(&self.head).finish()
    }

    fn seal_with(&self, nonce: &[u8; NONCE], associated: &[u8], content: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        crypto::seal(&self.content, nonce, associated, content, nonce).map_err(|_| ArchiveError::NotAuthentic)
    }

    fn open_with(&self, associated: &[u8], sealed: &[u8]) -> Result<SecretBytes, ArchiveError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(ArchiveError::NotAuthentic)?;
        crypto::unseal(&self.content, nonce, associated, body).map_err(|_| ArchiveError::NotAuthentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> ArchiveHead {
        ArchiveHead { vault: VaultId::from_bytes(&[1; 16]).expect("16 bytes"), archive: [2; 16] }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn stage_key() -> SecretKey {
        SecretKey::new([3; 32])
    }

    /// Stands in FORMAT.md.
    #[test]
    fn the_vectors_of_the_format_hold() {
        let bytes = head().write(&stage_key());
        let key = ArchiveHead::open(&bytes, &stage_key()).expect("its own key");
        let chunk = key.seal_with(&[4; NONCE], &key.chunk(7, true), b"beffroi").expect("sealed");
        let about = key.seal_with(&[5; NONCE], &key.about(), b"{}").expect("sealed");
        let format = include_str!("../FORMAT.md");
        let lacking: Vec<_> = [("head", &bytes), ("chunk", &chunk), ("about", &about)].map(|(what, value)| (what, hex(value))).into();
        let lacking: Vec<_> = lacking.into_iter().filter(|(_, value)| !format.contains(value)).collect();
        assert!(lacking.is_empty(), "FORMAT.md lacks {lacking:?}");
        assert_eq!(key.open_chunk(7, true, &chunk).expect("its place").expose(), b"beffroi");
    }

    #[test]
    fn every_byte_of_the_head_counts_and_it_cannot_be_cut() {
        let bytes = head().write(&stage_key());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(ArchiveHead::open(&changed, &stage_key()).is_err(), "byte {at}");
            assert!(ArchiveHead::open(&bytes[..at], &stage_key()).is_err(), "cut at {at}");
        }
        assert!(ArchiveHead::open(&[&bytes[..], b"x"].concat(), &stage_key()).is_err());
        assert_eq!(ArchiveHead::open(&bytes, &SecretKey::new([9; 32])).err(), Some(ArchiveError::OtherKey));
        assert_eq!(ArchiveHead::peek(&bytes), Ok(head()));
    }

    #[test]
    fn a_later_format_is_said_to_be_one() {
        let later = Canonical::new("beffroi/archive/2").bytes(b"whatever").finish();
        assert_eq!(ArchiveHead::peek(&later), Err(ArchiveError::TooNew));
        assert_eq!(ArchiveHead::peek(b"PK\x03\x04 something else"), Err(ArchiveError::NotAnArchive));
        assert_eq!(ArchiveHead::peek(b""), Err(ArchiveError::NotAnArchive));
    }

    #[test]
    fn a_chunk_opens_in_its_own_place_only() {
        let bytes = head().write(&stage_key());
        let key = ArchiveHead::open(&bytes, &stage_key()).expect("its own key");
        let sealed = key.seal_chunk(3, false, b"content").expect("sealed");
        assert_eq!(key.open_chunk(3, false, &sealed).expect("its place").expose(), b"content");
        assert_ne!(sealed, key.seal_chunk(3, false, b"content").expect("sealed"), "nonces are random");
        assert!(key.open_chunk(4, false, &sealed).is_err(), "another place");
        assert!(key.open_chunk(3, true, &sealed).is_err(), "not the last");
        assert!(key.open_about(&sealed).is_err(), "another part");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 0x80;
            assert!(key.open_chunk(3, false, &changed).is_err(), "byte {at}");
            assert!(key.open_chunk(3, false, &sealed[..at]).is_err(), "cut at {at}");
        }
        let other = ArchiveHead { archive: [8; 16], ..head() };
        let other = ArchiveHead::open(&other.write(&stage_key()), &stage_key()).expect("its own key");
        assert!(other.open_chunk(3, false, &sealed).is_err(), "a chunk of another archive");
    }
}
