//! Files that somebody made to do harm: each is refused, cheaply, with a word for it. What a refusal costs is counted: keys
//! derived, bytes inflated, and the most memory held at once by the thread that reads.

mod env;
mod exchange;
mod kdbx;
#[path = "../kdbx_file/mod.rs"]
mod kdbx_file;
mod keys;
mod managers;
mod ops;
mod ssh_config;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use beffroi_import::{Format, ImportError, Parsed, Reading, Source, Unlock, Work, read};

/// Memory that a refusal may hold at most, the file itself aside.
const MOST_HELD: usize = 64 << 20;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe by its signature; this one hands everything to the system's")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.get() + layout.size();
        HELD.set(held);
        PEAK.set(PEAK.get().max(held));
        // SAFETY: as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.set(HELD.get().saturating_sub(layout.size()));
        // SAFETY: as it came.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a reading gave, and what it cost.
pub(crate) struct Outcome {
    pub(crate) result: Result<Parsed, ImportError>,
    pub(crate) derivations: u64,
    pub(crate) inflated: u64,
}

/// Reads a hostile file. Whatever comes of it, it held less than [`MOST_HELD`].
pub(crate) fn outcome(format: Format, name: &str, bytes: impl Into<Vec<u8>>, unlock: &Unlock) -> Outcome {
    let (source, work) = (Source::file(name, bytes), Work::default());
    let before = HELD.get();
    PEAK.set(before);
    let result = read(format, &Reading { source: &source, unlock, work: &work });
    let held = PEAK.get() - before;
    assert!(held < MOST_HELD, "{name}: held {held} bytes");
    Outcome { result, derivations: work.derivations(), inflated: work.inflated() }
}

/// The same for one that is refused, before anything was derived or inflated. Gives why.
pub(crate) fn refused_by_its_header(format: Format, name: &str, bytes: impl Into<Vec<u8>>, unlock: &Unlock) -> ImportError {
    let outcome = outcome(format, name, bytes, unlock);
    assert_eq!((outcome.derivations, outcome.inflated), (0, 0), "{name}: derived or inflated before it was refused");
    outcome.result.expect_err(name)
}
