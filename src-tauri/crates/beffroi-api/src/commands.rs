//! The one list of commands. The TypeScript bindings, the router and the reference come from it.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

use crate::{Api, ApiError, ErrorCode, wire};

/// What a command does, for whoever decides who may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Changes the catalog or a host.
    Write,
    /// Carries a secret, one way or the other.
    Secret,
}

/// A command of the list.
#[derive(Debug, Clone, Copy)]
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub class: Class,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident($request:ident) -> $response:ident @ $class:ident,)*) => {
        /// Every command.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo { name: stringify!($name), class: Class::$class },)*];

        impl Api {
            /// Answers a command by its name, for a caller that may use commands of these classes.
            ///
            /// # Errors
            /// [`ErrorCode::InvalidRequest`] for a command that does not exist or is of another class, and for a request
            /// that has not its form; else those of the command.
            pub async fn call(&self, classes: &[Class], command: &str, request: serde_json::Value) -> Result<serde_json::Value, ApiError> {
                let not_allowed = || ApiError::new(ErrorCode::InvalidRequest).with("what", format!("no command {command}"));
                let info = COMMANDS.iter().find(|info| info.name == command).ok_or_else(not_allowed)?;
                if !classes.contains(&info.class) {
                    return Err(not_allowed());
                }
                match command {
                    $(stringify!($name) => {
                        // The text of the fault may quote the request, which may hold a secret: it is not passed on.
                        let request: wire::$request = serde_json::from_value(request)
                            .map_err(|_| ApiError::new(ErrorCode::InvalidRequest).with("what", stringify!($request)))?;
                        let response: wire::$response = Box::pin(self.$name(request)).await?;
                        serde_json::to_value(response).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))
                    })*
                    _ => Err(not_allowed()),
                }
            }
        }

        /// The bindings for the page: every type of the wire, and the table of commands.
        #[must_use]
        pub fn typescript() -> String {
            let config = Config::new().with_large_int("number");
            let mut declarations = Declarations { config: &config, found: BTreeMap::new() };
            $(
                declarations.visit::<wire::$request>();
                declarations.visit::<wire::$response>();
            )*
            declarations.visit::<wire::Event>();
            declarations.visit::<ApiError>();
            let mut table = String::from("/** Every command: its request and its response. */\nexport interface RpcSchema {\n");
            $(
                $(table.push_str(concat!("  /**", $doc, " */\n"));)*
                table.push_str(&format!("  {}: [{}, {}];\n", stringify!($name), <wire::$request as TS>::name(&config), <wire::$response as TS>::name(&config)));
            )*
            table.push_str("}\n");
            let classes = [$(format!("  {}: \"{}\",\n", stringify!($name), stringify!($class).to_lowercase()),)*].concat();
            let types: String = declarations.found.into_values().collect();
            format!(
                "// Generated from beffroi-api by `./dev gen`; not to be edited.\n\n{types}\n{table}\n/** What each command does. */\nexport const commandClass = {{\n{classes}}} as const;\n"
            )
        }
    };
}

commands! {
    /// The vaults that this machine has seen.
    vault_list(Nothing) -> VaultList @ Read,
    /// Makes a vault and opens it.
    vault_create(VaultCreate) -> VaultCreated @ Secret,
    /// Opens a vault.
    vault_unlock(VaultUnlock) -> VaultInfo @ Secret,
    /// Closes the open vault and forgets its keys.
    vault_lock(Nothing) -> Done @ Write,
    /// The open vault.
    vault_info(Nothing) -> VaultInfo @ Read,
    /// Checks the open vault: database, records, journal, anchor.
    vault_verify(Nothing) -> VaultReport @ Read,
    /// The secrets of the catalog.
    secret_list(Nothing) -> SecretList @ Read,
    /// Stores a secret.
    secret_set(SecretSet) -> SecretRow @ Secret,
    /// Removes a secret that no host uses.
    secret_remove(SecretName) -> Done @ Write,
    /// The hosts of the catalog.
    host_list(Nothing) -> HostList @ Read,
    /// Everything about one host.
    host_show(HostName) -> HostDetail @ Read,
    /// Asks an address for its host key.
    host_scan(HostScan) -> OfferedKey @ Read,
    /// Adds a host.
    host_add(HostAdd) -> HostRow @ Write,
    /// Trusts a host key.
    host_trust(HostTrust) -> HostRow @ Write,
    /// Removes a host from the catalog. The host itself is left alone.
    host_remove(HostName) -> Done @ Write,
    /// Tests the connection to a host.
    host_test(HostName) -> HostTest @ Read,
    /// Reads hosts anew and stores what is found.
    host_survey(SurveyRequest) -> SurveyResults @ Read,
    /// Runs a command on hosts.
    run(Run) -> RunResults @ Write,
    /// Copies a file to a host.
    put(CopyFile) -> CopiedFile @ Write,
    /// Copies a file of a host here.
    get(CopyFile) -> CopiedFile @ Read,
    /// Makes the plan of an action.
    plan_make(PlanMake) -> PlanView @ Secret,
    /// Runs a plan: one job per host.
    plan_run(PlanName) -> JobsStarted @ Write,
    /// Forgets a plan.
    plan_forget(PlanName) -> Done @ Write,
    /// The jobs.
    job_list(Nothing) -> JobList @ Read,
    /// One job.
    job_show(JobName) -> JobView @ Read,
    /// A job's output.
    job_output(JobOutputRequest) -> JobOutput @ Read,
    /// Follows a job again, after the link or the program was lost.
    job_attach(JobName) -> JobView @ Write,
    /// Stops a job on its host.
    job_cancel(JobName) -> JobView @ Write,
    /// A page of the journal.
    journal_list(JournalPageRequest) -> JournalPage @ Read,
    /// Checks the journal.
    journal_verify(Nothing) -> JournalReport @ Read,
    /// Writes the journal to a file.
    journal_export(JournalExport) -> JournalExported @ Write,
}

struct Declarations<'a> {
    config: &'a Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::name(self.config);
        let named = name.chars().next().is_some_and(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
        if named && !self.found.contains_key(&name) {
            self.found.insert(name.clone(), String::new());
            let docs = T::docs().unwrap_or_default();
            self.found.insert(name, format!("{docs}export {}\n", T::decl(self.config)));
        } else if named {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
