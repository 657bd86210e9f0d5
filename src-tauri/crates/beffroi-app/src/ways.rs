//! Ways into a vault: what opens it, adding and removing slots, another passphrase, another root key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_desk::keyring;
use beffroi_domain::{DocumentId, IdentityId, SlotId, StageName, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};
use beffroi_store::table::slot_note::SlotNoteRow;
use beffroi_store::{Catalog, CopyProgress};
use beffroi_vault::{
    HeaderSummary, IdentityCard, KdfCost, KeyFile, NewSlot, OpenError, SlotError, SlotKind, SlotSummary, Unlock, UnlockError,
};
use zeroize::Zeroizing;

use crate::identities::Signer;
use crate::parcels::ParcelDocument;
use crate::session::{Happening, Session};
use crate::vaults::{check_passphrase, typed_folder};
use crate::{App, AppError, Change, VaultFacts, now_ms};

/// What opens a vault, and what proves that somebody may change its ways in.
#[derive(Debug)]
pub enum Authority {
    /// The passphrase.
    Passphrase(SecretText),
    /// The passphrase and a key file.
    KeyFile {
        /// The passphrase.
        passphrase: SecretText,
        /// The file.
        path: PathBuf,
    },
    /// The passphrase and what this login's keyring holds.
    PassphraseAndKeyring(SecretText),
    /// The 24 recovery words.
    RecoveryWords(SecretText),
    /// An identity of an open vault.
    Identity,
    /// What this login's keyring holds, during the boot in which it was put there.
    Keyring,
}

/// A way in, with what people call it.
#[derive(Debug, Clone)]
pub struct SlotFacts {
    /// What the header says.
    pub slot: SlotSummary,
    /// What people call it.
    pub label: Option<String>,
    /// When it was added, in milliseconds since 1970, where that is known.
    pub added_ms: Option<u64>,
    /// Whether it is the weakest of its vault.
    pub weakest: bool,
}

/// A way in that is to be added.
#[derive(Debug)]
pub struct SlotOrder {
    /// Its kind.
    pub kind: SlotKind,
    /// The new passphrase, for the kinds that have one.
    pub passphrase: Option<SecretText>,
    /// The key file, for the kind that has one.
    pub key_file: Option<PathBuf>,
    /// For an identity: its name or fingerprint.
    pub identity: Option<String>,
    /// What people call it.
    pub label: Option<String>,
}

/// An [`Authority`], with everything it stands for at hand.
pub(crate) enum Keys {
    Passphrase(SecretText),
    KeyFile(SecretText, SecretBytes),
    PassphraseAndKeyring(SecretText, Vec<SecretKey>),
    RecoveryWords(SecretText),
    Identities(Vec<Arc<Signer>>),
    Keyring(Vec<SecretKey>),
}

impl Keys {
    /// Tries each thing that may open, until one does.
    pub(crate) fn each<T, E>(&self, mut open: impl FnMut(Unlock<'_>) -> Result<T, E>, none: impl FnOnce() -> E) -> Result<T, E> {
        let unlocks: Vec<Unlock<'_>> = match self {
            Self::Passphrase(passphrase) => vec![Unlock::Passphrase(passphrase)],
            Self::KeyFile(passphrase, file) => vec![Unlock::PassphraseAndKeyFile { passphrase, file }],
            Self::PassphraseAndKeyring(passphrase, secrets) => {
                secrets.iter().map(|secret| Unlock::PassphraseAndKeyring { passphrase, secret }).collect()
            }
            Self::RecoveryWords(words) => vec![Unlock::RecoveryWords(words)],
            Self::Identities(signers) => signers.iter().map(|signer| Unlock::Identity(&signer.keys)).collect(),
            Self::Keyring(secrets) => secrets.iter().map(Unlock::Keyring).collect(),
        };
        let mut failed = None;
        for unlock in unlocks {
            match open(unlock) {
                Ok(opened) => return Ok(opened),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(none))
    }
}

/// Bytes of the longest key file that is read: longer ones are not ours.
const MOST_KEY_FILE: u64 = 4096;
/// Characters of the longest label.
const MOST_LABEL: usize = 100;

impl App {
    /// The ways into the open vault.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn slots(&self) -> Result<Vec<SlotFacts>, AppError> {
        self.session()?.blocking(Session::slot_facts).await
    }

