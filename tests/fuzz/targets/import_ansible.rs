#![no_main]
//! An inventory, as INI and as YAML, and variables; the tree of YAML is the one that everything else reads.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use beffroi_secret::SecretText;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // An empty password: what is vaulted is left out, and told.
    let unlock = Unlock { password: Some(SecretText::new(String::new())), ..Unlock::default() };
    for name in ["hosts", "hosts.yml"] {
        if let Some(parsed) = import::read(Format::Ansible, name, bytes, &unlock) {
            assert!(parsed.hosts.iter().all(|host| host.port != Some(0) && host.port != Some(22)));
        }
    }
});
