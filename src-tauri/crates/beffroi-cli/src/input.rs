//! What comes in from files and from the terminal.

use std::fs::File;
use std::io::{BufRead, Read, Write};
use std::path::Path;

use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::{SecretBytes, SecretText};

/// Larger than any secret: a mistaken file is refused, not read.
const MOST_BYTES: u64 = 64 << 10;

/// Larger than any list of people.
const MOST_OF_A_LIST: u64 = 4 << 20;

/// Reads a secret from a file, or from standard input when the path is `-`. Exactly one final newline is dropped.
pub(crate) fn secret_file(path: &Path) -> Result<SecretText, ApiError> {
    protected_file(path, MOST_BYTES, "more than 65,536 bytes")
}

/// Reads a list that may have passwords in it, in the same way.
pub(crate) fn list_file(path: &Path) -> Result<SecretText, ApiError> {
    protected_file(path, MOST_OF_A_LIST, "more than 4 MiB")
}

fn protected_file(path: &Path, most: u64, too_long: &'static str) -> Result<SecretText, ApiError> {
    let failed = |reason: &dyn std::fmt::Display| ApiError::new(ErrorCode::LocalFile).with("path", path.display()).with("reason", reason);
    let read = |from: &mut dyn Read| {
        let mut bytes = Vec::with_capacity(most as usize + 1);
        from.take(most + 1).read_to_end(&mut bytes).map(|_| SecretBytes::new(bytes))
    };
    let bytes =
        if path.as_os_str() == "-" { read(&mut std::io::stdin().lock()) } else { File::open(path).and_then(|mut file| read(&mut file)) };
    let bytes = bytes.map_err(|error| failed(&error))?;
    // Its length and its last byte only, to be protected again at once.
    if bytes.expose().len() as u64 > most {
        return Err(failed(&too_long));
    }
    let kept = bytes.expose().strip_suffix(b"\n").unwrap_or(bytes.expose());
    let kept = SecretBytes::new(kept.to_vec());
    kept.into_text().map_err(|_| failed(&"not UTF-8 text"))
}

/// Asks at the terminal, without showing what is typed.
pub(crate) fn hidden(prompt: &str) -> Result<SecretText, ApiError> {
    rpassword::prompt_password(prompt).map(SecretText::new).map_err(|error| terminal(&error))
}

/// Asks at the terminal for a yes: `y`, `yes`, `o` or `oui`. Anything else is a no.
pub(crate) fn yes(prompt: &str) -> Result<bool, ApiError> {
    Ok(matches!(line(prompt)?.to_lowercase().as_str(), "y" | "yes" | "o" | "oui"))
}

/// Asks at the terminal for a line of text.
pub(crate) fn line(prompt: &str) -> Result<String, ApiError> {
    let mut line = String::new();
    let mut stderr = std::io::stderr();
    stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush()).map_err(|error| terminal(&error))?;
    std::io::stdin().lock().take(512).read_line(&mut line).map_err(|error| terminal(&error))?;
    Ok(line.trim().to_owned())
}

/// A length of time as people write it, such as `15m`, `1h 30m` or `7d`, in seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, ApiError> {
    let wrong = || ApiError::new(ErrorCode::InvalidName).with("kind", "time").with("value", text);
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    // A day is 24 hours here, whatever the clocks do.
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    u64::try_from(duration.as_secs()).ok().filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

/// A moment as people write it, such as `2026-12-31T18:00Z`, in milliseconds since 1970; without a zone, in this machine's.
pub(crate) fn moment_ms(text: &str) -> Result<u64, ApiError> {
    let wrong = || ApiError::new(ErrorCode::InvalidName).with("kind", "time").with("value", text);
    let local = || {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        Some(at.to_zoned(jiff::tz::TimeZone::system()).ok()?.timestamp())
    };
    let at = text.parse::<jiff::Timestamp>().ok().or_else(local).ok_or_else(wrong)?;
    u64::try_from(at.as_millisecond()).map_err(|_| wrong())
}

/// The end of a time as people write it: a moment, or a day, whose last moment is meant.
pub(crate) fn end_ms(text: &str) -> Result<u64, ApiError> {
    let day = text.parse::<jiff::civil::Date>().ok().filter(|_| !text.contains(['T', 't', ' ', ':']));
    match day.and_then(|day| day.tomorrow().ok()) {
        Some(next) => moment_ms(&next.to_string()),
        None => moment_ms(text),
    }
}

/// A moment in UTC, to the minute: the same on every machine.
pub(crate) fn moment(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%MZ").to_string()).unwrap_or_default()
}

pub(crate) fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// A path as another process understands it, whatever its working folder.
pub(crate) fn absolute(path: &Path) -> Result<String, ApiError> {
    let absolute = std::path::absolute(path);
    let absolute = absolute.map_err(|error| ApiError::new(ErrorCode::LocalFile).with("path", path.display()).with("reason", error))?;
    Ok(absolute.display().to_string())
}

fn terminal(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::LocalFile).with("path", "terminal").with("reason", error)
}
