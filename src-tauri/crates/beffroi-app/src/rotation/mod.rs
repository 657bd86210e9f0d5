//! Rotation: a credential gets a new value on every host that takes it, and nobody is locked out on the way.
//!
//! Make, deploy, verify, switch, revoke. The new value is a secret of the catalog of its own until every host has it; each
//! host's record says which of the two it takes. Keys open side by side until the last host was proven. A password takes the
//! other's place host by host. Whoever ends in between, and however, leaves a rotation that goes on, or goes back.

mod allowed;
mod check;
mod document;
mod facts;
mod gone;
mod host;
mod places;
mod proof;
mod turns;
mod yunohost;

use std::sync::Arc;

use beffroi_domain::{CompartmentId, DocumentId, HostId, SecretId, TargetRecord};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::NewKey;
use beffroi_store::table::login::Credential;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::{Reader, Writer};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::document::{RotatingHost, Rotation, replaced};
use self::turns::turns;
use crate::documents::Stored;
use crate::error::named;
use crate::generate::PasswordOrder;
use crate::secrets::place;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, RotationError, now_ms};

pub use document::{Rotated, RotationStep};
pub use facts::{RotationFacts, RotationHost, RotationPlan};
pub use places::{PlaceCheck, PlaceState, SecretAccount, SecretPlace, SecretUse, SecretWhere};

/// What a new password is made of: long, and nothing that a file of passwords or a shell takes for something else.
const NEW_PASSWORD: PasswordOrder =
    PasswordOrder { length: 24, lower: true, upper: true, digits: true, symbols: false, look_alikes: false };
/// The most characters of a secret's name.
const LONGEST_NAME: usize = 128;
/// Times that the hosts which came to use a secret in the meantime have their turn before a rotation waits again.
const MOST_TURNS: usize = 8;
/// Hosts that are worked on side by side.
const AT_A_TIME: usize = 8;

/// What is to be done with a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationWay {
    /// A new one begins.
    Begin {
        /// The old key goes on opening, and is not taken away.
        keep_old: bool,
    },
    /// The one that there is goes on.
    Resume,
    /// The one that there is goes back: every host gets the old value again.
    Back,
}

/// How a secret is to be rotated.
#[derive(Debug, Clone)]
pub struct RotationOrder {
    /// The secret.
    pub name: String,
    /// The hosts that are worked on now; all that take it when absent.
    pub on: Option<String>,
    /// What is to be done.
    pub way: RotationWay,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// A secret with its rotation, if one goes on.
struct Found {
    row: SecretRow,
    rotation: Option<Stored<Rotation>>,
    /// One of its two values is gone for good: all that can be done is to give it up.
    lost: bool,
}

impl App {
    /// What a rotation would do. Nothing is changed, and no host is asked.
    ///
    /// # Errors
    /// As for [`App::rotate_secret`].
    pub async fn plan_rotation(&self, order: RotationOrder) -> Result<RotationPlan, AppError> {
        let session = self.session()?;
        let targets = session.meant(&order).await?;
        if matches!(order.way, RotationWay::Begin { .. }) {
            session.refuse_unreadable(&order.name).await?;
        }
        let confirm = match session.allow_at_once(&targets, None) {
            Ok(()) => Vec::new(),
            Err(AppError::NameNotTyped { names }) => names,
            Err(error) => return Err(error),
        };
        session
            .blocking(move |session| {
                let Found { row, rotation, lost } = session.to_rotate(&order)?;
                if let (true, Some(stored)) = (lost, &rotation) {
                    return Ok(RotationPlan { rotation: session.given_up(&row, &stored.value, true)?, confirm });
                }
                let (rotation, next) = match rotation {
                    Some(stored) => {
                        let next = session.secret_name(stored.value.next()?)?;
                        (stored.value, next)
                    }
                    None => (session.new_rotation(&row, SecretId::make(), &order)?, next_name(&row)),
                };
                let rotation = session.turned(rotation, &row.name, order.way)?;
                let mut facts = session.rotation_facts(&row, &rotation, next)?;
                facts.hosts.retain(|host| targets.iter().any(|target| target.name.as_str() == host.host));
                Ok(RotationPlan { rotation: facts, confirm })
            })
            .await
    }

