use beffroi_survey::facts::{
    Account, AuthorizedKey, Certificate, Disk, Firewall, FirewallKind, Listener, Password, Protocol, Reboot, Sudo, SudoRule, Upgrade,
    Upgrades,
};
use beffroi_yunohost::facts::{Backup, Part};

use super::*;

const NOW: i64 = 1_795_320_000;

/// A host of which everything is known and nothing is to be done.
fn well() -> Facts {
    let text = |pairs: &[(&str, &str)]| Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let account = |name: &str, uid| Account { name: name.to_owned(), uid, password: Some(Password::Set), ..Account::default() };
    let listener = |address: &str, port| Listener { protocol: Protocol::Tcp, address: address.to_owned(), port, process: None };
    Facts {
        os_id: Some("debian".to_owned()),
        os_version: Some("12".to_owned()),
        clock_seconds: u64::try_from(NOW).ok(),
        clock_synchronised: Some(true),
        virtualisation: Some("kvm".to_owned()),
        sshd: text(&[
            ("passwordauthentication", "no"),
            ("kbdinteractiveauthentication", "no"),
            ("permitrootlogin", "prohibit-password"),
            ("permitemptypasswords", "no"),
            ("port", "22"),
            ("ciphers", "aes256-gcm@openssh.com,aes256-ctr"),
        ]),
        authorized_keys: Some(vec![key("ssh-ed25519", None, "SHA256:known")]),
        accounts: Some(vec![account("root", 0), account("anna", 1000)]),
        sudo: Some(Sudo { members: Vec::new(), rules: Some(Vec::new()) }),
        loose_files: Some(Vec::new()),
        firewall: Some(Firewall {
            kind: FirewallKind::Nftables,
            rules: Some(9),
            input_policies: [("inet filter input".to_owned(), "drop".to_owned())].into(),
            ufw: None,
        }),
        listeners: Some(vec![listener("0.0.0.0", 22), listener("127.0.0.1", 3306), listener("::1", 9)]),
        watched_services: Some([("fail2ban".to_owned(), true)].into()),
        automatic_upgrades: Some(true),
        upgrades: Some(Upgrades {
            state: "apt 1 1".to_owned(),
            lists_seconds: u64::try_from(NOW).unwrap_or(0) - 3600,
            packages: vec![Upgrade { name: "vim".to_owned(), ..Upgrade::default() }],
        }),
        reboot: Some(Reboot::default()),
        certificates: Some(vec![certificate(90)]),
        disks: Some(vec![Disk { mount: "/".to_owned(), total_bytes: 100, available_bytes: 50, ..Disk::default() }]),
        hardening: text(&[("kernel.randomize_va_space", "2"), ("vulnerability.spectre_v1", "Mitigation: barriers")]),
        ..Facts::default()
    }
}

fn key(algorithm: &str, bits: Option<u32>, fingerprint: &str) -> AuthorizedKey {
    let (account, fingerprint) = ("root".to_owned(), fingerprint.to_owned());
    AuthorizedKey { account, algorithm: algorithm.to_owned(), bits, fingerprint, ..AuthorizedKey::default() }
}

fn certificate(days: i64) -> Certificate {
    Certificate { names: vec!["a.test".to_owned()], not_after_seconds: NOW + days * 86_400 + 60, ..Certificate::default() }
}

/// A YunoHost of which everything is known and nothing is to be done.
fn yunohost() -> YunohostFacts {
    let (mut facts, _) = YunohostFacts::from_part(b"", Some(0), false, 0).expect("a YunoHost");
    let settings = [
        ("admin_strength", "3"),
        ("nginx_compatibility", "modern"),
        ("nginx_redirect_to_https", "yes"),
        ("postfix_compatibility", "intermediate"),
        ("ssh_compatibility", "modern"),
        ("webadmin_allowlist_enabled", "yes"),
    ];
    facts.settings = Some(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    facts.apps = Part::Read { value: BTreeMap::new() };
    let backup = Backup { created_at: Some("2026-11-20T00:00:00Z".to_owned()), ..Backup::default() };
    facts.backups = Part::Read { value: [("daily".to_owned(), backup)].into() };
    facts
}

fn checks(facts: &Facts, yunohost: Option<&YunohostFacts>) -> BTreeMap<&'static str, Checked> {
    let known_keys = ["SHA256:known".to_owned()].into();
    let seen = Seen { facts, yunohost, skew: Some(0), now: NOW, known_keys: &known_keys, kept_ms: None };
    checked(&seen).into_iter().map(|checked| (checked.id, checked)).collect()
}

