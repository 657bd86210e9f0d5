//! What a vault must hold: the state that acknowledged writes add up to, and the writes that are tried on it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// What a vault must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) hosts: BTreeMap<String, Host>,
    pub(crate) secrets: BTreeMap<String, Kept>,
    pub(crate) stages: BTreeMap<String, Stage>,
    /// Ids of recovery slots beside the one that this program opens the vault with.
    pub(crate) slots: Vec<String>,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Host {
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) stage: String,
    pub(crate) tags: Vec<String>,
    pub(crate) pins: Vec<String>,
    pub(crate) credential: Option<String>,
}

/// A secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) stage: String,
    pub(crate) value: String,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stage {
    pub(crate) secret: Option<String>,
    pub(crate) unsealed_s: u64,
}

/// One write.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    SetSecret { name: String, kept: Kept },
    RemoveSecret(String),
    AddHost { name: String, host: Host },
    Trust { host: String, pin: String },
    RemoveHost(String),
    AddStage(String),
    Protect { stage: String, secret: String },
    Unseal(String),
    Seal(String),
    Policy { stage: String, unsealed_s: u64 },
    AddSlot,
    RemoveSlot(String),
    Copy,
    Rekey,
}

impl Op {
    /// Whether it derives a key from a passphrase or a stage's secret, which takes a second.
    pub(crate) fn is_slow(&self) -> bool {
        matches!(self, Self::Protect { .. } | Self::Unseal(_) | Self::Rekey)
    }
}

/// What a write gave that only the vault could know.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The id of an added slot.
    #[serde(default)]
    pub(crate) slot: Option<String>,
    /// The words of a new root key.
    #[serde(default)]
    pub(crate) words: Option<String>,
    /// The folder of a copy.
    #[serde(default)]
    pub(crate) copy: Option<String>,
}

const MOST: usize = 12;
const MOST_SLOTS: usize = 6;

impl World {
    /// A vault that was just made.
    pub(crate) fn new() -> Self {
        let dev = Stage { secret: None, unsealed_s: 3600 };
        Self { hosts: BTreeMap::new(), secrets: BTreeMap::new(), stages: BTreeMap::from([("dev".to_owned(), dev)]), slots: Vec::new() }
    }

    /// What it is after a write.
    pub(crate) fn apply(&mut self, op: &Op, outcome: &Outcome) {
        match op {
            Op::SetSecret { name, kept } => drop(self.secrets.insert(name.clone(), kept.clone())),
            Op::RemoveSecret(name) => drop(self.secrets.remove(name)),
            Op::AddHost { name, host } => drop(self.hosts.insert(name.clone(), host.clone())),
            Op::Trust { host, pin } => {
                if let Some(host) = self.hosts.get_mut(host)
                    && !host.pins.contains(pin)
                {
                    host.pins.push(pin.clone());
                }
            }
            Op::RemoveHost(name) => drop(self.hosts.remove(name)),
            Op::AddStage(name) => {
                let unsealed_s = if name == "prod" { 900 } else { 3600 };
                drop(self.stages.insert(name.clone(), Stage { secret: None, unsealed_s }));
            }
            Op::Protect { stage, secret } => {
                if let Some(stage) = self.stages.get_mut(stage) {
                    stage.secret = Some(secret.clone());
                }
            }
            Op::Policy { stage, unsealed_s } => {
                if let Some(stage) = self.stages.get_mut(stage) {
                    stage.unsealed_s = *unsealed_s;
                }
            }
            // A slot whose id was not told is there all the same.
            Op::AddSlot => self.slots.push(outcome.slot.clone().unwrap_or_default()),
            Op::RemoveSlot(id) => self.slots.retain(|slot| slot != id),
            Op::Rekey => self.slots.clear(),
            Op::Unseal(_) | Op::Seal(_) | Op::Copy => {}
        }
    }
}

/// Writes, one after the other. Two of the same seed and world give the same ones.
#[derive(Clone)]
pub(crate) struct Script {
    dice: Dice,
    pub(crate) world: World,
    /// Protected stages that are unsealed.
    open: BTreeSet<String>,
}

impl Script {
    pub(crate) fn new(dice: Dice, world: World) -> Self {
        Self { dice, world, open: BTreeSet::new() }
    }

    /// Takes note that a write was acknowledged.
    pub(crate) fn acknowledge(&mut self, op: &Op, outcome: &Outcome) {
        match op {
            Op::Protect { stage, .. } | Op::Unseal(stage) => drop(self.open.insert(stage.clone())),
            Op::Seal(stage) => drop(self.open.remove(stage)),
            // The vault is opened anew by it.
            Op::Rekey => self.open.clear(),
            _ => {}
        }
        self.world.apply(op, outcome);
    }

