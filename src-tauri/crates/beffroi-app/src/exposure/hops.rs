//! Each hop held against what was read of it, and against what was tried.

use std::net::IpAddr;

use beffroi_ca::covers;
use beffroi_domain::Message;
use beffroi_lxc::exposure::{Becomes, Hook, Knock, Published, fallback};
use jiff::Timestamp;

use super::ways::{By, Way, socket};
use super::{ExposedWay, Hop, HopKind, HopState, Read, Spoken};
use crate::now_ms;

/// What was tried.
pub(super) struct Tried {
    /// The addresses of the name, as this machine finds them.
    pub(super) resolved: Vec<IpAddr>,
    /// From here to the host: where to, and what was spoken or why there is no connection. Nothing where it was not tried.
    pub(super) from_here: Option<(IpAddr, Result<Spoken, String>)>,
    /// From the host to the guest.
    pub(super) from_host: Option<Result<(), String>>,
}

/// From the process outwards: what else is wrong follows from the first of these.
const CAUSES: [HopKind; 9] = [
    HopKind::Process,
    HopKind::Guest,
    HopKind::Way,
    HopKind::Certificate,
    HopKind::Entry,
    HopKind::Firewall,
    HopKind::Name,
    HopKind::Router,
    HopKind::Answer,
];

/// A way with its hops.
pub(super) fn told(read: &Read, way: &Way, tried: Option<&Tried>) -> ExposedWay {
    let mut hops = Vec::new();
    hops.extend(way.name.as_ref().map(|name| by_name(read, name, tried)));
    let firewall = firewall(read, way);
    let entry = entry(read, way);
    hops.push(router(read, way, tried));
    hops.push(firewall);
    hops.extend(entry);
    hops.extend(certificate(way, tried));
    if way.by != By::None {
        hops.push(leads(read, way));
        hops.push(guest(read, way, tried));
        hops.push(process(read, way));
    }
    hops.extend(answer(tried));
    // A guest that runs and whose process listens is to blame only when nothing read is.
    let broken = |kind: HopKind| hops.iter().position(|hop| hop.kind == kind && hop.state == HopState::Broken);
    let culprit = CAUSES.into_iter().find_map(broken);
    let is_it = |published: &Published| {
        let is_named = published.name().is_none() || published.name() == way.name.as_deref();
        published.port == way.port && published.by().name() == way.by.name() && is_named
    };
    let ours = read.outside.published_of(&read.guest).iter().any(is_it);
    ExposedWay { name: way.name.clone(), port: way.port, by: way.by.name(), ours, hops, culprit }
}

fn hop(kind: HopKind, found: impl Into<String>) -> Hop {
    Hop { kind, found: beffroi_remote::clean(&found.into()), state: HopState::Fine, why: None }
}

impl Hop {
    fn broken(self, why: Message) -> Self {
        Self { state: HopState::Broken, why: Some(why), ..self }
    }

    fn unclear(self, why: Message) -> Self {
        Self { state: HopState::Unclear, why: Some(why), ..self }
    }
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn by_name(read: &Read, name: &str, tried: Option<&Tried>) -> Hop {
    let here = tried.map_or(&[][..], |tried| &tried.resolved);
    let found = if here.is_empty() { &read.outside.resolved[..] } else { here };
    let hop = hop(HopKind::Name, format!("{name} → {}", if found.is_empty() { "?".to_owned() } else { list(found) }));
    match (found.is_empty(), tried) {
        (true, _) => hop.broken(Message::new("exposure.name-unknown").with("name", name)),
        (false, Some(tried)) if tried.resolved.is_empty() => {
            hop.broken(Message::new("exposure.name-unknown-here").with("name", name).with("address", list(found)))
        }
        _ => hop,
    }
}

/// Whether what comes to the name's address comes to the host. What a router does, only a connection tells.
fn router(read: &Read, way: &Way, tried: Option<&Tried>) -> Hop {
    let own = &read.outside.addresses;
    let target = read.host.access.address.parse::<IpAddr>().ok();
    let (meant, connected) = match tried.and_then(|tried| tried.from_here.as_ref()) {
        Some((address, connected)) => (Some(*address), Some(connected)),
        None => (read.outside.resolved.first().copied().or(target), None),
    };
    let Some(meant) = meant else {
        return hop(HopKind::Router, format!("? : {}", way.port)).unclear(Message::new("exposure.router-unknown"));
    };
    let is_own = own.contains(&meant) || Some(meant) == target;
    let hop =
        hop(HopKind::Router, format!("{meant}:{}{}", way.port, if is_own { String::new() } else { format!(" → {}", read.host.name) }));
    let inner = own.iter().find(|address| !address.is_loopback() && address.is_ipv4()).map_or_else(String::new, ToString::to_string);
    let values = |key: &'static str| {
        Message::new(key).with("address", meant).with("port", way.port).with("host", &read.host.name).with("inner", &inner)
    };
    match (connected, is_own) {
        (Some(Ok(_)), _) => hop,
        (Some(Err(reason)), true) => hop.broken(values("exposure.not-reached").with("reason", reason)),
        (Some(Err(reason)), false) => hop.broken(values("exposure.router-closed").with("reason", reason)),
        (None, true) => hop,
        (None, false) => hop.unclear(values("exposure.router-untried")),
    }
}

