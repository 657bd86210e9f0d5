//! The record of a guest follows what was done to the guest.

use beffroi_domain::{GuestDriver, HostId, TargetRecord};
use beffroi_lxc::Guest;
use beffroi_lxc::change::Change;
use beffroi_store::Writer;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::session::{Session, Standing, Target};

/// What becomes of a guest of a host's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GuestFate {
    /// Who drives it, by its name.
    driver: String,
    project: String,
    name: String,
    /// What it is called from then on; nothing where it is gone.
    to: Option<String>,
    /// What it was shown as, where its declaration follows.
    #[serde(default)]
    called: Option<String>,
    /// The number that a container of Proxmox has from then on, where that is all that becomes of it.
    #[serde(default)]
    number: Option<String>,
}

impl GuestFate {
    /// What a change means for the record of a guest; nothing where it stays as it is.
    pub(super) fn of(change: &Change, guest: &Guest) -> Option<Self> {
        let to = match change {
            Change::Rename { to } => Some(to.clone()),
            Change::Delete { .. } => None,
            Change::Stop(_) if guest.ephemeral => None,
            _ => return None,
        };
        let (project, name) = (guest.project.clone(), guest.name.clone());
        Some(Self { driver: guest.driver.name().to_owned(), project, name, to, called: Some(guest.shown_name().to_owned()), number: None })
    }

    /// A container of Proxmox whose root was replaced: it is another one, of the same name.
    pub(super) fn renumbered(name: &str, number: &str) -> Self {
        let driver = GuestDriver::Proxmox.name().to_owned();
        Self { driver, project: String::new(), name: name.to_owned(), to: None, called: None, number: Some(number.to_owned()) }
    }

    /// What it is called from then on; nothing where it is gone.
    pub(super) fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// Whether it is of a guest of this name, and this driver where that is known.
    pub(super) fn is_named(&self, guest: &str, driver: Option<&str>) -> bool {
        self.called.as_deref() == Some(guest) && driver.is_none_or(|driver| driver == self.driver)
    }

    fn is_of(&self, host: HostId, record: &TargetRecord) -> bool {
        let way = record.access.guest.as_ref().filter(|_| record.access.jump == Some(host));
        way.is_some_and(|way| way.driver.name() == self.driver && way.project == self.project && way.name == self.name)
    }
}

impl Session {
    /// Gives the record of a guest, and of the guests in it, the new name; or takes them out of the catalog. What is of a sealed
    /// stage stays as it is, and so does what other hosts are reached through.
    pub(crate) fn settle_guest(&self, writer: &Writer<'_>, host: HostId, fate: &GuestFate) -> Result<(), AppError> {
        self.settle_declaration(writer, host, fate)?;
        let rows = writer.reader().targets()?;
        let targets = rows.iter().map(|row| self.read_target(row)).collect::<Result<Vec<_>, _>>()?;
        let authentic = |target: &&Target| target.standing == Standing::Authentic;
        for found in targets.iter().filter(authentic).filter(|target| fate.is_of(host, &target.record)) {
            let name = &found.record.name;
            let inside = || targets.iter().filter(authentic).filter(|target| target.record.name.renamed(name, name).is_some());
            if let Some(number) = &fate.number {
                let mut record = found.record.clone();
                if let Some(way) = record.access.guest.as_mut() {
                    way.name.clone_from(number);
                    record.access.address.clone_from(number);
                }
                writer.update_target(&self.target_row(&record, found.revision + 1)?)?;
                continue;
            }
            let Some(to) = &fate.to else {
                let gone: Vec<_> = std::iter::once(found).chain(inside()).map(|target| target.record.host).collect();
                let leads = |other: &Target| other.record.accesses().any(|access| access.jump.is_some_and(|jump| gone.contains(&jump)));
                if !targets.iter().any(|other| !gone.contains(&other.record.host) && leads(other)) {
                    gone.iter().try_for_each(|host| writer.delete_target(*host))?;
                }
                continue;
            };
            let mut record = found.record.clone();
            let is_numbered = fate.driver == GuestDriver::Proxmox.name();
            if let Some(way) = record.access.guest.as_mut().filter(|_| !is_numbered) {
                way.name.clone_from(to);
                record.access.address.clone_from(to);
            }
            let free = |name: &beffroi_domain::HostName| !targets.iter().any(|target| target.record.name == *name);
            let called = name.guest().and_then(|(host, _)| host.of_guest(to)).filter(free);
            if let Some(called) = called {
                for other in inside() {
                    if let Some(name) = other.record.name.renamed(name, &called) {
                        writer.update_target(&self.target_row(&TargetRecord { name, ..other.record.clone() }, other.revision + 1)?)?;
                    }
                }
                record.name = called;
            }
            writer.update_target(&self.target_row(&record, found.revision + 1)?)?;
        }
        Ok(())
    }
}
