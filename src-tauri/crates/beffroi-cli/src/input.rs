//! What comes in from files and from the terminal.

use std::fs::File;
use std::io::{BufRead, Read, Write};
use std::path::Path;

use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::{SecretBytes, SecretText};

/// Larger than any secret: a mistaken file is refused, not read.
const MOST_BYTES: u64 = 64 << 10;

/// Reads a secret from a file, or from standard input when the path is `-`. Exactly one final newline is dropped.
pub(crate) fn secret_file(path: &Path) -> Result<SecretText, ApiError> {
    let failed = |reason: &dyn std::fmt::Display| ApiError::new(ErrorCode::LocalFile).with("path", path.display()).with("reason", reason);
    let read = |from: &mut dyn Read| {
        let mut bytes = Vec::with_capacity(MOST_BYTES as usize + 1);
        from.take(MOST_BYTES + 1).read_to_end(&mut bytes).map(|_| SecretBytes::new(bytes))
    };
    let bytes =
        if path.as_os_str() == "-" { read(&mut std::io::stdin().lock()) } else { File::open(path).and_then(|mut file| read(&mut file)) };
    let bytes = bytes.map_err(|error| failed(&error))?;
    // Its length and its last byte only, to be protected again at once.
    if bytes.expose().len() as u64 > MOST_BYTES {
        return Err(failed(&"more than 65,536 bytes"));
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
    let mut line = String::new();
    let mut stderr = std::io::stderr();
    stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush()).map_err(|error| terminal(&error))?;
    std::io::stdin().lock().take(64).read_line(&mut line).map_err(|error| terminal(&error))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "o" | "oui"))
}

fn terminal(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::LocalFile).with("path", "terminal").with("reason", error)
}
