//! How SOPS lays a tree into YAML, JSON, dotenv and INI.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::limits::{MOST_ENTRIES, within};
use crate::yaml::{self, Node, Value};
use crate::{ImportError, json};

/// A file, taken apart.
pub(super) struct File {
    /// Its documents, without what SOPS says of itself.
    pub(super) documents: Vec<Node>,
    /// What SOPS says of itself.
    pub(super) metadata: Node,
    /// Keys that stand twice.
    pub(super) repeated: Vec<(String, u64)>,
}

/// Reads a text as what it looks like.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::TooLarge`].
pub(super) fn read(name: &str, text: &str) -> Result<File, ImportError> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';'])).unwrap_or_default();
    let is_section = first.starts_with('[') && first.ends_with(']') && !first.contains(['"', ',']);
    if text.trim_start().starts_with('{') {
        let JsonNode(root) = json::from_text(text)?;
        return split(vec![root], Vec::new());
    }
    if is_section || name.ends_with(".ini") {
        return flat(sections(text)?);
    }
    let dotenv = first.split_once('=').is_some_and(|(key, _)| !key.is_empty() && !key.contains([':', ' ', '"']));
    if dotenv {
        return flat(vec![(String::new(), lines(text)?)]);
    }
    let yaml::Yaml { documents, repeated } = yaml::read(text)?;
    split(documents, repeated)
}

/// Takes `sops` out of every document; the first one says it.
fn split(mut documents: Vec<Node>, repeated: Vec<(String, u64)>) -> Result<File, ImportError> {
    let mut metadata = None;
    for document in &mut documents {
        let Value::Map(pairs) = &mut document.value else { continue };
        if let Some(at) = pairs.iter().position(|(key, _)| key.as_str() == "sops") {
            let (_, node) = pairs.remove(at);
            metadata = metadata.or(Some(node));
        }
    }
    let metadata = metadata.ok_or(ImportError::Malformed { what: "sops", at: 1 })?;
    Ok(File { documents, metadata, repeated })
}

type Pairs = Vec<(String, Node)>;

/// Takes the metadata out of sections: one called `sops`, or names that begin with `sops_`.
fn flat(sections: Vec<(String, Pairs)>) -> Result<File, ImportError> {
    let mut root = Vec::new();
    let mut metadata = Vec::new();
    for (name, pairs) in sections {
        if name == "sops" {
            metadata.extend(pairs);
        } else if name.is_empty() {
            let (own, rest): (Pairs, Pairs) = pairs.into_iter().partition(|(key, _)| key.starts_with("sops_"));
            metadata.extend(own.into_iter().map(|(key, node)| (key.trim_start_matches("sops_").to_owned(), node)));
            root.extend(rest.into_iter().map(|(key, node)| (Zeroizing::new(key), node)));
        } else {
            let pairs = pairs.into_iter().map(|(key, node)| (Zeroizing::new(key), node)).collect();
            root.push((Zeroizing::new(name), Node { line: 1, tag: None, value: Value::Map(pairs) }));
        }
    }
    let root = Node { line: 1, tag: None, value: Value::Map(root) };
    Ok(File { documents: vec![root], metadata: unflattened(metadata)?, repeated: Vec::new() })
}

/// `age__list_0__map_enc` as the tree that it stands for.
fn unflattened(pairs: Pairs) -> Result<Node, ImportError> {
    let mut ages: Vec<Vec<(Zeroizing<String>, Node)>> = Vec::new();
    let mut root = Vec::new();
    for (key, node) in pairs {
        let listed = key.strip_prefix("age__list_").and_then(|rest| rest.split_once("__map_"));
        match listed.and_then(|(at, field)| Some((at.parse::<usize>().ok()?, field))) {
            Some((at, field)) => {
                within("age", at as u64, 256)?;
                ages.resize_with(ages.len().max(at + 1), Vec::new);
                let text = Zeroizing::new(node.text().unwrap_or_default().replace("\\n", "\n"));
                let node = Node { value: Value::Text { text, plain: false }, ..node };
                ages.get_mut(at).into_iter().for_each(|map| map.push((Zeroizing::new(field.to_owned()), node.clone())));
            }
            None => root.push((Zeroizing::new(key), node)),
        }
    }
    let items = ages.into_iter().map(|map| Node { line: 1, tag: None, value: Value::Map(map) }).collect();
    root.push((Zeroizing::new("age".to_owned()), Node { line: 1, tag: None, value: Value::List(items) }));
    Ok(Node { line: 1, tag: None, value: Value::Map(root) })
}

