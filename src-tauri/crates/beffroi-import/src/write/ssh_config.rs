//! Writes a configuration of OpenSSH: hosts with their addresses, ports, accounts and the hosts to go through.
//!
//! A name or a value that OpenSSH cannot have (with a line break, or with a wildcard where a name stands) is left out and told, never
//! written as something else. No key is written: a configuration names files.

use std::fmt::Write as _;

use crate::{Host, Parsed, Refused};

/// A configuration, and the hosts that cannot stand in one.
#[derive(Debug, Default)]
pub struct Written {
    /// It.
    pub text: String,
    /// What was left out, and why.
    pub refused: Vec<Refused>,
}

/// Writes the hosts of `parsed`.
#[must_use]
pub fn write(parsed: &Parsed) -> Written {
    let mut written = Written::default();
    for host in &parsed.hosts {
        match block(host) {
            Some(block) => {
                if !written.text.is_empty() {
                    written.text.push('\n');
                }
                written.text.push_str(&block);
            }
            None => written.refused.push(Refused { what: host.name.clone(), why: "not-for-ssh-config" }),
        }
    }
    written
}

fn block(host: &Host) -> Option<String> {
    let mut block = String::new();
    let name = Some(&host.name).filter(|name| is_name(name))?;
    // The keywords in the order of ssh_config(5)'s own examples.
    let mut line = |keyword: &str, value: &str| writeln!(block, "{keyword} {}", quoted(value)).ok();
    line("Host", name)?;
    line("    HostName", &percent(Some(&host.address).filter(|address| is_value(address) && !address.starts_with('-'))?))?;
    if let Some(port) = host.port {
        line("    Port", &port.to_string())?;
    }
    if let Some(user) = &host.user {
        line("    User", Some(user).filter(|user| is_value(user) && !user.starts_with('-'))?)?;
    }
    if !host.jump.is_empty() {
        let hops: Option<Vec<String>> = host.jump.iter().map(|hop| hop_of(hop)).collect();
        // The rest of its line is taken as it is, without quotes.
        line("    ProxyJump", &hops?.join(","))?;
    }
    Some(block)
}

/// A name that is no pattern, and that `ssh` takes (`valid_hostname`, `ssh.c`).
fn is_name(name: &str) -> bool {
    is_value(name)
        && !name.starts_with(['-', '!'])
        && !name.contains(|next: char| next.is_whitespace() || "'`\"$\\;&<>|(){},*?#=%".contains(next))
}

/// A value that a line can hold.
fn is_value(value: &str) -> bool {
    !value.is_empty() && !value.contains(char::is_control)
}

/// A host to go through, as `ssh` takes it: no character that ends it or means something to a shell.
fn hop_of(hop: &str) -> Option<String> {
    let (user, place) = hop.rsplit_once('@').map_or((None, hop), |(user, place)| (Some(user), place));
    let bare = |text: &str| is_name(text) && !text.contains('/');
    (user.is_none_or(bare) && bare(place) && !place.eq_ignore_ascii_case("none")).then(|| hop.to_owned())
}

/// `%` stands for itself only when it stands twice.
fn percent(value: &str) -> String {
    value.replace('%', "%%")
}

/// In quotes where a word would end, or be something else, without them.
fn quoted(value: &str) -> String {
    if !value.contains([' ', '\t', '"', '\'', '\\', '#', '=']) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
