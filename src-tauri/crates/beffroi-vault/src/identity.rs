//! A person's identity: an Ed25519 key to sign with, an X25519 key to receive with, and the card that shows both.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bech32::{ToBase32, Variant};
use beffroi_domain::{Canonical, CanonicalReader, IdentityId, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::crypto::{self, NoRandomness, derive_hash};
use crate::slot::shared_material;

/// Characters of the longest name on a card.
pub const MOST_IDENTITY_NAME: usize = 128;

const KEYS_TAG: &str = "beffroi/identity-keys/1";
const CARD_TAG: &str = "beffroi/identity-card/1";
const FIRST_WORD: &str = "beffroi-identity-1";
/// Bytes of the longest card that is looked at.
const MOST_CARD: usize = 4096;

/// The private half of an identity. Wiped on drop.
pub struct IdentityKeys {
    signing: SigningKey,
    agreement: StaticSecret,
}

/// The bytes are not those of [`IdentityKeys::to_bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the keys of an identity")]
pub struct NotIdentityKeys;

impl IdentityKeys {
    /// Makes new keys.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn make() -> Result<Self, NoRandomness> {
        Ok(Self::from_secrets(&crypto::make_key()?, &crypto::make_key()?))
    }

    /// The Ed25519 seed (RFC 8032) and the X25519 secret (RFC 7748).
    pub(crate) fn from_secrets(seed: &SecretKey, agreement: &SecretKey) -> Self {
        // exposed to the two libraries, which wipe what they hold
        Self { signing: SigningKey::from_bytes(seed.expose()), agreement: StaticSecret::from(*agreement.expose()) }
    }

    /// The keys as bytes, to be sealed: `C("beffroi/identity-keys/1", Ed25519 seed, X25519 secret)`.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        // 99 bytes, below what the encoding reserves: it never grows, so it leaves no copies behind.
        SecretBytes::new(Canonical::new(KEYS_TAG).bytes(self.signing.as_bytes()).bytes(self.agreement.as_bytes()).finish())
    }

    /// Reads [`IdentityKeys::to_bytes`] back.
    ///
    /// # Errors
    /// [`NotIdentityKeys`] for anything else.
    pub fn from_bytes(bytes: &SecretBytes) -> Result<Self, NotIdentityKeys> {
        // exposed to be read into keys that are wiped as well
        let mut reader = CanonicalReader::new(KEYS_TAG, bytes.expose()).map_err(|_| NotIdentityKeys)?;
        let mut key = || {
            let bytes: [u8; 32] = reader.bytes().ok()?.try_into().ok()?;
            Some(SecretKey::new(*Zeroizing::new(bytes)))
        };
        let (seed, agreement) = key().zip(key()).ok_or(NotIdentityKeys)?;
        reader.finish().map_err(|_| NotIdentityKeys)?;
        Ok(Self::from_secrets(&seed, &agreement))
    }

    /// Signs a message with Ed25519 (RFC 8032, pure). The message begins with the tag of its canonical encoding, so that
    /// a signature of one kind is never one of another.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// Makes the card of these keys. `created_ms` is in milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`InvalidCard::Name`].
    pub fn card(&self, id: IdentityId, name: &str, created_ms: u64) -> Result<IdentityCard, InvalidCard> {
        let signing = self.signing.verifying_key().to_bytes();
        let mut card = IdentityCard {
            id,
            name: name.to_owned(),
            signing,
            agreement: PublicKey::from(&self.agreement).to_bytes(),
            created_ms,
            signature: [0; 64],
        };
        card.signature = self.sign(&card.signed());
        card.checked()
    }

    /// The X25519 secret as age writes it (`AGE-SECRET-KEY-1…`): it opens what was encrypted for [`IdentityCard::age_recipient`].
    #[must_use]
    pub fn age_identity(&self) -> SecretText {
        let text = Zeroizing::new(bech32_of("age-secret-key-", self.agreement.as_bytes()));
        SecretText::new(text.to_uppercase())
    }

    /// The material of a slot that was made for these keys; nothing when the other side's key gives no secret.
    pub(crate) fn receive(&self, vault: VaultId, ephemeral: &[u8; 32]) -> Option<SecretKey> {
        let shared = agree(&self.agreement, ephemeral)?;
        Some(shared_material(vault, &shared, ephemeral, PublicKey::from(&self.agreement).as_bytes()))
    }
}

