//! What leads a port of a host into a guest because of this program, how it is put there, and how it is taken away: one text on the
//! host (`assets/remote/publish.sh`), which changes only what stands under the guest's mark.

use std::fmt;
use std::net::Ipv4Addr;

use beffroi_domain::{GuestDriver, Message, StepKind, Undo};
use beffroi_remote::quote;

use super::{Init, Place};
use crate::change::{ChangeStep, GuestPlace};
use crate::model::Guest;

const SCRIPT: &str = concat!(include_str!("../../../../../assets/remote/step.sh"), include_str!("../../../../../assets/remote/publish.sh"));
/// What devices of ours are called, before their port.
const DEVICE: &str = "beffroi-";

/// What leads a port on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedBy {
    /// A server of the host's nginx.
    Nginx,
    /// A device of Incus or LXD.
    Proxy,
    /// A rule of the host's firewall.
    Dnat,
}

impl PublishedBy {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Proxy => "proxy",
            Self::Dnat => "dnat",
        }
    }

    /// What has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Nginx, Self::Proxy, Self::Dnat].into_iter().find(|by| by.name() == name)
    }
}

/// Whose a publication is, as it is written on the host: `DRIVER:PROJECT:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// That of a guest; nothing where its name has what no configuration of another program could take.
    #[must_use]
    pub fn of(guest: &Guest) -> Option<Self> {
        Self::made(guest.driver, &guest.project, &guest.name)
    }

    fn made(driver: GuestDriver, project: &str, name: &str) -> Option<Self> {
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'));
        let fits = is_plain(project) && is_plain(name) && !name.is_empty() && name.len() + project.len() <= 100;
        fits.then(|| Self(format!("{}:{project}:{name}", driver.name())))
    }

    /// The name of its guest, as its driver has it.
    #[must_use]
    pub fn guest(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let (driver, project, name) = (parts.next()?, parts.next()?, parts.next()?);
        let driver = GuestDriver::from_name(driver)?;
        Self::made(driver, project, name)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A publication of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Whose.
    pub mark: Mark,
    /// The port of the host.
    pub port: u16,
    /// The port of the guest.
    pub to: u16,
    /// What leads on.
    pub how: How,
}

/// What leads on, with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// A rule.
    Dnat {
        /// The guest's address.
        address: Ipv4Addr,
    },
    /// A device of this guest's.
    Proxy {
        /// Which guest.
        guest: GuestPlace,
    },
    /// A server of nginx.
    Nginx {
        /// The folder that its file is in.
        folder: String,
        /// The name that it is for.
        name: String,
        /// The guest's address.
        address: Ipv4Addr,
        /// Files of the host with a certificate and its key; both or none.
        certificate: Option<(String, String)>,
    },
}

impl Published {
    /// What leads on.
    #[must_use]
    pub fn by(&self) -> PublishedBy {
        match self.how {
            How::Dnat { .. } => PublishedBy::Dnat,
            How::Proxy { .. } => PublishedBy::Proxy,
            How::Nginx { .. } => PublishedBy::Nginx,
        }
    }

