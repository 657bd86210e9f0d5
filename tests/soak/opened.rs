//! A vault as the product opens it: written to, and read back in full.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_app::{App, AppError, Authority, Change, Check, HostOrder, Listener, Places, SlotOrder, Standing, VaultFacts};
use beffroi_domain::StagePolicy;
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::Catalog;
use beffroi_store::table::secret::SecretRow;
use beffroi_vault::{Loaded, OpenVault, Place, SlotKind, Unlock};

use crate::Fault;
use crate::world::{Host, Kept, Op, Outcome, World};

/// The passphrase of every vault here. Nothing real is behind it.
pub(crate) const PASSPHRASE: &str = "endurance is not a sprint";

struct Deaf;

impl Listener for Deaf {
    fn heard(&self, _: Change) {}
}

/// A machine with a vault: its folder, and what the machine keeps beside it.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) vault: PathBuf,
    pub(crate) state: PathBuf,
}

impl Ground {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { vault: folder.join("soak.beffroi"), state: folder.join("state") }
    }

    fn app(&self) -> App {
        App::new(Places::new(self.state.clone()), Arc::new(Deaf))
    }

    /// Makes the vault, and leaves it locked. Gives its recovery words.
    pub(crate) async fn create(&self) -> Result<SecretText, Fault> {
        let app = self.app();
        let (_, words) = app.create_vault(&self.vault.display().to_string(), None, text(PASSPHRASE)).await?;
        app.lock_vault().await?;
        Ok(words)
    }

    /// Opens it by an authority.
    pub(crate) async fn open_by(&self, authority: Authority) -> Result<(App, VaultFacts), AppError> {
        let app = self.app();
        let facts = app.unlock_vault(&self.vault.display().to_string(), authority).await?;
        Ok((app, facts))
    }

    /// Opens it by its recovery words, which cost no key derivation.
    pub(crate) async fn open(&self, words: &SecretText) -> Result<(App, VaultFacts), AppError> {
        self.open_by(Authority::RecoveryWords(words.duplicate())).await
    }
}

pub(crate) fn text(value: &str) -> SecretText {
    SecretText::new(value.to_owned())
}

/// Does one write, and waits until it is acknowledged.
pub(crate) async fn write(app: &App, ground: &Ground, words: &SecretText, world: &World, op: &Op) -> Result<Outcome, AppError> {
    let mut outcome = Outcome::default();
    let authority = || Authority::RecoveryWords(words.duplicate());
    match op {
        Op::SetSecret { name, kept } => drop(app.set_secret(name, text(&kept.value), Some(&kept.stage)).await?),
        Op::RemoveSecret(name) => app.remove_secret(name).await?,
        Op::AddHost { name, host } => {
            let order = HostOrder {
                address: Some(host.address.clone()),
                port: Some(host.port),
                stage: Some(host.stage.clone()),
                tags: Some(host.tags.clone()),
                identity: host.credential.clone(),
                trust: host.pins.clone(),
                ..HostOrder::default()
            };
            drop(app.add_host(name, order).await?);
        }
        Op::Trust { host, pin } => drop(app.trust(host, pin, false).await?),
        Op::RemoveHost(name) => app.remove_host(name).await?,
        Op::AddStage(name) => drop(app.add_stage(name).await?),
        Op::Protect { stage, secret } => drop(app.protect_stage(stage, Some(text(secret))).await?),
        Op::Unseal(stage) => {
            let secret = world.stages.get(stage).and_then(|stage| stage.secret.clone()).unwrap_or_default();
            drop(app.unseal_stage(stage, text(&secret), Some(8 * 3600)).await?);
        }
        Op::Seal(stage) => drop(app.seal_stage(stage).await?),
        Op::Policy { stage, unsealed_s } => {
            let policy = StagePolicy { unsealed_s: *unsealed_s, ..StagePolicy::of_new(&beffroi_domain::StageName::dev()) };
            drop(app.set_stage_policy(stage, policy).await?);
        }
        Op::AddSlot => {
            let order =
                SlotOrder { kind: SlotKind::Recovery, passphrase: None, key_file: None, identity: None, label: Some("soak".to_owned()) };
            outcome.slot = Some(app.add_slot(authority(), order).await?.0.slot.id.to_string());
        }
        Op::RemoveSlot(id) => app.remove_slot(authority(), id).await?,
        Op::Copy => outcome.copy = Some(app.copy_vault(&ground.state.join("copies")).await?.path.display().to_string()),
        Op::Rekey => {
            let (_, words, _) = app.rekey_vault(Authority::Passphrase(text(PASSPHRASE))).await?;
            // Vaults that are made here to be broken: what opens them is no secret.
            outcome.words = Some(words.expose().clone());
        }
    }
    Ok(outcome)
}

