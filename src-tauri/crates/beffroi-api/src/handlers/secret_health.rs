//! How the secrets of a vault are, where they should not be, and what is made of them.

use beffroi_app::{HealthOrder, ScanOrder};
use beffroi_remote::MASK;

use crate::wire::{
    Done, KeyGenerate, KeyKind, LeakedBy, OneTimeCode, PublicKey, ScanFinding, ScanHook, ScanHooked, ScanName, ScanReport, ScanWhat,
    SecretFault, SecretFinding, SecretHealth, SecretHealthRequest, SecretName, SecretScan,
};
use crate::{Api, ApiError};

impl Api {
    /// `secret_health`
    pub async fn secret_health(&self, request: SecretHealthRequest) -> Result<SecretHealth, ApiError> {
        let order = HealthOrder { leaked: request.leaked.map(Into::into), old_days: request.old_days };
        let health = self.app().secret_health(order).await?;
        let findings = health.findings.into_iter().map(|found| SecretFinding {
            fault: fault(found.fault),
            secret: found.secret,
            host: found.host,
            stage: found.stage,
            bits: found.bits,
            group: found.group,
            what: (&found.what).into(),
        });
        Ok(SecretHealth {
            at_ms: health.at_ms,
            checked: health.checked,
            sealed: health.sealed,
            hosts_unknown: health.hosts_unknown,
            keys_unknown: health.keys_unknown,
            leaked: health.leaked.map(|by| match by {
                beffroi_app::LeakedBy::Order => LeakedBy::Order,
                beffroi_app::LeakedBy::Reading => LeakedBy::Reading,
                beffroi_app::LeakedBy::Folder => LeakedBy::Folder,
            }),
            leaked_unknown: health.leaked_unknown,
            old_days: health.old_days,
            findings: findings.collect(),
        })
    }

    /// `secret_scan`
    pub async fn secret_scan(&self, request: SecretScan) -> Result<ScanReport, ApiError> {
        let SecretScan { path, what, rules_only, baseline, accept, name } = request;
        let what = match what {
            ScanWhat::Files => beffroi_app::ScanWhat::Files,
            ScanWhat::AllFiles => beffroi_app::ScanWhat::AllFiles,
            ScanWhat::Staged => beffroi_app::ScanWhat::Staged,
            ScanWhat::History => beffroi_app::ScanWhat::History,
        };
        let order = ScanOrder { path: path.into(), what, rules_only, baseline: baseline.map(Into::into), accept, name };
        let scanned = self.app().scan_secrets(order).await?;
        let findings = scanned.findings.into_iter().map(|found| ScanFinding {
            rule: found.rule.to_owned(),
            path: found.path,
            line: found.line,
            column: found.column,
            masked: format!("{}{MASK}", found.before),
            length: found.length,
            known: found.known,
            commit: found.commit,
            fingerprint: found.fingerprint,
        });
        Ok(ScanReport {
            findings: findings.collect(),
            untold: scanned.untold,
            accepted: scanned.accepted,
            files: scanned.files,
            bytes: scanned.bytes,
            binary: scanned.skipped.binary,
            large: scanned.skipped.large,
            unreadable: scanned.skipped.unreadable,
            others: scanned.skipped.others,
            stopped: scanned.stopped,
            values: scanned.values,
        })
    }

    /// `scan_cancel`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn scan_cancel(&self, request: ScanName) -> Result<Done, ApiError> {
        self.app().cancel_scan(&request.name)?;
        Ok(Done {})
    }

    /// `scan_hook`
    pub async fn scan_hook(&self, request: ScanHook) -> Result<ScanHooked, ApiError> {
        let hook = self.app().scan_hook(request.path.into(), !request.remove).await?;
        Ok(ScanHooked { path: hook.path.display().to_string(), changed: hook.changed })
    }

    /// `secret_code`
    pub async fn secret_code(&self, request: SecretName) -> Result<OneTimeCode, ApiError> {
        let made = self.app().secret_code(&request.name).await?;
        Ok(OneTimeCode { name: made.name, code: made.code.into(), until_ms: made.until_ms, period_s: made.period_s })
    }

    /// `key_generate`
    pub async fn key_generate(&self, request: KeyGenerate) -> Result<PublicKey, ApiError> {
        let kind = match request.key {
            KeyKind::Ed25519 => beffroi_app::KeyKind::Ed25519,
            KeyKind::EcdsaP256 => beffroi_app::KeyKind::EcdsaP256,
            KeyKind::Rsa3072 => beffroi_app::KeyKind::Rsa3072,
            KeyKind::Rsa4096 => beffroi_app::KeyKind::Rsa4096,
        };
        Ok(public(self.app().make_key(&request.name, kind, request.comment.as_deref(), request.stage.as_deref()).await?))
    }

    /// `secret_public`
    pub async fn secret_public(&self, request: SecretName) -> Result<PublicKey, ApiError> {
        Ok(public(self.app().public_key(&request.name).await?))
    }
}

fn public(key: beffroi_app::PublicKeyFacts) -> PublicKey {
    PublicKey { name: key.name, line: key.line, fingerprint: key.fingerprint }
}

fn fault(fault: beffroi_app::SecretFault) -> SecretFault {
    match fault {
        beffroi_app::SecretFault::Leaked => SecretFault::Leaked,
        beffroi_app::SecretFault::Weak => SecretFault::Weak,
        beffroi_app::SecretFault::Expired => SecretFault::Expired,
        beffroi_app::SecretFault::Reused => SecretFault::Reused,
        beffroi_app::SecretFault::WeakKey => SecretFault::WeakKey,
        beffroi_app::SecretFault::PasswordLogin => SecretFault::PasswordLogin,
        beffroi_app::SecretFault::SharedKey => SecretFault::SharedKey,
        beffroi_app::SecretFault::Old => SecretFault::Old,
        beffroi_app::SecretFault::Unused => SecretFault::Unused,
    }
}