    /// The name that it is for, where it is for one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.how {
            How::Nginx { name, .. } => Some(name),
            How::Dnat { .. } | How::Proxy { .. } => None,
        }
    }

    /// Which it is among those of a host, for the ledger: `BY PORT [NAME] MARK`.
    #[must_use]
    pub fn entry(&self) -> String {
        let name = self.name().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{} {}{name} {}", self.by().name(), self.port, self.mark)
    }

    /// Whether both would stand in the same place of a host.
    #[must_use]
    pub fn is_in_place_of(&self, other: &Self) -> bool {
        self.port == other.port && self.by() == other.by() && self.name() == other.name()
    }

    /// What leads there, as it is shown: `10.0.3.5:8000`.
    fn target(&self) -> String {
        match &self.how {
            How::Dnat { address } | How::Nginx { address, .. } => format!("{address}:{}", self.to),
            How::Proxy { .. } => format!("127.0.0.1:{}", self.to),
        }
    }

    /// The words of the text after the verb. `whole`: with where it leads.
    fn words(&self, whole: bool) -> Vec<String> {
        let (port, mark, to) = (self.port.to_string(), self.mark.to_string(), self.to.to_string());
        let (place, more) = match &self.how {
            How::Dnat { address } => (vec![port, mark], vec![address.to_string(), to]),
            How::Proxy { guest } => (vec![guest.client().to_owned(), guest.project.clone(), guest.name.clone(), port], vec![to]),
            How::Nginx { folder, name, address, certificate } => {
                let files = certificate.iter().flat_map(|(certificate, key)| [certificate.clone(), key.clone()]);
                (vec![folder.clone(), name.clone(), port, mark], [address.to_string(), to].into_iter().chain(files).collect())
            }
        };
        if whole { [place, more].concat() } else { place }
    }

    fn shell(&self, before: &str, whole: bool) -> String {
        let verb = match self.how {
            How::Dnat { .. } => "forward",
            How::Proxy { .. } => "device",
            How::Nginx { .. } => "site",
        };
        let words = [vec![format!("{before}{verb}")], self.words(whole)].concat();
        let words: Vec<_> = words.iter().map(|word| quote(word)).collect();
        format!("set -- {}\n{SCRIPT}", words.join(" "))
    }

    /// What is shown of the commands on this host: put there, taken away, read back.
    fn commands(&self, place: &Place) -> (Vec<String>, Vec<String>, String) {
        let (port, target) = (self.port, self.target());
        match &self.how {
            How::Dnat { .. } => (
                vec![
                    format!("/etc/beffroi/forwards/{port}"),
                    if place.has_nft {
                        format!("nft add rule ip beffroi prerouting fib daddr type local tcp dport {port} dnat to {target}")
                    } else {
                        format!("iptables -t nat -A BEFFROI -p tcp --dport {port} -j DNAT --to-destination {target}")
                    },
                    match place.init {
                        Some(Init::OpenRc) => "rc-update add beffroi-forwards default",
                        Some(Init::Systemd) | None => "systemctl enable beffroi-forwards.service",
                    }
                    .to_owned(),
                ],
                vec![format!("rm /etc/beffroi/forwards/{port}"), "/etc/beffroi/forwards.sh start".to_owned()],
                if place.has_nft { "nft list table ip beffroi" } else { "iptables-save -t nat" }.to_owned(),
            ),
            How::Proxy { guest } => {
                let project = if guest.project.is_empty() { "default" } else { &guest.project };
                let (client, name, project) = (guest.client(), quote(&guest.name), quote(project));
                let device = format!("config device {{}} {name} {DEVICE}{port}");
                let of = |verb: &str, more: &str| format!("{client} {}{more} --project {project}", device.replace("{}", verb));
                (
                    vec![of("add", &format!(" proxy listen=tcp:0.0.0.0:{port} connect=tcp:{target}"))],
                    vec![of("remove", "")],
                    of("get", " connect"),
                )
            }
            How::Nginx { folder, name, .. } => {
                let file = format!("{folder}/{DEVICE}{name}-{port}.conf");
                let reload = match place.init {
                    Some(Init::Systemd) => "systemctl reload nginx.service",
                    Some(Init::OpenRc) => "rc-service nginx reload",
                    None => "nginx -s reload",
                };
                let then = ["nginx -t".to_owned(), reload.to_owned()];
                (
                    [vec![format!("{file}: server_name {name}; listen {port}; proxy_pass http://{target}")], then.to_vec()].concat(),
                    [vec![format!("rm {file}")], then.to_vec()].concat(),
                    "nginx -T".to_owned(),
                )
            }
        }
    }

    /// A sentence about it: its `guest`, `entrance` on the host and `target`.
    #[must_use]
    pub fn about(&self, key: &'static str, guest: &str) -> Message {
        let entrance = self.name().map_or_else(|| self.port.to_string(), |name| format!("{name}:{}", self.port));
        Message::new(key).with("guest", guest).with("entrance", entrance).with("target", self.target())
    }

    /// The steps that put it on this host: the last one reads it back. `guest`: what the guest is called here.
    #[must_use]
    pub fn put(&self, guest: &str, place: &Place) -> Vec<ChangeStep> {
        let (key, check) = match self.by() {
            PublishedBy::Dnat => ("step.publish-dnat", "check.published-dnat"),
            PublishedBy::Proxy => ("step.publish-proxy", "check.published-proxy"),
            PublishedBy::Nginx => ("step.publish-nginx", "check.published-nginx"),
        };
        let (commands, _, reading) = self.commands(place);
        let undo = Undo::By(self.about("undo.publish", guest));
        self.steps((self.about(key, guest), commands, self.shell("", true), undo), (reading, "is-", true, self.about(check, guest)))
    }

    /// The steps that take it away from this host.
    #[must_use]
    pub fn take(&self, guest: &str, place: &Place) -> Vec<ChangeStep> {
        let (_, commands, reading) = self.commands(place);
        let undo = Undo::By(self.about("undo.withdraw", guest));
        let (step, check) = (self.about("step.withdraw", guest), self.about("check.withdrawn", guest));
        self.steps((step, commands, self.shell("no-", false), undo), (reading, "is-no-", false, check))
    }

    fn steps(
        &self,
        (what, commands, shell, undo): (Message, Vec<String>, String, Undo),
        (reading, before, whole, check): (String, &str, bool, Message),
    ) -> Vec<ChangeStep> {
        let changes = ChangeStep { kind: StepKind::Change, what, commands, shell, check: Message::new("check.exit"), undo };
        let reads = ChangeStep {
            kind: StepKind::Read,
            what: Message::new("step.read-back"),
            commands: vec![reading],
            shell: self.shell(before, whole),
            check,
            undo: Undo::NothingToUndo,
        };
        vec![changes, reads]
    }
}

