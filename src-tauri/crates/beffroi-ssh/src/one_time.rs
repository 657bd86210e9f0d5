//! One-time codes (TOTP, RFC 6238).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beffroi_remote::RemoteError;
use beffroi_secret::{SecretBytes, SecretText};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::certificate::now;
use crate::signing::unusable;

/// The most bytes of a secret's text.
const MOST_TEXT: usize = 4096;
/// The least bytes of a secret: RFC 4226 wants 16, services were seen to give 10.
const LEAST_SECRET: usize = 10;
/// Seconds for which a login waits for a code that was not used yet: two periods of the usual 30. OpenSSH hangs up after
/// 120.
const MOST_WAIT: u64 = 70;

/// The step that each secret was last used for, by the secret's digest.
static USED: Mutex<BTreeMap<[u8; 32], u64>> = Mutex::new(BTreeMap::new());

/// What one-time codes are made from.
pub struct OneTime {
    secret: SecretBytes,
    algorithm: Algorithm,
    digits: u32,
    period: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

impl std::fmt::Debug for OneTime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneTime(withheld)")
    }
}

impl OneTime {
    /// Reads a secret: base32 (RFC 4648, 6; spaces, hyphens, small letters and absent padding are fine), for codes of six
    /// digits every 30 s by SHA-1; or a URI `otpauth://totp/…?secret=…` with `digits` (6 to 8), `period` (5 to 300 s) and
    /// `algorithm` (`SHA1`, `SHA256`, `SHA512`), as authenticator applications exchange it
    /// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`].
    pub fn read(text: &SecretText) -> Result<Self, RemoteError> {
        // Decoded here; the parts are protected again.
        let text = text.expose().trim();
        if text.len() > MOST_TEXT {
            return Err(unusable("longer than any one-time secret"));
        }
        let Some(uri) = text.strip_prefix("otpauth://") else {
            return Self::with(text, Algorithm::Sha1, 6, 30);
        };
        let query = uri.strip_prefix("totp/").and_then(|rest| rest.split_once('?'));
        let (_, query) = query.ok_or_else(|| unusable("the URI is not one of time-based codes"))?;
        let (mut secret, mut algorithm, mut digits, mut period) = (None, Algorithm::Sha1, 6, 30);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "secret" => secret = Some(value),
                "algorithm" => algorithm = Algorithm::named(value)?,
                "digits" => digits = number(value, 6, 8)?,
                "period" => period = number(value, 5, 300)?,
                _ => {}
            }
        }
        let secret = secret.ok_or_else(|| unusable("the URI has no secret"))?;
        Self::with(secret, algorithm, u32::try_from(digits).unwrap_or(6), period)
    }

    fn with(secret: &str, algorithm: Algorithm, digits: u32, period: u64) -> Result<Self, RemoteError> {
        let secret = base32(secret).ok_or_else(|| unusable("the one-time secret is not base32"))?;
        if secret.expose().len() < LEAST_SECRET {
            return Err(unusable("the one-time secret is too short"));
        }
        Ok(Self { secret, algorithm, digits, period })
    }

    /// The code of a moment, in seconds since 1970.
    #[must_use]
    pub fn code_at(&self, seconds: u64) -> SecretText {
        self.code_of(seconds / self.period)
    }

    /// For how many seconds the code of a moment is still the current one.
    #[must_use]
    pub fn seconds_left(&self, seconds: u64) -> u64 {
        self.period - seconds % self.period
    }

    /// For how many seconds each code is the current one.
    #[must_use]
    pub fn period(&self) -> u64 {
        self.period
    }

    fn code_of(&self, step: u64) -> SecretText {
        let message = step.to_be_bytes();
        // To the hash function, which keeps nothing of it.
        let secret = self.secret.expose();
        let digest = match self.algorithm {
            Algorithm::Sha1 => digest::<Hmac<Sha1>>(secret, &message),
            Algorithm::Sha256 => digest::<Hmac<Sha256>>(secret, &message),
            Algorithm::Sha512 => digest::<Hmac<Sha512>>(secret, &message),
        };
        let (code, width) = (truncated(&digest) % 10_u32.pow(self.digits), self.digits as usize);
        SecretText::new(format!("{code:0width$}"))
    }

    /// Says that a code was used at a moment, in seconds since 1970: by another process, so that this one does not give it again.
    pub fn note_used_at(&self, seconds: u64) {
        let step = seconds / self.period;
        let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
        let last = used.entry(self.name()).or_insert(step);
        *last = step.max(*last);
    }

    /// The digest is a name for the secret; it is not reversed.
    fn name(&self) -> [u8; 32] {
        // To the hash function, which keeps nothing of it.
        Sha256::digest(self.secret.expose()).into()
    }

    /// A code that this process did not give before, made when its time has come, and how long that took. Hosts take each
    /// code once (RFC 6238, 5.2).
    pub(crate) async fn fresh(&self) -> Result<(SecretText, Duration), RemoteError> {
        let step = self.claim(now())?;
        let wait = Duration::from_secs((step * self.period).saturating_sub(now()));
        if !wait.is_zero() {
            tracing::debug!(seconds = wait.as_secs(), "waiting for a one-time code that was not used");
            // A moment more: the host's clock is not ours.
            tokio::time::sleep(wait + Duration::from_millis(200)).await;
        }
        Ok((self.code_of(step), wait))
    }

    /// Takes the first step that nobody took.
    fn claim(&self, now: u64) -> Result<u64, RemoteError> {
        let name = self.name();
        let current = now / self.period;
        let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
        let step = used.get(&name).map_or(current, |last| current.max(last + 1));
        let wait = (step * self.period).saturating_sub(now);
        if wait > MOST_WAIT.max(self.period) {
            return Err(RemoteError::OneTimeCodeSpent { seconds: wait });
        }
        used.insert(name, step);
        Ok(step)
    }
}

