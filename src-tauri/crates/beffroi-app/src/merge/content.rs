//! What two versions of one thing say, field by field. Values of secrets are compared and never told.

use beffroi_domain::{Access, Canonical, Login, SecretId, StagePolicy, Sudo, TargetRecord};
use beffroi_secret::SecretBytes;
use beffroi_store::Reader;
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::merge::RowKey;
use beffroi_vault::{Place, UnsealError};

use super::compare::{Sides, document_key, id};
use crate::documents::DocumentKind;
use crate::secrets::SecretTemplate;
use crate::secrets::detail::{Detail, Hidden};
use crate::{AppError, documents, secrets};

/// A field that is not the same in both copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeField {
    /// Its name.
    pub field: String,
    /// What it says here; nothing where it is absent, or not to be told.
    pub ours: Option<String>,
    /// What it says in the other copy.
    pub theirs: Option<String>,
    /// Whether it is a value that is not told.
    pub hidden: bool,
}

/// What a field says.
enum Says {
    Text(String),
    /// Not to be told.
    Value(SecretBytes),
}

type Fields = Vec<(String, Says)>;

/// Characters of a text that are shown.
const MOST_SHOWN: usize = 200;

/// A thing as one copy has it.
pub(crate) struct Version {
    /// What people call it.
    pub(crate) name: String,
    /// Nothing where it cannot be read, since its stage is sealed.
    fields: Option<Fields>,
}

