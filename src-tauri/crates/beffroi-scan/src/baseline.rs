//! Findings that somebody looked at and accepts: a JSON file of fingerprints, to be kept beside what is scanned.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Finding, ScanError};

/// The longest file that is read: some 100,000 findings.
const MOST_BYTES: u64 = 16 << 20;
const VERSION: u32 = 1;

/// Findings that are accepted. No secret is in it, nor anything that is made of one.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    accepted: BTreeMap<String, Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    beffroi_scan: u32,
    accepted: BTreeMap<String, Entry>,
}

/// For whoever reads the file: the fingerprint alone counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    path: String,
}

impl Baseline {
    /// Reads one.
    ///
    /// # Errors
    /// [`ScanError::Io`], and [`ScanError::NoBaseline`] for a file that is none.
    pub fn read(path: &Path) -> Result<Self, ScanError> {
        let none = || ScanError::NoBaseline { path: path.to_owned() };
        let length = fs::metadata(path).map_err(|error| ScanError::io(path, error))?.len();
        if length > MOST_BYTES {
            return Err(none());
        }
        let bytes = fs::read(path).map_err(|error| ScanError::io(path, error))?;
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| none())?;
        if stored.beffroi_scan != VERSION {
            return Err(none());
        }
        Ok(Self { accepted: stored.accepted })
    }

    /// Accepts these.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let entry = |finding: &Finding| Entry { rule: finding.rule.to_owned(), path: finding.path.clone() };
        Self { accepted: findings.iter().map(|finding| (finding.fingerprint.clone(), entry(finding))).collect() }
    }

    /// Writes it; a file that is there is replaced whole.
    ///
    /// # Errors
    /// [`ScanError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), ScanError> {
        let stored = Stored { beffroi_scan: VERSION, accepted: self.accepted.clone() };
        let fault = |error| ScanError::io(path, error);
        let mut text = serde_json::to_vec_pretty(&stored).map_err(|error| fault(error.into()))?;
        text.push(b'\n');
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fault)?;
        std::io::Write::write_all(&mut file, &text).map_err(fault)?;
        file.persist(path).map_err(|error| fault(error.error))?;
        Ok(())
    }

    /// How many it accepts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accepted.len()
    }

    /// Whether it accepts none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    pub(crate) fn has(&self, fingerprint: &str) -> bool {
        self.accepted.contains_key(fingerprint)
    }
}
