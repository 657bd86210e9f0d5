//! One module per group of commands.

mod access;
mod agent;
mod ca;
mod copy;
mod expose;
mod files;
mod guest;
mod guest_image;
mod guest_life;
mod guest_make;
mod hardening;
mod host;
mod identity;
mod inventory;
mod job;
mod journal;
mod ledger;
mod parcel;
mod person;
mod plan;
mod process;
pub(crate) mod proxy;
mod recipe;
mod report;
mod run;
mod secret;
mod shell;
mod slot;
mod stage;
mod tunnel;
mod vault;
mod ynh;

use std::borrow::Cow;

use crate::args::{
    AgentArguments, AgentCommand, Command, ExposeCommand, FilesArguments, FilesCommand, GuestCommand, GuestLife, HostCommand,
    IdentityCommand, JobCommand, JournalCommand, OtherProgramCommand, RecipeCommand, RunArguments, RunCommand, SecretCommand, SlotCommand,
    StageCommand, TunnelArguments, VaultCommand,
};
use crate::context::Context;
use crate::output::Ended;

/// Runs a command.
pub(crate) async fn run(context: &Context, command: Command) -> Ended {
    match command {
        Command::Vault(command) => vault::run(context, command).await,
        Command::Stage(command) => stage::run(context, command).await,
        Command::Identity(command) => identity::run(context, command).await,
        Command::Search { text } => identity::search(context, text).await,
        Command::Agent(arguments) => agent::run(context, arguments).await,
        Command::Host(command) => host::run(context, command).await,
        Command::Guest(command) => guest::run(context, command).await,
        Command::Secret(command) => secret::run(context, command).await,
        Command::Process(command) => process::run(context, command).await,
        Command::Run(arguments) => run::run(context, arguments).await,
        Command::Shell { host, sudo } => shell::run(context, host, sudo).await,
        Command::Tunnel(arguments) => tunnel::run(context, arguments).await,
        Command::Proxy { host } => proxy::run(context, host).await,
        Command::Expose(command) => expose::run(context, command).await,
        Command::Inventory(arguments) => inventory::run(context, arguments).await,
        Command::SshConfig { on } => inventory::ssh_config(context, on).await,
        Command::Recipe(command) => recipe::run(context, command).await,
        Command::Put { source, destination, how } => copy::put(context, &source, &destination, &how).await,
        Command::Get { source, destination, how } => copy::get(context, &source, &destination, &how).await,
        Command::Files(arguments) => files::run(context, arguments).await,
        Command::Job(command) => job::run(context, command).await,
        Command::Journal(command) => journal::run(context, command).await,
        Command::Ca(command) => ca::run(context, command).await,
        Command::Parcel(command) => parcel::run(context, command).await,
        Command::Person(command) => person::run(context, command).await,
        Command::Report(command) => report::run(context, command).await,
        Command::Ynh(command) => ynh::run(context, command).await,
    }
}

/// Whether it sees to an interrupt itself: it says what was done until then, or cancels what another process does for it.
pub(crate) fn takes_interrupts(command: &Command) -> bool {
    match command {
        Command::Run(RunArguments { past, how, .. }) => match past {
            Some(past) => matches!(past, RunCommand::Retry { .. }),
            None => !how.detach,
        },
        Command::Recipe(RecipeCommand::Run { how, .. }) => !how.detach,
        Command::Ynh(crate::args::YnhCommand::Forms(crate::args::Forms::Backup(forms))) => forms.takes_interrupts(),
        Command::Put { .. } | Command::Get { .. } | Command::Shell { .. } => true,
        Command::Guest(GuestCommand::Life(GuestLife::Console { .. })) => true,
        Command::Tunnel(TunnelArguments { host, .. }) => host.is_some(),
        Command::Files(FilesArguments { change, .. }) => matches!(change, Some(FilesCommand::Remove { .. })),
        _ => false,
    }
}

