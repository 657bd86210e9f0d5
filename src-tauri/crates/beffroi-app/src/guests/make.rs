//! Guests made from a specification: what is there is looked at, and a plan made of what is not yet so.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{Exit, GuestDriver, GuestWay, HostName, Message, PlanId, TargetRecord};
use beffroi_lxc::change::{ChangeRefusal, next_number};
use beffroi_lxc::spec::make::{Given, Look, Making, Part, environment};
use beffroi_lxc::spec::{Finding, Network, Spec, SpecFile, lint};
use beffroi_lxc::{Driver, GuestState, Reading, Want};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest, clean, quote};
use beffroi_secret::{SecretBytes, SecretText};
use sha2::{Digest, Sha256};

use super::change::GuestWork;
use super::declared::DeclaredGuest;
use super::fate::GuestFate;
use crate::connect::Rights;
use crate::jobs::Settlement;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::{Action, App, AppError, GuestError, SpecError};

/// What a guest is to be made from.
#[derive(Debug, Clone, Default)]
pub struct GuestOrder {
    /// `HOST/GUEST`.
    pub guest: String,
    /// The text of the specification and the folder in which the files beside it are; what is kept for the guest when absent.
    pub spec: Option<(String, PathBuf)>,
    /// By which driver, where the host has several.
    pub driver: Option<GuestDriver>,
    /// Just these parts; all when empty.
    pub only: Vec<Part>,
    /// Whether its root is replaced.
    pub rebuild: bool,
    /// What was typed, where the stage asks for a name.
    pub typed: Option<String>,
}

/// What came of an order.
#[derive(Debug)]
pub enum GuestOrdered {
    /// Everything is as specified already.
    Same,
    /// What would be done; and what was sent for it, by its path on the host.
    Plan(Box<MadePlan>, String),
}

/// The most bytes of one file beside a specification, and of all.
const MOST_SOURCE: u64 = 512 << 20;
const MOST_SOURCES: u64 = 2 << 30;
/// What is sent is called so in its place.
const SENT: &str = "guest";
/// How long looking at a guest may take.
const LOOK_TIME: Duration = Duration::from_secs(120);
/// The exit status of a guest with state outside its volumes.
const STRAYS: u32 = 3;

impl App {
    /// What speaks against a specification, in a stage of the open vault or by what a stage of that name begins with. Each finding
    /// with whether the stage refuses it.
    ///
    /// # Errors
    /// [`SpecError::Faults`].
    pub fn lint_spec(&self, text: &str, stage: &str) -> Result<Vec<(Finding, bool)>, AppError> {
        let file = SpecFile::parse(text).map_err(|faults| SpecError::Faults { faults })?;
        let of_name = stage.parse().map_err(|_| AppError::InvalidRequest { what: "not the name of a stage" })?;
        let known = self.session().ok().and_then(|session| session.open_stage(&of_name).ok());
        let refuses =
            known.map_or_else(|| beffroi_domain::StagePolicy::of_new(&of_name).refuse_warnings, |stage| stage.policy.refuse_warnings);
        let unknown = self.session().map(|session| session.unknown_stages(&file)).unwrap_or_default();
        Ok(unknown.into_iter().chain(lint(file.of_stage(stage))).map(|finding| (finding, refuses)).collect())
    }

