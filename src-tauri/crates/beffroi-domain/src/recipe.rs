//! Recipes: saved runs with typed parameters.
//!
//! A step is shell text in which `{name}` stands for the value of a parameter. The value is put in as one word between
//! single quotes (POSIX.1-2017, Shell Command Language, 2.2.2), so that nothing in it is ever read as shell. That holds
//! only where a word can stand: a placeholder between quotes, in a comment, after a here-document and the like is refused
//! when the recipe is stored ([`Template::parse`]). `${name}` is the shell's own, and so are braces with anything else in
//! them than one name.

use crate::HostName;

/// A saved run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Its name: written as a host's.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What can be given, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// What is run, in order.
    pub steps: Vec<RecipeStep>,
    /// Whether it is run as root, by sudo.
    pub sudo: bool,
    /// Seconds for each host.
    pub timeout_s: Option<u64>,
    /// Hosts at a time.
    pub parallel: Option<usize>,
    /// Hosts that come first and alone.
    pub canary: Option<usize>,
}

/// A step of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeStep {
    /// What it does, in words; empty when the command says it.
    pub title: String,
    /// What is run.
    pub command: Template,
}

/// What can be given to a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What it takes.
    pub kind: ParameterKind,
    /// What it is for.
    pub description: String,
    /// What is taken when it is not given; it must be given when there is none.
    pub default: Option<String>,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterKind {
    /// Any text without control characters but line ends and tabs.
    Text {
        /// What the whole of it must match, a regular expression. Whoever fills in the recipe checks it.
        pattern: Option<String>,
        /// The fewest characters.
        least: Option<u64>,
        /// The most characters.
        most: Option<u64>,
    },
    /// A whole number.
    Integer {
        /// The least.
        least: Option<i64>,
        /// The most.
        most: Option<i64>,
    },
    /// One of several words.
    Choice(Vec<String>),
    /// `true` or `false`.
    Boolean,
    /// The name of a host. Whoever fills in the recipe checks that there is one.
    Host,
}

/// The text is not a recipe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeFault {
    /// Something is too long, too many, or missing.
    #[error("{what} is not within its limits: {limit}")]
    Limit {
        /// What.
        what: String,
        /// What is allowed.
        limit: &'static str,
    },
    /// A placeholder for what is no parameter.
    #[error("step {number} has a placeholder for {name:?}, which is no parameter")]
    Unknown {
        /// The step, counted from 1.
        number: u16,
        /// The name.
        name: String,
    },
    /// A placeholder where no word can stand.
    #[error("step {number} has the placeholder of {name:?} {inside}")]
    Misplaced {
        /// The step, counted from 1.
        number: u16,
        /// The parameter.
        name: String,
        /// Where.
        inside: &'static str,
    },
    /// A parameter that no step uses.
    #[error("no step uses parameter {name:?}")]
    Unused {
        /// The parameter.
        name: String,
    },
    /// A parameter that contradicts itself.
    #[error("parameter {name:?}: {what}")]
    Parameter {
        /// The parameter.
        name: String,
        /// How.
        what: String,
    },
}

/// A value is not what its parameter takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected: {expected}")]
pub struct ValueFault {
    /// What is taken.
    pub expected: String,
}

/// Characters of the longest value.
const MOST_VALUE: usize = 4096;
const MOST_STEPS: usize = 32;
const MOST_PARAMETERS: usize = 32;
const MOST_CHOICES: usize = 256;
const MOST_DESCRIPTION: usize = 1000;
const MOST_COMMAND: usize = 16 << 10;

