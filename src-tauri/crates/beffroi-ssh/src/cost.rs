//! What it costs to derive the key that a private key is encrypted with, before it is derived. A stored key may come from a file of
//! somebody else, which says itself how much is to be done.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_remote::RemoteError;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use pkcs8::pkcs5::pbes2::Kdf as Pbes2Kdf;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::Kdf;
use zeroize::Zeroizing;

use crate::signing::unusable;

/// Rounds of bcrypt-pbkdf (OpenSSH); ssh-keygen's own are 24, and 2000 take some ten seconds.
const MOST_BCRYPT: u32 = 2_000;
/// Rounds of PBKDF2 (PKCS#8).
const MOST_PBKDF2: u32 = 20_000_000;
/// Bytes that scrypt takes (PKCS#8).
const MOST_SCRYPT: u64 = 1 << 30;
/// Memory of Argon2 in KiB (PuTTY); PuTTY's own is 8 MiB.
const MOST_ARGON2_KIB: u64 = 1 << 20;
/// Passes of Argon2 times its memory in KiB: about ten seconds.
const MOST_ARGON2_WORK: u64 = 20 << 20;

/// Refuses a private key whose derivation asks for more than is done for any.
///
/// # Errors
/// [`RemoteError::CredentialUnusable`].
pub(crate) fn affordable(text: &str) -> Result<(), RemoteError> {
    let is_affordable = if text.trim().starts_with("PuTTY-User-Key-File-") { of_putty(text) } else { of_armoured(text)? };
    if is_affordable { Ok(()) } else { Err(unusable("opening the key asks for more work than is done for any key")) }
}

/// Appendix C of PuTTY's manual. Whatever stands in a line of that name counts, so that no second one hides another.
fn of_putty(text: &str) -> bool {
    let most = |name: &str| {
        let values = text.lines().filter_map(|line| line.trim_start().strip_prefix(name));
        values.map(|value| value.trim().parse::<u64>().unwrap_or(u64::MAX)).max().unwrap_or(0)
    };
    let (memory, passes) = (most("Argon2-Memory:"), most("Argon2-Passes:"));
    memory <= MOST_ARGON2_KIB && memory.saturating_mul(passes) <= MOST_ARGON2_WORK
}

fn of_armoured(text: &str) -> Result<bool, RemoteError> {
    let bytes = armoured(text)?;
    if let Ok(key) = PrivateKey::from_bytes(&bytes) {
        return Ok(match key.kdf() {
            Kdf::Bcrypt { rounds, .. } => *rounds <= MOST_BCRYPT,
            _ => true,
        });
    }
    let Ok(info) = EncryptedPrivateKeyInfoRef::from_der(&bytes) else { return Ok(true) };
    Ok(match info.encryption_algorithm.pbes2().map(|parameters| &parameters.kdf) {
        Some(Pbes2Kdf::Pbkdf2(asks)) => asks.iteration_count <= MOST_PBKDF2,
        Some(Pbes2Kdf::Scrypt(asks)) => {
            let memory = asks.cost_parameter.saturating_mul(128 * u64::from(asks.block_size));
            memory.saturating_mul(asks.parallelization.max(1).into()) <= MOST_SCRYPT
        }
        _ => true,
    })
}

