//! Entries, each text of a document in its place.
//!
//! An entry whose password is empty and that has one file which is a private key is that key. So is one that KeeAgent or
//! KeePassXC's SSH agent uses (`KeeAgent.settings` among its files): the file named there is the key, and the password is
//! its passphrase; the settings, which say nothing else of use here, go with it. Any other private key stays a file.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use beffroi_secret::{SecretBytes, SecretText};

use super::document::{Content, Document, Draft, File, Group, State, Text};
use super::inner::Pool;
use super::{references, totp};
use crate::collect::is_private_key;
use crate::limits::{MOST_ATTACHMENT, MOST_FILE, MOST_TEXT, MOST_VALUE, within};
use crate::{Attachment, Entry, Field, ImportError, Kind, Parsed, Past};

/// What KeeAgent and KeePassXC call the file with their settings.
pub(crate) const AGENT_SETTINGS: &str = "KeeAgent.settings";
/// What is kept of an entry that KeePass has no place for, in the data of plug-ins.
pub(crate) const CUSTOM_KIND: &str = "beffroi.kind";
/// Names of hosts, one per line.
pub(crate) const CUSTOM_HOSTS: &str = "beffroi.hosts";
/// A stage.
pub(crate) const CUSTOM_STAGE: &str = "beffroi.stage";
/// Characters of a title in what is told about an entry.
const MOST_TOLD: usize = 200;

/// Everything that a document says.
pub(super) fn finish(document: Document) -> Result<Parsed, ImportError> {
    let Document { groups, mut drafts, bin, pool } = document;
    let mut finish = Finish { pool: &pool, parsed: Parsed::default(), seen: HashMap::new(), room: MOST_FILE };
    let stayed: HashSet<usize> = references::follow(&mut drafts).into_iter().collect();
    check_files(&drafts, &pool)?;
    check_paths(&groups, &drafts)?;
    for (place, draft) in drafts.into_iter().enumerate() {
        let (path, discarded) = path(&groups, bin, draft.group);
        let base = Entry { path, discarded, ..Entry::default() };
        let entry = finish.entry(draft, base)?;
        if stayed.contains(&place) {
            finish.parsed.notice("kept-reference", told(&entry.title));
        }
        if is_empty(&entry) {
            finish.parsed.refuse(told(&entry.title), "empty");
        } else {
            finish.parsed.entries.push(entry);
        }
    }
    for group in groups.iter().filter(|group| group.has_notes) {
        finish.parsed.notice("group-notes", told(&group.name));
    }
    Ok(finish.parsed)
}

/// Refuses longer paths than are read before any copy is made: every entry gets one.
fn check_paths(groups: &[Group], drafts: &[Draft]) -> Result<(), ImportError> {
    let mut lengths: Vec<u64> = Vec::with_capacity(groups.len());
    for group in groups {
        // A group comes after the one around it.
        let outer = group.outer.and_then(|outer| lengths.get(outer)).map_or(0, |length| length + group.name.len() as u64 + 32);
        lengths.push(outer);
    }
    within("Group", drafts.iter().filter_map(|draft| lengths.get(draft.group)).sum(), MOST_TEXT)
}

/// The path of a group, and whether it lies in the bin.
fn path(groups: &[Group], bin: Option<[u8; 16]>, place: usize) -> (Vec<String>, bool) {
    let (mut path, mut discarded, mut next) = (Vec::new(), false, groups.get(place));
    while let Some(group) = next {
        discarded |= bin == Some(group.uuid);
        if group.outer.is_some() {
            path.push(group.name.clone());
        }
        next = group.outer.and_then(|outer| groups.get(outer));
    }
    path.reverse();
    (path, discarded)
}

/// Refuses more than is read before any copy is made: many entries may use one file.
fn check_files(drafts: &[Draft], pool: &Pool) -> Result<(), ImportError> {
    let length = |file: &File| match &file.content {
        // Lengths only.
        Content::Pool(number) => pool.get(*number).flatten().map_or(0, |bytes| bytes.expose().len() as u64),
        Content::Here(_) => 0,
    };
    within("Binaries", drafts.iter().flat_map(|draft| &draft.files).map(length).sum(), MOST_FILE)
}

fn told(title: &str) -> String {
    title.chars().take(MOST_TOLD).collect()
}

fn is_empty(entry: &Entry) -> bool {
    let nothing = entry.value.is_none() && entry.notes.is_none() && entry.totp.is_none() && entry.user.is_none();
    nothing && entry.urls.is_empty() && entry.fields.is_empty() && entry.attachments.is_empty() && entry.history.is_empty()
}

/// Entries that are being finished.
struct Finish<'a> {
    pool: &'a Pool,
    parsed: Parsed,
    /// Of each UUID, the last number that was given to it.
    seen: HashMap<String, u64>,
    /// What copies of earlier keys may still take.
    room: u64,
}

