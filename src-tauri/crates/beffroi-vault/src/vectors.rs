//! Known answers for every derivation and encoding of the format, computed by `tests/vectors.py`, which shares no code
//! with this crate. What fails here cannot open the vaults that exist.

use beffroi_domain::{CompartmentId, HostId, SlotId, StageName, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};

use crate::anchor::Anchor;
use crate::compartment;
use crate::crypto::derive_key;
use crate::digest::{DigestRow, derive_state};
use crate::envelope::{self, Place};
use crate::error::{CompartmentError, UnsealError};
use crate::header::{Header, HeaderFault};
use crate::journal::{JOURNAL_START, derive_link};
use crate::kdf::{KdfCost, derive_material};
use crate::keys::{CompartmentKeys, RootKeys};
use crate::recovery::{RecoveryWords, read_material};
use crate::slot::{Slot, Way};

const MATERIAL: &str = "cb977e06faf7e9580a954c75f0ba82f39b43e0ebb028b9fb69906a99beda2061";
const WRAPPED_PASSPHRASE: &str = "2992afe43f0ebdb42d737fba741d881fac1ace4be10ed77fc6bd3a0f7209b6caa15224350e1e50ce1ad4cd1722ee14b0";
const WRAPPED_RECOVERY: &str = "881613e1b168142ffde0d7c00badb221bec8fb8996243dbace041e6e9ac0a5c2189a2da7ea0cda2c8d05b01cb854e9f8";
const HEADER_MAC: &str = "7a25224a33e4ba023e709997b33acb63335ae7b6ca4ec02942e24ab0f228bf39";
const COMPARTMENT: &str = concat!(
    "0000001562656666726f692f636f6d706172746d656e742f3100000004726f6f74000000183333333333333333333333",
    "3333333333333333333333333300000030d176dcbc9f08fb9f2a9bfc0b1e91a18354f9e3fe9c1d1ee8b9b9e1ac1df830",
    "a819eb7940d7e3c25ebc909d4e60245041",
);
const ENVELOPE: &str = "0134343434343434343434343434343434343434343434343431beae866b5e36974c66ba8b9f38171759ce26c58e4ed3";
const ENVELOPE_NO_TARGET: &str = "0134343434343434343434343434343434343434343434343431beae866b5e369b842d70b096a3b78c2f76514b5b96af";
const ROW: &str = "bdcc481928cf32f5882749ab8eb7c3dfe3b64f9d20fddefc687b76caec0f9f0c";
const JOURNAL_1: &str = "87f7b8817a68d6f7322856db70842907f970d2e038009784ab4465345fd97a6b";
const JOURNAL_2: &str = "69fce8d44d11d25959c85145d17235c2c6af5ee86ffbe1f5354532d110b12fe9";
const STATE: &str = "3de0fcab666b018708fbbbbee4bd0d0c033154ff46ff3d7bd8a53bc1846c559f";
const ANCHOR: &str = concat!(
    "0000001062656666726f692f616e63686f722f3100000010111111111111111111111111111111110000000800000000",
    "000000090000002061616161616161616161616161616161616161616161616161616161616161610000002062626262",
    "62626262626262626262626262626262626262626262626262626262afbc56e0f77bdf3ba370f4056a1fb23be067eb51",
    "0bcfd01269aa25eb60fc6b5e",
);
const KEYS: [(&str, &str); 6] = [
    ("database", "8ff6df1461647c436622f82bd5caae8faf98fc8d1f730515b46b28a7267036b9"),
    ("header", "a57f7599cbe761ab2207147cf34f9da84da5513665b4c3770fe854d76e2c627a"),
    ("anchor", "65cbb91696f3a62c0cbe27b1ccfdc38de00876900764adca31c3e359ee85d8dc"),
    ("journal", "3f8e6acb0c821ea692aa2c41cfd27b370ee8b665241e377361c38a4819ec12df"),
    ("state", "b8c1e632e2cb6041c13cdc1a2be696d3bd94cc499c058bf44d3468829f6fafb5"),
    ("compartment", "aea300fb1bb59c375c4b776c89ff178ce602c3bfccc433573637c688ba0065fb"),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vault() -> VaultId {
    VaultId::from_bytes(&[0x11; 16]).expect("16 bytes")
}

fn compartment_id() -> CompartmentId {
    CompartmentId::from_bytes(&[0x14; 16]).expect("16 bytes")
}

fn root_keys() -> RootKeys {
    RootKeys::derive(vault(), &SecretKey::new([0x21; 32]))
}

fn compartment_keys() -> CompartmentKeys {
    CompartmentKeys::derive(vault(), &SecretKey::new([0x23; 32]))
}

fn place() -> Place<'static> {
    let target = HostId::from_bytes(&[0x15; 16]).ok();
    Place { compartment: compartment_id(), target, table: "secret", row: [0x16; 16], revision: 7, field: "value" }
}

