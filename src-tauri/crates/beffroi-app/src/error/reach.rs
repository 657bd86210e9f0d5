//! Why a name means no single host, why nothing more leads to one, and why a port does not.

/// Why a name means no single host, or nothing more leads to one.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// Several hosts or guests are meant by a short name.
    #[error("{name:?} means several: {}", candidates.join(", "))]
    Ambiguous {
        /// What was given.
        name: String,
        /// Names of some that it may mean.
        candidates: Vec<String>,
    },
    /// There are as many terminals as there can be.
    #[error("there are {most} terminals, or {most_here} on this host")]
    TooManyTerminals {
        /// The most at once.
        most: usize,
        /// The most on one host.
        most_here: usize,
    },
    /// There are as many tunnels as there can be.
    #[error("there are {most} tunnels")]
    TooManyTunnels {
        /// The most at once.
        most: usize,
    },
    /// A port is not led into a guest, or is so no more.
    #[error(transparent)]
    Publish(#[from] PublishRefusal),
    /// There are as many ends for programs that speak SSH as there can be.
    #[error("there are {most} connections of programs")]
    TooManyEnds {
        /// The most at once.
        most: usize,
    },
}

/// Why a port of a host is not led into a guest, or is so no more.
#[derive(Debug, thiserror::Error)]
pub enum PublishRefusal {
    /// Something else has the port.
    #[error("port {port} of {host} is of {by}")]
    PortTaken {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What has it.
        by: String,
    },
    /// A server of nginx has the name on that port.
    #[error("{host} has a server for {name}:{port}")]
    NameTaken {
        /// The host.
        host: String,
        /// The name.
        name: String,
        /// The port.
        port: u16,
    },
    /// The host has nothing that would do it.
    #[error("{host} has no {what}")]
    Lacks {
        /// The host.
        host: String,
        /// What it would take: `nginx`, `firewall`, `boot`.
        what: &'static str,
    },
    /// A YunoHost keeps what it would take by itself.
    #[error("{host} is a YunoHost, which keeps its {what} itself")]
    Kept {
        /// The host.
        host: String,
        /// What it keeps: `nginx`, `firewall`.
        what: &'static str,
    },
    /// The guest's driver has no such devices.
    #[error("{driver} has no proxy devices")]
    NoDevices {
        /// The driver.
        driver: &'static str,
    },
    /// The guest has no address of IPv4 now.
    #[error("{guest} has no address")]
    NoAddress {
        /// The guest.
        guest: String,
    },
    /// Nothing of ours leads there.
    #[error("nothing that was published leads to {guest}")]
    Nothing {
        /// The guest.
        guest: String,
    },
    /// What was published lies there.
    #[error("{host} has publications: {}", what.join(", "))]
    Remains {
        /// The host.
        host: String,
        /// Which.
        what: Vec<String>,
    },
}

impl From<PublishRefusal> for crate::AppError {
    fn from(refusal: PublishRefusal) -> Self {
        ReachError::from(refusal).into()
    }
}
