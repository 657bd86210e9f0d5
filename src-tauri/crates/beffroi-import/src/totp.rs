//! One-time codes: the ways to write what they are made of.

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

/// What one-time codes are made of, as an `otpauth://` address
/// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>): from such an address, from `steam://SECRET`
/// (Bitwarden), or from the secret alone in base 32, with spaces or hyphens between its groups. None for anything else.
pub(crate) fn otpauth(text: &str, label: &str) -> Option<SecretText> {
    let text = text.trim();
    let scheme = text.get(..10).map(str::to_ascii_lowercase);
    if scheme.as_deref() == Some("otpauth://") {
        let (_, asked) = text.split_once('?')?;
        let has_secret =
            asked.split('&').any(|pair| pair.split_once('=').is_some_and(|(name, value)| name == "secret" && !value.is_empty()));
        return has_secret.then(|| SecretText::new(text.to_owned()));
    }
    let (bare, more) = text.strip_prefix("steam://").map_or((text, ""), |bare| (bare, "&issuer=Steam&encoder=steam"));
    let secret = base32(bare)?;
    Some(SecretText::new(format!("otpauth://totp/{}?secret={}{more}", escaped(label), secret.as_str())))
}

/// The same of its parts: the algorithm as it is called there, digits and seconds where they are known. None for a secret that is none.
pub(crate) fn of_parts(secret: &str, label: &str, parts: &[(&str, &str)]) -> Option<SecretText> {
    let mut address = Zeroizing::new(format!("otpauth://totp/{}?secret={}", escaped(label), base32(secret)?.as_str()));
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        address.extend(["&", name, "=", &escaped(value)]);
    }
    Some(SecretText::new(String::clone(&address)))
}

fn base32(text: &str) -> Option<Zeroizing<String>> {
    let mut secret = Zeroizing::new(String::with_capacity(text.len()));
    for next in text.trim_end_matches('=').chars().filter(|next| !matches!(next, ' ' | '-')) {
        let next = next.to_ascii_uppercase();
        if !matches!(next, 'A'..='Z' | '2'..='7') {
            return None;
        }
        secret.push(next);
    }
    // Ten bytes are the least that anybody gives; a word is none.
    (secret.len() >= 8).then_some(secret)
}

/// A label within an address.
fn escaped(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for byte in label.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        otpauth(text, "Web mail").map(|address| address.expose().clone())
    }

    #[test]
    fn an_address_a_secret_and_steam() {
        let address = "otpauth://totp/Web:me?secret=JBSWY3DPEHPK3PXP&digits=8";
        assert_eq!(read(address).as_deref(), Some(address));
        assert_eq!(read("jbsw y3dp-ehpk 3pxp==").as_deref(), Some("otpauth://totp/Web%20mail?secret=JBSWY3DPEHPK3PXP"));
        assert!(read("steam://JBSWY3DPEHPK3PXP").is_some_and(|address| address.ends_with("&issuer=Steam&encoder=steam")));
    }

    #[test]
    fn what_is_none() {
        for text in ["", "none", "JBSWY3D1EHPK3PXP", "otpauth://totp/x", "otpauth://totp/x?secret=", "https://example.org/?secret=A"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