impl Sides<'_> {
    /// A thing as a copy has it; nothing when it has none.
    pub(crate) fn version(&self, reader: &Reader<'_>, key: RowKey) -> Result<Option<Version>, AppError> {
        match key.table {
            "target" => self.target(reader, key),
            "secret" => self.secret(reader, key),
            "document" => self.document(reader, key),
            "recipe" => {
                let row = reader.recipes()?.into_iter().find(|row| *row.id.as_bytes() == key.id);
                Ok(row.map(|row| Version { name: row.name, fields: Some(vec![hidden("text", row.record)]) }))
            }
            "identity" => {
                let row = reader.identity(id(key)?)?;
                Ok(row.map(|row| Version { name: row.name, fields: Some(vec![shown("card", row.card)]) }))
            }
            "policy" => {
                let Some(row) = reader.policy(id(key)?)? else { return Ok(None) };
                let policy = StagePolicy::from_canonical(&row.record).map_err(AppError::damaged)?;
                let fields = vec![
                    shown("typed-confirmation", policy.typed_confirmation.to_string()),
                    shown("refuse-warnings", policy.refuse_warnings.to_string()),
                    shown("unsealed-s", policy.unsealed_s.to_string()),
                    shown("freeze", policy.freeze.map(|freeze| freeze.why).unwrap_or_default()),
                ];
                Ok(Some(Version { name: self.stage(reader, *row.compartment.as_bytes())?, fields: Some(fields) }))
            }
            _ => {
                let row = compartment(reader, key.id)?;
                Ok(row.map(|row| Version { name: row.stage, fields: Some(vec![hidden("stage-secret", row.wrapped)]) }))
            }
        }
    }

    fn stage(&self, reader: &Reader<'_>, compartment_id: [u8; 16]) -> Result<String, AppError> {
        Ok(compartment(reader, compartment_id)?.map(|row| row.stage).unwrap_or_default())
    }

    fn target(&self, reader: &Reader<'_>, key: RowKey) -> Result<Option<Version>, AppError> {
        let Some(row) = reader.target(id(key)?)? else { return Ok(None) };
        let record = TargetRecord::from_canonical(&row.record).map_err(|_| AppError::damaged(format!("the record of {}", row.name)))?;
        let secret = |id: SecretId| -> Result<String, AppError> {
            Ok(reader.sealed_secret(id)?.map_or_else(|| id.to_string(), |(row, _)| row.name))
        };
        let login = |login: &Login| match login {
            Login::Secret(id) => secret(*id),
            Login::Agent(None) => Ok("agent".to_owned()),
            Login::Agent(Some(fingerprint)) => Ok(format!("agent:{fingerprint}")),
        };
        let way = |access: &Access| {
            let jump = match access.jump {
                Some(host) => reader.target(host)?.map(|row| format!(" ({})", row.name)).unwrap_or_default(),
                None => String::new(),
            };
            let login = access.login.as_ref().map(login).transpose()?.map(|login| format!(" [{login}]")).unwrap_or_default();
            Ok::<_, AppError>(format!("{}@{}:{}{jump}{login}", access.user, access.address, access.port))
        };
        let optional = |id: Option<SecretId>| id.map_or_else(|| Ok(String::new()), secret);
        let ways = record.others.iter().map(way).collect::<Result<Vec<_>, _>>()?;
        let pins = record.pins.iter().map(|pin| pin.fingerprint.to_string()).collect::<Vec<_>>();
        let authorities = record.authorities.iter().map(|authority| authority.fingerprint.to_string()).collect::<Vec<_>>();
        let revoked = record.revoked.iter().map(ToString::to_string).collect::<Vec<_>>();
        let tags = record.tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>();
        let sudo = match record.sudo {
            Sudo::Never => "never".to_owned(),
            Sudo::WithoutPassword => "without-password".to_owned(),
            Sudo::Password(id) => secret(id)?,
        };
        let fields = vec![
            shown("name", record.name.to_string()),
            shown("stage", record.stage.to_string()),
            shown("address", way(&record.access)?),
            shown("ways", ways.join(", ")),
            shown("identity", record.login.as_ref().map(login).transpose()?.unwrap_or_default()),
            shown("password", optional(record.password)?),
            shown("one-time", optional(record.one_time)?),
            shown("sudo", sudo),
            shown("tags", tags.join(", ")),
            shown("pins", pins.join(", ")),
            shown("authorities", authorities.join(", ")),
            shown("revoked", revoked.join(", ")),
            shown("legacy", record.legacy.as_ref().map(|legacy| legacy.algorithms.join(", ")).unwrap_or_default()),
            // What none of those shows, such as where the trust in a key comes from.
            hidden("record", row.record),
        ];
        Ok(Some(Version { name: row.name, fields: Some(fields) }))
    }

    fn secret(&self, reader: &Reader<'_>, key: RowKey) -> Result<Option<Version>, AppError> {
        let row = reader.sealed_secret(id(key)?)?;
        let detail = reader.document(id(document_key(key.id))?)?;
        let Some(compartment_id) = row.as_ref().map(|(row, _)| row.compartment).or(detail.as_ref().map(|(row, _)| row.compartment)) else {
            return Ok(None);
        };
        let name = row.as_ref().map_or_else(|| id::<SecretId>(key).map(|id| id.to_string()), |(row, _)| Ok(row.name.clone()))?;
        let mut fields = vec![shown("stage", self.stage(reader, *compartment_id.as_bytes())?)];
        let mut version = Version { name, fields: None };
        if let Some((row, sealed)) = &row {
            let Some(value) = self.open(&secrets::place(row), sealed)? else { return Ok(Some(version)) };
            fields.extend([shown("name", row.name.clone()), shown("kind", row.kind.clone()), ("value".to_owned(), Says::Value(value))]);
        }
        if let Some((row, sealed)) = &detail {
            let Some(bytes) = self.open(&documents::place(row), sealed)? else { return Ok(Some(version)) };
            let detail: Detail = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
            if let Some(trashed) = &detail.trashed {
                version.name.clone_from(&trashed.name);
            }
            fields.extend(detail_fields(detail));
        }
        version.fields = Some(fields);
        Ok(Some(version))
    }

    fn document(&self, reader: &Reader<'_>, key: RowKey) -> Result<Option<Version>, AppError> {
        let Some((row, sealed)) = reader.document(id(key)?)? else { return Ok(None) };
        let Some(bytes) = self.open(&documents::place(&row), &sealed)? else {
            return Ok(Some(Version { name: row.id.to_string(), fields: None }));
        };
        if row.kind == DocumentKind::Template.name() {
            let template: SecretTemplate = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
            let fields = vec![shown("name", template.name.clone()), shown("fields", template.line())];
            return Ok(Some(Version { name: template.name, fields: Some(fields) }));
        }
        // What may hold a value of somebody is compared as a whole.
        if !matches!(row.kind.as_str(), "person" | "authority" | "certificate" | "archive") {
            return Ok(Some(Version { name: row.id.to_string(), fields: Some(vec![("content".to_owned(), Says::Value(bytes))]) }));
        }
        let value: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
        let named = ["name", "subject", "title", "login"].iter().find_map(|field| value.get(*field)?.as_str()).map(str::to_owned);
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        let fields = value.into_iter().map(|(field, value)| shown(&field, text(value))).collect();
        Ok(Some(Version { name: named.unwrap_or_else(|| row.id.to_string()), fields: Some(fields) }))
    }

    /// Opens a value of either copy; nothing when its stage is sealed.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Option<SecretBytes>, AppError> {
        let known = self.session.stages.find(|stage| stage.compartment == place.compartment).is_some();
        if known && !self.session.is_open(place.compartment) {
            return Ok(None);
        }
        match self.session.vault.unseal(place, sealed) {
            Ok(opened) => Ok(Some(opened)),
            Err(UnsealError::NotLoaded { .. }) => Ok(None),
            Err(other) => Err(AppError::damaged(other)),
        }
    }
}

