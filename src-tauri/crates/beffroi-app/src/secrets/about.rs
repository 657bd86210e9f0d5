//! A secret with what stands beside it: seen, asked for piece by piece, and changed.

use beffroi_secret::SecretText;

use super::detail::{Detail, DetailField, Hidden};
use super::{MOST_BYTES, SecretFacts, kind_after, place};
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};
use beffroi_store::table::secret::SecretRow;

/// Characters of a title, an account, a tag.
const MOST_LINE: usize = 500;
/// Characters of an address.
const MOST_URL: usize = 4000;
/// Addresses, tags, groups of one secret.
const MOST_OF_A_KIND: usize = 64;
/// Fields of one secret.
const MOST_FIELDS: usize = 128;
/// Bytes of all notes and fields of one secret.
const MOST_TEXTS: usize = 512 << 10;
/// Bytes of notes, a field, a passphrase.
const MOST_TEXT: usize = 64 << 10;

/// Everything about a secret that may be shown without asking for it.
#[derive(Debug, Clone)]
pub struct SecretAbout {
    /// What the list has of it.
    pub facts: SecretFacts,
    /// Its title; empty when it has its name only.
    pub title: String,
    /// Its groups, the outermost first.
    pub path: Vec<String>,
    /// The account.
    pub user: String,
    /// Addresses it is for.
    pub urls: Vec<String>,
    /// Words it is marked with.
    pub tags: Vec<String>,
    /// Whether it has notes.
    pub has_notes: bool,
    /// Whether it makes one-time codes.
    pub has_totp: bool,
    /// Whether the passphrase of its key is kept.
    pub has_passphrase: bool,
    /// Its fields.
    pub fields: Vec<FieldFacts>,
    /// Its files: name and bytes.
    pub attachments: Vec<(String, u64)>,
    /// Until when each of its earlier values was used, the oldest first, in milliseconds since 1970; 0 where nobody knows.
    pub past: Vec<u64>,
    /// When it should no longer be used, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// Where it came from: the source, and what it is known by there.
    pub origin: Option<(String, String)>,
}

/// A field of a secret.
#[derive(Debug, Clone)]
pub struct FieldFacts {
    /// Its name.
    pub name: String,
    /// Its value, unless it is hidden.
    pub value: Option<String>,
}

/// A piece of a secret that is shown when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPart {
    /// Its value.
    Value,
    /// Its notes.
    Notes,
    /// What one-time codes are made of.
    Totp,
    /// The passphrase of its key.
    Passphrase,
    /// A field.
    Field(String),
    /// An earlier value, from 0, the oldest first.
    Past(usize),
}

/// What is changed beside a secret's value. What is absent stays; an empty text or list takes it away.
#[derive(Debug, Default)]
pub struct SecretChange {
    /// Its title.
    pub title: Option<String>,
    /// Its groups.
    pub path: Option<Vec<String>>,
    /// The account.
    pub user: Option<String>,
    /// Addresses it is for.
    pub urls: Option<Vec<String>>,
    /// Words it is marked with.
    pub tags: Option<Vec<String>>,
    /// Notes.
    pub notes: Option<SecretText>,
    /// What one-time codes are made of.
    pub totp: Option<SecretText>,
    /// The passphrase of its key.
    pub passphrase: Option<SecretText>,
    /// When it should no longer be used, in milliseconds since 1970; 0 takes it away.
    pub expires_ms: Option<u64>,
    /// Fields that are set: name, value, whether it is hidden. An empty value takes the field away.
    pub fields: Vec<(String, SecretText, bool)>,
}

