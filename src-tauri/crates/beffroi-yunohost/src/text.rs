//! What YunoHost prints, read: hostile text, cleaned before it is kept.

use beffroi_remote::clean;

/// The lines of a stream, each cleaned, without the empty ones.
pub(crate) fn lines(stream: &[u8]) -> Vec<String> {
    stream.split(|byte| *byte == b'\n').map(|line| clean(&String::from_utf8_lossy(line))).filter(|line| !line.is_empty()).collect()
}

/// The JSON that a command printed: its last line that is not empty, when that is JSON. Depth is limited by the reader.
pub(crate) fn last_json(stdout: &[u8]) -> Option<serde_json::Value> {
    let line = stdout.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).rfind(|line| !line.is_empty())?;
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_last_line_or_nothing() {
        assert_eq!(last_json(b"INFO a\n{\"a\": 1}\n\n"), Some(serde_json::json!({"a": 1})));
        assert_eq!(last_json(b"22\n"), Some(serde_json::json!(22)));
        for none in [&b""[..], b"\n\n", b"SUCCESS done\n", b"{\"a\": 1}\nINFO after\n", b"\xff\xfe"] {
            assert_eq!(last_json(none), None);
        }
        assert_eq!(last_json(&b"[".repeat(100_000)), None);
    }
}
