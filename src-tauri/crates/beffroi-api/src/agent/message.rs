//! What frames say.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::FrameError;
use crate::ApiError;
use crate::wire::Event;

/// The version of the protocol that this program speaks.
pub const PROTOCOL: u32 = 1;

/// What a request asks of the process itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Who is there: [`Hello`].
    Hello,
    /// What is open, since when, until when: [`Status`].
    Status,
    /// Push events from now on.
    Subscribe,
    /// Lock every vault; an agent ends.
    Stop,
    /// Bring the window to the front: [`Raised`].
    Raise,
}

/// What a client asks.
#[derive(Debug)]
pub enum Request<'a> {
    /// A command of the list.
    Command {
        /// Repeated by the answer.
        id: u64,
        /// The vault that is meant.
        vault: Option<String>,
        /// The command's name.
        command: Cow<'a, str>,
        /// Its request, in JSON.
        request: &'a RawValue,
    },
    /// An end of SSH for a host: after its answer the connection is SSH, and nothing else.
    Ssh {
        /// Repeated by the answer.
        id: u64,
        /// The vault that is meant.
        vault: Option<String>,
        /// The host, and what was typed.
        ssh: SshAsked,
    },
    /// Something of the process itself.
    Control {
        /// Repeated by the answer.
        id: u64,
        /// What.
        control: Control,
    },
}

/// For which host an end of SSH is wanted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshAsked {
    /// The host's name.
    pub host: String,
    /// What the person typed, where the stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked<'a> {
    id: u64,
    #[serde(default)]
    vault: Option<String>,
    #[serde(default, borrow)]
    command: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    request: Option<&'a RawValue>,
    #[serde(default)]
    control: Option<Control>,
    #[serde(default)]
    ssh: Option<SshAsked>,
}

/// Reads the content of a frame that a client sent.
///
/// # Errors
/// [`FrameError::NotUnderstood`]; the error holds nothing of the content, which may be secret.
pub fn read_request(content: &[u8]) -> Result<Request<'_>, FrameError> {
    let asked: Asked<'_> = serde_json::from_slice(content).map_err(|_| FrameError::NotUnderstood)?;
    match asked {
        Asked { id, vault, command: Some(command), request: Some(request), control: None, ssh: None } => {
            Ok(Request::Command { id, vault, command, request })
        }
        Asked { id, vault, command: None, request: None, control: None, ssh: Some(ssh) } => Ok(Request::Ssh { id, vault, ssh }),
        Asked { id, vault: None, command: None, request: None, control: Some(control), ssh: None } => Ok(Request::Control { id, control }),
        _ => Err(FrameError::NotUnderstood),
    }
}

/// A command on its way to the process that holds the keys.
#[derive(Serialize)]
pub(crate) struct Asking<'a, T> {
    pub(crate) id: u64,
    pub(crate) vault: Option<&'a str>,
    pub(crate) command: &'a str,
    pub(crate) request: &'a T,
}

/// The wish for an end of SSH on its way.
#[cfg(unix)]
#[derive(Serialize)]
pub(crate) struct SshAsking<'a> {
    pub(crate) id: u64,
    pub(crate) vault: Option<&'a str>,
    pub(crate) ssh: SshAsked,
}

/// A control word on its way.
#[derive(Serialize)]
pub(crate) struct Controlling {
    pub(crate) id: u64,
    pub(crate) control: Control,
}

/// An answer on its way to a client.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answering<'a, T> {
    Answer { id: u64, answer: &'a T },
    Error { id: Option<u64>, error: &'a ApiError },
    Event { event: &'a Event },
}

/// What a client gets: an answer or an error with its id, or an event.
#[derive(Deserialize)]
pub(crate) struct Answered<'a> {
    #[serde(default)]
    pub(crate) id: Option<u64>,
    #[serde(default, borrow)]
    pub(crate) answer: Option<&'a RawValue>,
    #[serde(default)]
    pub(crate) error: Option<ApiError>,
    #[serde(default)]
    pub(crate) event: Option<Event>,
}

/// What kind of process holds the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `beffroi agent`: it ends when it is told to stop.
    Agent,
    /// The desktop: it locks when it is told to stop.
    Desktop,
}

