//! Private keys: of OpenSSH (`PROTOCOL.key`), in PEM, of PuTTY; encrypted or not.
//!
//! Whatever it came as, a key is stored as OpenSSH writes it and without its passphrase: the vault seals it, and `ssh` as well as
//! everything here reads it then. That it was encrypted is told. A key on a FIDO token is not in its file, and is refused.

pub(crate) mod der;
pub(crate) mod pbe;
pub(crate) mod pem;
mod ppk;

use base64::Engine as _;
use beffroi_secret::{SecretBytes, SecretText};
use ssh_key::private::KeypairData;
use ssh_key::{Algorithm, Certificate, LineEnding, PrivateKey, PublicKey};

use crate::limits::{MOST_BCRYPT, MOST_VALUE, affordable, within};
use crate::{Attachment, Entry, Field, ImportError, Kind, Parsed, Reading, Source, Unlock, Work, decode};

/// Keys that are derived for one file or folder.
const MOST_DERIVATIONS: u64 = 100;
const OPENSSH: &str = "OPENSSH PRIVATE KEY";
/// Below it an RSA key is no longer what is made today (NIST SP 800-57 part 1, table 2).
const LEAST_RSA: u32 = 3072;

/// A key that was opened.
pub(crate) struct Opened {
    key: PrivateKey,
    was_encrypted: bool,
    weak: Option<Weakness>,
}

/// How badly a key was encrypted in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// By a key that one MD5 made.
    Md5,
    /// By DES, RC2, or a derivation that is no longer used.
    OldEncryption,
}

/// By the first line of the data: a private key without a certificate beside it.
pub fn tells(source: &Source) -> bool {
    let Source::File { bytes, .. } = source else { return false };
    // Looks at the armour only.
    is_key(bytes.expose())
}

/// Whether these bytes are a private key, and no certificate with it.
pub(crate) fn is_key(bytes: &[u8]) -> bool {
    let Ok(text) = decode(bytes) else { return false };
    let text = text.trim_start();
    text.starts_with(ppk::START) || (is_pem(text) && text.contains("PRIVATE KEY-----") && !text.contains("-----BEGIN CERTIFICATE-----"))
}

/// Whether a text is PEM from its start, not something that has PEM in it. OpenSSL writes what it knows of a key before it.
pub(crate) fn is_pem(text: &str) -> bool {
    ["-----BEGIN ", "Bag Attributes", "Certificate:", "subject="].iter().any(|start| text.starts_with(start))
        && text.contains("-----BEGIN ")
}

/// The keys of a file, one entry each.
///
/// # Errors
/// [`ImportError::Locked`] for one that needs a passphrase, [`ImportError::Wrong`], [`ImportError::TooExpensive`] before it is derived,
/// [`ImportError::Altered`] when what protects it does not match, [`ImportError::Malformed`], [`ImportError::Truncated`],
/// [`ImportError::Unsupported`] for a kind that is not read.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = Parsed::default();
    take(reading.source.bytes()?, &reading.source.name(), reading.unlock, reading.work, &mut parsed)?;
    Ok(parsed)
}

/// Reads the keys of a file, whose path is their origin.
pub(crate) fn take(bytes: &[u8], origin: &str, unlock: &Unlock, work: &Work, parsed: &mut Parsed) -> Result<(), ImportError> {
    within("key", bytes.len() as u64, 4 * MOST_VALUE as u64)?;
    let text = decode(bytes)?;
    if text.trim_start().starts_with(ppk::START) {
        let opened = ppk::read(text.trim_start(), unlock, work)?;
        return add(opened, origin, parsed);
    }
    let blocks = pem::blocks(&text)?;
    let keys: Vec<_> = blocks.iter().filter(|block| block.label == OPENSSH || pem::is_key(block.label)).collect();
    if keys.is_empty() {
        return Err(ImportError::Unsupported { what: blocks.first().map_or("PEM", |block| block.label).to_owned() });
    }
    for (number, block) in keys.iter().enumerate() {
        // No path has two strokes: none is the origin of two.
        let origin = if keys.len() == 1 { origin.to_owned() } else { format!("{origin}//{}", number + 1) };
        let opened = if block.label == OPENSSH { openssh(block, unlock, work)? } else { Some(pem::read(block, unlock, work)?) };
        match opened {
            Some(opened) => add(opened, &origin, parsed)?,
            None => parsed.refuse(origin, "fido-key"),
        }
    }
    Ok(())
}

/// A key in the format of OpenSSH. None for one that is on a token.
fn openssh(block: &pem::Block<'_>, unlock: &Unlock, work: &Work) -> Result<Option<Opened>, ImportError> {
    let malformed = |_| ImportError::Malformed { what: "openssh-key-v1", at: 0 };
    let key = PrivateKey::from_bytes(&block.bytes).map_err(|error| match error {
        ssh_key::Error::PublicKey => ImportError::Altered { what: "public key" },
        error => malformed(error),
    })?;
    if matches!(key.public_key().algorithm(), Algorithm::SkEcdsaSha2NistP256 | Algorithm::SkEd25519) {
        return Ok(None);
    }
    if !key.is_encrypted() {
        return Ok(Some(Opened { key, was_encrypted: false, weak: None }));
    }
    let rounds = match key.kdf() {
        ssh_key::Kdf::Bcrypt { rounds, .. } => affordable("rounds", u64::from(*rounds), MOST_BCRYPT)?,
        _ => 0,
    };
    let password = password(unlock, work)?;
    work.derives("rounds", rounds, MOST_BCRYPT)?;
    // Only into the derivation.
    let opened = key.decrypt(password.expose().as_bytes()).map_err(|error| match error {
        ssh_key::Error::PublicKey => ImportError::Altered { what: "public key" },
        _ => ImportError::Wrong { what: "password" },
    })?;
    Ok(Some(Opened { key: opened, was_encrypted: true, weak: None }))
}

