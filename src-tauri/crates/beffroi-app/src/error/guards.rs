//! Why a change was not begun, or was put back: it would have done harm to the host, or to the way to it.

use crate::{AppError, StoredMessage};

/// Why a change was not begun, or was put back: it would have done harm to the host, or to the way to it.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// A host has less room than an action needs.
    #[error("{place} has {free} bytes free of {least}")]
    NoRoom {
        /// A folder, or `memory`.
        place: String,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        least: u64,
    },
    /// A host's clock is so wrong that what is signed does not hold there.
    #[error("the clock is {seconds} s ahead")]
    ClockWrong {
        /// By how many seconds it is ahead of this machine's.
        seconds: i64,
    },
    /// A host's clock follows a time service, and is not set from here.
    #[error("the clock is synchronised")]
    ClockFollows,
    /// The account is the one with which the host is reached.
    #[error("{user:?} is the account that logs in")]
    OwnAccount {
        /// The account.
        user: String,
    },
    /// A host does not answer, and refused logins from here not long ago: it may have banned this machine.
    #[error("{name:?} may have banned this machine: {why}")]
    MaybeBanned {
        /// The host.
        name: String,
        /// How many credentials it refused within the last day.
        refused: usize,
        /// Why it cannot be reached.
        why: Box<AppError>,
    },
    /// An address that nobody banned.
    #[error("none of {addresses:?} is banned: {banned:?} are")]
    NotBanned {
        /// The addresses of this machine that were looked for.
        addresses: Vec<String>,
        /// Those that are banned there.
        banned: Vec<String>,
    },
    /// There is no fail2ban that runs.
    #[error("fail2ban does not run: {why}")]
    NoFail2ban {
        /// What it said.
        why: String,
    },
    /// The host on which a plan was to be run first is not one that it changes.
    #[error("the plan does not change {host:?}")]
    PilotNotPlanned {
        /// The host.
        host: String,
    },
    /// An operation of YunoHost waited as long as it may for another one, and was not begun.
    #[error("busy: {running:?}")]
    Busy {
        /// The other one: which, who began it, and since when.
        running: StoredMessage,
    },
    /// A change that may cost the way in was not begun: what would put it back could not be made.
    #[error("no lifeline: {why}")]
    LifelineRefused {
        /// What was lacking.
        why: String,
    },
    /// A change was to be put back, and its lifeline was over already: nothing was.
    #[error("the lifeline was over, released: {released}: {why}")]
    LifelineOver {
        /// It had been let go, by somebody who got in after the change; else the host has none any more.
        released: bool,
        /// Why it was to be put back.
        why: String,
    },
    /// A change was put back, since nobody got in after it.
    #[error("put back: {why}")]
    PutBack {
        /// The host did it by itself; else it was told to over the connection that still stood.
        by_host: bool,
        /// Why nobody got in; empty where the host did it before anybody could try.
        why: String,
        /// What could not be put back: `files`, `firewall`, `undo`, services; `login` when nobody gets in all the same.
        lacking: Vec<String>,
    },
}
