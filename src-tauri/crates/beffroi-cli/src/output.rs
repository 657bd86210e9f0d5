//! What goes out: data on standard output, talk on standard error, one JSON object when asked.

use std::io::Write;
use std::process::ExitCode;

use beffroi_api::messages::Language;
use beffroi_api::wire::{HostStatus, WireMessage};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretBytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::context::Context;

/// How a command ended.
pub(crate) type Ended = Result<Answer, Failure>;

/// What a command has to say.
pub(crate) struct Answer {
    /// For programs.
    pub(crate) data: Value,
    /// For people: lines of text, already in their language.
    pub(crate) text: String,
    /// A secret that was asked for: as JSON for programs, or as it is; in the place of the others.
    secret: Option<Secret>,
    /// Whether it was printed while the command went on.
    said: bool,
    /// The exit status.
    pub(crate) exit: u8,
}

enum Secret {
    Json(SecretBytes),
    Text(SecretBytes),
}

impl Answer {
    /// An answer of a command that succeeded.
    pub(crate) fn new(data: &impl Serialize, text: String) -> Result<Self, Failure> {
        let data = serde_json::to_value(data).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?;
        Ok(Self { data, text, secret: None, said: false, exit: 0 })
    }

    /// An answer with a secret in it, for programs: written down once, and wiped.
    pub(crate) fn secret(data: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_vec(data).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?;
        Ok(Self::of(Secret::Json(SecretBytes::new(json))))
    }

    /// A secret as it is.
    pub(crate) fn secret_text(text: SecretBytes) -> Self {
        Self::of(Secret::Text(text))
    }

    /// An answer of a command that has nothing more to say.
    pub(crate) fn nothing() -> Self {
        Self { data: Value::Null, text: String::new(), secret: None, said: true, exit: 0 }
    }

    fn of(secret: Secret) -> Self {
        Self { data: Value::Null, text: String::new(), secret: Some(secret), said: false, exit: 0 }
    }

    /// An answer that is printed now, since the command goes on.
    pub(crate) fn say(self, context: &Context, name: &str) -> Self {
        finish(context, name, Ok(self));
        Self::nothing()
    }

    pub(crate) fn exiting(self, exit: u8) -> Self {
        Self { exit, ..self }
    }
}

/// Why a command has no answer.
pub(crate) struct Failure(ApiError);

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

/// The exit status of work on several hosts: that of its only host's error, else 1 when any did not succeed.
pub(crate) fn exit_of<'a>(results: impl ExactSizeIterator<Item = (HostStatus, Option<&'a ApiError>)>) -> u8 {
    let single = results.len() == 1;
    let failed: Vec<_> = results.filter(|(status, _)| !matches!(status, HostStatus::Ok | HostStatus::Changed)).collect();
    match failed.as_slice() {
        [] => 0,
        [(_, Some(error))] if single => error.code.exit_status(),
        _ => 1,
    }
}

/// Prints how a command ended, and gives its exit status.
pub(crate) fn finish(context: &Context, name: &str, ended: Ended) -> ExitCode {
    match ended {
        Ok(Answer { secret: Some(secret), exit, .. }) => {
            write_secret(name, &secret);
            ExitCode::from(exit)
        }
        Ok(Answer { said: true, exit, .. }) => ExitCode::from(exit),
        Ok(answer) if context.global.json => {
            let mut whole = Map::new();
            whole.insert("schema".to_owned(), format!("beffroi/{name}/1").into());
            // Moved, not copied: of a fleet's surveys it is large.
            whole.insert("data".to_owned(), answer.data);
            print(&format!("{}\n", Value::Object(whole)));
            ExitCode::from(answer.exit)
        }
        Ok(answer) => {
            print(&answer.text);
            ExitCode::from(answer.exit)
        }
        Err(Failure(error)) => {
            if context.global.json {
                print(&format!("{}\n", json!({ "schema": "beffroi/error/1", "error": described(context.language, &error) })));
            } else {
                talk(&error_text(context.language, &error));
            }
            ExitCode::from(error.code.exit_status())
        }
    }
}