impl Finish<'_> {
    fn entry(&mut self, draft: Draft, mut entry: Entry) -> Result<Entry, ImportError> {
        let Draft { uuid, mut strings, files, tags, custom, history, too_large, .. } = draft;
        let mut taken = |name: &str| {
            let at = strings.iter().position(|text| text.name == name)?;
            // Its length only.
            Some(strings.remove(at).value).filter(|value| !value.expose().is_empty())
        };
        // A title, an account and an address are shown in lists.
        let plain = |value: Option<SecretText>| value.map(|value| value.expose().clone()).unwrap_or_default();
        entry.title = plain(taken("Title"));
        let user = plain(taken("UserName"));
        let url = plain(taken("URL"));
        let password = taken("Password");
        entry.notes = taken("Notes");
        entry.urls.extend(Some(url.trim().to_owned()).filter(|url| !url.is_empty()));
        entry.tags = tags;
        (entry.created_ms, entry.changed_ms, entry.expires_ms) = (draft.created_ms, draft.changed_ms, draft.expires_ms);
        entry.origin = self.origin(uuid, &entry);
        match totp::take(&mut strings, &entry.title, &user) {
            Ok(address) => entry.totp = address,
            Err(()) => self.parsed.notice("kept-totp", told(&entry.title)),
        }
        entry.user = Some(user).filter(|user| !user.is_empty());
        for Text { name, value, hidden } in strings {
            if name.starts_with("KP2A_URL") {
                // An address.
                entry.urls.push(value.expose().trim().to_owned());
            } else if !name.is_empty() {
                entry.fields.push(Field { name, value, hidden });
            }
        }
        for name in too_large {
            self.parsed.refuse(format!("{}: {}", told(&entry.title), told(&name)), "too-large");
        }
        entry.attachments = self.attachments(files, &entry.title);
        let marked = custom.iter().any(|(name, _)| name == CUSTOM_KIND);
        self.take_value(&mut entry, password, history, marked)?;
        take_custom(&mut entry, &custom);
        Ok(entry)
    }

    /// The entry's UUID; one that comes twice is told apart by a number.
    fn origin(&mut self, uuid: [u8; 16], entry: &Entry) -> String {
        let origin = if uuid == [0; 16] {
            format!("{}/{}", entry.path.join("/"), told(&entry.title))
        } else {
            uuid.iter().fold(String::with_capacity(32), |mut text, byte| {
                // It never fails.
                let _ = write!(text, "{byte:02x}");
                text
            })
        };
        let Some(mut number) = self.seen.get(&origin).copied() else {
            self.seen.insert(origin.clone(), 1);
            return origin;
        };
        loop {
            number += 1;
            let numbered = format!("{origin}#{number}");
            if !self.seen.contains_key(&numbered) {
                self.seen.extend([(numbered.clone(), 1), (origin, number)]);
                return numbered;
            }
        }
    }

    fn attachments(&mut self, files: Vec<File>, title: &str) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        for File { name, content } in files {
            // Never a path.
            let name = name.rsplit(['/', '\\']).next().filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or("file").to_owned();
            let (bytes, why) = match content {
                Content::Pool(number) => match self.pool.get(number) {
                    Some(bytes) => (bytes.map(SecretBytes::duplicate), "too-large"),
                    None => (None, "missing-file"),
                },
                Content::Here(bytes) => (bytes, "too-large"),
            };
            match bytes {
                Some(bytes) => attachments.push(Attachment { name, bytes }),
                None => self.parsed.refuse(format!("{}: {}", told(title), told(&name)), why),
            }
        }
        attachments
    }

    /// The value, and the earlier ones.
    fn take_value(
        &mut self,
        entry: &mut Entry,
        password: Option<SecretText>,
        history: Vec<State>,
        marked: bool,
    ) -> Result<(), ImportError> {
        let Some(Attachment { name, bytes }) = take_key(entry, password.is_none(), marked) else {
            entry.kind = if password.is_some() { Kind::Password } else { Kind::Note };
            entry.value = password;
            entry.history = past(history, entry.value.as_ref(), entry.changed_ms, |state| Ok(state.password))?;
            return Ok(());
        };
        (entry.kind, entry.value, entry.passphrase) = (Kind::PrivateKey, bytes.into_text().ok(), password);
        let earlier = |state: State| {
            let Some(File { content, .. }) = state.files.into_iter().find(|file| file.name == name) else { return Ok(None) };
            let bytes = match content {
                // Its length only.
                Content::Pool(number) => {
                    self.pool.get(number).flatten().filter(|bytes| bytes.expose().len() <= MOST_VALUE).map(SecretBytes::duplicate)
                }
                Content::Here(bytes) => bytes,
            };
            let length = bytes.as_ref().map_or(0, |bytes| bytes.expose().len() as u64);
            self.room =
                self.room.checked_sub(length).ok_or(ImportError::TooLarge { what: "History", found: MOST_FILE + 1, most: MOST_FILE })?;
            Ok(bytes.and_then(|bytes| bytes.into_text().ok()))
        };
        entry.history = past(history, entry.value.as_ref(), entry.changed_ms, earlier)?;
        Ok(())
    }
}

