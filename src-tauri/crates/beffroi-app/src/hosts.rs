//! Hosts of the catalog.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use beffroi_domain::{Access, Fingerprint, HostId, HostName, Login, Message, Pin, PinSource, Provenance, StageName, Tag, TargetRecord};
use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest};
use beffroi_ssh::{ConnectLimits, OfferedKey, offered_key};

use crate::error::named;
use crate::jobs::JobFacts;
use crate::session::{Happening, Session, Standing};
use crate::surveys::Survey;
use crate::{App, AppError, Change, now_ms};

/// A host, with what is known of it.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// How it is reached, its stage, its pins.
    pub record: TargetRecord,
    /// The name of the secret it logs in with.
    pub identity: Option<String>,
    /// Its last survey.
    pub survey: Option<Survey>,
    /// Why the last connection failed, if it did.
    pub trouble: Option<RemoteError>,
    /// How far the record can be relied on.
    pub standing: Standing,
}

/// A host to add.
#[derive(Debug, Clone, Default)]
pub struct NewHost {
    /// Its name.
    pub name: String,
    /// A name to resolve or an IP address.
    pub address: String,
    /// 22 when absent.
    pub port: Option<u16>,
    /// `root` when absent.
    pub user: Option<String>,
    /// dev when absent.
    pub stage: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// The name of the secret to log in with.
    pub identity: Option<String>,
    /// Host keys to trust.
    pub trust: Vec<String>,
}

/// How a connection test went.
#[derive(Debug)]
pub struct HostTest {
    /// The host's name.
    pub host: String,
    /// In order; ends with the first that failed.
    pub steps: Vec<TestStep>,
}

/// A step of a connection test.
#[derive(Debug)]
pub struct TestStep {
    /// What was tried.
    pub what: Message,
    /// Why it failed; nothing when it held.
    pub error: Option<AppError>,
    /// How long it took.
    pub took: Duration,
}

impl HostTest {
    /// Does a step and records how it went; gives what it gave when it held.
    async fn step<T>(&mut self, what: Message, work: impl Future<Output = Result<T, AppError>>) -> Option<T> {
        let started = Instant::now();
        let (given, error) = match work.await {
            Ok(given) => (Some(given), None),
            Err(error) => (None, Some(error)),
        };
        self.steps.push(TestStep { what, error, took: started.elapsed() });
        given
    }
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
        self.session()?
            .blocking(move |session| {
                let record = session.target_named(&name)?.record;
                let rows = session.catalog.read(|reader| reader.jobs_of(record.host, 20))?;
                let jobs = rows.iter().map(|row| session.job_facts(row)).collect::<Result<_, _>>()?;
                let facts = session.host_facts()?.into_iter().find(|facts| facts.record.host == record.host);
                Ok((facts.ok_or(AppError::HostNotFound { name })?, jobs))
            })
            .await
    }

    /// The key that an address shows; nothing is sent but the key exchange.
    ///
    /// # Errors
    /// When the address cannot be reached.
    pub async fn scan(&self, address: &str, port: u16) -> Result<OfferedKey, AppError> {
        Ok(offered_key(checked_address(address)?, port, ConnectLimits::default()).await?)
    }

    /// Adds a host.
    ///
    /// # Errors
    /// For names that are none, a name that is taken, a stage or a secret that is not there.
    pub async fn add_host(&self, new: NewHost) -> Result<HostFacts, AppError> {
        let session = self.session()?;
        let record = session
            .blocking(move |session| {
                let credential = new.identity.as_deref().map(|name| session.secret_named(name)).transpose()?;
                let mut tags = new.tags.iter().map(|tag| named("tag", tag)).collect::<Result<Vec<Tag>, _>>()?;
                tags.sort();
                tags.dedup();
                let access = Access {
                    address: checked_address(&new.address)?.to_owned(),
                    port: new.port.unwrap_or(22),
                    user: checked_user(new.user.as_deref().unwrap_or("root"))?.to_owned(),
                    jump: None,
                    login: None,
                };
                let stage = new.stage.as_deref().map_or_else(|| Ok(StageName::dev()), |stage| named("stage", stage))?;
                let given = |pin: &String| named("fingerprint", pin).map(|fingerprint| session.given_pin(fingerprint));
                let record = TargetRecord {
                    pins: new.trust.iter().map(given).collect::<Result<_, _>>()?,
                    login: credential.map(|row| Login::Secret(row.id)),
                    tags,
                    ..TargetRecord::new(HostId::make(), named::<HostName>("host", &new.name)?, stage, access)
                };
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

    /// Trusts a host key, beside those already trusted.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`], or for a fingerprint that is none.
    pub async fn trust(&self, host: &str, fingerprint: &str) -> Result<HostFacts, AppError> {
        let session = self.session()?;
        let pin: Fingerprint = named("fingerprint", fingerprint)?;
        let host = host.to_owned();
        let record = session
            .blocking(move |session| {
                let row = session.catalog.read(|reader| reader.target_named(&host))?;
                let mut target = session.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: host.clone() })?)?;
                if !target.record.trusts(&pin) {
                    target.record.pins.push(session.given_pin(pin.clone()));
                    let row = session.target_row(&target.record, target.revision + 1)?;
                    let happening = Happening::new("host-trusted").on(row.id).with("name", &host).with("fingerprint", &pin);
                    session.commit(happening, |writer| Ok(writer.update_target(&row)?))?;
                }
                Ok(target.record)
            })
            .await?;
        self.changed_host(&record.name).await
    }

    /// Removes a host from the catalog. The host itself is left alone.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`].
    pub async fn remove_host(&self, name: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let host = session
            .blocking(move |session| {
                let target = session.target_named(&name)?;
                if target.standing == Standing::Sealed {
                    return Err(session.sealed(target.compartment));
                }
                let host = target.record.host;
                let happening = Happening::new("host-removed").on(host).with("name", name);
                session.commit(happening, |writer| Ok(writer.delete_target(host)?))?;
                Ok(host)
            })
            .await?;
        session.connections.forget(host).await;
        session.listener.heard(Change::Hosts);
        Ok(())
    }

    /// Tests the way to a host, step by step, up to the first step that fails.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]. What fails on the way is in the answer.
    pub async fn test_host(&self, name: &str) -> Result<HostTest, AppError> {
        let session = self.session()?;
        let record = session.authentic_host(name).await?;
        session.connections.forget(record.host).await;
        let mut test = HostTest { host: record.name.to_string(), steps: Vec::new() };
        let address = format!("{}:{}", record.access.address, record.access.port);
        let scan = async { Ok(offered_key(&record.access.address, record.access.port, ConnectLimits::default()).await?) };
        let Some(key) = test.step(Message::new("test.connect").with("address", &address), scan).await else {
            return Ok(test);
        };
        let pinned = async { check_pin(&record, address, key) };
        if test.step(Message::new("test.key"), pinned).await.is_none() {
            return Ok(test);
        }
        let login = Message::new("test.login").with("user", &record.access.user);
        let Some(remote) = test.step(login, session.connect(&record)).await else {
            return Ok(test);
        };
        let run = async {
            let output = remote.run(RunRequest::new(CommandLine::new(["true"]))).await?;
            if output.exit.is_success() { Ok(()) } else { Err(AppError::CommandFailed { exit: crate::run::exit_words(&output.exit) }) }
        };
        test.step(Message::new("test.command"), run).await;
        Ok(test)
    }

    async fn changed_host(&self, name: &HostName) -> Result<HostFacts, AppError> {
        self.inner.listener.heard(Change::Hosts);
        Ok(self.host(name.as_str()).await?.0)
    }
}

