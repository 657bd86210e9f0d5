//! Guests as they are declared: the specification that each was made from is kept, under the stage of the guest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{DocumentId, GuestDriver, HostId, HostName, StageName, TargetRecord};
use beffroi_lxc::Guest;
use beffroi_lxc::spec::{Spec, SpecFile};
use beffroi_store::Writer;
use serde::{Deserialize, Serialize};

use super::fate::GuestFate;
use super::make::GuestOrder;
use crate::documents::{Document, DocumentKind, Stored};
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, GuestError, SpecError, now_ms};

/// The longest specification that is kept, in bytes.
const MOST_TEXT: usize = 512 << 10;

/// A guest and the specification that is kept for it. It holds names of secrets and no value of one, but what somebody wrote there in
/// clear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeclaredGuest {
    /// Its host's id.
    host: String,
    /// Its name there.
    guest: String,
    /// Its stage.
    stage: String,
    /// Who drives it, by name; nothing where that is not decided.
    #[serde(default)]
    driver: Option<String>,
    /// The text of the specification.
    text: String,
    /// The folder of the machine that it came from, in which the files beside it are.
    folder: PathBuf,
    /// What is noted at a guest that was made from it; empty where none was.
    #[serde(default)]
    digest: String,
    /// When it was kept, in milliseconds since 1970.
    at_ms: u64,
}

impl Document for DeclaredGuest {
    const KIND: DocumentKind = DocumentKind::Guest;
}

/// The specification of a guest, as it is kept.
#[derive(Debug, Clone)]
pub struct KeptSpec {
    /// `HOST/GUEST`.
    pub guest: String,
    /// The stage that it is kept under.
    pub stage: String,
    /// Who drives it, where that is decided.
    pub driver: Option<GuestDriver>,
    /// Its text.
    pub text: String,
    /// The folder that it came from.
    pub folder: PathBuf,
    /// When it was kept, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What a declaration says of a guest of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The image that it names.
    pub image: String,
    /// When it was kept, in milliseconds since 1970.
    pub at_ms: u64,
    /// What is not as it says, in words of its own: `specification`, `memory`, `cpus`, `autostart`, `unprivileged`. Empty too where the
    /// guest is not there.
    pub drift: Vec<&'static str>,
}

impl DeclaredGuest {
    /// A declaration of now.
    pub(super) fn new(own: &TargetRecord, host: HostId, guest: &str, driver: Option<GuestDriver>, text: &str, folder: &Path) -> Self {
        Self {
            host: host.to_string(),
            guest: guest.to_owned(),
            stage: own.stage.to_string(),
            driver: driver.map(|driver| driver.name().to_owned()),
            text: text.to_owned(),
            folder: folder.to_owned(),
            digest: String::new(),
            at_ms: now_ms(),
        }
    }

    /// The same, of a guest that is made from it.
    pub(super) fn made(mut self, digest: &str) -> Self {
        digest.clone_into(&mut self.digest);
        self
    }

    fn is_of(&self, host: HostId, guest: &str) -> bool {
        self.host == host.to_string() && self.guest == guest
    }

    /// Its name there.
    pub(super) fn name(&self) -> &str {
        &self.guest
    }

    pub(super) fn stage(&self) -> &str {
        &self.stage
    }

    pub(super) fn is_on(&self, host: HostId) -> bool {
        self.host == host.to_string()
    }

    /// What it says of a guest that is there, or of none.
    pub(super) fn declaration(&self, guest: Option<&Guest>) -> Declaration {
        let file = SpecFile::parse(&self.text).ok();
        let spec = file.as_ref().map(|file| file.of_stage(&self.stage));
        let drift = guest.zip(spec).map(|(guest, spec)| drift(spec, &self.digest, guest)).unwrap_or_default();
        Declaration { image: spec.map(|spec| spec.image.name.clone()).unwrap_or_default(), at_ms: self.at_ms, drift }
    }
}

/// What of a guest is not as its specification says, as far as a reading of the host tells.
fn drift(spec: &Spec, digest: &str, guest: &Guest) -> Vec<&'static str> {
    let differs = |is: Option<u64>, wanted: Option<u64>| is != wanted;
    // What a limit is rounded to is not another limit.
    let memory = |bytes: Option<u64>| bytes.map(|bytes| bytes.div_ceil(1 << 20));
    let found = [
        ("specification", !digest.is_empty() && guest.mark.as_deref() != Some(digest)),
        ("memory", differs(memory(guest.memory_limit_bytes), memory(spec.limits.memory))),
        ("cpus", differs(guest.cpu_limit_thousandths, spec.limits.cpus)),
        ("autostart", guest.autostart.is_some_and(|is| is != spec.autostart)),
        ("unprivileged", guest.unprivileged.is_some_and(|is| is != spec.unprivileged)),
    ];
    found.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