fn said(checked: &Checked) -> (Verdict, &str) {
    let what = checked.found.as_ref().and_then(|found| found.values.first()).map_or("", |(_, what)| what.as_str());
    (checked.verdict, what)
}

/// A change makes one check fail, and that one only, with these words.
fn fails(id: &str, what: &str, change: impl Fn(&mut Facts)) {
    let mut facts = well();
    change(&mut facts);
    let checks = checks(&facts, Some(&yunohost()));
    let failed: Vec<_> = checks.values().filter(|checked| checked.verdict == Verdict::ToDo).map(|checked| checked.id).collect();
    assert_eq!(failed, [id]);
    assert_eq!(said(&checks[id]), (Verdict::ToDo, what));
    assert!(checks[id].remedy.is_some(), "{id}");
}

/// A change makes a check say that it does not know.
fn unknown(id: &str, why: &str, change: impl Fn(&mut Facts)) {
    let mut facts = well();
    change(&mut facts);
    let checked = checks(&facts, Some(&yunohost())).remove(id).expect(id);
    assert_eq!((checked.verdict, checked.found.map(|found| found.key)), (Verdict::Unknown, Some(why)), "{id}");
    assert!(checked.fix.is_none(), "{id}: what is not known is not mended");
}

#[test]
fn a_host_that_is_well_has_nothing_to_do() {
    let checks = checks(&well(), Some(&yunohost()));
    assert!(checks.values().all(|checked| checked.verdict == Verdict::Ok && checked.remedy.is_none()), "{checks:?}");
    assert_eq!(checks.len(), hardening_checks().count(), "every check says something, and none has the name of another");
}

#[test]
fn nothing_that_was_not_read_is_taken_for_well() {
    let checks_of = checks;
    let checks = checks_of(&Facts::default(), None);
    assert!(checks.values().all(|checked| checked.verdict == Verdict::Unknown), "{checks:?}");
    assert!(checks.keys().all(|id| !id.starts_with("ynh-")), "no YunoHost, no settings of it");
    let (unread, _) = YunohostFacts::from_part(b"", Some(0), false, 0).expect("a YunoHost");
    let checks = checks_of(&Facts::default(), Some(&unread));
    assert!(checks.values().all(|checked| checked.verdict == Verdict::Unknown), "{checks:?}");
}

#[test]
fn the_ssh_server() {
    let set = |name: &'static str, value: &'static str| {
        move |facts: &mut Facts| {
            facts.sshd.as_mut().expect("settings").insert(name.to_owned(), value.to_owned());
        }
    };
    fails("ssh-root", "permitrootlogin yes", set("permitrootlogin", "yes"));
    fails("ssh-loose", "permitemptypasswords yes", set("permitemptypasswords", "yes"));
    fails("ssh-loose", "strictmodes no", set("strictmodes", "no"));
    fails("ssh-algorithms", "aes128-cbc, arcfour", set("ciphers", "aes256-ctr,arcfour,aes128-cbc"));
    fails("ssh-algorithms", "ssh-rsa", set("hostkeyalgorithms", "rsa-sha2-512,ssh-rsa"));
    fails("ssh-passwords", "kbdinteractiveauthentication yes", |facts| {
        set("kbdinteractiveauthentication", "yes")(facts);
        set("port", "2222")(facts);
    });
    let mut open = well();
    set("passwordauthentication", "yes")(&mut open);
    let found = checks(&open, Some(&yunohost()));
    assert_eq!((found["ssh-passwords"].verdict, found["ssh-port"].verdict), (Verdict::ToDo, Verdict::ToDo));
    let given = [("setting", "security.ssh.ssh_password_authentication"), ("value", "no")];
    let given = given.map(|(name, value)| (name, FixValue::Text(value.to_owned()))).into();
    assert_eq!(found["ssh-passwords"].fix, Some(Fix::Yunohost { operation: "settings-set", given }));
    assert_eq!(checks(&open, None)["ssh-passwords"].fix, None);
    // A key is asked for as well.
    set("authenticationmethods", "publickey,password publickey")(&mut open);
    assert_eq!(checks(&open, None)["ssh-passwords"].verdict, Verdict::Ok);
    set("authenticationmethods", "publickey password")(&mut open);
    assert_eq!(checks(&open, None)["ssh-passwords"].verdict, Verdict::ToDo);
    for id in ["ssh-passwords", "ssh-root", "ssh-loose", "ssh-algorithms", "ssh-port"] {
        unknown(id, "hardening.unknown-not-readable", |facts| {
            facts.missing.insert(Area::Sshd, Missing::NotReadable);
        });
    }
}

