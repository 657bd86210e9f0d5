//! `.env`: lines of `NAME=value`.
//!
//! `export` before a name is passed over, `#` begins a comment at the start of a line or after white space. Between single quotes everything
//! stands for itself; between double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are what they say, and lines may follow. Nothing is expanded and
//! nothing is run: `$NAME` and `$(…)` stay text.

use std::collections::HashMap;

use beffroi_secret::SecretText;

use zeroize::Zeroizing;

use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::{Entry, ImportError, Kind, Parsed, Reading, Source, decode};

/// More than escapes can add.
const MARGIN: usize = 64;

/// By its name only: any text could be one.
pub fn tells(source: &Source) -> bool {
    let Source::File { name, .. } = source else { return false };
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// Every name with a value, as a token without a host.
///
/// # Errors
/// [`ImportError::Malformed`] with its line for what is no `NAME=value`, [`ImportError::Truncated`] for a quote that never ends.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let mut parsed = Parsed::default();
    // The last one of a name counts, as for whoever reads such a file.
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut reader = Reader { text: &text, at: 0, line: 1 };
    while let Some((name, value)) = reader.next()? {
        // Its length only.
        let length = value.expose().len();
        if length == 0 {
            parsed.refuse(name, "no-value");
            continue;
        }
        within("value", length as u64, MOST_VALUE as u64)?;
        let entry = Entry { origin: name.to_owned(), title: name.to_owned(), kind: Kind::Token, value: Some(value), ..Entry::default() };
        match places.get(name).and_then(|place| parsed.entries.get_mut(*place)) {
            Some(before) => *before = entry,
            None => {
                within("entries", parsed.entries.len() as u64 + 1, MOST_ENTRIES as u64)?;
                places.insert(name, parsed.entries.len());
                parsed.entries.push(entry);
            }
        }
    }
    Ok(parsed)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        self.line += u64::from(next == '\n');
        Some(next)
    }

    fn take_while(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|next| !is(next)).unwrap_or(rest.len());
        let (taken, _) = rest.split_at(end);
        self.at += end;
        self.line += taken.matches('\n').count() as u64;
        taken
    }

    fn malformed(&self, what: &'static str) -> ImportError {
        ImportError::Malformed { what, at: self.line }
    }

    /// The next name with its value.
    fn next(&mut self) -> Result<Option<(&'a str, SecretText)>, ImportError> {
        loop {
            self.take_while(char::is_whitespace);
            match self.peek() {
                None => return Ok(None),
                Some('#') => drop(self.take_while(|next| next != '\n')),
                Some(_) => break,
            }
        }
        let is_name = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '.' | '-');
        let mut name = self.take_while(is_name);
        if name == "export" && self.peek().is_some_and(is_blank) {
            self.take_while(is_blank);
            name = self.take_while(is_name);
        }
        self.take_while(is_blank);
        if name.is_empty() || self.take() != Some('=') {
            return Err(self.malformed("NAME=value"));
        }
        let is_apart = !self.take_while(is_blank).is_empty();
        let value = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.take();
                let value = self.quoted(quote)?;
                self.take_while(is_blank);
                match self.peek() {
                    None | Some('\n' | '\r') => {}
                    Some('#') => drop(self.take_while(|next| next != '\n')),
                    Some(_) => return Err(self.malformed("NAME=value")),
                }
                value
            }
            _ => {
                let line = self.take_while(|next| next != '\n');
                let end = line.find([' ', '\t']).and_then(|_| comment(line)).unwrap_or(line.len());
                let (value, _) = line.split_at(end);
                SecretText::new(if is_apart && value.starts_with('#') { String::new() } else { value.trim_end().to_owned() })
            }
        };
        Ok(Some((name, value)))
    }

    fn quoted(&mut self, quote: char) -> Result<SecretText, ImportError> {
        // Up to its end, or to the most that a value has: it hardly ever grows, and leaves no copies behind.
        let end = self.rest().find(quote).unwrap_or(0).min(MOST_VALUE);
        let mut value = Zeroizing::new(String::with_capacity(end + MARGIN));
        loop {
            if value.len() > MOST_VALUE {
                within("value", value.len() as u64, MOST_VALUE as u64)?;
            }
            match self.take().ok_or(ImportError::Truncated { what: "quote" })? {
                next if next == quote => return Ok(SecretText::new(String::clone(&value))),
                '\\' if quote == '"' => match self.take().ok_or(ImportError::Truncated { what: "quote" })? {
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    't' => value.push('\t'),
                    next @ ('"' | '\\' | '$' | '`' | '\'') => value.push(next),
                    next => value.extend(['\\', next]),
                },
                next => value.push(next),
            }
        }
    }
}

fn is_blank(next: char) -> bool {
    matches!(next, ' ' | '\t')
}

/// Where a comment begins after a value that stands without quotes.
fn comment(line: &str) -> Option<usize> {
    let mut before = ' ';
    line.char_indices()
        .find(|(_, next)| {
            let begins = *next == '#' && is_blank(before);
            before = *next;
            begins
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    fn values(text: &str) -> Result<Vec<(String, String)>, ImportError> {
        let (source, unlock, work) = (Source::file(".env", text), Unlock::default(), Work::default());
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work })?;
        let value = |entry: Entry| (entry.title, entry.value.map(|value| value.expose().clone()).unwrap_or_default());
        Ok(parsed.entries.into_iter().map(value).collect())
    }

    #[test]
    fn quotes_comments_and_escapes() {
        let text =
            "# comment\nexport A=one # two\nB = 'a $b \\n # c'\nC=\"x\\ny\\\"$(id)\nz\" # end\nD=a#b\nE=\nF= # none\nG=#x\nA=last\r\n";
        let found = values(text).expect("read");
        let expected = [("A", "last"), ("B", "a $b \\n # c"), ("C", "x\ny\"$(id)\nz"), ("D", "a#b"), ("G", "#x")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_no_line_of_it_names_its_line() {
        assert!(matches!(values("A=1\n\nnot a line\n"), Err(ImportError::Malformed { at: 3, .. })));
        assert!(matches!(values("A=\"never\nends"), Err(ImportError::Truncated { what: "quote" })));
        assert!(matches!(values("A='x' y\n"), Err(ImportError::Malformed { at: 1, .. })));
    }
}
