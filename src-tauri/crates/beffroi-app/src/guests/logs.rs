//! What a guest's driver or its console wrote.

use std::sync::Arc;

use beffroi_domain::{HostName, TargetRecord};
use beffroi_lxc::change::GuestPlace;
use beffroi_lxc::{Guest, Snapshot};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest, clean};

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, GuestError};

/// What a guest's driver or its console wrote.
#[derive(Debug)]
pub struct GuestLogs {
    /// Where it was read.
    pub from: String,
    /// The lines, the oldest first.
    pub lines: Vec<String>,
}

/// The most lines that are asked for.
const MOST_LINES: u32 = 10_000;
/// The most that is read.
const MOST_BYTES: usize = 4 << 20;

impl App {
    /// The last lines of the log that the driver of a guest keeps of it, or of what its console printed.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`GuestError::NotThere`]; [`GuestError::NotDone`] where there is no such log, with why.
    pub async fn guest_logs(&self, guest: &str, console: bool, lines: u32) -> Result<GuestLogs, AppError> {
        let session = self.session()?;
        let (target, found) = session.guest_now(guest).await?;
        let (from, shell) = GuestPlace::of(&found).logs(console, found.console_log.as_deref(), lines.clamp(1, MOST_LINES));
        let remote = session.connect_as(&target, Rights::Most).await?;
        let limits = Limits { most_bytes: MOST_BYTES, ..Limits::default() };
        let output = remote.run(RunRequest::new(CommandLine::shell(shell)).with_limits(limits)).await?;
        if !output.exit.is_success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(GuestError::NotDone { said: clean(&said) }.into());
        }
        let lines = String::from_utf8_lossy(&output.stdout).lines().map(clean).collect();
        Ok(GuestLogs { from, lines })
    }

    /// The snapshots of a guest, the oldest first, read now.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`GuestError::NotThere`], and those of the connection to its host.
    pub async fn guest_snapshots(&self, guest: &str) -> Result<Vec<Snapshot>, AppError> {
        let (_, found) = self.session()?.guest_now(guest).await?;
        Ok(found.snapshots)
    }
}

impl Session {
    /// A guest as it is now, and its host.
    pub(crate) async fn guest_now(self: &Arc<Self>, guest: &str) -> Result<(TargetRecord, Guest), AppError> {
        let no_guest = || AppError::from(GuestError::NotAGuest { name: guest.to_owned() });
        let name: HostName = guest.parse().map_err(|_| no_guest())?;
        let (host, _) = name.guest().ok_or_else(no_guest)?;
        let target = self.host_of_guests(&host).await?;
        let reading = self.read_guests(&target).await?;
        let found = self.guest_among(&name, &reading).await?.clone();
        Ok((target, found))
    }
}
