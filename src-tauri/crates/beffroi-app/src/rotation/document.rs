//! A rotation as it is stored: where every host stands. It is written before and after whatever is done on a host, so that
//! whoever goes on knows what may have happened.

use std::collections::BTreeSet;

use beffroi_domain::{Access, CompartmentId, DocumentId, HostId, Login, SecretId, Sudo, TargetRecord};
use beffroi_store::{Reader, Writer};
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::documents::{Document, DocumentKind, Stored};
use crate::jobs::Failure;
use crate::secrets::PRIVATE_KEY;
use crate::session::Session;

/// How far a host is. On the way back the two values change their parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationStep {
    /// Nothing was done there.
    Waiting,
    /// The new value is being brought there, or was when the program ended: it opens or it does not.
    Deploying,
    /// The new value is there.
    Deployed,
    /// A login went well in which the host asked for the new value and took it, or the host asks for it nowhere and said that it was
    /// set (`unproven`); the new value is what the host is given from now on.
    Switched,
    /// The old key is being taken away.
    Revoking,
    /// The old value opens nothing there any more.
    Done,
}

impl RotationStep {
    /// Its name on the wire and in what is told.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Deploying => "deploying",
            Self::Deployed => "deployed",
            Self::Switched => "switched",
            Self::Revoking => "revoking",
            Self::Done => "done",
        }
    }
}

/// What is rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotated {
    /// An SSH key: the old one and the new one open side by side until every host was proven.
    Key,
    /// The password of accounts: one takes the other's place on each host.
    Password,
}

impl Rotated {
    pub(super) fn of(kind: &str) -> Self {
        if kind == PRIVATE_KEY { Self::Key } else { Self::Password }
    }
}

/// A rotation that goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rotation {
    /// The secret that gets a new value.
    pub(super) secret: String,
    /// The secret that holds the new one until then.
    pub(super) next: String,
    pub(super) kind: Rotated,
    pub(super) began_ms: u64,
    /// Whether the old key goes on opening.
    #[serde(default)]
    pub(super) keep_old: bool,
    /// Whether the hosts get the old value back.
    #[serde(default)]
    pub(super) back: bool,
    pub(super) hosts: Vec<RotatingHost>,
}

/// A host of a rotation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RotatingHost {
    pub(super) host: String,
    pub(super) step: RotationStep,
    /// What kept it from going further, when that was tried last.
    #[serde(default)]
    pub(super) failed: Option<Failure>,
    /// Whether it was switched on the host's own word: nothing there asked for the value.
    #[serde(default)]
    pub(super) unproven: bool,
}

impl RotatingHost {
    pub(super) fn new(host: HostId) -> Self {
        Self { host: host.to_string(), step: RotationStep::Waiting, failed: None, unproven: false }
    }
}

impl Document for Rotation {
    const KIND: DocumentKind = DocumentKind::Rotation;
}

impl Rotation {
    pub(super) fn secret(&self) -> Result<SecretId, AppError> {
        self.secret.parse().map_err(|_| AppError::damaged("a rotation's secret"))
    }

    pub(super) fn next(&self) -> Result<SecretId, AppError> {
        self.next.parse().map_err(|_| AppError::damaged("a rotation's secret"))
    }

    /// What the hosts have, and what they are to have.
    pub(super) fn aim(&self) -> Result<Aim, AppError> {
        let (old, new) = (self.secret()?, self.next()?);
        Ok(if self.back { Aim { from: new, to: old } } else { Aim { from: old, to: new } })
    }

    pub(super) fn step_of(&self, host: HostId) -> Option<RotationStep> {
        let host = host.to_string();
        self.hosts.iter().find(|known| known.host == host).map(|known| known.step)
    }

    /// Whether every host was proven: only then is anything taken away.
    pub(super) fn is_proven(&self) -> bool {
        self.hosts.iter().all(|host| host.step >= RotationStep::Switched)
    }

    /// Whether nothing is left to do on any host.
    pub(super) fn is_over(&self) -> bool {
        let last = if self.revokes() { RotationStep::Done } else { RotationStep::Switched };
        self.hosts.iter().all(|host| host.step >= last)
    }

    /// Whether a key is taken away at the end. On the way back it is the one that was to be the new one, which nobody keeps.
    pub(super) fn revokes(&self) -> bool {
        self.kind == Rotated::Key && (self.back || !self.keep_old)
    }

    /// Takes along the hosts that came to use the secret, lets go of those that do not use it any more, and has the turn of
    /// those begin anew that were told to use the other value again. Gives whether anything is otherwise.
    pub(super) fn follow(&mut self, using: &[TargetRecord]) -> Result<bool, AppError> {
        let (aim, before) = (self.aim()?, self.hosts.len());
        let using: Vec<(String, bool)> =
            using.iter().map(|record| (record.host.to_string(), record.secrets().any(|secret| secret == aim.from))).collect();
        self.hosts.retain(|known| using.iter().any(|(host, _)| *host == known.host));
        let mut differs = self.hosts.len() != before;
        for (host, has_other) in using {
            match self.hosts.iter_mut().find(|known| known.host == host) {
                Some(known) if has_other && known.step >= RotationStep::Switched => known.step = RotationStep::Deploying,
                Some(_) => continue,
                None => {
                    // On the way back, what it has is not known.
                    let step = if self.back { RotationStep::Deploying } else { RotationStep::Waiting };
                    self.hosts.push(RotatingHost { host, step, failed: None, unproven: false });
                }
            }
            differs = true;
        }
        Ok(differs)
    }

