//! Reads what the script tells of a folder. Every byte of it is the host's.

use std::collections::HashMap;

use beffroi_remote::{EntryKind, Folder, FolderEntry, MOST_ENTRIES};

/// What the script says first.
pub(super) const OURS: &[u8] = b"beffroi-files\n";
/// The most bytes that are taken: 10,000 entries with names of 255 bytes and long links.
const MOST_BYTES: usize = 8 << 20;
/// NULs before the entries: after the way, the path and the home.
const HEAD: usize = 3;
/// NULs of one entry of `find`.
const FIELDS: usize = 5;
/// The longest path, owner or link that is kept (`PATH_MAX` of Linux).
const MOST_TEXT: usize = 4096;

/// What came of a listing so far.
#[derive(Default)]
pub(super) struct Listing {
    bytes: Vec<u8>,
    nuls: usize,
    slashes: usize,
    is_cut: bool,
}

impl Listing {
    /// Takes what came, as far as it is wanted.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let room = MOST_BYTES.saturating_sub(self.bytes.len());
        self.is_cut |= bytes.len() > room;
        let bytes = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(bytes);
        let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
        self.nuls += count(0);
        self.slashes += count(b'/');
    }

    /// Nothing more comes, though there is more.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Whether it is the script that speaks.
    pub(super) fn is_ours(&self) -> bool {
        self.bytes.starts_with(OURS)
    }

    /// Whether more would not be told. Slashes of paths count too: a few entries early or late make no difference.
    pub(super) fn is_full(&self) -> bool {
        self.is_cut || self.nuls > HEAD + FIELDS * MOST_ENTRIES || self.slashes > 12 * MOST_ENTRIES
    }

    /// The folder; `None` when it is not what the script says.
    pub(super) fn read(&self) -> Option<Folder> {
        let mut head = self.bytes.strip_prefix(OURS)?.splitn(HEAD + 1, |byte| *byte == 0);
        let (way, path, home, rest) = (head.next()?, head.next()?, head.next()?, head.next()?);
        let path = String::from_utf8(path.to_vec()).ok().filter(|path| path.starts_with('/'))?;
        let (entries, more) = match way {
            b"find" => of_find(rest, self.is_cut)?,
            b"stat" => of_stat(rest, self.is_cut)?,
            _ => return None,
        };
        let home = String::from_utf8_lossy(home).into_owned();
        Some(Folder { path, home, entries, more: more || self.is_cut }.in_order())
    }
}

/// Entries as GNU `find -printf` tells them.
fn of_find(bytes: &[u8], is_cut: bool) -> Option<(Vec<FolderEntry>, bool)> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let mut entries = Vec::new();
    while let Some(facts) = fields.next().filter(|facts| !facts.is_empty()) {
        if entries.len() == MOST_ENTRIES {
            return Some((entries, true));
        }
        let (Some(owner), Some(group), Some(name), Some(target)) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
            // The last one may be cut off.
            return is_cut.then_some((entries, true));
        };
        let mut facts = std::str::from_utf8(facts).ok()?.split(' ');
        let mut kinds = facts.next()?.chars();
        let kind = kind(kinds.next()?);
        let is_link = kind == EntryKind::Link;
        let (name, usable) = shown(name)?;
        entries.push(FolderEntry {
            name,
            usable,
            kind,
            target: is_link.then(|| text(target)),
            leads: kinds.next().filter(|_| is_link).and_then(leads),
            size: facts.next()?.parse().ok(),
            modified_s: facts.next()?.split('.').next().and_then(|seconds| seconds.parse().ok()),
            mode: u32::from_str_radix(facts.next()?, 8).ok(),
            owner: Some(text(owner)),
            group: Some(text(group)),
        });
    }
    Some((entries, false))
}

