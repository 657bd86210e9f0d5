//! Open connections, one per host, shared by everything that works on it.

use std::collections::HashMap;
use std::sync::Arc;

use beffroi_domain::{HostId, TargetRecord};
use beffroi_remote::RemoteError;
use beffroi_ssh::{ConnectLimits, Credential, SshRemote, Target};
use tokio::sync::Mutex;

/// The connections of an open vault.
///
/// A connection is made for a target record that was authenticated just before, and is dropped when that record changes.
#[derive(Default)]
pub(crate) struct Connections {
    slots: Mutex<HashMap<HostId, Slot>>,
}

/// One host's connection. Its own lock makes two callers share one attempt instead of logging in twice.
type Slot = Arc<Mutex<Option<Open>>>;

struct Open {
    remote: Arc<SshRemote>,
    made_for: TargetRecord,
}

impl Connections {
    /// The host's connection: the one that is there, else a new one. `credential` is asked for only when it is needed.
    pub(crate) async fn get<E: From<RemoteError>>(
        &self,
        record: &TargetRecord,
        credential: impl AsyncFnOnce() -> Result<Credential, E>,
    ) -> Result<Arc<SshRemote>, E> {
        let slot = Arc::clone(self.slots.lock().await.entry(record.host).or_default());
        let mut slot = slot.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| open.made_for == *record && !open.remote.is_closed()) {
            return Ok(Arc::clone(&open.remote));
        }
        *slot = None;
        let target = Target {
            address: record.access.address.clone(),
            port: record.access.port,
            user: record.access.user.clone(),
            pins: record.pins.iter().map(|pin| pin.fingerprint.clone()).collect(),
            credential: credential().await?,
        };
        let remote = Arc::new(SshRemote::connect(&target, ConnectLimits::default()).await?);
        *slot = Some(Open { remote: Arc::clone(&remote), made_for: record.clone() });
        Ok(remote)
    }

    /// Lets a host's connection go; work under way on it keeps it until it ends.
    pub(crate) async fn forget(&self, host: HostId) {
        self.slots.lock().await.remove(&host);
    }

    /// Closes a host's connection, under whatever works on it.
    pub(crate) async fn close(&self, host: HostId) {
        let slot = self.slots.lock().await.remove(&host);
        if let Some(slot) = slot
            && let Some(open) = slot.lock().await.take()
        {
            open.remote.disconnect().await;
        }
    }

    /// Closes every connection, under whatever works on it.
    pub(crate) async fn close_all(&self) {
        let hosts: Vec<HostId> = self.slots.lock().await.keys().copied().collect();
        for host in hosts {
            self.close(host).await;
        }
    }
}
