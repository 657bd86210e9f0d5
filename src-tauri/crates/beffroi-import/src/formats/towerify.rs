//! What the command line of Towerify keeps in `~/.towerify`: `config.ini`, a section per profile with the server and who logs in
//! to it, and `secrets/`, a file of `KEY=value` per application and environment, all in clear.
//!
//! The files are written by its shell script with no escapes: a value is what follows the first `=`, to the end of its line.

use std::collections::BTreeMap;

use beffroi_secret::SecretText;

use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::{Entry, Host, ImportError, Kind, Parsed, Reading, Source, decode};

/// What a section of `config.ini` says.
const KEYS: &[&str] = &["towerify_domain", "jenkins_domain", "towerify_login", "towerify_password"];
/// Keys of an application that Towerify itself reads.
const RESERVED: &[(&str, &str)] = &[("TOWERIFY_BASIC_AUTH", "basic-auth"), ("TOWERIFY_ALLOWED_IPS", "allowed-ips")];

/// The folder, by its `config.ini`; or that file, by its keys.
pub fn tells(source: &Source) -> bool {
    match source {
        Source::File { name, bytes } => name.ends_with(".ini") && is_config(bytes.expose()),
        Source::Folder { root } if root.join("config.ini").is_file() => {
            // Looked at: its keys.
            source.read("config.ini").ok().flatten().is_some_and(|bytes| is_config(bytes.expose()))
        }
        Source::Folder { root } => root.file_name().is_some_and(|name| name == ".towerify") && root.join("secrets").is_dir(),
    }
}

fn is_config(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.lines().any(|line| line.split_once('=').is_some_and(|(key, _)| key.trim() == "towerify_domain"))
}

/// Each profile as a host with its password, each key of an application as a secret.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::NotText`], [`ImportError::TooLarge`], those of the disk.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = Parsed::default();
    match reading.source {
        // Parsed here.
        Source::File { bytes, .. } => config(&decode(bytes.expose())?, &mut parsed)?,
        Source::Folder { .. } => {
            if let Some(bytes) = reading.source.read("config.ini")? {
                // As above.
                config(&decode(bytes.expose())?, &mut parsed)?;
            }
            for path in reading.source.files()? {
                let Some(name) = path.strip_prefix("secrets/").filter(|name| !name.contains('/')) else { continue };
                let Some(bytes) = reading.source.read(&path)? else { continue };
                // As above.
                match decode(bytes.expose()) {
                    Ok(text) => secrets(name, &path, &text, &mut parsed)?,
                    Err(ImportError::NotText { .. }) => parsed.refuse(path, "not-text"),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    if !parsed.entries.is_empty() {
        parsed.notice("clear-text", "");
    }
    Ok(parsed)
}

fn config(text: &str, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut profiles: BTreeMap<String, BTreeMap<&str, &str>> = BTreeMap::new();
    let mut section = "default".to_owned();
    for (line, number) in text.lines().zip(1_u64..) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim().to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "key=value", at: number })?;
        within("entries", profiles.len() as u64 + 1, MOST_ENTRIES as u64)?;
        match KEYS.iter().find(|known| **known == key.trim()) {
            Some(key) => drop(profiles.entry(section.clone()).or_default().insert(key, value.trim())),
            None => parsed.refuse(format!("[{section}] {}", key.trim()), "not-read"),
        }
    }
    for (profile, said) in &profiles {
        let of = |key: &str| said.get(key).copied().filter(|value| !value.is_empty());
        let Some(domain) = of("towerify_domain") else {
            parsed.refuse(format!("[{profile}]"), "no-address");
            continue;
        };
        let origin = format!("config.ini [{profile}]");
        let jenkins = of("jenkins_domain").map(str::to_owned).unwrap_or_else(|| format!("jenkins.{domain}"));
        let (login, password) = (of("towerify_login").map(str::to_owned), of("towerify_password"));
        let mut credential = None;
        if let Some(password) = password {
            within("value", password.len() as u64, MOST_VALUE as u64)?;
            parsed.entries.push(Entry {
                origin: origin.clone(),
                path: vec!["towerify".to_owned()],
                title: login.as_ref().map_or_else(|| profile.clone(), |login| format!("{login}@{jenkins}")),
                user: login.clone(),
                value: Some(SecretText::new(password.to_owned())),
                urls: vec![format!("https://{jenkins}")],
                hosts: vec![domain.to_owned()],
                ..Entry::default()
            });
            credential = Some(origin.clone());
        } else {
            parsed.refuse(origin.as_str(), "no-value");
        }
        parsed.hosts.push(Host {
            origin,
            name: if profile == "default" { domain.to_owned() } else { profile.clone() },
            address: domain.to_owned(),
            tags: vec!["towerify".to_owned()],
            // The login is one of Jenkins, and none of SSH.
            notes: credential.map(|_| ("jenkins_domain".to_owned(), jenkins)).into_iter().collect(),
            ..Host::default()
        });
    }
    Ok(())
}