    /// The plan that makes a guest what its specification says. What it takes is sent to a place of its own on the host, and what
    /// is there is looked at; nothing is changed.
    ///
    /// # Errors
    /// [`SpecError`], [`AppError::SecretNotFound`]; those of the stage and of the host.
    pub async fn plan_guest(&self, order: &GuestOrder) -> Result<GuestOrdered, AppError> {
        let session = self.session()?;
        let (text, folder, driver) = session.spec_of(order).await?;
        let file = SpecFile::parse(&text).map_err(|faults| SpecError::Faults { faults })?;
        let not_a_guest = || AppError::from(GuestError::NotAGuest { name: order.guest.clone() });
        let name: HostName = order.guest.parse().map_err(|_| not_a_guest())?;
        let (host, called) = name.guest().ok_or_else(not_a_guest)?;
        let target = session.host_of_guests(&host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        // A guest may be of another stage than its host: then that one's table and secrets are meant.
        let own = if session.has_host(&name).await? { session.authentic_host(name.as_str()).await? } else { target.clone() };
        let spec = file.of_stage(own.stage.as_str());
        let reading = session.read_guests(&target).await?;
        let way = way_of(&reading, &host, called, driver)?;
        let lacking = match way.driver {
            GuestDriver::Lxc | GuestDriver::Proxmox => (!spec.ports.is_empty()).then_some("ports"),
            _ => matches!(spec.network, Network::Bridge { address: Some(_), .. }).then_some("network.address"),
        };
        if let Some(key) = lacking {
            return Err(SpecError::Lacking { driver: way.driver.name(), key }.into());
        }
        if reading.guest(way.driver, &way.project, &way.name).is_none() {
            can_be_called(&way)?;
            fits(&reading, &name, spec)?;
        }
        if order.only.is_empty() || order.only.iter().any(|part| matches!(part, Part::Service | Part::Health)) {
            needed(&reading, &host, &name, spec)?;
        }
        let declared = DeclaredGuest::new(&own, target.host, called, Some(way.driver), &text, &folder);
        let beside = folder.clone();
        let wanted: Vec<String> = spec.sources().into_iter().map(str::to_owned).collect();
        let digests = tokio::task::spawn_blocking(move || digests(&beside, &wanted)).await.map_err(AppError::internal)??;
        let place = PlanId::make().to_string();
        let digest = spec.digest(&digests);
        let number = next_number(&reading);
        let making = Making {
            spec,
            driver: way.driver,
            project: &way.project,
            name: &way.name,
            number: &number,
            plan: &place,
            digest: &digest,
            rebuild: order.rebuild,
        };
        let (input, secrets) = session.environment_of(spec, &own).await?;
        let given = making.given();
        let bundle = tokio::task::spawn_blocking(move || bundle(&given, &folder)).await.map_err(AppError::internal)??;
        let sent = session.send(&target, &place, &bundle.path().join(SENT), SENT).await?;
        drop(bundle);
        let warnings = session.unknown_stages(&file).into_iter().chain(lint(spec)).map(|finding| finding.message).collect();
        let planned = session
            .look_and_plan(self, &target, &name, &making, &sent, input, secrets, &order.only, declared.made(&digest), warnings)
            .await;
        match planned {
            Ok(Some(made)) => Ok(GuestOrdered::Plan(Box::new(made), sent)),
            other => {
                session.remove_sent(&target, std::slice::from_ref(&place)).await?;
                other.map(|_| GuestOrdered::Same)
            }
        }
    }
}

/// Refuses a name that is too long for its driver: while a root of Incus or LXD is made, more stands behind it.
fn can_be_called(way: &GuestWay) -> Result<(), AppError> {
    let most = if way.driver == GuestDriver::Lxc { 63 } else { 63 - "-beffroi-new".len() };
    // Of Proxmox that is the number of one that is there.
    let is_number = way.driver == GuestDriver::Proxmox && way.name.bytes().all(|byte| byte.is_ascii_digit());
    if way.name.len() <= most && !is_number {
        return Ok(());
    }
    let why = Box::new(ChangeRefusal::NotAName { name: way.name.clone() });
    Err(GuestError::Refused { guest: way.name.clone(), why }.into())
}

/// Refuses a guest while one that it needs does not run, by its name on the same host.
fn needed(reading: &Reading, host: &HostName, name: &HostName, spec: &Spec) -> Result<(), AppError> {
    let runs = |other: &str| {
        let way = super::adopt::way_to(reading, host, other).ok();
        way.and_then(|way| reading.guest(way.driver, &way.project, &way.name)).is_some_and(|guest| guest.state == GuestState::Running)
    };
    match spec.needs.iter().find(|other| !runs(other)) {
        Some(other) => Err(SpecError::Needs { guest: name.to_string(), other: format!("{host}/{other}") }.into()),
        None => Ok(()),
    }
}

/// Refuses a new guest that its host has no room for.
fn fits(reading: &Reading, name: &HostName, spec: &Spec) -> Result<(), AppError> {
    let want = Want {
        memory_bytes: spec.limits.memory.unwrap_or(0),
        cpu_thousandths: spec.limits.cpus.unwrap_or(0),
        disk_bytes: spec.limits.disk.unwrap_or(0),
        pool: String::new(),
    };
    match reading.capacity.shortages(&want).into_iter().next() {
        Some(short) => Err(GuestError::Refused { guest: name.to_string(), why: Box::new(ChangeRefusal::Short(short)) }.into()),
        None => Ok(()),
    }
}

/// The way to a guest that is there, or the one that it will have.
fn way_of(reading: &Reading, host: &HostName, called: &str, driver: Option<GuestDriver>) -> Result<GuestWay, AppError> {
    match super::adopt::way_to(reading, host, called) {
        Ok(way) if driver.is_none_or(|driver| driver == way.driver) => return Ok(way),
        Err(error) if !matches!(error, AppError::Guest(GuestError::NotThere { .. })) => return Err(error),
        _ => {}
    }
    // What Proxmox's containers are made of is on its machines too: that one is meant only when it is named.
    let proxmox = driver.is_none() && reading.driver(GuestDriver::Proxmox).is_some();
    let meant = |there: &&Driver| driver.map_or(!proxmox || there.driver != GuestDriver::Lxc, |driver| driver == there.driver);
    let could: Vec<&Driver> = reading.drivers.iter().filter(meant).collect();
    match could[..] {
        [one] => Ok(GuestWay { driver: one.driver, project: String::new(), name: called.to_owned() }),
        _ => {
            let has = could.iter().map(|driver| driver.driver.name().to_owned()).collect();
            Err(SpecError::Driver { host: host.to_string(), has }.into())
        }
    }
}

/// A file beside a specification, which may be a link to another one beside it.
fn source(folder: &Path, path: &str) -> Result<std::fs::File, SpecError> {
    let wrong = |reason: String| SpecError::Source { path: path.to_owned(), reason };
    let folder = folder.canonicalize().map_err(|error| wrong(error.to_string()))?;
    let found = folder.join(path).canonicalize().map_err(|error| wrong(error.to_string()))?;
    if !found.starts_with(&folder) {
        return Err(wrong("it leads out of the folder of the specification".to_owned()));
    }
    let file = std::fs::File::open(&found).map_err(|error| wrong(error.to_string()))?;
    let about = file.metadata().map_err(|error| wrong(error.to_string()))?;
    match about.len() {
        _ if !about.is_file() => Err(wrong("it is no file".to_owned())),
        length if length > MOST_SOURCE => Err(wrong("it has more than 512 MiB".to_owned())),
        _ => Ok(file),
    }
}

fn digests(folder: &Path, sources: &[String]) -> Result<BTreeMap<String, [u8; 32]>, AppError> {
    let (mut digests, mut total) = (BTreeMap::new(), 0);
    for path in sources {
        let mut file = source(folder, path)?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            let read = file.read(&mut piece).map_err(|error| SpecError::Source { path: path.clone(), reason: error.to_string() })?;
            total += read as u64;
            hash.update(piece.get(..read).unwrap_or_default());
            if read == 0 {
                break;
            }
        }
        if total > MOST_SOURCES {
            return Err(SpecError::Source { path: path.clone(), reason: "all files together have more than 2 GiB".to_owned() }.into());
        }
        digests.insert(path.clone(), hash.finalize().into());
    }
    Ok(digests)
}

