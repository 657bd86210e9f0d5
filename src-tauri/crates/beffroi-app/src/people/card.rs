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

/// How a person is off-boarded: what they had before, and what the plan left alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Leaving {
    /// When it was planned, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Whether their homes are deleted too.
    pub(crate) purge: bool,
    /// The accounts that they had.
    pub(crate) accounts: Vec<LeavingAccount>,
}

/// An account that is to be removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LeavingAccount {
    /// The host's name then.
    pub(crate) host: String,
    pub(crate) host_id: String,
    pub(crate) login: String,
    /// What it could do, as the last survey had it.
    pub(crate) permissions: Vec<String>,
    pub(crate) groups: Vec<String>,
    /// Why the plan left the host alone.
    #[serde(default)]
    pub(crate) refused: Option<Failure>,
    /// When it was removed.
    #[serde(default)]
    pub(crate) removed_ms: Option<u64>,
}

/// An account that is a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl Leaving {
    /// What is still to be done, after what was done before: an account that is planned anew takes the place of its former entry.
    /// What an earlier try took away is not lost: it is what they had.
    pub(crate) fn after(mut self, before: Option<Self>) -> Self {
        let Some(before) = before else {
            return self;
        };
        let mut purge = self.purge;
        for known in before.accounts {
            match self.accounts.iter_mut().find(|account| account.host_id == known.host_id && account.login == known.login) {
                Some(account) if known.removed_ms.is_none() => {
                    merge(&mut account.permissions, known.permissions);
                    merge(&mut account.groups, known.groups);
                }
                Some(_) => {}
                None => {
                    // Homes are deleted when those of every account are.
                    purge &= before.purge;
                    self.accounts.push(known);
                }
            }
        }
        self.accounts.sort_by(|one, other| (&one.host, &one.login).cmp(&(&other.host, &other.login)));
        Self { at_ms: before.at_ms, purge, accounts: self.accounts }
    }

    /// When an account was last removed; nothing while none was: a plan alone changes nothing.
    pub(crate) fn happened(&self) -> Option<u64> {
        self.accounts.iter().filter_map(|account| account.removed_ms).max()
    }
}

fn merge(all: &mut Vec<String>, more: Vec<String>) {
    all.extend(more);
    all.sort_unstable();
    all.dedup();
}

impl Account {
    pub(crate) fn host_id(&self) -> Result<HostId, AppError> {
        self.host.parse().map_err(|_| AppError::damaged("an account's host"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(host: &str, permissions: &[&str], removed_ms: Option<u64>) -> LeavingAccount {
        LeavingAccount {
            host: host.to_owned(),
            host_id: format!("id-{host}"),
            login: "ada".to_owned(),
            permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
            groups: Vec::new(),
            refused: None,
            removed_ms,
        }
    }

    fn leaving(at_ms: u64, purge: bool, accounts: Vec<LeavingAccount>) -> Leaving {
        Leaving { at_ms, purge, accounts }
    }

    #[test]
    fn another_try_forgets_nothing_of_the_one_before() {
        let before = leaving(1, false, vec![account("a", &["wiki.main"], Some(5)), account("b", &["mail.main", "wiki.main"], None)]);
        let after = leaving(9, true, vec![account("b", &["mail.main"], None)]).after(Some(before));
        assert_eq!((after.at_ms, after.purge, after.accounts.len()), (1, false, 2), "the home of the first is kept");
        assert_eq!(after.accounts.last().map(|account| account.permissions.join(" ")).as_deref(), Some("mail.main wiki.main"));
        // One that went and came back is told as it is now.
        let before = leaving(1, true, vec![account("a", &["wiki.main"], Some(5))]);
        let after = leaving(9, true, vec![account("a", &[], None)]).after(Some(before));
        assert!(after.purge && after.accounts.iter().all(|account| account.permissions.is_empty()));
    }

    #[test]
    fn a_plan_alone_is_no_leaving() {
        assert_eq!(leaving(1, true, vec![account("a", &[], None)]).happened(), None);
        assert_eq!(leaving(1, true, vec![account("a", &[], Some(5)), account("b", &[], Some(7))]).happened(), Some(7));
    }
}
