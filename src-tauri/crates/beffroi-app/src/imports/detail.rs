//! An entry of a file as the detail of a secret.

use beffroi_import::{Attachment, Entry, Past};
use beffroi_secret::SecretText;
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;

use super::merge::{HISTORY, VALUE};
use crate::AppError;
use crate::secrets::attachments::{MOST_ATTACHED, MOST_FILES};
use crate::secrets::detail::{Detail, DetailField, Hidden, PastValue};
use crate::session::Session;

/// Whether a file of an entry can be kept.
pub(super) fn fits(file: &Attachment) -> bool {
    // Its length only.
    (1..=MOST_ATTACHED).contains(&file.bytes.expose().len())
}

/// Puts what a file says of one field into a detail. The value itself and the files are not there.
pub(super) fn put(detail: &mut Detail, entry: &Entry, field: &str) {
    let hidden = |value: &Option<SecretText>| value.as_ref().map(|value| Hidden(value.duplicate()));
    match field {
        "notes" => detail.notes = hidden(&entry.notes),
        "totp" => detail.totp = hidden(&entry.totp),
        "passphrase" => detail.passphrase = hidden(&entry.passphrase),
        "title" => detail.title.clone_from(&entry.title),
        "user" => detail.user = entry.user.clone().unwrap_or_default(),
        "path" => detail.path.clone_from(&entry.path),
        "urls" => detail.urls.clone_from(&entry.urls),
        "tags" => detail.tags.clone_from(&entry.tags),
        "expires" => detail.expires_ms = entry.expires_ms,
        HISTORY => put_history(detail, &entry.history),
        _ => {
            let Some(theirs) = field.strip_prefix("field:").and_then(|name| entry.fields.iter().find(|field| field.name == name)) else {
                return;
            };
            let value = Hidden(theirs.value.duplicate());
            match detail.fields.iter_mut().find(|field| field.name == theirs.name) {
                Some(field) => field.value = value,
                None => detail.fields.push(DetailField { name: theirs.name.clone(), value, hidden: theirs.hidden }),
            }
        }
    }
}

/// Adds earlier values that are not known yet, in the order of their times, and keeps the last ones.
fn put_history(detail: &mut Detail, theirs: &[Past]) {
    for past in theirs {
        // Compared, and copied into a value that is wiped.
        if !detail.history.iter().any(|known| known.value.0.expose() == past.value.expose()) {
            detail.history.push(PastValue { value: Hidden(past.value.duplicate()), until_ms: past.until_ms.unwrap_or(0) });
        }
    }
    detail.history.sort_by_key(|past| past.until_ms);
    let over = detail.history.len().saturating_sub(crate::secrets::detail::MOST_PAST);
    detail.history.drain(..over);
}

impl Session {
    /// Puts files of an entry to a secret, in place of those of the same names.
    pub(super) fn put_files(
        &self,
        writer: &Writer<'_>,
        row: &SecretRow,
        detail: &mut Detail,
        entry: &Entry,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<(), AppError> {
        for file in entry.attachments.iter().filter(|file| fits(file) && is_taken(&format!("file:{}", file.name))) {
            let place = detail.attachments.iter().position(|line| line.name == file.name);
            if place.is_none() && detail.attachments.len() >= MOST_FILES {
                continue;
            }
            let line = self.insert_attachment(writer, row.compartment, &file.name, &file.bytes)?;
            match place.and_then(|place| detail.attachments.get_mut(place)) {
                Some(before) => {
                    let before = std::mem::replace(before, line);
                    let before = before.document.parse().map_err(|_| AppError::damaged("an attachment's document"))?;
                    self.delete_document(writer, before)?;
                }
                None => detail.attachments.push(line),
            }
        }
        Ok(())
    }
}

/// The whole detail of a new secret, without its files.
pub(super) fn whole(entry: &Entry, said: &[(String, String)]) -> Detail {
    let mut detail = Detail::default();
    for (field, _) in said.iter().filter(|(field, _)| field != VALUE) {
        put(&mut detail, entry, field);
    }
    detail
}
