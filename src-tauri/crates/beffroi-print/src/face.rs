//! The fonts: how wide a text is, and which characters can be drawn.

use std::sync::LazyLock;

use krilla::text::Font;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

/// A font of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Text,
    Strong,
    Fixed,
}

const TEXT: &[u8] = include_bytes!("../../../../assets/fonts/IBMPlexSans-Regular.ttf");
const STRONG: &[u8] = include_bytes!("../../../../assets/fonts/IBMPlexSans-SemiBold.ttf");
const FIXED: &[u8] = include_bytes!("../../../../assets/fonts/IBMPlexMono-Regular.ttf");

/// What is asked of a font for every character.
struct Reader {
    map: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    em: f32,
}

impl Reader {
    fn of(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Some(Self { map: font.charmap(), widths: font.glyph_metrics(Size::unscaled(), LocationRef::default()), em })
    }
}

impl Face {
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::Strong, Self::Fixed];

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Text => TEXT,
            Self::Strong => STRONG,
            Self::Fixed => FIXED,
        }
    }

    pub(crate) fn font(self) -> Option<Font> {
        Font::new(self.bytes().into(), 0)
    }

    fn reader(self) -> Option<&'static Reader> {
        static READERS: LazyLock<[Option<Reader>; 3]> = LazyLock::new(|| Face::ALL.map(|face| Reader::of(face.bytes())));
        READERS[self as usize].as_ref()
    }

    /// The glyph of a character and its width, for letters of size 1. A narrow space that a font lacks is a part of a space.
    pub(crate) fn glyph(self, character: char) -> Option<(GlyphId, f32)> {
        let Reader { map, widths, em } = self.reader()?;
        let (found, part) = match map.map(character) {
            Some(glyph) => (glyph, 1.0),
            None if character == '\u{202f}' => (map.map(' ')?, 0.6),
            None if character == '\u{a0}' => (map.map(' ')?, 1.0),
            None => return None,
        };
        Some((found, widths.advance_width(found)? * part / em))
    }

    /// How wide a text is. What cannot be drawn has no width: see [`drawable`].
    pub(crate) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().filter_map(|character| self.glyph(character)).map(|(_, width)| width * size).sum()
    }
}

/// A text in which nothing is invisible: controls, marks of direction and their like stand as `‹U+202E›`.
#[must_use]
pub fn visible(text: &str) -> String {
    written(text, |character| !is_invisible(character))
}

/// The same where the fonts lack a character. Line feeds stay.
pub(crate) fn drawable(text: &str) -> String {
    let composed: String = text.nfc().collect();
    written(&composed, |character| character == '\n' || (!is_invisible(character) && is_in_fonts(character)))
}

fn written(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        if stays(character) {
            written.push(character);
        } else {
            written.push_str(&format!("‹U+{:04X}›", u32::from(character)));
        }
    }
    written
}

fn is_in_fonts(character: char) -> bool {
    Face::ALL.iter().all(|face| face.glyph(character).is_some())
}

/// Controls (Cc), marks of direction, separators of lines, what joins or has no width, tags.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        )
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}')
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_have_what_french_and_english_need() {
        let needed =
            "ABCXYZabcxyz0123456789ÀÂÆÇÈÉÊËÎÏÔŒÙÛÜàâæçéèêëîïôœùûüÿ’‘“”«»‹›…–—•→×·€°§!?;:,.()[]{}<>/\\|@#$%&*+-=_~^`'\"\u{a0}\u{202f} ";
        for face in Face::ALL {
            let missing: Vec<char> = needed.chars().filter(|character| face.glyph(*character).is_none()).collect();
            assert_eq!(missing, Vec::<char>::new(), "{face:?}");
        }
        assert!(Face::Text.width("mmm", 10.0) > Face::Text.width("iii", 10.0));
        assert!((Face::Fixed.width("mmm", 10.0) - Face::Fixed.width("iii", 10.0)).abs() < 0.01);
    }

    #[test]
    fn what_would_mislead_is_seen() {
        assert_eq!(visible("a\u{202e}b\u{0}\u{200b}"), "a‹U+202E›b‹U+0000›‹U+200B›");
        assert_eq!(visible("é « ok\u{202f}! »"), "é « ok\u{202f}! »");
        assert_eq!(visible("中"), "中", "shown where there are fonts for it");
        assert_eq!(drawable("e\u{301} 中\n\t"), "é ‹U+4E2D›\n‹U+0009›");
    }
}
