//! How well what somebody types is found in a text, whatever the case and the accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is looked through of one text, in characters.
const MOST_OF_A_TEXT: usize = 500;
/// Words of a search that are looked for.
const MOST_WORDS: usize = 8;
/// The shortest word that may be mistyped, in bytes.
const LEAST_MISTYPED: usize = 4;
/// Between two texts of one thing; no folded text has it.
const BETWEEN: char = '\n';

/// How a word is found, the better the more.
const WHOLE: u32 = 5;
const BEGINS: u32 = 4;
const BEGINS_A_WORD: u32 = 3;
const INSIDE: u32 = 2;
const MISTYPED: u32 = 1;

/// A text as it is searched: lower case, without accents, ligatures as letters, on one line.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(MOST_OF_A_TEXT));
    for letter in text.chars().take(MOST_OF_A_TEXT).nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            '’' => folded.push('\''),
            letter if letter.is_control() => folded.push(' '),
            letter => folded.push(letter),
        }
    }
    folded
}

/// The words of what is typed.
pub(super) fn words(typed: &str) -> Vec<String> {
    folded(typed).split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
}

/// Several texts of one thing, ready to be searched; the first is the one that counts most.
#[derive(Debug, Default)]
pub(super) struct Haystack {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl Haystack {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut hay = Self::default();
        for text in texts {
            hay.text.push_str(&folded(text));
            hay.ends.push(hay.text.len());
            hay.text.push(BETWEEN);
        }
        hay
    }

    /// How well all words are found, the better the more, and in which text the worst placed of them is; nothing when one is
    /// nowhere.
    pub(super) fn rank(&self, words: &[String]) -> Option<(u32, usize)> {
        let (mut sum, mut farthest) = (0, 0);
        for word in words {
            let (score, place) = self.find(word)?;
            sum += score;
            farthest = farthest.max(place);
        }
        Some((sum, farthest))
    }

    /// The best place of a word. Of two that fit alike, the text that counts more.
    fn find(&self, word: &str) -> Option<(u32, usize)> {
        let exact = self.text.match_indices(word).map(|(at, _)| self.placed(at, word));
        exact.max_by_key(|(score, place)| (*score, usize::MAX - place)).or_else(|| self.find_mistyped(word))
    }

    fn placed(&self, at: usize, word: &str) -> (u32, usize) {
        let place = self.ends.partition_point(|end| *end <= at);
        let grade = match (self.begins_text(at), self.ends.get(place) == Some(&(at + word.len()))) {
            (true, true) => WHOLE,
            (true, false) => BEGINS,
            _ if self.begins_word(at) => BEGINS_A_WORD,
            _ => INSIDE,
        };
        (scored(grade, place), place)
    }

    /// A word with one mistake: a letter too many, too few, another one, or two that changed places. Its first is right, and
    /// a word with digits has none: `web-2` is not `web-1`.
    fn find_mistyped(&self, word: &str) -> Option<(u32, usize)> {
        if word.len() < LEAST_MISTYPED || word.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (bytes, first) = (self.text.as_bytes(), word.as_bytes().first()?);
        let begins = bytes.iter().enumerate().filter(|(at, byte)| *byte == first && self.begins_word(*at));
        let found = begins.filter(|(at, _)| bytes.get(*at..).is_some_and(|rest| begins_but_once(rest, word.as_bytes())));
        let places = found.map(|(at, _)| self.ends.partition_point(|end| *end <= at));
        places.min().map(|place| (scored(MISTYPED, place), place))
    }

    fn begins_text(&self, at: usize) -> bool {
        at == 0 || self.text.as_bytes().get(at - 1) == Some(&(BETWEEN as u8))
    }

    fn begins_word(&self, at: usize) -> bool {
        // What is not ASCII is a letter here: what folding leaves of it has no signs that names are made of.
        at == 0 || self.text.as_bytes().get(at - 1).is_some_and(|before| before.is_ascii() && !before.is_ascii_alphanumeric())
    }
}

/// The grade counts most, then how near to the first the text is.
fn scored(grade: u32, place: usize) -> u32 {
    grade * 100 - u32::try_from(place.min(99)).unwrap_or(99)
}

/// Whether a text begins with a word but for one mistake.
fn begins_but_once(text: &[u8], word: &[u8]) -> bool {
    let same = text.iter().zip(word).take_while(|(one, other)| one == other).count();
    let goes_on = |text_from: usize, word_from: usize| match (text.get(text_from..), word.get(word_from..)) {
        (Some(text), Some(word)) => text.starts_with(word),
        _ => false,
    };
    let swapped = text.get(same).is_some() && text.get(same) == word.get(same + 1) && text.get(same + 1) == word.get(same);
    goes_on(same + 1, same + 1) || goes_on(same, same + 1) || goes_on(same + 1, same) || (swapped && goes_on(same + 2, same + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(texts: &[&str], typed: &str) -> Option<(u32, usize)> {
        Haystack::new(texts.iter().copied()).rank(&words(typed))
    }

    #[test]
    fn case_accents_and_ligatures_make_no_difference() {
        assert_eq!(folded("Base Dolibarr, ACCÈS d’Été\nŒuvre"), "base dolibarr, acces d'ete oeuvre");
        for typed in ["acces", "ACCÈS", "acce\u{300}s", "œuvre", "oeuv", "été"] {
            assert!(rank(&["Accès d’été, œuvre"], typed).is_some(), "{typed}");
        }
        assert_eq!(rank(&["accès"], "acts"), None);
    }

    #[test]
    fn what_fits_better_ranks_higher() {
        let texts = ["erp", "erp-old", "morel-erp", "interpol", "expr"];
        let mut ranked: Vec<_> = texts.iter().filter_map(|text| Some((rank(&[text], "erp")?.0, *text))).collect();
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        assert_eq!(ranked.iter().map(|(_, text)| *text).collect::<Vec<_>>(), ["erp", "erp-old", "morel-erp", "interpol"]);
        // The same in a later text counts a little less, and it is known in which text it was.
        assert!(rank(&["erp", "root"], "erp").map(|found| found.0) > rank(&["root", "erp"], "erp").map(|found| found.0));
        assert_eq!(rank(&["morel/web", "root", "https://erp.example"], "morel erp").map(|found| found.1), Some(2));
        assert_eq!(rank(&["morel/web", "root"], "morel erp"), None, "each word is somewhere");
        assert!(rank(&["anything"], "  ").is_some());
    }

    #[test]
    fn one_mistake_in_the_beginning_of_a_word_is_forgiven() {
        for typed in ["dolibar", "dollibarr", "dolobarr", "dloibarr", "dlibarr", "dolibaar"] {
            assert_eq!(rank(&["shop", "Dolibarr"], typed).map(|found| found.1), Some(1), "{typed}");
        }
        for typed in ["xolibarr", "dlobarr", "dxx", "libbarr"] {
            assert_eq!(rank(&["Dolibarr"], typed), None, "{typed}");
        }
        assert_eq!(rank(&["web-1"], "web-2"), None, "another number is another thing");
        assert!(rank(&["dolibarr"], "doli").map(|found| found.0) > rank(&["dolibarr"], "dola").map(|found| found.0));
    }

    #[test]
    fn one_word_never_spans_two_texts() {
        assert_eq!(rank(&["ab", "cd"], "bc"), None);
        assert_eq!(rank(&["ab", "cd"], "ab\ncd").map(|found| found.1), Some(1));
    }
}