/// Everything that the host is given, in a folder of this machine.
fn bundle(given: &BTreeMap<String, Given>, folder: &Path) -> Result<tempfile::TempDir, AppError> {
    let bundle = tempfile::tempdir().map_err(AppError::internal)?;
    let root = bundle.path().join(SENT);
    for folder in ["content", "local"] {
        std::fs::create_dir_all(root.join(folder)).map_err(AppError::internal)?;
    }
    for (name, given) in given {
        let to = root.join(name);
        match given {
            Given::Text(text) => std::fs::write(&to, text).map_err(AppError::internal)?,
            Given::Source(path) => {
                let mut from = source(folder, path)?;
                let mut into = std::fs::File::create(&to).map_err(AppError::internal)?;
                std::io::copy(&mut from, &mut into).map_err(AppError::internal)?;
            }
        }
    }
    Ok(bundle)
}

impl Session {
    /// Stages for which a specification says something, and which the vault does not have: a slip of the pen, mostly, by which a stage
    /// would be given what was not meant for it.
    fn unknown_stages(&self, file: &SpecFile) -> Vec<Finding> {
        let is_unknown = |name: &&str| name.parse().map_or(true, |name| matches!(self.stage(&name), Err(AppError::StageNotFound { .. })));
        let say = |name: &str| Finding { rule: "stage", message: Message::new("lint.stage").with("stage", name) };
        file.stages().filter(is_unknown).map(say).collect()
    }

