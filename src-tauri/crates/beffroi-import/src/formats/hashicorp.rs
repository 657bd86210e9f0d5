//! Key-value secrets of HashiCorp Vault and OpenBao, as JSON.
//!
//! What is read: the answer of `vault kv get -format=json`, of version 1 (`data` is the secret) and 2 (`data.data` is, beside
//! `data.metadata`); lists of names (`vault kv list`), which hold no secret and are told; and exports of a tree, as objects
//! within each other or by paths (`{"secret/app/db": {"password": "…"}}`), with or without such answers in them
//! (<https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2>).

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use crate::collect::{Collected, groups, kind_of, origin};
use crate::json::{self, Tree};
use crate::limits::{MOST_VALUE, within};
use crate::{Entry, Field, ImportError, Kind, Parsed, Reading, Source, dates, decode, totp};

/// Values of one file.
const MOST_VALUES: u64 = 500_000;
/// How far its first members are looked for.
const HEAD: usize = 1 << 10;

/// Names that the account goes by.
const USERS: [&str; 4] = ["username", "user", "login", "role_id"];
/// Names that the secret itself goes by, the surest first, and whether it is a token.
const VALUES: [(&str, bool); 14] = [
    ("password", false),
    ("passwd", false),
    ("pass", false),
    ("private_key", false),
    ("ssh_key", false),
    ("ssh_private_key", false),
    ("token", true),
    ("api_key", true),
    ("apikey", true),
    ("secret_id", true),
    ("secret_key", true),
    ("secret", true),
    ("key", true),
    ("value", false),
];

/// The first members of an answer, or a first name that is a path.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let Some(inside) = head.trim_start().strip_prefix('{').map(str::trim_start) else { return false };
    let first = inside.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let is_path = first.is_some_and(|(name, rest)| {
        let rest = rest.trim_start().strip_prefix(':').unwrap_or_default();
        name.contains('/') && !name.contains("://") && rest.trim_start().starts_with('{')
    });
    is_path || (head.contains("\"request_id\"") && head.contains("\"lease_id\""))
}

/// Every secret, by its path; one that stands alone by the name of its file.
///
/// # Errors
/// [`ImportError::TooLarge`], [`ImportError::Truncated`], [`ImportError::Malformed`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let tree: Tree = json::from_text_within(&text, MOST_VALUES)?;
    let name = reading.source.name();
    let alone = name.strip_suffix(".json").filter(|stem| !stem.is_empty()).unwrap_or(&name).to_owned();
    let mut walk = Walk { collected: Collected::default(), path: Vec::new(), alone };
    walk.tree(tree)?;
    Ok(walk.collected.parsed)
}

struct Walk {
    collected: Collected,
    path: Vec<String>,
    /// What a secret is called that has no path.
    alone: String,
}

impl Walk {
    fn tree(&mut self, tree: Tree) -> Result<(), ImportError> {
        let is_answer = tree.member("data").is_some() && (tree.member("request_id").is_some() || tree.member("lease_id").is_some());
        let is_version = is_version(&tree);
        match tree {
            Tree::Object(members) if is_version => self.version(members),
            Tree::Object(members) if is_answer => {
                let data = members.into_iter().find(|(name, _)| name == "data").map(|(_, data)| data);
                self.answer(data.unwrap_or(Tree::Null))
            }
            Tree::Object(members) => {
                let mut own = Vec::new();
                for (name, member) in members {
                    if matches!(member, Tree::Object(_)) {
                        let depth = self.path.len();
                        self.path.extend(groups(&name, '/'));
                        self.tree(member)?;
                        self.path.truncate(depth);
                    } else {
                        own.push((name, member));
                    }
                }
                if own.is_empty() { Ok(()) } else { self.secret(own, None) }
            }
            Tree::List(names) => self.names(names),
            Tree::Null | Tree::Bare(_) | Tree::Text(_) => Err(ImportError::Malformed { what: "JSON", at: 1 }),
        }
    }

    fn answer(&mut self, data: Tree) -> Result<(), ImportError> {
        if is_version(&data) {
            return self.tree(data);
        }
        match data {
            Tree::Object(mut members) if matches!(members.as_slice(), [(name, Tree::List(_))] if name == "keys") => match members.pop() {
                Some((_, Tree::List(names))) => self.names(names),
                _ => Ok(()),
            },
            Tree::Object(members) => self.secret(members, None),
            Tree::List(names) => self.names(names),
            _ => {
                let (_, title) = self.place();
                self.collected.parsed.refuse(title, "no-value");
                Ok(())
            }
        }
    }

