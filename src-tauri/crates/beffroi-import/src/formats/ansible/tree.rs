//! An inventory as YAML: groups with `hosts`, `children` and `vars` (Ansible's `plugins/inventory/yaml.py`).

use std::rc::Rc;

use zeroize::Zeroizing;

use super::inventory::{Inventory, Variable, Variables, expand};
use crate::ImportError;
use crate::limits::{MOST_DEPTH, within};
use crate::yaml::Node;

/// Whether a tree is one: groups at the top that have something a group has.
pub(super) fn is_one(root: &Node) -> bool {
    let of_a_group = |node: &Node| ["hosts", "children", "vars"].iter().any(|key| node.get(key).is_some());
    let pairs = root.pairs();
    let groups = pairs.iter().all(|(_, node)| node.is_null() || of_a_group(node) && only_group_keys(node));
    groups && pairs.iter().any(|(_, node)| node.get("hosts").is_some() || node.get("children").is_some())
}

fn only_group_keys(node: &Node) -> bool {
    node.pairs().iter().all(|(key, _)| matches!(key.as_str(), "hosts" | "children" | "vars"))
}

/// Reads one into an inventory.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::TooLarge`].
pub(super) fn read(root: &Node, file: &str, inventory: &mut Inventory) -> Result<(), ImportError> {
    let mut next: Vec<(&str, &Node, usize)> = root.pairs().iter().map(|(name, node)| (name.as_str(), node, 0)).collect();
    while let Some((name, node, depth)) = next.pop() {
        within("children", depth as u64, MOST_DEPTH as u64)?;
        let group = inventory.group(name)?;
        let from: Rc<str> = Rc::from(format!("{file} [{name}]"));
        if let Some(vars) = node.get("vars") {
            group.said.extend(variables(vars, &from));
        }
        for (key, said) in names(node.get("hosts"))? {
            let said = said.map(|said| variables(said, &Rc::from(format!("{file} {key}")))).unwrap_or_default();
            for host in expand(key, node.line)? {
                inventory.join(name, &host)?;
                inventory.say(&host, &said)?;
            }
        }
        for (key, said) in names(node.get("children"))? {
            inventory.nest(name, key)?;
            next.extend(said.map(|said| (key, said, depth + 1)));
        }
    }
    Ok(())
}

/// Names with what stands under each: a map, or one name as a text.
fn names(node: Option<&Node>) -> Result<Vec<(&str, Option<&Node>)>, ImportError> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return Ok(Vec::new()) };
    match node.text() {
        Some(text) => Ok(vec![(text, None)]),
        None if node.items().is_empty() => {
            Ok(node.pairs().iter().map(|(name, said)| (name.as_str(), Some(said).filter(|said| !said.is_null()))).collect())
        }
        None => Err(ImportError::Malformed { what: "hosts", at: node.line }),
    }
}

/// The variables of a map.
pub(super) fn variables(node: &Node, from: &Rc<str>) -> Variables {
    let one = |(name, node): &(Zeroizing<String>, Node)| {
        (name.to_string(), Variable { node: Rc::new(node.clone()), from: from.clone(), vaulted: false })
    };
    node.pairs().iter().map(one).collect()
}
