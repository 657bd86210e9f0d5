//! The command of an operation, as it is run and as it is shown.

use std::collections::BTreeSet;

use beffroi_domain::{CommandPart, MaskedCommand};
use beffroi_remote::{CommandLine, quote};
use beffroi_secret::{SecretBytes, SecretText};

use super::given::Setting;
use super::{Given, How, Operation, Param, Value};
use crate::ask::YUNOHOST_PY;

/// Seconds that YunoHost waits for another operation to end. Without a limit it would wait for ever.
const LOCK_SECONDS: &str = "600";

/// The same in minutes, for sentences.
pub const LOCK_MINUTES: u64 = 10;

/// A command for a host.
#[derive(Debug)]
pub struct RemoteInvocation {
    /// What is run: Python, which becomes the yunohost command. Holds no secret and no argument of the operation.
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
        name: &'a str,
        value: &'a SecretText,
    },
    /// Values by name behind an option, as a query string (`application/x-www-form-urlencoded`, HTML 4.10.21.7): one word.
    Settings {
        option: &'static str,
        settings: Vec<(&'a str, &'a Setting)>,
    },
}

impl Operation {
    /// The command as a host is told that has not these commands and options, [`YunohostFacts::lacks`].
    ///
    /// [`YunohostFacts::lacks`]: crate::YunohostFacts::lacks
    #[must_use]
    pub fn command(&self, given: &Given, lacks: &BTreeSet<String>) -> RemoteInvocation {
        let words = self.words_for(given, lacks);
        RemoteInvocation {
            command: CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", YUNOHOST_PY]),
            stdin: request(&words),
            masked: masked(&words),
        }
    }

    fn words_for<'a>(&'a self, given: &'a Given, lacks: &BTreeSet<String>) -> Vec<Word<'a>> {
        let mut words = match self.older_on(lacks) {
            Some(older) => older(given).into_iter().map(Word::Plain).collect(),
            None => self.newest_words(given, lacks),
        };
        words.extend(["--timeout", LOCK_SECONDS, "--output-as", "json"].map(Word::Plain));
        words
    }

    fn newest_words<'a>(&'a self, given: &'a Given, lacks: &BTreeSet<String>) -> Vec<Word<'a>> {
        let mut words: Vec<Word<'_>> = self.command.iter().copied().map(Word::Plain).collect();
        // Words in their places first: a list behind an option would swallow them.
        let said = self.params.iter().filter(|param| !(param.spared && self.is_without(param, lacks)));
        let (places, options): (Vec<&Param>, Vec<&Param>) = said.partition(|param| param.how == How::Place);
        for param in places.into_iter().chain(options) {
            let Some(value) = given.value(param.name) else { continue };
            match (param.how, value) {
                (How::Place, Value::On | Value::Secret(_) | Value::Settings(_)) => {}
                (How::Place, Value::Text(text)) => words.push(Word::Plain(text)),
                (How::Place, Value::List(list)) => words.extend(list.iter().map(|item| Word::Plain(item))),
                (How::Option(option), Value::Text(text)) => words.extend([Word::Plain(option), Word::Plain(text)]),
                (How::Option(option), Value::List(list)) if !list.is_empty() => {
                    words.push(Word::Plain(option));
                    words.extend(list.iter().map(|item| Word::Plain(item)));
                }
                (How::Option(_), Value::List(_)) => {}
                (How::Option(option), Value::On) => words.push(Word::Plain(option)),
                (How::Option(option), Value::Secret(value)) => words.push(Word::Secret { option, name: param.name, value }),
                (How::Option(option), Value::Settings(settings)) => {
                    words.push(Word::Settings {
                        option,
                        settings: settings.iter().map(|(name, setting)| (name.as_str(), setting)).collect(),
                    });
                }
            }
        }
        words.extend(self.always.iter().copied().map(Word::Plain));
        words
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
            Word::Settings { option, settings } => {
                parts.push(CommandPart::Text((*option).to_owned()));
                for (name, setting) in settings {
                    match setting {
                        Setting::Shown(value) => parts.push(CommandPart::Text(quote(&format!("{name}={value}")))),
                        Setting::Secret(_) => {
                            parts.extend([CommandPart::Text(format!("{name}=")), CommandPart::Secret((*name).to_owned())])
                        }
                    }
                }
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
            Word::Settings { option, settings } => {
                json_text(&mut request, &[option]);
                request.extend_from_slice(b",\"");
                for (number, (name, setting)) in settings.iter().enumerate() {
                    if number > 0 {
                        request.push(b'&');
                    }
                    form_text(&mut request, name);
                    request.push(b'=');
                    match setting {
                        Setting::Shown(value) => form_text(&mut request, value),
                        // As above.
                        Setting::Secret(value) => form_text(&mut request, value.expose()),
                    }
                }
                request.push(b'"');
            }
        }
    }
    request.extend_from_slice(b"]}\n");
    SecretBytes::new(request)
}

/// The most bytes that the request takes.
fn room(words: &[Word<'_>]) -> usize {
    // The longest JSON form of a byte is `\u00XX`, of a form `%XX`; quotes, commas and the like come on top.
    let length = |word: &Word<'_>| match word {
        Word::Plain(word) => word.len() * 6 + 8,
        // Only its length is taken.
        Word::Secret { option, value, .. } => option.len() + value.expose().len() * 6 + 16,
        Word::Settings { option, settings } => {
            let each = |(name, setting): &(&str, &Setting)| {
                let length = match setting {
                    Setting::Shown(value) => value.len(),
                    // Only its length is taken.
                    Setting::Secret(value) => value.expose().len(),
                };
                (name.len() + length) * 3 + 2
            };
            option.len() * 6 + 16 + settings.iter().map(each).sum::<usize>()
        }
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
                into.extend_from_slice(b"\\u00");
                into.extend_from_slice(&digits(byte, b"0123456789abcdef"));
            }
            _ => into.push(byte),
        }
    }
    into.push(b'"');
}

