//! Why a recipe was not read, kept or run.

/// Why a recipe was not read, kept or run.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// No recipe has this name.
    #[error("no recipe {name:?}")]
    NotFound {
        /// The name.
        name: String,
    },
    /// The file is not a recipe.
    #[error("line {line}: {what}")]
    Syntax {
        /// Where, counted from 1.
        line: usize,
        /// Why, in the parser's words.
        what: String,
    },
    /// The recipe does not make sense.
    #[error(transparent)]
    Fault(#[from] beffroi_domain::RecipeFault),
    /// A parameter of a recipe would be a secret.
    #[error("parameter {name:?} would be a secret")]
    Secret {
        /// The parameter.
        name: String,
    },
    /// The recipe has no such parameter.
    #[error("recipe {recipe} has no parameter {name:?}")]
    ValueUnknown {
        /// The recipe.
        recipe: String,
        /// The name.
        name: String,
        /// Its parameters.
        known: String,
    },
    /// A parameter was not given.
    #[error("recipe {recipe} needs {name:?}")]
    ValueMissing {
        /// The recipe.
        recipe: String,
        /// The parameter.
        name: String,
    },
    /// A value is not what its parameter takes.
    #[error("{name:?} of recipe {recipe} does not take {value:?}")]
    ValueInvalid {
        /// The recipe.
        recipe: String,
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// What it takes.
        expected: String,
    },
}
