//! From blocks to pages: where each line of text stands, and what it is a part of.

use crate::face::{Face, drawable};
use crate::{Block, Paper, Step};

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// What stays free at the left and the right.
pub(crate) const SIDE: f32 = 48.0;
/// Where text begins and ends.
pub(crate) const TOP: f32 = 62.0;
pub(crate) const BOTTOM: f32 = PAGE.1 - 58.0;
pub(crate) const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Words that matter.
    Text,
    /// What is said beside them.
    Quiet,
    /// Lines between rows.
    Rule,
    /// The bell's patina.
    Accent,
    /// Behind what is typed, and heads of tables.
    Soft,
}

/// Something that is drawn.
#[derive(Debug, Clone)]
pub(crate) enum Draw {
    /// A line of text from a point on its baseline.
    Text { x: f32, y: f32, face: Face, size: f32, ink: Ink, text: String },
    /// A box from its upper left corner.
    Area { x: f32, y: f32, width: f32, height: f32, ink: Ink },
}

/// A page: what is drawn, and which part of the document it is; nothing for what only decorates.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) drawn: Vec<(Option<usize>, Draw)>,
}

/// What a part of the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Document,
    Heading(u16, String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    Row,
    Head,
    Cell,
}

/// A part of the document: has parts of its own or text, never both.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    pub(crate) parts: Vec<usize>,
}

/// A heading, and where it stands.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) level: u8,
    pub(crate) text: String,
    pub(crate) page: usize,
    pub(crate) y: f32,
}

/// A letter's size, and what is between two lines of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letters {
    pub(crate) face: Face,
    pub(crate) size: f32,
    pub(crate) ink: Ink,
}

impl Letters {
    pub(crate) const fn new(face: Face, size: f32, ink: Ink) -> Self {
        Self { face, size, ink }
    }

    /// From one line to the next.
    pub(crate) fn leading(self) -> f32 {
        (self.size * 1.38).ceil()
    }

    /// From the upper edge of a line to its baseline.
    pub(crate) fn rise(self) -> f32 {
        self.size * 1.02
    }
}

const TITLE: Letters = Letters::new(Face::Strong, 21.0, Ink::Text);
const SUBTITLE: Letters = Letters::new(Face::Text, 12.5, Ink::Quiet);
const BODY: Letters = Letters::new(Face::Text, 9.5, Ink::Text);
const ABOUT: Letters = Letters::new(Face::Text, 9.0, Ink::Text);
const NOTE: Letters = Letters::new(Face::Text, 8.2, Ink::Quiet);
const CODE: Letters = Letters::new(Face::Fixed, 8.2, Ink::Text);
const FIRST: Letters = Letters::new(Face::Strong, 14.0, Ink::Accent);
const SECOND: Letters = Letters::new(Face::Strong, 10.5, Ink::Text);

/// The document as it is laid out.
pub(crate) struct Flow {
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) parts: Vec<Part>,
    pub(crate) stops: Vec<Stop>,
    pub(crate) y: f32,
}

impl Flow {
    /// Lays a document out.
    pub(crate) fn of(paper: &Paper) -> Self {
        let root = Part { kind: Kind::Document, parts: Vec::new() };
        let mut flow = Self { sheets: vec![Sheet::default()], parts: vec![root], stops: Vec::new(), y: TOP };
        flow.opening(paper);
        let mut blocks = paper.blocks.iter().peekable();
        while let Some(block) = blocks.next() {
            match block {
                Block::Heading { level, text } => flow.heading(*level, text, matches!(blocks.peek(), Some(Block::Heading { .. }))),
                // A sentence that leads to something stays with its beginning.
                Block::Paragraph(text) => flow.paragraph(text, BODY, matches!(blocks.peek(), Some(Block::Table(_) | Block::Steps(_)))),
                Block::Note(text) => flow.paragraph(text, NOTE, false),
                Block::Steps(steps) => flow.steps(steps),
                Block::Table(table) => flow.table(table),
                Block::Signatures(parties) => flow.signatures(parties),
                Block::NewPage => flow.new_page(),
            }
        }
        flow.edges(paper);
        flow
    }

    /// Adds a part of the document under another.
    pub(crate) fn part(&mut self, under: usize, kind: Kind) -> usize {
        self.parts.push(Part { kind, parts: Vec::new() });
        let part = self.parts.len() - 1;
        self.parts[under].parts.push(part);
        part
    }

