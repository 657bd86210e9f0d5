//! An archive's folder: its head, its volumes, what it is. FORMAT.md of the vault says what stands where.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use beffroi_secret::SecretKey;
use beffroi_vault::{ARCHIVE_CHUNK, ARCHIVE_OVERHEAD, ArchiveError, ArchiveHead, ArchiveKey, MOST_ARCHIVE_HEAD};
use sha2::{Digest, Sha256};

use super::About;
use crate::{AppError, BackupError};

/// Chunks of a volume.
const VOLUME: u64 = 1024;
/// Bytes of a whole chunk on disk.
const SEALED: usize = ARCHIVE_CHUNK + ARCHIVE_OVERHEAD;
const HEAD: &str = "head";
const ABOUT: &str = "about";
/// What who writes an archive holds locked.
const LOCK: &str = "lock";
/// What ends the name of a folder that is not whole yet.
pub(crate) const PART: &str = ".part";
/// The most bytes of `about`: a document has as many.
const MOST_ABOUT: u64 = 1 << 20;

/// Why an archive's folder is not what it should be.
#[derive(Debug)]
pub(crate) enum Broken {
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
    /// What it holds is not what was written.
    Content(PathBuf, ArchiveError),
    /// Somebody else writes it.
    Busy(PathBuf),
}

impl From<Broken> for AppError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::File(path, error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                Self::Remote(beffroi_remote::RemoteError::NoSpace { there: false, path: path.display().to_string() })
            }
            Broken::File(path, error) => Self::LocalFile { path, reason: error.to_string() },
            Broken::Content(path, error) => Self::Backup(BackupError::Files { path, error }),
            Broken::Busy(path) => Self::Backup(BackupError::Busy { path }),
        }
    }
}

fn file<T>(path: &Path, done: io::Result<T>) -> Result<T, Broken> {
    done.map_err(|error| Broken::File(path.to_owned(), error))
}

fn content<T>(path: &Path, done: Result<T, ArchiveError>) -> Result<T, Broken> {
    done.map_err(|error| Broken::Content(path.to_owned(), error))
}

fn volume(folder: &Path, chunk: u64) -> PathBuf {
    folder.join(format!("{:04}", chunk / VOLUME))
}