/// Entries as `stat -c` of BusyBox tells them, then where the links lead.
fn of_stat(bytes: &[u8], is_cut: bool) -> Option<(Vec<FolderEntry>, bool)> {
    let end = bytes.windows(2).position(|pair| pair == b"//");
    let (entries, links) = match end {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 2..)?),
        None if is_cut => (bytes, &[][..]),
        None => return None,
    };
    let links = links_of(links);
    let mut pieces = entries.split(|byte| *byte == b'/');
    let mut facts = pieces.next()?;
    let mut found = Vec::new();
    for piece in pieces {
        // "NAME\n" and the facts of the next, which hold no newline.
        // The last one may be cut off.
        let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') else { return is_cut.then_some((found, true)) };
        let (name, next) = (piece.get(..at)?, piece.get(at + 1..)?);
        let mut entry = of_facts(std::str::from_utf8(facts).ok()?, name)?;
        if let Some((kind, target)) = links.get(name).filter(|_| entry.kind == EntryKind::Link) {
            entry.target = Some(text(target));
            entry.leads = leads(*kind);
        }
        found.push(entry);
        facts = next;
        if found.len() > MOST_ENTRIES {
            return Some((found, true));
        }
    }
    (is_cut || facts.is_empty()).then_some((found, is_cut))
}

/// `MODE SIZE TIME:OWNER:GROUP .`
fn of_facts(facts: &str, name: &[u8]) -> Option<FolderEntry> {
    let mut words = facts.strip_suffix(" .")?.splitn(3, ' ');
    let mode = u32::from_str_radix(words.next()?, 16).ok()?;
    let size = words.next()?.parse().ok();
    let mut whose = words.next()?.split(':');
    let modified_s = whose.next()?.parse().ok();
    let mut owner = || whose.next().map(|owner| text(owner.as_bytes()));
    let (owner, group) = (owner(), owner());
    let (name, usable) = shown(name)?;
    Some(FolderEntry {
        name,
        usable,
        kind: EntryKind::of_mode(mode),
        target: None,
        leads: None,
        size,
        modified_s,
        mode: Some(mode & 0o7777),
        owner,
        group,
    })
}

/// The links by their names: what they lead to, and where.
fn links_of(bytes: &[u8]) -> HashMap<&[u8], (char, &[u8])> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let mut links = HashMap::new();
    while let (Some(name), Some(kind), Some(target)) = (fields.next(), fields.next(), fields.next()) {
        let target = target.strip_suffix(b"\n").unwrap_or(target);
        if let (Some(name), Some(kind)) = (name.strip_prefix(b"./"), kind.first()) {
            links.insert(name, (char::from(*kind), target));
        }
    }
    links
}

