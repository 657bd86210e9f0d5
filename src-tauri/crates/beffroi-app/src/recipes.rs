//! Recipes: saved runs with typed parameters, written by hand as TOML and kept as they were written.

use std::collections::BTreeMap;
use std::sync::Arc;

use beffroi_domain::{
    Canonical, CanonicalReader, CompartmentId, HostName, NotCanonical, Parameter, ParameterKind, Recipe, RecipeId, RecipeStep, StageName,
    Template,
};
use beffroi_store::table::recipe::RecipeRow;
use beffroi_vault::{OpenVault, Place};
use regex::RegexBuilder;
use serde::Deserialize;

use crate::run::Course;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, Pace, RecipeError, RunFacts, RunWhat};

/// A recipe of the catalog.
#[derive(Debug, Clone)]
pub struct RecipeFacts {
    /// What it is.
    pub recipe: Recipe,
    /// The file, as it was given.
    pub text: String,
    /// Grows with every change.
    pub revision: u64,
}

/// A recipe to run.
#[derive(Debug, Clone)]
pub struct RecipeOrder {
    /// Its name.
    pub recipe: String,
    /// Which hosts.
    pub on: String,
    /// Values of its parameters.
    pub values: BTreeMap<String, String>,
    /// As root, whatever the recipe says.
    pub sudo: bool,
    /// For each host; what the recipe says when absent.
    pub timeout_s: Option<u64>,
    /// How it goes through the hosts; what is absent, the recipe says.
    pub pace: Pace,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// What a recipe would run.
#[derive(Debug)]
pub struct RecipePlan {
    /// What, values put in.
    pub what: RunWhat,
    /// The titles of its steps.
    pub titles: Vec<String>,
    /// How it goes through the hosts.
    pub pace: Pace,
    /// The hosts, by name.
    pub hosts: Vec<PlannedHost>,
}

/// A host that a recipe would be run on.
#[derive(Debug)]
pub struct PlannedHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// In which wave its turn comes, counted from 1.
    pub wave: usize,
    /// Why nothing would be done there.
    pub error: Option<AppError>,
}

/// Bytes of the longest file.
const MOST_TEXT: usize = 64 << 10;
/// Recipes of a vault.
const MOST_RECIPES: usize = 500;
/// Seconds for each host, where nothing is said.
const TIMEOUT_S: u64 = 60;
const TAG: &str = "beffroi/recipe/1";

