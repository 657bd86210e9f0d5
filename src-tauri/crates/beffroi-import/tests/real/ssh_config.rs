//! What `ssh -G` says of a configuration is what is read of it: for written ones, and for hundreds that are generated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use beffroi_import::{Format, Host, Parsed, Reading, Source, Unlock, Work, read};

use crate::{Tool, tool};

/// What counts for a name, by the words of `ssh -G`.
type Said = BTreeMap<String, Vec<String>>;

/// Settings that are compared.
const COMPARED: &[&str] = &[
    "hostname",
    "user",
    "port",
    "proxyjump",
    "proxycommand",
    "identityfile",
    "certificatefile",
    "hostkeyalias",
    "forwardagent",
    "compression",
    "serveraliveinterval",
    "setenv",
];

fn said_by_ssh(ssh: &Tool, config: &Path, alias: &str) -> Said {
    let printed = ssh.run([Path::new("-G"), Path::new("-F"), config, Path::new(alias)], "");
    let mut said = Said::new();
    for line in String::from_utf8(printed).expect("text").lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        if COMPARED.contains(&name) {
            // It puts numbers of addresses into brackets.
            let value = if name == "proxyjump" { value.replace(['[', ']'], "") } else { value.to_owned() };
            said.entry(name.to_owned()).or_default().push(value);
        }
    }
    said
}

fn said_here(host: &Host) -> Said {
    let mut said =
        Said::from([("hostname".to_owned(), vec![host.address.clone()]), ("port".to_owned(), vec![host.port.unwrap_or(22).to_string()])]);
    let mut add = |name: &str, value: String| said.entry(name.to_owned()).or_default().push(value);
    if let Some(user) = &host.user {
        add("user", user.clone());
    }
    if !host.jump.is_empty() {
        add("proxyjump", host.jump.join(",").replace(['[', ']'], ""));
    }
    for (name, value) in &host.notes {
        let name = name.to_ascii_lowercase();
        if COMPARED.contains(&name.as_str()) {
            add(&name, value.clone());
        }
    }
    said
}

fn parsed(folder: &Path) -> Parsed {
    let source = Source::open(folder).expect("a folder");
    let text = fs::read_to_string(folder.join("config")).expect("a configuration");
    let read = read(Format::SshFolder, &Reading { source: &source, unlock: &Unlock::default(), work: &Work::default() });
    read.unwrap_or_else(|error| unreadable(&error.to_string(), &text))
}

#[expect(clippy::panic, reason = "a test that failed")]
fn unreadable(error: &str, text: &str) -> ! {
    panic!("{error}:\n{text}")
}

/// Compares every name of a folder's configuration. Gives how many.
fn compare(ssh: &Tool, folder: &Path) -> usize {
    let parsed = parsed(folder);
    for host in &parsed.hosts {
        let (here, mut there) = (said_here(host), said_by_ssh(ssh, &folder.join("config"), &host.name));
        // What ssh prints of its own where nothing is said.
        for own in ["user", "identityfile", "forwardagent", "compression", "serveraliveinterval"] {
            if !here.contains_key(own) {
                there.remove(own);
            }
        }
        assert_eq!(here, there, "{}:\n{}", host.name, everything(folder));
    }
    parsed.hosts.len()
}

/// All files of a folder.
fn everything(folder: &Path) -> String {
    let source = Source::open(folder).expect("a folder");
    let text = |name: &String| format!("--- {name}\n{}", fs::read_to_string(folder.join(name)).unwrap_or_default());
    source.files().expect("files").iter().map(text).collect()
}

fn folder(ssh: &Tool, files: &[(&str, &str)]) -> std::path::PathBuf {
    let root = ssh.home().join(".ssh");
    let _ = fs::remove_dir_all(&root);
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}

#[test]
fn quotes_equals_signs_negation_and_the_first_value() {
    let Some(ssh) = tool("ssh") else { return };
    let text = "# first\nUser=global\nHost web-1 \"web-2\"\n\tHostName = \"Web-1.Example.org\"\n  Port=2222\n  IdentityFile '~/my keys/a' # why\n\
                IdentityFile ~/b\\ c\n  IdentityFile ~/b\\ c\nhost web-* !web-3\n user other\n ForwardAgent yes\n ProxyCommand nc -x \"a b\" %h %p # kept\n\
                Host web-3\n ProxyJump hop@bastion:2200,[2001:db8::1]:22\n ProxyCommand none\nHost 2001:DB8::5\n\
                Host CaSe\n HostName %h.Lan\nHost case\n Port 7\nHost *\n Compression yes\n SetEnv A=1\n HostKeyAlias fallback\n";
    let root = folder(&ssh, &[("config", text)]);
    assert_eq!(compare(&ssh, &root), 5 + 1);
}

