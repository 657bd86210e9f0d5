//! Ansible, age, SOPS, stores of `pass`, Towerify, connections: what costs too much is refused before it costs anything.

use beffroi_import::{Format, ImportError, Reading, Source, Unlock, Work, read};
use beffroi_secret::SecretText;

use crate::{outcome, refused_by_its_header};

const MREMOTENG: &str = include_str!("../vectors/mremoteng/own.xml");
const SOPS: &str = include_str!("../vectors/sops/all.yaml");
const IDENTITY: &str = include_str!("../vectors/sops/identity.txt");

fn with(password: &str, identities: &[&str]) -> Unlock {
    let text = |text: &str| SecretText::new(text.to_owned());
    Unlock { password: Some(text(password)), identities: identities.iter().map(|identity| text(identity)).collect(), ..Unlock::default() }
}

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Ends a file at every place of some: nothing panics, nothing is held, and half a file is never taken for a whole one.
fn cut(format: Format, name: &str, whole: &[u8], unlock: &Unlock, step: usize) {
    for end in (0..whole.len()).step_by(step) {
        outcome(format, name, &whole[..end], unlock);
    }
}

#[test]
fn an_inventory_has_limits() {
    let none = Unlock::default();
    let refused = |name: &str, text: String| refused_by_its_header(Format::Ansible, name, text, &none);
    assert!(matches!(refused("hosts", "[a]\nweb[1:9999999]\n".to_owned()), ImportError::Malformed { .. }));
    assert!(matches!(refused("hosts", "[a]\nw[1:9000]-[1:9000]\n".to_owned()), ImportError::TooLarge { what: "hosts", .. }));
    let said = (0..200).map(|at| format!(" v{at}=x")).collect::<String>();
    assert!(matches!(refused("hosts", format!("[a]\nw[1:9000]{said}\n")), ImportError::TooLarge { what: "variables", .. }));
    let loops = "[a:children]\nb\n[b:children]\na\n".to_owned();
    assert!(matches!(refused("hosts", loops), ImportError::Malformed { what: "children", .. }));
    let chain: String = (0..100).map(|at| format!("[g{at}:children]\ng{}\n", at + 1)).collect();
    assert!(matches!(refused("hosts", chain), ImportError::TooLarge { what: "children", .. }));
    assert!(matches!(refused("hosts", format!("[a]\n{}", "x".repeat(4 << 20))), ImportError::TooLarge { what: "line", .. }));
    let deep = format!("all:\n  hosts:\n{}", (0..200).map(|at| format!("{}a:\n", " ".repeat(4 + at))).collect::<String>());
    assert!(matches!(refused("hosts.yml", deep), ImportError::TooLarge { what: "YAML", .. }));
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..12).map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 8].join(", "))))
        .collect();
    assert!(matches!(refused("vars.yml", bomb), ImportError::TooLarge { what: "YAML", .. }));
    assert!(matches!(refused("hosts", "\u{feff}\0".to_owned()), ImportError::NotText { .. }));
    let text = "[a]\nweb ansible_host=192.0.2.1 ansible_password='p'\n[a:vars]\nx=y\n";
    assert_eq!(outcome(Format::Ansible, "hosts", wide(text), &none).result.expect("UTF-16").hosts.len(), 1);
    cut(Format::Ansible, "hosts", text.as_bytes(), &none, 1);
}