impl App {
    /// The specification that is kept for a guest, named `HOST/GUEST`.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`SpecError::NotKept`]; those of a sealed stage.
    pub async fn kept_spec(&self, guest: &str) -> Result<KeptSpec, AppError> {
        let session = self.session()?;
        let (stored, ..) = session.declared(guest).await?;
        Ok(kept(guest, stored.value))
    }

    /// Keeps a specification for a guest that is there or is to be, without asking its host or changing the guest.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`AppError::HostNotFound`], [`SpecError::Faults`]; those of a sealed stage.
    pub async fn keep_spec(&self, guest: &str, text: &str, folder: &Path, driver: Option<GuestDriver>) -> Result<KeptSpec, AppError> {
        let session = self.session()?;
        SpecFile::parse(text).map_err(|faults| SpecError::Faults { faults })?;
        let (name, target, own) = session.declaring(guest).await?;
        let called = name.guest().map(|(_, called)| called.to_owned()).unwrap_or_default();
        let declared = DeclaredGuest::new(&own, target.host, &called, driver, text, folder);
        let given = declared.clone();
        session
            .blocking(move |session| {
                let happening = Happening::new("guest-spec-kept").on(target.host).with("name", &name);
                session.commit(happening, |writer| session.settle_declared(writer, given))
            })
            .await?;
        session.listener.heard(Change::Hosts);
        Ok(kept(guest, declared))
    }

    /// Keeps a guest's specification no longer. The guest stays.
    ///
    /// # Errors
    /// As those of [`App::kept_spec`].
    pub async fn forget_spec(&self, guest: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let (stored, name, host) = session.declared(guest).await?;
        session
            .blocking(move |session| {
                let happening = Happening::new("guest-spec-forgotten").on(host).with("name", &name);
                session.commit(happening, |writer| session.delete_document(writer, stored.id))
            })
            .await?;
        session.listener.heard(Change::Hosts);
        Ok(())
    }
}

fn kept(guest: &str, declared: DeclaredGuest) -> KeptSpec {
    KeptSpec {
        guest: guest.to_owned(),
        stage: declared.stage,
        driver: declared.driver.as_deref().and_then(GuestDriver::from_name),
        text: declared.text,
        folder: declared.folder,
        at_ms: declared.at_ms,
    }
}

impl Session {
    /// A guest's name, its host, and whose stage it is of: its own record's, else the host's.
    async fn declaring(self: &Arc<Self>, guest: &str) -> Result<(HostName, TargetRecord, TargetRecord), AppError> {
        let not_a_guest = || AppError::from(GuestError::NotAGuest { name: guest.to_owned() });
        let name: HostName = guest.parse().map_err(|_| not_a_guest())?;
        let (host, _) = name.guest().ok_or_else(not_a_guest)?;
        let target = self.authentic_host(host.as_str()).await?;
        let own = if self.has_host(&name).await? { self.authentic_host(name.as_str()).await? } else { target.clone() };
        Ok((name, target, own))
    }

    /// What is kept for a guest, with its name and its host.
    pub(super) async fn declared(self: &Arc<Self>, guest: &str) -> Result<(Stored<DeclaredGuest>, HostName, HostId), AppError> {
        let (name, target, own) = self.declaring(guest).await?;
        let called = name.guest().map(|(_, called)| called.to_owned()).unwrap_or_default();
        let (host, stage) = (target.host, own.stage);
        let found = self.blocking(move |session| session.declared_of(host, &called, Some(&stage))).await?;
        found.map(|found| (found, name, host)).ok_or_else(|| SpecError::NotKept { guest: guest.to_owned() }.into())
    }

    /// The specification that an order means, with its folder and its driver: the one that is kept where it brings none.
    pub(super) async fn spec_of(self: &Arc<Self>, order: &GuestOrder) -> Result<(String, PathBuf, Option<GuestDriver>), AppError> {
        if let Some((text, folder)) = &order.spec {
            return Ok((text.clone(), folder.clone(), order.driver));
        }
        let kept = self.declared(&order.guest).await?.0.value;
        let driver = order.driver.or_else(|| kept.driver.as_deref().and_then(GuestDriver::from_name));
        Ok((kept.text, kept.folder, driver))
    }

