//! `inventory`, `ssh-config`: what Ansible and OpenSSH are told of the fleet. Both reach every host and guest by `beffroi proxy`.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_api::wire::{Inventory, InventoryAsked, InventoryHost, VaultInfo};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_remote::quote;
use serde_json::{Map, Value, json};

use crate::args::InventoryArguments;
use crate::context::Context;
use crate::output::{Answer, Ended};

/// What the names of groups of Ansible begin with that say what a host is.
const GUESTS: &str = "guests";

pub(crate) async fn run(context: &Context, arguments: InventoryArguments) -> Ended {
    let InventoryArguments { host, script, on, .. } = arguments;
    let told = Told::ask(context, on.clone()).await?;
    if script {
        let on = on.map_or_else(String::new, |on| format!(" --on {}", quote(&on)));
        let text = format!("#!/bin/sh\nexec {} inventory{on} \"$@\"\n", told.program()?);
        return Answer::new(&json!({ "script": text }), text);
    }
    let answer = match host {
        None => told.groups()?,
        Some(name) => {
            let found = told.inventory.hosts.iter().find(|host| host.name == name || host.alias == name);
            told.variables(found.ok_or_else(|| ApiError::new(ErrorCode::HostNotFound).with("name", name))?)?
        }
    };
    let text = format!("{answer:#}\n");
    Answer::new(&answer, text)
}

pub(crate) async fn ssh_config(context: &Context, on: Option<String>) -> Ended {
    let told = Told::ask(context, on).await?;
    let mut text = format!("# {}\n", context.words("cli.ssh-config"));
    for host in &told.inventory.hosts {
        let names = if host.alias == host.name { host.name.clone() } else { format!("{} {}", host.alias, host.name) };
        text.push_str(&format!("\nHost {names}\n    User {}\n", host.user));
        for (option, value) in told.options(host)? {
            text.push_str(&format!("    {option} {value}\n"));
        }
    }
    Answer::new(&json!({ "config": text }), text)
}

/// What was asked for, and where it comes from.
struct Told {
    vault: VaultInfo,
    inventory: Inventory,
}

impl Told {
    async fn ask(context: &Context, on: Option<String>) -> Result<Self, ApiError> {
        let vault = context.open().await?;
        let inventory = context.api.inventory(InventoryAsked { on }).await?;
        Ok(Self { vault, inventory })
    }

    /// This program with the vault, for a shell.
    fn program(&self) -> Result<String, ApiError> {
        let this = std::env::current_exe().map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?;
        Ok(format!("{} --vault {}", quote(&this.display().to_string()), quote(&self.vault.path)))
    }

    /// How `ssh` reaches a host: as options of ssh_config(5), with their values as they stand in a file. A percent sign would
    /// begin a token there.
    fn options(&self, host: &InventoryHost) -> Result<Vec<(&'static str, String)>, ApiError> {
        let proxy = format!("{} proxy {}", self.program()?, quote(&host.name)).replace('%', "%%");
        Ok(vec![
            ("ProxyCommand", proxy),
            ("HostKeyAlias", self.inventory.key_name.clone()),
            ("UserKnownHostsFile", format!("\"{}\"", self.inventory.known_hosts.replace('%', "%%"))),
            ("GlobalKnownHostsFile", "/dev/null".to_owned()),
            ("StrictHostKeyChecking", "yes".to_owned()),
            // The host's own are Beffroi's affair.
            ("PubkeyAuthentication", "no".to_owned()),
        ])
    }

    /// All groups with their hosts, and the variables of every host: what Ansible asks for with `--list`.
    fn groups(&self) -> Result<Value, ApiError> {
        let mut groups: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut variables = Map::new();
        for host in &self.inventory.hosts {
            for group in groups_of(host) {
                groups.entry(group).or_default().insert(&host.alias);
            }
            variables.insert(host.alias.clone(), self.variables(host)?);
        }
        let mut whole: Map<String, Value> = groups.iter().map(|(name, hosts)| (name.clone(), json!({ "hosts": hosts }))).collect();
        // Those that are in no other group are in `all` too.
        let all: Vec<&str> = self.inventory.hosts.iter().map(|host| host.alias.as_str()).collect();
        whole.insert("all".to_owned(), json!({ "hosts": all, "children": groups.keys().collect::<Vec<_>>() }));
        whole.insert("_meta".to_owned(), json!({ "hostvars": variables }));
        Ok(Value::Object(whole))
    }

    fn variables(&self, host: &InventoryHost) -> Result<Value, ApiError> {
        // Ansible splits them as a shell does.
        let options: Vec<String> =
            self.options(host)?.into_iter().map(|(option, value)| format!("-o {}", quote(&format!("{option}={value}")))).collect();
        let mut variables = json!({
            // The way there is the proxy's: two hosts behind two others may have one address, and connections are shared by this name.
            "ansible_host": host.alias,
            "ansible_connection": "ssh",
            "ansible_user": host.user,
            "ansible_ssh_common_args": options.join(" "),
            "beffroi_name": host.name,
            "beffroi_stage": host.stage,
            "beffroi_sealed": host.sealed,
            "beffroi_roles": host.roles,
            "beffroi_tags": host.tags,
            "beffroi_address": host.address,
            "beffroi_through": host.through,
            "beffroi_driver": host.driver,
        });
        let more = if host.driver.is_some() {
            // One command for a file, and none of the three tries of `smart`.
            ("ansible_ssh_transfer_method", json!("piped"))
        } else {
            ("ansible_port", json!(host.port))
        };
        variables[more.0] = more.1;
        Ok(variables)
    }
}

/// Stage, roles, tags, driver.
fn groups_of(host: &InventoryHost) -> Vec<String> {
    let mut groups = vec![group("stage", &host.stage)];
    groups.extend(host.roles.iter().map(|role| group("role", role)));
    groups.extend(host.tags.iter().map(|tag| group("tag", tag)));
    if let Some(driver) = &host.driver {
        groups.extend([GUESTS.to_owned(), group("driver", driver)]);
    }
    groups
}

/// A name that Ansible takes for a group: letters, digits and underscores.
fn group(kind: &str, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("{kind}_{}", name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_groups_are_letters_digits_and_underscores() {
        assert_eq!(group("tag", "web-1.fr_old"), "tag_web_1_fr_old");
        assert_eq!(group("stage", "pré"), "stage_pr_");
    }
}
