//! The way from a name to a process in a guest.

use std::str::FromStr;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ExposeCommand {
    /// Draw the ways that lead to a guest: name, router, firewall, web server or forward, guest, process
    Show {
        /// The guest, HOST/GUEST
        guest: String,
        /// Only ways by this name, this port of the host, or both
        #[arg(value_name = "NAME[:PORT]")]
        by: Option<Entrance>,
    },
    /// Try each hop from where it matters, and name the one that is to blame; exits 1 where one is broken
    Test {
        /// The guest, HOST/GUEST
        guest: String,
        /// Only ways by this name, this port of the host, or both
        #[arg(value_name = "NAME[:PORT]")]
        by: Option<Entrance>,
    },
    /// Lead a port of the host into a guest, by what is ours: a server of nginx, a proxy device, a rule; and try the way
    Publish {
        /// The guest, HOST/GUEST
        guest: String,
        /// For this name, on this port of the host; by default port 80 for a name, 443 with a certificate, else that of the guest
        #[arg(value_name = "NAME[:PORT]")]
        at: Option<Entrance>,
        /// The port of the guest
        #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
        to: u16,
        /// What leads on; by default nginx for a name, a proxy device where the driver has them, else a rule of the firewall
        #[arg(long, value_enum)]
        by: Option<ExposeBy>,
        /// A file of the host with the certificate for nginx
        #[arg(long, value_name = "PATH", requires = "key")]
        certificate: Option<String>,
        /// A file of the host with the certificate's key
        #[arg(long, value_name = "PATH", requires = "certificate")]
        key: Option<String>,
    },
    /// Take away what was published of a guest; what is not ours stays
    Withdraw {
        /// The guest, HOST/GUEST
        guest: String,
        /// Only what is for this name, on this port of the host, or both
        #[arg(value_name = "NAME[:PORT]")]
        at: Option<Entrance>,
    },
}

/// What leads a port on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExposeBy {
    // A server of the host's nginx
    Nginx,
    // A proxy device of Incus or LXD
    Proxy,
    // A rule of the host's firewall
    Dnat,
}

impl ExposeBy {
    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Proxy => "proxy",
            Self::Dnat => "dnat",
        }
    }
}

/// A name, a port, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entrance {
    /// The name.
    pub(crate) name: Option<String>,
    /// The port.
    pub(crate) port: Option<u16>,
}

impl FromStr for Entrance {
    type Err = &'static str;

    /// `NAME`, `NAME:PORT`, `:PORT`
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "NAME, NAME:PORT or :PORT is wanted, such as shop.example:443";
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok().filter(|port| *port != 0).ok_or(WRONG)?)),
            None => (text, None),
        };
        let name = (!name.is_empty()).then(|| name.to_owned());
        if name.is_none() && port.is_none() { Err(WRONG) } else { Ok(Self { name, port }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_a_port_or_both() {
        let read = |text: &str| text.parse::<Entrance>().map(|entrance| (entrance.name, entrance.port));
        assert_eq!(read("shop.example"), Ok((Some("shop.example".to_owned()), None)));
        assert_eq!(read("shop.example:443"), Ok((Some("shop.example".to_owned()), Some(443))));
        assert_eq!(read(":8080"), Ok((None, Some(8080))));
        for wrong in ["", ":", "a:", "a:0", "a:b", "a:1:2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
