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
    pub(crate) fn after(self, before: Option<Self>) -> Self {
        let Some(mut all) = before else {
            return self;
        };
        all.accounts.retain(|known| !self.accounts.iter().any(|account| account.host_id == known.host_id && account.login == known.login));
        all.accounts.extend(self.accounts);
        all.accounts.sort_by(|one, other| one.host.cmp(&other.host));
        Self { at_ms: all.at_ms, purge: self.purge, accounts: all.accounts }
    }
}

impl Account {
    pub(crate) fn host_id(&self) -> Result<HostId, AppError> {
        self.host.parse().map_err(|_| AppError::damaged("an account's host"))
    }
}
