//! What `iptables-save` prints (iptables-save(8)): chains and rules, as far as they are understood.

use super::rules::{Chain, Hook, Looks, Rule, Rules, Says};

/// Lines that are read.
const MOST_LINES: usize = 20_000;
/// Characters of a rule as it is shown.
const MOST_TEXT: usize = 240;

/// Reads what was saved; nothing when there is no rule.
#[must_use]
pub(super) fn read(text: &str) -> Option<Rules> {
    let (mut chains, mut table): (Vec<Chain>, &str) = (Vec::new(), "");
    for line in text.lines().take(MOST_LINES) {
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if let Some(rest) = line.strip_prefix(':') {
            let mut words = rest.split(' ');
            let (name, policy) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let hook = match (table, name) {
                ("filter", "INPUT") => Some(Hook::Input),
                ("filter", "FORWARD") => Some(Hook::Forward),
                ("nat", "PREROUTING") => Some(Hook::Prerouting),
                _ => None,
            };
            let (table, name) = (format!("iptables {table}"), name.to_owned());
            chains.push(Chain { table, name, hook, priority: 0, drops: policy == "DROP", rules: Vec::new() });
        } else if let Some(rest) = line.strip_prefix("-A ") {
            let mut words = rest.split(' ');
            let name = words.next().unwrap_or_default();
            let table = format!("iptables {table}");
            if let Some(chain) = chains.iter_mut().find(|chain| chain.table == table && chain.name == name) {
                let text = beffroi_remote::clean(line).chars().take(MOST_TEXT).collect();
                chain.rules.push(rule(&words.collect::<Vec<_>>(), text));
            }
        }
    }
    (!chains.is_empty()).then_some(Rules(chains))
}

fn rule(words: &[&str], text: String) -> Rule {
    let (mut looks, mut says, mut not) = (Vec::new(), Says::Nothing, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().unwrap_or_default();
        let found = match *word {
            "!" => {
                not = true;
                continue;
            }
            "-p" => Looks::Always(matches!(value(), "tcp" | "all")),
            "--dport" | "--dports" => ports(value()).map_or(Looks::Unknown, Looks::Port),
            "--ctstate" | "--state" => Looks::Always(value().split(',').any(|state| state == "NEW")),
            "-i" => {
                if value() == "lo" {
                    Looks::Always(false)
                } else {
                    Looks::Unknown
                }
            }
            "-d" => network(value()).map_or(Looks::Unknown, |(to, bits)| Looks::To(to, bits)),
            "-s" => {
                value();
                Looks::From
            }
            "--match-set" => {
                value();
                if value() == "src" { Looks::From } else { Looks::Unknown }
            }
            "-m" => match value() {
                "tcp" | "multiport" | "conntrack" | "state" | "comment" | "set" => continue,
                _ => Looks::Unknown,
            },
            "--comment" => {
                // Quoted, it has spaces.
                let mut one = value();
                let is_quoted = one.starts_with('"') && (one.len() == 1 || !one.ends_with('"'));
                while is_quoted && !one.is_empty() {
                    one = words.next().copied().unwrap_or_default();
                    if one.ends_with('"') {
                        break;
                    }
                }
                continue;
            }
            "-j" => {
                says = match value() {
                    "ACCEPT" => Says::Accept,
                    "DROP" | "REJECT" => Says::Drop,
                    "RETURN" => Says::Return,
                    "DNAT" => Says::Dnat(None, None),
                    "LOG" | "NFLOG" | "MARK" | "CONNMARK" | "MASQUERADE" | "SNAT" | "CHECKSUM" | "CT" | "TCPMSS" => Says::Nothing,
                    chain => Says::Jump(chain.to_owned()),
                };
                continue;
            }
            "-g" => {
                says = Says::Goto(value().to_owned());
                continue;
            }
            "--to-destination" => {
                let to = value();
                let (address, port) = to.split_once(':').unwrap_or((to, ""));
                says = Says::Dnat(address.parse().ok(), port.parse().ok());
                continue;
            }
            "--reject-with" | "--log-prefix" | "--log-level" => {
                value();
                continue;
            }
            _ => Looks::Unknown,
        };
        looks.push((found, std::mem::take(&mut not)));
    }
    Rule { looks, says, text }
}

fn ports(text: &str) -> Option<Vec<(u16, u16)>> {
    text.split(',')
        .map(|one| match one.split_once(':') {
            Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
            None => one.parse().ok().map(|port| (port, port)),
        })
        .collect()
}

fn network(text: &str) -> Option<(std::net::Ipv4Addr, u8)> {
    let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
    Some((address.parse().ok()?, bits.parse().ok().filter(|bits| *bits <= 32)?))
}
