//! What was found.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::scanner::Hit;

/// The most findings that are told; more are counted.
const MOST: usize = 10_000;

/// A secret that was found, by its place. The secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, or [`crate::BY_VALUE`].
    pub rule: &'static str,
    /// The file, below what was scanned, with `/`.
    pub path: String,
    /// Its line, from 1.
    pub line: u64,
    /// The character of the line, from 1, in bytes.
    pub column: u64,
    /// What stands before the secret and tells what it is, such as `DB_PASSWORD=`. Text of the file: show it as text.
    pub before: String,
    /// How long the secret is, in bytes.
    pub length: usize,
    /// The known secret that it is, by name.
    pub known: Option<String>,
    /// The first commit that has it, where history was scanned.
    pub commit: Option<String>,
    /// Whether it takes the place of another secret in what is about to be committed. No baseline accepts such a one.
    pub replaces: bool,
    /// Names the finding in a baseline: 16 hexadecimal digits of a SHA-256 of the rule, the path, what stands before and which of
    /// the like it is. Not of the secret: nobody can try guesses against it. So it stays the same when another secret takes
    /// the place, and when lines above come and go.
    pub fingerprint: String,
}

/// Files that were not looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Not text.
    pub binary: u64,
    /// Longer than 10 MiB.
    pub large: u64,
    /// Not readable.
    pub unreadable: u64,
    /// Symbolic links and what is no file, such as submodules.
    pub others: u64,
}

/// What a scan gave.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// By path and line.
    pub findings: Vec<Finding>,
    /// Findings that are not told because there are too many.
    pub untold: u64,
    /// Findings that a baseline knows.
    pub accepted: u64,
    /// Files, or versions of files, that were looked into.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was not looked into.
    pub skipped: Skipped,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Report {
    /// Takes what was found in a file.
    pub(crate) fn take(&mut self, path: &str, hits: Vec<Hit>, commit: Option<&str>) {
        let mut alike: HashMap<(&str, String), u32> = HashMap::new();
        for hit in hits {
            if self.findings.len() >= MOST {
                self.untold += 1;
                continue;
            }
            let which = alike.entry((hit.rule, hit.before.clone())).or_default();
            *which += 1;
            let fingerprint = fingerprint(hit.rule, path, &hit.before, hit.known.as_deref(), *which);
            self.findings.push(Finding {
                rule: hit.rule,
                path: path.to_owned(),
                line: hit.line,
                column: hit.column,
                before: hit.before,
                length: hit.length,
                known: hit.known,
                replaces: hit.replaces,
                commit: commit.map(str::to_owned),
                fingerprint,
            });
        }
    }

    /// Takes out what a baseline knows.
    pub fn without(&mut self, baseline: &crate::Baseline) {
        let before = self.findings.len();
        self.findings.retain(|finding| finding.replaces || !baseline.has(&finding.fingerprint));
        self.accepted += (before - self.findings.len()) as u64;
    }

    pub(crate) fn finish(&mut self) {
        self.findings.sort_by(|one, other| (&one.path, one.line, one.column).cmp(&(&other.path, other.line, other.column)));
    }
}

fn fingerprint(rule: &str, path: &str, before: &str, known: Option<&str>, which: u32) -> String {
    let mut hash = Sha256::new();
    for part in [rule, path, before, known.unwrap_or_default()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(which.to_le_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
