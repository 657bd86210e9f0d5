//! How a host is reached, what is trusted of it, and what one logs in with.

use std::str::FromStr;

use crate::{Canonical, CanonicalReader, Fingerprint, HostId, HostName, NotCanonical, SecretId, StageName, Tag};

/// One way to reach a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// A name to resolve, or an IP address.
    pub address: String,
    /// TCP port of its SSH server.
    pub port: u16,
    /// The account to log in as.
    pub user: String,
    /// The host through which it is reached; directly when absent.
    pub jump: Option<HostId>,
    /// What to log in with on this way; what the host has when absent.
    pub login: Option<Login>,
    /// The guest that it is, of the host that the way leads through: entered by that host's driver, with no SSH of its own.
    /// Then the address is the guest's name, and the port 0.
    pub guest: Option<GuestWay>,
}

impl Access {
    /// A way to an SSH server, directly and with what the host has to log in with.
    #[must_use]
    pub fn new(address: impl Into<String>, port: u16, user: impl Into<String>) -> Self {
        Self { address: address.into(), port, user: user.into(), jump: None, login: None, guest: None }
    }

    /// The way into a guest of a host.
    #[must_use]
    pub fn into_guest(host: HostId, guest: GuestWay, user: impl Into<String>) -> Self {
        Self { address: guest.name.clone(), port: 0, user: user.into(), jump: Some(host), login: None, guest: Some(guest) }
    }
}

/// Which guest of a host is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuestWay {
    /// What keeps it.
    pub driver: GuestDriver,
    /// The project of Incus or LXD, the folder of classic LXC (`-P`); empty for the usual one, and for Proxmox.
    pub project: String,
    /// The driver's own name of it; of Proxmox the number.
    pub name: String,
}

/// What keeps guests on a host. Stored by its [`GuestDriver::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuestDriver {
    /// Classic LXC, the programs `lxc-*`.
    Lxc,
    /// Incus.
    Incus,
    /// LXD.
    Lxd,
    /// Proxmox VE, its containers.
    Proxmox,
}

impl GuestDriver {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Lxc, Self::Incus, Self::Lxd, Self::Proxmox];

    /// The name in the database, on the wire and in commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lxc => "lxc",
            Self::Incus => "incus",
            Self::Lxd => "lxd",
            Self::Proxmox => "proxmox",
        }
    }

    /// Reads a [`GuestDriver::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.name() == name)
    }
}

/// What one logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A private key (its certificate may follow it) or a password of the catalog.
    Secret(SecretId),
    /// A key of the SSH agent of the machine that connects: the one of this fingerprint, or the agent's first.
    Agent(Option<Fingerprint>),
}

/// A host key that is trusted, and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The key's SHA-256.
    pub fingerprint: Fingerprint,
    /// Its algorithm, such as `ssh-ed25519`; empty when only the fingerprint was given.
    pub algorithm: String,
    /// The public key as on the wire (RFC 4253, 6.6); empty when only the fingerprint was given.
    pub key: Vec<u8>,
    /// Where the trust comes from.
    pub provenance: Provenance,
}

/// Where trust in a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// When it was trusted, in milliseconds since 1970; 0 when that is not known.
    pub at_ms: u64,
    /// The person who said so; empty when that is not known.
    pub by: String,
    /// How.
    pub how: PinSource,
}

/// How a key came to be trusted. Stored by its [`PinSource::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSource {
    /// A person gave the fingerprint, from another source than the host.
    Given,
    /// A person said yes to the key that the host showed.
    Shown,
    /// It stood in a `known_hosts` file.
    KnownHosts,
    /// The host announced it over a connection that an older pin vouched for.
    Announced,
    /// From before provenance was recorded.
    Unknown,
}

impl PinSource {
    const ALL: [Self; 5] = [Self::Given, Self::Shown, Self::KnownHosts, Self::Announced, Self::Unknown];

