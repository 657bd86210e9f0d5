//! A guest becomes a host of the catalog when it is first named.

use std::sync::Arc;

use beffroi_domain::{Access, GuestWay, HostId, HostName, TargetRecord};
use beffroi_lxc::{Guest, Reading};

use crate::session::{Happening, Session};
use crate::{AppError, Change, GuestError};

impl Session {
    /// Makes records of the guests among these names that the catalog does not have yet, where their host has them: of the host's
    /// stage, entered as root. What is no guest, or whose host is not known, is left to whoever looks for it.
    ///
    /// # Errors
    /// Those of the connection to a host; [`GuestError::NotThere`] and [`GuestError::Ambiguous`].
    pub(crate) async fn adopt(self: &Arc<Self>, names: &[HostName]) -> Result<(), AppError> {
        for name in names.iter().filter(|name| name.guest().is_some()) {
            Box::pin(self.adopt_one(name)).await?;
        }
        Ok(())
    }

    /// The same of one name, as it was typed.
    pub(crate) async fn adopt_named(self: &Arc<Self>, name: &str) -> Result<(), AppError> {
        match name.parse::<HostName>() {
            Ok(name) => self.adopt(&[name]).await,
            Err(_) => Ok(()),
        }
    }

    async fn adopt_one(self: &Arc<Self>, name: &HostName) -> Result<(), AppError> {
        let Some((host, called)) = name.guest() else { return Ok(()) };
        if self.has_host(name).await? {
            return Ok(());
        }
        // The guest's host may be a guest itself.
        Box::pin(self.adopt_one(&host)).await?;
        if !self.has_host(&host).await? {
            return Ok(());
        }
        let target = self.authentic_host(host.as_str()).await?;
        let reading = self.read_guests(&target).await?;
        let way = way_to(&reading, &host, called)?;
        let name = name.clone();
        self.blocking(move |session| {
            let access = Access::into_guest(target.host, way, "root");
            let record = TargetRecord::new(HostId::make(), name, target.stage.clone(), access);
            let row = session.target_row(&record, 1)?;
            let happening = Happening::new("guest-adopted").on(record.host).with("name", &record.name);
            session.commit(happening, |writer| match writer.insert_target(&row) {
                // Somebody else was faster.
                Err(beffroi_store::StoreError::Exists { .. }) | Ok(()) => Ok(()),
                Err(other) => Err(other.into()),
            })
        })
        .await?;
        self.listener.heard(Change::Hosts);
        Ok(())
    }

    pub(super) async fn has_host(self: &Arc<Self>, name: &HostName) -> Result<bool, AppError> {
        let name = name.to_string();
        self.blocking(move |session| Ok(session.catalog.read(|reader| reader.target_named(&name))?.is_some())).await
    }
}

/// The one guest that goes by a name: `NAME`, or `NAME.DRIVER` where several drivers have one of that name.
pub(super) fn way_to(reading: &Reading, host: &HostName, called: &str) -> Result<GuestWay, AppError> {
    let way = |guest: &Guest| GuestWay { driver: guest.driver, project: guest.project.clone(), name: guest.name.clone() };
    let mut found: Vec<&Guest> = reading.named(called).collect();
    if found.is_empty()
        && let Some((name, driver)) = called.rsplit_once('.')
    {
        found = reading.named(name).filter(|guest| guest.driver.name() == driver).collect();
    }
    match found.as_slice() {
        [one] => Ok(way(one)),
        [] => Err(GuestError::NotThere { host: host.to_string(), guest: called.to_owned() }.into()),
        several => {
            let candidates = several.iter().map(|guest| format!("{}.{}", guest.shown_name(), guest.driver.name())).collect();
            Err(GuestError::Ambiguous { guest: format!("{host}/{called}"), candidates }.into())
        }
    }
}
