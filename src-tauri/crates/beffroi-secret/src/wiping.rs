//! An allocator that wipes what is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

/// The system's allocator; what is given back to it is zeros. For the programs that hold keys: libraries free buffers with
/// keys and texts in them that they do not wipe.
///
/// Blocks above 32 MiB are left to the system: they are pages of their own, which are gone once they are freed (glibc's
/// `DEFAULT_MMAP_THRESHOLD_MAX`).
#[derive(Debug, Clone, Copy, Default)]
pub struct WipingAllocator;

const PAGES_OF_THEIR_OWN: usize = 32 << 20;

// SAFETY: each call is the system's; before a block is freed, only its own bytes are written.
#[expect(unsafe_code, reason = "an allocator has no other interface")]
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() <= PAGES_OF_THEIR_OWN {
            // SAFETY: the block is the caller's, of this size, until the call below.
            unsafe { block.write_bytes(0, layout.size()) };
            // Somebody may look at it, as far as the compiler knows: the zeros are not left out.
            black_box(block);
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
    // A block that grows is moved, by the trait's own `realloc`: allocated, copied, wiped, freed.
}
