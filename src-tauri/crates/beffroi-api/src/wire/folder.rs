//! Folders of hosts and of this machine. Every name of a host is the host's text: show it as text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what lies in a folder of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostFiles {
    /// The host's name.
    pub host: String,
    /// The folder; where the account is at home, when it is empty.
    #[serde(default)]
    pub path: String,
    /// Whether it is read as root there.
    #[serde(default)]
    pub root: bool,
}

/// Asks what lies in a folder of this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LocalFiles {
    /// The folder; home when it is absent.
    #[serde(default)]
    pub path: Option<String>,
}

/// A folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Folder {
    /// Its real path: no links, no `..`.
    pub path: String,
    /// The folder in which it lies; absent for the root.
    pub parent: Option<String>,
    /// Where the account is at home.
    pub home: String,
    /// What lies in it, by name; at most 10,000.
    pub entries: Vec<FolderEntry>,
    /// Whether there is more than is told.
    pub more: bool,
}

/// What lies in a folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderEntry {
    /// Its name; anything but `/` and NUL can be in it.
    pub name: String,
    /// Whether the name is the whole name. One that is no UTF-8 is only shown.
    pub usable: bool,
    /// What it is; a link is a link.
    pub kind: FileKind,
    /// Where a link leads, as it stands there.
    pub target: Option<String>,
    /// What a link leads to; absent when that is nothing, or not known.
    pub leads: Option<FileKind>,
    /// Bytes.
    pub size: Option<u64>,
    /// Its last change, in seconds since 1970.
    pub modified_s: Option<i64>,
    /// Permission bits, with those of set-user-id and the like.
    pub mode: Option<u32>,
    /// Whose it is, by name where it has one; absent for this machine.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Link,
    /// A device, a socket, a pipe.
    Other,
}

/// Makes a folder on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostFolderMake {
    /// The host's name.
    pub host: String,
    /// The folder; the one in which it lies must be there.
    pub path: String,
    /// Whether it is done as root there.
    #[serde(default)]
    pub root: bool,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Gives a file or folder of a host another name or place.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostFileRename {
    /// The host's name.
    pub host: String,
    /// What is renamed.
    pub from: String,
    /// Its new path, where nothing is yet.
    pub to: String,
    /// Whether it is done as root there.
    #[serde(default)]
    pub root: bool,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Removes files, links and folders of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostFileRemove {
    /// The host's name.
    pub host: String,
    /// What is removed, one after the other; a link, never what it leads to.
    pub paths: Vec<String>,
    /// Whether a folder is removed with all that is in it.
    #[serde(default)]
    pub recursive: bool,
    /// Whether it is done as root there.
    #[serde(default)]
    pub root: bool,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
    /// What `host_file_remove_cancel` takes; it cannot be cancelled when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// A removal that goes on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemovalName {
    /// What it was called in its request.
    pub name: String,
}

/// What was removed from a host.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct FilesRemoved {
    /// How many of the paths are gone: the first ones.
    pub removed: usize,
    /// Whether it was cancelled before the last one. Of the path it was at, a part may be gone.
    pub cancelled: bool,
}

/// Makes a folder on this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LocalFolderMake {
    /// The folder.
    pub path: String,
}

/// Gives a file or folder of this machine another name or place.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LocalFileRename {
    /// What is renamed.
    pub from: String,
    /// Its new path, where nothing is yet.
    pub to: String,
}
