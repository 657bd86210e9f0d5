//! Stores of `pass` and of gopass: a folder with a file per secret, encrypted with OpenPGP or with age.
//!
//! The first line is the password, `key: value` lines and `otpauth://` addresses follow, the rest are notes
//! (<https://www.passwordstore.org/>). What gopass adds is read as well: YAML after `---`, attachments, its first format.
//! Folders are groups. Who may read a store (`.gpg-id`) is of no interest here.

use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::SecretBytes;
use zeroize::Zeroizing;

use crate::collect::{Collected, field, kind_of, secret};
use crate::formats::{age::AgeKeys, openpgp::PgpKeys};
use crate::limits::MOST_VALUE;
use crate::{Attachment, Entry, ImportError, Kind, Parsed, Reading, Source, totp, yaml};

/// What marks a store, at its top.
const MARKS: &[&str] = &[".gpg-id", ".age-recipients"];

/// A folder with the list of who reads it.
pub fn tells(source: &Source) -> bool {
    let Source::Folder { root } = source else { return false };
    MARKS.iter().any(|mark| root.join(mark).is_file())
}

/// Every secret of a store.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of `identity` when nothing of it opens, and of the passphrase of a key;
/// those of the disk. What alone does not open is told.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let (age, pgp) = (AgeKeys::new(reading.unlock, reading.work)?, PgpKeys::new(reading.unlock, reading.work)?);
    let mut collected = Collected::default();
    let (mut opened, mut closed) = (0_u32, None);
    for path in reading.source.files()? {
        // Of git, of gopass, of extensions.
        if path.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        let (name, is_age) = match (path.strip_suffix(".gpg"), path.strip_suffix(".age")) {
            (Some(name), _) => (name, false),
            (None, Some(name)) => (name, true),
            (None, None) => {
                collected.parsed.refuse(path, "not-read");
                continue;
            }
        };
        let Some(bytes) = reading.source.read(&path)? else { continue };
        // Decrypted here.
        let clear = if is_age { age.open(bytes.expose()) } else { pgp.open(bytes.expose()) };
        match clear {
            Ok(clear) => {
                opened += 1;
                collected.take(entry(name, clear))?;
            }
            Err(error @ (ImportError::Locked { .. } | ImportError::Wrong { .. })) => {
                collected.parsed.refuse(name, "other-key");
                closed = Some(error);
            }
            Err(ImportError::Altered { .. } | ImportError::Malformed { .. } | ImportError::Truncated { .. }) => {
                collected.parsed.refuse(name, "damaged");
            }
            Err(ImportError::TooLarge { .. }) => collected.parsed.refuse(name, "too-large"),
            Err(error) => return Err(error),
        }
    }
    match closed {
        Some(error) if opened == 0 => Err(error),
        _ => Ok(collected.parsed),
    }
}

/// One secret of a store, by its path in it.
#[must_use]
pub fn entry(path: &str, clear: SecretBytes) -> Entry {
    let mut groups: Vec<String> = path.split('/').map(str::to_owned).collect();
    let title = groups.pop().unwrap_or_default();
    let mut entry = Entry { origin: path.to_owned(), path: groups, title, ..Entry::default() };
    match clear.into_text() {
        // Taken apart here.
        Ok(text) => read_text(&mut entry, text.expose()),
        Err(bytes) => {
            entry.kind = Kind::Note;
            entry.attachments.push(Attachment { name: entry.title.clone(), bytes });
        }
    }
    entry
}

fn read_text(entry: &mut Entry, text: &str) {
    if let Some(file) = attachment(text, &entry.title) {
        entry.kind = Kind::Note;
        entry.attachments.push(file);
        return;
    }
    if kind_of(text) == Kind::PrivateKey {
        (entry.kind, entry.value) = (Kind::PrivateKey, secret(text));
        return;
    }
    // What gopass wrote until 1.10: headers, the password among them.
    let (first, rest) = match text.strip_prefix("GOPASS-SECRET-1.0\n") {
        Some(rest) => ("", rest),
        None => text.split_once('\n').unwrap_or((text, "")),
    };
    let first = first.trim_end_matches('\r');
    match totp::otpauth(first, &entry.title).filter(|_| first.starts_with("otpauth://")) {
        Some(totp) => entry.totp = Some(totp),
        None => entry.value = secret(first),
    }
    let mut notes = Zeroizing::new(String::with_capacity(rest.len() + 1));
    let (lines, body) = match rest.strip_prefix("---\n").map(|body| ("", body)).or_else(|| rest.split_once("\n---\n")) {
        Some((lines, body)) => (lines, Some(body)),
        None => (rest, None),
    };
    for line in lines.lines().filter(|line| !read_line(entry, line)) {
        notes.push_str(line);
        notes.push('\n');
    }
    // YAML, or notes where it is none.
    if let Some(body) = body.filter(|body| !read_yaml(entry, body)) {
        notes.push_str(body);
    }
    entry.notes = secret(notes.trim_matches('\n'));
    if entry.value.is_none() && entry.totp.is_none() {
        entry.kind = Kind::Note;
    }
}

/// Takes a line that says something by its form.
fn read_line(entry: &mut Entry, line: &str) -> bool {
    if line.starts_with("otpauth://") && entry.totp.is_none() {
        entry.totp = totp::otpauth(line.trim(), &entry.title);
        return entry.totp.is_some();
    }
    let Some((key, value)) = line.split_once(':') else { return false };
    let is_key = !key.is_empty() && key.len() <= 64 && !key.starts_with(char::is_whitespace) && !key.contains(['/', '"', '\'']);
    if !is_key || !(value.is_empty() || value.starts_with([' ', '\t'])) {
        return false;
    }
    take(entry, key.trim(), value.trim());
    true
}

