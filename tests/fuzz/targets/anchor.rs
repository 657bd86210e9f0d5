#![no_main]
//! Both copies of the anchor. One that the vault did not write is never authentic.

use std::sync::LazyLock;

use beffroi_fuzz::Vault;
use beffroi_vault::{Anchor, AnchorCopy};
use libfuzzer_sys::fuzz_target;

static VAULT: LazyLock<(Vault, Vec<u8>)> = LazyLock::new(|| {
    let vault = Vault::make();
    vault.open.write_anchor(&Anchor { sequence: 7, journal_head: [1; 32], state_digest: [2; 32] }).expect("it can be written");
    let bytes = std::fs::read(&vault.outside).expect("it was written");
    (vault, bytes)
});

/// The first byte says how many bytes of a true anchor come first; the rest follows them.
fuzz_target!(|bytes: &[u8]| {
    let (vault, good) = &*VAULT;
    let Some((kept, rest)) = bytes.split_first() else { return };
    let start = good.get(..usize::from(*kept).min(good.len())).unwrap_or_default();
    let mixed = [start, rest].concat();
    std::fs::write(&vault.outside, &mixed).expect("it can be written");
    std::fs::write(vault.open.folder().join("anchor"), &mixed).expect("it can be written");
    if let Ok(state) = vault.open.read_anchor() {
        let valid = matches!(state.folder, AnchorCopy::Valid(_));
        assert_eq!(valid, mixed == *good, "only what the vault wrote is authentic");
    }
});