impl App {
    /// The recipes, by name; for one that is not what was written with this vault's key, its name and why.
    ///
    /// # Errors
    /// When no vault is open.
    pub async fn recipes(&self) -> Result<Vec<(String, Result<RecipeFacts, AppError>)>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| {
                let rows = session.catalog.read(|reader| reader.recipes())?;
                Ok(rows.into_iter().map(|row| (row.name.clone(), session.read_recipe(&row))).collect())
            })
            .await
    }

    /// One recipe.
    ///
    /// # Errors
    /// [`RecipeError::NotFound`], [`AppError::Damaged`].
    pub async fn recipe(&self, name: &str) -> Result<RecipeFacts, AppError> {
        self.session()?.recipe(name).await
    }

    /// Stores a recipe, in the place of one of the same name.
    ///
    /// # Errors
    /// [`RecipeError::Syntax`], [`RecipeError::Fault`] and their like for a text that is no recipe.
    pub async fn set_recipe(&self, text: String) -> Result<RecipeFacts, AppError> {
        let session = self.session()?;
        let recipe = read(&text)?;
        let facts = session
            .blocking(move |session| {
                let dev = session.compartment(&StageName::dev())?;
                let happening = Happening::new("recipe-set").with("name", &recipe.name);
                let record = Canonical::new(TAG).text(&recipe.name).text(&text).finish();
                let revision = session.commit(happening, |writer| {
                    let stored = writer.reader().recipe_named(&recipe.name)?;
                    let (id, revision) = stored.as_ref().map_or_else(|| (RecipeId::make(), 1), |row| (row.id, row.revision + 1));
                    let row = recipe_row(&session.vault, dev, id, &recipe.name, record, revision)?;
                    if stored.is_some() {
                        writer.update_recipe(&row)?;
                    } else if writer.reader().recipes()?.len() < MOST_RECIPES {
                        writer.insert_recipe(&row)?;
                    } else {
                        return Err(AppError::InvalidRequest { what: "a vault has at most 500 recipes" });
                    }
                    Ok(revision)
                })?;
                Ok(RecipeFacts { recipe, text, revision })
            })
            .await?;
        self.inner.listener.heard(Change::Recipes);
        Ok(facts)
    }

    /// Removes a recipe, also one that is damaged.
    ///
    /// # Errors
    /// [`RecipeError::NotFound`].
    pub async fn remove_recipe(&self, name: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let row = session.catalog.read(|reader| reader.recipe_named(&name))?;
                let row = row.ok_or_else(|| AppError::Recipe(RecipeError::NotFound { name: name.clone() }))?;
                session.commit(Happening::new("recipe-removed").with("name", name), |writer| Ok(writer.delete_recipe(row.id)?))
            })
            .await?;
        self.inner.listener.heard(Change::Recipes);
        Ok(())
    }

    /// What a recipe would run. Nothing is done, and no host is asked.
    ///
    /// # Errors
    /// For values that it does not take, a selector that does not select a host, a pace that is none.
    pub async fn plan_recipe(&self, order: &RecipeOrder) -> Result<RecipePlan, AppError> {
        let session = self.session()?;
        let recipe = session.recipe(&order.recipe).await?.recipe;
        let (what, pace) = session.filled(&recipe, order).await?;
        let targets = session.select(&order.on).await?;
        let course = Course::new(&pace, targets.len())?;
        let hosts = targets.iter().zip(course.turns()).map(|(target, wave)| PlannedHost {
            host: target.name.to_string(),
            stage: target.stage.to_string(),
            wave,
            error: session.open_stage(&target.stage).and_then(|stage| session.refuse_frozen(&stage)).err(),
        });
        let hosts = hosts.collect();
        Ok(RecipePlan { titles: recipe.steps.into_iter().map(|step| step.title).collect(), what, pace, hosts })
    }

    /// Begins to run a recipe.
    ///
    /// # Errors
    /// Those of [`App::plan_recipe`] and [`App::start_run`].
    pub async fn start_recipe(&self, order: RecipeOrder) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        let recipe = session.recipe(&order.recipe).await?.recipe;
        let (what, pace) = session.filled(&recipe, &order).await?;
        self.start_run(crate::RunOrder { on: order.on, what, pace, typed: order.typed }).await
    }
}

impl Session {
    async fn recipe(self: &Arc<Self>, name: &str) -> Result<RecipeFacts, AppError> {
        let name = name.to_owned();
        self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.recipe_named(&name))?;
            session.read_recipe(&row.ok_or(AppError::Recipe(RecipeError::NotFound { name }))?)
        })
        .await
    }

    /// A stored recipe, authenticated.
    fn read_recipe(&self, row: &RecipeRow) -> Result<RecipeFacts, AppError> {
        let broken = || AppError::damaged(format!("the recipe {}", row.name));
        let dev = self.compartment(&StageName::dev())?;
        self.vault.check_row(&place(dev, row.id, row.revision), &row.record, &row.mac).map_err(|_| broken())?;
        let text = text_of(&row.record, &row.name).map_err(|NotCanonical| broken())?;
        Ok(RecipeFacts { recipe: read(&text)?, text, revision: row.revision })
    }

    /// What a recipe comes to with these values, and how it goes through the hosts.
    async fn filled(self: &Arc<Self>, recipe: &Recipe, order: &RecipeOrder) -> Result<(RunWhat, Pace), AppError> {
        let values = values(recipe, &order.values)?;
        for parameter in recipe.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Host) {
            if let Some(host) = values.get(parameter.name.as_str()) {
                self.host(host).await?;
            }
        }
        let command = |step: &RecipeStep| {
            let filled = step.command.fill(|name| values.get(name).map(String::as_str));
            filled.ok_or_else(|| AppError::internal("a placeholder without a value"))
        };
        let commands = recipe.steps.iter().map(command).collect::<Result<_, _>>()?;
        let timeout_s = order.timeout_s.or(recipe.timeout_s).unwrap_or(TIMEOUT_S);
        let what = RunWhat { recipe: Some(recipe.name.clone()), commands, sudo: order.sudo || recipe.sudo, timeout_s };
        let pace =
            Pace { parallel: order.pace.parallel.or(recipe.parallel), canary: order.pace.canary.or(recipe.canary), ..order.pace.clone() };
        Ok((what, pace))
    }
}

