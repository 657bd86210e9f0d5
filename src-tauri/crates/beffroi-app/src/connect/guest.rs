//! The way into a guest: over its host's connection, by the host's driver.

use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{Access, GuestWay, HostId, TargetRecord};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest};
use beffroi_ssh::{Inside, SshRemote};

use super::Rights;
use crate::session::Session;
use crate::{AppError, GuestError};

/// How long a guest may take to run a first command.
const ENTERING: Duration = Duration::from_secs(60);
/// The most that is read of what a driver says where it does not lead in.
const MOST_SAID: usize = 4 << 10;

impl Session {
    /// Enters a guest, and has a command run there. Where its stage is another one than its host's, by a connection that is cut
    /// when that stage is sealed, and so where it is to be apart; else over the connection that everything on the host shares, which is told.
    pub(super) async fn enter_guest(
        self: &Arc<Self>,
        record: &TargetRecord,
        access: &Access,
        way: &GuestWay,
        passed: &[HostId],
        apart: bool,
    ) -> Result<(SshRemote, bool), AppError> {
        let host = access.jump.ok_or_else(|| AppError::damaged("a guest without a host"))?;
        let passed = [passed, &[record.host]].concat();
        let is_shared = !apart && self.target_of(host).await?.stage == record.stage;
        let leads = if is_shared {
            Box::pin(self.reach(host, Rights::Most, passed)).await?
        } else {
            Box::pin(self.reach_apart(host, Rights::Most, passed)).await?
        };
        let inside = leads.inside(Inside::new(way.clone(), access.user.clone()));
        let limits = Limits { time: ENTERING, most_bytes: MOST_SAID };
        let ran = inside.run(RunRequest::new(CommandLine::new(["true"])).with_limits(limits)).await?;
        if ran.exit.is_success() {
            return Ok((inside, is_shared));
        }
        let said = String::from_utf8_lossy(if ran.stderr.is_empty() { &ran.stdout } else { &ran.stderr }).trim().to_owned();
        Err(GuestError::NotEntered { guest: record.name.to_string(), said: beffroi_remote::clean(&said) }.into())
    }

    /// The guest as root, whatever account one is there: the driver leads in as anybody.
    pub(super) fn as_root_inside(remote: &SshRemote, way: &GuestWay) -> SshRemote {
        remote.instead(Inside::new(way.clone(), "root"))
    }
}
