//! The command of an action, as it is run and as it is shown.

use beffroi_domain::{CommandPart, MaskedCommand};
use beffroi_remote::{CommandLine, quote};
use beffroi_secret::{SecretBytes, SecretText};

use super::{Action, UserChanges};
use crate::ask::YUNOHOST_PY;

/// Seconds that YunoHost waits for another operation to end. Without a limit it would wait for ever.
const LOCK_SECONDS: &str = "600";

/// A command for a host.
#[derive(Debug)]
pub struct RemoteInvocation {
    /// What is run: Python, which becomes the yunohost command. Holds no secret and no argument of the action.
    pub command: CommandLine,
    /// What it reads on standard input: the arguments, secrets among them.
    pub stdin: SecretBytes,
    /// The yunohost command that this comes to, for people.
    pub masked: MaskedCommand,
}

/// A word of the yunohost command.
enum Word<'a> {
    Plain(&'a str),
    /// The value of an option.
    Secret {
        option: &'static str,
        name: &'static str,
        value: &'a SecretText,
    },
}

impl Action {
    /// The command. [`Action::validate`] must have passed.
    #[must_use]
    pub fn command(&self) -> RemoteInvocation {
        let words = self.words();
        RemoteInvocation {
            command: CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", YUNOHOST_PY]),
            stdin: request(&words),
            masked: masked(&words),
        }
    }

    fn words(&self) -> Vec<Word<'_>> {
        let mut words: Vec<Word<'_>> = match self {
            Self::UserAdd { username, fullname, password, domain, mailbox_quota } => {
                let mut words = plain(&["user", "create", username, "--fullname", fullname]);
                words.push(Word::Secret { option: "--password", name: "password", value: password });
                option(&mut words, "--domain", domain.as_deref());
                option(&mut words, "--mailbox-quota", mailbox_quota.as_deref());
                words
            }
            Self::UserEdit { username, changes } => edit(username, changes),
            Self::UserRemove { username, purge } => {
                let mut words = plain(&["user", "delete", username]);
                words.extend(purge.then_some(Word::Plain("--purge")));
                words
            }
            Self::ServiceRestart { name } => plain(&["service", "restart", name]),
        };
        words.extend(plain(&["--timeout", LOCK_SECONDS, "--output-as", "json"]));
        words
    }
}

fn edit<'a>(username: &'a str, changes: &'a UserChanges) -> Vec<Word<'a>> {
    let mut words = plain(&["user", "update", username]);
    option(&mut words, "--fullname", changes.fullname.as_deref());
    if let Some(password) = &changes.password {
        words.push(Word::Secret { option: "--change-password", name: "password", value: password });
    }
    option(&mut words, "--mailbox-quota", changes.mailbox_quota.as_deref());
    for (name, list) in changes.addresses().filter(|(_, list)| !list.is_empty()) {
        words.push(Word::Plain(name));
        words.extend(list.iter().map(|address| Word::Plain(address)));
    }
    words
}

fn plain<'a>(words: &[&'a str]) -> Vec<Word<'a>> {
    words.iter().copied().map(Word::Plain).collect()
}

fn option<'a>(words: &mut Vec<Word<'a>>, name: &'static str, value: Option<&'a str>) {
    if let Some(value) = value {
        words.extend(plain(&[name, value]));
    }
}

fn masked(words: &[Word<'_>]) -> MaskedCommand {
    let mut parts = vec![CommandPart::Text("yunohost".to_owned())];
    for word in words {
        match word {
            Word::Plain(word) => parts.push(CommandPart::Text(quote(word))),
            Word::Secret { option, name, .. } => {
                parts.extend([CommandPart::Text((*option).to_owned()), CommandPart::Secret((*name).to_owned())]);
            }
        }
    }
    MaskedCommand(parts)
}

/// `{"run": [words]}` and a line feed, written into a buffer that never moves, so that no copy is left in memory.
fn request(words: &[Word<'_>]) -> SecretBytes {
    let mut request = Vec::with_capacity(room(words));
    request.extend_from_slice(b"{\"run\":[");
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            request.push(b',');
        }
        match word {
            Word::Plain(word) => json_text(&mut request, &[word]),
            // Goes to the host's standard input, under the protection of `SecretBytes`.
            Word::Secret { option, value, .. } => secret_option(&mut request, option, value.expose()),
        }
    }
    request.extend_from_slice(b"]}\n");
    SecretBytes::new(request)
}

