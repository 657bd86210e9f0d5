//! Copies of a vault, its health, and finding things in it.

use std::path::Path;

use beffroi_app::{Finding, Grade};

use super::{slot, vault};
use crate::wire::{
    Found, FoundBy, FoundKind, HealthFinding, HealthGrade, Nothing, SearchRequest, SearchResults, VaultCopied, VaultCopy, VaultHealth,
    VaultRestore, VaultRestored,
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
        let only = request.only.map(|only| match only {
            FoundKind::Host => beffroi_app::FoundKind::Host,
            FoundKind::Secret => beffroi_app::FoundKind::Secret,
        });
        let found = self.app().search(&request.text, only, request.limit.unwrap_or(20)).await?;
        Ok(SearchResults { found: found.into_iter().map(found_as).collect() })
    }
}

fn found_as(found: beffroi_app::Found) -> Found {
    let kind = match found.kind {
        beffroi_app::FoundKind::Host => FoundKind::Host,
        beffroi_app::FoundKind::Secret => FoundKind::Secret,
    };
    let by = match found.by {
        beffroi_app::FoundBy::Name => FoundBy::Name,
        beffroi_app::FoundBy::Title => FoundBy::Title,
        beffroi_app::FoundBy::Account => FoundBy::Account,
        beffroi_app::FoundBy::Address => FoundBy::Address,
        beffroi_app::FoundBy::Tag => FoundBy::Tag,
        beffroi_app::FoundBy::Group => FoundBy::Group,
        beffroi_app::FoundBy::Field => FoundBy::Field,
        beffroi_app::FoundBy::Host => FoundBy::Host,
    };
    Found { kind, name: found.name, stage: found.stage, by, text: found.text }
}

fn finding(finding: &Finding) -> HealthFinding {
    let grade = match finding.grade {
        Grade::Bad => HealthGrade::Bad,
        Grade::Fair => HealthGrade::Fair,
        Grade::Good => HealthGrade::Good,
    };
    HealthFinding { grade, what: (&finding.what).into(), remedy: finding.remedy.as_ref().map(Into::into) }
}