    pub(crate) fn draw(&mut self, part: Option<usize>, draw: Draw) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.drawn.push((part, draw));
        }
    }

    pub(crate) fn text(&mut self, part: Option<usize>, x: f32, top: f32, letters: Letters, text: &str) {
        if !text.trim().is_empty() {
            let Letters { face, size, ink } = letters;
            self.draw(part, Draw::Text { x, y: top + letters.rise(), face, size, ink, text: text.to_owned() });
        }
    }

    pub(crate) fn area(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        self.draw(None, Draw::Area { x, y, width, height, ink });
    }

    pub(crate) fn new_page(&mut self) {
        // Nothing is drawn on it yet: it is new.
        if self.sheets.last().is_some_and(|sheet| !sheet.drawn.is_empty()) {
            self.sheets.push(Sheet::default());
        }
        self.y = TOP;
    }

    /// Goes to a new page unless that much is free on this one.
    pub(crate) fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    fn opening(&mut self, paper: &Paper) {
        self.area(SIDE, self.y - 6.0, 34.0, 3.0, Ink::Accent);
        self.y += 8.0;
        let title = drawable(&paper.title);
        self.stops.push(Stop { level: 1, text: title.clone(), page: 0, y: self.y });
        let part = self.part(0, Kind::Heading(1, title.clone()));
        self.lines(part, SIDE, WIDTH, TITLE, &title);
        if !paper.subtitle.is_empty() {
            self.y += 2.0;
            let part = self.part(0, Kind::Paragraph);
            self.lines(part, SIDE, WIDTH, SUBTITLE, &drawable(&paper.subtitle));
        }
        self.y += 10.0;
        let names = paper.about.iter().map(|(name, _)| Face::Text.width(&drawable(name), ABOUT.size)).fold(0.0, f32::max);
        let aside = (names + 14.0).min(WIDTH / 2.0);
        for (name, value) in &paper.about {
            let part = self.part(0, Kind::Paragraph);
            self.room(ABOUT.leading());
            self.text(Some(part), SIDE, self.y, Letters { ink: Ink::Quiet, ..ABOUT }, &format!("{} ", drawable(name)));
            self.lines(part, SIDE + aside, WIDTH - aside, ABOUT, &drawable(value));
        }
        self.y += 6.0;
    }

    fn heading(&mut self, level: u8, text: &str, leads: bool) {
        let (letters, before, after) = if level <= 1 { (FIRST, 20.0, 6.0) } else { (SECOND, 12.0, 4.0) };
        // Not alone at the foot of a page, nor with nothing but another one.
        self.room(before + letters.leading() + if leads { 130.0 } else { 90.0 });
        if self.y > TOP {
            self.y += before;
        }
        let text = drawable(text);
        // The document's own title is the first level.
        let part = self.part(0, Kind::Heading(u16::from(level) + 1, text.clone()));
        self.stops.push(Stop { level: level + 1, text: text.clone(), page: self.sheets.len() - 1, y: self.y });
        self.lines(part, SIDE, WIDTH, letters, &text);
        self.y += after;
    }

    fn paragraph(&mut self, text: &str, letters: Letters, leads: bool) {
        self.room(letters.leading() + if leads { 60.0 } else { 0.0 });
        let part = self.part(0, Kind::Paragraph);
        self.lines(part, SIDE, WIDTH, letters, &drawable(text));
        self.y += 4.0;
    }

    /// Writes a text, on as many pages as it takes.
    fn lines(&mut self, part: usize, x: f32, width: f32, letters: Letters, text: &str) {
        for line in broken(text, width, letters.face, letters.size) {
            self.room(letters.leading());
            self.text(Some(part), x, self.y, letters, &line);
            self.y += letters.leading();
        }
    }

    fn steps(&mut self, steps: &[Step]) {
        let list = self.part(0, Kind::List);
        for (number, step) in steps.iter().enumerate() {
            let item = self.part(list, Kind::Item);
            let (label, body) = (self.part(item, Kind::Label), self.part(item, Kind::Body));
            let code = broken(&drawable(&step.code), WIDTH - 36.0, CODE.face, CODE.size);
            let code = if step.code.is_empty() { Vec::new() } else { code };
            self.room(BODY.leading() * 2.0 + if code.is_empty() { 0.0 } else { CODE.leading() });
            self.text(Some(label), SIDE, self.y, Letters { face: Face::Strong, ink: Ink::Accent, ..BODY }, &format!("{}. ", number + 1));
            self.lines(body, SIDE + 20.0, WIDTH - 20.0, BODY, &drawable(&step.text));
            if !code.is_empty() {
                self.y += 2.0;
            }
            for line in code {
                self.room(CODE.leading());
                self.area(SIDE + 20.0, self.y - 1.5, WIDTH - 20.0, CODE.leading(), Ink::Soft);
                self.text(Some(body), SIDE + 28.0, self.y, CODE, &line);
                self.y += CODE.leading();
            }
            self.y += 4.0;
        }
        self.y += 2.0;
    }

    /// Two beside each other, with lines to write on.
    fn signatures(&mut self, parties: &[(String, Vec<String>)]) {
        const LINE: f32 = 30.0;
        let width = (WIDTH - 28.0) / 2.0;
        for pair in parties.chunks(2) {
            let most = pair.iter().map(|(_, fields)| fields.len()).max().unwrap_or_default();
            let tall = u16::try_from(most).map_or(0.0, f32::from) * LINE + 40.0;
            self.room(tall);
            let top = self.y + 6.0;
            for (column, (title, fields)) in pair.iter().enumerate() {
                let x = SIDE + if column == 0 { 0.0 } else { width + 28.0 };
                let part = self.part(0, Kind::Paragraph);
                self.text(Some(part), x, top, SECOND, &format!("{} ", drawable(title)));
                let mut y = top + 22.0;
                for field in fields {
                    let part = self.part(0, Kind::Paragraph);
                    self.text(Some(part), x, y + 6.0, NOTE, &drawable(field));
                    self.area(x, y + LINE - 6.0, width, 0.6, Ink::Quiet);
                    y += LINE;
                }
            }
            self.y += tall;
        }
    }

    /// What stands at the head and at the foot of every page.
    fn edges(&mut self, paper: &Paper) {
        const SMALL: f32 = 7.5;
        let count = self.sheets.len();
        let (title, foot) = (drawable(&format!("{}  ·  {}", paper.title, paper.subtitle)), drawable(&paper.foot));
        let short = |text: &str, width: f32| broken(text, width, Face::Text, SMALL).into_iter().next().unwrap_or_default();
        for (index, sheet) in self.sheets.iter_mut().enumerate() {
            let mut put = |x: f32, y: f32, text: String| {
                sheet.drawn.push((None, Draw::Text { x, y, face: Face::Text, size: SMALL, ink: Ink::Quiet, text }));
            };
            let page = paper.numbering.replace("{page}", &(index + 1).to_string()).replace("{pages}", &count.to_string());
            let page = drawable(&page);
            put(SIDE, PAGE.1 - 30.0, short(&foot, WIDTH - 90.0));
            put(PAGE.0 - SIDE - Face::Text.width(&page, SMALL), PAGE.1 - 30.0, page);
            if index > 0 {
                put(SIDE, 40.0, short(&title, WIDTH));
                sheet.drawn.push((None, Draw::Area { x: SIDE, y: 46.0, width: WIDTH, height: 0.5, ink: Ink::Rule }));
            }
            sheet.drawn.push((None, Draw::Area { x: SIDE, y: PAGE.1 - 43.0, width: WIDTH, height: 0.5, ink: Ink::Rule }));
        }
    }
}

