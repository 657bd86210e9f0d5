//! An inventory as INI: `[group]`, `[group:children]`, `[group:vars]`, one host or pattern a line with `name=value` after it.
//!
//! Words are split as a shell splits them, values read as Python literals, both as Ansible's `plugins/inventory/ini.py` does.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::inventory::{Inventory, Variable, Variables, expand};
use crate::ImportError;
use crate::limits::{MOST_VALUE, within};
use crate::yaml::{Node, Value};

enum Section {
    Hosts(String),
    Children(String),
    Vars(String),
}

/// Reads one into an inventory.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::TooLarge`].
pub(super) fn read(text: &str, file: &str, inventory: &mut Inventory) -> Result<(), ImportError> {
    let mut section = Section::Hosts("ungrouped".to_owned());
    for (line, number) in text.lines().zip(1_u64..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        within("line", line.len() as u64, 2 * MOST_VALUE as u64)?;
        if let Some(next) = header(line) {
            section = next;
            match &section {
                Section::Hosts(group) | Section::Children(group) | Section::Vars(group) => drop(inventory.group(group)?),
            }
            continue;
        }
        match &section {
            Section::Hosts(group) => host(line, number, file, group, inventory)?,
            Section::Children(group) => inventory.nest(group, words(line, number)?.first().map_or("", |word| word.as_str()))?,
            Section::Vars(group) => {
                let (name, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "name=value", at: number })?;
                let variable = variable(value.trim(), number, &Rc::from(format!("{file} [{group}]")));
                inventory.group(group)?.said.insert(name.trim().to_owned(), variable);
            }
        }
    }
    Ok(())
}

/// A line that begins a section. A line of a host may begin with a bracket as well: an IPv6 address, a range.
fn header(line: &str) -> Option<Section> {
    let (inside, after) = line.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    if !(after.is_empty() || after.starts_with('#')) {
        return None;
    }
    let (name, state) = inside.split_once(':').unwrap_or((inside, "hosts"));
    let name = name.to_owned();
    match state {
        "hosts" => Some(Section::Hosts(name)),
        "children" => Some(Section::Children(name)),
        "vars" => Some(Section::Vars(name)),
        _ => None,
    }
}

fn host(line: &str, number: u64, file: &str, group: &str, inventory: &mut Inventory) -> Result<(), ImportError> {
    let words = words(line, number)?;
    let Some((pattern, words)) = words.split_first() else { return Ok(()) };
    let (pattern, port) = address(pattern);
    let from = Rc::from(format!("{file} {pattern}"));
    let mut said = Variables::new();
    if let Some(port) = port {
        said.insert("ansible_port".to_owned(), variable(port, number, &from));
    }
    for word in words {
        let (name, value) = word.split_once('=').ok_or(ImportError::Malformed { what: "name=value", at: number })?;
        said.insert(name.to_owned(), variable(value, number, &from));
    }
    for name in expand(pattern, number)? {
        inventory.join(group, &name)?;
        inventory.say(&name, &said)?;
    }
    Ok(())
}

/// A pattern with its port taken off: `web[1:3]:2222`, `[::1]:22`. A bare IPv6 address has none.
fn address(text: &str) -> (&str, Option<&str>) {
    let is_port = |port: &str| !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    match text.rsplit_once(':') {
        Some((name, port)) if is_port(port) && text.parse::<std::net::Ipv6Addr>().is_err() && !port.contains(']') => {
            let open = name.matches('[').count() > name.matches(']').count();
            if open { (text, None) } else { (bare(name), Some(port)) }
        }
        _ => (bare(text), None),
    }
}

/// An IPv6 address without its brackets.
fn bare(name: &str) -> &str {
    let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    inside.filter(|inside| inside.parse::<std::net::Ipv6Addr>().is_ok()).unwrap_or(name)
}

/// The words of a line, as a shell splits them; a comment ends it.
pub(super) fn words(line: &str, number: u64) -> Result<Vec<Zeroizing<String>>, ImportError> {
    let mut words = Vec::new();
    let mut word: Option<Zeroizing<String>> = None;
    let (mut quote, mut next) = (None, line.chars());
    while let Some(read) = next.next() {
        let fresh = || Zeroizing::new(String::with_capacity(line.len()));
        match (quote, read) {
            (Some(open), _) if read == open => quote = None,
            (Some('"') | None, '\\') => {
                let escaped = next.next().ok_or(ImportError::Truncated { what: "\\" })?;
                let word = word.get_or_insert_with(fresh);
                if quote.is_some() && !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            (Some(_), _) => word.get_or_insert_with(fresh).push(read),
            (None, '"' | '\'') => {
                word.get_or_insert_with(fresh);
                quote = Some(read);
            }
            (None, '#') => break,
            (None, _) if read.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_with(fresh).push(read),
        }
    }
    if quote.is_some() {
        return Err(ImportError::Malformed { what: "quote", at: number });
    }
    words.extend(word);
    Ok(words)
}

/// A value: a Python literal where it is one, else as it stands.
fn variable(value: &str, line: u64, from: &Rc<str>) -> Variable {
    let (text, plain) = match literal(value) {
        Some(text) => (text, false),
        None => (Zeroizing::new(value.to_owned()), true),
    };
    let node = Node { line, tag: None, value: Value::Text { text, plain } };
    Variable { node: Rc::new(node), from: from.clone(), vaulted: false }
}

/// What stands between quotes, a comment after it passed over.
fn literal(value: &str) -> Option<Zeroizing<String>> {
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut text = Zeroizing::new(String::with_capacity(value.len()));
    let mut next = value.chars();
    next.next();
    loop {
        match next.next()? {
            read if read == quote => break,
            '\\' => match next.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                read @ ('\\' | '\'' | '"') => text.push(read),
                read => text.extend(['\\', read]),
            },
            read => text.push(read),
        }
    }
    let rest = next.as_str().trim_start();
    (rest.is_empty() || rest.starts_with('#')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, host: &str, name: &str) -> Option<String> {
        let mut inventory = Inventory::default();
        read(text, "hosts", &mut inventory).expect("read");
        inventory.hosts.get(host)?.said.get(name)?.node.text().map(str::to_owned)
    }

    #[test]
    fn words_and_values_are_as_ansible_reads_them() {
        let line = "web:2222 a='x y' b=\"\\\"q\\\"\" d=\"'lit'\" c=p#no e=no";
        for (name, value) in [("ansible_port", "2222"), ("a", "x y"), ("b", "q"), ("c", "p"), ("d", "lit")] {
            assert_eq!(said(line, "web", name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(said("[::1]:2200 a=b", "::1", "ansible_port").as_deref(), Some("2200"));
        assert_eq!(said("2001:db8::22 a=b", "2001:db8::22", "a").as_deref(), Some("b"));
        assert_eq!(said("w[1:2]:22 a=b", "w2", "ansible_port").as_deref(), Some("22"));
    }

    #[test]
    fn what_is_no_line_of_it_names_its_line() {
        let mut inventory = Inventory::default();
        for text in ["[a]\nweb b", "[a:vars]\nx", "[a]\nweb b='c"] {
            assert!(matches!(read(text, "hosts", &mut inventory), Err(ImportError::Malformed { at: 2, .. })), "{text}");
        }
    }
}
