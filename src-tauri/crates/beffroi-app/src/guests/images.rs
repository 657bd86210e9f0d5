//! Images that guests are made from: told from files of this machine, sent to a host, kept there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{GuestDriver, HostId, Message, StepKind, TargetRecord, Undo};
use beffroi_lxc::change::ChangeStep;
use beffroi_lxc::image::{ImageFile, NoImage, inspect, together};
use beffroi_remote::{CommandLine, CopyOptions, Remote, RunRequest, quote};
use beffroi_store::Writer;
use beffroi_store::table::ledger::LedgerRow;
use sha2::{Digest, Sha256};

use super::change::GuestWork;
use super::make::in_place;
use crate::connect::Rights;
use crate::jobs::Settlement;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::{Action, App, AppError, SpecError, now_ms};

pub(super) const SCRIPT: &str = include_str!("../../../../../assets/remote/guest-image.sh");
/// What is sent is called so in its place.
pub(super) const SENT: &str = "image";
/// In the ledger.
const IMAGE: &str = "image";
/// The longest name of an image.
const MOST_NAME: usize = 100;

/// What is to be taken in.
#[derive(Debug, Clone, Default)]
pub struct ImageOrder {
    /// The host.
    pub host: String,
    /// The files: one, or a root file system and what describes it.
    pub files: Vec<PathBuf>,
    /// What it is called there; the file's name without its endings when absent.
    pub name: Option<String>,
    /// The SHA-256 that the file with the root must have, hexadecimal.
    pub sha256: Option<String>,
    /// By which driver, where the host has several.
    pub driver: Option<GuestDriver>,
    /// What was typed, where the stage asks for a name.
    pub typed: Option<String>,
}

/// What came of an order.
#[derive(Debug)]
pub enum ImageOrdered {
    /// The very image is there by this name.
    Same {
        /// The name.
        name: String,
        /// SHA-256 of the file with the root, hexadecimal.
        sha256: String,
    },
    /// What would be done, and what was sent for it, by its path on the host.
    Plan {
        /// The plan.
        plan: Box<MadePlan>,
        /// The path.
        sent: String,
        /// The name.
        name: String,
        /// SHA-256 of the file with the root, hexadecimal.
        sha256: String,
        /// Bytes that were there already and were not sent.
        unchanged: u64,
    },
}

/// An image that a host keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptImage {
    /// Who makes guests from it.
    pub driver: GuestDriver,
    /// Its project (Incus, LXD); empty for the default one.
    pub project: String,
    /// Its name.
    pub name: String,
    /// What tells it apart: the SHA-256 of its root's file (classic LXC), the fingerprint (Incus, LXD), the volume (Proxmox).
    pub id: String,
    /// Its bytes, where that is known.
    pub bytes: Option<u64>,
}

/// Files of an image, looked at.
struct Local {
    root: (PathBuf, ImageFile),
    about: Option<PathBuf>,
    sha256: String,
    /// Of what describes the root; empty where nothing does.
    about_sha256: String,
}

impl Local {
    /// The place that it is sent to: another one for whatever differs.
    fn place(&self, driver: GuestDriver, name: &str) -> String {
        let told = format!("{} {name} {} {}", driver.name(), self.sha256, self.about_sha256);
        format!("image-{}", crate::hex(&Sha256::digest(told).into()).get(..32).unwrap_or_default())
    }
}

impl App {
    /// The images of a host, by driver and name.
    ///
    /// # Errors
    /// Those of the host.
    pub async fn guest_images(&self, host: &str) -> Result<Vec<KeptImage>, AppError> {
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let reading = session.read_guests(&target).await?;
        let of_drivers = reading.images.into_iter().map(|image| KeptImage {
            driver: image.driver,
            project: image.project,
            name: image.aliases.into_iter().next().unwrap_or(image.description),
            id: image.id,
            bytes: image.size_bytes,
        });
        let mut images: Vec<KeptImage> = of_drivers.filter(|image| image.driver != GuestDriver::Lxc).collect();
        images.extend(session.kept_images(&target).await?);
        images.sort_by(|one, other| (one.driver.name(), &one.name).cmp(&(other.driver.name(), &other.name)));
        Ok(images)
    }

