//! Packages of applications on this machine: a folder or an archive with `manifest.toml` and `scripts/install`, looked at
//! before it is sent anywhere.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::path::{Component, Path};

use beffroi_remote::Bounded;
use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::manifest::Manifest;

/// Longer than any manifest.
const MOST_MANIFEST: u64 = 1 << 20;
/// The most entries of an archive, and the most bytes that it unpacks to.
const MOST_ENTRIES: usize = 50_000;
const MOST_UNPACKED: u64 = 1 << 30;
const MANIFEST: &str = "manifest.toml";
const INSTALL: &str = "scripts/install";

/// Why something is no package that can be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPackage {
    /// It cannot be read.
    #[error("{reason}")]
    NotRead {
        /// Why.
        reason: String,
    },
    /// It is neither a folder nor a `.tar.gz`.
    #[error("neither a folder nor a .tar.gz")]
    Kind,
    /// It lacks a file that every package has.
    #[error("{file} is missing")]
    Lacks {
        /// Which.
        file: &'static str,
    },
    /// Its manifest is not one of YunoHost 11.1 or later.
    #[error("the manifest is not understood: {reason}")]
    Manifest {
        /// Why.
        reason: String,
    },
    /// An archive that would write where it must not, or never end.
    #[error("the archive is not safe to unpack: {entry}")]
    Unsafe {
        /// The entry.
        entry: String,
    },
}

/// A package on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalPackage {
    /// Its manifest: its questions have no choices of a host yet.
    pub manifest: Manifest,
    /// The name it keeps on a host, `my_app_ynh` or `my_app_ynh.tar.gz`.
    pub file_name: String,
}

impl LocalPackage {
    /// Looks at a folder or an archive.
    ///
    /// # Errors
    /// [`NoPackage`].
    pub fn read(path: &Path) -> Result<Self, NoPackage> {
        let not_read = |error: std::io::Error| NoPackage::NotRead { reason: error.to_string() };
        // `.` and `..` have no name of their own.
        let path = path.canonicalize().map_err(not_read)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (text, file_name) = if path.is_dir() {
            for file in [MANIFEST, INSTALL] {
                if !path.join(file).is_file() {
                    return Err(NoPackage::Lacks { file });
                }
            }
            let file = std::fs::File::open(path.join(MANIFEST)).map_err(not_read)?;
            (limited(file)?, kept_name(name, ""))
        } else if [".tar.gz", ".tgz"].iter().any(|ending| name.ends_with(ending)) {
            let file = std::fs::File::open(&path).map_err(not_read)?;
            refuse_hidden(&file)?;
            (&file).rewind().map_err(not_read)?;
            (from_archive(&file)?, kept_name(name.trim_end_matches(".tar.gz").trim_end_matches(".tgz"), ".tar.gz"))
        } else {
            return Err(NoPackage::Kind);
        };
        Ok(Self { manifest: manifest(&text)?, file_name })
    }
}

/// A name of letters, digits and `._-` that does not begin with a dot.
fn kept_name(name: &str, ending: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' }).take(100).collect();
    let kept = kept.trim_start_matches(['.', '-']);
    format!("{}{ending}", if kept.is_empty() { "package" } else { kept })
}

fn manifest(text: &str) -> Result<Manifest, NoPackage> {
    let wrong = |reason: &str| NoPackage::Manifest { reason: reason.to_owned() };
    let read: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
    let format = read.get("packaging_format").and_then(|format| format.as_integer().or_else(|| Some(format.as_float()? as i64)));
    if format != Some(2) {
        return Err(wrong("packaging_format is not 2"));
    }
    let json = serde_json::to_value(&read).map_err(|_| wrong("not JSON"))?;
    let manifest = Manifest::read(&json).ok_or_else(|| wrong("it has no id"))?;
    let is_id = manifest.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if is_id { Ok(manifest) } else { Err(wrong("its id is no name of an application")) }
}

fn limited(from: impl Read) -> Result<String, NoPackage> {
    let mut text = String::new();
    let read = from.take(MOST_MANIFEST + 1).read_to_string(&mut text);
    read.map_err(|error| NoPackage::NotRead { reason: error.to_string() })?;
    if text.len() as u64 > MOST_MANIFEST { Err(NoPackage::Manifest { reason: "more than 1 MiB".to_owned() }) } else { Ok(text) }
}

fn unpacked(file: impl Read) -> Archive<impl Read> {
    // Every member of the gzip file, as YunoHost's Python reads them.
    Archive::new(Bounded::new(MultiGzDecoder::new(file), MOST_UNPACKED, "1 GiB"))
}