/// What was read of a vault.
#[derive(Debug)]
pub(crate) struct Seen {
    hosts: BTreeMap<String, Host>,
    /// Name to stage.
    secrets: BTreeMap<String, String>,
    /// Name to whether it is protected, and its policy's time when it is open.
    stages: BTreeMap<String, (bool, Option<u64>)>,
    /// Ids of its recovery slots.
    pub(crate) recovery: Vec<String>,
    slots: usize,
    pub(crate) journal: u64,
    /// Entries that the vault itself says are missing.
    pub(crate) behind: Option<u64>,
    /// Checks of the vault that did not hold, and records that are shown as forged.
    pub(crate) reported: Vec<String>,
}

/// Reads everything that an open vault shows, and checks it.
pub(crate) async fn look(app: &App) -> Result<Seen, AppError> {
    let facts = app.vault().await?;
    let checks = app.verify_vault().await?;
    let mut reported: Vec<String> = checks.iter().filter(|check| !check.held).map(|check: &Check| check.what.key.to_owned()).collect();
    let mut hosts = BTreeMap::new();
    for facts in app.hosts().await? {
        if facts.standing == Standing::Forged {
            reported.push(format!("forged: {}", facts.record.name));
        }
        let record = facts.record;
        let host = Host {
            address: record.access.address,
            port: record.access.port,
            stage: record.stage.to_string(),
            tags: record.tags.iter().map(ToString::to_string).collect(),
            pins: record.pins.iter().map(|pin| pin.fingerprint.to_string()).collect(),
            credential: facts.names.identity,
        };
        hosts.insert(record.name.to_string(), host);
    }
    let secrets = app.secrets().await?.into_iter().map(|facts| (facts.name, facts.stage)).collect();
    let stages =
        facts.stages.iter().map(|stage| (stage.name.clone(), (stage.protected, stage.open.then_some(stage.policy.unsealed_s)))).collect();
    let recovery = |slot: &&beffroi_app::SlotFacts| slot.slot.kind == SlotKind::Recovery;
    // Every page of the journal, so that each entry is opened once.
    let (mut before, mut entries) = (None, 0);
    loop {
        let (lines, _) = app.journal(before, 500).await?;
        let Some(last) = lines.last() else { break };
        before = Some(last.sequence);
        entries += lines.len() as u64;
    }
    if entries != facts.journal_entries {
        reported.push("journal.count".to_owned());
    }
    Ok(Seen {
        hosts,
        secrets,
        stages,
        recovery: facts.slots.iter().filter(recovery).map(|slot| slot.slot.id.to_string()).collect(),
        slots: facts.slots.len(),
        journal: facts.journal_entries,
        behind: facts.behind,
        reported,
    })
}

