#![no_main]
//! An exported journal, checked by somebody without the vault.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use beffroi_app::{App, Change, Listener, Places};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

struct Deaf;

impl Listener for Deaf {
    fn heard(&self, _: Change) {}
}

struct Desk {
    app: App,
    file: PathBuf,
    runtime: Runtime,
    _folder: TempDir,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let folder = beffroi_fuzz::folder();
    let app = App::new(Places::new(folder.path().join("state")), Arc::new(Deaf));
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    Desk { app, file: folder.path().join("journal.jsonl"), runtime, _folder: folder }
});

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&DESK.file, bytes).expect("it can be written");
    let checked = DESK.runtime.block_on(DESK.app.check_export(&DESK.file, None));
    if let Ok(facts) = checked {
        assert!(facts.chains.iter().all(|chain| chain.signed <= chain.entries), "no signature covers what is not there");
        assert!(facts.broken_at.is_none_or(|at| at == facts.entries + 1));
    }
});
