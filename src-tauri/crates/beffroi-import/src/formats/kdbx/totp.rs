//! What one-time codes are made of, in each of the forms that KeePass's programs have for it, as an `otpauth://` address.
//!
//! - KeePassXC: the field `otp`, which is such an address, or `key=…&step=…&size=…` (KeeOtp).
//! - KeePass 2.47 and later: `TimeOtp-Secret`, `-Secret-Hex`, `-Secret-Base32` or `-Secret-Base64`, with `TimeOtp-Period`,
//!   `TimeOtp-Length` and `TimeOtp-Algorithm` (<https://keepass.info/help/base/placeholders.html#otp>).
//! - TrayTOTP, and KeePassXC before 2.7: `TOTP Seed` in base32, and `TOTP Settings`: `30;6`, or `30;S` for Steam.
//!
//! What is in none of them stays where it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use super::document::Text;

const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How a code is made.
struct Code {
    /// In base32.
    secret: Zeroizing<String>,
    period: u32,
    digits: u32,
    algorithm: &'static str,
    steam: bool,
}

impl Code {
    fn new(secret: Zeroizing<String>) -> Self {
        Self { secret, period: 30, digits: 6, algorithm: "SHA1", steam: false }
    }

    fn address(&self, title: &str, user: &str) -> SecretText {
        let (issuer, account) = (escape(title), escape(user));
        let label = if account.is_empty() { issuer.clone() } else { format!("{issuer}:{account}") };
        let Self { secret, period, digits, algorithm, steam } = self;
        let steam = if *steam { "&encoder=steam" } else { "" };
        SecretText::new(format!(
            "otpauth://totp/{label}?secret={}&issuer={issuer}&algorithm={algorithm}&digits={digits}&period={period}{steam}",
            secret.as_str()
        ))
    }
}

/// Takes it out of an entry's fields. An error when there is some that is not understood: it stays among the fields.
pub(super) fn take(strings: &mut Vec<Text>, title: &str, user: &str) -> Result<Option<SecretText>, ()> {
    type Form = (fn(&str) -> bool, fn(&[Text]) -> Option<Code>);
    let forms: [Form; 3] = [
        (|name| name == "otp", |strings| key_value(value(strings, "otp")?)),
        (|name| name.starts_with("TimeOtp-"), time_otp),
        (|name| matches!(name, "TOTP Seed" | "TOTP Settings"), tray),
    ];
    let mut failed = false;
    for (belongs, read) in forms {
        if !strings.iter().any(|text| belongs(&text.name)) {
            continue;
        }
        let address = match value(strings, "otp").filter(|_| belongs("otp")) {
            // As it stands there, with whatever its issuer wrote into it.
            Some(address) if address.starts_with("otpauth://totp/") => Some(SecretText::new(address.to_owned())),
            _ => read(strings).map(|code| code.address(title, user)),
        };
        if let Some(address) = address {
            strings.retain(|text| !belongs(&text.name));
            return Ok(Some(address));
        }
        failed = true;
    }
    if failed { Err(()) } else { Ok(None) }
}

fn value<'a>(strings: &'a [Text], name: &str) -> Option<&'a str> {
    // Made into an address here.
    strings.iter().find(|text| text.name == name).map(|text| text.value.expose().trim())
}

fn key_value(text: &str) -> Option<Code> {
    if !text.contains('=') || text.contains("://") {
        return Some(Code::new(base32_text(text)?));
    }
    let part = |name: &str| text.split('&').filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value);
    if part("type").is_some_and(|kind| !kind.eq_ignore_ascii_case("totp")) {
        return None;
    }
    // `=` at the end of a secret is escaped in some files.
    let mut code = Code::new(base32_text(&part("key")?.replace("%3d", "").replace("%3D", ""))?);
    code.period = number(part("step"), 30)?;
    code.digits = number(part("size"), 6)?;
    code.algorithm = algorithm(part("otpHashMode"))?;
    Some(code)
}

fn time_otp(strings: &[Text]) -> Option<Code> {
    let bytes = |bytes: Vec<u8>| base32(&Zeroizing::new(bytes));
    let secret = if let Some(text) = value(strings, "TimeOtp-Secret-Base32") {
        base32_text(text)?
    } else if let Some(text) = value(strings, "TimeOtp-Secret-Base64") {
        bytes(STANDARD.decode(text).ok()?)
    } else if let Some(text) = value(strings, "TimeOtp-Secret-Hex") {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes(pairs.iter().map(byte).collect::<Option<_>>().filter(|_| rest.is_empty())?)
    } else {
        bytes(value(strings, "TimeOtp-Secret")?.as_bytes().to_vec())
    };
    let mut code = Code::new(secret);
    code.period = number(value(strings, "TimeOtp-Period"), 30)?;
    code.digits = number(value(strings, "TimeOtp-Length"), 6)?;
    code.algorithm = algorithm(value(strings, "TimeOtp-Algorithm"))?;
    (!code.secret.is_empty()).then_some(code)
}

