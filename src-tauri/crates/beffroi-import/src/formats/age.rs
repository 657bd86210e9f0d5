//! Files that age encrypted (<https://age-encryption.org/v1>): for an X25519 or an SSH key, or with a passphrase; binary or
//! armored. Plugins are never run. What is inside is read as a format of its own.

use std::io::Read;

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Identity};
use beffroi_secret::{SecretBytes, SecretText};
use zeroize::Zeroizing;

use crate::formats::inside;
use crate::limits::{MOST_BCRYPT, MOST_FILE, MOST_SCRYPT_LOG_N, affordable, within};
use crate::{ImportError, Parsed, Reading, Source, Unlock, Work};

const MARK: &[u8] = b"age-encryption.org/v1";
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const SECRET_KEY: &str = "AGE-SECRET-KEY-1";
/// Bytes of a header, and its stanzas: each costs every identity an operation with its key.
const MOST_HEADER: usize = 256 << 10;
const MOST_STANZAS: u64 = 200;
/// Identities that are tried.
const MOST_IDENTITIES: usize = 64;

/// A file that begins as one, binary or armored.
pub fn tells(source: &Source) -> bool {
    source.bytes().is_ok_and(is_one)
}

fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK) || bytes.trim_ascii_start().starts_with(ARMOR)
}

/// What is in a file of age.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of `password` or `identity`, [`ImportError::TooExpensive`] for the work
/// factor of a passphrase before it runs, [`ImportError::Altered`] when the header or the content was changed; those of what
/// is inside.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let keys = AgeKeys::new(reading.unlock, reading.work)?;
    let bytes = keys.open(reading.source.bytes()?)?;
    let mut parsed = inside::read(&reading.source.name(), bytes, reading)?;
    if let Some(parcel) = &mut parsed.parcel {
        parcel.opened_with = keys.public;
    }
    Ok(parsed)
}

/// What opens files of age: made once, for one file or for a store of them.
pub(crate) struct AgeKeys<'a> {
    passphrase: Option<&'a SecretText>,
    identities: Vec<Box<dyn Identity>>,
    /// The public keys of the identities, as they stand in a list of recipients.
    public: Vec<String>,
    /// Whether some of them were given for this file.
    given: bool,
    work: &'a Work,
}

impl<'a> AgeKeys<'a> {
    /// Takes the identities of an unlocking: lines of `age-keygen`, SSH keys (which its password may open), files of identities
    /// that a passphrase protects. What is none of these is left for others.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] for an identity that is damaged, [`ImportError::Wrong`] for one that its password does not
    /// open, [`ImportError::TooExpensive`], [`ImportError::TooLarge`].
    pub(crate) fn new(unlock: &'a Unlock, work: &'a Work) -> Result<Self, ImportError> {
        let passphrase = unlock.password.as_ref().filter(|password| !password.expose().is_empty());
        let mut keys = Self { passphrase, identities: Vec::new(), public: Vec::new(), given: false, work };
        for identity in &unlock.identities {
            // Read as keys here.
            let text = identity.expose();
            if is_one(text.as_bytes()) {
                let opened = keys.open(text.as_bytes())?.into_text().map_err(|_| malformed())?;
                // As above.
                keys.native(opened.expose())?;
            } else if text.contains(SECRET_KEY) {
                keys.native(text)?;
            } else if text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") || text.contains("-----BEGIN RSA PRIVATE KEY-----") {
                keys.ssh(text)?;
            }
            within("identity", keys.identities.len() as u64, MOST_IDENTITIES as u64)?;
        }
        keys.given = !keys.identities.is_empty();
        for own in &unlock.own {
            // Read as keys here.
            keys.native(own.expose())?;
        }
        Ok(keys)
    }

    fn native(&mut self, text: &str) -> Result<(), ImportError> {
        for line in text.lines().map(str::trim).filter(|line| line.starts_with(SECRET_KEY)) {
            within("identity", self.identities.len() as u64 + 1, MOST_IDENTITIES as u64)?;
            let key = line.parse::<age::x25519::Identity>().map_err(|_| malformed())?;
            self.public.push(key.to_public().to_string());
            self.identities.push(Box::new(key));
        }
        Ok(())
    }

    fn ssh(&mut self, text: &str) -> Result<(), ImportError> {
        let clear = self.unprotected(text)?;
        let text = clear.as_ref().map_or(text, |clear| clear.as_str());
        match age::ssh::Identity::from_buffer(text.trim_start().as_bytes(), None) {
            Ok(key @ age::ssh::Identity::Unencrypted(_)) => {
                self.public.extend(age::ssh::Recipient::try_from(key.clone()).ok().map(|key| key.to_string()));
                self.identities.push(Box::new(key));
            }
            // A kind of key that age has no use for, or an old one with a passphrase.
            Ok(_) => {}
            Err(_) => return Err(malformed()),
        }
        Ok(())
    }

    /// An OpenSSH key without its passphrase; none for one that has none.
    fn unprotected(&self, text: &str) -> Result<Option<Zeroizing<String>>, ImportError> {
        let Ok(key) = ssh_key::PrivateKey::from_openssh(text.trim()) else { return Ok(None) };
        let ssh_key::Kdf::Bcrypt { rounds, .. } = key.kdf() else { return Ok(None) };
        affordable("rounds", u64::from(*rounds), MOST_BCRYPT)?;
        let passphrase = self.passphrase.ok_or(ImportError::Locked { what: "password" })?;
        self.work.derives("rounds", u64::from(*rounds), MOST_BCRYPT)?;
        // Goes into its key derivation.
        let key = key.decrypt(passphrase.expose()).map_err(|_| ImportError::Wrong { what: "password" })?;
        key.to_openssh(ssh_key::LineEnding::LF).map(Some).map_err(|_| malformed())
    }

    /// Opens a file.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) fn open(&self, bytes: &[u8]) -> Result<SecretBytes, ImportError> {
        let binary = dearmored(bytes)?;
        let header = Header::look(&binary)?;
        let decryptor = Decryptor::new_buffered(binary.as_slice()).map_err(|error| told(&error))?;
        let mut clear = Zeroizing::new(Vec::with_capacity(binary.len()));
        let mut reader = match header.work_factor {
            Some(work_factor) => {
                let passphrase = self.passphrase.ok_or(ImportError::Locked { what: "password" })?;
                // Goes into scrypt.
                let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.expose().clone()));
                identity.set_max_work_factor(u8::try_from(work_factor).unwrap_or(u8::MAX));
                self.work.derives("scrypt", 1 << work_factor.min(63), 1 << MOST_SCRYPT_LOG_N)?;
                decryptor.decrypt(std::iter::once(&identity as &dyn Identity)).map_err(|error| match error {
                    DecryptError::DecryptionFailed | DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed => {
                        ImportError::Wrong { what: "password" }
                    }
                    error => told(&error),
                })?
            }
            None if self.identities.is_empty() => return Err(ImportError::Locked { what: "identity" }),
            None => decryptor.decrypt(self.identities.iter().map(|identity| &**identity)).map_err(|error| match told(&error) {
                ImportError::Wrong { what } if !self.given => ImportError::Locked { what },
                error => error,
            })?,
        };
        // Every chunk is authentic before it is given, and the last one says that it is.
        (&mut reader).take(MOST_FILE).read_to_end(&mut clear).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ImportError::Truncated { what: "age" },
            _ => ImportError::Altered { what: "age" },
        })?;
        Ok(SecretBytes::new(clear.to_vec()))
    }
}