fn firewall(read: &Read, way: &Way) -> Hop {
    let passes = matches!(way.by, By::Dnat { .. } | By::Device { nat: true, .. });
    let to = way.inside.and_then(|(address, _)| if let IpAddr::V4(address) = address { Some(address) } else { None });
    let (hook, knock) = match way.inside {
        Some((_, port)) if passes => (Hook::Forward, Knock { to, port }),
        _ => (Hook::Input, Knock { to: None, port: way.port }),
    };
    let shown = format!("{} tcp/{}", if passes { "forward" } else { "input" }, knock.port);
    let hop = hop(HopKind::Firewall, shown);
    let Some(rules) = &read.outside.rules else {
        return hop.unclear(Message::new("exposure.firewall-unread").with("host", &read.host.name));
    };
    let closed = if read.outside.is_yunohost { "exposure.firewall-closed-yunohost" } else { "exposure.firewall-closed" };
    match rules.asked(hook, knock) {
        Becomes::Accepted => hop,
        Becomes::Dropped(rule) => {
            hop.broken(Message::new(closed).with("port", knock.port).with("rule", rule).with("host", &read.host.name))
        }
        Becomes::Unclear(rule) => hop.unclear(Message::new("exposure.firewall-unclear").with("port", knock.port).with("rule", rule)),
    }
}

/// Who takes it on the host; nothing where rules send it on.
fn entry(read: &Read, way: &Way) -> Option<Hop> {
    if matches!(way.by, By::Dnat { .. } | By::Device { nat: true, .. }) {
        return None;
    }
    let port = way.port;
    let taken: Vec<String> = read
        .outside
        .on_port(port)
        .map(|listening| {
            let by = listening.process.as_ref().map_or_else(String::new, |(pid, name)| format!(" {name} ({pid})"));
            format!("{}{by}", std::net::SocketAddr::new(listening.address, port))
        })
        .collect();
    let is_open = read.outside.on_port(port).any(|listening| !listening.address.is_loopback());
    let hop = hop(HopKind::Entry, if taken.is_empty() { format!("tcp/{port}") } else { taken.join(", ") });
    let values = |key: &'static str| Message::new(key).with("port", port).with("host", &read.host.name);
    let answers = fallback(&read.outside.servers, port);
    Some(match (&way.by, taken.is_empty(), is_open) {
        (_, true, _) if answers.is_some() => hop.broken(values("exposure.entry-nginx-stopped")),
        (_, true, _) => hop.broken(values("exposure.entry-nobody").with("by", way.by.name())),
        (_, false, false) => hop.broken(values("exposure.entry-loopback")),
        (By::None, ..) if way.name.is_some() && answers.is_some() => {
            let server = answers.map(|server| server.names.join(" ")).filter(|names| !names.is_empty()).unwrap_or_else(|| "_".to_owned());
            hop.broken(values("exposure.entry-default").with("name", way.name.clone().unwrap_or_default()).with("server", server))
        }
        (By::None, ..) => {
            let key = if way.name.is_some() { "exposure.entry-elsewhere" } else { "exposure.entry-not-led" };
            hop.broken(values(key).with("name", way.name.clone().unwrap_or_default()).with("guest", read.guest.shown_name()))
        }
        _ => hop,
    })
}

/// Whether what is shown on a port with TLS is for the name and of now, where that was tried. Who vouches for it is for its
/// visitors to say.
fn certificate(way: &Way, tried: Option<&Tried>) -> Option<Hop> {
    let (_, connected) = tried?.from_here.as_ref()?;
    let facts = match connected.as_ref().ok()?.certificate.as_ref()? {
        Ok(facts) => facts,
        Err(reason) => {
            let why = Message::new("exposure.certificate-none").with("port", way.port).with("reason", beffroi_remote::clean(reason));
            return Some(hop(HopKind::Certificate, format!("tcp/{}", way.port)).broken(why));
        }
    };
    let day = |seconds: i64| Timestamp::from_second(seconds).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let names = if facts.names.is_empty() { facts.subject.clone() } else { facts.names.join(", ") };
    let hop = hop(HopKind::Certificate, format!("{names} → {}", day(facts.not_after_s)));
    let name = way.name.clone().unwrap_or_default();
    let why = |key: &'static str| Message::new(key).with("name", &name).with("names", beffroi_remote::clean(&names));
    let now_s = i64::try_from(now_ms() / 1000).unwrap_or(i64::MAX);
    Some(if !facts.is_valid(now_s) {
        hop.broken(why("exposure.certificate-expired").with("from", day(facts.not_before_s)).with("until", day(facts.not_after_s)))
    } else if way.name.is_some() && !covers(&facts.names, &name) {
        hop.broken(why("exposure.certificate-other"))
    } else {
        hop
    })
}

