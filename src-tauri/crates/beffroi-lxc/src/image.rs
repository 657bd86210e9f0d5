//! Files of images as an operator brings them: what each is, told from its bytes. Nothing is unpacked here.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Component, Path};

use beffroi_remote::Bounded;
use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

/// The most entries that are looked at.
const MOST_ENTRIES: u64 = 2_000_000;
/// The most bytes that an image unpacks to.
const MOST_UNPACKED: u64 = 64 << 30;
/// The longest name of an entry, or extended header.
const MOST_NAME: u64 = 64 << 10;

/// Why a file is no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoImage {
    /// It cannot be read.
    #[error("{reason}")]
    NotRead {
        /// Why.
        reason: String,
    },
    /// It is neither a tar archive nor a squashfs.
    #[error("neither a tar archive nor a squashfs")]
    Kind,
    /// It holds neither a root file system nor what describes one.
    #[error("it holds no root file system")]
    NoRoot,
    /// It would write where it must not, or never end.
    #[error("it is not safe to unpack: {entry}")]
    Unsafe {
        /// The entry.
        entry: String,
    },
    /// These files do not belong together.
    #[error("one root file system is wanted, and at most one file that describes it")]
    Together,
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// bzip2.
    Bzip2,
    /// A file system of its own.
    Squashfs,
}

impl Packing {
    /// Its name on the host.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "none",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Squashfs => "squashfs",
        }
    }

    /// From the first bytes of a file.
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [b'B', b'Z', b'h', ..] => Some(Self::Bzip2),
            [b'h', b's', b'q', b's', ..] => Some(Self::Squashfs),
            _ => (start.get(257..262) == Some(b"ustar")).then_some(Self::Plain),
        }
    }
}

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A root file system, from its top on: Alpine's minirootfs, a template of Proxmox, the rootfs of an LXC or a split image.
    Root,
    /// `metadata.yaml` and `rootfs/`: a unified image of Incus or LXD.
    Unified,
    /// What describes a root file system, without one.
    Metadata,
    /// Packed so that only the host can tell.
    Unseen,
}

/// A file of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageFile {
    /// How it is packed.
    pub packing: Packing,
    /// What is in it.
    pub holds: Holds,
    /// Its bytes.
    pub bytes: u64,
}

/// Looks at a file.
///
/// # Errors
/// [`NoImage`].
pub fn inspect(path: &Path) -> Result<ImageFile, NoImage> {
    let not_read = |error: std::io::Error| NoImage::NotRead { reason: error.to_string() };
    let mut file = File::open(path).map_err(not_read)?;
    let bytes = file.metadata().map_err(not_read)?.len();
    let mut start = Vec::new();
    (&mut file).take(512).read_to_end(&mut start).map_err(not_read)?;
    file.rewind().map_err(not_read)?;
    let packing = Packing::of(&start).ok_or(NoImage::Kind)?;
    let holds = match packing {
        Packing::Plain => listed(file)?,
        Packing::Gzip => listed(MultiGzDecoder::new(file))?,
        Packing::Squashfs => Holds::Root,
        Packing::Xz | Packing::Zstd | Packing::Bzip2 => Holds::Unseen,
    };
    Ok(ImageFile { packing, holds, bytes })
}

/// Which of the files of one image has the root, and which describes it.
///
/// # Errors
/// [`NoImage::Together`], [`NoImage::NoRoot`].
pub fn together(files: &[ImageFile]) -> Result<(usize, Option<usize>), NoImage> {
    match files {
        [one] if one.holds == Holds::Metadata => Err(NoImage::NoRoot),
        [_] => Ok((0, None)),
        [one, other] => {
            // What describes a root is shorter than any root.
            let (root, about) = if one.bytes >= other.bytes { (0, 1) } else { (1, 0) };
            let is_root = |index: usize| files.get(index).is_some_and(|file| matches!(file.holds, Holds::Root | Holds::Unseen));
            let is_about = |index: usize| files.get(index).is_some_and(|file| matches!(file.holds, Holds::Metadata | Holds::Unseen));
            if is_root(root) && is_about(about) { Ok((root, Some(about))) } else { Err(NoImage::Together) }
        }
        _ => Err(NoImage::Together),
    }
}

