//! The two doors from the page to [`beffroi_api`], and the bell that calls it back.

use std::sync::Arc;

use beffroi_api::wire::Event;
use beffroi_api::{Api, ApiError, Class, Shell};
use serde_json::Value;
use tauri::{AppHandle, Emitter, Manager, State};

use crate::clipboard;
use crate::locks::Locks;

/// The event by which the pages hear that something changed.
const EVENT: &str = "beffroi://event";
/// The command after which a lock did not happen by itself.
const LOCK: &str = "vault_lock";

/// Answers a Read or Write command.
///
/// # Errors
/// As the command says; [`beffroi_api::ErrorCode::InvalidRequest`] when there is no such command behind this door.
#[tauri::command]
pub(crate) async fn rpc(
    api: State<'_, Api>,
    locks: State<'_, Arc<Locks>>,
    command: String,
    request: Value,
    vault: Option<String>,
) -> Result<Value, ApiError> {
    let _asked = (command == LOCK).then(|| locks.ask());
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

/// Rings the page of every window.
pub(crate) struct PageBell {
    pub(crate) app: AppHandle,
    pub(crate) locks: Arc<Locks>,
}

impl PageBell {
    /// Destroys every page when a vault was locked, with everything that it held: it begins anew from nothing.
    fn destroy_after_lock(&self) {
        let Some(api) = self.app.try_state::<Api>() else { return };
        if !self.locks.changed(api.open_vaults()) {
            return;
        }
        clipboard::clear(&self.app, None);
        for (label, window) in self.app.webview_windows() {
            if let Err(error) = window.reload() {
                tracing::warn!(%error, label, "a page could not be destroyed");
            }
        }
    }
}

impl Shell for PageBell {
    fn notify(&self, event: Event) {
        if event == Event::VaultChanged {
            self.destroy_after_lock();
        }
        if let Err(error) = self.app.emit(EVENT, event) {
            tracing::debug!(%error, "the pages were not told");
        }
    }
}
