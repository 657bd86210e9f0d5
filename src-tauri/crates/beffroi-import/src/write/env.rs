//! `.env`: every value under a name that a shell takes.
//!
//! What is written is read alike by [`crate::formats::env`] and by `. file` of a POSIX shell: single quotes, where everything
//! stands for itself, or double ones around a value with single quotes in it, with `\` before `\`, `"`, `$` and `` ` ``. Only
//! values are written: no account, no notes, no fields ([`left_out`]).

use std::collections::HashSet;

use zeroize::Zeroizing;

use crate::{Entry, ImportError, Parsed, Refused};

/// Names that a shell or the loader of programs acts on: `_` goes before them, so that a file never changes what is run.
const RESERVED: [&str; 22] = [
    "BASHOPTS",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "EUID",
    "GLOBIGNORE",
    "HOME",
    "IFS",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "OPTIND",
    "PATH",
    "PPID",
    "PROMPT_COMMAND",
    "PS1",
    "PS4",
    "PWD",
    "SHELL",
    "SHELLOPTS",
    "UID",
    "USER",
];

/// The entries with a value, each as `NAME='value'`.
///
/// # Errors
/// [`ImportError::Unsupported`] for a value with a NUL, which no such file can hold.
pub fn write(parsed: &Parsed) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let entries = || parsed.entries.iter().filter_map(|entry| Some((entry, value(entry)?)));
    // Of its full length from the start: it never grows, and leaves no copies behind.
    let length = entries().map(|(entry, value)| entry.title.len() + 2 * value.len() + 16).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    let mut taken = HashSet::new();
    for (entry, value) in entries() {
        if value.contains('\0') {
            return Err(ImportError::Unsupported { what: "NUL".to_owned() });
        }
        text.extend_from_slice(unique(&name(&entry.title), &mut taken).as_bytes());
        text.push(b'=');
        quote(value, &mut text);
        text.push(b'\n');
    }
    Ok(text)
}

/// What is not written.
#[must_use]
pub fn left_out(parsed: &Parsed) -> Vec<Refused> {
    let without = |entry: &&Entry| value(entry).is_none();
    parsed.entries.iter().filter(without).map(|entry| Refused { what: entry.title.clone(), why: "no-value" }).collect()
}

fn value(entry: &Entry) -> Option<&str> {
    // Into the file.
    entry.value.as_ref().map(|value| value.expose().as_str()).filter(|value| !value.is_empty())
}

/// A title as a name: kept where it is one, else in capitals with `_` for whatever no name has.
fn name(title: &str) -> String {
    let is_part = |next: char| next.is_ascii_alphanumeric() || next == '_';
    let mut name = if title.chars().all(is_part) {
        title.to_owned()
    } else {
        title.chars().map(|next| if is_part(next) { next.to_ascii_uppercase() } else { '_' }).collect()
    };
    if name.chars().all(|next| next == '_') {
        name = "SECRET".to_owned();
    }
    let is_number = name.starts_with(|next: char| next.is_ascii_digit());
    if is_number || RESERVED.contains(&name.as_str()) {
        name.insert(0, '_');
    }
    name
}

/// The name, or the name with the first number that makes it another.
fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut found = name.to_owned();
    let mut number = 1;
    while !taken.insert(found.clone()) {
        number += 1;
        found = format!("{name}_{number}");
    }
    found
}

fn quote(value: &str, into: &mut Vec<u8>) {
    if !value.contains('\'') {
        into.push(b'\'');
        into.extend_from_slice(value.as_bytes());
        into.push(b'\'');
        return;
    }
    into.push(b'"');
    for byte in value.bytes() {
        if matches!(byte, b'\\' | b'"' | b'$' | b'`') {
            into.push(b'\\');
        }
        into.push(byte);
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use beffroi_secret::SecretText;

    use super::*;
    use crate::{Format, Reading, Source, Unlock, Work, read};

    fn entries<const COUNT: usize>(pairs: [(&str, &str); COUNT]) -> Parsed {
        let entry = |(title, value): (&str, &str)| Entry {
            title: title.to_owned(),
            value: Some(SecretText::new(value.to_owned())),
            ..Entry::default()
        };
        Parsed { entries: pairs.map(entry).into(), ..Parsed::default() }
    }

    /// Names and values as a shell has them that reads the file.
    fn by_sh(text: &[u8], names: &[String]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("it.env");
        std::fs::write(&file, text).expect("written");
        let prints: String = names.iter().map(|name| format!("printf '%s\\0' \"${name}\"; ")).collect();
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!(". \"$1\" && {{ {prints} }}"))
            .arg("sh")
            .arg(&file)
            .output()
            .expect("sh");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_shell_and_our_reader_read_the_same() {
        let values = [
            "plain",
            " spaces ",
            "it's",
            "\"$(id)\" `id` $HOME",
            "'\\n $x \"`\\\\`'",
            "two\nlines'\n",
            "tab\tcr\r\n",
            "#x",
            "é ☃ '",
            "a=b",
            "\\",
            "'",
            "\\'",
            "!history!",
            "''",
        ];
        let named: Vec<(String, &str)> = values.iter().enumerate().map(|(at, value)| (format!("V{at}"), *value)).collect();
        let entry = |(title, value): &(String, &str)| Entry {
            title: title.clone(),
            value: Some(SecretText::new((*value).to_owned())),
            ..Entry::default()
        };
        let parsed = Parsed { entries: named.iter().map(entry).collect(), ..Parsed::default() };
        let text = write(&parsed).expect("written");
        let names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(by_sh(&text, &names), values);
        let (source, unlock, work) = (Source::file(".env", text.to_vec()), Unlock::default(), Work::default());
        let again = read(Format::Env, &Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        let value = |entry: &Entry| entry.value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
        assert_eq!(again.entries.iter().map(value).collect::<Vec<_>>(), values);
    }

    #[test]
    fn names_are_made_valid_and_stay_apart() {
        let parsed = entries([
            ("db password", "1"),
            ("DB_PASSWORD", "2"),
            ("3x", "3"),
            ("PATH", "4"),
            ("clé", "5"),
            ("", "6"),
            ("kept_As1", "7"),
            ("none", ""),
        ]);
        let text = String::from_utf8(write(&parsed).expect("written").to_vec()).expect("text");
        let names: Vec<&str> = text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        assert_eq!(names, ["DB_PASSWORD", "DB_PASSWORD_2", "_3x", "_PATH", "CL_", "SECRET", "kept_As1"]);
        assert_eq!(left_out(&parsed).iter().map(|refused| refused.what.as_str()).collect::<Vec<_>>(), ["none"]);
    }

    #[test]
    fn a_nul_is_refused() {
        assert!(matches!(write(&entries([("a", "x\0y")])), Err(ImportError::Unsupported { .. })));
    }
}
