//! A service on a bus: connected to, listened to, and sought again when it is gone.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use zbus::connection::Builder;
use zbus::message::Body;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{DynamicDeserialize, DynamicType};
use zbus::{Connection, Proxy};

use super::{Desk, DeskEvent, Watched};

/// How long a bus or a service may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A service that events come from.
pub(super) trait Source: Send + Sized + 'static {
    /// Finds the service and subscribes. `again`: it was found before, and something may have been missed since.
    fn find(desk: &Desk, again: bool) -> impl Future<Output = zbus::Result<Self>> + Send;
    /// Passes on what it tells, until it is gone.
    fn listen(self, desk: &Desk) -> impl Future<Output = ()> + Send;
    /// Takes back what it said to be watched.
    fn lost(watched: &mut Watched);
}

/// Starts a task for a source, and returns when the source was sought once.
pub(super) async fn begin<S: Source>(desk: Desk) {
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        tokio::select! {
            () = desk.teller.closed() => {}
            () = keep::<S>(&desk, tell) => {}
        }
    });
    let _ = timeout(2 * PATIENCE, told).await;
}

async fn keep<S: Source>(desk: &Desk, sought: oneshot::Sender<()>) {
    let (mut sought, mut again, mut pause) = (Some(sought), false, FIRST_PAUSE);
    loop {
        let found = S::find(desk, again).await;
        if let Some(sought) = sought.take() {
            let _ = sought.send(());
        }
        match found {
            Ok(source) => {
                (again, pause) = (true, FIRST_PAUSE);
                source.listen(desk).await;
                tracing::debug!(source = std::any::type_name::<S>(), "gone");
            }
            Err(error) => tracing::debug!(source = std::any::type_name::<S>(), %error, "absent"),
        }
        desk.facts.send_modify(S::lost);
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(2 * pause);
    }
}

impl Desk {
    /// Tells the app; waits while it has much to do. The watch ends with its listener, so that nothing is lost unnoticed.
    pub(super) async fn tell(&self, event: DeskEvent) {
        let _ = self.teller.send(event).await;
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut Watched)) {
        self.facts.send_modify(note);
    }
}

/// Connects to a bus; every call on it has a limit.
pub(super) async fn connect(bus: zbus::Result<Builder<'_>>) -> zbus::Result<Connection> {
    let late = |_| zbus::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    timeout(PATIENCE, bus?.method_timeout(PATIENCE).build()).await.map_err(late)?
}

/// One interface of one object. Its signals are taken from the owner of the service's name only.
pub(super) async fn object<'a>(connection: &Connection, service: &'a str, path: &'a str, interface: &'a str) -> zbus::Result<Proxy<'a>> {
    zbus::proxy::Builder::new(connection)
        .destination(service)?
        .path(path)?
        .interface(interface)?
        .cache_properties(CacheProperties::No)
        .build()
        .await
}

/// Reads what came with a signal; nothing when it has another shape than its interface says.
pub(super) fn read<T>(body: &Body) -> Option<T>
where
    T: for<'d> DynamicDeserialize<'d> + DynamicType,
{
    body.deserialize().ok()
}