fn slots() -> [Slot; 2] {
    let root = SecretKey::new([0x21; 32]);
    let material = derive_material(&SecretText::new("cafe\u{301} noir, 2 sucres".to_owned()), &[0x41; 16], KdfCost::floor());
    let material = material.expect("64 MiB are to be had");
    assert_eq!(hex(material.expose()), MATERIAL);
    let id = |byte| SlotId::from_bytes(&[byte; 16]).expect("16 bytes");
    let passphrase = Way::Passphrase { cost: KdfCost::floor(), salt: [0x41; 16] };
    [
        Slot::wrap(vault(), id(0x12), passphrase, [0x31; 24], &material, &root).expect("wrapped"),
        Slot::wrap(vault(), id(0x13), Way::Recovery, [0x32; 24], &SecretKey::new([0x22; 32]), &root).expect("wrapped"),
    ]
}

#[test]
fn slots_and_header() {
    let slots = slots();
    assert_eq!(hex(&slots[0].wrapped), WRAPPED_PASSPHRASE);
    assert_eq!(hex(&slots[1].wrapped), WRAPPED_RECOVERY);
    let header = Header::new(vault(), slots.to_vec(), &root_keys().header);
    let text = String::from_utf8(header.to_bytes()).expect("JSON is UTF-8");
    assert_eq!(text, include_str!("../tests/header-1.json"));
    assert_eq!(Header::from_bytes(text.as_bytes()), Ok(header.clone()));
    assert_eq!(hex(&header.mac()), HEADER_MAC);
    assert_eq!(header.check(&root_keys().header), Ok(()));
    assert_eq!(header.check(&root_keys().anchor), Err(HeaderFault::Damaged));
}

#[test]
fn a_slot_opens_for_its_own_vault_and_parameters_only() {
    let [_, slot] = slots();
    let material = SecretKey::new([0x22; 32]);
    assert!(slot.unwrap(vault(), &material).is_ok());
    assert!(slot.unwrap(VaultId::make(), &material).is_err());
    assert!(Slot { id: SlotId::make(), ..slot.clone() }.unwrap(vault(), &material).is_err());
    assert!(Slot { nonce: [0; 24], ..slot.clone() }.unwrap(vault(), &material).is_err());
    let way = Way::Passphrase { cost: KdfCost::floor(), salt: [0; 16] };
    assert!(Slot { way, ..slot }.unwrap(vault(), &material).is_err());
}

#[test]
fn root_keys_have_one_label_each() {
    let keys = root_keys();
    let found = [&keys.database, &keys.header, &keys.anchor, &keys.journal, &keys.state, &keys.compartment].map(|key| hex(key.expose()));
    assert_eq!(found.each_ref().map(String::as_str), KEYS.map(|(_, key)| key));
    let again = KEYS.map(|(label, _)| {
        let info = format!("beffroi/root/{label}/1");
        hex(derive_key(vault(), &SecretKey::new([0x21; 32]), info.as_bytes()).expose())
    });
    assert_eq!(found, again);
}

#[test]
fn recovery_words() {
    // trezor/python-mnemonic, vectors.json: the 256-bit vectors of bytes 00, 7f and ff.
    let legal = "legal winner thank year wave sausage worth useful";
    for (byte, words) in [
        (0x00, format!("{} art", ["abandon"; 23].join(" "))),
        (0x7f, format!("{legal} {legal} {}", legal.replace("useful", "title"))),
        (0xff, format!("{} vote", ["zoo"; 23].join(" "))),
    ] {
        let made = RecoveryWords::from_material(&SecretKey::new([byte; 32])).expect("32 bytes");
        assert_eq!(made.as_text().expose(), &words);
        assert_eq!(read_material(made.as_text()).expect("the same words").expose(), &[byte; 32]);
    }
}

