//! Tunnels.

use std::str::FromStr;

use beffroi_api::wire::TunnelEnd;
use clap::Args;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct TunnelArguments {
    /// The host
    #[arg(required_unless_present_any = ["list", "close"])]
    pub(crate) host: Option<String>,
    /// A port of this machine that leads to an address as the host sees it: [PORT:]ADDRESS:PORT; any free port when none is
    /// given; may be given several times
    #[arg(short = 'L', long = "local", value_name = "SPEC", group = "what", requires = "host")]
    pub(crate) local: Vec<Local>,
    /// A port of this machine where programs say by SOCKS 5 where they want to be led; 0 is any free port
    #[arg(short = 'D', long = "dynamic", value_name = "PORT", group = "what", requires = "host")]
    pub(crate) dynamic: Option<u16>,
    /// The web administration of a YunoHost: its address for a browser of this machine
    #[arg(long, group = "what", requires = "host")]
    pub(crate) web_admin: bool,
    /// The tunnels that the process which holds the keys has open
    #[arg(long, group = "what", conflicts_with = "host")]
    pub(crate) list: bool,
    /// Close one of them
    #[arg(long, value_name = "ID", group = "what", conflicts_with_all = ["host", "list"])]
    pub(crate) close: Option<String>,
}

/// A port here, and where it leads.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    /// Any when 0.
    pub(crate) port: u16,
    /// Where it leads.
    pub(crate) end: TunnelEnd,
}

impl FromStr for Local {
    type Err = &'static str;

    /// `[PORT:]ADDRESS:PORT`, an IPv6 address in brackets: as ssh(1) writes it for `-L`, without an address to listen on.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "[PORT:]ADDRESS:PORT is wanted, such as 8443:127.0.0.1:443";
        let (rest, last) = text.rsplit_once(':').ok_or(WRONG)?;
        let (first, address) = match rest.strip_suffix(']') {
            Some(rest) => match rest.rsplit_once('[').ok_or(WRONG)? {
                ("", address) => ("", address),
                (first, address) => (first.strip_suffix(':').ok_or(WRONG)?, address),
            },
            None => rest.split_once(':').unwrap_or(("", rest)),
        };
        let port = if first.is_empty() { 0 } else { first.parse().map_err(|_| WRONG)? };
        let end = TunnelEnd { address: address.to_owned(), port: last.parse().map_err(|_| WRONG)? };
        let is_name = !end.address.is_empty() && (rest.ends_with(']') || !end.address.contains([':', '[', ']']));
        if is_name && end.port != 0 { Ok(Self { port, end }) } else { Err(WRONG) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_and_where_it_leads() {
        let read = |text: &str| text.parse::<Local>().map(|local| (local.port, local.end.address, local.end.port));
        assert_eq!(read("8443:127.0.0.1:443"), Ok((8443, "127.0.0.1".to_owned(), 443)));
        assert_eq!(read("nas.lan:80"), Ok((0, "nas.lan".to_owned(), 80)));
        assert_eq!(read("8080:[fd00::1]:80"), Ok((8080, "fd00::1".to_owned(), 80)));
        assert_eq!(read("[::1]:80"), Ok((0, "::1".to_owned(), 80)));
        for wrong in
            ["", "443", ":443", "a:", "a:0", "x:a:443", "a:b:c:443", "70000:a:443", "fd00::1:80", "[fd00::1:80", "8080[::1]:80", "1:2:3:4"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
