//! Whether a value that stands after a telling name is a secret, or stands for one.

use super::Seen;

/// What a file is for: in some, whatever stands after a name is its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `NAME=value` and nothing else.
    Settings,
    Yaml,
    Other,
}

/// Words that stand where a secret will be.
const STAND_INS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "your_",
    "your-",
    "yourp",
    "yours",
    "xxxx",
    "****",
    "••",
    "redacted",
    "dummy",
    "insert",
    "replace",
    "sample",
    "put your",
    "password_here",
    "passwordhere",
    "_here",
    "-here",
    "fixme",
    "a_remplacer",
    "votre_",
    "votre-",
    "exemple",
    "not-a-",
    "notasecret",
    "hunter2",
    "correcthorse",
    "beffroi:",
];
/// Values that are words for themselves.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "string",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "required",
    "optional",
    "disabled",
    "enabled",
    "default",
    "prompt",
    "test",
    "testing",
    "admin",
    "root",
    "user",
    "username",
    "mdp",
    "motdepasse",
    "unknown",
    "empty",
    "hidden",
    "private",
    "public",
    "bearer",
    "basic",
    "apikey",
    "api_key",
    "pw",
    "foo",
    "bar",
    "foobar",
];
/// How a reference to a value begins that lies elsewhere, or that is sealed.
const ELSEWHERE: &[&str] = &[
    "$",
    "{{",
    "{%",
    "<",
    "%",
    "!",
    "*",
    "&",
    "@",
    "/",
    "./",
    "../",
    "~/",
    "env:",
    "env.",
    "enc[",
    "vault:",
    "op://",
    "arn:",
    "http://",
    "https://",
    "file:",
    "sha256",
    "sha512",
    "age1",
    "ssh-",
    "secretref",
    "process.",
    "os.",
    "config.",
    "settings.",
    "self.",
    "this.",
    "args.",
    "var.",
    "local.",
    "data.",
    "module.",
    "params.",
    "request.",
    "ansible_",
    "vault_",
    "lookup",
    "base64_",
    "getenv",
];

pub(super) fn takes_all(_: &Seen<'_>) -> bool {
    true
}

/// For tokens of a certain shape: not one that a manual shows.
pub(super) fn is_certain(seen: &Seen<'_>) -> bool {
    let text = lower(seen.secret);
    !["example", "xxxxxx", "000000", "123456789", "abcdefgh"].iter().any(|word| text.contains(word))
}

/// For values after a name that says for certain that a secret follows.
pub(super) fn is_given(seen: &Seen<'_>) -> bool {
    !stands_in(seen.secret)
}

pub(super) fn is_url_password(seen: &Seen<'_>) -> bool {
    // A port that is asked for, and `a:b@c` in other notations.
    !stands_in(seen.secret) && !seen.secret.contains(&b'$') && !seen.secret.contains(&b'{') && !seen.secret.contains(&b'%')
        || is_percent_encoded(seen.secret)
}

fn is_percent_encoded(secret: &[u8]) -> bool {
    let encoded = secret.windows(3).filter(|three| three.first() == Some(&b'%')).count();
    let right = |three: &&[u8]| matches!(three, [b'%', one, other] if one.is_ascii_hexdigit() && other.is_ascii_hexdigit());
    encoded > 0 && secret.windows(3).filter(right).count() == encoded && !stands_in(secret) && !secret.contains(&b'{')
}

/// For keys of `.env` files, which are called all manner of names.
pub(super) fn is_env_key(seen: &Seen<'_>) -> bool {
    kind(seen.path) == Kind::Settings && !stands_in(seen.secret) && (is_mixed(seen.secret) || lower(seen.before).contains("_pass"))
}

/// For values after a name that may mean something else: what looks made, or stands in a file of settings.
pub(super) fn is_made(seen: &Seen<'_>) -> bool {
    if stands_in(seen.secret) {
        return false;
    }
    let is_quoted = matches!(seen.before.last(), Some(b'"' | b'\''));
    match kind(seen.path) {
        Kind::Settings => !seen.secret.contains(&b' '),
        Kind::Yaml => is_mixed(seen.secret) && !seen.secret.contains(&b' '),
        Kind::Other => is_quoted && is_mixed(seen.secret) && !has_code(seen.secret) && entropy(seen.secret) >= 2.9,
    }
}

/// What is no plain word, number, name of a thing or path.
fn is_mixed(secret: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| secret.iter().any(is);
    let (letters, digits) = (has(u8::is_ascii_alphabetic), secret.iter().filter(|byte| byte.is_ascii_digit()).count());
    let signs = secret.iter().filter(|byte| byte.is_ascii_punctuation() && !matches!(**byte, b'.' | b'-' | b'_' | b'/' | b':')).count();
    let is_version = secret.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'/' | b'v' | b'T' | b'Z'));
    letters && !is_version && secret.len() >= 8 && (digits >= 2 || signs >= 2 || digits + signs >= 2)
}

/// What stands between quotes in source code and is no value.
fn has_code(secret: &[u8]) -> bool {
    secret.iter().any(|byte| matches!(byte, b' ' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'\t' | b'\\' | b'|'))
        || secret.windows(2).any(|two| matches!(two, b"::" | b"//" | b"[\"" | b"['" | b"=>"))
}

/// Whether it stands for a secret that is elsewhere, or for none.
fn stands_in(secret: &[u8]) -> bool {
    let text = lower(secret);
    let mut distinct: Vec<u8> = text.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < 3
        || WORDS.contains(&text.as_str())
        || STAND_INS.iter().any(|word| text.contains(word))
        || ELSEWHERE.iter().any(|start| text.starts_with(start))
        || text.contains("${")
        || text.contains("{{")
        || text.contains("$(")
}

fn kind(path: &str) -> Kind {
    let name = lower(path.rsplit('/').next().unwrap_or(path).as_bytes());
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_env = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    match ending {
        _ if is_env => Kind::Settings,
        "ini" | "conf" | "cfg" | "cnf" | "properties" | "npmrc" | "pgpass" | "envrc" => Kind::Settings,
        "yml" | "yaml" => Kind::Yaml,
        _ => Kind::Other,
    }
}

/// Where YunoHost keeps what an application was set up with.
pub(super) fn is_yunohost_settings(path: &str) -> bool {
    path.ends_with("settings.yml") && (path == "settings.yml" || path.contains("apps/") || path.contains("yunohost"))
}

fn lower(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

/// Shannon's entropy of the bytes, in bits for each.
pub(crate) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let all = bytes.len().max(1) as f64;
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / all).map(|share| -share * share.log2()).sum()
}
