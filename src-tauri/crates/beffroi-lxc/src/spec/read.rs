//! Reading tables of TOML strictly: each key is known, each value is what it has to be, each fault has its line.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Expected, FaultKind, SpecFault};

/// The most faults that are told of one file.
const MOST_FAULTS: usize = 50;

/// Where faults go, and where lines begin.
pub(super) struct Faults {
    starts: Vec<usize>,
    pub(super) list: Vec<SpecFault>,
}

impl Faults {
    pub(super) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, list: Vec::new() }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte)
    }

    pub(super) fn add(&mut self, byte: usize, at: &str, kind: FaultKind) {
        if self.list.len() < MOST_FAULTS {
            let line = self.line(byte);
            self.list.push(SpecFault::new(line, at, kind));
        }
    }
}

/// A value, where it stands and what it is called.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) byte: usize,
    pub(super) at: String,
}

/// A table, with what is taken out of it.
pub(super) struct Fields<'a> {
    entries: BTreeMap<&'a str, (usize, &'a Spanned<DeValue<'a>>)>,
    byte: usize,
    at: String,
}

impl<'a> Value<'a> {
    pub(super) fn of(value: &'a Spanned<DeValue<'a>>, at: String) -> Self {
        Self { value: value.get_ref(), byte: value.span().start, at }
    }

    pub(super) fn wrong(&self, faults: &mut Faults, expected: Expected) {
        faults.add(self.byte, &self.at, FaultKind::Expected(expected));
    }

    pub(super) fn fault(&self, faults: &mut Faults, kind: FaultKind) {
        faults.add(self.byte, &self.at, kind);
    }

    /// Text that a test takes.
    pub(super) fn text(&self, faults: &mut Faults, expected: Expected, takes: impl Fn(&str) -> bool) -> Option<String> {
        self.parsed(faults, expected, |text| takes(text).then(|| text.to_owned()))
    }

    /// What text stands for.
    pub(super) fn parsed<T>(&self, faults: &mut Faults, expected: Expected, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let read = self.value.as_str().and_then(parse);
        if read.is_none() {
            self.wrong(faults, expected);
        }
        read
    }

    pub(super) fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        let read = self.value.as_bool();
        if read.is_none() {
            self.wrong(faults, Expected::Boolean);
        }
        read
    }

    pub(super) fn whole(&self, faults: &mut Faults, least: u64, most: u64) -> Option<u64> {
        let number = self.value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        let read = number.filter(|number| (least..=most).contains(number));
        if read.is_none() {
            self.wrong(faults, Expected::Whole { least, most });
        }
        read
    }

    /// The members of a list.
    pub(super) fn list(&self, faults: &mut Faults, most: usize) -> Vec<Self> {
        let Some(list) = self.value.as_array() else {
            self.wrong(faults, Expected::List);
            return Vec::new();
        };
        if list.len() > most {
            self.fault(faults, FaultKind::TooMany { most });
            return Vec::new();
        }
        list.iter().zip(1..).map(|(value, number)| Value::of(value, format!("{}[{number}]", self.at))).collect()
    }

    /// A table with these keys and no others.
    pub(super) fn table(&self, faults: &mut Faults, known: &'static [&'static str]) -> Option<Fields<'a>> {
        let Some(table) = self.value.as_table() else {
            self.wrong(faults, Expected::Table);
            return None;
        };
        Some(Fields::of(table, self.byte, &self.at, known, faults))
    }

    /// A table whose keys are names of the operator's.
    pub(super) fn named(&self, faults: &mut Faults, most: usize) -> Vec<(String, Self)> {
        let Some(table) = self.value.as_table() else {
            self.wrong(faults, Expected::Table);
            return Vec::new();
        };
        if table.iter().count() > most {
            self.fault(faults, FaultKind::TooMany { most });
            return Vec::new();
        }
        let entry = |(key, value): (&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)| {
            let name = key.get_ref().to_string();
            let at = joined(&self.at, &name);
            (name, Self { value: value.get_ref(), byte: key.span().start, at })
        };
        table.iter().map(entry).collect()
    }
}

impl<'a> Fields<'a> {
    pub(super) fn of(table: &'a DeTable<'a>, byte: usize, at: &str, known: &'static [&'static str], faults: &mut Faults) -> Self {
        let mut entries = BTreeMap::new();
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                entries.insert(name, (key.span().start, value));
            } else {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
                faults.add(key.span().start, &joined(at, &shown), FaultKind::UnknownKey { nearest: nearest(name, known) });
            }
        }
        Self { entries, byte, at: at.to_owned() }
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let (byte, value) = self.entries.get(key)?;
        Some(Value { value: value.get_ref(), byte: *byte, at: joined(&self.at, key) })
    }

    /// The value of a key that has to be there.
    pub(super) fn need(&self, faults: &mut Faults, key: &'static str) -> Option<Value<'a>> {
        let found = self.get(key);
        if found.is_none() {
            faults.add(self.byte, &self.at, FaultKind::Missing { key });
        }
        found
    }

    pub(super) fn fault(&self, faults: &mut Faults, kind: FaultKind) {
        faults.add(self.byte, &self.at, kind);
    }
}

fn joined(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// The known key that takes the fewest changes to reach, where that is less than half of it.
pub(super) fn nearest(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let name: Vec<char> = name.chars().take(40).collect();
    let scored = known.iter().map(|key| (changes(&name, &key.chars().collect::<Vec<_>>()), *key));
    scored.min().filter(|(changes, key)| changes * 2 <= key.len().max(2)).map(|(_, key)| key)
}

/// How many characters have to be put in, taken out, replaced or swapped with the one after them.
fn changes(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let at = |from: &[usize], index: usize| from.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&next, column) + 1).min(at(&last, column + 1) + 1).min(at(&last, column) + usize::from(a != b));
            let swapped = row > 0 && column > 0 && one.get(row - 1) == Some(b) && other.get(column - 1) == Some(a);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(0)
}

/// Lays what a stage says over what is said for all: tables are joined, anything else is replaced.
pub(super) fn overlay<'a>(base: &mut DeTable<'a>, over: &DeTable<'a>) {
    for (key, value) in over.iter() {
        if let (Some(base), DeValue::Table(over)) = (base.get_mut(key.get_ref().as_ref()), value.get_ref())
            && let DeValue::Table(base) = base.get_mut()
        {
            overlay(base, over);
            continue;
        }
        // The line is the stage's: the key goes as well as the value.
        base.remove(key.get_ref().as_ref());
        base.insert(key.clone(), value.clone());
    }
}
