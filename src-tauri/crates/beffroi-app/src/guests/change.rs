//! A guest is changed by a plan, as a host is: its commands are run by its host, as a job there. What they are, is said by
//! [`beffroi_lxc::change`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{GuestDriver, HostName, Message, TargetRecord, Undo};
use beffroi_lxc::change::{Change, ChangeRefusal, ChangeStep};
use beffroi_lxc::{Guest, Reading};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest};
use beffroi_secret::SecretBytes;

use super::fate::GuestFate;
use crate::action::Prepared;
use crate::connect::Rights;
use crate::jobs::{JobAction, Settlement};
use crate::plans::{MadePlan, Order, RefusedHost};
use crate::session::Session;
use crate::{Action, App, AppError, GuestError};

/// How long a host may take to say how much a guest holds.
const ASK_TIME: Duration = Duration::from_secs(60);

/// What is done to guests of one host, ready to be planned there.
#[derive(Debug)]
pub struct GuestWork {
    /// What it is.
    pub(crate) title: Message,
    /// The kind of change, for the journal: it tells nothing of whom it is about.
    pub(crate) kind: &'static str,
    /// Its steps, in their order. The last one reads the state back, and decides.
    pub(crate) steps: Vec<ChangeStep>,
    /// What the first step reads on standard input.
    pub(crate) input: Option<SecretBytes>,
    /// What must be masked in its output.
    pub(crate) secrets: Vec<SecretBytes>,
    /// What speaks against it, without forbidding it.
    pub(crate) warnings: Vec<Message>,
    /// A name that must be typed before it is run, whatever the host's stage asks.
    pub(crate) confirm: Option<String>,
    /// Places on the host that are not needed any more once it succeeded, see [`crate::sent`].
    pub(crate) sent: Vec<String>,
}

impl GuestWork {
    /// As a job of its host's.
    pub(crate) fn prepare(&self) -> Result<Prepared, AppError> {
        let first = self.steps.first().ok_or_else(|| AppError::internal("a change of a guest without steps"))?;
        let undo = match &first.undo {
            Undo::By(message) | Undo::Not(message) => Some(message.into()),
            Undo::NothingToUndo => None,
        };
        let action = JobAction::Guest { change: self.kind.to_owned(), undo };
        let steps = (1..).zip(&self.steps).map(|(number, step)| step.shown(number)).collect();
        let secrets = self.secrets.iter().map(SecretBytes::duplicate).collect();
        let input = self.input.as_ref().map(SecretBytes::duplicate);
        let mut prepared = Prepared::new(&self.title, action, &CommandLine::shell(first.shell.clone()), input, secrets, steps);
        for (stored, step) in prepared.record.steps.iter_mut().zip(&self.steps) {
            // What only reads is run as the others are: what it finds is the job's end.
            stored.detached = true;
            stored.shell = Some(step.shell.clone());
        }
        prepared.record.sent = self.sent.clone();
        prepared.warnings = self.warnings.clone();
        prepared.confirm = self.confirm.clone();
        Ok(prepared)
    }
}

impl App {
    /// Plans a change of guests, named `HOST/GUEST`. Each host is read in one round trip, and nothing is changed. A guest that
    /// cannot be changed so is in the answer.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`]; [`AppError::InvalidRequest`] when several are to be deleted, or given one name.
    pub async fn plan_guests(&self, guests: &[String], change: Change) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        if guests.is_empty() {
            return Err(AppError::InvalidRequest { what: "no guest is named" });
        }
        let of_one = matches!(change, Change::Delete { .. } | Change::Rename { .. } | Change::Copy { .. });
        if of_one && guests.len() > 1 {
            return Err(AppError::InvalidRequest { what: "one guest at a time" });
        }
        let mut title = None;
        let (mut orders, mut refused) = (Vec::new(), Vec::new());
        for (host, names) in by_host(guests)? {
            let target = session.host_of_guests(&host).await?;
            let reading = match session.read_guests(&target).await {
                Ok(reading) => reading,
                Err(error) => {
                    refused.push(RefusedHost { host: target.name.to_string(), error });
                    continue;
                }
            };
            for name in names {
                match session.guest_work(&name, &reading, &change).await {
                    Ok((work, fate)) => {
                        title.get_or_insert_with(|| work.title.clone());
                        let mut order = Order::new(target.clone(), Arc::new(Action::Guest(Box::new(work))));
                        order.set_apart();
                        if let Some(fate) = fate {
                            order = order.settling(Settlement::Guest { fate });
                        }
                        orders.push(order);
                    }
                    Err(error) => refused.push(RefusedHost { host: name.to_string(), error }),
                }
            }
        }
        let title = match orders.len() {
            0 | 1 => title.unwrap_or_else(|| Message::new("title.guests").with("count", guests.len())),
            count => Message::new("title.guests").with("count", count),
        };
        let mut made = self.plan_orders(&session, title, orders).await?;
        made.refused.extend(refused);
        Ok(made)
    }
}

