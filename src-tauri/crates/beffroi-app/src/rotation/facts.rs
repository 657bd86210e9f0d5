//! What is told of a rotation: where every host stands, and what is to be done there yet.

use std::collections::BTreeSet;

use beffroi_domain::Message;
use beffroi_store::table::secret::SecretRow;

use super::document::{Rotated, Rotation, RotationStep, accounts};
use crate::AppError;
use crate::session::Session;

/// A rotation, and where every host stands.
#[derive(Debug)]
pub struct RotationFacts {
    /// The secret.
    pub name: String,
    /// The secret that holds the new value until every host has it.
    pub next: String,
    /// What it is.
    pub kind: Rotated,
    /// Whether it goes back.
    pub back: bool,
    /// Whether the old key goes on opening.
    pub keep_old: bool,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// Whether it is over: the secret has its value, and there is only one.
    pub over: bool,
    /// Whether one of its two values is gone from the vault, so that it can only be given up.
    pub lost: bool,
    /// Its hosts, by name.
    pub hosts: Vec<RotationHost>,
}

/// A host of a rotation.
#[derive(Debug)]
pub struct RotationHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// The accounts whose password or key it is.
    pub accounts: Vec<String>,
    /// How far it is.
    pub step: RotationStep,
    /// Whether it was switched on the host's own word: it let in without asking for the value, or asks for it nowhere.
    pub unproven: bool,
    /// What kept it from going further.
    pub failed: Option<AppError>,
    /// What is to be done there yet, in order.
    pub steps: Vec<Message>,
}

/// What a rotation would do.
#[derive(Debug)]
pub struct RotationPlan {
    /// It, as it would begin or go on.
    pub rotation: RotationFacts,
    /// Names, any one of which must be typed before it is done. Empty when a yes is enough.
    pub confirm: Vec<String>,
}

impl Session {
    /// `next`: the name of the secret that holds the new value.
    pub(super) fn rotation_facts(&self, row: &SecretRow, rotation: &Rotation, next: String) -> Result<RotationFacts, AppError> {
        let aim = rotation.aim()?;
        let surveys = if rotation.kind == Rotated::Password { self.last_surveys()? } else { Default::default() };
        let mut hosts = Vec::new();
        for target in self.targets()? {
            let record = &target.record;
            let Some(known) = rotation.hosts.iter().find(|known| known.host == record.host.to_string()) else { continue };
            let accounts = accounts(&aim.after(record), aim.to);
            let ours = surveys.get(&record.host).map(super::yunohost::users_of).unwrap_or_default();
            let (by_yunohost, by_machine) = accounts.iter().cloned().partition(|account| ours.contains(account));
            hosts.push(RotationHost {
                host: record.name.to_string(),
                stage: record.stage.to_string(),
                step: known.step,
                unproven: known.unproven,
                failed: known.failed.clone().map(Into::into),
                steps: left_to_do(rotation, known.step, record.name.as_str(), &by_machine, &by_yunohost),
                accounts: accounts.into_iter().collect(),
            });
        }
        hosts.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(RotationFacts {
            name: row.name.clone(),
            next,
            kind: rotation.kind,
            back: rotation.back,
            keep_old: rotation.keep_old,
            began_ms: rotation.began_ms,
            over: false,
            lost: false,
            hosts,
        })
    }
}

/// What is to be done on a host yet, for the accounts that are the machine's own and for those of its YunoHost.
fn left_to_do(
    rotation: &Rotation,
    step: RotationStep,
    host: &str,
    by_machine: &BTreeSet<String>,
    by_yunohost: &BTreeSet<String>,
) -> Vec<Message> {
    let words = |accounts: &BTreeSet<String>| accounts.iter().cloned().collect::<Vec<_>>().join(", ");
    let all: BTreeSet<String> = by_machine.union(by_yunohost).cloned().collect();
    let about = |key, accounts: &BTreeSet<String>| Message::new(key).with("users", words(accounts)).with("host", host);
    let (deploy, in_yunohost, revoke) = match (rotation.kind, rotation.back) {
        (Rotated::Key, false) => ("rotation.do-authorize", "rotation.do-authorize", "rotation.do-retire"),
        (Rotated::Key, true) => ("rotation.do-authorize-old", "rotation.do-authorize-old", "rotation.do-retire-new"),
        (Rotated::Password, false) => ("rotation.do-password", "rotation.do-password-yunohost", ""),
        (Rotated::Password, true) => ("rotation.do-password-old", "rotation.do-password-yunohost-old", ""),
    };
    let mut steps = Vec::new();
    if step < RotationStep::Deployed {
        let parts = [(deploy, by_machine), (in_yunohost, by_yunohost)];
        steps.extend(parts.into_iter().filter(|(_, accounts)| !accounts.is_empty()).map(|(key, accounts)| about(key, accounts)));
    }
    if step < RotationStep::Switched {
        steps.push(about("rotation.do-prove", &all));
        steps.push(about("rotation.do-switch", &all));
    }
    if step < RotationStep::Done && rotation.revokes() {
        steps.push(about(revoke, &all));
    }
    steps
}