    /// Adds a way in. Gives it, and the words when they are one.
    ///
    /// # Errors
    /// When the authority does not open the vault, the order lacks something or has too much, the passphrase is weak or a
    /// stage's secret, the keyring refuses, or 16 ways are there.
    pub async fn add_slot(&self, authority: Authority, order: SlotOrder) -> Result<(SlotFacts, Option<SecretText>), AppError> {
        let session = self.writable()?;
        let keys = self.keys(session.vault.id(), &session.vault.header(), authority).await?;
        if order.label.as_ref().is_some_and(|label| label.chars().count() > MOST_LABEL || label.chars().any(char::is_control)) {
            return Err(AppError::InvalidName { kind: "label", value: order.label.unwrap_or_default() });
        }
        if let Some(passphrase) = &order.passphrase {
            check_passphrase(passphrase)?;
        }
        let kind = order.kind;
        let in_keyring = matches!(kind, SlotKind::Keyring | SlotKind::PassphraseKeyring);
        let for_keyring = if in_keyring { Some(new_key()?) } else { None };
        // exposed for a second key, which is handed to the keyring once the way in is there
        let kept = for_keyring.as_ref().map(|key| SecretKey::new(*key.expose()));
        let (id, words, keys) = session
            .blocking(move |session| {
                if let Some(passphrase) = &order.passphrase {
                    session.refuse_stage_secret(passphrase, None)?;
                }
                let given = Given::read(session, &order)?;
                let new = given.slot(kind, &order, for_keyring.as_ref())?;
                let added = keys.each(|unlock| session.vault.add_slot(unlock, new), no_slot)?;
                let note = SlotNoteRow {
                    slot: added.id,
                    label: order.label.unwrap_or_default(),
                    identity: given.card.as_ref().map(IdentityCard::id),
                    added_ms: now_ms(),
                };
                session.commit(Happening::new("slot-added").with("kind", kind.name()).with("slot", added.id), |writer| {
                    Ok(writer.set_slot_note(&note)?)
                })?;
                Ok((added.id, added.words, keys))
            })
            .await?;
        if let Some(key) = kept
            && let Err(error) = keyring::store(session.vault.id(), id, &keyring_item(kind, &key)).await
        {
            // A way in that nothing opens is worse than none.
            session.blocking(move |session| session.drop_slot(&keys, id, kind)).await?;
            return Err(error.into());
        }
        let facts = self.slots().await?.into_iter().find(|facts| facts.slot.id == id);
        let words = words.map(|words| words.as_text().duplicate());
        Ok((facts.ok_or_else(|| AppError::SlotNotFound { id: id.to_string() })?, words))
    }

    /// Removes a way in. Copies made before still open with it.
    ///
    /// # Errors
    /// When the authority does not open the vault, there is no such way, or no other works without this login's keyring.
    pub async fn remove_slot(&self, authority: Authority, slot: &str) -> Result<(), AppError> {
        let session = self.writable()?;
        let id: SlotId = slot.parse().map_err(|_| AppError::SlotNotFound { id: slot.chars().take(64).collect() })?;
        let keys = self.keys(session.vault.id(), &session.vault.header(), authority).await?;
        let vault = session.vault.id();
        let kind = session
            .blocking(move |session| {
                let header = session.vault.header();
                let kind = header.slots.iter().find(|slot| slot.id == id).map(|slot| slot.kind);
                let kind = kind.ok_or_else(|| AppError::SlotNotFound { id: id.to_string() })?;
                session.drop_slot(&keys, id, kind)?;
                Ok(kind)
            })
            .await?;
        if matches!(kind, SlotKind::Keyring | SlotKind::PassphraseKeyring)
            && let Err(error) = keyring::remove(vault, id).await
        {
            tracing::info!(%error, "what the keyring holds of the removed way in opens nothing any more, and stays there");
        }
        Ok(())
    }