#[test]
fn keys_of_accounts() {
    let with = |key: AuthorizedKey| move |facts: &mut Facts| facts.authorized_keys = Some(vec![key.clone()]);
    fails("ssh-weak-keys", "root: ssh-rsa 2048 SHA256:known", with(key("ssh-rsa", Some(2048), "SHA256:known")));
    fails("ssh-weak-keys", "root: ssh-dss SHA256:known", with(key("ssh-dss", None, "SHA256:known")));
    fails("ssh-unknown-keys", "root: SHA256:other", with(key("ssh-rsa", Some(4096), "SHA256:other")));
    unknown("ssh-weak-keys", "hardening.unknown", with(key("ssh-rsa", None, "SHA256:known")));
    for id in ["ssh-weak-keys", "ssh-unknown-keys"] {
        unknown(id, "hardening.unknown-not-readable", |facts| {
            facts.missing.insert(Area::AuthorizedKeys, Missing::NotReadable);
        });
    }
}

#[test]
fn accounts_and_what_makes_them_root() {
    let account = |change: fn(&mut Account)| move |facts: &mut Facts| change(&mut facts.accounts.as_mut().expect("accounts")[1]);
    fails("root-accounts", "anna", account(|anna| anna.uid = 0));
    fails("empty-passwords", "anna", account(|anna| anna.password = Some(Password::Empty)));
    fails("root-groups", "anna: docker", account(|anna| anna.groups = vec!["anna".to_owned(), "docker".to_owned()]));
    fails("sudo-passwords", "ops ALL=NOPASSWD: ALL (/etc/sudoers.d/ops)", |facts| {
        let (file, who, rule) = ("/etc/sudoers.d/ops".to_owned(), "ops".to_owned(), "ops ALL=NOPASSWD: ALL".to_owned());
        let rules = Some(vec![SudoRule { file, who, rule, no_password: true }]);
        facts.sudo = Some(Sudo { members: Vec::new(), rules });
    });
    fails("loose-files", "/etc/cron.d/x", |facts| facts.loose_files = Some(vec!["/etc/cron.d/x".to_owned()]));
    unknown("empty-passwords", "hardening.unknown", |facts| facts.accounts.as_mut().expect("accounts")[0].password = None);
    unknown("sudo-passwords", "hardening.unknown-not-readable", |facts| {
        facts.sudo = Some(Sudo::default());
        facts.missing.insert(Area::Sudo, Missing::NotReadable);
    });
    unknown("root-accounts", "hardening.unknown-cut", |facts| {
        facts.missing.insert(Area::Accounts, Missing::Cut);
    });
    unknown("loose-files", "hardening.unknown", |facts| facts.loose_files = None);
}

