//! Hosts of the catalog.

use std::collections::HashMap;
use std::sync::Arc;

use beffroi_domain::{Access, HostId, HostName, Legacy, Login, SecretId, StageName, Sudo, Tag, TargetRecord};
use beffroi_remote::RemoteError;
use beffroi_store::table::survey::SurveyRow;

use crate::error::named;
use crate::jobs::JobFacts;
use crate::session::{Happening, Session, Standing, Target};
use crate::surveys::{self, Survey};
use crate::{App, AppError, Change, GuestError, now_ms};

/// A host, with what is known of it.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// How it is reached, its stage, its pins.
    pub record: TargetRecord,
    /// The names of what its record refers to.
    pub names: GivenNames,
    /// Its last survey.
    pub survey: Option<Survey>,
    /// Why the last connection failed, if it did.
    pub trouble: Option<RemoteError>,
    /// How far the record can be relied on.
    pub standing: Standing,
}

/// The names of the secrets and hosts that a record refers to.
#[derive(Debug, Clone, Default)]
pub struct GivenNames {
    /// What it logs in with: a secret's name, `agent` or `agent:SHA256:…`.
    pub identity: Option<String>,
    /// The password beside the key.
    pub password: Option<String>,
    /// What one-time codes are made from.
    pub one_time: Option<String>,
    /// Sudo's password.
    pub sudo: Option<String>,
    /// Of each way, in their order: the host that it leads through, and what one logs in with there.
    pub accesses: Vec<(Option<String>, Option<String>)>,
}

impl GivenNames {
    fn of(record: &TargetRecord, secrets: &HashMap<SecretId, String>, hosts: &HashMap<HostId, String>) -> Self {
        let secret = |id: &SecretId| secrets.get(id).cloned().unwrap_or_else(|| id.to_string());
        let login = |login: &Login| match login {
            Login::Secret(id) => secret(id),
            Login::Agent(None) => "agent".to_owned(),
            Login::Agent(Some(fingerprint)) => format!("agent:{fingerprint}"),
        };
        let host = |id: HostId| hosts.get(&id).cloned().unwrap_or_else(|| id.to_string());
        Self {
            identity: record.login.as_ref().map(login),
            password: record.password.as_ref().map(secret),
            one_time: record.one_time.as_ref().map(secret),
            sudo: match &record.sudo {
                Sudo::Password(id) => Some(secret(id)),
                Sudo::Never | Sudo::WithoutPassword => None,
            },
            accesses: record.accesses().map(|access| (access.jump.map(host), access.login.as_ref().map(login))).collect(),
        }
    }
}

/// What to say of a host. When one is changed, what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct HostOrder {
    /// A name to resolve or an IP address.
    pub address: Option<String>,
    /// 22 for a new one when absent.
    pub port: Option<u16>,
    /// `root` for a new one when absent.
    pub user: Option<String>,
    /// The host through which it is reached; empty for none.
    pub jump: Option<String>,
    /// The ways to reach it after the first.
    pub others: Option<Vec<AccessOrder>>,
    /// dev for a new one when absent.
    pub stage: Option<String>,
    /// Labels.
    pub tags: Option<Vec<String>>,
    /// What to log in with: the name of a secret, `agent`, `agent:SHA256:…`; empty for nothing.
    pub identity: Option<String>,
    /// The secret whose value is given where a password is wanted beside the key; empty for none.
    pub password: Option<String>,
    /// The secret that one-time codes are made from; empty for none.
    pub one_time: Option<String>,
    /// How root's work is done: `never`, `without-password`, or the name of the secret that is sudo's password.
    pub sudo: Option<String>,
    /// Old algorithms that it may use; without names, none.
    pub legacy: Option<LegacyOrder>,
    /// Host keys to trust, beside those that are.
    pub trust: Vec<String>,
}

/// A way to reach a host.
#[derive(Debug, Clone, Default)]
pub struct AccessOrder {
    /// A name to resolve or an IP address.
    pub address: String,
    /// 22 when absent.
    pub port: Option<u16>,
    /// The first way's when absent.
    pub user: Option<String>,
    /// The host through which it leads.
    pub jump: Option<String>,
    /// What to log in with on this way; what the host has when absent.
    pub identity: Option<String>,
}

