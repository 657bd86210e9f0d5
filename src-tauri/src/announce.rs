//! The notifications of the system: for a person who looks at something else. On Linux, the service that desktops offer as
//! `org.freedesktop.Notifications` (Desktop Notifications Specification 1.2); elsewhere there are none.
//!
//! The words are the page's, in the person's language. It puts nothing of a vault into them but, where the person asked for
//! it, the name of a host: other programs of the session and the lock screen show what is said here.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use beffroi_api::ApiError;
use serde::Deserialize;
use tauri::{AppHandle, Manager, State};

/// Longer texts are cut: a notification is a line or two.
const LONGEST: usize = 240;
/// The last of them, so that several windows do not tell the same thing twice.
const REMEMBERED: usize = 64;

/// Something to tell.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Announcement {
    /// What it is about; the same is told once.
    tag: String,
    title: String,
    body: String,
    urgent: bool,
}

/// What was told.
#[derive(Default)]
pub(crate) struct Announcer {
    told: Mutex<VecDeque<String>>,
}

impl Announcer {
    fn is_new(&self, tag: String) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.contains(&tag) {
            return false;
        }
        told.push_back(tag);
        if told.len() > REMEMBERED {
            told.pop_front();
        }
        true
    }
}

/// Tells the person through the system, unless a window of ours has the focus or it was told. Says whether it was shown; a
/// system without notifications is no error.
#[tauri::command]
pub(crate) async fn announce(app: AppHandle, announcer: State<'_, Announcer>, what: Announcement) -> Result<bool, ApiError> {
    let looked_at = app.webview_windows().values().any(|window| window.is_focused().unwrap_or(false));
    if looked_at || !announcer.is_new(cut(&what.tag)) {
        return Ok(false);
    }
    Ok(system::show(&cut(&what.title), &cut(&what.body), what.urgent).await)
}

/// One line of printable text, of a bounded length.
fn cut(text: &str) -> String {
    text.chars().map(|letter| if is_hidden(letter) { ' ' } else { letter }).take(LONGEST).collect()
}

/// Whether a character could hide or turn around what stands beside it.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;
    use std::time::Duration;

    use zbus::Connection;
    use zbus::zvariant::Value;

    const SERVICE: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Whether the system took it.
    pub(super) async fn show(title: &str, body: &str, urgent: bool) -> bool {
        match tokio::time::timeout(PATIENCE, ask(title, body, urgent)).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => tracing::debug!(%error, "the system shows no notifications"),
            Err(_) => tracing::debug!("the system did not take a notification in time"),
        }
        false
    }

    async fn ask(title: &str, body: &str, urgent: bool) -> zbus::Result<()> {
        tell(&Connection::session().await?, title, body, urgent).await
    }

    async fn tell(connection: &Connection, title: &str, body: &str, urgent: bool) -> zbus::Result<()> {
        let able: Vec<String> =
            connection.call_method(Some(SERVICE), PATH, Some(SERVICE), "GetCapabilities", &()).await?.body().deserialize()?;
        let body = if able.iter().any(|one| one == "body-markup") { without_markup(body) } else { body.to_owned() };
        let hints: HashMap<&str, Value<'_>> =
            HashMap::from([("urgency", Value::U8(if urgent { 2 } else { 1 })), ("desktop-entry", Value::from("org.beffroi.desktop"))]);
        let actions: &[&str] = &[];
        let what = ("Beffroi", 0u32, "beffroi-desktop", title, body.as_str(), actions, hints, -1i32);
        connection.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &what).await.map(drop)
    }

    /// The body of a notification is markup where the service says so; a title never is.
    fn without_markup(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        use std::sync::{Arc, Mutex};

        use zbus::connection::Builder;
        use zbus::zvariant::OwnedValue;

        use super::*;

        /// What a desktop shows.
        struct Desktop {
            markup: bool,
            shown: Arc<Mutex<Vec<(String, String, u8)>>>,
        }

        #[zbus::interface(name = "org.freedesktop.Notifications")]
        impl Desktop {
            fn get_capabilities(&self) -> Vec<String> {
                if self.markup { vec!["body".to_owned(), "body-markup".to_owned()] } else { vec!["body".to_owned()] }
            }

            #[expect(clippy::too_many_arguments, reason = "as the specification has it")]
            fn notify(
                &self,
                _app: String,
                _replaces: u32,
                _icon: String,
                title: String,
                body: String,
                actions: Vec<String>,
                hints: HashMap<String, OwnedValue>,
                _expires: i32,
            ) -> u32 {
                assert!(actions.is_empty());
                let urgency = hints.get("urgency").and_then(|value| u8::try_from(value).ok()).unwrap_or(9);
                self.shown.lock().expect("nobody panicked").push((title, body, urgency));
                1
            }
        }

        async fn told(markup: bool) -> Vec<(String, String, u8)> {
            let shown = Arc::new(Mutex::new(Vec::new()));
            let desktop = Desktop { markup, shown: Arc::clone(&shown) };
            let (ours, theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
            let server = Builder::async_io_unix_stream(theirs)
                .server(zbus::Guid::generate())
                .expect("a name")
                .p2p()
                .serve_at(PATH, desktop)
                .expect("served")
                .build();
            let (server, client) = tokio::join!(server, Builder::async_io_unix_stream(ours).p2p().build());
            tell(&client.expect("joined"), "A job failed on <b>ynh-01</b>", "<i>details</i> & more", true).await.expect("told");
            drop(server.expect("joined"));
            let shown = shown.lock().expect("nobody panicked");
            shown.clone()
        }

        #[tokio::test]
        async fn a_desktop_is_told_text_and_never_markup() {
            let title = "A job failed on <b>ynh-01</b>".to_owned();
            assert_eq!(told(true).await, [(title.clone(), "&lt;i&gt;details&lt;/i&gt; &amp; more".to_owned(), 2)]);
            assert_eq!(told(false).await, [(title, "<i>details</i> & more".to_owned(), 2)]);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    /// Whether the system took it.
    pub(super) async fn show(_title: &str, _body: &str, _urgent: bool) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_by_however_many_windows() {
        let announcer = Announcer::default();
        assert!(announcer.is_new("job-1 failed".to_owned()));
        assert!(!announcer.is_new("job-1 failed".to_owned()));
        assert!(announcer.is_new("job-2 failed".to_owned()));
        for number in 0..REMEMBERED {
            announcer.is_new(format!("other {number}"));
        }
        assert!(announcer.is_new("job-1 failed".to_owned()), "what is long past is forgotten");
        assert!(announcer.told.lock().expect("nobody panicked").len() <= REMEMBERED);
    }

    #[test]
    fn a_text_is_one_line_that_shows_all_it_has() {
        assert_eq!(cut("a\nb\u{202e}c\u{0}d\u{200b}é"), "a b c d é");
        assert_eq!(cut(&"é".repeat(1000)).chars().count(), LONGEST);
    }
}
