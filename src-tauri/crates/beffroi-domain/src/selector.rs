//! The selector language: which hosts an action is for.
//!
//! ```text
//! selector = either ; either = both { ("or" | ",") both } ; both = one { "and" one }
//! one      = "not" one | "(" either ")" | "all" | name | ("tag:" | "stage:" | "role:" | "vault:") value
//! ```
//! A name is that of a host (`web-1`), of a guest (`web-1/shop`), or a short one: `shop.lxc` is the one guest whose last name is
//! `shop`, `shop.prod` the one host or guest of that stage whose last name is `shop`. Which that is, the catalog knows
//! ([`Selector::with_hosts`]).

use crate::HostName;

/// What a selector looks at.
#[derive(Debug, Clone, Copy)]
pub struct SelectorSubject<'a> {
    /// The host's name.
    pub name: &'a str,
    /// Its stage.
    pub stage: &'a str,
    /// Its role, when a survey has found it.
    pub role: Option<&'a str>,
    /// The name of its vault.
    pub vault: &'a str,
    /// Its tags.
    pub tags: &'a [&'a str],
}

/// A parsed selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every host.
    All,
    /// The host of that name.
    Host(HostName),
    /// Hosts with that tag.
    Tag(String),
    /// Hosts of that stage.
    Stage(String),
    /// Hosts with that role.
    Role(String),
    /// Hosts of that vault.
    Vault(String),
    /// Hosts that both select.
    And(Box<Self>, Box<Self>),
    /// Hosts that either selects.
    Or(Box<Self>, Box<Self>),
    /// Hosts that it does not select.
    Not(Box<Self>),
}

/// The text is not a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a selector: {near:?} is not understood")]
pub struct InvalidSelector {
    /// The word at which reading stopped; empty at the end.
    pub near: String,
}

const MOST_CHARACTERS: usize = 4096;
const MOST_DEPTH: usize = 64;

impl Selector {
    /// Reads a selector of at most 4,096 characters and 64 levels.
    ///
    /// # Errors
    /// [`InvalidSelector`], with the word that is not understood.
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        if text.len() > MOST_CHARACTERS {
            return Err(InvalidSelector { near: "…".to_owned() });
        }
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace(',', " , ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut parser = Parser { words: &words };
        let selector = parser.either(0)?;
        match parser.words.first() {
            None => Ok(selector),
            Some(word) => Err(InvalidSelector { near: (*word).to_owned() }),
        }
    }

    /// Whether it selects this host.
    #[must_use]
    pub fn selects(&self, subject: &SelectorSubject<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Host(name) => name.as_str() == subject.name,
            Self::Tag(tag) => subject.tags.contains(&tag.as_str()),
            Self::Stage(stage) => stage == subject.stage,
            Self::Role(role) => subject.role == Some(role.as_str()),
            Self::Vault(vault) => vault == subject.vault,
            Self::And(one, other) => one.selects(subject) && other.selects(subject),
            Self::Or(one, other) => one.selects(subject) || other.selects(subject),
            Self::Not(one) => !one.selects(subject),
        }
    }

    /// Host names that are spelled out: one that the catalog does not have is a mistake to report.
    pub fn named_hosts(&self) -> Vec<&HostName> {
        match self {
            Self::Host(name) => vec![name],
            Self::And(one, other) | Self::Or(one, other) => [one.named_hosts(), other.named_hosts()].concat(),
            Self::Not(one) => one.named_hosts(),
            _ => Vec::new(),
        }
    }
}

impl Selector {
    /// The same with other names of hosts, such as those that short ones mean.
    ///
    /// # Errors
    /// The first of `name`.
    pub fn with_hosts<E>(self, name: &mut impl FnMut(HostName) -> Result<HostName, E>) -> Result<Self, E> {
        let mut inner = |selector: Box<Self>| selector.with_hosts(name).map(Box::new);
        Ok(match self {
            Self::And(one, other) => Self::And(inner(one)?, inner(other)?),
            Self::Or(one, other) => Self::Or(inner(one)?, inner(other)?),
            Self::Not(one) => Self::Not(inner(one)?),
            Self::Host(host) => Self::Host(name(host)?),
            other => other,
        })
    }