    /// Rotates a secret as far as it goes now. Whatever keeps a host from going further is in the answer; the rotation waits
    /// then, and goes on or back when it is told to. Dropped in the middle, it waits as well.
    ///
    /// # Errors
    /// [`RotationError`]; [`AppError::SecretNotFound`], [`AppError::StageSealed`]; those of a stage that does not let its hosts
    /// be changed.
    pub async fn rotate_secret(&self, order: RotationOrder) -> Result<RotationFacts, AppError> {
        let session = self.session()?;
        let targets = session.meant(&order).await?;
        session.allow_at_once(&targets, order.typed.as_deref())?;
        let asked = order.clone();
        if let Some(facts) = session.blocking(move |session| session.give_up(&asked)).await? {
            session.listener.heard(Change::Secrets);
            session.listener.heard(Change::Hosts);
            return Ok(facts);
        }
        let only = order.on.is_some().then(|| targets.iter().map(|target| target.host).collect::<Vec<_>>());
        let made = match order.way {
            RotationWay::Begin { .. } => {
                session.refuse_unreadable(&order.name).await?;
                Some(session.made_for(&order.name).await?)
            }
            RotationWay::Resume | RotationWay::Back => None,
        };
        let id = session.blocking(move |session| session.begin_rotation(&order, made)).await?;
        session.listener.heard(Change::Secrets);
        let facts = session.go_on(id, only).await;
        session.listener.heard(Change::Secrets);
        session.listener.heard(Change::Hosts);
        facts
    }
}

impl Session {
    /// The hosts that an order is for.
    async fn meant(self: &Arc<Self>, order: &RotationOrder) -> Result<Vec<TargetRecord>, AppError> {
        let asked = order.clone();
        let using = self
            .blocking(move |session| {
                let Found { row, rotation, .. } = session.to_rotate(&asked)?;
                session.using(&row, rotation.map(|stored| stored.value).as_ref())
            })
            .await?;
        let Some(on) = &order.on else { return Ok(using) };
        let selected = self.select(on).await?;
        let meant: Vec<_> = using.into_iter().filter(|target| selected.iter().any(|other| other.host == target.host)).collect();
        if meant.is_empty() { Err(RotationError::Nowhere { name: order.name.clone() }.into()) } else { Ok(meant) }
    }

    /// The hosts that are given a secret, or the one that is to take its place.
    fn using(&self, row: &SecretRow, rotation: Option<&Rotation>) -> Result<Vec<TargetRecord>, AppError> {
        let next = rotation.map(Rotation::next).transpose()?;
        let using = self.given(row.compartment, &[Some(row.id), next].into_iter().flatten().collect::<Vec<_>>())?;
        if let Some(target) = using.iter().find(|target| target.one_time.is_some_and(|secret| secret == row.id || Some(secret) == next)) {
            return Err(RotationError::OneTime { name: row.name.clone(), host: target.name.to_string() }.into());
        }
        Ok(using)
    }

    /// The secret of an order, and its rotation where that is as the order has it.
    fn to_rotate(&self, order: &RotationOrder) -> Result<Found, AppError> {
        let named = self.secret_named(&order.name)?;
        if !self.is_open(named.compartment) {
            return Err(self.sealed(named.compartment));
        }
        let rotation = self.rotation_of(named.id)?;
        // The one that holds the new value stands for the same.
        let row = match &rotation {
            Some(stored) if stored.value.secret()? != named.id => self.row_of(stored.value.secret()?)?.unwrap_or(named),
            _ => named,
        };
        let name = row.name.clone();
        let Some(stored) = &rotation else {
            if order.way == RotationWay::Resume || order.way == RotationWay::Back {
                return Err(RotationError::None { name }.into());
            }
            self.may_rotate(&row)?;
            return Ok(Found { row, rotation, lost: false });
        };
        if matches!(order.way, RotationWay::Begin { .. }) {
            return Err(RotationError::GoesOn { name }.into());
        }
        let lost = self.is_lost(&stored.value, &name)?;
        if lost && order.way != RotationWay::Back {
            return Err(RotationError::Gone { name }.into());
        }
        Ok(Found { row, rotation, lost })
    }

