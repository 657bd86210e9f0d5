//! YAML, read into a tree within limits.
//!
//! Tags are kept (`!vault`, `!unsafe`) and never mean code. An alias is what its anchor was, and counts again each time, so
//! that a file of a few lines never becomes gigabytes. `<<` merges as YAML 1.1 has it. Of a key that stands twice the last one
//! counts, as for Ansible, and it is told. Comments are not kept.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use zeroize::Zeroizing;

use crate::ImportError;
use crate::limits::{MOST_DEPTH, MOST_TEXT, MOST_VALUE, within};

/// Values of a file, lists and maps counted, aliases counted each time.
const MOST_NODES: usize = 200_000;
/// Bytes that aliases may repeat.
const MOST_REPEATED: usize = 4 << 20;
/// Bytes of a key.
const MOST_KEY: usize = 4 << 10;

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Yaml {
    /// Its documents.
    pub(crate) documents: Vec<Node>,
    /// Keys that stand twice in one map, with the line of the map.
    pub(crate) repeated: Vec<(String, u64)>,
}

/// A value of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its line, from 1.
    pub(crate) line: u64,
    /// Its own tag, without the first `!`: `vault`. Those of YAML itself (`!!str`) begin with another: `!str`.
    pub(crate) tag: Option<String>,
    /// What it is.
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone)]
pub(crate) enum Value {
    /// A text; plain, where it stands without quotes and may be a number or nothing at all.
    Text {
        /// It.
        text: Zeroizing<String>,
        /// Whether it stands without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(Zeroizing<String>, Node)>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Text { .. } => "Text(withheld)",
            Self::List(_) => "List",
            Self::Map(_) => "Map",
        })
    }
}

impl Node {
    /// Its text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is nothing: `~`, `null`, or no value at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Text { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Its pairs, none for what is no map.
    pub(crate) fn pairs(&self) -> &[(Zeroizing<String>, Self)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// Its items, none for what is no list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// What stands under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.pairs().iter().find_map(|(name, value)| (name.as_str() == key).then_some(value))
    }

    /// How many values it is made of, and how many bytes their texts have.
    fn weight(&self) -> (usize, usize) {
        let sum = |(nodes, bytes): (usize, usize), (more, longer): (usize, usize)| (nodes + more, bytes + longer);
        match &self.value {
            Value::Text { text, .. } => (1, text.len()),
            Value::List(items) => items.iter().map(Self::weight).fold((1, 0), sum),
            Value::Map(pairs) => pairs.iter().map(|(key, value)| sum(value.weight(), (0, key.len()))).fold((1, 0), sum),
        }
    }

    fn depth(&self) -> usize {
        match &self.value {
            Value::Text { .. } => 0,
            Value::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Map(pairs) => 1 + pairs.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
        }
    }
}

/// Reads all documents of a text.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::TooLarge`] for too many values, too deep, too long.
pub(crate) fn read(text: &str) -> Result<Yaml, ImportError> {
    within("YAML", text.len() as u64, MOST_TEXT)?;
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| malformed(error.marker().line() as u64))?;
        builder.take(event, span.start.line() as u64)?;
    }
    Ok(builder.read)
}

/// Reads a text of one document. Nothing at all is a document that is null.
///
/// # Errors
/// As [`read`]; [`ImportError::Unsupported`] for more than one.
pub(crate) fn read_one(text: &str) -> Result<(Node, Vec<(String, u64)>), ImportError> {
    let Yaml { mut documents, repeated } = read(text)?;
    if documents.len() > 1 {
        return Err(ImportError::Unsupported { what: "YAML: ---".to_owned() });
    }
    let empty = Node { line: 1, tag: None, value: Value::Text { text: Zeroizing::default(), plain: true } };
    Ok((documents.pop().unwrap_or(empty), repeated))
}

fn malformed(line: u64) -> ImportError {
    ImportError::Malformed { what: "YAML", at: line }
}

/// A list or a map that is not whole yet.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Zeroizing<String>>,
    merge: bool,
}

