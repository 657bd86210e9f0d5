//! What a file says, whatever its format.

use beffroi_secret::{SecretBytes, SecretText};

/// Everything that was read of a file, or of a folder.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Secrets.
    pub entries: Vec<Entry>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Keys of hosts.
    pub host_keys: Vec<HostKey>,
    /// What was left out, and why: told, never lost silently.
    pub refused: Vec<Refused>,
    /// What whoever imports it should know.
    pub notices: Vec<Notice>,
    /// Who handed it over, where it is a parcel. Nothing here checks the signature: it is checked by who knows the signers.
    pub parcel: Option<Parcel>,
}

/// What stands on a parcel: the header of `formats::parcel`, and its signature.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The header's bytes, as they were signed.
    pub header: Vec<u8>,
    /// SHA-256 of all that follows the signature.
    pub content: [u8; 32],
    /// The signature of both.
    pub signature: [u8; 64],
    /// The parcel's id.
    pub id: String,
    /// The card of who made it, as text.
    pub card: String,
    /// When it was made, in milliseconds since 1970, as their machine said.
    pub made_ms: u64,
    /// Whom it was made for.
    pub readers: Vec<Reader>,
    /// The public keys of what it was opened with, in the form of [`Reader::key`]: one of them is a reader's, unless somebody else
    /// encrypted it again.
    pub opened_with: Vec<String>,
}

/// Somebody whom a parcel was made for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reader {
    /// What who made it calls them; may be empty.
    pub name: String,
    /// Their public key, as age has it: `age1…`, or an SSH key without its comment.
    pub key: String,
}

/// One secret with all that stands beside it.
#[derive(Debug, Default)]
pub struct Entry {
    /// What it is known by in its source, and stays the same when the file is written again: a UUID where the format has one,
    /// else its path. Never made of a secret value.
    pub origin: String,
    /// Its groups or folders, the outermost first.
    pub path: Vec<String>,
    /// Its title.
    pub title: String,
    /// What its value is.
    pub kind: Kind,
    /// The account.
    pub user: Option<String>,
    /// The secret itself: a password, a token, the text of a private key. None for an entry that is notes, fields or files only.
    pub value: Option<SecretText>,
    /// The passphrase that its private key is still encrypted with.
    pub passphrase: Option<SecretText>,
    /// Addresses that it is for, as they stand there: `https://…`, `ssh://root@web-1:2222`, a host's name.
    pub urls: Vec<String>,
    /// Notes.
    pub notes: Option<SecretText>,
    /// What one-time codes are made of, as an `otpauth://` address (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
    pub totp: Option<SecretText>,
    /// Fields of its own.
    pub fields: Vec<Field>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Earlier values, the oldest first.
    pub history: Vec<Past>,
    /// Words it is marked with.
    pub tags: Vec<String>,
    /// Names or addresses of the hosts that it opens, where the file says so: they are bound to it.
    pub hosts: Vec<String>,
    /// A stage, where the file says one (`prod`, `staging`): a suggestion.
    pub stage: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: Option<u64>,
    /// When it was last changed.
    pub changed_ms: Option<u64>,
    /// When it should no longer be used.
    pub expires_ms: Option<u64>,
    /// Whether it lies in a bin or an archive there: shown, and not taken unless somebody says so.
    pub discarded: bool,
}

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A password, a passphrase, a PIN.
    #[default]
    Password,
    /// A private key, in a format that `ssh` or OpenSSL reads.
    PrivateKey,
    /// A token or a key of an interface.
    Token,
    /// A text without a password: a secure note, a licence.
    Note,
    /// A certificate with its private key.
    Certificate,
}

/// A field that a person added.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretText,
    /// Whether the source hides it.
    pub hidden: bool,
}

/// A file that belongs to an entry.
#[derive(Debug)]
pub struct Attachment {
    /// Its name: never a path.
    pub name: String,
    /// What is in it.
    pub bytes: SecretBytes,
}

/// An earlier value.
#[derive(Debug)]
pub struct Past {
    /// It.
    pub value: SecretText,
    /// Until when it was used, in milliseconds since 1970, where that is known.
    pub until_ms: Option<u64>,
}

/// A host, as a list of connections has it.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// What it is known by in its source.
    pub origin: String,
    /// Its name there.
    pub name: String,
    /// Its groups or folders.
    pub path: Vec<String>,
    /// Its address.
    pub address: String,
    /// Its port, where it is not 22.
    pub port: Option<u16>,
    /// The account.
    pub user: Option<String>,
    /// The hosts to go through, the first one first: names of other hosts, or `user@address:port`.
    pub jump: Vec<String>,
    /// The [`Entry::origin`] of what it logs in with.
    pub credential: Option<String>,
    /// Words it is marked with.
    pub tags: Vec<String>,
    /// A stage, where the file says one: a suggestion.
    pub stage: Option<String>,
    /// What its source says that Beffroi has no place for: name and value, shown in the preview.
    pub notes: Vec<(String, String)>,
}

/// A key that a host shows, as a file of known hosts has it.
#[derive(Debug, Clone)]
pub struct HostKey {
    /// Patterns, names or addresses (`[web-1]:2222`), as they stand there; for a hashed one, the hash.
    pub hosts: String,
    /// `trusted`, `cert-authority` or `revoked`.
    pub marker: &'static str,
    /// The key: `ssh-ed25519 AAAA…`.
    pub key: String,
}

/// Something that was left out.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Which, as its source names it. Never a value.
    pub what: String,
    /// Why: the end of a sentence `import.refused.…`, such as `account-bound`, `no-value`, `too-large`.
    pub why: &'static str,
}

/// Something that whoever imports should know.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The end of a sentence `import.notice.…`, such as `weak-kdf`.
    pub key: &'static str,
    /// What it is about, as its source names it; empty when it is the file.
    pub what: String,
}

impl Parsed {
    /// Says that something was left out.
    pub fn refuse(&mut self, what: impl Into<String>, why: &'static str) {
        self.refused.push(Refused { what: what.into(), why });
    }

    /// Says something that whoever imports should know.
    pub fn notice(&mut self, key: &'static str, what: impl Into<String>) {
        self.notices.push(Notice { key, what: what.into() });
    }
}
