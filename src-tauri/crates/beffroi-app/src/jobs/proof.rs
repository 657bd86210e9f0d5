//! What proves that a job did what it was for.

use beffroi_ssh::SshRemote;
use beffroi_yunohost::{ActionRecord, CheckError, CheckResult, Outcome};

use crate::AppError;
use crate::certificates::PushRecord;

/// What the state of the host is held against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proof<'a> {
    /// What an operation of YunoHost's was to change.
    Yunohost(&'a ActionRecord),
    /// The certificate that is to be shown.
    Certificate(&'a PushRecord),
}

impl<'a> From<&'a ActionRecord> for Proof<'a> {
    fn from(record: &'a ActionRecord) -> Self {
        Self::Yunohost(record)
    }
}

impl<'a> From<&'a PushRecord> for Proof<'a> {
    fn from(record: &'a PushRecord) -> Self {
        Self::Certificate(record)
    }
}

impl Proof<'_> {
    /// What it is about, for a sentence.
    pub(super) fn about(self) -> String {
        match self {
            Self::Yunohost(record) => record.about(),
            Self::Certificate(record) => record.domain().to_owned(),
        }
    }

    /// Takes out of what was said what is no failure of it.
    pub(super) fn forgive(self, outcome: &mut Outcome) {
        if let Self::Yunohost(record) = self {
            record.forgive(outcome);
        }
    }

    /// Reads the host, and changes nothing.
    pub(super) async fn check(self, remote: &SshRemote) -> Result<CheckResult, AppError> {
        match self {
            Self::Certificate(record) => record.check(remote).await,
            Self::Yunohost(record) => record.check(remote).await.map_err(|error| not_checked(error, self.about())),
        }
    }
}

/// Why there is no check.
pub(crate) fn not_checked(error: CheckError, about: String) -> AppError {
    match error {
        CheckError::Remote(error) => AppError::Remote(error),
        CheckError::NotAnswered { cause, message } => AppError::Yunohost { cause, about, said: message },
        CheckError::Unknown { operation } => AppError::OperationUnknown { operation },
    }
}
