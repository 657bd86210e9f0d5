//! Ansible vault 1.1 and 1.2: a whole file, and the one that stands as a `!vault` value in YAML.
//!
//! The format is Ansible's `lib/ansible/parsing/vault/__init__.py`: a line `$ANSIBLE_VAULT;1.1;AES256` (1.2 adds an id), then
//! the hexadecimal of three lines of hexadecimal: salt, HMAC, ciphertext. PBKDF2-HMAC-SHA256 of 10 000 rounds gives 80 bytes:
//! the key of AES-256-CTR, that of HMAC-SHA256, the first counter. The HMAC over the ciphertext is checked before anything is
//! decrypted. 1.0 (`AES`, keys by MD5) is told, and not read.

use std::cell::Cell;

use aes::cipher::{KeyIvInit, StreamCipher};
use beffroi_secret::{SecretBytes, SecretText};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::formats::inside;
use crate::hex::{hex, unhex};
use crate::limits::{MOST_PBKDF2, MOST_TEXT, within};
use crate::{ImportError, Parsed, Reading, Source, Unlock, Work, decode};

/// What every one begins with.
pub(crate) const MARK: &str = "$ANSIBLE_VAULT;";
/// Rounds of its PBKDF2: the format has no field for them.
const ROUNDS: u32 = 10_000;
/// Vaults of one source, files and values.
const MOST_VAULTS: usize = 2_000;
/// Passwords that are tried.
const MOST_PASSWORDS: usize = 16;

type Cipher = ctr::Ctr128BE<aes::Aes256>;

/// A file that begins as one.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes).starts_with(MARK.as_bytes())
}

/// A file that is encrypted whole. What is inside is read as what it is.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of the password, [`ImportError::Unsupported`] for 1.0 and other ciphers,
/// those of what is inside.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let vaults = Vaults::new(reading.unlock, reading.work)?;
    let bytes = vaults.open(&text)?;
    let name = reading.source.name();
    // Parsed here.
    let variables = std::str::from_utf8(bytes.expose()).ok().map(|text| super::of_vault(&name, text, reading)).transpose()?.flatten();
    let mut parsed = match variables {
        Some(parsed) => parsed,
        None => inside::read(&name, bytes, reading)?,
    };
    parsed.notice("ansible-vault-rounds", "");
    Ok(parsed)
}

/// What opens the vaults of one source: the password, then whatever else is no key, in turn; the one that opened the last one
/// first.
pub(crate) struct Vaults<'a> {
    passwords: Vec<&'a str>,
    last: Cell<usize>,
    tried: Cell<usize>,
    opened: Cell<usize>,
    work: &'a Work,
}

impl<'a> Vaults<'a> {
    /// # Errors
    /// [`ImportError::TooLarge`] for too many passwords.
    pub(crate) fn new(unlock: &'a Unlock, work: &'a Work) -> Result<Self, ImportError> {
        // What PBKDF2 is given.
        let password = unlock.password.as_ref().map(|password| password.expose().as_str());
        // The text of a file of a password: its line, as `ansible-vault --vault-id dev@file` takes it.
        let others = unlock.identities.iter().map(|identity| identity.expose().trim()).filter(|text| !is_key(text));
        let passwords: Vec<&str> = password.into_iter().chain(others).filter(|text| !text.is_empty()).collect();
        within("vault-id", passwords.len() as u64, MOST_PASSWORDS as u64)?;
        Ok(Self { passwords, last: Cell::new(0), tried: Cell::new(0), opened: Cell::new(0), work })
    }

    /// Opens one.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) fn open(&self, text: &str) -> Result<SecretBytes, ImportError> {
        let vault = Vault::parse(text)?;
        if self.passwords.is_empty() {
            return Err(ImportError::Locked { what: "password" });
        }
        self.tried.set(self.tried.get() + 1);
        within("vaults", self.tried.get() as u64, MOST_VAULTS as u64)?;
        let first = self.last.get();
        let order = std::iter::once(first).chain((0..self.passwords.len()).filter(|at| *at != first));
        for at in order {
            let Some(password) = self.passwords.get(at) else { continue };
            self.work.derives("rounds", u64::from(ROUNDS), MOST_PBKDF2)?;
            if let Some(clear) = vault.open(password.as_bytes())? {
                self.last.set(at);
                self.opened.set(self.opened.get() + 1);
                return Ok(clear);
            }
        }
        Err(ImportError::Wrong { what: "password" })
    }

    /// Whether what was given opened none of those that were tried.
    pub(crate) fn all_closed(&self) -> bool {
        self.tried.get() > 0 && self.opened.get() == 0
    }
}

