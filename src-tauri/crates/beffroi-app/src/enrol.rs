//! The graded test of a host, and how it gets a key of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Access, Fingerprint, Login as HostLogin, Message, SecretId, SecretName, Sudo, TargetRecord};
use beffroi_remote::{CommandLine, Remote, RunRequest};
use beffroi_secret::SecretBytes;
use beffroi_ssh::{Login, LoginKey, NewKey, SshRemote};
use beffroi_store::table::ledger::LedgerRow;
use beffroi_store::table::secret::SecretRow;

use crate::connect::{Reached, Rights, trust_of};
use crate::error::named;
use crate::hosts::{GivenNames, HostFacts};
use crate::secrets;
use crate::session::{Happening, Session};
use crate::surveys::{Read, Survey};
use crate::{App, AppError, Change, GuestError, now_ms};

/// How a graded test went.
#[derive(Debug)]
pub struct HostTest {
    /// The host's name.
    pub host: String,
    /// In order; ends with the first that failed.
    pub steps: Vec<TestStep>,
    /// Which way led there.
    pub reached: Option<(TargetRecord, GivenNames, Reached)>,
}

/// A step of a graded test.
#[derive(Debug)]
pub struct TestStep {
    /// What was tried.
    pub what: Message,
    /// What was found.
    pub found: Option<Message>,
    /// What speaks against it, without making it fail.
    pub warning: Option<Message>,
    /// Why it failed; nothing when it held.
    pub error: Option<AppError>,
    /// How long it took.
    pub took: Duration,
}

/// How a host is to be enrolled.
#[derive(Debug, Clone, Default)]
pub struct EnrolOrder {
    /// Only test, and say what would be done.
    pub plan: bool,
    /// The password stays in the catalog.
    pub keep_password: bool,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// How enrolling went.
#[derive(Debug)]
pub struct HostEnrolled {
    /// The graded test.
    pub test: HostTest,
    /// What was, or would be, done.
    pub steps: Vec<Message>,
    /// The new key's fingerprint, once it is proven.
    pub fingerprint: Option<Fingerprint>,
    /// The host as it is now.
    pub host: HostFacts,
}

/// A clock that is further off breaks one-time codes and certificates.
const MOST_SKEW_S: i64 = 60;
/// Used part of the root disk from which a test warns, in percent.
const FULL_DISK: u64 = 90;

/// What an enrolled host's key is called in the ledger.
pub(crate) const AUTHORIZED_KEY: &str = "authorized-key";

/// Adds the key that is its input to the account's authorized keys, unless it is there (sshd(8), AUTHORIZED_KEYS).
pub(crate) const AUTHORIZE: &str = include_str!("../../../../assets/remote/authorize.sh");
/// Takes it away again.
pub(crate) const UNAUTHORIZE: &str = include_str!("../../../../assets/remote/unauthorize.sh");

impl HostTest {
    /// Does a step and records how it went; gives what it gave when it held.
    async fn step<T>(&mut self, what: Message, work: impl Future<Output = Result<T, AppError>>) -> Option<T> {
        let started = Instant::now();
        let (given, error) = match work.await {
            Ok(given) => (Some(given), None),
            Err(error) => (None, Some(error)),
        };
        self.steps.push(TestStep { what, found: None, warning: None, error, took: started.elapsed() });
        given
    }

    /// A step of which is known how it went.
    fn told(&mut self, what: Message, found: Message, took: Duration) {
        self.steps.push(TestStep { what, found: Some(found), warning: None, error: None, took });
    }

    fn found(&mut self, found: Option<Message>, warning: Option<Message>) {
        if let Some(step) = self.steps.last_mut() {
            (step.found, step.warning) = (found, warning);
        }
    }

    fn took(&mut self, took: Duration) {
        if let Some(step) = self.steps.last_mut() {
            step.took = took;
        }
    }