/// Whether both copies say the same of a thing, whatever its revisions. What is sealed is not known to be the same.
pub(crate) fn same(sides: &Sides<'_>, key: RowKey) -> Result<bool, AppError> {
    let (ours, theirs) = (sides.version(sides.ours, key)?, sides.version(sides.theirs, key)?);
    let sealed = [&ours, &theirs].into_iter().flatten().any(|version| version.fields.is_none());
    Ok(!sealed && differences(ours.as_ref(), theirs.as_ref()).is_empty())
}

/// The fields in which two versions differ.
pub(crate) fn differences(ours: Option<&Version>, theirs: Option<&Version>) -> Vec<MergeField> {
    fn of<'a>(version: Option<&'a Version>, field: &str) -> Option<&'a Says> {
        version?.fields.as_ref()?.iter().find(|(name, _)| name == field).map(|(_, says)| says)
    }
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in [ours, theirs].into_iter().flatten().filter_map(|version| version.fields.as_ref()).flatten() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut found = Vec::new();
    for field in names {
        let (one, other) = (of(ours, field), of(theirs, field));
        let same = match (one, other) {
            (Some(Says::Text(one)), Some(Says::Text(other))) => one == other,
            (Some(Says::Value(one)), Some(Says::Value(other))) => one.same_as(other),
            (Some(Says::Text(text)), None) | (None, Some(Says::Text(text))) => text.is_empty(),
            _ => false,
        };
        // The record as a whole says nothing beside the fields that it is made of.
        if same || field == "record" && !found.is_empty() {
            continue;
        }
        let text = |says: Option<&Says>| match says {
            Some(Says::Text(text)) => Some(text.chars().take(MOST_SHOWN).collect()),
            _ => None,
        };
        let hidden = matches!(one.or(other), Some(Says::Value(_)));
        found.push(MergeField { field: field.clone(), ours: text(one), theirs: text(other), hidden });
    }
    found
}

fn detail_fields(detail: Detail) -> Fields {
    let value = |hidden: Hidden| Says::Value(hidden.0.to_bytes());
    let mut fields = vec![
        shown("title", detail.title),
        shown("path", detail.path.join("/")),
        shown("user", detail.user),
        shown("urls", detail.urls.join(" ")),
        shown("tags", detail.tags.join(", ")),
        shown("attachments", detail.attachments.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ")),
        shown("expires", detail.expires_ms.map(|at| at.to_string()).unwrap_or_default()),
    ];
    let values = [("notes", detail.notes), ("totp", detail.totp), ("passphrase", detail.passphrase)];
    fields.extend(values.into_iter().filter_map(|(name, hidden)| Some((name.to_owned(), value(hidden?)))));
    fields.extend(detail.fields.into_iter().map(|field| (format!("field {}", field.name), value(field.value))));
    let history = detail.history.iter().fold(Canonical::new("history"), |all, past| {
        // Into bytes that are wiped.
        all.text(past.value.0.expose())
    });
    if !detail.history.is_empty() {
        fields.push(("history".to_owned(), Says::Value(SecretBytes::new(history.finish()))));
    }
    if let Some(trashed) = detail.trashed {
        fields.extend([shown("removed", "yes"), shown("name", trashed.name), shown("kind", trashed.kind)]);
        fields.push(("value".to_owned(), value(trashed.value)));
    }
    fields
}

fn shown(field: &str, text: impl Into<String>) -> (String, Says) {
    (field.to_owned(), Says::Text(text.into()))
}

fn hidden(field: &str, bytes: Vec<u8>) -> (String, Says) {
    (field.to_owned(), Says::Value(SecretBytes::new(bytes)))
}

fn compartment(reader: &Reader<'_>, id: [u8; 16]) -> Result<Option<CompartmentRow>, AppError> {
    Ok(reader.compartments()?.into_iter().find(|row| *row.id.as_bytes() == id))
}
