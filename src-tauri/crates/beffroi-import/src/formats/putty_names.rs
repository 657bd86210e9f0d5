//! How PuTTY, and WinSCP after it, write names and keys of hosts.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::HostKey;
use crate::hex::unhex;

/// Bytes of a number of a key.
const MOST_NUMBER: usize = 2 << 10;

/// A text with `%XX` for what cannot stand there. UTF-8 where it is that, else the Windows code page of Western Europe as far
/// as it is Latin-1.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *byte == b'%').and_then(unhex).and_then(|bytes| bytes.first().copied());
        bytes.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

/// A key of a host: `ssh-ed25519@22:web-1` and `0x…,0x…` (`sshpubk.c`, `storage.c`). None for a kind that is not read.
pub(crate) fn host_key(name: &str, value: &str) -> Option<HostKey> {
    let (kind, place) = name.split_once('@')?;
    let (port, host) = place.split_once(':')?;
    let numbers: Vec<&str> = value.split(',').map(str::trim).collect();
    let (algorithm, blob) = match (kind, numbers.as_slice()) {
        ("rsa2", [exponent, modulus]) => ("ssh-rsa", [number(exponent)?, number(modulus)?].concat()),
        ("dss", [p, q, g, y]) => ("ssh-dss", [number(p)?, number(q)?, number(g)?, number(y)?].concat()),
        ("ssh-ed25519", [x, y]) => ("ssh-ed25519", ed25519(x, y)?),
        ("ecdsa-sha2-nistp256", ["nistp256", x, y]) => ("ecdsa-sha2-nistp256", point("nistp256", 32, x, y)?),
        ("ecdsa-sha2-nistp384", ["nistp384", x, y]) => ("ecdsa-sha2-nistp384", point("nistp384", 48, x, y)?),
        ("ecdsa-sha2-nistp521", ["nistp521", x, y]) => ("ecdsa-sha2-nistp521", point("nistp521", 66, x, y)?),
        _ => return None,
    };
    let blob = [field(algorithm.as_bytes()), blob].concat();
    let hosts = if port == "22" { host.to_owned() } else { format!("[{host}]:{port}") };
    Some(HostKey { hosts, marker: "trusted", key: format!("{algorithm} {}", STANDARD.encode(blob)) })
}

fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(0);
    [&length.to_be_bytes()[..], bytes].concat()
}

/// The bytes of `0x…`, the largest first, without leading zeros.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() <= 2 * MOST_NUMBER)?;
    let even = if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("0{digits}") };
    let bytes = unhex(even.as_bytes())?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// A number as SSH writes it: with a zero before what would be a sign.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = bytes(text)?;
    let sign: &[u8] = if bytes.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
    Some(field(&[sign, &bytes].concat()))
}

fn padded(text: &str, width: usize) -> Option<Vec<u8>> {
    let bytes = bytes(text)?;
    let zeros = width.checked_sub(bytes.len())?;
    Some([vec![0; zeros], bytes].concat())
}

fn point(curve: &str, width: usize, x: &str, y: &str) -> Option<Vec<u8>> {
    let point = [vec![4], padded(x, width)?, padded(y, width)?].concat();
    Some([field(curve.as_bytes()), field(&point)].concat())
}

/// The smallest byte of y first, and the lowest bit of x as the highest (RFC 8032, 5.1.2).
fn ed25519(x: &str, y: &str) -> Option<Vec<u8>> {
    let mut key = padded(y, 32)?;
    key.reverse();
    let odd = padded(x, 32)?.last().is_some_and(|byte| byte & 1 == 1);
    if let Some(last) = key.last_mut().filter(|_| odd) {
        *last |= 0x80;
    }
    Some(field(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_hosts_are_those_of_openssh() {
        // RFC 8032, 7.1, test 1: the public key, and the two coordinates of its point.
        let x = "0x55d0e09a2b9d34292297e08d60d0f620c513d47253187c24b12786bd777645ce";
        let y = "0x1a5107f7681a02af2523a6daf372e10e3a0764c9d3fe4bd5b70ab18201985ad7";
        let key = host_key("ssh-ed25519@2222:web-1", &format!("{x},{y}")).expect("a key");
        assert_eq!(key.hosts, "[web-1]:2222");
        let blob = STANDARD.decode(key.key.trim_start_matches("ssh-ed25519 ")).expect("Base64");
        assert_eq!(blob[19..], unhex(b"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").expect("hex"));
        let key = host_key("rsa2@22:web-1", "0x10001,0xc0ffee").expect("a key");
        assert_eq!((key.hosts.as_str(), key.key.as_str()), ("web-1", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAABADA/+4="));
        for (name, value) in [("ssh-ed448@22:a", "0x1,0x2"), ("rsa2@22:a", "0x1"), ("rsa2@22:a", "0xzz,0x1"), ("nonsense", "0x1,0x2")] {
            assert!(host_key(name, value).is_none(), "{name}");
        }
    }

    #[test]
    fn names_are_unescaped() {
        assert_eq!(unescaped("my%20server%2fx"), "my server/x");
        assert_eq!(unescaped("%EF%BB%BF%C3%A9"), "é");
        assert_eq!(unescaped("%E9%"), "é%");
    }
}
