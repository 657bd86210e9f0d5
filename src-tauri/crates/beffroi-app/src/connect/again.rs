//! One more connection to a host, for what ends root's command there when the first one has no place for it.

use std::pin::Pin;
use std::sync::Arc;

use beffroi_domain::TargetRecord;
use beffroi_ssh::SshRemote;

use super::open::is_alike;
use super::trust_of;
use crate::AppError;
use crate::session::Session;

impl Session {
    /// The same connection, which can be made once more: by the same way, for the same record, while the vault is open.
    pub(super) fn with_another(self: &Arc<Self>, remote: SshRemote, record: &TargetRecord, access: usize) -> SshRemote {
        // The connection is the session's: it does not keep it.
        let (session, record) = (Arc::downgrade(self), record.clone());
        remote.with_another(Arc::new(move || {
            let (session, record) = (session.clone(), record.clone());
            let making: Pin<Box<dyn Future<Output = Option<SshRemote>> + Send>> = Box::pin(async move {
                let made = session.upgrade()?.another(&record, access).await;
                made.inspect_err(|error| tracing::info!(%error, "no other connection to end a command")).ok().flatten()
            });
            making
        }))
    }

    /// `None` where the host's record is another one by now, and where it could ask for a one-time code: it takes each once,
    /// and the next one comes too late.
    async fn another(self: &Arc<Self>, record: &TargetRecord, access: usize) -> Result<Option<SshRemote>, AppError> {
        if !is_alike(&self.target_of(record.host).await?, record) {
            return Ok(None);
        }
        let Some(access) = record.accesses().nth(access) else { return Ok(None) };
        let offer = self.permitted(record, access).await?;
        if offer.login.one_time.is_some() {
            return Ok(None);
        }
        let handshake = self.look(record, access, &[]).await?.check(&trust_of(record, access))?;
        self.log_in(handshake, record, access, offer).await.map(Some)
    }
}
