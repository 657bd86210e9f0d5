//! `ynh`

use std::collections::BTreeMap;
use std::path::PathBuf;

use beffroi_api::wire::{
    ActionRequest, HostStatus, SurveyRequest, YnhOperation, YnhSetting, YnhValue, YunohostApp, YunohostGroup, YunohostPermission,
    YunohostService, YunohostSurvey, YunohostUser,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;
use serde_json::{Value, json};

use crate::args::{Typed, YnhCommand};
use crate::commands::host::described_json;
use crate::commands::plan::carry_out;
use crate::context::Context;
use crate::input;
use crate::output::{Ended, error_text, exit_of};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: YnhCommand) -> Ended {
    match command {
        YnhCommand::List { category, on } => list(context, &category, on).await,
        YnhCommand::Change { operation, typed, on } => {
            let given = given(context, &operation, typed)?;
            carry_out(context, on, ActionRequest::Ynh { operation: operation.id, given }).await
        }
    }
}

/// What an operation is given: secrets are read from their files, and asked for where one is needed and somebody is there.
fn given(context: &Context, operation: &YnhOperation, mut typed: Typed) -> Result<BTreeMap<String, YnhValue>, ApiError> {
    let mut given = BTreeMap::new();
    for param in &operation.params {
        let value = if param.secret {
            match typed.files.remove(&param.name) {
                Some(file) => Some(YnhValue::Secret(secret_from(context, &file, &format!("--{}-file", param.name))?.into())),
                None if param.required => {
                    Some(YnhValue::Secret(context.ask_secret("prompt.user-password", &format!("--{}-file", param.name))?.into()))
                }
                None => None,
            }
        } else if param.kind == "settings" {
            settings(context, &mut typed)?
        } else if param.kind == "switch" {
            typed.switches.contains(&param.name).then_some(YnhValue::Switch(true))
        } else {
            typed.texts.remove(&param.name).map(|mut values| match values.pop() {
                Some(text) if !param.list => YnhValue::Text(text),
                last => {
                    values.extend(last);
                    YnhValue::List(values)
                }
            })
        };
        given.extend(value.map(|value| (param.name.clone(), value)));
    }
    Ok(given)
}

fn settings(context: &Context, typed: &mut Typed) -> Result<Option<YnhValue>, ApiError> {
    let mut settings = BTreeMap::new();
    for (name, value) in typed.settings.drain(..) {
        settings.insert(name, YnhSetting::Text(value));
    }
    for (name, file) in typed.setting_files.drain(..) {
        settings.insert(name, YnhSetting::Secret(secret_from(context, &file, "--set-file")?.into()));
    }
    Ok((!settings.is_empty()).then_some(YnhValue::Settings(settings)))
}

async fn list(context: &Context, category: &str, on: String) -> Ended {
    match category {
        "user" => {
            let heading = ["cli.login", "cli.fullname", "cli.mail", "cli.quota", "cli.groups"];
            listed(context, on, "users", &heading, |facts| {
                let user = |user: &YunohostUser| {
                    let cells = [&user.username, &user.fullname, &user.mail, &user.mailbox_quota].map(Clone::clone).to_vec();
                    [cells, vec![user.groups.join(" ")]].concat()
                };
                facts.users.as_ref().map(|users| (json!(users), users.iter().map(user).collect()))
            })
            .await
        }
        "group" => {
            listed(context, on, "groups", &["cli.name", "cli.members"], |facts| {
                let group = |group: &YunohostGroup| vec![group.name.clone(), group.members.join(" ")];
                facts.groups.as_ref().map(|groups| (json!(groups), groups.iter().map(group).collect()))
            })
            .await
        }
        "permission" => {
            listed(context, on, "permissions", &["cli.name", "cli.label", "cli.groups", "cli.members"], |facts| {
                let permission = |permission: &YunohostPermission| {
                    vec![permission.name.clone(), permission.label.clone(), permission.allowed.join(" "), permission.users.join(" ")]
                };
                facts.permissions.as_ref().map(|permissions| (json!(permissions), permissions.iter().map(permission).collect()))
            })
            .await
        }
        "app" => {
            let heading = ["cli.id", "cli.name", "cli.version", "cli.address", "cli.upgrade"];
            listed(context, on, "apps", &heading, |facts| {
                let app = |app: &YunohostApp| {
                    let cells = [&app.id, &app.name, &app.version].map(Clone::clone).to_vec();
                    [cells, vec![app.domain_path.clone().unwrap_or_default(), app.upgrade.clone().unwrap_or_default()]].concat()
                };
                facts.apps.as_ref().map(|apps| (json!(apps), apps.iter().map(app).collect()))
            })
            .await
        }
        "service" => {
            let heading = ["cli.name", "cli.state", "cli.boot", "cli.configuration"];
            listed(context, on, "services", &heading, |facts| {
                let service = |service: &YunohostService| {
                    [&service.name, &service.status, &service.start_on_boot, &service.configuration].map(Clone::clone).to_vec()
                };
                facts.services.as_ref().map(|services| (json!(services), services.iter().map(service).collect()))
            })
            .await
        }
        "domain" => listed(context, on, "domains", &["cli.name"], |facts| names(facts.domains.as_ref())).await,
        _ => listed(context, on, "backups", &["cli.name"], |facts| names(facts.backups.as_ref())).await,
    }
}

fn names(names: Option<&Vec<String>>) -> Option<(Value, Vec<Vec<String>>)> {
    names.map(|names| (json!(names), names.iter().map(|name| vec![name.clone()]).collect()))
}

/// Standard input holds one secret, not two.
fn secret_from(context: &Context, file: &PathBuf, flag: &str) -> Result<SecretText, ApiError> {
    if file.as_os_str() == "-" && context.global.passphrase_file.as_ref() == Some(file) {
        return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", flag));
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
