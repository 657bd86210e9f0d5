//! The command line of the desktop: two flags, so no parser library.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
Usage: beffroi-desktop [--vault PATH]

Opens the Beffroi window.

  --vault PATH   offer this vault first (also: BEFFROI_VAULT)
  --help         print this

BEFFROI_LOG sets what is logged to standard error, such as `info` or `beffroi_app=debug`; secrets never are.
";

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The vault to offer first.
    pub(crate) vault: Option<PathBuf>,
    /// Print the usage and stop.
    pub(crate) help: bool,
}

impl Arguments {
    /// Reads the arguments after the program's name; `vault` is what the environment says.
    ///
    /// # Errors
    /// The first argument that is not understood.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>, vault: Option<OsString>) -> Result<Self, OsString> {
        let mut read = Self { vault: vault.filter(|path| !path.is_empty()).map(PathBuf::from), help: false };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--help" | "-h") => read.help = true,
                Some("--vault") => read.vault = Some(PathBuf::from(arguments.next().ok_or(argument)?)),
                _ => return Err(argument),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str], vault: Option<&str>) -> Result<Arguments, OsString> {
        Arguments::read(arguments.iter().map(OsString::from), vault.map(OsString::from))
    }

    #[test]
    fn the_flag_wins_over_the_environment() {
        assert_eq!(read(&["--vault", "/a"], Some("/b")).expect("understood").vault, Some(PathBuf::from("/a")));
        assert_eq!(read(&[], Some("/b")).expect("understood").vault, Some(PathBuf::from("/b")));
        assert_eq!(read(&[], Some("")).expect("understood").vault, None);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert_eq!(read(&["--valut"], None), Err("--valut".into()));
        assert_eq!(read(&["--vault"], None), Err("--vault".into()));
        assert_eq!(read(&["/a"], None), Err("/a".into()));
    }
}