    /// A version of version 2: `data` and `metadata`.
    fn version(&mut self, members: Vec<(String, Tree)>) -> Result<(), ImportError> {
        let (mut data, mut about) = (Tree::Null, Tree::Null);
        for (name, member) in members {
            match name.as_str() {
                "data" => data = member,
                "metadata" => about = member,
                _ => {}
            }
        }
        let Tree::Object(members) = data else {
            let (_, title) = self.place();
            self.collected.parsed.refuse(title, "deleted");
            return Ok(());
        };
        self.secret(members, Some(&about))
    }

    fn names(&mut self, names: Vec<Tree>) -> Result<(), ImportError> {
        within("entries", names.len() as u64, crate::limits::MOST_ENTRIES as u64)?;
        for name in names {
            if let Tree::Text(name) = name {
                let what: String = name.chars().take(200).collect();
                self.collected.parsed.refuse(what, "no-value");
            }
        }
        Ok(())
    }

    /// The groups and the title of where it stands.
    fn place(&self) -> (Vec<String>, String) {
        match self.path.split_last() {
            Some((title, groups)) => (groups.to_vec(), title.clone()),
            None => (Vec::new(), self.alone.clone()),
        }
    }

    fn secret(&mut self, members: Vec<(String, Tree)>, about: Option<&Tree>) -> Result<(), ImportError> {
        let (path, title) = self.place();
        let mut entry = Entry { origin: origin(&path, &title, None), path, title, ..Entry::default() };
        let mut texts: Vec<(String, Zeroizing<String>)> =
            members.into_iter().filter_map(|(name, member)| Some((name, text(member)?))).collect();
        if let Some(at) = value(&texts) {
            let (name, value) = texts.remove(at);
            let is_token = VALUES.iter().any(|(known, is_token)| *is_token && name.eq_ignore_ascii_case(known));
            entry.kind = if is_token && kind_of(&value) == Kind::Password { Kind::Token } else { kind_of(&value) };
            entry.value = Some(SecretText::new(String::clone(&value)));
        }
        for (name, text) in texts {
            take(&mut entry, name, &text);
        }
        if entry.value.is_none() && entry.totp.is_none() {
            entry.kind = Kind::Note;
        }
        if let Some(about) = about {
            describe(&mut entry, about);
        }
        self.collected.take(entry)?;
        Ok(())
    }
}

/// Whether it is a version of version 2.
fn is_version(tree: &Tree) -> bool {
    let Some(about @ Tree::Object(_)) = tree.member("metadata") else { return false };
    let is_about = about.member("version").is_some() || about.member("created_time").is_some() || about.member("deletion_time").is_some();
    is_about && matches!(tree.member("data"), Some(Tree::Object(_) | Tree::Null))
}

/// A member as a text: lists and objects as JSON. None for what is empty.
fn text(tree: Tree) -> Option<Zeroizing<String>> {
    let text = match tree {
        Tree::Null => return None,
        Tree::Text(text) => text,
        Tree::Bare(text) => Zeroizing::new(text),
        tree => tree.to_json(),
    };
    (!text.is_empty()).then_some(text)
}

/// Which of the members is the secret itself: one of a known name, or the only one.
fn value(texts: &[(String, Zeroizing<String>)]) -> Option<usize> {
    let known = VALUES.iter().find_map(|(known, _)| texts.iter().position(|(name, _)| name.eq_ignore_ascii_case(known)));
    let mut others = texts.iter().enumerate().filter(|(_, (name, _))| !USERS.contains(&name.to_ascii_lowercase().as_str()));
    known.or_else(|| match (others.next(), others.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    })
}

/// A member that is not the secret itself.
fn take(entry: &mut Entry, name: String, text: &str) {
    let secret = || Some(SecretText::new(text.to_owned()));
    match name.to_ascii_lowercase().as_str() {
        known if USERS.contains(&known) && entry.user.is_none() => entry.user = Some(text.to_owned()),
        "url" | "uri" | "endpoint" => entry.urls.push(text.to_owned()),
        "host" | "hostname" | "server" => entry.hosts.push(text.to_owned()),
        "notes" | "note" | "description" | "comment" if entry.notes.is_none() => entry.notes = secret(),
        "passphrase" if entry.kind == Kind::PrivateKey => entry.passphrase = secret(),
        "totp" | "otp" if entry.totp.is_none() && text.len() < MOST_VALUE => match totp::otpauth(text, &entry.title) {
            Some(address) => entry.totp = Some(address),
            None => entry.fields.extend(secret().map(|value| Field { name, value, hidden: true })),
        },
        _ => entry.fields.extend(secret().map(|value| Field { name, value, hidden: true })),
    }
}

