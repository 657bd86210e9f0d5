//! The two doors from the page to [`beffroi_api`], and the bell that calls it back.

use beffroi_api::wire::Event;
use beffroi_api::{Api, ApiError, Class, Shell};
use serde_json::Value;
use tauri::{AppHandle, Emitter, EventTarget, State};

use crate::window::LABEL;

/// The event by which the page hears that something changed.
const EVENT: &str = "beffroi://event";

/// Answers a Read or Write command.
///
/// # Errors
/// As the command says; [`beffroi_api::ErrorCode::InvalidRequest`] when there is no such command behind this door.
#[tauri::command]
pub(crate) async fn rpc(api: State<'_, Api>, command: String, request: Value) -> Result<Value, ApiError> {
    api.call(&[Class::Read, Class::Write], &command, request).await
}

/// Answers a Secret command: a window's capabilities can leave it out.
///
/// # Errors
/// As the command says; [`beffroi_api::ErrorCode::InvalidRequest`] when there is no such command behind this door.
#[tauri::command]
pub(crate) async fn rpc_secret(api: State<'_, Api>, command: String, request: Value) -> Result<Value, ApiError> {
    api.call(&[Class::Secret], &command, request).await
}

/// Rings the page.
pub(crate) struct PageBell(pub(crate) AppHandle);

impl Shell for PageBell {
    fn notify(&self, event: Event) {
        if let Err(error) = self.0.emit_to(EventTarget::webview_window(LABEL), EVENT, event) {
            tracing::debug!(%error, "the page was not told");
        }
    }
}
