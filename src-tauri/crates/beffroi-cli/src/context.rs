//! What a command needs besides its own flags: the vault, the language, the way to ask.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use beffroi_api::agent::Client;
use beffroi_api::messages::Language;
use beffroi_api::wire::{Authority, CopiedFile, CopyFile, Event, Nothing, RotationStep, StageUnseal, VaultInfo, VaultUnlock, WireMessage};
use beffroi_api::wire::{
    BackupBrought, BackupCollect, BackupCollected, BackupCreate, BackupPull, BackupPush, BackupPushed, BackupRehearsal, BackupRehearse,
    BackupVerified, BackupVerify, GuestImageExport, GuestImageExported,
};
use beffroi_api::{Api, ApiError, Door, ErrorCode, Shell};
use beffroi_app::Places;
use beffroi_remote::Transfer;
use beffroi_secret::SecretText;
use tokio::sync::{Notify, OnceCell};

use crate::args::{Global, Lang};
use crate::input;

/// What a command needs besides its own flags.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) language: Language,
    /// Who answers: this process, or the one that holds the keys of the vault that is meant.
    pub(crate) api: Door,
    /// This process.
    pub(crate) here: Api,
    /// The process that holds the keys, when there is one and it may be asked.
    pub(crate) agent: Option<Client>,
    /// The vault that is meant, when it is open there; or why that cannot be told.
    open_there: Result<Option<VaultInfo>, ApiError>,
    /// The passphrase that came on standard input.
    typed: OnceLock<SecretText>,
    bell: Arc<Bell>,
    listens: OnceCell<()>,
}

/// Rings when a job or a run may have more to say: who follows one looks again.
#[derive(Default)]
struct Bell {
    rung: Notify,
    run: Mutex<Option<RunAt>>,
    /// Hosts of rotations that came further, and how far.
    rotated: Mutex<Vec<(String, RotationStep)>>,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub(crate) struct RunAt {
    pub(crate) run: String,
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) failed: u64,
}

impl Shell for Bell {
    fn notify(&self, event: Event) {
        // With its vault, what follows a job is gone too.
        let rings = matches!(event, Event::JobOutput { .. } | Event::JobChanged { .. } | Event::RunProgress { .. } | Event::VaultChanged)
            || matches!(event, Event::RotationProgress { .. });
        match event {
            Event::RunProgress { run, done, total, failed } => {
                *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(RunAt { run, done, total, failed });
            }
            Event::RotationProgress { host, step, .. } => {
                self.rotated.lock().unwrap_or_else(PoisonError::into_inner).push((host, step));
            }
            _ => {}
        }
        if rings {
            self.rung.notify_one();
        }
    }
}

