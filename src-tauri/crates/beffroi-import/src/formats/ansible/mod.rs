//! Ansible: inventories (INI, YAML), `group_vars/` and `host_vars/`, vaulted values in them, a whole project or one file of it.
//!
//! Nothing is evaluated: no Jinja, no dynamic inventory, no lookup; what only Ansible could work out is told.

mod ini;
mod inventory;
mod project;
mod take;
mod tree;
pub mod vault;

use std::rc::Rc;

use crate::{ImportError, Parsed, Reading, Source, decode, yaml};

use inventory::Inventory;
use take::Taking;

/// What an INI inventory says that no other INI file does.
const WORDS: &[&str] = &[":children]", ":vars]", "ansible_host=", "ansible_user=", "ansible_ssh_", "ansible_connection=", "ansible_port="];
/// Bytes that are looked at.
const LOOK: usize = 64 << 10;

/// A project, by what lies at its top; an inventory, or a file of variables with vaulted ones, by what is in it.
pub fn tells(source: &Source) -> bool {
    match source {
        Source::Folder { root } => {
            let folders = ["group_vars", "host_vars", "inventories"];
            root.join("ansible.cfg").is_file()
                || folders.iter().any(|name| root.join(name).is_dir())
                || project::CONVENTIONAL.iter().any(|name| {
                    let found = source.read(name).ok().flatten();
                    // Looked at, as the bytes of a file are.
                    found.is_some_and(|bytes| is_inventory(name, bytes.expose()))
                })
        }
        // As above.
        Source::File { name, bytes } => is_inventory(name, bytes.expose()) || has_vaulted_values(bytes.expose()),
    }
}

fn look(bytes: &[u8]) -> &str {
    let bytes = bytes.get(..bytes.len().min(LOOK)).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default(),
    }
}

fn has_vaulted_values(bytes: &[u8]) -> bool {
    let text = look(bytes);
    text.contains("!vault") && text.contains(vault::MARK)
}

/// Whether bytes are an inventory, as far as they were looked at.
fn is_inventory(name: &str, bytes: &[u8]) -> bool {
    let text = look(bytes);
    let begins = |mark: char| text.lines().any(|line| line.starts_with(mark));
    let named = matches!(name, "hosts" | "inventory" | "hosts.ini" | "inventory.ini");
    if is_yaml(name) {
        let line = |key: &str| text.lines().any(|line| line.trim() == key);
        return (line("hosts:") || line("children:")) && !begins('-') && !text.contains("\"sops\"") && yaml_inventory(bytes);
    }
    !begins('{') && (WORDS.iter().any(|word| text.contains(word)) && !text.contains("\nansible_") || named && begins('['))
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn yaml_inventory(bytes: &[u8]) -> bool {
    let root = decode(bytes).ok().and_then(|text| yaml::read_one(&text).ok());
    root.is_some_and(|(root, _)| tree::is_one(&root))
}

/// Reads a project or a file.
///
/// # Errors
/// [`ImportError::Locked`] without a password where something is vaulted (an empty one means to go on without),
/// [`ImportError::Wrong`] when nothing of it opens; [`ImportError::Malformed`] of the file that was given, with its line.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut taking = Taking::new(reading)?;
    match reading.source {
        Source::Folder { .. } => project::read(reading, &mut taking)?,
        Source::File { name, bytes } => {
            // Parsed here.
            let text = decode(bytes.expose())?;
            let mut inventory = Inventory::default();
            if is_yaml(name) || text.contains("!vault") || text.trim_start().starts_with(['{', '-']) {
                let (root, repeated) = yaml::read_one(&text)?;
                repeated.iter().for_each(|(key, line)| taking.parsed.notice("repeated-key", format!("{key}: {line}")));
                if !tree::is_one(&root) {
                    taking.tree(name, "", &root, false, &[], &[])?;
                    return taking.end();
                }
                tree::read(&root, name, &mut inventory)?;
            } else {
                ini::read(&text, name, &mut inventory)?;
            }
            inventory.settle()?;
            taking.inventory(&inventory, &[])?;
        }
    }
    taking.end()
}

/// Variables that were one vault: every one of them is a secret. None for a text that is no map.
fn of_vault(name: &str, text: &str, reading: &Reading<'_>) -> Result<Option<Parsed>, ImportError> {
    let Ok((root, repeated)) = yaml::read_one(text) else { return Ok(None) };
    if root.pairs().is_empty() {
        return Ok(None);
    }
    let mut taking = Taking::new(reading)?;
    repeated.iter().for_each(|(key, line)| taking.parsed.notice("repeated-key", format!("{key}: {line}")));
    taking.tree(name, "", &root, true, &[], &[])?;
    taking.end().map(Some)
}

/// Reads a file of variables into what a group or a host says.
fn variables(path: &str, taking: &mut Taking<'_>, reading: &Reading<'_>) -> Result<inventory::Variables, ImportError> {
    let Some((root, vaulted)) = project::tree_of(path, taking, reading)? else { return Ok(inventory::Variables::new()) };
    if root.pairs().is_empty() && !root.is_null() {
        taking.parsed.refuse(path, "not-variables");
    }
    Ok(take::filed(root, &Rc::from(path), vaulted))
}
