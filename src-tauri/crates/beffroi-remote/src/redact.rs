//! Secrets are found by their value in what comes from a host, and masked before it is shown or kept.

mod forms;

use std::sync::Arc;

use beffroi_secret::SecretBytes;

use forms::Forms;

/// Stands for a secret, whatever its length; also for a whole line that is withheld.
pub const MASK: &str = "••••••••";

/// The most bytes of one line that are held back while its end is not seen; a longer one is withheld whole.
const MOST_LINE_BYTES: usize = 64 << 10;

/// Masks known secrets in any output: as they are, and in their percent, JSON, base64 and shell-quoted forms.
///
/// A secret of 6 characters or more shows as [`MASK`]. A shorter one could be guessed from what is around its mask, and
/// stands in ordinary words: the whole line that it is in shows as [`MASK`]. An empty one is not looked for. What is
/// deliberately missing: forms that a program made by compressing, encrypting or hashing.
#[derive(Clone)]
pub struct Redaction(Arc<Inner>);

struct Inner {
    long: Forms,
    short: Forms,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Redaction(withheld)")
    }
}

impl Redaction {
    /// Looks for these secrets.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretBytes>) -> Self {
        let mut inner = Inner { long: Forms::default(), short: Forms::default() };
        for secret in secrets {
            // Compared with output; the copies that are made of it are wiped with the forms.
            let value = secret.expose().as_slice();
            // A file's last line feed is no part of the secret.
            let value = value.strip_suffix(b"\n").unwrap_or(value);
            let characters = String::from_utf8_lossy(value).chars().count();
            let forms = if characters < 6 { &mut inner.short } else { &mut inner.long };
            forms.add(value);
        }
        inner.long.finish();
        inner.short.finish();
        Self(Arc::new(inner))
    }

    /// Masks a whole output.
    #[must_use]
    pub fn bytes(&self, output: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        let mut masked = stream.push(output);
        masked.extend(stream.finish());
        masked
    }

    /// Masks a whole text.
    #[must_use]
    pub fn text(&self, output: &str) -> String {
        // Lossy only where a mask cut a character of the text in two.
        String::from_utf8_lossy(&self.bytes(output.as_bytes())).into_owned()
    }

    /// Masks an output that comes in pieces. Each stream of a process wants its own.
    #[must_use]
    pub fn stream(&self) -> RedactedStream {
        RedactedStream { redaction: self.clone(), held: Vec::new(), masked: 0, in_mask: false, line: Vec::new(), withhold: false }
    }
}

/// An output that comes in pieces and is masked. A secret that is cut between two pieces is found: what could be its
/// beginning is held back until more comes. Where short secrets are looked for, so is each line until its end.
pub struct RedactedStream {
    redaction: Redaction,
    /// What was taken and not yet given.
    held: Vec<u8>,
    /// How much of the beginning of `held` belongs to a secret that was found.
    masked: usize,
    /// Whether the last thing given was a mask that goes on.
    in_mask: bool,
    /// The unfinished line, where short secrets are looked for.
    line: Vec<u8>,
    /// Whether the rest of the line is withheld.
    withhold: bool,
}

impl std::fmt::Debug for RedactedStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RedactedStream(withheld)")
    }
}

impl RedactedStream {
    /// Takes a piece and gives what may be shown so far.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let masked = self.mask(false);
        self.withhold_lines(masked, false)
    }

    /// Ends the output and gives what was held back.
    pub fn finish(mut self) -> Vec<u8> {
        let masked = self.mask(true);
        self.withhold_lines(masked, true)
    }

    /// Masks long secrets in `held`, and takes from it what can be decided.
    fn mask(&mut self, last: bool) -> Vec<u8> {
        let forms = &self.redaction.0.long;
        let decided = if last { self.held.len() } else { forms.open_beginning(&self.held) };
        let mut shown = Vec::with_capacity(decided);
        let mut masked = self.masked;
        for (position, byte) in self.held.iter().enumerate().take(decided) {
            let rest = self.held.get(position..).unwrap_or_default();
            masked = masked.max(position + forms.longest_at(rest));
            if position >= masked {
                shown.push(*byte);
            } else if !self.in_mask {
                shown.extend_from_slice(MASK.as_bytes());
            }
            self.in_mask = position < masked;
        }
        self.masked = masked.saturating_sub(decided);
        let rest = self.held.split_off(decided);
        wipe(std::mem::replace(&mut self.held, rest));
        shown
    }

    /// Withholds lines with short secrets.
    fn withhold_lines(&mut self, piece: Vec<u8>, last: bool) -> Vec<u8> {
        if self.redaction.0.short.is_empty() {
            return piece;
        }
        let mut shown = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            self.withhold |= self.line.len() > MOST_LINE_BYTES;
            if part.ends_with(b"\n") {
                self.end_line(&mut shown);
            } else if self.withhold {
                wipe(std::mem::take(&mut self.line));
            }
        }
        if last && (self.withhold || !self.line.is_empty()) {
            self.end_line(&mut shown);
        }
        shown
    }

    fn end_line(&mut self, shown: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.withhold) || self.redaction.0.short.occurs_in(&line) {
            shown.extend_from_slice(MASK.as_bytes());
            if line.ends_with(b"\n") {
                shown.push(b'\n');
            }
            wipe(line);
        } else {
            shown.extend_from_slice(&line);
        }
    }
}

impl Drop for RedactedStream {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.held));
        wipe(std::mem::take(&mut self.line));
    }
}

fn wipe(bytes: Vec<u8>) {
    drop(SecretBytes::new(bytes));
}

#[cfg(test)]
mod tests;