/// The longest name or extended header of an entry.
const MOST_EXTENDED: u64 = 64 << 10;
/// What an extended header may say: nothing of where or how an entry is unpacked but its path, which is looked at.
const PLAIN_KEYS: &[&str] = &["path", "mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"];

/// Refuses extended headers that Python may take otherwise than the reader here: it lets the last of two count, global ones
/// hold for all entries behind them, and knows keys that move an entry (`GNU.sparse.name`).
fn refuse_hidden(file: impl Read) -> Result<(), NoPackage> {
    let not_read = |error: std::io::Error| NoPackage::NotRead { reason: error.to_string() };
    let mut archive = unpacked(file);
    for (count, entry) in archive.entries().map_err(not_read)?.raw(true).enumerate() {
        let mut entry = entry.map_err(not_read)?;
        let kind = entry.header().entry_type();
        let (is_global, is_local) = (kind == EntryType::XGlobalHeader, kind == EntryType::XHeader);
        let is_long = matches!(kind, EntryType::GNULongName | EntryType::GNULongLink);
        let refused = || NoPackage::Unsafe { entry: "an extended header".to_owned() };
        if count >= 2 * MOST_ENTRIES || ((is_global || is_local || is_long) && entry.size() > MOST_EXTENDED) {
            return Err(refused());
        }
        if is_global || is_local {
            let mut seen = BTreeSet::new();
            let Some(extensions) = entry.pax_extensions().map_err(not_read)? else { return Err(refused()) };
            for extension in extensions {
                let extension = extension.map_err(not_read)?;
                let key = extension.key().map_err(|_| refused())?.to_owned();
                let is_plain = if is_global { key == "comment" } else { PLAIN_KEYS.contains(&key.as_str()) };
                if !is_plain || !seen.insert(key) {
                    return Err(refused());
                }
            }
        }
    }
    Ok(())
}

