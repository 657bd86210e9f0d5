//! Which locks were asked for in a window. Any other happened by itself: nobody stirred, the screen was locked, the machine
//! went to sleep, or the command line asked. The page that comes after such a lock says so.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is known of the locks of this process.
#[derive(Default)]
pub(crate) struct Locks {
    /// Locks asked for in a window that are under way.
    asked: AtomicUsize,
    /// Vaults that were open when it was last looked.
    open: AtomicUsize,
    /// When a vault was last locked by itself, in milliseconds since 1970; 0 when none was since one was opened.
    itself_ms: AtomicU64,
}

/// A lock that a window asked for, until it is done.
pub(crate) struct Asked<'a>(&'a Locks);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.asked.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Locks {
    /// A window asks for a lock.
    pub(crate) fn ask(&self) -> Asked<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Asked(self)
    }

    /// Vaults were opened or locked: `open` are open now. Says whether any was locked.
    pub(crate) fn changed(&self, open: usize) -> bool {
        let before = self.open.swap(open, Ordering::SeqCst);
        if open > before {
            self.itself_ms.store(0, Ordering::SeqCst);
        } else if open < before && self.asked.load(Ordering::SeqCst) == 0 {
            self.itself_ms.store(now_ms(), Ordering::SeqCst);
        }
        open < before
    }

    /// When a vault was last locked by itself, unless one was opened since.
    pub(crate) fn itself_ms(&self) -> Option<u64> {
        Some(self.itself_ms.load(Ordering::SeqCst)).filter(|at| *at > 0)
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_asked_for_is_not_told_as_one_that_happened() {
        let locks = Locks::default();
        assert!(!locks.changed(2));
        let asked = locks.ask();
        assert!(locks.changed(1));
        drop(asked);
        assert_eq!(locks.itself_ms(), None);
    }

    #[test]
    fn a_lock_that_happened_is_told_until_a_vault_is_opened() {
        let locks = Locks::default();
        locks.changed(1);
        assert!(locks.changed(0));
        assert!(locks.itself_ms().is_some());
        assert!(!locks.changed(0), "nothing was locked this time");
        locks.changed(1);
        assert_eq!(locks.itself_ms(), None);
    }
}
