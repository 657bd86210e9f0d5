//! The person at the desk: whether somebody is there, after how long without anybody the vaults are locked, how large the
//! text is.

use std::sync::Arc;
use std::time::Duration;

use beffroi_api::{ApiError, ErrorCode, Places, Presence};
use serde::Serialize;
use tauri::{AppHandle, Manager, State};

use crate::locks::Locks;
use crate::window_state::{WindowState, ZOOMS};

/// What the page shows of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Desk {
    /// Seconds without a stir after which the vaults are locked; 0 for never.
    idle_lock_s: u64,
    /// What of the system locks them as well: any of `sleep`, `session`, `screensaver`.
    watched: Vec<&'static str>,
    /// When a vault was locked by itself, in milliseconds since 1970, unless one was opened since.
    locked_itself_ms: Option<u64>,
    /// How large the text is, in percent.
    zoom_percent: u16,
    /// The version of this program.
    version: &'static str,
}

/// The longest time without a stir that can be asked for.
const LONGEST_S: u64 = 8 * 3600;

/// Somebody is there.
#[tauri::command]
pub(crate) fn stir(presence: State<'_, Arc<Presence>>) {
    presence.stir();
}

/// What the page shows of the desk.
#[tauri::command]
pub(crate) fn desk(
    places: State<'_, Places>,
    presence: State<'_, Arc<Presence>>,
    locks: State<'_, Arc<Locks>>,
    state: State<'_, WindowState>,
) -> Desk {
    Desk {
        idle_lock_s: places.idle_lock_s(),
        watched: presence.watched(),
        locked_itself_ms: locks.itself_ms(),
        zoom_percent: state.zoom_percent(),
        version: env!("CARGO_PKG_VERSION"),
    }
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

/// Sets how large the text of every window is, and keeps it.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for a number that is not one of [`ZOOMS`].
#[tauri::command]
pub(crate) fn set_zoom(app: AppHandle, state: State<'_, WindowState>, percent: u16) -> Result<(), ApiError> {
    if !ZOOMS.contains(&percent) {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "percent"));
    }
    state.keep_zoom(percent);
    for (label, window) in app.webview_windows() {
        if let Err(error) = window.set_zoom(factor(percent)) {
            tracing::warn!(%error, label, "the size of the text");
        }
    }
    Ok(())
}

/// The size of the text as the webview takes it.
pub(crate) fn factor(percent: u16) -> f64 {
    f64::from(percent) / 100.0
}

/// The time as [`Presence`] takes it.
pub(crate) fn after(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}