    /// Gives the vault another passphrase. Copies made before still open with the old one.
    ///
    /// # Errors
    /// When the authority does not open the vault, or the new passphrase is weak or a stage's secret.
    pub async fn change_passphrase(&self, authority: Authority, new: SecretText) -> Result<(), AppError> {
        check_passphrase(&new)?;
        let session = self.writable()?;
        let keys = self.keys(session.vault.id(), &session.vault.header(), authority).await?;
        session
            .blocking(move |session| {
                session.refuse_stage_secret(&new, None)?;
                let header = session.vault.header();
                let first = header.slots.iter().find(|slot| slot.kind == SlotKind::Passphrase).map(|slot| slot.id);
                let named =
                    if matches!(keys, Keys::Passphrase(_) | Keys::KeyFile(..) | Keys::PassphraseAndKeyring(..)) { None } else { first };
                let cost = KdfCost::calibrated();
                let slot = keys.each(|unlock| session.vault.replace_passphrase(unlock, named, &new, cost), no_slot)?;
                session.commit(Happening::new("passphrase-changed").with("slot", slot), |_| Ok(()))
            })
            .await
    }

    /// Makes a new root key and encrypts the whole vault anew. The authority's way in is kept, so are those of identities;
    /// recovery words are new. Gives them, and the ways in that were dropped. Killed at any moment, the vault is the old
    /// one or the new one; then it is simply done again.
    ///
    /// # Errors
    /// When the authority does not open the vault, a stage is sealed, or the disk refuses; nothing is changed then.
    pub async fn rekey_vault(&self, authority: Authority) -> Result<(VaultFacts, SecretText, Vec<SlotFacts>), AppError> {
        let session = self.writable()?;
        if let Some(stage) = session.stages.all().into_iter().find(|stage| !session.is_open(stage.compartment)) {
            return Err(AppError::StageSealed { name: stage.name.to_string() });
        }
        let keys = self.keys(session.vault.id(), &session.vault.header(), authority).await?;
        if !matches!(keys, Keys::Passphrase(_) | Keys::KeyFile(..)) {
            // The others hold no passphrase that the vault could go on with.
            return Err(AppError::InvalidRequest { what: "a vault is rekeyed with its passphrase" });
        }
        // Before anything is let go of: what does not open the vault changes nothing.
        let proven = session.blocking(move |session| {
            keys.each(|unlock| session.vault.prove(unlock), no_slot)?;
            Ok(keys)
        });
        let keys = proven.await?;
        let folder = session.vault.folder().to_owned();
        // Nothing else may write while the catalog is encrypted anew.
        self.let_go(Arc::clone(&session)).await;
        let work = session.blocking(move |session| Ok((session.rekey(&keys), keys))).await;
        drop(session);
        let (rekeyed, keys) = work?;
        // Under the new keys, or, when it failed, under those it had: what is on the disk decides.
        let opened = self.open_folder(folder, keys).await;
        let (words, dropped) = rekeyed?;
        Ok((opened?, words, dropped))
    }

    /// The open vault that is meant, when it can be changed: the ways in are written before the journal could refuse.
    fn writable(&self) -> Result<Arc<Session>, AppError> {
        let session = self.session()?;
        match session.behind {
            None => Ok(session),
            Some(missing) => Err(AppError::Behind { missing }),
        }
    }

    /// Gathers what an authority stands for.
    pub(crate) async fn keys(&self, vault: VaultId, header: &HeaderSummary, authority: Authority) -> Result<Keys, AppError> {
        Ok(match authority {
            Authority::Passphrase(passphrase) => Keys::Passphrase(passphrase),
            Authority::KeyFile { passphrase, path } => Keys::KeyFile(passphrase, read_key_file(&path)?),
            Authority::RecoveryWords(words) => Keys::RecoveryWords(words),
            Authority::Identity => match self.own_identities() {
                signers if signers.is_empty() => return Err(AppError::IdentityNotOpen),
                signers => Keys::Identities(signers),
            },
            Authority::PassphraseAndKeyring(passphrase) => {
                Keys::PassphraseAndKeyring(passphrase, from_keyring(vault, header, SlotKind::PassphraseKeyring).await?)
            }
            Authority::Keyring => {
                if self.inner.places.wants_passphrase(vault) {
                    return Err(AppError::KeyringAfterAbsence);
                }
                Keys::Keyring(from_keyring(vault, header, SlotKind::Keyring).await?)
            }
        })
    }
}