/// Earlier values, each with when the one after it came, without those that did not change.
fn past(
    history: Vec<State>,
    current: Option<&SecretText>,
    changed_ms: Option<u64>,
    mut value: impl FnMut(State) -> Result<Option<SecretText>, ImportError>,
) -> Result<Vec<Past>, ImportError> {
    let mut past: Vec<Past> = Vec::new();
    // The value at that time, when it is not known yet until when it was.
    let mut before: Option<SecretText> = None;
    let mut ends = |before: Option<SecretText>, next: Option<&SecretText>, until_ms: Option<u64>| {
        // Compared only.
        if let Some(value) = before.filter(|before| next.is_none_or(|next| next.expose() != before.expose())) {
            past.push(Past { value, until_ms });
        }
    };
    for state in history {
        let since_ms = state.since_ms;
        // Its length only.
        let next = value(state)?.filter(|value| !value.expose().is_empty());
        ends(before, next.as_ref(), since_ms);
        before = next;
    }
    ends(before, current, changed_ms);
    Ok(past)
}

/// Takes the file that is the entry's key out of its files, and what an agent is told about it.
fn take_key(entry: &mut Entry, without_password: bool, marked: bool) -> Option<Attachment> {
    let settings = entry.attachments.iter().position(|file| file.name == AGENT_SETTINGS);
    let named = settings.and_then(|place| entry.attachments.get(place)).and_then(agent_key);
    let mut keys = (0..entry.attachments.len()).filter(|place| {
        let file = entry.attachments.get(*place);
        // A certificate may stand before its key.
        file.is_some_and(|file| is_key(file) || (marked && Some(&file.name) == named.as_ref() && is_text(file)))
    });
    let place = match settings {
        Some(_) => keys.find(|place| entry.attachments.get(*place).map(|file| &file.name) == named.as_ref()),
        None if without_password => keys.next().filter(|_| keys.next().is_none()),
        None => None,
    }?;
    let key = entry.attachments.remove(place);
    entry.attachments.retain(|file| file.name != AGENT_SETTINGS);
    Some(key)
}

fn is_text(file: &Attachment) -> bool {
    // Looked at only.
    let bytes = file.bytes.expose();
    bytes.len() <= MOST_VALUE && std::str::from_utf8(bytes).is_ok()
}

fn is_key(file: &Attachment) -> bool {
    // Its first line only.
    is_text(file) && std::str::from_utf8(file.bytes.expose()).is_ok_and(is_private_key)
}

/// The file that an agent takes the key from, by its settings: a short XML document, in UTF-16 or UTF-8.
fn agent_key(settings: &Attachment) -> Option<String> {
    const MOST_SETTINGS: u64 = MOST_ATTACHMENT >> 8;
    // No secret is in it.
    let bytes = settings.bytes.expose();
    within("Binary", bytes.len() as u64, MOST_SETTINGS).ok()?;
    let text = crate::decode(bytes).ok()?;
    let (_, rest) = text.split_once("<AttachmentName>")?;
    let (name, _) = rest.split_once("</AttachmentName>")?;
    Some(quick_xml::escape::unescape(name).ok()?.into_owned())
}

fn take_custom(entry: &mut Entry, custom: &[(String, SecretText)]) {
    let get = |name: &str| custom.iter().find(|(key, _)| key == name).map(|(_, value)| value.expose().as_str());
    match get(CUSTOM_KIND) {
        Some("token") if entry.kind == Kind::Password => entry.kind = Kind::Token,
        Some("private-key") if entry.kind == Kind::Password => entry.kind = Kind::PrivateKey,
        Some("certificate") if entry.kind != Kind::Note => entry.kind = Kind::Certificate,
        _ => {}
    }
    entry.hosts.extend(get(CUSTOM_HOSTS).into_iter().flat_map(str::lines).map(str::to_owned));
    entry.stage = get(CUSTOM_STAGE).map(str::to_owned);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_one_uuid_are_numbered_on_from_the_last() {
        let pool = Pool::default();
        let mut finish = Finish { pool: &pool, parsed: Parsed::default(), seen: HashMap::new(), room: MOST_FILE };
        let origins: Vec<String> = (0..50_000).map(|_| finish.origin([7; 16], &Entry::default())).collect();
        assert_eq!(
            (origins[1].as_str(), origins[49_999].as_str()),
            ("07070707070707070707070707070707#2", "07070707070707070707070707070707#50000")
        );
        assert_eq!(origins.iter().collect::<std::collections::HashSet<_>>().len(), origins.len());
    }
}
