//! PuTTY's private keys, versions 2 and 3 (the PuTTY manual, appendix C). The MAC covers the public half and the comment as well, and is
//! checked before anything of the key is read.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use argon2::{Algorithm as Variant, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::SecretText;
use hmac::digest::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use ssh_key::private::{DsaKeypair, DsaPrivateKey, Ed25519Keypair, KeypairData, RsaKeypair, RsaPrivateKey};
use ssh_key::public::KeyData;
use ssh_key::{Mpint, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use super::{Opened, password, pem};
use crate::hex::unhex;
use crate::limits::{MOST_ARGON2_KIB, MOST_ARGON2_LANES, MOST_ARGON2_WORK, MOST_PBKDF2, MOST_VALUE, affordable, within};
use crate::{ImportError, Unlock, Work};

/// Before the number of the version.
pub(super) const START: &str = "PuTTY-User-Key-File-";

/// What a file says, not yet believed.
#[derive(Default)]
struct File<'a> {
    version: u8,
    algorithm: &'a str,
    encryption: &'a str,
    comment: &'a str,
    public: Vec<u8>,
    private: Zeroizing<Vec<u8>>,
    derivation: &'a str,
    memory: Option<&'a str>,
    passes: Option<&'a str>,
    parallelism: Option<&'a str>,
    salt: &'a str,
    mac: &'a str,
}

/// What is made of a passphrase.
struct Keys {
    cipher: Zeroizing<Vec<u8>>,
    iv: Zeroizing<Vec<u8>>,
    mac: Zeroizing<Vec<u8>>,
}

pub(super) fn read(text: &str, unlock: &Unlock, work: &Work) -> Result<Opened, ImportError> {
    let mut file = parse(text)?;
    let encrypted = match file.encryption {
        "none" => false,
        "aes256-cbc" => true,
        _ => return Err(ImportError::Unsupported { what: "Encryption".to_owned() }),
    };
    let keys = keys(&file, encrypted, unlock, work)?;
    if encrypted {
        let refused = |_| ImportError::Malformed { what: "Private-Lines", at: 0 };
        let decryptor = cbc::Decryptor::<aes::Aes256>::new_from_slices(&keys.cipher, &keys.iv)
            .map_err(|_| ImportError::Malformed { what: "Key-Derivation", at: 0 })?;
        decryptor.decrypt_padded::<NoPadding>(&mut file.private).map_err(refused)?;
    }
    check(&file, &keys.mac, encrypted)?;
    let key = keypair(&file)?;
    let mut key = PrivateKey::try_from(key).map_err(|_| ImportError::Malformed { what: "Private-Lines", at: 0 })?;
    key.set_comment(file.comment);
    Ok(Opened { key, was_encrypted: encrypted, weak: None })
}

fn parse(text: &str) -> Result<File<'_>, ImportError> {
    let mut file = File::default();
    let mut lines = (1_u64..).zip(text.lines());
    while let Some((at, line)) = lines.next() {
        let malformed = |what| ImportError::Malformed { what, at };
        if line.is_empty() {
            continue;
        }
        let (name, value) =
            line.split_once(": ").or_else(|| line.strip_suffix(':').map(|name| (name, ""))).ok_or_else(|| malformed("PPK"))?;
        match name {
            _ if at == 1 => {
                file.version = match name.strip_prefix(START) {
                    Some("2") => 2,
                    Some("3") => 3,
                    _ => return Err(ImportError::Unsupported { what: "PuTTY-User-Key-File".to_owned() }),
                };
                file.algorithm = value;
            }
            "Encryption" => file.encryption = value,
            "Comment" => file.comment = value,
            "Key-Derivation" => file.derivation = value,
            "Argon2-Memory" => file.memory = Some(value),
            "Argon2-Passes" => file.passes = Some(value),
            "Argon2-Parallelism" => file.parallelism = Some(value),
            "Argon2-Salt" => file.salt = value,
            "Private-MAC" => file.mac = value,
            "Public-Lines" | "Private-Lines" => {
                let (what, public) = if name == "Public-Lines" { ("Public-Lines", true) } else { ("Private-Lines", false) };
                let count: u64 = value.parse().map_err(|_| malformed(what))?;
                within(what, count, MOST_VALUE as u64 / 64)?;
                let mut packed = Zeroizing::new(String::with_capacity(text.len()));
                for _ in 0..count {
                    packed.push_str(lines.next().ok_or(ImportError::Truncated { what })?.1.trim_end());
                }
                let bytes = STANDARD.decode(packed.as_bytes()).map_err(|_| malformed(what))?;
                if public {
                    file.public = bytes;
                } else {
                    file.private = Zeroizing::new(bytes);
                }
            }
            _ => return Err(malformed("PPK")),
        }
    }
    if file.mac.is_empty() {
        return Err(ImportError::Truncated { what: "PPK" });
    }
    Ok(file)
}

