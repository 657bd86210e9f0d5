//! Puts text on the clipboard. The page cannot: it would have to be allowed to read it too.
//!
//! On Linux GTK is here already, knows X11 and every Wayland compositor, and keeps the text as long as the window lives; a
//! clipboard library would add crates and, on Wayland, a protocol that not every compositor has. Elsewhere it is one.

use beffroi_api::{ApiError, ErrorCode};
use tauri::AppHandle;

/// The longest text that is taken, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;

/// Puts `text` on the clipboard.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] when it is longer than [`LONGEST`], [`ErrorCode::Internal`] when the system refuses.
#[tauri::command]
pub(crate) fn copy_text(app: AppHandle, text: String) -> Result<(), ApiError> {
    if text.len() > LONGEST {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "text"));
    }
    put(&app, text)
}

#[cfg(target_os = "linux")]
fn put(app: &AppHandle, text: String) -> Result<(), ApiError> {
    // GTK answers on the main thread only.
    app.run_on_main_thread(move || gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_text(&text)).map_err(failed)
}

#[cfg(not(target_os = "linux"))]
fn put(_: &AppHandle, text: String) -> Result<(), ApiError> {
    arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text)).map_err(failed)
}

fn failed(error: impl ToString) -> ApiError {
    ApiError::new(ErrorCode::Internal).with("what", error)
}