/// A text in lines of a width: broken where spaces are; within a word that is too long, after what parts it, else anywhere.
/// A line that goes on keeps the space at its end.
pub(crate) fn broken(text: &str, width: f32, face: Face, size: f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut used) = (String::new(), 0.0);
        for word in paragraph.split_inclusive(' ') {
            let bare = face.width(word.trim_end_matches(' '), size);
            if used + bare > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if bare <= width {
                line.push_str(word);
                used += face.width(word, size);
                continue;
            }
            for piece in pieces(word, width, face, size) {
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                used = face.width(&piece, size);
                line = piece;
            }
        }
        lines.push(line);
    }
    lines
}

/// A long word in pieces that fit.
fn pieces(word: &str, width: f32, face: Face, size: f32) -> Vec<String> {
    let (mut pieces, mut piece, mut used, mut seam) = (Vec::new(), String::new(), 0.0, 0);
    for character in word.chars() {
        let wide = face.glyph(character).map_or(0.0, |(_, wide)| wide * size);
        if used + wide > width && !piece.is_empty() && character != ' ' {
            // Not for a seam near the beginning: lines would get short.
            let rest = if seam * 2 > piece.len() { piece.split_off(seam) } else { String::new() };
            pieces.push(std::mem::replace(&mut piece, rest));
            (used, seam) = (face.width(&piece, size), 0);
        }
        piece.push(character);
        used += wide;
        if matches!(character, '/' | '.' | '-' | '_' | ':' | '@' | ',' | ';' | '=' | '+' | '›') {
            seam = piece.len();
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_at_spaces_and_long_ones_at_their_seams() {
        let lines = broken("a short text that is broken", 60.0, Face::Text, 10.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| Face::Text.width(line.trim_end(), 10.0) <= 60.0), "{lines:?}");
        assert_eq!(lines.concat(), "a short text that is broken");
        let long = format!("SHA256:{} after", "x".repeat(400));
        let lines = broken(&long, 100.0, Face::Fixed, 8.0);
        assert!(lines.iter().all(|line| Face::Fixed.width(line.trim_end(), 8.0) <= 100.0), "{lines:?}");
        assert_eq!(lines.concat(), long);
        assert_eq!(broken("", 10.0, Face::Text, 8.0), [""]);
        assert_eq!(broken("a\nb", 100.0, Face::Text, 8.0), ["a", "b"]);
        // Narrower than one letter: a letter on each line, and an end.
        assert_eq!(broken("abc", 0.1, Face::Text, 8.0).concat(), "abc");
    }
}
