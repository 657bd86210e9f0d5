//! Text for people, before it has a language.

/// A key of the message catalogs (`assets/messages/`) with the values to put in.
///
/// Values are shown as text, never as markup, and never hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Names the sentence, such as `step.user-create`.
    pub key: &'static str,
    /// What replaces `{name}` in it.
    pub values: Vec<(&'static str, String)>,
}

impl Message {
    /// A sentence without values.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}