/// Old algorithms for one host.
#[derive(Debug, Clone, Default)]
pub struct LegacyOrder {
    /// Their SSH names.
    pub algorithms: Vec<String>,
    /// Why.
    pub why: String,
    /// Until when, in milliseconds since 1970.
    pub until_ms: u64,
}

impl App {
    /// The hosts, by name.
    ///
    /// # Errors
    /// When no vault is open, or a record is not authentic.
    pub async fn hosts(&self) -> Result<Vec<HostFacts>, AppError> {
        self.session()?.blocking(Session::host_facts).await
    }

    /// One host, and its last jobs.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`].
    pub async fn host(&self, name: &str) -> Result<(HostFacts, Vec<JobFacts>), AppError> {
        let name = name.to_owned();
        let session = self.session()?;
        session.adopt_named(&name).await?;
        session
            .blocking(move |session| {
                let record = session.target_named(&name)?.record;
                let rows = session.catalog.read(|reader| reader.jobs_of(record.host, 20))?;
                let jobs = rows.iter().map(|row| session.job_facts(row)).collect::<Result<_, _>>()?;
                let facts = session.host_facts()?.into_iter().find(|facts| facts.record.host == record.host);
                Ok((facts.ok_or(AppError::HostNotFound { name })?, jobs))
            })
            .await
    }

    /// Adds a host.
    ///
    /// # Errors
    /// For names that are none, a name that is taken, a stage, secret or jump host that is not there.
    pub async fn add_host(&self, name: &str, order: HostOrder) -> Result<HostFacts, AppError> {
        let session = self.session()?;
        let name: HostName = named("host", name)?;
        if name.guest().is_some() {
            return Err(GuestError::NoSsh { guest: name.to_string() }.into());
        }
        let address = order.address.clone().ok_or(AppError::InvalidRequest { what: "a host needs an address" })?;
        let record = session
            .blocking(move |session| {
                let stage = order.stage.as_deref().map_or_else(|| Ok(StageName::dev()), |stage| named("stage", stage))?;
                let access = Access::new(checked_address(&address)?, 22, "root");
                let mut record = TargetRecord::new(HostId::make(), name, stage, access);
                session.apply(&mut record, &order)?;
                let row = session.target_row(&record, 1)?;
                let address = format!("{}:{}", record.access.address, record.access.port);
                let happening = Happening::new("host-added").on(record.host).with("name", &record.name).with("address", address);
                session.commit(happening, |writer| match writer.insert_target(&row) {
                    Err(beffroi_store::StoreError::Exists { .. }) => Err(AppError::HostExists { name: row.name.clone() }),
                    other => Ok(other?),
                })?;
                Ok(record)
            })
            .await?;
        self.changed_host(&record.name).await
    }

    /// Changes a host; what the order does not speak of stays. A change of its address or of what is trusted closes its
    /// connection.
    ///
    /// # Errors
    /// As for [`App::add_host`]; [`AppError::JumpLoop`] when its way would lead through itself.
    pub async fn edit_host(&self, name: &str, rename: Option<&str>, order: HostOrder) -> Result<HostFacts, AppError> {
        let rename: Option<HostName> = rename.map(|name| named("host", name)).transpose()?;
        self.change_host(name, "host-edited", move |session, record| {
            // What a guest is called here is what it is called there.
            if let Some(rename) = &rename
                && (record.guest().is_some() || rename.guest().is_some())
                && *rename != record.name
            {
                return Err(GuestError::NoSsh { guest: record.name.to_string() }.into());
            }
            if let Some(stage) = order.stage.as_deref() {
                record.stage = named("stage", stage)?;
            }
            record.name = rename.unwrap_or_else(|| record.name.clone());
            session.apply(record, &order)
        })
        .await
    }

