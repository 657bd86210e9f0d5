//! The stored form of a job: sealed under its host's stage.

use beffroi_domain::{Canonical, CanonicalReader, CommandPart, MaskedCommand, Message, NotCanonical, Step, StepKind};
use beffroi_secret::SecretBytes;
use beffroi_yunohost::ActionRecord;
use serde::{Deserialize, Serialize};

use super::settle::Settlement;
use super::tied::Tie;
use crate::AppError;
use crate::certificates::PushRecord;
use crate::connect::Rights;
use crate::session::Happening;

/// What a job does, without its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum JobAction {
    /// An action of YunoHost.
    Yunohost {
        /// Enough to check afterwards whether it was done.
        record: ActionRecord,
    },
    /// A certificate brought to a domain, or the one of before put back.
    Certificate {
        /// Enough to check afterwards which one is shown.
        record: PushRecord,
    },
    /// A change of a guest of the host, whose last step reads its state back.
    Guest {
        /// Its kind.
        change: String,
        /// The way back, or what is lost.
        undo: Option<StoredMessage>,
    },
    /// A change of a process that is kept on the host, whose last step looks whether it is so.
    Process {
        /// Its kind.
        change: String,
        /// The way back, or what is lost.
        undo: Option<StoredMessage>,
    },
    /// Commands of the operator's, one after the other.
    Run,
}

impl JobAction {
    /// Whether a job of it changes what a host is known to hold.
    pub(crate) fn is_run(&self) -> bool {
        matches!(self, Self::Run)
    }
}

/// A sentence, stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Key of the message catalogs.
    pub key: String,
    /// Values to put in.
    pub values: Vec<(String, String)>,
}

impl From<&Message> for StoredMessage {
    fn from(message: &Message) -> Self {
        Self {
            key: message.key.to_owned(),
            values: message.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }
}

/// A step, stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredStep {
    /// What it does.
    pub what: StoredMessage,
    /// The exact command, secrets masked.
    pub command: Vec<StoredPart>,
    /// Whether it runs detached on the host.
    pub detached: bool,
    /// The shell text of a step that does, where the job has several.
    #[serde(default)]
    pub shell: Option<String>,
}

/// A part of a command, stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredPart {
    /// Shown as it is.
    Text(String),
    /// The name of a secret.
    Secret(String),
}

impl From<&Step> for StoredStep {
    fn from(step: &Step) -> Self {
        let MaskedCommand(parts) = &step.command;
        let command = parts
            .iter()
            .map(|part| match part {
                CommandPart::Text(text) => StoredPart::Text(text.clone()),
                CommandPart::Secret(name) => StoredPart::Secret(name.clone()),
            })
            .collect();
        Self { what: (&step.what).into(), command, detached: step.kind == StepKind::Change, shell: None }
    }
}

/// A job, stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobRecord {
    /// What it is for.
    pub(crate) title: StoredMessage,
    /// What it does.
    pub(crate) action: JobAction,
    /// Its steps, in order.
    pub(crate) steps: Vec<StoredStep>,
    /// The shell text of the detached step, where it is the only one.
    pub(crate) command: String,
    /// Whether its commands run as root, by sudo where the account is not root.
    #[serde(default)]
    pub(crate) root: bool,
    /// The job of the same host that must have succeeded before this one begins.
    #[serde(default)]
    pub(crate) after: Option<String>,
    /// What is recorded here once it did what it was for.
    #[serde(default)]
    pub(crate) settles: Vec<Settlement>,
    /// What it changes may cost the way in.
    #[serde(default)]
    pub(crate) tie: Option<Tie>,
    /// The host that leads there, whatever the record says of the way.
    #[serde(default)]
    pub(crate) through: Option<String>,
    /// The archive that is sent to the host before it begins there.
    #[serde(default)]
    pub(crate) brings: Option<String>,
    /// Places on the host that are not needed any more once it succeeded, see [`crate::sent`].
    #[serde(default)]
    pub(crate) sent: Vec<String>,
}

impl JobRecord {
    /// What is shown of a job whose stage is sealed.
    pub(crate) fn sealed(stage: &str) -> Self {
        let title = StoredMessage { key: "title.sealed".to_owned(), values: vec![("stage".to_owned(), stage.to_owned())] };
        let (steps, settles) = (Vec::new(), Vec::new());
        Self {
            title,
            action: JobAction::Run,
            steps,
            command: String::new(),
            root: false,
            after: None,
            settles,
            tie: None,
            through: None,
            brings: None,
            sent: Vec::new(),
        }
    }

