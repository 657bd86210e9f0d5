//! Makes a parcel.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use beffroi_domain::{Canonical, DocumentId, HostId, Login, SecretId, StageName, Sudo, TargetRecord};
use beffroi_import::formats::known_hosts;
use beffroi_import::write::parcel::Unsigned;
use beffroi_import::{Entry, Parsed, Reader};
use beffroi_secret::SecretBytes;
use beffroi_store::table::secret::SecretRow;
use beffroi_vault::{IdentityCard, SlotError, UnlockError};

use super::{Given, GivenSecret, ParcelDocument};
use crate::certificates::certificate_keys;
use crate::error::{ImportingError, ParcelError, named};
use crate::host_keys::trusted_lines;
use crate::identities::Signer;
use crate::imports::{exported_host, is_of_people, parts_of};
use crate::session::{Happening, Session, Standing, Target};
use crate::{App, AppError, Authority, now_ms, own_file};

/// What is signed: `C("beffroi/parcel/1", header, SHA-256 of the content)`.
const SIGNED: &str = "beffroi/parcel/1";
/// Secrets of one document: it has at most 1 MiB.
const MOST_OF_A_DOCUMENT: usize = 1_000;
/// Characters of the longest name of a person.
const MOST_PERSON: usize = 128;

/// What is to be handed over, and to whom.
#[derive(Debug, Clone, Default)]
pub struct ParcelOrder {
    /// The file to make.
    pub path: PathBuf,
    /// Whom it is for: names or fingerprints of identities that the vault knows, public keys of age or SSH, files with one or with a
    /// card.
    pub readers: Vec<String>,
    /// The person whom it is given to, in words that are found again.
    pub person: Option<String>,
    /// Selectors of hosts.
    pub hosts: Vec<String>,
    /// Names of secrets.
    pub secrets: Vec<String>,
    /// Stages of which everything goes.
    pub stages: Vec<String>,
    /// Whether hosts go without the secrets that open them and without the hosts that they are reached through.
    pub only_named: bool,
}

