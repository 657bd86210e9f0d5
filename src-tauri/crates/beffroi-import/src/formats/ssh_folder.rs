//! A whole `~/.ssh`: private keys with their public halves and certificates, `config` with what it includes, `known_hosts`; joined, so
//! that a host has the key that its `IdentityFile` names.
//!
//! A key that cannot be opened is told, and the rest is taken.

use super::{keys, known_hosts, ssh_config};
use crate::limits::{MOST_VALUE, within};
use crate::{ImportError, Parsed, Reading, Source, decode};

/// Bytes of all files together that are looked at.
const MOST_BYTES: u64 = 64 << 20;

/// By its name, or by what only such a folder has.
pub fn tells(source: &Source) -> bool {
    let Source::Folder { root } = source else { return false };
    root.file_name().is_some_and(|name| name == ".ssh")
        || ["id_ed25519", "id_rsa", "id_ecdsa", "id_dsa", "known_hosts", "authorized_keys"].iter().any(|name| root.join(name).is_file())
}

/// Everything in it.
///
/// # Errors
/// [`ImportError::Io`], [`ImportError::TooLarge`], and what a configuration that is not one gives.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let source = reading.source;
    let mut parsed = Parsed::default();
    let (mut public, mut others, mut read) = (Vec::new(), Vec::new(), 0_u64);
    let paths = source.files()?;
    for path in &paths {
        let Some(bytes) = source.read(path)? else { continue };
        // How long it is, and whether it is a key.
        let (length, is_key) = (bytes.expose().len(), keys::is_key(bytes.expose()));
        read += length as u64;
        within("folder", read, MOST_BYTES)?;
        let is_certificate = bytes.expose().windows(27).take(MOST_VALUE).any(|start| start == b"-----BEGIN CERTIFICATE-----");
        if is_certificate {
            parsed.refuse(path, "certificate-in-folder");
        } else if is_key {
            // Into entries, which keep it sealed.
            if let Err(error) = keys::take(bytes.expose(), path, reading.unlock, reading.work, &mut parsed) {
                parsed.refuse(path, keys::reason(&error));
            }
        } else if path.ends_with(".pub") {
            public.push((path, bytes));
        } else if path.starts_with("known_hosts") && !path.ends_with(".old") {
            known_hosts::take(path, &decode(bytes.expose())?, &mut parsed)?;
        } else if path != "config" {
            others.push(path);
        }
    }
    for (path, bytes) in public {
        let of = path.strip_suffix("-cert.pub").or_else(|| path.strip_suffix(".pub")).unwrap_or(path);
        let name = path.rsplit('/').next().unwrap_or(path);
        let found = parsed.entries.iter_mut().find(|entry| entry.origin == of).map(|entry| keys::join(entry, name, &bytes));
        match found {
            Some(keys::Beside::Public | keys::Beside::Certificate) => {}
            Some(keys::Beside::Other) => parsed.refuse(path, "another-key"),
            Some(keys::Beside::Neither) => parsed.refuse(path, "not-readable"),
            // Its private half was refused, and told.
            None if parsed.refused.iter().any(|refused| refused.what == of) => {}
            None => parsed.refuse(path, "public-only"),
        }
    }
    let mut included = Vec::new();
    if let Some(bytes) = source.read("config")? {
        let dir = ssh_config::Dir { source, paths: &paths };
        included = ssh_config::take("config", &decode(bytes.expose())?, Some(&dir), &mut parsed)?;
    }
    for path in others {
        if !included.contains(path) {
            parsed.refuse(path, if path.starts_with("authorized_keys") { "public-only" } else { "unknown-file" });
        }
    }
    Ok(parsed)
}