    fn declared_of(&self, host: HostId, guest: &str, sealed: Option<&StageName>) -> Result<Option<Stored<DeclaredGuest>>, AppError> {
        let all = self.documents::<DeclaredGuest>()?;
        if let Some(stored) = all.into_iter().filter_map(|(_, found)| found.ok()).find(|stored| stored.value.is_of(host, guest)) {
            return Ok(Some(stored));
        }
        // One of a sealed stage may be there all the same.
        sealed
            .map(|stage| self.compartment(stage).and_then(|own| if self.is_open(own) { Ok(()) } else { Err(self.sealed(own)) }))
            .transpose()?;
        Ok(None)
    }

    /// The declarations that can be read.
    pub(super) async fn declarations(self: &Arc<Self>) -> Result<Vec<DeclaredGuest>, AppError> {
        let all = self.blocking(|session| session.documents::<DeclaredGuest>()).await?;
        Ok(all.into_iter().filter_map(|(_, found)| found.ok()).map(|stored| stored.value).collect())
    }

    /// Keeps a declaration in the place of the one before it, inside a transaction.
    pub(crate) fn settle_declared(&self, writer: &Writer<'_>, guest: DeclaredGuest) -> Result<(), AppError> {
        if guest.text.len() > MOST_TEXT {
            return Err(AppError::InvalidRequest { what: "a specification that is kept has at most 512 KiB" });
        }
        let stage = guest.stage.parse().map_err(|_| AppError::damaged("the stage of a declared guest"))?;
        let compartment = self.compartment(&stage)?;
        // Sealed since the plan was made.
        if !self.is_open(compartment) {
            return Ok(());
        }
        let before = self.declared_in(writer, |known| known.host == guest.host && known.guest == guest.guest)?;
        let (id, revision) = before.first().map_or_else(|| (DocumentId::make(), None), |stored| (stored.id, Some(stored.revision)));
        self.put_document(writer, compartment, id, revision, &guest).map(drop)
    }

    /// The declaration of a guest follows what becomes of the guest, inside a transaction.
    pub(super) fn settle_declaration(&self, writer: &Writer<'_>, host: HostId, fate: &GuestFate) -> Result<(), AppError> {
        for mut stored in self.declared_in(writer, |known| fate.is_named(&known.guest, known.driver.as_deref()) && known.is_on(host))? {
            match fate.to() {
                Some(to) => {
                    to.clone_into(&mut stored.value.guest);
                    self.put_document(writer, stored.compartment, stored.id, Some(stored.revision), &stored.value)?;
                }
                None => self.delete_document(writer, stored.id)?,
            }
        }
        Ok(())
    }

    /// What is kept for guests of hosts that go goes with them, inside a transaction.
    pub(crate) fn forget_declared(&self, writer: &Writer<'_>, hosts: &[HostId]) -> Result<(), AppError> {
        let gone = self.declared_in(writer, |known| hosts.iter().any(|host| known.is_on(*host)))?;
        gone.iter().try_for_each(|stored| self.delete_document(writer, stored.id))
    }

    /// What is kept for a guest, or for the guests of a host that have no record of their own, goes to another stage with its record,
    /// inside a transaction.
    pub(crate) fn move_declared(&self, writer: &Writer<'_>, record: &TargetRecord, before: &StageName) -> Result<(), AppError> {
        let called = record.name.guest().map(|(_, called)| called.to_owned());
        let of_guest =
            |known: &DeclaredGuest| record.access.jump.is_some_and(|host| known.is_on(host)) && called.as_deref() == Some(known.name());
        let compartment = self.compartment(&record.stage)?;
        let is_moved = |known: &DeclaredGuest| known.stage == before.as_str() && (of_guest(known) || known.is_on(record.host));
        for mut stored in self.declared_in(writer, is_moved)? {
            stored.value.stage = record.stage.to_string();
            self.put_document(writer, compartment, stored.id, Some(stored.revision), &stored.value)?;
        }
        Ok(())
    }

    fn declared_in(&self, writer: &Writer<'_>, is_meant: impl Fn(&DeclaredGuest) -> bool) -> Result<Vec<Stored<DeclaredGuest>>, AppError> {
        let rows = writer.reader().documents(DocumentKind::Guest.name())?;
        let mut found = Vec::new();
        for (row, _) in rows {
            // One of a sealed stage stays as it is.
            if let Ok(Some(stored)) = self.document_in::<DeclaredGuest>(writer.reader(), row.id)
                && is_meant(&stored.value)
            {
                found.push(stored);
            }
        }
        Ok(found)
    }
}