/// Guests by their hosts, each host where it first appears.
fn by_host(guests: &[String]) -> Result<Vec<(HostName, Vec<HostName>)>, AppError> {
    let mut hosts: Vec<(HostName, Vec<HostName>)> = Vec::new();
    for typed in guests {
        let no_guest = || AppError::from(GuestError::NotAGuest { name: typed.clone() });
        let name: HostName = typed.parse().map_err(|_| no_guest())?;
        let (host, _) = name.guest().ok_or_else(no_guest)?;
        match hosts.iter_mut().find(|(known, _)| *known == host) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => hosts.push((host, vec![name])),
        }
    }
    Ok(hosts)
}

impl Session {
    /// The host of guests, which may be a guest itself.
    pub(crate) async fn host_of_guests(self: &Arc<Self>, host: &HostName) -> Result<TargetRecord, AppError> {
        self.adopt(std::slice::from_ref(host)).await?;
        self.authentic_host(host.as_str()).await
    }

    /// The guest that a name means: the one of its record, else the one of that name.
    pub(crate) async fn guest_among<'a>(self: &Arc<Self>, name: &HostName, reading: &'a Reading) -> Result<&'a Guest, AppError> {
        let (host, called) = name.guest().ok_or_else(|| AppError::from(GuestError::NotAGuest { name: name.to_string() }))?;
        let typed = name.to_string();
        let known = self.blocking(move |session| Ok(session.catalog.read(|reader| reader.target_named(&typed))?)).await?;
        let way = match known {
            Some(_) => self.authentic_host(name.as_str()).await?.access.guest,
            None => None,
        };
        let way = match way {
            Some(way) => way,
            None => super::adopt::way_to(reading, &host, called)?,
        };
        let not_there = || AppError::from(GuestError::NotThere { host: host.to_string(), guest: called.to_owned() });
        let found = reading.guest(way.driver, &way.project, &way.name).ok_or_else(not_there)?;
        // Put aside by a rebuild that did not come to its end: the one that has its name and its volumes is meant.
        let instead = found.title.strip_suffix("-beffroi-old").filter(|_| way.driver == GuestDriver::Proxmox);
        let by_name = |name| reading.guests.iter().find(|other| other.driver == way.driver && other.title == name);
        Ok(instead.and_then(by_name).unwrap_or(found))
    }

    /// A change of one guest, guarded by what was read of it and by its own stage.
    pub(super) async fn guest_work(
        self: &Arc<Self>,
        name: &HostName,
        reading: &Reading,
        change: &Change,
    ) -> Result<(GuestWork, Option<GuestFate>), AppError> {
        let guest = self.guest_among(name, reading).await?;
        let refused = |why| AppError::from(GuestError::Refused { guest: name.to_string(), why: Box::new(why) });
        let changing = change.prepare(name.as_str(), guest, reading).map_err(&refused)?;
        if let Some(why) = self.asked_of_host(name, guest, change).await? {
            return Err(refused(why));
        }
        let mut warnings = changing.warnings;
        if matches!(change, Change::Delete { .. }) && self.declared(name.as_str()).await.is_ok() {
            warnings.push(Message::new("warning.guest-spec-goes"));
        }
        let confirm = matches!(change, Change::Delete { .. }) || self.stage_wants_typed(name.as_str()).await?;
        let work = GuestWork {
            title: changing.title,
            kind: change.name(),
            steps: changing.steps,
            input: None,
            secrets: Vec::new(),
            warnings,
            confirm: confirm.then(|| name.to_string()),
            sent: Vec::new(),
        };
        Ok((work, GuestFate::of(change, guest)))
    }

    /// What speaks against a change that only its host knows. One that gives no answer is asked again by the change itself.
    async fn asked_of_host(self: &Arc<Self>, name: &HostName, guest: &Guest, change: &Change) -> Result<Option<ChangeRefusal>, AppError> {
        let (Some(question), Some((host, _))) = (change.question(guest), name.guest()) else { return Ok(None) };
        let remote = self.connect_as(&self.host_of_guests(&host).await?, Rights::Most).await?;
        let request = RunRequest::new(CommandLine::shell(question)).with_limits(Limits { time: ASK_TIME, most_bytes: 1 << 16 });
        let answer = remote.run(request).await.ok().filter(|output| output.exit.is_success());
        Ok(answer.and_then(|output| Change::refusal(&String::from_utf8_lossy(&output.stdout))))
    }

    /// Whether the stage of a guest's own record lets it be changed now, and wants a name typed before it is. One that the catalog
    /// does not have is of its host's stage, which is asked anyway.
    pub(crate) async fn stage_wants_typed(self: &Arc<Self>, name: &(impl fmt::Display + ?Sized)) -> Result<bool, AppError> {
        let name = name.to_string();
        self.blocking(move |session| {
            if session.catalog.read(|reader| reader.target_named(&name))?.is_none() {
                return Ok(false);
            }
            let stage = session.open_stage(&session.target_named(&name)?.record.stage)?;
            session.refuse_frozen(&stage)?;
            Ok(stage.policy.typed_confirmation)
        })
        .await
    }
}