    /// Changes a host's record, in one transaction with its journal entry.
    pub(crate) async fn change_host(
        &self,
        name: &str,
        event: &'static str,
        change: impl FnOnce(&Session, &mut TargetRecord) -> Result<(), AppError> + Send + 'static,
    ) -> Result<HostFacts, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let record = session
            .blocking(move |session| {
                let row = session.catalog.read(|reader| reader.target_named(&name))?;
                let target = session.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: name.clone() })?)?;
                let mut record = target.record.clone();
                change(session, &mut record)?;
                if record != target.record {
                    session.refuse_jump_loop(&record)?;
                    session.store_changed(&target, &record, event)?;
                }
                Ok(record)
            })
            .await?;
        session.connections.forget(record.host).await;
        self.changed_host(&record.name).await
    }

    /// Removes a host from the catalog. The host itself is left alone.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; [`AppError::HostInUse`] when others are reached through it.
    pub async fn remove_host(&self, name: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let hosts = session
            .blocking(move |session| {
                let target = session.target_named(&name)?;
                if target.standing == Standing::Sealed {
                    return Err(session.sealed(target.compartment));
                }
                let host = target.record.host;
                let gone = session.with_guests(&target.record)?;
                let hosts: Vec<HostId> = gone.iter().map(|target| target.record.host).collect();
                let leads_through = |other: &Target| {
                    !hosts.contains(&other.record.host)
                        && other.record.accesses().any(|access| access.jump.is_some_and(|jump| hosts.contains(&jump)))
                };
                let others: Vec<_> =
                    session.targets()?.iter().filter(|other| leads_through(other)).map(|other| other.record.name.to_string()).collect();
                if !others.is_empty() {
                    return Err(AppError::HostInUse { name, hosts: others });
                }
                let happening = Happening::new("host-removed").on(host).with("name", name);
                session.commit(happening, |writer| {
                    session.forget_declared(writer, &hosts)?;
                    hosts.iter().try_for_each(|host| writer.delete_target(*host))?;
                    Ok(())
                })?;
                Ok(hosts)
            })
            .await?;
        for host in hosts {
            session.terminals.end_on(host).await;
            session.tunnels.end_on(host).await;
            session.ends.end_on(host).await;
            session.connections.forget(host).await;
        }
        session.listener.heard(Change::Hosts);
        Ok(())
    }

    pub(crate) async fn changed_host(&self, name: &HostName) -> Result<HostFacts, AppError> {
        self.inner.listener.heard(Change::Hosts);
        Ok(self.host(name.as_str()).await?.0)
    }
}

impl Session {
    /// The names of what a record refers to.
    pub(crate) async fn names_of(self: &Arc<Self>, record: &TargetRecord) -> Result<GivenNames, AppError> {
        let record = record.clone();
        self.blocking(move |session| {
            let names = session.catalog.read(|reader| reader.secrets())?.into_iter().map(|row| (row.id, row.name)).collect();
            let hosts = session.targets()?.iter().map(|target| (target.record.host, target.record.name.to_string())).collect();
            Ok(GivenNames::of(&record, &names, &hosts))
        })
        .await
    }

    /// Puts what an order says into a record.
    fn apply(&self, record: &mut TargetRecord, order: &HostOrder) -> Result<(), AppError> {
        let of_ssh =
            [order.address.is_some(), order.port.is_some(), order.jump.is_some(), order.identity.is_some(), !order.trust.is_empty()];
        let others = order.others.as_ref().is_some_and(|others| !others.is_empty());
        let sudo = order.sudo.as_deref().is_some_and(|sudo| !matches!(sudo, "" | "never"));
        if record.guest().is_some() && (of_ssh.contains(&true) || others || sudo) {
            return Err(GuestError::NoSsh { guest: record.name.to_string() }.into());
        }
        if let Some(address) = &order.address {
            record.access.address = checked_address(address)?.to_owned();
        }
        record.access.port = order.port.unwrap_or(record.access.port);
        if let Some(user) = &order.user {
            record.access.user = checked_user(user)?.to_owned();
        }
        if let Some(jump) = &order.jump {
            record.access.jump = self.jump_named(jump)?;
        }
        if let Some(others) = &order.others {
            if others.len() > TargetRecord::MOST_OTHERS {
                return Err(AppError::InvalidRequest { what: "a host is reached in 8 ways at most" });
            }
            record.others = others.iter().map(|other| self.access(other, &record.access.user)).collect::<Result<_, _>>()?;
        }
        if let Some(tags) = &order.tags {
            record.tags = tags.iter().map(|tag| named("tag", tag)).collect::<Result<Vec<Tag>, _>>()?;
            record.tags.sort();
            record.tags.dedup();
        }
        if let Some(identity) = &order.identity {
            record.login = self.login_named(identity)?;
        }
        if let Some(password) = &order.password {
            record.password = self.secret_or_none(password)?;
        }
        if let Some(one_time) = &order.one_time {
            record.one_time = self.secret_or_none(one_time)?;
        }
        match order.sudo.as_deref() {
            None => {}
            Some("never" | "") => record.sudo = Sudo::Never,
            Some("without-password") => record.sudo = Sudo::WithoutPassword,
            Some(secret) => record.sudo = Sudo::Password(self.secret_named(secret)?.id),
        }
        if let Some(legacy) = &order.legacy {
            record.legacy = checked_legacy(legacy)?;
        }
        for pin in &order.trust {
            self.trust_given(record, named("fingerprint", pin)?);
        }
        self.check_secrets(record)
    }

