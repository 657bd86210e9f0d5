//! Values as hosts write them: sizes with units, times, numbers as text.

use std::net::IpAddr;

use beffroi_remote::clean;
use serde_json::Value;

/// A text of the host, cleaned.
pub(super) fn text(value: &str) -> String {
    clean(value)
}

/// The same, or nothing when nothing is left of it.
pub(super) fn some(value: &str) -> Option<String> {
    Some(clean(value)).filter(|text| !text.is_empty())
}

/// A text of JSON, cleaned; empty for anything else. Numbers are taken as they are written.
pub(super) fn json_text(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The same, or nothing when it is empty.
pub(super) fn json_some(value: &Value) -> Option<String> {
    Some(json_text(value)).filter(|text| !text.is_empty())
}

/// A number that is not negative: as such, as a fraction, or as text.
pub(super) fn json_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok().or_else(|| text.trim().parse().ok().and_then(whole)),
        _ => None,
    }
}

/// A fraction, as such or as text.
pub(super) fn json_fraction(value: &Value) -> Option<f64> {
    let fraction = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    fraction.filter(|fraction| fraction.is_finite() && *fraction >= 0.0)
}

/// Whether something is so: `true`, 1, or these as text.
pub(super) fn json_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => flag(text),
        _ => None,
    }
}

/// Whether something is so.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Texts of a list.
pub(super) fn json_texts(value: &Value) -> Vec<String> {
    super::bounded(value.as_array().into_iter().flatten().filter_map(json_some).collect())
}

/// A moment in RFC 3339, in seconds since 1970; what is before that is none at all.
pub(super) fn moment(value: &Value) -> Option<u64> {
    let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
    u64::try_from(moment.as_second()).ok().filter(|seconds| *seconds > 0)
}

/// A fraction as a whole number, where it is one that a `u64` holds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Held against the limits before.
pub(super) fn whole(number: f64) -> Option<u64> {
    (number.is_finite() && (0.0..9_000_000_000_000_000_000.0).contains(&number)).then_some(number as u64)
}

/// Bytes: a number with a unit. `KiB` and the like are powers of 1024, `kB` and the like powers of 1000; a letter alone
/// (`512M`, as the kernel and Proxmox write) is a power of 1024.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let factor: f64 = match unit.trim() {
        "" | "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "PB" => 1e15,
        "EB" => 1e18,
        "K" | "k" | "KiB" => 1024.0,
        "M" | "m" | "MiB" => 1_048_576.0,
        "G" | "g" | "GiB" => 1_073_741_824.0,
        "T" | "t" | "TiB" => 1_099_511_627_776.0,
        "P" | "PiB" => 1_125_899_906_842_624.0,
        "EiB" => 1_152_921_504_606_846_976.0,
        _ => return None,
    };
    match number.parse::<u64>() {
        Ok(number) if factor == 1.0 => Some(number),
        _ => whole(number.parse::<f64>().ok()? * factor),
    }
}

/// Processors in thousandths: a number, or a set such as `0-3,8`.
pub(super) fn processors(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u64>() {
        return number.checked_mul(1000).filter(|number| *number > 0);
    }
    let mut count: u64 = 0;
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (from.trim().parse::<u64>().ok()?, to.trim().parse::<u64>().ok()?);
        count = count.checked_add(to.checked_sub(from)?.checked_add(1)?)?;
    }
    count.checked_mul(1000).filter(|number| *number > 0)
}

/// A share of time in thousandths of a processor: so much of every so much.
pub(super) fn share(quota: u64, period: u64) -> Option<u64> {
    quota.checked_mul(1000)?.checked_div(period).filter(|share| *share > 0)
}

/// Whether an address is of use from elsewhere: neither loopback nor of the link.
pub(super) fn is_global(address: &str) -> bool {
    let bare = address.split_once('/').map_or(address, |(bare, _)| bare);
    match bare.parse() {
        Ok(IpAddr::V4(v4)) => !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        Ok(IpAddr::V6(v6)) => !v6.is_loopback() && !v6.is_unspecified() && !v6.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// Sorted addresses without prefix and repetition: those of version 4 first.
pub(super) fn addresses<'a>(all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<IpAddr> = all
        .filter(|address| is_global(address))
        .filter_map(|address| address.split_once('/').map_or(address, |(bare, _)| bare).parse().ok())
        .collect();
    kept.sort();
    kept.dedup();
    super::bounded(kept.iter().map(IpAddr::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_each_writes_them() {
        assert_eq!(bytes("512MiB"), Some(512 << 20));
        assert_eq!(bytes("512M"), Some(512 << 20));
        assert_eq!(bytes("1GB"), Some(1_000_000_000));
        assert_eq!(bytes("18.73MB"), Some(18_730_000));
        assert_eq!(bytes(" 1024 "), Some(1024));
        assert_eq!(bytes("9223372036854771712"), Some(9_223_372_036_854_771_712));
        for wrong in ["", "x", "-1", "50%", "1e9", "99999999999999999999EiB", "1 2", "."] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn processors_are_counted_or_shared() {
        assert_eq!(processors("2"), Some(2000));
        assert_eq!(processors("0-3,8"), Some(5000));
        assert_eq!(processors("3-1"), None);
        assert_eq!(processors("0"), None);
        assert_eq!(processors("0-18446744073709551615"), None);
        assert_eq!(share(25, 100), Some(250));
        assert_eq!(share(25, 0), None);
    }

    #[test]
    fn only_addresses_that_lead_somewhere_are_kept() {
        let all = ["10.0.3.9/24", "fe80::1/64", "127.0.0.1", "fd42::5/64", "10.0.3.9", "no", "169.254.1.1"];
        assert_eq!(addresses(all.into_iter()), ["10.0.3.9", "fd42::5"]);
    }
}
