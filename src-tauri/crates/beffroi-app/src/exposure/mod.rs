//! The way from a name to a process in a guest: read on the host and in the guest, and tried where it matters.
//!
//! Each hop is held against what was read of it. A connection that is tried tells that something is wrong on the way, not what: the
//! hop that is named is the first whose own reading says so, from the process outwards, and only then one that was tried.

mod hops;
mod publish;
mod ways;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use beffroi_ca::{CertificateFacts, shown};
use beffroi_domain::{Message, TargetRecord};
use beffroi_lxc::Guest;
use beffroi_lxc::exposure::{Place, read_guest, read_host};
use beffroi_ssh::SshRemote;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, GuestError};
use hops::Tried;
pub(crate) use publish::note_published;
pub use publish::{PublishOrder, WithdrawOrder};
use ways::{By, Way, ways};

/// How long a connection or an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Ways of one guest that are told.
const MOST_WAYS: usize = 64;
/// Bytes of an answer's first line.
const FIRST_LINE: usize = 256;

/// What is asked of a guest.
#[derive(Debug, Clone, Default)]
pub struct ExposureOrder {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// Only ways by this name.
    pub name: Option<String>,
    /// Only ways by this port of the host.
    pub port: Option<u16>,
    /// Whether each hop is tried.
    pub test: bool,
}

/// The ways that lead to a guest.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The guest.
    pub guest: String,
    /// Its host.
    pub host: String,
    /// The ways.
    pub ways: Vec<ExposedWay>,
}

/// One way, hop by hop.
#[derive(Debug, Clone)]
pub struct ExposedWay {
    /// The name that it is for, where it is for one.
    pub name: Option<String>,
    /// The port of the host.
    pub port: u16,
    /// What leads on: `nginx`, `proxy`, `dnat`; `none` where nothing does.
    pub by: &'static str,
    /// Whether it was published by us, and can be withdrawn.
    pub ours: bool,
    /// The hops, from the name to the process.
    pub hops: Vec<Hop>,
    /// The place among them of the one to look at first.
    pub culprit: Option<usize>,
}

/// A hop.
#[derive(Debug, Clone)]
pub struct Hop {
    /// Which.
    pub kind: HopKind,
    /// What was found, such as `shop.example → 192.0.2.7`.
    pub found: String,
    /// How it stands.
    pub state: HopState,
    /// Why; `KEY.remedy` is what to do.
    pub why: Option<Message>,
}

/// The hops, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HopKind {
    /// The name has an address.
    Name,
    /// What comes to that address gets to the host.
    Router,
    /// The host's firewall lets it in, or through.
    Firewall,
    /// Somebody takes it on the host.
    Entry,
    /// The certificate that is shown there is for the name, and of now.
    Certificate,
    /// They lead it to the guest.
    Way,
    /// The guest runs, and the host reaches its port.
    Guest,
    /// A process of the guest listens there.
    Process,
    /// It answers.
    Answer,
}

impl HopKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Router => "router",
            Self::Firewall => "firewall",
            Self::Entry => "entry",
            Self::Certificate => "certificate",
            Self::Way => "way",
            Self::Guest => "guest",
            Self::Process => "process",
            Self::Answer => "answer",
        }
    }
}

/// How a hop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HopState {
    /// It is as it has to be.
    Fine,
    /// It is not.
    Broken,
    /// That is not known.
    Unclear,
}

impl HopState {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Broken => "broken",
            Self::Unclear => "unclear",
        }
    }
}

/// What was read of a guest and its host.
struct Read {
    host: TargetRecord,
    guest: Guest,
    outside: Place,
    /// Nothing for a guest that does not run.
    inside: Option<Place>,
}

impl App {
    /// The ways to a guest. The host is read twice, the guest once, and nothing is changed; with `test`, connections are made from
    /// here and from the host.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`AppError::InvalidRequest`] for a name that is none, and when host or guest cannot be worked on.
    pub async fn exposure(&self, order: &ExposureOrder) -> Result<Exposure, AppError> {
        let session = self.session()?;
        if order.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(AppError::InvalidRequest { what: "a name is letters, digits, dots and dashes" });
        }
        let read = session.read_exposure(&order.guest, order.name.as_deref()).await?;
        let mut told = Vec::new();
        for way in ways(&read.guest, &read.outside, order.name.as_deref(), order.port).into_iter().take(MOST_WAYS) {
            let tried = if order.test { Some(session.tried(&read, &way).await?) } else { None };
            told.push(hops::told(&read, &way, tried.as_ref()));
        }
        Ok(Exposure { guest: order.guest.clone(), host: read.host.name.to_string(), ways: told })
    }
}

/// Whether a text can be a name of the DNS.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= 253 && name.chars().all(is_plain) && !name.starts_with('-')
}

