//! Certificates as files, and what people need to trust an authority. Private keys are not among them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use beffroi_ca::{CertificateFacts, KitFile, KitLanguage, pem, trust_kit};

use super::document::now_s;
use crate::documents::Stored;
use crate::session::{Happening, Session};
use crate::{App, AppError, CertificateError};

/// A certificate to be written to a file.
#[derive(Debug, Clone)]
pub struct ExportOrder {
    /// An authority, or a certificate.
    pub name: String,
    /// The file, which is not there yet.
    pub path: PathBuf,
    /// As DER; else as PEM.
    pub der: bool,
    /// The authority's list of what was revoked, signed now, in the place of its certificate.
    pub list: bool,
}

/// A certificate that was written.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Where.
    pub path: PathBuf,
    /// SHA-256 of the certificate, `AB:CD:…`; of a list, that of its authority.
    pub fingerprint: String,
}

/// A trust kit to be written.
#[derive(Debug, Clone)]
pub struct KitOrder {
    /// The authority; the only one when none is named.
    pub authority: Option<String>,
    /// The folder, which is not there yet.
    pub path: PathBuf,
    /// In which languages; all when none is named.
    pub languages: Vec<KitLanguage>,
}

/// A trust kit that was written.
#[derive(Debug, Clone)]
pub struct KitWritten {
    /// The folder.
    pub path: PathBuf,
    /// Its files, as paths below it.
    pub files: Vec<String>,
    /// What people compare, `AB:CD:…`.
    pub fingerprint: String,
}

impl App {
    /// Writes a certificate, or an authority's list of what was revoked, to a new file.
    ///
    /// # Errors
    /// [`CertificateError::NotFound`], [`AppError::StageSealed`], and when the file exists or cannot be written.
    pub async fn export_certificate(&self, order: ExportOrder) -> Result<Exported, AppError> {
        self.session()?
            .blocking(move |session| {
                let (authority, certificate) = match session.authority(Some(&order.name)) {
                    Ok(authority) => {
                        let certificate = authority.value.certificate.0.clone();
                        (Some(authority), certificate)
                    }
                    Err(error @ (AppError::Certificate(CertificateError::AuthorityNotFound { .. }) | AppError::StageSealed { .. }))
                        if !order.list =>
                    {
                        let found = match (session.certificate(&order.name), error) {
                            // It may be an authority that cannot be read now.
                            (Err(AppError::Certificate(CertificateError::NotFound { .. })), sealed @ AppError::StageSealed { .. }) => {
                                Err(sealed)
                            }
                            (found, _) => found,
                        };
                        (None, found?.value.certificate.0)
                    }
                    Err(error) => return Err(error),
                };
                let (label, der) = match &authority {
                    Some(authority) if order.list => ("X509 CRL", session.list_of(authority)?),
                    _ => ("CERTIFICATE", certificate.clone()),
                };
                let bytes = if order.der { der } else { pem(label, &der).into_bytes() };
                write_new(&order.path, &bytes, false)?;
                let facts = CertificateFacts::read(&certificate).map_err(AppError::damaged)?;
                Ok(Exported { path: order.path, fingerprint: facts.fingerprint_text() })
            })
            .await
    }

    /// Writes a folder with what people need to trust an authority on their devices: nothing in it is secret.
    ///
    /// # Errors
    /// [`CertificateError::AuthorityNotFound`], [`AppError::StageSealed`], and when the folder exists or cannot be written.
    pub async fn write_trust_kit(&self, order: KitOrder) -> Result<KitWritten, AppError> {
        self.session()?
            .blocking(move |session| {
                let authority = session.authority(order.authority.as_deref())?;
                let files = trust_kit(&authority.value.certificate.0, &order.languages)?;
                std::fs::create_dir(&order.path).map_err(|error| wrong(&order.path, &error))?;
                for KitFile { path, content, program } in &files {
                    let file = order.path.join(path);
                    if let Some(folder) = file.parent() {
                        std::fs::create_dir_all(folder).map_err(|error| wrong(folder, &error))?;
                    }
                    write_new(&file, content, *program)?;
                }
                let happening = Happening::new("trust-kit-written").with("authority", &authority.value.name);
                session.commit(happening, |_| Ok(()))?;
                let facts = CertificateFacts::read(&authority.value.certificate.0).map_err(AppError::damaged)?;
                let files = files.into_iter().map(|file| file.path).collect();
                Ok(KitWritten { path: order.path, files, fingerprint: facts.fingerprint_text() })
            })
            .await
    }
}

impl Session {
    /// The list of what an authority revoked, signed now.
    fn list_of(&self, authority: &Stored<super::document::AuthorityDocument>) -> Result<Vec<u8>, AppError> {
        let revoked: Vec<_> = authority.value.revoked.iter().map(Into::into).collect();
        Ok(self.signer_of(authority)?.revocation_list(&revoked, authority.value.list_number, now_s())?)
    }
}

fn wrong(path: &Path, error: &std::io::Error) -> AppError {
    AppError::LocalFile { path: path.to_owned(), reason: error.to_string() }
}

fn write_new(path: &Path, bytes: &[u8], program: bool) -> Result<(), AppError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if program { 0o755 } else { 0o644 });
    }
    let mut file = options.open(path).map_err(|error| wrong(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| wrong(path, &error))
}
