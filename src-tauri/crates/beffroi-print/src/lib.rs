//! Documents for people, as PDF: A4 pages of headings, paragraphs, steps and tables.
//!
//! A [`Paper`] is text only: who makes one has chosen its language and its words. What comes out is tagged for screen readers
//! (PDF/UA-1, checked while it is written), has its fonts inside, and is the same bytes for the same paper. Text is drawn
//! character by character, without shaping: a character that the fonts do not have, one that is invisible and one that changes
//! the direction of text stand as `‹U+202E›`, so that nothing from a host looks like something else.
//!
//! What is deliberately missing: any knowledge of hosts, and any text of its own.

mod draw;
mod face;
mod flow;
mod table;

pub use draw::{PrintError, pdf};
pub use face::visible;

/// A document.
#[derive(Debug, Clone, Default)]
pub struct Paper {
    /// Its language, such as `fr`.
    pub language: String,
    /// What it is.
    pub title: String,
    /// Whom it is about.
    pub subtitle: String,
    /// Under those, line by line.
    pub about: Vec<(String, String)>,
    /// At the foot of every page.
    pub foot: String,
    /// What stands before the page's number and between it and their count: `page {page} / {pages}`.
    pub numbering: String,
    /// When it was made: year, month, day, hour, minute, second, of UTC.
    pub made: (u16, u8, u8, u8, u8, u8),
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 or 2.
        level: u8,
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph(String),
    /// One in smaller letters.
    Note(String),
    /// Steps, numbered.
    Steps(Vec<Step>),
    /// A table.
    Table(Table),
    /// Lines to be filled in by hand: for each party, its title and what is to be written.
    Signatures(Vec<(String, Vec<String>)>),
    /// What follows begins on a new page.
    NewPage,
}

/// Something to do.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// What.
    pub text: String,
    /// What is typed; nothing when empty.
    pub code: String,
}

/// A table, whose head is repeated on every page that it goes on to.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its cells, row by row; `\n` begins a line.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// What stands above it.
    pub name: String,
    /// Whether its letters all have one width: fingerprints, commands.
    pub fixed: bool,
    /// Whether it stands to the right: numbers.
    pub right: bool,
}
