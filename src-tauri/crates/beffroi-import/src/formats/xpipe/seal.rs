//! What opens the secrets of a vault.
//!
//! A sealed text is `{"type": …, "encryptedValue": …}`: Base64, with `-` for `/` and `_` for `+`, of a nonce of 12 bytes, the ciphertext and
//! its tag of 16 in AES-GCM (`core/…/AesSecretValue.java`, `SecretValue.java`). By its type its key is
//! - `vault`: of `vaultkey`. Of its two lines, a UUID and a salt in Base64, Argon2id 1.3 with 12 MiB, 3 passes and one lane makes 32 bytes;
//!   of an older one, a UUID in Base64, PBKDF2-HMAC-SHA256 of 8,192 rounds with a salt that `java.util.Random(128)` gives makes 16
//!   (`app/…/EncryptionKey.java`, `DataStorageVaultKey.java`).
//! - `default`: one that is in the program, PBKDF2 with 2,048 rounds and the same salt, which hides nothing
//!   (`core/…/InPlaceSecretValue.java`).
//! - `locked`: of a user of the vault, in a way that is not public.
//!
//! What is sealed as a whole is `{"secret": …, "encryptedToken": {"token": …}}` around it; a token that the vault's key opens says
//! `xpipe` (`app/…/DataStorageSecret.java`, `EncryptionToken.java`).

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit, aead::Tag};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::SecretBytes;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::json::{self, Tree};
use crate::limits::{MOST_ARGON2_WORK, MOST_PBKDF2, MOST_VALUE};
use crate::{ImportError, Work};

/// What the program has built in for its own key: `X`, `P`, and `E` moved up by a bit, as UTF-8.
const BUILT_IN: &[u8] = b"XP\xc2\x8a";
/// Its rounds, and those of an older vault.
const BUILT_IN_ROUNDS: u32 = 2_048;
const OLD_ROUNDS: u32 = 8_192;
/// Memory in KiB, passes and lanes of a vault of today.
const ARGON2: (u32, u32, u32) = (12_288, 3, 1);
/// What a seed of `java.util.Random` is mixed with, what it is multiplied by, and what is added; of 48 bits each.
const MIX: u64 = 0x5_DEEC_E66D;
const ADD: u64 = 0xb;
const BITS: u64 = (1 << 48) - 1;

/// The keys of a vault.
pub(super) struct Keys {
    vault: Option<Zeroizing<Vec<u8>>>,
    built_in: Option<Zeroizing<Vec<u8>>>,
}

/// Why something does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is sealed for a user of the vault.
    User,
    /// There is no `vaultkey`.
    NoKey,
    /// It is damaged, or of another vault.
    Damaged,
}

impl Why {
    /// The word of it in what is told.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::User => "xpipe-user",
            Self::NoKey => "xpipe-vaultkey",
            Self::Damaged => "damaged",
        }
    }
}

impl Keys {
    /// No key of the vault: what is not sealed is read all the same.
    pub(super) const fn none() -> Self {
        Self { vault: None, built_in: None }
    }

    /// The key that a `vaultkey` makes.
    ///
    /// # Errors
    /// [`ImportError::Malformed`].
    pub(super) fn of(text: &str, work: &Work) -> Result<Self, ImportError> {
        let malformed = || ImportError::Malformed { what: "vaultkey", at: 1 };
        let mut lines = text.lines();
        let id = lines.next().filter(|id| (1..=1_024).contains(&id.len())).ok_or_else(malformed)?;
        let key = if let Some(salt) = lines.next() {
            let salt = STANDARD.decode(salt.trim()).ok().filter(|salt| (8..=1_024).contains(&salt.len())).ok_or_else(malformed)?;
            let (memory, passes, lanes) = ARGON2;
            let mut key = Zeroizing::new(vec![0; 32]);
            let parameters = Params::new(memory, passes, lanes, Some(32)).map_err(|_| malformed())?;
            work.derives("vaultkey", u64::from(passes) * u64::from(memory), MOST_ARGON2_WORK)?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
            argon2.hash_password_into(id.as_bytes(), &salt, &mut key).map_err(|_| malformed())?;
            key
        } else {
            let id = Zeroizing::new(STANDARD.decode(id.trim()).map_err(|_| malformed())?);
            old(&id, OLD_ROUNDS, work)?
        };
        Ok(Self { vault: Some(key), built_in: None })
    }

    /// A node that may be sealed as a whole: what is in it.
    pub(super) fn node(&mut self, node: Tree, work: &Work) -> Result<Tree, Why> {
        if is_sealed(&node) { self.inside(&node, work) } else { Ok(node) }
    }

    /// The same for one that stays where it is.
    pub(super) fn node_of(&mut self, node: &Tree, work: &Work) -> Result<Tree, Why> {
        if is_sealed(node) {
            return self.inside(node, work);
        }
        json::from_text(&node.to_json()).map_err(|_| Why::Damaged)
    }

