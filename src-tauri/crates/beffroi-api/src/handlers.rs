//! One method per command: convert, call one use case, convert back.

mod host;
mod job;
mod journal;
mod plan;
mod secret;
mod survey;
mod vault;
