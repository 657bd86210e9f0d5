//! Addresses, routes, resolvers, listening ports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{bounded, cut, text};
use crate::facts::{Area, Facts, Interface, Listener, Protocol, Route};
use crate::wire::Answer;

pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    if answer.section("interfaces").is_some() || answer.section("addresses").is_some() {
        facts.interfaces = Some(cut(interfaces(answer), Area::Addresses, facts));
    }
    if answer.section("routes").is_some() {
        let routes = answer.lines("routes").filter_map(route).collect();
        facts.default_routes = Some(bounded(routes, Area::Routes, facts));
    }
    if answer.section("resolvers").is_some() {
        let resolvers = answer.lines("resolvers").filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then(|| words.next().and_then(text)).flatten()
        });
        facts.resolvers = Some(cut(resolvers.collect(), Area::Routes, facts));
    }
    let tables = ["ss", "netstat", "listening"];
    if tables.iter().any(|name| answer.section(name).is_some()) {
        let netstat = answer.section("netstat").filter(|section| !section.failed && !section.files.is_empty());
        let listening = answer.section("listening").filter(|_| netstat.is_none());
        let listening = listening.into_iter().flat_map(|section| section.lines_of_files());
        let listeners = answer
            .lines("ss")
            .filter_map(ss)
            .chain(netstat.into_iter().flat_map(|section| section.lines()).filter_map(self::netstat))
            .chain(listening.filter_map(|(file, line)| table(file, line)));
        facts.listeners = Some(bounded(listeners.collect(), Area::Listeners, facts));
    }
}

/// Joins `/sys/class/net` with `ip -o addr show`, or with `/proc/net/if_inet6` where there is no ip(8).
fn interfaces(answer: &Answer<'_>) -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    let mut of = |name: &str, change: &mut dyn FnMut(&mut Interface)| {
        if let Some(name) = text(name) {
            change(found.entry(name.clone()).or_insert_with(|| Interface { name, ..Interface::default() }));
        }
    };
    let section = answer.section("interfaces");
    for (file, line) in section.into_iter().flat_map(|section| section.lines_of_files()) {
        let mut path = file.rsplit('/');
        let (Some(kind), Some(name)) = (path.next(), path.next()) else { continue };
        let value = text(line).unwrap_or_default();
        of(name, &mut |interface| match kind {
            "operstate" => interface.state.clone_from(&value),
            _ if value != "00:00:00:00:00:00" => interface.hardware_address.clone_from(&value),
            _ => {}
        });
    }
    for line in answer.lines("addresses") {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [_, name, "inet" | "inet6", address, ..] = words.as_slice() {
            let name = name.trim_end_matches(':').split('@').next().unwrap_or_default();
            of(name, &mut |interface| interface.addresses.extend(text(address)));
        }
    }
    if answer.section("addresses").is_none() {
        for line in answer.lines("if_inet6") {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [address, _, prefix, _, _, name] = words.as_slice()
                && let (Ok(address), Ok(prefix)) = (u128::from_str_radix(address, 16), u8::from_str_radix(prefix, 16))
            {
                of(name, &mut |interface| interface.addresses.push(format!("{}/{prefix}", Ipv6Addr::from_bits(address))));
            }
        }
    }
    found
        .into_values()
        .map(|interface| {
            let addresses: BTreeSet<String> = interface.addresses.into_iter().collect();
            Interface { addresses: addresses.into_iter().collect(), ..interface }
        })
        .collect()
}

/// A line of `/proc/net/route` or `/proc/net/ipv6_route`, which the probe sends for default routes only.
fn route(line: &str) -> Option<Route> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (gateway, interface, metric) = match words.as_slice() {
        // Numbers in the order of the host's memory: little-endian wherever this is likely to run.
        [interface, "00000000", gateway, _, _, _, metric, ..] => {
            let gateway = u32::from_str_radix(gateway, 16).ok()?;
            let gateway = if gateway == 0 { String::new() } else { Ipv4Addr::from_bits(gateway.swap_bytes()).to_string() };
            (gateway, *interface, metric.parse().ok()?)
        }
        [_, _, _, _, gateway, metric, .., interface] => {
            let gateway = u128::from_str_radix(gateway, 16).ok()?;
            let gateway = if gateway == 0 { String::new() } else { Ipv6Addr::from_bits(gateway).to_string() };
            (gateway, *interface, u64::from_str_radix(metric, 16).ok()?)
        }
        _ => return None,
    };
    Some(Route { gateway, interface: text(interface)?, metric })
}

/// A line of `ss -Hlntup`: protocol, state, two counts, own address, the other's, then `users:(("sshd",pid=1,fd=3))`.
fn ss(line: &str) -> Option<Listener> {
    let mut words = line.split_whitespace();
    let protocol = protocol(words.next()?)?;
    let (address, port) = words.nth(3)?.rsplit_once(':')?;
    let process = line.split_once("users:((\"").and_then(|(_, rest)| rest.split_once("\",pid=")).and_then(|(name, _)| text(name));
    Some(Listener { protocol, address: plain(address)?, port: port.parse().ok()?, process })
}

