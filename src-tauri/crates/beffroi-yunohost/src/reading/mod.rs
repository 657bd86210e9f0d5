//! What can be read of a YunoHost: one description for each list and each page of facts, from where it is read to the
//! fields that it gives. The command line and the panels of the window are made from the table.
//!
//! What a survey has is taken from a survey; the rest is asked when somebody wants it, and is not stored.

mod live;
mod surveyed;

use std::collections::BTreeMap;

use beffroi_remote::{Remote, RemoteError};
use serde::Serialize;
use serde_json::Value;

use crate::Cause;
use crate::ask::{Answer, ask};
use crate::facts::{Part, YunohostFacts};
use crate::operation::{Given, Param, Question};

/// The most entries that one reading gives.
pub const MOST_ENTRIES: usize = 10_000;

/// Something that can be read.
#[derive(Debug)]
pub struct Reading {
    /// Names it for ever: `service-log` is `beffroi ynh service log`.
    pub id: &'static str,
    /// What it takes.
    pub params: &'static [Param],
    /// What an entry has, in the order in which it is shown.
    pub fields: &'static [Field],
    /// Whether it is about one thing, which is shown as names and values and not as a table.
    pub one: bool,
    /// Where it is read.
    pub source: Source,
}

/// Where something is read.
#[derive(Debug)]
pub enum Source {
    /// In a survey.
    Survey(fn(&YunohostFacts, &Given) -> Part<Vec<Entry>>),
    /// On the host, when it is wanted: the question, and how its answer is read.
    Host(fn(&Given) -> Question, fn(&Value) -> Option<Vec<Entry>>),
}

/// A value that entries have. Its name for people is `field.ynh-NAME` of the message catalogs.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How it is shown.
    pub shows: Shows,
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// One line.
    Text,
    /// A name, a path, a record: to be copied as it is.
    Code,
    /// A word for how something is, such as `running` or `ERROR`.
    State,
    /// A number.
    Number,
    /// A size.
    Bytes,
    /// Milliseconds since 1970.
    Moment,
    /// Yes or no.
    Switch,
    /// Several, side by side.
    List,
    /// Several lines, one below the other; not in a table.
    Lines,
}

impl Shows {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::State => "state",
            Self::Number => "number",
            Self::Bytes => "bytes",
            Self::Moment => "moment",
            Self::Switch => "switch",
            Self::List => "list",
            Self::Lines => "lines",
        }
    }
}

/// A value of an entry: text of a host, cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Switch(bool),
    /// Several texts.
    List(Vec<String>),
}

/// What was read of one thing: values by field. One that is not known is not there.
pub type Entry = BTreeMap<&'static str, Cell>;

impl Reading {
    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        surveyed::READINGS.iter().chain(live::READINGS)
    }

    /// One of them by its name.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::all().find(|reading| reading.id == id)
    }

    /// What a survey says; `None` where the host must be asked.
    #[must_use]
    pub fn of_survey(&self, facts: &YunohostFacts, given: &Given) -> Option<Part<Vec<Entry>>> {
        match self.source {
            Source::Survey(read) => Some(read(facts, given)),
            Source::Host(..) => None,
        }
    }

    /// What to ask the host; `None` where a survey has it.
    #[must_use]
    pub fn question(&self, given: &Given) -> Option<Question> {
        match self.source {
            Source::Survey(_) => None,
            Source::Host(question, _) => Some(question(given)),
        }
    }

    /// Asks the host, in one round trip.
    ///
    /// # Errors
    /// When the host cannot be asked. That it refuses is an answer.
    pub async fn ask(&self, remote: &dyn Remote, given: &Given) -> Result<Part<Vec<Entry>>, RemoteError> {
        let Some(question) = self.question(given) else { return Ok(Part::not_asked()) };
        let answers = ask(remote, &[question]).await?;
        Ok(answers.first().map_or_else(Part::not_asked, |answer| self.of_answer(answer)))
    }

    /// Reads the answer to [`Self::question`].
    #[must_use]
    pub fn of_answer(&self, answer: &Answer) -> Part<Vec<Entry>> {
        let Source::Host(_, read) = self.source else {
            return Part::Failed { cause: Cause::AnswerNotUnderstood, message: String::new() };
        };
        match answer.json().and_then(|json| read(&json).ok_or_else(|| (Cause::AnswerNotUnderstood, String::new()))) {
            Ok(value) => Part::Read { value },
            Err((cause, message)) => Part::Failed { cause, message },
        }
    }
}

const fn field(name: &'static str, shows: Shows) -> Field {
    Field { name, shows }
}

/// An entry of these values; those that are absent are left out.
fn entry<const COUNT: usize>(values: [(&'static str, Option<Cell>); COUNT]) -> Entry {
    values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Text, where there is any.
fn some(text: impl Into<String>) -> Option<Cell> {
    Some(text.into()).filter(|text: &String| !text.is_empty()).map(Cell::Text)
}

/// The same of a text that may be absent.
fn maybe(text: Option<&String>) -> Option<Cell> {
    text.and_then(|text| some(text.as_str()))
}

fn number(number: impl TryInto<i64>) -> Option<Cell> {
    number.try_into().ok().map(Cell::Number)
}

fn list(texts: &[String]) -> Option<Cell> {
    Some(Cell::List(texts.to_vec()))
}

/// A moment of the host, RFC 3339, in milliseconds since 1970.
fn moment(text: &str) -> Option<Cell> {
    text.parse::<jiff::Timestamp>().ok().map(|moment| Cell::Number(moment.as_millisecond()))
}