fn text_node(text: &str, line: u64) -> Node {
    Node { line, tag: None, value: Value::Text { text: Zeroizing::new(text.to_owned()), plain: false } }
}

/// `NAME=value` lines: what follows the first `=` is the value, with `\n` for an end of line.
fn lines(text: &str) -> Result<Pairs, ImportError> {
    let mut pairs = Pairs::new();
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "NAME=value", at: number })?;
        within("entries", pairs.len() as u64 + 1, MOST_ENTRIES as u64)?;
        pairs.push((name.to_owned(), text_node(&value.replace("\\n", "\n"), number)));
    }
    Ok(pairs)
}

fn sections(text: &str) -> Result<Vec<(String, Pairs)>, ImportError> {
    let mut sections = vec![("DEFAULT".to_owned(), Pairs::new())];
    let mut count = 0;
    for (line, number) in text.lines().zip(1_u64..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        count += 1;
        within("entries", count, MOST_ENTRIES as u64)?;
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push((name.trim().to_owned(), Pairs::new()));
            continue;
        }
        let (name, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "name = value", at: number })?;
        let value = value.trim();
        let quoted = ["\"\"\"", "`", "\""].iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        let node = text_node(quoted.unwrap_or(value), number);
        sections.last_mut().into_iter().for_each(|(_, pairs)| pairs.push((name.trim().to_owned(), node.clone())));
    }
    Ok(sections)
}

/// A value that is not encrypted, as it goes into the mac: numbers and truths as Go writes them.
pub(super) fn written(text: &str, plain: bool) -> Zeroizing<String> {
    let as_it_is = || Zeroizing::new(text.to_owned());
    if !plain {
        return as_it_is();
    }
    match text {
        "true" | "True" | "TRUE" => return Zeroizing::new("True".to_owned()),
        "false" | "False" | "FALSE" => return Zeroizing::new("False".to_owned()),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)].iter().find_map(|(mark, radix)| Some((digits.strip_prefix(mark)?, *radix)));
    if let Some(number) = radix.and_then(|(digits, radix)| i64::from_str_radix(digits, radix).ok()) {
        let number = if text.starts_with('-') { -number } else { number };
        return Zeroizing::new(number.to_string());
    }
    if let Ok(number) = text.parse::<i64>() {
        return Zeroizing::new(number.to_string());
    }
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') && digits.contains(['.', 'e', 'E']);
    match text.parse::<f64>() {
        Ok(number) if is_number => Zeroizing::new(number.to_string()),
        _ => as_it_is(),
    }
}

/// JSON as the same tree, in the order of the file.
struct JsonNode(Node);

impl<'de> Deserialize<'de> for JsonNode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor).map(|value| Self(Node { line: 1, tag: None, value }))
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::new(text.to_owned()), plain: false })
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::new(truth.to_string()), plain: true })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::new(number.to_string()), plain: true })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::new(number.to_string()), plain: true })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::new(number.to_string()), plain: true })
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Text { text: Zeroizing::default(), plain: true })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(JsonNode(node)) = from.next_element()? {
            items.push(node);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, JsonNode(node))) = from.next_entry::<String, _>()? {
            pairs.push((Zeroizing::new(key), node));
        }
        Ok(Value::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_truths_are_written_as_go_does() {
        for (text, expected) in
            [("5", "5"), ("0x1F", "31"), ("+7", "7"), ("1.50", "1.5"), ("1e3", "1000"), ("true", "True"), ("yes", "yes"), ("nan", "nan")]
        {
            assert_eq!(written(text, true).as_str(), expected, "{text}");
        }
        assert_eq!(written("true", false).as_str(), "true");
    }
}