impl Session {
    /// A pin whose fingerprint this person gives.
    fn given_pin(&self, fingerprint: Fingerprint) -> Pin {
        let provenance = Provenance { at_ms: now_ms(), by: self.person.clone(), how: PinSource::Given };
        Pin { fingerprint, algorithm: String::new(), key: Vec::new(), provenance }
    }

    fn host_facts(&self) -> Result<Vec<HostFacts>, AppError> {
        let names: HashMap<_, _> = self.catalog.read(|reader| reader.secrets())?.into_iter().map(|row| (row.id, row.name)).collect();
        let mut surveys = self.last_surveys()?;
        let troubles = self.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let facts = self.targets()?.into_iter().map(|target| HostFacts {
            identity: target.record.login.as_ref().and_then(|login| match login {
                Login::Secret(id) => names.get(id).cloned(),
                Login::Agent(_) => None,
            }),
            survey: surveys.remove(&target.record.host),
            trouble: troubles.get(&target.record.host).cloned(),
            standing: target.standing,
            record: target.record,
        });
        Ok(facts.collect())
    }
}

/// The same refusal that a connection would give.
fn check_pin(record: &TargetRecord, address: String, key: OfferedKey) -> Result<(), AppError> {
    let (offered, algorithm) = (key.fingerprint, key.algorithm);
    if record.trusts(&offered) {
        return Ok(());
    }
    let pinned: Vec<Fingerprint> = record.pins.iter().map(|pin| pin.fingerprint.clone()).collect();
    Err(AppError::Remote(if pinned.is_empty() {
        RemoteError::HostKeyUnknown { address, offered, algorithm }
    } else {
        RemoteError::HostKeyChanged { address, offered, algorithm, pinned }
    }))
}

fn checked_address(address: &str) -> Result<&str, AppError> {
    let address = address.trim();
    let well_formed = !address.is_empty()
        && address.len() <= 255
        && !address.starts_with('-')
        && address.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_' | '%'));
    if well_formed { Ok(address) } else { Err(AppError::InvalidName { kind: "address", value: address.to_owned() }) }
}

fn checked_user(user: &str) -> Result<&str, AppError> {
    let well_formed =
        !user.is_empty() && user.len() <= 64 && !user.starts_with('-') && user.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if well_formed { Ok(user) } else { Err(AppError::InvalidName { kind: "user", value: user.to_owned() }) }
}
