//! Copies of a vault, its health, and finding things in it.

use std::path::Path;

use beffroi_app::{Finding, Grade};

use super::{slot, vault};
use crate::wire::{
    Found, HealthFinding, HealthGrade, Nothing, SearchRequest, SearchResults, VaultCopied, VaultCopy, VaultHealth, VaultRestore,
    VaultRestored,
};
use crate::{Api, ApiError};

impl Api {
    /// `vault_copy`
    pub async fn vault_copy(&self, request: VaultCopy) -> Result<VaultCopied, ApiError> {
        let copied = self.app().copy_vault(Path::new(&request.destination)).await?;
        Ok(VaultCopied {
            path: copied.path.display().to_string(),
            at_ms: copied.at_ms,
            bytes: copied.bytes,
            journal_entries: copied.journal_entries,
            report: vault::report(&copied.checks),
        })
    }

    /// `vault_restore`
    pub async fn vault_restore(&self, request: VaultRestore) -> Result<VaultRestored, ApiError> {
        let proof = slot::proof(request.authority)?;
        let facts = self.app().restore_vault(&request.source, &request.destination, proof, request.rehearse).await?;
        Ok(VaultRestored {
            path: facts.path.map(|path| path.display().to_string()),
            name: facts.name,
            hosts: facts.hosts,
            secrets: facts.secrets,
            journal_entries: facts.journal_entries,
            last_entry_ms: facts.last_entry_ms,
            missing: facts.missing,
            report: vault::report(&facts.checks),
        })
    }

    /// `vault_health`
    pub async fn vault_health(&self, _: Nothing) -> Result<VaultHealth, ApiError> {
        Ok(VaultHealth { findings: self.app().health().await?.iter().map(finding).collect() })
    }

    /// `search`
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResults, ApiError> {
        let found = self.app().search(&request.text, request.limit.unwrap_or(20)).await?;
        let found = found.into_iter().map(|found| Found { kind: found.kind.to_owned(), name: found.name, stage: found.stage });
        Ok(SearchResults { found: found.collect() })
    }
}

fn finding(finding: &Finding) -> HealthFinding {
    let grade = match finding.grade {
        Grade::Bad => HealthGrade::Bad,
        Grade::Fair => HealthGrade::Fair,
        Grade::Good => HealthGrade::Good,
    };
    HealthFinding { grade, what: (&finding.what).into(), remedy: finding.remedy.as_ref().map(Into::into) }
}