#[test]
fn what_reaches_a_machine() {
    let policy = |facts: &mut Facts, policy: &str, rules| {
        let firewall = facts.firewall.as_mut().expect("a firewall");
        (firewall.rules, firewall.input_policies) = (Some(rules), [("inet filter input".to_owned(), policy.to_owned())].into());
    };
    let listens = |facts: &mut Facts, port| {
        let address = "::".to_owned();
        facts.listeners.as_mut().expect("listeners").push(Listener {
            protocol: Protocol::Tcp,
            address,
            port,
            process: Some("x".to_owned()),
        });
    };
    fails("firewall", "accept", |facts| policy(facts, "accept", 0));
    fails("guessing", "crowdsec, fail2ban, sshguard", |facts| facts.watched_services = Some([("fail2ban".to_owned(), false)].into()));
    fails("guessing", "crowdsec, fail2ban, sshguard", |facts| facts.watched_services = Some(BTreeMap::new()));
    unknown("firewall", "hardening.unknown", |facts| policy(facts, "accept", 3));
    unknown("firewall", "hardening.unknown-not-readable", |facts| {
        facts.firewall = None;
        facts.missing.insert(Area::Firewall, Missing::NotReadable);
    });
    unknown("exposed-services", "hardening.behind-filter", |facts| listens(facts, 3306));
    unknown("open-ports", "hardening.behind-filter", |facts| listens(facts, 7777));
    let mut facts = well();
    policy(&mut facts, "accept", 0);
    listens(&mut facts, 3306);
    listens(&mut facts, 7777);
    let found = checks(&facts, None);
    assert_eq!(said(&found["exposed-services"]), (Verdict::ToDo, "tcp 3306 x"));
    assert_eq!(said(&found["open-ports"]), (Verdict::ToDo, "tcp 7777 x"));
    facts.sshd.as_mut().expect("settings").insert("port".to_owned(), "22 7777".to_owned());
    assert_eq!(checks(&facts, None)["open-ports"].verdict, Verdict::Ok, "SSH is expected where it listens");
}

#[test]
fn what_a_machine_lacks() {
    let package = |name: &str| Upgrade { name: name.to_owned(), candidate: "2".to_owned(), security: true, ..Upgrade::default() };
    fails("supported-system", "debian 11", |facts| facts.os_version = Some("11".to_owned()));
    fails("security-upgrades", "openssl 2", |facts| facts.upgrades.as_mut().expect("upgrades").packages.push(package("openssl")));
    fails("package-lists", "9", |facts| facts.upgrades.as_mut().expect("upgrades").lists_seconds -= 9 * 86_400);
    fails("automatic-upgrades", "unattended-upgrades", |facts| facts.automatic_upgrades = Some(false));
    fails("restart", "linux-image-amd64", |facts| {
        facts.reboot = Some(Reboot { required: true, packages: vec!["linux-image-amd64".to_owned()] });
    });
    fails("clock", "NTP", |facts| facts.clock_synchronised = Some(false));
    fails("certificates", "a.test (13)", |facts| facts.certificates = Some(vec![certificate(90), certificate(13)]));
    fails("certificates", "a.test (-2)", |facts| facts.certificates = Some(vec![certificate(-2)]));
    fails("disk", "/ 95 %", |facts| facts.disks.as_mut().expect("disks")[0].available_bytes = 5);
    fails("kernel-settings", "kernel.randomize_va_space = 0", |facts| {
        facts.hardening = Some([("kernel.randomize_va_space".to_owned(), "0".to_owned())].into());
    });
    fails("processor", "mds", |facts| {
        facts.hardening = Some([("vulnerability.mds".to_owned(), "Vulnerable: no microcode".to_owned())].into());
    });
    unknown("supported-system", "hardening.unknown", |facts| facts.os_id = Some("alpine".to_owned()));
    unknown("security-upgrades", "hardening.unknown-no-tool", |facts| {
        facts.upgrades = None;
        facts.missing.insert(Area::Packages, Missing::NoTool);
    });
    unknown("clock", "hardening.unknown", |facts| facts.clock_synchronised = None);
    let mut container = well();
    container.virtualisation = Some("lxc".to_owned());
    container.hardening = Some([("kernel.randomize_va_space".to_owned(), "0".to_owned())].into());
    assert!(!checks(&container, None).contains_key("kernel-settings"), "that is its parent's");
}

