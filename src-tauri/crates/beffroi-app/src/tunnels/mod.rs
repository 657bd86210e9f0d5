//! Tunnels: ports of this machine that lead through a host, while the vault is open and the host's stage unsealed.
//!
//! They listen on 127.0.0.1 only. Whoever uses this machine can connect to them: it is for what asks for a login of its own.
//! Each tunnel has a connection of its own, since a program that stops reading holds up the connection under it.

mod socks;

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beffroi_domain::{HostId, StageName, TargetRecord, TunnelId};
use beffroi_ssh::SshRemote;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::session::Session;
use crate::{App, AppError, ReachError, Trouble, now_ms};

/// Tunnels of an open vault.
const MOST: usize = 32;
/// Connections of a tunnel at a time; a browser has some dozens.
const MOST_CONNECTIONS: usize = 256;
/// The longest wait for news of a tunnel.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a tunnel is kept whose keeper asks no more.
const UNASKED: Duration = Duration::from_secs(90);
/// How long a program may take to say where it wants to be led.
const ASKING: Duration = Duration::from_secs(10);

/// Where a tunnel ends, as the host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    name: String,
    port: u16,
}

impl End {
    /// A name or an address, and a port. Nothing when it is none.
    #[must_use]
    pub fn new(name: &str, port: u16) -> Option<Self> {
        let is_name = !name.is_empty() && name.len() <= 255 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:%".contains(c));
        (is_name && port != 0).then(|| Self { name: name.to_owned(), port })
    }
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(formatter, "[{}]:{}", self.name, self.port)
        } else {
            write!(formatter, "{}:{}", self.name, self.port)
        }
    }
}

/// A tunnel to open.
#[derive(Debug, Clone)]
pub struct TunnelOrder {
    /// The host that it leads through.
    pub host: String,
    /// The port of this machine; any that is free when 0.
    pub port: u16,
    /// Where it ends; each program says it by SOCKS 5 when absent.
    pub end: Option<End>,
    /// Whether it is closed when nobody asks for news of it for a while.
    pub kept: bool,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// A tunnel.
#[derive(Debug, Clone)]
pub struct TunnelFacts {
    /// Its id.
    pub id: TunnelId,
    /// The name that the host had when it was opened.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// The port of this machine.
    pub port: u16,
    /// Where it ends; each program says it when absent.
    pub end: Option<End>,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: u64,
    /// Connections that go through it now.
    pub open: u64,
    /// Connections that went through it.
    pub served: u64,
    /// Why the last connection that failed did.
    pub trouble: Option<Trouble>,
    /// Whether it is closed.
    pub closed: bool,
}

/// A tunnel of an open vault.
struct Tunnel {
    id: TunnelId,
    host: HostId,
    name: String,
    stage: StageName,
    port: u16,
    end: Option<End>,
    opened_ms: u64,
    opened: Instant,
    open: AtomicU64,
    served: AtomicU64,
    trouble: Mutex<Option<Trouble>>,
    /// When somebody last asked.
    asked: Mutex<Instant>,
    /// Grows with every change of what is told of it.
    news: watch::Sender<u64>,
    /// Whether it is to end.
    told: watch::Sender<bool>,
    /// Whether it ended and the journal knows.
    over: watch::Sender<bool>,
}

impl Tunnel {
    fn facts(&self) -> TunnelFacts {
        TunnelFacts {
            id: self.id,
            host: self.name.clone(),
            stage: self.stage.to_string(),
            port: self.port,
            end: self.end.clone(),
            opened_ms: self.opened_ms,
            open: self.open.load(Ordering::Relaxed),
            served: self.served.load(Ordering::Relaxed),
            trouble: self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            closed: *self.told.borrow(),
        }
    }

    fn change(&self) {
        self.news.send_modify(|news| *news += 1);
    }

    fn end(&self) {
        self.told.send_replace(true);
        self.change();
    }