/// A recipe's row, authenticated under dev's key.
pub(crate) fn recipe_row(
    vault: &OpenVault,
    dev: CompartmentId,
    id: RecipeId,
    name: &str,
    record: Vec<u8>,
    revision: u64,
) -> Result<RecipeRow, AppError> {
    let mac = vault.row_mac(&place(dev, id, revision), &record).map_err(AppError::internal)?;
    Ok(RecipeRow { id, name: name.to_owned(), record, revision, mac })
}

pub(crate) fn place(dev: CompartmentId, id: RecipeId, revision: u64) -> Place<'static> {
    Place { compartment: dev, target: None, table: "recipe", row: *id.as_bytes(), revision, field: "record" }
}

fn text_of(record: &[u8], name: &str) -> Result<String, NotCanonical> {
    let mut reader = CanonicalReader::new(TAG, record)?;
    let named = reader.text()? == name;
    let text = reader.text()?.to_owned();
    reader.finish()?;
    if named { Ok(text) } else { Err(NotCanonical) }
}

/// The values that are given, and the defaults of those that are not.
fn values(recipe: &Recipe, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AppError> {
    let known = |name: &String| recipe.parameters.iter().any(|parameter| parameter.name == *name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        let known: Vec<&str> = recipe.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        return Err(AppError::Recipe(RecipeError::ValueUnknown {
            recipe: recipe.name.clone(),
            name: name.clone(),
            known: known.join(", "),
        }));
    }
    let value = |parameter: &Parameter| {
        let (recipe, name) = (recipe.name.clone(), parameter.name.clone());
        match given.get(&parameter.name).or(parameter.default.as_ref()) {
            None => Err(AppError::Recipe(RecipeError::ValueMissing { recipe, name })),
            Some(value) => match takes(parameter, value) {
                Ok(()) => Ok((name, value.clone())),
                Err(expected) => Err(AppError::Recipe(RecipeError::ValueInvalid { recipe, name, value: value.clone(), expected })),
            },
        }
    };
    recipe.parameters.iter().map(value).collect()
}

/// Whether a parameter takes a value; else what it takes.
fn takes(parameter: &Parameter, value: &str) -> Result<(), String> {
    parameter.takes(value).map_err(|fault| fault.expected)?;
    match &parameter.kind {
        ParameterKind::Text { pattern: Some(pattern), .. } => match whole(pattern) {
            Ok(whole) if whole.is_match(value) => Ok(()),
            _ => Err(pattern.clone()),
        },
        _ => Ok(()),
    }
}

/// A pattern that matches a text as a whole, or not at all. Matching takes time in proportion to the text.
fn whole(pattern: &str) -> Result<regex::Regex, regex::Error> {
    RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).size_limit(1 << 20).build()
}