/// The command's name in the schema of its JSON.
pub(crate) fn name(command: &Command) -> Cow<'static, str> {
    let name = match command {
        Command::Vault(VaultCommand::Create { .. }) => "vault-create",
        Command::Vault(VaultCommand::Info) => "vault-info",
        Command::Vault(VaultCommand::List) => "vault-list",
        Command::Vault(VaultCommand::Verify) => "vault-verify",
        Command::Vault(VaultCommand::Health) => "vault-health",
        Command::Vault(VaultCommand::Passwd { .. }) => "vault-passwd",
        Command::Vault(VaultCommand::Rekey) => "vault-rekey",
        Command::Vault(VaultCommand::Copy { .. }) => "vault-copy",
        Command::Vault(VaultCommand::Restore { .. }) => "vault-restore",
        Command::Vault(VaultCommand::Slot(SlotCommand::List)) => "vault-slot-list",
        Command::Vault(VaultCommand::Slot(SlotCommand::Add { .. })) => "vault-slot-add",
        Command::Vault(VaultCommand::Slot(SlotCommand::Remove { .. })) => "vault-slot-remove",
        Command::Stage(StageCommand::List) => "stage-list",
        Command::Stage(StageCommand::Add { .. }) => "stage-add",
        Command::Stage(StageCommand::Protect { .. }) => "stage-protect",
        Command::Stage(StageCommand::Unseal { .. }) => "stage-unseal",
        Command::Stage(StageCommand::Seal { .. }) => "stage-seal",
        Command::Stage(StageCommand::Passwd { .. }) => "stage-passwd",
        Command::Stage(StageCommand::Rekey { .. }) => "stage-rekey",
        Command::Stage(StageCommand::Policy { .. }) => "stage-policy",
        Command::Guest(command) => command.schema(),
        Command::Process(command) => command.schema(),
        Command::Identity(IdentityCommand::Create { .. }) => "identity-create",
        Command::Identity(IdentityCommand::Show) => "identity-show",
        Command::Identity(IdentityCommand::Export { .. }) => "identity-export",
        Command::Identity(IdentityCommand::Import { .. }) => "identity-import",
        Command::Search { .. } => "search",
        Command::Vault(VaultCommand::Unlock { .. }) => "vault-unlock",
        Command::Vault(VaultCommand::Lock { .. }) => "vault-lock",
        Command::Agent(AgentArguments { command: None, .. }) => "agent",
        Command::Agent(AgentArguments { command: Some(AgentCommand::Status), .. }) => "agent-status",
        Command::Agent(AgentArguments { command: Some(AgentCommand::Stop), .. }) => "agent-stop",
        Command::Host(HostCommand::Add { .. }) => "host-add",
        Command::Host(HostCommand::Import(_)) => "host-import",
        Command::Host(HostCommand::List) => "host-list",
        Command::Host(HostCommand::Show { .. }) => "host-show",
        Command::Host(HostCommand::Remove { .. }) => "host-remove",
        Command::Host(HostCommand::Test { .. }) => "host-test",
        Command::Host(HostCommand::Trust { .. }) => "host-trust",
        Command::Host(HostCommand::Survey { .. }) => "host-survey",
        Command::Host(HostCommand::Hardening { .. }) => "host-hardening",
        Command::Host(HostCommand::Edit { .. }) => "host-edit",
        Command::Host(HostCommand::Enrol { .. }) => "host-enrol",
        Command::Host(HostCommand::Distrust { .. }) => "host-distrust",
        Command::Host(HostCommand::Revoke { .. }) => "host-revoke",
        Command::Host(HostCommand::ImportKeys { .. }) => "host-import-keys",
        Command::Host(HostCommand::ExportKeys { .. }) => "host-export-keys",
        Command::Host(HostCommand::Diff { .. }) => "host-diff",
        Command::Host(HostCommand::Ledger { .. }) => "host-ledger",
        Command::Host(HostCommand::Clean { .. }) => "host-clean",
        Command::Host(HostCommand::Bans { .. }) => "host-bans",
        Command::Host(HostCommand::Unban { .. }) => "host-unban",
        Command::Host(HostCommand::SetClock { .. }) => "host-set-clock",
        Command::Host(HostCommand::Detach { .. }) => "host-detach",
        Command::Secret(SecretCommand::List { .. }) => "secret-list",
        Command::Secret(SecretCommand::Set { .. }) => "secret-set",
        Command::Secret(SecretCommand::Template(command)) => command.schema(),
        Command::Secret(SecretCommand::Get { .. }) => "secret-get",
        Command::Secret(SecretCommand::Generate { .. }) => "secret-generate",
        Command::Secret(SecretCommand::Rename { .. }) => "secret-rename",
        Command::Secret(SecretCommand::Remove { .. }) => "secret-remove",
        Command::Secret(SecretCommand::Beside(command)) => command.schema(),
        Command::Secret(SecretCommand::Health(command)) => command.schema(),
        Command::Secret(SecretCommand::OtherProgram(OtherProgramCommand::Import(_))) => "secret-import",
        Command::Secret(SecretCommand::OtherProgram(OtherProgramCommand::Export(_))) => "secret-export",
        Command::Secret(SecretCommand::Where { .. }) => "secret-where",
        Command::Secret(SecretCommand::Rotate { .. }) => "secret-rotate",
        Command::Secret(SecretCommand::Allow { .. }) => "secret-allow",
        Command::Run(RunArguments { past: None, .. }) => "run",
        Command::Run(RunArguments { past: Some(RunCommand::List), .. }) => "run-list",
        Command::Run(RunArguments { past: Some(RunCommand::Show { .. }), .. }) => "run-show",
        Command::Run(RunArguments { past: Some(RunCommand::Retry { .. }), .. }) => "run-retry",
        Command::Run(RunArguments { past: Some(RunCommand::Cancel { .. }), .. }) => "run-cancel",
        Command::Shell { .. } => "shell",
        Command::Tunnel(TunnelArguments { list: true, .. }) => "tunnel-list",
        Command::Tunnel(TunnelArguments { close: Some(_), .. }) => "tunnel-close",
        Command::Tunnel(_) => "tunnel",
        Command::Proxy { .. } => "proxy",
        Command::Expose(ExposeCommand::Show { .. }) => "expose-show",
        Command::Expose(ExposeCommand::Test { .. }) => "expose-test",
        Command::Expose(ExposeCommand::Publish { .. }) => "expose-publish",
        Command::Expose(ExposeCommand::Withdraw { .. }) => "expose-withdraw",
        Command::Inventory(_) => "inventory",
        Command::SshConfig { .. } => "ssh-config",
        Command::Recipe(RecipeCommand::List) => "recipe-list",
        Command::Recipe(RecipeCommand::Show { .. }) => "recipe-show",
        Command::Recipe(RecipeCommand::Set { .. }) => "recipe-set",
        Command::Recipe(RecipeCommand::Remove { .. }) => "recipe-remove",
        Command::Recipe(RecipeCommand::Run { .. }) => "recipe-run",
        Command::Put { .. } => "put",
        Command::Get { .. } => "get",
        Command::Files(FilesArguments { change: None, .. }) => "files",
        Command::Files(FilesArguments { change: Some(FilesCommand::Mkdir { .. }), .. }) => "files-mkdir",
        Command::Files(FilesArguments { change: Some(FilesCommand::Rename { .. }), .. }) => "files-rename",
        Command::Files(FilesArguments { change: Some(FilesCommand::Remove { .. }), .. }) => "files-remove",
        Command::Job(JobCommand::List) => "job-list",
        Command::Job(JobCommand::Show { .. }) => "job-show",
        Command::Job(JobCommand::Attach { .. }) => "job-attach",
        Command::Job(JobCommand::Cancel { .. }) => "job-cancel",
        Command::Job(JobCommand::Retry { .. }) => "job-retry",
        Command::Journal(JournalCommand::List { .. }) => "journal-list",
        Command::Journal(JournalCommand::Verify { .. }) => "journal-verify",
        Command::Journal(JournalCommand::Export { .. }) => "journal-export",
        Command::Ca(command) => command.name(),
        Command::Parcel(command) => command.name(),
        Command::Person(command) => command.name(),
        Command::Report(command) => command.name(),
        Command::Ynh(command) => return command.name().into(),
    };
    name.into()
}