#[derive(Default)]
struct Builder {
    read: Yaml,
    open: Vec<Open>,
    /// What each anchor of this document was, once it is whole.
    anchors: HashMap<usize, Node>,
    nodes: usize,
    repeated: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u64) -> Result<(), ImportError> {
        let begins = |value, tag: Option<std::borrow::Cow<'_, Tag>>| Node { line, tag: tag.and_then(|tag| written(&tag)), value };
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => self.begin(begins(Value::List(Vec::new()), tag), anchor),
            Event::MappingStart(anchor, tag) => self.begin(begins(Value::Map(Vec::new()), tag), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(line),
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                within("value", text.len() as u64, MOST_TEXT.min(64 * MOST_VALUE as u64))?;
                let value = Value::Text { text: Zeroizing::new(text.into_owned()), plain: style == ScalarStyle::Plain };
                let node = begins(value, tag);
                self.remember(anchor, &node)?;
                self.place(node)
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or_else(|| malformed(line))?;
                let (nodes, bytes) = node.weight();
                self.count(nodes)?;
                self.repeat(bytes)?;
                within("YAML", (self.open.len() + node.depth()) as u64, MOST_DEPTH as u64)?;
                self.place(Node { line, ..node })
            }
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), ImportError> {
        self.nodes += nodes;
        within("YAML", self.nodes as u64, MOST_NODES as u64)
    }

    fn repeat(&mut self, bytes: usize) -> Result<(), ImportError> {
        self.repeated += bytes;
        within("YAML", self.repeated as u64, MOST_REPEATED as u64)
    }

    /// Keeps what an anchor names: a copy, counted like one that an alias makes.
    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), ImportError> {
        if anchor == 0 {
            return Ok(());
        }
        let (nodes, bytes) = node.weight();
        self.count(nodes)?;
        self.repeat(bytes)?;
        self.anchors.insert(anchor, node.clone());
        Ok(())
    }

    fn begin(&mut self, node: Node, anchor: usize) -> Result<(), ImportError> {
        self.count(1)?;
        within("YAML", self.open.len() as u64 + 1, MOST_DEPTH as u64)?;
        // A list or a map as a key is nothing that a program of ours writes.
        let as_key = self.open.last().is_some_and(|open| matches!(open.node.value, Value::Map(_)) && open.key.is_none());
        if as_key {
            return Err(malformed(node.line));
        }
        self.open.push(Open { node, anchor, key: None, merge: false });
        Ok(())
    }

    fn end(&mut self, line: u64) -> Result<(), ImportError> {
        let Open { mut node, anchor, .. } = self.open.pop().ok_or_else(|| malformed(line))?;
        if let Value::Map(pairs) = &mut node.value {
            only_last(pairs, node.line, &mut self.read.repeated);
        }
        self.remember(anchor, &node)?;
        self.place(node)
    }

    /// Puts a whole value where it belongs.
    fn place(&mut self, node: Node) -> Result<(), ImportError> {
        let Some(open) = self.open.last_mut() else {
            self.read.documents.push(node);
            return Ok(());
        };
        match &mut open.node.value {
            Value::List(items) => items.push(node),
            Value::Map(pairs) => match open.key.take() {
                Some(key) if open.merge => {
                    open.merge = false;
                    merge(pairs, node, key);
                }
                Some(key) => pairs.push((key, node)),
                None => {
                    let Value::Text { text, plain } = node.value else { return Err(malformed(node.line)) };
                    within("key", text.len() as u64, MOST_KEY as u64)?;
                    open.merge = plain && text.as_str() == "<<";
                    open.key = Some(text);
                }
            },
            Value::Text { .. } => return Err(malformed(node.line)),
        }
        Ok(())
    }
}

