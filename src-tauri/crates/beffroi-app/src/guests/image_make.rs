//! Images that are made on a host: of one of its guests, or by debootstrap. And those that are brought from there to this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{GuestDriver, HostName, Message, PlanId, StepKind, TargetRecord, Undo};
use beffroi_lxc::change::ChangeRefusal;
use beffroi_lxc::{Capability, Guest, GuestKind, GuestState};
use beffroi_remote::{CommandLine, CopyOptions, Limits, Remote, RunRequest, Transfer, quote};
use sha2::{Digest, Sha256};

use super::change::GuestWork;
use super::images::{HashWriter, KeptImage, SENT, kept, refuse_name, step, write_order};
use super::make::in_place;
use crate::connect::Rights;
use crate::files::CopyOrder;
use crate::jobs::Settlement;
use crate::plans::MadePlan;
use crate::session::Session;
use crate::{App, AppError, GuestError, SpecError};

const SCRIPT: &str = concat!(
    include_str!("../../../../../assets/remote/guest-place.sh"),
    include_str!("../../../../../assets/remote/guest-daemon.sh"),
    include_str!("../../../../../assets/remote/guest-image-make.sh")
);
/// How long a daemon may take until it has given an image out.
const GIVE_TIME: Duration = Duration::from_secs(3600);
/// The most bytes of an image that is brought here.
const MOST_GIVEN: u64 = 64 << 30;
/// The most packages that are asked for.
const MOST_PACKAGES: usize = 500;
/// What brings a program that starts the others: one of them has to be in an image.
const INITS: [&str; 5] = ["systemd-sysv", "init", "sysvinit-core", "runit-init", "finit-sysv"];

/// An image of a guest.
#[derive(Debug, Clone, Default)]
pub struct GuestImageOrder {
    /// `HOST/GUEST`, which is stopped.
    pub guest: String,
    /// Or of this snapshot of it.
    pub snapshot: Option<String>,
    /// What the image is called.
    pub name: String,
    /// What was typed, where the stage asks for a name.
    pub typed: Option<String>,
}

/// An image of Debian, of packages that a mirror has.
#[derive(Debug, Clone, Default)]
pub struct ImageBuild {
    /// The host.
    pub host: String,
    /// What the image is called.
    pub name: String,
    /// The suite, such as `trixie`.
    pub suite: String,
    /// The mirror: `https://…`, `http://…`, or `file:///…` of the host.
    pub mirror: String,
    /// Packages besides the smallest system; an init is added where none is named.
    pub packages: Vec<String>,
    /// A file of keys on the host that the mirror's signature is held against; debootstrap's own where absent.
    pub keyring: Option<String>,
    /// Whether no signature is asked for.
    pub unsigned: bool,
    /// By which driver, where the host has several.
    pub driver: Option<GuestDriver>,
    /// What was typed, where the stage asks for a name.
    pub typed: Option<String>,
}

/// An image is brought to this machine.
#[derive(Debug, Clone, Default)]
pub struct ImageExport {
    /// The host.
    pub host: String,
    /// The image.
    pub name: String,
    /// Whose, where several drivers have one of this name.
    pub driver: Option<GuestDriver>,
    /// The file that it becomes; it must not be there.
    pub file: PathBuf,
    /// What listeners are told its progress under, and what it is cancelled by.
    pub copy: Option<String>,
}

/// An image that was brought to this machine.
#[derive(Debug, Clone)]
pub struct ExportedImage {
    /// The file with the root, and the one that describes it where there are two.
    pub files: Vec<PathBuf>,
    /// Bytes of both.
    pub bytes: u64,
    /// SHA-256 of the file with the root, hexadecimal.
    pub sha256: String,
}

