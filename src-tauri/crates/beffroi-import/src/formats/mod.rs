//! One module per format: `tells` says whether a source is of it, by a look at its first bytes and its name; `read` reads it.

pub mod env;
