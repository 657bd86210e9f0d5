//! What YunoHost prints, read: hostile text, cleaned before it is kept.

use beffroi_remote::clean;
use serde_json::Value;

/// The lines of a stream, each cleaned, without the empty ones.
pub(crate) fn lines(stream: &[u8]) -> Vec<String> {
    stream.split(|byte| *byte == b'\n').map(|line| clean(&String::from_utf8_lossy(line))).filter(|line| !line.is_empty()).collect()
}

/// The JSON that a command printed: its last line that is not empty, when that is JSON. Depth is limited by the reader.
pub(crate) fn last_json(stdout: &[u8]) -> Option<Value> {
    let line = stdout.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).rfind(|line| !line.is_empty())?;
    serde_json::from_slice(line).ok()
}

/// The most bytes of [`paragraphs`].
const MOST_PARAGRAPHS: usize = 64 << 10;

/// Text of several lines, each cleaned, 64 KiB at most.
pub(crate) fn paragraphs(text: &str) -> String {
    let mut kept = String::new();
    for line in text.trim_end().lines() {
        let line = clean(line);
        if kept.len() + line.len() >= MOST_PARAGRAPHS {
            break;
        }
        kept.push_str(&line);
        kept.push('\n');
    }
    kept.truncate(kept.trim_end().len());
    kept
}

/// A field of an entry as text; the directory behind YunoHost gives an empty list for what it does not have.
pub(crate) fn text(entry: &Value, field: &str) -> String {
    match entry.get(field) {
        Some(Value::String(text)) => clean(text),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The same, where it is not empty.
pub(crate) fn filled(entry: &Value, field: &str) -> Option<String> {
    Some(text(entry, field)).filter(|text| !text.is_empty())
}

/// What YunoHost takes for yes and no (`BooleanOption` of `src/utils/form.py`).
pub(crate) fn yes_or_no(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "t" | "on" => Some(true),
        "0" | "no" | "n" | "false" | "f" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_cleaned_line_by_line() {
        assert_eq!(paragraphs("a\x1b[31m\u{7}\n\n b\r\n\n"), "a\n\nb");
        assert!(paragraphs(&"é\n".repeat(1 << 20)).len() <= MOST_PARAGRAPHS);
        assert_eq!(paragraphs("\n"), "");
    }

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