    /// The plan that takes files of this machine in as an image of a host. They are sent to a place of their own there, as far as
    /// they differ from the image of that name; nothing else is changed.
    ///
    /// # Errors
    /// [`SpecError::Image`], [`SpecError::Digest`], [`SpecError::Driver`]; those of the stage and of the host.
    pub async fn plan_image(&self, order: &ImageOrder) -> Result<ImageOrdered, AppError> {
        let session = self.session()?;
        let target = session.authentic_host(&order.host).await?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let (files, wanted) = (order.files.clone(), order.sha256.clone());
        let local = tokio::task::spawn_blocking(move || look(&files, wanted.as_deref())).await.map_err(AppError::internal)??;
        let name = match &order.name {
            Some(name) => name.clone(),
            None => name_of(&local.root.0),
        };
        refuse_name(&name)?;
        let driver = session.driver_for(&target, order.driver).await?;
        let sha256 = local.sha256.clone();
        let there = if driver == GuestDriver::Lxc { session.kept_images(&target).await? } else { Vec::new() };
        if there.iter().any(|image| image.name == name && image.id == sha256) {
            return Ok(ImageOrdered::Same { name, sha256 });
        }
        let renamed = there
            .iter()
            .find(|image| image.id == sha256)
            .map(|image| Message::new("warning.guest-image-renamed").with("name", &image.name).with("to", &name));
        let before = there.into_iter().find(|image| image.name == name).map(|image| image.id);
        // The same each time, so that what was cut is gone on with.
        let place = local.place(driver, &name);
        let (sent, unchanged) = session.send_image(&target, &place, &local, &name, driver, before.as_deref()).await?;
        let about = |key| Message::new(key).with("name", &name).with("sha256", &sha256).with("bytes", local.root.1.bytes);
        let work = GuestWork {
            title: about("title.guest-image-import").with("driver", driver.name()),
            kind: "image-import",
            steps: kept(&sent, "step.guest-image-keep", driver, about),
            input: None,
            secrets: Vec::new(),
            warnings: renamed.into_iter().collect(),
            confirm: None,
            sent: vec![place],
        };
        let plan = Box::new(self.plan_one(&session, target, work, Settlement::kept_image(driver, &name)).await?);
        Ok(ImageOrdered::Plan { plan, sent, name, sha256, unchanged })
    }

    /// The plan that removes an image of one driver from a host. Guests that were made from it stay.
    ///
    /// # Errors
    /// [`SpecError::NoImage`], [`SpecError::Driver`] where several drivers have one of this name; those of the host.
    pub async fn plan_image_removal(&self, host: &str, name: &str, driver: Option<GuestDriver>) -> Result<MadePlan, AppError> {
        let image = self.one_image(host, name, driver).await?;
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let about = |key| Message::new(key).with("name", name).with("driver", image.driver.name()).with("id", &image.id);
        let words: String = [image.driver.name(), name, &image.id, &image.project].map(|word| format!(" {}", quote(word))).concat();
        let step = ChangeStep {
            kind: StepKind::Change,
            what: about("title.guest-image-remove"),
            shell: format!("sh -c {} beffroi-image remove{words}", quote(SCRIPT)),
            commands: vec![format!("beffroi-image remove{words}")],
            check: Message::new("check.exit"),
            undo: Undo::Not(about("undo.guest-image-remove")),
        };
        let work = GuestWork {
            title: about("title.guest-image-remove"),
            kind: "image-remove",
            steps: vec![step],
            input: None,
            secrets: Vec::new(),
            warnings: Vec::new(),
            confirm: None,
            sent: Vec::new(),
        };
        self.plan_one(&session, target, work, Settlement::removed_image(image.driver, name)).await
    }

    /// The image of a host that a name means.
    pub(super) async fn one_image(&self, host: &str, name: &str, driver: Option<GuestDriver>) -> Result<KeptImage, AppError> {
        let there = self.guest_images(host).await?;
        let is_meant = |image: &KeptImage| image.name == name && driver.is_none_or(|driver| driver == image.driver);
        let mut found: Vec<KeptImage> = there.into_iter().filter(is_meant).collect();
        match found.pop() {
            Some(image) if found.is_empty() && is_name(name) => Ok(image),
            Some(image) if found.iter().any(|other| other.driver != image.driver) => {
                let has = found.iter().chain([&image]).map(|image| image.driver.name().to_owned()).collect();
                Err(SpecError::Driver { host: host.to_owned(), has }.into())
            }
            // Two of one driver have no name of their own.
            _ => Err(SpecError::NoImage { host: host.to_owned(), image: name.to_owned() }.into()),
        }
    }

    pub(super) async fn plan_one(
        &self,
        session: &Arc<Session>,
        target: TargetRecord,
        work: GuestWork,
        settlement: Option<Settlement>,
    ) -> Result<MadePlan, AppError> {
        let title = work.title.clone();
        let mut order = Order::new(target, Arc::new(Action::Guest(Box::new(work))));
        if let Some(settlement) = settlement {
            order = order.settling(settlement);
        }
        let mut made = self.plan_orders(session, title, vec![order]).await?;
        match made.refused.pop() {
            Some(refused) => Err(refused.error),
            None => Ok(made),
        }
    }
}

impl Settlement {
    /// What the ledger knows of an image that was kept: those of classic LXC lie in a folder of this program's own.
    pub(super) fn kept_image(driver: GuestDriver, name: &str) -> Option<Self> {
        (driver == GuestDriver::Lxc).then(|| Self::Image { name: name.to_owned(), there: true })
    }

