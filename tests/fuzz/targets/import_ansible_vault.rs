#![no_main]
//! A vault: as it comes, and with what is inside one that opens.

use beffroi_fuzz::import;
use beffroi_import::formats::ansible::vault::seal;
use beffroi_import::{Format, Unlock};
use beffroi_secret::{SecretBytes, SecretText};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let password = || SecretText::new("fuzz".to_owned());
    let unlock = Unlock { password: Some(password()), ..Unlock::default() };
    let mark = [b"$ANSIBLE_VAULT;1.1;AES256\n", bytes].concat();
    import::read(Format::AnsibleVault, "vault.yml", &mark, &unlock);
    let sealed = seal(&SecretBytes::new(bytes.to_vec()), &password(), None, &[7; 32]).expect("sealed");
    import::read(Format::AnsibleVault, "vault.yml", &sealed, &unlock);
});
