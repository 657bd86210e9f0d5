//! What other programs are told of the fleet, and what they speak with.

use beffroi_app::SshEnd;

use crate::handlers::host::on;
use crate::wire::{Inventory, InventoryAsked, InventoryHost};
use crate::{Api, ApiError};

impl Api {
    /// `inventory`
    pub async fn inventory(&self, request: InventoryAsked) -> Result<Inventory, ApiError> {
        let beffroi_app::Inventory { key_name, known_hosts, hosts } = self.app().inventory(request.on.as_deref()).await?;
        Ok(Inventory { key_name, known_hosts: known_hosts.display().to_string(), hosts: hosts.into_iter().map(row).collect() })
    }

    /// An end of SSH for a program of this person's, on a host or in a guest. Nothing is sent before it is served.
    ///
    /// # Errors
    /// As for a run on that host.
    pub async fn ssh_end(&self, host: &str, typed: Option<&str>) -> Result<SshEnd, ApiError> {
        self.app().open_ssh_end(host, typed).await.map_err(|error| on(error, host))
    }
}

fn row(host: beffroi_app::InventoryHost) -> InventoryHost {
    let beffroi_app::InventoryHost { name, alias, address, port, user, stage, sealed, roles, tags, driver, through } = host;
    let driver = driver.map(|driver| driver.name().to_owned());
    InventoryHost { name, alias, address, port, user, stage, sealed, roles, tags, driver, through }
}
