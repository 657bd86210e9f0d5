//! Images that guests are made from: told from files of this machine, sent to a host, kept there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{GuestDriver, Message, PlanId, StepKind, TargetRecord, Undo};
use beffroi_lxc::change::ChangeStep;
use beffroi_lxc::image::{ImageFile, NoImage, inspect, together};
use beffroi_lxc::spec::make::can_make;
use beffroi_remote::{CommandLine, CopyOptions, Remote, RunRequest, quote};
use sha2::{Digest, Sha256};

use super::change::GuestWork;
use super::make::in_place;
use crate::connect::Rights;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::{Action, App, AppError, SpecError};

const SCRIPT: &str = include_str!("../../../../../assets/remote/guest-image.sh");
/// What is sent is called so in its place.
const SENT: &str = "image";
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
        if !is_name(&name) {
            return Err(AppError::InvalidRequest {
                what: "an image is called by letters, digits, '.', '_' and '-', a letter or digit first",
            });
        }
        let driver = session.driver_for(&target, order.driver).await?;
        let sha256 = local.sha256.clone();
        let there = if driver == GuestDriver::Lxc { session.kept_images(&target).await? } else { Vec::new() };
        if there.iter().any(|image| image.name == name && image.id == sha256) {
            return Ok(ImageOrdered::Same { name, sha256 });
        }
        let before = there.into_iter().find(|image| image.name == name).map(|image| image.id);
        let place = PlanId::make().to_string();
        let (sent, unchanged) = session.send_image(&target, &place, &local, &name, driver, before.as_deref()).await?;
        let keep = quote(&format!("{sent}/keep"));
        let about = |key| Message::new(key).with("name", &name).with("sha256", &sha256).with("bytes", local.root.1.bytes);
        let step = |kind, key, shell: String, undo| ChangeStep {
            kind,
            what: about(key),
            commands: vec![shell.clone()],
            shell,
            check: Message::new("check.exit"),
            undo,
        };
        let work = GuestWork {
            title: about("title.guest-image-import"),
            kind: "image-import",
            steps: vec![
                step(StepKind::Change, "step.guest-image-keep", format!("sh {keep} keep"), Undo::By(about("undo.guest-image-keep"))),
                step(StepKind::Read, "step.read-back", format!("sh {keep} check"), Undo::NothingToUndo),
            ],
            input: None,
            secrets: Vec::new(),
            warnings: Vec::new(),
            confirm: None,
            sent: vec![place],
        };
        let plan = Box::new(self.plan_one(&session, target, work).await?);
        Ok(ImageOrdered::Plan { plan, sent, name, sha256, unchanged })
    }

    /// The plan that removes an image from a host. Guests that were made from it stay.
    ///
    /// # Errors
    /// [`SpecError::NoImage`]; those of the host.
    pub async fn plan_image_removal(&self, host: &str, name: &str) -> Result<MadePlan, AppError> {
        let there = self.guest_images(host).await?;
        if !is_name(name) || !there.iter().any(|image| image.name == name) {
            return Err(SpecError::NoImage { host: host.to_owned(), image: name.to_owned() }.into());
        }
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let about = |key| Message::new(key).with("name", name);
        let shell = format!("sh -c {} beffroi-image remove {}", quote(SCRIPT), quote(name));
        let step = ChangeStep {
            kind: StepKind::Change,
            what: about("title.guest-image-remove"),
            commands: vec![format!("beffroi-image remove {}", quote(name))],
            shell,
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
        self.plan_one(&session, target, work).await
    }

    async fn plan_one(&self, session: &Arc<Session>, target: TargetRecord, work: GuestWork) -> Result<MadePlan, AppError> {
        let title = work.title.clone();
        let order = Order::new(target, Arc::new(Action::Guest(Box::new(work))));
        let mut made = self.plan_orders(session, title, vec![order]).await?;
        match made.refused.pop() {
            Some(refused) => Err(refused.error),
            None => Ok(made),
        }
    }
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
    let (mut hash, mut from) = (Sha256::new(), std::fs::File::open(path).map_err(not_read)?);
    std::io::copy(&mut from, &mut HashWriter(&mut hash)).map_err(not_read)?;
    let sha256 = crate::hex(&hash.finalize().into());
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&sha256)) {
        return Err(SpecError::Digest { path: path.clone(), is: sha256 }.into());
    }
    Ok(Local { root: (path.clone(), *file), about: about.and_then(|about| files.get(about).cloned()), sha256 })
}

struct HashWriter<'a>(&'a mut Sha256);

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
    /// Images of classic LXC, which has none of its own.
    async fn kept_images(self: &Arc<Self>, target: &TargetRecord) -> Result<Vec<KeptImage>, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let command = CommandLine::new(["sh", "-c", SCRIPT, "beffroi-image", "list"]);
        let said = in_place(remote.run(RunRequest::new(command)).await?)?;
        let row = |line: &str| {
            let (id, rest) = line.split_once(' ')?;
            let (bytes, name) = rest.split_once(' ')?;
            let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            let image = KeptImage { driver: GuestDriver::Lxc, name: name.to_owned(), id: id.to_owned(), bytes: bytes.parse().ok() };
            (is_id && is_name(name)).then_some(image)
        };
        Ok(said.lines().skip_while(|line| *line != "beffroi-image 1").skip(1).take(1000).filter_map(row).collect())
    }

    async fn driver_for(self: &Arc<Self>, target: &TargetRecord, asked: Option<GuestDriver>) -> Result<GuestDriver, AppError> {
        let reading = self.read_guests(target).await?;
        let could = reading.drivers.iter().map(|there| there.driver).filter(|driver| can_make(*driver));
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
        let client = if driver == GuestDriver::Incus { "incus" } else { "lxc" };
        let values = [
            ("driver", driver.name()),
            ("client", client),
            ("project", ""),
            ("name", name),
            ("sha256", &local.sha256),
            ("compression", local.root.1.packing.name()),
        ];
        let spec: String = values.iter().map(|(name, value)| format!("{name}={}\n", quote(value))).collect();
        std::fs::write(root.join("spec"), spec).and_then(|()| std::fs::write(root.join("keep"), SCRIPT)).map_err(AppError::internal)?;
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
        let copied = remote.put(&local.root.0, &to, &CopyOptions::default(), &mut |_| {}).await?;
        Ok((sent, copied.unchanged))
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