/// The environment's word for `--no-agent`.
const OFF: (&str, &str) = ("BEFFROI_AGENT", "off");

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let language = match global.lang {
            Some(Lang::Fr) => Language::French,
            Some(Lang::En) => Language::English,
            None => system_language(),
        };
        let bell = Arc::new(Bell::default());
        let here = Api::new(Places::of_this_system(), Arc::clone(&bell) as Arc<dyn Shell>);
        let api = Door::Here(here.clone());
        Self { global, language, api, here, agent: None, open_there: Ok(None), typed: OnceLock::new(), bell, listens: OnceCell::new() }
    }

    /// Whether the process that holds the keys may be asked.
    pub(crate) fn may_ask(&self) -> bool {
        !self.global.no_agent && std::env::var_os(OFF.0).is_none_or(|word| word != OFF.1)
    }

    /// Looks whether a process holds the keys, and whether it has the vault that is meant: then it answers.
    pub(crate) async fn look_for_agent(&mut self) {
        if !self.may_ask() {
            return;
        }
        match Client::connect(&Places::of_this_system()).await {
            Ok(Some(client)) => {
                self.open_there = open_there(&client, self.global.vault.as_deref()).await;
                if let Ok(Some(info)) = &self.open_there {
                    self.api = Door::Agent { client: client.clone(), vault: Some(info.id.clone()) };
                }
                self.agent = Some(client);
            }
            Ok(None) => {}
            Err(error) => self.open_there = Err(error),
        }
    }

    /// Whether another process does what is asked of the vault.
    pub(crate) fn is_answered_elsewhere(&self) -> bool {
        matches!(self.api, Door::Agent { .. })
    }

    /// The process that holds the keys, for a command that names it: it is asked even where others may not ask it.
    pub(crate) async fn agent(&self) -> Result<Client, ApiError> {
        match &self.agent {
            Some(client) => Ok(client.clone()),
            None => Client::connect(&Places::of_this_system()).await?.ok_or_else(|| ApiError::new(ErrorCode::AgentAbsent)),
        }
    }

    /// Who has every vault that is open: the process that holds the keys, else this one.
    pub(crate) fn anywhere(&self) -> Door {
        match &self.agent {
            Some(client) => Door::Agent { client: client.clone(), vault: None },
            None => Door::Here(self.here.clone()),
        }
    }

    /// The vault that is meant, with the stages whose secrets the flags name unsealed.
    pub(crate) async fn open(&self) -> Result<VaultInfo, ApiError> {
        self.unseal(self.open_sealed().await?).await
    }

    /// The vault that is meant, its stages as they are: open in the process that holds the keys, or opened here for this
    /// run.
    pub(crate) async fn open_sealed(&self) -> Result<VaultInfo, ApiError> {
        match self.open_there.clone()? {
            Some(info) => Ok(info),
            None => self.open_here(&self.here).await,
        }
    }

    /// Opens the vault that the flags name, in this process.
    pub(crate) async fn open_here(&self, api: &Api) -> Result<VaultInfo, ApiError> {
        api.vault_unlock(self.unlock(self.vault(None)?)?).await
    }

    /// Opens a vault in the process that holds the keys, unless it is open there: the one that is given, else the one
    /// that the flags name.
    pub(crate) async fn open_in(&self, client: &Client, given: Option<&Path>) -> Result<VaultInfo, ApiError> {
        let folder = self.vault(given)?;
        match open_there(client, given.or(self.global.vault.as_deref())).await? {
            Some(info) => Ok(info),
            None => client.call(None, "vault_unlock", &self.unlock(folder)?).await,
        }
    }

    /// The folder of the vault that is given, else of the one that the flags name.
    fn vault(&self, given: Option<&Path>) -> Result<String, ApiError> {
        let named = given.or(self.global.vault.as_deref()).ok_or_else(|| ApiError::new(ErrorCode::VaultLocked))?;
        input::absolute(named)
    }

    fn unlock(&self, path: String) -> Result<VaultUnlock, ApiError> {
        Ok(VaultUnlock { path, with: self.authority()? })
    }

    /// What opens the vault, and what proves that somebody may change its ways in: what the flags name, else a passphrase.
    pub(crate) fn authority(&self) -> Result<Authority, ApiError> {
        let Global { recovery_file, passphrase_file, key_file, keyring, with_identity, .. } = &self.global;
        if let Some(file) = recovery_file {
            return Ok(Authority { recovery_words: Some(input::secret_file(file)?.into()), ..Authority::default() });
        }
        if *with_identity {
            return Ok(Authority { identity: true, ..Authority::default() });
        }
        if *keyring && passphrase_file.is_none() {
            return Ok(Authority { keyring: true, ..Authority::default() });
        }
        let key_file = key_file.as_deref().map(input::absolute).transpose()?;
        let passphrase = Some(self.passphrase("prompt.passphrase")?.into());
        Ok(Authority { passphrase, key_file, keyring: *keyring, ..Authority::default() })
    }

    /// Unseals the stages whose secrets the flags name, unless they are open.
    async fn unseal(&self, info: VaultInfo) -> Result<VaultInfo, ApiError> {
        let mut unsealed = false;
        for given in &self.global.stage_secrets {
            let wrong = || ApiError::new(ErrorCode::InvalidRequest).with("what", format!("STAGE=FILE, not {given}"));
            let (stage, file) = given.split_once('=').filter(|(stage, file)| !stage.is_empty() && !file.is_empty()).ok_or_else(wrong)?;
            if !info.stages.iter().any(|known| known.name == stage && known.open) {
                let secret = input::secret_file(Path::new(file))?.into();
                self.api.stage_unseal(StageUnseal { stage: stage.to_owned(), secret, for_s: None }).await?;
                unsealed = true;
            }
        }
        if unsealed { self.api.vault_info(Nothing {}).await } else { Ok(info) }
    }

    /// Copies a file to a host. How far it is, only this process could tell.
    pub(crate) async fn put(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        match &self.api {
            Door::Here(api) => api.put_with(request, progress).await,
            elsewhere @ Door::Agent { .. } => elsewhere.put(request).await,
        }
    }

    /// Copies a file of a host here. How far it is, only this process could tell.
    pub(crate) async fn get(&self, request: CopyFile, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<CopiedFile, ApiError> {
        match &self.api {
            Door::Here(api) => api.get_with(request, progress).await,
            elsewhere @ Door::Agent { .. } => elsewhere.get(request).await,
        }
    }

    /// The passphrase: from the file that the flags name, else asked for.
    pub(crate) fn passphrase(&self, prompt: &str) -> Result<beffroi_secret::SecretText, ApiError> {
        match &self.global.passphrase_file {
            // Standard input can be read once: what opens the vault may also have to prove who changes it.
            Some(file) if file.as_os_str() == "-" => match self.typed.get() {
                Some(passphrase) => Ok(passphrase.duplicate()),
                None => {
                    let passphrase = input::secret_file(file)?;
                    let again = passphrase.duplicate();
                    Ok(self.typed.set(passphrase).map_or_else(|refused| refused, |()| again))
                }
            },
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

    /// Waits until a job may have more to say. The first time it does not wait for the process that holds the keys: what
    /// happened before it was listened to has to be looked for.
    pub(crate) async fn until_something_changed(&self) {
        if let (Door::Agent { client, .. }, None) = (&self.api, self.listens.get()) {
            let listening = || async { drop(client.subscribe(Arc::clone(&self.bell) as Arc<dyn Shell>).await) };
            return *self.listens.get_or_init(listening).await;
        }
        self.bell.rung.notified().await;
    }

    /// How far the run is of which was heard last.
    pub(crate) fn run_at(&self) -> Option<RunAt> {
        self.bell.run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How far hosts of rotations came since this was last asked.
    pub(crate) fn rotated(&self) -> Vec<(String, RotationStep)> {
        std::mem::take(&mut *self.bell.rotated.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A sentence of the catalogs without values.
    pub(crate) fn words(&self, key: &str) -> String {
        self.language.sentence(key, &std::collections::BTreeMap::new())
    }

    pub(crate) fn say(&self, message: &WireMessage) -> String {
        self.language.say(message)
    }

    /// Locks the vault, if it was opened here.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.here.vault_lock(Nothing {}).await {
            tracing::warn!(code = %error.code.name(), "the vault was not locked properly");
        }
    }
}

/// The vault that is named, or the only one, when the process that holds the keys has it open. A folder is looked for
/// first, then, where there is no such folder, a vault of that name.
pub(crate) async fn open_there(client: &Client, named: Option<&Path>) -> Result<Option<VaultInfo>, ApiError> {
    let ask = async |vault: Option<&str>| match client.call(vault, "vault_info", &Nothing {}).await {
        Ok(info) => Ok(Some(info)),
        Err(ApiError { code: ErrorCode::VaultLocked, .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let Some(named) = named else { return ask(None).await };
    let typed = named.display().to_string();
    let folder = input::absolute(named)?;
    match ask(Some(&folder)).await? {
        None if named.components().count() == 1
            && ![folder.clone(), format!("{folder}.beffroi")].iter().any(|path| Path::new(path).exists()) =>
        {
            ask(Some(&typed)).await
        }
        found => Ok(found),
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

/// Work that tells how far it is, where this process does it.
macro_rules! telling {
    ($($name:ident / $with:ident ($request:ty) -> $response:ty,)*) => {
        impl Context {
            $(pub(crate) async fn $name(&self, request: $request, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<$response, ApiError> {
                match &self.api {
                    Door::Here(api) => api.$with(request, progress).await,
                    elsewhere @ Door::Agent { .. } => elsewhere.$name(request).await,
                }
            })*
        }
    };
}

telling! {
    backup_pull / backup_pull_with (BackupPull) -> BackupBrought,
    backup_create / backup_create_with (BackupCreate) -> BackupBrought,
    backup_verify / backup_verify_with (BackupVerify) -> BackupVerified,
    backup_push / backup_push_with (BackupPush) -> BackupPushed,
    backup_collect / backup_collect_with (BackupCollect) -> BackupCollected,
    backup_rehearse / backup_rehearse_with (BackupRehearse) -> BackupRehearsal,
    guest_image_export / guest_image_export_with (GuestImageExport) -> GuestImageExported,
}