fn keys(file: &File<'_>, encrypted: bool, unlock: &Unlock, work: &Work) -> Result<Keys, ImportError> {
    let of = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    if file.version == 3 {
        if !encrypted {
            return Ok(Keys { cipher: of(&[]), iv: of(&[]), mac: of(&[]) });
        }
        let argon2 = argon2(file)?;
        let salt = unhex(file.salt.as_bytes()).ok_or(ImportError::Malformed { what: "Argon2-Salt", at: 0 })?;
        let secret = password(unlock, work)?;
        let params = argon2.params();
        work.derives("Argon2-Passes", u64::from(params.t_cost()).saturating_mul(u64::from(params.m_cost())), MOST_ARGON2_WORK)?;
        let mut derived = Zeroizing::new([0_u8; 80]);
        // Only into the derivation.
        let made = argon2.hash_password_into(secret.expose().as_bytes(), &salt, derived.as_mut_slice());
        made.map_err(|_| ImportError::Malformed { what: "Key-Derivation", at: 0 })?;
        let (cipher, rest) = derived.split_at(32);
        let (iv, mac) = rest.split_at(16);
        return Ok(Keys { cipher: of(cipher), iv: of(iv), mac: of(mac) });
    }
    let nothing = SecretText::new(String::new());
    let secret = if encrypted { password(unlock, work)? } else { &nothing };
    if encrypted {
        // Two SHA-1.
        work.derives("Private-MAC", 1, MOST_PBKDF2)?;
    }
    // Only into the hashes.
    let text = secret.expose().as_bytes();
    let half = |count: u8| Zeroizing::new(Sha1::new_with_prefix([0, 0, 0, count]).chain_update(text).finalize().to_vec());
    let mut cipher = Zeroizing::new(Vec::with_capacity(40));
    cipher.extend_from_slice(&half(0));
    cipher.extend_from_slice(&half(1));
    cipher.truncate(32);
    let mac = Sha1::new_with_prefix(b"putty-private-key-file-mac-key").chain_update(text).finalize();
    Ok(Keys { cipher, iv: of(&[0; 16]), mac: of(&mac) })
}

