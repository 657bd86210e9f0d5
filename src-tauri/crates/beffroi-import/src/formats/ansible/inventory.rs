//! An inventory: hosts, groups of them, and what is said of each, with the precedence that Ansible gives it.
//!
//! From the weakest: `all` in the inventory, the other groups there, `group_vars/all`, the other groups of `group_vars/`, the
//! host in the inventory, then in `host_vars/` (`VARIABLE_PRECEDENCE`). Among groups a parent comes before its children (by
//! depth), then `ansible_group_priority`, then the alphabet (`ansible/inventory/helpers.py`, `vars/manager.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::ImportError;
use crate::limits::{MOST_DEPTH, MOST_NAMES, within};
use crate::yaml::Node;

/// Hosts of an inventory.
pub(super) const MOST_HOSTS: usize = 20_000;
/// Groups of an inventory.
const MOST_GROUPS: usize = 5_000;
/// Times that a host or a group stands in a group.
const MOST_MEMBERS: usize = 200_000;

/// Variables that are said of hosts one by one: those of a pattern count for each host.
const MOST_VARIABLES: usize = 200_000;

/// A variable.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    /// Its value.
    pub(super) node: Rc<Node>,
    /// Where it is said: `group_vars/web.yml`, `hosts [web]`.
    pub(super) from: Rc<str>,
    /// Whether the file that says it was encrypted whole.
    pub(super) vaulted: bool,
}

/// Variables by their names.
pub(super) type Variables = BTreeMap<String, Variable>;

/// A group.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) hosts: BTreeSet<String>,
    pub(super) children: BTreeSet<String>,
    /// What the inventory says of it.
    pub(super) said: Variables,
    /// What `group_vars/` says of it.
    pub(super) filed: Variables,
    depth: usize,
    parents: BTreeSet<String>,
}

/// A host.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// What the inventory says of it.
    pub(super) said: Variables,
    /// What `host_vars/` says of it.
    pub(super) filed: Variables,
    groups: BTreeSet<String>,
}

/// An inventory.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) hosts: BTreeMap<String, Machine>,
    members: usize,
    variables: usize,
}

impl Inventory {
    /// The group of a name, made when it is new.
    pub(super) fn group(&mut self, name: &str) -> Result<&mut Group, ImportError> {
        if !self.groups.contains_key(name) {
            within("groups", self.groups.len() as u64 + 1, MOST_GROUPS as u64)?;
        }
        Ok(self.groups.entry(name.to_owned()).or_default())
    }

    /// The host of a name, made when it is new.
    pub(super) fn host(&mut self, name: &str) -> Result<&mut Machine, ImportError> {
        if !self.hosts.contains_key(name) {
            within("hosts", self.hosts.len() as u64 + 1, MOST_HOSTS as u64)?;
        }
        Ok(self.hosts.entry(name.to_owned()).or_default())
    }

    /// Adds to what the inventory says of a host.
    pub(super) fn say(&mut self, host: &str, said: &Variables) -> Result<(), ImportError> {
        self.variables += said.len();
        within("variables", self.variables as u64, MOST_VARIABLES as u64)?;
        self.host(host)?.said.extend(said.iter().map(|(name, variable)| (name.clone(), variable.clone())));
        Ok(())
    }

    /// Puts a host into a group.
    pub(super) fn join(&mut self, group: &str, host: &str) -> Result<(), ImportError> {
        self.members += 1;
        within("hosts", self.members as u64, MOST_MEMBERS as u64)?;
        self.host(host)?;
        self.group(group)?.hosts.insert(host.to_owned());
        Ok(())
    }

    /// Puts a group into a group.
    pub(super) fn nest(&mut self, group: &str, child: &str) -> Result<(), ImportError> {
        self.members += 1;
        within("groups", self.members as u64, MOST_MEMBERS as u64)?;
        self.group(child)?;
        self.group(group)?.children.insert(child.to_owned());
        Ok(())
    }

    /// Once everything is read: who is in which group, and how deep each group lies.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] for a group that is in itself.
    pub(super) fn settle(&mut self) -> Result<(), ImportError> {
        self.group("all")?;
        let pairs: Vec<(String, String)> =
            self.groups.iter().flat_map(|(name, group)| group.children.iter().map(|child| (child.clone(), name.clone()))).collect();
        for (child, parent) in pairs {
            if child == "all" {
                return Err(ImportError::Malformed { what: "children", at: 0 });
            }
            self.group(&child)?.parents.insert(parent);
        }
        let members: Vec<(String, String)> =
            self.groups.iter().flat_map(|(name, group)| group.hosts.iter().map(|host| (host.clone(), name.clone()))).collect();
        for (host, group) in members {
            self.host(&host)?.groups.insert(group);
        }
        self.deepen()
    }

    /// Each group one deeper than the deepest that it is in: layer by layer, as often as there are layers.
    fn deepen(&mut self) -> Result<(), ImportError> {
        let mut waiting: Vec<String> = self.groups.keys().cloned().collect();
        let mut depth = 0;
        while !waiting.is_empty() {
            let unsettled: BTreeSet<&String> = waiting.iter().collect();
            let (later, now): (Vec<String>, Vec<String>) = waiting.iter().cloned().partition(|name| {
                let parents = self.groups.get(name).map(|group| &group.parents);
                // Everything but `all` is in `all`.
                (depth == 0 && name != "all") || parents.is_some_and(|parents| parents.iter().any(|parent| unsettled.contains(parent)))
            });
            if now.is_empty() {
                return Err(ImportError::Malformed { what: "children", at: 0 });
            }
            within("children", depth as u64, MOST_DEPTH as u64)?;
            for name in &now {
                if let Some(group) = self.groups.get_mut(name) {
                    group.depth = depth;
                }
            }
            (waiting, depth) = (later, depth + 1);
        }
        Ok(())
    }