impl Session {
    async fn read_exposure(self: &Arc<Self>, name: &str, looked_up: Option<&str>) -> Result<Read, AppError> {
        let record = self.authentic_guest(name).await?;
        let no_guest = || GuestError::NotAGuest { name: name.to_owned() };
        let way = record.guest().cloned().ok_or_else(no_guest)?;
        let host = self.target_of(record.access.jump.ok_or_else(no_guest)?).await?;
        let reading = self.read_guests(&host).await?;
        let guest = reading.guest(way.driver, &way.project, &way.name).cloned();
        let guest = guest.ok_or_else(|| AppError::HostNotFound { name: name.to_owned() })?;
        let on_host = self.connect_as(&host, Rights::Most).await?;
        let outside = read_host(&*on_host, looked_up.unwrap_or_default()).await?;
        let inside = if guest.state.is_running() {
            let in_guest = self.connect_root(&record).await?;
            Some(read_guest(&*in_guest).await?)
        } else {
            None
        };
        Ok(Read { host, guest, outside, inside })
    }

    /// The record of a guest, made where there is none.
    async fn authentic_guest(self: &Arc<Self>, name: &str) -> Result<TargetRecord, AppError> {
        if let Ok(name) = name.parse() {
            self.adopt(std::slice::from_ref(&name)).await?;
        }
        self.authentic_host(name).await
    }

    /// Makes the connections that tell something.
    async fn tried(self: &Arc<Self>, read: &Read, way: &Way) -> Result<Tried, AppError> {
        let resolved = match &way.name {
            Some(name) => lookup(name).await,
            None => Vec::new(),
        };
        let own = read.host.access.address.parse::<IpAddr>().ok();
        let is_direct = read.host.access.jump.is_none() && read.host.guest().is_none();
        let from_here = match resolved.first().copied().or(own) {
            Some(address) if is_direct => Some((address, knock(address, way).await)),
            _ => None,
        };
        let from_host = match (way.inside, read.guest.state.is_running()) {
            (Some((address, port)), true) if !matches!(way.by, By::Device { .. }) => {
                let remote = self.connect(&read.host).await?;
                Some(reaches(&remote, address, port).await)
            }
            _ => None,
        };
        Ok(Tried { resolved, from_here, from_host })
    }
}

/// The addresses of a name, as this machine finds them.
async fn lookup(name: &str) -> Vec<IpAddr> {
    let found = timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await;
    let mut addresses = Vec::new();
    for address in found.ok().and_then(Result::ok).into_iter().flatten() {
        if !addresses.contains(&address.ip()) && addresses.len() < MOST_WAYS {
            addresses.push(address.ip());
        }
    }
    addresses
}

/// What came of a connection from here that was taken.
#[derive(Debug, Default)]
struct Spoken {
    /// What HTTP answered.
    status: Option<u16>,
    /// The certificate that was shown, or why there was none; nothing where no TLS was tried.
    certificate: Option<Result<CertificateFacts, String>>,
}

/// What came of a connection from here, or why there is none.
async fn knock(address: IpAddr, way: &Way) -> Result<Spoken, String> {
    let connected = timeout(PATIENCE, TcpStream::connect((address, way.port))).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("no answer".to_owned()),
    };
    let name = way.name.clone().unwrap_or_else(|| address.to_string());
    if !way.tls {
        return Ok(Spoken { status: timeout(PATIENCE, status(stream, &name)).await.ok().flatten(), certificate: None });
    }
    let (certificate, inside) = match timeout(PATIENCE, shown(stream, &name)).await {
        Ok(Ok(shown)) => shown,
        Ok(Err(error)) => return Ok(Spoken { status: None, certificate: Some(Err(error.to_string())) }),
        Err(_) => return Ok(Spoken { status: None, certificate: Some(Err("no answer".to_owned())) }),
    };
    let status = timeout(PATIENCE, status(inside, &name)).await.ok().flatten();
    Ok(Spoken { status, certificate: Some(CertificateFacts::read(&certificate).map_err(|error| error.to_string())) })
}

/// The status of HTTP for the first page; nothing where no HTTP is spoken.
async fn status(mut stream: impl AsyncRead + AsyncWrite + Unpin, name: &str) -> Option<u16> {
    let asked = format!("GET / HTTP/1.0\r\nHost: {name}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.ok()?;
    let mut line = Vec::new();
    stream.take(FIRST_LINE as u64).read_to_end(&mut line).await.ok();
    let line = String::from_utf8_lossy(&line).into_owned();
    line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.get(..3)?.parse().ok()
}

/// Whether the host reaches a port of its guest.
async fn reaches(remote: &SshRemote, address: IpAddr, port: u16) -> Result<(), String> {
    match timeout(PATIENCE, remote.stream_to(&address.to_string(), port)).await {
        Ok(Ok(stream)) => {
            drop(stream);
            Ok(())
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}