    fn row_of(&self, secret: SecretId) -> Result<Option<SecretRow>, AppError> {
        Ok(self.catalog.read(|reader| reader.sealed_secret(secret))?.map(|(row, _)| row))
    }

    fn secret_row(&self, secret: SecretId) -> Result<SecretRow, AppError> {
        self.row_of(secret)?.ok_or_else(|| AppError::damaged("a rotation's secret"))
    }

    fn secret_name(&self, secret: SecretId) -> Result<String, AppError> {
        self.secret_row(secret).map(|row| row.name)
    }

    /// A new value for a secret: a key for a key, a password for a password.
    async fn made_for(self: &Arc<Self>, name: &str) -> Result<SecretText, AppError> {
        let called = name.to_owned();
        let (row, symbols) = self
            .blocking(move |session| {
                let row = session.secret_named(&called)?;
                let symbols = session.has_yunohost_accounts(&row)?;
                Ok((row, symbols))
            })
            .await?;
        match Rotated::of(&row.kind) {
            Rotated::Key => Ok(NewKey::make(&format!("beffroi {name}")).await?.private().duplicate()),
            // YunoHost may want one in each password.
            Rotated::Password => Ok(PasswordOrder { symbols, ..NEW_PASSWORD }.make()?.0),
        }
    }

    fn new_rotation(&self, row: &SecretRow, next: SecretId, order: &RotationOrder) -> Result<Rotation, AppError> {
        let hosts = self.using(row, None)?.iter().map(|target| RotatingHost::new(target.host)).collect();
        Ok(Rotation {
            secret: row.id.to_string(),
            next: next.to_string(),
            kind: Rotated::of(&row.kind),
            began_ms: now_ms(),
            keep_old: matches!(order.way, RotationWay::Begin { keep_old: true }),
            back: false,
            hosts,
        })
    }

    /// Stores a new rotation with the value that was made for it, or turns the one that there is around.
    fn begin_rotation(&self, order: &RotationOrder, made: Option<SecretText>) -> Result<DocumentId, AppError> {
        let Found { row, rotation, .. } = self.to_rotate(order)?;
        if let Some(stored) = rotation {
            if order.way == RotationWay::Back && !stored.value.back {
                // Nothing but the transaction's own reader may be used inside of it.
                self.turned(stored.value, &row.name, order.way)?;
                let happening = Happening::new("secret-rotation-turned").with("name", &row.name);
                self.commit(happening, |writer| {
                    self.change_rotation(writer, stored.id, |rotation| {
                        if rotation.hosts.iter().any(|host| host.step >= RotationStep::Revoking) {
                            return Err(RotationError::GoesOn { name: row.name.clone() }.into());
                        }
                        rotation.turn_back();
                        Ok(())
                    })
                })?;
            }
            return Ok(stored.id);
        }
        let made = made.ok_or_else(|| AppError::internal("a value for the rotation"))?;
        let name: beffroi_domain::SecretName = named("secret", &next_name(&row))?;
        let now = now_ms();
        let next = SecretRow { id: SecretId::make(), name: name.to_string(), revision: 1, created_ms: now, changed_ms: now, ..row.clone() };
        let sealed = self.seal(&place(&next), &made.to_bytes())?;
        let (id, rotation) = (DocumentId::make(), self.new_rotation(&row, next.id, order)?);
        let happening = Happening::new("secret-rotation-begun").with("name", &row.name).with("count", rotation.hosts.len());
        self.commit(happening, |writer| {
            if writer.reader().secret_named(&next.name)?.is_some() {
                return Err(AppError::SecretExists { name: next.name.clone() });
            }
            writer.insert_secret(&next, &sealed)?;
            self.put_document(writer, row.compartment, id, None, &rotation)
        })?;
        Ok(id)
    }