    fn held(&self) -> bool {
        self.steps.iter().all(|step| step.error.is_none())
    }
}

impl App {
    /// Tests a host from its name to what it is, up to the first step that fails. It is connected to anew, once. With
    /// `again`, what was refused once is offered again.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]. What fails on the way is in the answer.
    pub async fn test_host(&self, name: &str, again: bool) -> Result<HostTest, AppError> {
        let session = self.session()?;
        let record = session.authentic_host(name).await?;
        if again {
            session.offer_again(&record).await?;
        }
        session.connections.close(record.host).await;
        let mut test = HostTest { host: record.name.to_string(), steps: Vec::new(), reached: None };
        session.grade(&record, &mut test).await?;
        session.listener.heard(Change::Hosts);
        Ok(test)
    }

    /// Gives a host a key of its own: tests it, adds a new key to the account's authorized keys there, proves on a connection
    /// of its own that the key opens, and only then logs in with it. A password that nothing else uses is forgotten. When the
    /// proof fails, the key is taken away again and everything is as it was.
    ///
    /// # Errors
    /// When the host's stage does not let it be changed, or a step fails that is none of the test's.
    pub async fn enrol(&self, name: &str, order: EnrolOrder) -> Result<HostEnrolled, AppError> {
        let session = self.session()?;
        let record = session.authentic_host(name).await?;
        if record.guest().is_some() {
            return Err(GuestError::NoSsh { guest: record.name.to_string() }.into());
        }
        let test = self.test_host(name, false).await?;
        let (steps, secret_name) = session.enrol_steps(&record, &order)?;
        if order.plan || !test.held() {
            return Ok(HostEnrolled { test, steps, fingerprint: None, host: self.host(name).await?.0 });
        }
        session.allow_at_once(std::slice::from_ref(&record), order.typed.as_deref())?;
        let key = NewKey::make(&format!("beffroi {}", record.name)).await?;
        let fingerprint = session.deploy_and_prove(&record, &key).await?;
        let former = session.enrolled_key(&record).await?;
        session.adopt_key(&record, key, secret_name, order.keep_password).await?;
        session.connections.close(record.host).await;
        // The key of an earlier enrolment is not left behind, now that the host is reached without it.
        if let Some((line, left)) = former {
            session.unauthorize(&record, &line, left).await?;
        }
        session.listener.heard(Change::Secrets);
        Ok(HostEnrolled { test, steps, fingerprint: Some(fingerprint), host: self.changed_host(&record.name).await? })
    }
}

impl Session {
    /// The steps of the graded test. What it is connected by stays open.
    async fn grade(self: &Arc<Self>, record: &TargetRecord, test: &mut HostTest) -> Result<(), AppError> {
        let names = self.names_of(record).await?;
        let ways = record.accesses().count();
        for (number, access) in record.accesses().enumerate() {
            let is_last = number + 1 == ways;
            match self.grade_way(record, number, access, test).await {
                Some(Some(remote)) => {
                    let passed_over = passed_over(test);
                    let reached = Reached { access: number, jump: access.jump, passed_over };
                    self.adopt_connection(record, remote, reached.clone()).await;
                    test.reached = Some((record.clone(), names, reached));
                    return self.grade_inside(record, access, test).await;
                }
                // The login was refused: the host was reached, and no other way is tried.
                Some(None) => return Ok(()),
                None if is_last => return Ok(()),
                // Another way is tried: that this one does not lead there is a warning.
                None => {
                    if let Some(step) = test.steps.last_mut()
                        && let Some(error) = step.error.take()
                    {
                        step.warning = Some(Message::new("test.way-not-taken").with("reason", error));
                    }
                }
            }
        }
        Ok(())
    }

