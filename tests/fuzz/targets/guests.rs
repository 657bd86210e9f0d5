#![no_main]
//! What a host says of its guests: whatever comes, nothing is kept that could mislead, nothing without end, and no value of an
//! environment.

use beffroi_lxc::model::{MOST_ENTRIES, MOST_GUESTS};
use beffroi_lxc::{Want, reading};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(found) = reading(data, "MARK") else { return };
    assert!(found.guests.len() <= MOST_GUESTS && found.images.len() <= MOST_GUESTS);
    for guest in &found.guests {
        assert!(guest.snapshots.len() <= MOST_ENTRIES && guest.volumes.len() <= MOST_ENTRIES && guest.interfaces.len() <= 2 * MOST_ENTRIES);
        assert!(!guest.name.is_empty() && !guest.name.contains(char::is_control) && guest.name.len() <= 4096);
    }
    let want = Want { memory_bytes: 1 << 30, cpu_thousandths: 1000, disk_bytes: 1 << 30, pool: String::new() };
    assert!(found.capacity.shortages(&want).len() <= 3);
    let stored = serde_json::to_vec(&found).expect("JSON");
    assert!(serde_json::from_slice::<beffroi_lxc::Reading>(&stored).is_ok_and(|read| read == found));
});