/// The bytes in the armour, as russh takes them: a key that says one thing here and another there would be read there.
fn armoured(text: &str) -> Result<Zeroizing<Vec<u8>>, RemoteError> {
    let begins = |line: &str| {
        let kind = line.strip_prefix("-----BEGIN ").and_then(|line| line.strip_suffix("PRIVATE KEY-----"));
        matches!(kind, Some("OPENSSH " | "RSA " | "ENCRYPTED " | "EC " | ""))
    };
    let mut inside = Zeroizing::new(String::with_capacity(text.len()));
    let mut started = false;
    for line in text.lines() {
        if started && line.starts_with("-----END ") {
            break;
        }
        if started && line.chars().all(|sign| sign.is_ascii_alphanumeric() || "/+=".contains(sign)) {
            inside.push_str(line);
        }
        started |= begins(line);
    }
    STANDARD.decode(inside.as_bytes()).map(Zeroizing::new).map_err(|_| unusable("not a private key"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use beffroi_secret::SecretText;

    use super::*;
    use crate::signing::SigningKey;

    /// A key that `ssh-keygen` or `openssl` makes; nothing where there is no such program.
    fn made(program: &str, arguments: &[&str]) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new(program).args(arguments).current_dir(folder.path()).output().ok()?;
        assert!(made.status.success(), "{program}: {}", String::from_utf8_lossy(&made.stderr));
        Some(fs::read_to_string(folder.path().join("key")).expect("a key"))
    }

    /// The text of a key with other bytes in its armour.
    fn with_bytes(text: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = armoured(text).expect("base64").to_vec();
        change(&mut bytes);
        let mut lines = text.lines();
        let (first, last) = (lines.next().expect("a line"), lines.next_back().expect("a line"));
        format!("{first}\n{}\n{last}\n", STANDARD.encode(bytes))
    }

    #[tokio::test]
    async fn a_key_of_openssh_says_its_rounds() {
        let Some(key) = made("ssh-keygen", &["-q", "-t", "ed25519", "-N", "orbit", "-a", "24", "-f", "key"]) else { return };
        affordable(&key).expect("24 rounds");
        let asking = |rounds: u32| {
            with_bytes(&key, |bytes| {
                // After the names of cipher and derivation: the length of the options, the salt of 16 bytes, the rounds.
                let options = bytes.windows(6).position(|six| six == b"bcrypt").expect("bcrypt") + 6;
                bytes[options + 24..options + 28].copy_from_slice(&rounds.to_be_bytes());
            })
        };
        affordable(&asking(MOST_BCRYPT)).expect("as many as are done");
        for rounds in [MOST_BCRYPT + 1, 4_000_000_000] {
            let (key, passphrase) = (SecretText::new(asking(rounds)), SecretText::new("orbit".to_owned()));
            let refused = SigningKey::read(&key, Some(&passphrase), None).await.map(drop).expect_err("too many");
            assert!(refused.to_string().contains("more work"), "{refused}");
        }
    }

    #[test]
    fn a_key_of_pkcs8_says_its_work() {
        let with = |derivation: &[&str]| {
            let made_plain = ["genpkey", "-algorithm", "ED25519", "-out", "plain"];
            let folder = tempfile::tempdir().expect("a folder");
            let run = |arguments: &[&str]| Command::new("openssl").args(arguments).current_dir(folder.path()).output().ok();
            run(&made_plain)?;
            let pack = [&["pkcs8", "-topk8", "-in", "plain", "-out", "key", "-passout", "pass:orbit"], derivation].concat();
            let packed = run(&pack)?;
            packed.status.success().then(|| fs::read_to_string(folder.path().join("key")).expect("a key"))
        };
        let Some(key) = with(&["-v2", "aes-256-cbc", "-iter", "65535"]) else { return };
        affordable(&key).expect("openssl's");
        let costly = with_bytes(&key, |bytes| {
            // INTEGER of three bytes.
            let at = bytes.windows(5).position(|five| five == [2, 3, 0, 0xff, 0xff]).expect("the rounds");
            bytes.splice(at..at + 5, [2, 4, 0x01, 0x80, 0, 0]);
            // Each of the sequences around it is one longer.
            grown(bytes, at);
        });
        affordable(&costly).expect_err("25 million rounds");
        let Some(key) = with(&["-scrypt", "-scrypt_N", "16384", "-scrypt_r", "8", "-scrypt_p", "1"]) else { return };
        affordable(&key).expect("16 MiB");
        let costly = with_bytes(&key, |bytes| {
            let at = bytes.windows(4).position(|four| four == [2, 2, 0x40, 0]).expect("N");
            bytes[at + 2] = 0x7f;
            let block = bytes[at + 4..].windows(3).position(|three| three == [2, 1, 8]).expect("r") + at + 4;
            bytes[block + 2] = 0x7f;
            let lanes = block + 3;
            assert_eq!(bytes[lanes..lanes + 3], [2, 1, 1]);
            bytes[lanes + 2] = 0x7f;
        });
        affordable(&costly).expect_err("tens of GiB");
    }

    /// Adds one to the length of each SEQUENCE that a place lies in.
    fn grown(bytes: &mut [u8], place: usize) {
        let mut at = 0;
        while at < place {
            let (length_at, head) = match bytes[at + 1] {
                0x81 => (at + 2, 3),
                0x82 => (at + 3, 4),
                _ => (at + 1, 2),
            };
            let length = match head {
                4 => (usize::from(bytes[at + 2]) << 8) | usize::from(bytes[at + 3]),
                _ => usize::from(bytes[length_at]),
            };
            let inside = bytes[at] == 0x30 && place < at + head + length;
            if inside {
                bytes[length_at] += 1;
                at += head;
            } else {
                at += head + length;
            }
        }
    }

    #[test]
    fn a_key_of_putty_says_its_memory() {
        let key = |memory: &str, passes: &str| {
            format!(
                "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\nComment: x\nPublic-Lines: 0\nKey-Derivation: Argon2id\n\
                 Argon2-Memory: {memory}\nArgon2-Passes: {passes}\nArgon2-Parallelism: 1\n"
            )
        };
        affordable(&key("8192", "21")).expect("PuTTY's own");
        for (memory, passes) in [("4294967295", "1"), ("8192", "4000000000"), ("many", "1")] {
            affordable(&key(memory, passes)).expect_err("too much");
        }
        let twice = format!("{}Argon2-Passes: 1\n", key("8192", "4000000000"));
        affordable(&twice).expect_err("whichever of the two is read");
    }
}