/// Whether it leads to the guest, and not to where it once was.
fn leads(read: &Read, way: &Way) -> Hop {
    let shown = match &way.by {
        By::Nginx { to } => format!("nginx → {to}"),
        By::Device { name, to, .. } => format!("{name} → {to}"),
        By::Dnat { rule } => rule.clone(),
        By::None => String::new(),
    };
    let hop = hop(HopKind::Way, shown);
    let addresses = read.guest.addresses.join(", ");
    let Some((address, _)) = way.inside else {
        return hop.unclear(Message::new("exposure.way-unknown").with("by", way.by.name()));
    };
    let is_led_inside =
        address.is_loopback() && read.guest.ports.iter().any(|device| socket(&device.connect).is_some_and(|(to, _)| to == address));
    if is_led_inside
        || read.guest.addresses.contains(&address.to_string())
        || (address.is_unspecified() && matches!(way.by, By::Device { .. }))
    {
        hop
    } else if read.guest.addresses.is_empty() {
        hop.unclear(Message::new("exposure.guest-no-address").with("guest", read.guest.shown_name()))
    } else {
        let values = Message::new("exposure.way-elsewhere").with("address", address).with("addresses", addresses);
        hop.broken(values.with("guest", read.guest.shown_name()).with("by", way.by.name()))
    }
}

fn guest(read: &Read, way: &Way, tried: Option<&Tried>) -> Hop {
    let guest = read.guest.shown_name();
    let port = way.inside.map(|(_, port)| port);
    let hop = hop(HopKind::Guest, format!("{guest}:{}", port.map_or_else(|| "?".to_owned(), |port| port.to_string())));
    if !read.guest.state.is_running() {
        return hop.broken(Message::new("exposure.guest-stopped").with("guest", guest));
    }
    match (tried.and_then(|tried| tried.from_host.as_ref()), way.inside) {
        // A process that does not listen, or a way that leads elsewhere, says more than that nothing is reached.
        (Some(Err(reason)), Some((address, port))) if is_its(read, address) && listens(read, address, port) == Some(true) => {
            hop.broken(Message::new("exposure.guest-closed").with("guest", guest).with("port", port).with("reason", reason))
        }
        _ => hop,
    }
}

/// Whether an address is one of the guest's.
fn is_its(read: &Read, address: IpAddr) -> bool {
    read.guest.addresses.contains(&address.to_string())
}

/// Whether a process listens where the way ends; nothing where that was not read.
fn listens(read: &Read, address: IpAddr, port: u16) -> Option<bool> {
    Some(read.inside.as_ref()?.on_port(port).any(|listening| listening.takes(address)))
}

fn process(read: &Read, way: &Way) -> Hop {
    let Some((inside, (address, port))) = read.inside.as_ref().zip(way.inside) else {
        return hop(HopKind::Process, "?").unclear(Message::new("exposure.process-unread").with("guest", read.guest.shown_name()));
    };
    let found: Vec<String> = inside
        .on_port(port)
        .map(|listening| {
            let by = listening.process.as_ref().map_or_else(String::new, |(pid, name)| format!(" {name} ({pid})"));
            format!("{}{by}", std::net::SocketAddr::new(listening.address, port))
        })
        .collect();
    let hop = hop(HopKind::Process, if found.is_empty() { format!("tcp/{port}") } else { found.join(", ") });
    let values = |key: &'static str| Message::new(key).with("port", port).with("guest", read.guest.shown_name());
    match (found.is_empty(), listens(read, address, port)) {
        (true, _) => hop.broken(values("exposure.process-none")),
        (false, Some(true)) => hop,
        _ => hop.broken(values("exposure.process-loopback").with("address", address)),
    }
}

/// What HTTP answers, where it was asked.
fn answer(tried: Option<&Tried>) -> Option<Hop> {
    let (_, connected) = tried?.from_here.as_ref()?;
    let status = connected.as_ref().ok()?.status?;
    let hop = hop(HopKind::Answer, format!("HTTP {status}"));
    Some(if status >= 500 { hop.broken(Message::new("exposure.answer").with("status", status)) } else { hop })
}
