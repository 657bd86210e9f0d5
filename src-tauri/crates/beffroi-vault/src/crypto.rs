//! The primitives, bound to this crate's sizes: AEAD, HMAC, HKDF, SHA-256. `make_` is random, `derive_` is not.

use beffroi_domain::VaultId;
use beffroi_secret::{SecretBytes, SecretKey};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 24;
/// Bytes that the AEAD adds.
pub(crate) const TAG: usize = 16;
/// Bytes of a wrapped key.
pub(crate) const WRAPPED: usize = 32 + TAG;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomness;

/// The bytes were not sealed under this key, or with other associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// Draws bytes that are not secret: a nonce, a salt.
pub(crate) fn make_public<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Draws a key.
pub(crate) fn make_key() -> Result<SecretKey, NoRandomness> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(SecretKey::new(*bytes))
}

/// HKDF-SHA256 (RFC 5869) to 32 bytes, salted with the vault id.
pub(crate) fn derive_key(vault: VaultId, material: &SecretKey, info: &[u8]) -> SecretKey {
    // exposed to HKDF, which derives from it and keeps nothing
    derive_from(vault, material.expose(), info)
}

/// [`derive_key`] from two secrets, one after the other.
pub(crate) fn derive_joint_key(vault: VaultId, first: &SecretKey, second: &SecretKey, info: &[u8]) -> SecretKey {
    let mut both = Zeroizing::new([0; 64]);
    let (start, end) = both.split_at_mut(32);
    // exposed to HKDF, through a buffer that is wiped
    start.copy_from_slice(first.expose());
    end.copy_from_slice(second.expose());
    derive_from(vault, both.as_slice(), info)
}

fn derive_from(vault: VaultId, material: &[u8], info: &[u8]) -> SecretKey {
    let mut output = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::new(Some(vault.as_bytes()), material);
    let expanded = hkdf.expand(info, output.as_mut_slice());
    debug_assert!(expanded.is_ok(), "32 bytes are below the limit of HKDF, 255 × 32");
    SecretKey::new(*output)
}

fn hmac(key: &SecretKey, parts: &[&[u8]]) -> Hmac<Sha256> {
    // RFC 2104: a key shorter than the block of 64 bytes is padded with zeros.
    let mut block = Zeroizing::new([0; 64]);
    let (start, _) = block.split_at_mut(32);
    // exposed to HMAC, through a block that is wiped
    start.copy_from_slice(key.expose());
    let mac = Hmac::<Sha256>::new((&*block).into());
    parts.iter().fold(mac, |mac, part| mac.chain_update(part))
}

/// HMAC-SHA256 (RFC 2104) of the parts, one after the other.
pub(crate) fn derive_mac(key: &SecretKey, parts: &[&[u8]]) -> [u8; 32] {
    hmac(key, parts).finalize().into_bytes().into()
}

/// Compares with [`derive_mac`] in constant time.
pub(crate) fn check_mac(key: &SecretKey, parts: &[&[u8]], mac: &[u8]) -> Result<(), NotAuthentic> {
    hmac(key, parts).verify_slice(mac).map_err(|_| NotAuthentic)
}

/// SHA-256 (FIPS 180-4) of the parts, one after the other. For what is public.
pub(crate) fn derive_hash(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// SHA-256 of a secret, as a secret.
pub(crate) fn derive_secret_hash(secret: &SecretBytes) -> SecretKey {
    // exposed to be hashed; the library wipes its state
    let hash = Zeroizing::new(derive_hash(&[secret.expose()]));
    SecretKey::new(*hash)
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    // exposed to the cipher, which wipes its copy
    XChaCha20Poly1305::new(key.expose().into())
}

/// Seals under a nonce that is used once. Gives ciphertext and tag, appended to `prefix`.
pub(crate) fn seal(
    key: &SecretKey,
    nonce: &[u8; NONCE],
    associated: &[u8],
    plaintext: &[u8],
    prefix: &[u8],
) -> Result<Vec<u8>, NotAuthentic> {
    // One buffer of the final size: growing it would leave copies of the plaintext behind.
    let mut sealed = Vec::with_capacity(prefix.len() + plaintext.len() + TAG);
    sealed.extend_from_slice(prefix);
    sealed.extend_from_slice(plaintext);
    let (_, body) = sealed.split_at_mut(prefix.len());
    let tag = cipher(key).encrypt_inout_detached(&XNonce::from(*nonce), associated, body.into()).map_err(|_| NotAuthentic)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Opens what [`seal`] gave, without its prefix.
pub(crate) fn unseal(key: &SecretKey, nonce: &[u8; NONCE], associated: &[u8], sealed: &[u8]) -> Result<SecretBytes, NotAuthentic> {
    let (body, tag) = sealed.split_last_chunk::<TAG>().ok_or(NotAuthentic)?;
    let mut plaintext = Zeroizing::new(body.to_vec());
    cipher(key)
        .decrypt_inout_detached(&XNonce::from(*nonce), associated, plaintext.as_mut_slice().into(), &(*tag).into())
        .map_err(|_| NotAuthentic)?;
    Ok(SecretBytes::new(std::mem::take(&mut *plaintext)))
}

/// Seals a key under another.
pub(crate) fn wrap_key(
    wrapping: &SecretKey,
    nonce: &[u8; NONCE],
    associated: &[u8],
    key: &SecretKey,
) -> Result<[u8; WRAPPED], NoRandomness> {
    // exposed to be sealed; the plaintext buffer is the one that becomes the ciphertext
    let sealed = seal(wrapping, nonce, associated, key.expose(), &[]);
    // 32 bytes are within the cipher's limits and always give 48: there is no other way to fail.
    sealed.ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NoRandomness)
}

/// Opens what [`wrap_key`] gave.
pub(crate) fn unwrap_key(
    wrapping: &SecretKey,
    nonce: &[u8; NONCE],
    associated: &[u8],
    wrapped: &[u8; WRAPPED],
) -> Result<SecretKey, NotAuthentic> {
    to_key(&unseal(wrapping, nonce, associated, wrapped)?)
}

/// Takes an opened key of 32 bytes.
fn to_key(bytes: &SecretBytes) -> Result<SecretKey, NotAuthentic> {
    // exposed to be copied into a key that is wiped as well
    let array = Zeroizing::new(<[u8; 32]>::try_from(bytes.expose().as_slice()).map_err(|_| NotAuthentic)?);
    Ok(SecretKey::new(*array))
}
