//! Starting the process that holds the keys.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use beffroi_api::agent::{self, Client};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_app::Places;

/// Longer than a program takes to start.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(10);

/// Starts this program anew as the process that holds the keys, and waits until it answers. Of two that are started at
/// once one wins, and both callers get it.
pub(super) async fn launch(lasting: Option<Duration>) -> Result<Client, ApiError> {
    let failed = |reason: &dyn std::fmt::Display| ApiError::new(ErrorCode::AgentFailed).with("reason", reason);
    let places = Places::of_this_system();
    // Nobody reads what the new process says: what it would say first is said here.
    agent::is_ready(&places)?;
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut command = Command::new(program);
    command.args(["agent", "--foreground"]);
    if let Some(lasting) = lasting {
        command.arg(format!("--for={}s", lasting.as_secs()));
    }
    // A process group of its own: the terminal's interrupts are not for it.
    command.process_group(0).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in ["BEFFROI_VAULT", "BEFFROI_PASSPHRASE_FILE"] {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(client) = Client::connect(&places).await? {
            return Ok(client);
        }
        if let Some(status) = child.try_wait().map_err(|error| failed(&error))?.filter(|status| !status.success()) {
            return Err(failed(&status));
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(failed(&"no answer"))
}