/// An error for programs: code, message, remedy, and where.
pub(crate) fn described(language: Language, error: &ApiError) -> Value {
    let mut object = json!({
        "code": error.code,
        "message": language.error(error),
        "remedy": language.remedy(error),
    });
    if let Some(host) = &error.host {
        object["host"] = json!(host);
    }
    if let Some(step) = error.step {
        object["step"] = json!(step);
    }
    object
}

/// Puts the described form in the place of each error of a wire value.
pub(crate) fn describe_errors(language: Language, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| describe_errors(language, item)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let error =
                    if name == "error" || name == "trouble" { serde_json::from_value::<ApiError>(field.clone()).ok() } else { None };
                match error {
                    Some(error) => *field = described(language, &error),
                    None => describe_errors(language, field),
                }
            }
        }
        _ => {}
    }
}

/// An error for people: what happened and where, then what to do.
pub(crate) fn error_text(language: Language, error: &ApiError) -> String {
    let prefix = language.sentence("cli.error", &std::collections::BTreeMap::new());
    let host = error.host.as_ref().map(|host| format!("{host}{}", language.colon())).unwrap_or_default();
    let message = plain(&language.error(error));
    let remedy = plain(&language.remedy(error));
    let hint = language.sentence("cli.hint", &std::collections::BTreeMap::new());
    format!("{prefix} {host}{message}\n{hint} {remedy}\n")
}

/// A sentence with values.
pub(crate) fn sentence(context: &Context, key: &str, values: &[(&str, String)]) -> String {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    context.say(&WireMessage { key: key.to_owned(), values })
}

/// Says what was done, to a person.
pub(crate) fn confirmed(context: &Context, key: &str, values: &[(&str, String)]) {
    if !context.global.quiet && !context.global.json {
        talk(&format!("{}\n", plain(&sentence(context, key, values))));
    }
}

/// Text from a host, made harmless for a terminal: control and bidirectional characters show as what they are.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' => {}
            '\u{1b}' => shown.push_str("<ESC>"),
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') =>
            {
                shown.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Writes data. A reader that went away, such as `head`, is no error.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    drop(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()));
}

/// Writes a secret to standard output, as was asked for: the last piece ends its line, so that nothing of it stays in the
/// stream's own buffer.
fn write_secret(name: &str, secret: &Secret) {
    let mut stdout = std::io::stdout().lock();
    // To who asked.
    let written = match secret {
        Secret::Text(text) => stdout.write_all(text.expose()),
        Secret::Json(data) => {
            let after = format!(",\"schema\":\"beffroi/{name}/1\"}}\n");
            stdout.write_all(SecretBytes::new([b"{\"data\":", data.expose().as_slice(), after.as_bytes()].concat()).expose())
        }
    };
    drop(written.and_then(|()| stdout.flush()));
}

/// Writes talk.
pub(crate) fn talk(text: &str) {
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// Answers what cannot be understood; help and version are answers too.
pub(crate) fn usage(error: &clap::Error, language: Language) -> ExitCode {
    let wants_json = std::env::args().any(|argument| argument == "--json");
    if error.use_stderr() && wants_json {
        let what = error.to_string();
        let fault = ApiError::new(ErrorCode::InvalidRequest).with("what", what.lines().next().unwrap_or_default());
        print(&format!("{}\n", json!({ "schema": "beffroi/error/1", "error": described(language, &fault) })));
    } else if let (Language::French, Some(text)) = (language, crate::help::usage_in_french(error)) {
        talk(&text);
    } else {
        drop(error.print());
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// The program cannot run at all.
pub(crate) fn fatal(what: &str) -> ExitCode {
    talk(&format!("beffroi: {what}\n"));
    ExitCode::from(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_text_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\u{7}\r\n"), "a<ESC>[31mb<U+202E>c<U+0007>\n");
    }

    #[test]
    fn one_host_gives_its_own_exit_and_several_give_one() {
        let refused = ApiError::new(ErrorCode::LoginRefused);
        let one = [(HostStatus::Unreachable, Some(&refused))];
        assert_eq!(exit_of(one.into_iter()), 5);
        assert_eq!(exit_of([(HostStatus::Ok, None), one[0]].into_iter()), 1);
        assert_eq!(exit_of([(HostStatus::Ok, None), (HostStatus::Changed, None)].into_iter()), 0);
    }
}
