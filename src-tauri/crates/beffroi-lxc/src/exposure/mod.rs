//! What stands between a name and a process in a guest: read on its host and in it, one round trip each, by a shell text that
//! changes nothing. What is reached from elsewhere is for others to try.

mod iptables;
mod nft;
mod nft_text;
mod nginx;
mod publish;
mod rules;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use beffroi_remote::{CommandLine, Limits, Remote, RemoteError, RunRequest, clean};
use beffroi_secret::SecretBytes;

pub use nginx::{Server, fallback};
pub use publish::{How, Mark, Published, PublishedBy, devices};
pub use rules::{Becomes, Hook, Knock, Rules};

/// The text that is run.
const SCRIPT: &str = include_str!("../../../../../assets/remote/exposure.sh");
/// How long a reading may take.
const TIME: Duration = Duration::from_secs(60);
/// What it may print: each part is cut at 1 MiB.
const MOST_BYTES: usize = 8 << 20;
/// The table of ours, with its family.
const TABLE: &str = "ip beffroi";
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

/// What begins services on a host, as far as it can be used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// systemd.
    Systemd,
    /// OpenRC.
    OpenRc,
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
    /// What is published there by us: forwards and servers of nginx, whosever they are.
    pub published: Vec<Published>,
    /// Whether it is a YunoHost, which keeps the firewall and nginx itself.
    pub is_yunohost: bool,
    /// Whether it has nginx.
    pub has_nginx: bool,
    /// The folder whose files nginx reads as servers, where it has one.
    pub nginx_folder: Option<String>,
    /// Addresses of guests that no DHCP changes.
    pub fixed: Vec<IpAddr>,
    /// Whether it has nftables.
    pub has_nft: bool,
    /// Whether it has iptables.
    pub has_iptables: bool,
    /// What loads a rule again at boot.
    pub init: Option<Init>,
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
    // Where nftables has nothing but ours, others may have used iptables of before; a table that is read and has no chain stops
    // nothing.
    let (nft, others) = (nft::read(part("nft")), |rules: &Rules| rules.0.iter().any(|chain| chain.table != TABLE));
    let rules = match (nft, iptables::read(part("iptables"))) {
        (Some(nft), Some(before)) if !others(&nft) => Some(Rules([nft.0, before.0].concat())),
        (nft, before) => nft.or(before),
    };
    let has = |what: &str| part("has").lines().any(|line| line.trim() == what);
    Place {
        listening: part("sockets").lines().take(MOST).filter_map(|line| socket(line, &owners)).collect(),
        addresses: words_after(part("addresses"), &["inet", "inet6"]),
        resolved: unique(part("resolved").lines().filter_map(|line| line.split_whitespace().next()?.parse().ok())),
        rules,
        servers: nginx::read(part("nginx")).into_iter().take(MOST).collect(),
        published: publish::read(part("published")),
        is_yunohost: has("yunohost"),
        has_nginx: has("nginx"),
        nginx_folder: nginx::folder(part("nginx")),
        fixed: unique(part("fixed").lines().filter_map(|line| line.trim().parse().ok())),
        has_nft: has("nft"),
        has_iptables: has("iptables"),
        init: [("systemd", Init::Systemd), ("openrc", Init::OpenRc)].into_iter().find_map(|(word, init)| has(word).then_some(init)),
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
