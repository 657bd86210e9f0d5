//! One-time codes of secrets, as people type them.

use beffroi_secret::SecretText;
use beffroi_ssh::OneTime;

use crate::error::HealthError;
use crate::secrets::SecretPart;
use crate::session::Happening;
use crate::{App, AppError, now_ms};

/// A one-time code.
#[derive(Debug)]
pub struct OneTimeCode {
    /// The secret.
    pub name: String,
    /// The code.
    pub code: SecretText,
    /// Until when it is the current one, in milliseconds since 1970.
    pub until_ms: u64,
    /// For how many seconds each is.
    pub period_s: u64,
}

impl App {
    /// The current one-time code of a secret: from what stands beside its value, else from its value. The journal says that it was
    /// asked for before anybody sees it. A login that waits for a code of its own is given another one.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`], [`HealthError::NoCodes`], and for what codes cannot be made from.
    pub async fn secret_code(&self, name: &str) -> Result<OneTimeCode, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let beside = session.secret_part(&row, &SecretPart::Totp);
                let one_time = match beside {
                    Ok((text, _)) => OneTime::read(&text)?,
                    Err(AppError::SecretNotFound { .. }) => {
                        let (value, _) = session.secret_part(&row, &SecretPart::Value)?;
                        OneTime::read(&value).map_err(|_| HealthError::NoCodes { name: row.name.clone() })?
                    }
                    Err(error) => return Err(error),
                };
                session.commit(Happening::new("secret-revealed").with("name", &row.name).with("part", "code"), |_| Ok(()))?;
                let now = now_ms() / 1000;
                one_time.note_used_at(now);
                let until_ms = (now + one_time.seconds_left(now)) * 1000;
                Ok(OneTimeCode { name: row.name, code: one_time.code_at(now), until_ms, period_s: one_time.period() })
            })
            .await
    }
}
