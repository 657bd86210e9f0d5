//! The process that holds the keys, itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beffroi_api::agent::{self, About, Hub, Keeper, Kind, boot_time};
use beffroi_api::wire::{Done, Nothing};
use beffroi_api::{Api, ApiError, ErrorCode, Presence, Shell};
use beffroi_app::Places;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::context::Context;
use crate::output::{Answer, Ended, sentence, talk};

/// Without `--for`, it ends after so much time in which nothing was asked of it.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// The clock of waiting stands still while the machine sleeps: it is looked at again this often.
const LOOK: Duration = Duration::from_secs(5);

/// Holds the keys until it is told to stop, by word or by signal, or its time is up; then everything is locked.
pub(super) async fn run(context: &Context, lasting: Option<Duration>) -> Ended {
    let places = Places::of_this_system();
    let Some(listener) = agent::listen(&places)? else {
        say(context, "cli.agent-runs-already");
        return Answer::new(&Done {}, String::new());
    };
    let hub = Arc::new(Hub::new(None));
    let api = Api::new(places, Arc::clone(&hub) as Arc<dyn Shell>);
    // The screen locked, another session, sleep: nobody is there, and the vaults are locked. Idleness is the warden's.
    let _presence = Presence::begin(api.clone(), None);
    let warden = Arc::new(Warden::new(lasting));
    let ending = signals()?;
    if context.global.vault.is_some() {
        context.open_here(&api).await?;
    }
    say(context, "cli.agent-ready");
    tokio::select! {
        () = agent::serve(&listener, api.clone(), hub, Arc::clone(&warden) as Arc<dyn Keeper>) => {}
        () = warden.over() => {}
        () = ending => {}
    }
    let locked = api.vault_lock(Nothing {}).await;
    drop(listener);
    Answer::new(&locked?, String::new())
}

fn say(context: &Context, key: &str) {
    talk(&format!("{}\n", sentence(context, key, &[("process", std::process::id().to_string())])));
}

/// Ready when the process was asked to end. Asked for from now on, whether or not it is awaited yet.
fn signals() -> Result<impl Future<Output = ()>, ApiError> {
    let on = |kind| signal(kind).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error));
    let (mut terminate, mut interrupt, mut hang_up) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?, on(SignalKind::hangup())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

/// Knows when the process ends. Times are of the boot clock, which goes on while the machine sleeps.
struct Warden {
    since_ms: u64,
    ends: Option<Duration>,
    work: Mutex<Work>,
    stopped: Notify,
}

/// What is under way.
#[derive(Clone, Copy)]
struct Work {
    commands: usize,
    /// When that last changed.
    changed: Duration,
}

impl Warden {
    fn new(lasting: Option<Duration>) -> Self {
        let now = boot_time();
        Self {
            since_ms: wall_ms(),
            ends: lasting.map(|lasting| now + lasting),
            work: Mutex::new(Work { commands: 0, changed: now }),
            stopped: Notify::new(),
        }
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self, now: Duration) -> Duration {
        let Work { commands, changed } = *self.work();
        if commands > 0 { Duration::ZERO } else { now.saturating_sub(changed) }
    }

    /// How long it goes on when nothing more is asked of it.
    fn left(&self, now: Duration) -> Duration {
        match self.ends {
            Some(ends) => ends.saturating_sub(now),
            None => IDLE.saturating_sub(self.idle(now)),
        }
    }

    /// Ready when it was stopped, or its time is up.
    async fn over(&self) {
        loop {
            let left = self.left(boot_time());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = self.stopped.notified() => return,
                () = tokio::time::sleep(left.min(LOOK)) => {}
            }
        }
    }
}

impl Keeper for Warden {
    fn about(&self) -> About {
        let now = boot_time();
        let left = u64::try_from(self.left(now).as_millis()).unwrap_or(u64::MAX);
        About { kind: Kind::Agent, since_ms: self.since_ms, ends_ms: Some(wall_ms().saturating_add(left)), idle: self.idle(now) }
    }

    fn working(&self, commands: usize) {
        *self.work() = Work { commands, changed: boot_time() };
    }

    fn is_over(&self) -> bool {
        self.left(boot_time()).is_zero()
    }

    fn stop(&self) {
        self.stopped.notify_one();
    }

    fn raise(&self) -> bool {
        false
    }
}

fn wall_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_at_its_hour_or_when_nothing_is_asked() {
        let minute = Duration::from_secs(60);
        let warden = Warden::new(None);
        let start = warden.work().changed;
        assert_eq!(warden.left(start + 29 * minute), minute);
        assert_eq!(warden.left(start + 31 * minute), Duration::ZERO);
        *warden.work() = Work { commands: 1, changed: start };
        assert_eq!(warden.left(start + 500 * minute), IDLE, "it works");
        assert_eq!(warden.idle(start + 500 * minute), Duration::ZERO);
        *warden.work() = Work { commands: 0, changed: start + 500 * minute };
        assert_eq!((warden.idle(start + 501 * minute), warden.left(start + 501 * minute)), (minute, 29 * minute));

        let warden = Warden::new(Some(2 * minute));
        let start = warden.work().changed;
        *warden.work() = Work { commands: 1, changed: start };
        assert!(warden.left(start + 121 * Duration::from_secs(1)).is_zero(), "whatever is asked");
    }
}
