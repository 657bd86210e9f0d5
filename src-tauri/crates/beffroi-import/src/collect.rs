//! What the readers of password managers do with each entry.

use std::collections::HashMap;

use beffroi_secret::SecretText;

use crate::limits::{MOST_ATTACHMENT, MOST_DEPTH, MOST_ENTRIES, MOST_NAMES, MOST_VALUE, within};
use crate::{Entry, Field, Host, ImportError, Kind, Parsed};

/// Fields of one entry.
pub(crate) const MOST_FIELDS: usize = 1_000;
/// Bytes of a title, a user, an address, the name of a group or of a field.
const MOST_LABEL: usize = 16 << 10;

/// Counts the names of entries and hosts.
#[derive(Debug, Default)]
pub(crate) struct NamesCount(u64);

impl NamesCount {
    /// # Errors
    /// [`ImportError::TooLarge`] for more than [`MOST_NAMES`].
    pub(crate) fn add(&mut self, entry: &Entry) -> Result<(), ImportError> {
        self.count(labels(entry))
    }

    fn count<'a>(&mut self, labels: impl Iterator<Item = &'a String>) -> Result<(), ImportError> {
        self.0 += labels.map(|label| (label.len() + size_of::<String>()) as u64).sum::<u64>();
        within("names", self.0, MOST_NAMES)
    }
}

/// What was read so far.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) parsed: Parsed,
    names: NamesCount,
    origins: HashMap<String, u32>,
}

impl Collected {
    /// Takes an entry: one that is too large or empty is left out and told; two of one origin are told apart by a number, in
    /// the order of the file. The origin that it has now; none when it was left out.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] for too many.
    pub(crate) fn take(&mut self, mut entry: Entry) -> Result<Option<String>, ImportError> {
        within("entries", self.parsed.entries.len() as u64 + self.parsed.refused.len() as u64 + 1, MOST_ENTRIES as u64)?;
        self.names.add(&entry)?;
        if has_long_label(&entry) {
            self.parsed.refuse(short(&entry.title), "too-large");
            return Ok(None);
        }
        if is_too_large(&entry) {
            self.parsed.refuse(entry.title, "too-large");
            return Ok(None);
        }
        if is_empty(&entry) {
            self.parsed.refuse(entry.title, "empty");
            return Ok(None);
        }
        entry.origin = self.unique(entry.origin);
        let origin = entry.origin.clone();
        self.parsed.entries.push(entry);
        Ok(Some(origin))
    }

    /// Takes a host.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] for too many, and for names that are too long together.
    pub(crate) fn host(&mut self, host: Host) -> Result<(), ImportError> {
        within("entries", self.parsed.hosts.len() as u64 + 1, MOST_ENTRIES as u64)?;
        self.names.count(host.path.iter().chain(&host.jump).chain(&host.tags).chain([&host.name, &host.address, &host.origin]))?;
        self.parsed.hosts.push(host);
        Ok(())
    }

    /// An origin that nothing before it has.
    pub(crate) fn unique(&mut self, origin: String) -> String {
        let Some(mut number) = self.origins.get(&origin).copied() else {
            self.origins.insert(origin.clone(), 1);
            return origin;
        };
        loop {
            number += 1;
            let found = format!("{origin}#{number}");
            if !self.origins.contains_key(&found) {
                self.origins.extend([(found.clone(), 1), (origin, number)]);
                return found;
            }
        }
    }
}

/// A name that is repeated with each of many entries: of one that is too long, no more than shows it.
pub(crate) fn label(name: &str) -> String {
    name.get(..name.floor_char_boundary(MOST_LABEL + 4)).unwrap_or_default().to_owned()
}

/// The groups of a path: of too many, no more than show it.
pub(crate) fn groups(path: &str, separator: char) -> impl Iterator<Item = String> {
    path.split(separator).map(str::trim).filter(|group| !group.is_empty()).take(MOST_DEPTH + 1).map(label)
}

/// The groups and the title of an entry, with its user: what it is known by where nothing else names it.
pub(crate) fn origin(path: &[String], title: &str, user: Option<&str>) -> String {
    let mut origin: String = path.iter().flat_map(|group| [group.as_str(), "/"]).collect();
    origin.push_str(title);
    if let Some(user) = user.filter(|user| !user.is_empty()) {
        origin.push('#');
        origin.push_str(user);
    }
    origin
}

/// What a value is, by how it begins.
pub(crate) fn kind_of(value: &str) -> Kind {
    if is_private_key(value) { Kind::PrivateKey } else { Kind::Password }
}

