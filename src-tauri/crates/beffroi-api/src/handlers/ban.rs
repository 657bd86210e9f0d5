//! Who is banned on hosts.

use std::net::IpAddr;

use beffroi_app::{Jail, MadePlan};

use crate::handlers::host;
use crate::wire::{HostBans, HostBansOf, HostBansRequest, HostJail, HostStatus};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `host_bans`
    pub async fn host_bans(&self, request: HostBansRequest) -> Result<HostBans, ApiError> {
        let results = self.app().bans(&request.on).await?.into_iter().map(|bans| match bans.jails {
            Ok(jails) => {
                HostBansOf { host: bans.host, status: HostStatus::Ok, jails: Some(jails.into_iter().map(jail).collect()), error: None }
            }
            Err(error) => {
                let error = host::on(error, &bans.host);
                HostBansOf { host: bans.host, status: HostStatus::of(&error), jails: None, error: Some(error) }
            }
        });
        Ok(HostBans { results: results.collect() })
    }

    /// The plan that lifts a ban: of an address on the selected hosts, or of this machine on one host through another.
    pub(super) async fn unban(&self, on: &str, address: Option<String>, through: Option<String>) -> Result<MadePlan, ApiError> {
        let invalid = |address: String| ApiError::new(ErrorCode::InvalidName).with("kind", "address").with("value", address);
        let address = address.map(|address| address.parse::<IpAddr>().map_err(|_| invalid(address))).transpose()?;
        Ok(match (through, address) {
            (Some(through), address) => self.app().plan_unban_through(on, &through, address).await?,
            (None, Some(address)) => self.app().plan_unban(on, address).await?,
            (None, None) => return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", "--address")),
        })
    }
}

fn jail(jail: Jail) -> HostJail {
    HostJail { name: jail.name, banned: jail.banned.iter().map(ToString::to_string).collect() }
}