    fn inside(&mut self, node: &Tree, work: &Work) -> Result<Tree, Why> {
        let token = node.member("encryptedToken").and_then(|token| token.member("token"));
        if let Some(Tree::Text(token)) = token
            && let Some(key) = &self.vault
            && open(key, token).is_none_or(|clear| clear.as_slice() != b"xpipe")
        {
            return Err(Why::User);
        }
        let clear = self.value(node.member("secret").unwrap_or(node), work)?;
        // Parsed here.
        let text = std::str::from_utf8(clear.expose()).map_err(|_| Why::Damaged)?;
        json::from_text(text).map_err(|_| Why::Damaged)
    }

    /// A sealed text.
    pub(super) fn value(&mut self, value: &Tree, work: &Work) -> Result<SecretBytes, Why> {
        let Some(Tree::Text(sealed)) = value.member("encryptedValue") else { return Err(Why::Damaged) };
        let kind = match value.member("type") {
            Some(Tree::Text(kind)) => kind.as_str(),
            _ => "",
        };
        let key = match kind {
            "locked" => return Err(Why::User),
            "vault" => self.vault.as_ref().ok_or(Why::NoKey)?,
            "default" => {
                if self.built_in.is_none() {
                    self.built_in = Some(old(BUILT_IN, BUILT_IN_ROUNDS, work).map_err(|_| Why::Damaged)?);
                }
                self.built_in.as_ref().ok_or(Why::Damaged)?
            }
            _ => return Err(Why::Damaged),
        };
        open(key, sealed).map(|clear| SecretBytes::new(clear.to_vec())).ok_or(Why::Damaged)
    }
}

fn is_sealed(node: &Tree) -> bool {
    node.member("encryptedValue").is_some() || node.member("secret").is_some_and(|secret| secret.member("encryptedValue").is_some())
}

fn open(key: &[u8], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(sealed.replace('_', "+").replace('-', "/")).ok().filter(|bytes| bytes.len() <= 2 * MOST_VALUE)?;
    let (nonce, rest) = bytes.split_at_checked(12)?;
    let (sealed, tag) = rest.split_at_checked(rest.len().checked_sub(16)?)?;
    let (nonce, tag): ([u8; 12], [u8; 16]) = (nonce.try_into().ok()?, tag.try_into().ok()?);
    let mut clear = Zeroizing::new(sealed.to_vec());
    let into = clear.as_mut_slice().into();
    if key.len() == 16 {
        Aes128Gcm::new_from_slice(key).ok()?.decrypt_inout_detached(&nonce.into(), b"", into, &Tag::<Aes128Gcm>::from(tag)).ok()?;
    } else {
        Aes256Gcm::new_from_slice(key).ok()?.decrypt_inout_detached(&nonce.into(), b"", into, &Tag::<Aes256Gcm>::from(tag)).ok()?;
    }
    Some(clear)
}

/// A key of 16 bytes, with the salt that is the same for everybody.
fn old(password: &[u8], rounds: u32, work: &Work) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut key = Zeroizing::new(vec![0; 16]);
    work.derives("vaultkey", u64::from(rounds), MOST_PBKDF2)?;
    pbkdf2::pbkdf2_hmac::<Sha256>(password, &salt(), rounds, &mut key);
    Ok(key)
}

/// The 16 bytes that `new java.util.Random(128).nextBytes` gives: four numbers of 32 bits, the lowest byte first.
fn salt() -> [u8; 16] {
    let mut seed = (128 ^ MIX) & BITS;
    let mut salt = [0; 16];
    for piece in salt.chunks_exact_mut(4) {
        seed = seed.wrapping_mul(MIX).wrapping_add(ADD) & BITS;
        let [.., a, b, c, d] = (seed >> 16).to_be_bytes();
        piece.copy_from_slice(&[d, c, b, a]);
    }
    salt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn the_salt_and_the_old_keys_are_what_java_gives() {
        // `new java.util.Random(128).nextBytes(new byte[16])`, and `PBEKeySpec` with `PBKDF2WithHmacSHA256`, of OpenJDK.
        assert_eq!(hex(&salt()), "d32a10be3d813365dd50f289ee06f510");
        let work = Work::default();
        assert_eq!(hex(&old(BUILT_IN, BUILT_IN_ROUNDS, &work).expect("derived")), "ac890c8eaa4b796319e665de883b4ba7");
        let keys = Keys::of(&STANDARD.encode("9b1f8a52-0d8e-4f7a-9f43-1f0a2c6b7d11"), &work).expect("an old one");
        assert_eq!(keys.vault.map(|key| hex(&key)).as_deref(), Some("5aad38b9699acff582827a7f86ee963f"));
    }

    #[test]
    fn a_vaultkey_that_is_none_costs_nothing() {
        let work = Work::default();
        for text in ["", "\n", "not base64!", "id\nnot base64!", "id\nAAAA", &"x".repeat(2_000)] {
            assert!(matches!(Keys::of(text, &work), Err(ImportError::Malformed { what: "vaultkey", .. })), "{text}");
        }
        assert_eq!(work.derivations(), 0);
    }
}
