//! Whether what somebody answers fits the questions, before it is sent: YunoHost takes no notice of an answer it did not ask
//! for, and takes the default of one that is missing, without a word.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, FieldKind};
use crate::text::yes_or_no;

/// An answer that would be refused, or have no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The question.
    pub field: String,
    /// What is wrong.
    pub why: Unfit,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// There is no such question, or it is only to be read.
    NotAsked,
    /// It must be answered, and has no default.
    Missing,
    /// It is none of the choices.
    NoChoice,
    /// It does not have the form of its type.
    Form,
    /// The number is too small or too great.
    Range,
    /// It is secret and was given as if it were not: it would be shown.
    NotSecret,
}

/// A question that was not answered, and what YunoHost takes instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// The question.
    pub field: String,
    /// Its default.
    pub default: String,
}

/// Holds answers against questions. An answer of `None` is a secret: it is there, and not looked at.
///
/// Gives the questions that were left to their defaults, without those that may not be asked at all (`visible`).
///
/// # Errors
/// The first answer that is [`Wrong`].
pub(crate) fn all(fields: &[Field], answers: &BTreeMap<&str, Option<&str>>) -> Result<Vec<Silent>, Wrong> {
    let asked = |name: &str| fields.iter().any(|field| field.id == name && !field.kind.is_shown_only());
    if let Some(name) = answers.keys().find(|name| !asked(name)) {
        return Err(Wrong { field: (*name).to_owned(), why: Unfit::NotAsked });
    }
    let mut silent = Vec::new();
    for field in fields.iter().filter(|field| !field.kind.is_shown_only() && !field.readonly) {
        let answer = answers.get(field.id.as_str());
        if let Some(why) = answer.and_then(|answer| field.refuses(*answer)) {
            return Err(Wrong { field: field.id.clone(), why });
        }
        // Whether a conditional question is asked depends on the others: YunoHost says so itself.
        if answer.is_some() || field.visible.is_some() {
            continue;
        }
        match field.default.as_deref().filter(|default| !default.is_empty()) {
            Some(default) => silent.push(Silent { field: field.id.clone(), default: default.to_owned() }),
            None if field.optional || field.kind == FieldKind::Boolean => {}
            None => return Err(Wrong { field: field.id.clone(), why: Unfit::Missing }),
        }
    }
    Ok(silent)
}

impl Field {
    /// What is wrong with an answer; `None` as an answer is a secret. Patterns are left to YunoHost: they are Python's.
    #[must_use]
    pub fn refuses(&self, answer: Option<&str>) -> Option<Unfit> {
        let answer = answer?;
        if self.secret {
            return Some(Unfit::NotSecret);
        }
        if answer.is_empty() {
            return (!self.optional && self.kind != FieldKind::Boolean && self.default.is_none()).then_some(Unfit::Missing);
        }
        let fits_choices = |value: &str| self.choices.is_empty() || self.choices.iter().any(|choice| choice.value == value);
        let form = |fits: bool| (!fits).then_some(Unfit::Form);
        match self.kind {
            FieldKind::Select | FieldKind::Domain | FieldKind::App | FieldKind::User | FieldKind::Group => {
                (!fits_choices(answer)).then_some(Unfit::NoChoice)
            }
            FieldKind::Tags => (!answer.split(',').map(str::trim).all(fits_choices)).then_some(Unfit::NoChoice),
            FieldKind::Number | FieldKind::Range => match answer.parse::<i64>() {
                Err(_) => Some(Unfit::Form),
                Ok(number) => {
                    let within = self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max);
                    (!within).then_some(Unfit::Range)
                }
            },
            FieldKind::Boolean => form(self.is_yes_or_no(answer)),
            FieldKind::Date => form(answer.parse::<jiff::civil::Date>().is_ok()),
            FieldKind::Time => form(is_time(answer)),
            FieldKind::Email => form(answer.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))),
            FieldKind::Url => form(answer.starts_with("https://") || answer.starts_with("http://")),
            FieldKind::String | FieldKind::Path => form(!answer.contains('\n')),
            FieldKind::Text | FieldKind::Color | FieldKind::File | FieldKind::Password | FieldKind::Other => None,
            FieldKind::DisplayText | FieldKind::Markdown | FieldKind::Alert | FieldKind::Button => Some(Unfit::NotAsked),
        }
    }

    /// The words of YunoHost, and those of the field.
    fn is_yes_or_no(&self, answer: &str) -> bool {
        yes_or_no(answer).is_some() || is_word(self.yes.as_ref(), answer) || is_word(self.no.as_ref(), answer)
    }

    /// Whether a value that a host shows is the one that was asked for, whatever the words it says it in.
    pub(crate) fn is_same(&self, asked: &str, shown: &str) -> bool {
        match self.kind {
            FieldKind::Boolean => self.means_yes(asked) == self.means_yes(shown),
            FieldKind::Number | FieldKind::Range => asked.parse::<i64>().ok() == shown.parse::<i64>().ok(),
            FieldKind::Tags => asked.split(',').map(str::trim).eq(shown.split(',').map(str::trim)),
            FieldKind::Path => asked.trim_matches('/') == shown.trim_matches('/'),
            _ => asked.trim() == shown.trim(),
        }
    }

    fn means_yes(&self, word: &str) -> bool {
        is_word(self.yes.as_ref(), word) || yes_or_no(word) == Some(true)
    }
}