#[test]
fn compartments() {
    let (keys, dev) = (root_keys(), StageName::dev());
    let wrapped = compartment::wrap(vault(), compartment_id(), &dev, &[0x33; 24], &keys.compartment, &SecretKey::new([0x23; 32]));
    let wrapped = wrapped.expect("wrapped");
    assert_eq!(hex(&wrapped), COMPARTMENT);
    let unwrap = |vault, id, stage: &StageName, wrapped: &[u8]| compartment::unwrap(vault, id, stage, &keys.compartment, wrapped);
    assert_eq!(unwrap(vault(), compartment_id(), &dev, &wrapped).expect("opens").expose(), &[0x23; 32]);
    let prod: StageName = "prod".parse().expect("a stage");
    assert!(unwrap(VaultId::make(), compartment_id(), &dev, &wrapped).is_err());
    assert!(unwrap(vault(), CompartmentId::make(), &dev, &wrapped).is_err());
    assert!(unwrap(vault(), compartment_id(), &prod, &wrapped).is_err());
    for position in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[position] ^= 1;
        assert!(unwrap(vault(), compartment_id(), &dev, &changed).is_err(), "byte {position}");
        assert!(unwrap(vault(), compartment_id(), &dev, &wrapped[..position]).is_err(), "cut at {position}");
    }
    let mut longer = wrapped.clone();
    longer.push(0);
    assert!(unwrap(vault(), compartment_id(), &dev, &longer).is_err());
    let other = beffroi_domain::Canonical::new("beffroi/compartment/1").text("stage-secret").finish();
    let unknown = CompartmentError::UnknownWrapping { compartment: compartment_id() };
    assert_eq!(unwrap(vault(), compartment_id(), &dev, &other).err(), Some(unknown));
}

#[test]
fn envelopes() {
    let key = compartment_keys().envelope;
    let plaintext = SecretBytes::new(b"hunter2".to_vec());
    let sealed = envelope::seal(&key, &[0x34; 24], vault(), &place(), &plaintext).expect("sealed");
    assert_eq!(hex(&sealed), ENVELOPE);
    let elsewhere = Place { target: None, ..place() };
    let without_target = envelope::seal(&key, &[0x34; 24], vault(), &elsewhere, &plaintext).expect("sealed");
    assert_eq!(hex(&without_target), ENVELOPE_NO_TARGET);
    assert!(envelope::unseal(&key, vault(), &place(), &sealed).expect("opens").same_as(&plaintext));
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 0x80;
        assert!(envelope::unseal(&key, vault(), &place(), &changed).is_err(), "byte {position}");
        assert!(envelope::unseal(&key, vault(), &place(), &sealed[..position]).is_err(), "cut at {position}");
    }
    let mut newer = sealed;
    newer[0] = 2;
    assert_eq!(envelope::unseal(&key, vault(), &place(), &newer).err(), Some(UnsealError::TooNew { version: 2 }));
}

/// Every place that differs from [`place`] in one field, and one whose fields only share their concatenation.
fn other_places() -> Vec<Place<'static>> {
    let mut row = place().row;
    row[15] ^= 1;
    vec![
        Place { compartment: CompartmentId::make(), ..place() },
        Place { target: None, ..place() },
        Place { target: Some(HostId::make()), ..place() },
        Place { table: "secrets", ..place() },
        Place { row, ..place() },
        Place { revision: 6, ..place() },
        Place { revision: 8, ..place() },
        Place { field: "name", ..place() },
        Place { table: "secre", field: "tvalue", ..place() },
    ]
}

#[test]
fn an_envelope_opens_in_its_own_place_only() {
    let key = compartment_keys().envelope;
    let sealed = envelope::seal(&key, &[0x34; 24], vault(), &place(), &SecretBytes::new(vec![1])).expect("sealed");
    let refused = |place: &Place<'_>| UnsealError::Refused { table: place.table.to_owned(), field: place.field.to_owned() };
    for other in other_places() {
        assert_eq!(envelope::unseal(&key, vault(), &other, &sealed).err(), Some(refused(&other)), "{other:?}");
    }
    assert!(envelope::unseal(&key, VaultId::make(), &place(), &sealed).is_err());
    assert!(envelope::unseal(&compartment_keys().row, vault(), &place(), &sealed).is_err());
}

