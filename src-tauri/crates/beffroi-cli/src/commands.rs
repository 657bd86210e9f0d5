//! One module per group of commands.

mod host;
mod job;
mod journal;
mod plan;
mod run;
mod secret;
mod vault;
mod ynh;

use crate::args::{
    Command, HostCommand, JobCommand, JournalCommand, SecretCommand, VaultCommand, YnhAppCommand, YnhCommand, YnhServiceCommand,
    YnhUserCommand,
};
use crate::context::Context;
use crate::output::Ended;

/// Runs a command.
pub(crate) async fn run(context: &Context, command: Command) -> Ended {
    match command {
        Command::Vault(command) => vault::run(context, command).await,
        Command::Host(command) => host::run(context, command).await,
        Command::Secret(command) => secret::run(context, command).await,
        Command::Run(arguments) => run::run(context, arguments).await,
        Command::Put { source, destination } => run::put(context, source, &destination).await,
        Command::Get { source, destination } => run::get(context, &source, destination).await,
        Command::Job(command) => job::run(context, command).await,
        Command::Journal(command) => journal::run(context, command).await,
        Command::Ynh(command) => ynh::run(context, command).await,
    }
}

/// The command's name in the schema of its JSON.
pub(crate) fn name(command: &Command) -> &'static str {
    match command {
        Command::Vault(VaultCommand::Create { .. }) => "vault-create",
        Command::Vault(VaultCommand::Info) => "vault-info",
        Command::Vault(VaultCommand::List) => "vault-list",
        Command::Vault(VaultCommand::Verify) => "vault-verify",
        Command::Host(HostCommand::Add { .. }) => "host-add",
        Command::Host(HostCommand::List) => "host-list",
        Command::Host(HostCommand::Show { .. }) => "host-show",
        Command::Host(HostCommand::Remove { .. }) => "host-remove",
        Command::Host(HostCommand::Test { .. }) => "host-test",
        Command::Host(HostCommand::Trust { .. }) => "host-trust",
        Command::Host(HostCommand::Survey { .. }) => "host-survey",
        Command::Secret(SecretCommand::List) => "secret-list",
        Command::Secret(SecretCommand::Set { .. }) => "secret-set",
        Command::Secret(SecretCommand::Remove { .. }) => "secret-remove",
        Command::Run(_) => "run",
        Command::Put { .. } => "put",
        Command::Get { .. } => "get",
        Command::Job(JobCommand::List) => "job-list",
        Command::Job(JobCommand::Show { .. }) => "job-show",
        Command::Job(JobCommand::Attach { .. }) => "job-attach",
        Command::Job(JobCommand::Cancel { .. }) => "job-cancel",
        Command::Journal(JournalCommand::List { .. }) => "journal-list",
        Command::Journal(JournalCommand::Verify) => "journal-verify",
        Command::Journal(JournalCommand::Export { .. }) => "journal-export",
        Command::Ynh(YnhCommand::User(YnhUserCommand::List { .. })) => "ynh-user-list",
        Command::Ynh(YnhCommand::User(YnhUserCommand::Add { .. })) => "ynh-user-add",
        Command::Ynh(YnhCommand::User(YnhUserCommand::Edit { .. })) => "ynh-user-edit",
        Command::Ynh(YnhCommand::User(YnhUserCommand::Remove { .. })) => "ynh-user-remove",
        Command::Ynh(YnhCommand::App(YnhAppCommand::List { .. })) => "ynh-app-list",
        Command::Ynh(YnhCommand::Service(YnhServiceCommand::List { .. })) => "ynh-service-list",
        Command::Ynh(YnhCommand::Service(YnhServiceCommand::Restart { .. })) => "ynh-service-restart",
    }
}
