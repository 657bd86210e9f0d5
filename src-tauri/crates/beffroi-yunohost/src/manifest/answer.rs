//! Whether what somebody answers fits the questions, before it is sent: YunoHost takes no notice of an answer it did not ask
//! for, and takes the default of one that is missing, without a word.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::{Known, begins, holds};
use super::{Field, FieldKind, Panel};
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
    /// It is not asked for with these answers: YunoHost would take no notice of it.
    Hidden,
}

/// A question that was not answered, and what YunoHost takes instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// The question.
    pub field: String,
    /// Its default.
    pub default: String,
}

/// What answers come to, held against questions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Questions that are not asked with these answers: their condition does not hold.
    pub hidden: Vec<String>,
    /// Answers that do not fit, in the order of the questions.
    pub wrong: Vec<Wrong>,
    /// Questions that were left to their defaults.
    pub silent: Vec<Silent>,
}

/// Answers by question. An answer of `None` is a secret: it is there, and not looked at.
pub type Given<'a> = BTreeMap<&'a str, Option<&'a str>>;

/// Holds answers against questions, in their order: whether one is asked depends on those before it.
#[must_use]
pub fn check(fields: &[Field], answers: &Given<'_>) -> Checked {
    held(fields.iter().map(|field| (None, field)), answers, true)
}

/// The same for the fields of panels, of which what is not given stays what it is.
#[must_use]
pub fn check_panels(panels: &[Panel], answers: &Given<'_>) -> Checked {
    let sections = panels.iter().flat_map(|panel| &panel.sections);
    held(sections.flat_map(|section| section.fields.iter().map(|field| (section.visible.as_deref(), field))), answers, false)
}

/// Each field comes with the condition of its section. `all`: what must be answered is.
fn held<'a>(fields: impl Iterator<Item = (Option<&'a str>, &'a Field)> + Clone, answers: &Given<'_>, all: bool) -> Checked {
    let mut checked = Checked::default();
    let mut known: BTreeMap<&str, Known> = BTreeMap::new();
    let wrong = |field: &str, why| Wrong { field: field.to_owned(), why };
    let asked = |name: &str| fields.clone().any(|(_, field)| field.id == name && !field.kind.is_shown_only() && !field.readonly);
    checked.wrong.extend(answers.keys().filter(|name| !asked(name)).map(|name| wrong(name, Unfit::NotAsked)));
    for (section, field) in fields.clone() {
        // One that cannot be evaluated is left to YunoHost: it is asked for, but need not be answered.
        let shown = |condition: Option<&str>| condition.map_or(Some(true), |condition| holds(condition, &known));
        let visible = match (shown(section), shown(field.visible.as_deref())) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        let answer = answers.get(field.id.as_str());
        if visible == Some(false) {
            checked.hidden.push(field.id.clone());
        }
        if field.kind.is_shown_only() {
            continue;
        }
        if visible == Some(false) {
            known.insert(&field.id, if field.readonly { field.known(field.value.as_deref()) } else { Known::Null });
            checked.wrong.extend(answer.filter(|_| !field.readonly).map(|_| wrong(&field.id, Unfit::Hidden)));
            continue;
        }
        let now = field.value.as_deref().or(field.default.as_deref());
        match answer {
            Some(Some(given)) if !given.is_empty() => drop(known.insert(&field.id, field.known(Some(given)))),
            Some(None) => drop(known.insert(&field.id, Known::Text("secret".to_owned()))),
            // Whether a panel has a secret is not read: what depends on it is left to YunoHost.
            _ if field.secret && !all => {}
            _ => drop(known.insert(&field.id, field.known(now))),
        }
        if field.readonly {
            continue;
        }
        if let Some(why) = answer.and_then(|answer| field.refuses(*answer)) {
            checked.wrong.push(wrong(&field.id, why));
        }
        if answer.is_some() || visible.is_none() || !all {
            continue;
        }
        match field.default.as_deref().filter(|default| !default.is_empty()) {
            // YunoHost takes its own default also where it would not take it as an answer, such as a number below zero.
            Some(default) if field.refuses(Some(default)).is_some() => {}
            Some(default) => checked.silent.push(Silent { field: field.id.clone(), default: default.to_owned() }),
            None if field.optional || field.kind == FieldKind::Boolean => {}
            None => checked.wrong.push(wrong(&field.id, Unfit::Missing)),
        }
    }
    checked
}