/// A name or value of a query string: every byte but letters, digits and `-._` as `%XX`, so that none has a meaning, in JSON neither.
fn form_text(into: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            into.push(byte);
        } else {
            into.push(b'%');
            into.extend_from_slice(&digits(byte, b"0123456789ABCDEF"));
        }
    }
}

/// A byte in hexadecimal.
fn digits(byte: u8, alphabet: &[u8; 16]) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|half| alphabet.get(usize::from(half)).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Raw;
    use super::*;

    fn given(operation: &str, raw: Vec<(&str, Raw)>) -> (&'static Operation, Given) {
        let operation = Operation::find(operation).expect("an operation");
        let raw: BTreeMap<String, Raw> = raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (operation, Given::read(operation, raw).expect("it fits"))
    }

    fn text(value: &str) -> Raw {
        Raw::Text(value.to_owned())
    }

    fn secret(value: &str) -> SecretText {
        SecretText::new(value.to_owned())
    }

    fn add(password: &str) -> (&'static Operation, Given) {
        let raw = vec![
            ("username", text("alice")),
            ("fullname", text("Alice A")),
            ("password", Raw::Secret(secret(password))),
            ("domain", text("ynh1.test")),
        ];
        given("user-add", raw)
    }

    fn stdin((operation, given): &(&'static Operation, Given)) -> serde_json::Value {
        // Looked at by the test.
        serde_json::from_slice(operation.command(given, &BTreeSet::new()).stdin.expose()).expect("the request is JSON")
    }

    fn line((operation, given): &(&'static Operation, Given)) -> String {
        operation.command(given, &BTreeSet::new()).masked.to_line()
    }

    #[test]
    fn the_secret_is_on_standard_input_only() {
        let action = add("-canary\"\\é'7");
        let invocation = action.0.command(&action.1, &BTreeSet::new());
        assert!(!invocation.command.as_str().contains("canary") && !format!("{invocation:?}{action:?}").contains("canary"));
        assert_eq!(
            line(&action),
            "yunohost user create alice --fullname 'Alice A' --password •••••••• --domain ynh1.test --timeout 600 --output-as json"
        );
        let run = stdin(&action);
        let words: Vec<&str> = run["run"].as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
        assert_eq!(words[..6], ["user", "create", "alice", "--fullname", "Alice A", "--password=-canary\"\\é'7"]);
    }

    #[test]
    fn a_password_is_its_own_word_unless_it_looks_like_an_option() {
        assert_eq!(stdin(&add("canary-1"))["run"][6], "canary-1");
        assert_eq!(stdin(&add("--help"))["run"][5], "--password=--help");
    }

    #[test]
    fn lists_come_behind_what_has_a_place() {
        let list = |values: &[&str]| Raw::List(values.iter().map(|value| (*value).to_owned()).collect());
        let edit = given(
            "user-edit",
            vec![
                ("username", text("bob")),
                ("fullname", text("B")),
                ("password", Raw::Secret(secret("canary-1"))),
                ("mailbox-quota", text("0")),
                ("add-mailalias", list(&["a@x.test", "b@x.test"])),
                ("add-mailforward", list(&[])),
                ("remove-mailforward", list(&["c@x.test"])),
            ],
        );
        assert_eq!(
            line(&edit),
            "yunohost user update bob --fullname B --change-password •••••••• --mailbox-quota 0 --add-mailalias a@x.test b@x.test \
             --remove-mailforward c@x.test --timeout 600 --output-as json"
        );
        let purge = given("user-remove", vec![("username", text("bob")), ("purge", Raw::Switch(true))]);
        assert_eq!(line(&purge), "yunohost user delete bob --purge --timeout 600 --output-as json");
    }

    #[test]
    fn the_buffer_of_the_request_never_grows() {
        let hostile = "é\"".repeat(60);
        let settings = BTreeMap::from([
            ("path".to_owned(), Setting::Shown("/à&b=c\n\"".repeat(50))),
            ("password".to_owned(), Setting::Secret(secret(&hostile))),
        ]);
        let words = [
            vec![Word::Secret { option: "--password", name: "password", value: &secret(&format!("-{hostile}")) }],
            vec![Word::Plain(&hostile), Word::Plain("\u{1}")],
            vec![Word::Settings { option: "--args", settings: settings.iter().map(|(name, setting)| (name.as_str(), setting)).collect() }],
        ]
        .map(|words| (request(&words), room(&words)));
        for (request, room) in words {
            // Only its size and that it is JSON are looked at.
            assert!(request.expose().len() <= room);
            assert!(serde_json::from_slice::<serde_json::Value>(request.expose()).is_ok());
        }
    }

    #[test]
    fn settings_are_one_word_in_which_nothing_has_a_meaning() {
        let settings = BTreeMap::from([
            ("admin".to_owned(), Setting::Shown("alice".to_owned())),
            ("motto".to_owned(), Setting::Shown("h&i thére=+%\"".to_owned())),
            ("password".to_owned(), Setting::Secret(secret("canary&1"))),
        ]);
        let words =
            vec![Word::Settings { option: "--args", settings: settings.iter().map(|(name, setting)| (name.as_str(), setting)).collect() }];
        // Looked at by the test.
        let run: serde_json::Value = serde_json::from_slice(request(&words).expose()).expect("JSON");
        assert_eq!(run["run"][1], "admin=alice&motto=h%26i%20th%C3%A9re%3D%2B%25%22&password=canary%261");
        assert_eq!(masked(&words).to_line(), "yunohost --args admin=alice 'motto=h&i thére=+%\"' password= ••••••••");
    }
}
