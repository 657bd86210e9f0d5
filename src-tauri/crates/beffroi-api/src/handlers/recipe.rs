//! Recipes.

use beffroi_app::{AppError, PlannedHost, RecipeFacts, RecipeOrder};
use beffroi_domain::{Parameter, ParameterKind};

use crate::handlers::host::on;
use crate::handlers::run::{pace_of, report, seconds};
use crate::wire::{
    Done, Nothing, RecipeHostPlan, RecipeList, RecipeName, RecipeParameter, RecipeParameterKind, RecipePlan, RecipeRow, RecipeRun,
    RecipeSet, RecipeStep, RecipeView, RunPace, RunReport,
};
use crate::{Api, ApiError};

/// Seconds for each host, where nothing is said.
const TIMEOUT_S: u64 = 60;

impl Api {
    /// `recipe_list`
    pub async fn recipe_list(&self, _: Nothing) -> Result<RecipeList, ApiError> {
        Ok(RecipeList { recipes: self.app().recipes().await?.into_iter().map(|(name, facts)| row(name, facts)).collect() })
    }

    /// `recipe_show`
    pub async fn recipe_show(&self, request: RecipeName) -> Result<RecipeView, ApiError> {
        Ok(view(self.app().recipe(&request.name).await?))
    }

    /// `recipe_set`
    pub async fn recipe_set(&self, request: RecipeSet) -> Result<RecipeView, ApiError> {
        Ok(view(self.app().set_recipe(request.text).await?))
    }

    /// `recipe_remove`
    pub async fn recipe_remove(&self, request: RecipeName) -> Result<Done, ApiError> {
        self.app().remove_recipe(&request.name).await?;
        Ok(Done {})
    }

    /// `recipe_plan`
    pub async fn recipe_plan(&self, request: RecipeRun) -> Result<RecipePlan, ApiError> {
        let recipe = request.recipe.clone();
        let plan = self.app().plan_recipe(&order(request)).await?;
        let commands = plan.what.commands.iter().zip(&plan.titles);
        let steps: Vec<RecipeStep> =
            commands.map(|(command, title)| RecipeStep { title: title.clone(), command: command.clone() }).collect();
        let host = |planned: PlannedHost| {
            let PlannedHost { host, stage, wave, error } = planned;
            let error = error.map(|error| on(error, &host));
            RecipeHostPlan { host, stage, wave, steps: steps.clone(), error }
        };
        let pace = plan.pace;
        Ok(RecipePlan {
            recipe,
            sudo: plan.what.sudo,
            timeout_s: plan.what.timeout_s,
            pace: RunPace { parallel: pace.parallel, canary: pace.canary, waves: pace.waves, budget: pace.budget },
            hosts: plan.hosts.into_iter().map(host).collect(),
        })
    }

    /// `recipe_start`
    pub async fn recipe_start(&self, request: RecipeRun) -> Result<RunReport, ApiError> {
        Ok(report(self.app().start_recipe(order(request)).await?))
    }
}

fn order(request: RecipeRun) -> RecipeOrder {
    let RecipeRun { recipe, on, values, sudo, timeout_s, pace, typed } = request;
    RecipeOrder { recipe, on, values, sudo, timeout_s: seconds(timeout_s), pace: pace_of(pace), typed }
}

fn row(name: String, facts: Result<RecipeFacts, AppError>) -> RecipeRow {
    match facts {
        Ok(RecipeFacts { recipe, .. }) => RecipeRow {
            name,
            description: recipe.description,
            parameters: recipe.parameters.into_iter().map(|parameter| parameter.name).collect(),
            steps: recipe.steps.len(),
            sudo: recipe.sudo,
            error: None,
        },
        Err(error) => {
            let error = Some(error.into());
            RecipeRow { name, description: String::new(), parameters: Vec::new(), steps: 0, sudo: false, error }
        }
    }
}

fn view(facts: RecipeFacts) -> RecipeView {
    let RecipeFacts { recipe, text, revision } = facts;
    let step = |step: beffroi_domain::RecipeStep| RecipeStep { command: step.command.as_str().to_owned(), title: step.title };
    RecipeView {
        name: recipe.name,
        description: recipe.description,
        parameters: recipe.parameters.into_iter().map(parameter).collect(),
        steps: recipe.steps.into_iter().map(step).collect(),
        sudo: recipe.sudo,
        timeout_s: recipe.timeout_s.unwrap_or(TIMEOUT_S),
        pace: RunPace { parallel: recipe.parallel, canary: recipe.canary, ..RunPace::default() },
        revision,
        text,
    }
}

fn parameter(parameter: Parameter) -> RecipeParameter {
    let characters = |limit: Option<u64>| limit.and_then(|limit| i64::try_from(limit).ok());
    let Parameter { name, kind, description, default } = parameter;
    let (kind, pattern, min, max, choices) = match kind {
        ParameterKind::Text { pattern, least, most } => {
            (RecipeParameterKind::Text, pattern, characters(least), characters(most), Vec::new())
        }
        ParameterKind::Integer { least, most } => (RecipeParameterKind::Integer, None, least, most, Vec::new()),
        ParameterKind::Choice(choices) => (RecipeParameterKind::Choice, None, None, None, choices),
        ParameterKind::Boolean => (RecipeParameterKind::Boolean, None, None, None, Vec::new()),
        ParameterKind::Host => (RecipeParameterKind::Host, None, None, None, Vec::new()),
    };
    RecipeParameter { name, kind, description, required: default.is_none(), default, pattern, min, max, choices }
}