    /// The same of one that was removed.
    fn removed_image(driver: GuestDriver, name: &str) -> Option<Self> {
        (driver == GuestDriver::Lxc).then(|| Self::Image { name: name.to_owned(), there: false })
    }
}

/// Notes in the ledger that an image lies on a host, or does no more.
pub(crate) fn settle_image(writer: &Writer<'_>, host: HostId, name: String, there: bool) -> Result<(), AppError> {
    let row = LedgerRow { kind: IMAGE.to_owned(), what: name };
    let noted = if there { writer.note_left(host, &row, now_ms()) } else { writer.note_removed(host, &row, now_ms()) };
    Ok(noted?)
}

/// The steps that keep what lies in a place, and look whether it is there.
pub(super) fn kept(sent: &str, key: &'static str, driver: GuestDriver, about: impl Fn(&'static str) -> Message) -> Vec<ChangeStep> {
    let keep = quote(&format!("{sent}/keep")).to_string();
    let about = |key| about(key).with("driver", driver.name());
    vec![
        step(StepKind::Change, about(key), format!("sh {keep} keep"), Undo::By(about("undo.guest-image-keep"))),
        step(StepKind::Read, about("step.read-back"), format!("sh {keep} check"), Undo::NothingToUndo),
    ]
}

/// A step of an image: one command, judged by its exit status.
pub(super) fn step(kind: StepKind, what: Message, shell: String, undo: Undo) -> ChangeStep {
    ChangeStep { kind, what, commands: vec![shell.clone()], shell, check: Message::new("check.exit"), undo }
}

/// Refuses what an image cannot be called.
pub(super) fn refuse_name(name: &str) -> Result<(), AppError> {
    let what = "an image is called by letters, digits, '.', '_' and '-', a letter or digit first";
    if is_name(name) { Ok(()) } else { Err(AppError::InvalidRequest { what }) }
}

fn is_name(name: &str) -> bool {
    let follows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=MOST_NAME).contains(&name.len()) && name.chars().all(follows) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// A file's name without what says how it is packed.
fn name_of(path: &Path) -> String {
    let mut name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    while let Some(shorter) =
        [".gz", ".tgz", ".xz", ".zst", ".bz2", ".tar", ".squashfs"].iter().find_map(|ending| name.strip_suffix(ending))
    {
        name = shorter;
    }
    name.to_owned()
}

/// Looks at files of this machine, all of each.
fn look(files: &[PathBuf], wanted: Option<&str>) -> Result<Local, AppError> {
    let told = |path: &Path, why| AppError::from(SpecError::Image { path: path.to_owned(), why });
    let seen: Vec<ImageFile> = files.iter().map(|path| inspect(path).map_err(|why| told(path, why))).collect::<Result<_, _>>()?;
    let first = files.first().cloned().unwrap_or_default();
    let (root, about) = together(&seen).map_err(|why| told(&first, why))?;
    let (Some(path), Some(file)) = (files.get(root), seen.get(root)) else { return Err(told(&first, NoImage::Together)) };
    let not_read = |error: std::io::Error| told(path, NoImage::NotRead { reason: error.to_string() });
    let digest = |path: &Path| -> Result<String, AppError> {
        let (mut hash, mut from) = (Sha256::new(), std::fs::File::open(path).map_err(not_read)?);
        std::io::copy(&mut from, &mut HashWriter(&mut hash)).map_err(not_read)?;
        Ok(crate::hex(&hash.finalize().into()))
    };
    let sha256 = digest(path)?;
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&sha256)) {
        return Err(SpecError::Digest { path: path.clone(), is: sha256 }.into());
    }
    let about = about.and_then(|about| files.get(about).cloned());
    let about_sha256 = about.as_deref().map(digest).transpose()?.unwrap_or_default();
    Ok(Local { root: (path.clone(), *file), about, sha256, about_sha256 })
}

/// What the host is told of an image, and the script that keeps it, into a folder of this machine.
pub(super) fn write_order(folder: &Path, driver: GuestDriver, values: &[(&str, &str)]) -> Result<(), AppError> {
    let client = if driver == GuestDriver::Incus { "incus" } else { "lxc" };
    let known = [("driver", driver.name()), ("client", client), ("project", ""), ("name", ""), ("sha256", ""), ("plan", "")];
    let spec: String = known.iter().chain(values).map(|(name, value)| format!("{name}={}\n", quote(value))).collect();
    std::fs::write(folder.join("spec"), spec).and_then(|()| std::fs::write(folder.join("keep"), SCRIPT)).map_err(AppError::internal)
}

