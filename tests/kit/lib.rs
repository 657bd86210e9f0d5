//! The test kit: the built `beffroi`, a sandbox to run it in, and a lab of SSH servers to run it against.
//!
//! Nothing here knows the inside of the product: tests see what a person or a script sees. Nothing waits for a length of
//! time either: [`until`] waits for an event, with a deadline that only a broken program reaches.

mod answer;
mod clock;
mod containers;
mod fleet;
mod lab;
mod memory;
mod once;
mod program;
mod pty;
mod relay;
mod running;
mod sandbox;
mod traces;
mod warden;
mod watch;

pub use answer::Answer;
pub use containers::{ContainerHost, Containers};
pub use fleet::Fleet;
pub use lab::{Lab, LabHost};
pub use memory::{Needles, files_with, memory_holding};
pub use once::once_per_run;
pub use program::{beffroi, example, python};
pub use pty::OnTerminal;
pub use relay::{Relay, Way};
pub use running::{Running, send};
pub use sandbox::{PASSPHRASE, Sandbox};
pub use traces::{ProcessWatch, files_holding, forms_of, processes_called};
pub use watch::{PATIENCE, until};

/// Fails the test with a sentence.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn fail(sentence: impl Into<String>) -> ! {
    panic!("{}", sentence.into())
}
