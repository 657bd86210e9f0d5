//! Text that comes from a host is hostile: it is cleaned and shortened before it is kept.

/// The most bytes that are kept of one value.
pub const MOST_VALUE_BYTES: usize = 4096;

/// Keeps what may be shown, up to [`MOST_VALUE_BYTES`]: terminal sequences, control characters and the invisible
/// characters that reorder text (Unicode TR9, explicit directional formatting) are dropped; a tab becomes a space.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(MOST_VALUE_BYTES));
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters),
            '\t' => kept.push(' '),
            hidden if hidden.is_control() || reorders(hidden) => {}
            shown if kept.len() + shown.len_utf8() <= MOST_VALUE_BYTES => kept.push(shown),
            _ => break,
        }
    }
    kept.trim().to_owned()
}

/// Drops the rest of an escape sequence (ECMA-48, 5.4): `[`, parameters, one final byte; or one character.
fn skip_sequence(characters: &mut std::str::Chars<'_>) {
    if characters.next() != Some('[') {
        return;
    }
    for character in characters.by_ref() {
        if ('\u{40}'..='\u{7e}').contains(&character) {
            return;
        }
    }
}

fn reorders(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_mislead_is_dropped() {
        assert_eq!(clean("\u{1b}[1;31mError:\u{1b}[0m no"), "Error: no");
        assert_eq!(clean("a\u{0}b\rc\nd\te\u{202e}f\u{85}"), "abcd ef");
        assert_eq!(clean("\u{1b}"), "");
        assert_eq!(clean("\u{1b}[31"), "");
        assert_eq!(clean("Élise D’Août"), "Élise D’Août");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let cut = clean(&"é".repeat(5000));
        assert_eq!(cut.len(), MOST_VALUE_BYTES);
        let cut = clean(&format!("x{}", "é".repeat(5000)));
        assert_eq!(cut.len(), MOST_VALUE_BYTES - 1);
    }
}
