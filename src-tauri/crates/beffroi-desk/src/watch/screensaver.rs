//! The screen savers of the desktops, for those that do not tell logind of a locked screen.

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, SelectAll};
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use super::source::{Source, connect, object, read};
use super::{Desk, DeskEvent, Watched};

/// Service and interface, and its object: the one of KDE and others, and that of GNOME. Both have the signal
/// `ActiveChanged(b)`.
const SAVERS: [(&str, &str); 2] =
    [("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"), ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver")];

/// The session bus, and which of the screen savers are on it.
pub(super) struct Screensavers {
    present: [bool; SAVERS.len()],
    said: SelectAll<BoxStream<'static, Said>>,
}

enum Said {
    ActiveChanged(Option<bool>),
    /// One of the savers came or went.
    Present(usize, bool),
}

impl Source for Screensavers {
    async fn find(desk: &Desk, _again: bool) -> zbus::Result<Self> {
        let connection = connect(Builder::session()).await?;
        let bus = DBusProxy::new(&connection).await?;
        let mut savers = Self { present: [false; SAVERS.len()], said: SelectAll::new() };
        for (number, (name, path)) in SAVERS.into_iter().enumerate() {
            let saver = object(&connection, name, path, name).await?;
            let owners = saver.receive_owner_changed().await?;
            savers.said.push(owners.map(move |owner| Said::Present(number, owner.is_some())).boxed());
            let changes = saver.receive_signal("ActiveChanged").await?;
            savers.said.push(changes.map(|signal| Said::ActiveChanged(read(&signal.body()))).boxed());
            savers.present[number] = bus.name_has_owner(BusName::try_from(name)?).await?;
        }
        savers.note(desk);
        Ok(savers)
    }

    async fn listen(mut self, desk: &Desk) {
        while let Some(said) = self.said.next().await {
            match said {
                Said::ActiveChanged(Some(true)) => desk.tell(DeskEvent::ScreenLocked).await,
                Said::ActiveChanged(_) => {}
                Said::Present(number, present) => {
                    self.present[number] = present;
                    self.note(desk);
                }
            }
        }
    }

    fn lost(watched: &mut Watched) {
        watched.screensaver = false;
    }
}

impl Screensavers {
    fn note(&self, desk: &Desk) {
        desk.note(|watched| watched.screensaver = self.present.contains(&true));
    }
}
