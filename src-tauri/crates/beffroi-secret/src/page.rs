//! Where a key lies: one private anonymous page, locked into memory where the system allows.

use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use memmap2::MmapMut;
use zeroize::{Zeroize, Zeroizing};

use crate::key::KEY;

/// Set by the first key that could not be locked, and for good: what was written to swap stays there.
static SOME_UNLOCKED: AtomicBool = AtomicBool::new(false);

/// Says whether every key that this process has made so far lies in memory that is never written to swap.
///
/// False once the limit of the account was reached (`ulimit -l`, 8 MiB on most systems: 2,000 keys at a time), and on
/// systems other than Unix, where nothing is locked. True before the first key. It speaks of
/// [`SecretKey`](crate::SecretKey) alone: texts and bytes of any length are ordinary heap values.
#[must_use]
pub fn keys_are_locked() -> bool {
    !SOME_UNLOCKED.load(Ordering::Relaxed)
}

/// Room for one key.
pub(crate) enum Page {
    /// A mapping of its own. Locking and advice count in whole pages, so that two keys in one would unlock each other.
    #[cfg(unix)]
    Mapped(MmapMut),
    /// The system gave no mapping.
    Heap(Box<Zeroizing<[u8; KEY]>>),
}

impl Page {
    /// Room for a key, all zeros.
    pub(crate) fn make() -> Self {
        #[cfg(unix)]
        if let Ok(page) = MmapMut::map_anon(KEY) {
            if page.lock().is_err() {
                SOME_UNLOCKED.store(true, Ordering::Relaxed);
            }
            // Both are more than was promised: where the system knows neither, the key is as safe as a heap value.
            #[cfg(target_os = "linux")]
            for advice in [memmap2::Advice::DontDump, memmap2::Advice::DontFork] {
                let _ = page.advise(advice);
            }
            return Self::Mapped(page);
        }
        SOME_UNLOCKED.store(true, Ordering::Relaxed);
        Self::Heap(Box::default())
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY] {
        match self {
            // The mapping is KEY bytes long.
            #[cfg(unix)]
            Self::Mapped(page) => &page.as_chunks().0[0],
            Self::Heap(bytes) => bytes,
        }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; KEY] {
        match self {
            #[cfg(unix)]
            Self::Mapped(page) => &mut page.as_chunks_mut().0[0],
            Self::Heap(bytes) => bytes,
        }
    }
}

impl Zeroize for Page {
    fn zeroize(&mut self) {
        self.bytes_mut().zeroize();
    }
}

impl Drop for Page {
    /// Wipes the key; only then is the page unmapped, which unlocks it as well.
    fn drop(&mut self) {
        self.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_room_start_empty_hold_a_key_and_are_wiped() {
        for mut page in [Page::make(), Page::Heap(Box::default())] {
            assert_eq!(page.bytes(), &[0; KEY]);
            page.bytes_mut().copy_from_slice(&[0xc7; KEY]);
            assert_eq!(page.bytes(), &[0xc7; KEY]);
            page.zeroize();
            assert_eq!(page.bytes(), &[0; KEY]);
        }
    }
}
