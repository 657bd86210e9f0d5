//! What the probe sends: sections between marks that nothing on the host can guess. See `assets/remote/guests.sh`.

/// An answer, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Answer<'a> {
    sections: Vec<Section<'a>>,
    /// What is there and may not be read: driver, what.
    pub(crate) denied: Vec<(&'a str, &'a str)>,
    /// Whether the probe came to its end.
    pub(crate) ended: bool,
}

/// A section.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) name: &'a str,
    /// What it is of: a folder, a pool.
    pub(crate) word: &'a str,
    pub(crate) body: &'a str,
    /// The program's exit status; `None` where the answer was cut.
    pub(crate) status: Option<u32>,
}

impl<'a> Answer<'a> {
    /// Reads an answer; `None` where the probe never spoke.
    pub(crate) fn read(text: &'a str, mark: &str) -> Option<Self> {
        let mut answer = Self::default();
        let mut is_open = false;
        let between = format!("\n{mark} ");
        let mut pieces = text.split(between.as_str());
        pieces.next();
        let mut heard = false;
        for piece in pieces {
            heard = true;
            let (head, body) = piece.split_once('\n').unwrap_or((piece, ""));
            let (kind, rest) = head.split_once(' ').unwrap_or((head, ""));
            match kind {
                "=" => {
                    let (name, word) = rest.split_once(' ').unwrap_or((rest, ""));
                    answer.sections.push(Section { name, word, body, status: None });
                }
                "!" if is_open => {
                    if let Some(section) = answer.sections.last_mut() {
                        section.status = rest.trim().parse().ok();
                    }
                }
                "-" => answer.denied.extend(rest.split_once(' ')),
                "." => answer.ended = true,
                _ => {}
            }
            is_open = kind == "=";
        }
        heard.then_some(answer)
    }

    /// The first section of a name.
    pub(crate) fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Every section of a name.
    pub(crate) fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Section<'a>> {
        self.sections.iter().filter(move |section| section.name == name)
    }

    /// The section of a name that is of a folder or pool.
    pub(crate) fn of(&self, name: &str, word: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name && section.word == word)
    }
}

/// Files that a section holds, with their lines.
pub(crate) fn files(body: &str) -> Vec<(&str, Vec<&str>)> {
    let mut files: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in body.split('\n') {
        match (line.split_at_checked(1), files.last_mut()) {
            (Some((":", name)), _) => files.push((name, Vec::new())),
            (Some((" ", text)), Some((_, lines))) => lines.push(text),
            _ => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_between_marks_and_nothing_else_does() {
        let text = "motd\nM = a /x y\n= b\nN = c d\n\nM ! 3\n\nM = cut -\nlong\nM - lxc /root\n\nM .\n";
        let answer = Answer::read(text, "M").expect("marks");
        assert!(answer.ended);
        assert_eq!(answer.denied, [("lxc", "/root")]);
        let a = answer.of("a", "/x y").expect("there");
        assert_eq!((a.body, a.status), ("= b\nN = c d\n", Some(3)));
        assert_eq!(answer.section("cut").map(|section| (section.body, section.status)), Some(("long", None)));
        assert!(Answer::read("no", "M").is_none());
    }

    #[test]
    fn files_are_told_from_their_lines() {
        assert_eq!(files(" lone\n:/a\n :x\n\n y\n:/b"), [("/a", vec![":x", "y"]), ("/b", vec![])]);
    }
}
