//! The check of an action: the state of the host afterwards is the truth, whatever the command said.

use std::collections::BTreeMap;

use beffroi_remote::{Remote, RemoteError};
use jiff::Timestamp;
use serde_json::Value;

use super::ActionRecord;
use crate::Cause;
use crate::ask::{Answer, ask};
use crate::facts::{Group, ServiceState, User, groups, service, users};
use crate::survey::{GROUP_LIST, USER_LIST};

/// What the state of the host says of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    /// It is as was asked.
    Held,
    /// It is not.
    NotHeld {
        /// What is missing.
        why: NotHeld,
    },
    /// Nothing speaks against it, but the state cannot show it: what the command said counts.
    NotKnown {
        /// What cannot be seen.
        why: NotKnown,
    },
}

/// What is not as was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotHeld {
    /// The user is not there.
    UserMissing,
    /// The user is there but not in `all_users`: it was made by half, or removed by half.
    UserOutsideAllUsers,
    /// There is a user of that name, but not as asked: made by half, or by someone else.
    UserOtherwise {
        /// What differs, as the options are named.
        fields: Vec<&'static str>,
    },
    /// The user is still there, as before.
    UserStillThere,
    /// The edit is not, or not fully, in the user's fields.
    FieldsDiffer {
        /// What differs, as the options are named: `fullname`, `add-mailalias`…
        fields: Vec<&'static str>,
    },
    /// The service is not there.
    ServiceMissing,
    /// The service does not run.
    ServiceNotRunning {
        /// Its state.
        status: String,
    },
    /// The service runs, but has not changed state since before.
    ServiceNotRestarted,
}

/// What the state of the host cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKnown {
    /// Whether the password is the new one.
    Password,
    /// Whether the service was restarted: the host does not know when its state changed.
    ServiceChange,
}

/// Why there is no check.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The host cannot be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The host refused to answer, or its answer is not understood.
    #[error("the host did not answer the check: {cause:?}: {message}")]
    NotAnswered {
        /// Why.
        cause: Cause,
        /// Its own words, cleaned, 4 KiB at most.
        message: String,
    },
}

impl ActionRecord {
    /// Reads the part of the host's state that the action was to change, in one round trip that changes nothing.
    ///
    /// # Errors
    /// [`CheckError`] when the state cannot be read.
    pub async fn check(&self, remote: &dyn Remote) -> Result<CheckResult, CheckError> {
        if let Self::ServiceRestart { name, changed_before } = self {
            let answers = ask(remote, &[vec!["service", "status", name]]).await?;
            return check_service(answers.first(), changed_before.as_deref());
        }
        let answers = ask(remote, &[USER_LIST.to_vec(), GROUP_LIST.to_vec()]).await?;
        Ok(self.check_users(&answer(answers.first(), users)?, &answer(answers.get(1), groups)?))
    }

    fn check_users(&self, users: &BTreeMap<String, User>, groups: &BTreeMap<String, Group>) -> CheckResult {
        let not_held = |why| CheckResult::NotHeld { why };
        let member = |name: &String| groups.get("all_users").is_some_and(|group| group.members.contains(name));
        match self {
            Self::UserRemove { username, .. } => match users.get(username) {
                None => CheckResult::Held,
                Some(_) if member(username) => not_held(NotHeld::UserStillThere),
                Some(_) => not_held(NotHeld::UserOutsideAllUsers),
            },
            Self::UserAdd { username, .. } | Self::UserEdit { username, .. } => match users.get(username) {
                None => not_held(NotHeld::UserMissing),
                Some(_) if !member(username) => not_held(NotHeld::UserOutsideAllUsers),
                Some(user) => self.compare(user),
            },
            Self::ServiceRestart { .. } => not_held(NotHeld::ServiceMissing),
        }
    }

    fn compare(&self, user: &User) -> CheckResult {
        let mut fields = Vec::new();
        let mut expect = |field: &'static str, holds: bool| {
            if !holds {
                fields.push(field);
            }
        };
        match self {
            Self::UserAdd { username, fullname, domain, mailbox_quota } => {
                expect("fullname", same_words(fullname, &user.fullname));
                expect("domain", domain.as_ref().is_none_or(|domain| user.mail == format!("{username}@{domain}")));
                expect("mailbox-quota", mailbox_quota.as_ref().is_none_or(|quota| *quota == user.mailbox_quota));
            }
            Self::UserEdit { fullname, mailbox_quota, add_mailalias, remove_mailalias, add_mailforward, remove_mailforward, .. } => {
                expect("fullname", fullname.as_ref().is_none_or(|name| same_words(name, &user.fullname)));
                expect("mailbox-quota", mailbox_quota.as_ref().is_none_or(|quota| *quota == user.mailbox_quota));
                expect("add-mailalias", add_mailalias.iter().all(|address| user.mail_aliases.contains(address)));
                expect("remove-mailalias", !remove_mailalias.iter().any(|address| user.mail_aliases.contains(address)));
                expect("add-mailforward", add_mailforward.iter().all(|address| user.mail_forwards.contains(address)));
                expect("remove-mailforward", !remove_mailforward.iter().any(|address| user.mail_forwards.contains(address)));
            }
            Self::UserRemove { .. } | Self::ServiceRestart { .. } => {}
        }
        match self {
            Self::UserAdd { .. } if !fields.is_empty() => CheckResult::NotHeld { why: NotHeld::UserOtherwise { fields } },
            _ if !fields.is_empty() => CheckResult::NotHeld { why: NotHeld::FieldsDiffer { fields } },
            Self::UserEdit { password: true, .. } => CheckResult::NotKnown { why: NotKnown::Password },
            _ => CheckResult::Held,
        }
    }
}

