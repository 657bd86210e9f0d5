//! What is recorded here once a job did what it was for.

use beffroi_domain::{DocumentId, SecretId, StageName};
use beffroi_secret::SecretBytes;
use beffroi_store::Writer;
use beffroi_store::table::job::JobRow;
use beffroi_store::table::secret::SecretRow;
use serde::{Deserialize, Serialize};

use super::place_in;
use super::record::JobInput;
use crate::certificates::Pushed;
use crate::exposure::note_published;
use crate::guests::{DeclaredGuest, GuestFate, settle_image};
use crate::people::{Account, Card, Known, PersonDocument};
use crate::secrets;
use crate::session::Session;
use crate::{AppError, now_ms};

/// Something to be recorded with the end of a job that succeeded, or that changed its host all the same. It is in the job's
/// record, so that a later program that follows the job to its end does it too.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Settlement {
    /// The first secret that the job was given is from now on what the catalog has by this name, under the host's stage.
    Secret {
        /// The name of the secret.
        name: String,
    },
    /// Somebody has a card, if they had none.
    Card {
        /// Its document.
        document: String,
        /// What it says.
        card: Card,
    },
    /// A person's account is another than before.
    Account {
        /// Its document.
        document: String,
        /// What became of it.
        change: AccountChange,
    },
    /// A guest of the host is called otherwise, or gone.
    Guest {
        /// Which, and what became of it.
        fate: GuestFate,
    },
    /// A guest of the host is what a specification says, which is kept.
    Declared {
        /// Which guest, and its specification.
        guest: Box<DeclaredGuest>,
    },
    /// An image of classic LXC lies on the host, or does no more.
    Image {
        /// Its name.
        name: String,
        /// Whether it is there.
        there: bool,
    },
    /// A port of the host leads into a guest, or does no more.
    Published {
        /// Which, in the ledger.
        what: String,
        /// Whether it does no more.
        withdrawn: bool,
    },
    /// A host was brought a certificate.
    Certificate {
        /// Its document.
        document: String,
        /// Which one it has.
        pushed: Pushed,
    },
}

/// What became of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum AccountChange {
    /// It was made, for this person.
    Made { person: String, login: String, mail: String },
    /// It was removed.
    Gone,
    /// It was given a permission by its name.
    Granted { permission: String },
    /// It has that no more.
    Revoked { permission: String },
    /// It was put into a group.
    Joined { group: String },
    /// It is not in that any more.
    Left { group: String },
    /// It has this main address.
    Mail { mail: String },
    /// What it runs was ended, and its keys taken away.
    PutOut,
    /// Its home and its mail were looked for, and are not there any more.
    Purged,
}

impl AccountChange {
    fn apply(self, known: &mut Known) {
        match self {
            Self::Made { mail, .. } | Self::Mail { mail } => known.mail = mail,
            Self::Granted { permission } => drop(known.permissions.insert(permission)),
            Self::Revoked { permission } => drop(known.permissions.remove(&permission)),
            Self::Joined { group } => drop(known.groups.insert(group)),
            Self::Left { group } => drop(known.groups.remove(&group)),
            Self::Gone => *known = Known::default(),
            Self::PutOut | Self::Purged => {}
        }
    }
}

impl Session {
    /// Records what a job is about to put on its host.
    pub(super) fn foretell(writer: &Writer<'_>, row: &JobRow, settlements: &[Settlement]) -> Result<(), AppError> {
        for settlement in settlements {
            if let Settlement::Published { what, withdrawn: false } = settlement {
                note_published(writer, row.target, what, false)?;
            }
        }
        Ok(())
    }

    /// Records what a job's end means here, in the transaction that records the end.
    pub(super) fn settle(&self, writer: &Writer<'_>, row: &JobRow, settlements: Vec<Settlement>) -> Result<(), AppError> {
        for settlement in settlements {
            match settlement {
                Settlement::Secret { name } => self.settle_secret(writer, row, name)?,
                Settlement::Guest { fate } => self.settle_guest(writer, row.target, &fate)?,
                Settlement::Declared { guest } => self.settle_declared(writer, *guest)?,
                Settlement::Image { name, there } => settle_image(writer, row.target, name, there)?,
                Settlement::Published { what, withdrawn } => note_published(writer, row.target, &what, withdrawn)?,
                Settlement::Certificate { document, pushed } => self.note_pushed(writer, &document, pushed)?,
                Settlement::Card { document, card } => {
                    let document = document.parse().map_err(|_| AppError::damaged("a job's record"))?;
                    self.settle_card(writer, document, card)?;
                }
                Settlement::Account { document, change } => {
                    let document = document.parse().map_err(|_| AppError::damaged("a job's record"))?;
                    self.settle_account(writer, row, document, change)?;
                }
            }
        }
        Ok(())
    }

