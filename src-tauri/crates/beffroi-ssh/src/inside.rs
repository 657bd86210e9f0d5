//! Commands in a guest of a host: the host's own program leads in (`lxc-attach`, `incus exec`, `lxc exec`, `pct exec`), with
//! none of the host's environment. No SSH server is needed inside, nor an address.
//!
//! What runs there is begun by a shell of the guest that carries the command's mark in its arguments and waits for it, so that
//! the command can be found and killed from either side.

use beffroi_domain::{GuestDriver, GuestWay};
use beffroi_remote::CommandLine;

/// The guest's environment: what a login of root's would have, and nothing of the host's. Then the command, from the home folder,
/// with its mark. The shell stays, so that the mark is found in its arguments; its exit status is the command's.
const SHELL: &str = r#"HOME=/root USER=root LOGNAME=root SHELL=/bin/sh PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME USER LOGNAME SHELL PATH; unset TERM container_ttys; [ -z "$1" ] || export "$1"; cd 2>/dev/null
if [ "$2" = root ]; then /bin/sh -c "$3"; else su -s /bin/sh -c "$3" "$2"; fi
exit "$?""#;

/// A terminal's: a login shell of the account, or a command in its place. The shell stays here too: a client of Incus or LXD whose
/// terminal is gone lets what it began go on.
const TERMINAL: &str = r#"HOME=/root USER=root LOGNAME=root SHELL=/bin/sh PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME USER LOGNAME SHELL PATH; TERM=xterm-256color; export TERM; cd 2>/dev/null
if [ -n "$3" ] && [ "$2" = root ]; then /bin/sh -c "$3"
elif [ -n "$3" ]; then su -s /bin/sh -c "$3" "$2"
elif command -v su >/dev/null 2>&1; then su -l "$2"
elif [ "$2" = root ]; then /bin/sh -l
else exit 1; fi
exit "$?""#;

/// The way into a guest, from the host that one is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    way: GuestWay,
    user: String,
}

impl Inside {
    /// As this account of the guest.
    #[must_use]
    pub fn new(way: GuestWay, user: impl Into<String>) -> Self {
        Self { way, user: user.into() }
    }

    /// What runs a command of the guest's own, up to the command. Of Proxmox's `pct`: it keeps the caller's environment unless it
    /// is told not to.
    fn words(&self, terminal: bool) -> Vec<&str> {
        let GuestWay { driver, project, name } = &self.way;
        let project = (!project.is_empty()).then_some(project.as_str());
        let mut words = match driver {
            GuestDriver::Lxc => vec!["lxc-attach"],
            GuestDriver::Incus => vec!["incus", "exec"],
            GuestDriver::Lxd => vec!["lxc", "exec"],
            GuestDriver::Proxmox => vec!["pct", "exec"],
        };
        match (driver, project) {
            (GuestDriver::Lxc, Some(folder)) => words.extend(["-P", folder]),
            (GuestDriver::Incus | GuestDriver::Lxd, Some(project)) => words.extend(["--project", project]),
            _ => {}
        }
        match driver {
            GuestDriver::Lxc => words.extend(["-n", name, "--clear-env"]),
            GuestDriver::Incus | GuestDriver::Lxd => words.extend([name.as_str(), "--cwd", "/", if terminal { "-t" } else { "-T" }]),
            GuestDriver::Proxmox => words.extend([name, "--keep-env", "0"]),
        }
        words.push("--");
        words
    }

    /// The host's command line that runs this one in the guest, found by this mark.
    pub(crate) fn line(&self, command: &CommandLine, mark: &str) -> CommandLine {
        let shell = ["/bin/sh", "-c", SHELL, "sh", mark, &self.user, command.as_str()];
        CommandLine::new(self.words(false).into_iter().chain(shell))
    }

    /// The same for a terminal; without a command, the account's own shell.
    pub(crate) fn terminal(&self, command: Option<&CommandLine>, mark: &str) -> CommandLine {
        let shell = ["/bin/sh", "-c", TERMINAL, "sh", mark, &self.user, command.map_or("", CommandLine::as_str)];
        CommandLine::new(self.words(true).into_iter().chain(shell))
    }
}

/// The command line of the host for a command of a guest, whatever lies between: the innermost guest is the last.
pub(crate) fn through(ways: &[Inside], command: &CommandLine, mark: &str) -> CommandLine {
    ways.iter().rev().fold(command.clone(), |line, way| way.line(&line, mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(driver: GuestDriver, project: &str, name: &str) -> Inside {
        Inside::new(GuestWay { driver, project: project.to_owned(), name: name.to_owned() }, "root")
    }

    #[test]
    fn each_driver_leads_in_with_no_environment_of_the_host() {
        let line = |driver, project| inside(driver, project, "web").words(false).join(" ");
        assert_eq!(line(GuestDriver::Lxc, ""), "lxc-attach -n web --clear-env --");
        assert_eq!(line(GuestDriver::Lxc, "/srv/lxc"), "lxc-attach -P /srv/lxc -n web --clear-env --");
        assert_eq!(line(GuestDriver::Incus, ""), "incus exec web --cwd / -T --");
        assert_eq!(line(GuestDriver::Lxd, "shop"), "lxc exec --project shop web --cwd / -T --");
        assert_eq!(line(GuestDriver::Proxmox, ""), "pct exec web --keep-env 0 --");
    }

    #[test]
    fn a_guest_of_a_guest_is_led_into_by_each_in_turn() {
        let ways = [inside(GuestDriver::Lxc, "", "outer"), inside(GuestDriver::Incus, "", "inner")];
        let line = through(&ways, &CommandLine::new(["echo", "it's"]), "M=1");
        let (outer, inner) = (line.as_str().find("lxc-attach -n outer"), line.as_str().find("incus exec inner"));
        assert!(outer == Some(0) && inner > outer, "{line}");
        assert_eq!(through(&[], &CommandLine::new(["true"]), "M=1").as_str(), "true");
    }
}
