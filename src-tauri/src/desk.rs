//! The person at the desk: whether somebody is there, and after how long without anybody the vaults are locked.

use std::sync::Arc;
use std::time::Duration;

use beffroi_api::{ApiError, ErrorCode, Places, Presence};
use serde::Serialize;
use tauri::State;

/// What the page shows of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Desk {
    /// Seconds without a stir after which the vaults are locked; 0 for never.
    idle_lock_s: u64,
    /// What of the system locks them as well: any of `sleep`, `session`, `screensaver`.
    watched: Vec<&'static str>,
}

/// The longest time without a stir that can be asked for.
const LONGEST_S: u64 = 8 * 3600;

/// Somebody is there.
#[tauri::command]
pub(crate) fn stir(presence: State<'_, Arc<Presence>>) {
    presence.stir();
}

/// After how long without anybody the vaults are locked, and what else locks them.
#[tauri::command]
pub(crate) fn desk(places: State<'_, Places>, presence: State<'_, Arc<Presence>>) -> Desk {
    Desk { idle_lock_s: places.idle_lock_s(), watched: presence.watched() }
}

/// Sets after how long without anybody the vaults are locked; 0 for never.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] above 8 hours; [`ErrorCode::LocalFile`] when it cannot be kept.
#[tauri::command]
pub(crate) fn set_idle_lock(places: State<'_, Places>, presence: State<'_, Arc<Presence>>, seconds: u64) -> Result<(), ApiError> {
    if seconds > LONGEST_S {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "seconds"));
    }
    places.set_idle_lock_s(seconds)?;
    presence.lock_after(after(seconds));
    Ok(())
}

/// The time as [`Presence`] takes it.
pub(crate) fn after(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}
