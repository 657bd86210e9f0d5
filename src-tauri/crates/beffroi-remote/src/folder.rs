//! Folders as one looks at them: what lies in one, on a host or here.

/// The most entries of a folder that are told.
pub const MOST_ENTRIES: usize = 10_000;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// Its real path: no links, no `..`.
    pub path: String,
    /// Where the account is at home.
    pub home: String,
    /// What lies in it, by name.
    pub entries: Vec<FolderEntry>,
    /// Whether there is more than is told.
    pub more: bool,
}

impl Folder {
    /// The folder in which it lies; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        match self.path.rsplit_once('/')? {
            ("", "") => None,
            ("", _) => Some("/"),
            (parent, _) => Some(parent),
        }
    }

    /// Puts the entries in the order of their names, and leaves [`MOST_ENTRIES`].
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.more |= self.entries.len() > MOST_ENTRIES;
        self.entries.truncate(MOST_ENTRIES);
        self.entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        self
    }
}

/// What lies in a folder. Names of hosts are hostile: anything but `/` and NUL can be in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; of one that is no UTF-8 what can be shown of it.
    pub name: String,
    /// Whether the name is the whole name. One that is no UTF-8 is only shown.
    pub usable: bool,
    /// What it is, links not followed.
    pub kind: EntryKind,
    /// Where a link leads, as it stands there.
    pub target: Option<String>,
    /// What a link leads to; `None` when that is nothing, or not known.
    pub leads: Option<EntryKind>,
    /// Bytes.
    pub size: Option<u64>,
    /// Its last change, in seconds since 1970.
    pub modified_s: Option<i64>,
    /// Permission bits, with those of set-user-id and the like.
    pub mode: Option<u32>,
    /// Whose it is, by name where it has one.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a socket, a pipe.
    Other,
}

impl EntryKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "dir",
            Self::Link => "link",
            Self::Other => "other",
        }
    }

    /// From the file type bits of a mode (POSIX `sys/stat.h`; the numbers are those of every system there is).
    #[must_use]
    pub fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o100_000 => Self::File,
            0o040_000 => Self::Folder,
            0o120_000 => Self::Link,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_knows_where_it_lies() {
        let parent = |path: &str| Folder { path: path.to_owned(), ..Folder::default() }.parent().map(str::to_owned);
        assert_eq!(parent("/srv/www").as_deref(), Some("/srv"));
        assert_eq!(parent("/srv").as_deref(), Some("/"));
        assert_eq!(parent("/"), None);
    }

    #[test]
    fn no_more_is_told_than_can_be_shown() {
        let entry = |number: usize| FolderEntry {
            name: format!("{number:05}"),
            usable: true,
            kind: EntryKind::of_mode(0o100_644),
            target: None,
            leads: None,
            size: None,
            modified_s: None,
            mode: None,
            owner: None,
            group: None,
        };
        let full = Folder { entries: (0..=MOST_ENTRIES).rev().map(entry).collect(), ..Folder::default() }.in_order();
        assert!(full.more && full.entries.len() == MOST_ENTRIES);
        assert_eq!(full.entries.first().map(|entry| entry.name.as_str()), Some("00001"));
        let small = Folder { entries: vec![entry(2), entry(1)], ..Folder::default() }.in_order();
        assert!(!small.more && small.entries.is_sorted_by_key(|entry| &entry.name));
    }
}