/// Whether that is a field's own word, in capitals or not.
fn is_word(own: Option<&String>, word: &str) -> bool {
    own.is_some_and(|own| own.to_lowercase() == word.to_lowercase())
}

/// `HH:MM`, with seconds or without.
fn is_time(answer: &str) -> bool {
    let parts: Vec<Option<u8>> = answer.split(':').map(|part| part.parse().ok().filter(|_| part.len() == 2)).collect();
    let fits = |part: &Option<u8>, most: u8| part.is_some_and(|part| part <= most);
    match parts.as_slice() {
        [hours, rest @ ..] if (1..=2).contains(&rest.len()) => fits(hours, 23) && rest.iter().all(|part| fits(part, 59)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Choice;
    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field { id: "x".to_owned(), kind, ..Field::default() }
    }

    #[test]
    fn each_type_has_its_form() {
        let cases: &[(FieldKind, &[&str], &[&str])] = &[
            (FieldKind::Number, &["3", "-1"], &["", "x", "1.5"]),
            (FieldKind::Boolean, &["1", "no", "True", ""], &["maybe"]),
            (FieldKind::Date, &["2026-11-21"], &["21/11/2026", "2026-13-01"]),
            (FieldKind::Time, &["23:59", "00:00:10"], &["24:00", "1:2", "noon"]),
            (FieldKind::Email, &["a@b.test"], &["a", "@b.test", "a@b"]),
            (FieldKind::Url, &["https://a.test"], &["ftp://a.test"]),
            (FieldKind::String, &["a b"], &["a\nb", ""]),
            (FieldKind::Text, &["a\nb"], &[""]),
            (FieldKind::Markdown, &[], &["x"]),
        ];
        for (kind, good, bad) in cases {
            for answer in *good {
                assert_eq!(field(*kind).refuses(Some(answer)), None, "{kind:?} {answer:?}");
            }
            for answer in *bad {
                assert!(field(*kind).refuses(Some(answer)).is_some(), "{kind:?} {answer:?}");
            }
        }
    }

    #[test]
    fn choices_ranges_and_secrets_are_held() {
        let choice = |value: &str| Choice { value: value.to_owned(), label: value.to_owned() };
        let select = Field { choices: vec![choice("red"), choice("green")], ..field(FieldKind::Select) };
        assert_eq!((select.refuses(Some("red")), select.refuses(Some("blue"))), (None, Some(Unfit::NoChoice)));
        let tags = Field { choices: select.choices.clone(), ..field(FieldKind::Tags) };
        assert_eq!((tags.refuses(Some("red, green")), tags.refuses(Some("red,blue"))), (None, Some(Unfit::NoChoice)));
        let number = Field { min: Some(1), max: Some(9), ..field(FieldKind::Number) };
        assert_eq!((number.refuses(Some("9")), number.refuses(Some("10"))), (None, Some(Unfit::Range)));
        let password = Field { secret: true, ..field(FieldKind::Password) };
        assert_eq!((password.refuses(None), password.refuses(Some("canary"))), (None, Some(Unfit::NotSecret)));
    }

    #[test]
    fn what_is_shown_may_be_said_in_other_words() {
        let yes = Field { yes: Some("oui".to_owned()), ..field(FieldKind::Boolean) };
        assert!(yes.is_same("oui", "1") && yes.is_same("no", "0") && !yes.is_same("yes", "0"));
        assert!(field(FieldKind::Number).is_same("7", "7") && !field(FieldKind::Number).is_same("7", "8"));
        assert!(field(FieldKind::Path).is_same("wiki", "/wiki/") && field(FieldKind::String).is_same("a ", "a"));
    }
}