/// What a new way in is made of.
struct Given {
    file: Option<SecretBytes>,
    card: Option<IdentityCard>,
}

impl Given {
    fn read(session: &Session, order: &SlotOrder) -> Result<Self, AppError> {
        let file = match (order.kind, &order.key_file) {
            (SlotKind::PassphraseKeyFile, Some(path)) => Some(make_or_read_key_file(path)?),
            _ => None,
        };
        let card = match (order.kind, &order.identity) {
            (SlotKind::Identity, Some(name)) => Some(session.card(name)?),
            _ => None,
        };
        Ok(Self { file, card })
    }

    fn slot<'a>(&'a self, kind: SlotKind, order: &'a SlotOrder, key: Option<&'a SecretKey>) -> Result<NewSlot<'a>, AppError> {
        let missing = |what| AppError::InvalidRequest { what };
        let passphrase = || order.passphrase.as_ref().ok_or(missing("this way in needs a passphrase"));
        let cost = if order.passphrase.is_some() { KdfCost::calibrated() } else { KdfCost::floor() };
        Ok(match kind {
            SlotKind::Passphrase => NewSlot::Passphrase { passphrase: passphrase()?, cost },
            SlotKind::PassphraseKeyFile => {
                let file = self.file.as_ref().ok_or(missing("this way in needs a key file"))?;
                NewSlot::PassphraseKeyFile { passphrase: passphrase()?, file, cost }
            }
            SlotKind::PassphraseKeyring => {
                NewSlot::PassphraseKeyring { passphrase: passphrase()?, secret: key.ok_or(missing("this way in needs a keyring"))?, cost }
            }
            SlotKind::Recovery => NewSlot::Recovery,
            SlotKind::Identity => NewSlot::Identity(self.card.as_ref().ok_or(missing("this way in needs an identity"))?),
            SlotKind::Keyring => NewSlot::Keyring(key.ok_or(missing("this way in needs a keyring"))?),
        })
    }
}

impl Session {
    pub(crate) fn slot_facts(&self) -> Result<Vec<SlotFacts>, AppError> {
        let notes = self.catalog.read(|reader| reader.slot_notes())?;
        let header = self.vault.header();
        let weakest = weakest(&header);
        let facts = header.slots.iter().map(|slot| {
            let note = notes.iter().find(|note| note.slot == slot.id);
            SlotFacts {
                weakest: weakest == Some(slot.id),
                label: note.map(|note| note.label.clone()).filter(|label| !label.is_empty()),
                added_ms: note.map(|note| note.added_ms),
                slot: slot.clone(),
            }
        });
        Ok(facts.collect())
    }

    fn drop_slot(&self, keys: &Keys, id: SlotId, kind: SlotKind) -> Result<(), AppError> {
        let slot = self.vault.header().slots.into_iter().find(|slot| slot.id == id);
        let past = slot.map(|slot| self.past_way(&slot, now_ms())).transpose()?;
        keys.each(|unlock| self.vault.remove_slot(unlock, id), no_slot)?;
        let happening = Happening::new("slot-removed").with("kind", kind.name()).with("slot", id);
        let compartment = self.compartment(&StageName::dev())?;
        self.commit(happening, |writer| {
            if let Some(past) = past {
                self.put_document(writer, compartment, DocumentId::make(), None, &ParcelDocument::Way(past))?;
            }
            Ok(writer.delete_slot_note(id)?)
        })
    }

    /// The card of somebody whom this vault knows, by name or fingerprint. An identity kept in this very vault cannot open it.
    fn card(&self, name: &str) -> Result<IdentityCard, AppError> {
        let rows = self.catalog.read(|reader| reader.identities())?;
        let cards = rows.iter().filter(|row| row.private.is_none()).filter_map(|row| IdentityCard::from_text(&row.card).ok());
        let mut found = cards.filter(|card| card.name() == name || card.fingerprint() == name);
        match (found.next(), found.next()) {
            (Some(card), None) => Ok(card),
            _ => Err(AppError::IdentityNotFound { name: name.to_owned() }),
        }
    }

