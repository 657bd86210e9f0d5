//! How well a vault is kept.

use beffroi_domain::Message;
use beffroi_vault::{KdfCost, SlotKind};

use crate::copies::LAST_COPY;
use crate::session::Session;
use crate::ways::weakest;
use crate::{App, AppError, now_ms};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Should be mended now.
    Bad,
    /// Should be looked at.
    Fair,
    /// Well.
    Good,
}

/// One finding about a vault.
#[derive(Debug, Clone)]
pub struct Finding {
    /// How bad it is.
    pub grade: Grade,
    /// What was found.
    pub what: Message,
    /// What to do; nothing when it is well.
    pub remedy: Option<Message>,
}

const DAY_MS: u64 = 24 * 3600 * 1000;
/// A copy older than this is worth a reminder.
const OLD_COPY_DAYS: u64 = 30;

impl Finding {
    fn new(grade: Grade, what: Message, remedy: &'static str) -> Self {
        Self { grade, what, remedy: (grade != Grade::Good).then(|| Message::new(remedy)) }
    }
}

impl App {
    /// How well the open vault is kept, the worst first.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn health(&self) -> Result<Vec<Finding>, AppError> {
        self.session()?.blocking(Session::health).await
    }
}

impl Session {
    fn health(&self) -> Result<Vec<Finding>, AppError> {
        let mut findings = self.health_of_slots();
        findings.extend(self.health_of_stages());
        findings.push(self.health_of_copies()?);
        findings.extend(self.strays());
        let journal = self.check_journal()?;
        let unsigned: u64 = journal.chains.iter().map(|chain| chain.entries - chain.signed.min(chain.entries)).sum();
        let signed = journal.chains.iter().all(|chain| chain.signer.is_some());
        let grade = if signed { Grade::Good } else { Grade::Fair };
        findings.push(Finding::new(
            grade,
            Message::new(if signed { "health.signed" } else { "health.unsigned" }).with("count", unsigned),
            "health.unsigned.remedy",
        ));
        let locked = beffroi_secret::keys_are_locked();
        let (grade, key) = if locked { (Grade::Good, "health.memory") } else { (Grade::Fair, "health.memory-unlocked") };
        findings.push(Finding::new(grade, Message::new(key), "health.memory-unlocked.remedy"));
        findings.sort_by_key(|finding| finding.grade);
        Ok(findings)
    }

    fn health_of_slots(&self) -> Vec<Finding> {
        let header = self.vault.header();
        let mut findings = Vec::new();
        if let Some(weakest) = header.slots.iter().find(|slot| Some(slot.id) == weakest(&header)) {
            let what = Message::new("health.weakest").with("kind", weakest.kind.name());
            let grade = if weakest.kind == SlotKind::Keyring { Grade::Fair } else { Grade::Good };
            findings.push(Finding::new(grade, what, "health.weakest.remedy"));
        }
        if !header.slots.iter().any(|slot| slot.kind == SlotKind::Recovery) {
            findings.push(Finding::new(Grade::Fair, Message::new("health.no-recovery"), "health.no-recovery.remedy"));
        }
        let could = KdfCost::calibrated();
        for slot in &header.slots {
            let Some(cost) = slot.cost else { continue };
            let work = |cost: KdfCost| u64::from(cost.memory_kib) * u64::from(cost.passes);
            let weak = work(cost).saturating_mul(2) < work(could);
            let what = Message::new(if weak { "health.kdf-low" } else { "health.kdf" })
                .with("memory", cost.memory_kib / 1024)
                .with("passes", cost.passes)
                .with("could", could.memory_kib / 1024)
                .with("could_passes", could.passes);
            findings.push(Finding::new(if weak { Grade::Fair } else { Grade::Good }, what, "health.kdf-low.remedy"));
        }
        findings
    }

    /// Production that opens with the vault is what stages are there to prevent.
    fn health_of_stages(&self) -> Vec<Finding> {
        let exposed =
            self.stages.all().into_iter().filter(|stage| !stage.protected && matches!(stage.name.as_str(), "prod" | "production"));
        exposed
            .map(|stage| {
                Finding::new(
                    Grade::Bad,
                    Message::new("health.stage-unprotected").with("stage", &stage.name),
                    "health.stage-unprotected.remedy",
                )
            })
            .collect()
    }

    fn health_of_copies(&self) -> Result<Finding, AppError> {
        let days = self.days_without_copy()?;
        let (grade, key) = match (self.last_copy()?, days > OLD_COPY_DAYS) {
            (_, true) => (Grade::Bad, "health.copy-old"),
            (None, false) => (Grade::Fair, "health.copy-none"),
            (Some(_), false) => (Grade::Good, "health.copy"),
        };
        Ok(Finding::new(grade, Message::new(key).with("days", days), "health.copy-old.remedy"))
    }

    /// Files that others left in the vault's folder.
    fn strays(&self) -> Vec<Finding> {
        let copies = beffroi_vault::conflict_copies(self.vault.folder());
        let name = |path: &std::path::PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        copies
            .iter()
            .map(|path| Finding::new(Grade::Bad, Message::new("health.conflict").with("file", name(path)), "health.conflict.remedy"))
            .collect()
    }

    /// When the vault was last copied, in milliseconds since 1970.
    pub(crate) fn last_copy(&self) -> Result<Option<u64>, AppError> {
        Ok(self.catalog.read(|reader| reader.setting(LAST_COPY))?.and_then(|value| value.parse().ok()))
    }

    /// Days since the last copy, or since the first entry of the journal when there is none.
    fn days_without_copy(&self) -> Result<u64, AppError> {
        let since = match self.last_copy()? {
            Some(at) => at,
            None => {
                let first = self.catalog.read(|reader| reader.entries_after(0, 1))?;
                let entry = first.first().and_then(|row| beffroi_domain::JournalEntry::from_canonical(&row.entry).ok());
                entry.map_or_else(now_ms, |entry| entry.at_ms)
            }
        };
        Ok(now_ms().saturating_sub(since) / DAY_MS)
    }

    /// What the operator should know at once.
    pub(crate) fn warnings(&self) -> Result<Vec<Message>, AppError> {
        let mut warnings: Vec<Message> = self.strays().into_iter().map(|finding| finding.what).collect();
        let days = self.days_without_copy()?;
        if days > OLD_COPY_DAYS {
            warnings.push(Message::new("health.copy-old").with("days", days));
        }
        Ok(warnings)
    }
}