impl fmt::Debug for IdentityKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IdentityKeys(withheld)")
    }
}

/// Bech32 (BIP 173), as age writes keys: <https://github.com/C2SP/C2SP/blob/main/age.md>.
fn bech32_of(prefix: &str, key: &[u8; 32]) -> String {
    // It fails for prefixes that are empty or of mixed case only.
    bech32::encode(prefix, key.to_base32(), Variant::Bech32).unwrap_or_default()
}

/// X25519 (RFC 7748); nothing when the other key is of low order, which gives all zeros whatever the secret is.
fn agree(secret: &StaticSecret, public: &[u8; 32]) -> Option<SecretKey> {
    let shared = secret.diffie_hellman(&PublicKey::from(*public));
    shared.was_contributory().then(|| SecretKey::new(*shared.as_bytes()))
}

/// The public half of an identity, signed by itself. Whoever has one in hand knows that its signature holds and that its
/// keys are usable; whose it is, only a comparison of fingerprints tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityCard {
    id: IdentityId,
    name: String,
    signing: [u8; 32],
    agreement: [u8; 32],
    created_ms: u64,
    signature: [u8; 64],
}

/// Why a card was not made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCard {
    /// It is longer than any card.
    #[error("longer than {most} bytes")]
    TooLong {
        /// The limit, in bytes.
        most: usize,
    },
    /// It is not one line with a card in it, or was changed.
    #[error("not an identity card, or one that was changed")]
    Malformed,
    /// The name is empty, begins or ends with white space, is longer than [`MOST_IDENTITY_NAME`] characters, or has
    /// characters that steer a display instead of showing something.
    #[error("the name on the card is not one")]
    Name,
    /// One of its keys is of low order: everybody could sign or receive with it.
    #[error("a key of the card is not usable")]
    Key,
    /// The signature does not hold.
    #[error("the card's signature does not hold")]
    Signature,
}

/// The signature is not one of this identity under this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct BadSignature;

impl IdentityCard {
    /// The identity's id.
    #[must_use]
    pub fn id(&self) -> IdentityId {
        self.id
    }

    /// What the person calls themselves.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Ed25519 public key.
    #[must_use]
    pub fn signing(&self) -> &[u8; 32] {
        &self.signing
    }

    /// The X25519 public key.
    #[must_use]
    pub fn agreement(&self) -> &[u8; 32] {
        &self.agreement
    }

    /// The X25519 public key as age writes it (`age1…`): whoever encrypts for it with age reaches this identity.
    #[must_use]
    pub fn age_recipient(&self) -> String {
        bech32_of("age", &self.agreement)
    }

    /// When it was made, in milliseconds since 1970-01-01 UTC, as the person's machine said.
    #[must_use]
    pub fn created_ms(&self) -> u64 {
        self.created_ms
    }

