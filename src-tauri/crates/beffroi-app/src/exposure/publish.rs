//! Ports of a host that are led into a guest, as plans on what is ours: a server of nginx, a proxy device, a rule. What is not ours
//! is left alone, and what a router has to do is only said.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use beffroi_domain::{GuestDriver, HostName, Message, TargetRecord};
use beffroi_lxc::change::GuestPlace;
use beffroi_lxc::exposure::{Becomes, Hook, How, Knock, Mark, Place, Published, PublishedBy, devices, read_host};
use beffroi_lxc::{Guest, GuestKind, Reading};
use beffroi_store::Writer;
use beffroi_store::table::ledger::LedgerRow;
use beffroi_yunohost::{Given, Operation, Raw};

use super::is_name;
use super::ways::socket;
use crate::connect::Rights;
use crate::guests::GuestWork;
use crate::jobs::Settlement;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::{Action, App, AppError, GuestError, PublishRefusal, now_ms};

/// In the ledger: what leads a port of the host into a guest.
const PUBLISHED: &str = "published";

/// A port that is to be led into a guest.
#[derive(Debug, Clone)]
pub struct PublishOrder {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// What leads on; nothing for what suits: nginx for a name, a device where the driver has them, else a rule.
    pub by: Option<PublishedBy>,
    /// The name that it is for: by nginx only.
    pub name: Option<String>,
    /// The port of the host; nothing for 80 or 443 by nginx, and for the same port as the guest's else.
    pub port: Option<u16>,
    /// The port of the guest.
    pub to: u16,
    /// Files of the host with a certificate and its key: by nginx only.
    pub certificate: Option<(String, String)>,
}

/// What is to lead into a guest no more.
#[derive(Debug, Clone, Default)]
pub struct WithdrawOrder {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// Only what is for this name.
    pub name: Option<String>,
    /// Only this port of the host.
    pub port: Option<u16>,
}

/// A host and what of it was read for a publication.
struct Outside {
    host: TargetRecord,
    reading: Reading,
    place: Place,
}

impl App {
    /// Plans that a port of a host leads into a guest. The host is read twice, and nothing is changed.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`AppError::InvalidRequest`], [`PublishRefusal`].
    pub async fn plan_publish(&self, order: &PublishOrder) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        order.check()?;
        let (name, outside) = session.read_outside(&order.guest).await?;
        let guest = session.guest_among(&name, &outside.reading).await?;
        let published = order.published(guest, &outside)?;
        outside.refuse_taken(&published)?;
        let mut warnings = outside.warnings(&published, guest);
        let mut orders = Vec::new();
        match outside.closed(&published) {
            // YunoHost opens ports of the host itself, and none behind it.
            Some((Hook::Input, port, _)) if outside.place.is_yunohost => orders.push(opened(&outside.host, port, &order.guest)?),
            Some((_, port, rule)) => {
                warnings.push(Message::new("warning.publish-closed").with("host", &outside.host.name).with("port", port).with("rule", rule))
            }
            None => {}
        }
        let title = published.about("title.publish", &order.guest);
        let steps = published.put(&order.guest, &outside.place);
        let work = session.publishing(&name, "publish", title.clone(), steps, warnings).await?;
        let settlement = Settlement::Published { what: published.entry(), withdrawn: false };
        orders.push(Order::new(outside.host, Arc::new(Action::Guest(Box::new(work)))).settling(settlement));
        self.plan_orders(&session, title, orders).await
    }

    /// Plans that nothing of ours leads into a guest any more, or not by a name or a port.
    ///
    /// # Errors
    /// As those of [`App::plan_publish`].
    pub async fn plan_withdraw(&self, order: &WithdrawOrder) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (name, outside) = session.read_outside(&order.guest).await?;
        let published = match session.guest_among(&name, &outside.reading).await {
            Ok(guest) => outside.place.published_of(guest),
            // What is left of a guest that is gone.
            Err(AppError::Guest(GuestError::NotThere { guest, .. })) => {
                outside.place.published.iter().filter(|published| published.mark.guest() == guest).cloned().collect()
            }
            Err(error) => return Err(error),
        };
        let is_meant = |published: &&Published| {
            order.port.is_none_or(|port| published.port == port) && order.name.as_deref().is_none_or(|name| published.name() == Some(name))
        };
        let published: Vec<&Published> = published.iter().filter(is_meant).collect();
        if published.is_empty() {
            session.forget_gone(&outside).await?;
            return Err(PublishRefusal::Nothing { guest: order.guest.clone() }.into());
        }
        let title = match published.as_slice() {
            [one] => one.about("title.withdraw", &order.guest),
            several => Message::new("title.withdraw-all").with("guest", &order.guest).with("count", several.len()),
        };
        let mut warnings = Vec::new();
        if outside.place.is_yunohost {
            warnings.push(Message::new("note.publish-stays-open").with("host", &outside.host.name));
        }
        let steps = published.iter().flat_map(|published| published.take(&order.guest, &outside.place)).collect();
        let work = session.publishing(&name, "withdraw", title.clone(), steps, warnings).await?;
        let order = Order::new(outside.host, Arc::new(Action::Guest(Box::new(work))));
        let order = published
            .iter()
            .fold(order, |order, published| order.settling(Settlement::Published { what: published.entry(), withdrawn: true }));
        self.plan_orders(&session, title, vec![order]).await
    }
}

