//! The certificates of a YunoHost's domains: `domain cert status --full`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read::named;
use crate::text::text;

/// The certificate of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// The name of who signed it.
    pub issuer: String,
    /// What YunoHost takes the issuer for: `letsencrypt`, `selfsigned`, `other`…
    pub issuer_kind: String,
    /// Days from the survey until it ends; below zero once it did.
    pub days: Option<i64>,
    /// `danger`, `warning`, `success`…
    pub style: String,
    /// What YunoHost says in a word: `expired`, `selfsigned`, `letsencrypt`, `abouttoexpire`, `good`…
    pub summary: String,
    /// Whether Let's Encrypt would give one, as far as the diagnosis knows.
    pub acme_eligible: Option<bool>,
}

/// `{"certificates": {domain: {"CA_name", "CA_type", "validity", "style", "summary", "ACME_eligible"}}}`.
pub(crate) fn certificates(json: &Value) -> Option<BTreeMap<String, Certificate>> {
    Some(named(json.get("certificates")?.as_object()?, |entry| Certificate {
        issuer: text(entry, "CA_name"),
        issuer_kind: text(entry, "CA_type"),
        days: entry.get("validity").and_then(Value::as_i64),
        style: text(entry, "style"),
        summary: text(entry, "summary"),
        acme_eligible: entry.get("ACME_eligible").and_then(Value::as_bool),
    }))
}