    /// The rotation as an order wants it: the way back is open until the old key was taken away somewhere.
    fn turned(&self, mut rotation: Rotation, name: &str, way: RotationWay) -> Result<Rotation, AppError> {
        if way == RotationWay::Back && !rotation.back {
            if let Some(known) = rotation.hosts.iter().find(|known| known.step >= RotationStep::Revoking) {
                let targets = self.targets()?;
                let host = targets.iter().find(|target| target.record.host.to_string() == known.host);
                let host = host.map_or_else(|| known.host.clone(), |target| target.record.name.to_string());
                return Err(RotationError::NoWayBack { name: name.to_owned(), host }.into());
            }
            rotation.turn_back();
        }
        Ok(rotation)
    }

    /// Takes a rotation as far as it goes.
    async fn go_on(self: &Arc<Self>, id: DocumentId, only: Option<Vec<HostId>>) -> Result<RotationFacts, AppError> {
        let mut facts = self.follow_rotation(id).await?;
        for _ in 0..MOST_TURNS {
            // Every host to its proof; then, with all of them proven, to its end.
            for _ in 0..2 {
                self.rotate_hosts(id, &facts.1, only.as_deref()).await?;
                facts = self.follow_rotation(id).await?;
            }
            if !facts.1.is_over() {
                return Ok(facts.0);
            }
            // Hosts that came to use it in the meantime have their turn first.
            if self.blocking(move |session| session.finish_rotation(id)).await? {
                return Ok(RotationFacts { over: true, ..facts.0 });
            }
            facts = self.follow_rotation(id).await?;
        }
        Ok(facts.0)
    }

    /// The rotation with the hosts that take the secret now.
    async fn follow_rotation(self: &Arc<Self>, id: DocumentId) -> Result<(RotationFacts, Rotation), AppError> {
        self.blocking(move |session| {
            let stored = session.document::<Rotation>(id)?.ok_or_else(|| AppError::damaged("a rotation that is gone"))?;
            let row = session.secret_row(stored.value.secret()?)?;
            let using = session.using(&row, Some(&stored.value))?;
            let mut rotation = stored.value;
            if rotation.follow(&using)? {
                let happening = Happening::new("secret-rotation-hosts").with("name", &row.name).with("count", using.len());
                rotation = session
                    .commit(happening, |writer| session.change_rotation(writer, id, |rotation| rotation.follow(&using).map(drop)))?;
            }
            let next = session.secret_name(rotation.next()?)?;
            Ok((session.rotation_facts(&row, &rotation, next)?, rotation))
        })
        .await
    }

    /// Gives every host its turn: those side by side that do not stand in each other's way.
    async fn rotate_hosts(self: &Arc<Self>, id: DocumentId, rotation: &Rotation, only: Option<&[HostId]>) -> Result<(), AppError> {
        let records: Vec<_> = self.blocking(|session| session.targets()).await?.into_iter().map(|target| target.record).collect();
        for side_by_side in turns(rotation, &records) {
            let (places, mut working) = (Arc::new(Semaphore::new(AT_A_TIME)), JoinSet::new());
            for host in side_by_side.into_iter().filter(|host| only.is_none_or(|only| only.contains(host))) {
                let (session, places) = (Arc::clone(self), Arc::clone(&places));
                working.spawn(async move {
                    let _place = places.acquire().await.map_err(AppError::internal)?;
                    session.rotate_host(id, host).await
                });
            }
            while let Some(worked) = working.join_next().await {
                worked.map_err(AppError::internal)??;
            }
        }
        Ok(())
    }

