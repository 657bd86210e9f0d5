//! Knows a text again without keeping it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

/// What is known of a text: a hash of it under random keys that nobody else has, made for it alone. Another text has the
/// same one in 2^64 cases.
#[derive(Clone)]
pub(crate) struct Mark {
    keys: RandomState,
    hash: u64,
    number: u64,
}

/// The text that lies on the clipboard, if it is one of ours.
#[derive(Default)]
pub(crate) struct Held(Mutex<(u64, Option<Mark>)>);

impl Held {
    /// Marks the text that is being put there; what lay there before is known no more.
    pub(crate) fn mark(&self, text: &str) -> Mark {
        let keys = RandomState::new();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 += 1;
        let mark = Mark { hash: keys.hash_one(text), keys, number: held.0 };
        held.1 = Some(mark.clone());
        mark
    }

    /// What is to be taken off: that one, or any when none is named. `None` when another took its place, or none is there.
    pub(crate) fn take(&self, which: Option<&Mark>) -> Option<Mark> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1.take_if(|mark| which.is_none_or(|which| which.number == mark.number))
    }
}

impl Mark {
    /// Whether it is a mark of this text.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        self.keys.hash_one(text) == self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_again_and_no_other_is() {
        let mark = Held::default().mark("teapot-canyon");
        assert!(mark.is_of("teapot-canyon"));
        for other in ["", "teapot-canyo", "teapot-canyon ", "Teapot-canyon"] {
            assert!(!mark.is_of(other), "{other}");
        }
    }

    #[test]
    fn each_time_limit_takes_its_own_text_only() {
        let held = Held::default();
        let first = held.mark("teapot");
        // Put there again before the first limit: that limit is not the second one's.
        let second = held.mark("teapot");
        assert!(held.take(Some(&first)).is_none());
        assert!(held.take(Some(&second)).is_some());
        assert!(held.take(Some(&second)).is_none(), "it is taken once");
    }

    #[test]
    fn a_lock_takes_whatever_is_there() {
        let held = Held::default();
        assert!(held.take(None).is_none());
        held.mark("teapot");
        assert!(held.take(None).is_some_and(|mark| mark.is_of("teapot")));
    }
}
