//! Looks through the bytes of one file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::Known;
use crate::rules::{BY_VALUE, RULES, Rule, Seen, entropy};

/// Of a line this much before a rule's word is looked at, and this much after it.
const BEFORE: usize = 256;
const AFTER: usize = 2048;
/// Characters that are told of what stands before a secret.
const MOST_BEFORE: usize = 80;
/// The most that is told of one file.
const MOST_HITS: usize = 10_000;
/// Bytes at the beginning that tell whether a file is text.
const TELLING: usize = 8 << 10;
/// A line with this on it is passed over.
const ALLOWED: &[u8] = b"beffroi:allow";

/// Looks through files for secrets.
#[derive(Debug)]
pub struct Scanner {
    words: Option<AhoCorasick>,
    /// The rules that each word belongs to.
    of_word: Vec<Vec<usize>>,
    patterns: Vec<Option<Regex>>,
    known: Known,
    hasher: RandomState,
}

/// A secret in a file.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The rule's id.
    pub rule: &'static str,
    /// Its line, from 1.
    pub line: u64,
    /// Its byte in the line, from 1.
    pub column: u64,
    /// What stands before it and was matched with it.
    pub before: String,
    /// How many bytes it has.
    pub length: usize,
    /// The known secret that it is.
    pub known: Option<String>,
    /// The version before has another secret in this place.
    pub(crate) replaces: bool,
    /// Tells it from others as long as this scanner lives, and nobody anything else.
    pub(crate) same: u64,
}

/// What was found, by places in the text.
struct Raw<'a> {
    /// The rule's place in the table; known values come before all.
    rank: usize,
    from: usize,
    start: usize,
    end: usize,
    known: Option<&'a str>,
}

impl Scanner {
    /// Looks for these values and for what the rules know.
    #[must_use]
    pub fn new(known: Known) -> Self {
        let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, rule) in RULES.iter().enumerate() {
            for word in rule.words {
                by_word.entry(word).or_default().push(place);
            }
        }
        let words = AhoCorasickBuilder::new().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(by_word.keys());
        let pattern = |rule: &Rule| RegexBuilder::new(rule.pattern).unicode(false).multi_line(true).build().ok();
        Self {
            words: words.ok(),
            of_word: by_word.into_values().collect(),
            patterns: RULES.iter().map(pattern).collect(),
            known,
            hasher: RandomState::new(),
        }
    }

    /// What is in a file: in order, none in another. `None` for a file that is not text.
    #[must_use]
    pub fn scan(&self, path: &str, bytes: &[u8]) -> Option<Vec<Hit>> {
        let text = as_text(bytes)?;
        let mut found = Vec::new();
        self.known.find(&text, |name, start, end| {
            if found.len() < MOST_HITS {
                found.push(Raw { rank: 0, from: start, start, end, known: Some(name) });
            }
        });
        self.find(path, &text, &mut found);
        Some(self.tell(&text, found))
    }

    fn find(&self, path: &str, text: &[u8], found: &mut Vec<Raw<'_>>) {
        let Some(words) = &self.words else { return };
        // Up to where the words of each rule were looked at.
        let mut done = vec![0; RULES.len()];
        for word in words.find_overlapping_iter(text) {
            for place in self.of_word.get(word.pattern().as_usize()).into_iter().flatten() {
                let (Some(rule), Some(Some(pattern)), Some(done)) = (RULES.get(*place), self.patterns.get(*place), done.get_mut(*place))
                else {
                    continue;
                };
                if word.start() < *done || found.len() >= MOST_HITS {
                    continue;
                }
                let (from, to) = window(text, word.start(), word.end());
                let taken = pattern.captures_iter(text.get(from..to).unwrap_or_default()).filter_map(|groups| {
                    let (whole, start, end) = take(rule, path, text, from, &groups)?;
                    Some(Raw { rank: place + 1, from: whole, start, end, known: None })
                });
                found.extend(taken);
                // Where the line goes on, what begins in the second half may end beyond: it is looked at again.
                let is_whole = text.get(to).is_none_or(|byte| *byte == b'\n');
                *done = if is_whole { to } else { word.end() + AFTER / 2 };
            }
        }
    }

    /// Of what overlaps, the most certain; with lines counted.
    fn tell(&self, text: &[u8], mut found: Vec<Raw<'_>>) -> Vec<Hit> {
        found.sort_by_key(|raw| (raw.rank, raw.start));
        let mut taken: BTreeMap<usize, Raw<'_>> = BTreeMap::new();
        for raw in found {
            let before = taken.range(..raw.end).next_back().is_some_and(|(_, other)| other.end > raw.start);
            if !before {
                taken.insert(raw.start, raw);
            }
        }
        let (mut line, mut line_start, mut seen, mut last_end) = (1, 0, 0, 0);
        let mut hits = Vec::with_capacity(taken.len());
        for raw in taken.into_values() {
            for (at, _) in text.iter().enumerate().take(raw.start).skip(seen).filter(|(_, byte)| **byte == b'\n') {
                (line, line_start) = (line + 1, at + 1);
            }
            seen = raw.start;
            if is_allowed(text, line_start, raw.start) {
                continue;
            }
            let secret = text.get(raw.start..raw.end).unwrap_or_default();
            // What was matched before it may be another secret's end.
            let before = if raw.from >= last_end { told(text.get(raw.from..raw.start).unwrap_or_default()) } else { String::new() };
            last_end = raw.end;
            hits.push(Hit {
                rule: raw.rank.checked_sub(1).and_then(|place| RULES.get(place)).map_or(BY_VALUE, |rule| rule.id),
                line,
                column: (raw.start - line_start + 1) as u64,
                before,
                length: secret.len(),
                known: raw.known.map(str::to_owned),
                replaces: false,
                same: self.hasher.hash_one(secret),
            });
        }
        hits
    }
}