    /// Every secret that a host is given is of its stage: one of another would be refused at the first connection.
    fn check_secrets(&self, record: &TargetRecord) -> Result<(), AppError> {
        for secret in record.secrets() {
            self.secret_row_of(secret, &record.stage, record.name.as_str())?;
        }
        Ok(())
    }

    fn access(&self, order: &AccessOrder, user: &str) -> Result<Access, AppError> {
        Ok(Access {
            address: checked_address(&order.address)?.to_owned(),
            port: order.port.unwrap_or(22),
            user: checked_user(order.user.as_deref().unwrap_or(user))?.to_owned(),
            jump: order.jump.as_deref().map_or(Ok(None), |jump| self.jump_named(jump))?,
            login: order.identity.as_deref().map_or(Ok(None), |identity| self.login_named(identity))?,
            guest: None,
        })
    }

    fn jump_named(&self, name: &str) -> Result<Option<HostId>, AppError> {
        if name.is_empty() { Ok(None) } else { self.target_named(name).map(|target| Some(target.record.host)) }
    }

    fn login_named(&self, name: &str) -> Result<Option<Login>, AppError> {
        Ok(match name {
            "" => None,
            "agent" => Some(Login::Agent(None)),
            other => match other.strip_prefix("agent:") {
                Some(fingerprint) => Some(Login::Agent(Some(named("fingerprint", fingerprint)?))),
                None => Some(Login::Secret(self.secret_named(other)?.id)),
            },
        })
    }

    fn secret_or_none(&self, name: &str) -> Result<Option<SecretId>, AppError> {
        if name.is_empty() { Ok(None) } else { self.secret_named(name).map(|row| Some(row.id)) }
    }

    /// A host and all its guests, at any depth, the innermost last.
    ///
    /// # Errors
    /// [`AppError::StageSealed`] where one of them is of a stage that is sealed: it cannot be changed along.
    fn with_guests(&self, record: &TargetRecord) -> Result<Vec<Target>, AppError> {
        let is_of = |name: &HostName| *name == record.name || name.renamed(&record.name, &record.name).is_some();
        let mut targets = self.targets()?;
        targets.retain(|target| is_of(&target.record.name));
        targets.sort_by(|one, other| one.record.name.cmp(&other.record.name));
        match targets.iter().find(|target| target.standing == Standing::Sealed) {
            Some(sealed) => Err(self.sealed(sealed.compartment)),
            None => Ok(targets),
        }
    }

    /// Whether any way to a host would lead through the host itself.
    fn refuse_jump_loop(&self, record: &TargetRecord) -> Result<(), AppError> {
        let targets = self.targets()?;
        let jumps = |of: &TargetRecord| of.accesses().filter_map(|access| access.jump).collect::<Vec<_>>();
        let (mut ahead, mut seen) = (jumps(record), Vec::new());
        while let Some(next) = ahead.pop() {
            if next == record.host {
                return Err(AppError::JumpLoop { name: record.name.to_string() });
            }
            if !seen.contains(&next) {
                seen.push(next);
                ahead.extend(
                    targets.iter().find(|target| target.record.host == next).map(|target| jumps(&target.record)).unwrap_or_default(),
                );
            }
        }
        Ok(())
    }

