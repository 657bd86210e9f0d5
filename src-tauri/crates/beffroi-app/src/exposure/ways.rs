//! Which ways lead to a guest, as its host was read.

use std::net::{IpAddr, SocketAddr};

use beffroi_lxc::exposure::{Knock, Place, Server, fallback};
use beffroi_lxc::{Guest, Port};

/// Where a name is looked for when no port is said.
const HTTP: u16 = 80;
/// Where TLS is spoken whoever takes it.
const HTTPS: u16 = 443;

/// A way to a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// The name that it is for.
    pub(super) name: Option<String>,
    /// The port of the host.
    pub(super) port: u16,
    /// What leads on.
    pub(super) by: By,
    /// Whether TLS is spoken on it.
    pub(super) tls: bool,
    /// Where it ends, as its configuration says: an address and a port of the guest, where it says one.
    pub(super) inside: Option<(IpAddr, u16)>,
}

/// What leads on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// The host's web server.
    Nginx {
        /// Where it leads, as it is written there.
        to: String,
    },
    /// A device of Incus or LXD.
    Device {
        /// Its name.
        name: String,
        /// Where it leads.
        to: String,
        /// Whether rules do it instead of a process.
        nat: bool,
    },
    /// A rule of the firewall.
    Dnat {
        /// The rule.
        rule: String,
    },
    /// Nothing.
    None,
}

impl By {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Nginx { .. } => "nginx",
            Self::Device { .. } => "proxy",
            Self::Dnat { .. } => "dnat",
            Self::None => "none",
        }
    }
}

/// The ways to a guest; where none leads by a name or a port that is asked for, one that leads nowhere.
pub(super) fn ways(guest: &Guest, host: &Place, name: Option<&str>, port: Option<u16>) -> Vec<Way> {
    let mut found = Vec::new();
    let mut servers: Vec<&Server> = host.servers.iter().filter(|server| name.is_none_or(|name| server.is_for(name))).collect();
    if servers.is_empty() {
        // Then the one that answers for names that none has.
        servers.extend(fallback(&host.servers, port.unwrap_or(HTTP)));
    }
    for server in servers {
        found.extend(through(server, guest, name, port));
    }
    for device in guest.ports.iter().filter(|device| !device.from_inside) {
        let Some((_, outside)) = socket(&device.listen) else { continue };
        if port.is_none_or(|port| port == outside) && !found.iter().any(|way: &Way| way.port == outside) {
            found.push(led(device, outside, name));
        }
    }
    if let Some(rules) = &host.rules {
        for (outside, to, inside, rule) in rules.sends() {
            let is_ours = to.is_some_and(|to| guest.addresses.contains(&IpAddr::V4(to).to_string()));
            // A port that is asked for, and that leads elsewhere, is told too.
            if (is_ours && port.is_none_or(|port| port == outside)) || port == Some(outside) {
                let inside = rules.sent_on(Knock { to: None, port: outside }).map_or(inside, |(_, inside, _)| inside);
                found.push(Way {
                    name: name.map(str::to_owned),
                    port: outside,
                    by: By::Dnat { rule: rule.to_owned() },
                    tls: false,
                    inside: to.map(|to| (IpAddr::V4(to), inside)),
                });
            }
        }
    }
    if found.is_empty() && (name.is_some() || port.is_some()) {
        found.push(Way { name: name.map(str::to_owned), port: port.unwrap_or(HTTP), by: By::None, tls: false, inside: None });
    }
    let speaks_tls = |port: u16| port == HTTPS || host.servers.iter().any(|server| server.tls_on.contains(&port));
    found.iter_mut().for_each(|way| way.tls = speaks_tls(way.port));
    found
}

/// The ways by a server of nginx, one for each place that it leads to. One that is asked for by its name is told wherever it leads.
fn through(server: &Server, guest: &Guest, name: Option<&str>, port: Option<u16>) -> Vec<Way> {
    let Some(outside) = server.ports.iter().copied().find(|outside| port.is_none_or(|port| port == *outside)) else { return Vec::new() };
    let called = name.map(str::to_owned).or_else(|| server.names.iter().find(|name| *name != "_").cloned());
    let mut found: Vec<Way> = Vec::new();
    for (_, to) in &server.passes {
        let inside = to.parse::<SocketAddr>().ok().map(|socket| (socket.ip(), socket.port()));
        // What it leads to may be a device's port of the host itself.
        let device = inside
            .filter(|(address, _)| address.is_loopback())
            .and_then(|(_, port)| guest.ports.iter().find(|device| socket(&device.listen).is_some_and(|(_, own)| own == port)));
        let is_ours = inside.is_some_and(|(address, _)| guest.addresses.contains(&address.to_string())) || device.is_some();
        let inside = device.map_or(inside, |device| socket(&device.connect));
        let way = Way { name: called.clone(), port: outside, by: By::Nginx { to: to.clone() }, tls: false, inside };
        if (is_ours || name.is_some()) && !found.contains(&way) {
            found.push(way);
        }
    }
    found
}

fn led(device: &Port, outside: u16, name: Option<&str>) -> Way {
    let by = By::Device { name: device.name.clone(), to: device.connect.clone(), nat: device.nat };
    Way { name: name.map(str::to_owned), port: outside, by, tls: false, inside: socket(&device.connect) }
}

/// The address and port of `tcp:0.0.0.0:80`.
pub(super) fn socket(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.strip_prefix("tcp:")?.rsplit_once(':')?;
    Some((address.trim_matches(['[', ']']).parse().ok()?, port.parse().ok()?))
}
