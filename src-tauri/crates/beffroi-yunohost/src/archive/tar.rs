//! The table of contents of an archive, read as its bytes pass by: names are bounded and cleaned, nothing is unpacked.
//!
//! YunoHost writes what Python's `tarfile` writes: POSIX ustar with pax records (POSIX.1-2001, pax, "pax Interchange
//! Format"), and GNU's long names are understood too. An archive may be compressed with gzip as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use beffroi_remote::clean;
use flate2::write::MultiGzDecoder;

/// The longest record of names that is read, and the longest `info.json`.
const MOST_RECORD: u64 = 1 << 20;
/// The longest name that is looked at.
const MOST_NAME: usize = 4096;
/// Odd entries that are named; more are counted only.
const MOST_NAMED: usize = 20;
/// Applications that are told apart.
const MOST_APPS: usize = 1000;
/// The longest settings of an application that are looked at.
const MOST_SETTINGS: u64 = 64 << 10;
const BLOCK: usize = 512;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a table of contents cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TarFault {
    /// It ends inside an entry, or before its end is said.
    #[error("the archive was cut")]
    Cut,
    /// A header's checksum does not hold, or a number in it is none.
    #[error("the archive is damaged")]
    Damaged,
    /// A record of names is longer than any real one.
    #[error("a name in the archive is too long")]
    TooLong,
}

/// What stands in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// Entries of every kind.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Applications that have entries, with the bytes of their files.
    pub apps: BTreeMap<String, u64>,
    /// Parts of the system that have entries, such as `conf/ynh`.
    pub parts: BTreeSet<String>,
    /// Entries that no backup has: absolute, leading out of the folder they are unpacked in, devices. Harmless text.
    pub odd: Vec<String>,
    /// How many they are.
    pub odd_count: u64,
    /// `info.json`, as it stands there.
    pub info: Option<Vec<u8>>,
    /// The domain that an application stood on, by its settings.
    pub domains: BTreeMap<String, String>,
}

/// Reads an archive as it passes.
pub struct Listing(Form);

enum Form {
    /// Too few bytes to tell.
    Unknown(Vec<u8>),
    Plain(Box<Table>),
    Packed(Box<MultiGzDecoder<Table>>),
}

impl Default for Listing {
    fn default() -> Self {
        Self(Form::Unknown(Vec::new()))
    }
}

impl std::fmt::Debug for Listing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Listing")
    }
}

impl Listing {
    /// Takes the next bytes. After a fault the rest is taken and not looked at: [`Listing::finish`] tells it.
    pub fn push(&mut self, bytes: &[u8]) {
        if let Form::Unknown(first) = &mut self.0 {
            first.extend_from_slice(bytes);
            if first.len() < GZIP.len() {
                return;
            }
            let first = std::mem::take(first);
            self.0 = if first.starts_with(&GZIP) {
                Form::Packed(Box::new(MultiGzDecoder::new(Table::default())))
            } else {
                Form::Plain(Box::default())
            };
            return self.push(&first);
        }
        match &mut self.0 {
            Form::Unknown(_) => {}
            Form::Plain(table) => table.push(bytes),
            Form::Packed(decoder) => {
                if decoder.write_all(bytes).is_err() {
                    decoder.get_mut().fault.get_or_insert(TarFault::Damaged);
                }
            }
        }
    }

    /// What was in it.
    ///
    /// # Errors
    /// [`TarFault`].
    pub fn finish(self) -> Result<Listed, TarFault> {
        match self.0 {
            Form::Unknown(_) => Err(TarFault::Cut),
            Form::Plain(table) => table.finish(),
            Form::Packed(mut decoder) => {
                if let Some(fault) = decoder.get_ref().fault {
                    return Err(fault);
                }
                decoder.try_finish().map_err(|_| TarFault::Cut)?;
                std::mem::take(decoder.get_mut()).finish()
            }
        }
    }
}

/// What the bytes that come belong to.
#[derive(Default)]
enum At {
    /// A header, as far as it is there.
    #[default]
    Header,
    /// The content of an entry, and what fills its last block.
    Content { left: u64, padding: u64, into: Into },
    /// After the end.
    End,
}

