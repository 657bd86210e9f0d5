//! The two doors from the page to [`beffroi_api`], and the bell that calls it back.

use std::sync::atomic::{AtomicUsize, Ordering};

use beffroi_api::wire::Event;
use beffroi_api::{Api, ApiError, Class, Shell};
use serde_json::Value;
use tauri::{AppHandle, Emitter, EventTarget, Manager, State};

use crate::window::LABEL;

/// The event by which the page hears that something changed.
const EVENT: &str = "beffroi://event";

/// Answers a Read or Write command.
///
/// # Errors
/// As the command says; [`beffroi_api::ErrorCode::InvalidRequest`] when there is no such command behind this door.
#[tauri::command]
pub(crate) async fn rpc(api: State<'_, Api>, command: String, request: Value, vault: Option<String>) -> Result<Value, ApiError> {
    meant(&api, vault)?.call(&[Class::Read, Class::Write], &command, request).await
}

/// Answers a Secret command: a window's capabilities can leave it out.
///
/// # Errors
/// As the command says; [`beffroi_api::ErrorCode::InvalidRequest`] when there is no such command behind this door.
#[tauri::command]
pub(crate) async fn rpc_secret(api: State<'_, Api>, command: String, request: Value, vault: Option<String>) -> Result<Value, ApiError> {
    meant(&api, vault)?.call(&[Class::Secret], &command, request).await
}

/// The api on the vault that the page means; without a name, on the only open one.
fn meant(api: &Api, vault: Option<String>) -> Result<Api, ApiError> {
    vault.map_or_else(|| Ok(api.clone()), |vault| api.on(&vault))
}

/// Rings the page.
pub(crate) struct PageBell(pub(crate) AppHandle, pub(crate) AtomicUsize);

impl PageBell {
    /// Destroys the page when a vault was locked, with everything that it held: it begins anew from nothing.
    fn destroy_after_lock(&self) {
        let Some(api) = self.0.try_state::<Api>() else { return };
        let open = api.open_vaults();
        let before = self.1.swap(open, Ordering::SeqCst);
        if open < before
            && let Some(window) = self.0.get_webview_window(LABEL)
            && let Err(error) = window.reload()
        {
            tracing::warn!(%error, "the page could not be destroyed");
        }
    }
}

impl Shell for PageBell {
    fn notify(&self, event: Event) {
        if event == Event::VaultChanged {
            self.destroy_after_lock();
        }
        if let Err(error) = self.0.emit_to(EventTarget::webview_window(LABEL), EVENT, event) {
            tracing::debug!(%error, "the page was not told");
        }
    }
}