fn argon2(file: &File<'_>) -> Result<Argon2<'static>, ImportError> {
    let variant = match file.derivation {
        "Argon2id" => Variant::Argon2id,
        "Argon2i" => Variant::Argon2i,
        "Argon2d" => Variant::Argon2d,
        _ => return Err(ImportError::Unsupported { what: "Key-Derivation".to_owned() }),
    };
    let number = |text: Option<&str>, what| text.and_then(|text| text.parse::<u64>().ok()).ok_or(ImportError::Malformed { what, at: 0 });
    let memory = affordable("Argon2-Memory", number(file.memory, "Argon2-Memory")?, MOST_ARGON2_KIB)?;
    let passes = number(file.passes, "Argon2-Passes")?;
    affordable("Argon2-Passes", passes.saturating_mul(memory), MOST_ARGON2_WORK)?;
    let lanes = affordable("Argon2-Parallelism", number(file.parallelism, "Argon2-Parallelism")?, MOST_ARGON2_LANES)?;
    let narrow = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let params = Params::new(narrow(memory), narrow(passes), narrow(lanes), Some(80));
    Ok(Argon2::new(variant, Version::V0x13, params.map_err(|_| ImportError::Malformed { what: "Key-Derivation", at: 0 })?))
}

fn check(file: &File<'_>, key: &[u8], encrypted: bool) -> Result<(), ImportError> {
    let mut covered = Zeroizing::new(Vec::with_capacity(file.public.len() + file.private.len() + file.comment.len() + 128));
    for part in [file.algorithm.as_bytes(), file.encryption.as_bytes(), file.comment.as_bytes(), &file.public, &file.private] {
        covered.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        covered.extend_from_slice(part);
    }
    let said = unhex(file.mac.as_bytes()).ok_or(ImportError::Malformed { what: "Private-MAC", at: 0 })?;
    let refused = |_| ImportError::Malformed { what: "Private-MAC", at: 0 };
    let same = if file.version == 3 {
        Hmac::<Sha256>::new_from_slice(key).map_err(refused)?.chain_update(&covered).verify_slice(&said).is_ok()
    } else {
        Hmac::<Sha1>::new_from_slice(key).map_err(refused)?.chain_update(&covered).verify_slice(&said).is_ok()
    };
    match (same, encrypted) {
        (true, _) => Ok(()),
        // Its key comes from the passphrase: one that is wrong and a file that was changed look alike.
        (false, true) => Err(ImportError::Wrong { what: "password" }),
        (false, false) => Err(ImportError::Altered { what: "Private-MAC" }),
    }
}

/// A number with its length before it, as SSH writes them (RFC 4251, 5).
fn number<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], ImportError> {
    let truncated = ImportError::Truncated { what: "Private-Lines" };
    let Some((length, after)) = rest.split_first_chunk::<4>() else { return Err(truncated) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > after.len() {
        return Err(truncated);
    }
    let (number, after) = after.split_at(length);
    *rest = after;
    Ok(number)
}

fn keypair(file: &File<'_>) -> Result<KeypairData, ImportError> {
    let public = PublicKey::from_bytes(&file.public).map_err(|_| ImportError::Malformed { what: "Public-Lines", at: 0 })?;
    if public.algorithm().as_str() != file.algorithm {
        return Err(ImportError::Malformed { what: "Public-Lines", at: 0 });
    }
    let malformed = || ImportError::Malformed { what: "Private-Lines", at: 0 };
    let mut rest = file.private.as_slice();
    let mpint = |rest: &mut &[u8]| Ok::<_, ImportError>(Mpint::from_positive_bytes(number(rest)?));
    match public.key_data() {
        KeyData::Rsa(public) => {
            let (d, p, q, iqmp) = (mpint(&mut rest)?, mpint(&mut rest)?, mpint(&mut rest)?, mpint(&mut rest)?);
            let private = RsaPrivateKey::new(d, iqmp, p, q).map_err(|_| malformed())?;
            Ok(KeypairData::Rsa(RsaKeypair::new(public.clone(), private).map_err(|_| malformed())?))
        }
        KeyData::Dsa(public) => {
            let private = DsaPrivateKey::new(mpint(&mut rest)?).map_err(|_| malformed())?;
            Ok(KeypairData::Dsa(DsaKeypair::new(public.clone(), private).map_err(|_| malformed())?))
        }
        KeyData::Ecdsa(public) => pem::ecdsa(public.curve(), number(&mut rest)?, Some(public.as_sec1_bytes())),
        KeyData::Ed25519(public) => {
            // The seed as a number whose smallest byte is the first: the zeros at its end are not written.
            let digits = number(&mut rest)?;
            let mut seed = Zeroizing::new([0_u8; 32]);
            seed.get_mut(..digits.len()).ok_or_else(malformed)?.copy_from_slice(digits);
            let pair = Ed25519Keypair::from_seed(&seed);
            if pair.public == *public { Ok(KeypairData::Ed25519(pair)) } else { Err(ImportError::Altered { what: "Public-Lines" }) }
        }
        _ => Err(ImportError::Unsupported { what: public.algorithm().to_string() }),
    }
}
