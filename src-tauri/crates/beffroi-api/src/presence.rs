//! Whether somebody is there: locks the open vaults when the person went away, and before the machine sleeps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beffroi_desk::clock::boot_time;
use beffroi_desk::watch::{DeskEvent, Watched, watch};

use crate::Api;

/// Watches for the person's absence for as long as it is kept.
///
/// The vaults are locked when nobody stirred for a time, when the screen is locked, when another session takes the screen,
/// and before the machine sleeps: it waits until they are. Afterwards the keyring alone opens none of them.
pub struct Presence {
    /// Milliseconds on the boot clock.
    stirred: AtomicU64,
    /// In seconds; 0 for never.
    idle_s: AtomicU64,
    watched: Mutex<Watched>,
}

/// How often it looks whether the time without a stir is over.
const TICK: Duration = Duration::from_secs(1);

impl Presence {
    /// Begins to watch. `idle` is the time without a stir after which the vaults are locked; nothing for never.
    #[must_use]
    pub fn begin(api: Api, idle: Option<Duration>) -> Arc<Self> {
        let presence = Arc::new(Self { stirred: AtomicU64::new(now_ms()), idle_s: AtomicU64::new(0), watched: Mutex::default() });
        presence.lock_after(idle);
        let watching = Arc::clone(&presence);
        tokio::spawn(async move { watching.watch(api).await });
        presence
    }

    /// Somebody is there. Too late when the time without a stir is over already, as after the machine slept: what is about to
    /// be locked stays so.
    pub fn stir(&self) {
        if !self.is_away() {
            self.stirred.store(now_ms(), Ordering::Relaxed);
        }
    }

    fn is_away(&self) -> bool {
        let idle_ms = self.idle_s.load(Ordering::Relaxed) * 1000;
        idle_ms > 0 && now_ms().saturating_sub(self.stirred.load(Ordering::Relaxed)) >= idle_ms
    }

    /// The time without a stir after which the vaults are locked; nothing for never.
    pub fn lock_after(&self, idle: Option<Duration>) {
        self.idle_s.store(idle.map_or(0, |idle| idle.as_secs()), Ordering::Relaxed);
    }

    /// What of the system is listened to: any of `sleep`, `session`, `screensaver`.
    #[must_use]
    pub fn watched(&self) -> Vec<&'static str> {
        let watched = *self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let all = [("sleep", watched.sleep), ("session", watched.session), ("screensaver", watched.screensaver)];
        all.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect()
    }

    async fn watch(&self, api: Api) {
        let mut watch = watch().await;
        let mut tick = tokio::time::interval(TICK);
        let mut listening = true;
        loop {
            tokio::select! {
                event = watch.events.recv(), if listening => match event {
                    Some(DeskEvent::SleepSoon(guard)) => {
                        lock(&api, "the machine is about to sleep").await;
                        drop(guard);
                    }
                    Some(DeskEvent::ScreenLocked) => lock(&api, "the screen was locked").await,
                    Some(DeskEvent::SessionInactive) => lock(&api, "another session has the screen").await,
                    Some(DeskEvent::Woke) => {}
                    None => listening = false,
                },
                _ = tick.tick() => {
                    *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = watch.what_is_watched();
                    if self.is_away() {
                        lock(&api, "nobody stirred").await;
                        self.stirred.store(now_ms(), Ordering::Relaxed);
                    }
                }
            }
        }
    }
}

async fn lock(api: &Api, why: &str) {
    if api.open_vaults() == 0 {
        return;
    }
    tracing::info!(why, "locking the vaults");
    if let Err(error) = api.lock_for_absence().await {
        tracing::warn!(code = %error.code.name(), "a vault was locked, and its journal could not say so");
    }
}

/// Sleep counts.
fn now_ms() -> u64 {
    u64::try_from(boot_time().as_millis()).unwrap_or(u64::MAX)
}
