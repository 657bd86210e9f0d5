//! Finds secrets where they should not be: in the files of a folder, in what git is about to commit, in all that git keeps.
//!
//! Two things are looked for: what looks like a secret ([`rules`]), and the values of secrets that are known ([`Known`]). What is
//! found is told by its place and by what stands before it; the secret itself never leaves the [`Scanner`]: no finding, error or
//! `Debug` output has it.
//!
//! What is deliberately missing: secrets in archives, images, compressed or encrypted files; objects of git that nothing refers to
//! any more; asking a service whether a token still works.

mod baseline;
mod error;
mod finding;
mod git;
mod hook;
mod known;
mod rules;
mod scanner;
mod tree;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use baseline::Baseline;
pub use error::ScanError;
pub use finding::{Finding, Report, Skipped};
pub use hook::{Hook, install_hook, remove_hook};
pub use known::Known;
pub use rules::{BY_VALUE, rules};
pub use scanner::{Hit, Scanner};

/// What is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The files of a folder, or one file. In a work tree of git: those it tracks or would, so not the ignored ones.
    Files,
    /// The files of a folder, the ignored ones too.
    AllFiles,
    /// What the next commit would add.
    Staged,
    /// Every version of every file that a branch, a tag or a remote's branch has.
    History,
}

/// Scans. `stop` is asked between two files; what was found until then is given.
///
/// # Errors
/// When the path cannot be read, is not in a git repository where one is needed, or git fails.
pub fn scan(path: &Path, what: What, scanner: &Scanner, stop: &dyn Fn() -> bool) -> Result<Report, ScanError> {
    let mut report = Report::default();
    match what {
        What::Files => tree::files(path, true, scanner, stop, &mut report)?,
        What::AllFiles => tree::files(path, false, scanner, stop, &mut report)?,
        What::Staged => git::staged(path, scanner, stop, &mut report)?,
        What::History => git::history(path, scanner, stop, &mut report)?,
    }
    report.finish();
    Ok(report)
}
