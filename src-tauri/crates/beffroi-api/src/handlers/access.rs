//! How hosts are reached, and what is trusted of them.

use std::path::Path;

use beffroi_app::{AccessOrder, GivenNames, HostEnrolled as Enrolled, HostOrder, HostTest as Tested, LegacyOrder, Reached};
use beffroi_domain::TargetRecord;
use beffroi_store::table::announced_key::AnnouncedKeyRow;

use crate::handlers::host::{milliseconds, on, row};
use crate::wire::{
    Access, AnnouncedKey, HostAccess, HostEnrol, HostEnrolled, HostKeyName, HostRow, HostTest, HostTestRequest, HostTestStep, HostTrust,
    KnownHostsExport, KnownHostsExported, KnownHostsImport, KnownHostsImported, KnownHostsLine, KnownHostsOfHost, ReachedBy, TrustedKey,
    WayNotTaken,
};
use crate::{Api, ApiError};

impl Api {
    /// `host_trust`
    pub async fn host_trust(&self, request: HostTrust) -> Result<HostRow, ApiError> {
        Ok(row(self.app().trust(&request.host, &request.fingerprint, request.authority).await?))
    }

    /// `host_distrust`
    pub async fn host_distrust(&self, request: HostKeyName) -> Result<HostRow, ApiError> {
        Ok(row(self.app().distrust(&request.host, &request.fingerprint).await?))
    }

    /// `host_revoke`
    pub async fn host_revoke(&self, request: HostKeyName) -> Result<HostRow, ApiError> {
        Ok(row(self.app().revoke(&request.host, &request.fingerprint).await?))
    }

    /// `known_hosts_import`
    pub async fn known_hosts_import(&self, request: KnownHostsImport) -> Result<KnownHostsImported, ApiError> {
        let imported = self.app().import_known_hosts(Path::new(&request.file), request.on.as_deref(), request.dry_run).await?;
        let texts = |fingerprints: Vec<beffroi_domain::Fingerprint>| fingerprints.iter().map(ToString::to_string).collect();
        let hosts = imported.hosts.into_iter().map(|found| KnownHostsOfHost {
            trusted: texts(found.trusted),
            authorities: texts(found.authorities),
            revoked: texts(found.revoked),
            error: found.error.map(|error| on(error, &found.host)),
            host: found.host,
        });
        Ok(KnownHostsImported {
            hosts: hosts.collect(),
            unused: imported.unused,
            not_understood: imported.not_understood.into_iter().map(|(line, reason)| KnownHostsLine { line, reason }).collect(),
        })
    }

    /// `known_hosts_export`
    pub async fn known_hosts_export(&self, request: KnownHostsExport) -> Result<KnownHostsExported, ApiError> {
        let exported = self.app().export_known_hosts(Path::new(&request.destination), request.on.as_deref(), request.hashed).await?;
        Ok(KnownHostsExported { path: exported.path.display().to_string(), lines: exported.lines, unseen: exported.unseen })
    }

    /// `host_test`
    pub async fn host_test(&self, request: HostTestRequest) -> Result<HostTest, ApiError> {
        Ok(tested(self.app().test_host(&request.host, request.again).await?))
    }

    /// `host_enrol`
    pub async fn host_enrol(&self, request: HostEnrol) -> Result<HostEnrolled, ApiError> {
        let order = beffroi_app::EnrolOrder { plan: request.plan, keep_password: request.keep_password, typed: request.typed };
        let Enrolled { test, steps, fingerprint, host } =
            self.app().enrol(&request.host, order).await.map_err(|error| on(error, &request.host))?;
        Ok(HostEnrolled {
            test: tested(test),
            steps: steps.iter().map(Into::into).collect(),
            fingerprint: fingerprint.map(|fingerprint| fingerprint.to_string()),
            host: row(host),
        })
    }
}

fn tested(test: Tested) -> HostTest {
    let host = test.host;
    let steps = test.steps.into_iter().map(|step| HostTestStep {
        what: (&step.what).into(),
        found: step.found.as_ref().map(Into::into),
        warning: step.warning.as_ref().map(Into::into),
        error: step.error.map(|error| on(error, &host)),
        duration_ms: milliseconds(step.took),
    });
    let steps: Vec<_> = steps.collect();
    let reached = test.reached.map(|(record, names, way)| reached(&record, &names, way));
    HostTest { passed: steps.iter().all(|step| step.error.is_none()), host, steps, reached }
}

/// What a request says of a host, for the app.
pub(crate) fn order(access: HostAccess) -> HostOrder {
    let HostAccess { address, port, user, jump, others, stage, tags, identity, password, one_time, sudo, legacy } = access;
    let other = |Access { address, port, user, jump, identity }| AccessOrder { address, port, user, jump, identity };
    HostOrder {
        address,
        port,
        user,
        jump,
        others: others.map(|others| others.into_iter().map(other).collect()),
        stage,
        tags,
        identity,
        password,
        one_time,
        sudo,
        legacy: legacy.map(|legacy| LegacyOrder { algorithms: legacy.algorithms, why: legacy.why, until_ms: legacy.until_ms }),
        trust: Vec::new(),
    }
}

/// The ways after the first.
pub(crate) fn others(record: &TargetRecord, names: &GivenNames) -> Vec<Access> {
    let named = record.others.iter().zip(names.accesses.iter().skip(1));
    let other = named.map(|(access, (jump, identity))| Access {
        address: access.address.clone(),
        port: Some(access.port),
        user: Some(access.user.clone()),
        jump: jump.clone(),
        identity: identity.clone(),
    });
    other.collect()
}

pub(crate) fn trusted(record: &TargetRecord) -> Vec<TrustedKey> {
    let pins = record.pins.iter().map(|pin| (&pin.fingerprint, &pin.algorithm, &pin.provenance, None));
    let authorities = record.authorities.iter();
    let authorities = authorities.map(|known| (&known.fingerprint, &known.algorithm, &known.provenance, Some(&known.patterns)));
    let keys = pins.chain(authorities).map(|(fingerprint, algorithm, provenance, patterns)| TrustedKey {
        fingerprint: fingerprint.to_string(),
        algorithm: algorithm.clone(),
        at_ms: provenance.at_ms,
        by: provenance.by.clone(),
        how: provenance.how.name().to_owned(),
        authority: patterns.is_some(),
        patterns: patterns.cloned().unwrap_or_default(),
    });
    keys.collect()
}

pub(crate) fn announced(key: AnnouncedKeyRow) -> AnnouncedKey {
    AnnouncedKey { fingerprint: key.fingerprint.to_string(), algorithm: key.algorithm, proven: key.proven, at_ms: key.at_ms }
}

pub(crate) fn reached(record: &TargetRecord, names: &GivenNames, reached: Reached) -> ReachedBy {
    let way = record.accesses().nth(reached.access).map(beffroi_app::way);
    ReachedBy {
        way: way.unwrap_or_default(),
        jump: names.accesses.get(reached.access).and_then(|(jump, _)| jump.clone()),
        passed_over: reached.passed_over.into_iter().map(|(way, reason)| WayNotTaken { way, reason }).collect(),
    }
}
