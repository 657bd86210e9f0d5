//! `.netrc`: what `ftp`, `curl` and `git` log in with.
//!
//! Words between white space: `machine NAME` or `default`, then `login`, `password`, `account`; a word may stand between double
//! quotes, where `\` passes the next character over (curl), and `#` at the start of a line begins a comment. A `macdef` goes on
//! to an empty line: it is commands, and is left out.

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use crate::collect::{Collected, field, origin, some};
use crate::limits::{MOST_ENTRIES, within};
use crate::{Entry, ImportError, Kind, Parsed, Reading, Source, decode};

/// By its name, or by its first word.
pub fn tells(source: &Source) -> bool {
    let Source::File { name, bytes } = source else { return false };
    // Its first line only.
    let head = bytes.expose().get(..256).unwrap_or(bytes.expose());
    let mut words = head.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let first_line = words.next() == Some(b"machine") && matches!(words.nth(1), Some(b"login" | b"password" | b"account"));
    matches!(name.as_str(), ".netrc" | "_netrc" | "netrc") || name.ends_with(".netrc") || first_line
}

/// Every machine with a password, and what is for all the others (`default`).
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::Truncated`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    // Before anything is taken.
    within("entries", text.split_whitespace().filter(|word| *word == "machine").count() as u64, MOST_ENTRIES as u64)?;
    let mut words = Words { rest: &text, line: 1 };
    let mut collected = Collected::default();
    let mut machine: Option<Machine> = None;
    while let Some(word) = words.next()? {
        let line = words.line;
        let mut value = || words.next()?.ok_or(ImportError::Truncated { what: "netrc" });
        match (word.as_str(), &mut machine) {
            ("machine", before) => {
                let name = value()?;
                finish(before.take(), &mut collected)?;
                machine = Some(Machine { name: Some(String::clone(&name)), ..Machine::default() });
            }
            ("default", before) => {
                finish(before.take(), &mut collected)?;
                machine = Some(Machine::default());
            }
            ("login", Some(machine)) => machine.login = Some(value()?.to_string()),
            ("password", Some(machine)) => machine.password = Some(value()?),
            ("account", Some(machine)) => machine.account = Some(value()?),
            ("macdef", _) => {
                let name = value()?;
                words.pass_macro();
                collected.parsed.notice("macro-skipped", String::clone(&name));
            }
            _ => return Err(ImportError::Malformed { what: "netrc", at: line }),
        }
    }
    finish(machine, &mut collected)?;
    Ok(collected.parsed)
}

#[derive(Default)]
struct Machine {
    name: Option<String>,
    login: Option<String>,
    password: Option<Zeroizing<String>>,
    account: Option<Zeroizing<String>>,
}

fn finish(machine: Option<Machine>, collected: &mut Collected) -> Result<(), ImportError> {
    let Some(Machine { name, login, password, account }) = machine else { return Ok(()) };
    let title = name.clone().unwrap_or_else(|| "default".to_owned());
    let Some(password) = password.filter(|password| !password.is_empty()) else {
        collected.parsed.refuse(title, "no-value");
        return Ok(());
    };
    collected.take(Entry {
        origin: origin(&[], &title, login.as_deref()),
        title,
        kind: Kind::Password,
        user: login.and_then(|login| some(&login)),
        value: Some(SecretText::new(String::clone(&password))),
        fields: account.and_then(|account| field("account", &account, true)).into_iter().collect(),
        hosts: name.into_iter().collect(),
        ..Entry::default()
    })?;
    Ok(())
}

struct Words<'a> {
    rest: &'a str,
    line: u64,
}

impl Words<'_> {
    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += passed.matches('\n').count() as u64;
        self.rest = rest;
    }

    fn next(&mut self) -> Result<Option<Zeroizing<String>>, ImportError> {
        let mut begins_line = self.line == 1;
        loop {
            let blank = self.rest.find(|next: char| !next.is_whitespace()).unwrap_or(self.rest.len());
            let before = self.line;
            self.pass(blank);
            begins_line |= self.line != before;
            if !(begins_line && self.rest.starts_with('#')) {
                break;
            }
            self.pass(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.rest.starts_with('"') {
            return self.quoted().map(Some);
        }
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, _) = self.rest.split_at(end);
        let word = Zeroizing::new(word.to_owned());
        self.pass(end);
        Ok(Some(word))
    }

    fn quoted(&mut self) -> Result<Zeroizing<String>, ImportError> {
        let mut escaped = false;
        let mut is_end = |next: char| {
            let ends = next == '"' && !escaped;
            escaped = next == '\\' && !escaped;
            ends
        };
        let unfinished = ImportError::Truncated { what: "quote" };
        let Some(inside) = self.rest.strip_prefix('"') else { return Err(unfinished) };
        let end = inside.find(&mut is_end).ok_or(unfinished)?;
        let (text, _) = inside.split_at(end);
        let mut word = Zeroizing::new(String::with_capacity(text.len()));
        let mut chars = text.chars();
        while let Some(next) = chars.next() {
            match next {
                '\\' => word.extend(chars.next().map(|next| match next {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    next => next,
                })),
                next => word.push(next),
            }
        }
        self.pass(end + 2);
        Ok(word)
    }

    /// Passes over the lines of a macro, up to an empty one.
    fn pass_macro(&mut self) {
        let mut end = self.rest.len();
        let mut at = 0;
        for line in self.rest.split_inclusive('\n') {
            at += line.len();
            if at > line.len() && line.trim().is_empty() {
                end = at;
                break;
            }
        }
        self.pass(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    fn parsed(text: &str) -> Result<Parsed, ImportError> {
        let (source, unlock, work) = (Source::file(".netrc", text), Unlock::default(), Work::default());
        read(&Reading { source: &source, unlock: &unlock, work: &work })
    }

    fn values(text: &str) -> Vec<(String, String, String)> {
        let value = |entry: Entry| {
            (entry.title, entry.user.unwrap_or_default(), entry.value.map(|value| value.expose().clone()).unwrap_or_default())
        };
        parsed(text).expect("read").entries.into_iter().map(value).collect()
    }

    #[test]
    fn machines_and_the_default() {
        let text = "# one\nmachine web-1 login root password s3#cret\nmachine db\n\tlogin \"a b\"\n\tpassword \"x\\\"y \\\\z\"\n\taccount acct\ndefault login anonymous password me@x\n";
        let expected = [("web-1", "root", "s3#cret"), ("db", "a b", "x\"y \\z"), ("default", "anonymous", "me@x")];
        assert_eq!(values(text), expected.map(|(name, user, value)| (name.to_owned(), user.to_owned(), value.to_owned())));
        let all = parsed(text).expect("read");
        assert_eq!(all.entries[1].fields[0].name, "account");
        assert_eq!((all.entries[0].hosts.as_slice(), all.entries[2].hosts.len()), (&["web-1".to_owned()][..], 0));
    }

    #[test]
    fn a_macro_is_left_out_and_told() {
        let text = "machine a login b password c\nmacdef init\ncd /pub\nmachine evil login x password y\n\nmachine d password e\n";
        assert_eq!(values(text).iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["a", "d"]);
        let all = parsed(text).expect("read");
        assert_eq!((all.notices[0].key, all.notices[0].what.as_str()), ("macro-skipped", "init"));
        assert!(parsed("macdef never\nends\n").expect("read").entries.is_empty());
    }

    #[test]
    fn what_is_none_names_its_line() {
        assert!(matches!(parsed("machine a\nlogin b\nwhat c\n"), Err(ImportError::Malformed { at: 3, .. })));
        assert!(matches!(parsed("login b"), Err(ImportError::Malformed { at: 1, .. })));
        assert!(matches!(parsed("machine a password"), Err(ImportError::Truncated { what: "netrc" })));
        assert!(matches!(parsed("machine a password \"x"), Err(ImportError::Truncated { what: "quote" })));
        assert_eq!(parsed("machine a login b").expect("read").refused[0].why, "no-value");
    }
}
