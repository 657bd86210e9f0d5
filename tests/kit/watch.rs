//! Waiting for events.

use std::time::{Duration, Instant};

use crate::fail;

/// How long anything may take before it is called broken. No test passes because of it, or sooner with a faster machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `look` finds something, and gives it; fails when it never does, naming `what` was awaited.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    fail(format!("waited {} s in vain: {what}", PATIENCE.as_secs()))
}

/// What a program wrote last is read by somebody else, a moment after its end.
#[derive(Debug, Default)]
pub(crate) struct LastWords {
    end: Option<Instant>,
}

impl LastWords {
    /// Whether it ended, and long enough ago for all that it wrote to have been read.
    pub(crate) fn are_read(&mut self, ended: bool) -> bool {
        ended && self.end.get_or_insert_with(Instant::now).elapsed() > Duration::from_secs(10)
    }
}