    /// Ends a rotation in one transaction: the secret has its value, every host its record, and what was only for the
    /// rotation is gone. Gives whether it could: a host may have come to use the secret.
    fn finish_rotation(&self, id: DocumentId) -> Result<bool, AppError> {
        let stored = self.document::<Rotation>(id)?.ok_or_else(|| AppError::damaged("a rotation that is gone"))?;
        let (old, next) = (stored.value.secret()?, stored.value.next()?);
        let name = self.secret_name(old)?;
        let event = if stored.value.back { "secret-rotation-undone" } else { "secret-rotated" };
        let finished = self.commit(Happening::new(event).with("name", &name), |writer| {
            let rotation = self.document_in::<Rotation>(writer.reader(), id)?.ok_or(AppError::Rotation(RotationError::NotYet))?;
            let using = self.using_in(writer, rotation.compartment, &[old, next])?;
            // A host that has not its turn behind it would be given what does not open it.
            let is_ready = |record: &TargetRecord| {
                let awaited = if rotation.value.back { old } else { next };
                record.secrets().all(|secret| secret == awaited || (secret != old && secret != next))
            };
            if !rotation.value.is_over() || !using.iter().all(|(record, _)| is_ready(record)) {
                return Err(RotationError::NotYet.into());
            }
            if !rotation.value.back {
                self.take_over(writer, old, next)?;
                for (record, revision) in using {
                    writer.update_target(&self.target_row(&replaced(&record, next, old), revision + 1)?)?;
                }
            }
            self.erase_secret(writer, next)?;
            self.delete_document(writer, id)
        });
        match finished {
            Ok(()) => Ok(true),
            // Nothing was written, in the journal neither.
            Err(AppError::Rotation(RotationError::NotYet)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn using_in(
        &self,
        writer: &Writer<'_>,
        compartment: CompartmentId,
        secrets: &[SecretId],
    ) -> Result<Vec<(TargetRecord, u64)>, AppError> {
        let rows = writer.reader().targets()?;
        let mut using = Vec::new();
        for row in rows.iter().filter(|row| row.compartment == compartment) {
            let target = self.read_target(row)?;
            if target.record.secrets().any(|given| secrets.contains(&given)) {
                let target = self.authenticate(row)?;
                using.push((target.record, target.revision));
            }
        }
        Ok(using)
    }

    /// Gives a secret the value of the one that was to take its place, and what hosts said of it. The value that it had stays
    /// among its earlier ones.
    fn take_over(&self, writer: &Writer<'_>, old: SecretId, next: SecretId) -> Result<(), AppError> {
        let read = |secret| -> Result<(SecretRow, SecretBytes), AppError> {
            let (row, sealed) = writer.reader().sealed_secret(secret)?.ok_or_else(|| AppError::damaged("a rotation's secret"))?;
            let value = self.unseal(&place(&row), &sealed)?;
            Ok((row, value))
        };
        let ((old_row, old_value), (next_row, next_value)) = (read(old)?, read(next)?);
        let row = SecretRow { revision: old_row.revision + 1, changed_ms: now_ms(), ..old_row };
        let sealed = self.seal(&place(&row), &next_value)?;
        writer.update_secret(&row, &sealed)?;
        self.follow_secret(writer, &row, Some(old_value))?;
        let of = |row: &SecretRow| Credential { name: row.id.to_string(), revision: row.revision };
        for login in writer.reader().logins_with(&of(&next_row))? {
            writer.note_login(&of(&row), &login)?;
        }
        Ok(())
    }

    /// Refuses what would take a value away that a host may need: the secret is being rotated. Inside the transaction that would,
    /// since a rotation may begin at the same moment.
    pub(crate) fn refuse_rotating(&self, reader: &Reader<'_>, row: &SecretRow) -> Result<(), AppError> {
        if self.is_rotating_in(reader, row.id)? { Err(RotationError::GoesOn { name: row.name.clone() }.into()) } else { Ok(()) }
    }
}

/// A long name is cut, and told from others that begin alike by the secret's id.
fn next_name(row: &SecretRow) -> String {
    let name = format!("{}.next", row.name);
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let id = row.id.to_string();
    let end = format!(".{}.next", id.get(id.len().saturating_sub(8)..).unwrap_or_default());
    let begin: String = row.name.chars().take(LONGEST_NAME - end.len()).collect();
    begin + &end
}
