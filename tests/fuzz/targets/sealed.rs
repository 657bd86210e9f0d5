#![no_main]
//! Envelopes, wrapped compartments, row MACs: bytes of the catalog. Nothing that was not sealed here opens.

use std::sync::LazyLock;

use beffroi_domain::{CompartmentId, StageName};
use beffroi_fuzz::Vault;
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_vault::{KdfCost, Place, is_protected, protection};
use libfuzzer_sys::fuzz_target;

struct Made {
    vault: Vault,
    compartment: CompartmentId,
    envelope: Vec<u8>,
    plain: Vec<u8>,
    protected: (CompartmentId, Vec<u8>),
}

fn place(compartment: CompartmentId) -> Place<'static> {
    Place { compartment, target: None, table: "secret", row: [3; 16], revision: 1, field: "value" }
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let vault = Vault::make();
    let dev = vault.open.make_compartment(&StageName::dev()).expect("made");
    let prod: StageName = "prod".parse().expect("a name");
    let secret = SecretText::new("the fuzzer's stage has a long secret 5519".to_owned());
    let protected = vault.open.make_protected_compartment(&prod, &secret, KdfCost::floor()).expect("made");
    let envelope = vault.open.seal(&place(dev.id), &SecretBytes::new(b"canary".to_vec())).expect("sealed");
    Made { compartment: dev.id, envelope, plain: dev.wrapped, protected: (protected.id, protected.wrapped), vault }
});

/// The first two bytes choose what is attacked and how much of a true value comes first.
fuzz_target!(|bytes: &[u8]| {
    let made = &*MADE;
    let [what, kept, rest @ ..] = bytes else { return };
    let mixed = |good: &[u8]| [good.get(..usize::from(*kept).min(good.len())).unwrap_or_default(), rest].concat();
    let open = &made.vault.open;
    match what % 4 {
        0 => {
            let sealed = mixed(&made.envelope);
            let opened = open.unseal(&place(made.compartment), &sealed);
            assert_eq!(opened.is_ok(), sealed == made.envelope);
        }
        1 => {
            let wrapped = mixed(&made.plain);
            let _ = (is_protected(&wrapped), protection(&wrapped));
            let loaded = open.load_compartment(made.compartment, &StageName::dev(), &wrapped);
            assert_eq!(loaded.is_ok(), wrapped == made.plain);
        }
        2 => {
            let wrapped = mixed(&made.protected.1);
            if let Some(cost) = protection(&wrapped) {
                assert!(is_protected(&wrapped) && cost.memory_kib <= 2 << 20 && cost.passes <= 20);
            }
            let prod: StageName = "prod".parse().expect("a name");
            let loaded = open.load_compartment(made.protected.0, &prod, &wrapped);
            assert_eq!(loaded.is_ok(), wrapped == made.protected.1);
        }
        _ => {
            let wrong = open.check_row(&place(made.compartment), b"content", rest);
            assert!(wrong.is_err(), "no MAC is guessed");
        }
    }
});
