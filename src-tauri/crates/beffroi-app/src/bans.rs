//! Who is banned on a host (fail2ban), lifting it, also where it is this machine that is banned; and setting a host's clock.
//!
//! Any Linux host with fail2ban 0.11 or later, whatever else it is: `fail2ban-client status` and `unban` are all that is used
//! (fail2ban-client(1)).

use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;

use beffroi_domain::{Access, HostId, Message, TargetRecord};
use beffroi_remote::{CommandLine, Remote, RunRequest, clean};
use beffroi_ssh::SshRemote;
use tokio::sync::Semaphore;

use crate::connect::Rights;
use crate::plans::{Order, RefusedHost};
use crate::session::Session;
use crate::surveys::AT_A_TIME;
use crate::{Action, App, AppError, GuardError, MadePlan};

/// A jail, and who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jail {
    /// Its name, such as `sshd`.
    pub name: String,
    /// The addresses.
    pub banned: Vec<IpAddr>,
}

/// Who is banned on one host.
#[derive(Debug)]
pub struct HostBans {
    /// The host's name.
    pub host: String,
    /// Its jails, or why they are not known.
    pub jails: Result<Vec<Jail>, AppError>,
}

/// The most addresses that are read of one jail.
const MOST_BANNED: usize = 10_000;
const MOST_JAILS: usize = 256;

/// Sets `jails`, and gives who is banned in one.
const OF_A_JAIL: &str = "jails=$(fail2ban-client status 2>&1 | sed -n 's/.*Jail list:[[:space:]]*//p' | tr -d ,)
banned() { fail2ban-client status \"$1\" | sed -n 's/.*Banned IP list:[[:space:]]*//p' | tr '\\t' ' '; }
";

const READ: &str = "command -v fail2ban-client >/dev/null || { echo 'none it is not installed'; exit 0; }
fail2ban-client ping >/dev/null 2>&1 || { echo 'none its server does not answer'; exit 0; }
echo runs
for jail in $jails; do printf 'jail %s %s\\n' \"$jail\" \"$(banned \"$jail\")\"; done";

impl App {
    /// Who is banned on the selected hosts. Answers come by name.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn bans(&self, on: &str) -> Result<Vec<HostBans>, AppError> {
        let session = self.session()?;
        Ok(session.bans(session.select(on).await?).await?.into_iter().map(|(_, bans)| bans).collect())
    }

    /// Plans to lift the ban of an address on the selected hosts. Hosts where it is not banned are left alone.
    ///
    /// # Errors
    /// When the selector does not select a host.
    pub async fn plan_unban(&self, on: &str, address: IpAddr) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (mut orders, mut refused) = (Vec::new(), Vec::new());
        let action = Arc::new(lifting(address));
        for (target, bans) in session.bans(session.select(on).await?).await? {
            match bans.jails.and_then(|jails| among(&[address], &jails)) {
                Ok(_) => orders.push(Order::new(target, Arc::clone(&action))),
                Err(error) => refused.push(RefusedHost { host: bans.host, error }),
            }
        }
        let mut made = self.plan_orders(&session, action.title(), orders).await?;
        made.refused.extend(refused);
        Ok(made)
    }

    /// Plans to lift the ban of this machine on a host, which is reached through another one for it: the host's parent, or any
    /// that reaches its address. Without an address, it is one of those that this machine has, or that the other host sees.
    ///
    /// # Errors
    /// [`GuardError::NotBanned`]; what keeps the host from being reached through the other one.
    pub async fn plan_unban_through(&self, host: &str, through: &str, address: Option<IpAddr>) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (host, through) = (host.to_owned(), through.to_owned());
        let named = session.blocking(move |session| Ok((session.target_named(&host)?.record, session.target_named(&through)?.record)));
        let (target, other) = named.await?;
        let remote = session.enter_through(&target, other.host, Rights::Most).await?;
        let jails = jails_of(&remote).await?;
        let addresses = match address {
            Some(address) => vec![address],
            None => session.own_addresses(&target, &other).await?,
        };
        let address = among(&addresses, &jails)?;
        let action = Arc::new(lifting(address));
        let order = Order::new(target, Arc::clone(&action)).through(other.host);
        self.plan_orders(&session, action.title(), vec![order]).await
    }

    /// Plans to set the clock of the selected hosts from this machine's. Hosts whose clock follows a time service are left alone.
    ///
    /// # Errors
    /// When the selector does not select a host.
    pub async fn plan_clock(&self, on: &str) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (mut orders, mut refused) = (Vec::new(), Vec::new());
        for target in session.select(on).await? {
            let name = target.name.to_string();
            match session.survey(&target, false, &[]).await.and_then(|read| setting(&read.survey)) {
                Ok(action) => orders.push(Order::new(target, Arc::new(action))),
                Err(error) => refused.push(RefusedHost { host: name, error }),
            }
        }
        let mut made = self.plan_orders(&session, Message::new("title.set-clock"), orders).await?;
        made.refused.extend(refused);
        Ok(made)
    }
}

