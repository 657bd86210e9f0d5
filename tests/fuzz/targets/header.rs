#![no_main]
//! `header.json`: whoever has the folder writes it. What is taken must be what the program would write itself: said twice,
//! it says the same.

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = beffroi_fuzz::folder();
    let vault = folder.path().join("fuzz.beffroi");
    std::fs::create_dir(&vault).expect("a folder can be made");
    (folder, vault)
});

fuzz_target!(|bytes: &[u8]| {
    let vault = &FOLDER.1;
    std::fs::write(vault.join("header.json"), bytes).expect("a file can be written");
    let (once, twice) = (beffroi_vault::describe(vault), beffroi_vault::describe(vault));
    if let (Ok(once), Ok(twice)) = (once, twice) {
        assert_eq!(once, twice);
        assert!(!once.slots.is_empty() && once.slots.len() <= 16 && bytes.len() <= 64 << 10);
    }
});