/// A line of `netstat -lntup`: protocol, two counts, own address, the other's, state of TCP, then `1/sshd`.
fn netstat(line: &str) -> Option<Listener> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [protocol_word, _, _, address, _, rest @ ..] = words.as_slice() else { return None };
    let protocol = protocol(protocol_word)?;
    let (address, port) = address.rsplit_once(':')?;
    let process = rest.iter().find_map(|word| {
        let (number, name) = word.split_once('/')?;
        number.parse::<u32>().ok().and_then(|_| text(name.trim_end_matches(':')))
    });
    Some(Listener { protocol, address: plain(address)?, port: port.parse().ok()?, process })
}

fn protocol(word: &str) -> Option<Protocol> {
    match word {
        "tcp" | "tcp6" => Some(Protocol::Tcp),
        "udp" | "udp6" => Some(Protocol::Udp),
        _ => None,
    }
}

/// An address without brackets and interface; `*` is every address of both families.
fn plain(address: &str) -> Option<String> {
    let address = address.split('%').next().unwrap_or_default().trim_matches(['[', ']']);
    text(if address == "*" { "::" } else { address })
}

/// A line of `/proc/net/tcp` and its like, where `01020304:0016` is the own address, in the order of the host's memory.
fn table(file: &str, line: &str) -> Option<Listener> {
    let protocol = if file.contains("tcp") { Protocol::Tcp } else { Protocol::Udp };
    let (address, port) = line.split_whitespace().nth(1)?.split_once(':')?;
    let address = if address.len() == 8 {
        Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?.swap_bytes()).to_string()
    } else {
        let bits = u128::from_str_radix(address, 16).ok().filter(|_| address.len() == 32)?;
        let words = [96, 64, 32, 0].map(|shift| u32::try_from((bits >> shift) & u128::from(u32::MAX)).unwrap_or_default().swap_bytes());
        let bits = words.iter().fold(0_u128, |bits, word| (bits << 32) | u128::from(*word));
        Ipv6Addr::from_bits(bits).to_string()
    };
    Some(Listener { protocol, address, port: u16::from_str_radix(port, 16).ok()?, process: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(protocol: Protocol, address: &str, port: u16, process: Option<&str>) -> Option<Listener> {
        Some(Listener { protocol, address: address.to_owned(), port, process: process.map(str::to_owned) })
    }

    #[test]
    fn three_tables_say_the_same() {
        let ssh = listener(Protocol::Tcp, "::1", 22, Some("sshd"));
        assert_eq!(ss("tcp LISTEN 0 128 [::1]:22 [::]:* users:((\"sshd\",pid=1,fd=4),(\"x\",pid=2,fd=1))"), ssh);
        assert_eq!(netstat("tcp        0      0 ::1:22       :::*      LISTEN      612/sshd: /usr/sbin"), ssh);
        let bare = listener(Protocol::Tcp, "::1", 22, None);
        assert_eq!(table("/proc/net/tcp6", "  1: 00000000000000000000000001000000:0016 0:0 0A"), bare);
        assert_eq!(table("/proc/net/udp", "  1: 0100007F:0035 0:0 07"), listener(Protocol::Udp, "127.0.0.1", 53, None));
        assert_eq!(ss("udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*"), listener(Protocol::Udp, "127.0.0.53", 53, None));
        assert_eq!(ss("tcp LISTEN 0 511 *:80 *:*"), listener(Protocol::Tcp, "::", 80, None));
        assert_eq!(netstat("udp 0 0 0.0.0.0:68 0.0.0.0:* 12/udhcpc"), listener(Protocol::Udp, "0.0.0.0", 68, Some("udhcpc")));
        for bad in ["", "tcp", "icmp UNCONN 0 0 *:1 *:*", "tcp LISTEN 0 0 *:70000 *:*", "tcp LISTEN 0 0 nothing *:*"] {
            assert_eq!((ss(bad), netstat(bad), table("/proc/net/tcp", bad)), (None, None, None), "{bad}");
        }
    }

    #[test]
    fn default_routes_of_both_families() {
        let four = route("eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0").expect("a route");
        assert_eq!((four.gateway.as_str(), four.interface.as_str(), four.metric), ("192.0.2.1", "eth0", 100));
        let zero = "00000000000000000000000000000000";
        let line = format!("{zero} 00 {zero} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0");
        let six = route(&line).expect("a route");
        assert_eq!((six.gateway.as_str(), six.interface.as_str(), six.metric), ("fd00::1", "eth0", 1024));
        assert_eq!(route("x"), None);
    }
}