#[test]
fn match_and_its_second_pass() {
    let Some(ssh) = tool("ssh") else { return };
    let text = "Match final host *.internal\n User final-user\n Port 99\nMatch originalhost a,b user !nobody\n HostName %h.internal\n\
                Host a\n CertificateFile ~/a-cert.pub\nMatch user root,deploy localuser *\n ForwardAgent yes\nMatch !host c.* all\n Compression yes\n\
                Match all\n ServerAliveInterval 5\nMatch host \"b.internal,!a.internal\" # why\n HostKeyAlias shared\nHost *.internal\n Compression no\nHost c\n HostName c.d\n";
    let root = folder(&ssh, &[("config", text)]);
    assert_eq!(compare(&ssh, &root), 3);
}

#[test]
fn what_is_run_or_decided_later_never_holds() {
    let Some(ssh) = tool("ssh") else { return };
    let ran = ssh.home().join("ran");
    let text = format!("Host a\n Port 3\nMatch exec \"touch {0}\"\n User evil\nMatch !exec \"touch {0}\"\n User worse\n", ran.display());
    let parsed = parsed(&folder(&ssh, &[("config", &text)]));
    assert!(!ran.exists());
    assert_eq!(parsed.hosts.first().and_then(|host| host.user.clone()), None);
    assert_eq!(
        parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
        [("config:3", "match-exec"), ("config:5", "match-exec")]
    );
}

/// A generator that needs no library: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

fn generated(dice: &mut Dice, root: &Path, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..6 + dice.roll(10) {
        let indent = dice.of(&["", "  ", "\t"]);
        let equals = dice.of(&[" ", " ", "=", " = ", "\t"]);
        match dice.roll(16) {
            0 | 1 => {
                let patterns: Vec<&str> = (0..1 + dice.roll(3))
                    .map(|_| dice.of(&["a", "b", "Web", "web-1", "web-*", "!web-1", "w?b", "*", "!b", "*.lan", "\"a\""]))
                    .collect();
                let _ = writeln!(text, "{}{equals}{}", dice.of(&["Host", "host", "HOST"]), patterns.join(" "));
            }
            2 | 3 => {
                let mut criteria = String::new();
                for _ in 0..1 + dice.roll(2) {
                    let negated = dice.of(&["", "", "!"]);
                    let _ = match dice.roll(5) {
                        0 => write!(criteria, "{negated}host {} ", dice.of(&["a", "*.lan,b", "web-*,!web-1", "\"a,b\""])),
                        1 => write!(criteria, "{negated}originalhost {} ", dice.of(&["a,b", "web-1", "*"])),
                        2 => write!(criteria, "{negated}user {} ", dice.of(&["root", "alice,bob", "!root,*"])),
                        3 => write!(criteria, "{negated}localuser {} ", dice.of(&["*", "nobody-here"])),
                        _ => write!(criteria, "{negated}final "),
                    };
                }
                let _ = writeln!(text, "{indent}Match {}{}", if dice.roll(6) == 0 { "all" } else { &criteria }, dice.of(&["", " # said"]));
            }
            4 if depth < 2 => {
                let name = format!("part-{depth}-{}.conf", dice.roll(4));
                let inside = generated(dice, root, depth + 1);
                fs::write(root.join(&name), inside).expect("written");
                let pattern = dice.of(&["part-1-[0-9].conf", "part-*-0.conf", "gone"]);
                let written = if dice.roll(3) == 0 && depth == 0 { pattern } else { &name };
                // Only downwards: what includes itself is refused by both.
                if written == name || pattern.starts_with("part-1") && depth == 0 || pattern == "gone" {
                    let _ = writeln!(text, "{indent}Include{equals}{}/{written}", root.display());
                }
            }
            5 => drop(writeln!(text, "{indent}HostName{equals}{}", dice.of(&["%h.lan", "192.0.2.7", "X.example.org", "b", "\"c.lan\""]))),
            6 => drop(writeln!(text, "{indent}User{equals}{}", dice.of(&["root", "alice", "\"bob\""]))),
            7 => drop(writeln!(text, "{indent}Port{equals}{}", 1 + dice.roll(65_000))),
            8 => drop(writeln!(text, "{indent}ProxyJump{equals}{}", dice.of(&["none", "bastion", "u@one:22,two", "hop@three"]))),
            9 => drop(writeln!(text, "{indent}ProxyCommand{equals}{}", dice.of(&["none", "nc -q0 %h %p", "sh -c \"a b\" # c"]))),
            10 => drop(writeln!(text, "{indent}IdentityFile{equals}{}", dice.of(&["~/.ssh/k1", "/keys/%h", "\"~/a b\"", "~/a\\ b"]))),
            11 => drop(writeln!(text, "{indent}CertificateFile{equals}{}", dice.of(&["~/c1", "~/c2"]))),
            12 => drop(writeln!(text, "{indent}HostKeyAlias{equals}{}", dice.of(&["one", "two"]))),
            13 => drop(writeln!(text, "{indent}{}{equals}{}", dice.of(&["ForwardAgent", "compression"]), dice.of(&["yes", "no"]))),
            14 => drop(writeln!(text, "{indent}ServerAliveInterval{equals}{}", dice.roll(90) + 1)),
            _ => drop(writeln!(text, "{indent}{}", dice.of(&["", "# comment", "#Host x", "Compression yes # why"]))),
        }
    }
    text
}

