//! Whether what a file brings can be kept, told before anything is written: one entry that cannot would stop all of them.

use std::io;

use beffroi_import::Entry;
use zeroize::Zeroizing;

use super::ImportStanding;
use super::detail::{fits, put, whole};
use super::merge::{Fate, Mark, VALUE, said};
use super::rows::{Judged, texts};
use super::side::Known;
use crate::documents::DocumentKind;
use crate::secrets::MOST_BYTES;
use crate::secrets::attachments::MOST_FILES;
use crate::secrets::detail::{AttachmentLine, Detail, Origin};
use crate::session::Session;
use crate::{AppError, now_ms};

/// Bytes of the longest detail.
const MOST: usize = DocumentKind::Detail.most_bytes();
/// Bytes that a character takes in JSON, at most.
const ESCAPED: usize = 6;
/// More than a source, its id and the names of all parts take.
const AROUND: usize = 64 << 10;

/// How many more files a vault can have.
pub(super) struct Room(u64);

impl Room {
    pub(super) fn left(session: &Session) -> Result<Self, AppError> {
        let kind = DocumentKind::Attachment;
        let kept = session.catalog.read(|reader| reader.count_documents(kind.name()))?;
        Ok(Self(kind.most().unwrap_or(u64::MAX).saturating_sub(kept)))
    }

    /// Holds room for the files of an entry, and refuses it when there is none.
    pub(super) fn hold(&mut self, entry: &Entry, row: &mut Judged) {
        let is_new = |(field, fate): &&(String, Fate)| field.starts_with("file:") && matches!(fate, Fate::Take | Fate::Conflict);
        let files = match row.standing {
            ImportStanding::New | ImportStanding::Differs => entry.attachments.iter().filter(|file| fits(file)).count().min(MOST_FILES),
            ImportStanding::Changed | ImportStanding::Conflict => row.fates.iter().filter(is_new).count(),
            _ => 0,
        };
        match self.0.checked_sub(files as u64) {
            Some(left) => self.0 = left,
            None => row.standing = ImportStanding::Refused("no-room"),
        }
    }
}

/// Whether the detail of a new secret can be kept.
pub(super) fn added(entry: &Entry) -> Result<bool, AppError> {
    if most_of(entry) <= MOST {
        return Ok(true);
    }
    let said = said(entry, Mark(&[0; 16]));
    let mut detail = whole(entry, &said);
    detail.attachments = entry.attachments.iter().filter(|file| fits(file)).take(MOST_FILES).map(|file| line(&file.name)).collect();
    detail.origin = Some(Origin { source: String::new(), id: entry.origin.clone(), said });
    Ok(length(&detail)? + AROUND <= MOST)
}

/// Whether the detail of a secret can be kept when all of an entry is taken that could be.
pub(super) fn merged(session: &Session, known: &Known, entry: &Entry, row: &Judged) -> Result<bool, AppError> {
    let Some(stored) = known.detail.as_ref().filter(|_| !row.fates.is_empty()) else { return added(entry) };
    if length(&stored.value)? + most_of(entry) + ESCAPED * MOST_BYTES <= MOST {
        return Ok(true);
    }
    let bytes = Zeroizing::new(serde_json::to_vec(&stored.value).map_err(AppError::internal)?);
    let mut detail: Detail = serde_json::from_slice(&bytes).map_err(AppError::internal)?;
    for (field, _) in row.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Take | Fate::Conflict)) {
        match field.strip_prefix("file:") {
            Some(name) if detail.attachments.iter().all(|line| line.name != name) => detail.attachments.push(line(name)),
            Some(_) => {}
            None if field == VALUE => {
                if let Some(old) = session.value_of(&known.row)?.and_then(|old| old.into_text().ok()) {
                    detail.remember(old, now_ms());
                }
            }
            None => put(&mut detail, entry, field),
        }
    }
    let before = detail.origin.take().map(|origin| origin.said).unwrap_or_default();
    let gone = before.into_iter().filter(|(field, _)| row.said.iter().all(|(other, _)| other != field));
    detail.origin = Some(Origin { source: String::new(), id: entry.origin.clone(), said: gone.chain(row.said.iter().cloned()).collect() });
    Ok(length(&detail)? + AROUND <= MOST)
}

/// More than the detail of an entry takes, without looking at each character: names stand there twice.
fn most_of(entry: &Entry) -> usize {
    let files: usize = entry.attachments.iter().map(|file| 2 * ESCAPED * file.name.len() + 200).sum();
    2 * ESCAPED * texts(entry) + files + 200 * entry.fields.len() + AROUND
}

fn line(name: &str) -> AttachmentLine {
    AttachmentLine { document: "0".repeat(36), name: name.to_owned(), size: u64::MAX }
}

/// How long a detail is when it is written.
fn length(detail: &Detail) -> Result<usize, AppError> {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Into a number.
    serde_json::to_writer(&mut count, detail).map_err(AppError::internal)?;
    Ok(count.0)
}

#[cfg(test)]
mod tests {
    use beffroi_import::Field;
    use beffroi_secret::SecretText;

    use super::*;

    fn of_fields(count: usize, value: &str) -> Entry {
        let field = |at| Field { name: format!("field {at}"), value: SecretText::new(value.to_owned()), hidden: false };
        Entry { title: "many".to_owned(), fields: (0..count).map(field).collect(), ..Entry::default() }
    }

    #[test]
    fn what_is_measured_is_never_more_than_what_is_reckoned() {
        for (count, value) in [(0, ""), (1, "\u{1}\u{2}"), (500, "\u{7}"), (3, "é\"\\")] {
            let entry = of_fields(count, value);
            let said = said(&entry, Mark(&[0; 16]));
            let mut detail = whole(&entry, &said);
            detail.origin = Some(Origin { source: String::new(), id: String::new(), said });
            assert!(length(&detail).expect("measured") <= most_of(&entry), "{count} of {value:?}");
        }
    }

    #[test]
    fn what_is_longer_than_a_detail_may_be_is_refused() {
        assert!(added(&of_fields(1_000, "x")).expect("measured"));
        assert!(added(&of_fields(100, &"x".repeat(30_000))).expect("measured"), "reckoned too long, and measured");
        assert!(!added(&of_fields(100, &"\u{1}".repeat(30_000))).expect("measured"), "six characters of JSON each");
    }
}
