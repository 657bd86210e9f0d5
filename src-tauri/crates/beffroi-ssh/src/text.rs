//! Text that came from a host, made harmless.

/// The most characters of a host's text that an error carries.
const MOST_CHARACTERS: usize = 300;

/// The text with control characters, and those that turn or hide text, in escaped form, and cut to 300 characters.
pub(crate) fn harmless(text: &str) -> String {
    let mut clean = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == MOST_CHARACTERS {
            clean.push('…');
            break;
        }
        if character.is_control() || turns_or_hides(character) {
            clean.extend(character.escape_unicode());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// Bidirectional controls and invisible characters (Unicode, UAX #9, and the tag block).
fn turns_or_hides(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_shown_escaped() {
        assert_eq!(harmless("/srv/é ok"), "/srv/é ok");
        assert_eq!(harmless("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(harmless(&"x".repeat(1000)).chars().count(), MOST_CHARACTERS + 1);
    }
}
