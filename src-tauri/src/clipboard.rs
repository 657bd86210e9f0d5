//! Puts text on the clipboard. The page cannot: it would have to be allowed to read it too.
//!
//! On Linux GTK is here already, knows X11 and every Wayland compositor, and keeps the text as long as the window lives; a
//! clipboard library would add crates and, on Wayland, a protocol that not every compositor has. Elsewhere it is one.
//!
//! A secret goes from the vault to the clipboard past the page, and is taken off again: after [`KEPT`], when a vault is
//! locked, and when the program ends; only while it is still what lies there, so that nothing is lost that somebody copied
//! since. What was put is known again by a hash. What a program read meanwhile is out of reach.

mod mark;

use std::time::Duration;

use beffroi_api::wire::{SecretName, SecretOutput};
use beffroi_api::{Api, ApiError, ErrorCode};
use tauri::{AppHandle, Manager, State};

use mark::{Held, Mark};

/// The longest text that is taken, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;
/// How long a secret stays.
const KEPT: Duration = Duration::from_secs(15);

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

/// Puts the secret `name` of a vault on the clipboard; gives after how many seconds it is taken off again. The journal says
/// that it was revealed.
///
/// # Errors
/// As `secret_reveal`, and [`ErrorCode::Internal`] when the system refuses.
#[tauri::command]
pub(crate) async fn copy_secret(app: AppHandle, api: State<'_, Api>, name: String, vault: Option<String>) -> Result<u64, ApiError> {
    let api = vault.map_or_else(|| Ok(Api::clone(&api)), |vault| api.on(&vault))?;
    let secret = api.secret_reveal(SecretName { name }).await?.value;
    // To be known again by its hash.
    let marked = app.state::<Secrets>().0.mark(secret.expose());
    put_secret(&app, secret)?;
    let clearing = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(KEPT).await;
        clear(&clearing, Some(&marked));
    });
    Ok(KEPT.as_secs())
}

/// Which secret lies on the clipboard, if one does.
#[derive(Default)]
pub(crate) struct Secrets(Held);

/// Takes what lies on the clipboard off it, if it is a secret that was put there: that one, or any when none is named.
pub(crate) fn clear(app: &AppHandle, which: Option<&Mark>) {
    let Some(mark) = app.state::<Secrets>().0.take(which) else { return };
    if let Err(error) = wipe(app, move |text| mark.is_of(text)) {
        tracing::warn!(code = %error.code.name(), "the clipboard could not be emptied");
    }
}

#[cfg(target_os = "linux")]
fn put(app: &AppHandle, text: String) -> Result<(), ApiError> {
    // GTK answers on the main thread only.
    app.run_on_main_thread(move || gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_text(&text)).map_err(failed)
}

/// The same for a secret: it lies in this process, protected, and is given to whoever pastes it. It says of itself that it is
/// one: clipboard managers that know that word (KDE's and some others) do not keep it in their history.
#[cfg(target_os = "linux")]
fn put_secret(app: &AppHandle, secret: SecretOutput) -> Result<(), ApiError> {
    const HINT: &str = "x-kde-passwordManagerHint";
    const TEXT: u32 = 0;
    const IS_SECRET: u32 = 1;
    let kinds = [("UTF8_STRING", TEXT), ("text/plain;charset=utf-8", TEXT), ("STRING", TEXT), (HINT, IS_SECRET)];
    app.run_on_main_thread(move || {
        let targets = kinds.map(|(kind, number)| gtk::TargetEntry::new(kind, gtk::TargetFlags::empty(), number));
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_with_data(&targets, move |_, asked, number| {
            if number == IS_SECRET {
                asked.set(&gtk::gdk::Atom::intern(HINT), 8, b"secret");
            } else {
                // To the program in which somebody pastes it.
                asked.set_text(secret.expose());
            }
        });
    })
    .map_err(failed)
}

/// Empties the clipboard if `ours` knows its text. Asked without waiting: another program may own what lies there, and it
/// may never answer.
#[cfg(target_os = "linux")]
fn wipe(app: &AppHandle, ours: impl Fn(&str) -> bool + Send + 'static) -> Result<(), ApiError> {
    app.run_on_main_thread(move || {
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).request_text(move |clipboard, text| {
            if text.is_some_and(&ours) {
                clipboard.set_text("");
            }
        });
    })
    .map_err(failed)
}

#[cfg(not(target_os = "linux"))]
fn put(_: &AppHandle, text: String) -> Result<(), ApiError> {
    arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text)).map_err(failed)
}

#[cfg(not(target_os = "linux"))]
fn put_secret(app: &AppHandle, secret: SecretOutput) -> Result<(), ApiError> {
    // To the clipboard, as was asked for.
    put(app, secret.expose().to_owned())
}

#[cfg(not(target_os = "linux"))]
fn wipe(_: &AppHandle, ours: impl Fn(&str) -> bool + Send + 'static) -> Result<(), ApiError> {
    let mut clipboard = arboard::Clipboard::new().map_err(failed)?;
    match clipboard.get_text() {
        Ok(text) if ours(&text) => clipboard.clear().map_err(failed),
        _ => Ok(()),
    }
}

fn failed(error: impl ToString) -> ApiError {
    ApiError::new(ErrorCode::Internal).with("what", error)
}