/// Lists an archive to its end.
///
/// # Errors
/// [`NoImage::Unsafe`] for names and links that lead out of it, [`NoImage::NoRoot`].
pub fn listed(from: impl Read) -> Result<Holds, NoImage> {
    let not_read = |error: std::io::Error| NoImage::NotRead { reason: error.to_string() };
    let mut archive = Archive::new(Bounded::new(from, MOST_UNPACKED, "64 GiB"));
    let (mut has_root, mut has_rootfs, mut has_metadata, mut count, mut long) = (false, false, false, 0_u64, false);
    // Raw: an extended header of any length would be read into memory before anybody could say no.
    for entry in archive.entries().map_err(not_read)?.raw(true) {
        let entry = entry.map_err(not_read)?;
        count += 1;
        let kind = entry.header().entry_type();
        let name = String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
        let unsafe_entry = || NoImage::Unsafe { entry: name.chars().filter(|c| !c.is_control()).take(200).collect() };
        if count > MOST_ENTRIES {
            return Err(unsafe_entry());
        }
        let extends = matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader);
        if extends {
            if entry.size() > MOST_NAME {
                return Err(unsafe_entry());
            }
            long = true;
            let mut text = Vec::new();
            entry.take(MOST_NAME).read_to_end(&mut text).map_err(not_read)?;
            // The names in them are those of the next entry.
            let text = String::from_utf8_lossy(&text);
            let leads_out = match kind {
                EntryType::GNULongName => leads_out(Path::new(text.trim_end_matches('\0'))),
                EntryType::XHeader => text.lines().filter_map(|line| line.split_once(" path=")).any(|(_, path)| leads_out(Path::new(path))),
                _ => false,
            };
            if leads_out {
                return Err(unsafe_entry());
            }
            continue;
        }
        if !long && leads_out(Path::new(&name)) {
            return Err(unsafe_entry());
        }
        // A hard link names another entry; a symbolic one leads where it will once the guest runs, and nowhere before.
        if kind == EntryType::Link && entry.header().link_name().ok().flatten().is_some_and(|to| leads_out(&to)) {
            return Err(unsafe_entry());
        }
        long = false;
        let path = name.trim_start_matches("./").trim_end_matches('/');
        has_root |= matches!(path, "etc" | "bin" | "usr") || path.starts_with("etc/");
        has_rootfs |= path == "rootfs" || path.starts_with("rootfs/");
        has_metadata |= matches!(path, "metadata.yaml" | "create-message" | "config" | "config-user");
    }
    match (has_root, has_rootfs, has_metadata) {
        (_, true, _) => Ok(Holds::Unified),
        (true, ..) => Ok(Holds::Root),
        (false, false, true) => Ok(Holds::Metadata),
        _ => Err(NoImage::NoRoot),
    }
}

fn leads_out(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::ParentDir | Component::RootDir | Component::Prefix(_)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, link) in entries {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(*kind);
            header.set_size(0);
            header.set_mode(0o755);
            // What the builder refuses to write is what a hostile one has.
            if let Some(field) = header.as_ustar_mut() {
                field.name.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
                field.linkname.iter_mut().zip(link.bytes()).for_each(|(to, from)| *to = from);
            }
            header.set_cksum();
            builder.append(&header, std::io::empty()).expect("an entry");
        }
        builder.into_inner().expect("an archive")
    }

    const FOLDER: EntryType = EntryType::Directory;

    #[test]
    fn an_image_is_told_by_what_it_holds() {
        let of = |names: &[&str]| listed(&archive(&names.iter().map(|name| (*name, FOLDER, "")).collect::<Vec<_>>())[..]);
        assert_eq!(of(&["./", "./etc/", "./bin/"]), Ok(Holds::Root));
        assert_eq!(of(&["metadata.yaml", "rootfs/", "rootfs/etc/"]), Ok(Holds::Unified));
        assert_eq!(of(&["metadata.yaml", "templates/"]), Ok(Holds::Metadata));
        assert_eq!(of(&["config", "create-message"]), Ok(Holds::Metadata));
        assert_eq!(of(&["holiday.jpg"]), Err(NoImage::NoRoot));
    }

    #[test]
    fn what_leads_out_is_refused() {
        for (name, kind, link) in [
            ("../etc/passwd", FOLDER, ""),
            ("/etc/passwd", FOLDER, ""),
            ("etc/../../x", FOLDER, ""),
            ("etc/x", EntryType::Link, "../../etc/shadow"),
            ("etc/x", EntryType::Link, "/etc/shadow"),
        ] {
            assert!(matches!(listed(&archive(&[(name, kind, link)])[..]), Err(NoImage::Unsafe { .. })), "{name} {link}");
        }
        assert_eq!(listed(&archive(&[("etc/mtab", EntryType::Symlink, "/proc/mounts")])[..]), Ok(Holds::Root), "as in every root");
    }

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("image");
        let tar = archive(&[("etc/", FOLDER, "")]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar).expect("packed");
        let packed = gzip.finish().expect("packed");
        for (bytes, wanted) in [
            (tar, Ok((Packing::Plain, Holds::Root))),
            (packed, Ok((Packing::Gzip, Holds::Root))),
            (b"\xfd7zXZ\0rest".to_vec(), Ok((Packing::Xz, Holds::Unseen))),
            (b"hsqsrest".to_vec(), Ok((Packing::Squashfs, Holds::Root))),
            (b"#!/bin/sh\n".to_vec(), Err(NoImage::Kind)),
            (Vec::new(), Err(NoImage::Kind)),
        ] {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(inspect(&path).map(|file| (file.packing, file.holds)), wanted);
        }
    }

    #[test]
    fn two_files_are_a_root_and_what_describes_it() {
        let file = |holds, bytes| ImageFile { packing: Packing::Xz, holds, bytes };
        let (root, about) = (file(Holds::Root, 1000), file(Holds::Metadata, 10));
        assert_eq!(together(&[root]), Ok((0, None)));
        assert_eq!(together(&[about, root]), Ok((1, Some(0))));
        assert_eq!(together(&[file(Holds::Unseen, 10), file(Holds::Unseen, 1000)]), Ok((1, Some(0))));
        for wrong in [&[about][..], &[root, root], &[], &[root, about, about]] {
            assert!(together(wrong).is_err(), "{wrong:?}");
        }
    }
}
