//! Whether there is a display. GTK ends the program in a panic when there is none, so this is looked at first.

/// What a person without a display is told.
pub(crate) const MISSING: &str = "\
beffroi-desktop: no display (neither WAYLAND_DISPLAY nor DISPLAY is set).
Everything the window does, `beffroi` does from a terminal: try `beffroi --help`.
";

/// Whether this session has a display.
pub(crate) fn is_there() -> bool {
    !cfg!(target_os = "linux") || named(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn named(is_set: impl Fn(&str) -> bool) -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().any(is_set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_kind_of_display_will_do() {
        assert!(named(|name| name == "DISPLAY"));
        assert!(named(|name| name == "WAYLAND_DISPLAY"));
        assert!(!named(|_| false));
    }
}