fn add(opened: Opened, origin: &str, parsed: &mut Parsed) -> Result<(), ImportError> {
    let Opened { key, was_encrypted, weak } = opened;
    let unsupported = || ImportError::Unsupported { what: key.algorithm().to_string() };
    match key.key_data() {
        KeypairData::Rsa(pair) if pair.key_size() < LEAST_RSA => parsed.notice("short-rsa", origin),
        KeypairData::Dsa(_) => parsed.notice("dsa-key", origin),
        KeypairData::Rsa(_) | KeypairData::Ecdsa(_) | KeypairData::Ed25519(_) => {}
        _ => return Err(unsupported()),
    }
    match weak {
        Some(Weakness::Md5) => parsed.notice("md5-passphrase", origin),
        Some(Weakness::OldEncryption) => parsed.notice("weak-encryption", origin),
        None => {}
    }
    if was_encrypted {
        parsed.notice("passphrase-dropped", origin);
    }
    let text = key.to_openssh(LineEnding::LF).map_err(|_| unsupported())?;
    let public = key.public_key().to_openssh().map_err(|_| unsupported())?;
    within("key", text.len() as u64, MOST_VALUE as u64)?;
    let path = origin.split("//").next().unwrap_or(origin);
    let name = path.rsplit('/').next().unwrap_or(path);
    parsed.entries.push(Entry {
        origin: origin.to_owned(),
        title: name.to_owned(),
        kind: Kind::PrivateKey,
        value: Some(SecretText::new(text.to_string())),
        fields: vec![Field { name: PUBLIC.to_owned(), value: SecretText::new(public), hidden: false }],
        ..Entry::default()
    });
    Ok(())
}

/// The password, as long as not too much was derived from it.
pub(crate) fn password<'a>(unlock: &'a Unlock, work: &Work) -> Result<&'a SecretText, ImportError> {
    let password = unlock.password.as_ref().ok_or(ImportError::Locked { what: "password" })?;
    affordable("keys", work.derivations() + 1, MOST_DERIVATIONS)?;
    Ok(password)
}

/// The field of a key's public half, as `id_….pub` has it.
pub(crate) const PUBLIC: &str = "public-key";

/// The public half of an entry that was read here.
fn public_half(entry: &Entry) -> Option<PublicKey> {
    let field = entry.fields.iter().find(|field| field.name == PUBLIC)?;
    // Its public half.
    PublicKey::from_openssh(field.value.expose()).ok()
}

/// What a public file beside a key is to it.
pub(crate) enum Beside {
    /// Its public half.
    Public,
    /// A certificate of it, attached.
    Certificate,
    /// Of another key.
    Other,
    /// None of these.
    Neither,
}

/// Joins a `.pub` file to the key that it stands beside.
pub(crate) fn join(entry: &mut Entry, name: &str, bytes: &SecretBytes) -> Beside {
    // Public: a key or a certificate.
    let Ok(text) = decode(bytes.expose()) else { return Beside::Neither };
    let Some(own) = public_half(entry) else { return Beside::Neither };
    if let Ok(public) = PublicKey::from_openssh(text.trim()) {
        return if public.key_data() == own.key_data() { Beside::Public } else { Beside::Other };
    }
    let Ok(certificate) = Certificate::from_openssh(text.trim()) else { return Beside::Neither };
    if certificate.public_key() != own.key_data() {
        return Beside::Other;
    }
    entry.expires_ms = Some(certificate.valid_before()).filter(|until| *until < u64::from(u32::MAX) * 8).map(|until| until * 1000);
    entry.attachments.push(Attachment { name: name.to_owned(), bytes: SecretBytes::new(bytes.expose().clone()) });
    Beside::Certificate
}

/// How a key is refused, when the rest of a folder is taken.
pub(crate) fn reason(error: &ImportError) -> &'static str {
    match error {
        ImportError::Locked { .. } => "locked",
        ImportError::Wrong { .. } => "wrong-password",
        ImportError::TooExpensive { .. } => "too-expensive",
        ImportError::TooLarge { .. } => "too-large",
        ImportError::Altered { .. } => "altered",
        ImportError::Unsupported { .. } => "unsupported-key",
        _ => "not-readable",
    }
}

/// Whether these bytes are base64 of a public key of this algorithm.
pub(crate) fn is_public(algorithm: &str, encoded: &str) -> bool {
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(encoded) else { return false };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return false };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    rest.get(..length).is_some_and(|name| name == algorithm.as_bytes()) && rest.len() > length
}
