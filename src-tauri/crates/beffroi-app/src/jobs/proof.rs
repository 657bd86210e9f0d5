//! What proves that a job did what it was for.

use beffroi_domain::{Exit, Message};
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;
use beffroi_yunohost::{ActionRecord, CheckError, CheckResult, Outcome};

use crate::AppError;
use crate::certificates::{NOT_SEEN, PushRecord};

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

    /// What a check is worth beside what was said: the program of a certificate that ends with an error has changed nothing or
    /// put all back, so that what could not be seen speaks for no change.
    pub(super) fn weigh(self, outcome: &Outcome, check: CheckResult) -> CheckResult {
        match check {
            CheckResult::Half(why) if matches!(self, Self::Certificate(_)) && outcome.exit == Exit::Status(1) && why.key == NOT_SEEN => {
                CheckResult::NotKnown(why)
            }
            check => check,
        }
    }

    /// Reads the host, and changes nothing. `secret`: what the host was given, a user's password among them, which YunoHost shows
    /// nowhere; its directory says whether it takes it.
    pub(super) async fn check(self, remote: &SshRemote, secret: Option<&SecretBytes>) -> Result<CheckResult, AppError> {
        match self {
            Self::Certificate(record) => record.check(remote).await,
            Self::Yunohost(record) => {
                let found = record.check(remote).await.map_err(|error| not_checked(error, self.about()))?;
                let (CheckResult::NotKnown(_), Some(password)) = (&found, secret) else { return Ok(found) };
                Ok(match record.binds(remote, password).await? {
                    Some(true) => CheckResult::Held,
                    Some(false) => CheckResult::NotHeld(Message::new("found.password-not-taken").with("user", record.about())),
                    None => found,
                })
            }
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

#[cfg(test)]
mod tests {
    use beffroi_yunohost::Verdict;

    use super::*;

    #[test]
    fn a_certificate_that_was_refused_and_not_seen_is_not_half_done() {
        let record = serde_json::json!({"domain": "maison.test", "fingerprint": "", "root": "", "back": false});
        let record: PushRecord = serde_json::from_value(record).expect("a push");
        let weighed = |exit: Exit, key| {
            let outcome = Outcome::read(b"", b"ERROR there is no YunoHost here\n", &exit);
            let check = Proof::from(&record).weigh(&outcome, CheckResult::Half(Message::new(key)));
            Verdict::of(&outcome, &check)
        };
        assert_eq!(weighed(Exit::Status(1), NOT_SEEN), Verdict::NotDone);
        assert_eq!(weighed(Exit::Status(1), "found.certificate-refused"), Verdict::HalfDone, "it is shown");
        assert_eq!(weighed(Exit::Signal("KILL".to_owned()), NOT_SEEN), Verdict::HalfDone, "nobody knows where it stood");
        assert_eq!(weighed(Exit::Status(0), NOT_SEEN), Verdict::HalfDone, "nobody saw what it says");
    }
}
