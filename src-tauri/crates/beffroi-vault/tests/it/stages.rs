//! Compartments: open, protected, sealed again.

use beffroi_domain::{CompartmentId, StageName};
use beffroi_secret::SecretBytes;
use beffroi_vault::{
    CompartmentError, KdfCost, Loaded, PassphraseError, ProtectError, SealError, StageSecretError, UnsealError, is_protected, protection,
};

use crate::kit::{Sandbox, place, text};

fn prod() -> StageName {
    "prod".parse().expect("a stage")
}

#[test]
fn a_protected_compartment_opens_by_its_secret_only() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (secret, wrong) = (text("legal-winner-thank-year"), text("legal-winner-thank-yeaR"));
    let made = vault.make_protected_compartment(&prod(), &secret, KdfCost::floor()).expect("made");
    let (compartment, place) = (made.id, place(made.id));
    assert!(vault.is_open(compartment));
    assert!(is_protected(&made.wrapped));
    assert_eq!(protection(&made.wrapped), Some(KdfCost::floor()));
    let sealed = vault.seal(&place, &SecretBytes::new(b"hunter2".to_vec())).expect("sealed");
    let mac = vault.row_mac(&place, b"row").expect("a MAC");

    vault.seal_compartment(compartment);
    assert!(!vault.is_open(compartment));
    assert_eq!(vault.unseal(&place, &sealed).err(), Some(UnsealError::NotLoaded { compartment }));
    assert_eq!(vault.seal(&place, &SecretBytes::new(vec![1])).err(), Some(SealError::NotLoaded { compartment }));
    assert!(vault.row_mac(&place, b"row").is_err());
    assert!(vault.check_row(&place, b"row", &mac).is_err());
    drop(vault);

    let vault = sandbox.open(&words).expect("opens");
    assert_eq!(vault.load_compartment(compartment, &prod(), &made.wrapped), Ok(Loaded::Sealed));
    assert!(!vault.is_open(compartment));
    assert_eq!(vault.unseal_compartment(compartment, &prod(), &made.wrapped, &wrong), Err(StageSecretError::Wrong));
    assert_eq!(vault.unseal_compartment(compartment, &prod(), &made.wrapped, &text(&"x".repeat(5000))), Err(StageSecretError::Wrong));
    assert_eq!(vault.tries_compartment(compartment, &prod(), &made.wrapped, &secret), Ok(true));
    assert!(!vault.is_open(compartment), "a trial loads nothing");
    assert_eq!(vault.unseal_compartment(compartment, &prod(), &made.wrapped, &secret), Ok(()));
    assert_eq!(vault.load_compartment(compartment, &prod(), &made.wrapped), Ok(Loaded::Open));
    assert_eq!(vault.unseal(&place, &sealed).expect("opens").expose(), b"hunter2");
    assert_eq!(vault.check_row(&place, b"row", &mac), Ok(()));
}

/// Without one key derivation: the outer layer comes first.
#[test]
fn every_changed_byte_of_a_protected_key_is_damage_and_not_a_wrong_secret() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let secret = text("legal-winner-thank-year");
    let made = vault.make_protected_compartment(&prod(), &secret, KdfCost::floor()).expect("made");
    vault.seal_compartment(made.id);
    let refused = |id: CompartmentId, stage: &StageName, wrapped: &[u8], what: &str| {
        assert!(vault.load_compartment(id, stage, wrapped).is_err(), "{what}");
        let error = vault.unseal_compartment(id, stage, wrapped, &secret);
        assert!(matches!(error, Err(StageSecretError::Damaged | StageSecretError::NotProtected)), "{what}: {error:?}");
        assert!(!vault.is_open(id), "{what}");
    };
    for position in 0..made.wrapped.len() {
        for flip in [0x01, 0x80] {
            let mut changed = made.wrapped.clone();
            changed[position] ^= flip;
            refused(made.id, &prod(), &changed, &format!("byte {position} ^ {flip:#x}"));
        }
        refused(made.id, &prod(), &made.wrapped[..position], &format!("cut at {position}"));
    }
    refused(made.id, &prod(), &[made.wrapped.as_slice(), &[0]].concat(), "longer");
    refused(CompartmentId::make(), &prod(), &made.wrapped, "another compartment");
    refused(made.id, &StageName::dev(), &made.wrapped, "another stage");
    let other = Sandbox::new();
    let other_words = other.create();
    let other_vault = other.open(&other_words).expect("opens");
    let error = other_vault.unseal_compartment(made.id, &prod(), &made.wrapped, &secret);
    assert_eq!(error, Err(StageSecretError::Damaged), "another vault");
}

#[test]
fn a_new_stage_secret_takes_the_old_one_s_place() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (old, new) = (text("old-stage-secret"), text("new-stage-secret"));
    let made = vault.make_protected_compartment(&prod(), &old, KdfCost::floor()).expect("made");
    let sealed = vault.seal(&place(made.id), &SecretBytes::new(vec![1])).expect("sealed");
    drop(sealed);
    vault.seal_compartment(made.id);
    let (wrapped, stage, cost) = (made.wrapped.as_slice(), prod(), KdfCost::floor());
    let rewrapped = vault.rewrap_compartment(made.id, &stage, wrapped, &old, &new, cost).expect("rewrapped");
    assert!(!vault.is_open(made.id));
    assert_eq!(vault.tries_compartment(made.id, &stage, &rewrapped, &old), Ok(false));
    assert_eq!(vault.unseal_compartment(made.id, &stage, &rewrapped, &new), Ok(()));
}

#[test]
fn an_open_compartment_has_no_secret() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let made = vault.make_compartment(&prod()).expect("made");
    let secret = text("legal-winner-thank-year");
    assert!(!is_protected(&made.wrapped));
    assert_eq!(protection(&made.wrapped), None);
    assert!(!is_protected(b"") && !is_protected(b"anything else"));
    assert_eq!(vault.unseal_compartment(made.id, &prod(), &made.wrapped, &secret), Err(StageSecretError::NotProtected));
    assert_eq!(vault.tries_compartment(made.id, &prod(), &made.wrapped, &secret), Ok(false));
    vault.seal_compartment(made.id);
    assert!(!vault.is_open(made.id));
    assert_eq!(vault.load_compartment(made.id, &prod(), &made.wrapped), Ok(Loaded::Open));
    let compartment = made.id;
    let wrong_stage = vault.load_compartment(compartment, &StageName::dev(), &made.wrapped);
    assert_eq!(wrong_stage, Err(CompartmentError::Damaged { compartment }));
}

#[test]
fn what_is_no_stage_secret_makes_no_compartment() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let refused = |secret: &str, cost| vault.make_protected_compartment(&prod(), &text(secret), cost).err();
    assert_eq!(refused("", KdfCost::floor()), Some(ProtectError::Secret(PassphraseError::Empty)));
    assert_eq!(refused(&"x".repeat(4097), KdfCost::floor()), Some(ProtectError::Secret(PassphraseError::TooLong { most: 4096 })));
    let cheap = KdfCost { passes: 1, ..KdfCost::floor() };
    assert_eq!(refused("good enough", cheap), Some(ProtectError::Secret(PassphraseError::CostOutOfRange)));
}
