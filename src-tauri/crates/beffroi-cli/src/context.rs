//! What a command needs besides its own flags: the vault, the language, the way to ask.

use std::io::IsTerminal;
use std::sync::Arc;

use beffroi_api::messages::Language;
use beffroi_api::wire::{Event, Nothing, VaultInfo, VaultUnlock, WireMessage};
use beffroi_api::{Api, ApiError, ErrorCode, Shell};
use beffroi_app::Places;
use tokio::sync::Notify;

use crate::args::{Global, Lang};
use crate::input;

/// What a command needs besides its own flags.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) language: Language,
    pub(crate) api: Api,
    bell: Arc<Bell>,
}

/// Rings when anything changed: who follows a job looks again.
#[derive(Default)]
struct Bell(Notify);

impl Shell for Bell {
    fn notify(&self, event: Event) {
        if matches!(event, Event::JobOutput { .. } | Event::JobChanged { .. }) {
            self.0.notify_one();
        }
    }
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let language = match global.lang {
            Some(Lang::Fr) => Language::French,
            Some(Lang::En) => Language::English,
            None => system_language(),
        };
        let bell = Arc::new(Bell::default());
        let api = Api::new(Places::of_this_system(), Arc::clone(&bell) as Arc<dyn Shell>);
        Self { global, language, api, bell }
    }

    /// Opens the vault that the flags name, for this run.
    pub(crate) async fn open(&self) -> Result<VaultInfo, ApiError> {
        let path = self.global.vault.as_ref().ok_or_else(|| ApiError::new(ErrorCode::VaultLocked))?.display().to_string();
        let unlock = match &self.global.recovery_file {
            Some(file) => VaultUnlock { path, passphrase: None, recovery_words: Some(input::secret_file(file)?.into()) },
            None => VaultUnlock { path, passphrase: Some(self.passphrase("prompt.passphrase")?.into()), recovery_words: None },
        };
        self.api.vault_unlock(unlock).await
    }

    /// The passphrase: from the file that the flags name, else asked for.
    pub(crate) fn passphrase(&self, prompt: &str) -> Result<beffroi_secret::SecretText, ApiError> {
        match &self.global.passphrase_file {
            Some(file) => input::secret_file(file),
            None => self.ask_secret(prompt, "--passphrase-file"),
        }
    }

    /// Asks for a secret at the terminal; without one, names the flag that is missing.
    pub(crate) fn ask_secret(&self, prompt: &str, flag: &str) -> Result<beffroi_secret::SecretText, ApiError> {
        if !self.can_ask() {
            return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", flag));
        }
        input::hidden(&format!("{} ", self.words(prompt)))
    }

    /// Whether somebody can be asked. With `--json` a program is reading, and is never asked.
    pub(crate) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !self.global.json
    }

    /// Asks for a yes; `--yes` is one, and without a terminal it is what is missing.
    pub(crate) async fn confirm(&self, prompt: &str) -> Result<(), ApiError> {
        if self.global.yes {
            return Ok(());
        }
        if !self.can_ask() {
            return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", "--yes"));
        }
        // Beside the main task, which an interrupt must still reach.
        let prompt = format!("{} ", self.words(prompt));
        let answer = tokio::task::spawn_blocking(move || input::yes(&prompt)).await;
        if answer.map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?? {
            Ok(())
        } else {
            Err(ApiError::new(ErrorCode::NotConfirmed))
        }
    }

    /// Waits until a job may have more to say.
    pub(crate) async fn until_something_changed(&self) {
        self.bell.0.notified().await;
    }

    /// A sentence of the catalogs without values.
    pub(crate) fn words(&self, key: &str) -> String {
        self.language.sentence(key, &std::collections::BTreeMap::new())
    }

    pub(crate) fn say(&self, message: &WireMessage) -> String {
        self.language.say(message)
    }

    /// Locks the vault, if it was opened.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.api.vault_lock(Nothing {}).await {
            tracing::warn!(code = %error.code.name(), "the vault was not locked properly");
        }
    }
}

/// The language before the arguments are understood: what `--lang` names, else the system's.
pub(crate) fn language_of_arguments() -> Language {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let after = arguments.iter().position(|argument| argument == "--lang").and_then(|at| arguments.get(at + 1)).map(String::as_str);
    let tag = after.or_else(|| arguments.iter().find_map(|argument| argument.strip_prefix("--lang=")));
    tag.map_or_else(system_language, Language::from_tag)
}

fn system_language() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    Language::from_tag(&set.unwrap_or_default())
}
