//! What a document says, before references are followed and fields are given their places.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::{SecretBytes, SecretText};
use flate2::read::GzDecoder;
use std::io::Read;

use super::header::sha256;
use super::inner::Pool;
use super::key::same;
use super::times;
use super::xml::{Element, Xml};
use crate::collect::MOST_FIELDS;
use crate::limits::{MOST_ATTACHMENT, MOST_DEPTH, MOST_ENTRIES, MOST_VALUE, within};
use crate::{ImportError, Work};

/// Bytes of the name of a group.
const MOST_NAME: usize = 4 << 10;
/// Past states of one entry: programs keep ten, or some hundreds.
const MOST_HISTORY: usize = 10_000;

/// A document.
#[derive(Default)]
pub(super) struct Document {
    pub(super) groups: Vec<Group>,
    pub(super) drafts: Vec<Draft>,
    pub(super) bin: Option<[u8; 16]>,
    pub(super) pool: Pool,
}

/// A group. The first one of a document has none around it.
pub(super) struct Group {
    pub(super) outer: Option<usize>,
    pub(super) uuid: [u8; 16],
    pub(super) name: String,
    /// It has notes of its own, which have no place here.
    pub(super) has_notes: bool,
}

/// An entry.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) group: usize,
    pub(super) uuid: [u8; 16],
    pub(super) strings: Vec<Text>,
    pub(super) files: Vec<File>,
    pub(super) tags: Vec<String>,
    pub(super) custom: Vec<(String, SecretText)>,
    pub(super) created_ms: Option<u64>,
    pub(super) changed_ms: Option<u64>,
    pub(super) expires_ms: Option<u64>,
    /// What it was, the oldest first.
    pub(super) history: Vec<State>,
    /// The names of texts that are too long, and were left out.
    pub(super) too_large: Vec<String>,
}

/// What an entry was.
pub(super) struct State {
    pub(super) password: Option<SecretText>,
    pub(super) files: Vec<File>,
    /// Since when.
    pub(super) since_ms: Option<u64>,
}

/// A text of an entry.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) value: SecretText,
    pub(super) hidden: bool,
}

/// A file of an entry.
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Content,
}

/// Where a file is.
pub(super) enum Content {
    /// In the pool.
    Pool(u32),
    /// Here; none when it is too large.
    Here(Option<SecretBytes>),
}

/// Reads a document. In version 3 it repeats the hash of the header, and its files lie in it.
pub(super) fn read(xml: Xml<'_>, pool: Pool, work: &Work, old_header: Option<&[u8]>) -> Result<Document, ImportError> {
    let mut reading = Documents { xml, document: Document { pool, ..Document::default() }, work, old_header };
    let mut found = false;
    while let Some(element) = reading.xml.child()? {
        if element.name == "KeePassFile" && !found {
            found = true;
            reading.file()?;
        } else {
            return Err(reading.xml.malformed("KeePassFile"));
        }
    }
    if found { Ok(reading.document) } else { Err(reading.xml.malformed("KeePassFile")) }
}

struct Documents<'a> {
    xml: Xml<'a>,
    document: Document,
    work: &'a Work,
    old_header: Option<&'a [u8]>,
}