/// Who holds the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the protocol; others are not understood.
    pub protocol: u32,
    /// The version of the program.
    pub version: String,
    /// What kind of process it is.
    pub kind: Kind,
    /// Its process id.
    pub pid: u32,
}

/// How the process that holds the keys stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Who it is.
    #[serde(flatten)]
    pub hello: Hello,
    /// When it was started, in milliseconds since 1970.
    pub since_ms: u64,
    /// When it ends by itself if nothing is asked of it until then, in milliseconds since 1970; absent when it does not.
    pub ends_ms: Option<u64>,
    /// How long nothing was asked of it, in milliseconds; 0 while it works.
    pub idle_ms: u64,
    /// The vaults that are open.
    pub vaults: Vec<OpenedVault>,
}

/// An open vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedVault {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: String,
    /// Its stages that can be acted on.
    pub stages: Vec<String>,
}

/// Whether there was a window to bring to the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// Whether there was.
    pub raised: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_command_or_a_control_word_and_nothing_else() {
        let command = read_request(br#"{"id":1,"vault":"a","command":"host_list","request":{"x":[1]}}"#).expect("a command");
        let Request::Command { id: 1, vault: Some(vault), command, request } = command else { unreachable!("{command:?}") };
        assert_eq!((vault.as_str(), &*command, request.get()), ("a", "host_list", r#"{"x":[1]}"#));
        let control = read_request(br#"{"control":"hello","id":18446744073709551615}"#).expect("a control word");
        assert!(matches!(control, Request::Control { id: u64::MAX, control: Control::Hello }));
        let ssh = read_request(br#"{"id":3,"vault":"a","ssh":{"host":"srv/web"}}"#).expect("a host");
        let Request::Ssh { id: 3, vault: Some(vault), ssh } = ssh else { unreachable!("{ssh:?}") };
        assert_eq!((vault.as_str(), ssh.host.as_str(), ssh.typed), ("a", "srv/web", None));
        for wrong in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":1}"#,
            r#"{"id":-1,"control":"hello"}"#,
            r#"{"id":1,"control":"dance"}"#,
            r#"{"id":1,"control":"hello","vault":"a"}"#,
            r#"{"id":1,"control":"hello","command":"host_list","request":{}}"#,
            r#"{"id":1,"command":"host_list"}"#,
            r#"{"id":1,"command":"host_list","request":{},"more":1}"#,
            r#"{"id":1,"command":"host_list","request":{}} {}"#,
            r#"{"id":1,"command":"host_list","request":{"#,
            r#"{"id":1,"id":2,"control":"hello"}"#,
            r#"{"id":1,"control":"hello","ssh":{"host":"a"}}"#,
            r#"{"id":1,"command":"host_list","request":{},"ssh":{"host":"a"}}"#,
            r#"{"id":1,"ssh":{"host":"a","more":1}}"#,
            r#"{"id":1,"ssh":{}}"#,
            "{\"id\":1,\"command\":\"\u{fffd}\",\"request\":}",
        ] {
            assert!(matches!(read_request(wrong.as_bytes()), Err(FrameError::NotUnderstood)), "{wrong}");
        }
        assert!(read_request(b"{\"id\":1,\"control\":\"\xff\"}").is_err());
    }

    #[test]
    fn an_answer_an_error_and_an_event_are_told_apart() {
        let text = |message: &Answering<'_, u32>| serde_json::to_string(message).expect("JSON");
        assert_eq!(text(&Answering::Answer { id: 3, answer: &4 }), r#"{"id":3,"answer":4}"#);
        let error = ApiError::new(crate::ErrorCode::VaultLocked);
        assert_eq!(text(&Answering::Error { id: None, error: &error }), r#"{"id":null,"error":{"code":"vault-locked","values":{}}}"#);
        assert_eq!(text(&Answering::Event { event: &Event::HostsChanged }), r#"{"event":{"kind":"hosts_changed"}}"#);
    }
}
