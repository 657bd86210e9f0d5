//! Files of other programs.

use beffroi_app::{
    ExportSecrets, ImportChoices, ImportEntryRow, ImportHostRow, ImportHostStanding, ImportPreview as Preview, ImportRules as Rules,
    ImportSource, ImportStanding as Standing,
};

use super::slot::proof;
use crate::wire::{
    Done, ImportApply, ImportChoice, ImportColumns, ImportColumnsOf, ImportDone, ImportEntry, ImportFinding, ImportFormats, ImportHost,
    ImportLook, ImportMapping, ImportNotice, ImportPreview, ImportRead, ImportRefused, ImportRules, ImportSigner, ImportStanding,
    ImportWaiting, Nothing, SecretExport, SecretExported,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `import_formats`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn import_formats(&self, _: Nothing) -> Result<ImportFormats, ApiError> {
        let texts = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect();
        Ok(ImportFormats {
            read: texts(beffroi_app::import_formats()),
            written: texts(beffroi_app::export_formats()),
            columns: beffroi_app::import_column_kinds(),
        })
    }

    /// `import_columns`
    pub async fn import_columns(&self, request: ImportColumnsOf) -> Result<ImportColumns, ApiError> {
        let (headers, suggested) = beffroi_app::import_columns(request.path.into()).await?;
        Ok(ImportColumns { headers, suggested: ImportMapping { columns: suggested.0, header: suggested.1 } })
    }

    /// `import_read`
    pub async fn import_read(&self, request: ImportRead) -> Result<ImportPreview, ApiError> {
        let ImportRead { path, format, password, key_file, identities, mapping, from, rules } = request;
        let source = ImportSource {
            path: path.into(),
            format,
            password: password.map(crate::wire::SecretInput::into_secret),
            key_file: key_file.map(Into::into),
            identities: identities.into_iter().map(Into::into).collect(),
            mapping: mapping.map(|mapping| (mapping.columns, mapping.header)),
            from,
        };
        Ok(preview(self.app().import_read(source, self::rules(rules)).await?))
    }

    /// `import_preview`
    pub async fn import_preview(&self, request: ImportLook) -> Result<ImportPreview, ApiError> {
        Ok(preview(self.app().import_preview(id(&request.id)?, rules(request.rules)).await?))
    }

    /// `import_apply`
    pub async fn import_apply(&self, request: ImportApply) -> Result<ImportDone, ApiError> {
        let choices = ImportChoices {
            all: request.all.map(choice),
            rows: request.rows.into_iter().map(|row| (row.row, choice(row.choice))).collect(),
        };
        let done = self.app().import_apply(id(&request.id)?, rules(request.rules), choices).await?;
        Ok(ImportDone {
            added: done.added,
            changed: done.changed,
            same: done.same,
            kept: done.kept,
            conflicts: done.conflicts,
            left: done.left,
            refused: done.refused,
            hosts_added: done.hosts_added,
            hosts_changed: done.hosts_changed,
            unbound: done.unbound,
        })
    }

    /// `import_forget`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn import_forget(&self, request: ImportWaiting) -> Result<Done, ApiError> {
        self.app().forget_import(id(&request.id)?)?;
        Ok(Done {})
    }

    /// `secret_export`
    pub async fn secret_export(&self, request: SecretExport) -> Result<SecretExported, ApiError> {
        let SecretExport { authority, path, format, on, stage, find, password, recipients, force } = request;
        let password = password.map(crate::wire::SecretInput::into_secret);
        let order = ExportSecrets { path: path.into(), format, on, stage, find, password, recipients, force };
        let written = self.app().export_secrets(proof(authority)?, order).await?;
        Ok(SecretExported {
            path: written.path.display().to_string(),
            format: written.format.to_owned(),
            secrets: written.secrets,
            hosts: written.hosts,
            left: written.left.into_iter().map(|(what, why)| ImportRefused { what, why: why.to_owned() }).collect(),
        })
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, ApiError> {
    // What is no id is the id of nothing.
    text.parse().map_err(|_| ApiError::new(ErrorCode::ImportNotFound))
}

fn rules(rules: ImportRules) -> Rules {
    let ImportRules { stage, stage_of, discarded, only, without, without_hosts, without_host_keys, under } = rules;
    Rules {
        stage,
        stage_of: stage_of.into_iter().map(|of| (of.group, of.stage)).collect(),
        discarded,
        only,
        without,
        without_hosts,
        without_host_keys,
        under,
    }
}

fn choice(choice: ImportChoice) -> beffroi_app::ImportChoice {
    match choice {
        ImportChoice::Skip => beffroi_app::ImportChoice::Skip,
        ImportChoice::Take => beffroi_app::ImportChoice::Take,
        ImportChoice::Mine => beffroi_app::ImportChoice::Mine,
        ImportChoice::Theirs => beffroi_app::ImportChoice::Theirs,
    }
}

fn preview(preview: Preview) -> ImportPreview {
    ImportPreview {
        id: preview.id.to_string(),
        name: preview.name,
        format: preview.format.to_owned(),
        rows: preview.rows.into_iter().map(entry).collect(),
        hosts: preview.hosts.into_iter().map(host).collect(),
        host_keys: preview.host_keys,
        host_keys_left: preview.host_keys_left,
        refused: preview.refused.into_iter().map(|(what, why)| ImportRefused { what, why: why.to_owned() }).collect(),
        notices: preview.notices.into_iter().map(|(key, what)| ImportNotice { key: key.to_owned(), what }).collect(),
        vanished: preview.vanished,
        groups: preview.groups,
        signer: preview.signer.map(signer),
    }
}

fn signer(signer: beffroi_app::ParcelSigner) -> ImportSigner {
    let beffroi_app::ParcelSigner { name, fingerprint, known, made_ms, readers, newer_ms } = signer;
    ImportSigner { name, fingerprint, known, made_ms, readers, newer_ms }
}

fn entry(row: ImportEntryRow) -> ImportEntry {
    let (standing, why) = match row.standing {
        Standing::New => (ImportStanding::New, None),
        Standing::Changed => (ImportStanding::Changed, None),
        Standing::Same => (ImportStanding::Same, None),
        Standing::Conflict => (ImportStanding::Conflict, None),
        Standing::Differs => (ImportStanding::Differs, None),
        Standing::Trashed => (ImportStanding::Trashed, None),
        Standing::Discarded => (ImportStanding::Discarded, None),
        Standing::Refused(why) => (ImportStanding::Refused, Some(why.to_owned())),
        Standing::Sealed => (ImportStanding::Sealed, None),
    };
    ImportEntry {
        row: row.row,
        path: row.path,
        title: row.title,
        user: row.user,
        kind: row.kind.to_owned(),
        name: row.name,
        hosts: row.hosts,
        opens: row.opens,
        stage: row.stage,
        standing,
        why,
        fields: row.fields,
        findings: row.findings.into_iter().map(|found| ImportFinding { key: found.key.to_owned(), value: found.value }).collect(),
    }
}

fn host(row: ImportHostRow) -> ImportHost {
    let (standing, why) = match row.standing {
        ImportHostStanding::New => (ImportStanding::New, None),
        ImportHostStanding::Known => (ImportStanding::Known, None),
        ImportHostStanding::Changed => (ImportStanding::Changed, None),
        ImportHostStanding::Refused(why) => (ImportStanding::Refused, Some(why.to_owned())),
        ImportHostStanding::Sealed => (ImportStanding::Sealed, None),
    };
    ImportHost {
        row: row.row,
        title: row.title,
        name: row.name,
        address: row.address,
        port: row.port,
        user: row.user,
        jump: row.jump,
        stage: row.stage,
        standing,
        why,
        credential: row.credential,
        notes: row.notes,
    }
}
