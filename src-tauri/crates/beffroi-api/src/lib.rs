//! Wire types, the one list of commands, error codes, messages, handlers, TypeScript export.
//!
//! Everything that the desktop's page and the CLI's `--json` say passes through the types of [`wire`]. Handlers ask a
//! narrow [`Shell`] for the little that differs between the two. What is deliberately missing: any text for people;
//! it is looked up by key in `assets/messages/` ([`messages`]).

pub mod agent;
mod api;
mod commands;
mod declarations;
mod error;
mod fault;
mod handlers;
pub mod messages;
mod papers;
mod presence;
pub mod wire;

pub use api::{Api, Shell};
pub use beffroi_app::Places;
pub use beffroi_desk::harden;
pub use beffroi_secret::WipingAllocator;
pub use commands::{COMMANDS, Class, CommandInfo, Door, commands_typescript, types_typescript};
pub use declarations::operations_typescript;
pub use error::{ApiError, ErrorCode};
pub use handlers::{ynh_operations, ynh_readings};
pub use presence::Presence;