impl App {
    /// The plan that makes an image of a guest, on its host and by its driver: of its root, without its volumes, logs and what is its
    /// own. Gives also what was sent for it, by its path on the host.
    ///
    /// # Errors
    /// [`ChangeRefusal::State`] of a guest that runs, [`ChangeRefusal::NoSnapshot`]; those of the stage and of the host.
    pub async fn plan_guest_image(&self, order: &GuestImageOrder) -> Result<(MadePlan, String), AppError> {
        let session = self.session()?;
        refuse_name(&order.name)?;
        let not_a_guest = || AppError::from(GuestError::NotAGuest { name: order.guest.clone() });
        let guest: HostName = order.guest.parse().map_err(|_| not_a_guest())?;
        let (host, _) = guest.guest().ok_or_else(not_a_guest)?;
        let target = session.host_of_guests(&host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let reading = session.read_guests(&target).await?;
        let found = session.guest_among(&guest, &reading).await?;
        refuse(&order.guest, found, order.snapshot.as_deref())?;
        let place = PlanId::make().to_string();
        let values = [
            ("name", order.name.as_str()),
            ("compression", "gzip"),
            ("plan", &place),
            ("project", &found.project),
            ("guest", &found.name),
            ("snapshot", order.snapshot.as_deref().unwrap_or_default()),
        ];
        let sent = session.send_making(&target, &place, found.driver, &values).await?;
        let about = |key| {
            let snapshot = order.snapshot.clone().unwrap_or_default();
            Message::new(key).with("name", &order.name).with("guest", &order.guest).with("snapshot", snapshot)
        };
        let is_daemon = matches!(found.driver, GuestDriver::Incus | GuestDriver::Lxd);
        let (verb, key) = if is_daemon { ("publish", "step.guest-image-publish") } else { ("pack", "step.guest-image-pack") };
        let undo = Undo::By(about("undo.guest-image-keep").with("driver", found.driver.name()));
        let mut steps = vec![step(StepKind::Change, about(key), format!("sh {} {verb}", quote(&format!("{sent}/make"))), undo)];
        steps.extend(kept(&sent, "step.guest-image-keep-made", found.driver, about));
        let mut warnings = vec![about("warning.guest-image-of-guest")];
        if is_daemon {
            warnings.push(about("warning.guest-image-logs"));
        }
        let title = about("title.guest-image-create");
        let work =
            GuestWork { title, kind: "image-create", steps, input: None, secrets: Vec::new(), warnings, confirm: None, sent: vec![place] };
        let settlement = Settlement::kept_image(found.driver, &order.name);
        Ok((self.plan_made(&session, target, settlement, work).await?, sent))
    }

    /// The plan that builds an image of Debian on a host by debootstrap, from a mirror that is named. Gives also what was sent for
    /// it, by its path on the host.
    ///
    /// # Errors
    /// [`AppError::InvalidRequest`] for a name, suite, mirror or package that cannot be one; those of the stage and of the host.
    pub async fn plan_image_build(&self, order: &ImageBuild) -> Result<(MadePlan, String), AppError> {
        let session = self.session()?;
        refuse_name(&order.name)?;
        refuse_build(order)?;
        let target = session.authentic_host(&order.host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let driver = session.driver_for(&target, order.driver).await?;
        let mut packages = order.packages.clone();
        if !packages.iter().any(|package| INITS.contains(&package.as_str())) {
            packages.push("systemd-sysv".to_owned());
        }
        let packages = packages.join(",");
        let place = PlanId::make().to_string();
        let values = [
            ("name", order.name.as_str()),
            ("compression", "gzip"),
            ("plan", &place),
            ("suite", &order.suite),
            ("mirror", &order.mirror),
            ("packages", &packages),
            ("keyring", order.keyring.as_deref().unwrap_or_default()),
            ("unsigned", if order.unsigned { "yes" } else { "no" }),
        ];
        let sent = session.send_making(&target, &place, driver, &values).await?;
        let about = |key| {
            let shown = packages.replace(',', ", ");
            let message = Message::new(key).with("name", &order.name).with("suite", &order.suite).with("mirror", &order.mirror);
            message.with("packages", shown)
        };
        let undo = Undo::By(about("undo.guest-image-keep").with("driver", driver.name()));
        let build = format!("sh {} build", quote(&format!("{sent}/make")));
        let mut steps = vec![step(StepKind::Change, about("step.guest-image-build"), build, undo)];
        steps.extend(kept(&sent, "step.guest-image-keep-made", driver, about));
        let warnings = order.unsigned.then(|| about("warning.guest-image-unsigned")).into_iter().collect();
        let title = about("title.guest-image-build");
        let work =
            GuestWork { title, kind: "image-build", steps, input: None, secrets: Vec::new(), warnings, confirm: None, sent: vec![place] };
        let settlement = Settlement::kept_image(driver, &order.name);
        Ok((self.plan_made(&session, target, settlement, work).await?, sent))
    }

    /// Brings an image of a host to this machine, whole: one file, or two where Incus or LXD have it in two.
    ///
    /// # Errors
    /// [`SpecError::NoImage`], [`SpecError::Digest`], [`AppError::LocalFile`] where the file is there; those of the host and of a copy.
    pub async fn export_image(&self, order: &ImageExport, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<ExportedImage, AppError> {
        let session = self.session()?;
        let image = self.one_image(&order.host, &order.name, order.driver).await?;
        let target = session.authentic_host(&order.host).await?;
        let about = about_file(&order.file);
        for file in [&order.file, &about] {
            if file.symlink_metadata().is_ok() {
                return Err(AppError::LocalFile { path: file.clone(), reason: "it is there already".to_owned() });
            }
        }
        let mut place = None;
        let remote_files = match image.driver {
            GuestDriver::Lxc => Ok(vec![(format!("{}/{}/image", beffroi_lxc::spec::make::STORE, image.id), order.file.clone())]),
            GuestDriver::Proxmox => session.template_file(&target, &image.id).await.map(|path| vec![(path, order.file.clone())]),
            GuestDriver::Incus | GuestDriver::Lxd => {
                let made = place.insert(PlanId::make().to_string());
                session.given_files(&target, made, &image, &order.file, about).await
            }
        };
        let brought = match remote_files {
            Ok(files) => self.bring(&order.host, files, order.copy.as_deref(), progress).await,
            Err(error) => Err(error),
        };
        if let Some(place) = place {
            session.remove_sent(&target, &[place]).await?;
        }
        let exported = brought?;
        if image.driver == GuestDriver::Lxc && exported.sha256 != image.id {
            return Err(SpecError::Digest { path: order.file.clone(), is: exported.sha256 }.into());
        }
        Ok(exported)
    }

    async fn bring(
        &self,
        host: &str,
        files: Vec<(String, PathBuf)>,
        name: Option<&str>,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<ExportedImage, AppError> {
        let mut exported = ExportedImage { files: Vec::new(), bytes: 0, sha256: String::new() };
        for (from, to) in files {
            let order = CopyOrder {
                host: host.to_owned(),
                remote: from,
                options: CopyOptions::default(),
                root: true,
                typed: None,
                name: name.map(str::to_owned),
            };
            self.get(&to, &order, progress).await?;
            let path = to.clone();
            let (bytes, sha256) = tokio::task::spawn_blocking(move || digest(&path)).await.map_err(AppError::internal)??;
            exported.bytes += bytes;
            if exported.files.is_empty() {
                exported.sha256 = sha256;
            }
            exported.files.push(to);
        }
        Ok(exported)
    }

    async fn plan_made(
        &self,
        session: &Arc<Session>,
        target: TargetRecord,
        settlement: Option<Settlement>,
        work: GuestWork,
    ) -> Result<MadePlan, AppError> {
        let place = work.sent.clone();
        let made = self.plan_one(session, target.clone(), work, settlement).await;
        if made.is_err() {
            session.remove_sent(&target, &place).await?;
        }
        made
    }
}

/// Refuses an image of a guest that writes into its root.
fn refuse(name: &str, guest: &Guest, snapshot: Option<&str>) -> Result<(), AppError> {
    let refused = |why| Err(GuestError::Refused { guest: name.to_owned(), why: Box::new(why) }.into());
    // What is to be left out of an image, no daemon sees of a disk.
    if guest.kind == GuestKind::Vm {
        return refused(ChangeRefusal::Cannot { driver: guest.driver, what: Capability::VirtualMachines });
    }
    match snapshot {
        Some(_) if guest.driver == GuestDriver::Proxmox => {
            Err(AppError::InvalidRequest { what: "an image of a guest of Proxmox is made of the stopped guest, not of a snapshot" })
        }
        Some(wanted) if !guest.snapshots.iter().any(|snapshot| snapshot.name == wanted) => {
            let has = guest.snapshots.iter().map(|snapshot| snapshot.name.clone()).collect();
            refused(ChangeRefusal::NoSnapshot { name: wanted.to_owned(), has })
        }
        None if guest.state != GuestState::Stopped => refused(ChangeRefusal::State { state: guest.state, wanted: GuestState::Stopped }),
        _ => Ok(()),
    }
}

/// Refuses what debootstrap would take for something else.
fn refuse_build(order: &ImageBuild) -> Result<(), AppError> {
    let is = |text: &str, more: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
    };
    let address = ["https://", "http://", "file:///"].iter().find_map(|scheme| order.mirror.strip_prefix(scheme));
    // Neither a login, which would stand in an argument, nor what leads elsewhere.
    let is_address = |rest: &str| {
        rest.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/:[]+%".contains(c)) && !rest.split('/').any(|part| part == "..")
    };
    let what = if !is(&order.suite, "-.") || order.suite.len() > 50 {
        "a suite is a word such as trixie"
    } else if !address.is_some_and(|rest| rest.len() < 1000 && is_address(rest)) {
        "a mirror is https://…, http://… or file:///… of the host, without a login"
    } else if order.packages.len() > MOST_PACKAGES || !order.packages.iter().all(|name| (2..=100).contains(&name.len()) && is(name, "+.-"))
    {
        "a package is named as Debian names it, and 500 are asked for at most"
    } else if order.keyring.as_ref().is_some_and(|path| !path.starts_with('/') || path.chars().any(char::is_control)) {
        "a keyring is a file of the host, by its whole path"
    } else if order.unsigned && order.keyring.is_some() {
        "either a keyring, or no look at the signature"
    } else {
        return Ok(());
    };
    Err(AppError::InvalidRequest { what })
}

/// Beside the file with a root, what describes it.
fn about_file(root: &Path) -> PathBuf {
    let mut name = root.as_os_str().to_owned();
    name.push(".metadata");
    PathBuf::from(name)
}

fn digest(path: &Path) -> Result<(u64, String), AppError> {
    let not_read = |error: std::io::Error| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() };
    let (mut hash, mut from) = (Sha256::new(), std::fs::File::open(path).map_err(not_read)?);
    let bytes = std::io::copy(&mut from, &mut HashWriter(&mut hash)).map_err(not_read)?;
    Ok((bytes, crate::hex(&hash.finalize().into())))
}

impl Session {
    /// Sends what an image is made with into a place of its own. Gives the folder there.
    async fn send_making(
        self: &Arc<Self>,
        target: &TargetRecord,
        place: &str,
        driver: GuestDriver,
        values: &[(&str, &str)],
    ) -> Result<String, AppError> {
        let folder = tempfile::tempdir().map_err(AppError::internal)?;
        let root = folder.path().join(SENT);
        std::fs::create_dir(&root).map_err(AppError::internal)?;
        write_order(&root, driver, values)?;
        std::fs::write(root.join("make"), SCRIPT).map_err(AppError::internal)?;
        self.send(target, place, &root, SENT).await
    }

    /// Has a daemon give an image out into a place: its files there, and what each becomes here.
    async fn given_files(
        self: &Arc<Self>,
        target: &TargetRecord,
        place: &str,
        image: &KeptImage,
        file: &Path,
        about: PathBuf,
    ) -> Result<Vec<(String, PathBuf)>, AppError> {
        let values = [("name", image.name.as_str()), ("id", &image.id), ("project", &image.project), ("compression", "none")];
        let sent = self.send_making(target, place, image.driver, &values).await?;
        let remote = self.connect_as(target, Rights::Most).await?;
        let command = CommandLine::shell(format!("sh {} give", quote(&format!("{sent}/keep"))));
        let limits = Limits { time: GIVE_TIME, most_bytes: 1 << 20 };
        let said = in_place(remote.run(RunRequest::new(command).with_limits(limits)).await?)?;
        let (mut files, mut bytes) = (Vec::new(), 0_u64);
        for line in said.lines().skip_while(|line| *line != "beffroi-image 1").skip(1).take(2) {
            let (size, to) = match line.split_once(' ') {
                Some((size, "root")) => (size, file.to_owned()),
                Some((size, "metadata")) => (size, about.clone()),
                _ => continue,
            };
            bytes = bytes.saturating_add(size.parse().unwrap_or(u64::MAX));
            files.push((format!("{sent}/given/{}", if to == file { "root" } else { "metadata" }), to));
        }
        match files.first() {
            Some((_, root)) if root == file && bytes <= MOST_GIVEN => Ok(files),
            Some((_, root)) if root == file => Err(AppError::InvalidRequest { what: "an image that is brought has at most 64 GiB" }),
            _ => Err(SpecError::NoImage { host: target.name.to_string(), image: image.name.clone() }.into()),
        }
    }

    /// Where a template of Proxmox lies.
    async fn template_file(self: &Arc<Self>, target: &TargetRecord, volume: &str) -> Result<String, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let said = in_place(remote.run(RunRequest::new(CommandLine::new(["pvesm", "path", volume]))).await?)?;
        let path = said.lines().next().unwrap_or_default().trim();
        let is_path = path.starts_with('/') && path.contains("/template/cache/");
        if is_path { Ok(path.to_owned()) } else { Err(SpecError::Said { said: beffroi_remote::clean(&said) }.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_debootstrap_would_take_for_something_else_is_refused() {
        let order = |suite: &str, mirror: &str, packages: &[&str]| ImageBuild {
            suite: suite.to_owned(),
            mirror: mirror.to_owned(),
            packages: packages.iter().map(|name| (*name).to_owned()).collect(),
            ..ImageBuild::default()
        };
        for (suite, mirror) in
            [("trixie", "file:///srv/mirror"), ("bookworm-backports", "https://mirror.test:8443/debian/"), ("sid", "http://[::1]/debian")]
        {
            assert!(refuse_build(&order(suite, mirror, &["python3", "libstdc++6", "g++"])).is_ok(), "{suite} {mirror}");
        }
        for (suite, mirror, package) in [
            ("--foreign", "file:///srv", "nginx"),
            ("a/b", "file:///srv", "nginx"),
            ("trixie", "/srv", "nginx"),
            ("trixie", "file://srv", "nginx"),
            ("trixie", "file:///srv/../etc", "nginx"),
            ("trixie", "https://me:word@mirror.test/", "nginx"),
            ("trixie", "file:///srv", "-x"),
            ("trixie", "file:///srv", "a,b"),
            ("trixie", "file:///srv", "x y"),
        ] {
            assert!(refuse_build(&order(suite, mirror, &[package])).is_err(), "{suite} {mirror} {package}");
        }
        let both = ImageBuild { keyring: Some("/k".to_owned()), unsigned: true, ..order("sid", "file:///srv", &[]) };
        assert!(refuse_build(&both).is_err());
    }

    #[test]
    fn only_a_root_that_nobody_writes_into_becomes_an_image() {
        let mut guest = Guest::new(GuestDriver::Lxc, "", "web");
        guest.state = GuestState::Running;
        assert!(refuse("h/web", &guest, None).is_err());
        assert!(refuse("h/web", &guest, Some("before")).is_err(), "no such snapshot");
        guest.snapshots.push(beffroi_lxc::Snapshot { name: "before".to_owned(), ..Default::default() });
        assert!(refuse("h/web", &guest, Some("before")).is_ok());
        guest.state = GuestState::Stopped;
        assert!(refuse("h/web", &guest, None).is_ok());
        guest.kind = GuestKind::Vm;
        assert!(refuse("h/web", &guest, None).is_err(), "a disk that nobody looks into");
    }
}
