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
