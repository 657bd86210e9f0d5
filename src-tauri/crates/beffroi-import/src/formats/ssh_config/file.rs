//! The lines of a configuration, and of the files that it includes. Each file is read once, however often it is included.

use std::collections::HashMap;

use super::words::{globs, word, words};
use crate::ImportError;
use crate::limits::{affordable, within};

/// Lines of all files together.
const MOST_LINES: u64 = 200_000;

/// Characters of patterns of `Include`, with each file that they are held against.
const MOST_GLOBS: u64 = 10_000_000;

/// All files of a configuration; the first is where reading begins.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) files: Vec<Vec<Line>>,
    /// `Include` that leads out of what is read, or to nothing that is read.
    pub(super) not_followed: Vec<String>,
    /// `Match exec`, which is never run: file and line.
    pub(super) exec: Vec<String>,
    /// `Match` by something that is known only when a connection is made: file, line and what.
    pub(super) undecided: Vec<String>,
    /// The files that were included, once each.
    pub(super) included: Vec<String>,
    lines: u64,
    /// Files that patterns of `Include` were held against, by the length of each pattern.
    globs: u64,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: What,
    /// Where the next line is that says which names the settings after it are for.
    pub(super) next: usize,
}

#[derive(Debug)]
pub(super) enum What {
    Host(Vec<String>),
    Match(Vec<Criterion>),
    /// The numbers of the files.
    Include(Vec<usize>),
    Option(Setting),
}

/// `Keyword value`.
#[derive(Debug)]
pub(super) struct Setting {
    /// As it is written there.
    pub(super) name: String,
    /// In small letters.
    pub(super) key: String,
    pub(super) words: Vec<String>,
    /// What follows the keyword, for those that take a command.
    pub(super) rest: String,
}

/// One condition of `Match`.
#[derive(Debug)]
pub(super) struct Criterion {
    pub(super) negated: bool,
    pub(super) test: Test,
}

#[derive(Debug)]
pub(super) enum Test {
    All,
    Final,
    Host(String),
    OriginalHost(String),
    User(String),
    LocalUser(String),
    Tagged(String),
    /// What is not decided here.
    Unknown,
}

/// What is there to include.
pub(super) trait Folder {
    /// The files below it.
    fn paths(&self) -> &[String];
    /// The path below it that a written path leads to, with its wildcards. None when it leads elsewhere.
    fn below(&self, written: &str) -> Option<String>;
    /// A file of it.
    fn text(&self, path: &str) -> Result<Option<String>, ImportError>;
}

impl Criterion {
    /// Bytes of what it compares with.
    pub(super) fn length(&self) -> usize {
        match &self.test {
            Test::Host(list) | Test::OriginalHost(list) | Test::User(list) | Test::LocalUser(list) | Test::Tagged(list) => list.len(),
            Test::All | Test::Final | Test::Unknown => 0,
        }
    }
}

impl Files {
    /// Reads a file, and those that it includes.
    pub(super) fn read(name: &str, text: &str, folder: &dyn Folder) -> Result<Self, ImportError> {
        let mut files = Self { files: vec![Vec::new()], ..Self::default() };
        let mut known = HashMap::from([(name.to_owned(), 0)]);
        let mut unread = vec![(0, name.to_owned(), text.to_owned())];
        while let Some((number, name, text)) = unread.pop() {
            let mut lines = Vec::new();
            for (at, line) in (1_u64..).zip(text.split('\n')) {
                files.lines += 1;
                within("lines", files.lines, MOST_LINES)?;
                let Some(setting) = setting(line, at)? else { continue };
                let what = match setting.key.as_str() {
                    "host" => What::Host(setting.words),
                    "match" => What::Match(files.criteria(&setting.rest, &name, at)?),
                    "include" => What::Include(files.include(&setting.words, folder, &mut known, &mut unread)?),
                    _ => What::Option(setting),
                };
                lines.push(Line { what, next: 0 });
            }
            let mut next = lines.len();
            for (at, line) in lines.iter_mut().enumerate().rev() {
                line.next = next;
                if !matches!(line.what, What::Option(_)) {
                    next = at;
                }
            }
            if let Some(place) = files.files.get_mut(number) {
                *place = lines;
            }
        }
        Ok(files)
    }