impl App {
    /// Everything about a secret that may be shown without asking for it.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`].
    pub async fn secret_about(&self, name: &str) -> Result<SecretAbout, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let detail = session.secret_detail(row.id)?.map(|stored| stored.value).unwrap_or_default();
                session.about_secret(&row, detail)
            })
            .await
    }

    /// A piece of a secret. The journal says that it was asked for before anybody sees it.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], also for a piece that it has not; [`AppError::StageSealed`].
    pub async fn reveal_part(&self, name: &str, part: SecretPart) -> Result<(SecretFacts, SecretText), AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let (value, what) = session.secret_part(&row, &part)?;
                let happening = Happening::new("secret-revealed").with("name", &row.name);
                let happening = if part == SecretPart::Value { happening } else { happening.with("part", what) };
                session.commit(happening, |_| Ok(()))?;
                Ok((session.secret_facts(&row)?, value))
            })
            .await
    }

    /// Changes what stands beside a secret's value.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`], [`AppError::InvalidRequest`] for what is too long or too much.
    pub async fn edit_secret(&self, name: &str, change: SecretChange) -> Result<SecretAbout, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let about = session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let stored = session.secret_detail(row.id)?;
                let (before, mut detail) = stored.map_or_else(Default::default, |stored| (Some(stored.revision), stored.value));
                apply(&mut detail, change)?;
                session.commit(Happening::new("secret-edited").with("name", &row.name), |writer| {
                    session.put_detail(writer, &row, before, &detail)
                })?;
                session.about_secret(&row, detail)
            })
            .await?;
        session.listener.heard(Change::Secrets);
        Ok(about)
    }

    /// Gives a secret one of its earlier values again; the one it has becomes an earlier one.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], also for an earlier value that it has not; [`AppError::StageSealed`].
    pub async fn revert_secret(&self, name: &str, past: usize) -> Result<SecretFacts, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let facts = session
            .blocking(move |session| {
                let before = session.open_secret(&name)?;
                let (value, _) = session.secret_part(&before, &SecretPart::Past(past))?;
                let (old, _) = session.secret_part(&before, &SecretPart::Value)?;
                let kind = kind_after(Some(&before), Some(&old.to_bytes()), &value).to_owned();
                let row = SecretRow { kind, revision: before.revision + 1, changed_ms: now_ms(), ..before };
                let sealed = session.seal(&place(&row), &value.to_bytes())?;
                session.commit(Happening::new("secret-set").with("name", &row.name), |writer| {
                    session.refuse_rotating(writer.reader(), &row)?;
                    writer.update_secret(&row, &sealed)?;
                    session.follow_secret(writer, &row, Some(old.to_bytes()))
                })?;
                session.secret_facts(&row)
            })
            .await?;
        session.listener.heard(Change::Secrets);
        Ok(facts)
    }
}

impl Session {
    pub(super) fn about_secret(&self, row: &SecretRow, detail: Detail) -> Result<SecretAbout, AppError> {
        let field = |field: &DetailField| FieldFacts {
            name: field.name.clone(),
            // Not hidden: its owner made it to be seen beside the name.
            value: (!field.hidden).then(|| field.value.0.expose().clone()),
        };
        Ok(SecretAbout {
            facts: self.secret_facts(row)?,
            fields: detail.fields.iter().map(field).collect(),
            attachments: detail.attachments.iter().map(|line| (line.name.clone(), line.size)).collect(),
            past: detail.history.iter().map(|past| past.until_ms).collect(),
            has_notes: detail.notes.is_some(),
            has_totp: detail.totp.is_some(),
            has_passphrase: detail.passphrase.is_some(),
            expires_ms: detail.expires_ms,
            origin: detail.origin.map(|origin| (origin.source, origin.id)),
            title: detail.title,
            path: detail.path,
            user: detail.user,
            urls: detail.urls,
            tags: detail.tags,
        })
    }

    /// A piece of a secret, and what the journal calls it.
    pub(crate) fn secret_part(&self, row: &SecretRow, part: &SecretPart) -> Result<(SecretText, String), AppError> {
        let missing = || AppError::SecretNotFound { name: row.name.clone() };
        if *part == SecretPart::Value {
            let (row, sealed) = self.catalog.read(|reader| reader.sealed_secret(row.id))?.ok_or_else(missing)?;
            let value = self.unseal(&place(&row), &sealed)?;
            return Ok((value.into_text().map_err(|_| AppError::damaged("a secret that is not text"))?, String::new()));
        }
        let mut detail = self.secret_detail(row.id)?.ok_or_else(missing)?.value;
        let (found, what) = match part {
            SecretPart::Value => (None, String::new()),
            SecretPart::Notes => (detail.notes, "notes".to_owned()),
            SecretPart::Totp => (detail.totp, "totp".to_owned()),
            SecretPart::Passphrase => (detail.passphrase, "passphrase".to_owned()),
            SecretPart::Field(name) => {
                let at = detail.fields.iter().position(|field| field.name == *name).ok_or_else(missing)?;
                (Some(detail.fields.swap_remove(at).value), name.clone())
            }
            SecretPart::Past(at) => {
                if *at >= detail.history.len() {
                    return Err(missing());
                }
                (Some(detail.history.swap_remove(*at).value), "past".to_owned())
            }
        };
        found.map(|Hidden(text)| (text, what)).ok_or_else(missing)
    }
}

