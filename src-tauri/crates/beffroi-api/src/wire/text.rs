//! The small types that others are made of.

use std::collections::BTreeMap;

use beffroi_app::StoredMessage;
use beffroi_domain::Message;
use beffroi_secret::SecretText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// A request without parameters.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The answer of a command that only succeeds or fails.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct Done {}

/// A sentence before it has a language: a key of the message catalogs and the values to put in, shown as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WireMessage {
    /// Names the sentence.
    pub key: String,
    /// What replaces `{name}` in it.
    pub values: BTreeMap<String, String>,
}

impl From<&Message> for WireMessage {
    fn from(message: &Message) -> Self {
        Self {
            key: message.key.to_owned(),
            values: message.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }
}

impl From<StoredMessage> for WireMessage {
    fn from(message: StoredMessage) -> Self {
        Self { key: message.key, values: message.values.into_iter().collect() }
    }
}

/// A secret on its way in: from a person to the process that holds the keys. It goes straight into a protected value; no
/// answer contains this type.
#[derive(Debug)]
pub struct SecretInput(SecretText);

impl SecretInput {
    /// The protected value.
    #[must_use]
    pub fn into_secret(self) -> SecretText {
        self.0
    }
}

impl From<SecretText> for SecretInput {
    fn from(secret: SecretText) -> Self {
        Self(secret)
    }
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretText::new(text)))
    }
}

/// Used by [`crate::agent::Client`] only, on the way to the process that holds the keys, into a buffer that is wiped.
impl Serialize for SecretInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Into a frame for the socket of the same person's own process; no answer contains this type.
        serializer.serialize_str(self.0.expose())
    }
}

impl TS for SecretInput {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn ident(_: &ts_rs::Config) -> String {
        "SecretInput".to_owned()
    }

    fn name(_: &ts_rs::Config) -> String {
        "SecretInput".to_owned()
    }

    fn inline(_: &ts_rs::Config) -> String {
        "string & { readonly secret: unique symbol }".to_owned()
    }

    fn decl(cfg: &ts_rs::Config) -> String {
        format!("type SecretInput = {};", Self::inline(cfg))
    }

    fn decl_concrete(cfg: &ts_rs::Config) -> String {
        Self::decl(cfg)
    }
}

/// A secret on its way out, on purpose: one that was just made, or that somebody asked to see.
#[derive(Debug)]
pub struct SecretOutput(SecretText);

impl SecretOutput {
    /// The protected value.
    #[must_use]
    pub fn into_secret(self) -> SecretText {
        self.0
    }

    /// Gives sight of the value. Say in a comment at the call where it goes and why.
    #[must_use]
    pub fn expose(&self) -> &str {
        // to the caller, who was told to say so
        self.0.expose()
    }
}

impl From<SecretText> for SecretOutput {
    fn from(secret: SecretText) -> Self {
        Self(secret)
    }
}

impl<'de> Deserialize<'de> for SecretOutput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretText::new(text)))
    }
}

impl Serialize for SecretOutput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // To who asked: the page, the command line, or the agent's frame on the way there.
        serializer.serialize_str(self.0.expose())
    }
}

impl TS for SecretOutput {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn ident(_: &ts_rs::Config) -> String {
        "SecretOutput".to_owned()
    }

    fn name(_: &ts_rs::Config) -> String {
        "SecretOutput".to_owned()
    }

    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }

    fn decl(cfg: &ts_rs::Config) -> String {
        format!("type SecretOutput = {};", Self::inline(cfg))
    }

    fn decl_concrete(cfg: &ts_rs::Config) -> String {
        Self::decl(cfg)
    }
}