fn is_key(text: &str) -> bool {
    text.contains("-----BEGIN") || text.contains("AGE-SECRET-KEY-") || text.contains("AGE-PLUGIN-")
}

/// One, taken apart.
struct Vault {
    salt: Vec<u8>,
    mac: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Vault {
    fn parse(text: &str) -> Result<Self, ImportError> {
        within("vault", text.len() as u64, MOST_TEXT)?;
        let mut lines = text.trim().lines().map(str::trim);
        let header = lines.next().unwrap_or_default();
        let fields = header.strip_prefix(MARK).ok_or(ImportError::Malformed { what: "$ANSIBLE_VAULT", at: 1 })?;
        let mut fields = fields.split(';').map(str::trim);
        match (fields.next(), fields.next()) {
            (Some("1.1" | "1.2"), Some("AES256")) => {}
            _ => return Err(ImportError::Unsupported { what: format!("{MARK}…: {}", short(header)) }),
        }
        let malformed = ImportError::Malformed { what: "vaulttext", at: 2 };
        let body: String = lines.collect();
        let inner = unhex(body.as_bytes()).ok_or(malformed)?;
        let mut parts = inner.split(|byte| *byte == b'\n').map(unhex);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(salt)), Some(Some(mac)), Some(Some(ciphertext)), None) if mac.len() == 32 && !ciphertext.is_empty() => {
                Ok(Self { salt, mac, ciphertext })
            }
            (_, None, ..) | (.., None, None) => Err(ImportError::Truncated { what: "vaulttext" }),
            _ => Err(ImportError::Malformed { what: "vaulttext", at: 2 }),
        }
    }

    /// What is in it; none when the password is another one.
    fn open(&self, password: &[u8]) -> Result<Option<SecretBytes>, ImportError> {
        let keys = Keys::derive(password, &self.salt)?;
        if keys.mac(&self.ciphertext)?.verify_slice(&self.mac).is_err() {
            return Ok(None);
        }
        let mut clear = Zeroizing::new(self.ciphertext.clone());
        keys.cipher()?.apply_keystream(&mut clear);
        let padding = clear.last().copied().map_or(0, usize::from);
        let length = clear.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding));
        let Some((clear, padded)) = length.and_then(|length| clear.split_at_checked(length)) else {
            return Err(ImportError::Malformed { what: "PKCS#7", at: 0 });
        };
        if padded.iter().any(|byte| usize::from(*byte) != padding) {
            return Err(ImportError::Malformed { what: "PKCS#7", at: 0 });
        }
        Ok(Some(SecretBytes::new(clear.to_vec())))
    }
}

/// What comes of a password.
struct Keys(Zeroizing<[u8; 80]>);

impl Keys {
    fn derive(password: &[u8], salt: &[u8]) -> Result<Self, ImportError> {
        let mut keys = Zeroizing::new([0; 80]);
        pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, ROUNDS, keys.as_mut_slice()).map_err(|_| wrong_size())?;
        Ok(Self(keys))
    }

    fn mac(&self, ciphertext: &[u8]) -> Result<Hmac<Sha256>, ImportError> {
        let key = self.0.get(32..64).unwrap_or_default();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).map_err(|_| wrong_size())?;
        mac.update(ciphertext);
        Ok(mac)
    }

    fn cipher(&self) -> Result<Cipher, ImportError> {
        let (key, counter) = (self.0.get(..32).unwrap_or_default(), self.0.get(64..).unwrap_or_default());
        Cipher::new_from_slices(key, counter).map_err(|_| wrong_size())
    }
}

/// Lengths are fixed above: never.
fn wrong_size() -> ImportError {
    ImportError::Malformed { what: "vaulttext", at: 0 }
}

