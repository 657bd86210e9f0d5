//! `ynh`

mod backup;
mod fleet;
mod forms;
pub(crate) mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use beffroi_api::wire::{ActionRequest, PlanMake, SnapshotFirst, YnhParam, YnhSend, YnhSentDrop, YnhSetting, YnhValue};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;

use crate::args::{Typed, YnhCommand};
use crate::commands::plan::carry_out_from;
use crate::context::Context;
use crate::input;
use crate::output::Ended;

pub(crate) async fn run(context: &Context, command: YnhCommand) -> Ended {
    match command {
        YnhCommand::Forms(forms) => forms::run(context, forms).await,
        YnhCommand::Read { reading, typed, on, refresh } => {
            let given = given(context, &reading.params, typed)?;
            read::read(context, &reading, given, on, refresh).await
        }
        YnhCommand::Fleet { view, on, refresh } => fleet::show(context, &view, on, refresh).await,
        YnhCommand::Change { operation, typed, on, pilot, snapshot } => {
            let mut given = given(context, &operation.params, typed)?;
            let sent = send_package(context, &on, &mut given).await?;
            let snapshot = snapshot.map(|guest| SnapshotFirst { guest });
            let asked = PlanMake { on: on.clone(), action: ActionRequest::Ynh { operation: operation.id, given }, snapshot };
            let ended = carry_out_from(context, asked, pilot).await;
            drop_sent(context, on, sent).await;
            ended
        }
    }
}

/// What an operation is given: secrets are read from their files, and asked for where one is needed and somebody is there.
fn given(context: &Context, params: &[YnhParam], mut typed: Typed) -> Result<BTreeMap<String, YnhValue>, ApiError> {
    let mut given = BTreeMap::new();
    for param in params {
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

/// Where an application comes from, when that is a path of this machine: `./my_app_ynh`, or `local:` before any other.
fn local_source(source: &str) -> Option<&Path> {
    let relative = source == "." || source.starts_with("./") || source.starts_with("../");
    source.strip_prefix("local:").or(relative.then_some(source)).map(Path::new)
}

/// Sends the package that an operation is to use, where it lies on this machine.
async fn send_package(context: &Context, on: &str, given: &mut BTreeMap<String, YnhValue>) -> Result<Option<String>, ApiError> {
    let Some(YnhValue::Text(source)) = given.get_mut("source") else { return Ok(None) };
    let Some(path) = local_source(source) else { return Ok(None) };
    context.open().await?;
    let send = YnhSend { on: on.to_owned(), path: input::absolute(path)?, typed: context.global.confirm.clone() };
    *source = context.api.ynh_package_send(send).await?.path;
    Ok(Some(source.clone()))
}

/// Removes what was sent for a plan that did not become a job. What cannot be removed now stays in the ledger.
async fn drop_sent(context: &Context, on: String, sent: Option<String>) {
    let Some(path) = sent else { return };
    if let Err(error) = context.api.ynh_sent_drop(YnhSentDrop { on, path }).await {
        tracing::info!(code = %error.code.name(), "what was sent stays on its host for now");
    }
}

/// Standard input holds one secret, not two.
fn secret_from(context: &Context, file: &PathBuf, flag: &str) -> Result<SecretText, ApiError> {
    if file.as_os_str() == "-" && context.global.passphrase_file.as_ref() == Some(file) {
        return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", flag));
    }
    input::secret_file(file)
}
