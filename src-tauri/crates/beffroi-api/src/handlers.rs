//! One method per command: convert, call one use case, convert back.

mod copy;
mod host;
mod job;
mod journal;
mod plan;
mod secret;
mod slot;
mod stage;
mod survey;
mod vault;