    /// The file of a service's environment, and the secrets in it.
    async fn environment_of(self: &Arc<Self>, spec: &Spec, target: &TargetRecord) -> Result<(SecretBytes, Vec<SecretBytes>), AppError> {
        let names: Vec<String> = spec.secrets().into_iter().map(str::to_owned).collect();
        let (stage, host) = (target.stage.clone(), target.name.to_string());
        let values = self
            .blocking(move |session| {
                let value = |name: String| -> Result<(String, SecretText), AppError> {
                    let row = session.secret_named(&name)?;
                    let (value, _) = session.secret_of(row.id, &stage, &host)?;
                    // Into the file that the guest is given, by way of the job's sealed input.
                    let text = String::from_utf8(value.expose().clone());
                    let text = text.map_err(|_| AppError::InvalidRequest { what: "a secret of an environment is text" })?;
                    Ok((name, SecretText::new(text)))
                };
                names.into_iter().map(value).collect::<Result<BTreeMap<_, _>, _>>()
            })
            .await?;
        let text = environment(spec, |name| values.get(name).map(|value| value.expose().as_str()));
        let text = text.map_err(|name| AppError::SecretNotFound { name: name.to_owned() })?;
        let secrets = values.values().map(|value| SecretBytes::new(value.expose().as_bytes().to_vec())).collect();
        Ok((SecretBytes::new(text.into_bytes()), secrets))
    }

    /// Looks at what is there and makes the plan of what is not as it is to be; nothing where all is.
    #[expect(clippy::too_many_arguments, reason = "one making, in two parts")]
    async fn look_and_plan(
        self: &Arc<Self>,
        app: &App,
        target: &TargetRecord,
        name: &HostName,
        making: &Making<'_>,
        sent: &str,
        input: SecretBytes,
        secrets: Vec<SecretBytes>,
        only: &[Part],
        declared: DeclaredGuest,
        warnings: Vec<Message>,
    ) -> Result<Option<MadePlan>, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let make = quote(&format!("{sent}/make"));
        let request = RunRequest { stdin: Some(input.duplicate()), ..RunRequest::new(CommandLine::shell(format!("sh {make} look"))) };
        let said = in_place(remote.run(request.with_limits(Limits { time: LOOK_TIME, most_bytes: 1 << 20 })).await?)?;
        let seen = Look::read(&said).ok_or_else(|| SpecError::Said { said: clean(&said) })?;
        let guest = name.to_string();
        if seen.is_foreign() {
            return Err(SpecError::Foreign { guest }.into());
        }
        if making.rebuild && seen.is_absent() {
            return Err(SpecError::NotMade { guest }.into());
        }
        if !seen.is_same("image") {
            return Err(SpecError::NoImage { host: target.name.to_string(), image: making.spec.image.name.clone() }.into());
        }
        if making.rebuild {
            let request = RunRequest::new(CommandLine::shell(format!("sh {make} strays")));
            let output = remote.run(request.with_limits(Limits { time: LOOK_TIME, most_bytes: 1 << 20 })).await?;
            if output.exit == Exit::Status(STRAYS) {
                let paths = String::from_utf8_lossy(&output.stderr).lines().skip(1).take(200).map(clean).collect();
                return Err(SpecError::Strays { guest, paths }.into());
            }
        } else if seen.has_other_root() {
            return Err(SpecError::OtherImage { guest }.into());
        }
        if !making.rebuild && only.is_empty() && seen.is_all_same() {
            return Ok(None);
        }
        let key = if making.rebuild { "title.guest-rebuild" } else { "title.guest-create" };
        let work = GuestWork {
            title: Message::new(key).with("guest", &guest).with("image", &making.spec.image.name),
            kind: if making.rebuild { "rebuild" } else { "create" },
            steps: making.steps(&guest, sent, &seen, only),
            input: Some(input),
            secrets,
            warnings,
            confirm: self.stage_wants_typed(name.as_str()).await?.then_some(guest),
            sent: crate::sent::place_of(sent).map(str::to_owned).into_iter().collect(),
        };
        let title = work.title.clone();
        let order = Order::new(target.clone(), Arc::new(Action::Guest(Box::new(work))));
        let mut order = order.settling(Settlement::Declared { guest: Box::new(declared) });
        if making.rebuild && making.driver == GuestDriver::Proxmox {
            order = order.settling(Settlement::Guest { fate: GuestFate::renumbered(making.name, making.number) });
        }
        let mut made = app.plan_orders(self, title, vec![order]).await?;
        match made.refused.pop() {
            Some(refused) => Err(refused.error),
            None => Ok(Some(made)),
        }
    }
}

/// What a script of ours printed.
pub(super) fn in_place(output: beffroi_remote::Output) -> Result<String, AppError> {
    if output.exit.is_success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(GuestError::NotDone { said: clean(said.trim()) }.into())
}