/// Where the content of an entry goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Nowhere,
    Info,
    Settings,
    Pax,
    LongName,
}

#[derive(Default)]
struct Table {
    at: At,
    /// A header, or a record, so far.
    buffer: Vec<u8>,
    /// What records said of the next entry.
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Whose settings these are.
    app: String,
    listed: Listed,
    fault: Option<TarFault>,
}

impl Write for Table {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Table {
    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fault.is_none() {
            bytes = match self.step(bytes) {
                Ok(rest) => rest,
                Err(fault) => {
                    self.fault = Some(fault);
                    return;
                }
            };
        }
    }

    /// Takes what belongs to where it stands, and gives the rest.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], TarFault> {
        match &mut self.at {
            At::End => Ok(&[]),
            At::Header => {
                let (now, rest) = bytes.split_at(bytes.len().min(BLOCK - self.buffer.len()));
                self.buffer.extend_from_slice(now);
                if self.buffer.len() == BLOCK {
                    let block = std::mem::take(&mut self.buffer);
                    self.at = self.header(&block)?;
                }
                Ok(rest)
            }
            At::Content { left, padding, into } => {
                let take = usize::try_from((*left).min(bytes.len() as u64)).unwrap_or(bytes.len());
                let (content, rest) = bytes.split_at(take);
                *left -= take as u64;
                if *into != Into::Nowhere {
                    self.buffer.extend_from_slice(content);
                }
                let skip = if *left == 0 { usize::try_from(*padding).unwrap_or(0).min(rest.len()) } else { 0 };
                *padding -= skip as u64;
                let (ended, into) = (*left == 0 && *padding == 0, *into);
                if ended {
                    self.at = At::Header;
                    self.record(into)?;
                }
                Ok(rest.get(skip..).unwrap_or_default())
            }
        }
    }

    fn header(&mut self, block: &[u8]) -> Result<At, TarFault> {
        if block.iter().all(|byte| *byte == 0) {
            return Ok(At::End);
        }
        let sum = number(field(block, 148, 8))?;
        let summed = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) });
        if summed.sum::<u64>() != sum {
            return Err(TarFault::Damaged);
        }
        let kind = block.get(156).copied().unwrap_or(0);
        let stored = number(field(block, 124, 12))?;
        let into = match kind {
            b'x' => Into::Pax,
            b'L' => Into::LongName,
            // Of all entries, or the long target of a link: not looked at.
            b'g' | b'K' => return Ok(content(stored, Into::Nowhere)),
            _ => return Ok(self.entry(block, kind, stored)),
        };
        if stored > MOST_RECORD {
            return Err(TarFault::TooLong);
        }
        Ok(content(stored, into).or_header())
    }

    fn entry(&mut self, block: &[u8], kind: u8, stored: u64) -> At {
        let size = self.size.take().unwrap_or(stored);
        let name = self.name.take().unwrap_or_else(|| {
            let own = until_zero(field(block, 0, 100));
            let prefix = if field(block, 257, 5) == b"ustar" { until_zero(field(block, 345, 155)) } else { &[] };
            if prefix.is_empty() { own.to_vec() } else { [prefix, b"/", own].concat() }
        });
        let is_file = matches!(kind, b'0' | 0 | b'7');
        // Links, folders and devices have no content, whatever their size says.
        let size = if matches!(kind, b'1'..=b'6') { 0 } else { size };
        self.listed.entries += 1;
        if is_file {
            self.listed.bytes = self.listed.bytes.saturating_add(size);
        }
        let text = String::from_utf8_lossy(name.get(..MOST_NAME.min(name.len())).unwrap_or_default());
        let path = text.strip_prefix("./").unwrap_or(&text);
        let leads_out = path.starts_with('/') || path.split('/').any(|part| part == "..") || name.len() > MOST_NAME;
        if leads_out || matches!(kind, b'3' | b'4') {
            self.listed.odd_count += 1;
            if self.listed.odd.len() < MOST_NAMED {
                self.listed.odd.push(clean(&path.chars().take(200).collect::<String>()));
            }
            return content(size, Into::Nowhere).or_header();
        }
        self.sort(path, if is_file { size } else { 0 });
        let is_info = path == "info.json" && is_file && size <= MOST_RECORD && self.listed.info.is_none();
        if is_info && size == 0 {
            self.listed.info = Some(Vec::new());
        }
        let settings = path.strip_prefix("apps/").and_then(|path| path.strip_suffix("/settings/settings.yml"));
        let into = match settings {
            Some(app) if is_file && size <= MOST_SETTINGS && self.listed.domains.len() < MOST_APPS => {
                self.app = clean(app);
                Into::Settings
            }
            _ if is_info => Into::Info,
            _ => Into::Nowhere,
        };
        content(size, into).or_header()
    }

    /// To which application or part of the system an entry belongs.
    fn sort(&mut self, path: &str, size: u64) {
        let mut words = path.split('/').filter(|word| !word.is_empty());
        match (words.next(), words.next()) {
            (Some("apps"), Some(app)) if self.listed.apps.len() < MOST_APPS || self.listed.apps.contains_key(app) => {
                let bytes = self.listed.apps.entry(clean(app)).or_default();
                *bytes = bytes.saturating_add(size);
            }
            (Some(part @ ("conf" | "data")), Some(name)) if self.listed.parts.len() < MOST_APPS => {
                self.listed.parts.insert(clean(&format!("{part}/{name}")));
            }
            _ => {}
        }
    }

    fn record(&mut self, into: Into) -> Result<(), TarFault> {
        let record = std::mem::take(&mut self.buffer);
        match into {
            Into::Nowhere => {}
            Into::Info => self.listed.info = Some(record),
            Into::Settings => {
                let text = String::from_utf8_lossy(&record);
                // A map of plain values, as YunoHost writes it: a whole reader of YAML is not needed for one of them.
                let domain = text.lines().find_map(|line| line.strip_prefix("domain:"));
                let domain = domain.map(|domain| clean(domain.trim().trim_matches(['"', '\''])));
                if let Some(domain) = domain.filter(|domain| !domain.is_empty()) {
                    self.listed.domains.insert(std::mem::take(&mut self.app), domain);
                }
            }
            Into::LongName => self.name = Some(until_zero(&record).to_vec()),
            Into::Pax => self.pax(&record)?,
        }
        Ok(())
    }

    /// Records are `LENGTH NAME=VALUE\n`, the length that of the whole record.
    fn pax(&mut self, mut records: &[u8]) -> Result<(), TarFault> {
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ').ok_or(TarFault::Damaged)?;
            let length = std::str::from_utf8(records.get(..space).unwrap_or_default()).ok().and_then(|text| text.parse::<usize>().ok());
            let length = length.filter(|length| *length > space + 1 && *length <= records.len()).ok_or(TarFault::Damaged)?;
            let (record, rest) = records.split_at(length);
            let record = record.get(space + 1..length - 1).unwrap_or_default();
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            }
            if let Some(size) = record.strip_prefix(b"size=") {
                let size = std::str::from_utf8(size).ok().and_then(|text| text.parse().ok());
                self.size = Some(size.ok_or(TarFault::Damaged)?);
            }
            records = rest;
        }
        Ok(())
    }

    fn finish(self) -> Result<Listed, TarFault> {
        match (self.fault, self.at) {
            (Some(fault), _) => Err(fault),
            (None, At::End) => Ok(self.listed),
            (None, _) => Err(TarFault::Cut),
        }
    }
}

