//! Recipes: saved runs with typed parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RunPace;
use crate::ApiError;

/// The recipes, by name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeList {
    /// One row per recipe.
    pub recipes: Vec<RecipeRow>,
}

/// A recipe in a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeRow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// How many steps it has.
    pub steps: usize,
    /// Whether it is run as root, by sudo.
    pub sudo: bool,
    /// Why it cannot be run: it is not what was written with this vault's key.
    pub error: Option<ApiError>,
}

/// Names a recipe.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecipeName {
    /// Its name.
    pub name: String,
}

/// Stores a recipe, in the place of one of the same name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecipeSet {
    /// The recipe's file: TOML, at most 64 KiB. Its name stands in it.
    pub text: String,
}

/// A recipe.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeView {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What can be given, in the order of the file.
    pub parameters: Vec<RecipeParameter>,
    /// What is run, in order; on each host up to the first that fails.
    pub steps: Vec<RecipeStep>,
    /// Whether it is run as root, by sudo.
    pub sudo: bool,
    /// Seconds for each host.
    pub timeout_s: u64,
    /// How it goes through the hosts, unless asked otherwise.
    pub pace: RunPace,
    /// Grows with every change.
    pub revision: u64,
    /// The file, as it was given.
    pub text: String,
}

/// A parameter of a recipe.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeParameter {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: RecipeParameterKind,
    /// What it is for.
    pub description: String,
    /// Whether it must be given.
    pub required: bool,
    /// What is taken when it is not given.
    pub default: Option<String>,
    /// Of a text: what it must match as a whole, a regular expression.
    pub pattern: Option<String>,
    /// Of an integer: the least. Of a text: the fewest characters.
    pub min: Option<i64>,
    /// Of an integer: the most. Of a text: the most characters.
    pub max: Option<i64>,
    /// Of a choice: what can be chosen.
    pub choices: Vec<String>,
}

/// What a parameter of a recipe takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecipeParameterKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// One of several words.
    Choice,
    /// `true` or `false`.
    Boolean,
    /// The name of a host of the catalog.
    Host,
}

/// A step of a recipe.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeStep {
    /// What it does, in words.
    pub title: String,
    /// Shell text with placeholders.
    pub command: String,
}

/// Runs a recipe on hosts, or asks what that would be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RecipeRun {
    /// The recipe's name.
    pub recipe: String,
    /// A selector.
    pub on: String,
    /// Values of its parameters. Never a secret: they stand in the command.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Whether it is run as root, by sudo; what the recipe says when false.
    #[serde(default)]
    pub sudo: bool,
    /// Seconds for each host; what the recipe says when absent.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// How it goes through the hosts; what is absent, the recipe says.
    #[serde(default)]
    pub pace: RunPace,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// What a recipe would run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipePlan {
    /// The recipe's name.
    pub recipe: String,
    /// Whether it is run as root, by sudo.
    pub sudo: bool,
    /// Seconds for each host.
    pub timeout_s: u64,
    /// How it goes through the hosts.
    pub pace: RunPace,
    /// One per host, by name.
    pub hosts: Vec<RecipeHostPlan>,
}

/// What a recipe would run on one host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecipeHostPlan {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// In which wave its turn comes, counted from 1; the canary is the first.
    pub wave: usize,
    /// In order, with the values put in.
    pub steps: Vec<RecipeStep>,
    /// Why nothing would be done there.
    pub error: Option<ApiError>,
}
