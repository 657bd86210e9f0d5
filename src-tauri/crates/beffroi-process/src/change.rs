//! Changes of a process that is kept: what is done by each keeper, what speaks against it, and the way back.
//!
//! Each is a step that changes and one that looks whether it is so. Their text may be begun again wherever it was cut: see
//! `assets/remote/process-change.sh`.

use beffroi_domain::{CommandPart, MaskedCommand, Message, Step, StepKind, Undo};
use beffroi_remote::quote;

use crate::model::{Keeper, Process, Reading, STARTING_LEVELS, State};

/// What is done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Starts it.
    Start,
    /// Stops it.
    Stop,
    /// Stops and starts it.
    Restart,
    /// Has it started with the machine.
    Enable,
    /// No longer has it started with the machine.
    Disable,
}

impl Change {
    /// Its name, as it is typed and told in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Enable => "enable",
            Self::Disable => "disable",
        }
    }

    /// What it is, and how its success is checked.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("title.process-start", "check.process-runs"),
            Self::Stop => ("title.process-stop", "check.process-stopped"),
            Self::Restart => ("title.process-restart", "check.process-runs"),
            Self::Enable => ("title.process-enable", "check.process-at-boot"),
            Self::Disable => ("title.process-disable", "check.process-not-at-boot"),
        }
    }

    /// What is true once it is done, as the text asks for it.
    fn proof(self) -> &'static str {
        match self {
            Self::Start | Self::Restart => "is-running",
            Self::Stop => "is-stopped",
            Self::Enable => "is-at-boot",
            Self::Disable => "is-not-at-boot",
        }
    }

    /// What goes back; none where what was cannot be had again.
    fn back(self) -> Option<Self> {
        match self {
            Self::Start => Some(Self::Stop),
            Self::Stop => Some(Self::Start),
            Self::Enable => Some(Self::Disable),
            Self::Disable => Some(Self::Enable),
            Self::Restart => None,
        }
    }

    /// Whether the process is so already.
    fn is_so(self, process: &Process) -> bool {
        match self {
            Self::Start => process.state == State::Running,
            Self::Stop => process.state == State::Stopped,
            Self::Restart => false,
            // What pm2 saved may be older than what it keeps now.
            Self::Enable => process.at_boot == Some(true) && process.keeper != Keeper::Pm2,
            Self::Disable => process.at_boot == Some(false) && process.saved != Some(true),
        }
    }
}

/// Why something is not done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The host is reached through it.
    #[error("the host would not be reached any more")]
    WouldCut,
    /// Nothing may start it.
    #[error("it is masked")]
    Masked,
    /// Others pull it in when they are started: it is not for anybody to say.
    #[error("it cannot be started with the machine by itself")]
    NotForBoot,
    /// No keeper of the system is there that would start its pm2 with the machine.
    #[error("nothing starts pm2 with the machine")]
    NoInit,
}

/// A change of a process, ready to be planned.
#[derive(Debug, Clone)]
pub struct Changing {
    /// What it is.
    pub title: Message,
    /// Its steps as a plan shows them, and the shell text that each is. The last one looks whether it is so, and decides.
    pub steps: Vec<(Step, String)>,
    /// What speaks against it, without forbidding it.
    pub warnings: Vec<Message>,
}

/// What every text of a change begins with, and the text.
const CHANGE_SH: &str =
    concat!(include_str!("../../../../assets/remote/pm2.sh"), include_str!("../../../../assets/remote/process-change.sh"));

/// Servers of logins over the network: who stops one does not get in again.
const LOGINS: &[&str] = &["ssh", "sshd", "openssh-server", "dropbear", "tinysshd"];
/// What gives a machine its addresses.
const NETWORKS: &[&str] = &[
    "networking",
    "network",
    "systemd-networkd",
    "NetworkManager",
    "network-manager",
    "connman",
    "dhcpcd",
    "dhcpcd5",
    "wicked",
    "iwd",
    "wpa_supplicant",
];
/// What tells who the accounts are.
const ACCOUNTS: &[&str] = &["slapd", "nslcd", "unscd", "nscd", "sssd", "winbind"];
/// What a machine may be reached through, one instance for each.
const TUNNELS: &[&str] = &["wg-quick@", "openvpn@", "openvpn-client@", "openvpn-server@", "tailscaled", "zerotier-one", "openvpn"];
/// What decides who gets in.
const FIREWALLS: &[&str] =
    &["nftables", "iptables", "ip6tables", "firewalld", "ufw", "shorewall", "netfilter-persistent", "yunohost-firewall"];

