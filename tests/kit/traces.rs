//! Looking for a secret where none may be.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;

/// A secret as it is, and as it looks inside of base64 text, wherever it begins there.
pub fn forms_of(secret: &str) -> Vec<Vec<u8>> {
    let within = (0..3).map(|before| {
        let whole = BASE64_STANDARD_NO_PAD.encode([vec![b'.'; before], secret.as_bytes().to_vec()].concat());
        // The first and the last character may hold bits of neighbours.
        let inner = whole.as_bytes();
        let first = if before == 0 { 0 } else { before + 1 };
        inner.get(first..inner.len() - 1).unwrap_or_default().to_vec()
    });
    std::iter::once(secret.as_bytes().to_vec()).chain(within).collect()
}

/// Files under a folder that hold one of these byte strings, or are called so.
pub fn files_holding(folder: &Path, forms: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        // What vanishes meanwhile holds nothing.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type();
            let is_called_so = holds(path.as_os_str().as_encoded_bytes(), forms);
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                waiting.push(path);
            } else if is_called_so || kind.is_ok_and(|kind| kind.is_file() && holds(&fs::read(&path).unwrap_or_default(), forms)) {
                found.push(path);
            }
        }
    }
    found
}

fn holds(bytes: &[u8], forms: &[Vec<u8>]) -> bool {
    let begins = |form: &Vec<u8>, at: usize| bytes.get(at..at + form.len()) == Some(form);
    forms.iter().any(|form| bytes.iter().enumerate().any(|(at, byte)| Some(byte) == form.first() && begins(form, at)))
}

/// The argument lists, and process numbers, of every process of this machine whose argument list holds a text.
pub fn processes_called(text: &str) -> Vec<String> {
    let numbered = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbered = numbered.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let called = numbered.filter_map(|pid| {
        let list = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some(format!("{pid}: {}", String::from_utf8_lossy(&list).replace('\0', " ")))
    });
    called.filter(|line| line.contains(text)).collect()
}

/// Looks at the argument list and the environment of every process of this machine, again and again.
#[derive(Debug)]
pub struct ProcessWatch {
    over: Arc<AtomicBool>,
    watcher: JoinHandle<Sightings>,
}

#[derive(Debug, Default)]
struct Sightings {
    rounds: usize,
    seen: Vec<String>,
}

impl ProcessWatch {
    /// Starts to look for these byte strings.
    pub fn start(forms: Vec<Vec<u8>>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let watcher = std::thread::spawn(move || {
            let mut sightings = Sightings::default();
            while !told.load(Ordering::Relaxed) {
                sightings.rounds += 1;
                sightings.seen.extend(look(&forms));
                std::thread::sleep(Duration::from_millis(10));
            }
            sightings
        });
        Self { over, watcher }
    }

    /// Stops looking. Gives where they were seen.
    #[track_caller]
    pub fn stop(self) -> Vec<String> {
        self.over.store(true, Ordering::Relaxed);
        let sightings = self.watcher.join().expect("a watcher does not panic");
        assert!(sightings.rounds > 0, "nothing was looked at");
        sightings.seen
    }
}

fn look(forms: &[Vec<u8>]) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbered = processes.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    let files = numbered.flat_map(|entry| ["cmdline", "environ"].map(|name| entry.path().join(name)));
    let hits = files.filter(|file| holds(&fs::read(file).unwrap_or_default(), forms));
    hits.map(|file| format!("{}: {}", file.display(), String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()))).collect()
}
