//! Open connections, one per host, shared by everything that works on it.

use std::collections::HashMap;
use std::sync::Arc;

use beffroi_domain::{HostId, TargetRecord};
use beffroi_ssh::SshRemote;
use tokio::sync::Mutex;

/// The connections of an open vault.
///
/// A connection is made for a target record that was authenticated just before, and is dropped when that record comes to say
/// something else.
#[derive(Default)]
pub(crate) struct Connections {
    slots: Mutex<HashMap<HostId, Slot>>,
}

/// One host's connection. Its own lock makes two callers share one attempt instead of logging in twice.
pub(crate) type Slot = Arc<Mutex<Option<Open>>>;

/// A connection that is open.
pub(crate) struct Open {
    pub(crate) remote: Arc<SshRemote>,
    /// The same as root, once that was tried.
    pub(crate) root: Option<Arc<SshRemote>>,
    pub(crate) made_for: TargetRecord,
    pub(crate) reached: Reached,
    /// Whether it goes over the connection of its host, which others use.
    pub(crate) is_shared: bool,
}

impl Open {
    /// Whether it is what would be made for the record.
    pub(crate) fn serves(&self, record: &TargetRecord) -> bool {
        is_alike(&self.made_for, record)
    }
}

/// Whether two records lead to the same host in the same way: also where of a key, which is trusted by its fingerprint, more
/// was learned since.
pub(super) fn is_alike(one: &TargetRecord, other: &TargetRecord) -> bool {
    let unlearned = |record: &TargetRecord| {
        let mut record = record.clone();
        for pin in &mut record.pins {
            pin.key.clear();
            pin.algorithm.clear();
        }
        record
    };
    one == other || unlearned(one) == unlearned(other)
}

/// Which way led to a host, and why the ones before it did not.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The way's place among the host's, counted from 0.
    pub access: usize,
    /// The host that it leads through.
    pub jump: Option<HostId>,
    /// The ways before it, as `USER@ADDRESS:PORT`, with the technical reason.
    pub passed_over: Vec<(String, String)>,
}

impl Connections {
    /// A host's place; to be locked before a connection is looked for or made.
    pub(crate) async fn slot(&self, host: HostId) -> Slot {
        Arc::clone(self.slots.lock().await.entry(host).or_default())
    }

    /// How a host is reached, while it is; nothing while a connection is being made.
    pub(crate) async fn reached(&self, host: HostId) -> Option<Reached> {
        let slot = Arc::clone(self.slots.lock().await.get(&host)?);
        let slot = slot.try_lock().ok()?;
        slot.as_ref().filter(|open| !open.remote.is_closed()).map(|open| open.reached.clone())
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
            && !open.is_shared
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