impl Recipe {
    /// Checks what does not depend on any host: limits, names, that every placeholder has a parameter and every parameter
    /// is used, that every default is what its parameter takes.
    ///
    /// # Errors
    /// The first [`RecipeFault`].
    pub fn check(&self) -> Result<(), RecipeFault> {
        let limit = |what: &str, limit: &'static str, holds: bool| {
            if holds { Ok(()) } else { Err(RecipeFault::Limit { what: what.to_owned(), limit }) }
        };
        limit("name", "a-z, 0-9, dots and dashes, at most 64 characters", self.name.len() <= 64 && self.name.parse::<HostName>().is_ok())?;
        limit("description", "at most 1000 characters on one line", is_line(&self.description, MOST_DESCRIPTION))?;
        limit("steps", "1 to 32", (1..=MOST_STEPS).contains(&self.steps.len()))?;
        limit("parameters", "at most 32", self.parameters.len() <= MOST_PARAMETERS)?;
        limit("timeout", "1 to 86400 seconds", self.timeout_s.is_none_or(|seconds| (1..=24 * 3600).contains(&seconds)))?;
        limit("parallel", "1 to 256", self.parallel.is_none_or(|hosts| (1..=256).contains(&hosts)))?;
        for step in &self.steps {
            limit("title", "at most 1000 characters on one line", is_line(&step.title, MOST_DESCRIPTION))?;
        }
        for (at, parameter) in self.parameters.iter().enumerate() {
            parameter.check()?;
            if self.parameters.iter().take(at).any(|other| other.name == parameter.name) {
                return Err(RecipeFault::Parameter { name: parameter.name.clone(), what: "it stands twice".to_owned() });
            }
            if !self.steps.iter().any(|step| step.command.names().any(|name| name == parameter.name)) {
                return Err(RecipeFault::Unused { name: parameter.name.clone() });
            }
        }
        for (number, step) in (1..).zip(&self.steps) {
            let is_known = |name: &str| self.parameters.iter().any(|parameter| parameter.name == name);
            if let Some(name) = step.command.names().find(|name| !is_known(name)) {
                return Err(RecipeFault::Unknown { number, name: name.to_owned() });
            }
        }
        Ok(())
    }
}

impl Parameter {
    /// Whether this value is one that it takes, as far as that can be told without a catalog and without its pattern.
    ///
    /// # Errors
    /// [`ValueFault`], with what it takes.
    pub fn takes(&self, value: &str) -> Result<(), ValueFault> {
        let expect = |holds: bool, expected: &dyn Fn() -> String| if holds { Ok(()) } else { Err(ValueFault { expected: expected() }) };
        let clean = value.len() <= MOST_VALUE && !value.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        expect(clean, &|| format!("at most {MOST_VALUE} bytes, no control characters but line ends and tabs"))?;
        let range = |least: Option<String>, most: Option<String>| {
            let (least, most) = (least.unwrap_or_else(|| "…".to_owned()), most.unwrap_or_else(|| "…".to_owned()));
            format!("{least} – {most}")
        };
        match &self.kind {
            ParameterKind::Text { least, most, .. } => {
                let characters = value.chars().count() as u64;
                let holds = least.is_none_or(|least| characters >= least) && most.is_none_or(|most| characters <= most);
                let text = |limit: &Option<u64>| limit.map(|limit| limit.to_string());
                expect(holds, &|| format!("text, {} characters", range(text(least), text(most))))
            }
            ParameterKind::Integer { least, most } => {
                let number = value.parse::<i64>().ok().filter(|number| number.to_string() == value);
                let holds = |number: i64| least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
                let text = |limit: &Option<i64>| limit.map(|limit| limit.to_string());
                expect(number.is_some_and(holds), &|| format!("integer, {}", range(text(least), text(most))))
            }
            ParameterKind::Choice(choices) => expect(choices.iter().any(|choice| choice == value), &|| choices.join(" | ")),
            ParameterKind::Boolean => expect(matches!(value, "true" | "false"), &|| "true | false".to_owned()),
            ParameterKind::Host => expect(value.parse::<HostName>().is_ok(), &|| "host".to_owned()),
        }
    }

    fn check(&self) -> Result<(), RecipeFault> {
        let fault = |what: &str| Err(RecipeFault::Parameter { name: self.name.clone(), what: what.to_owned() });
        if !is_parameter_name(&self.name) {
            return fault("its name is not a-z, then a-z, 0-9 and _, at most 64 characters");
        }
        if !is_line(&self.description, MOST_DESCRIPTION) {
            return fault("its description is over 1000 characters, or over one line");
        }
        match &self.kind {
            ParameterKind::Text { least: Some(least), most: Some(most), .. } if least > most => return fault("min is over max"),
            ParameterKind::Integer { least: Some(least), most: Some(most) } if least > most => return fault("min is over max"),
            ParameterKind::Choice(choices) if choices.is_empty() || choices.len() > MOST_CHOICES => return fault("1 to 256 choices"),
            _ => {}
        }
        match self.default.as_ref().map(|default| self.takes(default)) {
            Some(Err(ValueFault { expected })) => fault(&format!("its default is not what it takes: {expected}")),
            _ => Ok(()),
        }
    }
}

fn is_line(text: &str, most: usize) -> bool {
    text.len() <= most && !text.chars().any(char::is_control)
}

fn is_parameter_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Shell text with placeholders, each of which stands where a word can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(String),
}

