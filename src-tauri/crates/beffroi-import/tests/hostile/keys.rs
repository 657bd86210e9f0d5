use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_import::limits::{MOST_BCRYPT, MOST_KEYS};
use beffroi_import::{Format, ImportError, Reading, Source, Unlock, Work, read};
use beffroi_secret::SecretText;

use crate::{outcome, refused_by_its_header};

/// Made by `ssh-keygen -t ed25519 -a 1 -N secret`, for this.
const SEALED: &str = include_str!("../vectors/keys/ed25519-sealed");
/// Made by `puttygen` of the same key, version 3, without a passphrase.
const PPK: &str = include_str!("../vectors/keys/ed25519.ppk");
/// Made by `openssl pkcs12 -export` (3.0): a key and its certificate, password `secret`.
const P12: &[u8] = include_bytes!("../vectors/keys/ec.p12");

fn secret() -> Unlock {
    Unlock { password: Some(SecretText::new("secret".to_owned())), ..Unlock::default() }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// An element of DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..=127 => bytes.push(short as u8),
        long => bytes.extend([0x82, (long >> 8) as u8, long as u8]),
    }
    bytes.extend(content);
    bytes
}

/// PBES2 with this derivation.
fn pbes2(kdf: &[u8]) -> Vec<u8> {
    let aes = der(0x30, &[b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a", &der(4, &[&[0; 16]])]);
    let parameters = der(0x30, &[kdf, &aes]);
    der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", &parameters])
}

fn scrypt(cost: &[u8], block: &[u8], lanes: &[u8]) -> Vec<u8> {
    let parameters = der(0x30, &[&der(4, &[b"saltsalt"]), &der(2, &[cost]), &der(2, &[block]), &der(2, &[lanes])]);
    pbes2(&der(0x30, &[b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b", &parameters]))
}

#[test]
fn derivations_that_cost_too_much_are_refused_by_their_header() {
    let refused = |name: &str, text: String| refused_by_its_header(Format::Keys, name, text, &secret());
    let costs =
        |error: ImportError, word: &str| assert!(matches!(&error, ImportError::TooExpensive { what, .. } if *what == word), "{error:?}");
    // Rounds of bcrypt, in the header of OpenSSH.
    let mut bytes = STANDARD.decode(SEALED.lines().filter(|line| !line.starts_with('-')).collect::<String>()).expect("base64");
    let at = bytes.windows(6).position(|here| here == b"bcrypt").expect("bcrypt") + 6 + 4 + 4 + 16;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    costs(refused("id", pem("OPENSSH PRIVATE KEY", &bytes)), "rounds");
    // Argon2 of PuTTY.
    let with = |memory: u64, passes: u64, lanes: u64| {
        let header = format!(
            "Key-Derivation: Argon2id\nArgon2-Memory: {memory}\nArgon2-Passes: {passes}\nArgon2-Parallelism: {lanes}\nArgon2-Salt: 00112233445566778899aabbccddeeff\n"
        );
        PPK.replace("Encryption: none", "Encryption: aes256-cbc").replace("Private-Lines", &format!("{header}Private-Lines"))
    };
    costs(refused("a.ppk", with(1 << 40, 1, 1)), "Argon2-Memory");
    costs(refused("a.ppk", with(1 << 20, u64::MAX, 1)), "Argon2-Passes");
    costs(refused("a.ppk", with(8192, 3, 1 << 30)), "Argon2-Parallelism");
    // PBKDF2 and scrypt of PKCS#8.
    let rounds = |rounds: &[u8]| {
        let parameters = der(0x30, &[&der(4, &[b"saltsalt"]), &der(2, &[rounds])]);
        let scheme = pbes2(&der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c", &parameters]));
        pem("ENCRYPTED PRIVATE KEY", &der(0x30, &[&scheme, &der(4, &[&[0; 64]])]))
    };
    costs(refused("k.pem", rounds(&[0x7f, 0xff, 0xff, 0xff])), "iterationCount");
    costs(refused("k.pem", rounds(&[0x7f; 20])), "iterationCount");
    assert!(matches!(refused("k.pem", rounds(&[0xff])), ImportError::Malformed { .. }));
    assert!(matches!(refused("k.pem", rounds(&[0])), ImportError::Malformed { .. }));
    let stretched = |cost: &[u8], block: &[u8], lanes: &[u8]| {
        pem("ENCRYPTED PRIVATE KEY", &der(0x30, &[&scrypt(cost, block, lanes), &der(4, &[&[0; 64]])]))
    };
    costs(refused("k.pem", stretched(&[0x40, 0, 0, 0], &[8], &[1])), "costParameter");
    costs(refused("k.pem", stretched(&[0x10, 0, 0], &[0x7f, 0xff], &[1])), "scrypt");
    costs(refused("k.pem", stretched(&[0x10, 0], &[8], &[0x7f, 0xff, 0xff])), "scrypt");
    assert!(matches!(refused("k.pem", stretched(&[3], &[8], &[1])), ImportError::Malformed { .. }));
}

#[test]
fn cut_anywhere_nothing_comes_of_it() {
    for (format, name, whole) in
        [(Format::Keys, "id", SEALED.as_bytes()), (Format::Keys, "a.ppk", PPK.as_bytes()), (Format::Pkcs12, "a.p12", P12)]
    {
        assert!(outcome(format, name, whole, &secret()).result.is_ok(), "{name}");
        // The line break at the end says nothing.
        for end in (0..whole.len() - 2).step_by(11) {
            let cut = outcome(format, name, &whole[..end], &secret());
            assert!(cut.result.is_err(), "{name} cut at {end}");
            assert_eq!(cut.derivations, 0, "{name} cut at {end}");
        }
    }
}

#[test]
fn no_byte_that_is_changed_gives_another_key() {
    let value = |bytes: Vec<u8>| {
        let result = outcome(Format::Keys, "a.ppk", bytes, &secret()).result;
        result.ok().and_then(|parsed| parsed.entries.into_iter().next()?.value).map(|value| value.expose().clone())
    };
    let whole = value(PPK.as_bytes().to_vec());
    assert!(whole.is_some());
    for at in (0..PPK.len()).step_by(3) {
        let mut changed = PPK.as_bytes().to_vec();
        changed[at] ^= 1;
        let found = value(changed);
        assert!(found.is_none() || found == whole, "byte {at}");
    }
}

#[test]
fn lengths_that_lie_and_files_that_are_no_keys() {
    let refused = |text: String| refused_by_its_header(Format::Keys, "id", text, &secret());
    assert!(matches!(
        refused(format!("PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: {}\n", u64::MAX)),
        ImportError::TooLarge { what: "Public-Lines", .. }
    ));
    assert!(matches!(refused("PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 5\nAAAA\n".to_owned()), ImportError::Truncated { .. }));
    assert!(matches!(refused("PuTTY-User-Key-File-1: ssh-rsa\n".to_owned()), ImportError::Unsupported { .. }));
    assert!(matches!(refused(pem("RSA PRIVATE KEY", b"\x30\x84\xff\xff\xff\xff")), ImportError::Truncated { .. }));
    assert!(matches!(
        refused(pem("EC PRIVATE KEY", &der(0x30, &[&der(2, &[&[1]]), &der(4, &[&[0; 400]])]))),
        ImportError::Unsupported { .. }
    ));
    // A key of 100,000 bits.
    let long = der(2, &[&[0x7f; 12_500]]);
    let numbers: Vec<&[u8]> = vec![&[2, 1, 0], &long, &long, &long, &long, &long, &long, &long, &long];
    assert!(matches!(
        refused(pem("RSA PRIVATE KEY", &der(0x30, &numbers)[..])),
        ImportError::TooLarge { .. } | ImportError::Truncated { .. }
    ));
    assert!(matches!(refused(format!("-----BEGIN PRIVATE KEY-----\n{}", "A".repeat(1 << 18))), ImportError::Truncated { .. }));
    assert!(matches!(
        refused(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "A".repeat(1 << 19))),
        ImportError::TooLarge { .. }
    ));
    let mut many = String::new();
    for _ in 0..2_000 {
        let _ = writeln!(many, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
    }
    assert!(matches!(refused(many), ImportError::TooLarge { .. }));
    let wide: Vec<u8> = SEALED.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(outcome(Format::Keys, "id", [b"\xfe\xff".to_vec(), wide].concat(), &secret()).result.is_ok(), "UTF-16 is text");
    assert!(matches!(
        refused_by_its_header(Format::Keys, "id", SEALED.replace("BEGIN OPENSSH", "BEGIN\0OPENSSH"), &secret()),
        ImportError::NotText { .. }
    ));
}

#[test]
fn pkcs12_that_asks_too_much() {
    let refused = |bytes: Vec<u8>| refused_by_its_header(Format::Pkcs12, "a.p12", bytes, &secret());
    // Its MAC: the last integer of the file.
    let contents = der(0xa0, &[&der(4, &[&der(0x30, &[])])]);
    let safe = der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", &contents]);
    let file = |rounds: &[u8], hash: &[u8]| {
        let digest = der(0x30, &[&der(0x30, &[hash, &[5, 0]]), &der(4, &[&[0; 20]])]);
        der(0x30, &[&[2, 1, 3], &safe, &der(0x30, &[&digest, &der(4, &[&[0; 8]]), &der(2, &[rounds])])])
    };
    const SHA1: &[u8] = b"\x06\x05\x2b\x0e\x03\x02\x1a";
    assert!(matches!(refused(file(&[0x7f, 0xff, 0xff, 0xff], SHA1)), ImportError::TooExpensive { what: "iterations", .. }));
    assert!(matches!(refused(file(&[0x7f; 30], SHA1)), ImportError::TooExpensive { what: "iterations", .. }));
    assert!(matches!(refused(file(&[1], b"\x06\x03\x2a\x03\x04")), ImportError::Unsupported { .. }));
    assert!(matches!(refused(file(&[0x80], SHA1)), ImportError::Malformed { .. }));
    // Bags in bags, without a MAC.
    let mut nested = der(0x30, &[]);
    for _ in 0..40 {
        let bag = der(0x30, &[b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x06", &der(0xa0, &[&nested])]);
        nested = der(0x30, &[&bag]);
    }
    let info = der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", &der(0xa0, &[&der(4, &[&nested])])]);
    let safe = der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", &der(0xa0, &[&der(4, &[&der(0x30, &[&info])])])]);
    assert!(matches!(refused(der(0x30, &[&[2, 1, 3], &safe])), ImportError::TooLarge { what: "SafeContents", .. }));
    assert!(matches!(refused(b"\x30\x80\x02\x01\x03".to_vec()), ImportError::Unsupported { .. }));
    let wrong = Unlock { password: Some(SecretText::new("wrong".to_owned())), ..Unlock::default() };
    let outcome = outcome(Format::Pkcs12, "a.p12", P12, &wrong);
    assert!(matches!(outcome.result, Err(ImportError::Wrong { what: "password" })));
    assert_eq!(outcome.derivations, 1, "its MAC, and nothing that it covers");
}

#[test]
fn a_file_of_many_keys_is_not_derived_without_end() {
    let many = outcome(Format::Keys, "id", SEALED.repeat(150), &secret());
    assert!(matches!(many.result, Err(ImportError::TooExpensive { what: "keys", .. })));
    assert!(many.derivations <= 100);
}

#[test]
fn keys_of_a_folder_are_paid_for_together() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("known_hosts"), "").expect("written");
    for number in 0..20 {
        std::fs::write(folder.path().join(format!("id_{number}")), SEALED).expect("written");
    }
    let source = Source::open(folder.path()).expect("open");
    let unlock = Unlock { password: Some(SecretText::new("not it".to_owned())), ..Unlock::default() };
    let work = Work::default();
    // It has one round. As if keys that were each just cheap enough had come first.
    work.derives("rounds", MOST_KEYS * MOST_BCRYPT - 2, MOST_BCRYPT).expect("the first ones");
    let parsed = read(Format::SshFolder, &Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    let refused = |why: &str| parsed.refused.iter().filter(|refused| refused.why == why).count();
    assert_eq!((refused("wrong-password"), refused("too-expensive"), work.derivations()), (2, 18, 3), "{:?}", parsed.refused);
}
