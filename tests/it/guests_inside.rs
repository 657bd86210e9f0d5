//! Commands, terminals and streams in real guests of classic LXC, Incus and LXD, whose userland is busybox: no SSH in them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use beffroi_tests::{ContainerHost, Containers, OnTerminal, Sandbox, send, until};
use serde_json::Value;

/// Hosts of the lab, each with a guest `web` that runs, and what leads into it.
const HOSTS: [(&str, &str); 3] =
    [("lxc-1", "lxc-attach -n web --clear-env --"), ("incus-1", "incus exec web -T --"), ("lxd-1", "lxc exec web -T --")];

/// The vault knows each host twice: as root, and as an account that is root by sudo.
pub(crate) struct Inside {
    lab: Containers,
    pub(crate) sandbox: Sandbox,
}

impl Inside {
    pub(crate) fn up() -> Option<Self> {
        let lab = Containers::up(&HOSTS.map(|(host, _)| host))?;
        let sandbox = Sandbox::with_vault();
        lab.known_to(&sandbox, &HOSTS.map(|(host, _)| host));
        for (name, _) in HOSTS {
            let host = lab.host(name).login("ops");
            let port = host.port.to_string();
            let to = ["host", "add", &format!("ops-{name}"), &host.address, "--port", &port, "--user", &host.user];
            let how = ["--sudo", "without-password", "--trust", &host.fingerprint, "--identity", "key"];
            drop(sandbox.beffroi(&[&to[..], &how].concat()).success());
        }
        Some(Self { lab, sandbox })
    }

    /// Every way into every guest: its name, and its host.
    pub(crate) fn each(&self) -> Vec<(String, &ContainerHost, &'static str)> {
        let both =
            HOSTS.iter().flat_map(|(host, enter)| ["", "ops-"].map(|prefix| (format!("{prefix}{host}/web"), self.lab.host(host), *enter)));
        both.collect()
    }

    #[track_caller]
    fn run(&self, guest: &str, command: &str) -> Value {
        let mut data = self.sandbox.json(&["run", "--on", guest, "--", command]).data("run");
        data["results"][0].take()
    }

    #[track_caller]
    pub(crate) fn said(&self, guest: &str, command: &str) -> String {
        self.sandbox.beffroi(&["run", "--on", guest, "--", command]).success().stdout
    }
}

/// Bytes that nothing makes smaller.
pub(crate) fn content(size: usize) -> Vec<u8> {
    let mut state = 5_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..size).map(next).collect()
}

/// A terminal in which a shell of the guest answers.
#[track_caller]
pub(crate) fn entered(sandbox: &Sandbox, guest: &str) -> OnTerminal {
    let terminal = sandbox.in_terminal(&["shell", guest]);
    until("a terminal that hands on every key", || (!terminal.is_usual()).then_some(()));
    // What leads in may drop what was typed before it had the terminal.
    until("the guest's shell", || {
        terminal.type_in("echo up $((1+1))\r");
        terminal.shown().contains("up 2").then_some(())
    });
    terminal
}

#[test]
fn commands_end_as_they_say_see_nothing_of_the_host_and_end_when_nobody_waits() {
    let Some(inside) = Inside::up() else { return };
    for (guest, host, _) in inside.each() {
        assert_eq!(inside.run(&guest, "exit 7")["exit_code"], 7, "{guest}");
        // A shell tells of a signal by its number.
        assert_eq!(inside.run(&guest, "kill -TERM $$")["exit_code"], 143, "{guest}");
        let environment = inside.said(&guest, "env");
        let mut names: Vec<&str> = environment.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        // What a shell sets by itself, and what the driver gives each command.
        names.retain(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_" | "container" | "LANG"));
        names.sort_unstable();
        assert_eq!(names, ["BEFFROI_CHANNEL", "HOME", "LOGNAME", "PATH", "SHELL", "USER"], "{guest}: {environment}");
        assert_eq!(inside.said(&guest, "cd; pwd; id -u"), "/root\n0\n", "{guest}");
        let much = inside.said(&guest, "yes 0123456789 | head -n 80000; echo end");
        assert_eq!((much.matches("0123456789\n").count(), much.ends_with("end\n")), (80_000, true), "{guest}");

        let sleep = format!("sleep 4{}.{}", std::process::id(), guest.len());
        drop(inside.sandbox.beffroi(&["run", "--timeout", "2", "--on", &guest, "--", &format!("{sleep} & {sleep}; :")]).exit(1));
        // Told when it was ended, not before.
        let left = host.exec(&format!("pgrep -fc '^{sleep}$' || :"));
        assert_eq!(left.trim(), "0", "{guest}");
    }
}

#[test]
fn a_terminal_has_the_size_of_the_window_and_ends_as_its_shell() {
    let Some(inside) = Inside::up() else { return };
    for (guest, host, _) in inside.each() {
        let mut terminal = entered(&inside.sandbox, &guest);
        terminal.type_in("echo ready $((6*7)); stty size; id -un; echo $TERM\r");
        let shown = terminal.wait_for("xterm-256color");
        assert!(shown.contains("ready 42") && shown.contains("24 80") && shown.contains("root"), "{guest}: {shown}");
        terminal.resize(132, 50);
        until("the other size in the guest", || {
            terminal.type_in("stty size; echo asked $((6*7))\r");
            terminal.wait_for("asked 42").contains("50 132").then_some(())
        });
        terminal.type_in("exit 3\r");
        assert_eq!((terminal.wait(), terminal.is_usual()), (Some(3), true), "{guest}: {}", terminal.shown());

        // What runs in one that is closed is ended in the guest.
        let sleep = format!("5{}.{}", std::process::id(), guest.len());
        let count = || host.exec(&format!("pgrep -fc '^sleep {sleep}$' || :")).trim().to_owned();
        let mut terminal = entered(&inside.sandbox, &guest);
        terminal.type_in(&format!("sleep {sleep}\r"));
        until("the command in the guest", || (count() == "1").then_some(()));
        send("TERM", terminal.pid());
        assert_eq!(terminal.wait(), Some(143), "{guest}");
        until("its end", || (count() == "0").then_some(()));
    }
}

#[test]
fn a_port_here_leads_to_what_listens_in_the_guest() {
    let Some(inside) = Inside::up() else { return };
    for (guest, host, enter) in inside.each() {
        host.exec(&format!("{enter} sh -c 'nc -ll -p 7007 -e /bin/cat >/dev/null 2>&1 </dev/null &'"));
        let mut tunnel = inside.sandbox.start(&["tunnel", &guest, "-L", "127.0.0.1:7007"]);
        let line = tunnel.first_line();
        let port: u16 = line.trim_start_matches("127.0.0.1:").split(' ').next().and_then(|port| port.parse().ok()).expect("a port");
        for size in [5, 3_000_000] {
            let sent = content(size);
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
            stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
            let (mut sending, bytes) = (stream.try_clone().expect("a second handle"), sent.clone());
            let sender = std::thread::spawn(move || sending.write_all(&bytes));
            let mut answer = vec![0; size];
            stream.read_exact(&mut answer).expect("answered");
            sender.join().expect("no panic").expect("sent");
            assert!(answer == sent, "{guest}");
        }
        tunnel.interrupt();
        drop(tunnel.wait().success());
        host.exec(&format!("{enter} sh -c 'killall nc'"));
    }
}