impl Change {
    /// What is done for a process of this reading, which is told as `host` in sentences. `is_guest`: it is entered through its host, so that
    /// nothing in it can cut the way there.
    ///
    /// # Errors
    /// [`ChangeRefusal`].
    pub fn prepare(self, host: &str, process: &Process, reading: &Reading, is_guest: bool) -> Result<Changing, ChangeRefusal> {
        let is = |names: &[&str]| {
            let known = |name: &str| names.iter().any(|known| name == *known || (known.ends_with('@') && name.starts_with(known)));
            process.keeper != Keeper::Pm2 && (known(&process.name) || process.aliases.iter().any(|alias| known(alias)))
        };
        let is_network = is(NETWORKS) || (process.keeper == Keeper::OpenRc && process.name.starts_with("net."));
        let takes_away = matches!(self, Self::Stop | Self::Disable);
        if !is_guest && takes_away && (is(LOGINS) || is_network) {
            return Err(ChangeRefusal::WouldCut);
        }
        if process.masked && matches!(self, Self::Start | Self::Restart | Self::Enable) {
            return Err(ChangeRefusal::Masked);
        }
        if matches!(self, Self::Enable | Self::Disable) && process.at_boot.is_none() {
            return Err(ChangeRefusal::NotForBoot);
        }
        let init = reading.keepers.iter().map(|there| there.keeper).find(|keeper| *keeper != Keeper::Pm2);
        if process.keeper == Keeper::Pm2 && self == Self::Enable && init.is_none() {
            return Err(ChangeRefusal::NoInit);
        }
        let about = |key: &'static str| Message::new(key).with("name", &process.name).with("host", host);
        let mut warnings = Vec::new();
        let mut warn = |when: bool, key: &'static str| warnings.extend(when.then(|| about(key)));
        warn(!is_guest && self == Self::Restart && (is(LOGINS) || is_network || is(TUNNELS)), "warning.process-way");
        warn(!is_guest && takes_away && is(TUNNELS), "warning.process-tunnel");
        warn(takes_away && is(ACCOUNTS), "warning.process-accounts");
        warn(!is_guest && matches!(self, Self::Start | Self::Restart) && is(FIREWALLS), "warning.process-firewall");
        warn(takes_away && is(FIREWALLS), "warning.process-no-firewall");
        warn(self.is_so(process), "warning.process-so-already");
        warn(self == Self::Stop && process.at_boot == Some(true), "warning.process-at-boot");
        if self == Self::Stop && !process.triggered_by.is_empty() {
            warnings.push(about("warning.process-triggered").with("by", process.triggered_by.join(", ")));
        }
        warnings.extend(self.warnings_of_pm2(host, process, reading, init));

        let undo = match self.back() {
            _ if self.is_so(process) => Undo::NothingToUndo,
            Some(back) => Undo::By(about("undo.process").with("change", back.name())),
            None => Undo::Not(about("undo.process-restart")),
        };
        let words = words(process, reading, init);
        let shell = |verb: &str| {
            let words: Vec<_> =
                [&[process.keeper.name().to_owned(), verb.to_owned()], &words[..]].concat().iter().map(|word| quote(word)).collect();
            format!("set -- {}\n{CHANGE_SH}", words.join(" "))
        };
        let (title, check) = self.keys();
        let change = Step {
            number: 1,
            kind: StepKind::Change,
            what: about(title),
            command: shown(self.command(process, reading, init)),
            check: Message::new("check.exit"),
            undo,
        };
        let look = Step {
            number: 2,
            kind: StepKind::Read,
            what: Message::new("step.read-back"),
            command: shown(self.looking(process)),
            check: about(check),
            undo: Undo::NothingToUndo,
        };
        Ok(Changing { title: about(title), steps: vec![(change, shell(self.name())), (look, shell(self.proof()))], warnings })
    }

