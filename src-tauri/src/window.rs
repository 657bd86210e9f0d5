//! The one window: made by hand rather than from the configuration, because the page may call as soon as it exists.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use beffroi_api::wire::Nothing;
use beffroi_api::{Api, Places, Presence};
use tauri::webview::NewWindowResponse;
use tauri::{App, AppHandle, Manager, RunEvent, Url, WebviewWindowBuilder};

use crate::arguments::Arguments;
use crate::keeper::{self, Holding, Start};
use crate::path_dialog::{PathDialog, SystemDialog};
use crate::{clipboard, desk, path_dialog, rpc};

/// The window's name in `tauri.conf.json` and `capabilities/`.
pub(crate) const LABEL: &str = "main";

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When GTK or WebKit cannot make it.
pub(crate) fn open(arguments: Arguments) -> tauri::Result<()> {
    let places = Places::of_this_system();
    let holding = match tauri::async_runtime::block_on(keeper::take(&places)) {
        Ok(Start::Here(holding)) => Some(holding),
        Ok(Start::Elsewhere) => return Ok(()),
        Err(error) => {
            tracing::warn!(code = %error.code.name(), "the command line cannot ask this window");
            None
        }
    };
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            rpc::rpc,
            rpc::rpc_secret,
            path_dialog::choose_path,
            clipboard::copy_text,
            desk::stir,
            desk::desk,
            desk::set_idle_lock
        ])
        .setup(move |app| Ok(make(app, &arguments, places, holding)?))
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                lock(app);
            }
        });
    Ok(())
}

/// Locks the vault before the process ends: its journal says so, its keys are wiped, nothing works on it any more.
fn lock(app: &AppHandle) {
    if let Some(api) = app.try_state::<Api>() {
        let locked = tauri::async_runtime::block_on(api.vault_lock(Nothing {}));
        if let Err(error) = locked {
            tracing::warn!(code = %error.code.name(), "the vault was not locked properly");
        }
    }
}

fn make(app: &App, arguments: &Arguments, places: Places, holding: Option<Box<Holding>>) -> tauri::Result<()> {
    if let Some(vault) = &arguments.vault {
        offer_first(&places, vault);
    }
    let bell = Arc::new(rpc::PageBell(app.handle().clone(), AtomicUsize::new(0)));
    let _runtime = tauri::async_runtime::handle().inner().enter();
    let api = match holding {
        Some(holding) => holding.begin(app.handle(), bell, places.clone()),
        None => Api::new(places.clone(), bell),
    };
    app.manage(Presence::begin(api.clone(), desk::after(places.idle_lock_s())));
    app.manage(places);
    app.manage(api);
    app.manage(dialog());
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == LABEL) else {
        return Err(tauri::Error::WindowNotFound);
    };
    let window =
        WebviewWindowBuilder::from_config(app, config)?.on_navigation(is_the_page).on_new_window(|_, _| NewWindowResponse::Deny).build()?;
    #[cfg(all(debug_assertions, target_os = "linux"))]
    window.with_webview(say_what_the_page_says)?;
    #[cfg(not(all(debug_assertions, target_os = "linux")))]
    drop(window);
    Ok(())
}

/// Puts a vault on top of the list of those this machine has seen: the page offers the first.
fn offer_first(places: &Places, vault: &Path) {
    let Ok(vault) = std::path::absolute(vault) else { return };
    let opened_ms = places.seen().iter().find(|seen| seen.path == vault).map_or(0, |seen| seen.opened_ms);
    if let Err(error) = places.remember(&vault, opened_ms) {
        tracing::warn!(%error, "the vault cannot be offered first");
    }
}

/// Has WebKit write the page's console, refusals of the content policy included, to standard output: a test reads it
/// from the first line on, which nothing inside the page could do.
#[cfg(all(debug_assertions, target_os = "linux"))]
fn say_what_the_page_says(webview: tauri::webview::PlatformWebview) {
    use webkit2gtk::{SettingsExt, WebViewExt};
    if let Some(settings) = webview.inner().settings() {
        settings.set_enable_write_console_messages_to_stdout(true);
    }
}

#[cfg(debug_assertions)]
fn dialog() -> Arc<dyn PathDialog> {
    match path_dialog::scripted::ScriptedDialog::from_environment() {
        Some(scripted) => Arc::new(scripted),
        None => Arc::new(SystemDialog),
    }
}

#[cfg(not(debug_assertions))]
fn dialog() -> Arc<dyn PathDialog> {
    Arc::new(SystemDialog)
}

/// Whether an address is the page itself: `tauri://localhost`, `http://tauri.localhost` on Windows, or the Vite server
/// in builds without the page.
fn is_the_page(address: &Url) -> bool {
    let embedded = match address.scheme() {
        "tauri" => address.host_str() == Some("localhost"),
        "http" => address.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    embedded || (cfg!(not(feature = "custom-protocol")) && address.as_str().starts_with("http://localhost:5173/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        for (address, right) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#/fleet", true),
            ("tauri://elsewhere/", false),
            ("https://example.org/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("http://tauri.localhost.example.org/", false),
        ] {
            assert_eq!(is_the_page(&Url::parse(address).expect("an address")), right, "{address}");
        }
    }
}