fn malformed() -> ImportError {
    ImportError::Malformed { what: "identity", at: 1 }
}

fn told(error: &DecryptError) -> ImportError {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed => ImportError::Wrong { what: "identity" },
        DecryptError::InvalidMac | DecryptError::DecryptionFailed => ImportError::Altered { what: "age" },
        DecryptError::UnknownFormat => ImportError::Unsupported { what: "age".to_owned() },
        DecryptError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => ImportError::Truncated { what: "age" },
        _ => ImportError::Malformed { what: "age", at: 0 },
    }
}

fn dearmored(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    within("file", bytes.len() as u64, MOST_FILE)?;
    if bytes.starts_with(MARK) {
        return Ok(bytes.to_vec());
    }
    let mut binary = Vec::with_capacity(bytes.len());
    let mut reader = ArmoredReader::new(bytes.trim_ascii_start());
    reader.read_to_end(&mut binary).map_err(|_| ImportError::Malformed { what: "age", at: binary.len() as u64 })?;
    Ok(binary)
}

/// What is looked at before age reads a file.
struct Header {
    /// log2 of scrypt's N, which is affordable.
    work_factor: Option<u64>,
}

impl Header {
    fn look(binary: &[u8]) -> Result<Self, ImportError> {
        let mut header = Self { work_factor: None };
        let (mut stanzas, mut seen) = (0_u64, 0);
        for line in binary.split(|byte| *byte == b'\n') {
            seen += line.len() + 1;
            if line.starts_with(b"---") {
                return Ok(header);
            }
            if seen > MOST_HEADER {
                break;
            }
            let Some(stanza) = line.strip_prefix(b"-> ") else { continue };
            stanzas += 1;
            within("stanzas", stanzas, MOST_STANZAS)?;
            let mut words = stanza.split(|byte| *byte == b' ');
            if words.next() == Some(b"scrypt") {
                let log_n = words.nth(1).and_then(|word| std::str::from_utf8(word).ok()).and_then(|word| word.parse().ok());
                let log_n = log_n.ok_or(ImportError::Malformed { what: "scrypt", at: seen as u64 })?;
                header.work_factor = Some(affordable("scrypt", log_n, MOST_SCRYPT_LOG_N)?);
            }
        }
        within("header", seen as u64, MOST_HEADER as u64)?;
        Err(ImportError::Truncated { what: "age" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_factor_is_looked_at_before_scrypt_runs() {
        let unlock = Unlock { password: Some(SecretText::new("x".to_owned())), ..Unlock::default() };
        for (log_n, refused) in [("21", true), ("63", true), ("200", true)] {
            let text = format!("age-encryption.org/v1\n-> scrypt c2FsdHNhbHRzYWx0c2FsdA {log_n}\nYm9keQ\n--- bWFj\nxxxx");
            let (source, work) = (Source::file("a.age", text), Work::default());
            assert!(tells(&source));
            let result = read(&Reading { source: &source, unlock: &unlock, work: &work });
            assert_eq!(matches!(result, Err(ImportError::TooExpensive { what: "scrypt", .. })), refused, "{result:?}");
            assert_eq!(work.derivations(), 0);
        }
    }

    #[test]
    fn a_key_is_asked_for() {
        let text = "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n0123456789abcdefxxxxxxxxxxxxxxxxxxxx";
        let (source, work, unlock) = (Source::file("a.age", text), Work::default(), Unlock::default());
        let result = read(&Reading { source: &source, unlock: &unlock, work: &work });
        assert!(matches!(result, Err(ImportError::Locked { what: "identity" })), "{result:?}");
    }
}
