//! Passwords that were found in a leak: their SHA-1 in a file on this machine. Nothing is asked of any service.
//!
//! The files are those of Pwned Passwords (<https://haveibeenpwned.com/Passwords>), as its downloader writes them: one file of
//! lines `SHA1:COUNT` in order, or a folder with a file for each five first digits and lines `REST:COUNT`. In a file in
//! order a hash is found by halves; another one, also one that gzip compressed, is read once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::HealthError;

/// Hexadecimal digits of a SHA-1.
const DIGITS: usize = 40;
/// Digits that name a file of the folder.
const PREFIX: usize = 5;
/// Bytes of the longest line that is read.
const MOST_LINE: u64 = 256;
/// Bytes of the largest file of the folder; the real ones have 40 KB.
const MOST_RANGE: u64 = 8 << 20;
/// Places where it is looked whether a file is in order.
const SAMPLES: u64 = 64;

/// A password's SHA-1, in capitals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub(super) struct Hash([u8; DIGITS]);

impl Hash {
    pub(super) fn of(password: &[u8]) -> Self {
        let mut hash = Self([0; DIGITS]);
        for (two, byte) in hash.0.as_chunks_mut::<2>().0.iter_mut().zip(Sha1::digest(password)) {
            *two = [byte >> 4, byte & 15].map(|digit| b"0123456789ABCDEF".get(usize::from(digit)).copied().unwrap_or(b'0'));
        }
        hash
    }

    fn prefix(&self) -> &[u8] {
        self.0.get(..PREFIX).unwrap_or_default()
    }
}

/// How a leak was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeakedBy {
    /// By halves.
    Order,
    /// From its beginning to its end.
    Reading,
    /// By the files of a folder.
    Folder,
}

/// What was found of passwords in a leak.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// How often each was leaked; those that were not are absent. Places are those of the hashes that were looked up.
    pub(super) counts: BTreeMap<usize, u64>,
    pub(super) by: LeakedBy,
    /// How many could not be looked up: the file of their range is not there, or not whole.
    pub(super) unknown: usize,
}

/// Looks passwords up; nothing is found any more once `stop` says so.
pub(super) fn look_up(path: &Path, hashes: &[Hash], stop: &dyn Fn() -> bool) -> Result<Found, HealthError> {
    let fault = |error| HealthError::Leaked { path: path.to_owned(), source: error };
    let facts = std::fs::metadata(path).map_err(fault)?;
    if facts.is_dir() {
        return folder(path, hashes, stop);
    }
    let mut file = BufReader::new(File::open(path).map_err(fault)?);
    let start = file.fill_buf().map_err(fault)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        let lines = BufReader::new(MultiGzDecoder::new(file));
        return read(path, lines, hashes, stop);
    }
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match hash_of(line) {
        Some(_) => {}
        None if digits(line) == 32 => return Err(HealthError::LeakedNtlm { path: path.to_owned() }),
        None => return Err(HealthError::NotLeaked { path: path.to_owned() }),
    }
    let mut lines = Lines { file, length: facts.len() };
    if lines.is_ordered().map_err(fault)? {
        let mut counts = BTreeMap::new();
        for (place, hash) in hashes.iter().enumerate().take_while(|_| !stop()) {
            counts.extend(lines.find(hash).map_err(fault)?.map(|count| (place, count)));
        }
        return Ok(Found { counts, by: LeakedBy::Order, unknown: 0 });
    }
    lines.file.rewind().map_err(fault)?;
    read(path, lines.file, hashes, stop)
}

fn folder(path: &Path, hashes: &[Hash], stop: &dyn Fn() -> bool) -> Result<Found, HealthError> {
    let mut found = Found { counts: BTreeMap::new(), by: LeakedBy::Folder, unknown: 0 };
    let mut any = false;
    for (place, hash) in hashes.iter().enumerate().take_while(|_| !stop()) {
        let name = String::from_utf8_lossy(hash.prefix()).into_owned();
        let names = [name.clone(), format!("{name}.txt")];
        let Some(file) = names.iter().map(|name| path.join(name)).find(|file| file.is_file()) else {
            found.unknown += 1;
            continue;
        };
        any = true;
        let fault = |error| HealthError::Leaked { path: file.clone(), source: error };
        let mut text = Vec::new();
        File::open(&file).and_then(|file| file.take(MOST_RANGE + 1).read_to_end(&mut text)).map_err(fault)?;
        let rest = hash.0.get(PREFIX..).unwrap_or_default();
        let line =
            text.split(|byte| *byte == b'\n').find(|line| line.get(..rest.len()).is_some_and(|start| start.eq_ignore_ascii_case(rest)));
        match line {
            Some(line) => drop(found.counts.insert(place, count_of(line))),
            None if is_whole(&text) => {}
            None => found.unknown += 1,
        }
    }
    // A folder where nothing has such a name is none of these.
    if any || hashes.is_empty() || has_ranges(path) { Ok(found) } else { Err(HealthError::NotLeaked { path: path.to_owned() }) }
}