/// The manifest of an archive. YunoHost unpacks it as root, and writes wherever its entries say: so all of them are looked at.
fn from_archive(file: impl Read) -> Result<String, NoPackage> {
    let not_read = |error: std::io::Error| NoPackage::NotRead { reason: error.to_string() };
    let mut archive = unpacked(file);
    let (mut found, mut has_install, mut tops) = (None, false, BTreeSet::new());
    for (count, entry) in archive.entries().map_err(not_read)?.enumerate() {
        let mut entry = entry.map_err(not_read)?;
        let path = entry.path().map_err(not_read)?.into_owned();
        let shown = beffroi_remote::clean(&path.display().to_string());
        let parts: Vec<&str> =
            path.components().filter(|part| *part != Component::CurDir).map(|part| part.as_os_str().to_str().unwrap_or("..")).collect();
        let is_inside = !path.is_absolute() && !parts.contains(&"..");
        let is_plain = matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Directory | EntryType::XGlobalHeader);
        if count >= MOST_ENTRIES || !is_inside || !is_plain {
            return Err(NoPackage::Unsafe { entry: shown });
        }
        if entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        tops.extend(parts.first().map(|part| (*part).to_owned()));
        // A folder around it all is taken off by YunoHost, if nothing else lies beside it.
        for within in [0, 1] {
            match parts.get(within..).unwrap_or_default().join("/").as_str() {
                MANIFEST => found = Some((within, limited(&mut entry)?)),
                INSTALL => has_install = true,
                _ => {}
            }
        }
    }
    let (within, text) = found.ok_or(NoPackage::Lacks { file: MANIFEST })?;
    if within == 1 && tops.len() != 1 {
        return Err(NoPackage::Lacks { file: MANIFEST });
    }
    if has_install { Ok(text) } else { Err(NoPackage::Lacks { file: INSTALL }) }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    const GOOD: &str = "packaging_format = 2\nid = \"atelier\"\nversion = \"1.0~ynh1\"\n[install.domain]\ntype = \"domain\"\n";

    fn archive(path: &Path, entries: &[(&str, &str, EntryType)]) {
        std::fs::write(path, gzip(&tar_of(entries))).expect("written");
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::Write::write_all(&mut packed, bytes).and_then(|()| packed.finish()).expect("packed")
    }

    fn tar_of(entries: &[(&str, &str, EntryType)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (name, content, kind) in entries {
            let mut header = Header::new_gnu();
            // `set_path` itself refuses what a hostile archive has.
            let field = &mut header.as_gnu_mut().expect("a GNU header").name;
            field[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).expect("written");
        }
        builder.into_inner().expect("written")
    }

    #[test]
    fn a_folder_is_a_package_when_it_has_what_every_one_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = folder.path().join("my app_ynh");
        std::fs::create_dir_all(app.join("scripts")).expect("a folder");
        assert_eq!(LocalPackage::read(&app), Err(NoPackage::Lacks { file: MANIFEST }));
        std::fs::write(app.join(MANIFEST), GOOD).expect("written");
        assert_eq!(LocalPackage::read(&app), Err(NoPackage::Lacks { file: INSTALL }));
        std::fs::write(app.join(INSTALL), "#!/bin/bash\n").expect("written");
        let read = LocalPackage::read(&app).expect("a package");
        assert_eq!((read.manifest.id.as_str(), read.file_name.as_str(), read.manifest.questions.len()), ("atelier", "my_app_ynh", 1));
        for wrong in
            ["", "id = 5", "packaging_format = 1\nid = \"a\"", "packaging_format = 2", "packaging_format = 2\nid = \"A b\"", "\u{0}"]
        {
            std::fs::write(app.join(MANIFEST), wrong).expect("written");
            assert!(matches!(LocalPackage::read(&app), Err(NoPackage::Manifest { .. })), "{wrong:?}");
        }
        std::fs::write(folder.path().join("a.zip"), "").expect("written");
        assert_eq!(LocalPackage::read(&folder.path().join("a.zip")), Err(NoPackage::Kind));
        assert!(matches!(LocalPackage::read(&folder.path().join("missing")), Err(NoPackage::NotRead { .. })));
    }

    #[test]
    fn an_archive_that_would_write_elsewhere_is_not_sent() {
        use EntryType::{Directory, Link, Regular, Symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app_ynh.tar.gz");
        let (manifest, install) = (("app/manifest.toml", GOOD, Regular), ("app/scripts/install", "#", Regular));
        archive(&path, &[("app/", "", Directory), manifest, install]);
        let read = LocalPackage::read(&path).expect("a package");
        assert_eq!((read.manifest.id.as_str(), read.file_name.as_str()), ("atelier", "app_ynh.tar.gz"));
        archive(&path, &[("manifest.toml", GOOD, Regular), ("./scripts/install", "#", Regular)]);
        assert!(LocalPackage::read(&path).is_ok(), "without a folder around it");
        for hostile in
            [("../x", "", Regular), ("/etc/x", "", Regular), ("app/x", "", Symlink), ("app/y", "", Link), ("app/../../x", "", Regular)]
        {
            archive(&path, &[manifest, install, hostile]);
            assert!(matches!(LocalPackage::read(&path), Err(NoPackage::Unsafe { .. })), "{hostile:?}");
        }
        archive(&path, &[manifest]);
        assert_eq!(LocalPackage::read(&path), Err(NoPackage::Lacks { file: INSTALL }));
        archive(&path, &[manifest, install, ("beside", "", Regular)]);
        assert_eq!(LocalPackage::read(&path), Err(NoPackage::Lacks { file: MANIFEST }), "YunoHost would not find it");
        std::fs::write(&path, "no archive").expect("written");
        assert!(matches!(LocalPackage::read(&path), Err(NoPackage::NotRead { .. })));
    }

    #[test]
    fn what_python_reads_otherwise_is_not_sent() {
        use EntryType::{Regular, XGlobalHeader, XHeader};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app_ynh.tar.gz");
        let (manifest, install) = (("app/manifest.toml", GOOD, Regular), ("app/scripts/install", "#", Regular));
        // A second member of the gzip file, behind a tar that has no end.
        let good = tar_of(&[manifest, install]);
        let endless = good.get(..good.len() - 1024).expect("an end of 1,024 zeros");
        let both = [gzip(endless), gzip(&tar_of(&[("../../etc/cron.d/x", "", Regular)]))].concat();
        std::fs::write(&path, both).expect("written");
        assert!(matches!(LocalPackage::read(&path), Err(NoPackage::Unsafe { .. })), "a second member");
        let long = format!("30 comment={}\n", "x".repeat(70_000));
        for (extended, kind) in [
            ("16 path=../../x\n", XGlobalHeader),
            ("9 path=a\n15 path=../../\n", XHeader),
            ("27 GNU.sparse.name=../../x\n", XHeader),
            (long.as_str(), XHeader),
        ] {
            archive(&path, &[("pax", extended, kind), manifest, install]);
            assert!(matches!(LocalPackage::read(&path), Err(NoPackage::Unsafe { .. })), "{extended:.40}");
        }
        archive(&path, &[("pax_global_header", "52 comment=0123456789012345678901234567890123456789\n", XGlobalHeader), manifest, install]);
        assert!(LocalPackage::read(&path).is_ok(), "what git archive writes");
    }
}
