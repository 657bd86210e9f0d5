//! The forms in which a secret can stand in an output.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use beffroi_secret::{SecretBytes, SecretText};

/// A line of a secret of several lines is looked for by itself from this length on.
const LEAST_LINE_BYTES: usize = 6;

/// Forms of secrets, found by their first byte. They are wiped when dropped.
#[derive(Default)]
pub(super) struct Forms {
    collected: BTreeSet<Vec<u8>>,
    /// 256 lists, by first byte; within one, the longest first.
    by_first: Vec<Vec<SecretBytes>>,
}

impl Forms {
    /// Adds every form of a secret.
    pub(super) fn add(&mut self, value: &[u8]) {
        self.add_one(value);
        if value.contains(&b'\n') {
            let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.len() >= LEAST_LINE_BYTES);
            lines.for_each(|line| self.add_one(line));
        }
    }

    fn add_one(&mut self, value: &[u8]) {
        self.insert(value.to_vec());
        for form in percent(value).into_iter().chain(base64(value)) {
            self.insert(form.into_bytes());
        }
        if let Ok(text) = std::str::from_utf8(value) {
            for form in json(text).into_iter().chain(shell(text)) {
                self.insert(form.into_bytes());
            }
        }
    }

    fn insert(&mut self, form: Vec<u8>) {
        if form.is_empty() || self.collected.contains(&form) {
            drop(SecretBytes::new(form));
        } else {
            self.collected.insert(form);
        }
    }

    /// Must follow the last [`Forms::add`].
    pub(super) fn finish(&mut self) {
        if self.collected.is_empty() {
            return;
        }
        self.by_first = std::iter::repeat_with(Vec::new).take(256).collect();
        for form in std::mem::take(&mut self.collected) {
            let list = form.first().and_then(|first| self.by_first.get_mut(usize::from(*first)));
            if let Some(list) = list {
                list.push(SecretBytes::new(form));
            }
        }
        // Only their lengths are looked at.
        self.by_first.iter_mut().for_each(|list| list.sort_by_key(|form| std::cmp::Reverse(form.expose().len())));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    fn beginning_with(&self, output: &[u8]) -> impl Iterator<Item = &[u8]> {
        let list = output.first().and_then(|first| self.by_first.get(usize::from(*first)));
        // Compared with output.
        list.map(Vec::as_slice).unwrap_or_default().iter().map(|form| form.expose().as_slice())
    }

    /// The length of the longest form that stands at the beginning of `output`; 0 when none does.
    pub(super) fn longest_at(&self, output: &[u8]) -> usize {
        self.beginning_with(output).find(|form| output.starts_with(form)).map_or(0, <[u8]>::len)
    }

    /// Whether a form stands anywhere in `output`.
    pub(super) fn occurs_in(&self, output: &[u8]) -> bool {
        (0..output.len()).any(|position| self.longest_at(output.get(position..).unwrap_or_default()) > 0)
    }

    /// The first position from which `output`, to its end, is the beginning of a form; its length when there is none.
    pub(super) fn open_beginning(&self, output: &[u8]) -> usize {
        // Only its length is taken.
        let longest = self.by_first.iter().filter_map(|list| list.first()).map(|form| form.expose().len()).max().unwrap_or_default();
        let start = output.len().saturating_sub(longest.saturating_sub(1));
        let open = |position: &usize| {
            let end = output.get(*position..).unwrap_or_default();
            self.beginning_with(end).any(|form| form.len() > end.len() && form.starts_with(end))
        };
        (start..output.len()).find(open).unwrap_or(output.len())
    }
}

impl Drop for Forms {
    fn drop(&mut self) {
        for form in std::mem::take(&mut self.collected) {
            drop(SecretBytes::new(form));
        }
    }
}

/// Rewrites a secret in a buffer that never moves, so that no copy is left in memory. `most` is the most bytes that
/// one byte becomes.
fn rewrite(text: &str, most: usize, each: impl Fn(char, &mut String)) -> String {
    let mut form = String::with_capacity(text.len() * most);
    text.chars().for_each(|character| each(character, &mut form));
    form
}

