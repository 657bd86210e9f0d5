#![no_main]
//! The canonical encodings: what is read is written back byte for byte, so that no two encodings mean the same.

use beffroi_domain::{JournalEntry, StagePolicy, TargetRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entry) = JournalEntry::from_canonical(bytes) {
        assert_eq!(entry.to_canonical(), bytes);
    }
    if let Ok(record) = TargetRecord::from_canonical(bytes) {
        assert_eq!(record.to_canonical(), bytes);
    }
    if let Ok(policy) = StagePolicy::from_canonical(bytes) {
        assert_eq!(policy.to_canonical(), bytes);
    }
});
