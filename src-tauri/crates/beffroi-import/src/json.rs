//! JSON within limits.

use std::fmt;
use std::marker::PhantomData;

use beffroi_secret::SecretText;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::ImportError;
use crate::limits::{MOST_DEPTH, within};

/// Values of one file, lists and objects counted.
const MOST_VALUES: u64 = 4_000_000;
/// Members of an object whose names are not known before.
const MOST_MEMBERS: u64 = 256;

/// Reads a text. What is in it never stands in an error.
///
/// # Errors
/// [`ImportError::TooLarge`] before anything is read of a text that is too deep or too much; [`ImportError::Truncated`],
/// [`ImportError::Malformed`] with its line.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, ImportError> {
    from_text_within(text, MOST_VALUES)
}

/// The same with a limit of one's own for the values, lists and objects counted.
pub(crate) fn from_text_within<T: DeserializeOwned>(text: &str, most: u64) -> Result<T, ImportError> {
    let (depth, values) = shape(text);
    within("depth", depth, MOST_DEPTH as u64)?;
    within("values", values, most)?;
    serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            ImportError::Truncated { what: "JSON" }
        } else {
            ImportError::Malformed { what: "JSON", at: error.line() as u64 }
        }
    })
}

/// How deep it nests, and how many values it has at most.
fn shape(text: &str) -> (u64, u64) {
    let (mut depth, mut deepest, mut values) = (0_u64, 0, 1);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => drop(bytes.next()),
                    Some(b'"') | None => break,
                    Some(_) => {}
                }
            },
            b'[' | b'{' => {
                (depth, values) = (depth + 1, values + 1);
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
    }
    (deepest, values)
}

/// A text that is wiped. A number or a truth is the text that it is written as.
#[derive(Debug)]
pub(crate) struct Text(pub(crate) SecretText);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

/// A text that is there and not empty.
pub(crate) fn filled(text: Option<Text>) -> Option<SecretText> {
    // Its length only.
    text.map(|Text(text)| text).filter(|text| !text.expose().is_empty())
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(SecretText::new(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Text, E> {
        self.visit_str(if truth { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
        Ok(Text(SecretText::new(number.to_string())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
        Ok(Text(SecretText::new(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Text, E> {
        Ok(Text(SecretText::new(number.to_string())))
    }
}

/// A list, of which no more than `MOST` are kept, and all are counted. `null` is an empty one.
#[derive(Debug)]
pub(crate) struct Few<T, const MOST: usize> {
    kept: Vec<T>,
    found: u64,
}

impl<T, const MOST: usize> Few<T, MOST> {
    /// All of it.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] when there are more.
    pub(crate) fn all(self, what: &'static str) -> Result<Vec<T>, ImportError> {
        within(what, self.found, MOST as u64)?;
        Ok(self.kept)
    }

    /// Those that are kept.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.kept.iter()
    }

    /// How many there are.
    pub(crate) const fn found(&self) -> u64 {
        self.found
    }
}

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self { kept: Vec::new(), found: 0 }
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FewVisitor(PhantomData))
    }
}

struct FewVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for FewVisitor<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Few::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut few = Few::default();
        while few.kept.len() < MOST {
            let Some(next) = list.next_element()? else { return Ok(few) };
            few.kept.push(next);
            few.found += 1;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            few.found += 1;
        }
        Ok(few)
    }
}

/// An object whose members are not known before, in their order; lists and objects in it as their JSON text.
#[derive(Debug, Default)]
pub(crate) struct Members {
    kept: Vec<(String, SecretText)>,
    found: u64,
}

impl Members {
    /// Those that are not `null` and not empty.
    ///
    /// # Errors
    /// [`ImportError::TooLarge`] when there are too many.
    pub(crate) fn all(self, what: &'static str) -> Result<Vec<(String, SecretText)>, ImportError> {
        within(what, self.found, MOST_MEMBERS)?;
        Ok(self.kept)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Members, E> {
        Ok(Members::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(name) = object.next_key::<String>()? {
            members.found += 1;
            if members.found > MOST_MEMBERS {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = match object.next_value::<Tree>()? {
                Tree::Null => continue,
                Tree::Text(text) => text,
                Tree::Bare(text) => Zeroizing::new(text),
                tree => tree.to_json(),
            };
            if !value.is_empty() {
                members.kept.push((name, SecretText::new(String::clone(&value))));
            }
        }
        Ok(members)
    }
}

/// Anything. Texts are wiped.
pub(crate) enum Tree {
    /// Nothing.
    Null,
    /// A number or a truth, as it is written.
    Bare(String),
    /// A text.
    Text(Zeroizing<String>),
    /// A list.
    List(Vec<Self>),
    /// An object, in its order.
    Object(Vec<(String, Self)>),
}

impl Tree {
    /// A member of an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// It as JSON.
    pub(crate) fn to_json(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        self.write(&mut text);
        text
    }

    fn write(&self, into: &mut String) {
        match self {
            Self::Null => into.push_str("null"),
            Self::Bare(text) => into.push_str(text),
            Self::Text(text) => quote(text, into),
            Self::List(list) => {
                for (at, next) in list.iter().enumerate() {
                    into.push(if at == 0 { '[' } else { ',' });
                    next.write(into);
                }
                into.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                for (at, (name, next)) in members.iter().enumerate() {
                    into.push(if at == 0 { '{' } else { ',' });
                    quote(name, into);
                    into.push(':');
                    next.write(into);
                }
                into.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

/// A text as a string of JSON.
fn quote(text: &str, into: &mut String) {
    into.push('"');
    for next in text.chars() {
        match next {
            '"' | '\\' => into.extend(['\\', next]),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            next if next < ' ' => into.push_str(&format!("\\u{:04x}", u32::from(next))),
            next => into.push(next),
        }
    }
    into.push('"');
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Tree, E> {
        Ok(Tree::Bare(truth.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Bare(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Bare(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Bare(number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(next) = from.next_element()? {
            list.push(next);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(next) = from.next_entry()? {
            members.push(next);
        }
        Ok(Tree::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_count_leave_texts_aside() {
        assert_eq!(shape(r#"{"a":["[[[[,,,\"[",1,{}]}"#), (3, 6));
        assert_eq!(shape("]]]"), (0, 1));
    }

    #[test]
    fn a_tree_is_written_as_it_was() {
        let text = "{\"a\":[1,-2,true,null,\"x\\n\\\"\\\\\\u0001é\"],\"b\":{},\"c\":[]}";
        let tree: Tree = from_text(text).expect("JSON");
        assert_eq!(tree.to_json().as_str(), text);
    }

    #[test]
    fn what_is_too_deep_is_refused_before_it_is_read() {
        let deep = |depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(from_text::<Tree>(&deep(64)).is_ok());
        assert!(matches!(from_text::<Tree>(&deep(65)), Err(ImportError::TooLarge { what: "depth", found: 65, most: 64 })));
    }

    #[test]
    fn lists_are_counted_and_bounded() {
        let few: Few<u8, 2> = from_text("[1,2,3]").expect("JSON");
        assert!(matches!(few.all("fields"), Err(ImportError::TooLarge { what: "fields", found: 3, most: 2 })));
        assert_eq!(from_text::<Few<u8, 2>>("null").expect("JSON").found(), 0);
    }
}