fn take(entry: &mut Entry, key: &str, value: &str) {
    match key.to_ascii_lowercase().as_str() {
        "user" | "username" | "login" if entry.user.is_none() => entry.user = Some(value.to_owned()),
        "url" | "uri" | "website" | "site" | "link" if !value.is_empty() => entry.urls.push(value.to_owned()),
        "password" if entry.value.is_none() => entry.value = secret(value),
        "totp" | "otp" | "otpauth" | "2fa" if entry.totp.is_none() && otp(entry, key, value) => {}
        _ => {
            let name = key.to_ascii_lowercase();
            let hidden = ["pass", "pin", "secret", "token", "key", "code", "otp"].iter().any(|word| name.contains(word));
            entry.fields.extend(field(key, value, hidden));
        }
    }
}

/// `totp: SECRET`, and `otpauth://…` that was split at its first colon.
fn otp(entry: &mut Entry, key: &str, value: &str) -> bool {
    let whole = if value.starts_with("//") { Zeroizing::new(format!("{key}:{value}")) } else { Zeroizing::new(value.to_owned()) };
    entry.totp = totp::otpauth(&whole, &entry.title);
    entry.totp.is_some()
}

/// The pairs of a map; what is no text is kept as it is nested.
fn read_yaml(entry: &mut Entry, body: &str) -> bool {
    let Ok((root, _)) = yaml::read_one(body) else { return false };
    if root.pairs().is_empty() || root.pairs().iter().any(|(_, node)| node.text().is_none()) {
        return false;
    }
    root.pairs().iter().for_each(|(key, node)| take(entry, key, node.text().unwrap_or_default()));
    true
}

/// A file that `gopass fscopy` stored.
fn attachment(text: &str, title: &str) -> Option<Attachment> {
    let mut name = None;
    let mut is_base64 = false;
    let (head, body) = text.trim_start_matches('\n').split_once("\n\n")?;
    for line in head.lines() {
        let (key, value) = line.split_once(':')?;
        match key.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                let file = value.split("filename=").nth(1).unwrap_or(title);
                name = file.trim().trim_matches('"').rsplit(['/', '\\']).next().map(str::to_owned);
            }
            "content-transfer-encoding" => is_base64 = value.trim().eq_ignore_ascii_case("base64"),
            _ => {}
        }
    }
    let name = name.filter(|name| is_base64 && !name.is_empty() && name.len() <= MOST_VALUE)?;
    let packed: Zeroizing<Vec<u8>> = Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    STANDARD.decode(&packed).ok().map(|bytes| Attachment { name, bytes: SecretBytes::new(bytes) })
}

#[cfg(test)]
mod tests {
    use beffroi_secret::SecretText;

    use super::*;

    fn read_as(text: &str) -> Entry {
        entry("web/shop/root", SecretBytes::new(text.as_bytes().to_vec()))
    }

    fn shown(value: Option<&SecretText>) -> &str {
        value.map_or("-", |value| value.expose())
    }

    #[test]
    fn lines_become_what_they_say() {
        let text = "hunter2\nlogin: ops\nurl: https://shop.example.org:8443/\nhttps://other.example.org\nPIN: 1234\notpauth://totp/shop?secret=GEZDGNBVGY3TQOJQ\na note: of mine\n\nfree text\n";
        let entry = read_as(text);
        assert_eq!((entry.title.as_str(), entry.path.join("/")), ("root", "web/shop".to_owned()));
        assert_eq!((shown(entry.value.as_ref()), entry.user.as_deref()), ("hunter2", Some("ops")));
        assert_eq!(entry.urls, ["https://shop.example.org:8443/"]);
        assert!(shown(entry.totp.as_ref()).contains("secret=GEZDGNBVGY3TQOJQ"));
        let fields: Vec<_> = entry.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect();
        assert_eq!(fields, [("PIN", "1234", true), ("a note", "of mine", false)]);
        assert_eq!(shown(entry.notes.as_ref()), "https://other.example.org\n\nfree text");
    }

    #[test]
    fn what_gopass_adds_is_read() {
        let entry = read_as("pw\nnot a pair\n---\nuser: ops\nport: 22\n");
        assert_eq!((shown(entry.value.as_ref()), entry.user.as_deref(), shown(entry.notes.as_ref())), ("pw", Some("ops"), "not a pair"));
        let entry = read_as("GOPASS-SECRET-1.0\nPassword: old\nUser: me\n\nbody\n");
        assert_eq!((shown(entry.value.as_ref()), entry.user.as_deref(), shown(entry.notes.as_ref())), ("old", Some("me"), "body"));
        let entry = read_as("\ncontent-disposition: attachment; filename=\"../k.bin\"\ncontent-transfer-encoding: Base64\n\nAP8K\n");
        assert_eq!(
            entry.attachments.iter().map(|file| (file.name.as_str(), file.bytes.expose().as_slice())).collect::<Vec<_>>(),
            [("k.bin", &[0, 255, 10][..])]
        );
        let entry = read_as("pw\n---\nno: [map, of, texts]\n");
        assert_eq!(shown(entry.notes.as_ref()), "no: [map, of, texts]");
    }

    #[test]
    fn a_key_a_note_and_a_code_alone() {
        assert_eq!(read_as("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n").kind, Kind::PrivateKey);
        assert_eq!(read_as("\njust notes\n").kind, Kind::Note);
        let entry = read_as("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ\n");
        assert!(entry.totp.is_some() && entry.value.is_none());
    }
}