    /// What pm2 does to the others of an account along with one of them.
    fn warnings_of_pm2(self, host: &str, process: &Process, reading: &Reading, init: Option<Keeper>) -> Vec<Message> {
        let Some(there) = reading.keeper(Keeper::Pm2, process.owner.as_deref()).filter(|_| process.keeper == Keeper::Pm2) else {
            return Vec::new();
        };
        let others = |is: fn(&Process) -> bool| -> Vec<&str> {
            let of_account = reading.processes.iter().filter(|other| other.keeper == Keeper::Pm2 && other.owner == process.owner);
            of_account.filter(|other| other.name != process.name && is(other)).map(|other| other.name.as_str()).collect()
        };
        let about = |key: &'static str, names: &[&str]| {
            Message::new(key).with("name", &process.name).with("host", host).with("others", names.join(", "))
        };
        let mut warnings = Vec::new();
        match self {
            // The whole list is saved: there is no saving of one.
            Self::Enable if there.runs => {
                let (more, fewer) = (others(|other| other.saved == Some(false)), others(|other| other.instances == 0));
                warnings.extend((!more.is_empty()).then(|| about("warning.process-saves-others", &more)));
                warnings.extend((!fewer.is_empty()).then(|| about("warning.process-forgets-others", &fewer)));
            }
            // The script of OpenRC saves what runs when the machine stops.
            Self::Disable if init == Some(Keeper::OpenRc) && there.at_boot && process.instances > 0 => {
                let left = others(|other| other.saved == Some(true));
                warnings.extend((!left.is_empty()).then(|| about("warning.process-saved-at-stop", &left)));
            }
            Self::Start | Self::Restart if !there.runs => {
                let back = others(|other| other.saved == Some(true));
                warnings.extend((!back.is_empty()).then(|| about("warning.process-brings-others", &back)));
            }
            _ => {}
        }
        warnings
    }

    /// What is shown as run: what the text runs, where it has to.
    fn command(self, process: &Process, reading: &Reading, init: Option<Keeper>) -> String {
        let name = quote(&process.name);
        match (process.keeper, self) {
            (Keeper::Systemd, _) => format!("systemctl {} {}", self.name(), quote(&unit(process))),
            (Keeper::OpenRc, Self::Enable) => format!("rc-update add {name} default"),
            (Keeper::OpenRc, Self::Disable) => {
                let levels = process.boot_by.iter().filter(|level| STARTING_LEVELS.contains(&level.as_str()));
                levels.map(|level| format!("rc-update delete {name} {level}")).collect::<Vec<_>>().join("; ")
            }
            (Keeper::OpenRc, _) => format!("rc-service {name} {}", self.name()),
            (Keeper::Pm2, _) => {
                let owner = process.owner.as_deref().unwrap_or_default();
                let there = reading.keeper(Keeper::Pm2, Some(owner));
                let (runs, at_boot) = there.map_or((false, false), |there| (there.runs, there.at_boot));
                let system = init.map_or("", Keeper::name);
                let account = quote(owner);
                let mut commands = match self {
                    Self::Start | Self::Restart if !runs => vec!["pm2 resurrect".to_owned()],
                    Self::Start | Self::Restart => vec![format!("pm2 restart {name}")],
                    Self::Stop => vec![format!("pm2 stop {name}")],
                    Self::Enable if !runs => Vec::new(),
                    Self::Enable => vec!["pm2 save".to_owned()],
                    Self::Disable => vec!["edit ~/.pm2/dump.pm2".to_owned()],
                };
                commands.iter_mut().for_each(|command| *command = format!("{account}: {command}"));
                let last = !reading
                    .processes
                    .iter()
                    .any(|other| other.owner == process.owner && other.saved == Some(true) && other.name != process.name);
                match (self, init) {
                    (Self::Enable, Some(_)) if !at_boot => commands.push(format!("pm2 startup {system} -u {account}")),
                    (Self::Disable, Some(Keeper::Systemd)) if last && at_boot => {
                        commands.push(format!("systemctl disable pm2-{account}.service"))
                    }
                    (Self::Disable, Some(Keeper::OpenRc)) if last && at_boot => commands.push("rc-update delete pm2 default".to_owned()),
                    _ => {}
                }
                commands.join("; ")
            }
        }
    }

    /// How it is looked at, as it is shown.
    fn looking(self, process: &Process) -> String {
        let name = quote(&process.name);
        let is_boot = matches!(self, Self::Enable | Self::Disable);
        match process.keeper {
            Keeper::Systemd if is_boot => format!("systemctl is-enabled {}", quote(&unit(process))),
            Keeper::Systemd => format!("systemctl show {}", quote(&unit(process))),
            Keeper::OpenRc if is_boot => format!("ls /etc/runlevels/*/{name}"),
            Keeper::OpenRc => format!("rc-service {name} status"),
            Keeper::Pm2 if is_boot => "cat ~/.pm2/dump.pm2".to_owned(),
            Keeper::Pm2 => "pm2 jlist".to_owned(),
        }
    }
}

/// Where nothing is left to do, that is shown.
fn shown(command: String) -> MaskedCommand {
    let command = if command.is_empty() { "true".to_owned() } else { command };
    MaskedCommand(vec![CommandPart::Text(command)])
}

fn unit(process: &Process) -> String {
    format!("{}.service", process.name)
}

/// What the text is told of a process, after its keeper and what to do.
fn words(process: &Process, reading: &Reading, init: Option<Keeper>) -> Vec<String> {
    let mut words = match process.keeper {
        Keeper::Systemd => vec![unit(process)],
        Keeper::OpenRc => vec![process.name.clone()],
        Keeper::Pm2 => {
            let home = reading.keeper(Keeper::Pm2, process.owner.as_deref()).and_then(|there| there.home.clone());
            let owner = process.owner.clone().unwrap_or_default();
            vec![process.name.clone(), owner, home.unwrap_or_default(), init.map_or("", Keeper::name).to_owned()]
        }
    };
    words.extend(process.logs.iter().cloned());
    words
}