    /// The groups that a host is in, those that those are in counted, `all` not: the weakest first.
    pub(super) fn groups_of<'a>(&'a self, machine: &'a Machine) -> Vec<&'a str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<&str> = machine.groups.iter().map(String::as_str).collect();
        while let Some(name) = next.pop() {
            if name != "all" && found.insert(name) {
                next.extend(self.groups.get(name).into_iter().flat_map(|group| group.parents.iter().map(String::as_str)));
            }
        }
        let mut order: Vec<&str> = found.into_iter().collect();
        order.sort_by_key(|name| self.groups.get(*name).map(|group| (group.depth, priority(group), *name)));
        order
    }

    /// The one that counts of a variable, for a host in these groups.
    pub(super) fn variable<'a>(&'a self, machine: &'a Machine, groups: &[&str], name: &str) -> Option<&'a Variable> {
        let of = |filed: bool| groups.iter().rev().filter_map(move |group| layer(self.groups.get(*group)?, filed, name)).next();
        let all = self.groups.get("all");
        machine
            .filed
            .get(name)
            .or_else(|| machine.said.get(name))
            .or_else(|| of(true))
            .or_else(|| layer(all?, true, name))
            .or_else(|| of(false))
            .or_else(|| layer(all?, false, name))
    }
}

fn layer<'a>(group: &'a Group, filed: bool, name: &str) -> Option<&'a Variable> {
    if filed { group.filed.get(name) } else { group.said.get(name) }
}

fn priority(group: &Group) -> i64 {
    let value = group.said.get("ansible_group_priority").and_then(|variable| variable.node.text());
    value.and_then(|text| text.trim().parse().ok()).unwrap_or(1)
}

/// The names that a pattern stands for: `web[01:20].example.org`, `db-[a:f]`, `[1:9:2]`.
///
/// # Errors
/// [`ImportError::Malformed`] for a range that is none, [`ImportError::TooLarge`].
pub(super) fn expand(pattern: &str, line: u64) -> Result<Vec<String>, ImportError> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, range, after)) = range(rest) {
        let values = values(range).ok_or(ImportError::Malformed { what: "[from:to]", at: line })?;
        let count = (names.len() as u64).saturating_mul(values.len() as u64);
        within("hosts", count, MOST_HOSTS as u64)?;
        within("names", count.saturating_mul(pattern.len() as u64), MOST_NAMES)?;
        names = names.iter().flat_map(|name| values.iter().map(move |value| format!("{name}{before}{value}"))).collect();
        rest = after;
    }
    names.iter_mut().for_each(|name| name.push_str(rest));
    Ok(names)
}

/// The first range of a pattern: what is before it, in it, and after it. An IPv6 address in brackets is none.
fn range(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (inside, after) = rest.split_once(']')?;
    let address = before.is_empty() && inside.parse::<std::net::Ipv6Addr>().is_ok();
    (!address).then_some((before, inside, after))
}

fn values(range: &str) -> Option<Vec<String>> {
    let mut parts = range.split(':');
    let (from, to, step, end) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    let step: usize = step.map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0 && end.is_none())?;
    let letter = |text: &str| text.bytes().next().filter(|byte| byte.is_ascii_alphabetic() && text.len() == 1);
    if let (Some(from), Some(to)) = (letter(from), letter(to)) {
        return (from <= to).then(|| (from..=to).step_by(step).map(|byte| char::from(byte).to_string()).collect());
    }
    let (from, to, width) = (if from.is_empty() { "0" } else { from }, to, from.len());
    // A leading zero fixes the width of both.
    let padded = from.len() > 1 && from.starts_with('0');
    if padded && to.len() != width {
        return None;
    }
    let digits = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (from, to) = (digits(from)?, digits(to)?);
    if from > to || (to - from) as usize / step >= MOST_HOSTS {
        return None;
    }
    let written = |number: u32| if padded { format!("{number:0width$}") } else { number.to_string() };
    Some((from..=to).step_by(step).map(written).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_expanded() {
        let names = |pattern: &str| expand(pattern, 1).expect(pattern).join(" ");
        assert_eq!(names("web[01:03].lan"), "web01.lan web02.lan web03.lan");
        assert_eq!(names("db-[a:c]"), "db-a db-b db-c");
        assert_eq!(names("n[1:7:3]"), "n1 n4 n7");
        assert_eq!(names("r[1:2]-[a:b]"), "r1-a r1-b r2-a r2-b");
        assert_eq!(names("[::1]"), "[::1]");
        assert_eq!(names("plain"), "plain");
        for wrong in ["w[3:1]", "w[1:99999999]", "w[x:2]", "w[01:100]", "w[1:5:0]", "w[1]"] {
            assert!(expand(wrong, 4).is_err(), "{wrong}");
        }
        assert!(matches!(expand("a[1:9000]-[1:9000]", 1), Err(ImportError::TooLarge { what: "hosts", .. })));
    }

    #[test]
    fn a_group_in_itself_is_refused() {
        let mut inventory = Inventory::default();
        for (group, child) in [("a", "b"), ("b", "c"), ("c", "a")] {
            inventory.nest(group, child).expect("nested");
        }
        assert!(matches!(inventory.settle(), Err(ImportError::Malformed { what: "children", .. })));
    }
}
