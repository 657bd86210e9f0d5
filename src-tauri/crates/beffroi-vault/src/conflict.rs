//! Conflict copies: what a file synchroniser leaves beside our files when two machines wrote at once.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::folder::{ANCHOR, CATALOG, CATALOG_LOG, CATALOG_LOG_INDEX, HEADER, HEADER_COPY};

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Copies that are given back.
const MOST_COPIES: usize = 100;
/// How the names of our files begin. All synchronisers keep the beginning.
const STEMS: [&[u8]; 3] = [b"header", b"catalog", b"anchor"];
const OURS: [&str; 10] = [
    HEADER,
    HEADER_COPY,
    CATALOG,
    CATALOG_LOG,
    CATALOG_LOG_INDEX,
    ANCHOR,
    "catalog.db-journal",
    "header.json.part",
    "header.json.bak.part",
    "anchor.part",
];

/// The files in a vault's folder that look like copies which a file synchroniser made of ours, sorted: Syncthing's
/// `catalog.sync-conflict-20260101-120000-ABCDEFG.db`, Dropbox's and Nextcloud's `catalog (conflicted copy …).db`, OneDrive's
/// `catalog-HOSTNAME.db`, and any other whose name begins like one of ours and is none.
///
/// Of the first 10 000 entries, and at most 100; nothing when the folder cannot be read.
#[must_use]
pub fn conflict_copies(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut copies: Vec<PathBuf> = entries
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        .filter(|entry| is_copy(&entry.file_name()) && entry.file_type().is_ok_and(|found| !found.is_dir()))
        .map(|entry| entry.path())
        .take(MOST_COPIES)
        .collect();
    copies.sort_unstable();
    copies
}

fn is_copy(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    STEMS.iter().any(|stem| bytes.starts_with(stem)) && !OURS.iter().any(|ours| name == *ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_files_are_no_copies() {
        for ours in OURS.into_iter().chain(["lock", "rekey", "blobs", "", ".", ".catalog.db.swp"]) {
            assert!(!is_copy(OsStr::new(ours)), "{ours}");
        }
    }

    #[test]
    fn what_synchronisers_leave_is_found() {
        for copy in [
            "catalog.sync-conflict-20260101-120000-ABCDEFG.db",
            "catalog.db.sync-conflict-20260101-120000-ABCDEFG-wal",
            "header.sync-conflict-20260101-120000-ABCDEFG.json",
            "anchor.sync-conflict-20260101-120000-ABCDEFG",
            "catalog (conflicted copy 2026-01-01 120000).db",
            "catalog (Léa's conflicted copy 2026-01-01).db",
            "catalog (Copie en conflit de Léa 2026-01-01).db",
            "header (conflicted copy 2026-01-01 120000).json",
            "catalog-LAPTOP7.db",
            "header-LAPTOP7.json",
            "catalog (1).db",
            "catalog.db.orig",
            "anchor~",
            "header.json.bak2",
        ] {
            assert!(is_copy(OsStr::new(copy)), "{copy}");
        }
    }

    #[test]
    fn a_listing_names_files_only_in_order() {
        let folder = tempfile::TempDir::new().expect("a folder");
        for name in ["header.json", "catalog.db", "catalog (1).db", "anchor~", "notes.txt"] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        fs::create_dir(folder.path().join("catalog-old")).expect("made");
        assert_eq!(conflict_copies(folder.path()), [folder.path().join("anchor~"), folder.path().join("catalog (1).db")]);
        assert_eq!(conflict_copies(&folder.path().join("nowhere")), Vec::<PathBuf>::new());
    }
}
