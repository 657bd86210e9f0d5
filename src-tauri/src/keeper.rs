//! The window as the process that holds the keys: the command line asks it, and there is one of it.

use std::sync::Arc;

use beffroi_api::{Api, ApiError, Places, Shell};
use tauri::AppHandle;

/// What comes of starting while another process may hold the keys.
pub(crate) enum Start {
    /// This one holds them.
    Here(Box<Holding>),
    /// Another window does, and was brought to the front.
    Elsewhere,
}

#[cfg(unix)]
mod unix {
    use std::time::{Duration, SystemTime};

    use beffroi_api::agent::{self, About, Client, Hub, Keeper, Kind, Listener, boot_time};
    use tauri::Manager;

    use super::*;
    use crate::window::LABELS;

    /// An agent that was told to stop is gone after this long, or goes on.
    const PATIENCE: Duration = Duration::from_secs(5);
    const PAUSE: Duration = Duration::from_millis(50);

    /// The place where others ask, until it is dropped.
    pub(crate) struct Holding {
        listener: Option<Listener>,
    }

    impl Holding {
        /// Answers those who ask, and tells them and the page what changes.
        pub(crate) fn begin(self, app: &AppHandle, bell: Arc<dyn Shell>, places: Places) -> Api {
            let hub = Arc::new(Hub::new(Some(bell)));
            let api = Api::new(places, Arc::clone(&hub) as Arc<dyn Shell>);
            if let Some(listener) = self.listener {
                let keeper = Arc::new(Window { app: app.clone(), since: SystemTime::now() });
                let served = api.clone();
                tauri::async_runtime::spawn(async move { agent::serve(&listener, served, hub, keeper).await });
            }
            api
        }
    }

    /// Takes the place of the process that holds the keys. An agent gives way: it locks what it has open. A window does not.
    pub(crate) async fn take(places: &Places) -> Result<Start, ApiError> {
        let until = boot_time() + PATIENCE;
        loop {
            if let Some(listener) = agent::listen(places)? {
                return Ok(Start::Here(Box::new(Holding { listener: Some(listener) })));
            }
            if let Some(other) = Client::connect_to_any(places).await? {
                if other.hello().kind == Kind::Desktop {
                    other.raise().await?;
                    return Ok(Start::Elsewhere);
                }
                other.stop().await?;
            }
            if boot_time() >= until {
                // The window works all the same; the command line opens vaults by itself.
                return Ok(Start::Here(Box::new(Holding { listener: None })));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    struct Window {
        app: AppHandle,
        since: SystemTime,
    }

    impl Keeper for Window {
        fn about(&self) -> About {
            let since = self.since.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let since_ms = u64::try_from(since.as_millis()).unwrap_or(0);
            About { kind: Kind::Desktop, since_ms, ends_ms: None, idle: Duration::ZERO }
        }

        /// What the command line asks does not say that somebody is at the desk.
        fn working(&self, _: usize) {}

        /// Who stirs at the desk decides that ([`beffroi_api::Presence`]).
        fn is_over(&self) -> bool {
            false
        }

        /// The vaults are locked by now; the window stays.
        fn stop(&self) {}

        fn raise(&self) -> bool {
            let Some(window) = LABELS.into_iter().find_map(|label| self.app.get_webview_window(label)) else { return false };
            window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()).is_ok()
        }
    }
}

#[cfg(unix)]
pub(crate) use unix::{Holding, take};

/// Where there are no Unix sockets, nobody can ask.
#[cfg(not(unix))]
pub(crate) struct Holding;

#[cfg(not(unix))]
impl Holding {
    pub(crate) fn begin(self, _: &AppHandle, bell: Arc<dyn Shell>, places: Places) -> Api {
        Api::new(places, bell)
    }
}

#[cfg(not(unix))]
pub(crate) async fn take(_: &Places) -> Result<Start, ApiError> {
    Ok(Start::Here(Box::new(Holding)))
}
