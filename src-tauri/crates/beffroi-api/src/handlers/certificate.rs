//! Private authorities.

use beffroi_app::{AuthorityFacts, AuthorityOrder, CertificateOrder, ExportOrder, IssuedFacts, KitLanguage, KitOrder, Which};

use super::plan;
use crate::wire::{
    CaAuthority, CaCertificate, CaExport, CaExported, CaInit, CaIssue, CaKit, CaKitLanguage, CaKitWritten, CaList, CaName, CaPush, CaRenew,
    CaRenewal, CaRenewed, Nothing, PlanView,
};
use crate::{Api, ApiError};

impl Api {
    /// `ca_list`
    pub async fn ca_list(&self, _: Nothing) -> Result<CaList, ApiError> {
        let authorities = self.app().authorities().await?.into_iter().map(authority).collect();
        Ok(CaList { authorities, certificates: self.app().certificates().await?.into_iter().map(certificate).collect() })
    }

    /// `ca_init`
    pub async fn ca_init(&self, request: CaInit) -> Result<CaAuthority, ApiError> {
        let CaInit { name, stage, permitted } = request;
        Ok(authority(self.app().make_authority(AuthorityOrder { name, stage, permitted }).await?))
    }

    /// `ca_issue`
    pub async fn ca_issue(&self, request: CaIssue) -> Result<CaCertificate, ApiError> {
        let CaIssue { names, authority, host } = request;
        Ok(certificate(self.app().issue_certificate(CertificateOrder { names, authority, host }).await?))
    }

    /// `ca_show`
    pub async fn ca_show(&self, request: CaName) -> Result<CaCertificate, ApiError> {
        Ok(certificate(self.app().certificate(&request.certificate).await?))
    }

    /// `ca_renew`
    pub async fn ca_renew(&self, request: CaRenew) -> Result<CaRenewed, ApiError> {
        let which = match request {
            CaRenew { certificates, .. } if !certificates.is_empty() => Which::Named(certificates),
            CaRenew { all: true, .. } => Which::All,
            CaRenew { within_days, .. } => Which::Due(within_days),
        };
        let results = self.app().renew_certificates(which).await?.into_iter().map(|renewal| {
            let (certificate, error) = match renewal.renewed {
                Ok(facts) => (Some(certificate(facts)), None),
                Err(error) => (None, Some(error.into())),
            };
            CaRenewal { name: renewal.name, certificate, error }
        });
        Ok(CaRenewed { results: results.collect() })
    }

    /// `ca_revoke`
    pub async fn ca_revoke(&self, request: CaName) -> Result<CaCertificate, ApiError> {
        Ok(certificate(self.app().revoke_certificate(&request.certificate).await?))
    }

    /// `ca_export`
    pub async fn ca_export(&self, request: CaExport) -> Result<CaExported, ApiError> {
        let CaExport { name, path, der, list } = request;
        let exported = self.app().export_certificate(ExportOrder { name, path: path.into(), der, list }).await?;
        Ok(CaExported { path: exported.path.display().to_string(), fingerprint: exported.fingerprint })
    }

    /// `ca_kit`
    pub async fn ca_kit(&self, request: CaKit) -> Result<CaKitWritten, ApiError> {
        let language = |language| match language {
            CaKitLanguage::En => KitLanguage::English,
            CaKitLanguage::Fr => KitLanguage::French,
        };
        let languages = request.languages.into_iter().map(language).collect();
        let order = KitOrder { authority: request.authority, path: request.path.into(), languages };
        let written = self.app().write_trust_kit(order).await?;
        Ok(CaKitWritten { path: written.path.display().to_string(), files: written.files, fingerprint: written.fingerprint })
    }

    /// `ca_push`
    pub async fn ca_push(&self, request: CaPush) -> Result<PlanView, ApiError> {
        let CaPush { certificates, domains, on, back } = request;
        Ok(plan::view(self.app().plan_push(&certificates, &domains, on.as_deref(), back).await?))
    }
}

fn authority(facts: AuthorityFacts) -> CaAuthority {
    CaAuthority {
        id: facts.id.to_string(),
        name: facts.name,
        stage: facts.stage,
        permitted: facts.permitted,
        until_ms: facts.until_ms,
        days_left: facts.days_left,
        fingerprint: facts.fingerprint,
        certificates: facts.certificates,
        revoked: facts.revoked,
        key: facts.key,
    }
}

fn certificate(facts: IssuedFacts) -> CaCertificate {
    CaCertificate {
        id: facts.id.to_string(),
        names: facts.names,
        authority: facts.authority,
        host: facts.host,
        stage: facts.stage,
        from_ms: facts.from_ms,
        until_ms: facts.until_ms,
        days_left: facts.days_left,
        due: facts.due,
        revoked: facts.revoked,
        serial: facts.serial,
        fingerprint: facts.fingerprint,
        key: facts.key,
        pushed_ms: facts.pushed_ms,
        is_there: facts.is_there,
    }
}