fn tray(strings: &[Text]) -> Option<Code> {
    let mut code = Code::new(base32_text(value(strings, "TOTP Seed")?)?);
    let mut settings = value(strings, "TOTP Settings").unwrap_or("30;6").split(';');
    code.period = number(settings.next(), 30)?;
    match settings.next() {
        Some("S") => (code.steam, code.digits) = (true, 5),
        digits => code.digits = number(digits, 6)?,
    }
    Some(code)
}

fn number(text: Option<&str>, usual: u32) -> Option<u32> {
    let number = text.map_or(Some(usual), |text| text.trim().parse().ok())?;
    (1..=86_400).contains(&number).then_some(number)
}

fn algorithm(text: Option<&str>) -> Option<&'static str> {
    let dense: String = text.unwrap_or("SHA1").to_ascii_uppercase().split(['-', '_']).collect();
    match dense.strip_prefix("HMAC").unwrap_or(&dense) {
        "SHA1" => Some("SHA1"),
        "SHA256" => Some("SHA256"),
        "SHA512" => Some("SHA512"),
        _ => None,
    }
}

/// A secret in base32 as people write it: with spaces, in small letters, with or without `=`.
fn base32_text(text: &str) -> Option<Zeroizing<String>> {
    let mut secret = Zeroizing::new(String::with_capacity(text.len()));
    secret.extend(text.trim_end_matches('=').chars().filter(|next| !matches!(next, ' ' | '-')).map(|next| next.to_ascii_uppercase()));
    let is_digit = |next: u8| DIGITS.contains(&next);
    (!secret.is_empty() && secret.bytes().all(is_digit)).then_some(secret)
}

fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5) * 8));
    for piece in bytes.chunks(5) {
        let number = piece.iter().chain(std::iter::repeat(&0)).take(5).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        for place in 0..(piece.len() * 8).div_ceil(5) {
            let digit = (number >> (35 - 5 * place)) & 31;
            text.extend(DIGITS.get(usize::try_from(digit).unwrap_or(0)).map(|digit| char::from(*digit)));
        }
    }
    text
}

/// For a part of an address.
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(fields: &[(&str, &str)]) -> Result<Option<String>, ()> {
        let text =
            |(name, value): &(&str, &str)| Text { name: (*name).to_owned(), value: SecretText::new((*value).to_owned()), hidden: true };
        let mut strings: Vec<Text> = fields.iter().map(text).collect();
        let address = take(&mut strings, "Mairie é", "a:b")?;
        assert_eq!(strings.is_empty(), address.is_some());
        Ok(address.map(|address| address.expose().clone()))
    }

    #[test]
    fn every_form_gives_one_address() {
        let address = |rest: &str| Ok(Some(format!("otpauth://totp/Mairie%20%C3%A9:a%3Ab?secret={rest}")));
        let plain = |secret: &str| address(&format!("{secret}&issuer=Mairie%20%C3%A9&algorithm=SHA1&digits=6&period=30"));
        // The secret of RFC 6238: "12345678901234567890".
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(taken(&[("otp", "otpauth://totp/x?secret=AA&foo=1")]), Ok(Some("otpauth://totp/x?secret=AA&foo=1".to_owned())));
        assert_eq!(taken(&[("otp", &format!("key={secret}&step=30&size=6"))]), plain(secret));
        assert_eq!(taken(&[("otp", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq")]), plain(secret));
        assert_eq!(taken(&[("TimeOtp-Secret", "12345678901234567890")]), plain(secret));
        assert_eq!(taken(&[("TimeOtp-Secret-Hex", "3132333435363738393031323334353637383930")]), plain(secret));
        assert_eq!(taken(&[("TimeOtp-Secret-Base64", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=")]), plain(secret));
        assert_eq!(taken(&[("TOTP Seed", secret), ("TOTP Settings", "30;6")]), plain(secret));
        let long = address("AE&issuer=Mairie%20%C3%A9&algorithm=SHA256&digits=8&period=60");
        let fields = [
            ("TimeOtp-Secret-Base32", "AE======"),
            ("TimeOtp-Period", "60"),
            ("TimeOtp-Length", "8"),
            ("TimeOtp-Algorithm", "HMAC-SHA-256"),
        ];
        assert_eq!(taken(&fields), long);
        let steam = taken(&[("TOTP Seed", "AE"), ("TOTP Settings", "30;S")]).expect("read").expect("some");
        assert!(steam.ends_with("&digits=5&period=30&encoder=steam"), "{steam}");
    }

    #[test]
    fn what_is_not_understood_stays() {
        assert_eq!(taken(&[("otp", "key=0189&size=6")]), Err(()));
        assert_eq!(taken(&[("otp", "otpauth://hotp/x?secret=AA&counter=1")]), Err(()));
        assert_eq!(taken(&[("TimeOtp-Secret-Hex", "123")]), Err(()));
        assert_eq!(taken(&[("TOTP Seed", "AE"), ("TOTP Settings", "0;6")]), Err(()));
        assert_eq!(taken(&[("Other", "x")]), Ok(None));
    }
}
