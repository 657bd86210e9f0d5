//! A host goes to another stage: what is kept of its accounts, and their passwords, go along.

use beffroi_domain::{CompartmentId, TargetRecord};
use beffroi_secret::SecretBytes;
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;

use super::card::{Account, PersonDocument};
use super::cards::{Held, secret_name};
use crate::session::Session;
use crate::{AppError, now_ms, secrets};

/// What is under a host's stage because of its accounts.
#[derive(Default)]
pub(crate) struct Belongings {
    accounts: Vec<Held<Account>>,
    passwords: Vec<(SecretRow, SecretBytes)>,
}

impl Session {
    /// What is under a stage because of a host's accounts. A password that a host of the stage logs in with is the stage's own.
    pub(crate) fn belongings(&self, host: &TargetRecord, stage: CompartmentId) -> Result<Belongings, AppError> {
        let (people, id) = (self.people()?, host.host.to_string());
        let used: Vec<_> = self.targets()?.iter().flat_map(|target| target.record.secrets().collect::<Vec<_>>()).collect();
        let mut found = Belongings::default();
        for account in people.accounts.iter().chain(&people.gone).filter(|account| account.value.host == id && account.compartment == stage)
        {
            found.accounts.push(account.clone());
            let Some(card) = people.cards.iter().find(|card| card.id.to_string() == account.value.person) else { continue };
            let name = secret_name(&card.value.name, &account.value.login, host.name.as_str());
            let Some(row) = self.catalog.read(|reader| reader.secret_named(&name))? else { continue };
            let is_known = found.passwords.iter().any(|(known, _)| known.id == row.id);
            if row.compartment != stage || used.contains(&row.id) || is_known {
                continue;
            }
            if let Some((row, sealed)) = self.catalog.read(|reader| reader.sealed_secret(row.id))? {
                let value = self.unseal(&secrets::place(&row), &sealed)?;
                found.passwords.push((row, value));
            }
        }
        Ok(found)
    }

    /// Seals them under another stage.
    pub(crate) fn move_belongings(&self, writer: &Writer<'_>, found: &Belongings, stage: CompartmentId) -> Result<(), AppError> {
        for account in &found.accounts {
            let document = PersonDocument::Account(account.value.clone());
            self.put_document(writer, stage, account.id, Some(account.revision), &document)?;
        }
        for (row, value) in &found.passwords {
            let row = SecretRow { compartment: stage, revision: row.revision + 1, changed_ms: now_ms(), ..row.clone() };
            writer.update_secret(&row, &self.seal(&secrets::place(&row), value)?)?;
            self.follow_secret(writer, &row, None)?;
        }
        Ok(())
    }
}
