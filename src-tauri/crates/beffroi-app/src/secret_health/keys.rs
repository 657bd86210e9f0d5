//! What kind of key a public key is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The shortest key of RSA's that is still good for years (BSI TR-02102-1; ssh-keygen's own is 3072).
const SHORTEST_RSA: usize = 3000;

/// What a key is called when it is weaker than is good today, such as `RSA 2048`.
pub(super) fn weakness(public_line: &str) -> Option<String> {
    let mut words = public_line.split(' ');
    let (algorithm, key) = (words.next()?, words.next()?);
    match algorithm {
        "ssh-dss" => Some("DSA".to_owned()),
        "ssh-rsa" => rsa_bits(&STANDARD.decode(key).ok()?).filter(|bits| *bits < SHORTEST_RSA).map(|bits| format!("RSA {bits}")),
        _ => None,
    }
}

/// The length of the modulus: the third of three strings, each after its length (RFC 4253, 6.6).
fn rsa_bits(mut blob: &[u8]) -> Option<usize> {
    let mut next = || {
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        blob = rest;
        Some(part)
    };
    let modulus = [next()?, next()?, next()?][2];
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(algorithm: &str, bits: usize) -> String {
        let mut modulus = vec![0; bits / 8 + 1];
        modulus[1] = 0x80;
        let parts = [algorithm.as_bytes().to_vec(), vec![1, 0, 1], modulus];
        let blob: Vec<u8> = parts.iter().flat_map(|part| [&(part.len() as u32).to_be_bytes()[..], part].concat()).collect();
        format!("{algorithm} {} me@here", STANDARD.encode(blob))
    }

    #[test]
    fn short_keys_and_dsa_are_told() {
        assert_eq!(weakness(&line("ssh-rsa", 1024)).as_deref(), Some("RSA 1024"));
        assert_eq!(weakness(&line("ssh-rsa", 2048)).as_deref(), Some("RSA 2048"));
        assert_eq!(weakness(&line("ssh-rsa", 3072)), None);
        assert_eq!(weakness("ssh-dss AAAAB3NzaC1kc3M= x").as_deref(), Some("DSA"));
        assert_eq!(weakness("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== x"), None);
        for broken in ["", "ssh-rsa", "ssh-rsa !!", "ssh-rsa AAAA"] {
            assert_eq!(weakness(broken), None);
        }
    }
}