impl Algorithm {
    fn named(name: &str) -> Result<Self, RemoteError> {
        match name.to_ascii_uppercase().as_str() {
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            "SHA512" => Ok(Self::Sha512),
            _ => Err(unusable("the URI's algorithm is none of SHA1, SHA256, SHA512")),
        }
    }
}

fn number(text: &str, least: u64, most: u64) -> Result<u64, RemoteError> {
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| unusable("a number of the URI is out of range"))
}

fn digest<M: Mac + KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
    // An HMAC takes keys of every length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// The four bytes at the place that the last one says, without the sign (RFC 4226, 5.3).
fn truncated(digest: &[u8]) -> u32 {
    let at = usize::from(digest.last().copied().unwrap_or(0) & 0xf);
    digest.get(at..at + 4).map_or(0, |four| four.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))) & 0x7fff_ffff
}

fn base32(text: &str) -> Option<SecretBytes> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    // Padding, as it stands in a URI as well.
    let mut text = text.trim_end_matches('=');
    while let Some(rest) = text.strip_suffix("%3D").or_else(|| text.strip_suffix("%3d")) {
        text = rest;
    }
    for character in text.chars().filter(|character| !matches!(character, ' ' | '-')) {
        let value = match character.to_ascii_uppercase() {
            letter @ 'A'..='Z' => letter as u32 - 'A' as u32,
            digit @ '2'..='7' => digit as u32 - '2' as u32 + 26,
            _ => return None,
        };
        (bits, count) = ((bits << 5 | value) & 0xfff, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(SecretBytes::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> OneTime {
        OneTime::read(&SecretText::new(text.to_owned())).expect("a secret")
    }

    /// RFC 6238, appendix B: the secrets are the digits 1 to 0, repeated to the length of the hash.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let twenty = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let thirty_two = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====";
        let sixty_four = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA=";
        let vectors = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (time, codes) in vectors {
            for ((name, secret), code) in [("SHA1", twenty), ("sha256", thirty_two), ("SHA512", sixty_four)].iter().zip(codes) {
                let uri = format!("otpauth://totp/a%20b:c?secret={secret}&issuer=x&algorithm={name}&digits=8&period=30");
                assert_eq!(read(&uri).code_at(time).expose(), code, "{name} at {time}");
            }
        }
    }

    #[test]
    fn a_secret_alone_means_six_digits_every_thirty_seconds() {
        let one_time = read(" gezd gnbv-gy3t qojq gezd gnbv gy3t qojq\n");
        assert_eq!(one_time.code_at(59).expose(), "287082");
        assert_eq!(one_time.code_at(1_111_111_109).expose(), "081804");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_never_shown() {
        let long = "A".repeat(MOST_TEXT + 1);
        for text in [
            "",
            "GEZDGNBV",
            "GEZDGNBVGY3TQOJ1",
            "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "otpauth://totp/x",
            "otpauth://totp/x?digits=6",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=9",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=0",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=MD5",
            &long,
        ] {
            let error = OneTime::read(&SecretText::new(text.to_owned())).expect_err("an error");
            assert!(matches!(&error, RemoteError::CredentialUnusable { .. }) && !error.to_string().contains("GEZD"), "{error}");
        }
        assert_eq!(format!("{:?}", read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")), "OneTime(withheld)");
    }

    #[test]
    fn no_step_is_taken_twice_and_the_wait_is_bounded() {
        let (one, same) = (read("MFRGGZDFMZTWQ2LKNNWG23TPOA"), read("mfrggzdfmztwq2lknnwg23tpoa"));
        let now = 3_000_000_010;
        let first = one.claim(now).expect("the current one");
        assert_eq!(first, now / 30);
        assert_eq!(same.claim(now).expect("the next one"), first + 1);
        assert_eq!(one.claim(now).expect("the one after"), first + 2);
        assert!(matches!(one.claim(now), Err(RemoteError::OneTimeCodeSpent { seconds: 80 })));
        assert_eq!(one.claim(now + 3600).expect("a later one"), (now + 3600) / 30);
    }
}
