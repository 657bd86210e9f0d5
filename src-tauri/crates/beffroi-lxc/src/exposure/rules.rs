//! Rules of a firewall, as far as they are understood, whoever wrote them; and what becomes of a new connection.

use std::net::Ipv4Addr;

/// How deep chains may call each other.
const MOST_DEPTH: usize = 16;
/// Rules that are looked at for one connection.
const MOST_STEPS: usize = 20_000;

/// What it costs of these to look at what becomes of a connection both ways.
const FORK: usize = 200;

/// Where a packet is when a chain is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// It is for the host itself.
    Input,
    /// It goes through the host.
    Forward,
    /// It has just come, and may be sent elsewhere.
    Prerouting,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Let through, as far as this table is concerned.
    Accept,
    /// Stop it.
    Drop,
    /// Ask another chain, and come back.
    Jump(String),
    /// Ask another chain, and do not come back.
    Goto(String),
    /// Go back.
    Return,
    /// Send it on to an address, a port, or both.
    Dnat(Option<Ipv4Addr>, Option<u16>),
    /// Nothing that matters here, such as counting.
    Nothing,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looks {
    /// Whether it goes to one of these ports of TCP.
    Port(Vec<(u16, u16)>),
    /// Whether it goes to an address of this network.
    To(Ipv4Addr, u8),
    /// Whether this is so of every new connection of TCP from another machine.
    Always(bool),
    /// Where it comes from.
    From,
    /// Something that is not known here.
    Unknown,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// All must hold; those with `true` must not.
    pub looks: Vec<(Looks, bool)>,
    /// What then.
    pub says: Says,
    /// As it is shown.
    pub text: String,
}

/// A chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its family and table, such as `inet filter`.
    pub table: String,
    /// Its name.
    pub name: String,
    /// When it is asked by itself.
    pub hook: Option<Hook>,
    /// Lower ones are asked first.
    pub priority: i64,
    /// Whether what no rule decides is dropped.
    pub drops: bool,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
}

/// A new connection of TCP from another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knock {
    /// Where to; nothing for any address of the host.
    pub to: Option<Ipv4Addr>,
    /// The port.
    pub port: u16,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes {
    /// It is let through.
    Accepted,
    /// It is stopped, by this rule or policy.
    Dropped(String),
    /// That hangs on this rule, which is not understood whole.
    Unclear(String),
}

/// The chains of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(pub Vec<Chain>);

impl Rules {
    /// What becomes of a connection at a hook.
    #[must_use]
    pub fn asked(&self, hook: Hook, knock: Knock) -> Becomes {
        let mut base: Vec<&Chain> = self.0.iter().filter(|chain| chain.hook == Some(hook)).collect();
        base.sort_by_key(|chain| chain.priority);
        let mut unclear = None;
        for chain in base {
            let mut steps = MOST_STEPS;
            let decided = self.walk(vec![(chain, 0)], knock, &mut steps);
            match decided {
                Becomes::Accepted => {}
                Becomes::Dropped(_) => return decided,
                Becomes::Unclear(_) => unclear = unclear.or(Some(decided)),
            }
        }
        unclear.unwrap_or(Becomes::Accepted)
    }

    /// Each port of the host that is sent on: where to, to which port, and by which rule. A range is told by its first.
    pub fn sends(&self) -> impl Iterator<Item = (u16, Option<Ipv4Addr>, u16, &str)> {
        let is_asked = |chain: &&Chain| chain.hook == Some(Hook::Prerouting) || chain.hook.is_none();
        self.0.iter().filter(is_asked).flat_map(|chain| &chain.rules).filter_map(|rule| {
            let Says::Dnat(to, port) = &rule.says else { return None };
            let ports = rule.looks.iter().find_map(|(looks, not)| match looks {
                Looks::Port(ranges) if !not => ranges.first(),
                _ => None,
            });
            ports.map(|(first, _)| (*first, *to, port.unwrap_or(*first), rule.text.as_str()))
        })
    }