/// Lifts a ban in every jail, and sees that it is lifted.
fn lifting(address: IpAddr) -> Action {
    let about = |key| Message::new(key).with("address", address);
    let check = format!(
        "{OF_A_JAIL}for jail in $jails; do case \" $(banned \"$jail\") \" in *' {address} '*) echo \"banned in $jail\" >&2; exit 1 ;; esac; done"
    );
    let steps = vec![(about("step.unban"), format!("fail2ban-client unban {address}")), (about("step.unban-check"), check)];
    Action::Script { title: about("title.unban"), steps }
}

/// Sets the clock to this machine's, and sees that it is right. Both by the time that the host counts since its start, which
/// no setting changes: so a plan may wait, but not for a host that starts again meanwhile.
fn setting(survey: &crate::Survey) -> Result<Action, AppError> {
    if survey.facts.clock_synchronised == Some(true) {
        return Err(AppError::Guard(GuardError::ClockFollows));
    }
    let unknown = || AppError::InvalidRequest { what: "the host does not say how long it is up" };
    let up = survey.facts.uptime_seconds.ok_or_else(unknown)?;
    let start = (survey.taken_ms / 1000).checked_sub(up).ok_or_else(unknown)?;
    let again = format!("[ \"${{up%%.*}}\" -ge {up} ] || {{ echo 'the host started again since' >&2; exit 1; }}; ");
    let now = format!("read -r up _ </proc/uptime; {again}right=$(({start} + ${{up%%.*}})); ");
    // A machine without a clock of its own has nothing to write it to.
    let set = format!("{now}date -u -s \"@$right\" && {{ hwclock --systohc 2>/dev/null || :; }}");
    let check = format!("{now}off=$(($(date +%s) - right)); echo \"$off s\"; [ \"$off\" -ge -3 ] && [ \"$off\" -le 3 ]");
    let steps = vec![(Message::new("step.set-clock"), set), (Message::new("step.set-clock-check"), check)];
    Ok(Action::Script { title: Message::new("title.set-clock"), steps })
}

/// The first of these addresses that is banned.
fn among(addresses: &[IpAddr], jails: &[Jail]) -> Result<IpAddr, AppError> {
    let banned: Vec<IpAddr> = jails.iter().flat_map(|jail| jail.banned.iter().copied()).collect();
    let found = addresses.iter().find(|address| banned.contains(address));
    found.copied().ok_or_else(|| {
        AppError::Guard(GuardError::NotBanned {
            addresses: addresses.iter().map(ToString::to_string).collect(),
            banned: banned.iter().take(20).map(ToString::to_string).collect(),
        })
    })
}

async fn jails_of(remote: &SshRemote) -> Result<Vec<Jail>, AppError> {
    let text = format!("{OF_A_JAIL}{READ}");
    let output = remote.run(RunRequest::new(CommandLine::new(["sh", "-c", &text]))).await?;
    read(&String::from_utf8_lossy(&output.stdout))
}

fn read(told: &str) -> Result<Vec<Jail>, AppError> {
    let mut lines = told.lines().skip_while(|line| *line != "runs" && !line.starts_with("none "));
    match lines.next().map(|line| line.split_once(' ').map_or("", |(_, why)| why)) {
        Some("") => {}
        why => return Err(AppError::Guard(GuardError::NoFail2ban { why: clean(why.unwrap_or_default()) })),
    }
    let jails = lines.filter_map(|line| line.strip_prefix("jail ")).take(MOST_JAILS).map(|line| {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let banned = rest.split_whitespace().take(MOST_BANNED).filter_map(|address| address.parse().ok());
        Jail { name: clean(name), banned: banned.collect() }
    });
    Ok(jails.collect())
}