    fn note_asked(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nobody has asked for long.
    async fn unasked(&self) {
        loop {
            let due = *self.asked.lock().unwrap_or_else(PoisonError::into_inner) + UNASKED;
            if due <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }
}

/// The tunnels of an open vault, the oldest first.
#[derive(Default)]
pub(crate) struct Tunnels(Mutex<Vec<Arc<Tunnel>>>);

impl Tunnels {
    fn locked(&self) -> MutexGuard<'_, Vec<Arc<Tunnel>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Result<Arc<Tunnel>, AppError> {
        let found = self.locked().iter().find(|tunnel| tunnel.id.to_string() == id).cloned();
        found.ok_or_else(|| AppError::TunnelNotFound { tunnel: id.chars().take(64).collect() })
    }

    /// Closes those of a stage, and those on any of some hosts. Returns once they are closed.
    pub(crate) async fn end_sealed(&self, stage: &StageName, hosts: &std::collections::HashSet<HostId>) {
        self.end(|tunnel| tunnel.stage == *stage || hosts.contains(&tunnel.host)).await;
    }

    /// Closes those through a host that is gone. Returns once they are closed.
    pub(crate) async fn end_on(&self, host: HostId) {
        self.end(|tunnel| tunnel.host == host).await;
    }

    /// Closes all of them. Returns once they are closed.
    pub(crate) async fn end_all(&self) {
        self.end(|_| true).await;
    }

    async fn end(&self, is_meant: impl Fn(&Tunnel) -> bool) {
        let meant: Vec<_> = self.locked().iter().filter(|tunnel| is_meant(tunnel)).cloned().collect();
        meant.iter().for_each(|tunnel| tunnel.end());
        for tunnel in &meant {
            let _ = tunnel.over.subscribe().wait_for(|over| *over).await;
        }
    }
}

impl App {
    /// Opens a tunnel. The host is connected to at once, so that one that cannot be is said here.
    ///
    /// # Errors
    /// [`AppError::PortTaken`], [`ReachError::TooManyTunnels`], and when the host cannot be worked on, as for a run.
    pub async fn open_tunnel(&self, order: &TunnelOrder) -> Result<TunnelFacts, AppError> {
        let session = self.session()?;
        let target = session.host(&order.host).await?;
        session.open_stage(&target.stage)?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        if session.tunnels.locked().len() >= MOST {
            return Err(ReachError::TooManyTunnels { most: MOST }.into());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, order.port)).await;
        let listener = listener.map_err(|error| AppError::PortTaken { port: order.port, reason: error.to_string() })?;
        let port = listener.local_addr().map_err(AppError::internal)?.port();
        let remote = session.connect_apart(target.host).await;
        session.remember_trouble(target.host, remote.as_ref().err());
        let remote = remote?;
        let end = order.end.as_ref().map_or_else(|| "SOCKS".to_owned(), End::to_string);
        session.journal_event("tunnel-opened", Some(target.host), vec![("port", port.to_string()), ("end", end)]).await?;
        let tunnel = Arc::new(Tunnel {
            id: TunnelId::make(),
            host: target.host,
            name: target.name.to_string(),
            stage: target.stage.clone(),
            port,
            end: order.end.clone(),
            opened_ms: now_ms(),
            opened: Instant::now(),
            open: AtomicU64::new(0),
            served: AtomicU64::new(0),
            trouble: Mutex::new(None),
            asked: Mutex::new(Instant::now()),
            news: watch::Sender::new(0),
            told: watch::Sender::new(false),
            over: watch::Sender::new(false),
        });
        session.tunnels.locked().push(Arc::clone(&tunnel));
        // What ends tunnels may have looked for them a moment ago.
        let is_open = self.session().is_ok_and(|now| Arc::ptr_eq(&now, &session));
        let refused = (!is_open).then_some(AppError::Locked).or_else(|| session.open_stage(&target.stage).err());
        if refused.is_some() {
            tunnel.end();
        }
        let facts = tunnel.facts();
        tokio::spawn(keep(session, tunnel, listener, Link::new(target, remote), order.kept));
        refused.map_or(Ok(facts), Err)
    }

    /// The open tunnels, the oldest first.
    ///
    /// # Errors
    /// When no vault is open.
    pub fn tunnels(&self) -> Result<Vec<TunnelFacts>, AppError> {
        Ok(self.session()?.tunnels.locked().iter().map(|tunnel| tunnel.facts()).collect())
    }

    /// A tunnel, as soon as something of it changed or the time is over, at most 30 seconds.
    ///
    /// # Errors
    /// [`AppError::TunnelNotFound`], also once it is closed.
    pub async fn watch_tunnel(&self, tunnel: &str, wait: Duration) -> Result<TunnelFacts, AppError> {
        let tunnel = self.session()?.tunnels.find(tunnel)?;
        tunnel.note_asked();
        let mut news = tunnel.news.subscribe();
        news.mark_unchanged();
        let _ = timeout(wait.min(LONGEST_WAIT), news.changed()).await;
        tunnel.note_asked();
        Ok(tunnel.facts())
    }