    /// Where a connection to the host is sent instead, and by which rule.
    #[must_use]
    pub fn sent_on(&self, knock: Knock) -> Option<(Option<Ipv4Addr>, u16, &str)> {
        let rules =
            self.0.iter().filter(|chain| chain.hook == Some(Hook::Prerouting) || chain.hook.is_none()).flat_map(|chain| &chain.rules);
        rules.into_iter().find_map(|rule| {
            let Says::Dnat(to, port) = &rule.says else { return None };
            let names_port = rule.looks.iter().any(|(looks, not)| matches!(looks, Looks::Port(_)) && !not);
            (names_port && holds(rule, knock) != Some(false)).then(|| (*to, port.unwrap_or(knock.port), rule.text.as_str()))
        })
    }

    /// What becomes of it from here on. `at` are the chains that are asked, each with the rule that is next; the last is asked now.
    fn walk<'a>(&'a self, mut at: Vec<(&'a Chain, usize)>, knock: Knock, steps: &mut usize) -> Becomes {
        while let Some((chain, next)) = at.last_mut() {
            let chain = *chain;
            let Some(rule) = chain.rules.get(*next) else {
                if at.len() == 1 {
                    return if chain.drops {
                        Becomes::Dropped(format!("{} {}: policy drop", chain.table, chain.name))
                    } else {
                        Becomes::Accepted
                    };
                }
                at.pop();
                continue;
            };
            *next += 1;
            *steps = steps.saturating_sub(1);
            if *steps == 0 || at.len() > MOST_DEPTH {
                return Becomes::Unclear(rule.text.clone());
            }
            let held = holds(rule, knock);
            // Who is banned is not who asks here.
            let is_ban = rule.says == Says::Drop && rule.looks.contains(&(Looks::From, false));
            if held == Some(false) || is_ban || matches!(rule.says, Says::Nothing | Says::Dnat(..)) {
                continue;
            }
            if held == Some(true) {
                if let Some(decided) = self.follow(rule, &mut at) {
                    return decided;
                }
                continue;
            }
            // Both are looked at, so that there may not be many.
            *steps = steps.saturating_sub(FORK);
            let mut then = at.clone();
            let said = self.follow(rule, &mut then).unwrap_or_else(|| self.walk(then, knock, steps));
            // Either way, if the rest says the same; else it hangs on this rule.
            let otherwise = self.walk(at, knock, steps);
            let is_alike = std::mem::discriminant(&otherwise) == std::mem::discriminant(&said);
            return if is_alike { said } else { Becomes::Unclear(rule.text.clone()) };
        }
        Becomes::Accepted
    }

    /// Does what a rule says: the end, or where it goes on.
    fn follow<'a>(&'a self, rule: &Rule, at: &mut Vec<(&'a Chain, usize)>) -> Option<Becomes> {
        match &rule.says {
            Says::Accept => return Some(Becomes::Accepted),
            Says::Drop => return Some(Becomes::Dropped(rule.text.clone())),
            Says::Jump(name) | Says::Goto(name) => {
                let table = at.last().map(|(chain, _)| chain.table.as_str()).unwrap_or_default();
                let called = self.0.iter().find(|other| other.table == table && other.name == *name);
                // A chain that is the only one keeps its policy for the end.
                if matches!(rule.says, Says::Goto(_)) && at.len() > 1 {
                    at.pop();
                }
                at.extend(called.map(|other| (other, 0)));
            }
            Says::Return if at.len() > 1 => drop(at.pop()),
            Says::Return => {
                if let Some((chain, next)) = at.last_mut() {
                    *next = chain.rules.len();
                }
            }
            Says::Nothing | Says::Dnat(..) => {}
        }
        None
    }
}

/// Whether all that a rule looks at holds; nothing when that is not known.
fn holds(rule: &Rule, knock: Knock) -> Option<bool> {
    let mut known = true;
    for (looks, not) in &rule.looks {
        let one = match looks {
            Looks::Port(ranges) => Some(ranges.iter().any(|(first, last)| (*first..=*last).contains(&knock.port))),
            Looks::To(network, bits) => knock.to.map(|to| {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                u32::from(to) & mask == u32::from(*network) & mask
            }),
            Looks::Always(held) => Some(*held),
            Looks::From | Looks::Unknown => None,
        };
        match one {
            Some(held) if held == *not => return Some(false),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}