/// The file, as serde reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    sudo: bool,
    timeout: Option<u64>,
    parallel: Option<usize>,
    canary: Option<usize>,
    #[serde(default)]
    parameters: Vec<FileParameter>,
    steps: Vec<FileStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    #[serde(default)]
    title: String,
    command: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileParameter {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: String,
    required: Option<bool>,
    default: Option<FileValue>,
    pattern: Option<String>,
    min: Option<i64>,
    max: Option<i64>,
    choices: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FileValue {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

/// Reads and checks a recipe's file.
pub(crate) fn read(text: &str) -> Result<Recipe, AppError> {
    if text.len() > MOST_TEXT {
        return Err(AppError::Recipe(RecipeError::Syntax { line: 1, what: format!("more than {MOST_TEXT} bytes") }));
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        AppError::Recipe(RecipeError::Syntax { line: before.matches('\n').count() + 1, what: error.message().to_owned() })
    })?;
    let parameters = file.parameters.into_iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
    let step =
        |(number, step): (u16, FileStep)| Ok(RecipeStep { title: step.title, command: Template::parse(number, step.command.trim_end())? });
    let steps = (1..).zip(file.steps).map(step).collect::<Result<Vec<_>, AppError>>()?;
    let File { name, description, sudo, timeout, parallel, canary, .. } = file;
    let recipe = Recipe { name, description, parameters, steps, sudo, timeout_s: timeout, parallel, canary };
    recipe.check()?;
    for parameter in &recipe.parameters {
        let Some(default) = &parameter.default else { continue };
        if takes(parameter, default).is_err() {
            return Err(fault(&parameter.name, "its default is not what it takes"));
        }
    }
    if canary == Some(0) {
        return Err(beffroi_domain::RecipeFault::Limit { what: "canary".to_owned(), limit: "1 or more" }.into());
    }
    Ok(recipe)
}

fn fault(name: &str, what: impl ToString) -> AppError {
    beffroi_domain::RecipeFault::Parameter { name: name.to_owned(), what: what.to_string() }.into()
}

fn parameter(file: FileParameter) -> Result<Parameter, AppError> {
    let FileParameter { name, kind, description, required, default, pattern, min, max, choices } = file;
    let default = default.map(|default| match default {
        FileValue::Text(text) => text,
        FileValue::Integer(number) => number.to_string(),
        FileValue::Boolean(flag) => flag.to_string(),
    });
    let characters = |limit: Option<i64>| {
        limit.map(|limit| u64::try_from(limit).map_err(|_| fault(&name, "a number of characters is not negative"))).transpose()
    };
    let only = |allowed: bool, field: &str| if allowed { Ok(()) } else { Err(fault(&name, format!("{field} is not for type {kind}"))) };
    only(pattern.is_none() || kind == "text", "pattern")?;
    only((min.is_none() && max.is_none()) || matches!(kind.as_str(), "text" | "integer"), "min and max")?;
    only(choices.is_none() || kind == "choice", "choices")?;
    if let Some(error) = pattern.as_deref().and_then(|pattern| whole(pattern).err()) {
        return Err(fault(&name, format!("its pattern is no regular expression: {error}")));
    }
    match (required, &default) {
        (Some(true), Some(_)) => return Err(fault(&name, "it is required and has a default")),
        (Some(false), None) => return Err(fault(&name, "it is not required and has no default")),
        _ => {}
    }
    let kind = match kind.as_str() {
        "text" => ParameterKind::Text { pattern, least: characters(min)?, most: characters(max)? },
        "integer" => ParameterKind::Integer { least: min, most: max },
        "choice" => ParameterKind::Choice(choices.ok_or_else(|| fault(&name, "a choice needs choices"))?),
        "boolean" => ParameterKind::Boolean,
        "host" => ParameterKind::Host,
        "secret" | "password" => return Err(AppError::Recipe(RecipeError::Secret { name })),
        _ => return Err(fault(&name, "its type is none of text, integer, choice, boolean, host")),
    };
    if let (ParameterKind::Host, Some(host)) = (&kind, &default)
        && host.parse::<HostName>().is_err()
    {
        return Err(fault(&name, "its default is no host's name"));
    }
    Ok(Parameter { name, kind, description, default })
}

#[cfg(test)]
mod tests;