/// RFC 3986, 2.1, in either case of its digits; with every reserved character encoded, with `/` left, and the form
/// encoding of the URL standard, where a space is `+`.
fn percent(value: &[u8]) -> Vec<String> {
    let encode = |kept: &[u8], space_is_plus: bool, upper: bool| {
        let mut form = String::with_capacity(value.len() * 3);
        for byte in value {
            let byte = *byte;
            if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                form.push(char::from(byte));
            } else if byte == b' ' && space_is_plus {
                form.push('+');
            } else {
                // Writing to a String cannot fail.
                let _ = if upper { write!(form, "%{byte:02X}") } else { write!(form, "%{byte:02x}") };
            }
        }
        form
    };
    let mut forms = Vec::new();
    for upper in [true, false] {
        forms.push(encode(b"-._~", false, upper));
        forms.push(encode(b"-._~/", false, upper));
        // encodeURIComponent and encodeURI of ECMA-262, 19.2.6.
        forms.push(encode(b"-._~!*'()", false, upper));
        forms.push(encode(b"-._~!*'();/?:@&=+$,#", false, upper));
        forms.push(encode(b"-._*", true, upper));
        forms.push(encode(b"-._~", true, upper));
    }
    forms
}

/// RFC 4648, 4 and 5, alone and inside a longer value: of the three ways in which the secret can lie across groups of
/// three bytes, the characters that depend on the secret alone. Too short ones would hide ordinary words.
fn base64(value: &[u8]) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3_usize {
        let mut shifted = Vec::with_capacity(before + value.len());
        shifted.resize(before, 0);
        shifted.extend_from_slice(value);
        let first = (before * 8).div_ceil(6);
        let last = shifted.len() * 8 / 6;
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = engine.encode(&shifted);
            forms.extend(encoded.get(first..last).filter(|inner| inner.len() >= 6).map(str::to_owned));
            if before == 0 {
                forms.push(encoded.trim_end_matches('=').to_owned());
                forms.push(encoded);
            } else {
                drop(SecretText::new(encoded));
            }
        }
        drop(SecretBytes::new(shifted));
    }
    forms
}

/// What is escaped inside a JSON text beside what must be.
#[derive(Clone, Copy)]
struct Escapes {
    beyond_ascii: bool,
    slash: bool,
    html: bool,
}

/// The inside of a JSON text (RFC 8259, 7), and the same inside another JSON text.
fn json(text: &str) -> Vec<String> {
    let styles = [(false, false, false), (true, false, false), (false, true, false), (true, true, false), (true, false, true)];
    let mut forms = Vec::new();
    for (beyond_ascii, slash, html) in styles {
        let escapes = Escapes { beyond_ascii, slash, html };
        let once = json_escape(text, escapes);
        forms.push(json_escape(&once, escapes));
        forms.push(once);
    }
    forms
}

fn json_escape(text: &str, escapes: Escapes) -> String {
    rewrite(text, 6, |character, form| match character {
        '"' | '\\' => form.extend(['\\', character]),
        '/' if escapes.slash => form.push_str("\\/"),
        '\n' => form.push_str("\\n"),
        '\r' => form.push_str("\\r"),
        '\t' => form.push_str("\\t"),
        '\u{8}' => form.push_str("\\b"),
        '\u{c}' => form.push_str("\\f"),
        _ if character < ' '
            || (escapes.beyond_ascii && !character.is_ascii())
            || (escapes.html && matches!(character, '<' | '>' | '&' | '\'')) =>
        {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(form, "\\u{unit:04x}");
            }
        }
        _ => form.push(character),
    })
}

/// As shells and Python show a word: the inside of single quotes, of double quotes, with backslashes, and of `repr`.
fn shell(text: &str) -> Vec<String> {
    let single = |close: &'static str| {
        rewrite(text, 5, |character, form| if character == '\'' { form.push_str(close) } else { form.push(character) })
    };
    let backslashed = |special: &dyn Fn(char) -> bool| {
        rewrite(text, 2, |character, form| {
            if special(character) {
                form.push('\\');
            }
            form.push(character);
        })
    };
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '=' | '+' | '@' | '%');
    vec![
        single(r"'\''"),
        single(r#"'"'"'"#),
        backslashed(&|c| matches!(c, '"' | '\\' | '$' | '`')),
        backslashed(&|c| matches!(c, '"' | '\\' | '$' | '`' | '!')),
        // `printf %q`, which keeps or escapes a comma according to its version.
        backslashed(&|c| !plain(c) && c != ','),
        backslashed(&|c| !plain(c)),
        // `$'…'` of bash, `repr` of Python.
        backslashed(&|c| matches!(c, '\'' | '\\')),
        backslashed(&|c| c == '\\'),
    ]
}