    /// The card as one line of text, without a newline: `beffroi-identity-1`, a space, base64 of what is signed and of the
    /// signature.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = self.signed();
        bytes.extend_from_slice(&self.signature);
        format!("{FIRST_WORD} {}", STANDARD.encode(bytes))
    }

    /// Reads [`IdentityCard::to_text`] back. White space around the line does not matter.
    ///
    /// # Errors
    /// [`InvalidCard`].
    pub fn from_text(text: &str) -> Result<Self, InvalidCard> {
        if text.len() > MOST_CARD {
            return Err(InvalidCard::TooLong { most: MOST_CARD });
        }
        let encoded = text.trim().strip_prefix(FIRST_WORD).and_then(|rest| rest.strip_prefix(' ')).ok_or(InvalidCard::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidCard::Malformed)?;
        let (signed, signature) = bytes.split_last_chunk::<64>().ok_or(InvalidCard::Malformed)?;
        read_signed(signed, *signature).ok_or(InvalidCard::Malformed)?.checked()
    }

    /// What tells two cards apart: `SHA256:` and, in base64 without padding, SHA-256 of
    /// `C("beffroi/identity-fingerprint/1", Ed25519 public key, X25519 public key)`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let keys = Canonical::new("beffroi/identity-fingerprint/1").bytes(&self.signing).bytes(&self.agreement).finish();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(derive_hash(&[&keys])))
    }

    /// Checks a signature of [`IdentityKeys::sign`], strictly: no key or point of low order, one encoding only.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
        let key = VerifyingKey::from_bytes(&self.signing).map_err(|_| BadSignature)?;
        key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)
    }

    /// A key made for one slot of this person, and the slot's material; nothing when the card's key gives no secret.
    pub(crate) fn send(&self, vault: VaultId) -> Result<Option<([u8; 32], SecretKey)>, NoRandomness> {
        Ok(self.send_from(vault, &crypto::make_key()?))
    }

    /// [`IdentityCard::send`] from a given secret.
    pub(crate) fn send_from(&self, vault: VaultId, secret: &SecretKey) -> Option<([u8; 32], SecretKey)> {
        // exposed to the library, which wipes what it holds
        let secret = StaticSecret::from(*secret.expose());
        let ephemeral = PublicKey::from(&secret).to_bytes();
        let shared = agree(&secret, &self.agreement)?;
        Some((ephemeral, shared_material(vault, &shared, &ephemeral, &self.agreement)))
    }

    /// `C("beffroi/identity-card/1", id, name, Ed25519 public key, X25519 public key, created)`.
    fn signed(&self) -> Vec<u8> {
        Canonical::new(CARD_TAG)
            .bytes(self.id.as_bytes())
            .text(&self.name)
            .bytes(&self.signing)
            .bytes(&self.agreement)
            .number(self.created_ms)
            .finish()
    }

    #[cfg(test)]
    pub(crate) fn with_signing_key(&self, signing: [u8; 32]) -> Self {
        Self { signing, ..self.clone() }
    }

    fn checked(self) -> Result<Self, InvalidCard> {
        if !is_name(&self.name) {
            return Err(InvalidCard::Name);
        }
        let key = VerifyingKey::from_bytes(&self.signing).map_err(|_| InvalidCard::Key)?;
        // Any secret does: what a key of low order gives is zero under all of them.
        if key.is_weak() || agree(&StaticSecret::from([1; 32]), &self.agreement).is_none() {
            return Err(InvalidCard::Key);
        }
        self.verify(&self.signed(), &self.signature).map_err(|_| InvalidCard::Signature)?;
        Ok(self)
    }
}

fn read_signed(signed: &[u8], signature: [u8; 64]) -> Option<IdentityCard> {
    let mut reader = CanonicalReader::new(CARD_TAG, signed).ok()?;
    let card = IdentityCard {
        id: IdentityId::from_bytes(reader.bytes().ok()?).ok()?,
        name: reader.text().ok()?.to_owned(),
        signing: reader.bytes().ok()?.try_into().ok()?,
        agreement: reader.bytes().ok()?.try_into().ok()?,
        created_ms: reader.number().ok()?,
        signature,
    };
    reader.finish().ok()?;
    Some(card)
}

