//! `guest`: what is done to guests, and what they wrote.

use std::time::Duration;

use beffroi_api::wire::{GuestChange, GuestLogsRequest, GuestPlan, GuestSettings, GuestSnapshotRow, GuestSnapshotsRequest, GuestStop};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{GuestLife, SnapshotCommand, Stopping, YesNo};
use crate::commands::plan::carry_out_made;
use crate::commands::shell;
use crate::context::Context;
use crate::input::moment;
use crate::output::{Answer, Ended, plain, print};
use crate::table::table;

/// How long nothing is asked while a log is followed.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(context: &Context, command: GuestLife) -> Ended {
    let one = |guest: String| vec![guest];
    let (guests, change) = match command {
        GuestLife::Start { guests } => (guests, GuestChange::Start),
        GuestLife::Stop(how) => stopping(how, GuestChange::Stop),
        GuestLife::Restart(how) => stopping(how, GuestChange::Restart),
        GuestLife::Freeze { guests } => (guests, GuestChange::Freeze),
        GuestLife::Unfreeze { guests } => (guests, GuestChange::Unfreeze),
        GuestLife::Rename { guest, to } => (one(guest), GuestChange::Rename { to }),
        GuestLife::Copy { guest, to } => (one(guest), GuestChange::Copy { to }),
        GuestLife::Set { guests, memory, cpus, disk, autostart } => {
            let autostart = autostart.map(|answer| matches!(answer, YesNo::Yes));
            (guests, GuestChange::Set(GuestSettings { memory_bytes: memory, cpu_thousandths: cpus, disk_bytes: disk, autostart }))
        }
        GuestLife::Delete { guest, volumes } => (one(guest), GuestChange::Delete { volumes }),
        GuestLife::Snapshot(SnapshotCommand::Create { guest, name }) => (one(guest), GuestChange::SnapshotCreate { name }),
        GuestLife::Snapshot(SnapshotCommand::Restore { guest, name }) => (one(guest), GuestChange::SnapshotRestore { name }),
        GuestLife::Snapshot(SnapshotCommand::Delete { guest, name }) => (one(guest), GuestChange::SnapshotDelete { name }),
        GuestLife::Snapshot(SnapshotCommand::List { guest }) => return snapshots(context, guest).await,
        GuestLife::Logs { guest, console, lines, follow } => return logs(context, guest, console, lines, follow).await,
        GuestLife::Console { guest } => return shell::console(context, guest).await,
    };
    let plan = context.api.guest_plan(GuestPlan { guests, change }).await?;
    carry_out_made(context, plan).await
}

fn stopping(how: Stopping, change: fn(GuestStop) -> GuestChange) -> (Vec<String>, GuestChange) {
    (how.guests, change(GuestStop { timeout_s: how.timeout, force: how.force }))
}

async fn snapshots(context: &Context, guest: String) -> Ended {
    let found = context.api.guest_snapshots(GuestSnapshotsRequest { guest }).await?;
    let heading = ["cli.name", "cli.guest-when", "cli.guest-comment"].map(|key| context.words(key));
    let row = |snapshot: &GuestSnapshotRow| {
        let when = snapshot.created_seconds.map(|seconds| moment(seconds.saturating_mul(1000))).unwrap_or_default();
        vec![snapshot.name.clone(), when, snapshot.comment.clone().unwrap_or_default()]
    };
    let text = table(&heading, &found.snapshots.iter().map(row).collect::<Vec<_>>());
    Answer::new(&found, text)
}

/// The last lines, and with `follow` whatever comes after them.
async fn logs(context: &Context, guest: String, console: bool, lines: u32, follow: bool) -> Ended {
    if follow && context.global.json {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "--follow takes no --json").into());
    }
    let request = GuestLogsRequest { guest, console, lines };
    if follow {
        return self::follow(async || Ok(context.api.guest_logs(request.clone()).await?.lines)).await;
    }
    let found = context.api.guest_logs(request).await?;
    let text = found.lines.iter().map(|line| format!("{}\n", plain(line))).collect();
    Answer::new(&found, text)
}

/// Shows the last lines of a log as they are asked for, and whatever comes after them, until the program ends.
pub(super) async fn follow(last: impl AsyncFn() -> Result<Vec<String>, ApiError>) -> Ended {
    let mut shown: Vec<String> = Vec::new();
    loop {
        let now = last().await?;
        for line in after(&shown, &now) {
            print(&format!("{}\n", plain(line)));
        }
        shown = now;
        tokio::time::sleep(PAUSE).await;
    }
}

/// What came after what was shown: both are the last lines of one log.
fn after<'a>(shown: &[String], now: &'a [String]) -> &'a [String] {
    let longest = shown.len().min(now.len());
    let common = (0..=longest).rev().find(|count| shown[shown.len() - count..] == now[..*count]).unwrap_or(0);
    &now[common..]
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn only_what_is_new_of_a_log_is_shown_again() {
        let lines = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        for (shown, now, new) in [
            ("", "abc", "abc"),
            ("abc", "abc", ""),
            ("abc", "bcd", "d"),
            ("abc", "xyz", "xyz"),
            ("aab", "abab", "ab"),
            ("abc", "abcde", "de"),
        ] {
            assert_eq!(after(&lines(shown), &lines(now)), lines(new), "{shown} {now}");
        }
    }
}
