//! Templates of secrets: which fields stand beside the value of a kind of secret. Some are known to everybody; those of a
//! vault are documents of it, under the stage that is open with the vault.

use beffroi_domain::{DocumentId, StageName};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::documents::{Document, DocumentKind};
use crate::session::Happening;
use crate::{App, AppError};

/// Where the field of a template is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplatePlace {
    /// The account.
    Account,
    /// An address.
    Address,
    /// What one-time codes are made of.
    OneTime,
    /// The day when it should no longer be used.
    Expires,
    /// A field of its own that is shown.
    Field,
    /// A field of its own that is shown when it is asked for.
    Hidden,
}

impl TemplatePlace {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::OneTime => "one-time",
            Self::Expires => "expires",
            Self::Field => "field",
            Self::Hidden => "hidden",
        }
    }
}

/// A field of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateField {
    /// Where it is kept.
    pub place: TemplatePlace,
    /// What it is called; empty for what has a place of its own. In a template that everybody has, a word such as `port`, for
    /// which the edge has the name in each language.
    #[serde(default)]
    pub name: String,
}

/// A named set of fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretTemplate {
    /// What it is called: at most 100 characters. For one that everybody has, a word such as `database`.
    pub name: String,
    /// Its fields, in their order: from 1 to 32, no two alike.
    pub fields: Vec<TemplateField>,
    /// Whether it is the vault's own.
    #[serde(skip)]
    pub own: bool,
}

impl Document for SecretTemplate {
    const KIND: DocumentKind = DocumentKind::Template;
}

impl SecretTemplate {
    /// Its fields in one line, such as `account, field port, hidden key`.
    pub(crate) fn line(&self) -> String {
        let word = |field: &TemplateField| format!("{} {}", field.place.name(), field.name).trim_end().to_owned();
        self.fields.iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

/// Why a template was not kept, or not found.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// None of the vault's own has the name.
    #[error("no template {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Everybody has one of this name, which stays as it is.
    #[error("everybody has a template {name:?}")]
    Known {
        /// The name.
        name: String,
    },
    /// The name of a template or of a field is empty, too long, or has control characters.
    #[error("{name:?} is no name of a template or of its fields")]
    Name {
        /// What was given.
        name: String,
    },
    /// It has no field, too many, or two that are alike.
    #[error("a template has from 1 to 32 fields, no two alike")]
    Fields,
    /// The vault has as many as it may have.
    #[error("a vault has at most 100 templates")]
    TooMany,
}

/// Templates of a vault.
const MOST_TEMPLATES: usize = 100;
/// Fields of a template.
const MOST_FIELDS: usize = 32;
/// Characters of a name.
const MOST_NAME: usize = 100;

use TemplatePlace::{Account, Address, Expires, Field, Hidden, OneTime};

/// The templates that everybody has.
const KNOWN: [(&str, &[(TemplatePlace, &str)]); 8] = [
    ("server-login", &[(Account, ""), (Address, ""), (OneTime, "")]),
    ("database", &[(Account, ""), (Field, "host"), (Field, "port"), (Field, "database-name")]),
    ("web-admin", &[(Address, ""), (Account, ""), (OneTime, "")]),
    ("api-token", &[(Account, ""), (Address, ""), (Field, "rights"), (Expires, "")]),
    ("snmp", &[(Account, ""), (Field, "version"), (Field, "authentication"), (Field, "privacy"), (Hidden, "privacy-key")]),
    ("licence", &[(Field, "product"), (Field, "holder"), (Field, "seats"), (Expires, "")]),
    ("wifi", &[(Field, "ssid"), (Field, "security")]),
    ("disk-encryption", &[(Field, "machine"), (Field, "device"), (Hidden, "recovery-key")]),
];

impl App {
    /// The templates that everybody has, then those of the vault by name.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn secret_templates(&self) -> Result<Vec<SecretTemplate>, AppError> {
        let documents = self.session()?.blocking(|session| session.documents::<SecretTemplate>()).await?;
        let mut own = documents.into_iter().map(|(_, read)| Ok(read?.value)).collect::<Result<Vec<_>, AppError>>()?;
        own.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(known().chain(own.into_iter().map(|template| SecretTemplate { own: true, ..template })).collect())
    }

