//! The keys that the catalog knows of: those that it gave to hosts, and those with which it logs in.

use std::collections::BTreeSet;
use std::sync::Arc;

use beffroi_domain::TargetRecord;

use crate::AppError;
use crate::enrol::AUTHORIZED_KEY;
use crate::session::Session;

impl Session {
    /// Their fingerprints. What a sealed stage holds is not among them, nor a key that cannot be read.
    pub(super) async fn known_keys(self: &Arc<Self>, targets: &[TargetRecord]) -> Result<BTreeSet<String>, AppError> {
        let mut known = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for target in targets {
            let given = self.left_on(target.host).await?.into_iter().filter(|row| row.kind == AUTHORIZED_KEY);
            known.extend(given.map(|row| row.what));
            // Many hosts share a login: its key is read once.
            let login = target.login.as_ref().map(|login| (format!("{login:?}"), target.stage.to_string()));
            if login.is_some_and(|login| seen.insert(login))
                && let Ok(Some((_, fingerprint))) = self.own_public_key(target).await
            {
                known.insert(fingerprint.to_string());
            }
        }
        Ok(known)
    }
}
