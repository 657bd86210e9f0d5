//! What one run of the tests makes once, although each test is a process of its own under nextest.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Runs whose folders stay: several may be under way at once.
const KEPT: usize = 8;

/// A folder that the first process of this run which asks for it fills; the others wait for that and get the same. Nobody changes
/// it afterwards. A run is one of nextest's, or else one process.
///
/// # Panics
/// When the target folder cannot be written; when `fill` does, and the next who asks fills it then.
pub fn once_per_run(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    // Beside the test's own program: nobody else writes there.
    let tests = std::env::current_exe().expect("a program knows where it is");
    let runs = tests.with_extension("runs").join(name);
    fs::create_dir_all(&runs).expect("the target folder can be written");
    let folder = runs.join(run());
    if folder.is_dir() {
        return folder;
    }
    // A lock of this run's own: what another builds is not waited for.
    let lock = folder.with_extension("lock");
    let lock = File::options().create(true).truncate(false).write(true).open(lock).expect("the target folder can be written");
    lock.lock().expect("a file of the target folder can be locked");
    if !folder.is_dir() {
        let draft = folder.with_extension("draft");
        // Of one that failed, if it is there.
        drop(fs::remove_dir_all(&draft));
        fs::create_dir(&draft).expect("the target folder can be written");
        fill(&draft);
        fs::rename(&draft, &folder).expect("a folder can be given its name");
        forget_old(&runs);
    }
    folder
}

fn run() -> &'static str {
    static RUN: OnceLock<String> = OnceLock::new();
    RUN.get_or_init(|| match std::env::var("NEXTEST_RUN_ID") {
        Ok(run) => run,
        Err(_) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
            format!("{}-{}", std::process::id(), now.as_nanos())
        }
    })
}

fn forget_old(runs: &Path) {
    let entries = fs::read_dir(runs).expect("a folder can be read").flatten();
    let mut found: Vec<_> = entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    found.retain(|(_, path)| path.is_dir());
    found.sort_by(|one, other| other.cmp(one));
    for (_, old) in found.into_iter().skip(KEPT) {
        // Another run may be doing the same.
        drop(fs::remove_dir_all(&old));
        drop(fs::remove_file(old.with_extension("lock")));
    }
}