    /// Encrypts everything anew beside the vault, then puts it in its place. This session is of no use afterwards.
    fn rekey(&self, keys: &Keys) -> Result<(SecretText, Vec<SlotFacts>), AppError> {
        let before = self.slot_facts()?;
        let cards = self.identity_slots()?;
        let cost = KdfCost::calibrated();
        let kept = match keys {
            Keys::Passphrase(passphrase) => NewSlot::Passphrase { passphrase, cost },
            Keys::KeyFile(passphrase, file) => NewSlot::PassphraseKeyFile { passphrase, file, cost },
            _ => return Err(AppError::internal("rekeyed without a passphrase")),
        };
        let mut slots = vec![kept, NewSlot::Recovery];
        slots.extend(cards.iter().map(|(_, card)| NewSlot::Identity(card)));
        let rekey = keys.each(|unlock| self.vault.begin_rekey(unlock, &slots), no_slot)?;
        let words = rekey.words().first().map(|words| words.as_text().duplicate());
        let words = words.ok_or_else(|| AppError::internal("no recovery words"))?;
        let report = |progress: CopyProgress| {
            self.listener.heard(Change::Progress { work: "rekey", done: progress.done, total: progress.total });
        };
        self.catalog.copy_to(&rekey.catalog_path(), rekey.database_key(), report)?;
        let catalog = Catalog::open(&rekey.catalog_path(), rekey.database_key())?;
        let header = rekey.vault().header();
        let of_identities = header.slots.iter().filter(|slot| slot.kind == SlotKind::Identity);
        let label = |slot: SlotId| before.iter().find(|facts| facts.slot.id == slot).and_then(|facts| facts.label.clone());
        let notes: Vec<SlotNoteRow> = of_identities
            .zip(&cards)
            .map(|(slot, (old, card))| SlotNoteRow {
                slot: slot.id,
                label: label(*old).unwrap_or_default(),
                identity: Some(card.id()),
                added_ms: now_ms(),
            })
            .collect();
        let anchor = self.reseal_under(&catalog, &rekey, &notes)?;
        catalog.close()?;
        self.catalog.shut()?;
        rekey.finish(&anchor)?;
        self.forget_migration_copies();
        let mut goes_on = Some(keys_kind(keys));
        let dropped = before.into_iter().filter(|facts| {
            let kept = cards.iter().any(|(slot, _)| *slot == facts.slot.id) || goes_on.take_if(|kind| *kind == facts.slot.kind).is_some();
            !kept && facts.slot.kind != SlotKind::Recovery
        });
        Ok((words, dropped.collect()))
    }

    /// The slots of identities whose cards this vault knows.
    fn identity_slots(&self) -> Result<Vec<(SlotId, IdentityCard)>, AppError> {
        let (notes, rows) = self.catalog.read(|reader| Ok::<_, AppError>((reader.slot_notes()?, reader.identities()?)))?;
        let card = |id: IdentityId| rows.iter().find(|row| row.id == id).and_then(|row| IdentityCard::from_text(&row.card).ok());
        let header = self.vault.header();
        let is_there = |slot: SlotId| header.slots.iter().any(|other| other.id == slot);
        Ok(notes.iter().filter(|note| is_there(note.slot)).filter_map(|note| Some((note.slot, card(note.identity?)?))).collect())
    }
}

fn no_slot() -> SlotError {
    SlotError::Unlock(UnlockError::WrongIdentity)
}

fn keys_kind(keys: &Keys) -> SlotKind {
    match keys {
        Keys::Passphrase(_) => SlotKind::Passphrase,
        Keys::KeyFile(..) => SlotKind::PassphraseKeyFile,
        Keys::PassphraseAndKeyring(..) => SlotKind::PassphraseKeyring,
        Keys::RecoveryWords(_) => SlotKind::Recovery,
        Keys::Identities(_) => SlotKind::Identity,
        Keys::Keyring(_) => SlotKind::Keyring,
    }
}

