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

/// What stands where a secret was taken out, whatever is around it.
const MASKS: &[&str] = &["xxxx", "****", "••", "redacted", "beffroi:"];
/// Words that stand where a secret will be, in what is made of words.
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
/// How a reference to a value begins that lies elsewhere, or that is sealed, whatever the file is.
const ELSEWHERE: &[&str] = &[
    "{{",
    "{%",
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
];
/// How an expression begins, where a file has such: settings have values only.
const EXPRESSIONS: &[&str] = &[
    "$",
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
    !stands_in(seen)
}

pub(super) fn is_url_password(seen: &Seen<'_>) -> bool {
    // A port that is asked for, and `a:b@c` in other notations.
    !stands_in(seen) && !seen.secret.contains(&b'$') && !seen.secret.contains(&b'{') && !seen.secret.contains(&b'%')
        || is_percent_encoded(seen)
}

fn is_percent_encoded(seen: &Seen<'_>) -> bool {
    let secret = seen.secret;
    let encoded = secret.windows(3).filter(|three| three.first() == Some(&b'%')).count();
    let right = |three: &&[u8]| matches!(three, [b'%', one, other] if one.is_ascii_hexdigit() && other.is_ascii_hexdigit());
    encoded > 0 && secret.windows(3).filter(right).count() == encoded && !stands_in(seen) && !secret.contains(&b'{')
}

/// For keys of `.env` files, which are called all manner of names.
pub(super) fn is_env_key(seen: &Seen<'_>) -> bool {
    kind(seen.path) == Kind::Settings && !stands_in(seen) && (is_mixed(seen.secret) || lower(seen.before).contains("_pass"))
}

/// For values after a name that may mean something else: what looks made, or stands in a file of settings.
pub(super) fn is_made(seen: &Seen<'_>) -> bool {
    if stands_in(seen) {
        return false;
    }
    match kind(seen.path) {
        Kind::Settings => !seen.secret.contains(&b' '),
        Kind::Yaml => is_mixed(seen.secret) && !seen.secret.contains(&b' '),
        Kind::Other => is_quoted(seen) && is_mixed(seen.secret) && !has_code(seen.secret) && entropy(seen.secret) >= 2.9,
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

fn is_quoted(seen: &Seen<'_>) -> bool {
    matches!(seen.before.last(), Some(b'"' | b'\''))
}

/// Whether it stands for a secret that is elsewhere, or for none.
fn stands_in(seen: &Seen<'_>) -> bool {
    let (text, kind) = (lower(seen.secret), kind(seen.path));
    let mut distinct: Vec<u8> = text.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < 3
        || WORDS.contains(&text.as_str())
        || MASKS.iter().any(|mask| text.contains(mask))
        || STAND_INS.iter().any(|word| text.contains(word)) && is_words(&text)
        || ELSEWHERE.iter().any(|start| text.starts_with(start))
        || kind != Kind::Settings && EXPRESSIONS.iter().any(|start| text.starts_with(start))
        || kind == Kind::Yaml && !is_quoted(seen) && is_yaml_node(&text)
        || is_reference(&text)
        || is_path(&String::from_utf8_lossy(seen.secret))
}

/// Whether a text is made of words, each with a number after it at most: nothing that was made by chance.
fn is_words(text: &str) -> bool {
    let is_word = |word: &str| word.trim_end_matches(|sign: char| sign.is_ascii_digit()).chars().all(char::is_alphabetic);
    text.split(|sign: char| !sign.is_alphanumeric()).all(is_word)
}

/// A tag, an anchor or an alias of YAML, which no plain value begins like.
fn is_yaml_node(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|sign| sign.is_alphanumeric() || "_-./:".contains(sign));
    let is_tag = |name: &str| is_name(name) && !name.contains(|sign: char| sign.is_ascii_digit());
    text.strip_prefix('!').is_some_and(is_tag) || text.strip_prefix(['*', '&']).is_some_and(is_name)
}

/// Whether the whole of it is a name in the signs that say "the value of", or a password's hash. A password may begin with any of
/// the signs.
fn is_reference(text: &str) -> bool {
    let is_name = |name: &str| {
        let first = name.chars().next();
        first.is_some_and(|sign| sign.is_ascii_alphabetic() || sign == '_')
            && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-. ".contains(sign))
    };
    let between = |start: &str, end: &str| text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
    let is_function = |text: &str| text.split_once('(').is_some_and(|(name, rest)| is_name(name) && rest.ends_with(')'));
    text.strip_prefix('$').is_some_and(|name| is_name(name) || is_hash(name))
        || between("<", ">").is_some()
        || between("%", "%").is_some_and(|name| is_name(name) || is_function(name))
        || between("%(", ")s").is_some_and(is_name)
        || between("@", "@").is_some_and(is_name)
        || text.contains("${")
        || text.contains("{{")
        || text.contains("$(")
}

/// What follows the first `$` of a password's hash (crypt(5)), and of a value that Ansible sealed.
fn is_hash(text: &str) -> bool {
    let method = text.split('$').next().filter(|method| method.len() < text.len()).unwrap_or_default();
    matches!(method, "1" | "2a" | "2b" | "2x" | "2y" | "5" | "6" | "7" | "y" | "gy")
        || ["argon2", "pbkdf2", "scrypt"].iter().any(|name| method.starts_with(name))
        || text.starts_with("ansible_vault;")
}

/// Whether it is a path: of two parts at least, or from here or home, and none of them looks made. One secret of 64 in base64 begins
/// with a stroke.
fn is_path(text: &str) -> bool {
    let Some(rest) = ["./", "../", "~/"].iter().find_map(|start| text.strip_prefix(start)).or_else(|| {
        let rest = text.strip_prefix('/')?;
        rest.contains('/').then_some(rest)
    }) else {
        return false;
    };
    let is_part = |part: &str| {
        let has = |is: fn(&char) -> bool| part.chars().any(|sign| is(&sign));
        let mixes = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
        !mixes && part.chars().all(|sign| sign.is_alphanumeric() || "._-@ ".contains(sign))
    };
    rest.split('/').all(is_part)
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