    /// Takes note that the vault was locked.
    pub(crate) fn forget_open(&mut self) {
        self.open.clear();
    }

    /// The next write of those that leave the root key, and what opens it, alone.
    pub(crate) fn next_but_new_root(&mut self) -> Op {
        loop {
            let op = self.next();
            if !matches!(op, Op::Rekey | Op::Copy) {
                return op;
            }
        }
    }

    /// The next write.
    pub(crate) fn next(&mut self) -> Op {
        loop {
            if let Some(op) = self.propose() {
                return op;
            }
        }
    }

    fn is_open(&self, stage: &str) -> bool {
        self.world.stages.get(stage).is_some_and(|known| known.secret.is_none() || self.open.contains(stage))
    }

    fn propose(&mut self) -> Option<Op> {
        let (world, dice) = (&self.world, &mut self.dice);
        let stages: Vec<String> = world.stages.keys().cloned().collect();
        let stage = dice.pick(&stages)?.clone();
        match dice.below(400) {
            0..=159 => {
                let name = format!("{stage}/s{}", dice.below(5));
                let length = if dice.one_in(20) { 4000 + dice.below(20_000) } else { 1 + dice.below(60) };
                let value = dice.text(length);
                let fits = world.secrets.contains_key(&name) || world.secrets.len() < MOST;
                (fits && self.is_open(&stage)).then_some(Op::SetSecret { name, kept: Kept { stage, value } })
            }
            160..=184 => {
                let used = |name: &String| world.hosts.values().any(|host| host.credential.as_ref() == Some(name));
                let free: Vec<String> = world.secrets.keys().filter(|name| !used(name)).cloned().collect();
                let name = dice.pick(&free)?.clone();
                let open = world.secrets.get(&name).is_some_and(|kept| self.is_open(&kept.stage));
                open.then_some(Op::RemoveSecret(name))
            }
            185..=244 => {
                let name = format!("h-{}", dice.below(30));
                let secrets: Vec<String> =
                    world.secrets.iter().filter(|(_, kept)| kept.stage == stage).map(|(name, _)| name.clone()).collect();
                let host = Host {
                    address: format!("192.0.2.{}", dice.below(256)),
                    port: u16::try_from(1 + dice.below(65_000)).ok()?,
                    tags: if dice.one_in(2) { vec![format!("t{}", dice.below(9))] } else { Vec::new() },
                    pins: Vec::new(),
                    credential: dice.pick(&secrets).cloned(),
                    stage: stage.clone(),
                };
                let fits = !world.hosts.contains_key(&name) && world.hosts.len() < MOST;
                (fits && self.is_open(&stage)).then_some(Op::AddHost { name, host })
            }
            number @ 245..=324 => {
                let names: Vec<String> = world.hosts.keys().cloned().collect();
                let name = dice.pick(&names)?.clone();
                let pin = format!("SHA256:{}", dice.text(43));
                let host = world.hosts.get(&name)?;
                let (open, room) = (self.is_open(&host.stage), host.pins.len() < 20);
                match number {
                    245..=311 => (open && room).then_some(Op::Trust { host: name, pin }),
                    _ => open.then_some(Op::RemoveHost(name)),
                }
            }
            325..=344 => {
                let unsealed_s = 60 + dice.below(28_000) as u64;
                self.is_open(&stage).then_some(Op::Policy { stage, unsealed_s })
            }
            345..=364 => (world.slots.len() < MOST_SLOTS).then_some(Op::AddSlot),
            365..=379 => dice.pick(&world.slots).cloned().map(Op::RemoveSlot),
            380..=387 => Some(Op::Copy),
            388..=391 => {
                let name = ["staging", "prod", "lab"].into_iter().find(|name| !world.stages.contains_key(*name))?;
                Some(Op::AddStage(name.to_owned()))
            }
            392 => {
                let secret = dice.text(40);
                let bare = world.stages.get(&stage)?.secret.is_none() && matches!(stage.as_str(), "staging" | "prod");
                bare.then_some(Op::Protect { stage, secret })
            }
            393..=395 => (!self.is_open(&stage)).then_some(Op::Unseal(stage)),
            396..=397 => self.open.contains(&stage).then_some(Op::Seal(stage)),
            398 => stages.iter().all(|stage| self.is_open(stage)).then_some(Op::Rekey),
            _ => None,
        }
    }
}
