//! The document of a database, element by element: streamed, so that what is passed over takes no memory.
//!
//! There is no document type, so that there are no entities but those of XML itself; depth and the length of a text are limited.
//! A value that says `Protected="True"` takes the next bytes of the inner stream, wherever it stands and whether anybody wants it.

use std::io::{self, BufRead, Read};

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use beffroi_secret::SecretText;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader};
use zeroize::Zeroizing;

use super::cipher::InnerStream;
use crate::ImportError;
use crate::limits::{MOST_DEPTH, within};

/// Elements around the groups, and inside the innermost.
const AROUND_GROUPS: usize = 16;
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The elements that are looked at, and `""` for any other.
fn known(name: &str) -> &'static str {
    const NAMES: &[&str] = &[
        "Value",
        "String",
        "Key",
        "Times",
        "Entry",
        "UUID",
        "Tags",
        "History",
        "Binary",
        "Group",
        "Name",
        "Notes",
        "LastModificationTime",
        "CreationTime",
        "ExpiryTime",
        "Expires",
        "CustomData",
        "Item",
        "OverrideURL",
        "KeePassFile",
        "Meta",
        "Root",
        "HeaderHash",
        "RecycleBinUUID",
        "Binaries",
    ];
    NAMES.iter().copied().find(|known| *known == name).unwrap_or("")
}

/// The beginning of an element.
pub(super) struct Element {
    pub(super) name: &'static str,
    protected: bool,
    /// Its text is gzip (files of version 3).
    pub(super) compressed: bool,
    /// The number of a file: `ID` where it is, `Ref` where it is used.
    pub(super) number: Option<u32>,
}

impl Element {
    fn read(start: &BytesStart<'_>) -> Self {
        let mut element = Self { name: known(start.name().as_ref()), protected: false, compressed: false, number: None };
        for attribute in start.attributes().with_checks(false).flatten() {
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "Protected" => element.protected = value.eq_ignore_ascii_case("true"),
                "Compressed" => element.compressed = value.eq_ignore_ascii_case("true"),
                "ID" | "Ref" => element.number = value.parse().ok(),
                _ => {}
            }
        }
        element
    }

    /// Whether its value is hidden in the document.
    pub(super) fn is_protected(&self) -> bool {
        self.protected
    }
}

/// A document that is read.
pub(super) struct Xml<'a> {
    reader: Reader<Metered<Box<dyn BufRead + 'a>>>,
    buffer: Zeroizing<Vec<u8>>,
    depth: usize,
    stream: InnerStream,
}

impl<'a> Xml<'a> {
    /// `most` bytes of all of it, and `most_text` of what stands between two elements.
    pub(super) fn new(from: Box<dyn BufRead + 'a>, stream: InnerStream, most: u64, most_text: u64) -> Self {
        let mut reader = Reader::from_reader(Metered { from, all: 0, most, text: 0, most_text });
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_end_names = true;
        Self { reader, buffer: Zeroizing::new(Vec::with_capacity(64 << 10)), depth: 0, stream }
    }

    /// Where it is, for an error.
    pub(super) fn malformed(&self, what: &'static str) -> ImportError {
        ImportError::Malformed { what, at: self.reader.buffer_position() }
    }

    /// The next element inside the one that is open, which is then the open one. None at its end, which closes it.
    pub(super) fn child(&mut self) -> Result<Option<Element>, ImportError> {
        self.reader.get_mut().text = 0;
        loop {
            self.buffer.clear();
            let at = self.reader.buffer_position();
            match self.reader.read_event_into(&mut self.buffer).map_err(|error| trouble(&error, at))? {
                Event::Start(start) => {
                    let element = Element::read(&start);
                    self.depth += 1;
                    within("depth", self.depth as u64, (MOST_DEPTH + AROUND_GROUPS) as u64)?;
                    return Ok(Some(element));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(None);
                }
                Event::Eof if self.depth == 0 => return Ok(None),
                Event::Eof => return Err(ImportError::Truncated { what: "XML" }),
                Event::DocType(_) => return Err(ImportError::Unsupported { what: "DOCTYPE".to_owned() }),
                _ => {}
            }
        }
    }

    /// Passes over the open element.
    pub(super) fn skip(&mut self, element: &Element) -> Result<(), ImportError> {
        if element.protected {
            return self.bytes(element).map(drop);
        }
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Some(inner) = self.child()?
                && inner.protected
            {
                self.bytes(&inner)?;
            }
        }
        Ok(())
    }

    /// The text of the open element, which closes it.
    pub(super) fn text(&mut self, element: &Element) -> Result<SecretText, ImportError> {
        if !element.protected {
            return self.content();
        }
        let at = self.reader.buffer_position();
        let bytes = self.bytes(element)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| ImportError::Malformed { what: "Value", at })?;
        Ok(SecretText::new(text.to_owned()))
    }

    /// The bytes of the open element, which closes it.
    pub(super) fn bytes(&mut self, element: &Element) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let at = self.reader.buffer_position();
        let text = self.content()?;
        // Decoded here.
        let text = text.expose();
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
        let decoded = if text.contains(|next: char| next.is_ascii_whitespace()) {
            let dense: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
            BASE64.decode_vec(dense.as_bytes(), &mut bytes)
        } else {
            BASE64.decode_vec(text, &mut bytes)
        };
        decoded.map_err(|_| ImportError::Malformed { what: "base64", at })?;
        if element.protected {
            self.stream.apply(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// The text up to the end of the open element.
    fn content(&mut self) -> Result<SecretText, ImportError> {
        self.reader.get_mut().text = 0;
        let mut all = Zeroizing::new(String::new());
        loop {
            self.buffer.clear();
            let at = self.reader.buffer_position();
            match self.reader.read_event_into(&mut self.buffer).map_err(|error| trouble(&error, at))? {
                Event::Text(text) => all.push_str(&text.xml10_content()),
                Event::CData(text) => all.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => all.push(character(&reference).ok_or(ImportError::Malformed { what: "entity", at })?),
                Event::Comment(_) | Event::PI(_) => {}
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(SecretText::new(std::mem::take(&mut *all)));
                }
                Event::Eof => return Err(ImportError::Truncated { what: "XML" }),
                _ => return Err(ImportError::Malformed { what: "XML", at }),
            }
        }
    }
}

/// What `&…;` stands for: a character by its number, or one of the five that XML names.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character),
        Ok(None) => match reference.xml10_content().as_ref() {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        },
        Err(_) => None,
    }
}

fn trouble(error: &Error, at: u64) -> ImportError {
    let over = match error {
        Error::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref::<ImportError>()),
        _ => None,
    };
    match over {
        Some(ImportError::TooLarge { what, found, most }) => ImportError::TooLarge { what, found: *found, most: *most },
        _ => ImportError::Malformed { what: "XML", at },
    }
}

/// Counts what is read, and stops at limits.
struct Metered<R> {
    from: R,
    all: u64,
    most: u64,
    /// Since the last element.
    text: u64,
    most_text: u64,
}

impl<R: BufRead> Metered<R> {
    fn check(&self) -> io::Result<()> {
        within("XML", self.all, self.most).and_then(|()| within("Value", self.text, self.most_text)).map_err(io::Error::other)
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(to)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        // Never more at once than is counted soon after: without compression, the whole payload is one piece.
        let piece = self.from.fill_buf()?;
        Ok(piece.get(..64 << 10).unwrap_or(piece))
    }

    fn consume(&mut self, count: usize) {
        self.all += count as u64;
        self.text += count as u64;
        self.from.consume(count);
    }
}
