//! What the session and the machine tell: that the machine is about to sleep and has woken, that the screen was locked, that
//! another session has taken the screen.
//!
//! Linux: logind on the system bus (org.freedesktop.login1(5)) and the screen savers of the desktops on the session bus.
//! Elsewhere nothing is watched, and [`Watch::what_is_watched`] says so.

use tokio::sync::{mpsc, watch as latest};

#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "linux")]
mod screensaver;
#[cfg(target_os = "linux")]
mod source;
#[cfg(all(test, target_os = "linux"))]
mod tests;

/// Events that wait for the app before the watch itself waits.
const QUEUE: usize = 16;

/// Something to seal or lock for, or to look at the clock for. The same thing may be told more than once, by several
/// services: what is done for it must bear repetition.
#[derive(Debug)]
pub enum DeskEvent {
    /// The machine sleeps as soon as the guard is dropped, or after logind's patience (5 s by default): lock first.
    SleepSoon(SleepGuard),
    /// The machine is awake again. Deadlines on the boot clock may be over. May come without a `SleepSoon` before it.
    Woke,
    /// The operator, or their desktop after a while, locked the screen.
    ScreenLocked,
    /// The operator's session is no longer the one on the screen, or has ended.
    SessionInactive,
}

/// Keeps the machine awake until it is dropped, for as long as logind has patience. Holds logind's inhibitor, if it gave one.
#[derive(Debug)]
pub struct SleepGuard {
    #[cfg(unix)]
    _inhibitor: Option<std::os::fd::OwnedFd>,
}

/// What is watched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watched {
    /// The machine says that it will sleep and that it woke.
    pub sleep: bool,
    /// It waits for the guard before it sleeps. False where logind refused: then locking is a race with it.
    pub sleep_waits: bool,
    /// The operator's session was found: its lock, and whether it is on the screen.
    pub session: bool,
    /// A screen saver that tells when it covers the screen.
    pub screensaver: bool,
}

/// The events, until it is dropped.
#[derive(Debug)]
pub struct Watch {
    /// Where the events come. It never ends by itself; where nothing is watched, nothing comes.
    pub events: mpsc::Receiver<DeskEvent>,
    watched: latest::Receiver<Watched>,
}

impl Watch {
    /// What is watched at this moment. It changes when a service comes or goes.
    #[must_use]
    pub fn what_is_watched(&self) -> Watched {
        *self.watched.borrow()
    }
}

/// Begins to watch, on tasks of the runtime that this is called on. It returns when each service has answered or was found
/// absent, after ten seconds at the latest. What is absent, or goes away, is tried again after pauses that grow from one
/// second to one minute. Never fails.
pub async fn watch() -> Watch {
    let (teller, events) = mpsc::channel(QUEUE);
    let (facts, watched) = latest::channel(Watched::default());
    begin(Desk { teller, facts: std::sync::Arc::new(facts) }).await;
    Watch { events, watched }
}

/// What each source of events is given.
#[derive(Clone)]
struct Desk {
    teller: mpsc::Sender<DeskEvent>,
    facts: std::sync::Arc<latest::Sender<Watched>>,
}

#[cfg(target_os = "linux")]
async fn begin(desk: Desk) {
    tokio::join!(source::begin::<logind::Logind>(desk.clone()), source::begin::<screensaver::Screensavers>(desk));
}

/// Nothing is watched here; the channel stays open until nobody listens.
#[cfg(not(target_os = "linux"))]
async fn begin(desk: Desk) {
    tokio::spawn(async move {
        desk.teller.closed().await;
        drop(desk.facts);
    });
}