    fn settle_secret(&self, writer: &Writer<'_>, row: &JobRow, name: String) -> Result<(), AppError> {
        let Some(value) = self.first_secret(row)? else {
            return Ok(());
        };
        // One of the same name under another stage is somebody else's: nothing goes from one stage to another. One that is being
        // rotated is what hosts may need as it is.
        let found = writer.reader().secret_named(&name)?;
        let is_rotating = match &found {
            Some(found) if found.compartment == row.compartment => self.is_rotating_in(writer.reader(), found.id)?,
            _ => false,
        };
        let before = found.as_ref().filter(|before| before.compartment == row.compartment && !is_rotating);
        let name = match &found {
            Some(_) if before.is_none() => format!("{name}-{}", row.id.to_string().split_off(28)),
            _ => name,
        };
        let now = now_ms();
        let secret = SecretRow {
            id: before.map_or_else(SecretId::make, |row| row.id),
            name,
            compartment: row.compartment,
            kind: secrets::PASSWORD.to_owned(),
            revision: before.map_or(1, |row| row.revision + 1),
            created_ms: before.map_or(now, |row| row.created_ms),
            changed_ms: now,
        };
        let sealed = self.seal(&secrets::place(&secret), &value)?;
        let Some(before) = before else {
            return Ok(writer.insert_secret(&secret, &sealed)?);
        };
        let old = writer.reader().sealed_secret(before.id)?;
        let old = old.map(|(row, sealed)| self.unseal(&secrets::place(&row), &sealed)).transpose()?;
        writer.update_secret(&secret, &sealed)?;
        self.follow_secret(writer, &secret, old.filter(|old| !old.same_as(&value)))
    }

    fn first_secret(&self, row: &JobRow) -> Result<Option<SecretBytes>, AppError> {
        let Some(sealed) = &row.input else {
            return Ok(None);
        };
        let input = JobInput::from_bytes(&self.unseal(&place_in(row, "input"), sealed)?)?;
        Ok(input.secrets.into_iter().next())
    }

    fn settle_card(&self, writer: &Writer<'_>, id: DocumentId, card: Card) -> Result<(), AppError> {
        if self.document_in::<PersonDocument>(writer.reader(), id)?.is_some() {
            return Ok(());
        }
        let compartment = self.compartment(&StageName::dev())?;
        self.put_document(writer, compartment, id, None, &PersonDocument::Card(card)).map(drop)
    }

    /// Notes on a card that its person has not left: they were given an account.
    fn settle_return(&self, writer: &Writer<'_>, account: &Account) -> Result<(), AppError> {
        let card = account.person.parse().map_err(|_| AppError::damaged("an account's person"))?;
        let Some(stored) = self.document_in::<PersonDocument>(writer.reader(), card)? else {
            return Ok(());
        };
        let PersonDocument::Card(mut value) = stored.value else {
            return Ok(());
        };
        if value.leaving.take().is_none() {
            return Ok(());
        }
        self.put_document(writer, stored.compartment, card, Some(stored.revision), &PersonDocument::Card(value)).map(drop)
    }

    /// An account whose card was removed meanwhile is nobody's: nothing is recorded of it.
    fn settle_account(&self, writer: &Writer<'_>, row: &JobRow, id: DocumentId, change: AccountChange) -> Result<(), AppError> {
        let before = self.document_in::<PersonDocument>(writer.reader(), id)?;
        let (compartment, revision, mut account) = match (before, &change) {
            // Its host may be of another stage since: an account goes along.
            (Some(stored), _) => match stored.value {
                PersonDocument::Account(account) => (stored.compartment, Some(stored.revision), account),
                PersonDocument::Card(_) => return Ok(()),
            },
            (None, AccountChange::Made { person, login, .. }) => {
                let (person, host, login) = (person.clone(), row.target.to_string(), login.clone());
                (row.compartment, None, Account { person, host, login, known: Known::default(), going: None })
            }
            (None, _) => return Ok(()),
        };
        match (&change, &mut account.going) {
            (AccountChange::Gone, None) => return self.delete_document(writer, id),
            (AccountChange::Gone, Some(going)) => going.removed_ms = Some(now_ms()),
            (AccountChange::Purged, Some(going)) => going.purged = true,
            (AccountChange::Made { .. }, _) => self.settle_return(writer, &account)?,
            _ => {}
        }
        change.apply(&mut account.known);
        account.known.since_ms = now_ms();
        self.put_document(writer, compartment, id, revision, &PersonDocument::Account(account)).map(drop)
    }
}