/// Whether a text is a private key that `ssh` or OpenSSL reads, by its first line: PEM of whatever kind, or PuTTY's.
#[must_use]
pub fn is_private_key(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default().trim_end();
    (first.starts_with("-----BEGIN ") && first.ends_with("PRIVATE KEY-----")) || first.starts_with("PuTTY-User-Key-File-")
}

/// A field, where there is something in it.
pub(crate) fn field(name: impl Into<String>, value: &str, hidden: bool) -> Option<Field> {
    (!value.is_empty()).then(|| Field { name: name.into(), value: SecretText::new(value.to_owned()), hidden })
}

/// What is not empty.
pub(crate) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The same for what is secret.
pub(crate) fn secret(text: &str) -> Option<SecretText> {
    (!text.is_empty()).then(|| SecretText::new(text.to_owned()))
}

fn is_empty(entry: &Entry) -> bool {
    let Entry { user, value, passphrase, urls, notes, totp, fields, attachments, history, .. } = entry;
    let texts = value.is_some() || passphrase.is_some() || notes.is_some() || totp.is_some() || user.is_some();
    !texts && urls.is_empty() && fields.is_empty() && attachments.is_empty() && history.is_empty()
}

fn labels(entry: &Entry) -> impl Iterator<Item = &String> {
    let own = [Some(&entry.title), Some(&entry.origin), entry.user.as_ref(), entry.stage.as_ref()];
    let lists = [&entry.path, &entry.urls, &entry.tags, &entry.hosts].into_iter().flatten();
    let fields = entry.fields.iter().map(|field| &field.name);
    own.into_iter().flatten().chain(lists).chain(fields)
}

fn has_long_label(entry: &Entry) -> bool {
    entry.path.len() > MOST_DEPTH || labels(entry).any(|label| label.len() > MOST_LABEL)
}

fn is_too_large(entry: &Entry) -> bool {
    let own = [&entry.value, &entry.passphrase, &entry.notes, &entry.totp].into_iter().flatten();
    let fields = entry.fields.iter().map(|field| &field.value);
    let past = entry.history.iter().map(|past| &past.value);
    // Lengths only.
    own.chain(fields).chain(past).any(|text| text.expose().len() > MOST_VALUE)
        || entry.attachments.iter().any(|file| file.bytes.expose().len() as u64 > MOST_ATTACHMENT)
        || [entry.fields.len(), entry.history.len(), entry.urls.len(), entry.tags.len(), entry.attachments.len()]
            .into_iter()
            .any(|count| count > MOST_FIELDS)
}

/// The beginning of a label.
fn short(label: &str) -> String {
    label.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_told_apart() {
        let mut collected = Collected::default();
        let found: Vec<String> = ["a", "a#2", "a", "a", "b"].map(|origin| collected.unique(origin.to_owned())).into();
        assert_eq!(found.iter().collect::<std::collections::HashSet<_>>().len(), 5, "{found:?}");
        assert_eq!((found[0].as_str(), found[4].as_str()), ("a", "b"));
    }

    #[test]
    fn what_is_repeated_is_counted() {
        let mut collected = Collected::default();
        let group = groups(&"é".repeat(MOST_LABEL), '/').next().expect("a group");
        assert!(group.len() > MOST_LABEL && group.len() <= MOST_LABEL + 4, "{}", group.len());
        assert_eq!(groups(&" a / b//".repeat(100), '/').count(), MOST_DEPTH + 1);
        let entry = || Entry { path: vec!["g".repeat(MOST_LABEL); 8], value: Some(SecretText::new("v".to_owned())), ..Entry::default() };
        let refused = (0..1_000).find_map(|_| collected.take(entry()).err());
        assert!(matches!(refused, Some(ImportError::TooLarge { what: "names", .. })), "{refused:?}");
        let deep = Entry { path: vec!["g".to_owned(); MOST_DEPTH + 1], ..entry() };
        assert_eq!(Collected::default().take(deep).expect("told"), None);
    }

    #[test]
    fn what_is_too_large_or_empty_is_told() {
        let mut collected = Collected::default();
        let with = |value: String| Entry { title: "t".to_owned(), value: Some(SecretText::new(value)), ..Entry::default() };
        assert_eq!(collected.take(with("x".repeat(MOST_VALUE))).expect("room").as_deref(), Some(""));
        assert_eq!(collected.take(with("x".repeat(MOST_VALUE + 1))).expect("room"), None);
        assert_eq!(collected.take(Entry::default()).expect("room"), None);
        assert_eq!(collected.take(Entry { title: "x".repeat(17 << 10), ..with("v".to_owned()) }).expect("room"), None);
        let told: Vec<_> = collected.parsed.refused.iter().map(|refused| (refused.what.len(), refused.why)).collect();
        assert_eq!(told, [(1, "too-large"), (0, "empty"), (100, "too-large")]);
    }
}