pub(super) struct HashWriter<'a>(pub(super) &'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Session {
    /// Takes the images away that this catalog put into the folder of images of classic LXC. Those that a daemon or Proxmox keeps are
    /// theirs, as guests are.
    pub(crate) async fn remove_images(self: &Arc<Self>, target: &TargetRecord) -> Result<(), AppError> {
        let mut known = self.left_on(target.host).await?;
        known.retain(|row| row.kind == IMAGE);
        if known.is_empty() {
            return Ok(());
        }
        let there = self.kept_images(target).await?;
        let remote = self.connect_as(target, Rights::Most).await?;
        for row in known {
            for image in there.iter().filter(|image| image.name == row.what) {
                let words = ["sh", "-c", SCRIPT, "beffroi-image", "remove", "lxc", &image.name, &image.id];
                in_place(remote.run(RunRequest::new(CommandLine::new(words))).await?)?;
            }
            let host = target.host;
            self.blocking(move |session| session.write(|writer| Ok(writer.note_removed(host, &row, now_ms())?))).await?;
        }
        Ok(())
    }

    /// Images of classic LXC, which has none of its own.
    async fn kept_images(self: &Arc<Self>, target: &TargetRecord) -> Result<Vec<KeptImage>, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let command = CommandLine::new(["sh", "-c", SCRIPT, "beffroi-image", "list"]);
        let said = in_place(remote.run(RunRequest::new(command)).await?)?;
        let row = |line: &str| {
            let (id, rest) = line.split_once(' ')?;
            let (bytes, name) = rest.split_once(' ')?;
            let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            let project = String::new();
            let image =
                KeptImage { driver: GuestDriver::Lxc, project, name: name.to_owned(), id: id.to_owned(), bytes: bytes.parse().ok() };
            (is_id && is_name(name)).then_some(image)
        };
        Ok(said.lines().skip_while(|line| *line != "beffroi-image 1").skip(1).take(1000).filter_map(row).collect())
    }

    pub(super) async fn driver_for(self: &Arc<Self>, target: &TargetRecord, asked: Option<GuestDriver>) -> Result<GuestDriver, AppError> {
        let reading = self.read_guests(target).await?;
        // What Proxmox's containers are made of is on its machines too: that one is meant only when it is named.
        let asked = asked.or_else(|| reading.driver(GuestDriver::Proxmox).map(|there| there.driver));
        let could = reading.drivers.iter().map(|there| there.driver);
        let could: Vec<GuestDriver> = could.filter(|driver| asked.is_none_or(|asked| asked == *driver)).collect();
        match could[..] {
            [one] => Ok(one),
            _ => {
                let has = could.iter().map(|driver| driver.name().to_owned()).collect();
                Err(SpecError::Driver { host: target.name.to_string(), has }.into())
            }
        }
    }

    /// Sends an image and the script that keeps it; of the image what differs from the one before it. Gives the folder on the host
    /// and the bytes that were not sent.
    async fn send_image(
        self: &Arc<Self>,
        target: &TargetRecord,
        place: &str,
        local: &Local,
        name: &str,
        driver: GuestDriver,
        before: Option<&str>,
    ) -> Result<(String, u64), AppError> {
        let folder = tempfile::tempdir().map_err(AppError::internal)?;
        let root = folder.path().join(SENT);
        std::fs::create_dir(&root).map_err(AppError::internal)?;
        let values = [("name", name), ("sha256", &local.sha256), ("compression", local.root.1.packing.name())];
        write_order(&root, driver, &values)?;
        if let Some(about) = &local.about {
            std::fs::copy(about, root.join("metadata")).map_err(AppError::internal)?;
        }
        let sent = self.send(target, place, &root, SENT).await?;
        let remote = self.connect_as(target, Rights::Most).await?;
        let to = format!("{sent}/image");
        if let Some(before) = before {
            let old = format!("{}/{before}/image", beffroi_lxc::spec::make::STORE);
            let copy = format!("cp --reflink=auto {0} {1} 2>/dev/null || cp {0} {1} 2>/dev/null || true", quote(&old), quote(&to));
            in_place(remote.run(RunRequest::new(CommandLine::shell(copy))).await?)?;
        }
        let options = CopyOptions { resume: true, ..CopyOptions::default() };
        let copied = remote.put(&local.root.0, &to, &options, &mut |_| {}).await?;
        Ok((sent, copied.unchanged.saturating_add(copied.resumed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_called_as_its_file_is() {
        for (path, name) in [
            ("/a/alpine-minirootfs-3.22.1-x86_64.tar.gz", "alpine-minirootfs-3.22.1-x86_64"),
            ("rootfs.tar.xz", "rootfs"),
            ("debian-12-standard.tar.zst", "debian-12-standard"),
            ("x.tgz", "x"),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
            assert!(is_name(name));
        }
        assert!(!is_name("") && !is_name("-x") && !is_name("a b") && !is_name("../x"));
    }
}
