//! The vault of one client: who may open it, and the keys that come of that.
//!
//! A vault is a folder. This crate writes `header.json` with its copy `header.json.bak`, `anchor` with its copy outside
//! the folder, and `lock`; it only names `catalog.db` and derives its key. What is deliberately missing: SQL, any idea
//! of what the rows hold, and a way to take a compartment's key out: keys stay inside [`OpenVault`], named by id.
//!
//! # FORMAT
//!
//! Version 1. `‖` joins bytes. `C(tag, a, b, …)` is the canonical encoding of [`beffroi_domain::Canonical`]: the tag,
//! then each item, each with a 4-byte big-endian length before it; a number is an item of 8 bytes, big-endian. Ids are
//! their 16 bytes, text is UTF-8. HMAC is HMAC-SHA256 (RFC 2104), HKDF is HKDF-SHA256 (RFC 5869), always with 32 bytes
//! of output and always salted with the 16 bytes of the vault id. AEAD is XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03) with a random nonce of 24 bytes. `src/vectors.rs` fixes each line below.
//!
//! ## Slots and the root key
//! ```text
//! root key            32 random bytes
//! material(passphrase) Argon2id v1.3 (RFC 9106)(NFC(passphrase), salt = 16 random bytes, m, t, p, 32 bytes)
//! material(recovery)  32 random bytes, shown as 24 words (BIP-39, English)
//! wrapping key        HKDF(material, info = C("beffroi/slot-key/1", kind))
//! context(passphrase) C("beffroi/slot/1", vault, slot, "passphrase", "argon2id", m in KiB, t, p, salt)
//! context(recovery)   C("beffroi/slot/1", vault, slot, "recovery")
//! wrapped             AEAD(wrapping key, nonce, root key, associated data = context)           48 bytes
//! ```
//!
//! ## Keys under the root key
//! ```text
//! key(label) = HKDF(root key, info = label)
//!   beffroi/root/database/1        raw key of catalog.db
//!   beffroi/root/header/1          MAC of the header
//!   beffroi/root/anchor/1          MAC of the anchor
//!   beffroi/root/journal/1         journal chain
//!   beffroi/root/state/1           state digest
//!   beffroi/root/compartment/1     wraps the compartments that are open whenever the vault is
//! ```
//!
//! ## Header
//! ```text
//! MAC = HMAC(key(beffroi/root/header/1),
//!            C("beffroi/header/1", version, vault, number of slots, [context, nonce, wrapped] of each slot))
//! ```
//! `header.json` is indented JSON with a final newline, at most 64 KiB and 16 slots; bytes are base64 with padding. It
//! must be exactly what this crate would write for what it read: unknown fields, another order or another white space
//! count as damage.
//!
//! ## Compartments
//! ```text
//! compartment key = 32 random bytes
//! wrapped         = C("beffroi/compartment/1", "root", nonce,
//!                     AEAD(key(beffroi/root/compartment/1), nonce, compartment key,
//!                          associated data = C("beffroi/compartment-wrap/1", vault, compartment, stage, "root")))
//! envelope key    = HKDF(compartment key, info = "beffroi/compartment/envelope/1")
//! row key         = HKDF(compartment key, info = "beffroi/compartment/row/1")
//! place           = compartment, target or nothing, table, row, revision, field
//! envelope        = 0x01 ‖ nonce ‖ AEAD(envelope key, nonce, plaintext,
//!                                       associated data = C("beffroi/envelope/1", vault, place))
//! row MAC         = HMAC(row key, C("beffroi/row/1", vault, place, content))
//! ```
//!
//! ## Journal, state, anchor
//! ```text
//! mac_n        = HMAC(key(beffroi/root/journal/1), mac_{n-1} ‖ canonical entry),   mac_0 = 32 zero bytes
//! state digest = HMAC(key(beffroi/root/state/1),
//!                     C("beffroi/state/1", number of rows, [table, id, revision, row MAC] of each, sorted))
//! anchor       = C("beffroi/anchor/1", vault, sequence, journal head, state digest) ‖ MAC
//! MAC          = HMAC(key(beffroi/root/anchor/1), all before it)                    32 bytes
//! ```

mod anchor;
mod compartment;
mod crypto;
mod digest;
mod disk;
mod envelope;
mod error;
mod folder;
mod header;
mod journal;
mod kdf;
mod keys;
mod recovery;
mod slot;

#[cfg(test)]
mod vectors;

pub use anchor::{Anchor, AnchorState};
pub use compartment::NewCompartment;
pub use digest::DigestRow;
pub use envelope::{MOST_PLAINTEXT, Place};
pub use error::{AnchorError, CompartmentError, CreateError, DiskError, OpenError, RowError, SealError, UnsealError};
pub use folder::{OpenVault, Places, Unlock, create, describe, open};
pub use header::HeaderSummary;
pub use journal::JOURNAL_START;
pub use kdf::KdfCost;
pub use recovery::{NotRecoveryWords, RecoveryWords};
pub use slot::{SlotKind, SlotSummary};