    /// Stores a changed record; with another stage, what is sealed of the host goes along.
    fn store_changed(&self, before: &Target, record: &TargetRecord, event: &'static str) -> Result<(), AppError> {
        let row = self.target_row(record, before.revision + 1)?;
        let happening = Happening::new(event).on(record.host).with("name", &record.name);
        let moves = row.compartment != before.compartment;
        let mut guests = Vec::new();
        if record.name != before.record.name {
            for guest in self.with_guests(&before.record)? {
                if let Some(name) = guest.record.name.renamed(&before.record.name, &record.name) {
                    guests.push(self.target_row(&TargetRecord { name, ..guest.record }, guest.revision + 1)?);
                }
            }
        }
        let belongings = moves.then(|| self.belongings(&before.record, before.compartment)).transpose()?;
        self.commit(happening, |writer| {
            if let Some(belongings) = &belongings {
                self.move_belongings(writer, belongings, row.compartment)?;
                for survey in writer.reader().surveys_of(record.host)? {
                    let opened = self.unseal(&surveys::place(before.compartment, survey.target, survey.taken_ms), &survey.sealed)?;
                    let sealed = self.seal(&surveys::place(row.compartment, survey.target, survey.taken_ms), &opened)?;
                    writer.replace_survey(&SurveyRow { sealed, ..survey })?;
                }
                self.move_guest_reading(writer, record.host, before.compartment, row.compartment)?;
                self.move_declared(writer, record, &before.record.stage)?;
            }
            for row in std::iter::once(&row).chain(&guests) {
                match writer.update_target(row) {
                    Err(beffroi_store::StoreError::Exists { .. }) => return Err(AppError::HostExists { name: row.name.clone() }),
                    other => other?,
                }
            }
            Ok(())
        })
    }

    fn host_facts(&self) -> Result<Vec<HostFacts>, AppError> {
        let names: HashMap<_, _> = self.catalog.read(|reader| reader.secrets())?.into_iter().map(|row| (row.id, row.name)).collect();
        let mut surveys = self.last_surveys()?;
        let troubles = self.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let targets = self.targets()?;
        let hosts = targets.iter().map(|target| (target.record.host, target.record.name.to_string())).collect();
        let facts = targets.into_iter().map(|target| HostFacts {
            names: GivenNames::of(&target.record, &names, &hosts),
            survey: surveys.remove(&target.record.host),
            trouble: troubles.get(&target.record.host).cloned(),
            standing: target.standing,
            record: target.record,
        });
        Ok(facts.collect())
    }
}

pub(crate) fn checked_address(address: &str) -> Result<&str, AppError> {
    let address = address.trim();
    let well_formed = !address.is_empty()
        && address.len() <= 255
        && !address.starts_with('-')
        && address.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_' | '%'));
    if well_formed { Ok(address) } else { Err(AppError::InvalidName { kind: "address", value: address.to_owned() }) }
}

fn checked_legacy(order: &LegacyOrder) -> Result<Option<Legacy>, AppError> {
    if order.algorithms.is_empty() {
        return Ok(None);
    }
    if let Some(unknown) = order.algorithms.iter().find(|name| !beffroi_ssh::known_legacy().contains(&name.as_str())) {
        return Err(AppError::InvalidName { kind: "algorithm", value: unknown.clone() });
    }
    let now = now_ms();
    if order.until_ms <= now {
        return Err(AppError::InvalidRequest { what: "old algorithms are allowed until a day to come" });
    }
    Ok(Some(Legacy { algorithms: order.algorithms.clone(), why: order.why.clone(), since_ms: now, until_ms: order.until_ms }))
}

pub(crate) fn checked_user(user: &str) -> Result<&str, AppError> {
    let well_formed =
        !user.is_empty() && user.len() <= 64 && !user.starts_with('-') && user.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if well_formed { Ok(user) } else { Err(AppError::InvalidName { kind: "user", value: user.to_owned() }) }
}