/// The name of an archive's folder.
pub(crate) fn folder_name(archive: &[u8; 16]) -> String {
    archive.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the head of a folder; at most as much as a head has.
pub(crate) fn read_head(folder: &Path) -> Result<Vec<u8>, Broken> {
    let path = folder.join(HEAD);
    let mut bytes = Vec::new();
    let opened = file(&path, File::open(&path))?;
    file(&path, opened.take(MOST_ARCHIVE_HEAD as u64 + 1).read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// Whose a folder says it is; `None` where it is no folder of an archive.
pub(crate) fn peek(folder: &Path) -> Option<ArchiveHead> {
    ArchiveHead::peek(&read_head(folder).ok()?).ok()
}

/// Reads what an archive is.
pub(crate) fn read_about(folder: &Path, key: &ArchiveKey) -> Result<About, Broken> {
    let path = folder.join(ABOUT);
    let mut bytes = Vec::new();
    let opened = file(&path, File::open(&path))?;
    file(&path, opened.take(MOST_ABOUT + 1).read_to_end(&mut bytes))?;
    let plain = content(&path, key.open_about(&bytes))?;
    // Holds no secret: what an archive is called and holds.
    content(&path, serde_json::from_slice(plain.expose()).map_err(|_| ArchiveError::NotAuthentic))
}

fn write_about(folder: &Path, key: &ArchiveKey, about: &About) -> Result<(), Broken> {
    let (path, new) = (folder.join(ABOUT), folder.join("about.new"));
    let json = serde_json::to_vec(about).unwrap_or_default();
    let sealed = content(&path, key.seal_about(&json))?;
    let write = || {
        let mut file = create(&new)?;
        file.set_len(0)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    file(&path, write())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).read(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Claims the folder of an archive that is not whole yet, until the file is closed or the process ends: two writers would write
/// over each other.
fn claimed(part: &Path) -> Result<File, Broken> {
    let path = part.join(LOCK);
    let lock = file(&path, create(&path))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Broken::Busy(part.to_owned())),
        // Where files cannot be locked, others are not noticed: as good as that place allows.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

/// An archive that is being written.
pub(crate) struct Writer {
    part: PathBuf,
    key: ArchiveKey,
    /// The next chunk.
    chunk: u64,
    buffer: Vec<u8>,
    volume: Option<File>,
    hash: Sha256,
    bytes: u64,
    /// Whether what was written is removed unless it was finished.
    fleeting: bool,
    /// Given up before the folder gets its name.
    claim: Option<File>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.fleeting {
            self.volume = None;
            // Without a head nobody goes on with it.
            let _ = fs::remove_file(self.part.join(HEAD));
            drop(self.claim.take());
            remove(&self.part);
        }
    }
}

impl Writer {
    /// Begins an archive in a folder that must not be there yet.
    pub(crate) fn begin(place: &Path, head: &ArchiveHead, stage_key: &SecretKey, about: &About) -> Result<Self, Broken> {
        let part = place.join(format!("{}{PART}", folder_name(&head.archive)));
        file(place, fs::create_dir_all(place))?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        file(&part, builder.create(&part))?;
        let claim = claimed(&part)?;
        let bytes = head.write(stage_key);
        let path = part.join(HEAD);
        let key = content(&path, ArchiveHead::open(&bytes, stage_key))?;
        let write = || {
            let mut file = create(&path)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        file(&path, write())?;
        write_about(&part, &key, about)?;
        Ok(Self {
            part,
            key,
            chunk: 0,
            buffer: Vec::with_capacity(ARCHIVE_CHUNK),
            volume: None,
            hash: Sha256::new(),
            bytes: 0,
            fleeting: false,
            claim: Some(claim),
        })
    }

    /// Goes on with one that was left, from the last chunk that is whole. `seen` is given the content that is there.
    pub(crate) fn resume(part: &Path, stage_key: &SecretKey, seen: &mut dyn FnMut(&[u8])) -> Result<Self, Broken> {
        let claim = claimed(part)?;
        let path = part.join(HEAD);
        let key = content(&path, ArchiveHead::open(&read_head(part)?, stage_key))?;
        // Whoever had it before may have ended it meanwhile.
        if read_about(part, &key)?.sha256.is_some() {
            return Err(Broken::Busy(part.to_owned()));
        }
        let mut writer = Self {
            part: part.to_owned(),
            key,
            chunk: 0,
            buffer: Vec::with_capacity(ARCHIVE_CHUNK),
            volume: None,
            hash: Sha256::new(),
            bytes: 0,
            fleeting: false,
            claim: Some(claim),
        };
        let mut sealed = Vec::new();
        loop {
            let path = volume(part, writer.chunk);
            if !path.exists() {
                break;
            }
            if writer.volume.is_none() || writer.chunk.is_multiple_of(VOLUME) {
                writer.volume = Some(file(&path, create(&path))?);
            }
            let Some(open) = &mut writer.volume else { break };
            sealed.clear();
            file(&path, Read::take(&mut *open, SEALED as u64).read_to_end(&mut sealed))?;
            // A last one is never gone on with: it is written anew.
            let Ok(plain) = writer.key.open_chunk(writer.chunk, false, &sealed) else { break };
            // Content of a backup, given to whoever is to see it.
            let bytes = plain.expose();
            writer.hash.update(bytes);
            writer.bytes += bytes.len() as u64;
            seen(bytes);
            writer.chunk += 1;
        }
        writer.cut()?;
        Ok(writer)
    }

    /// Removes what is after the last whole chunk.
    fn cut(&mut self) -> Result<(), Broken> {
        let path = volume(&self.part, self.chunk);
        if path.exists() {
            let open = file(&path, create(&path))?;
            file(&path, open.set_len(self.chunk % VOLUME * SEALED as u64))?;
        }
        let mut after = self.chunk / VOLUME + 1;
        while let path = self.part.join(format!("{after:04}"))
            && path.exists()
        {
            file(&path, fs::remove_file(&path))?;
            after += 1;
        }
        self.volume = None;
        Ok(())
    }

    /// The same, removed when it is given up: what cannot be gone on with.
    pub(crate) fn fleeting(mut self) -> Self {
        self.fleeting = true;
        self
    }

    /// Bytes of content so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes + self.buffer.len() as u64
    }

    /// SHA-256 of that content.
    pub(crate) fn hash_so_far(&self) -> String {
        hex(&self.hash.clone().chain_update(&self.buffer).finalize())
    }

    /// Adds content.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Broken> {
        while !bytes.is_empty() {
            if self.buffer.len() == ARCHIVE_CHUNK {
                self.seal(false)?;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(ARCHIVE_CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    fn seal(&mut self, is_last: bool) -> Result<(), Broken> {
        let path = volume(&self.part, self.chunk);
        if self.chunk.is_multiple_of(VOLUME) || self.volume.is_none() {
            if let Some(full) = self.volume.take() {
                file(&path, full.sync_all())?;
            }
            let mut open = file(&path, create(&path))?;
            file(&path, open.seek(SeekFrom::Start(self.chunk % VOLUME * SEALED as u64)))?;
            self.volume = Some(open);
        }
        let sealed = content(&path, self.key.seal_chunk(self.chunk, is_last, &self.buffer))?;
        if let Some(open) = &mut self.volume {
            file(&path, open.write_all(&sealed))?;
        }
        self.hash.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        self.chunk += 1;
        Ok(())
    }

    /// Ends it: the folder gets its name when everything in it is durable. `say` completes what it is.
    pub(crate) fn finish(mut self, mut about: About) -> Result<(PathBuf, About), Broken> {
        self.seal(true)?;
        let path = volume(&self.part, self.chunk - 1);
        if let Some(open) = self.volume.take() {
            file(&path, open.sync_all())?;
        }
        about.bytes = self.bytes;
        about.sha256 = Some(self.hash_so_far());
        write_about(&self.part, &self.key, &about)?;
        let whole = self.part.with_extension("");
        // Windows renames no folder of which a file is open.
        drop(self.claim.take());
        let _ = fs::remove_file(self.part.join(LOCK));
        file(&whole, fs::rename(&self.part, &whole))?;
        self.fleeting = false;
        #[cfg(unix)]
        if let Some(place) = whole.parent().and_then(|place| File::open(place).ok()) {
            // The name is there already: a folder that cannot be synced is no reason to fail.
            let _ = place.sync_all();
        }
        Ok((whole, about))
    }
}

/// Removes an archive's folder: the files of an archive, and the folder when nothing else is in it.
pub(crate) fn remove(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if matches!(&*name, HEAD | ABOUT | LOCK | "about.new") || (name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit())) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let _ = fs::remove_dir(folder);
}

/// An archive that is read from its start to its end.
pub(crate) struct Reader {
    folder: PathBuf,
    key: ArchiveKey,
    chunk: u64,
    volume: Option<(File, u64)>,
    hash: Sha256,
    bytes: u64,
    ended: bool,
}

impl Reader {
    /// Opens a folder with the key of its stage.
    pub(crate) fn open(folder: &Path, stage_key: &SecretKey) -> Result<(Self, About), Broken> {
        let key = content(&folder.join(HEAD), ArchiveHead::open(&read_head(folder)?, stage_key))?;
        let about = read_about(folder, &key)?;
        let reader = Self { folder: folder.to_owned(), key, chunk: 0, volume: None, hash: Sha256::new(), bytes: 0, ended: false };
        Ok((reader, about))
    }

    /// The next piece of content; nothing after the last, when everything held.
    pub(crate) fn next(&mut self) -> Result<Option<beffroi_secret::SecretBytes>, Broken> {
        if self.ended {
            return Ok(None);
        }
        let path = volume(&self.folder, self.chunk);
        if self.volume.is_none() || self.chunk.is_multiple_of(VOLUME) {
            let open = file(&path, File::open(&path))?;
            let length = file(&path, open.metadata())?.len();
            self.volume = Some((open, length));
        }
        let Some((open, length)) = &mut self.volume else { return Ok(None) };
        let mut sealed = Vec::with_capacity(SEALED);
        file(&path, Read::take(&mut *open, SEALED as u64).read_to_end(&mut sealed))?;
        let here = self.chunk % VOLUME;
        let at_end = *length <= here * SEALED as u64 + sealed.len() as u64;
        let full = here + 1 == VOLUME;
        let next = volume(&self.folder, self.chunk + 1);
        let is_last = at_end && !(full && next.exists());
        let cut = || Broken::Content(path.clone(), ArchiveError::NotAuthentic);
        let plain = self.key.open_chunk(self.chunk, is_last, &sealed).map_err(|_| cut())?;
        let bytes = plain.expose();
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.chunk += 1;
        if is_last {
            self.ended = true;
            let after = self.folder.join(format!("{:04}", (self.chunk - 1) / VOLUME + 1));
            if after.exists() {
                return Err(Broken::Content(after, ArchiveError::NotAuthentic));
            }
        }
        Ok(Some(plain))
    }

    /// Whether what was read is what `about` says.
    pub(crate) fn check(&self, about: &About) -> Result<(), Broken> {
        let sum = hex(&self.hash.clone().finalize());
        if self.ended && self.bytes == about.bytes && about.sha256.as_ref() == Some(&sum) {
            return Ok(());
        }
        Err(Broken::Content(self.folder.join(ABOUT), ArchiveError::NotAuthentic))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use beffroi_domain::VaultId;

    use super::*;

    fn key() -> SecretKey {
        SecretKey::new([3; 32])
    }

    fn head() -> ArchiveHead {
        ArchiveHead { vault: VaultId::make(), archive: [2; 16] }
    }

    fn content_of(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|at| u8::try_from(at * 7 % 251).expect("below 251")).collect()
    }

    fn written(place: &Path, content: &[u8]) -> PathBuf {
        let mut writer = Writer::begin(place, &head(), &key(), &About::default()).expect("a folder");
        content.chunks(70_001).for_each(|piece| writer.push(piece).expect("room"));
        writer.finish(About::default()).expect("room").0
    }

    fn read(folder: &Path) -> Result<Vec<u8>, Broken> {
        let (mut reader, about) = Reader::open(folder, &key())?;
        let mut content = Vec::new();
        while let Some(piece) = reader.next()? {
            content.extend_from_slice(piece.expose());
        }
        reader.check(&about).map(|()| content)
    }

    #[test]
    fn what_is_written_is_read_back_whatever_its_length() {
        for bytes in [0, 1, ARCHIVE_CHUNK - 1, ARCHIVE_CHUNK, ARCHIVE_CHUNK + 1, 2 * ARCHIVE_CHUNK, 3 * ARCHIVE_CHUNK + 5] {
            let place = tempfile::tempdir().expect("a folder");
            let content = content_of(bytes);
            let folder = written(place.path(), &content);
            assert!(read(&folder).expect("whole") == content, "{bytes} bytes");
            assert!(!place.path().join(format!("{}{PART}", folder_name(&[2; 16]))).exists());
        }
    }

    #[test]
    fn damage_anywhere_is_noticed() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = written(place.path(), &content_of(3 * ARCHIVE_CHUNK + 5));
        let volume = folder.join("0000");
        let whole = fs::read(&volume).expect("there");
        let clear = content_of(40);
        assert!(!whole.windows(40).any(|piece| piece == clear), "nothing is in clear");
        for at in [0, 30, SEALED - 1, SEALED, 2 * SEALED + 77, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&volume, &changed).expect("room");
            assert!(read(&folder).is_err(), "byte {at}");
        }
        for cut in [0, 10, SEALED, 2 * SEALED, 3 * SEALED, whole.len() - 1] {
            fs::write(&volume, &whole[..cut]).expect("room");
            assert!(read(&folder).is_err(), "cut at {cut}");
        }
        let (first, second) = (&whole[..SEALED], &whole[SEALED..2 * SEALED]);
        fs::write(&volume, [second, first, &whole[2 * SEALED..]].concat()).expect("room");
        assert!(read(&folder).is_err(), "swapped");
        fs::write(&volume, [first, first, &whole[2 * SEALED..]].concat()).expect("room");
        assert!(read(&folder).is_err(), "put in the place of another");
        fs::write(&volume, [&whole[..], &whole[3 * SEALED..]].concat()).expect("room");
        assert!(read(&folder).is_err(), "something after the end");
        fs::write(&volume, &whole).expect("room");
        fs::write(folder.join("0001"), first).expect("room");
        assert!(read(&folder).is_err(), "a volume too many");
        fs::remove_file(folder.join("0001")).expect("there");
        assert!(read(&folder).is_ok());
        assert!(matches!(Reader::open(&folder, &SecretKey::new([4; 32])), Err(Broken::Content(_, ArchiveError::OtherKey))));
    }

    #[test]
    fn what_was_left_is_gone_on_with_from_its_last_whole_chunk() {
        let content = content_of(3 * ARCHIVE_CHUNK + 5);
        for left in [0, 100, SEALED, SEALED + 100, 2 * SEALED] {
            let place = tempfile::tempdir().expect("a folder");
            let mut writer = Writer::begin(place.path(), &head(), &key(), &About::default()).expect("a folder");
            writer.push(&content[..2 * ARCHIVE_CHUNK + 9]).expect("room");
            let part = writer.part.clone();
            drop(writer);
            let volume = part.join("0000");
            create(&volume).and_then(|file| file.set_len(left as u64)).expect("room");
            let mut seen = Vec::new();
            let mut writer = Writer::resume(&part, &key(), &mut |bytes| seen.extend_from_slice(bytes)).expect("it was begun");
            let whole = left / SEALED * ARCHIVE_CHUNK;
            assert_eq!((writer.bytes(), seen.len()), (whole as u64, whole), "{left}");
            writer.push(&content[whole..]).expect("room");
            let (folder, _) = writer.finish(About::default()).expect("room");
            assert!(read(&folder).expect("whole") == content);
        }
    }

    #[test]
    fn one_folder_has_one_writer_at_a_time() {
        let place = tempfile::tempdir().expect("a folder");
        let writer = Writer::begin(place.path(), &head(), &key(), &About::default()).expect("a folder");
        let part = writer.part.clone();
        let again = || Writer::resume(&part, &key(), &mut |_| {});
        assert!(matches!(again(), Err(Broken::Busy(path)) if path == part));
        drop(writer);
        let writer = again().expect("nobody writes there");
        assert!(again().is_err());
        let (folder, _) = writer.finish(About::default()).expect("room");
        assert!(read(&folder).is_ok() && !folder.join(LOCK).exists());
    }

    #[test]
    fn one_that_was_ended_meanwhile_is_not_written_into() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = written(place.path(), b"whole");
        let part = place.path().join("again.part");
        fs::rename(&folder, &part).expect("there");
        assert!(matches!(Writer::resume(&part, &key(), &mut |_| {}), Err(Broken::Busy(_))));
        fs::remove_file(part.join(LOCK)).expect("it was claimed");
        fs::rename(&part, &folder).expect("there");
        assert!(read(&folder).expect("untouched") == b"whole");
    }

    #[test]
    fn what_is_given_up_leaves_nothing() {
        let place = tempfile::tempdir().expect("a folder");
        drop(Writer::begin(place.path(), &head(), &key(), &About::default()).expect("a folder").fleeting());
        assert_eq!(fs::read_dir(place.path()).expect("there").count(), 0);
    }

    #[test]
    fn only_what_is_an_archives_is_removed() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = written(place.path(), b"x");
        fs::write(folder.join("holiday.jpg"), b"x").expect("room");
        remove(&folder);
        assert!(folder.join("holiday.jpg").exists() && !folder.join(HEAD).exists());
        fs::remove_file(folder.join("holiday.jpg")).expect("there");
        remove(&folder);
        assert!(!folder.exists());
    }
}