impl Session {
    async fn bans(self: &Arc<Self>, targets: Vec<TargetRecord>) -> Result<Vec<(TargetRecord, HostBans)>, AppError> {
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut reading = Vec::new();
        for target in targets {
            let (session, places, of) = (Arc::clone(self), Arc::clone(&places), target.clone());
            let read = async move {
                let _place = places.acquire().await.map_err(AppError::internal)?;
                jails_of(session.connect_as(&of, Rights::Most).await?.as_ref()).await
            };
            reading.push((target, tokio::spawn(read)));
        }
        let mut all = Vec::new();
        for (target, read) in reading {
            let jails = read.await.map_err(AppError::internal).flatten();
            let host = target.name.to_string();
            all.push((target, HostBans { host, jails }));
        }
        all.sort_by(|(_, one), (_, other)| one.host.cmp(&other.host));
        Ok(all)
    }

    /// A host through another one, whatever its record says of the way; a connection of its own.
    pub(crate) async fn enter_through(
        self: &Arc<Self>,
        target: &TargetRecord,
        jump: HostId,
        rights: Rights,
    ) -> Result<Arc<SshRemote>, AppError> {
        let mut record = self.target_of(target.host).await?;
        if jump == record.host {
            return Err(AppError::JumpLoop { name: record.name.to_string() });
        }
        let lead = |access: &mut Access| access.jump = Some(jump);
        lead(&mut record.access);
        record.others.iter_mut().for_each(lead);
        let mut failed = None;
        for access in 0..record.accesses().count() {
            match self.enter_apart(&record, access, rights).await {
                Ok(remote) => return Ok(remote),
                Err(error) if error.is_passing() => failed = failed.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(failed.unwrap_or_else(|| AppError::damaged("a host's ways")))
    }

    /// The addresses that this machine may have for a host: its own on the way there, and what another host sees.
    async fn own_addresses(self: &Arc<Self>, target: &TargetRecord, other: &TargetRecord) -> Result<Vec<IpAddr>, AppError> {
        let to: Vec<(String, u16)> = target.accesses().map(|access| (access.address.clone(), access.port)).collect();
        let own = tokio::task::spawn_blocking(move || to.iter().filter_map(own_address).collect::<Vec<_>>());
        let mut addresses = own.await.map_err(AppError::internal)?;
        let seen = self.connect(other).await?.run(RunRequest::new(CommandLine::shell("echo \"$SSH_CONNECTION\""))).await?;
        let seen = String::from_utf8_lossy(&seen.stdout);
        addresses.extend(seen.split_whitespace().next().and_then(|address| address.parse::<IpAddr>().ok()));
        addresses.dedup();
        Ok(addresses)
    }
}

/// The address that this machine would send from. Nothing is sent.
fn own_address((address, port): &(String, u16)) -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    let reached = socket.connect((address.as_str(), *port)).is_ok();
    let socket = if reached { socket } else { UdpSocket::bind(("::", 0)).ok()? };
    if !reached {
        socket.connect((address.as_str(), *port)).ok()?;
    }
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_of_its_jails_is_read() {
        let jails = read("Welcome\nruns\njail sshd 192.0.2.1 2001:db8::1  nonsense\njail recidive \n").expect("jails");
        let banned = |number: usize| jails[number].banned.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((jails[0].name.as_str(), banned(0)), ("sshd", vec!["192.0.2.1".to_owned(), "2001:db8::1".to_owned()]));
        assert!(banned(1).is_empty() && jails.len() == 2);
        for nothing in ["none it is not installed\n", "", "what\n"] {
            assert!(matches!(read(nothing), Err(AppError::Guard(GuardError::NoFail2ban { .. }))), "{nothing:?}");
        }
        let found = among(&["198.51.100.7".parse().expect("an address"), "192.0.2.1".parse().expect("an address")], &jails);
        assert_eq!(found.expect("banned").to_string(), "192.0.2.1");
        assert!(matches!(among(&[], &jails), Err(AppError::Guard(GuardError::NotBanned { banned, .. })) if banned.len() == 2));
    }
}