/// Whether a text can be the path of a file in the configuration of another program.
fn is_path(path: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '@' | '+' | ' ');
    path.starts_with('/') && path.len() <= 512 && path.chars().all(is_plain)
}

impl PublishOrder {
    fn check(&self) -> Result<(), AppError> {
        let wrong = |what| Err(AppError::InvalidRequest { what });
        if self.name.as_deref().is_some_and(|name| !is_name(name) || name.contains('_')) {
            return wrong("a name is letters, digits, dots and dashes");
        }
        if self.to == 0 || self.port == Some(0) {
            return wrong("a port is 1 to 65535");
        }
        let by_nginx = match self.by {
            Some(by) => by == PublishedBy::Nginx,
            None => self.name.is_some(),
        };
        if by_nginx && self.name.is_none() {
            return wrong("nginx needs a name that it answers for");
        }
        if !by_nginx && (self.name.is_some() || self.certificate.is_some()) {
            return wrong("names and certificates are of nginx");
        }
        match &self.certificate {
            Some((certificate, key)) if !is_path(certificate) || !is_path(key) => {
                wrong("a certificate and its key are files of the host, /PATH")
            }
            _ => Ok(()),
        }
    }

    /// What it comes to for this guest.
    fn published(&self, guest: &Guest, outside: &Outside) -> Result<Published, AppError> {
        let has_devices = matches!(guest.driver, GuestDriver::Incus | GuestDriver::Lxd);
        let by = self.by.unwrap_or(match (&self.name, has_devices) {
            (Some(_), _) => PublishedBy::Nginx,
            (None, true) => PublishedBy::Proxy,
            (None, false) => PublishedBy::Dnat,
        });
        let (host, place) = (outside.host.name.to_string(), &outside.place);
        let mark = Mark::of(guest).ok_or(AppError::InvalidRequest { what: "the guest's name is no word for other programs" })?;
        let address = || {
            let of_four = |text: &String| text.parse::<Ipv4Addr>().ok().filter(|address| !address.is_loopback());
            let own: Vec<Ipv4Addr> = guest.addresses.iter().filter_map(of_four).collect();
            // One that stays, where there is one.
            let fixed = own.iter().find(|address| place.fixed.contains(&IpAddr::V4(**address)));
            fixed.or(own.first()).copied().ok_or_else(|| PublishRefusal::NoAddress { guest: self.guest.clone() })
        };
        let how = match by {
            PublishedBy::Proxy if !has_devices || guest.kind == GuestKind::Vm => {
                return Err(PublishRefusal::NoDevices { driver: guest.driver.name() }.into());
            }
            PublishedBy::Proxy => How::Proxy { guest: GuestPlace::of(guest) },
            PublishedBy::Dnat if place.is_yunohost => return Err(PublishRefusal::Kept { host, what: "firewall" }.into()),
            PublishedBy::Dnat if !place.has_nft && !place.has_iptables => {
                return Err(PublishRefusal::Lacks { host, what: "firewall" }.into());
            }
            PublishedBy::Dnat if place.init.is_none() => return Err(PublishRefusal::Lacks { host, what: "boot" }.into()),
            PublishedBy::Dnat => How::Dnat { address: address()? },
            PublishedBy::Nginx if place.is_yunohost => return Err(PublishRefusal::Kept { host, what: "nginx" }.into()),
            PublishedBy::Nginx => {
                let folder = place.nginx_folder.clone().filter(|_| place.has_nginx);
                How::Nginx {
                    folder: folder.ok_or(PublishRefusal::Lacks { host, what: "nginx" })?,
                    name: self.name.clone().unwrap_or_default().to_ascii_lowercase(),
                    address: address()?,
                    certificate: self.certificate.clone(),
                }
            }
        };
        let usual = match (by, &self.certificate) {
            (PublishedBy::Nginx, Some(_)) => 443,
            (PublishedBy::Nginx, None) => 80,
            _ => self.to,
        };
        Ok(Published { mark, port: self.port.unwrap_or(usual), to: self.to, how })
    }
}

