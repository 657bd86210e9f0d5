//! YunoHost.

use std::collections::BTreeMap;

use beffroi_app::{Action, AppError, FleetHost, HostOperation, ReadAnswer};
use beffroi_yunohost::reading::{Cell, Entry, Reading, Source};
use beffroi_yunohost::{Given, How, Kind, Operation, Param, Raw, Setting, Weight};

use crate::handlers::host::{milliseconds, on};
use crate::handlers::plan;
use crate::wire::{
    HostStatus, PlanView, YnhCell, YnhField, YnhFleet, YnhFleetHost, YnhFleetRequest, YnhOperation, YnhOrder, YnhParam, YnhPlanEach,
    YnhRead, YnhReadResult, YnhReadResults, YnhReading, YnhSetting, YnhValue,
};
use crate::{Api, ApiError};

/// Everything that can be changed on a YunoHost, by category: command line and page are made of it.
#[must_use]
pub fn ynh_operations() -> Vec<YnhOperation> {
    Operation::all().map(view).collect()
}

/// Everything that can be read of a YunoHost: command line and page are made of it.
#[must_use]
pub fn ynh_readings() -> Vec<YnhReading> {
    let field = |field: &beffroi_yunohost::reading::Field| YnhField { name: field.name.to_owned(), shows: field.shows.name().to_owned() };
    let reading = |reading: &Reading| YnhReading {
        id: reading.id.to_owned(),
        params: reading.params.iter().map(param).collect(),
        fields: reading.fields.iter().map(field).collect(),
        one: reading.one,
        surveyed: matches!(reading.source, Source::Survey(_)),
    };
    Reading::all().map(reading).collect()
}

impl Api {
    /// `ynh_read`
    pub async fn ynh_read(&self, request: YnhRead) -> Result<YnhReadResults, ApiError> {
        let YnhRead { on: selector, reading, given, refresh } = request;
        let reading = Reading::find(&reading).ok_or(AppError::OperationUnknown { operation: reading })?;
        let raw = given.into_iter().map(|(name, value)| (name, raw(value))).collect();
        let given = Given::of(reading.params, raw).map_err(AppError::from)?;
        let answers = self.app().ynh_read(&selector, reading, given, refresh).await?;
        Ok(YnhReadResults { results: answers.into_iter().map(read).collect() })
    }

    /// `ynh_plan_each`
    pub async fn ynh_plan_each(&self, request: YnhPlanEach) -> Result<PlanView, ApiError> {
        let order = |order: YnhOrder| {
            let (operation, given) = operation_of(order.operation, order.given)?;
            Ok(HostOperation { host: order.host, operation, given })
        };
        let orders = request.orders.into_iter().map(order).collect::<Result<_, ApiError>>()?;
        Ok(plan::view(self.app().plan_operations(orders).await?))
    }

    /// `ynh_fleet`
    pub async fn ynh_fleet(&self, request: YnhFleetRequest) -> Result<YnhFleet, ApiError> {
        let selector = request.on.as_deref().unwrap_or("role:yunohost");
        let (hosts, views) = self.app().ynh_fleet(selector, request.refresh).await?;
        let host = |found: FleetHost| {
            let error = found.error.map(|error| on(error, &found.host));
            let status = error.as_ref().map_or(HostStatus::Ok, HostStatus::of);
            YnhFleetHost { host: found.host, status, stage: found.stage, version: found.version, taken_ms: found.taken_ms, error }
        };
        Ok(YnhFleet { hosts: hosts.into_iter().map(host).collect(), views })
    }
}

fn read(answer: ReadAnswer) -> YnhReadResult {
    let ReadAnswer { host, took, read } = answer;
    let duration_ms = milliseconds(took);
    match read {
        Ok((taken_ms, entries)) => {
            let entries = entries.into_iter().map(cells).collect();
            YnhReadResult { host, status: HostStatus::Ok, duration_ms, taken_ms: Some(taken_ms), entries, error: None }
        }
        Err(error) => {
            let error = on(error, &host);
            YnhReadResult { host, status: HostStatus::of(&error), duration_ms, taken_ms: None, entries: Vec::new(), error: Some(error) }
        }
    }
}

fn cells(entry: Entry) -> BTreeMap<String, YnhCell> {
    let cell = |cell| match cell {
        Cell::Text(text) => YnhCell::Text(text),
        Cell::Number(number) => YnhCell::Number(number),
        Cell::Switch(on) => YnhCell::Switch(on),
        Cell::List(list) => YnhCell::List(list),
    };
    entry.into_iter().map(|(name, value)| (name.to_owned(), cell(value))).collect()
}

/// An operation with what it is given, checked.
pub(super) fn action(operation: String, given: BTreeMap<String, YnhValue>) -> Result<Action, ApiError> {
    let (operation, given) = operation_of(operation, given)?;
    Ok(Action::Yunohost { operation, given })
}

fn operation_of(operation: String, given: BTreeMap<String, YnhValue>) -> Result<(&'static Operation, Given), ApiError> {
    let operation = Operation::find(&operation).ok_or(AppError::OperationUnknown { operation })?;
    let raw = given.into_iter().map(|(name, value)| (name, raw(value))).collect();
    Ok((operation, Given::read(operation, raw).map_err(AppError::from)?))
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
        for reading in Reading::all() {
            need(format!("reading.ynh-{}", reading.id));
            for field in reading.fields {
                need(format!("field.ynh-{}", field.name));
            }
            for param in reading.params {
                need(format!("param.ynh-{}", param.name));
                need(format!("kind.ynh-{}", param.kind.name()));
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