#[test]
fn rows() {
    let key = compartment_keys().row;
    let mac = envelope::derive_row_mac(&key, vault(), &place(), b"content");
    assert_eq!(hex(&mac), ROW);
    assert_eq!(envelope::check_row(&key, vault(), &place(), b"content", &mac), Ok(()));
    assert!(envelope::check_row(&key, vault(), &place(), b"contents", &mac).is_err());
    assert!(envelope::check_row(&key, VaultId::make(), &place(), b"content", &mac).is_err());
    for other in other_places() {
        assert!(envelope::check_row(&key, vault(), &other, b"content", &mac).is_err(), "{other:?}");
    }
    for length in [0, 16, 31] {
        assert!(envelope::check_row(&key, vault(), &place(), b"content", &mac[..length]).is_err(), "{length} bytes of MAC");
    }
}

#[test]
fn journal_and_state() {
    let keys = root_keys();
    let first = derive_link(&keys.journal, &JOURNAL_START, b"entry 1");
    assert_eq!(hex(&first), JOURNAL_1);
    assert_eq!(hex(&derive_link(&keys.journal, &first, b"entry 2")), JOURNAL_2);
    let one = DigestRow { table: "compartment", id: [0x14; 16], revision: 1, mac: [0x51; 32] };
    let two = DigestRow { table: "target", id: [0x15; 16], revision: 2, mac: [0x52; 32] };
    let digest = derive_state(&keys.state, &[one.clone(), two.clone()]);
    assert_eq!(hex(&digest), STATE);
    assert_eq!(derive_state(&keys.state, &[two.clone(), one.clone()]), digest);
    let mut id = two.id;
    id[0] ^= 1;
    for other in [
        vec![],
        vec![one.clone()],
        vec![one.clone(), one.clone(), two.clone()],
        vec![one.clone(), DigestRow { table: "secret", ..two.clone() }],
        vec![one.clone(), DigestRow { id, ..two.clone() }],
        vec![one.clone(), DigestRow { revision: 1, ..two.clone() }],
        vec![one, DigestRow { mac: [0x53; 32], ..two }],
    ] {
        assert_ne!(derive_state(&keys.state, &other), digest, "{other:?}");
    }
}

#[test]
fn anchors() {
    let key = root_keys().anchor;
    let anchor = Anchor { sequence: 9, journal_head: [0x61; 32], state_digest: [0x62; 32] };
    let bytes = anchor.to_bytes(vault(), &key);
    assert_eq!(hex(&bytes), ANCHOR);
    assert_eq!(Anchor::from_bytes(vault(), &key, &bytes), Some(anchor));
    assert_eq!(Anchor::from_bytes(VaultId::make(), &key, &bytes), None);
    assert_eq!(Anchor::from_bytes(vault(), &root_keys().state, &bytes), None);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 0x10;
        assert_eq!(Anchor::from_bytes(vault(), &key, &changed), None, "byte {position}");
        assert_eq!(Anchor::from_bytes(vault(), &key, &bytes[..position]), None, "cut at {position}");
    }
}

/// The library itself, against RFC 9106, 5.3.
#[test]
fn argon2id_is_that_of_the_rfc() {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
    let data = AssociatedData::new(&[4; 12]).expect("12 bytes");
    let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).output_len(32).build().expect("valid");
    let mut output = [0; 32];
    let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).expect("valid");
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut output).expect("32 bytes");
    assert_eq!(hex(&output), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_are_no_anchor(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        assert_eq!(Anchor::from_bytes(vault(), &root_keys().anchor, &bytes), None);
    }

    #[test]
    fn arbitrary_bytes_are_no_header(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
        assert_eq!(Header::from_bytes(&bytes), Err(HeaderFault::Damaged));
    }

    /// Text that looks like a header: a piece replaced by any other text.
    #[test]
    fn a_spliced_header_is_refused(start in 0_usize..1200, length in 0_usize..200, patch in "[ -~]{0,40}") {
        let original = include_str!("../tests/header-1.json");
        let start = start.min(original.len());
        let end = (start + length).min(original.len());
        let mut spliced = original.as_bytes().to_vec();
        spliced.splice(start..end, patch.bytes());
        if spliced != original.as_bytes() {
            let accepted = Header::from_bytes(&spliced).is_ok_and(|header| header.check(&root_keys().header).is_ok());
            assert!(!accepted, "{}", String::from_utf8_lossy(&spliced));
        }
    }
}
