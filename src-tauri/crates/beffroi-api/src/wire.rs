//! What crosses the wire, one module per subject. Names are those of the CLI contract, in `snake_case`.

mod access;
mod copy;
mod event;
mod host;
mod job;
mod journal;
mod ledger;
mod plan;
mod recipe;
mod run;
mod secret;
mod slot;
mod stage;
mod survey;
mod text;
mod vault;

pub use access::*;
pub use copy::*;
pub use event::Event;
pub use host::*;
pub use job::*;
pub use journal::*;
pub use ledger::*;
pub use plan::*;
pub use recipe::*;
pub use run::*;
pub use secret::*;
pub use slot::*;
pub use stage::*;
pub use survey::*;
pub use text::{Done, Nothing, SecretInput, WireMessage};
pub use vault::*;
