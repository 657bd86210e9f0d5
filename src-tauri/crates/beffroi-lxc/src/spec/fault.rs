//! What is wrong in a specification: what, on which line, and what to write instead.

use beffroi_domain::Message;

/// Something in a specification that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecFault {
    /// The line, from 1; 0 where it is about the file as a whole.
    pub line: usize,
    /// The key that it is about, such as `limits.memory`; empty for the file as a whole.
    pub at: String,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The file is longer than any specification.
    TooLong,
    /// It is no TOML.
    Syntax {
        /// What the parser of TOML says, in English.
        reason: String,
    },
    /// A key that means nothing here.
    UnknownKey {
        /// The known one that looks most like it, if one does.
        nearest: Option<&'static str>,
    },
    /// A key that has to be there.
    Missing {
        /// Which.
        key: &'static str,
    },
    /// Two keys of which exactly one has to be there.
    Either {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A value that is not what it has to be.
    Expected(Expected),
    /// The same name, path or port twice.
    Twice,
    /// More than is taken.
    TooMany {
        /// The most there may be.
        most: usize,
    },
}

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A table.
    Table,
    /// A list.
    List,
    /// Text without control characters.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number within these bounds.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A number of processors.
    Processors,
    /// A name of lower-case letters, digits and `-`.
    Name,
    /// The name of an account or a group.
    Account,
    /// The name of a package.
    Package,
    /// The name of a variable.
    Variable,
    /// An absolute path without `..`.
    Path,
    /// A path below the folder of the specification.
    Source,
    /// An amount such as `256 MiB`.
    Size,
    /// A time such as `10s`.
    Time,
    /// Octal rights such as `0640`.
    Mode,
    /// `user` or `user:group`.
    Owner,
    /// A SHA-256.
    Digest,
    /// `ADDRESS:PORT`.
    Listen,
    /// `tcp` or `udp`.
    Protocol,
    /// `dhcp`, or an address with its network.
    Address,
    /// An address alone.
    Gateway,
    /// The path of a request.
    Request,
}

impl SpecFault {
    pub(super) fn new(line: usize, at: &str, kind: FaultKind) -> Self {
        Self { line, at: at.to_owned(), kind }
    }

    /// The sentence for it, with `line` and `at` among its values.
    #[must_use]
    pub fn message(&self) -> Message {
        let message = match &self.kind {
            FaultKind::TooLong => Message::new("spec.too-long"),
            FaultKind::Syntax { reason } => Message::new("spec.syntax").with("reason", reason),
            FaultKind::UnknownKey { nearest: Some(nearest) } => Message::new("spec.unknown-key-near").with("nearest", nearest),
            FaultKind::UnknownKey { nearest: None } => Message::new("spec.unknown-key"),
            FaultKind::Missing { key } => Message::new("spec.missing").with("key", key),
            FaultKind::Either { one, other } => Message::new("spec.either").with("one", one).with("other", other),
            FaultKind::Expected(Expected::Whole { least, most }) => {
                Message::new("spec.expected-whole").with("least", least).with("most", most)
            }
            FaultKind::Expected(expected) => Message::new(expected.key()),
            FaultKind::Twice => Message::new("spec.twice"),
            FaultKind::TooMany { most } => Message::new("spec.too-many").with("most", most),
        };
        message.with("line", self.line).with("at", &self.at)
    }
}

impl Expected {
    fn key(self) -> &'static str {
        match self {
            Self::Table => "spec.expected-table",
            Self::List => "spec.expected-list",
            Self::Text => "spec.expected-text",
            Self::Boolean => "spec.expected-boolean",
            Self::Whole { .. } => "spec.expected-whole",
            Self::Processors => "spec.expected-processors",
            Self::Name => "spec.expected-name",
            Self::Account => "spec.expected-account",
            Self::Package => "spec.expected-package",
            Self::Variable => "spec.expected-variable",
            Self::Path => "spec.expected-path",
            Self::Source => "spec.expected-source",
            Self::Size => "spec.expected-size",
            Self::Time => "spec.expected-time",
            Self::Mode => "spec.expected-mode",
            Self::Owner => "spec.expected-owner",
            Self::Digest => "spec.expected-digest",
            Self::Listen => "spec.expected-listen",
            Self::Protocol => "spec.expected-protocol",
            Self::Address => "spec.expected-address",
            Self::Gateway => "spec.expected-gateway",
            Self::Request => "spec.expected-request",
        }
    }
}
