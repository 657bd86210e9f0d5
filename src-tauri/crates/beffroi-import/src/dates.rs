//! Dates, as the formats write them.

/// The end of the year 9999, after which no calendar here goes.
const LAST: u64 = 253_402_300_799_999;

/// A date in milliseconds since 1970: RFC 3339, a date with a time and no zone (taken for UTC), a date alone, or a number of
/// seconds, milliseconds or microseconds since 1970. None for anything else, and for what is before 1970.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    read(text.trim()).filter(|at| *at <= LAST)
}

fn read(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse::<u64>() {
        // The year 5138 in seconds, 1973 in milliseconds.
        return match number {
            0 => None,
            1..100_000_000_000 => Some(number * 1_000),
            100_000_000_000..100_000_000_000_000 => Some(number),
            _ => Some(number / 1_000),
        };
    }
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let date = text.parse::<jiff::civil::DateTime>().ok().or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)))?;
        jiff::tz::Offset::UTC.to_timestamp(date).ok()
    })?;
    u64::try_from(at.as_millisecond()).ok().filter(|at| *at > 0)
}

/// Milliseconds since 1970 as RFC 3339, as other programs read it. None for what no calendar has.
pub(crate) fn rfc3339(at: u64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_many_ways() {
        let day = 1_700_000_000_000;
        for text in [
            "1700000000",
            "1700000000000",
            "1700000000000000",
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.000+00:00",
            "2023-11-14 22:13:20",
        ] {
            assert_eq!(milliseconds(text), Some(day), "{text}");
        }
        assert_eq!(milliseconds("2023-11-14"), Some(1_699_920_000_000));
        for text in ["", "0", "never", "1969-12-31T00:00:00Z", "99999999999999999999999", "18446744073709551615"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
        assert_eq!(rfc3339(day).as_deref(), Some("2023-11-14T22:13:20.000Z"));
        assert_eq!(rfc3339(u64::MAX), None);
    }
}
