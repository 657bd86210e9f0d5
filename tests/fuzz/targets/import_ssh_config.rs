#![no_main]
//! Configurations of OpenSSH. What is written of their hosts is read again, as the same hosts.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(parsed) = import::read(Format::SshConfig, "config", bytes, &Unlock::default()) else { return };
    let written = beffroi_import::write::ssh_config::write(&parsed);
    let again = import::read(Format::SshConfig, "config", written.text.as_bytes(), &Unlock::default()).expect("what was written");
    let left_out = |name: &str| written.refused.iter().any(|refused| refused.what == name);
    let mut before = parsed.hosts.iter().filter(|host| !left_out(&host.name));
    for after in &again.hosts {
        let before = before.next().expect("no host more than before");
        assert_eq!((&before.name, before.port, &before.user, &before.jump), (&after.name, after.port, &after.user, &after.jump));
        assert!(before.address.eq_ignore_ascii_case(&after.address));
    }
    assert!(before.next().is_none());
});
