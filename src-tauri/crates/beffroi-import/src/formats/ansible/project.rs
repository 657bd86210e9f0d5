//! A project: its inventories, each with the `group_vars/` and `host_vars/` beside it and at the top, and vaults elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::inventory::{Inventory, Variables};
use super::take::Taking;
use super::vault::MARK;
use super::{ini, tree, variables};
use crate::yaml::{self, Node};
use crate::{ImportError, Reading, decode};

/// Names of inventories at the top of a project.
pub(super) const CONVENTIONAL: &[&str] =
    &["hosts", "inventory", "hosts.ini", "inventory.ini", "hosts.yml", "hosts.yaml", "inventory.yml", "inventory.yaml"];
/// Endings that Ansible passes over in a folder of inventories (`INVENTORY_IGNORE_EXTS`).
const PASSED_OVER: &[&str] = &[".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry", ".sh", ".py"];
/// Endings of files of variables.
const VARIABLES: &[&str] = &["", ".yml", ".yaml", ".json"];
/// Bytes of a file elsewhere in the project that is looked through for vaults.
const MOST_SWEPT: usize = 1 << 20;

/// Reads a project.
pub(super) fn read(reading: &Reading<'_>, taking: &mut Taking<'_>) -> Result<(), ImportError> {
    let files: Vec<String> = reading.source.files()?.into_iter().filter(|path| !path.split('/').any(|part| part == ".git")).collect();
    let configured = configured(reading)?;
    let places = places(&files, configured.as_deref());
    let mut used: BTreeSet<String> = places.values().flatten().cloned().collect();
    let several = places.len() > 1;
    for (folder, inventories) in &places {
        let mut inventory = Inventory::default();
        for path in inventories {
            inventory_file(path, reading, taking, &mut inventory)?;
        }
        inventory.settle()?;
        // What lies beside the playbooks counts more than what lies beside the inventory.
        let folders: Vec<&str> = if folder.is_empty() { vec![""] } else { vec![folder.as_str(), "", "playbooks"] };
        for near in folders {
            file_variables(near, &files, reading, taking, &mut inventory, &mut used)?;
        }
        let last = folder.rsplit('/').next().unwrap_or_default();
        let named = several && !last.is_empty();
        taking.inventory(&inventory, &if named { vec![last.to_owned()] } else { Vec::new() })?;
    }
    sweep(&files, &used, reading, taking)
}

/// The inventories that `ansible.cfg` names.
fn configured(reading: &Reading<'_>) -> Result<Option<Vec<String>>, ImportError> {
    let Some(bytes) = reading.source.read("ansible.cfg")? else { return Ok(None) };
    // Parsed here: where inventories are.
    let text = decode(bytes.expose())?;
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        }
        let value = line.split_once('=').filter(|(key, _)| section == "defaults" && matches!(key.trim(), "inventory" | "hostfile"));
        if let Some((_, value)) = value {
            let clean = |path: &str| path.trim().trim_start_matches("./").trim_end_matches('/').to_owned();
            return Ok(Some(value.split(',').map(clean).filter(|path| !path.is_empty()).collect()));
        }
    }
    Ok(None)
}

/// Files of inventories, by the folder that they are read together for.
fn places(files: &[String], configured: Option<&[String]>) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path.as_str()));
        let parts: Vec<&str> = folder.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "group_vars" | "host_vars" | "roles" | "collections")) {
            continue;
        }
        let passed_over = name.starts_with('.') || PASSED_OVER.iter().any(|ending| name.ends_with(ending));
        let named = configured.is_some_and(|paths| paths.iter().any(|wanted| wanted == path || (wanted == folder && !passed_over)));
        let conventional = CONVENTIONAL.contains(&name);
        let among = matches!(parts.first(), Some(&("inventory" | "inventories"))) && !passed_over;
        if named || (conventional && parts.len() <= 3) || among {
            places.entry(folder.to_owned()).or_default().push(path.clone());
        }
    }
    places
}

fn inventory_file(path: &str, reading: &Reading<'_>, taking: &mut Taking<'_>, inventory: &mut Inventory) -> Result<(), ImportError> {
    let Some(bytes) = reading.source.read(path)? else { return Ok(()) };
    // Parsed here.
    let text = decode(bytes.expose())?;
    if text.starts_with("#!") {
        taking.parsed.refuse(path, "would-run");
        return Ok(());
    }
    let yaml = [".yml", ".yaml", ".json"].iter().any(|ending| path.ends_with(ending)) || text.trim_start().starts_with(['-', '{']);
    if text.starts_with(MARK) || !yaml {
        let opened = if text.starts_with(MARK) { taking.open(path, &text)? } else { None };
        // Parsed here, as the file is.
        return match &opened {
            Some(text) => ini::read(text.expose(), path, inventory),
            None if text.starts_with(MARK) => Ok(()),
            None => ini::read(&text, path, inventory),
        };
    }
    let Some((root, _)) = tree_of(path, taking, reading)? else { return Ok(()) };
    if root.get("plugin").is_some() {
        taking.parsed.refuse(path, "would-run");
        return Ok(());
    }
    if !tree::is_one(&root) {
        taking.parsed.refuse(path, "not-read");
        return Ok(());
    }
    tree::read(&root, path, inventory)
}

