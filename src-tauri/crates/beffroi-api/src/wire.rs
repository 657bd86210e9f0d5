//! What crosses the wire, one module per subject. Names are those of the CLI contract, in `snake_case`.

mod copy;
mod event;
mod host;
mod job;
mod journal;
mod plan;
mod secret;
mod slot;
mod stage;
mod survey;
mod text;
mod vault;

pub use copy::*;
pub use event::Event;
pub use host::*;
pub use job::*;
pub use journal::*;
pub use plan::*;
pub use secret::*;
pub use slot::*;
pub use stage::*;
pub use survey::*;
pub use text::{Done, Nothing, SecretInput, WireMessage};
pub use vault::*;