/// What a parcel holds, or would hold. No value is in it.
#[derive(Debug)]
pub struct ParcelContent {
    /// The file.
    pub path: PathBuf,
    /// The parcel's id and when it was made, once it is.
    pub made: Option<(String, u64)>,
    /// Name and fingerprint of who signs it.
    pub signer: (String, String),
    /// Who can open it.
    pub readers: Vec<Reader>,
    /// Its hosts, by name.
    pub hosts: Vec<ParcelHost>,
    /// Its secrets, by name.
    pub secrets: Vec<ParcelSecret>,
    /// What is not in it, and why: the end of `import.refused.…`.
    pub left: Vec<(String, &'static str)>,
}

/// A host of a parcel.
#[derive(Debug)]
pub struct ParcelHost {
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// Whether it is in it only because another one is reached through it.
    pub through: bool,
}

/// A secret of a parcel.
#[derive(Debug)]
pub struct ParcelSecret {
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// `private-key`, `password` or `note`.
    pub kind: String,
    /// The hosts of the parcel that it opens.
    pub opens: Vec<String>,
}

/// What an order means.
struct Chosen {
    signer: std::sync::Arc<Signer>,
    card: IdentityCard,
    readers: Vec<Reader>,
    hosts: Vec<(TargetRecord, bool)>,
    secrets: Vec<SecretRow>,
    left: Vec<(String, &'static str)>,
}

impl App {
    /// What a parcel would hold, or, with an authority that opens the vault, makes it: signed by this person, encrypted for its readers,
    /// written to a new file. The journal says so and what was handed over is noted before the file is there.
    ///
    /// # Errors
    /// [`ParcelError`]; [`AppError::IdentityNotFound`] for a person without an identity in this vault, [`AppError::StageSealed`] when
    /// something is of a sealed stage, [`AppError::RecordForged`], [`AppError::SecretNotFound`], [`ImportingError::Exists`]; when the
    /// authority does not open the vault.
    pub async fn make_parcel(&self, authority: Option<Authority>, order: ParcelOrder) -> Result<ParcelContent, AppError> {
        let session = self.session()?;
        if order.path.exists() {
            return Err(ImportingError::Exists { path: order.path }.into());
        }
        let is_line = |person: &String| person.chars().count() <= MOST_PERSON && !person.chars().any(char::is_control);
        if let Some(person) = order.person.as_ref().filter(|person| person.trim().is_empty() || !is_line(person)) {
            return Err(AppError::InvalidName { kind: "person", value: person.clone() });
        }
        let mut selected = Vec::new();
        for selector in &order.hosts {
            selected.extend(session.select(selector).await?.into_iter().map(|record| record.host));
        }
        let keys = match authority {
            Some(authority) => Some(self.keys(session.vault.id(), &session.vault.header(), authority).await?),
            None => None,
        };
        session
            .blocking(move |session| {
                let chosen = session.chosen(&order, &selected.into_iter().collect())?;
                let Some(keys) = keys else { return Ok(content(session, &order, chosen, None)) };
                keys.each(|unlock| session.vault.prove(unlock), || SlotError::Unlock(UnlockError::WrongIdentity))?;
                let made = session.write_parcel(&order, &chosen)?;
                Ok(content(session, &order, chosen, Some(made)))
            })
            .await
    }
}

/// What the signature of a parcel covers.
pub(super) fn signed(header: &[u8], content: &[u8; 32]) -> Vec<u8> {
    Canonical::new(SIGNED).bytes(header).bytes(content).finish()
}

fn content(session: &Session, order: &ParcelOrder, chosen: Chosen, made: Option<(String, u64)>) -> ParcelContent {
    let secret = |row: &SecretRow| ParcelSecret {
        name: row.name.clone(),
        stage: session.stage_of(row.compartment),
        kind: row.kind.clone(),
        opens: opened_by(&chosen.hosts, row.id),
    };
    ParcelContent {
        path: order.path.clone(),
        made,
        signer: (chosen.card.name().to_owned(), chosen.card.fingerprint()),
        secrets: chosen.secrets.iter().map(secret).collect(),
        hosts: chosen
            .hosts
            .iter()
            .map(|(record, through)| ParcelHost { name: record.name.to_string(), stage: record.stage.to_string(), through: *through })
            .collect(),
        readers: chosen.readers,
        left: chosen.left,
    }
}

/// The hosts that log in with a secret.
fn opened_by(hosts: &[(TargetRecord, bool)], secret: SecretId) -> Vec<String> {
    let is_it = |record: &TargetRecord| record.login == Some(Login::Secret(secret));
    hosts.iter().filter(|(record, _)| is_it(record)).map(|(record, _)| record.name.to_string()).collect()
}

/// What a host is opened with by the way that goes along: it logs in with it, or is asked for it then.
fn opens(record: &TargetRecord) -> impl Iterator<Item = SecretId> {
    let login = match record.access.login.as_ref().or(record.login.as_ref()) {
        Some(Login::Secret(secret)) => Some(*secret),
        _ => None,
    };
    let sudo = match record.sudo {
        Sudo::Password(secret) => Some(secret),
        Sudo::Never | Sudo::WithoutPassword => None,
    };
    login.into_iter().chain(record.password).chain(record.one_time).chain(sudo)
}

impl Session {
    fn chosen(&self, order: &ParcelOrder, selected: &HashSet<HostId>) -> Result<Chosen, AppError> {
        let signer = self.signer().ok_or(AppError::IdentityNotFound { name: self.person.clone() })?;
        let card = self.cards()?.into_iter().find(|card| card.id() == signer.id).ok_or_else(|| AppError::damaged("the identities"))?;
        let stages: Vec<StageName> = order.stages.iter().map(|stage| named("stage", stage)).collect::<Result<_, _>>()?;
        stages.iter().try_for_each(|stage| self.open_stage(stage).map(drop))?;
        let hosts = self.chosen_hosts(order, selected, &stages)?;
        let mut left = Vec::new();
        for (record, _) in &hosts {
            if !record.others.is_empty() || record.sudo != Sudo::Never || record.password.is_some() || record.one_time.is_some() {
                left.push((record.name.to_string(), "host-settings"));
            }
        }
        let wanted: HashSet<&str> = order.secrets.iter().map(String::as_str).collect();
        let brought: HashSet<SecretId> = hosts.iter().filter(|_| !order.only_named).flat_map(|(record, _)| opens(record)).collect();
        let (never, mut secrets) = (certificate_keys(self)?, Vec::new());
        for row in self.catalog.read(|reader| reader.secrets())? {
            let is_named = wanted.contains(row.name.as_str());
            let stage = self.stage_of(row.compartment);
            if !is_named && !brought.contains(&row.id) && !stages.iter().any(|wanted| wanted.as_str() == stage) {
                continue;
            }
            if !is_of_people(&row) || never.contains(&row.id.to_string()) {
                if is_named {
                    return Err(ParcelError::Never { name: row.name }.into());
                }
                left.push((row.name, "never-handed-over"));
                continue;
            }
            if !self.is_open(row.compartment) {
                return Err(self.sealed(row.compartment));
            }
            secrets.push(row);
        }
        if let Some(missing) = order.secrets.iter().find(|name| !secrets.iter().any(|row| row.name == **name)) {
            return Err(AppError::SecretNotFound { name: missing.clone() });
        }
        if secrets.is_empty() && hosts.is_empty() {
            return Err(ParcelError::Empty.into());
        }
        Ok(Chosen { readers: self.readers(&order.readers)?, signer, card, hosts, secrets, left })
    }