    /// Turns it around.
    pub(super) fn turn_back(&mut self) {
        self.back = true;
        for host in &mut self.hosts {
            (host.failed, host.unproven) = (None, false);
            host.step = if host.step == RotationStep::Waiting { RotationStep::Done } else { RotationStep::Deploying };
        }
    }
}

/// Two values of one credential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    pub(super) from: SecretId,
    pub(super) to: SecretId,
}

impl Aim {
    /// The record with the value that the host is to have.
    pub(super) fn after(self, record: &TargetRecord) -> TargetRecord {
        replaced(record, self.from, self.to)
    }

    /// The record with the value that the host had.
    pub(super) fn before(self, record: &TargetRecord) -> TargetRecord {
        replaced(record, self.to, self.from)
    }
}

/// The record with one secret in the place of another.
pub(super) fn replaced(record: &TargetRecord, one: SecretId, other: SecretId) -> TargetRecord {
    let mut record = record.clone();
    let id = |secret: &mut SecretId| {
        if *secret == one {
            *secret = other;
        }
    };
    let login = |login: &mut Option<Login>| {
        if let Some(Login::Secret(secret)) = login {
            id(secret);
        }
    };
    login(&mut record.login);
    login(&mut record.access.login);
    record.others.iter_mut().for_each(|access| login(&mut access.login));
    record.password.iter_mut().for_each(id);
    if let Sudo::Password(secret) = &mut record.sudo {
        id(secret);
    }
    record
}

/// Whether a secret is asked for on one of a host's ways.
pub(super) fn is_asked(record: &TargetRecord, access: &Access, secret: SecretId) -> bool {
    is_for_login(record, access, secret) || is_for_root(record, &access.user, secret)
}

/// Whether the login itself on a way asks for a secret.
pub(super) fn is_for_login(record: &TargetRecord, access: &Access, secret: SecretId) -> bool {
    access.login.as_ref().or(record.login.as_ref()) == Some(&Login::Secret(secret)) || record.password == Some(secret)
}

/// Whether an account becomes root by a secret.
pub(super) fn is_for_root(record: &TargetRecord, user: &str, secret: SecretId) -> bool {
    record.sudo == Sudo::Password(secret) && user != "root"
}

/// The accounts of a host whose password or key a secret is.
pub(super) fn accounts(record: &TargetRecord, secret: SecretId) -> BTreeSet<String> {
    record.accesses().filter(|access| is_asked(record, access, secret)).map(|access| access.user.clone()).collect()
}

impl Session {
    /// The rotation of a secret that goes on.
    pub(crate) fn rotation_of(&self, secret: SecretId) -> Result<Option<Stored<Rotation>>, AppError> {
        let secret = secret.to_string();
        // One of a sealed stage is of another secret than one that can be read.
        let readable = self.documents::<Rotation>()?.into_iter().filter_map(|(_, stored)| stored.ok());
        Ok(readable.into_iter().find(|stored| stored.value.secret == secret || stored.value.next == secret))
    }

    /// Whether a secret is being rotated, inside a transaction.
    pub(crate) fn is_rotating_in(&self, reader: &Reader<'_>, secret: SecretId) -> Result<bool, AppError> {
        let secret = secret.to_string();
        for (row, _) in reader.documents(DocumentKind::Rotation.name())? {
            // One of a sealed stage is of another secret than one that can be read.
            if let Ok(Some(stored)) = self.document_in::<Rotation>(reader, row.id)
                && (stored.value.secret == secret || stored.value.next == secret)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Changes a rotation inside a transaction, as it stands there.
    pub(super) fn change_rotation(
        &self,
        writer: &Writer<'_>,
        id: DocumentId,
        change: impl FnOnce(&mut Rotation) -> Result<(), AppError>,
    ) -> Result<Rotation, AppError> {
        let stored = self.document_in::<Rotation>(writer.reader(), id)?;
        let mut stored = stored.ok_or_else(|| AppError::damaged("a rotation that is gone"))?;
        change(&mut stored.value)?;
        self.put_document(writer, stored.compartment, id, Some(stored.revision), &stored.value)?;
        Ok(stored.value)
    }

    /// The hosts of a stage that are given one of these secrets.
    pub(super) fn given(&self, compartment: CompartmentId, secrets: &[SecretId]) -> Result<Vec<TargetRecord>, AppError> {
        let targets = self.targets()?.into_iter().filter(|target| target.compartment == compartment);
        Ok(targets.map(|target| target.record).filter(|record| record.secrets().any(|given| secrets.contains(&given))).collect())
    }
}
