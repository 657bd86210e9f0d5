//! Templates of secrets.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The templates that everybody has, then those of the vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TemplateList {
    /// In their order.
    pub templates: Vec<SecretTemplate>,
}

/// A named set of fields beside a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SecretTemplate {
    /// What it is called. Of one that everybody has, the words are under `template.NAME`.
    pub name: String,
    /// Whether it is the vault's own.
    pub own: bool,
    /// Its fields, in their order.
    pub fields: Vec<TemplateField>,
}

/// A field of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplateField {
    /// Where it is kept.
    pub place: TemplatePlace,
    /// What it is called; empty for what has a place of its own, whose words are under `template.PLACE`. Of a template that
    /// everybody has, the words are under `template.NAME`.
    #[serde(default)]
    pub name: String,
}

/// Where the field of a template is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
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

/// Keeps a template of the vault's own; one that has the name is replaced.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplateSet {
    /// What it is called: at most 100 characters, and not as one that everybody has.
    pub name: String,
    /// Its fields: from 1 to 32, no two alike.
    pub fields: Vec<TemplateField>,
}

/// Names a template.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TemplateName {
    /// What it is called.
    pub name: String,
}