/// What version 2 says about a secret.
fn describe(entry: &mut Entry, about: &Tree) {
    let date = |name| match about.member(name) {
        Some(Tree::Text(text)) => dates::milliseconds(text),
        _ => None,
    };
    entry.changed_ms = date("created_time");
    // Of one whose value is still there: when it will be gone.
    entry.expires_ms = date("deletion_time");
    if let Some(Tree::Object(own)) = about.member("custom_metadata") {
        for (name, member) in own {
            if let Tree::Text(text) = member {
                entry.fields.extend(crate::collect::field(name.as_str(), text, false));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    fn parsed(name: &str, text: &str) -> Parsed {
        let (source, unlock, work) = (Source::file(name, text), Unlock::default(), Work::default());
        read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read")
    }

    fn shown(entry: &Entry) -> (String, String, String) {
        let value = entry.value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
        (entry.origin.clone(), entry.user.clone().unwrap_or_default(), value)
    }

    #[test]
    fn an_answer_of_version_2() {
        let text = r#"{"request_id":"a7","lease_id":"","lease_duration":0,"renewable":false,
            "data":{"data":{"username":"root","password":"s3","port":5432,"hosts":["a","b"],"host":"db-1","zero":null},
                    "metadata":{"created_time":"2024-05-01T10:00:00.123456789Z","custom_metadata":{"owner":"ops"},"deletion_time":"","destroyed":false,"version":3}},
            "warnings":null}"#;
        assert!(tells(&Source::file("db.json", text)));
        let all = parsed("db.json", text);
        let entry = &all.entries[0];
        assert_eq!(shown(entry), ("db".to_owned(), "root".to_owned(), "s3".to_owned()));
        let fields: Vec<_> = entry.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect();
        assert_eq!(fields, [("port", "5432", true), ("hosts", "[\"a\",\"b\"]", true), ("owner", "ops", false)]);
        assert_eq!((entry.hosts.as_slice(), entry.changed_ms), (&["db-1".to_owned()][..], Some(1_714_557_600_123)));
    }

    #[test]
    fn an_answer_of_version_1_and_of_what_is_gone() {
        let all = parsed("api.json", r#"{"request_id":"a","lease_id":"","data":{"token":"t0k"},"warnings":null}"#);
        assert_eq!((shown(&all.entries[0]).2.as_str(), all.entries[0].kind), ("t0k", Kind::Token));
        let gone = r#"{"request_id":"a","lease_id":"","data":{"data":null,"metadata":{"deletion_time":"2024-01-01T00:00:00Z","destroyed":false,"version":1}}}"#;
        let all = parsed("gone.json", gone);
        assert_eq!((all.entries.len(), all.refused[0].what.as_str(), all.refused[0].why), (0, "gone", "deleted"));
    }

    #[test]
    fn trees_and_paths() {
        let text = r#"{"secret/app/db":{"password":"a","user":"u"},"secret":{"web":{"tls":{"private_key":"-----BEGIN PRIVATE KEY-----\nx","passphrase":"p"}},"flat":"f"}}"#;
        assert!(tells(&Source::file("all.json", text)));
        let all = parsed("all.json", text);
        let found: Vec<_> = all.entries.iter().map(|entry| (entry.origin.as_str(), entry.kind, entry.passphrase.is_some())).collect();
        let expected =
            [("secret/app/db", Kind::Password, false), ("secret/web/tls", Kind::PrivateKey, true), ("secret", Kind::Password, false)];
        assert_eq!(found, expected);
        assert_eq!(shown(&all.entries[2]).2, "f");
    }

    #[test]
    fn names_hold_no_secret() {
        let refused =
            |text| parsed("list.json", text).refused.iter().map(|refused| (refused.what.clone(), refused.why)).collect::<Vec<_>>();
        let expected = [("a".to_owned(), "no-value"), ("b/".to_owned(), "no-value")];
        assert_eq!(refused(r#"["a","b/"]"#), expected);
        assert_eq!(refused(r#"{"request_id":"x","lease_id":"","data":{"keys":["a","b/"]}}"#), expected);
    }
}