/// Encrypts a file as `ansible-vault encrypt` does: 1.1, or 1.2 when the vault has an id.
///
/// # Errors
/// [`ImportError::Malformed`] for an id that a header cannot hold.
pub fn seal(clear: &SecretBytes, password: &SecretText, id: Option<&str>, salt: &[u8; 32]) -> Result<Vec<u8>, ImportError> {
    if id.is_some_and(|id| id.is_empty() || id.contains(';') || id.chars().any(|next| next.is_whitespace() || next.is_control())) {
        return Err(ImportError::Malformed { what: "vault-id", at: 1 });
    }
    // Goes into the key, and nowhere else.
    let keys = Keys::derive(password.expose().as_bytes(), salt)?;
    // Encrypted in place.
    let clear = clear.expose();
    let padding = 16 - clear.len() % 16;
    let mut ciphertext = Vec::with_capacity(clear.len() + padding);
    ciphertext.extend_from_slice(clear);
    ciphertext.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or(16), padding));
    keys.cipher()?.apply_keystream(&mut ciphertext);
    let mac = keys.mac(&ciphertext)?.finalize().into_bytes();
    let body = hex(format!("{}\n{}\n{}", hex(salt), hex(&mac), hex(&ciphertext)).as_bytes());
    let header = id.map_or_else(|| format!("{MARK}1.1;AES256"), |id| format!("{MARK}1.2;AES256;{id}"));
    let mut lines = header.into_bytes();
    lines.push(b'\n');
    for line in body.as_bytes().chunks(80) {
        lines.extend_from_slice(line);
        lines.push(b'\n');
    }
    Ok(lines)
}

/// A header, as an error says it.
fn short(text: &str) -> String {
    text.chars().filter(|next| !next.is_control()).take(48).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlock(password: &str, others: &[&str]) -> Unlock {
        let text = |text: &str| SecretText::new(text.to_owned());
        Unlock { password: Some(text(password)), identities: others.iter().map(|other| text(other)).collect(), ..Unlock::default() }
    }

    fn sealed(clear: &str, password: &str, id: Option<&str>) -> String {
        let (clear, password) = (SecretBytes::new(clear.as_bytes().to_vec()), SecretText::new(password.to_owned()));
        String::from_utf8(seal(&clear, &password, id, &[7; 32]).expect("sealed")).expect("text")
    }

    #[test]
    fn what_is_sealed_opens_with_one_of_several_passwords() {
        let text = sealed("db_password: hunter2\n", "three", Some("prod"));
        assert!(text.starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n") && text.lines().all(|line| line.len() <= 80));
        let (unlock, work) = (unlock("one", &["two\n", "-----BEGIN OPENSSH PRIVATE KEY-----", "three\n"]), Work::default());
        let vaults = Vaults::new(&unlock, &work).expect("vaults");
        assert_eq!(vaults.open(&text).expect("open").expose(), b"db_password: hunter2\n");
        assert_eq!(work.derivations(), 3);
        // The one that opened the last one comes first, and the body may be indented, as in YAML.
        vaults.open(&text.replace('\n', "\n    ")).expect("open");
        assert_eq!(work.derivations(), 4);
    }

    #[test]
    fn a_wrong_password_and_a_changed_byte_are_alike() {
        let text = sealed("x", "right", None);
        let (wrong, right, work) = (unlock("wrong", &[]), unlock("right", &[]), Work::default());
        assert!(matches!(Vaults::new(&wrong, &work).expect("vaults").open(&text), Err(ImportError::Wrong { what: "password" })));
        let mut changed: Vec<char> = text.chars().collect();
        let at = changed.len() - 2;
        changed[at] = if changed[at] == '1' { '2' } else { '1' };
        let changed: String = changed.into_iter().collect();
        assert!(Vaults::new(&right, &work).expect("vaults").open(&changed).is_err());
    }

    #[test]
    fn versions_that_are_not_read_are_told_before_anything_is_derived() {
        let (unlock, work) = (unlock("x", &[]), Work::default());
        let vaults = Vaults::new(&unlock, &work).expect("vaults");
        for header in ["$ANSIBLE_VAULT;1.0;AES", "$ANSIBLE_VAULT;1.1;AES", "$ANSIBLE_VAULT;9.9;AES256"] {
            assert!(matches!(vaults.open(&format!("{header}\n6161\n")), Err(ImportError::Unsupported { .. })), "{header}");
        }
        for body in ["", "zz", "616", "616161", "61610a6262"] {
            assert!(vaults.open(&format!("$ANSIBLE_VAULT;1.1;AES256\n{body}\n")).is_err(), "{body}");
        }
        assert_eq!(work.derivations(), 0);
    }
}
