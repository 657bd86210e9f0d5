//! Somebody leaves: what is noted of it here once the plan is run, and not before.

use std::collections::BTreeSet;
use std::sync::Arc;

use beffroi_domain::{DocumentId, RunId};

use super::card::{Account, Card, Going, Leaving, PersonDocument, Try};
use super::cards::{Held, People};
use crate::jobs::Failure;
use crate::plans::MadePlan;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};

/// What a plan takes away from somebody.
pub(crate) struct Departure {
    pub(super) card: DocumentId,
    pub(super) accounts: Vec<Had>,
}

/// An account that somebody has until a plan is run.
pub(super) struct Had {
    /// Its document.
    pub(super) account: DocumentId,
    /// The host's name.
    pub(super) host: String,
    pub(super) permissions: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    /// Why the plan leaves the host alone.
    pub(super) refused: Option<Failure>,
}

impl App {
    /// Keeps what is to be noted once a plan is run.
    pub(super) fn note_departures(&self, made: &MadePlan, mut departures: Vec<Departure>) {
        for had in departures.iter_mut().flat_map(|departure| &mut departure.accounts) {
            let refused = made.refused.iter().find(|refused| refused.host == had.host);
            had.refused = refused.map(|refused| Failure::from(&refused.error));
        }
        if let Some(pending) = self.plans().get_mut(&made.plan.id) {
            pending.departures = departures;
        }
    }
}

impl Session {
    /// Notes that somebody leaves: on their card that, and on each account, under its host's stage, what it has.
    pub(crate) async fn begin_departures(self: &Arc<Self>, run: RunId, departures: Vec<Departure>) -> Result<(), AppError> {
        if departures.is_empty() {
            return Ok(());
        }
        self.blocking(move |session| {
            for departure in departures {
                let people = session.people()?;
                // A card that was removed meanwhile is nobody's.
                if let Some(card) = people.cards.iter().find(|card| card.id == departure.card) {
                    session.begin_departure(run, &people, card, departure)?;
                }
            }
            Ok(())
        })
        .await?;
        self.listener.heard(Change::People);
        Ok(())
    }

    fn begin_departure(&self, run: RunId, people: &People, card: &Held<Card>, departure: Departure) -> Result<(), AppError> {
        let happening = Happening::new("person-leaving").with("name", &card.value.name).with("count", departure.accounts.len());
        let leaving_ms = card.value.leaving.as_ref().map_or_else(now_ms, |leaving| leaving.at_ms);
        let is_of_before = |account: &&Held<Account>| account.value.going.as_ref().is_none_or(|going| going.leaving_ms != leaving_ms);
        self.commit(happening, |writer| {
            for before in people.gone_of(card.id).filter(is_of_before) {
                self.delete_document(writer, before.id)?;
            }
            for had in departure.accounts {
                let Some(held) = people.accounts.iter().find(|account| account.id == had.account) else { continue };
                let Had { host, permissions, groups, refused, .. } = had;
                let tries = vec![Try { run: run.to_string(), refused }];
                let mut account = held.value.clone();
                account.tried(Going { leaving_ms, host, permissions, groups, tries, ..Going::default() });
                self.put_document(writer, held.compartment, held.id, Some(held.revision), &PersonDocument::Account(account))?;
            }
            if card.value.leaving.is_none() {
                let leaves = Card { leaving: Some(Leaving { at_ms: leaving_ms }), ..card.value.clone() };
                self.put_document(writer, card.compartment, card.id, Some(card.revision), &PersonDocument::Card(leaves))?;
            }
            Ok(())
        })
    }
}
