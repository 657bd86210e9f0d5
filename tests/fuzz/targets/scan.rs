#![no_main]
//! Files that are looked through for secrets: whatever is found lies in the file, and none of it is told.

use std::sync::LazyLock;

use beffroi_scan::{Known, Scanner};
use beffroi_secret::SecretBytes;
use libfuzzer_sys::fuzz_target;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let known = [("router", "tulpenfeld-77"), ("key", "-----BEGIN X-----\nMIIEowIBAAKCAQEAuV9ht1Zq0gJz4b3s\n")];
    Scanner::new(Known::new(known.map(|(name, value)| (name.to_owned(), SecretBytes::new(value.as_bytes().to_vec())))))
});

const PATHS: [&str; 5] = [".env", "values.yaml", "src/main.rs", "wp-config.php", "etc/yunohost/apps/x/settings.yml"];

fuzz_target!(|data: &[u8]| {
    let path = PATHS[data.first().map_or(0, |byte| usize::from(*byte) % PATHS.len())];
    let Some(hits) = SCANNER.scan(path, data) else { return };
    let is_wide = data.starts_with(&[0xff, 0xfe]) || data.starts_with(&[0xfe, 0xff]);
    let lines = data.split(|byte| *byte == b'\n').count() as u64;
    let mut last = (0, 0);
    for hit in hits {
        assert!((hit.line, hit.column) > last, "not in order");
        last = (hit.line, hit.column);
        assert!(hit.length > 0 && hit.before.chars().count() <= 80 && !hit.before.contains(char::is_control));
        assert!(is_wide || (hit.line <= lines && hit.length <= data.len()));
        assert!(!hit.before.contains("tulpenfeld-77"));
    }
});