fn is_name(name: &str) -> bool {
    // Line and paragraph separators, and the marks that turn the direction of what follows.
    let steers = |character: char| {
        character.is_control()
            || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !name.is_empty() && name.trim() == name && name.chars().count() <= MOST_IDENTITY_NAME && !name.chars().any(steers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(byte: u8) -> IdentityKeys {
        IdentityKeys::from_secrets(&SecretKey::new([byte; 32]), &SecretKey::new([byte ^ 0xff; 32]))
    }

    fn card() -> IdentityCard {
        keys(1).card(IdentityId::make(), "Léa Morel", 1_700_000_000_000).expect("a card")
    }

    /// Signs whatever the card says, as a person does who is not careful.
    fn resigned(mut card: IdentityCard, by: &IdentityKeys) -> Result<IdentityCard, InvalidCard> {
        card.signature = by.sign(&card.signed());
        IdentityCard::from_text(&card.to_text())
    }

    #[test]
    fn keys_survive_their_bytes_and_nothing_else_is_keys() {
        let bytes = IdentityKeys::make().expect("made").to_bytes();
        let again = IdentityKeys::from_bytes(&bytes).expect("keys");
        assert!(again.to_bytes().same_as(&bytes));
        let bytes = bytes.expose();
        for length in 0..bytes.len() {
            assert!(IdentityKeys::from_bytes(&SecretBytes::new(bytes[..length].to_vec())).is_err(), "cut at {length}");
        }
        assert!(IdentityKeys::from_bytes(&SecretBytes::new([bytes.as_slice(), &[0]].concat())).is_err());
        assert_eq!(format!("{again:?}"), "IdentityKeys(withheld)");
    }

    /// What `age-keygen -y` of age 1.1 makes of this secret.
    #[test]
    fn age_knows_the_keys_by_its_own_names() {
        let keys = IdentityKeys::from_secrets(&SecretKey::new([1; 32]), &SecretKey::new([7; 32]));
        let card = keys.card(IdentityId::make(), "x", 0).expect("a card");
        assert_eq!(keys.age_identity().expose(), "AGE-SECRET-KEY-1QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSKMP32K");
        assert_eq!(card.age_recipient(), "age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt");
    }

    #[test]
    fn a_card_survives_its_text() {
        let card = card();
        let text = card.to_text();
        assert!(text.starts_with("beffroi-identity-1 ") && !text.contains('\n'));
        assert_eq!(IdentityCard::from_text(&format!("  {text}\r\n")), Ok(card));
    }

    #[test]
    fn a_card_with_any_character_changed_is_refused() {
        let text = card().to_text();
        for position in 0..text.len() {
            for other in [b'A', b'/', b'=', b' ', b'\n'] {
                let mut changed = text.clone().into_bytes();
                if changed[position] == other {
                    continue;
                }
                changed[position] = other;
                let changed = String::from_utf8(changed).expect("text");
                // White space at the end is none of the card.
                assert!(changed.trim() == text || IdentityCard::from_text(&changed).is_err(), "character {position} is {other}");
            }
            assert!(text.get(..position).is_some_and(|cut| IdentityCard::from_text(cut).is_err()), "cut at {position}");
        }
        for (what, text) in [
            ("two cards", format!("{text} {text}")),
            ("two lines", format!("{text}\n{text}")),
            ("another version", text.replace("identity-1", "identity-2")),
            ("two spaces", text.replacen(' ', "  ", 1)),
            ("a comment", format!("{text} Léa")),
            ("nothing", String::new()),
        ] {
            assert_eq!(IdentityCard::from_text(&text), Err(InvalidCard::Malformed), "{what}");
        }
        let long = format!("{text}{}", " ".repeat(4096));
        assert_eq!(IdentityCard::from_text(&long), Err(InvalidCard::TooLong { most: 4096 }));
    }

    #[test]
    fn a_card_is_signed_by_its_own_key() {
        assert_eq!(resigned(card(), &keys(2)), Err(InvalidCard::Signature));
        let other = IdentityCard { signing: *keys(2).card(IdentityId::make(), "x", 0).expect("a card").signing(), ..card() };
        assert_eq!(resigned(other, &keys(1)), Err(InvalidCard::Signature));
    }

    #[test]
    fn names_that_steer_a_display_are_refused() {
        for good in ["L", "Léa Morel", "李雷", "O’Brien (infra)", &"x".repeat(128)] {
            assert!(keys(1).card(IdentityId::make(), good, 0).is_ok(), "{good}");
        }
        let long = "é".repeat(129);
        for bad in
            ["", " ", "Léa ", " Léa", "Léa\nMorel", "a\0", "a\u{1b}[31m", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b", "a\u{85}b", &long]
        {
            assert_eq!(keys(1).card(IdentityId::make(), bad, 0), Err(InvalidCard::Name), "{bad:?}");
            let forged = IdentityCard { name: bad.to_owned(), ..card() };
            assert_eq!(resigned(forged, &keys(1)), Err(InvalidCard::Name), "{bad:?}");
        }
    }

    /// Points of order 1, 2, 4 and 8 on the Montgomery curve, and their other encodings (RFC 7748, section 6.1;
    /// <https://cr.yp.to/ecdh.html#validate>).
    #[test]
    fn keys_of_low_order_are_refused() {
        let hex = |text: &str| -> [u8; 32] {
            let byte = |at: usize| u8::from_str_radix(text.get(at * 2..at * 2 + 2).expect("64 digits"), 16).expect("hexadecimal");
            std::array::from_fn(byte)
        };
        for agreement in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            let card = IdentityCard { agreement: hex(agreement), ..card() };
            assert!(card.send(VaultId::make()).expect("random").is_none(), "{agreement}");
            assert_eq!(resigned(card, &keys(1)), Err(InvalidCard::Key), "{agreement}");
            assert!(keys(1).receive(VaultId::make(), &hex(agreement)).is_none(), "{agreement}");
        }
        // The identity of the Edwards curve: under it one signature holds for every message.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut card = IdentityCard { signing: identity, ..card() };
        card.signature = [0; 64];
        card.signature[0] = 1;
        assert_eq!(IdentityCard::from_text(&card.to_text()), Err(InvalidCard::Key));
        assert_eq!(card.verify(b"anything", &card.signature), Err(BadSignature));
    }

    #[test]
    fn a_signature_holds_for_one_message_of_one_identity() {
        let (card, message) = (card(), b"a message");
        let signature = keys(1).sign(message);
        assert_eq!(card.verify(message, &signature), Ok(()));
        assert_eq!(card.verify(b"a messagf", &signature), Err(BadSignature));
        assert_eq!(card.verify(message, &keys(2).sign(message)), Err(BadSignature));
        for position in 0..64 {
            let mut changed = signature;
            changed[position] ^= 0x10;
            assert_eq!(card.verify(message, &changed), Err(BadSignature), "byte {position}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_both_keys() {
        let one = card();
        assert_eq!(one.fingerprint().len(), "SHA256:".len() + 43);
        let renamed = IdentityCard { name: "Somebody".to_owned(), ..one.clone() };
        assert_eq!(one.fingerprint(), renamed.fingerprint());
        let agreement = *keys(2).card(one.id, "x", 0).expect("a card").agreement();
        assert_ne!(one.fingerprint(), IdentityCard { agreement, ..one.clone() }.fingerprint());
    }

    #[test]
    fn what_is_sent_arrives_for_its_own_vault_only() {
        let (vault, card) = (VaultId::make(), card());
        let (ephemeral, sent) = card.send(vault).expect("random").expect("a usable key");
        assert_eq!(keys(1).receive(vault, &ephemeral).expect("received").expose(), sent.expose());
        assert_ne!(keys(1).receive(VaultId::make(), &ephemeral).expect("something").expose(), sent.expose());
        assert_ne!(keys(2).receive(vault, &ephemeral).expect("something").expose(), sent.expose());
        assert_ne!(card.send(vault).expect("random").expect("a usable key").0, ephemeral, "a key for each slot");
    }
}
