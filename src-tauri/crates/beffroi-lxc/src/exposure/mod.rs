//! What stands between a name and a process in a guest: read on its host and in it, one round trip each, by a shell text that
//! changes nothing. What is reached from elsewhere is for others to try.

mod iptables;
mod nft;
mod nginx;
mod rules;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use beffroi_remote::{CommandLine, Limits, Remote, RemoteError, RunRequest, clean};
use beffroi_secret::SecretBytes;

pub use nginx::Server;
pub use rules::{Becomes, Hook, Knock, Rules};

/// The text that is run.
const SCRIPT: &str = include_str!("../../../../../assets/remote/exposure.sh");
/// How long a reading may take.
const TIME: Duration = Duration::from_secs(60);
/// What it may print: each part is cut at 1 MiB.
const MOST_BYTES: usize = 8 << 20;
/// Sockets, addresses and servers that are kept.
const MOST: usize = 4096;

/// A socket of TCP that is listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// On which address; unspecified for all.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The process, its number and name, where that is told.
    pub process: Option<(u32, String)>,
}

impl Listening {
    /// Whether who comes to an address reaches it.
    #[must_use]
    pub fn takes(&self, to: IpAddr) -> bool {
        match (self.address, to) {
            (IpAddr::V6(own), IpAddr::V4(to)) => own.is_unspecified() || own.to_ipv4_mapped() == Some(to),
            (own, to) => own.is_unspecified() || own == to,
        }
    }
}

/// What was read in a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// What is listened on.
    pub listening: Vec<Listening>,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// What the name is there.
    pub resolved: Vec<IpAddr>,
    /// Rules of its firewall; nothing where they could not be read.
    pub rules: Option<Rules>,
    /// Servers of nginx.
    pub servers: Vec<Server>,
    /// Whether it is a YunoHost, which keeps the firewall itself.
    pub is_yunohost: bool,
}

impl Place {
    /// Who listens on a port.
    pub fn on_port(&self, port: u16) -> impl Iterator<Item = &Listening> {
        self.listening.iter().filter(move |listening| listening.port == port)
    }
}

/// Reads a host, as root.
///
/// # Errors
/// Those of [`Remote::run`], and [`RemoteError::NotUnderstood`].
pub async fn read_host(remote: &dyn Remote, name: &str) -> Result<Place, RemoteError> {
    read(remote, "host", name).await
}

/// Reads a guest, as root in it.
///
/// # Errors
/// As those of [`read_host`].
pub async fn read_guest(remote: &dyn Remote) -> Result<Place, RemoteError> {
    read(remote, "guest", "").await
}

async fn read(remote: &dyn Remote, place: &str, name: &str) -> Result<Place, RemoteError> {
    // Nobody who writes on that machine knows it: what they write begins no part.
    let random = getrandom::u64().map_err(|error| RemoteError::NotUnderstood { what: error.to_string() })?;
    let mark = format!("part-{random:016x}");
    let command = CommandLine::new(["sh", "-s", "--", place, name]);
    let limits = Limits { time: TIME, most_bytes: MOST_BYTES };
    let request = RunRequest::new(command).with_stdin(SecretBytes::new(format!("mark={mark}\n{SCRIPT}").into_bytes())).with_limits(limits);
    let output = remote.run(request).await?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains(&mark) {
        return Err(RemoteError::NotUnderstood { what: clean(&String::from_utf8_lossy(&output.stderr)).chars().take(200).collect() });
    }
    Ok(understood(&text, &mark))
}

/// What a reading says.
fn understood(text: &str, mark: &str) -> Place {
    let parts: HashMap<&str, &str> =
        text.split(&format!("\n{mark} ")).skip(1).map(|part| part.split_once('\n').unwrap_or((part, ""))).collect();
    let part = |name: &str| parts.get(name).copied().unwrap_or_default();
    let owners = owners(part("owners"));
    let rules = nft::read(part("nft")).filter(|rules| !rules.0.is_empty()).or_else(|| iptables::read(part("iptables")));
    // A table that is read and has no chain stops nothing.
    let rules = rules.or_else(|| nft::read(part("nft")));
    Place {
        listening: part("sockets").lines().take(MOST).filter_map(|line| socket(line, &owners)).collect(),
        addresses: words_after(part("addresses"), &["inet", "inet6"]),
        resolved: unique(part("resolved").lines().filter_map(|line| line.split_whitespace().next()?.parse().ok())),
        rules,
        servers: nginx::read(part("nginx")).into_iter().take(MOST).collect(),
        is_yunohost: part("yunohost").trim() == "yes",
    }
}

fn unique(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for address in addresses.take(MOST) {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// Addresses after any of these words, as `ip` and `ifconfig` print them.
fn words_after(text: &str, before: &[&str]) -> Vec<IpAddr> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let address = |word: &str| word.trim_start_matches("addr:").split('/').next().and_then(|word| word.parse().ok());
    unique(words.windows(2).filter_map(|pair| match pair {
        [first, word] if before.contains(first) => address(word),
        _ => None,
    }))
}

/// Which process has a socket, by the socket's number.
fn owners(text: &str) -> HashMap<&str, (u32, String)> {
    let owner = |line: &'_ str| -> Option<(u32, String)> {
        let mut words = line.splitn(3, ' ').skip(1);
        Some((words.next()?.parse().ok()?, clean(words.next()?).chars().take(64).collect()))
    };
    text.lines().take(1 << 16).filter_map(|line| Some((line.split(' ').next()?, owner(line)?))).collect()
}

/// A line of `/proc/net/tcp` that is listened on (proc_pid_net(5)): the address in the order of the processor, and the socket.
fn socket(line: &str, owners: &HashMap<&str, (u32, String)>) -> Option<Listening> {
    let (local, number) = line.split_once(' ')?;
    let (address, port) = local.split_once(':')?;
    let words: Vec<u32> =
        (0..address.len() / 8).map(|at| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok()).collect::<Option<_>>()?;
    let address = match words.as_slice() {
        [one] => IpAddr::V4(Ipv4Addr::from(one.to_le_bytes())),
        [one, two, three, four] => {
            let bytes: Vec<u8> = [one, two, three, four].iter().flat_map(|word| word.to_le_bytes()).collect();
            IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?))
        }
        _ => return None,
    };
    Some(Listening { address, port: u16::from_str_radix(port, 16).ok()?, process: owners.get(number.trim()).cloned() })
}

#[cfg(test)]
mod tests;