impl At {
    /// The next header, where there is no content.
    fn or_header(self) -> Self {
        match self {
            Self::Content { left: 0, .. } => Self::Header,
            other => other,
        }
    }
}

fn content(size: u64, into: Into) -> At {
    let block = BLOCK as u64;
    At::Content { left: size, padding: (block - size % block) % block, into }.or_header()
}

fn field(block: &[u8], at: usize, length: usize) -> &[u8] {
    block.get(at..at + length).unwrap_or_default()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits between spaces and zeros, or, where the first bit is set, a big-endian number (GNU).
fn number(field: &[u8]) -> Result<u64, TarFault> {
    if let Some((first, rest)) = field.split_first().filter(|(first, _)| **first & 0x80 != 0) {
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte))).ok_or(TarFault::Damaged);
    }
    let text = std::str::from_utf8(field).map_err(|_| TarFault::Damaged)?;
    let digits = text.trim_matches(|c: char| c == ' ' || c == '\0');
    if digits.is_empty() { Ok(0) } else { u64::from_str_radix(digits, 8).map_err(|_| TarFault::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name);
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }

    fn entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = header(name.as_bytes(), kind, content.len() as u64);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    fn sample() -> Vec<u8> {
        let long = format!("apps/gallery/backup/{}/x.png", "d".repeat(150));
        let record = format!("path={long}\n");
        let pax = format!("{} {record}", record.len() + 4);
        assert_eq!(pax.len(), record.len() + 4);
        [
            entry("info.json", b'0', b"{\"apps\": {}}"),
            entry("apps/notes/backup/etc", b'5', b""),
            entry("./apps/notes/settings/settings.yml", b'0', &[b"id: notes\ndomain: 'notes.test'\n".as_slice(), &[b'#'; 669]].concat()),
            entry("PaxHeader/x", b'x', pax.as_bytes()),
            entry("cut-name", b'0', &[1; 10]),
            entry("conf/ynh/fail2ban", b'0', b"x"),
            vec![0; 2 * BLOCK],
        ]
        .concat()
    }

    fn list(bytes: &[u8], piece: usize) -> Result<Listed, TarFault> {
        let mut listing = Listing::default();
        bytes.chunks(piece).for_each(|piece| listing.push(piece));
        listing.finish()
    }

    #[test]
    fn a_listing_is_the_same_whatever_pieces_it_comes_in() {
        let whole = list(&sample(), usize::MAX).expect("a good archive");
        assert_eq!((whole.entries, whole.bytes, whole.odd_count), (5, 12 + 700 + 10 + 1, 0));
        assert_eq!(whole.apps, BTreeMap::from([("notes".to_owned(), 700), ("gallery".to_owned(), 10)]));
        assert_eq!(whole.info.as_deref(), Some(&b"{\"apps\": {}}"[..]));
        assert!(whole.parts.contains("conf/ynh"));
        assert_eq!(whole.domains, BTreeMap::from([("notes".to_owned(), "notes.test".to_owned())]));
        for piece in [1, 3, 511, 512, 513, 4096] {
            assert_eq!(list(&sample(), piece).as_ref(), Ok(&whole), "pieces of {piece}");
        }
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&sample()).expect("into memory");
        let packed = packer.finish().expect("into memory");
        assert_eq!(list(&packed, 7).as_ref(), Ok(&whole));
        assert_eq!(list(&packed[..packed.len() - 20], 7), Err(TarFault::Cut));
    }

    #[test]
    fn what_was_cut_or_changed_is_refused() {
        let bytes = sample();
        for cut in [0, 1, 100, 512, 600, bytes.len() - 2 * BLOCK] {
            assert_eq!(list(&bytes[..cut], 64), Err(TarFault::Cut), "cut at {cut}");
        }
        let mut changed = bytes;
        changed[3] ^= 1;
        assert_eq!(list(&changed, 64), Err(TarFault::Damaged));
    }

    #[test]
    fn a_hostile_archive_is_described_and_harms_nobody() {
        let hostile = [
            entry("../../etc/passwd", b'0', b"root"),
            entry("/etc/shadow", b'0', b"x"),
            entry("apps/\u{1b}[31mred/x", b'0', b""),
            entry("dev/sda", b'4', b""),
            entry("a", b'2', b""),
            vec![0; BLOCK],
        ]
        .concat();
        let listed = list(&hostile, 100).expect("it can be read");
        assert_eq!(listed.odd_count, 3);
        assert!(listed.apps.keys().all(|app| !app.contains('\u{1b}')), "{:?}", listed.apps);
        let huge = [header(b"PaxHeader", b'x', 1 << 32), vec![0; BLOCK]].concat();
        assert_eq!(list(&huge, 100), Err(TarFault::TooLong));
        let many: Vec<u8> = (0..100).flat_map(|_| entry("../x", b'0', b"")).chain(vec![0; BLOCK]).collect();
        let listed = list(&many, 4096).expect("it can be read");
        assert_eq!((listed.odd.len(), listed.odd_count), (MOST_NAMED, 100));
    }
}
