//! Folders and what is in them.
//!
//! Many small files cost a round trip or more each, so they go packed: archives of a few megabytes that `tar` writes or
//! reads on the host, with a list of digests. Large files go as single ones do. A tree that is not there yet is made in a
//! folder beside its place, which then gets its name; one that is there is changed file by file, each by a rename.
//!
//! Small files are not forced to the disk one by one, as neither `tar`, `rsync` nor `sftp` does.

mod get;
mod list;
mod many;
mod pack;
mod put;

use std::ops::Range;

pub(super) use get::get;
pub(super) use put::put;

/// The largest file that goes packed.
const SMALL: u64 = 512 << 10;
/// About the size of an archive.
const BATCH: u64 = 6 << 20;
/// The most bytes of the names in an archive: they are arguments of a command, of which Linux takes 2 MiB or a quarter of
/// the stack, and POSIX promises less.
const BATCH_NAMES: usize = 96 << 10;
/// Archives under way at once.
const BATCHES: usize = 2;
/// Small requests under way at once.
const REQUESTS: usize = 64;
/// The most files, folders and links of a tree.
const MOST_ENTRIES: usize = 1_000_000;
/// The deepest folder.
const MOST_DEPTH: usize = 64;
/// The longest name of common file systems.
const MOST_NAME: usize = 255;

/// A tree: paths below its root, by `/`, parents before what is in them.
#[derive(Debug, Default)]
struct Tree {
    folders: Vec<Folder>,
    files: Vec<Entry>,
    links: Vec<Link>,
}

#[derive(Debug, Clone)]
struct Folder {
    path: String,
    mode: u32,
}

#[derive(Debug, Clone)]
struct Entry {
    path: String,
    size: u64,
    mode: u32,
    /// Seconds since 1970.
    modified: u32,
}

#[derive(Debug, Clone)]
struct Link {
    path: String,
    target: String,
}

impl Tree {
    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).fold(0, u64::saturating_add)
    }

    fn count(&self) -> usize {
        self.folders.len() + self.files.len() + self.links.len()
    }

    /// Sorts the files that go packed before the others, and gives how many they are.
    fn sort_packed_first(&mut self) -> usize {
        self.files.sort_by_key(|file| !can_be_packed(file));
        self.files.partition_point(can_be_packed)
    }
}

/// Whether a file is small, and its name can stand in a list of lines that nothing unquotes.
fn can_be_packed(file: &Entry) -> bool {
    file.size > 0 && file.size <= SMALL && !file.path.contains(['\n', '\r', '\\'])
}

/// Cuts files into archives.
fn batches(files: &[Entry]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut size, mut names) = (0, 0_u64, 0);
    for (index, file) in files.iter().enumerate() {
        // With a header, and filled up to blocks of 512 bytes.
        let cost = file.size.next_multiple_of(512) + 512;
        // With what goes before it, after it, and its pointer.
        let name = file.path.len() + 16;
        if index > start && (size + cost > BATCH || names + name > BATCH_NAMES) {
            batches.push(start..index);
            (start, size, names) = (index, 0, 0);
        }
        size += cost;
        names += name;
    }
    if start < files.len() {
        batches.push(start..files.len());
    }
    batches
}

/// Whether a link at this path in a tree leads to somewhere in the tree, by its text alone.
fn leads_inside(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains('\0') {
        return false;
    }
    let mut depth = path.split('/').count() - 1;
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

/// Whether a name that a host gives can be that of an entry here.
fn is_name(name: &str) -> bool {
    let harmful = |character: char| matches!(character, '/' | '\0' | '\u{fffd}') || (cfg!(windows) && matches!(character, '\\' | ':'));
    !matches!(name, "" | "." | "..") && name.len() <= MOST_NAME && !name.contains(harmful)
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_tree_are_known() {
        for (path, target) in [("a", "b"), ("d/a", "../b"), ("d/a", "./x/../../b"), ("d/e/a", "../../b")] {
            assert!(leads_inside(path, target), "{path} → {target}");
        }
        for (path, target) in [("a", "/etc"), ("a", "../b"), ("d/a", "../../b"), ("a", ""), ("d/a", "x/../../../b")] {
            assert!(!leads_inside(path, target), "{path} → {target}");
        }
    }

    #[test]
    fn hostile_names_are_no_names() {
        for name in ["", ".", "..", "a/b", "../x", "/etc/passwd", "a\0b", "\u{fffd}", &"x".repeat(256)] {
            assert!(!is_name(name), "{name:?}");
        }
        for name in ["a", "é x", "-rf", ".hidden", "a\nb", "...", &"x".repeat(255)] {
            assert!(is_name(name), "{name:?}");
        }
    }

    #[test]
    fn archives_are_bounded_and_hold_every_file() {
        let file = |size| Entry { path: "x".repeat(40), size, mode: 0, modified: 0 };
        let files: Vec<Entry> = (0..6000).map(|at| file(if at % 7 == 0 { SMALL } else { 10 })).collect();
        let cut = batches(&files);
        assert_eq!(cut.iter().map(ExactSizeIterator::len).sum::<usize>(), files.len());
        assert!(cut.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(cut.iter().all(|range| (1..=BATCH_NAMES / 40).contains(&range.len())));
        assert!(batches(&[]).is_empty());
    }
}