/// What was there before may be more than is set here, since files of other programs have more: only what makes it more is
/// refused.
fn apply(detail: &mut Detail, change: SecretChange) -> Result<(), AppError> {
    let (fields_before, texts_before) = (detail.fields.len(), bytes_of_texts(detail));
    let SecretChange { title, path, user, urls, tags, notes, totp, passphrase, expires_ms, fields } = change;
    for (place, text) in [(&mut detail.title, title), (&mut detail.user, user)] {
        if let Some(text) = text.filter(|text| *text != *place) {
            *place = line(&text, MOST_LINE)?;
        }
    }
    for (place, list, most) in
        [(&mut detail.path, path, MOST_LINE), (&mut detail.urls, urls, MOST_URL), (&mut detail.tags, tags, MOST_LINE)]
    {
        let Some(list) = list else { continue };
        if list.len() > MOST_OF_A_KIND.max(place.len()) {
            return Err(AppError::InvalidRequest { what: "a secret has at most 64 addresses, tags or groups" });
        }
        let mut made = Vec::new();
        for text in &list {
            let text = if place.contains(text) { text.clone() } else { line(text, most)? };
            if !text.is_empty() && !made.contains(&text) {
                made.push(text);
            }
        }
        *place = made;
    }
    for (place, text) in [(&mut detail.notes, notes), (&mut detail.totp, totp), (&mut detail.passphrase, passphrase)] {
        if let Some(text) = text {
            *place = hidden(text)?;
        }
    }
    if let Some(expires_ms) = expires_ms {
        detail.expires_ms = (expires_ms != 0).then_some(expires_ms);
    }
    for (name, value, is_hidden) in fields {
        let is_there = detail.fields.iter().any(|field| field.name == name);
        let name = if is_there { name } else { line(&name, MOST_LINE)? };
        if name.is_empty() {
            return Err(AppError::InvalidRequest { what: "a field has a name" });
        }
        let at = detail.fields.iter().position(|field| field.name == name);
        match (hidden(value)?, at.and_then(|at| detail.fields.get_mut(at))) {
            (Some(value), Some(field)) => (field.value, field.hidden) = (value, is_hidden),
            (Some(value), None) => detail.fields.push(DetailField { name, value, hidden: is_hidden }),
            (None, _) => detail.fields.retain(|field| field.name != name),
        }
    }
    if detail.fields.len() > MOST_FIELDS.max(fields_before) {
        return Err(AppError::InvalidRequest { what: "a secret has at most 128 fields" });
    }
    if bytes_of_texts(detail) > MOST_TEXTS.max(texts_before) {
        return Err(AppError::InvalidRequest { what: "notes and fields of a secret have at most 512 KiB together" });
    }
    Ok(())
}

fn bytes_of_texts(detail: &Detail) -> usize {
    // Their lengths only.
    let texts =
        [&detail.notes, &detail.totp, &detail.passphrase].into_iter().flatten().chain(detail.fields.iter().map(|field| &field.value));
    texts.map(|text| text.0.expose().len()).sum()
}

fn line(text: &str, most: usize) -> Result<String, AppError> {
    let text = text.trim();
    if text.chars().count() > most || text.contains(char::is_control) {
        return Err(AppError::InvalidRequest { what: "a line has at most 500 characters, an address 4,000, and none that controls" });
    }
    Ok(text.to_owned())
}

fn hidden(text: SecretText) -> Result<Option<Hidden>, AppError> {
    // Its length only.
    match text.expose().len() {
        0 => Ok(None),
        length if length <= MOST_TEXT.max(MOST_BYTES) => Ok(Some(Hidden(text))),
        _ => Err(AppError::InvalidRequest { what: "notes and fields have at most 65,536 bytes" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    /// As an import leaves it: more of everything than is set by hand.
    #[test]
    fn what_has_more_than_is_set_here_is_changed_and_does_not_grow() {
        let value = |at: usize| Hidden(text(&format!("value {at}")));
        let fields = (0..MOST_FIELDS + 72).map(|at| DetailField { name: format!("field\t{at}"), value: value(at), hidden: true });
        let tags: Vec<String> = (0..=MOST_OF_A_KIND).map(|at| format!("{at} {}", "t".repeat(MOST_LINE))).collect();
        let mut detail = Detail { fields: fields.collect(), tags: tags.clone(), title: "t".repeat(MOST_LINE + 1), ..Detail::default() };
        let title = detail.title.clone();
        let all = SecretChange { user: Some("me".to_owned()), title: Some(title), tags: Some(tags.clone()), ..SecretChange::default() };
        apply(&mut detail, all).expect("nothing grows");
        assert_eq!((detail.user.as_str(), &detail.tags), ("me", &tags));
        let gone = SecretChange { fields: vec![("field\t7".to_owned(), text(""), true)], ..SecretChange::default() };
        apply(&mut detail, gone).expect("one less");
        assert_eq!(detail.fields.len(), MOST_FIELDS + 71);
        let set = SecretChange { fields: vec![("field\t8".to_owned(), text("other"), true)], ..SecretChange::default() };
        apply(&mut detail, set).expect("as many");
        let more = |detail: &mut Detail, name: &str| {
            apply(detail, SecretChange { fields: vec![(name.to_owned(), text("x"), true)], ..SecretChange::default() })
        };
        more(&mut detail, "one more").expect_err("too many");
        let longer = [tags, vec!["one more".to_owned()]].concat();
        apply(&mut detail, SecretChange { tags: Some(longer), ..SecretChange::default() }).expect_err("too many");
        let mut few = Detail::default();
        more(&mut few, "with\ta tab").expect_err("no such name is made here");
    }
}