/// The secret of a match, where it is one: from where the match is, from where to where the secret.
fn take(rule: &Rule, path: &str, text: &[u8], at: usize, groups: &Captures<'_>) -> Option<(usize, usize, usize)> {
    let whole = groups.get(0)?;
    let (from, after) = (at + whole.start(), at + whole.end());
    if let Some(body) = rule.body {
        let length = body(text.get(after..)?)?;
        return Some((from, after, after + length));
    }
    let secret = groups.iter().skip(1).flatten().next()?;
    let (start, end) = (at + secret.start(), at + secret.end());
    let seen = Seen { path, secret: secret.as_bytes(), before: text.get(from..start)? };
    (entropy(seen.secret) >= rule.entropy && (rule.takes)(&seen)).then_some((from, start, end))
}

/// The line that a word is on, or what is near it.
fn window(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let least = start.saturating_sub(BEFORE);
    let from = text.get(least..start).and_then(|part| part.iter().rposition(|byte| *byte == b'\n')).map_or(least, |at| least + at + 1);
    let most = (end + AFTER).min(text.len());
    let to = text.get(end..most).and_then(|part| part.iter().position(|byte| *byte == b'\n')).map_or(most, |at| end + at);
    (from, to)
}

fn is_allowed(text: &[u8], line_start: usize, at: usize) -> bool {
    let from = line_start.max(at.saturating_sub(AFTER));
    let rest = text.get(from..(at + AFTER).min(text.len())).unwrap_or_default();
    let end = rest.iter().skip(at - from).position(|byte| *byte == b'\n').map_or(rest.len(), |end| at - from + end);
    rest.get(..end).unwrap_or_default().windows(ALLOWED.len()).any(|window| window == ALLOWED)
}

/// What may be shown of it.
fn told(before: &[u8]) -> String {
    let text: Vec<char> = String::from_utf8_lossy(before).chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    text.iter().skip(text.len().saturating_sub(MOST_BEFORE)).collect::<String>().trim_start().to_owned()
}

/// The text of a file: UTF-16 with its mark is read as well.
fn as_text(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let wide = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|two| of(*two)).collect();
        String::from_utf16_lossy(&units).into_bytes()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some(Cow::Owned(wide(rest, u16::from_le_bytes))),
        [0xfe, 0xff, rest @ ..] => Some(Cow::Owned(wide(rest, u16::from_be_bytes))),
        _ if bytes.iter().take(TELLING).any(|byte| *byte == 0) => None,
        _ => Some(Cow::Borrowed(bytes)),
    }
}