impl Seen {
    /// The first difference from what must be there.
    pub(crate) fn differs(&self, world: &World) -> Option<String> {
        let mut names = self.hosts.keys().chain(world.hosts.keys());
        if let Some(name) = names.find(|name| self.hosts.get(*name) != world.hosts.get(*name)) {
            return Some(format!("host {name}: {:?}, not {:?}", self.hosts.get(name), world.hosts.get(name)));
        }
        let secrets: BTreeMap<_, _> = world.secrets.iter().map(|(name, kept)| (name.clone(), kept.stage.clone())).collect();
        if self.secrets != secrets {
            return Some(format!("secrets {:?}, not {secrets:?}", self.secrets));
        }
        if !self.stages.keys().eq(world.stages.keys()) {
            return Some(format!("stages {:?}, not {:?}", self.stages, world.stages));
        }
        for (name, stage) in &world.stages {
            let seen = self.stages.get(name)?;
            if seen.0 != stage.secret.is_some() || seen.1.is_some_and(|unsealed_s| unsealed_s != stage.unsealed_s) {
                return Some(format!("stage {name} {seen:?}, not {stage:?}"));
            }
        }
        // A passphrase, the words in use, and those that were added.
        (self.slots != world.slots.len() + 2).then(|| format!("{} ways in, not {}", self.slots, world.slots.len() + 2))
    }
}

/// The values of secrets, each with why it could not be opened. Those of a stage whose secret is not given stay closed.
pub(crate) type Values = BTreeMap<String, Result<Kept, String>>;

/// Opens every secret of a locked vault, below the product's use cases: those never give a secret away.
pub(crate) fn open_values(ground: &Ground, words: &SecretText, world: &World, with_stages: bool) -> Result<Values, Fault> {
    let places = beffroi_vault::Places { anchors: ground.state.join("anchors") };
    let vault = beffroi_vault::open(&ground.vault, Unlock::RecoveryWords(words), &places)?;
    let catalog = Catalog::open(&vault.catalog_path(), vault.database_key())?;
    let (compartments, rows) = catalog.read(|reader| Ok::<_, beffroi_store::StoreError>((reader.compartments()?, reader.secrets()?)))?;
    let mut stages = BTreeMap::new();
    for row in &compartments {
        let stage = row.stage.parse()?;
        let sealed = vault.load_compartment(row.id, &stage, &row.wrapped)? == Loaded::Sealed;
        let secret = world.stages.get(&row.stage).and_then(|stage| stage.secret.as_ref());
        if let Some(secret) = secret.filter(|_| sealed && with_stages) {
            vault.unseal_compartment(row.id, &stage, &row.wrapped, &text(secret))?;
        }
        stages.insert(row.id, row.stage.clone());
    }
    let mut values = Values::new();
    for row in rows.iter().filter(|row| vault.is_open(row.compartment)) {
        let stage = stages.get(&row.compartment).cloned().unwrap_or_default();
        let opened = open_value(&vault, &catalog, row).map(|value| Kept { stage, value }).map_err(|error| error.to_string());
        values.insert(row.name.clone(), opened);
    }
    Ok(values)
}

fn open_value(vault: &OpenVault, catalog: &Catalog, row: &SecretRow) -> Result<String, Fault> {
    let (row, sealed) = catalog.read(|reader| reader.sealed_secret(row.id))?.ok_or("a secret that is gone")?;
    let place = Place {
        compartment: row.compartment,
        target: None,
        table: "secret",
        row: *row.id.as_bytes(),
        revision: row.revision,
        field: "value",
    };
    let value: SecretBytes = vault.unseal(&place, &sealed)?;
    Ok(String::from_utf8(value.expose().clone())?)
}

/// The first value that is not the one that must be there. One that could not be opened is no wrong value.
pub(crate) fn wrong_value(values: &Values, world: &World) -> Option<String> {
    values.iter().find_map(|(name, opened)| {
        let opened = opened.as_ref().ok()?;
        (world.secrets.get(name) != Some(opened)).then(|| format!("secret {name}: {opened:?}, not {:?}", world.secrets.get(name)))
    })
}

/// The first secret of an open stage that could not be opened or is not there.
pub(crate) fn lost_value(values: &Values, world: &World, with_stages: bool) -> Option<String> {
    let open = |kept: &Kept| with_stages || world.stages.get(&kept.stage).is_some_and(|stage| stage.secret.is_none());
    world.secrets.iter().filter(|(_, kept)| open(kept)).find_map(|(name, _)| match values.get(name) {
        Some(Ok(_)) => None,
        Some(Err(why)) => Some(format!("secret {name}: {why}")),
        None => Some(format!("secret {name} is gone")),
    })
}
