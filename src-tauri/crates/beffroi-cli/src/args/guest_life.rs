//! What is done to guests.

use clap::{Args, Subcommand};

use super::YesNo;

#[derive(Debug, Subcommand)]
pub(crate) enum GuestLife {
    /// Start guests; those that are frozen are thawed
    Start {
        /// Which: HOST/GUEST
        #[arg(required = true, value_name = "GUEST")]
        guests: Vec<String>,
    },
    /// Stop guests: each is asked to, and left running if it does not
    Stop(Stopping),
    /// Stop guests and start them again
    Restart(Stopping),
    /// Hold the processes of guests
    Freeze {
        /// Which: HOST/GUEST
        #[arg(required = true, value_name = "GUEST")]
        guests: Vec<String>,
    },
    /// Let the processes of frozen guests go on
    Unfreeze {
        /// Which: HOST/GUEST
        #[arg(required = true, value_name = "GUEST")]
        guests: Vec<String>,
    },
    /// Give a stopped guest another name
    Rename {
        /// Which: HOST/GUEST
        guest: String,
        /// Its new name, without the host's
        to: String,
    },
    /// Make another guest like this one
    Copy {
        /// Which: HOST/GUEST
        guest: String,
        /// The name of the new one, without the host's
        to: String,
    },
    /// Set limits of guests, and whether they start with their host; what is not named stays
    Set {
        /// Which: HOST/GUEST
        #[arg(required = true, value_name = "GUEST")]
        guests: Vec<String>,
        /// The most memory, such as 512MiB; none for no limit
        #[arg(long, value_name = "SIZE", value_parser = size_or_none)]
        memory: Option<u64>,
        /// Processors, such as 2, or 1.5 where the driver shares them by time; none for no limit
        #[arg(long, value_name = "NUMBER", value_parser = processors)]
        cpus: Option<u64>,
        /// The most that the root may take, such as 8GiB; it can grow only
        #[arg(long, value_name = "SIZE", value_parser = size)]
        disk: Option<u64>,
        /// Whether they start with their host
        #[arg(long, value_name = "YES|NO")]
        autostart: Option<YesNo>,
    },
    /// Delete a guest with its snapshots; its volumes are kept
    Delete {
        /// Which: HOST/GUEST
        guest: String,
        /// Delete the volumes too that were made for it
        #[arg(long)]
        volumes: bool,
    },
    /// Snapshots of guests
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// What a guest's driver wrote of it, or its console
    Logs {
        /// Which: HOST/GUEST
        guest: String,
        /// What its console printed
        #[arg(long)]
        console: bool,
        /// How many lines from the end
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        lines: u32,
        /// Go on as more is written, until Ctrl+C
        #[arg(long, short)]
        follow: bool,
    },
    /// Open a guest's console in this terminal
    Console {
        /// Which: HOST/GUEST
        guest: String,
    },
}

/// How guests are stopped.
#[derive(Debug, Args)]
pub(crate) struct Stopping {
    /// Which: HOST/GUEST
    #[arg(required = true, value_name = "GUEST")]
    pub(crate) guests: Vec<String>,
    /// How many seconds each has to stop by itself
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// Stop them at once, as when a plug is pulled
    #[arg(long, conflicts_with = "timeout")]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// List a guest's snapshots
    List {
        /// Which: HOST/GUEST
        guest: String,
    },
    /// Keep a guest's root as it is now
    Create {
        /// Which: HOST/GUEST
        guest: String,
        /// What the snapshot is called: letters, digits and dashes
        name: String,
    },
    /// Make a guest's root and its configuration what they were
    Restore {
        /// Which: HOST/GUEST
        guest: String,
        /// The snapshot
        name: String,
    },
    /// Remove a snapshot
    Delete {
        /// Which: HOST/GUEST
        guest: String,
        /// The snapshot
        name: String,
    },
}

impl GuestLife {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::Start { .. } => "guest-start",
            Self::Stop(_) => "guest-stop",
            Self::Restart(_) => "guest-restart",
            Self::Freeze { .. } => "guest-freeze",
            Self::Unfreeze { .. } => "guest-unfreeze",
            Self::Rename { .. } => "guest-rename",
            Self::Copy { .. } => "guest-copy",
            Self::Set { .. } => "guest-set",
            Self::Delete { .. } => "guest-delete",
            Self::Snapshot(SnapshotCommand::List { .. }) => "guest-snapshot-list",
            Self::Snapshot(SnapshotCommand::Create { .. }) => "guest-snapshot-create",
            Self::Snapshot(SnapshotCommand::Restore { .. }) => "guest-snapshot-restore",
            Self::Snapshot(SnapshotCommand::Delete { .. }) => "guest-snapshot-delete",
            Self::Logs { .. } => "guest-logs",
            Self::Console { .. } => "guest-console",
        }
    }
}

/// Bytes: a whole number with a unit, `512MiB`.
fn size(text: &str) -> Result<u64, &'static str> {
    const WRONG: &str = "a whole number and a unit are wanted, such as 512MiB or 8GiB";
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or(WRONG)?;
    let (number, unit) = text.split_at(at);
    let shift = match unit {
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return Err(WRONG),
    };
    let number: u64 = number.parse().map_err(|_| WRONG)?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or(WRONG)
}

/// The same, zero for `none`.
fn size_or_none(text: &str) -> Result<u64, &'static str> {
    if text == "none" { Ok(0) } else { size(text) }
}

/// Thousandths of processors, zero for `none`.
fn processors(text: &str) -> Result<u64, &'static str> {
    const WRONG: &str = "a number is wanted, such as 2 or 1.5, or none";
    if text == "none" {
        return Ok(0);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WRONG);
    }
    let part: u64 = format!("{part:0<3}").parse().map_err(|_| WRONG)?;
    let whole: u64 = whole.parse().map_err(|_| WRONG)?;
    whole.checked_mul(1000).and_then(|whole| whole.checked_add(part)).filter(|thousandths| *thousandths > 0).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_processors_are_read_as_they_are_shown() {
        assert_eq!((size("512MiB"), size("8GiB"), size_or_none("none")), (Ok(512 << 20), Ok(8 << 30), Ok(0)));
        for wrong in ["", "512", "MiB", "0MiB", "1.5GiB", "-1GiB", "99999999999TiB", "1GB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!((processors("2"), processors("1.5"), processors("0.25"), processors("none")), (Ok(2000), Ok(1500), Ok(250), Ok(0)));
        for wrong in ["", "0", "0.0", "1.", "1.2345", "-1", "two"] {
            assert!(processors(wrong).is_err(), "{wrong}");
        }
    }
}