    /// One way: the host behind which it begins, name, connection, banner, key, login. `None` when it does not lead there,
    /// `Some(None)` when the login was refused.
    async fn grade_way(
        self: &Arc<Self>,
        record: &TargetRecord,
        number: usize,
        access: &Access,
        test: &mut HostTest,
    ) -> Option<Option<SshRemote>> {
        if let Some(guest) = &access.guest {
            let what = Message::new("test.guest").with("guest", &guest.name).with("driver", guest.driver.name());
            let entering = async { self.enter_anew(record, number, Rights::Account).await };
            return test.step(what, entering).await.map(Some);
        }
        let address = format!("{}:{}", access.address, access.port);
        let connecting = self.look(record, access, &[]);
        let unchecked = test.step(Message::new("test.connect").with("address", &address), connecting).await?;
        test.found(Some(Message::new("test.found-banner").with("banner", unchecked.banner())), None);
        let key = unchecked.offered().clone();
        let took = unchecked.phases().key_exchange;
        let checked = unchecked.check(&trust_of(record, access)).map_err(AppError::from);
        let handshake = test.step(Message::new("test.key"), async { checked }).await;
        let found = Message::new("test.found-key").with("algorithm", &key.algorithm).with("fingerprint", &key.fingerprint);
        test.found(Some(found), None);
        test.took(took);
        let handshake = handshake?;
        let login = async { self.log_in(handshake, record, access, self.permitted(record, access).await?).await };
        let remote = test.step(Message::new("test.login").with("user", &access.user), login).await;
        if let Some(remote) = &remote {
            self.learn(record.host, key, remote).await;
        }
        Some(remote)
    }

    /// What is behind the login: a command, root, and what the host is.
    async fn grade_inside(self: &Arc<Self>, record: &TargetRecord, access: &Access, test: &mut HostTest) -> Result<(), AppError> {
        let run = async {
            let output = self.connect(record).await?.run(RunRequest::new(CommandLine::new(["true"]))).await?;
            if output.exit.is_success() { Ok(()) } else { Err(AppError::CommandFailed { exit: crate::run::exit_words(&output.exit) }) }
        };
        if test.step(Message::new("test.command"), run).await.is_none() {
            return Ok(());
        }
        if access.user != "root" && record.sudo != Sudo::Never {
            let sudo = self.connect_as(record, Rights::Root);
            if test.step(Message::new("test.sudo").with("user", &access.user), sudo).await.is_none() {
                return Ok(());
            }
        }
        let read = self.survey(record, false, &[]);
        let Some(Read { survey, .. }) = test.step(Message::new("test.system"), read).await else {
            return Ok(());
        };
        let took = Duration::ZERO;
        let facts = &survey.facts;
        let os = facts.os_name.clone().unwrap_or_else(|| "Linux".to_owned());
        test.found(Some(Message::new("test.found-system").with("os", os).with("kernel", facts.kernel.clone().unwrap_or_default())), None);
        if let Some(skew) = survey.clock_skew_s() {
            test.told(Message::new("test.clock"), Message::new("test.found-clock").with("seconds", skew), took);
            if skew.abs() > MOST_SKEW_S {
                test.found(None, Some(Message::new("attention.clock").with("seconds", skew)));
            }
        }
        if let Some(percent) = disk_percent(&survey) {
            test.told(Message::new("test.disk"), Message::new("test.found-disk").with("percent", percent), took);
            if percent >= FULL_DISK {
                test.found(None, Some(Message::new("attention.disk").with("percent", percent)));
            }
        }
        let roles = survey.role_names().join(", ");
        let found =
            if roles.is_empty() { Message::new("test.found-no-roles") } else { Message::new("test.found-roles").with("roles", roles) };
        test.told(Message::new("test.roles"), found, took);
        Ok(())
    }

