//! The certificate of a domain, as YunoHost sees it at this moment: for whoever put one there by other means than its commands.

use beffroi_remote::Remote;

use crate::ask::ask;
use crate::facts::{Certificate, certificates};
use crate::operation::{CheckError, not_answered, not_understood, question};

/// Reads it in one round trip that changes nothing.
///
/// # Errors
/// [`CheckError`] when the host cannot be asked or YunoHost does not answer.
pub async fn certificate_of(remote: &dyn Remote, domain: &str) -> Result<Certificate, CheckError> {
    let asked = ask(remote, &[question(&["domain", "cert", "status", domain])]).await?;
    let status = asked.first().ok_or_else(not_understood)?.json().map_err(not_answered)?;
    certificates(&status).and_then(|mut all| all.remove(domain)).ok_or_else(not_understood)
}