/// The most bytes that the request takes.
fn room(words: &[Word<'_>]) -> usize {
    // The longest JSON form of a byte is `\u00XX`; quotes and commas come on top.
    let length = |word: &Word<'_>| match word {
        Word::Plain(word) => word.len() * 6 + 8,
        // Only its length is taken.
        Word::Secret { option, value, .. } => option.len() + value.expose().len() * 6 + 16,
    };
    words.iter().map(length).sum::<usize>() + 32
}

/// An option and its value; as one word where a value that begins with `-` would be taken for an option.
fn secret_option(into: &mut Vec<u8>, option: &str, value: &str) {
    if value.starts_with('-') {
        return json_text(into, &[option, "=", value]);
    }
    json_text(into, &[option]);
    into.push(b',');
    json_text(into, &[value]);
}

/// A JSON text (RFC 8259, 7) made of several pieces.
fn json_text(into: &mut Vec<u8>, pieces: &[&str]) {
    into.push(b'"');
    for byte in pieces.iter().flat_map(|piece| piece.bytes()) {
        match byte {
            b'"' | b'\\' => into.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                let digit = |half: u8| b"0123456789abcdef".get(usize::from(half)).copied().unwrap_or(b'0');
                into.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            _ => into.push(byte),
        }
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdin(action: &Action) -> serde_json::Value {
        // Looked at by the test.
        serde_json::from_slice(action.command().stdin.expose()).expect("the request is JSON")
    }

    fn add(password: &str) -> Action {
        Action::UserAdd {
            username: "alice".to_owned(),
            fullname: "Alice A".to_owned(),
            password: SecretText::new(password.to_owned()),
            domain: Some("ynh1.test".to_owned()),
            mailbox_quota: None,
        }
    }

    #[test]
    fn the_secret_is_on_standard_input_only() {
        let action = add("-canary\"\\\u{1}é'7");
        let invocation = action.command();
        assert!(!invocation.command.as_str().contains("canary") && !format!("{invocation:?}{action:?}").contains("canary"));
        assert_eq!(
            invocation.masked.to_line(),
            "yunohost user create alice --fullname 'Alice A' --password •••••••• --domain ynh1.test --timeout 600 --output-as json"
        );
        let run = stdin(&action);
        let words: Vec<&str> = run["run"].as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
        assert_eq!(words[..6], ["user", "create", "alice", "--fullname", "Alice A", "--password=-canary\"\\\u{1}é'7"]);
    }

    #[test]
    fn the_buffer_of_the_request_never_grows() {
        let hostile = "\u{1}".repeat(120);
        for action in [add(&hostile), add(&format!("-{hostile}")), add("x"), Action::ServiceRestart { name: "n".to_owned() }] {
            let words = action.words();
            // Only its size is looked at.
            assert!(request(&words).expose().len() <= room(&words));
        }
    }

    #[test]
    fn a_password_is_its_own_word_unless_it_looks_like_an_option() {
        assert_eq!(stdin(&add("canary-1"))["run"][6], "canary-1");
        assert_eq!(stdin(&add("--help"))["run"][5], "--password=--help");
    }

    #[test]
    fn every_action_has_its_command() {
        let line = |action: Action| action.command().masked.to_line();
        assert_eq!(
            line(Action::UserRemove { username: "bob".to_owned(), purge: true }),
            "yunohost user delete bob --purge --timeout 600 --output-as json"
        );
        assert_eq!(
            line(Action::ServiceRestart { name: "nginx".to_owned() }),
            "yunohost service restart nginx --timeout 600 --output-as json"
        );
        let changes = UserChanges {
            fullname: Some("B".to_owned()),
            password: Some(SecretText::new("canary-1".to_owned())),
            mailbox_quota: Some("0".to_owned()),
            add_mailalias: vec!["a@x.test".to_owned(), "b@x.test".to_owned()],
            remove_mailforward: vec!["c@x.test".to_owned()],
            ..UserChanges::default()
        };
        assert_eq!(
            line(Action::UserEdit { username: "bob".to_owned(), changes }),
            "yunohost user update bob --fullname B --change-password •••••••• --mailbox-quota 0 --add-mailalias a@x.test b@x.test \
             --remove-mailforward c@x.test --timeout 600 --output-as json"
        );
    }
}
