//! The system's browser, for what a host shows through a tunnel. The page never says where it goes.

use beffroi_api::wire::Nothing;
use beffroi_api::{Api, ApiError, ErrorCode};
use tauri::State;

/// Opens the web administration that a tunnel leads to.
///
/// # Errors
/// [`ErrorCode::TunnelNotFound`], also for a tunnel that leads elsewhere; [`ErrorCode::Internal`] when there is no browser.
#[tauri::command]
pub(crate) async fn open_web_admin(api: State<'_, Api>, tunnel: String, vault: Option<String>) -> Result<(), ApiError> {
    let api = vault.map_or_else(|| Ok(Api::clone(&api)), |vault| api.on(&vault))?;
    let open = api.tunnel_list(Nothing {}).await?.tunnels.into_iter().find(|row| row.tunnel == tunnel);
    let address = open.and_then(|row| row.web_admin).ok_or_else(|| ApiError::new(ErrorCode::TunnelNotFound).with("tunnel", tunnel))?;
    open::that_detached(address).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))
}
