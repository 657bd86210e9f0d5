//! Archives of small files (POSIX ustar, with GNU's long names), in memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use beffroi_remote::RemoteError;
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::{Entry, Link};
use crate::transfer::local;

/// Packs local files, links, and under the name `sums` a list of the files' digests as `sha256sum` reads it.
pub(super) fn pack(root: &Path, files: &[Entry], links: &[Link], sums: &str) -> Result<Vec<u8>, RemoteError> {
    let mut builder = Builder::new(Vec::new());
    let mut list = String::new();
    for file in files {
        let path = root.join(&file.path);
        let content = read(&path, file.size)?;
        let digest = Sha256::digest(&content);
        digest.iter().for_each(|byte| list.push_str(&format!("{byte:02x}")));
        list.push_str(&format!("  ./{}\n", file.path));
        append(&mut builder, &file.path, file, &content).map_err(|error| local(&path, &error))?;
    }
    for link in links {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, &link.path, &link.target).map_err(|error| local(&root.join(&link.path), &error))?;
    }
    let listed = Entry { path: sums.to_owned(), size: 0, mode: 0o600, modified: 0 };
    append(&mut builder, sums, &listed, list.as_bytes()).map_err(|error| local(root, &error))?;
    builder.into_inner().map_err(|error| local(root, &error))
}

fn append(builder: &mut Builder<Vec<u8>>, path: &str, file: &Entry, content: &[u8]) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(file.mode & 0o777);
    header.set_mtime(file.modified.into());
    builder.append_data(&mut header, path, content)
}

/// Reads a small file that is to have the size that was seen.
pub(super) fn read(path: &Path, size: u64) -> Result<Vec<u8>, RemoteError> {
    let mut content = Vec::new();
    let read = File::open(path).and_then(|file| file.take(size.saturating_add(1)).read_to_end(&mut content));
    read.map_err(|error| local(path, &error))?;
    if content.len() as u64 != size {
        return Err(RemoteError::LocalFile { path: path.to_owned(), reason: "it changed while it was read".to_owned() });
    }
    Ok(content)
}

/// Takes files out of an archive of the host: those that were asked for, in the size that was seen, and nothing else. What
/// else is in it is passed over, links and devices too, so that no name that the host chose reaches a file system.
pub(super) fn unpack(archive: &[u8], asked: &[Entry]) -> Vec<(usize, Vec<u8>)> {
    let mut wanted: HashMap<&str, usize> = asked.iter().enumerate().map(|(index, file)| (file.path.as_str(), index)).collect();
    let mut found = Vec::new();
    let mut archive = Archive::new(archive);
    let Ok(entries) = archive.entries() else { return found };
    // An archive that breaks off has given what it has: the rest is asked for again.
    for mut entry in entries.map_while(Result::ok).take(asked.len() * 2) {
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let Ok(path) = entry.path().map(|path| path.to_string_lossy().into_owned()) else { continue };
        let Some(index) = wanted.remove(path.strip_prefix("./").unwrap_or(&path)) else { continue };
        let size = asked.get(index).map_or(0, |file| file.size);
        let mut content = Vec::new();
        if entry.size() == size && entry.by_ref().take(size).read_to_end(&mut content).is_ok() && content.len() as u64 == size {
            found.push((index, content));
        }
    }
    found
}

/// The digests in a list of `sha256sum`, by name.
pub(super) fn digests(list: &[u8]) -> HashMap<String, String> {
    let lines = list.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    let pairs = lines.filter_map(|line| line.split_once("  ./"));
    pairs.map(|(digest, name)| (name.to_owned(), digest.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, size: u64) -> Entry {
        Entry { path: path.to_owned(), size, mode: 0o4755, modified: 5 }
    }

    /// An archive with any name in it, which the library's own writer refuses.
    fn hostile(name: &[u8], kind: EntryType, content: &[u8]) -> Vec<u8> {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o4755);
        if kind.is_symlink() {
            header.set_link_name("/etc").expect("a name");
        }
        header.set_cksum();
        let mut builder = Builder::new(Vec::new());
        builder.append(&header, content).expect("written");
        builder.into_inner().expect("an archive")
    }

    #[test]
    fn what_was_not_asked_for_is_passed_over() {
        let asked = [entry("a", 1), entry("d/b", 1)];
        for name in ["../a", "/a", "d/../a", "d/../../b", "c", "a/", ".", ""] {
            assert!(unpack(&hostile(name.as_bytes(), EntryType::Regular, b"x"), &asked).is_empty(), "{name}");
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Block, EntryType::Char, EntryType::Fifo, EntryType::Directory] {
            assert!(unpack(&hostile(b"a", kind, b""), &[entry("a", 0)]).is_empty(), "{kind:?}");
        }
        assert!(unpack(&hostile(b"a", EntryType::Regular, b"longer"), &asked).is_empty());
        assert!(unpack(b"no archive at all, and no block of one either", &asked).is_empty());
        assert_eq!(unpack(&hostile(b"./d/b", EntryType::Regular, b"x"), &asked), [(1, b"x".to_vec())]);
    }

    #[test]
    fn what_is_packed_is_what_comes_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = format!("{}/{}", "d".repeat(200), "é".repeat(100));
        let files = [entry("a", 3), entry(&long, 2)];
        std::fs::create_dir(folder.path().join("d".repeat(200))).expect("a folder");
        std::fs::write(folder.path().join("a"), "abc").expect("a file");
        std::fs::write(folder.path().join(&long), "xy").expect("a file");
        let packed = pack(folder.path(), &files, &[Link { path: "l".to_owned(), target: "a".to_owned() }], "sums").expect("packed");
        assert_eq!(unpack(&packed, &files), [(0, b"abc".to_vec()), (1, b"xy".to_vec())]);
        let mut archive = Archive::new(packed.as_slice());
        let is_list = |entry: &tar::Entry<'_, &[u8]>| entry.path().is_ok_and(|path| path == Path::new("sums"));
        let mut list = Vec::new();
        for mut entry in archive.entries().expect("entries").map(|entry| entry.expect("an entry")).filter(is_list) {
            entry.read_to_end(&mut list).expect("a list");
        }
        let sums = digests(&list);
        assert_eq!(sums.get("a").map(String::as_str), Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        std::fs::write(folder.path().join("a"), "abcd").expect("a file");
        assert!(pack(folder.path(), &files, &[], "sums").is_err());
    }
}