/// The way in that somebody with a copy of the folder would try first: one that is as strong as a login, else the
/// passphrase whose guesses cost least. The others hold 256 random bits.
pub(crate) fn weakest(header: &HeaderSummary) -> Option<SlotId> {
    let work = |slot: &&SlotSummary| slot.cost.map_or(0, |cost| u64::from(cost.memory_kib) * u64::from(cost.passes));
    let of_kind = |kind| header.slots.iter().filter(move |slot| slot.kind == kind);
    let kinds = [SlotKind::Keyring, SlotKind::Passphrase, SlotKind::PassphraseKeyring, SlotKind::PassphraseKeyFile];
    kinds.into_iter().find_map(|kind| of_kind(kind).min_by_key(work)).map(|slot| slot.id)
}

/// What the keyring holds for the slots of a kind.
async fn from_keyring(vault: VaultId, header: &HeaderSummary, kind: SlotKind) -> Result<Vec<SecretKey>, AppError> {
    let mut keys = Vec::new();
    for slot in header.slots.iter().filter(|slot| slot.kind == kind) {
        if let Some(item) = keyring::load(vault, slot.id).await? {
            keys.extend(key_of_item(kind, &item)?);
        }
    }
    if keys.is_empty() { Err(OpenError::from(UnlockError::NoSlot { kind }).into()) } else { Ok(keys) }
}

/// The key, and for a way in without passphrase the boot during which it may be used.
fn keyring_item(kind: SlotKind, key: &SecretKey) -> SecretBytes {
    let boot = if kind == SlotKind::Keyring { beffroi_desk::clock::boot_id().unwrap_or_default() } else { String::new() };
    let mut item = Vec::with_capacity(32 + boot.len());
    // exposed to be handed to the keyring
    item.extend_from_slice(key.expose());
    item.extend_from_slice(boot.as_bytes());
    SecretBytes::new(item)
}

fn key_of_item(kind: SlotKind, item: &SecretBytes) -> Result<Option<SecretKey>, AppError> {
    // exposed to be taken apart; the key goes into a value that is wiped
    let Some((key, boot)) = item.expose().split_first_chunk::<32>() else {
        return Ok(None);
    };
    let this_boot = beffroi_desk::clock::boot_id().unwrap_or_default();
    if kind == SlotKind::Keyring && boot != this_boot.as_bytes() {
        return Err(AppError::KeyringOtherBoot);
    }
    Ok(Some(SecretKey::new(*key)))
}

fn new_key() -> Result<SecretKey, AppError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(AppError::internal)?;
    Ok(SecretKey::new(*bytes))
}

fn make_or_read_key_file(path: &Path) -> Result<SecretBytes, AppError> {
    let failed = |error: std::io::Error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read_key_file(path),
        Err(error) => Err(failed(error)),
        Ok(mut file) => {
            let made = KeyFile::make().map_err(AppError::internal)?;
            // exposed to be written to the file that the person keeps
            std::io::Write::write_all(&mut file, made.expose()).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(made)
        }
    }
}

fn read_key_file(path: &Path) -> Result<SecretBytes, AppError> {
    let failed = |error: std::io::Error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() };
    let mut bytes = Vec::with_capacity(MOST_KEY_FILE as usize);
    let file = std::fs::File::open(path).map_err(failed)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST_KEY_FILE), &mut bytes).map_err(failed)?;
    let bytes = SecretBytes::new(bytes);
    KeyFile::check(&bytes).map_err(|_| AppError::NotAKeyFile { path: path.to_owned() })?;
    Ok(bytes)
}

/// The header of a vault's folder, as typed or with the ending that was left out.
pub(crate) fn described(path: &str) -> Result<(PathBuf, HeaderSummary), AppError> {
    let mut folders = typed_folder(path).into_iter();
    let first = folders.next().ok_or_else(|| AppError::InvalidName { kind: "path", value: path.to_owned() })?;
    let folder = if first.join("header.json").exists() { first.clone() } else { folders.next().unwrap_or_else(|| first.clone()) };
    let described = beffroi_vault::describe(&folder);
    match described {
        Ok(header) => Ok((folder, header)),
        Err(error) => Err(error.into()),
    }
}
