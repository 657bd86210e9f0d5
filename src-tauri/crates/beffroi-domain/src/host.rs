//! Hosts of the catalog: names, stages, how they are reached, what is pinned.

use std::fmt;
use std::str::FromStr;

use crate::{Canonical, CanonicalReader, HostId, NotCanonical, SecretId};

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

name!(
    /// A host's name in the catalog: `[a-z0-9][a-z0-9.-]*`, at most 253 characters, no word of the selector language.
    HostName, 253, lower_or_digit, |c| lower_or_digit(c) || c == '.' || c == '-'
);
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

/// One way to reach a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// A name to resolve, or an IP address.
    pub address: String,
    /// TCP port of its SSH server.
    pub port: u16,
    /// The account to log in as.
    pub user: String,
}

/// Everything that decides where a connection goes and with which credential.
///
/// It is authenticated under its stage's compartment key and checked at every connection (VAULT.md, Compartments): who
/// cannot open the stage cannot make the operator send that stage's credential elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRecord {
    /// The host's id.
    pub host: HostId,
    /// Its name.
    pub name: HostName,
    /// Its stage.
    pub stage: StageName,
    /// How it is reached.
    pub access: Access,
    /// Host keys that are trusted. Empty: none yet, and no connection is made.
    pub pins: Vec<Fingerprint>,
    /// The key or password to log in with.
    pub credential: Option<SecretId>,
    /// Free labels, sorted, without doubles.
    pub tags: Vec<Tag>,
}

impl TargetRecord {
    const TAG: &str = "beffroi/target/1";
    const MOST: usize = 64;

    /// The bytes that are authenticated and stored.
    #[must_use]
    pub fn to_canonical(&self) -> Vec<u8> {
        Canonical::new(Self::TAG)
            .bytes(self.host.as_bytes())
            .text(self.name.as_str())
            .text(self.stage.as_str())
            .text(&self.access.address)
            .number(u64::from(self.access.port))
            .text(&self.access.user)
            .texts(self.pins.iter().map(Fingerprint::as_str))
            .bytes(self.credential.as_ref().map_or(&[][..], |id| id.as_bytes()))
            .texts(self.tags.iter().map(Tag::as_str))
            .finish()
    }

    /// Reads [`TargetRecord::to_canonical`] back.
    ///
    /// # Errors
    /// [`NotCanonical`] for anything else, names that are not well formed included.
    pub fn from_canonical(encoded: &[u8]) -> Result<Self, NotCanonical> {
        let mut reader = CanonicalReader::new(Self::TAG, encoded)?;
        let record = Self {
            host: HostId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?,
            name: read_name(reader.text()?)?,
            stage: read_name(reader.text()?)?,
            access: Access {
                address: reader.text()?.to_owned(),
                port: u16::try_from(reader.number()?).map_err(|_| NotCanonical)?,
                user: reader.text()?.to_owned(),
            },
            pins: read_names(&mut reader)?,
            credential: match reader.bytes()? {
                [] => None,
                id => Some(SecretId::from_bytes(id).map_err(|_| NotCanonical)?),
            },
            tags: read_names(&mut reader)?,
        };
        reader.finish()?;
        Ok(record)
    }
}

fn read_name<T: FromStr>(text: &str) -> Result<T, NotCanonical> {
    text.parse().map_err(|_| NotCanonical)
}

fn read_names<T: FromStr>(reader: &mut CanonicalReader<'_>) -> Result<Vec<T>, NotCanonical> {
    (0..reader.count(TargetRecord::MOST)?).map(|_| read_name(reader.text()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TargetRecord {
        TargetRecord {
            host: HostId::make(),
            name: "ynh-1.morel".parse().expect("a name"),
            stage: StageName::dev(),
            access: Access { address: "192.0.2.7".to_owned(), port: 2222, user: "root".to_owned() },
            pins: vec![format!("SHA256:{}", "a".repeat(43)).parse().expect("a fingerprint")],
            credential: Some(SecretId::make()),
            tags: vec!["web".parse().expect("a tag")],
        }
    }

    #[test]
    fn a_record_survives_its_encoding() {
        let record = record();
        assert_eq!(TargetRecord::from_canonical(&record.to_canonical()), Ok(record));
    }

    #[test]
    fn every_field_is_in_the_encoding() {
        let base = record();
        let changes: [fn(&mut TargetRecord); 7] = [
            |r| r.name = "other".parse().expect("a name"),
            |r| r.stage = "prod".parse().expect("a stage"),
            |r| r.access.address.push('1'),
            |r| r.access.port += 1,
            |r| r.access.user.push('x'),
            |r| r.pins.clear(),
            |r| r.credential = None,
        ];
        for change in changes {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(other.to_canonical(), base.to_canonical());
        }
    }

    #[test]
    fn names_are_strict() {
        for good in ["a", "0", "web-1.morel.lan"] {
            assert!(good.parse::<HostName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "A", "a b", "a/b", "all", "not", "é", &"a".repeat(254)] {
            assert!(bad.parse::<HostName>().is_err(), "{bad}");
        }
        assert!("SHA256:abc".parse::<Fingerprint>().is_err());
        assert!(format!("SHA256:{}", "!".repeat(43)).parse::<Fingerprint>().is_err());
    }
}
