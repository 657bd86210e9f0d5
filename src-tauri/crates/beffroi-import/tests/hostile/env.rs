use beffroi_import::{Format, ImportError, Unlock};

use crate::refused_by_its_header;

#[test]
fn a_value_has_an_end_and_a_limit() {
    let refused = |text: String| refused_by_its_header(Format::Env, ".env", text, &Unlock::default());
    assert!(matches!(refused(format!("A=\"{}", "x".repeat(4 << 20))), ImportError::TooLarge { what: "value", .. }));
    assert!(matches!(refused(format!("A={}", "x".repeat(4 << 20))), ImportError::TooLarge { what: "value", .. }));
    assert!(matches!(refused("\u{feff}\0".to_owned()), ImportError::NotText { .. }));
}