/// Whether the file of a range was written to its end, as far as can be seen: every range has lines, and the last is one.
fn is_whole(text: &[u8]) -> bool {
    let last = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    text.len() as u64 <= MOST_RANGE && digits(last) == DIGITS - PREFIX
}

fn has_ranges(path: &Path) -> bool {
    let names: [PathBuf; 2] = [path.join("00000"), path.join("00000.txt")];
    names.iter().any(|name| name.is_file())
}

/// Reads lines to their end.
fn read(path: &Path, mut lines: impl BufRead, hashes: &[Hash], stop: &dyn Fn() -> bool) -> Result<Found, HealthError> {
    // Several secrets may have one password.
    let mut places: BTreeMap<&Hash, Vec<usize>> = BTreeMap::new();
    for (place, hash) in hashes.iter().enumerate() {
        places.entry(hash).or_default().push(place);
    }
    let (mut counts, mut line, mut right) = (BTreeMap::new(), Vec::new(), 0_u64);
    loop {
        line.clear();
        let taken = Read::take(&mut lines, MOST_LINE).read_until(b'\n', &mut line);
        if taken.map_err(|error| HealthError::Leaked { path: path.to_owned(), source: error })? == 0 || stop() {
            break;
        }
        let Some(hash) = hash_of(&line) else {
            if right == 0 {
                return Err(if digits(&line) == 32 {
                    HealthError::LeakedNtlm { path: path.to_owned() }
                } else {
                    HealthError::NotLeaked { path: path.to_owned() }
                });
            }
            continue;
        };
        right += 1;
        counts.extend(places.get(&hash).into_iter().flatten().map(|place| (*place, count_of(&line))));
    }
    Ok(Found { counts, by: LeakedBy::Reading, unknown: 0 })
}

/// The lines of a file, by places in it.
struct Lines<R> {
    file: R,
    length: u64,
}

impl<R: BufRead + Seek> Lines<R> {
    /// The first whole line that begins at a place or after it, and where it begins; nothing behind the last.
    fn line_from(&mut self, place: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        let mut at = place;
        self.file.seek(SeekFrom::Start(place.saturating_sub(1)))?;
        let mut line = Vec::new();
        if place > 0 {
            // The rest of the line before; nothing but its end, when the place is a beginning.
            at += Read::take(&mut self.file, MOST_LINE).read_until(b'\n', &mut line)? as u64 - 1;
            line.clear();
        }
        let taken = Read::take(&mut self.file, MOST_LINE).read_until(b'\n', &mut line)?;
        Ok((taken > 0).then_some((at, line)))
    }

    fn is_ordered(&mut self) -> std::io::Result<bool> {
        let mut last: Option<Hash> = None;
        for sample in 0..SAMPLES {
            let Some((_, line)) = self.line_from(self.length / SAMPLES * sample)? else { break };
            let Some(hash) = hash_of(&line) else { return Ok(false) };
            if last.is_some_and(|last| last > hash) {
                return Ok(false);
            }
            last = Some(hash);
        }
        Ok(true)
    }

    /// The count of a hash, by halves.
    fn find(&mut self, wanted: &Hash) -> std::io::Result<Option<u64>> {
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some((at, line)) = self.line_from(middle)?.filter(|(at, _)| *at < high) else {
                // No line begins in the upper half.
                high = middle;
                continue;
            };
            match hash_of(&line) {
                Some(hash) if hash == *wanted => return Ok(Some(count_of(&line))),
                Some(hash) if hash < *wanted => low = at + line.len() as u64,
                _ => high = middle,
            }
        }
        Ok(None)
    }
}

fn digits(line: &[u8]) -> usize {
    line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count()
}

fn hash_of(line: &[u8]) -> Option<Hash> {
    let hash = line.first_chunk::<DIGITS>().filter(|_| digits(line) == DIGITS)?;
    matches!(line.get(DIGITS), None | Some(b':' | b'\r' | b'\n' | b' ')).then(|| Hash(hash.map(|digit| digit.to_ascii_uppercase())))
}