impl Outside {
    /// Refuses what somebody else has: two publications of one port, a port that is listened on, a name that is served.
    fn refuse_taken(&self, wanted: &Published) -> Result<(), AppError> {
        let (host, port) = (self.host.name.to_string(), wanted.port);
        let taken = |by: String| Err(AppError::from(PublishRefusal::PortTaken { host: host.clone(), port, by }));
        let known = || self.place.published.iter().cloned().chain(self.reading.guests.iter().flat_map(beffroi_lxc::exposure::devices));
        let is_ours = known().any(|one| one.is_in_place_of(wanted) && one.mark == wanted.mark);
        if let Some(other) = known().find(|one| one.is_in_place_of(wanted) && one.mark != wanted.mark) {
            return match (&wanted.how, other) {
                (How::Nginx { name, .. }, _) => Err(PublishRefusal::NameTaken { host, name: name.clone(), port }.into()),
                (_, other) => taken(other.mark.to_string()),
            };
        }
        // One port, led on by something else of ours: only servers of nginx share one.
        if let Some(other) = known().find(|one| one.port == port && one.by() != wanted.by()) {
            return taken(other.entry());
        }
        let of_guests = self.reading.guests.iter().flat_map(|guest| guest.ports.iter().map(move |device| (guest, device)));
        for (guest, device) in of_guests.filter(|(_, device)| !device.from_inside && !is_ours) {
            if socket(&device.listen).is_some_and(|(_, listened)| listened == port) {
                return taken(format!("{} ({})", guest.shown_name(), device.name));
            }
        }
        let sent = self.place.rules.as_ref().and_then(|rules| rules.sends().find(|(outside, ..)| *outside == port));
        if let Some((.., rule)) = sent.filter(|_| !(is_ours && wanted.by() == PublishedBy::Dnat)) {
            return taken(rule.to_owned());
        }
        if is_ours {
            return Ok(());
        }
        if let How::Nginx { name, .. } = &wanted.how
            && self.place.servers.iter().any(|server| server.ports.contains(&port) && server.names.contains(name))
        {
            return Err(PublishRefusal::NameTaken { host, name: name.clone(), port }.into());
        }
        let by_nginx = wanted.by() == PublishedBy::Nginx;
        let listening = self.place.on_port(port).filter(|listening| by_nginx || !listening.address.is_loopback());
        for listening in listening {
            match &listening.process {
                Some((_, name)) if by_nginx && name == "nginx" => {}
                Some((pid, name)) => return taken(format!("{name} ({pid})")),
                None => return taken(std::net::SocketAddr::new(listening.address, port).to_string()),
            }
        }
        Ok(())
    }

    /// The rule of the host's firewall that would stop it, and at which port: that of the guest where it is led on before.
    fn closed(&self, wanted: &Published) -> Option<(Hook, u16, String)> {
        let rules = self.place.rules.as_ref()?;
        let (hook, knock) = match wanted.how {
            // Its own rule goes before them.
            How::Dnat { .. } if !self.place.has_nft => return None,
            How::Dnat { address } => (Hook::Forward, Knock { to: Some(address), port: wanted.to }),
            How::Proxy { .. } | How::Nginx { .. } => (Hook::Input, Knock { to: None, port: wanted.port }),
        };
        let port = knock.port;
        match rules.asked(hook, knock) {
            Becomes::Dropped(rule) => Some((hook, port, rule)),
            Becomes::Accepted | Becomes::Unclear(_) => None,
        }
    }

    fn warnings(&self, wanted: &Published, guest: &Guest) -> Vec<Message> {
        let mut warnings = Vec::new();
        if let How::Dnat { address } | How::Nginx { address, .. } = &wanted.how
            && !self.place.fixed.contains(&IpAddr::V4(*address))
        {
            warnings.push(Message::new("warning.publish-address-moves").with("guest", guest.shown_name()).with("address", address));
        }
        if let Some(inner) = self.behind_a_router() {
            warnings
                .push(Message::new("note.exposure-router").with("host", &self.host.name).with("inner", inner).with("port", wanted.port));
        }
        warnings
    }

    /// The address that a router has to send to, where the host has none that is reached from everywhere.
    fn behind_a_router(&self) -> Option<Ipv4Addr> {
        let is_of_four = |address: &IpAddr| match address {
            IpAddr::V4(address) if !address.is_loopback() => Some(*address),
            _ => None,
        };
        let own: Vec<Ipv4Addr> = self.place.addresses.iter().filter_map(is_of_four).collect();
        if own.is_empty() || own.iter().any(|address| !is_of_a_site(*address)) {
            return None;
        }
        let reached = self.host.access.address.parse().ok().filter(|address| own.contains(address));
        reached.or_else(|| own.first().copied())
    }
}

