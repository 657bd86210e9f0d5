//! Errors on the wire: a code, and values for its sentence. Text for people is looked up by code.

#[macro_use]
mod guest_codes;
mod codes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::messages::Language;
use crate::wire::WireMessage;

pub use codes::ErrorCode;

/// An error as it crosses the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiError {
    /// What went wrong.
    pub code: ErrorCode,
    /// Values for the sentence. Text that may come from a host: show it as text. Never a secret.
    pub values: BTreeMap<String, String>,
    /// The host it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host: Option<String>,
    /// The step it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub step: Option<u16>,
    /// A sentence of its own for the value `why`, which `values` has in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub why: Option<WireMessage>,
}

impl ApiError {
    /// An error without values.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self { code, values: BTreeMap::new(), host: None, step: None, why: None }
    }

    /// Adds a value for the sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }

    /// Says why, by a sentence that each reader has in his language.
    #[must_use]
    pub fn because(mut self, why: WireMessage) -> Self {
        self.values.insert("why".to_owned(), Language::English.say(&why));
        self.why = Some(why);
        self
    }

    /// Says which host it concerns.
    #[must_use]
    pub fn on(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_name() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).expect("a code is text"), code.name());
        }
    }
}
