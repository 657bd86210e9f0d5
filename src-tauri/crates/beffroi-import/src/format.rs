//! The formats, and how each is told.

use crate::{ImportError, Parsed, Reading, Source, formats};

/// One line per format: its name on the command line, whether it is a file or a folder, who tells it, who reads it.
macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $module:path;)*) => {
        /// A format that is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {
            $($(#[$doc])* $variant,)*
        }

        impl Format {
            /// Every one, in the order in which they are tried.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, as it is typed: `kdbx`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        fn tells(format: Format, source: &Source) -> bool {
            match format { $(Format::$variant => { use $module as module; module::tells(source) })* }
        }

        fn reads(format: Format, reading: &Reading<'_>) -> Result<Parsed, ImportError> {
            match format { $(Format::$variant => { use $module as module; module::read(reading) })* }
        }
    };
}

formats! {
    /// `NAME=value` lines, as `docker compose` and many others read them.
    Env = "env", formats::env;
}

impl Format {
    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}

/// What a source seems to be: by what is in it, else by its name. None when it is none of the formats.
#[must_use]
pub fn detect(source: &Source) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| tells(*format, source))
}

/// Reads a source as a format.
///
/// # Errors
/// Why nothing of it was read.
pub fn read(format: Format, reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    reads(format, reading)
}
