//! The windows: made by hand rather than from the configuration, because a page may call as soon as it exists. All are of one
//! process, which holds the keys once; closing the last ends it.

use std::path::Path;
use std::sync::Arc;

use beffroi_api::wire::Nothing;
use beffroi_api::{Api, ApiError, ErrorCode, Places, Presence};
use tauri::utils::config::WindowConfig;
use tauri::webview::NewWindowResponse;
use tauri::{App, AppHandle, Manager, RunEvent, Url, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent};

use crate::arguments::Arguments;
use crate::keeper::{self, Holding, Start};
use crate::locks::Locks;
use crate::path_dialog::{PathDialog, SystemDialog};
use crate::window_state::{self, Area, Frame, WindowState};
use crate::{announce, browser, clipboard, desk, path_dialog, rpc};

/// The windows there can be, as `capabilities/windows.json` names them: no pattern, so that no other can come to what they
/// may. The first is in `tauri.conf.json`.
pub(crate) const LABELS: [&str; 4] = ["main", "second", "third", "fourth"];

/// How far a new window is from the one before it, in logical pixels.
const CASCADE: i32 = 36;

/// Opens the first window and stays until the last is closed.
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
            clipboard::copy_secret,
            desk::stir,
            desk::desk,
            desk::set_idle_lock,
            desk::set_zoom,
            announce::announce,
            browser::open_web_admin,
            open_window
        ])
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::CloseRequested { .. } | WindowEvent::Focused(false)) {
                remember(window);
            }
        })
        .setup(move |app| Ok(make(app, &arguments, places, holding)?))
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                clipboard::clear(app, None);
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
    let locks = Arc::new(Locks::default());
    let bell = Arc::new(rpc::PageBell { app: app.handle().clone(), locks: Arc::clone(&locks) });
    // Beside the list of vaults: the state of this machine.
    app.manage(WindowState::read(places.anchors().with_file_name("windows.json")));
    app.manage(locks);
    app.manage(clipboard::Secrets::default());
    app.manage(announce::Announcer::default());
    let _runtime = tauri::async_runtime::handle().inner().enter();
    let api = match holding {
        Some(holding) => holding.begin(app.handle(), bell, places.clone()),
        None => Api::new(places.clone(), bell),
    };
    app.manage(Presence::begin(api.clone(), desk::after(places.idle_lock_s())));
    app.manage(places);
    app.manage(api);
    app.manage(dialog());
    build(app.handle(), LABELS[0]).map(drop)
}

/// Opens one more window, onto the same vaults.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] when all of [`LABELS`] are open; [`ErrorCode::Internal`] when the system refuses.
#[tauri::command]
pub(crate) async fn open_window(app: AppHandle) -> Result<(), ApiError> {
    let Some(label) = LABELS.into_iter().find(|label| app.get_webview_window(label).is_none()) else {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "window"));
    };
    let failed = |error: tauri::Error| ApiError::new(ErrorCode::Internal).with("what", error);
    build(&app, label).map_err(failed)?.set_focus().map_err(failed)
}

fn build(app: &AppHandle, label: &str) -> tauri::Result<WebviewWindow> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == LABELS[0]) else {
        return Err(tauri::Error::WindowNotFound);
    };
    let config = WindowConfig { label: label.to_owned(), ..config.clone() };
    let mut builder =
        WebviewWindowBuilder::from_config(app, &config)?.on_navigation(is_the_page).on_new_window(|_, _| NewWindowResponse::Deny);
    let state = app.state::<WindowState>();
    if let Some(frame) = kept_frame(app, &state, label)
        && let Some(area) = window_state::bounded(frame.area, least(&config), &screens(app))
    {
        builder = builder
            .inner_size(f64::from(area.width), f64::from(area.height))
            .position(f64::from(area.x), f64::from(area.y))
            .maximized(frame.maximized);
    }
    let window = builder.build()?;
    window.set_zoom(desk::factor(state.zoom_percent()))?;
    #[cfg(target_os = "linux")]
    if !has_gpu() {
        window.with_webview(draw_without_gpu)?;
    }
    #[cfg(all(debug_assertions, target_os = "linux"))]
    window.with_webview(say_what_the_page_says)?;
    Ok(window)
}

/// How a window stood; one that was never seen goes beside one that is there.
fn kept_frame(app: &AppHandle, state: &WindowState, label: &str) -> Option<Frame> {
    state.frame(label).or_else(|| {
        let last = LABELS.into_iter().rev().find_map(|other| app.get_webview_window(other))?;
        let beside = frame_of(&last.as_ref().window())?;
        let area = Area { x: beside.area.x.saturating_add(CASCADE), y: beside.area.y.saturating_add(CASCADE), ..beside.area };
        Some(Frame { area, maximized: false })
    })
}

fn least(config: &WindowConfig) -> (u32, u32) {
    let whole = |size: Option<f64>| size.map_or(0, |size| size as u32);
    (whole(config.min_width), whole(config.min_height))
}

fn screens(app: &AppHandle) -> Vec<Area> {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors
        .iter()
        .map(|monitor| {
            let free = monitor.work_area();
            let (at, size) = (free.position.to_logical::<i32>(monitor.scale_factor()), free.size.to_logical::<u32>(monitor.scale_factor()));
            Area { x: at.x, y: at.y, width: size.width, height: size.height }
        })
        .filter(|screen| screen.width > 0 && screen.height > 0)
        .collect()
}

fn frame_of(window: &Window) -> Option<Frame> {
    let scale = window.scale_factor().ok()?;
    let at = window.outer_position().ok()?.to_logical::<i32>(scale);
    let size = window.inner_size().ok()?.to_logical::<u32>(scale);
    let area = Area { x: at.x, y: at.y, width: size.width, height: size.height };
    Some(Frame { area, maximized: window.is_maximized().ok()? })
}

/// Keeps how a window stands, while it still does: when another gets the focus, and when it is about to be closed.
fn remember(window: &Window) {
    if window.is_minimized().unwrap_or(true) {
        return;
    }
    if let (Some(state), Some(frame)) = (window.try_state::<WindowState>(), frame_of(window)) {
        state.keep_frame(window.label(), frame);
    }
}

/// Puts a vault on top of the list of those this machine has seen: the page offers the first.
fn offer_first(places: &Places, vault: &Path) {
    let Ok(vault) = std::path::absolute(vault) else { return };
    let opened_ms = places.seen().iter().find(|seen| seen.path == vault).map_or(0, |seen| seen.opened_ms);
    if let Err(error) = places.remember(&vault, opened_ms) {
        tracing::warn!(%error, "the vault cannot be offered first");
    }
}

/// Whether there is something that draws: a render node of the kernel's (`/dev/dri/renderD128`). Where tests take pictures, it
/// is as if there were: WebKit gives its driver none of what it drew without one.
#[cfg(target_os = "linux")]
fn has_gpu() -> bool {
    if cfg!(debug_assertions) && std::env::var_os("BEFFROI_SHOTS").is_some() {
        return true;
    }
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    nodes.into_iter().any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

/// Has WebKit draw by itself. Where there is no GPU, as in most virtual machines, it would draw through one that is emulated,
/// which takes several times as long.
#[cfg(target_os = "linux")]
fn draw_without_gpu(webview: tauri::webview::PlatformWebview) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    if let Some(settings) = webview.inner().settings() {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
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