/// A name; what is no UTF-8 in it is escaped, and the name only shown. No name holds a slash or is one of the two dots.
fn shown(name: &[u8]) -> Option<(String, bool)> {
    if name.is_empty() || name.len() > MOST_TEXT || name.contains(&b'/') || matches!(name, b"." | b"..") {
        return None;
    }
    Some(match std::str::from_utf8(name) {
        Ok(name) => (name.to_owned(), true),
        Err(_) => (escaped(name), false),
    })
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

fn text(bytes: &[u8]) -> String {
    escaped(bytes.get(..MOST_TEXT).unwrap_or(bytes))
}

/// The letters of `find`'s `%y`.
fn kind(letter: char) -> EntryKind {
    match letter {
        'f' => EntryKind::File,
        'd' => EntryKind::Folder,
        'l' => EntryKind::Link,
        _ => EntryKind::Other,
    }
}

/// What a link leads to, by the letters of `find`'s `%Y`: `N` and `L` are nothing and a loop.
fn leads(letter: char) -> Option<EntryKind> {
    (!matches!(letter, 'N' | 'L' | '?')).then(|| kind(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(way: &str, rest: &[u8]) -> Option<Folder> {
        let mut listing = Listing::default();
        listing.take(&[OURS, way.as_bytes(), b"\0/srv\0/root\0", rest].concat());
        assert!(listing.is_ours() && !listing.is_full());
        listing.read()
    }

    fn sample(name: &str, kind: EntryKind) -> FolderEntry {
        let (mode, size) = if kind == EntryKind::Folder { (0o755, 4096) } else { (0o4755, 12) };
        FolderEntry {
            name: name.to_owned(),
            usable: true,
            kind,
            target: None,
            leads: None,
            size: Some(size),
            modified_s: Some(1_700_000_000),
            mode: Some(mode),
            owner: Some("root".to_owned()),
            group: Some("www-data".to_owned()),
        }
    }

    #[test]
    fn both_ways_tell_the_same() {
        let find = b"ff 12 1700000000.123 4755\0root\0www-data\0a\nb\0\0dd 4096 1700000000.0 755\0root\0www-data\0-rf\0\0";
        let stat = b"89ed 12 1700000000:root:www-data ./a\nb\n41ed 4096 1700000000:root:www-data ./-rf\n//";
        let expected = Folder {
            path: "/srv".to_owned(),
            home: "/root".to_owned(),
            entries: vec![sample("-rf", EntryKind::Folder), sample("a\nb", EntryKind::File)],
            more: false,
        };
        assert_eq!(folder("find", find).as_ref(), Some(&expected));
        assert_eq!(folder("stat", stat), Some(expected));
        assert_eq!(folder("find", b"").map(|folder| folder.entries.len()), Some(0));
        assert_eq!(folder("stat", b"//").map(|folder| folder.entries.len()), Some(0));
    }

    #[test]
    fn links_say_where_they_lead() {
        let find = b"lN 7 1.0 777\0root\0root\0dang\0no\nwhere\0ld 1 1.0 777\0root\0root\0to\0d\0";
        let stat = b"a1ff 7 1:root:root ./dang\na1ff 1 1:root:root ./to\n//./dang\0N\0no\nwhere\n\0./to\0d\0d\n\0";
        for folder in [folder("find", find), folder("stat", stat)] {
            let told: Vec<_> = folder.expect("a folder").entries.into_iter().map(|entry| (entry.name, entry.target, entry.leads)).collect();
            let expected = [("dang", "no\nwhere", None), ("to", "d", Some(EntryKind::Folder))];
            assert_eq!(told, expected.map(|(name, target, leads)| (name.to_owned(), Some(target.to_owned()), leads)));
        }
    }

    #[test]
    fn a_name_that_is_no_text_is_shown_and_never_used() {
        let found = folder("find", b"ff 1 1.0 644\0a\0b\0bad\xff\x1b\0\0").expect("a folder");
        let entry = found.entries.first().expect("an entry");
        assert_eq!((entry.name.as_str(), entry.usable), ("bad\\xff\u{1b}", false));
    }

    #[test]
    fn what_no_script_says_is_refused() {
        for rest in [
            &b"ff 1 1.0 644\0a\0b\0../x\0\0"[..],
            b"ff 1 1.0 644\0a\0b\0..\0\0",
            b"ff\0a\0b\0c\0\0",
            b"ff 1 1.0 644\0a\0",
            b"\xff 1\0a\0b\0c\0\0",
        ] {
            assert_eq!(folder("find", rest), None, "{}", String::from_utf8_lossy(rest));
        }
        for rest in [&b""[..], b"zz 1 1:a:b ./c\n//", b"81a4 1 1:a:b c\n//", b"81a4 1 1:a:b ./..\n//"] {
            assert_eq!(folder("stat", rest), None, "{}", String::from_utf8_lossy(rest));
        }
        assert_eq!(folder("other", b""), None);
    }

    #[test]
    fn a_flood_is_cut() {
        let mut listing = Listing::default();
        listing.take(&[OURS, b"find\0/srv\0/root\0"].concat());
        let mut number = 0;
        while !listing.is_full() {
            listing.take(format!("ff 1 1.0 644\0a\0b\0{number}\0\0").as_bytes());
            number += 1;
            assert!(number <= MOST_ENTRIES + 1, "it is never full");
        }
        let folder = listing.read().expect("a folder");
        assert_eq!((folder.entries.len(), folder.more), (MOST_ENTRIES, true));
        let mut bomb = Listing::default();
        bomb.take(&[OURS, b"find\0/srv\0/root\0ff 1 1.0 644\0a\0b\0x\0\0ff 1 1.0 644\0a\0b\0", &vec![b'y'; MOST_BYTES][..]].concat());
        assert!(bomb.is_full());
        assert_eq!(bomb.read().map(|folder| (folder.entries.len(), folder.more)), Some((1, true)));
    }
}
