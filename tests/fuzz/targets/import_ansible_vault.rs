#![no_main]
//! A vault: its header and its hexadecimal text without a password, so that no key is derived; what comes out of one that opens, as
//! it is read then; and now and then both, which costs 10,000 rounds.

use beffroi_fuzz::import;
use beffroi_import::formats::ansible::vault::seal;
use beffroi_import::formats::inside;
use beffroi_import::{Format, Reading, Source, Unlock, Work};
use beffroi_secret::{SecretBytes, SecretText};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let none = Unlock::default();
    let mark = [b"$ANSIBLE_VAULT;1.1;AES256\n", bytes].concat();
    for whole in [bytes, mark.as_slice()] {
        import::read(Format::AnsibleVault, "vault.yml", whole, &none);
    }
    let (source, work) = (Source::file("vault.yml", mark), Work::default());
    let clear = SecretBytes::new(bytes.to_vec());
    if let Ok(parsed) = inside::read("vault.yml", clear, &Reading { source: &source, unlock: &none, work: &work }) {
        import::holds(&parsed);
    }
    if bytes.first() == Some(&0) {
        let password = || SecretText::new("fuzz".to_owned());
        let sealed = seal(&SecretBytes::new(bytes.to_vec()), &password(), None, &[7; 32]).expect("sealed");
        import::read(Format::AnsibleVault, "vault.yml", &sealed, &Unlock { password: Some(password()), ..Unlock::default() });
    }
});
