//! What a reader gave, made ready to be compared: each origin, field and file of its own name, nothing empty.

use std::collections::{HashMap, HashSet};

use beffroi_import::{Entry, Host, Kind, Notice, Parsed};
use beffroi_secret::SecretText;

use super::names::host_name;
use super::side::Address;
use crate::secrets::MOST_BYTES;

/// What lists of connections call what a person wrote of a host: mRemoteNG, electerm, XPipe and separated values, Remmina.
const DESCRIPTIONS: &[&str] = &["Descr", "description", "notes", "notes_text"];

pub(super) fn tidy(parsed: &mut Parsed) {
    let mut origins = HashMap::new();
    for entry in &mut parsed.entries {
        entry.origin = unlike(std::mem::take(&mut entry.origin), &mut origins, '#');
        entry.title = harmless(std::mem::take(&mut entry.title));
        entry.path.iter_mut().for_each(|part| *part = harmless(std::mem::take(part)));
        tidy_entry(entry);
    }
    keep_descriptions(parsed);
    name_jumps(parsed);
}

/// A host has no notes here: what a person wrote of one goes to the notes of what it alone logs in with, and is told to be left out
/// where there is no such thing.
fn keep_descriptions(parsed: &mut Parsed) {
    let mut uses: HashMap<String, usize> = HashMap::new();
    for origin in parsed.hosts.iter().filter_map(|host| host.credential.as_ref()) {
        *uses.entry(origin.clone()).or_default() += 1;
    }
    let places: HashMap<String, usize> = parsed.entries.iter().enumerate().map(|(at, entry)| (entry.origin.clone(), at)).collect();
    for host in &mut parsed.hosts {
        let is_description = |(name, text): &(String, String)| DESCRIPTIONS.contains(&name.as_str()) && !text.trim().is_empty();
        let (said, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut host.notes).into_iter().partition(is_description);
        host.notes = rest;
        if said.is_empty() {
            continue;
        }
        let own = host.credential.as_ref().filter(|origin| uses.get(*origin) == Some(&1)).and_then(|origin| places.get(origin));
        let Some(entry) = own.and_then(|at| parsed.entries.get_mut(*at)) else {
            parsed.notices.push(Notice { key: "host-notes", what: host.name.clone() });
            host.notes.extend(said);
            continue;
        };
        // Joined, into what is sealed.
        let before = entry.notes.as_ref().map(|notes| notes.expose().as_str()).into_iter();
        let notes = before.chain(said.iter().map(|(_, text)| text.as_str())).collect::<Vec<_>>().join("\n\n");
        entry.notes = Some(SecretText::new(notes));
    }
}

/// Makes hosts of those that a way leads through without being in the list, and has every way name hosts of the list.
fn name_jumps(parsed: &mut Parsed) {
    let mut names: HashSet<String> = parsed.hosts.iter().map(|host| host_name(&host.name)).collect();
    let mut added: Vec<Host> = Vec::new();
    for host in &mut parsed.hosts {
        for at in 0..host.jump.len() {
            let before = host.jump.iter().take(at).cloned().collect();
            let Some(jump) = host.jump.get_mut(at) else { break };
            if names.contains(&host_name(jump)) {
                continue;
            }
            let Some(address) = Address::parse(jump) else { continue };
            let name = match address.port {
                Some(port) if port != 22 => format!("{}-{port}", address.host),
                _ => address.host.to_owned(),
            };
            if names.insert(host_name(&name)) {
                let (user, port, address) = (address.user.map(str::to_owned), address.port, address.host.to_owned());
                let (origin, jump) = (format!("jump:{name}"), before);
                added.push(Host {
                    origin,
                    name: name.clone(),
                    path: host.path.clone(),
                    address,
                    port,
                    user,
                    jump,
                    stage: host.stage.clone(),
                    ..Host::default()
                });
            }
            *jump = name;
        }
    }
    parsed.hosts.append(&mut added);
}

fn tidy_entry(entry: &mut Entry) {
    // Their lengths only.
    let is_there = |value: &SecretText| !value.expose().is_empty();
    for value in [&mut entry.value, &mut entry.notes, &mut entry.totp, &mut entry.passphrase] {
        value.take_if(|value| !is_there(value));
    }
    entry.user.take_if(|user| user.is_empty());
    entry.history.retain(|past| is_there(&past.value));
    // A note is its text.
    if entry.value.is_none() && entry.notes.as_ref().is_some_and(|notes| notes.expose().len() <= MOST_BYTES) {
        entry.value = entry.notes.take();
        entry.kind = Kind::Note;
    }
    let (mut fields, mut files) = (HashMap::new(), HashMap::new());
    for field in &mut entry.fields {
        field.name = unlike(harmless(std::mem::take(&mut field.name)), &mut fields, ' ');
    }
    for file in &mut entry.attachments {
        let name = harmless(std::mem::take(&mut file.name)).replace(['/', '\\'], "_");
        let name = if matches!(name.as_str(), "" | "." | "..") { "file".to_owned() } else { name };
        file.name = unlike(name.chars().take(180).collect(), &mut files, ' ');
    }
}

/// A text without control characters.
fn harmless(text: String) -> String {
    if text.contains(char::is_control) { text.replace(char::is_control, " ") } else { text }
}

/// The text, numbered when it was there before. Of each that was, the last number is remembered.
fn unlike(text: String, before: &mut HashMap<String, u64>, mark: char) -> String {
    let Some(mut number) = before.get(&text).copied() else {
        before.insert(text.clone(), 1);
        return text;
    };
    loop {
        number += 1;
        let numbered = format!("{text}{mark}{number}");
        if !before.contains_key(&numbered) {
            before.extend([(numbered.clone(), 1), (text, number)]);
            return numbered;
        }
    }
}

/// Whether an entry has anything that could be kept.
pub(super) fn has_anything(entry: &Entry) -> bool {
    let Entry { value, passphrase, notes, totp, fields, attachments, history, .. } = entry;
    let hidden = [value, passphrase, notes, totp].into_iter().any(Option::is_some);
    hidden || !fields.is_empty() || !attachments.is_empty() || !history.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_of_a_host_stays_with_what_it_alone_logs_in_with() {
        let entry = |origin: &str, notes: Option<&str>| Entry {
            origin: origin.to_owned(),
            value: Some(SecretText::new("x".to_owned())),
            notes: notes.map(|notes| SecretText::new(notes.to_owned())),
            ..Entry::default()
        };
        let host = |name: &str, credential: Option<&str>| Host {
            name: name.to_owned(),
            credential: credential.map(str::to_owned),
            notes: vec![("Descr".to_owned(), format!("of {name}")), ("ssh_privatekey".to_owned(), "/k".to_owned())],
            ..Host::default()
        };
        let mut parsed = Parsed {
            entries: vec![entry("a", Some("mine")), entry("b", None)],
            hosts: vec![host("one", Some("a")), host("two", Some("b")), host("three", Some("b")), host("four", None)],
            ..Parsed::default()
        };
        tidy(&mut parsed);
        let notes: Vec<_> = parsed.entries.iter().map(|entry| entry.notes.as_ref().map(|notes| notes.expose().as_str())).collect();
        assert_eq!(notes, [Some("mine\n\nof one"), None]);
        let told: Vec<_> = parsed.notices.iter().map(|notice| (notice.key, notice.what.as_str())).collect();
        assert_eq!(told, [("host-notes", "two"), ("host-notes", "three"), ("host-notes", "four")]);
        assert_eq!(parsed.hosts.iter().map(|host| host.notes.len()).collect::<Vec<_>>(), [1, 2, 2, 2]);
    }
}
