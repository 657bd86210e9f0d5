//! Pages to PDF.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};

use crate::Paper;
use crate::face::{Face, drawable};
use crate::flow::{Draw, Flow, Ink, Kind, PAGE, Part, Stop};

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be written: {0}")]
pub struct PrintError(String);

/// Writes a document: PDF 1.7, tagged as PDF/UA-1 wants it.
///
/// # Errors
/// [`PrintError`] when what would be written is no such document, which is a fault of this program.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let failed = |what: &str| PrintError(what.to_owned());
    let fonts: Vec<Font> = Face::ALL.iter().filter_map(|face| face.font()).collect();
    let fonts: [Font; 3] = fonts.try_into().map_err(|_| failed("a font cannot be read"))?;
    let flow = Flow::of(paper);
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| PrintError(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut found: Vec<Vec<Identifier>> = flow.parts.iter().map(|_| Vec::new()).collect();
    for sheet in &flow.sheets {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| failed("the size of a page"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for (part, draw) in &sheet.drawn {
            let tag = match part {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            };
            let identifier = surface.start_tagged(tag);
            put(&mut surface, &fonts, draw);
            surface.end_tagged();
            if let Some(part) = part {
                found[*part].push(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(paper.language.clone()));
    for part in &flow.parts[0].parts {
        if let Some(node) = tagged(&flow.parts, *part, &found) {
            tree.push(node);
        }
    }
    document.set_tag_tree(tree);
    document.set_outline(outline(&flow.stops));
    document.set_metadata(metadata(paper));
    document.finish().map_err(|error| PrintError(format!("{error:?}")))
}

fn metadata(paper: &Paper) -> Metadata {
    let (year, month, day, hour, minute, second) = paper.made;
    let made = DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(second).utc_offset_hour(0).utc_offset_minute(0);
    Metadata::new()
        .title(drawable(&paper.title))
        .description(drawable(&paper.subtitle))
        .creator("Beffroi".to_owned())
        .producer("Beffroi".to_owned())
        .language(paper.language.clone())
        .creation_date(made)
}

/// Chapters, and what stands under each.
fn outline(stops: &[Stop]) -> Outline {
    let mut outline = Outline::new();
    let node = |stop: &Stop| OutlineNode::new(stop.text.clone(), XyzDestination::new(stop.page, Point::from_xy(0.0, stop.y)));
    let mut open: Option<OutlineNode> = None;
    for stop in stops {
        match &mut open {
            Some(chapter) if stop.level > 2 => chapter.push_child(node(stop)),
            _ => {
                if let Some(chapter) = open.replace(node(stop)) {
                    outline.push_child(chapter);
                }
            }
        }
    }
    if let Some(chapter) = open {
        outline.push_child(chapter);
    }
    outline
}

/// A part with what is in it; nothing when that is nothing, but for cells: a row has as many as its head.
fn tagged(parts: &[Part], index: usize, found: &[Vec<Identifier>]) -> Option<Node> {
    let part = &parts[index];
    let level = |level: u16| NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    let mut group = match &part.kind {
        Kind::Document => return None,
        Kind::Heading(number, text) => TagGroup::new(Tag::Hn(level(*number), Some(text.clone()))),
        Kind::Paragraph => TagGroup::new(Tag::P),
        Kind::List => TagGroup::new(Tag::L(ListNumbering::Decimal)),
        Kind::Item => TagGroup::new(Tag::LI),
        Kind::Label => TagGroup::new(Tag::Lbl),
        Kind::Body => TagGroup::new(Tag::LBody),
        Kind::Table => TagGroup::new(Tag::Table),
        Kind::Row => TagGroup::new(Tag::TR),
        Kind::Head => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Kind::Cell => TagGroup::new(Tag::TD),
    };
    for identifier in &found[index] {
        group.push(*identifier);
    }
    for inner in &part.parts {
        if let Some(node) = tagged(parts, *inner, found) {
            group.push(node);
        }
    }
    let stays = !group.children.is_empty() || matches!(part.kind, Kind::Head | Kind::Cell);
    stays.then(|| group.into())
}

fn put(surface: &mut Surface<'_>, fonts: &[Font; 3], draw: &Draw) {
    match draw {
        Draw::Text { x, y, face, size, ink, text } => {
            surface.set_fill(Some(fill(*ink)));
            let glyph = |(at, character): (usize, char)| {
                let (glyph, width) = face.glyph(character)?;
                let range = at..at + character.len_utf8();
                Some(KrillaGlyph::new(GlyphId::new(glyph.to_u32()), width, 0.0, 0.0, 0.0, range, None))
            };
            let glyphs: Vec<KrillaGlyph> = text.char_indices().filter_map(glyph).collect();
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, fonts[*face as usize].clone(), text, *size, false);
        }
        Draw::Area { x, y, width, height, ink } => {
            let Some(area) = Rect::from_xywh(*x, *y, *width, *height) else { return };
            let mut path = PathBuilder::new();
            path.push_rect(area);
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*ink)));
                surface.draw_path(&path);
            }
        }
    }
}

/// The colours of the window's light theme.
fn fill(ink: Ink) -> Fill {
    let (red, green, blue) = match ink {
        Ink::Text => (0x1b, 0x22, 0x29),
        Ink::Quiet => (0x5c, 0x67, 0x71),
        Ink::Rule => (0xd5, 0xd8, 0xd5),
        Ink::Accent => (0x1d, 0x6f, 0x64),
        Ink::Soft => (0xf0, 0xf5, 0xf3),
    };
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