/// A file as a tree, and whether it was encrypted whole. None when it stays closed, which is told.
pub(super) fn tree_of(path: &str, taking: &mut Taking<'_>, reading: &Reading<'_>) -> Result<Option<(Node, bool)>, ImportError> {
    let Some(bytes) = reading.source.read(path)? else { return Ok(None) };
    // Parsed here.
    let text = decode(bytes.expose())?;
    let vaulted = text.starts_with(MARK);
    let opened = if vaulted { taking.open(path, &text)? } else { None };
    let read = match &opened {
        // Parsed here.
        Some(text) => yaml::read_one(text.expose()),
        None if vaulted => return Ok(None),
        None => yaml::read_one(&text),
    };
    match read {
        Ok((root, repeated)) => {
            repeated.iter().for_each(|(key, line)| taking.parsed.notice("repeated-key", format!("{path}: {key}: {line}")));
            Ok(Some((root, vaulted)))
        }
        Err(ImportError::Malformed { .. } | ImportError::Unsupported { .. }) => {
            taking.parsed.refuse(path, "not-variables");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What `group_vars/` and `host_vars/` of a folder say of the groups and hosts there are.
fn file_variables(
    folder: &str,
    files: &[String],
    reading: &Reading<'_>,
    taking: &mut Taking<'_>,
    inventory: &mut Inventory,
    used: &mut BTreeSet<String>,
) -> Result<(), ImportError> {
    let groups: Vec<String> = inventory.groups.keys().cloned().collect();
    let hosts: Vec<String> = inventory.hosts.keys().cloned().collect();
    let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut read = |kind: &str, name: &str| -> Result<Option<Variables>, ImportError> {
        let mut said = Variables::new();
        for path in found(&format!("{}/{name}", below(kind)), files) {
            said.extend(variables(path, taking, reading)?);
            used.insert(path.clone());
        }
        Ok((!said.is_empty()).then_some(said))
    };
    for name in groups {
        if let Some(said) = read("group_vars", &name)? {
            inventory.group(&name)?.filed.extend(said);
        }
    }
    for name in hosts {
        if let Some(said) = read("host_vars", &name)? {
            inventory.host(&name)?.filed.extend(said);
        }
    }
    Ok(())
}

/// The files of a name: it, a folder of it, or it with an ending; the first of these only, as Ansible has it.
fn found<'a>(path: &str, files: &'a [String]) -> Vec<&'a String> {
    let at = |wanted: &str| files.binary_search_by(|file| file.as_str().cmp(wanted)).ok().and_then(|at| files.get(at));
    let inside = format!("{path}/");
    let from = files.partition_point(|file| file.as_str() < inside.as_str());
    let below: Vec<&String> =
        files.iter().skip(from).take_while(|file| file.starts_with(&inside)).filter(|file| counts(file, &inside)).collect();
    if !below.is_empty() {
        return below;
    }
    VARIABLES.iter().find_map(|ending| at(&format!("{path}{ending}"))).into_iter().collect()
}

/// Whether Ansible reads a file of a folder of variables: no hidden one, no copy that an editor left, a known ending.
fn counts(file: &str, folder: &str) -> bool {
    let rest = file.strip_prefix(folder).unwrap_or(file);
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let ending = name.rfind('.').and_then(|at| name.get(at..)).unwrap_or_default();
    rest.split('/').all(|part| !part.starts_with('.') && !part.ends_with('~')) && VARIABLES.contains(&ending)
}

/// Vaulted values and files that belong to no host: roles, playbooks, variables of groups that are not there.
fn sweep(files: &[String], used: &BTreeSet<String>, reading: &Reading<'_>, taking: &mut Taking<'_>) -> Result<(), ImportError> {
    for path in files.iter().filter(|path| !used.contains(*path)) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let may = !name.contains('.') || [".yml", ".yaml", ".json", ".vault", ".pem", ".key"].iter().any(|ending| name.ends_with(ending));
        if !may {
            continue;
        }
        let Ok(Some(bytes)) = reading.source.read(path) else { continue };
        // Looked at: whether something in it is vaulted.
        let Ok(text) = std::str::from_utf8(bytes.expose()) else { continue };
        let group: Vec<String> =
            path.rsplit_once('/').map(|(folder, _)| folder.split('/').map(str::to_owned).collect()).unwrap_or_default();
        if !text.contains(MARK) || text.len() > MOST_SWEPT {
            continue;
        }
        if text.starts_with(MARK) && !(name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json")) {
            whole(path, name, text, &group, taking)?;
        } else if let Some((root, vaulted)) = tree_of(path, taking, reading)? {
            taking.tree(path, "", &root, vaulted, &group, &[])?;
        }
    }
    Ok(())
}

/// A file that was encrypted whole and is no YAML: a key, or any text.
fn whole(path: &str, name: &str, text: &str, group: &[String], taking: &mut Taking<'_>) -> Result<(), ImportError> {
    let Some(text) = taking.open(path, text)? else { return Ok(()) };
    // Parsed here, where it is YAML after all.
    let root = yaml::read_one(text.expose()).ok().map(|(root, _)| root).filter(|root| !root.pairs().is_empty());
    match root {
        Some(root) => taking.tree(path, "", &root, true, group, &[]),
        None => taking.whole(path, name, text, group),
    }
}