/// Whether an address means something on a site's own network only: RFC 1918, 6598 and 2544, and link-local ones.
fn is_of_a_site(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64) || (first == 198 && second & 0xfe == 18)
}

/// What opens a port in the firewall of a YunoHost, before anything else is done there.
fn opened(host: &TargetRecord, port: u16, guest: &str) -> Result<Order, AppError> {
    let operation = Operation::find("firewall-open").ok_or_else(|| AppError::OperationUnknown { operation: "firewall-open".to_owned() })?;
    let text = |name: &str, text: String| (name.to_owned(), Raw::Text(text));
    let given = Given::read(operation, BTreeMap::from([text("port", port.to_string()), text("comment", format!("Beffroi {guest}"))]))?;
    Ok(Order::new(host.clone(), Arc::new(Action::Yunohost { operation, given })))
}

impl Session {
    async fn read_outside(self: &Arc<Self>, guest: &str) -> Result<(HostName, Outside), AppError> {
        let no_guest = || AppError::from(GuestError::NotAGuest { name: guest.to_owned() });
        let name: HostName = guest.parse().map_err(|_| no_guest())?;
        let (host, _) = name.guest().ok_or_else(no_guest)?;
        let host = self.host_of_guests(&host).await?;
        let reading = self.read_guests(&host).await?;
        let on_host = self.connect_as(&host, Rights::Most).await?;
        let place = read_host(&*on_host, "").await?;
        Ok((name, Outside { host, reading, place }))
    }

    async fn publishing(
        self: &Arc<Self>,
        name: &HostName,
        kind: &'static str,
        title: Message,
        steps: Vec<beffroi_lxc::change::ChangeStep>,
        warnings: Vec<Message>,
    ) -> Result<GuestWork, AppError> {
        let confirm = self.stage_wants_typed(name.as_str()).await?.then(|| name.to_string());
        Ok(GuestWork { title, kind, steps, input: None, secrets: Vec::new(), warnings, confirm, sent: Vec::new() })
    }

    /// Forgets what the ledger has of publications that a host has no more: of a guest that somebody removed or renamed there, or
    /// that never came to be. What could not be read is not gone.
    async fn forget_gone(self: &Arc<Self>, outside: &Outside) -> Result<(), AppError> {
        let there = outside.place.published.iter().cloned().chain(outside.reading.guests.iter().flat_map(devices));
        let there: Vec<String> = there.map(|published| published.entry()).collect();
        let (host, known) = (outside.host.host, self.left_on(outside.host.host).await?);
        // A device is its daemon's: where that does not answer, its driver is not among those that were read.
        let reading = &outside.reading;
        let is_read = |driver| {
            reading.driver(driver).is_some() && !reading.missing.iter().any(|missing| missing.driver.is_none_or(|of| of == driver))
        };
        let is_told = |what: &str| match (what.split(' ').next(), what.rsplit(' ').next().and_then(|mark| mark.split(':').next())) {
            (Some(by), Some(driver)) if by == PublishedBy::Proxy.name() => GuestDriver::from_name(driver).is_some_and(is_read),
            _ => true,
        };
        let is_gone = |row: &LedgerRow| row.kind == PUBLISHED && !there.contains(&row.what) && is_told(&row.what);
        let gone: Vec<LedgerRow> = known.into_iter().filter(is_gone).collect();
        self.blocking(move |session| {
            session.write(|writer| gone.iter().try_for_each(|row| Ok::<_, AppError>(writer.note_removed(host, row, now_ms())?)))
        })
        .await
    }

    /// Refuses while publications of this catalog's lie on a host.
    pub(crate) async fn refuse_published(self: &Arc<Self>, host: &TargetRecord) -> Result<(), AppError> {
        let left = self.left_on(host.host).await?;
        let what: Vec<String> = left.into_iter().filter(|row| row.kind == PUBLISHED).map(|row| row.what).collect();
        if what.is_empty() { Ok(()) } else { Err(PublishRefusal::Remains { host: host.name.to_string(), what }.into()) }
    }
}

/// The ledger knows of a publication from before it is made until it is withdrawn.
pub(crate) fn note_published(writer: &Writer<'_>, host: beffroi_domain::HostId, what: &str, withdrawn: bool) -> Result<(), AppError> {
    let row = LedgerRow { kind: PUBLISHED.to_owned(), what: what.to_owned() };
    let noted = if withdrawn { writer.note_removed(host, &row, now_ms()) } else { writer.note_left(host, &row, now_ms()) };
    Ok(noted?)
}