impl Field {
    /// What is wrong with an answer; `None` as an answer is a secret. A pattern that is Python's alone is left to YunoHost.
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
            // Digits alone: `str.isdigit`, which a sign is none of.
            FieldKind::Number | FieldKind::Range => match answer.trim().parse::<u32>().map(i64::from) {
                Ok(_) if answer.contains('+') => Some(Unfit::Form),
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
            FieldKind::Url => form((answer.starts_with("https://") || answer.starts_with("http://")) && self.has_pattern(answer)),
            FieldKind::String | FieldKind::Path => form(!answer.contains('\n') && self.has_pattern(answer)),
            FieldKind::Text => form(self.has_pattern(answer)),
            FieldKind::Color | FieldKind::File | FieldKind::Password | FieldKind::Other => None,
            FieldKind::DisplayText | FieldKind::Markdown | FieldKind::Alert | FieldKind::Button => Some(Unfit::NotAsked),
        }
    }

    /// Whether it looks as it must.
    fn has_pattern(&self, answer: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| begins(&pattern.regexp, answer).unwrap_or(true))
    }

    /// An answer as a condition sees it.
    fn known(&self, answer: Option<&str>) -> Known {
        match (self.kind, answer) {
            (FieldKind::Boolean, Some(answer)) => Known::Bool(self.means_yes(answer)),
            (FieldKind::Number | FieldKind::Range, Some(answer)) => answer.trim().parse().map_or(Known::Null, Known::Number),
            // What is left empty is an empty text there.
            (FieldKind::Boolean | FieldKind::Number | FieldKind::Range, None) => Known::Null,
            (_, answer) => Known::Text(answer.unwrap_or_default().to_owned()),
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
            FieldKind::Number | FieldKind::Range => match (asked.trim().parse::<i64>(), shown.trim().parse::<i64>()) {
                (Ok(asked), Ok(shown)) => asked == shown,
                _ => asked.trim() == shown.trim(),
            },
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
    use super::super::{Choice, Pattern, Section, Texts};
    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field { id: "x".to_owned(), kind, ..Field::default() }
    }

    #[test]
    fn each_type_has_its_form() {
        let cases: &[(FieldKind, &[&str], &[&str])] = &[
            (FieldKind::Number, &["3", " 3 "], &["", "x", "1.5", "-1", "+1"]),
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
    fn whether_a_question_is_asked_depends_on_the_answers_before_it() {
        let named = |id: &str, kind| Field { id: id.to_owned(), kind, ..Field::default() };
        let shown_if = |condition: &str, field: Field| Field { visible: Some(condition.to_owned()), ..field };
        let fields = [
            named("with_mail", FieldKind::Boolean),
            shown_if("with_mail", named("mail", FieldKind::Email)),
            shown_if("mail && nosuch", named("odd", FieldKind::String)),
        ];
        let checked = check(&fields, &BTreeMap::from([("with_mail", Some("no"))]));
        assert_eq!((checked.hidden, checked.wrong), (vec!["mail".to_owned()], vec![]), "what cannot be evaluated is YunoHost's");
        let missing = check(&fields, &BTreeMap::from([("with_mail", Some("yes"))]));
        assert_eq!(missing.wrong, [Wrong { field: "mail".to_owned(), why: Unfit::Missing }]);
        let hidden = check(&fields, &BTreeMap::from([("mail", Some("a@b.test")), ("nosuch", None)]));
        let whys: Vec<Unfit> = hidden.wrong.iter().map(|wrong| wrong.why).collect();
        assert_eq!(whys, [Unfit::NotAsked, Unfit::Hidden]);
    }

    #[test]
    fn a_panel_is_checked_with_what_it_holds() {
        let field = |id: &str, value: Option<&str>, visible: Option<&str>| Field {
            id: id.to_owned(),
            kind: if id == "on" { FieldKind::Boolean } else { FieldKind::String },
            value: value.map(str::to_owned),
            visible: visible.map(str::to_owned),
            ..Field::default()
        };
        let fields = vec![field("on", Some("1"), None), field("note", None, Some("on"))];
        let sections = vec![Section { id: "s".to_owned(), fields, visible: Some("true".to_owned()), ..Section::default() }];
        let panels = [Panel { id: "p".to_owned(), sections, ..Panel::default() }];
        assert_eq!(check_panels(&panels, &BTreeMap::from([("note", Some("x"))])), Checked::default());
        let off = check_panels(&panels, &BTreeMap::from([("on", Some("off")), ("note", Some("x"))]));
        assert_eq!(off.wrong, [Wrong { field: "note".to_owned(), why: Unfit::Hidden }]);
    }

    #[test]
    fn what_a_package_asks_for_in_python_is_held_as_far_as_it_is_understood() {
        let with = |regexp: &str| Field {
            pattern: Some(Pattern { regexp: regexp.to_owned(), error: Texts::default() }),
            ..field(FieldKind::String)
        };
        assert_eq!(with("[A-F]\\d\\d$").refuses(Some("F12")), None);
        assert_eq!(with("[A-F]\\d\\d$").refuses(Some("G1")), Some(Unfit::Form));
        assert_eq!(with("^(?!x)").refuses(Some("x")), None, "YunoHost says it itself");
    }

    #[test]
    fn what_is_shown_may_be_said_in_other_words() {
        let yes = Field { yes: Some("oui".to_owned()), ..field(FieldKind::Boolean) };
        assert!(yes.is_same("oui", "1") && yes.is_same("no", "0") && !yes.is_same("yes", "0"));
        assert!(field(FieldKind::Number).is_same("7", "7") && !field(FieldKind::Number).is_same("7", "8"));
        assert!(field(FieldKind::Path).is_same("wiki", "/wiki/") && field(FieldKind::String).is_same("a ", "a"));
    }
}
