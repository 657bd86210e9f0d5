//! Names of hosts and of what belongs to them.

use std::fmt;
use std::str::FromStr;

/// The text is not a name of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid name: {0:?}")]
pub struct InvalidName(pub String);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $most:literal, $first:expr, $rest:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let first: fn(char) -> bool = $first;
                let rest: fn(char) -> bool = $rest;
                let mut characters = text.chars();
                let well_formed = characters.next().is_some_and(first) && characters.all(rest);
                if well_formed && text.len() <= $most && !RESERVED.contains(&text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidName(text.chars().take($most).collect()))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

/// Words of the selector language: no host, tag, stage or secret is named so.
const RESERVED: [&str; 4] = ["all", "and", "or", "not"];

fn lower_or_digit(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// A host's name in the catalog: `[a-z0-9][a-z0-9.-]*`, no word of the selector language; a guest's is its host's, a slash,
/// and `[A-Za-z0-9][A-Za-z0-9_.-]*`, at any depth. At most 253 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    const MOST: usize = 253;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that it is a guest of, by its name, and what it is called there; nothing where it is no guest.
    #[must_use]
    pub fn guest(&self) -> Option<(Self, &str)> {
        self.0.rsplit_once('/').map(|(host, guest)| (Self(host.to_owned()), guest))
    }

    /// The name of a guest of this host; nothing where no name can be made of the guest's.
    #[must_use]
    pub fn of_guest(&self, guest: &str) -> Option<Self> {
        format!("{self}/{guest}").parse().ok()
    }

    /// The same name where its host is called otherwise; nothing where it is no guest of this host, at any depth.
    #[must_use]
    pub fn renamed(&self, host: &Self, to: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(host.as_str())?.strip_prefix('/')?;
        format!("{to}/{rest}").parse().ok()
    }
}

impl FromStr for HostName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let is_host = |name: &str| {
            name.starts_with(lower_or_digit)
                && name.chars().all(|c| lower_or_digit(c) || matches!(c, '.' | '-'))
                && !RESERVED.contains(&name)
        };
        let is_guest = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        };
        let mut parts = text.split('/');
        if text.len() <= Self::MOST && parts.next().is_some_and(is_host) && parts.all(is_guest) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName(text.chars().take(Self::MOST).collect()))
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

name!(
    /// A stage's name: `[a-z0-9][a-z0-9-]*`, at most 32 characters.
    StageName, 32, lower_or_digit, |c| lower_or_digit(c) || c == '-'
);
name!(
    /// A free label of a host: `[a-z0-9][a-z0-9_.-]*`, at most 64 characters.
    Tag, 64, lower_or_digit, |c| lower_or_digit(c) || matches!(c, '.' | '-' | '_')
);
name!(
    /// A secret's name: letters, digits and `._/@-`, at most 128 characters, starting with a letter or digit.
    SecretName, 128, |c| c.is_ascii_alphanumeric(), |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '@')
);

impl StageName {
    /// The stage that is open whenever the vault is.
    #[must_use]
    pub fn dev() -> Self {
        Self("dev".to_owned())
    }
}

/// What a host is, as its last survey found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A Linux machine of no special kind.
    Linux,
    /// A YunoHost server.
    Yunohost,
}

impl Role {
    /// The name in selectors, in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Yunohost => "yunohost",
        }
    }

    /// Reads a [`Role::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Linux, Self::Yunohost].into_iter().find(|role| role.name() == name)
    }
}

/// The SHA-256 of a public host key, as OpenSSH prints it: `SHA256:` and 43 characters of base64 without padding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The text with its `SHA256:`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let digest = text.strip_prefix("SHA256:").unwrap_or_default();
        let well_formed = digest.len() == 43 && digest.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '/');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidName(text.chars().take(64).collect())) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_strict() {
        for good in ["a", "0", "web-1.morel.lan"] {
            assert!(good.parse::<HostName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "A", "a b", "/a", "a/", "a//b", "a/.b", "a/-b", "A/b", "all/a", "all", "not", "é", &"a".repeat(254)] {
            assert!(bad.parse::<HostName>().is_err(), "{bad}");
        }
        let name = |text: &str| text.parse::<HostName>().expect("a name");
        assert_eq!(name("lxc-1/Web_2/db").guest(), Some((name("lxc-1/Web_2"), "db")));
        assert_eq!((name("lxc-1").guest(), name("lxc-1").of_guest("a b"), name("a").of_guest("all")), (None, None, Some(name("a/all"))));
        assert_eq!(name("a/b/c").renamed(&name("a"), &name("z")), Some(name("z/b/c")));
        assert_eq!((name("ab/c").renamed(&name("a"), &name("z")), name("a").renamed(&name("a"), &name("z"))), (None, None));
        assert!("SHA256:abc".parse::<Fingerprint>().is_err());
        assert!(format!("SHA256:{}", "!".repeat(43)).parse::<Fingerprint>().is_err());
    }
}