/// What lies on a host because of us, as it says: see the part `published` of `exposure.sh`. What is not understood is not ours.
pub(super) fn read(text: &str) -> Vec<Published> {
    text.lines().take(super::MOST).filter_map(line).collect()
}

fn line(line: &str) -> Option<Published> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["forward", port, address, to, mark] => Some(Published {
            mark: Mark::read(mark)?,
            port: port.parse().ok()?,
            to: to.parse().ok()?,
            how: How::Dnat { address: address.parse().ok()? },
        }),
        ["site", folder, "#", "Written", "by", "Beffroi", "for", mark, name, port, target] => {
            let (address, to) = target.split_once(':')?;
            Some(Published {
                mark: Mark::read(mark.strip_suffix(':')?)?,
                port: port.parse().ok()?,
                to: to.parse().ok()?,
                how: How::Nginx {
                    folder: (*folder).to_owned(),
                    name: (*name).to_owned(),
                    address: address.parse().ok()?,
                    certificate: None,
                },
            })
        }
        _ => None,
    }
}

/// The devices of a guest that are publications of ours.
#[must_use]
pub fn devices(guest: &Guest) -> Vec<Published> {
    let Some(mark) = Mark::of(guest) else { return Vec::new() };
    let ours = guest.ports.iter().filter_map(|device| {
        let port: u16 = device.name.strip_prefix(DEVICE)?.parse().ok()?;
        let to = device.connect.rsplit(':').next()?.parse().ok()?;
        Some(Published { mark: mark.clone(), port, to, how: How::Proxy { guest: GuestPlace::of(guest) } })
    });
    ours.collect()
}

impl Place {
    /// The publications of a guest: by its mark, and its own devices.
    #[must_use]
    pub fn published_of(&self, guest: &Guest) -> Vec<Published> {
        let mark = Mark::of(guest);
        let marked = self.published.iter().filter(|published| Some(&published.mark) == mark.as_ref()).cloned();
        marked.chain(devices(guest)).collect()
    }
}