    /// The hosts of an order, and those that they are reached through, by name. Of a guest its host: who has that finds the guest
    /// there by its name.
    fn chosen_hosts(
        &self,
        order: &ParcelOrder,
        selected: &HashSet<HostId>,
        stages: &[StageName],
    ) -> Result<Vec<(TargetRecord, bool)>, AppError> {
        let targets: HashMap<HostId, Target> = self.targets()?.into_iter().map(|target| (target.record.host, target)).collect();
        let is_meant = |target: &&Target| selected.contains(&target.record.host) || stages.contains(&target.record.stage);
        let mut found: BTreeMap<String, (TargetRecord, bool)> = BTreeMap::new();
        let mut next: Vec<(HostId, bool)> = targets.values().filter(is_meant).map(|target| (target.record.host, false)).collect();
        while let Some((host, through)) = next.pop() {
            let Some(target) = targets.get(&host) else { continue };
            let name = target.record.name.to_string();
            match target.standing {
                Standing::Authentic => {}
                Standing::Sealed => return Err(self.sealed(target.compartment)),
                Standing::Forged => return Err(AppError::RecordForged { name }),
            }
            if let Some((_, known)) = found.get_mut(&name) {
                *known &= through;
                continue;
            }
            next.extend(target.record.access.jump.filter(|_| !order.only_named).map(|jump| (jump, true)));
            found.insert(name, (target.record.clone(), through));
        }
        Ok(found.into_values().filter(|(record, _)| record.guest().is_none()).collect())
    }

