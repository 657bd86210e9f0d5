//! `ynh`

use std::path::PathBuf;

use beffroi_api::wire::{ActionRequest, HostStatus, SurveyRequest, YunohostSurvey};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;
use serde_json::{Value, json};

use crate::args::{YnhAppCommand, YnhCommand, YnhServiceCommand, YnhUserCommand};
use crate::commands::host::described_json;
use crate::commands::plan::carry_out;
use crate::context::Context;
use crate::input;
use crate::output::{Ended, error_text, exit_of};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: YnhCommand) -> Ended {
    match command {
        YnhCommand::User(command) => user(context, command).await,
        YnhCommand::App(YnhAppCommand::List { on }) => {
            let heading = ["cli.id", "cli.name", "cli.version", "cli.address", "cli.upgrade"];
            listed(context, on.on, "apps", &heading, |facts| {
                let app = |app: &beffroi_api::wire::YunohostApp| {
                    let cells = [&app.id, &app.name, &app.version].map(Clone::clone).to_vec();
                    [cells, vec![app.domain_path.clone().unwrap_or_default(), app.upgrade.clone().unwrap_or_default()]].concat()
                };
                facts.apps.as_ref().map(|apps| (json!(apps), apps.iter().map(app).collect()))
            })
            .await
        }
        YnhCommand::Service(YnhServiceCommand::List { on }) => {
            let heading = ["cli.name", "cli.state", "cli.boot", "cli.configuration"];
            listed(context, on.on, "services", &heading, |facts| {
                let service = |service: &beffroi_api::wire::YunohostService| {
                    [&service.name, &service.status, &service.start_on_boot, &service.configuration].map(Clone::clone).to_vec()
                };
                facts.services.as_ref().map(|services| (json!(services), services.iter().map(service).collect()))
            })
            .await
        }
        YnhCommand::Service(YnhServiceCommand::Restart { name, on }) => {
            carry_out(context, on.on, ActionRequest::YnhServiceRestart { service: name }).await
        }
    }
}

async fn user(context: &Context, command: YnhUserCommand) -> Ended {
    match command {
        YnhUserCommand::List { on } => {
            let heading = ["cli.login", "cli.fullname", "cli.mail", "cli.quota", "cli.groups"];
            listed(context, on.on, "users", &heading, |facts| {
                let user = |user: &beffroi_api::wire::YunohostUser| {
                    let cells = [&user.username, &user.fullname, &user.mail, &user.mailbox_quota].map(Clone::clone).to_vec();
                    [cells, vec![user.groups.join(" ")]].concat()
                };
                facts.users.as_ref().map(|users| (json!(users), users.iter().map(user).collect()))
            })
            .await
        }
        YnhUserCommand::Add { name, fullname, password_file, domain, mailbox_quota, on } => {
            let password = match password_file {
                Some(file) => password_from(context, &file)?,
                None => context.ask_secret("prompt.user-password", "--password-file")?,
            };
            let password = password.into();
            carry_out(context, on.on, ActionRequest::YnhUserAdd { username: name, fullname, password, domain, mailbox_quota }).await
        }
        YnhUserCommand::Edit { name, fullname, password_file, mailbox_quota, on } => {
            let password = password_file.map(|file| password_from(context, &file)).transpose()?.map(Into::into);
            carry_out(context, on.on, ActionRequest::YnhUserEdit { username: name, fullname, password, mailbox_quota }).await
        }
        YnhUserCommand::Remove { name, purge, on } => {
            carry_out(context, on.on, ActionRequest::YnhUserRemove { username: name, purge }).await
        }
    }
}

/// Standard input holds one secret, not two.
fn password_from(context: &Context, file: &PathBuf) -> Result<SecretText, ApiError> {
    if file.as_os_str() == "-" && context.global.passphrase_file.as_ref() == Some(file) {
        return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", "--password-file"));
    }
    input::secret_file(file)
}

/// Reads hosts anew and lists one part of what their YunoHost says.
async fn listed(
    context: &Context,
    on: String,
    part: &str,
    heading: &[&str],
    pick: impl Fn(&YunohostSurvey) -> Option<(Value, Vec<Vec<String>>)>,
) -> Ended {
    context.open().await?;
    let surveys = context.api.host_survey(SurveyRequest { on, refresh: true }).await?;
    let heading: Vec<String> = heading.iter().map(|key| context.words(key)).collect();
    let several = surveys.results.len() > 1;
    let (mut results, mut text, mut ends) = (Vec::new(), String::new(), Vec::new());
    for result in surveys.results {
        let yunohost = result.survey.as_ref().and_then(|survey| survey.yunohost.as_ref());
        let picked = yunohost.and_then(&pick);
        let missing = || match yunohost {
            None => ApiError::new(ErrorCode::YnhAbsent),
            Some(facts) => ApiError::new(ErrorCode::YnhRefused).with("reason", facts.failures.join("; ")),
        };
        let error = result.error.or_else(|| picked.is_none().then(|| missing().on(&result.host)));
        let status = error.as_ref().map_or(HostStatus::Ok, HostStatus::of);
        let mut object = json!({ "host": result.host, "status": status, "duration_ms": result.duration_ms });
        if several {
            text.push_str(&format!("== {} ==\n", result.host));
        }
        if let Some((values, rows)) = picked {
            object[part] = values;
            text.push_str(&table(&heading, &rows));
        }
        if let Some(error) = &error {
            object["error"] = json!(error);
            text.push_str(&error_text(context.language, error));
        }
        results.push(object);
        ends.push((status, error));
    }
    if let ([(_, Some(error))], false) = (ends.as_slice(), context.global.json) {
        return Err(error.clone().into());
    }
    let exit = exit_of(ends.iter().map(|(status, error)| (*status, error.as_ref())));
    Ok(described_json(context, &json!({ "results": results }), text)?.exiting(exit))
}