    /// Forgets what was refused of what a host is offered.
    async fn offer_again(self: &Arc<Self>, record: &TargetRecord) -> Result<(), AppError> {
        let mut credentials = Vec::new();
        for access in record.accesses().filter(|access| access.guest.is_none()) {
            credentials.extend(self.offer(record, access).await?.credentials());
        }
        let name = record.name.to_string();
        let host = record.host;
        let sudo = match record.sudo {
            Sudo::Password(secret) => Some(secret.to_string()),
            Sudo::Never | Sudo::WithoutPassword => None,
        };
        self.blocking(move |session| {
            session.commit(Happening::new("credential-allowed").on(host).with("name", &name), |writer| {
                for credential in credentials.iter().map(|credential| &credential.name).chain(&sudo) {
                    writer.allow_login(credential)?;
                }
                Ok(())
            })
        })
        .await
    }

    /// What enrolling does, in order, and the name of the new secret.
    fn enrol_steps(&self, record: &TargetRecord, order: &EnrolOrder) -> Result<(Vec<Message>, SecretName), AppError> {
        let secret: SecretName = named("secret", &format!("{}/key-{}", record.name, now_ms() / 1000))?;
        let user = &record.access.user;
        let mut steps = vec![
            Message::new("enrol.make").with("secret", &secret),
            Message::new("enrol.authorize").with("user", user).with("host", &record.name),
            Message::new("enrol.prove"),
            Message::new("enrol.switch").with("host", &record.name),
        ];
        if let Some(forgotten) = self.forgettable(record, order.keep_password)? {
            steps.push(Message::new("enrol.forget").with("secret", forgotten.name));
        }
        Ok((steps, secret))
    }

    /// The password that a host will not need any more and that nothing else uses.
    fn forgettable(&self, record: &TargetRecord, keep: bool) -> Result<Option<SecretRow>, AppError> {
        let Some(HostLogin::Secret(secret)) = record.login else { return Ok(None) };
        let (row, _) = self.secret_row_of(secret, &record.stage, record.name.as_str())?;
        let after = TargetRecord { login: None, ..record.clone() };
        let others = self.targets()?;
        let used =
            after.secrets().chain(others.iter().filter(|other| other.record.host != record.host).flat_map(|other| other.record.secrets()));
        let in_use = used.into_iter().any(|used| used == secret);
        // A key that was made for this host alone goes with it; another one may be needed elsewhere.
        let own = row.kind == secrets::PRIVATE_KEY && row.name.starts_with(&format!("{}/key-", record.name));
        let goes = own || (row.kind == secrets::PASSWORD && !keep);
        // Another host may need it yet while it is being rotated.
        Ok((goes && !in_use && self.rotation_of(row.id)?.is_none()).then_some(row))
    }

    /// Puts a key on a host and logs in with it on a connection of its own. A key that does not open is taken away again.
    async fn deploy_and_prove(self: &Arc<Self>, record: &TargetRecord, key: &NewKey) -> Result<Fingerprint, AppError> {
        let fingerprint = key.fingerprint().clone();
        let left = LedgerRow { kind: AUTHORIZED_KEY.to_owned(), what: fingerprint.to_string() };
        let host = record.host;
        let noted = left.clone();
        self.blocking(move |session| session.write(|writer| Ok(writer.note_left(host, &noted, now_ms())?))).await?;
        let line = SecretBytes::new(format!("{}\n", key.public_line()?).into_bytes());
        let remote = self.connect(record).await?;
        let script = |script: &str| RunRequest::new(CommandLine::new(["sh", "-c", script])).with_stdin(line.duplicate());
        let gone = async |left: LedgerRow| {
            self.blocking(move |session| session.write(|writer| Ok(writer.note_removed(host, &left, now_ms())?))).await
        };
        let added = remote.run(script(AUTHORIZE)).await?;
        if !added.exit.is_success() {
            gone(left).await?;
            return Err(AppError::EnrolFailed { why: said(&added.stderr) });
        }
        let proven = self.prove(record, key).await;
        if let Err(error) = proven {
            // As it was: what could not be proven is not left there.
            if remote.run(script(UNAUTHORIZE)).await.is_ok_and(|output| output.exit.is_success()) {
                gone(left).await?;
            }
            return Err(AppError::EnrolFailed { why: error.to_string() });
        }
        Ok(fingerprint)
    }

