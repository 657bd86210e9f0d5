//! The values of a specification: what is taken for each.

use std::net::{IpAddr, SocketAddr};

/// Bytes of the longest path.
const MOST_PATH: usize = 4096;

/// A name of a guest, a volume or a service: at most 63 lower-case letters, digits and `-`, a letter or a digit first.
pub(super) fn is_name(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len()) && text.chars().all(follows) && !text.starts_with('-')
}

/// The name of a service of systemd or OpenRC.
pub(super) fn is_service(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    (1..=100).contains(&text.len()) && text.chars().all(follows) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The name of an account or a group.
pub(super) fn is_account(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    (1..=32).contains(&text.len()) && text.chars().all(follows) && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
}

/// The name of a package of apk or apt, perhaps with its version (`NAME=VERSION`). Never an option.
/// apt takes a name with a `-` behind it as an order to remove it.
pub(super) fn is_package(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ':' | '=' | '~');
    (1..=200).contains(&text.len())
        && text.chars().all(follows)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.ends_with('-')
}

/// The name of a variable of the environment (POSIX, XBD 8.1).
pub(super) fn is_variable(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=128).contains(&text.len()) && text.chars().all(follows) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Text of one line, without control characters.
pub(super) fn is_line(text: &str) -> bool {
    text.len() <= MOST_PATH && !text.chars().any(char::is_control)
}

/// An absolute path that names one place: no `.`, `..`, doubled or trailing slash; no character that a configuration file or a
/// list of lines would take for something else.
pub(super) fn is_path(text: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    is_line(text)
        && !text.chars().any(|c| c.is_whitespace() || matches!(c, ':' | ',' | '\\' | '"' | '\''))
        && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_part))
}

/// A path below the folder of the specification.
pub(super) fn is_source(text: &str) -> bool {
    is_line(text) && !text.starts_with('/') && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Bytes of an amount: a whole number, and one of `B`, `KiB`, `MiB`, `GiB`, `TiB`, `kB`, `MB`, `GB`, `TB`.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text.strip_prefix(digits)?.trim_start();
    let factor: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return None,
    };
    whole(digits)?.checked_mul(factor).filter(|bytes| (1..=1 << 50).contains(bytes))
}

/// Seconds of a time: a whole number, and one of `s`, `m`, `h`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    let factor = match text.strip_prefix(digits)? {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    whole(digits)?.checked_mul(factor).filter(|seconds| (1..=86_400).contains(seconds))
}

fn whole(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Rights in octal: three or four digits.
pub(super) fn mode(text: &str) -> Option<u32> {
    let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    if is_octal { u32::from_str_radix(text, 8).ok() } else { None }
}

/// `user` or `user:group`, by name or number.
pub(super) fn is_owner(text: &str) -> bool {
    let is_one = |name: &str| is_account(name) || (!name.is_empty() && name.len() <= 9 && name.bytes().all(|byte| byte.is_ascii_digit()));
    match text.split_once(':') {
        Some((user, group)) => is_one(user) && is_one(group),
        None => is_one(text),
    }
}

/// 64 hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// An address with a port, IPv6 between brackets.
pub(super) fn listen(text: &str) -> Option<SocketAddr> {
    text.parse().ok().filter(|address: &SocketAddr| address.port() != 0)
}

/// An address with the length of its network.
pub(super) fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    match (address.parse::<IpAddr>(), whole(length)) {
        (Ok(IpAddr::V4(_)), Some(length)) => length <= 32,
        (Ok(IpAddr::V6(_)), Some(length)) => length <= 128,
        _ => false,
    }
}

/// The name of a network interface of Linux.
pub(super) fn is_interface(text: &str) -> bool {
    let follows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=15).contains(&text.len()) && text.chars().all(follows) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}