fn answer<T>(answer: Option<&Answer>, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, CheckError> {
    let not_understood = || CheckError::NotAnswered { cause: Cause::AnswerNotUnderstood, message: String::new() };
    let json = answer.ok_or_else(not_understood)?.json().map_err(|(cause, message)| CheckError::NotAnswered { cause, message })?;
    read(&json).ok_or_else(not_understood)
}

/// YunoHost parts a full name into words and joins them with one space.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

fn check_service(given: Option<&Answer>, before: Option<&str>) -> Result<CheckResult, CheckError> {
    match answer(given, |json| json.is_object().then(|| service(json))) {
        Ok(now) => Ok(compare_service(&now, before)),
        Err(CheckError::NotAnswered { cause: Cause::ServiceUnknown, .. }) => Ok(CheckResult::NotHeld { why: NotHeld::ServiceMissing }),
        Err(error) => Err(error),
    }
}

fn compare_service(now: &ServiceState, before: Option<&str>) -> CheckResult {
    if now.status != "running" {
        return CheckResult::NotHeld { why: NotHeld::ServiceNotRunning { status: now.status.clone() } };
    }
    let moment = |text: &str| text.parse::<Timestamp>().ok();
    match (before.and_then(moment), now.last_state_change.as_deref().and_then(moment)) {
        (Some(before), Some(now)) if now > before => CheckResult::Held,
        (Some(_), Some(_)) => CheckResult::NotHeld { why: NotHeld::ServiceNotRestarted },
        _ => CheckResult::NotKnown { why: NotKnown::ServiceChange },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, change: &str) -> ServiceState {
        service(&serde_json::json!({"status": status, "last_state_change": change}))
    }

    #[test]
    fn a_restart_shows_in_the_time_of_the_last_change() {
        let before = Some("2026-11-21T00:10:26.758409+00:00");
        assert_eq!(compare_service(&state("running", "2026-11-21T00:10:27+00:00"), before), CheckResult::Held);
        let same = compare_service(&state("running", "2026-11-21T01:10:26.758409+01:00"), before);
        assert_eq!(same, CheckResult::NotHeld { why: NotHeld::ServiceNotRestarted });
        let dead = compare_service(&state("dead", "2026-11-21T00:10:27+00:00"), before);
        assert_eq!(dead, CheckResult::NotHeld { why: NotHeld::ServiceNotRunning { status: "dead".to_owned() } });
        for (before, now) in [(before, "unknown"), (None, "2026-11-21T00:10:27+00:00"), (before, "yesterday"), (None, "unknown")] {
            let unseen = compare_service(&state("running", now), before);
            assert_eq!(unseen, CheckResult::NotKnown { why: NotKnown::ServiceChange }, "{before:?} {now}");
        }
    }

    #[test]
    fn half_done_removals_and_edits_are_named() {
        let user = User { fullname: "Alice A".to_owned(), mailbox_quota: "0".to_owned(), ..User::default() };
        let users = BTreeMap::from([("alice".to_owned(), user)]);
        let inside = BTreeMap::from([("all_users".to_owned(), Group { members: vec!["alice".to_owned()] })]);
        let remove = ActionRecord::UserRemove { username: "alice".to_owned(), purge: false };
        assert_eq!(remove.check_users(&users, &inside), CheckResult::NotHeld { why: NotHeld::UserStillThere });
        assert_eq!(remove.check_users(&users, &BTreeMap::new()), CheckResult::NotHeld { why: NotHeld::UserOutsideAllUsers });
        assert_eq!(remove.check_users(&BTreeMap::new(), &inside), CheckResult::Held);

        let edit = |fullname: &str, password| ActionRecord::UserEdit {
            username: "alice".to_owned(),
            fullname: Some(fullname.to_owned()),
            password,
            mailbox_quota: Some("0".to_owned()),
            add_mailalias: Vec::new(),
            remove_mailalias: vec!["gone@x.test".to_owned()],
            add_mailforward: Vec::new(),
            remove_mailforward: Vec::new(),
        };
        assert_eq!(edit("Alice  A", false).check_users(&users, &inside), CheckResult::Held);
        assert_eq!(edit("Alice A", true).check_users(&users, &inside), CheckResult::NotKnown { why: NotKnown::Password });
        let differs = CheckResult::NotHeld { why: NotHeld::FieldsDiffer { fields: vec!["fullname"] } };
        assert_eq!(edit("Alice B", true).check_users(&users, &inside), differs);
    }
}