#[test]
fn backups_are_of_the_host_or_brought_here() {
    let facts = well();
    let mut host = yunohost();
    let judged = |host: &YunohostFacts, kept_ms| {
        let known_keys = BTreeSet::new();
        let seen = Seen { facts: &facts, yunohost: Some(host), skew: Some(0), now: NOW, known_keys: &known_keys, kept_ms };
        let checked = checked(&seen).into_iter().find(|checked| checked.id == "backups").expect("it is there");
        (checked.verdict, said(&checked).1.to_owned())
    };
    assert_eq!(judged(&host, None).0, Verdict::Ok);
    let old = Backup { created_at: Some("2026-11-01T00:00:00Z".to_owned()), ..Backup::default() };
    host.backups = Part::Read { value: [("old".to_owned(), old)].into() };
    assert_eq!(judged(&host, None), (Verdict::ToDo, "21".to_owned()));
    assert_eq!(judged(&host, u64::try_from(NOW * 1000).ok()).0, Verdict::Ok, "one was brought here");
    host.backups = Part::Read { value: BTreeMap::new() };
    assert_eq!(judged(&host, None), (Verdict::ToDo, "–".to_owned()));
    host.backups = Part::Failed { cause: beffroi_yunohost::Cause::NotRoot, message: String::new() };
    assert_eq!(judged(&host, None).0, Verdict::Unknown);
}

#[test]
fn settings_of_yunohost() {
    let facts = well();
    for (id, setting, bad) in [
        ("ynh-ssh", "ssh_compatibility", "intermediate"),
        ("ynh-https", "nginx_redirect_to_https", "no"),
        ("ynh-tls", "nginx_compatibility", "intermediate"),
        ("ynh-mail-tls", "postfix_compatibility", "modern"),
        ("ynh-passwords", "admin_strength", "1"),
    ] {
        let mut host = yunohost();
        host.settings.as_mut().expect("settings").insert(setting.to_owned(), bad.to_owned());
        let found = checks(&facts, Some(&host));
        assert_eq!(said(&found[id]), (Verdict::ToDo, format!("{setting} {bad}").as_str()));
        assert!(matches!(found[id].fix, Some(Fix::Yunohost { operation: "settings-set", .. })), "{id}");
        let others = found.values().filter(|checked| checked.verdict != Verdict::Ok).count();
        assert_eq!(others, 1, "{id}");
    }
    let mut host = yunohost();
    host.settings.as_mut().expect("settings").insert("webadmin_allowlist_enabled".to_owned(), "no".to_owned());
    let of = |runs: Option<bool>| {
        let mut facts = well();
        facts.watched_services.as_mut().expect("services").extend(runs.map(|runs| ("yunohost-api".to_owned(), runs)));
        checks(&facts, Some(&host))["ynh-web-admin"].verdict
    };
    assert_eq!((of(Some(true)), of(Some(false)), of(None)), (Verdict::ToDo, Verdict::Ok, Verdict::Unknown));
}

#[test]
fn every_fix_is_an_operation_that_takes_what_it_is_given() {
    let mut facts = well();
    facts.sshd.as_mut().expect("settings").insert("passwordauthentication".to_owned(), "yes".to_owned());
    facts.firewall.as_mut().expect("a firewall").input_policies.clear();
    facts.firewall.as_mut().expect("a firewall").rules = Some(0);
    facts.reboot = Some(Reboot { required: true, packages: Vec::new() });
    facts.upgrades.as_mut().expect("upgrades").lists_seconds = 0;
    facts.upgrades.as_mut().expect("upgrades").packages[0].security = true;
    facts.watched_services = Some([("yunohost-api".to_owned(), true)].into());
    let mut host = yunohost();
    host.settings.as_mut().expect("settings").values_mut().for_each(|value| *value = "no".to_owned());
    host.backups = Part::Read { value: BTreeMap::new() };
    let mut fixed = 0;
    for checked in checks(&facts, Some(&host)).into_values() {
        let Some(Fix::Yunohost { operation, given }) = checked.fix else { continue };
        let operation = beffroi_yunohost::Operation::find(operation).expect(checked.id);
        let raw = given.into_iter().map(|(name, value)| {
            let value = match value {
                FixValue::Text(text) => beffroi_yunohost::Raw::Text(text),
                FixValue::List(list) => beffroi_yunohost::Raw::List(list),
            };
            (name.to_owned(), value)
        });
        let read = beffroi_yunohost::Given::read(operation, raw.collect());
        assert!(read.is_ok(), "{}: {read:?}", checked.id);
        fixed += 1;
    }
    assert_eq!(fixed, 13);
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let names: Vec<String> = (0..15).map(|number| number.to_string()).collect();
    assert_eq!(named(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 (+3)");
}