    /// Signs and encrypts, says so in the journal, notes what was handed over, and writes the file.
    fn write_parcel(&self, order: &ParcelOrder, chosen: &Chosen) -> Result<(String, u64), AppError> {
        let (id, made_ms) = (DocumentId::make().to_string(), now_ms());
        let (parsed, notes) = self.opened_content(chosen)?;
        let failed = |error| AppError::from(ImportingError::Write { format: "parcel", error });
        let unsigned = Unsigned::new(&parsed, &id, &chosen.card.to_text(), made_ms, chosen.readers.clone()).map_err(failed)?;
        let (header, digest) = unsigned.to_sign();
        let signature = chosen.signer.keys.sign(&signed(header, digest));
        let bytes = SecretBytes::new(unsigned.seal(&signature).map_err(failed)?);
        let given = |hosts: Vec<String>, secrets: Vec<GivenSecret>| {
            let (parcel, file, person, readers) =
                (id.clone(), order.path.display().to_string(), order.person.clone(), chosen.readers.clone());
            ParcelDocument::Given(Given { parcel, made_ms, file, person, readers, hosts, secrets })
        };
        let mut documents = Vec::new();
        for (stage, (mut hosts, secrets)) in self.by_stage(chosen, notes) {
            let compartment = self.compartment(&stage)?;
            let mut secrets = secrets.into_iter().peekable();
            // One at least, for the hosts.
            loop {
                let part: Vec<GivenSecret> = secrets.by_ref().take(MOST_OF_A_DOCUMENT).collect();
                documents.push((compartment, given(std::mem::take(&mut hosts), part)));
                if secrets.peek().is_none() {
                    break;
                }
            }
        }
        let called = chosen.readers.iter().map(|reader| if reader.name.is_empty() { &reader.key } else { &reader.name });
        let called = order.person.clone().unwrap_or_else(|| called.cloned().collect::<Vec<_>>().join(", "));
        let happening = Happening::new("parcel-made")
            .with("name", called)
            .with("count", chosen.secrets.len())
            .with("hosts", chosen.hosts.len())
            .with("path", order.path.display());
        self.commit(happening, |writer| {
            for (compartment, document) in &documents {
                self.put_document(writer, *compartment, DocumentId::make(), None, document)?;
            }
            Ok(())
        })?;
        own_file::write(&order.path, &bytes, false)?;
        Ok((id, made_ms))
    }

    /// What goes into the parcel, opened, and what is noted of each secret. Earlier values stay here.
    fn opened_content(&self, chosen: &Chosen) -> Result<(Parsed, Vec<GivenSecret>), AppError> {
        let names: HashMap<HostId, String> =
            self.targets()?.into_iter().map(|target| (target.record.host, target.record.name.to_string())).collect();
        let names = names.iter().map(|(host, name)| (*host, name.as_str())).collect();
        let (mut parsed, mut notes) = (Parsed::default(), Vec::new());
        for row in &chosen.secrets {
            let entry = self.handed_entry(row, opened_by(&chosen.hosts, row.id))?;
            notes.push(GivenSecret { id: row.id.to_string(), name: row.name.clone(), parts: parts_of(&entry, row.id) });
            parsed.entries.push(entry);
        }
        for (record, _) in &chosen.hosts {
            let mut host = exported_host(record, &names);
            host.credential = host.credential.filter(|credential| parsed.entries.iter().any(|entry| entry.origin == *credential));
            parsed.hosts.push(host);
            for line in trusted_lines(record)? {
                parsed.host_keys.extend(known_hosts::entry(&line));
            }
        }
        Ok((parsed, notes))
    }

    /// A secret as it is handed over.
    pub(super) fn handed_entry(&self, row: &SecretRow, opens: Vec<String>) -> Result<Entry, AppError> {
        let value = self.value_of(row)?.unwrap_or_else(|| SecretBytes::new(Vec::new()));
        let value = value.into_text().map_err(|_| AppError::damaged("a secret that is not text"))?;
        let detail = self.secret_detail(row.id)?.map(|stored| stored.value).unwrap_or_default();
        let mut entry = self.exported_entry(row, self.stage_of(row.compartment), value, detail, opens)?;
        entry.history.clear();
        Ok(entry)
    }

    /// What is noted, stage by stage.
    fn by_stage(&self, chosen: &Chosen, notes: Vec<GivenSecret>) -> BTreeMap<StageName, (Vec<String>, Vec<GivenSecret>)> {
        let mut stages: BTreeMap<StageName, (Vec<String>, Vec<GivenSecret>)> = BTreeMap::new();
        for (record, _) in &chosen.hosts {
            stages.entry(record.stage.clone()).or_default().0.push(record.name.to_string());
        }
        for (row, note) in chosen.secrets.iter().zip(notes) {
            if let Some(stage) = self.stages.find(|stage| stage.compartment == row.compartment) {
                stages.entry(stage.name).or_default().1.push(note);
            }
        }
        stages
    }
}