fn secrets(name: &str, path: &str, text: &str, parsed: &mut Parsed) -> Result<(), ImportError> {
    // The name of an environment has no underscore.
    let (app, stage) = name.rsplit_once('_').unwrap_or((name, ""));
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() || line.starts_with(['#', ';', '[']) {
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(ImportError::Malformed { what: "KEY=value", at: number })?;
        let (key, value) = (key.trim(), value.trim_end_matches('\r'));
        if value.is_empty() {
            parsed.refuse(format!("{path}: {key}"), "no-value");
            continue;
        }
        within("value", value.len() as u64, MOST_VALUE as u64)?;
        within("entries", parsed.entries.len() as u64 + 1, MOST_ENTRIES as u64)?;
        let tags = RESERVED.iter().filter(|(reserved, _)| *reserved == key).map(|(_, tag)| (*tag).to_owned()).collect();
        parsed.entries.push(Entry {
            origin: format!("{path}#{key}"),
            path: vec![app.to_owned(), stage.to_owned()].into_iter().filter(|part| !part.is_empty()).collect(),
            title: key.to_owned(),
            kind: Kind::Token,
            value: Some(SecretText::new(value.to_owned())),
            stage: (!stage.is_empty()).then(|| stage.to_owned()),
            tags,
            ..Entry::default()
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Unlock, Work, detect};

    #[test]
    fn profiles_are_hosts_and_keys_are_secrets() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).expect("written");
        std::fs::create_dir(folder.path().join("secrets")).expect("made");
        write(
            "config.ini",
            "[default]\ntowerify_domain = apps.example.org\njenkins_domain=jenkins.apps.example.org\ntowerify_login=ops\ntowerify_password=a=b c\n[acme]\ntowerify_domain=acme.example.org\n",
        );
        write("secrets/my_shop_prod", "DB_PASSWORD=p=q\nEMPTY=\nTOWERIFY_BASIC_AUTH=user:pass\n");
        let (source, unlock, work) = (Source::open(folder.path()).expect("open"), Unlock::default(), Work::default());
        assert_eq!(detect(&source), Some(Format::Towerify));
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        let value = |entry: &Entry| entry.value.as_ref().map(|value| value.expose().clone());
        let found: Vec<_> =
            parsed.entries.iter().map(|entry| (entry.title.as_str(), value(entry), entry.path.join("/"), entry.stage.as_deref())).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("ops@jenkins.apps.example.org", text("a=b c"), "towerify".to_owned(), None),
                ("DB_PASSWORD", text("p=q"), "my_shop/prod".to_owned(), Some("prod")),
                ("TOWERIFY_BASIC_AUTH", text("user:pass"), "my_shop/prod".to_owned(), Some("prod")),
            ]
        );
        let hosts: Vec<_> = parsed.hosts.iter().map(|host| (host.name.as_str(), host.address.as_str())).collect();
        assert_eq!(hosts, [("acme", "acme.example.org"), ("apps.example.org", "apps.example.org")]);
        let refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
        assert_eq!(refused, [("config.ini [acme]", "no-value"), ("secrets/my_shop_prod: EMPTY", "no-value")]);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let (source, unlock, work) = (Source::file("config.ini", "[x]\ntowerify_domain=a\nnonsense\n"), Unlock::default(), Work::default());
        assert_eq!(detect(&source), Some(Format::Towerify));
        let result = read(&Reading { source: &source, unlock: &unlock, work: &work });
        assert!(matches!(result, Err(ImportError::Malformed { at: 3, .. })));
    }
}