    /// Keeps a template of the vault's own; one that has the name is replaced. No secret changes.
    ///
    /// # Errors
    /// [`TemplateError`] but [`TemplateError::Unknown`]; when the vault takes no changes.
    pub async fn set_secret_template(&self, name: &str, fields: Vec<TemplateField>) -> Result<SecretTemplate, AppError> {
        let template = checked(name, fields)?;
        self.session()?
            .blocking(move |session| {
                let id = document_id(&template.name);
                let before = session.document::<SecretTemplate>(id)?;
                if before.is_none() && session.documents::<SecretTemplate>()?.len() >= MOST_TEMPLATES {
                    return Err(TemplateError::TooMany.into());
                }
                let compartment = match &before {
                    Some(before) => before.compartment,
                    None => session.compartment(&StageName::dev())?,
                };
                session.commit(Happening::new("template-set").with("name", &template.name), |writer| {
                    session.put_document(writer, compartment, id, before.map(|before| before.revision), &template)
                })?;
                Ok(template)
            })
            .await
    }

    /// Takes a template of the vault's own away. No secret changes.
    ///
    /// # Errors
    /// [`TemplateError::Known`], [`TemplateError::Unknown`]; when the vault takes no changes.
    pub async fn remove_secret_template(&self, name: &str) -> Result<(), AppError> {
        let name = name.trim().to_owned();
        if is_known(&name) {
            return Err(TemplateError::Known { name }.into());
        }
        self.session()?
            .blocking(move |session| {
                let id = document_id(&name);
                if session.document::<SecretTemplate>(id)?.is_none() {
                    return Err(TemplateError::Unknown { name }.into());
                }
                session.commit(Happening::new("template-removed").with("name", &name), |writer| session.delete_document(writer, id))
            })
            .await
    }
}

/// The document of a template. It follows from the name: where two copies of a vault each have one of that name, a merge shows
/// both and asks which one stays.
fn document_id(name: &str) -> DocumentId {
    let digest = Sha256::new().chain_update("beffroi/secret-template/1\0").chain_update(name).finalize();
    digest.get(..16).and_then(|bytes| DocumentId::from_bytes(bytes).ok()).unwrap_or_else(|| unreachable!("16 bytes are 16 bytes"))
}

fn checked(name: &str, fields: Vec<TemplateField>) -> Result<SecretTemplate, TemplateError> {
    let name = named(name)?;
    if is_known(&name) {
        return Err(TemplateError::Known { name });
    }
    let mut checked: Vec<TemplateField> = Vec::new();
    for field in fields {
        let name = match field.place {
            Field | Hidden => named(&field.name)?,
            _ if field.name.is_empty() => String::new(),
            _ => return Err(TemplateError::Name { name: field.name }),
        };
        let is_alike = |other: &TemplateField| if name.is_empty() { other.place == field.place } else { other.name == name };
        if checked.len() == MOST_FIELDS || checked.iter().any(is_alike) {
            return Err(TemplateError::Fields);
        }
        checked.push(TemplateField { place: field.place, name });
    }
    if checked.is_empty() {
        return Err(TemplateError::Fields);
    }
    Ok(SecretTemplate { name, fields: checked, own: true })
}

fn named(name: &str) -> Result<String, TemplateError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MOST_NAME || name.contains(char::is_control) {
        return Err(TemplateError::Name { name: name.chars().take(MOST_NAME).collect() });
    }
    Ok(name.to_owned())
}

fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == name)
}

fn known() -> impl Iterator<Item = SecretTemplate> {
    KNOWN.iter().map(|(name, fields)| SecretTemplate {
        name: (*name).to_owned(),
        fields: fields.iter().map(|(place, name)| TemplateField { place: *place, name: (*name).to_owned() }).collect(),
        own: false,
    })
}
