//! What becomes of a field that a file and the vault both know: three-way, by what the file said at the last import.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use beffroi_domain::SecretId;
use beffroi_import::Entry;
use sha2::{Digest, Sha256};

use crate::secrets::detail::{Detail, Hidden};

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The file says what it said before, or nothing: the vault's stays, edited here or not.
    Keep,
    /// Both say the same.
    Agree,
    /// The file says something new, and nobody changed it here.
    Take,
    /// Both changed.
    Conflict,
}

/// Decides by digests: what the file said last, what it says, what the vault has.
pub(super) fn fate(base: Option<&str>, theirs: &str, ours: Option<&str>) -> Fate {
    if base == Some(theirs) {
        Fate::Keep
    } else if ours == Some(theirs) {
        Fate::Agree
    } else if ours == base {
        Fate::Take
    } else {
        Fate::Conflict
    }
}

/// The fields that a person can change here and a file can change there. A file of an entry is `file:NAME`, a field of its own
/// `field:NAME`.
pub(super) const VALUE: &str = "value";
/// Earlier values: those of both are kept, so that they never conflict.
pub(super) const HISTORY: &str = "history";

/// What a file says of an entry, field by field. What it does not say is not there.
pub(super) fn said(entry: &Entry, mark: Mark<'_>) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut say = |field: String, digest: Option<String>| said.extend(digest.map(|digest| (field, digest)));
    // Into digests, all of them.
    let hidden = |field: &str, value: &Option<beffroi_secret::SecretText>| {
        value.as_ref().filter(|value| !value.expose().is_empty()).map(|value| mark.text(field, [value.expose().as_str()]))
    };
    say(VALUE.to_owned(), hidden(VALUE, &entry.value));
    for (field, value) in [("notes", &entry.notes), ("totp", &entry.totp), ("passphrase", &entry.passphrase)] {
        say(field.to_owned(), hidden(field, value));
    }
    let plain = |field: &str, value: &str| (!value.is_empty()).then(|| mark.text(field, [value]));
    say("title".to_owned(), plain("title", &entry.title));
    say("user".to_owned(), plain("user", entry.user.as_deref().unwrap_or_default()));
    let list = |field: &str, values: &[String]| (!values.is_empty()).then(|| mark.text(field, values.iter().map(String::as_str)));
    for (field, values) in [("path", &entry.path), ("urls", &entry.urls), ("tags", &entry.tags)] {
        say(field.to_owned(), list(field, values));
    }
    say("expires".to_owned(), entry.expires_ms.map(|at| mark.text("expires", [at.to_string().as_str()])));
    for field in &entry.fields {
        let name = format!("field:{}", field.name);
        let digest = mark.text(&name, [field.value.expose().as_str()]);
        say(name, Some(digest));
    }
    for file in &entry.attachments {
        let name = format!("file:{}", file.name);
        let digest = mark.bytes(&name, [file.bytes.expose().as_slice()]);
        say(name, Some(digest));
    }
    if !entry.history.is_empty() {
        say(HISTORY.to_owned(), Some(mark.text(HISTORY, entry.history.iter().map(|past| past.value.expose().as_str()))));
    }
    said
}

/// Digests of what of an entry opens something: its value, its one-time codes and its hidden fields; of one without a value, all
/// that it says but how it is called.
pub(crate) fn parts_of(entry: &Entry, secret: SecretId) -> Vec<(String, String)> {
    let is_hidden = |part: &str| {
        let name = part.strip_prefix("field:");
        name.is_some_and(|name| entry.fields.iter().any(|field| field.hidden && field.name == name))
    };
    let is_about = |part: &str| matches!(part, "title" | "user" | "path" | "urls" | "tags" | "expires" | HISTORY);
    let is_part = |part: &str| match &entry.value {
        Some(_) => matches!(part, VALUE | "totp") || is_hidden(part),
        None => !is_about(part),
    };
    said(entry, Mark(secret.as_bytes())).into_iter().filter(|(part, _)| is_part(part)).collect()
}

/// What the vault has of a field, but its value and its files, which are not in its detail.
pub(super) fn ours(detail: &Detail, field: &str, mark: Mark<'_>) -> Option<String> {
    let hidden = |value: &Option<Hidden>| value.as_ref().map(|value| mark.text(field, [value.0.expose().as_str()]));
    let plain = |value: &str| (!value.is_empty()).then(|| mark.text(field, [value]));
    let list = |values: &[String]| (!values.is_empty()).then(|| mark.text(field, values.iter().map(String::as_str)));
    match field {
        "notes" => hidden(&detail.notes),
        "totp" => hidden(&detail.totp),
        "passphrase" => hidden(&detail.passphrase),
        "title" => plain(&detail.title),
        "user" => plain(&detail.user),
        "path" => list(&detail.path),
        "urls" => list(&detail.urls),
        "tags" => list(&detail.tags),
        "expires" => detail.expires_ms.map(|at| mark.text(field, [at.to_string().as_str()])),
        _ => {
            let name = field.strip_prefix("field:")?;
            let found = detail.fields.iter().find(|found| found.name == name)?;
            Some(mark.text(field, [found.value.0.expose().as_str()]))
        }
    }
}

/// Bytes of a digest: there are a few for each secret.
const BYTES: usize = 16;

/// Makes digests that are worth nothing outside one secret's detail: they are bound to its id, and lie sealed with what they
/// are digests of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'a>(pub(super) &'a [u8; 16]);

impl Mark<'_> {
    pub(super) fn text<'v>(self, field: &str, values: impl IntoIterator<Item = &'v str>) -> String {
        self.bytes(field, values.into_iter().map(str::as_bytes))
    }

    pub(super) fn bytes<'v>(self, field: &str, values: impl IntoIterator<Item = &'v [u8]>) -> String {
        let mut hash = Sha256::new_with_prefix(b"beffroi/said/1");
        hash.update(self.0);
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        add(field.as_bytes());
        values.into_iter().for_each(add);
        STANDARD_NO_PAD.encode(hash.finalize().get(..BYTES).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_loses_what_they_changed() {
        // base, theirs, ours
        let cases = [
            ("a", "a", Some("a"), Fate::Keep),
            ("a", "a", Some("edited"), Fate::Keep),
            ("a", "a", None, Fate::Keep),
            ("a", "b", Some("a"), Fate::Take),
            ("a", "b", Some("b"), Fate::Agree),
            ("a", "b", Some("edited"), Fate::Conflict),
            ("a", "b", None, Fate::Conflict),
        ];
        for (base, theirs, ours, expected) in cases {
            assert_eq!(fate(Some(base), theirs, ours), expected, "{base} {theirs} {ours:?}");
        }
        assert_eq!(fate(None, "b", None), Fate::Take, "what the file never said, and nobody wrote here");
        assert_eq!(fate(None, "b", Some("b")), Fate::Agree);
        assert_eq!(fate(None, "b", Some("a")), Fate::Conflict);
    }

    #[test]
    fn a_digest_is_of_one_secret_and_one_field() {
        let (one, other) = ([1; 16], [2; 16]);
        let digest = Mark(&one).text("user", ["root"]);
        assert_ne!(digest, Mark(&other).text("user", ["root"]));
        assert_ne!(digest, Mark(&one).text("title", ["root"]));
        assert_ne!(Mark(&one).text("tags", ["a", "b"]), Mark(&one).text("tags", ["ab"]));
    }
}
