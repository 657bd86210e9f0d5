//! Reads what the script says. Every byte of it is the other place's.

use beffroi_remote::RemoteError;
use russh_sftp::extensions::Statvfs;
use russh_sftp::protocol::{File, FileAttributes, StatusCode};
use russh_sftp::server::StatusReply;

use crate::text::harmless;

/// Attributes, and which file it is.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) attributes: FileAttributes,
}

/// "ID MODE SIZE CHANGED READ UID GID".
pub(super) fn found(line: &[u8]) -> Option<Found> {
    let (id, attributes) = std::str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
    Some(Found { id: id.to_owned(), attributes: self::attributes(attributes)? })
}

/// "MODE SIZE CHANGED READ UID GID".
fn attributes(text: &str) -> Option<FileAttributes> {
    let mut words = text.split(' ');
    let mode = u32::from_str_radix(words.next()?, 16).ok()?;
    let size = words.next()?.parse().ok()?;
    let mut small = || -> Option<u32> {
        let number: i64 = words.next()?.parse().ok()?;
        // Version 3 has 32 bits: what is before 1970 or after 2106 is at the border.
        Some(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
    };
    let (mtime, atime, uid, gid) = (small()?, small()?, small()?, small()?);
    Some(FileAttributes {
        size: Some(size),
        uid: Some(uid),
        gid: Some(gid),
        permissions: Some(mode),
        atime: Some(atime),
        mtime: Some(mtime),
        user: None,
        group: None,
    })
}

/// The entries of a folder: "MODE SIZE CHANGED READ UID GID ./NAME" and a new line for each. A name may hold new lines, but no
/// "/", so that each of these belongs to one entry. `None` where that is not what came.
pub(super) fn entries(listed: &[u8]) -> Option<Vec<File>> {
    let mut parts = listed.split(|byte| *byte == b'/');
    let mut head = parts.next()?;
    let mut entries = Vec::new();
    for part in parts {
        let text = std::str::from_utf8(head).ok()?.strip_suffix(" .")?;
        let attributes = attributes(text)?;
        // The name, and the beginning of the next entry.
        let end = part.iter().rposition(|byte| *byte == b'\n')?;
        let (name, next) = part.split_at(end);
        entries.push(File::new(String::from_utf8_lossy(name), attributes));
        head = next.get(1..)?;
    }
    head.is_empty().then_some(entries)
}

/// "SIZE-OF-A-BLOCK BLOCKS FREE AVAILABLE INODES FREE-INODES".
pub(super) fn disk(line: &[u8]) -> Option<Statvfs> {
    let mut numbers = std::str::from_utf8(line).ok()?.trim_end().split(' ').map(str::parse);
    let mut number = || numbers.next()?.ok();
    let size: u64 = number()?;
    let (blocks, blocks_free, blocks_avail, inodes, inodes_free) = (number()?, number()?, number()?, number()?, number()?);
    Some(Statvfs {
        block_size: size,
        fragment_size: size,
        blocks,
        blocks_free,
        blocks_avail,
        inodes,
        inodes_free,
        inodes_avail: inodes_free,
        fs_id: 0,
        flags: 0,
        name_max: 255,
    })
}

/// What failed, by the words of the shell or of the tool that said it. The last line counts: a name in it may have several.
pub(super) fn failure(said: &[u8]) -> StatusReply {
    let text = String::from_utf8_lossy(said);
    let counts = |line: &&str| line.ends_with(" records in") || line.ends_with(" records out") || line.contains(" copied, ");
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty() && !counts(line));
    let Some(line) = line else { return refused("the place did not say why") };
    let lower = line.to_ascii_lowercase();
    let is = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    let missing = ["no such file or directory", "no such file", "not a directory", "nonexistent directory", "directory nonexistent"];
    let code = if is(&missing) || is(&["too many levels of symbolic links", "symbolic link loop"]) {
        StatusCode::NoSuchFile
    } else if is(&["permission denied", "operation not permitted"]) {
        StatusCode::PermissionDenied
    } else {
        StatusCode::Failure
    };
    code.with_message(harmless(line))
}

pub(super) fn refused(why: &str) -> StatusReply {
    StatusCode::Failure.with_message(harmless(why))
}

/// What came of a process that cannot be used any more, or not at all.
pub(super) fn broken(error: &RemoteError) -> StatusReply {
    let code = if matches!(error, RemoteError::LinkLost { .. }) { StatusCode::ConnectionLost } else { StatusCode::Failure };
    let why =
        if let RemoteError::LinkLost { reason } | RemoteError::Refused { reason } = error { reason.clone() } else { error.to_string() };
    code.with_message(harmless(&why))
}

/// The same of its stream.
pub(super) fn cut(error: &std::io::Error) -> StatusReply {
    match error.get_ref().and_then(|cause| cause.downcast_ref()) {
        Some(cause) => broken(cause),
        None => refused(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_with_new_lines_are_one_entry_each() {
        let listed = b"81a4 5 6 7 0 0 ./a\n81a4 1 1 1 0 0 .\n41ed 9 -4 99999999999 1 2 ./b\n";
        let entries = entries(listed).expect("entries");
        let names: Vec<&str> = entries.iter().map(|entry| entry.filename.as_str()).collect();
        assert_eq!(names, ["a\n81a4 1 1 1 0 0 .", "b"]);
        assert_eq!((entries[1].attrs.mtime, entries[1].attrs.atime, entries[1].attrs.uid), (Some(0), Some(u32::MAX), Some(1)));
        assert!(super::entries(b"").is_some_and(|entries| entries.is_empty()));
        for wrong in ["x", "81a4 5 6 7 0 0 ./a", "81a4 5 6 7 0 ./a\n", "81a4 5 6 7 0 0 ./a\nx", "81a4 5 6 7 0 0 ./a/b\n"] {
            assert!(super::entries(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_failed_is_told_by_its_last_words() {
        let code = |said: &str| failure(said.as_bytes()).status_code;
        assert_eq!(code("stat: can't stat './x': No such file or directory\n"), StatusCode::NoSuchFile);
        assert_eq!(code("sh: can't create ./x/y: nonexistent directory"), StatusCode::NoSuchFile);
        assert_eq!(code("stat: can't stat 'a\nNo such file or directory': Permission denied\n\n"), StatusCode::PermissionDenied);
        assert_eq!(code("cat: write error: No space left on device"), StatusCode::Failure);
        let said =
            failure(b"dd: error reading 'standard input': Input/output error\n0+0 records in\n0+0 records out\n0 bytes copied, 1 s\n");
        assert!(said.error_message.is_some_and(|text| text.ends_with("Input/output error")));
        assert!(failure(b"").error_message.is_some());
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_too_much(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = (entries(&bytes), found(&bytes).is_some(), disk(&bytes).is_some(), failure(&bytes));
        }

        #[test]
        fn every_name_is_read_as_it_is(names in prop::collection::vec("[^/\u{0}]{1,40}", 0..8)) {
            let listed: String = names.iter().map(|name| format!("81a4 5 6 7 0 0 ./{name}\n")).collect();
            let read: Vec<String> = entries(listed.as_bytes()).expect("entries").into_iter().map(|entry| entry.filename).collect();
            prop_assert_eq!(read, names);
        }
    }
}
