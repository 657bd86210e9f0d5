//! YunoHost.

use std::collections::BTreeMap;

use beffroi_app::{Action, AppError};
use beffroi_yunohost::{Given, How, Kind, Operation, Param, Raw, Setting, Weight};

use crate::ApiError;
use crate::wire::{YnhOperation, YnhParam, YnhSetting, YnhValue};

/// Everything that can be changed on a YunoHost, by category: command line and page are made of it.
#[must_use]
pub fn ynh_operations() -> Vec<YnhOperation> {
    Operation::all().map(view).collect()
}

/// An operation with what it is given, checked.
pub(super) fn action(operation: String, given: BTreeMap<String, YnhValue>) -> Result<Action, ApiError> {
    let operation = Operation::find(&operation).ok_or(AppError::OperationUnknown { operation })?;
    let raw = given.into_iter().map(|(name, value)| (name, raw(value))).collect();
    let given = Given::read(operation, raw).map_err(AppError::from)?;
    Ok(Action::Yunohost { operation, given })
}

fn raw(value: YnhValue) -> Raw {
    match value {
        YnhValue::Text(text) => Raw::Text(text),
        YnhValue::List(list) => Raw::List(list),
        YnhValue::Switch(on) => Raw::Switch(on),
        YnhValue::Secret(secret) => Raw::Secret(secret.into_secret()),
        YnhValue::Settings(settings) => {
            let setting = |setting| match setting {
                YnhSetting::Text(text) => Setting::Shown(text),
                YnhSetting::Secret(secret) => Setting::Secret(secret.into_secret()),
            };
            Raw::Settings(settings.into_iter().map(|(name, value)| (name, setting(value))).collect())
        }
    }
}

fn view(operation: &Operation) -> YnhOperation {
    YnhOperation {
        id: operation.id.to_owned(),
        command: operation.command.join(" "),
        params: operation.params.iter().map(param).collect(),
        weight: match operation.weight {
            Weight::Light => "light",
            Weight::Heavy => "heavy",
            Weight::Destroys => "destroys",
            Weight::LocksOut => "locks-out",
        }
        .to_owned(),
        needs_a_change: operation.needs_a_change,
    }
}

fn param(param: &Param) -> YnhParam {
    let choices = match param.kind {
        Kind::Choice(choices) => choices,
        _ => &[],
    };
    YnhParam {
        name: param.name.to_owned(),
        kind: param.kind.name().to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        list: param.kind.is_list(),
        secret: param.kind.is_secret(),
        required: param.required,
        place: param.how == How::Place,
        makes: param.makes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;

    #[test]
    fn every_operation_has_its_words() {
        let mut missing = Vec::new();
        let mut need = |key: String| {
            if !Language::English.has(&key) {
                missing.push(key);
            }
        };
        for operation in Operation::all() {
            let words = operation.words;
            for key in [words.about, words.title, words.check] {
                need(key.to_owned());
            }
            if !matches!(operation.way_back, beffroi_yunohost::WayBack::Nothing) {
                need(words.undo.to_owned());
            }
            for param in operation.params {
                need(format!("param.ynh-{}", param.name));
                need(format!("kind.ynh-{}", param.kind.name()));
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