/// A line without a count tells one.
fn count_of(line: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(line);
    text.rsplit_once(':').and_then(|(_, count)| count.trim().parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn hashes(passwords: &[&str]) -> Vec<Hash> {
        passwords.iter().map(|password| Hash::of(password.as_bytes())).collect()
    }

    fn text(hash: &Hash) -> String {
        String::from_utf8_lossy(&hash.0).into_owned()
    }

    /// Lines of a thousand passwords, in order of their hashes.
    fn leak() -> Vec<String> {
        let mut lines: Vec<String> =
            (0..1000).map(|at| format!("{}:{}", text(&Hash::of(format!("leaked {at}").as_bytes())), at + 1)).collect();
        lines.sort();
        lines
    }

    /// One of them is the password of two secrets.
    const WANTED: &[&str] = &["leaked 0", "not leaked", "leaked 999", "leaked 512", "leaked 999"];

    fn looked_up(bytes: &[u8]) -> (BTreeMap<usize, u64>, LeakedBy) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        let found = look_up(file.path(), &hashes(WANTED), &|| false).expect("looked up");
        assert_eq!(found.unknown, 0);
        (found.counts, found.by)
    }

    fn expected() -> BTreeMap<usize, u64> {
        BTreeMap::from([(0, 1), (2, 1000), (3, 513), (4, 1000)])
    }

    #[test]
    fn a_hash_is_the_one_that_is_published() {
        assert_eq!(text(&Hash::of(b"password")), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn a_file_in_order_is_searched_by_halves_and_any_other_is_read() {
        let lines = leak();
        assert_eq!(looked_up((lines.join("\r\n") + "\r\n").as_bytes()), (expected(), LeakedBy::Order));
        assert_eq!(looked_up(lines.join("\n").to_lowercase().as_bytes()), (expected(), LeakedBy::Order), "no end, small letters");
        let mut mixed = lines.clone();
        mixed.rotate_left(300);
        assert_eq!(looked_up(mixed.join("\n").as_bytes()), (expected(), LeakedBy::Reading));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(lines.join("\n").as_bytes()).expect("packed");
        assert_eq!(looked_up(&packed.finish().expect("packed")), (expected(), LeakedBy::Reading));
    }

    /// Every line is found, also the first and the last, whatever the lines' lengths.
    #[test]
    fn every_line_of_a_file_in_order_is_found() {
        let lines = leak();
        let bytes = lines.join("\n").into_bytes();
        let mut file = Lines { length: bytes.len() as u64, file: std::io::Cursor::new(bytes) };
        for line in &lines {
            let wanted = hash_of(line.as_bytes()).expect("a hash");
            assert_eq!(file.find(&wanted).expect("read"), Some(count_of(line.as_bytes())), "{line}");
        }
        for other in hashes(&["a", "b", "c", "d"]) {
            assert_eq!(file.find(&other).expect("read"), None);
        }
    }

    #[test]
    fn a_folder_of_ranges_is_looked_up_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        for (at, line) in leak().iter().enumerate() {
            let (prefix, rest) = line.split_at(PREFIX);
            let name = if at % 2 == 0 { prefix.to_owned() } else { format!("{prefix}.txt") };
            std::fs::write(folder.path().join(name), format!("0000000000000000000000000000000000A:9\r\n{rest}\r\n")).expect("written");
        }
        let look = |wanted: &[&str]| look_up(folder.path(), &hashes(wanted), &|| false).expect("looked up");
        // The range of the one that was not leaked is not there: that is not known.
        assert_eq!(look(WANTED), Found { counts: expected(), by: LeakedBy::Folder, unknown: 1 });
        let range = |password: &str| folder.path().join(String::from_utf8_lossy(Hash::of(password.as_bytes()).prefix()).into_owned());
        let other = "0000000000000000000000000000000000A:9\r\n";
        for (text, unknown) in
            [(other.to_owned(), 0), (String::new(), 1), (format!("{other}0000000000"), 1), ("A".repeat((8 << 20) + 1), 1)]
        {
            std::fs::write(range("not leaked"), text).expect("written");
            assert_eq!(look(WANTED).unknown, unknown);
        }
        let empty = tempfile::tempdir().expect("a folder");
        assert!(matches!(look_up(empty.path(), &hashes(WANTED), &|| false), Err(HealthError::NotLeaked { .. })));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let refused = |bytes: &[u8]| {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(bytes).expect("written");
            look_up(file.path(), &hashes(WANTED), &|| false).expect_err("refused")
        };
        assert!(matches!(refused(b"8846F7EAEE8FB117AD06BDD830B7586C:5\n"), HealthError::LeakedNtlm { .. }));
        for other in [&b""[..], b"password\n", b"\x00\x01", &[b'A'; 5000], b"\x1f\x8b\x08\x00 broken"] {
            let error = refused(other);
            assert!(matches!(error, HealthError::NotLeaked { .. } | HealthError::Leaked { .. }), "{error}");
        }
    }
}