    async fn prove(self: &Arc<Self>, record: &TargetRecord, key: &NewKey) -> Result<(), AppError> {
        let access = match self.connections.reached(record.host).await {
            Some(reached) => record.accesses().nth(reached.access).unwrap_or(&record.access),
            None => &record.access,
        };
        let handshake = self.look(record, access, &[]).await?.check(&trust_of(record, access))?;
        let mut login = Login {
            key: Some(LoginKey::Private { key: key.private().duplicate(), passphrase: None, certificate: None }),
            ..Login::default()
        };
        // A host that wants more than the key gets what the record has for it.
        let offer = self.offer(record, access).await?;
        login.one_time = offer.login.one_time;
        if record.password.is_some() {
            login.password = offer.login.password;
        }
        let remote = handshake.log_in(&access.user, &login, beffroi_ssh::ConnectLimits::default()).await?;
        let taken = remote.taken();
        remote.close().await;
        if taken.key { Ok(()) } else { Err(AppError::EnrolFailed { why: "the host let in without asking for the key".to_owned() }) }
    }

    /// The line of the key that a host logs in with, as it stands in authorized keys, and its fingerprint.
    pub(crate) async fn own_public_key(self: &Arc<Self>, record: &TargetRecord) -> Result<Option<(String, Fingerprint)>, AppError> {
        let Some(HostLogin::Secret(secret)) = record.login else { return Ok(None) };
        let (text, _) = self.secret_text(secret, record).await?;
        if !beffroi_import::is_private_key(text.expose()) {
            return Ok(None);
        }
        Ok(Some(beffroi_ssh::public_line(&text).await?))
    }

    /// From now on the host is logged in to with the new key.
    async fn adopt_key(self: &Arc<Self>, record: &TargetRecord, key: NewKey, name: SecretName, keep: bool) -> Result<(), AppError> {
        let host = record.name.to_string();
        self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.target_named(&host))?;
            let target = session.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: host.clone() })?)?;
            let forgotten = match session.forgettable(&target.record, keep)? {
                Some(row) => session.value_of(&row)?.and_then(|value| value.into_text().ok()).map(|value| (row, value)),
                None => None,
            };
            let now = now_ms();
            let secret = SecretRow {
                id: SecretId::make(),
                name: name.to_string(),
                compartment: target.compartment,
                kind: secrets::PRIVATE_KEY.to_owned(),
                revision: 1,
                created_ms: now,
                changed_ms: now,
            };
            let sealed = session.seal(&secrets::place(&secret), &key.private().to_bytes())?;
            let record = TargetRecord { login: Some(HostLogin::Secret(secret.id)), ..target.record.clone() };
            let row = session.target_row(&record, target.revision + 1)?;
            let happening = Happening::new("host-enrolled").on(record.host).with("name", &host).with("fingerprint", key.fingerprint());
            session.commit(happening, |writer| {
                writer.insert_secret(&secret, &sealed)?;
                writer.update_target(&row)?;
                forgotten.map_or(Ok(()), |(row, value)| session.discard(writer, &row, value))
            })
        })
        .await
    }
}

fn passed_over(test: &HostTest) -> Vec<(String, String)> {
    let warned = test.steps.iter().filter(|step| step.warning.as_ref().is_some_and(|warning| warning.key == "test.way-not-taken"));
    let value = |message: &Message, name: &str| {
        message.values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    warned
        .map(|step| (value(&step.what, "address"), step.warning.as_ref().map(|warning| value(warning, "reason")).unwrap_or_default()))
        .collect()
}

fn disk_percent(survey: &Survey) -> Option<u64> {
    let (used, total) = (survey.facts.disk_used_bytes?, survey.facts.disk_total_bytes?);
    used.saturating_mul(100).checked_div(total)
}

/// The end of what a host said, short.
fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().chars().take(300).collect()
}
