//! What the probe sends: sections of lines that it marked itself, then the answers to the parts between marks that
//! nothing on the host can guess. See `assets/remote/survey.sh`.

use std::collections::{BTreeMap, BTreeSet};

use crate::probe::{Part, PartAnswer};

/// Room for the mark after a part's answer, beside the part's own limit.
pub(crate) const STATUS_ROOM: usize = 128;

/// An answer, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Answer<'a> {
    sections: BTreeMap<&'a str, Section<'a>>,
    /// Sections that the probe could not fill, with its word for the reason.
    pub(crate) missing: BTreeSet<(&'a str, &'a str)>,
    /// Whether the probe came to its end.
    pub(crate) ended: bool,
}

/// A section.
#[derive(Debug, Default)]
pub(crate) struct Section<'a> {
    /// What came of each file; of a program, the file's name is empty.
    pub(crate) files: Vec<(&'a str, Vec<&'a str>)>,
    /// Whether some was left out.
    pub(crate) cut: bool,
    /// Whether the program failed.
    pub(crate) failed: bool,
}

impl<'a> Section<'a> {
    /// Its lines, of all files.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'a str> {
        self.files.iter().flat_map(|(_, lines)| lines.iter().copied())
    }

    /// Its lines, each with its file.
    pub(crate) fn lines_of_files(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files.iter().flat_map(|(file, lines)| lines.iter().map(|line| (*file, *line)))
    }

    /// The first line of a file, without the spaces around it.
    pub(crate) fn first(&self, file: &str) -> Option<&'a str> {
        let (_, lines) = self.files.iter().find(|(name, lines)| *name == file && !lines.is_empty())?;
        lines.first().map(|line| line.trim()).filter(|line| !line.is_empty())
    }
}

impl<'a> Answer<'a> {
    /// Reads the lines of the probe.
    pub(crate) fn read(text: &'a str) -> Self {
        let mut answer = Self::default();
        let mut current = "";
        for line in text.split('\n') {
            let Some((kind, rest)) = line.split_at_checked(1) else { continue };
            match kind {
                "=" if rest == "end" => answer.ended = true,
                "=" => {
                    current = rest;
                    answer.sections.entry(current).or_default();
                }
                "-" => {
                    answer.missing.extend(rest.split_once(' '));
                }
                _ => answer.sections.entry(current).or_default().take(kind, rest),
            }
        }
        answer.sections.remove("");
        answer
    }

    /// A section that came.
    pub(crate) fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.get(name)
    }

    /// The lines of a section; none where it did not come.
    pub(crate) fn lines(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.sections.get(name).into_iter().flat_map(Section::lines)
    }

    /// The sections that came.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&'a str, &Section<'a>)> {
        self.sections.iter().map(|(name, section)| (*name, section))
    }
}

impl<'a> Section<'a> {
    fn take(&mut self, kind: &str, rest: &'a str) {
        match kind {
            ":" => self.files.push((rest, Vec::new())),
            "!" if rest == "cut" => self.cut = true,
            "!" => self.failed = true,
            " " => {
                if self.files.is_empty() {
                    self.files.push(("", Vec::new()));
                }
                if let Some((_, lines)) = self.files.last_mut() {
                    lines.push(rest);
                }
            }
            _ => {}
        }
    }
}

/// What stands between the probe's first and last words, and what came after; `None` when it never spoke.
pub(crate) fn split<'a>(output: &'a [u8], mark: &str) -> Option<(&'a [u8], &'a [u8])> {
    let (_, answer) = split_at_mark(output, &format!("\n{mark} survey\n"))?;
    Some(split_at_mark(answer, &format!("\n{mark} parts\n")).unwrap_or((answer, &[])))
}

/// The answers to the parts, in their order.
pub(crate) fn parts(mut rest: &[u8], mark: &str, asked: &[Part]) -> Vec<(String, PartAnswer)> {
    let mut answers = Vec::with_capacity(asked.len());
    for (number, part) in asked.iter().enumerate() {
        let begin = format!("\n{mark} part {number}\n");
        let mut answer = PartAnswer { output: Vec::new(), status: None, cut: false };
        if let Some((_, after)) = split_at_mark(rest, &begin) {
            let next = format!("\n{mark} part {}\n", number + 1);
            let (own, others) = split_at_mark(after, &next).map_or((after, &[][..]), |(own, _)| {
                let (_, others) = after.split_at(own.len());
                (own, others)
            });
            answer = part_answer(own, mark, part.limit);
            rest = others;
        }
        answers.push((part.name.clone(), answer));
    }
    answers
}

fn part_answer(own: &[u8], mark: &str, limit: usize) -> PartAnswer {
    let (output, status) = match split_at_mark(own, &format!("\n{mark} status ")) {
        Some((output, after)) => (output, number(after)),
        None => (own, None),
    };
    let kept = output.get(..limit).unwrap_or(output);
    PartAnswer { output: kept.to_vec(), status, cut: kept.len() < output.len() || (status.is_none() && output.len() >= limit) }
}

fn number(text: &[u8]) -> Option<u32> {
    let line = text.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// What stands before and after the first place where the mark is.
fn split_at_mark<'a>(bytes: &'a [u8], mark: &str) -> Option<(&'a [u8], &'a [u8])> {
    let mark = mark.as_bytes();
    let mut from = 0;
    // Every mark begins a line: line ends are few beside the bytes between them.
    while let Some(end) = bytes.get(from..)?.iter().position(|byte| *byte == b'\n') {
        let at = from + end;
        if bytes.get(at..)?.starts_with(mark) {
            return Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?));
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_prints_never_passes_for_a_mark() {
        let text = "=a\n:/etc/x\n =b\n !cut\n -c no-tool\n=c\n lone\n!7\n!cut\n-d no-tool\n=end\n";
        let answer = Answer::read(text);
        assert!(answer.ended);
        assert_eq!(answer.lines("a").collect::<Vec<_>>(), ["=b", "!cut", "-c no-tool"]);
        assert_eq!(answer.section("a").map(|section| section.cut), Some(false));
        assert_eq!(answer.section("c").map(|section| (section.cut, section.failed)), Some((true, true)));
        assert_eq!(answer.missing, BTreeSet::from([("d", "no-tool")]));
        assert_eq!(answer.sections().count(), 2);
    }

    #[test]
    fn parts_are_what_stands_between_marks() {
        let asked = |name: &str, limit| Part { name: name.to_owned(), script: String::new(), limit };
        let asked = [asked("one", 100), asked("two", 4), asked("three", 4)];
        let rest = b"\nm part 0\na\nx part 1\nm status 3\n\0\nm status 3\n\nm part 1\nlonger\nm status 0\n";
        let answers = parts(rest, "m", &asked);
        let (name, one) = &answers[0];
        assert_eq!((name.as_str(), one.output.as_slice(), one.status), ("one", &b"a\nx part 1"[..], Some(3)));
        assert_eq!(answers[1].1, PartAnswer { output: b"long".to_vec(), status: Some(0), cut: true });
        assert_eq!(answers[2].1, PartAnswer { output: Vec::new(), status: None, cut: false });
        let (survey, parts) = split(b"banner\nm survey\n=a\nm survey\n\nm parts\n\nm part 0\n", "m").expect("marks");
        assert_eq!((survey, parts), (&b"=a\nm survey\n"[..], &b"\nm part 0\n"[..]));
        assert_eq!(split(b"no", "m"), None);
    }
}
