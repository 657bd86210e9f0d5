//! logind: sleep, the operator's session.

use std::collections::HashMap;
use std::env;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, SelectAll};
use zbus::Proxy;
use zbus::connection::Builder;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, OwnedValue};

use super::source::{Source, connect, object, read};
use super::{Desk, DeskEvent, SleepGuard, Watched};

const SERVICE: &str = "org.freedesktop.login1";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// logind, found and subscribed to.
pub(super) struct Logind {
    manager: Proxy<'static>,
    said: SelectAll<BoxStream<'static, Said>>,
    session: Option<OwnedObjectPath>,
    /// Held while the machine is awake, handed out with the news of sleep.
    inhibitor: Option<OwnedFd>,
}

/// A signal of logind.
enum Said {
    PrepareForSleep(Option<bool>),
    SessionRemoved(Option<OwnedObjectPath>),
    Lock,
    SessionChanged(Option<HashMap<String, OwnedValue>>),
    /// The service has another owner, or none.
    Replaced,
}

impl Source for Logind {
    async fn find(desk: &Desk, again: bool) -> zbus::Result<Self> {
        let connection = connect(Builder::system()).await?;
        let manager = object(&connection, SERVICE, MANAGER_PATH, MANAGER).await?;
        let mut said = SelectAll::new();
        // Subscribed before anything is asked: what happens in between is not missed.
        said.push(manager.receive_owner_changed().await?.map(|_| Said::Replaced).boxed());
        let signal = manager.receive_signal("PrepareForSleep").await?;
        said.push(signal.map(|signal| Said::PrepareForSleep(read(&signal.body()))).boxed());
        let signal = manager.receive_signal("SessionRemoved").await?;
        let removed = |(_, path): (String, OwnedObjectPath)| path;
        said.push(signal.map(move |signal| Said::SessionRemoved(read(&signal.body()).map(removed))).boxed());
        let sleeps_now: bool = manager.get_property("PreparingForSleep").await?;
        desk.note(|watched| watched.sleep = true);

        let mut logind = Self { manager, said, session: None, inhibitor: None };
        if sleeps_now {
            desk.tell(DeskEvent::SleepSoon(SleepGuard { _inhibitor: None })).await;
        } else {
            logind.inhibit(desk).await;
        }
        if let Some(session) = own_session(&logind.manager).await {
            logind.subscribe(&session, desk, again).await?;
            logind.session = Some(session);
            desk.note(|watched| watched.session = true);
        }
        Ok(logind)
    }

    async fn listen(mut self, desk: &Desk) {
        while let Some(said) = self.said.next().await {
            match said {
                Said::PrepareForSleep(Some(true)) => {
                    let inhibitor = self.inhibitor.take().map(Into::into);
                    desk.note(|watched| watched.sleep_waits = false);
                    desk.tell(DeskEvent::SleepSoon(SleepGuard { _inhibitor: inhibitor })).await;
                }
                Said::PrepareForSleep(Some(false)) => {
                    self.inhibit(desk).await;
                    desk.tell(DeskEvent::Woke).await;
                }
                Said::SessionRemoved(Some(path)) if self.session.as_ref() == Some(&path) => {
                    self.session = None;
                    desk.note(|watched| watched.session = false);
                    desk.tell(DeskEvent::SessionInactive).await;
                }
                Said::Lock => desk.tell(DeskEvent::ScreenLocked).await,
                Said::SessionChanged(Some(changed)) => tell_state(&changed, desk).await,
                Said::Replaced => return,
                Said::PrepareForSleep(None) | Said::SessionRemoved(_) | Said::SessionChanged(None) => {}
            }
        }
    }

    fn lost(watched: &mut Watched) {
        (watched.sleep, watched.sleep_waits, watched.session) = (false, false, false);
    }
}

impl Logind {
    /// Asks that sleep be delayed. The rules of the system may refuse; then sleep is told of, and does not wait.
    async fn inhibit(&mut self, desk: &Desk) {
        let why = ("sleep", "Beffroi", "Locks the vaults before the machine sleeps", "delay");
        match self.manager.call("Inhibit", &why).await {
            Ok(inhibitor) => self.inhibitor = Some(inhibitor),
            Err(error) => tracing::info!(%error, "sleep will not wait for the vaults to be locked"),
        }
        desk.note(|watched| watched.sleep_waits = self.inhibitor.is_some());
    }

    async fn subscribe(&mut self, path: &OwnedObjectPath, desk: &Desk, again: bool) -> zbus::Result<()> {
        let connection = self.manager.connection().clone();
        let session = object(&connection, SERVICE, path.as_str(), SESSION).await?;
        let properties = object(&connection, SERVICE, path.as_str(), PROPERTIES).await?;
        self.said.push(session.receive_signal("Lock").await?.map(|_| Said::Lock).boxed());
        let changed = properties.receive_signal_with_args("PropertiesChanged", &[(0, SESSION)]).await?;
        let values = |(_, values, _): (String, HashMap<String, OwnedValue>, Vec<String>)| values;
        self.said.push(changed.map(move |signal| Said::SessionChanged(read(&signal.body()).map(values))).boxed());
        if again {
            tell_state(&properties.call("GetAll", &(SESSION,)).await?, desk).await;
        }
        Ok(())
    }
}

/// The session of this process; else the one that the environment names; else the one where the user sees a screen.
/// A program that the user's own systemd started is in no session.
async fn own_session(manager: &Proxy<'_>) -> Option<OwnedObjectPath> {
    if let Ok(path) = manager.call("GetSessionByPID", &(std::process::id(),)).await {
        return Some(path);
    }
    if let Ok(id) = env::var("XDG_SESSION_ID")
        && let Ok(path) = manager.call("GetSession", &(id,)).await
    {
        return Some(path);
    }
    let uid = rustix::process::getuid().as_raw();
    let user: OwnedObjectPath = manager.call("GetUser", &(uid,)).await.ok()?;
    let user = object(manager.connection(), SERVICE, user.as_str(), USER).await.ok()?;
    let display: OwnedValue = user.get_property("Display").await.ok()?;
    let (id, path) = <(String, OwnedObjectPath)>::try_from(display).ok()?;
    // Both are empty when there is none.
    (!id.is_empty()).then_some(path)
}

/// Tells what the state of a session, or the part of it that changed, means.
async fn tell_state(state: &HashMap<String, OwnedValue>, desk: &Desk) {
    let flag = |name: &str| state.get(name).and_then(|value| bool::try_from(value).ok());
    if flag("LockedHint") == Some(true) {
        desk.tell(DeskEvent::ScreenLocked).await;
    }
    if flag("Active") == Some(false) {
        desk.tell(DeskEvent::SessionInactive).await;
    }
}