    /// The name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Shown => "shown",
            Self::KnownHosts => "known-hosts",
            Self::Announced => "announced",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a [`PinSource::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// A key whose host certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The SHA-256 of the key that signs.
    pub fingerprint: Fingerprint,
    /// Its algorithm, such as `ssh-ed25519`; empty when only the fingerprint was given.
    pub algorithm: String,
    /// The public key as on the wire; empty when only the fingerprint was given.
    pub key: Vec<u8>,
    /// The addresses for which it is, as after `@cert-authority` in `known_hosts`; whatever the address is when empty.
    pub patterns: Vec<String>,
    /// Where the trust comes from.
    pub provenance: Provenance,
}

/// How root's work is done by an account that is not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sudo {
    /// Not at all: everything runs as the account.
    Never,
    /// By sudo, which asks for nothing (`NOPASSWD`).
    WithoutPassword,
    /// By sudo, with this password.
    Password(SecretId),
}

/// Old algorithms that one host may use, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legacy {
    /// Their SSH names, such as `diffie-hellman-group14-sha1`.
    pub algorithms: Vec<String>,
    /// Why it is needed.
    pub why: String,
    /// When it was allowed, in milliseconds since 1970.
    pub since_ms: u64,
    /// Until when: after it the host is refused as if they had not been allowed.
    pub until_ms: u64,
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
    /// How else it is reached, in the order in which that is tried: at most [`TargetRecord::MOST_OTHERS`].
    pub others: Vec<Access>,
    /// Host keys that are trusted.
    pub pins: Vec<Pin>,
    /// Keys whose host certificates are trusted. With neither pins nor these no connection is made.
    pub authorities: Vec<Authority>,
    /// Keys that are refused whatever vouches for them.
    pub revoked: Vec<Fingerprint>,
    /// The key or password to log in with.
    pub login: Option<Login>,
    /// The password that is given where a host wants one after the key, or beside it.
    pub password: Option<SecretId>,
    /// The secret that one-time codes are made from (RFC 6238).
    pub one_time: Option<SecretId>,
    /// How root's work is done.
    pub sudo: Sudo,
    /// Old algorithms that are allowed.
    pub legacy: Option<Legacy>,
    /// Free labels, sorted, without doubles.
    pub tags: Vec<Tag>,
}

impl TargetRecord {
    /// The most ways to reach one host, beside the first.
    pub const MOST_OTHERS: usize = 7;
    const TAG: &str = "beffroi/target/4";
    const TAG_3: &str = "beffroi/target/3";
    const TAG_2: &str = "beffroi/target/2";
    const TAG_1: &str = "beffroi/target/1";
    const MOST: usize = 64;
    const MOST_PATTERNS: usize = 256;

    /// The ways to reach it, in the order in which they are tried.
    pub fn accesses(&self) -> impl Iterator<Item = &Access> {
        std::iter::once(&self.access).chain(&self.others)
    }

    /// The secrets that are given to the host, in whatever way.
    pub fn secrets(&self) -> impl Iterator<Item = SecretId> {
        let logins = self.accesses().map(|access| &access.login).chain([&self.login]);
        let logins = logins.filter_map(|login| match login {
            Some(Login::Secret(secret)) => Some(*secret),
            _ => None,
        });
        let sudo = match self.sudo {
            Sudo::Password(secret) => Some(secret),
            Sudo::Never | Sudo::WithoutPassword => None,
        };
        logins.chain(self.password).chain(self.one_time).chain(sudo)
    }

    /// The guest that it is, if it is one.
    #[must_use]
    pub fn guest(&self) -> Option<&GuestWay> {
        self.access.guest.as_ref()
    }

    /// Whether it trusts a key.
    #[must_use]
    pub fn trusts(&self, fingerprint: &Fingerprint) -> bool {
        self.pins.iter().any(|pin| pin.fingerprint == *fingerprint)
    }

    /// Whether none of its lists is longer than what is read back.
    #[must_use]
    pub fn fits(&self) -> bool {
        let lists = [self.pins.len(), self.authorities.len(), self.revoked.len(), self.tags.len()];
        let patterns = self.authorities.iter().all(|authority| authority.patterns.len() <= Self::MOST_PATTERNS);
        lists.iter().all(|length| *length <= Self::MOST) && self.others.len() <= Self::MOST_OTHERS && patterns
    }

    /// The bytes that are authenticated and stored.
    #[must_use]
    pub fn to_canonical(&self) -> Vec<u8> {
        let start = Canonical::new(Self::TAG).bytes(self.host.as_bytes()).text(self.name.as_str()).text(self.stage.as_str());
        let accesses = self.others.iter().fold(access(start, &self.access).number(self.others.len() as u64), access);
        let pins = self.pins.iter().fold(accesses.number(self.pins.len() as u64), |encoding, pin| {
            provenance(encoding.text(pin.fingerprint.as_str()).text(&pin.algorithm).bytes(&pin.key), &pin.provenance)
        });
        let authorities = self.authorities.iter().fold(pins.number(self.authorities.len() as u64), |encoding, authority| {
            let key = encoding.text(authority.fingerprint.as_str()).text(&authority.algorithm).bytes(&authority.key);
            provenance(key.texts(authority.patterns.iter().map(String::as_str)), &authority.provenance)
        });
        let revoked = authorities.texts(self.revoked.iter().map(Fingerprint::as_str));
        let second = optional_id(login(revoked, self.login.as_ref()), self.password.as_ref().map(SecretId::as_bytes));
        let second = optional_id(second, self.one_time.as_ref().map(SecretId::as_bytes));
        let sudo = match &self.sudo {
            Sudo::Never => second.number(0),
            Sudo::WithoutPassword => second.number(1),
            Sudo::Password(secret) => second.number(2).bytes(secret.as_bytes()),
        };
        let legacy = match &self.legacy {
            None => sudo.number(0),
            Some(legacy) => sudo
                .number(1)
                .texts(legacy.algorithms.iter().map(String::as_str))
                .text(&legacy.why)
                .number(legacy.since_ms)
                .number(legacy.until_ms),
        };
        legacy.texts(self.tags.iter().map(Tag::as_str)).finish()
    }

    /// Reads [`TargetRecord::to_canonical`] back, and the records of the versions before it.
    ///
    /// # Errors
    /// [`NotCanonical`] for anything else, names that are not well formed included.
    pub fn from_canonical(encoded: &[u8]) -> Result<Self, NotCanonical> {
        let of = |tag| CanonicalReader::new(tag, encoded).ok();
        let (reader, record) = if let Some(mut reader) = of(Self::TAG) {
            let record = Self::read(&mut reader, read_patterns, read_access)?;
            (reader, record)
        } else if let Some(mut reader) = of(Self::TAG_3) {
            // From before there were guests.
            let record = Self::read(&mut reader, read_patterns, read_way)?;
            (reader, record)
        } else if let Some(mut reader) = of(Self::TAG_2) {
            // From before authorities had patterns.
            let record = Self::read(&mut reader, |_| Ok(Vec::new()), read_way)?;
            (reader, record)
        } else {
            let mut reader = CanonicalReader::new(Self::TAG_1, encoded)?;
            let record = Self::read_1(&mut reader)?;
            (reader, record)
        };
        reader.finish()?;
        Ok(record)
    }

    fn read(
        reader: &mut CanonicalReader<'_>,
        patterns: fn(&mut CanonicalReader<'_>) -> Result<Vec<String>, NotCanonical>,
        access: fn(&mut CanonicalReader<'_>) -> Result<Access, NotCanonical>,
    ) -> Result<Self, NotCanonical> {
        Ok(Self {
            host: HostId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?,
            name: read_name(reader.text()?)?,
            stage: read_name(reader.text()?)?,
            access: access(reader)?,
            others: read_list(reader, Self::MOST_OTHERS, access)?,
            pins: read_list(reader, Self::MOST, |reader| {
                Ok(Pin {
                    fingerprint: read_name(reader.text()?)?,
                    algorithm: reader.text()?.to_owned(),
                    key: reader.bytes()?.to_vec(),
                    provenance: read_provenance(reader)?,
                })
            })?,
            authorities: read_list(reader, Self::MOST, |reader| {
                Ok(Authority {
                    fingerprint: read_name(reader.text()?)?,
                    algorithm: reader.text()?.to_owned(),
                    key: reader.bytes()?.to_vec(),
                    patterns: patterns(reader)?,
                    provenance: read_provenance(reader)?,
                })
            })?,
            revoked: read_names(reader)?,
            login: read_login(reader)?,
            password: read_id(reader, SecretId::from_bytes)?,
            one_time: read_id(reader, SecretId::from_bytes)?,
            sudo: match reader.number()? {
                0 => Sudo::Never,
                1 => Sudo::WithoutPassword,
                2 => Sudo::Password(SecretId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?),
                _ => return Err(NotCanonical),
            },
            legacy: match reader.number()? {
                0 => None,
                1 => Some(Legacy {
                    algorithms: read_list(reader, Self::MOST, |reader| Ok(reader.text()?.to_owned()))?,
                    why: reader.text()?.to_owned(),
                    since_ms: reader.number()?,
                    until_ms: reader.number()?,
                }),
                _ => return Err(NotCanonical),
            },
            tags: read_names(reader)?,
        })
    }

    /// A record from before hosts had several accesses: one address, pins without provenance, one credential.
    fn read_1(reader: &mut CanonicalReader<'_>) -> Result<Self, NotCanonical> {
        let (host, name, stage) =
            (HostId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?, read_name(reader.text()?)?, read_name(reader.text()?)?);
        let address = reader.text()?.to_owned();
        let port = u16::try_from(reader.number()?).map_err(|_| NotCanonical)?;
        let access = Access::new(address, port, reader.text()?);
        let pins: Vec<Fingerprint> = read_names(reader)?;
        Ok(Self {
            pins: pins.into_iter().map(Pin::of_unknown_origin).collect(),
            login: read_id(reader, SecretId::from_bytes)?.map(Login::Secret),
            tags: read_names(reader)?,
            ..Self::new(host, name, stage, access)
        })
    }

    /// A host that is reached in one way, with nothing trusted and nothing to log in with.
    #[must_use]
    pub fn new(host: HostId, name: HostName, stage: StageName, access: Access) -> Self {
        Self {
            host,
            name,
            stage,
            access,
            others: Vec::new(),
            pins: Vec::new(),
            authorities: Vec::new(),
            revoked: Vec::new(),
            login: None,
            password: None,
            one_time: None,
            sudo: Sudo::Never,
            legacy: None,
            tags: Vec::new(),
        }
    }
}

impl Pin {
    fn of_unknown_origin(fingerprint: Fingerprint) -> Self {
        let provenance = Provenance { at_ms: 0, by: String::new(), how: PinSource::Unknown };
        Self { fingerprint, algorithm: String::new(), key: Vec::new(), provenance }
    }
}

fn access(encoding: Canonical, access: &Access) -> Canonical {
    let encoding = encoding.text(&access.address).number(u64::from(access.port)).text(&access.user);
    let encoding = login(optional_id(encoding, access.jump.as_ref().map(HostId::as_bytes)), access.login.as_ref());
    match &access.guest {
        None => encoding.number(0),
        Some(guest) => encoding.number(1).text(guest.driver.name()).text(&guest.project).text(&guest.name),
    }
}

fn optional_id(encoding: Canonical, id: Option<&[u8; 16]>) -> Canonical {
    encoding.bytes(id.map_or(&[][..], |id| id))
}

fn login(encoding: Canonical, login: Option<&Login>) -> Canonical {
    match login {
        None => encoding.number(0),
        Some(Login::Secret(secret)) => encoding.number(1).bytes(secret.as_bytes()),
        Some(Login::Agent(None)) => encoding.number(2),
        Some(Login::Agent(Some(fingerprint))) => encoding.number(3).text(fingerprint.as_str()),
    }
}

fn provenance(encoding: Canonical, provenance: &Provenance) -> Canonical {
    encoding.number(provenance.at_ms).text(&provenance.by).text(provenance.how.name())
}

fn read_access(reader: &mut CanonicalReader<'_>) -> Result<Access, NotCanonical> {
    let way = read_way(reader)?;
    let guest = match reader.number()? {
        0 => None,
        1 => Some(GuestWay {
            driver: GuestDriver::from_name(reader.text()?).ok_or(NotCanonical)?,
            project: reader.text()?.to_owned(),
            name: reader.text()?.to_owned(),
        }),
        _ => return Err(NotCanonical),
    };
    Ok(Access { guest, ..way })
}

/// What a way says beside its guest.
fn read_way(reader: &mut CanonicalReader<'_>) -> Result<Access, NotCanonical> {
    Ok(Access {
        address: reader.text()?.to_owned(),
        port: u16::try_from(reader.number()?).map_err(|_| NotCanonical)?,
        user: reader.text()?.to_owned(),
        jump: read_id(reader, HostId::from_bytes)?,
        login: read_login(reader)?,
        guest: None,
    })
}

fn read_login(reader: &mut CanonicalReader<'_>) -> Result<Option<Login>, NotCanonical> {
    Ok(match reader.number()? {
        0 => None,
        1 => Some(Login::Secret(SecretId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?)),
        2 => Some(Login::Agent(None)),
        3 => Some(Login::Agent(Some(read_name(reader.text()?)?))),
        _ => return Err(NotCanonical),
    })
}

fn read_provenance(reader: &mut CanonicalReader<'_>) -> Result<Provenance, NotCanonical> {
    Ok(Provenance {
        at_ms: reader.number()?,
        by: reader.text()?.to_owned(),
        how: PinSource::from_name(reader.text()?).ok_or(NotCanonical)?,
    })
}

fn read_id<T, E>(reader: &mut CanonicalReader<'_>, read: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<Option<T>, NotCanonical> {
    match reader.bytes()? {
        [] => Ok(None),
        id => read(id).map(Some).map_err(|_| NotCanonical),
    }
}

fn read_name<T: FromStr>(text: &str) -> Result<T, NotCanonical> {
    text.parse().map_err(|_| NotCanonical)
}

fn read_list<'a, T>(
    reader: &mut CanonicalReader<'a>,
    most: usize,
    mut read: impl FnMut(&mut CanonicalReader<'a>) -> Result<T, NotCanonical>,
) -> Result<Vec<T>, NotCanonical> {
    (0..reader.count(most)?).map(|_| read(reader)).collect()
}

fn read_patterns(reader: &mut CanonicalReader<'_>) -> Result<Vec<String>, NotCanonical> {
    read_list(reader, TargetRecord::MOST_PATTERNS, |reader| Ok(reader.text()?.to_owned()))
}

fn read_names<T: FromStr>(reader: &mut CanonicalReader<'_>) -> Result<Vec<T>, NotCanonical> {
    read_list(reader, TargetRecord::MOST, |reader| read_name(reader.text()?))
}

#[cfg(test)]
mod tests;
