//! What is kept of a person: a card, and one entry for each account that is theirs.
//!
//! The card is under the stage that is open with the vault. An account is under the stage of its host, since what a host holds is
//! that stage's: of a sealed one, nobody is told who has an account there.

use std::collections::BTreeSet;

use beffroi_domain::HostId;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::documents::{Document, DocumentKind};
use crate::jobs::Failure;

/// A document of a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum PersonDocument {
    /// Who somebody is.
    Card(Card),
    /// An account of theirs.
    Account(Account),
}

impl Document for PersonDocument {
    const KIND: DocumentKind = DocumentKind::Person;
}

/// Who somebody is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    /// What the person is called here.
    pub(crate) name: String,
    /// The login that their accounts have.
    pub(crate) login: String,
    /// First and last name.
    pub(crate) fullname: String,
    /// An address outside of the hosts.
    #[serde(default)]
    pub(crate) mail: String,
    /// Whatever is worth knowing.
    #[serde(default)]
    pub(crate) notes: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_ms: u64,
    /// How the person was off-boarded, the last time.
    #[serde(default)]
    pub(crate) leaving: Option<Leaving>,
}

/// That a person is off-boarded. What they had on which host is the hosts' stages', and stands with their accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Leaving {
    /// When the first plan of it was run, in milliseconds since 1970.
    pub(crate) at_ms: u64,
}

/// How an account is taken away from somebody who leaves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Going {
    /// The off-boarding that it belongs to: [`Leaving::at_ms`].
    pub(crate) leaving_ms: u64,
    /// The host's name then.
    pub(crate) host: String,
    /// What it could use before.
    pub(crate) permissions: BTreeSet<String>,
    /// The groups that it was in before.
    pub(crate) groups: BTreeSet<String>,
    /// What was tried, the oldest first.
    pub(crate) tries: Vec<Try>,
    /// When it was removed, in milliseconds since 1970.
    pub(crate) removed_ms: Option<u64>,
    /// Whether its home and its mail were deleted, and looked for afterwards.
    pub(crate) purged: bool,
}

/// A plan that was to take an account away.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Try {
    /// What the jobs of the plan have in common.
    pub(crate) run: String,
    /// Why the plan left the host alone.
    #[serde(default)]
    pub(crate) refused: Option<Failure>,
}

/// Tries that are kept of an account.
const MOST_TRIES: usize = 64;

/// An account that is a person's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Whose: the document of the card.
    pub(crate) person: String,
    /// Where.
    pub(crate) host: String,
    /// What it is called there.
    pub(crate) login: String,
    /// What it was like when something was last done with it from here.
    #[serde(default)]
    pub(crate) known: Known,
    /// How it is taken away. One that is gone is kept for the report.
    #[serde(default)]
    pub(crate) going: Option<Going>,
}

/// What an account has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    /// Groups, without those that everybody is in.
    pub(crate) groups: BTreeSet<String>,
    /// Permissions that it has by its own name.
    pub(crate) permissions: BTreeSet<String>,
    /// Its main address.
    pub(crate) mail: String,
    /// Since when, in milliseconds since 1970: what a survey said before is not held against it.
    pub(crate) since_ms: u64,
}

impl Account {
    pub(crate) fn host_id(&self) -> Result<HostId, AppError> {
        self.host.parse().map_err(|_| AppError::damaged("an account's host"))
    }

    /// Whether it was removed from here.
    pub(crate) fn is_gone(&self) -> bool {
        self.going.as_ref().is_some_and(|going| going.removed_ms.is_some())
    }

    /// Notes another try to take it away. What an earlier one of the same off-boarding took already is not forgotten.
    pub(crate) fn tried(&mut self, now: Going) {
        let before = self.going.take().filter(|before| before.leaving_ms == now.leaving_ms).unwrap_or_default();
        let tries: Vec<Try> = before.tries.into_iter().chain(now.tries).collect();
        let tries = tries.iter().skip(tries.len().saturating_sub(MOST_TRIES)).cloned().collect();
        let (permissions, groups) = (&before.permissions | &now.permissions, &before.groups | &now.groups);
        self.going = Some(Going { permissions, groups, tries, ..now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn going(leaving_ms: u64, run: &str, permissions: &[&str]) -> Going {
        let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
        Going { leaving_ms, permissions, tries: vec![Try { run: run.to_owned(), refused: None }], ..Going::default() }
    }

    #[test]
    fn another_try_forgets_nothing_of_the_one_before() {
        let mut account =
            Account { person: String::new(), host: String::new(), login: "ada".to_owned(), known: Known::default(), going: None };
        account.tried(going(1, "first", &["mail.main", "wiki.main"]));
        account.tried(going(1, "second", &["mail.main"]));
        let told = |account: &Account| {
            let going = account.going.clone().unwrap_or_default();
            (going.permissions.len(), going.tries.iter().map(|tried| tried.run.clone()).collect::<Vec<_>>())
        };
        assert_eq!(told(&account), (2, vec!["first".to_owned(), "second".to_owned()]));
        // Somebody who came back and leaves again is told of as they are now.
        account.tried(going(9, "third", &["mail.main"]));
        assert_eq!(told(&account), (1, vec!["third".to_owned()]));
        assert!(!account.is_gone());
        for number in 0..100 {
            account.tried(going(9, &number.to_string(), &[]));
        }
        assert_eq!(told(&account).1.len(), MOST_TRIES);
    }
}
