//! Times: seconds since the year 1, in base64, from version 4 on; before it `2024-01-31T12:00:00Z`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// From the year 1 to 1970.
const BEFORE_1970: i64 = 62_135_596_800;
/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// A time, in milliseconds since 1970. None for what is none, or is before.
pub(super) fn read(text: &str) -> Option<u64> {
    let text = text.trim();
    let seconds = if text.contains(':') {
        text.parse::<Timestamp>().ok()?.as_second()
    } else {
        let bytes = STANDARD.decode(text).ok()?;
        i64::from_le_bytes(bytes.try_into().ok()?).checked_sub(BEFORE_1970)?
    };
    u64::try_from(seconds).ok().filter(|seconds| *seconds <= LAST).map(|seconds| seconds * 1000)
}

/// The same for version 4.
pub(crate) fn write(ms: u64) -> String {
    let seconds = (ms / 1000).min(LAST);
    STANDARD.encode((i64::try_from(seconds).unwrap_or(0) + BEFORE_1970).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_time_are_read() {
        assert_eq!(read("2024-01-31T12:00:00Z"), Some(1_706_702_400_000));
        assert_eq!(read(&write(1_706_702_400_999)), Some(1_706_702_400_000));
        assert_eq!(read("QC1M3Q4AAAA="), Some(1_706_702_400_000));
        for none in ["", "0001-01-01T00:00:00Z", "AAAAAAAAAAA=", "/////////38=", "AAAA", "soon:"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