    /// Closes a tunnel, and what goes through it; one that there is not, is closed.
    ///
    /// # Errors
    /// When no vault is open.
    pub async fn close_tunnel(&self, tunnel: &str) -> Result<(), AppError> {
        let session = self.session()?;
        if let Ok(tunnel) = session.tunnels.find(tunnel) {
            session.tunnels.end(|other| other.id == tunnel.id).await;
        }
        Ok(())
    }
}

/// The connection of a tunnel, made again when it was lost.
struct Link {
    target: TargetRecord,
    remote: tokio::sync::Mutex<Arc<SshRemote>>,
}

impl Link {
    fn new(target: TargetRecord, remote: Arc<SshRemote>) -> Self {
        Self { target, remote: tokio::sync::Mutex::new(remote) }
    }

    async fn remote(&self, session: &Arc<Session>) -> Result<Arc<SshRemote>, AppError> {
        let mut remote = self.remote.lock().await;
        if remote.is_closed() {
            *remote = session.connect_apart(self.target.host).await?;
        }
        Ok(Arc::clone(&remote))
    }
}

/// Serves a tunnel until it is told to end, or until nobody keeps it; then tells the journal.
async fn keep(session: Arc<Session>, tunnel: Arc<Tunnel>, listener: TcpListener, link: Link, kept: bool) {
    let link = Arc::new(link);
    let mut told = tunnel.told.subscribe();
    tokio::select! {
        _ = told.wait_for(|told| *told) => {}
        () = async { if kept { tunnel.unasked().await } else { std::future::pending().await } } => {}
        () = serve(&session, &tunnel, listener, &link) => {}
    }
    tunnel.end();
    link.remote.lock().await.disconnect().await;
    let values = vec![
        ("port", tunnel.port.to_string()),
        ("seconds", tunnel.opened.elapsed().as_secs().to_string()),
        ("connections", tunnel.served.load(Ordering::Relaxed).to_string()),
    ];
    if let Err(error) = session.journal_event("tunnel-closed", Some(tunnel.host), values).await {
        tracing::warn!(%error, "the journal could not say that a tunnel was closed");
    }
    session.tunnels.locked().retain(|other| other.id != tunnel.id);
    tunnel.over.send_replace(true);
}

/// Takes connections, each served beside the others; they end with this.
async fn serve(session: &Arc<Session>, tunnel: &Arc<Tunnel>, listener: TcpListener, link: &Arc<Link>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut served = JoinSet::new();
    loop {
        // One that is over is let go.
        while served.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Of one connection, or of this process' limits: neither ends the tunnel.
                tracing::warn!(%error, "a connection to a tunnel was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (session, tunnel, link) = (Arc::clone(session), Arc::clone(tunnel), Arc::clone(link));
        served.spawn(async move {
            let _place = place;
            tunnel.open.fetch_add(1, Ordering::Relaxed);
            tunnel.change();
            let led = lead(&session, &tunnel, &link, stream).await;
            tunnel.open.fetch_sub(1, Ordering::Relaxed);
            match led {
                // Its own fault: it is not told of it by the tunnel.
                Ok(Led::Nowhere) => {}
                Ok(Led::There) => drop(tunnel.served.fetch_add(1, Ordering::Relaxed)),
                Err(error) => *tunnel.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.into()),
            }
            tunnel.change();
        });
    }
}

/// Where a connection was led.
enum Led {
    There,
    /// It did not say where to.
    Nowhere,
}

/// Leads one connection through the host, to its end.
async fn lead(session: &Arc<Session>, tunnel: &Tunnel, link: &Link, mut stream: TcpStream) -> Result<Led, AppError> {
    let _ = stream.set_nodelay(true);
    let end = match &tunnel.end {
        Some(end) => end.clone(),
        None => {
            let Ok(Ok(end)) = timeout(ASKING, socks::asked(&mut stream)).await else { return Ok(Led::Nowhere) };
            end
        }
    };
    let reached = async { Ok::<_, AppError>(link.remote(session).await?.stream_to(&end.name, end.port).await?) };
    let reached = reached.await;
    if tunnel.end.is_none() {
        let reply = if reached.is_ok() { socks::Reply::Done } else { socks::Reply::Failed };
        // A program that is gone is noticed right below.
        let _ = socks::answer(&mut stream, reply).await;
    }
    let mut wire = reached?;
    // However either side ends it, it is over.
    let _ = copy_bidirectional(&mut stream, &mut wire).await;
    Ok(Led::There)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_name_and_a_port() {
        assert_eq!(End::new("127.0.0.1", 443).map(|end| end.to_string()).as_deref(), Some("127.0.0.1:443"));
        assert_eq!(End::new("fd00::1", 22).map(|end| end.to_string()).as_deref(), Some("[fd00::1]:22"));
        for (name, port) in [("", 80), ("a b", 80), ("a\n", 80), ("nas", 0), ("é", 80)] {
            assert_eq!(End::new(name, port), None, "{name} {port}");
        }
        assert_eq!(End::new(&"a".repeat(256), 80), None);
    }
}