    /// The shell text of a detached step, by its place among the steps; nothing for one that only reads.
    pub(crate) fn shell(&self, index: usize) -> Option<&str> {
        let step = self.steps.get(index).filter(|step| step.detached)?;
        Some(step.shell.as_deref().unwrap_or(&self.command))
    }

    /// With whose rights its commands run.
    pub(crate) fn rights(&self) -> Rights {
        match self.action {
            JobAction::Yunohost { .. } | JobAction::Guest { .. } | JobAction::Process { .. } => Rights::Most,
            JobAction::Certificate { .. } => Rights::Root,
            JobAction::Run if self.root => Rights::Root,
            JobAction::Run => Rights::Account,
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<SecretBytes, AppError> {
        serde_json::to_vec(self).map(SecretBytes::new).map_err(AppError::internal)
    }

    pub(crate) fn from_bytes(bytes: &SecretBytes) -> Result<Self, AppError> {
        // Goes into the parser only; what comes out holds no secret.
        serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a job's record"))
    }

    /// The journal's event when the job is recorded. The journal is under no stage's key: it tells the kind of action, not
    /// whom it is about.
    pub(crate) fn queued(&self) -> Happening {
        match &self.action {
            JobAction::Run => Happening::new("job-queued-run"),
            JobAction::Guest { change, .. } => Happening::new("job-queued-guest").with("change", change),
            JobAction::Process { change, .. } => Happening::new("job-queued-process").with("change", change),
            JobAction::Certificate { record } => Happening::new("job-queued-certificate").with("domain", record.domain()),
            JobAction::Yunohost { record } => Happening::new("job-queued-ynh").with("operation", &record.operation),
        }
    }
}

/// What a job still has to be given. Kept sealed until the job ends, so that another run of the program can mask it in
/// what comes back.
pub(crate) struct JobInput {
    pub(crate) stdin: Option<SecretBytes>,
    pub(crate) secrets: Vec<SecretBytes>,
}

const TAG: &str = "beffroi/job-input/1";
const MOST_SECRETS: usize = 64;

impl JobInput {
    pub(crate) fn to_bytes(&self) -> SecretBytes {
        // Into bytes that are protected again at once, and sealed.
        let stdin = self.stdin.as_ref().map(|stdin| stdin.expose().as_slice());
        let start =
            Canonical::new(TAG).number(u64::from(stdin.is_some())).bytes(stdin.unwrap_or_default()).number(self.secrets.len() as u64);
        let encoded = self.secrets.iter().fold(start, |encoding, secret| encoding.bytes(secret.expose()));
        SecretBytes::new(encoded.finish())
    }

    pub(crate) fn from_bytes(bytes: &SecretBytes) -> Result<Self, AppError> {
        // Each part is protected again as it is read.
        Self::read(bytes.expose()).map_err(|NotCanonical| AppError::damaged("a job's input"))
    }

    fn read(bytes: &[u8]) -> Result<Self, NotCanonical> {
        let mut reader = CanonicalReader::new(TAG, bytes)?;
        let given = reader.number()? == 1;
        let stdin = SecretBytes::new(reader.bytes()?.to_vec());
        let count = reader.count(MOST_SECRETS)?;
        let secrets = (0..count).map(|_| reader.bytes().map(|secret| SecretBytes::new(secret.to_vec()))).collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self { stdin: given.then_some(stdin), secrets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_is_given_survives_its_encoding() {
        let secret = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
        for stdin in [None, Some(secret("")), Some(secret("canary"))] {
            let given = stdin.is_some();
            let input = JobInput { stdin, secrets: vec![secret("one"), secret("two")] };
            let read = JobInput::from_bytes(&input.to_bytes()).expect("it was just written");
            assert_eq!(read.stdin.is_some(), given, "an empty input is not the same as none");
            assert!(read.secrets.iter().zip(&input.secrets).all(|(one, other)| one.same_as(other)));
        }
        assert!(JobInput::from_bytes(&secret("something else")).is_err());
    }
}
