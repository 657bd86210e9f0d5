//! From a name to a key exchange that was checked: resolve, TCP, SSH transport.

use std::borrow::Cow;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use russh::client::{Config, Handle, connect_stream};
use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, compression};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::pins::{Pins, refusal};
use crate::text::harmless;
use crate::{ConnectLimits, OfferedKey};

/// Silence after which the host is asked for a sign of life; after three unanswered ones the link is lost.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// The least time that one of several addresses gets.
const LEAST_PER_ADDRESS: Duration = Duration::from_secs(2);
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// How an address stands in errors: `name:port`, `[address]:port` for IPv6.
pub(crate) fn label(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{}]:{port}", harmless(address)) } else { format!("{}:{port}", harmless(address)) }
}

/// Connects and checks the host key. Nothing of a credential is involved.
pub(crate) async fn dial(address: &str, port: u16, pins: &[Fingerprint], limits: ConnectLimits) -> Result<Handle<Pins>, RemoteError> {
    let stream = tcp(address, port, limits.connect).await?;
    let handler = Pins::new(pins.to_vec());
    let seen = handler.seen();
    let result = within(address, port, limits.handshake, connect_stream(Arc::new(config()), stream, handler)).await?;
    if let Some(offered) = seen.get()
        && let Some(error) = refusal(&label(address, port), pins, offered)
    {
        return Err(error);
    }
    result.map_err(|error| unreachable(address, port, &error.to_string()))
}

/// Runs a key exchange to see the host's key, and hangs up.
pub(crate) async fn look(address: &str, port: u16, limits: ConnectLimits) -> Result<OfferedKey, RemoteError> {
    let stream = tcp(address, port, limits.connect).await?;
    let handler = Pins::new(Vec::new());
    let seen = handler.seen();
    let result = within(address, port, limits.handshake, connect_stream(Arc::new(config()), stream, handler)).await?;
    match (seen.get(), result) {
        (Some(offered), _) => Ok(offered.clone()),
        (None, Err(error)) => Err(unreachable(address, port, &error.to_string())),
        (None, Ok(_)) => Err(unreachable(address, port, "no host key was shown")),
    }
}

async fn within<T>(address: &str, port: u16, limit: Duration, handshake: impl Future<Output = T>) -> Result<T, RemoteError> {
    // On the heap: the handshake's state is several kilobytes.
    let handshake = Box::pin(handshake);
    timeout(limit, handshake).await.map_err(|_| unreachable(address, port, &format!("no SSH handshake in {} s", limit.as_secs())))
}

async fn tcp(address: &str, port: u16, limit: Duration) -> Result<TcpStream, RemoteError> {
    let late = || unreachable(address, port, &format!("no answer in {} s", limit.as_secs()));
    let deadline = Instant::now() + limit;
    let found = timeout_at(deadline, tokio::net::lookup_host((address, port))).await.map_err(|_| late())?;
    let addresses: Vec<SocketAddr> = found.map_err(|error| unreachable(address, port, &error.to_string()))?.take(MOST_ADDRESSES).collect();
    let mut last = unreachable(address, port, "the name has no address");
    for (index, candidate) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let others = u32::try_from(addresses.len() - index).unwrap_or(1);
        let turn = (left / others).max(LEAST_PER_ADDRESS).min(limit);
        match timeout(turn, TcpStream::connect(candidate)).await {
            Ok(Ok(stream)) => {
                prepare(&stream).map_err(|error| unreachable(address, port, &error.to_string()))?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = unreachable(address, port, &error.to_string()),
            Err(_) => last = late(),
        }
    }
    Err(last)
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

fn config() -> Config {
    Config {
        // OpenSSH has no rekey by time; sessions were seen to die at the default of an hour.
        limits: russh::Limits { rekey_time_limit: Duration::from_secs(30 * 24 * 3600), ..russh::Limits::default() },
        window_size: 4 << 20,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        nodelay: true,
        preferred: Preferred {
            // The default order without `ssh-rsa`, which signs with SHA-1.
            key: Cow::Borrowed(&[
                Algorithm::Ed25519,
                Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
                Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
                Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
                Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
                Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
            ]),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        ..Config::default()
    }
}

fn unreachable(address: &str, port: u16, reason: &str) -> RemoteError {
    RemoteError::Unreachable { address: label(address, port), reason: harmless(reason) }
}