    /// Whether it looks at roles: only then must the surveys be read to evaluate it.
    #[must_use]
    pub fn looks_at_roles(&self) -> bool {
        match self {
            Self::Role(_) => true,
            Self::And(one, other) | Self::Or(one, other) => one.looks_at_roles() || other.looks_at_roles(),
            Self::Not(one) => one.looks_at_roles(),
            _ => false,
        }
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
}

impl Parser<'_> {
    fn take(&mut self, words: &[&str]) -> bool {
        match self.words.split_first() {
            Some((word, rest)) if words.contains(word) => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn either(&mut self, depth: usize) -> Result<Selector, InvalidSelector> {
        let mut selector = self.both(depth)?;
        while self.take(&["or", ","]) {
            selector = Selector::Or(Box::new(selector), Box::new(self.both(depth)?));
        }
        Ok(selector)
    }

    fn both(&mut self, depth: usize) -> Result<Selector, InvalidSelector> {
        let mut selector = self.one(depth)?;
        while self.take(&["and"]) {
            selector = Selector::And(Box::new(selector), Box::new(self.one(depth)?));
        }
        Ok(selector)
    }

    fn one(&mut self, depth: usize) -> Result<Selector, InvalidSelector> {
        let near = |word: &str| InvalidSelector { near: word.to_owned() };
        if depth > MOST_DEPTH {
            return Err(near("("));
        }
        if self.take(&["not"]) {
            return Ok(Selector::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&["("]) {
            let inner = self.either(depth + 1)?;
            return if self.take(&[")"]) { Ok(inner) } else { Err(near(self.words.first().unwrap_or(&""))) };
        }
        let (word, rest) = self.words.split_first().ok_or_else(|| near(""))?;
        self.words = rest;
        let selector = match word.split_once(':') {
            None if *word == "all" => Selector::All,
            None => Selector::Host(word.parse().map_err(|_| near(word))?),
            Some((_, "")) => return Err(near(word)),
            Some(("tag", value)) => Selector::Tag(value.to_owned()),
            Some(("stage", value)) => Selector::Stage(value.to_owned()),
            Some(("role", value)) => Selector::Role(value.to_owned()),
            Some(("vault", value)) => Selector::Vault(value.to_owned()),
            Some(_) => return Err(near(word)),
        };
        Ok(selector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(text: &str) -> bool {
        let subject = SelectorSubject { name: "web-1", stage: "dev", role: Some("yunohost"), vault: "acme", tags: &["fr", "old"] };
        Selector::parse(text).expect(text).selects(&subject)
    }

    #[test]
    fn words_select() {
        for yes in ["all", "web-1", "tag:fr", "stage:dev", "role:yunohost", "vault:acme"] {
            assert!(selects(yes), "{yes}");
        }
        for no in ["web-2", "tag:de", "stage:prod", "role:linux", "vault:other", "not all"] {
            assert!(!selects(no), "{no}");
        }
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        assert!(selects("web-1 or web-2 and tag:none"));
        assert!(!selects("(web-1 or web-2) and tag:none"));
        assert!(selects("not tag:none and tag:fr"));
        assert!(selects("web-2,web-1"));
        assert!(selects("not (tag:none or stage:prod)"));
    }

    #[test]
    fn roles_are_found_at_any_depth() {
        assert!(Selector::parse("web-1 or not (tag:a and role:linux)").expect("a selector").looks_at_roles());
        assert!(!Selector::parse("web-1 or not (tag:a and stage:dev)").expect("a selector").looks_at_roles());
    }

    #[test]
    fn names_are_replaced_at_any_depth_and_nothing_else() {
        let parsed = Selector::parse("a.lxc or not (b and tag:a) , stage:b").expect("a selector");
        let mut asked = Vec::new();
        let replaced = parsed.clone().with_hosts(&mut |name| {
            asked.push(name.to_string());
            format!("x.{name}").parse::<HostName>()
        });
        assert_eq!(asked, ["a.lxc", "b"]);
        assert_eq!(replaced, Ok(Selector::parse("x.a.lxc or not (x.b and tag:a) , stage:b").expect("a selector")));
        assert_eq!(parsed.with_hosts(&mut |name| Err::<HostName, _>(name.to_string())), Err("a.lxc".to_owned()));
    }

    #[test]
    fn what_is_not_a_selector_is_named() {
        for (text, near) in [
            ("", ""),
            ("and", "and"),
            ("web-1 web-2", "web-2"),
            ("(web-1", ""),
            ("color:red", "color:red"),
            ("tag:", "tag:"),
            ("a or", ""),
            ("UP", "UP"),
        ] {
            assert_eq!(Selector::parse(text), Err(InvalidSelector { near: near.to_owned() }), "{text}");
        }
        assert!(Selector::parse(&"(".repeat(4000)).is_err());
        assert!(Selector::parse(&"a or ".repeat(4000)).is_err());
    }
}
