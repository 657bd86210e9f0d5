//! Looking into the memory of another process, and for many byte strings at once.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;

use crate::fail;

/// Byte strings to look for, each with a name that may be said aloud.
#[derive(Debug, Clone, Default)]
pub struct Needles {
    named: Vec<(String, Vec<u8>)>,
    /// Whether a needle begins with these two bytes.
    begins: Vec<bool>,
    /// Of the longest.
    longest: usize,
}

impl Needles {
    /// None yet.
    pub fn new() -> Self {
        Self { named: Vec::new(), begins: vec![false; 1 << 16], longest: 0 }
    }

    /// Adds one, of at least 8 bytes: a shorter one is found by chance.
    #[track_caller]
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let [first, second, _, _, _, _, _, _, ..] = bytes else { fail(format!("{name} is too short to be looked for")) };
        self.begins[pair(*first, *second)] = true;
        self.longest = self.longest.max(bytes.len());
        self.named.push((name.to_owned(), bytes.to_vec()));
    }

    /// Adds a text as it is, in base64 wherever it begins there, and in UTF-16.
    pub fn add_text(&mut self, name: &str, text: &str) {
        for form in crate::forms_of(text) {
            self.add(name, &form);
        }
        self.add(&format!("{name} in UTF-16"), &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    }

    /// Each needle's name and bytes.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.named.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Which are in some bytes, and where they begin there.
    pub fn within(&self, bytes: &[u8]) -> Vec<(&str, usize)> {
        let mut found = Vec::new();
        for (at, two) in bytes.windows(2).enumerate() {
            if self.begins[pair(two[0], two[1])] {
                let here = &bytes[at..];
                found.extend(self.named.iter().filter(|(_, needle)| here.starts_with(needle)).map(|(name, _)| (name.as_str(), at)));
            }
        }
        found
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

const PIECE: usize = 1 << 20;

/// Which of the needles are in the memory of a process that goes on, and in what part of it. A program that closed itself to
/// its neighbours is read by root alone; a failure to read it is a failure of the test.
#[track_caller]
pub fn memory_holding(process: u32, needles: &Needles) -> Vec<String> {
    assert_ne!(process, std::process::id(), "who looks holds what is looked for");
    let folder = format!("/proc/{process}");
    let maps = fs::read_to_string(format!("{folder}/maps")).unwrap_or_else(|error| fail(format!("{folder}/maps: {error}")));
    let memory = File::open(format!("{folder}/mem")).unwrap_or_else(|error| fail(format!("{folder}/mem: {error}: root may read it")));
    let (mut found, mut read) = (Vec::new(), 0);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else { continue };
        let name = words.nth(3).unwrap_or("anonymous").to_owned();
        let ends = range.split_once('-').and_then(|(from, to)| Some((number(from)?, number(to)?)));
        let Some((start, end)) = ends.filter(|_| rights.starts_with('r')) else { continue };
        let mut at = start;
        while at < end {
            let mut piece = vec![0; PIECE.min(usize::try_from(end - at).unwrap_or(PIECE))];
            // What the kernel itself keeps to itself ([vvar]) cannot be read.
            let Ok(size) = memory.read_at(&mut piece, at) else { break };
            if size == 0 {
                break;
            }
            read += size;
            let piece = &piece[..size];
            for (needle, offset) in needles.within(piece) {
                let around = &piece[offset.saturating_sub(48)..(offset + 96).min(size)];
                found.push(format!("{needle} at {:x} in {name} ({rights}): {}", at + offset as u64, around.escape_ascii()));
            }
            let step = if size == PIECE { size - needles.longest } else { size };
            at += step as u64;
        }
    }
    assert!(read > 1 << 20, "only {read} bytes of process {process} could be read");
    found
}

fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// The files under a folder that hold a needle, or are called so.
pub fn files_with(folder: &std::path::Path, needles: &Needles) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        // What vanishes meanwhile holds nothing.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            let mut content = path.as_os_str().as_encoded_bytes().to_vec();
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                waiting.push(path.clone());
            } else if kind.is_ok_and(|kind| kind.is_file())
                && let Ok(mut file) = File::open(&path)
            {
                content.push(b'\n');
                drop(file.read_to_end(&mut content));
            }
            found.extend(needles.within(&content).into_iter().map(|(needle, _)| format!("{needle} in {}", path.display())));
        }
    }
    found
}