#[test]
fn hundreds_of_generated_ones() {
    let Some(ssh) = tool("ssh") else { return };
    let (mut dice, mut compared) = (Dice(0x2545_f491_4f6c_dd1d), 0);
    for _ in 0..300 {
        let root = folder(&ssh, &[("config", "")]);
        let text = generated(&mut dice, &root, 0);
        fs::write(root.join("config"), format!("{text}Host a\nHost Web web-1\n")).expect("written");
        compared += compare(&ssh, &root);
    }
    assert!(compared > 900, "{compared}");
}

#[test]
fn what_is_written_is_what_ssh_reads() {
    let Some(ssh) = tool("ssh") else { return };
    let host = |name: &str, address: &str, port: Option<u16>, user: Option<&str>, jump: &[&str]| Host {
        name: name.to_owned(),
        address: address.to_owned(),
        port,
        user: user.map(str::to_owned),
        jump: jump.iter().map(|hop| (*hop).to_owned()).collect(),
        ..Host::default()
    };
    let hosts = vec![
        host("web-1", "web-1.example.org", Some(2222), Some("root"), &["bastion"]),
        host("bastion", "192.0.2.1", None, Some("hop"), &[]),
        host("six", "2001:db8::5", None, Some("DOMAIN\\\"o'neil # x"), &["bastion", "u@192.0.2.9:2200"]),
        host("percent", "fe80::1%eth0", None, None, &[]),
    ];
    let refused = [
        host("a b", "x", None, None, &[]),
        host("*", "x", None, None, &[]),
        host("line", "x\n  ProxyCommand touch /tmp/x", None, None, &[]),
        host("!no", "x", None, None, &[]),
        host("-oProxyCommand=x", "x", None, None, &[]),
        host("jump", "x", None, None, &["none"]),
        host("jump-2", "x", None, None, &["b #c"]),
        host("jump-3", "x", None, None, &["u=v@b"]),
        host("jump-4", "x", None, None, &["%h"]),
        host("user", "x", None, Some("-l"), &[]),
        host("empty", "", None, None, &[]),
    ];
    let parsed = Parsed { hosts: hosts.iter().chain(&refused).cloned().collect(), ..Parsed::default() };
    let written = beffroi_import::write::ssh_config::write(&parsed);
    assert_eq!(written.refused.len(), refused.len(), "{:?}", written.refused);
    let root = folder(&ssh, &[("config", &written.text)]);
    assert_eq!(compare(&ssh, &root), hosts.len());
    for host in &hosts {
        let said = said_by_ssh(&ssh, &root.join("config"), &host.name);
        let one = |name: &str| said.get(name).and_then(|values| values.first()).cloned();
        assert_eq!(one("hostname").as_ref(), Some(&host.address));
        assert_eq!(one("port"), Some(host.port.unwrap_or(22).to_string()));
        assert!(host.user.is_none() || one("user") == host.user, "{:?}", one("user"));
        assert_eq!(one("proxyjump"), (!host.jump.is_empty()).then(|| host.jump.join(",")));
    }
}