#[test]
fn a_vault_is_looked_at_before_its_key_is_derived() {
    let unlock = with("x", &[]);
    for header in ["$ANSIBLE_VAULT;1.0;AES", "$ANSIBLE_VAULT;2.0;AES256", "$ANSIBLE_VAULT;1.1;CHACHA"] {
        let refused = refused_by_its_header(Format::AnsibleVault, "vault.yml", format!("{header}\n3030\n"), &unlock);
        assert!(matches!(refused, ImportError::Unsupported { .. }), "{header}");
    }
    for body in ["", "0", "zz", "303030", "30300a3030"] {
        refused_by_its_header(Format::AnsibleVault, "vault.yml", format!("$ANSIBLE_VAULT;1.1;AES256\n{body}\n"), &unlock);
    }
    // Many passwords, and many vaults, cost a derivation each.
    let many: Vec<String> = (0..40).map(|at| format!("password {at}")).collect();
    let many = with("x", &many.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = refused_by_its_header(Format::AnsibleVault, "vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3030\n", &many);
    assert!(matches!(refused, ImportError::TooLarge { what: "vault-id", .. }));
}

#[test]
fn the_header_of_age_is_looked_at_first() {
    let unlock = with("x", &[IDENTITY]);
    let file = |stanzas: &str| format!("age-encryption.org/v1\n{stanzas}--- bWFj\nxxxxxxxxxxxxxxxx");
    for log_n in [21, 30, 63, 200] {
        let stanza = format!("-> scrypt c2FsdHNhbHRzYWx0c2FsdA {log_n}\nYm9keQ\n");
        assert!(matches!(
            refused_by_its_header(Format::Age, "a.age", file(&stanza), &unlock),
            ImportError::TooExpensive { what: "scrypt", .. }
        ));
    }
    let many = "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n".repeat(300);
    assert!(matches!(refused_by_its_header(Format::Age, "a.age", file(&many), &unlock), ImportError::TooLarge { what: "stanzas", .. }));
    let long = format!("age-encryption.org/v1\n-> x\n{}", "A".repeat(1 << 20));
    refused_by_its_header(Format::Age, "a.age", long, &unlock);
    refused_by_its_header(Format::Age, "a.age", "-----BEGIN AGE ENCRYPTED FILE-----\n!!!!\n", &unlock);
    let key = "age-encryption.org/v1\n-> grease\n\n--- bWFj\n";
    cut(Format::Age, "a.age", key.as_bytes(), &unlock, 1);
}

#[test]
fn half_a_file_of_sops_is_none() {
    let unlock = with("", &[IDENTITY]);
    assert!(outcome(Format::Sops, "a.yaml", SOPS, &unlock).result.is_ok());
    // Without its last line, the version, it still says all that the mac covers.
    let covered = SOPS.rfind("\n  unencrypted_suffix").expect("metadata");
    for end in (0..covered).step_by(7) {
        assert!(outcome(Format::Sops, "a.yaml", &SOPS.as_bytes()[..end], &unlock).result.is_err(), "{end}");
    }
    let deep = format!("{{\"a\":{}1{},\"sops\":{{}}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(matches!(refused_by_its_header(Format::Sops, "a.json", deep, &unlock), ImportError::TooLarge { .. }));
    let listed = "sops_age__list_99999999__map_enc=x\nsops_mac=x\nsops_lastmodified=x\n";
    assert!(matches!(refused_by_its_header(Format::Sops, "a.env", listed, &unlock), ImportError::TooLarge { what: "age", .. }));
}

#[test]
fn connections_cost_what_their_header_says() {
    let unlock = with("own password", &[]);
    let dear = |rounds: &str| MREMOTENG.replace("KdfIterations=\"1000\"", &format!("KdfIterations=\"{rounds}\""));
    for rounds in ["4000000000", "18446744073709551615", "20000000"] {
        let refused = refused_by_its_header(Format::MRemoteNg, "confCons.xml", dear(rounds), &unlock);
        assert!(matches!(refused, ImportError::TooExpensive { what: "KdfIterations", .. }), "{rounds}");
    }
    assert!(matches!(refused_by_its_header(Format::MRemoteNg, "confCons.xml", dear("-1"), &unlock), ImportError::Malformed { .. }));
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"xxxx\">]><Connections ConfVersion=\"2.6\"/>";
    assert!(matches!(refused_by_its_header(Format::MRemoteNg, "confCons.xml", entity, &unlock), ImportError::Unsupported { .. }));
    let head = MREMOTENG.split_once("<Node").expect("nodes").0.replace("Protected=\"", "Unprotected=\"");
    let deep = format!("{head}{}", "<Node Name=\"a\" Type=\"Container\">".repeat(10_000));
    assert!(matches!(refused_by_its_header(Format::MRemoteNg, "confCons.xml", deep, &unlock), ImportError::TooLarge { what: "depth", .. }));
    cut(Format::MRemoteNg, "confCons.xml", MREMOTENG.as_bytes(), &unlock, 211);
    let utf16 = outcome(Format::MRemoteNg, "confCons.xml", wide(MREMOTENG), &unlock).result.expect("UTF-16");
    assert_eq!(utf16.hosts.len(), 3);
}

#[test]
fn registries_and_lists_have_limits() {
    let none = Unlock::default();
    let reg = "Windows Registry Editor Version 5.00\r\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\a]\r\n\"HostName\"=\"h\"\r\n\"P\"=dword:0000\r\n";
    cut(Format::PuttyReg, "a.reg", reg.as_bytes(), &none, 1);
    assert!(matches!(outcome(Format::PuttyReg, "a.reg", [wide(reg), vec![0]].concat(), &none).result, Err(ImportError::Truncated { .. })));
    let long = format!("{reg}\"X\"=\"{}\"\r\n", "x".repeat(1 << 20));
    assert!(matches!(refused_by_its_header(Format::PuttyReg, "a.reg", long, &none), ImportError::TooLarge { what: "value", .. }));
    let ini = "[Sessions\\a]\nHostName=h\nUserName=u\nPassword=A35C5C5D00\n[SshHostKeys]\nrsa2@22:h=0x1,0x2\n";
    cut(Format::WinScp, "WinSCP.ini", ini.as_bytes(), &none, 1);
    let key = format!("[Sessions\\a]\nHostName=h\n[SshHostKeys]\nrsa2@22:h=0x1,0x{}\n", "f".repeat(1 << 20));
    assert_eq!(outcome(Format::WinScp, "WinSCP.ini", key, &none).result.expect("read").host_keys.len(), 0);
    let towerify = "[a]\ntowerify_domain=x\ntowerify_login=l\ntowerify_password=p\n";
    cut(Format::Towerify, "config.ini", towerify.as_bytes(), &none, 1);
    let long = format!("{towerify}\n[b]\ntowerify_domain=y\ntowerify_password={}\n", "p".repeat(1 << 20));
    assert!(matches!(refused_by_its_header(Format::Towerify, "config.ini", long, &none), ImportError::TooLarge { what: "value", .. }));
}

#[test]
fn a_store_with_damaged_files_gives_the_rest_and_follows_no_link() {
    let store = tempfile::tempdir().expect("a folder");
    let outside = tempfile::tempdir().expect("another");
    std::fs::write(store.path().join(".age-recipients"), "age1").expect("written");
    std::fs::write(outside.path().join("secret.age"), "age-encryption.org/v1\n").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("secret.age"), store.path().join("link.age")).expect("linked");
    for (name, text) in [("a.age", "nonsense"), ("b.gpg", "\u{85}\u{1}"), ("c.gpg", "-----BEGIN PGP MESSAGE-----\n\n!!\n")] {
        std::fs::write(store.path().join(name), text).expect("written");
    }
    let (source, unlock, work) = (Source::open(store.path()).expect("open"), with("", &[IDENTITY]), Work::default());
    // Nothing opens with OpenPGP, for which there is no key.
    let result = read(Format::Pass, &Reading { source: &source, unlock: &unlock, work: &work });
    assert!(matches!(result, Err(ImportError::Locked { what: "identity" })), "{result:?}");
    std::fs::remove_file(store.path().join("b.gpg")).expect("gone");
    std::fs::remove_file(store.path().join("c.gpg")).expect("gone");
    let parsed = read(Format::Pass, &Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    assert_eq!(
        parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
        [("a", "damaged"), ("link.age", "link")]
    );
    assert_eq!(work.derivations(), 0);
}