impl Documents<'_> {
    fn file(&mut self) -> Result<(), ImportError> {
        while let Some(element) = self.xml.child()? {
            match element.name {
                "Meta" => self.meta()?,
                "Root" => {
                    while let Some(element) = self.xml.child()? {
                        if element.name == "Group" { self.group(None, 1)? } else { self.xml.skip(&element)? }
                    }
                }
                _ => self.xml.skip(&element)?,
            }
        }
        Ok(())
    }

    fn meta(&mut self) -> Result<(), ImportError> {
        while let Some(element) = self.xml.child()? {
            match element.name {
                "HeaderHash" => {
                    let hash = self.xml.bytes(&element)?;
                    if self.old_header.is_some_and(|header| !hash.is_empty() && !same(&hash, &sha256(header))) {
                        return Err(ImportError::Altered { what: "HeaderHash" });
                    }
                }
                "RecycleBinUUID" => self.document.bin = Some(self.uuid(&element)?).filter(|uuid| *uuid != [0; 16]),
                "Binaries" => {
                    while let Some(element) = self.xml.child()? {
                        match element.number {
                            Some(number) if element.name == "Binary" => {
                                let bytes = self.inline(&element)?;
                                self.document.pool.put(number, bytes)?;
                            }
                            _ => self.xml.skip(&element)?,
                        }
                    }
                }
                _ => self.xml.skip(&element)?,
            }
        }
        Ok(())
    }

    fn group(&mut self, outer: Option<usize>, depth: usize) -> Result<(), ImportError> {
        within("Group", depth as u64, MOST_DEPTH as u64)?;
        let place = self.document.groups.len();
        within("Group", place as u64 + 1, MOST_ENTRIES as u64)?;
        self.document.groups.push(Group { outer, uuid: [0; 16], name: String::new(), has_notes: false });
        while let Some(element) = self.xml.child()? {
            match element.name {
                "Group" => self.group(Some(place), depth + 1)?,
                "Entry" => {
                    let draft = self.entry(place, false)?;
                    within("Entry", self.document.drafts.len() as u64 + 1, MOST_ENTRIES as u64)?;
                    self.document.drafts.push(draft);
                }
                "UUID" => {
                    let uuid = self.uuid(&element)?;
                    self.document.groups.get_mut(place).into_iter().for_each(|group| group.uuid = uuid);
                }
                "Name" => {
                    let name = self.name(&element)?;
                    self.document.groups.get_mut(place).into_iter().for_each(|group| group.name.clone_from(&name));
                }
                "Notes" => {
                    // Its length only.
                    let has_notes = !self.xml.text(&element)?.expose().trim().is_empty();
                    self.document.groups.get_mut(place).into_iter().for_each(|group| group.has_notes = has_notes);
                }
                _ => self.xml.skip(&element)?,
            }
        }
        Ok(())
    }

    /// An entry, or one of its past states.
    fn entry(&mut self, group: usize, past: bool) -> Result<Draft, ImportError> {
        let mut draft = Draft { group, ..Draft::default() };
        while let Some(element) = self.xml.child()? {
            match element.name {
                "UUID" => draft.uuid = self.uuid(&element)?,
                "Times" => self.times(&mut draft)?,
                "String" => self.string(&mut draft)?,
                "Tags" => {
                    let tags = self.name(&element)?;
                    for tag in tags.split([';', ',']).map(str::trim).filter(|tag| !tag.is_empty()) {
                        if !draft.tags.iter().any(|other| other == tag) {
                            draft.tags.push(tag.to_owned());
                        }
                    }
                }
                "OverrideURL" => self.text(&mut draft, &element)?,
                "Binary" => self.binary(&mut draft)?,
                "CustomData" => self.custom(&mut draft)?,
                "History" if !past => {
                    while let Some(element) = self.xml.child()? {
                        if element.name == "Entry" {
                            within("History", draft.history.len() as u64 + 1, MOST_HISTORY as u64)?;
                            let Draft { strings, files, changed_ms, .. } = self.entry(group, true)?;
                            let password = strings.into_iter().find(|text| text.name == "Password").map(|text| text.value);
                            draft.history.push(State { password, files, since_ms: changed_ms });
                        } else {
                            self.xml.skip(&element)?;
                        }
                    }
                }
                _ => self.xml.skip(&element)?,
            }
        }
        Ok(draft)
    }

    fn times(&mut self, draft: &mut Draft) -> Result<(), ImportError> {
        let mut expires = false;
        while let Some(element) = self.xml.child()? {
            match element.name {
                "CreationTime" => draft.created_ms = times::read(&self.name(&element)?),
                "LastModificationTime" => draft.changed_ms = times::read(&self.name(&element)?),
                "ExpiryTime" => draft.expires_ms = times::read(&self.name(&element)?),
                "Expires" => expires = self.name(&element)?.eq_ignore_ascii_case("true"),
                _ => self.xml.skip(&element)?,
            }
        }
        draft.expires_ms = draft.expires_ms.filter(|_| expires);
        Ok(())
    }

    fn string(&mut self, draft: &mut Draft) -> Result<(), ImportError> {
        let (mut name, mut value) = (String::new(), None);
        while let Some(element) = self.xml.child()? {
            match element.name {
                "Key" => name = self.name(&element)?,
                "Value" => value = Some((self.xml.text(&element)?, element.is_protected())),
                _ => self.xml.skip(&element)?,
            }
        }
        if let Some((value, hidden)) = value {
            keep(draft, Text { name, value, hidden })?;
        }
        Ok(())
    }

    /// An element whose own text is a text of the entry.
    fn text(&mut self, draft: &mut Draft, element: &Element) -> Result<(), ImportError> {
        let value = self.xml.text(element)?;
        // Its length only.
        if !value.expose().is_empty() {
            keep(draft, Text { name: element.name.to_owned(), value, hidden: element.is_protected() })?;
        }
        Ok(())
    }

    fn binary(&mut self, draft: &mut Draft) -> Result<(), ImportError> {
        let (mut name, mut content) = (String::new(), None);
        while let Some(element) = self.xml.child()? {
            match (element.name, element.number) {
                ("Key", _) => name = self.name(&element)?,
                ("Value", Some(number)) => {
                    self.xml.skip(&element)?;
                    content = Some(Content::Pool(number));
                }
                ("Value", None) => content = Some(Content::Here(self.inline(&element)?)),
                _ => self.xml.skip(&element)?,
            }
        }
        within("Binary", draft.files.len() as u64 + 1, MOST_FIELDS as u64)?;
        draft.files.extend(content.map(|content| File { name, content }));
        Ok(())
    }

    /// A file that stands in the document. None when it is too large.
    fn inline(&mut self, element: &Element) -> Result<Option<SecretBytes>, ImportError> {
        let mut bytes = self.xml.bytes(element)?;
        if element.compressed {
            let from = GzDecoder::new(bytes.as_slice()).take(MOST_ATTACHMENT + 1);
            bytes = self.work.inflate("Binary", bytes.len() as u64, from)?;
        }
        let fits = bytes.len() as u64 <= MOST_ATTACHMENT;
        Ok(fits.then(|| SecretBytes::new(std::mem::take(&mut *bytes))))
    }

    fn custom(&mut self, draft: &mut Draft) -> Result<(), ImportError> {
        while let Some(element) = self.xml.child()? {
            if element.name != "Item" {
                self.xml.skip(&element)?;
                continue;
            }
            let (mut name, mut value) = (String::new(), None);
            while let Some(element) = self.xml.child()? {
                match element.name {
                    "Key" => name = self.name(&element)?,
                    "Value" => value = Some(self.xml.text(&element)?),
                    _ => self.xml.skip(&element)?,
                }
            }
            draft.custom.extend(value.map(|value| (name, value)));
        }
        Ok(())
    }

    fn uuid(&mut self, element: &Element) -> Result<[u8; 16], ImportError> {
        let text = self.name(element)?;
        Ok(STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or_default())
    }

    /// A short text that is no secret.
    fn name(&mut self, element: &Element) -> Result<String, ImportError> {
        let text = self.xml.text(element)?;
        // A name, a time, a number.
        let text = text.expose();
        within("Name", text.len() as u64, MOST_NAME as u64)?;
        Ok(text.clone())
    }
}

fn keep(draft: &mut Draft, text: Text) -> Result<(), ImportError> {
    within("String", (draft.strings.len() + draft.too_large.len()) as u64 + 1, MOST_FIELDS as u64)?;
    // Its length only.
    if text.value.expose().len() > MOST_VALUE {
        draft.too_large.push(text.name);
    } else {
        draft.strings.push(text);
    }
    Ok(())
}