/// A tag as [`Node::tag`] has it.
fn written(tag: &Tag) -> Option<String> {
    let name = if tag.is_yaml_core_schema() { format!("!{}", tag.suffix) } else { format!("{}{}", tag.handle, tag.suffix) };
    let name = name.strip_prefix('!').filter(|_| !tag.is_yaml_core_schema()).unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// `<<`: what the other maps say and this one does not. It stands first, so that what this one says counts.
fn merge(pairs: &mut Vec<(Zeroizing<String>, Node)>, from: Node, key: Zeroizing<String>) {
    let maps = match from.value {
        Value::Map(_) => vec![from],
        Value::List(items) if items.iter().all(|item| matches!(item.value, Value::Map(_))) => items,
        value => return pairs.push((key, Node { value, ..from })),
    };
    let mut merged = Vec::new();
    // The first of several counts, so it comes last.
    for map in maps.into_iter().rev() {
        if let Value::Map(more) = map.value {
            merged.extend(more);
        }
    }
    let mut unsaid = Vec::new();
    only_last(&mut merged, 0, &mut unsaid);
    // Marked by their line as not said here, until the map is whole.
    merged.iter_mut().for_each(|(_, node)| node.line = 0);
    merged.append(pairs);
    *pairs = merged;
}

/// Keeps the last of each key, at the place of the first, and tells which stood twice.
fn only_last(pairs: &mut Vec<(Zeroizing<String>, Node)>, line: u64, repeated: &mut Vec<(String, u64)>) {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|at| pairs.get(*at).map(|(key, _)| key.as_str()));
    // Of each key where it stands first, and where last.
    let mut moves = Vec::new();
    for same in order.chunk_by(|one, other| pairs.get(*one).map(|pair| &pair.0) == pairs.get(*other).map(|pair| &pair.0)) {
        let (Some(first), Some(last)) = (same.first(), same.last()) else { continue };
        if first != last {
            moves.push((*first, *last));
            // One that `<<` brought was not said twice.
            let said = same.iter().filter(|at| pairs.get(**at).is_some_and(|(_, node)| node.line > 0)).count();
            if let Some((key, _)) = pairs.get(*first).filter(|_| said > 1) {
                repeated.push((key.to_string(), line));
            }
        }
    }
    if moves.is_empty() {
        return;
    }
    for (first, last) in &moves {
        pairs.swap(*first, *last);
    }
    let mut seen = std::collections::HashSet::new();
    let kept: Vec<bool> = pairs.iter().map(|(key, _)| seen.insert(key.as_str())).collect();
    drop(seen);
    let mut kept = kept.into_iter();
    pairs.retain(|_| kept.next().unwrap_or(true));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        read_one(text).expect("YAML").0
    }

    fn text<'a>(node: &'a Node, path: &[&str]) -> &'a str {
        path.iter().fold(node, |node, key| node.get(key).expect(key)).text().expect("a text")
    }

    #[test]
    fn tags_styles_and_lines_are_kept() {
        let root = one("a: !vault |\n  one\n  two\nb: 'no'\nc: no\nd: !unsafe '{{ x }}'\ne:\nf: !!str 5\ng: [1, {h: i}]\n");
        let a = root.get("a").expect("a");
        assert_eq!((a.tag.as_deref(), a.text(), a.line), (Some("vault"), Some("one\ntwo\n"), 1));
        assert!(matches!(&root.get("b").expect("b").value, Value::Text { plain: false, .. }));
        assert!(matches!(&root.get("c").expect("c").value, Value::Text { plain: true, .. }));
        assert_eq!(root.get("d").and_then(|node| node.tag.as_deref()), Some("unsafe"));
        assert!(root.get("e").expect("e").is_null());
        assert_eq!(root.get("f").and_then(|node| node.tag.as_deref()), Some("!str"));
        assert_eq!(text(root.get("g").and_then(|list| list.items().get(1)).expect("g"), &["h"]), "i");
        assert_eq!(format!("{a:?}"), "Node { line: 1, tag: Some(\"vault\"), value: Text(withheld) }");
    }

    #[test]
    fn the_last_of_a_key_counts_and_is_told() {
        let (root, repeated) = read_one("a: 1\nb: 2\na: 3\n").expect("YAML");
        assert_eq!((text(&root, &["a"]), root.pairs().len()), ("3", 2));
        assert_eq!(repeated, [("a".to_owned(), 1)]);
    }

    #[test]
    fn an_alias_is_what_its_anchor_was_and_maps_merge() {
        let (root, repeated) =
            read_one("base: &base {user: root, port: 22}\nweb:\n  <<: *base\n  port: 2222\nsame: *base\n").expect("YAML");
        assert_eq!((text(&root, &["web", "user"]), text(&root, &["web", "port"])), ("root", "2222"));
        assert_eq!(text(&root, &["same", "port"]), "22");
        assert!(repeated.is_empty());
        let root = one("web:\n  port: 1\n  <<: [{port: 2, user: a}, {user: b, x: y}]\n");
        assert_eq!((text(&root, &["web", "port"]), text(&root, &["web", "user"]), text(&root, &["web", "x"])), ("1", "a", "y"));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            bomb += &format!("a{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n");
        }
        assert!(matches!(read(&bomb), Err(ImportError::TooLarge { what: "YAML", .. })));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(100));
        assert!(matches!(read(&long), Err(ImportError::TooLarge { what: "YAML", .. })));
    }

    #[test]
    fn too_deep_too_many_and_what_is_no_yaml_are_refused() {
        assert!(matches!(read(&"[".repeat(100)), Err(ImportError::TooLarge { .. })));
        assert!(matches!(read(&"- ".repeat(100_000)), Err(ImportError::TooLarge { .. })));
        assert!(matches!(read(&"- x\n".repeat(250_000)), Err(ImportError::TooLarge { .. })));
        assert!(matches!(read("a: 1\nb: [\n"), Err(ImportError::Malformed { what: "YAML", .. })));
        assert!(matches!(read("? [a, b]\n: c\n"), Err(ImportError::Malformed { at: 1, .. })));
        assert!(matches!(read("a: *nobody\n"), Err(ImportError::Malformed { .. })));
        assert!(matches!(read("a: &a [*a]\n"), Err(ImportError::Malformed { .. })));
        assert_eq!(read("---\na: 1\n---\nb: 2\n").expect("two").documents.len(), 2);
        assert!(one("").is_null());
    }
}
