//! Files that belong to a secret: a document each, named in the secret's detail.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{CompartmentId, DocumentId};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::Writer;
use serde::{Deserialize, Serialize};

use super::SecretAbout;
use super::detail::{AttachmentLine, Detail, Hidden};
use crate::documents::{Document, DocumentKind};
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, own_file};

/// Bytes of the largest file.
pub(crate) const MOST_ATTACHED: usize = 8 << 20;
/// Files of one secret.
pub(crate) const MOST_FILES: usize = 64;
/// Characters of a file's name.
const MOST_NAME: usize = 200;

/// A file as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AttachedFile {
    /// Its bytes in base64: JSON has no other place for them.
    bytes: Hidden,
}

impl Document for AttachedFile {
    const KIND: DocumentKind = DocumentKind::Attachment;
}

impl AttachedFile {
    fn new(bytes: &SecretBytes) -> Self {
        // Into a text that is wiped.
        Self { bytes: Hidden(SecretText::new(STANDARD.encode(bytes.expose()))) }
    }

    fn open(&self) -> Result<SecretBytes, AppError> {
        // Into bytes that are wiped.
        STANDARD.decode(self.bytes.0.expose()).map(SecretBytes::new).map_err(AppError::damaged)
    }
}

impl App {
    /// Puts a file of this machine to a secret; one of the same name is replaced. The file itself stays where it is.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`], and for a file that is empty, too large, or one too many.
    pub async fn attach(&self, name: &str, path: &Path) -> Result<SecretAbout, AppError> {
        let session = self.session()?;
        let (name, path) = (name.to_owned(), path.to_owned());
        let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let is_name =
            !file.is_empty() && file.chars().count() <= MOST_NAME && !file.contains(['/', '\\']) && !file.contains(char::is_control);
        if !is_name || file == "." || file == ".." {
            return Err(AppError::InvalidRequest { what: "an attachment has a name without slashes" });
        }
        let about = session
            .blocking(move |session| {
                let bytes = own_file::read(&path, MOST_ATTACHED as u64)?;
                // Its length only.
                if bytes.expose().is_empty() {
                    return Err(AppError::InvalidRequest { what: "an attachment has between 1 byte and 8 MiB" });
                }
                let row = session.open_secret(&name)?;
                let stored = session.secret_detail(row.id)?;
                let before = stored.as_ref().map(|stored| stored.revision);
                let mut detail = stored.map(|stored| stored.value).unwrap_or_default();
                let old = detail.attachments.iter().position(|line| line.name == file).map(|at| detail.attachments.remove(at));
                if detail.attachments.len() >= MOST_FILES {
                    return Err(AppError::InvalidRequest { what: "a secret has at most 64 attachments" });
                }
                let happening = Happening::new("secret-attached").with("name", &row.name).with("file", &file);
                session.commit(happening, |writer| {
                    if let Some(old) = &old {
                        session.delete_document(writer, document(old)?)?;
                    }
                    detail.attachments.push(session.insert_attachment(writer, row.compartment, &file, &bytes)?);
                    session.put_detail(writer, &row, before, &detail)
                })?;
                session.about_secret(&row, detail)
            })
            .await?;
        self.session()?.listener.heard(Change::Secrets);
        Ok(about)
    }

    /// Writes a file of a secret to this machine, for its owner only. The journal says that it was asked for first.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`], [`AppError::InvalidRequest`] when it has no such file,
    /// [`AppError::LocalFile`], also where there is one that may not be replaced.
    pub async fn save_attachment(&self, name: &str, file: &str, path: &Path, replace: bool) -> Result<(), AppError> {
        let session = self.session()?;
        let (name, file, path) = (name.to_owned(), file.to_owned(), path.to_owned());
        session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let detail = session.secret_detail(row.id)?.map(|stored| stored.value).unwrap_or_default();
                let bytes = session.attached(line_named(&detail, &file)?)?;
                let happening = Happening::new("secret-attachment-read").with("name", &row.name).with("file", &file);
                session.commit(happening, |_| Ok(()))?;
                own_file::write(&path, &bytes, replace)
            })
            .await
    }

    /// Takes a file from a secret, for good.
    ///
    /// # Errors
    /// As for [`App::save_attachment`].
    pub async fn detach_file(&self, name: &str, file: &str) -> Result<SecretAbout, AppError> {
        let session = self.session()?;
        let (name, file) = (name.to_owned(), file.to_owned());
        let about = session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let stored = session.secret_detail(row.id)?;
                let (before, mut detail) = stored.map_or_else(Default::default, |stored| (Some(stored.revision), stored.value));
                let id = document(line_named(&detail, &file)?)?;
                detail.attachments.retain(|line| line.name != file);
                let happening = Happening::new("secret-detached").with("name", &row.name).with("file", &file);
                session.commit(happening, |writer| {
                    session.delete_document(writer, id)?;
                    session.put_detail(writer, &row, before, &detail)
                })?;
                session.about_secret(&row, detail)
            })
            .await?;
        self.session()?.listener.heard(Change::Secrets);
        Ok(about)
    }
}

fn line_named<'a>(detail: &'a Detail, file: &str) -> Result<&'a AttachmentLine, AppError> {
    let found = detail.attachments.iter().find(|line| line.name == file);
    found.ok_or(AppError::InvalidRequest { what: "the secret has no attachment of this name" })
}

fn document(line: &AttachmentLine) -> Result<DocumentId, AppError> {
    line.document.parse().map_err(|_| AppError::damaged("an attachment's document"))
}

impl Session {
    /// Stores a file, and gives its line for the detail.
    pub(crate) fn insert_attachment(
        &self,
        writer: &Writer<'_>,
        compartment: CompartmentId,
        name: &str,
        bytes: &SecretBytes,
    ) -> Result<AttachmentLine, AppError> {
        let id = DocumentId::make();
        self.put_document(writer, compartment, id, None, &AttachedFile::new(bytes))?;
        // Its length only.
        Ok(AttachmentLine { document: id.to_string(), name: name.to_owned(), size: bytes.expose().len() as u64 })
    }

    /// A file of a secret.
    pub(crate) fn attached(&self, line: &AttachmentLine) -> Result<SecretBytes, AppError> {
        let file: Option<crate::documents::Stored<AttachedFile>> = self.document(document(line)?)?;
        file.ok_or_else(|| AppError::damaged("an attachment that is not there"))?.value.open()
    }

    /// Seals the files of a secret under another stage.
    pub(crate) fn move_attachments(&self, writer: &Writer<'_>, detail: &Detail, to: CompartmentId) -> Result<(), AppError> {
        for line in &detail.attachments {
            let id = document(line)?;
            let file: Option<crate::documents::Stored<AttachedFile>> = self.document_in(writer.reader(), id)?;
            let file = file.ok_or_else(|| AppError::damaged("an attachment that is not there"))?;
            self.put_document(writer, to, id, Some(file.revision), &file.value)?;
        }
        Ok(())
    }

    /// Removes the files of a secret.
    pub(crate) fn delete_attachments(&self, writer: &Writer<'_>, detail: &Detail) -> Result<(), AppError> {
        detail.attachments.iter().try_for_each(|line| self.delete_document(writer, document(line)?))
    }
}
