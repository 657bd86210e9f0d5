//! Wire types, the one list of commands, error codes, messages, handlers, TypeScript export.
//!
//! Everything that the desktop's page and the CLI's `--json` say passes through the types of [`wire`]. Handlers ask a
//! narrow [`Shell`] for the little that differs between the two. What is deliberately missing: any text for people;
//! it is looked up by key in `assets/messages/` ([`messages`]).

mod api;
mod commands;
mod error;
mod fault;
mod handlers;
pub mod messages;
pub mod wire;

pub use api::{Api, Shell};
pub use beffroi_app::Places;
pub use commands::{COMMANDS, Class, CommandInfo, typescript};
pub use error::{ApiError, ErrorCode};