impl Template {
    /// Reads the shell text of a step.
    ///
    /// # Errors
    /// [`RecipeFault::Misplaced`] for a placeholder between quotes and wherever else its value could not be one word;
    /// [`RecipeFault::Limit`] for an empty text, one over 16 KiB, or one with control characters.
    pub fn parse(number: u16, text: &str) -> Result<Self, RecipeFault> {
        let control = |c: char| c.is_control() && c != '\n' && c != '\t';
        if text.trim().is_empty() || text.len() > MOST_COMMAND || text.chars().any(control) {
            let limit = "1 to 16384 bytes, no control characters but line ends and tabs";
            return Err(RecipeFault::Limit { what: format!("the command of step {number}"), limit });
        }
        let mut scan = Scan::default();
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            match placeholder(rest, scan.before) {
                Some(name) => {
                    if let Some(inside) = scan.where_no_word_is() {
                        return Err(RecipeFault::Misplaced { number, name: name.to_owned(), inside });
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Value(name.to_owned()));
                    rest = rest.get(name.len() + 2..).unwrap_or_default();
                    scan.word();
                }
                None => {
                    scan.read(rest, c);
                    plain.push(c);
                    rest = rest.get(c.len_utf8()..).unwrap_or_default();
                }
            }
        }
        parts.push(Part::Text(plain));
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parameters that it uses.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with values put in, each as one word between single quotes, whatever is in it. Nothing when one is missing.
    #[must_use]
    pub fn fill<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            // Between quotes even where it looks plain: `if` and `a=b` would be more than a word to the shell.
            Part::Value(name) => value(name).map(|value| format!("'{}'", value.replace('\0', "").replace('\'', r"'\''"))),
        };
        self.parts.iter().map(part).collect()
    }
}

/// The name in `{name}` at the beginning of a text. Not after `$` or `{`: those are the shell's, and templates of others.
fn placeholder(text: &str, before: Option<char>) -> Option<&str> {
    let (name, after) = text.strip_prefix('{')?.split_once('}')?;
    let doubled = before == Some('{') && after.starts_with('}');
    (is_parameter_name(name) && before != Some('$') && !doubled).then_some(name)
}

/// Where in a shell text one is: enough to say where a quoted word may stand, and no where it is in doubt.
#[derive(Debug, Default)]
struct Scan {
    before: Option<char>,
    quote: Option<char>,
    escaped: bool,
    comment: bool,
    /// Open `${`.
    expansions: usize,
    /// From here on it is in doubt, and why.
    doubt: Option<&'static str>,
}

impl Scan {
    fn where_no_word_is(&self) -> Option<&'static str> {
        if self.doubt.is_some() {
            return self.doubt;
        }
        match self.quote {
            Some('\'') => return Some("'…'"),
            Some(_) => return Some("\"…\""),
            None => {}
        }
        if self.comment {
            return Some("#");
        }
        if self.escaped {
            return Some("\\");
        }
        (self.expansions > 0).then_some("${…}")
    }

    /// A value was put in: what follows is a part of that word.
    fn word(&mut self) {
        self.before = Some('\'');
        self.escaped = false;
    }

    fn read(&mut self, rest: &str, c: char) {
        let starts_word = self.before.is_none_or(|before| before.is_whitespace() || matches!(before, ';' | '&' | '|' | '(' | ')'));
        if self.comment {
            self.comment = c != '\n';
        } else if self.escaped {
            self.escaped = false;
        } else if self.quote == Some('\'') {
            self.quote = (c != '\'').then_some('\'');
        } else if c == '\\' {
            self.escaped = true;
        } else {
            self.read_open(rest, c, starts_word);
        }
        self.before = Some(c);
    }

    fn read_open(&mut self, rest: &str, c: char, starts_word: bool) {
        let in_double = self.quote.is_some();
        match c {
            '"' => self.quote = if in_double { None } else { Some('"') },
            '\'' if !in_double && self.before == Some('$') => self.doubt = Some("$'…'"),
            '\'' if !in_double => self.quote = Some('\''),
            // What stands between these is read once more, in another way.
            '`' => self.doubt = Some("`…`"),
            '$' if rest.starts_with("$((") || rest.starts_with("$[") => self.doubt = Some("$((…))"),
            // Within double quotes quoting begins anew there.
            '$' if in_double && rest.starts_with("$(") => self.doubt = Some("\"$(…)\""),
            '$' if in_double && rest.starts_with("${") => self.doubt = Some("\"${…}\""),
            '(' if !in_double && rest.starts_with("((") => self.doubt = Some("((…))"),
            '<' if !in_double && rest.starts_with("<<") => self.doubt = Some("<<"),
            '{' if !in_double && self.before == Some('$') => self.expansions += 1,
            '}' if !in_double => self.expansions = self.expansions.saturating_sub(1),
            '#' if !in_double && starts_word => self.comment = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
