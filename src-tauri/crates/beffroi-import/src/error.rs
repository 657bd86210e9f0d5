//! Why a file cannot be read.

/// Why nothing of a file was read. What an element is called in it (`kdfIterations`, `Private-MAC`, `HMAC`) is given as the
/// format itself calls it, so that it stands alike in every language.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read from the disk.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// Its path, below the one that was given.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is longer, deeper or more than is read.
    #[error("{what} is {found}, and at most {most} is read")]
    TooLarge {
        /// What is: an element of the format, or `file`.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much is read.
        most: u64,
    },
    /// Deriving its key would cost more than is done for a file from outside.
    #[error("{what} is {found}, and at most {most} is done")]
    TooExpensive {
        /// The parameter, as the format calls it.
        what: &'static str,
        /// What the file asks.
        found: u64,
        /// The most that is done.
        most: u64,
    },
    /// It ends before it should.
    #[error("ends inside {what}")]
    Truncated {
        /// Inside what.
        what: &'static str,
    },
    /// An element is not as the format has it.
    #[error("{what} is not as the format has it, at {at}")]
    Malformed {
        /// The element.
        what: &'static str,
        /// Its line from 1 in a file of text, its byte elsewhere.
        at: u64,
    },
    /// What protects it does not match: it was changed, or damaged.
    #[error("{what} does not match")]
    Altered {
        /// The check: `HMAC`, `Private-MAC`, `mac`.
        what: &'static str,
    },
    /// It is encrypted, and nothing was given to open it.
    #[error("needs {what}")]
    Locked {
        /// What opens it: `password`, `key-file`, `identity`.
        what: &'static str,
    },
    /// What was given does not open it.
    #[error("the {what} is wrong")]
    Wrong {
        /// What was given: `password`, `key-file`, `identity`.
        what: &'static str,
    },
    /// It is of a kind, or of a version, that is not read.
    #[error("{what} is not read")]
    Unsupported {
        /// What, as the format calls it.
        what: String,
    },
    /// It is not text in an encoding that is read.
    #[error("not text from byte {at}")]
    NotText {
        /// Where.
        at: u64,
    },
    /// None of the formats that are read.
    #[error("no format that is read")]
    UnknownFormat,
    /// A folder is needed, and a file was given, or the other way round.
    #[error("needs a {needs}")]
    WrongPlace {
        /// `file` or `folder`.
        needs: &'static str,
    },
}
