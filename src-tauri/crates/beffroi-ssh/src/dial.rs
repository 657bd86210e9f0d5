//! From an address to a byte stream: resolve and TCP, or a channel through another host; not too many at once.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use beffroi_remote::{Phase, RemoteError};
use russh::{ChannelOpenFailure, Error};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::SshRemote;
use crate::greeting::Wire;
use crate::text::harmless;

/// Silence after which the host is asked for a sign of life; after three unanswered ones the link is lost.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(15);
/// The least time that one of several addresses gets.
const LEAST_PER_ADDRESS: Duration = Duration::from_secs(2);
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;
/// Connections to one server that are not logged in yet. OpenSSH begins to drop some at ten (`MaxStartups 10:30:100`).
const MOST_STARTING: usize = 8;

/// How an address stands in errors: `name:port`, `[address]:port` for IPv6.
pub(crate) fn label(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{}]:{port}", harmless(address)) } else { format!("{}:{port}", harmless(address)) }
}

/// Where a connection goes.
pub(crate) struct Way<'a> {
    pub(crate) via: Option<&'a SshRemote>,
    pub(crate) address: &'a str,
    pub(crate) port: u16,
}

/// A byte stream, and how long it took to find the address and to get there.
pub(crate) struct Dialled {
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) name: Duration,
    pub(crate) connect: Duration,
}

/// Why there is no byte stream.
pub(crate) struct NotDialled {
    pub(crate) error: RemoteError,
    /// The server took the connection and dropped it at once: it may be different the next time.
    pub(crate) dropped: bool,
}

impl From<RemoteError> for NotDialled {
    fn from(error: RemoteError) -> Self {
        Self { error, dropped: false }
    }
}

impl Way<'_> {
    pub(crate) fn label(&self) -> String {
        label(self.address, self.port)
    }

    pub(crate) fn failed(&self, phase: Phase, reason: &str) -> RemoteError {
        RemoteError::Unreachable { address: self.label(), phase, reason: harmless(reason) }
    }

    /// Waits for a place among the connections to this server that are not logged in yet.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, RemoteError> {
        static STARTING: Mutex<BTreeMap<(u64, String, u16), Weak<Semaphore>>> = Mutex::new(BTreeMap::new());
        let turns = {
            let mut starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
            starting.retain(|_, turns| turns.strong_count() > 0);
            let entry = starting.entry((self.via.map_or(0, SshRemote::id), self.address.to_owned(), self.port)).or_default();
            entry.upgrade().unwrap_or_else(|| {
                let turns = Arc::new(Semaphore::new(MOST_STARTING));
                *entry = Arc::downgrade(&turns);
                turns
            })
        };
        turns.acquire_owned().await.map_err(|_| self.failed(Phase::Connect, "the connection was given up"))
    }

    /// Opens the byte stream.
    pub(crate) async fn dial(&self, limit: Duration) -> Result<Dialled, NotDialled> {
        let start = Instant::now();
        let deadline = start + limit;
        let late = || self.failed(Phase::Connect, &format!("no answer in {} s", limit.as_secs()));
        if let Some(via) = self.via {
            let opened = timeout_at(deadline, via.forward(self.address, self.port)).await.map_err(|_| late())?;
            let channel = opened.map_err(|error| self.failed(Phase::Connect, &format!("through {}: {}", via.label(), said(&error))))?;
            return Ok(Dialled { wire: channel, name: Duration::ZERO, connect: start.elapsed() });
        }
        let found = timeout_at(deadline, tokio::net::lookup_host((self.address, self.port))).await;
        let found = found.map_err(|_| self.failed(Phase::Name, &format!("no answer in {} s", limit.as_secs())))?;
        let addresses: Vec<SocketAddr> =
            found.map_err(|error| self.failed(Phase::Name, &error.to_string()))?.take(MOST_ADDRESSES).collect();
        let name = start.elapsed();
        let mut last = NotDialled::from(self.failed(Phase::Name, "the name has no address"));
        for (index, candidate) in addresses.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let others = u32::try_from(addresses.len() - index).unwrap_or(1);
            let turn = (left / others).max(LEAST_PER_ADDRESS).min(limit);
            match timeout(turn, TcpStream::connect(candidate)).await {
                Ok(Ok(stream)) => {
                    prepare(&stream).map_err(|error| self.failed(Phase::Connect, &error.to_string()))?;
                    return Ok(Dialled { wire: Box::new(stream), name, connect: start.elapsed() - name });
                }
                Ok(Err(error)) => {
                    let dropped = matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted);
                    last = NotDialled { error: self.failed(Phase::Connect, &error.to_string()), dropped };
                }
                Err(_) => last = late().into(),
            }
        }
        Err(last)
    }
}

/// Why a host on the way does not lead further.
pub(crate) fn said(error: &Error) -> String {
    match error {
        Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed) => "it cannot connect there".to_owned(),
        Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => "it does not forward connections".to_owned(),
        Error::ChannelOpenFailure(reason) => format!("no channel: {reason:?}"),
        other => other.to_string(),
    }
}

/// No Nagle (it costs 40 ms on each exec), and a dead link is noticed even while something waits to be sent.
fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10)))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(KEEPALIVE * 4))?;
    Ok(())
}
