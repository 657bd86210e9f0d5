#![no_main]
//! Stores of XPipe: one of a vault, and, after a zero byte, a second one that it may name.

use std::sync::OnceLock;

use beffroi_fuzz::{folder, import};
use beffroi_import::{Format, Source, Unlock};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static VAULT: OnceLock<TempDir> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let vault = VAULT.get_or_init(folder);
    let (first, second) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    for (name, store) in [("one", first), ("two", second.get(1..).unwrap_or_default())] {
        let at = vault.path().join("stores").join(name);
        std::fs::create_dir_all(&at).expect("made");
        std::fs::write(at.join("entry.json"), format!("{{\"uuid\":\"{name}\",\"name\":\"{name}\"}}")).expect("written");
        std::fs::write(at.join("store.json"), store).expect("written");
    }
    import::read_from(Format::XPipe, &Source::open(vault.path()).expect("a folder"), &Unlock::default());
});