    fn include(
        &mut self,
        written: &[String],
        folder: &dyn Folder,
        known: &mut HashMap<String, usize>,
        unread: &mut Vec<(usize, String, String)>,
    ) -> Result<Vec<usize>, ImportError> {
        let mut found = Vec::new();
        for written in written {
            let Some(pattern) = folder.below(written) else {
                self.not_followed.push(written.clone());
                continue;
            };
            let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
            // A line is short, and may name every file of a large folder, as the next may.
            self.globs += (folder.paths().len() * (pattern.len() + 1)) as u64;
            affordable("Include", self.globs, MOST_GLOBS)?;
            for path in folder.paths() {
                let depth = path.split('/').count();
                if depth != parts.len() || !path.split('/').zip(&parts).all(|(name, part)| globs(name, part)) {
                    continue;
                }
                if let Some(number) = known.get(path) {
                    found.push(*number);
                } else if let Some(text) = folder.text(path)? {
                    let number = self.files.len();
                    self.files.push(Vec::new());
                    self.included.push(path.clone());
                    known.insert(path.clone(), number);
                    unread.push((number, path.clone(), text));
                    found.push(number);
                }
            }
        }
        Ok(found)
    }

    fn criteria(&mut self, rest: &str, name: &str, at: u64) -> Result<Vec<Criterion>, ImportError> {
        let malformed = || ImportError::Malformed { what: "Match", at };
        let (mut rest, mut found) = (Some(rest), Vec::new());
        while let Some(written) = word(&mut rest).filter(|word| !word.is_empty() && !word.starts_with('#')) {
            let negated = written.starts_with('!');
            let attribute = written.trim_start_matches('!').to_ascii_lowercase();
            let criterion = |test| Criterion { negated, test };
            match attribute.as_str() {
                "all" => {
                    let more = word(&mut rest).is_some_and(|word| !word.is_empty() && !word.starts_with('#'));
                    if found.len() > 1 || more {
                        return Err(malformed());
                    }
                    found.push(criterion(Test::All));
                    return Ok(found);
                }
                "canonical" | "final" => found.push(criterion(Test::Final)),
                _ => {
                    let argument = word(&mut rest).filter(|word| !word.is_empty() && !word.starts_with('#')).ok_or_else(malformed)?;
                    found.push(criterion(match attribute.as_str() {
                        "host" => Test::Host(argument),
                        "originalhost" => Test::OriginalHost(argument),
                        "user" => Test::User(argument),
                        "localuser" => Test::LocalUser(argument),
                        "tagged" => Test::Tagged(argument),
                        "exec" => {
                            self.exec.push(format!("{name}:{at}"));
                            Test::Unknown
                        }
                        "localnetwork" | "command" | "sessiontype" | "version" => {
                            self.undecided.push(format!("{name}:{at} {attribute}"));
                            Test::Unknown
                        }
                        _ => return Err(malformed()),
                    }));
                }
            }
        }
        if found.is_empty() { Err(malformed()) } else { Ok(found) }
    }
}

/// What a line sets. None for a comment and an empty one.
fn setting(line: &str, at: u64) -> Result<Option<Setting>, ImportError> {
    let line = line.trim_end_matches([' ', '\t', '\r', '\n', '\u{c}']);
    let mut rest = Some(line);
    let Some(mut name) = word(&mut rest) else { return Ok(None) };
    if name.is_empty() {
        name = word(&mut rest).unwrap_or_default();
    }
    if name.is_empty() || name.starts_with('#') {
        return Ok(None);
    }
    let malformed = || ImportError::Malformed { what: "ssh_config", at };
    let rest = rest.map(|rest| rest.trim_start_matches([' ', '\t', '\r', '\n'])).filter(|rest| !rest.is_empty()).ok_or_else(malformed)?;
    let words = words(rest).ok_or_else(malformed)?;
    let key = name.to_ascii_lowercase();
    if key != "match" && words.first().is_none_or(String::is_empty) {
        return Err(malformed());
    }
    // Wrong wherever it stands.
    let is_port = |word: &String| word.parse::<u16>().is_ok_and(|port| port > 0);
    if key == "port" && !words.first().is_some_and(is_port) {
        return Err(ImportError::Malformed { what: "Port", at });
    }
    Ok(Some(Setting { name, key, words, rest: rest.to_owned() }))
}
