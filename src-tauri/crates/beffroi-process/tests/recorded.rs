//! What real hosts answered: Debian 12 (systemd 252), BusyBox with OpenRC 0.45.2, a guest with pm2 6.0.14; and what a hostile one may.

use beffroi_process::change::{Change, ChangeRefusal};
use beffroi_process::{Keeper, Process, Reading, State, Why, reading};
use proptest::prelude::*;

const SYSTEMD: &str = include_str!("recorded/systemd-252.txt");
const OPENRC: &str = include_str!("recorded/openrc-0.45.txt");
const PM2: &str = include_str!("recorded/pm2-6.0.txt");

fn read(text: &str) -> Reading {
    reading(text.as_bytes(), "M").expect("the probe spoke")
}

fn named<'a>(reading: &'a Reading, name: &str) -> &'a Process {
    reading.processes.iter().find(|process| process.goes_by(name)).expect("it is there")
}

#[test]
fn units_of_systemd_are_read() {
    let found = read(SYSTEMD);
    assert!(found.missing.is_empty() && found.keeper(Keeper::Systemd, None).is_some_and(|there| there.version == "252"));
    let ssh = named(&found, "sshd.service");
    assert_eq!((ssh.name.as_str(), ssh.state, ssh.at_boot, ssh.pid), ("ssh", State::Running, Some(true), Some(38)));
    assert_eq!((ssh.memory_bytes, ssh.restarts, ssh.since_seconds), (Some(1_540_096), Some(0), Some(1_795_375_125)));
    assert_eq!(
        (ssh.boot_by.as_slice(), ssh.description.as_str()),
        (["multi-user.target".to_owned()].as_slice(), "OpenBSD Secure Shell server")
    );
    assert_eq!(found.processes.iter().filter(|process| process.name == "ssh").count(), 1, "an alias is no other one");
    let masked = named(&found, "hwclock");
    assert!(masked.masked && masked.at_boot == Some(false) && masked.memory_bytes.is_none());
    assert_eq!(named(&found, "systemd-tmpfiles-setup").at_boot, None, "what is pulled in is not for anybody to set");
    assert!(!found.processes.iter().any(|process| process.name == "auditd"), "what is only mentioned is not there");
}

#[test]
fn services_of_openrc_are_read() {
    let found = read(OPENRC);
    let web = named(&found, "web");
    assert_eq!((web.state, web.at_boot, web.pid, web.restarts), (State::Running, Some(true), Some(144), Some(0)));
    assert_eq!((web.memory_bytes, web.since_seconds), (Some(1576 << 10), Some(1_795_375_457)));
    assert_eq!(
        (web.description.as_str(), web.logs.as_slice()),
        ("A small web server", ["/var/log/web.log", "/var/log/web.err"].map(String::from).as_slice())
    );
    let dies = named(&found, "dies");
    assert_eq!((dies.state, dies.says.as_str(), dies.at_boot), (State::Failed, "failed", Some(false)));
    assert_eq!(named(&found, "bg").state, State::Stopped);
}

#[test]
fn lists_of_pm2_are_read() {
    let found = read(PM2);
    let pm2 = found.keeper(Keeper::Pm2, Some("root")).expect("it is there");
    assert!(pm2.runs && !pm2.at_boot && pm2.version == "6.0.14");
    let web = named(&found, "web");
    assert_eq!((web.state, web.pid, web.saved, web.at_boot), (State::Running, Some(236), Some(true), Some(false)));
    assert_eq!((web.owner.as_deref(), web.instances, web.since_seconds), (Some("root"), 1, Some(1_795_375_777)));
    let dies = named(&found, "dies");
    assert_eq!((dies.state, dies.restarts, dies.pid, dies.memory_bytes), (State::Failed, Some(15), None, None));
    // With the script that `pm2 startup` makes.
    let with_script =
        PM2.replace("\nr default/crond", "\nr default/pm2\nr default/crond\ns  pm2   [  started  ]\ni pm2 user ${PM2_USER:-root}");
    assert_eq!(named(&read(&with_script), "web").at_boot, Some(true));
    // In cluster mode.
    let line = PM2.lines().find(|line| line.starts_with("j {\"name\":\"web\"")).expect("its line");
    let cluster = read(&PM2.replace(line, &format!("{line}\n{}", line.replace("online", "errored"))));
    let web = named(&cluster, "web");
    assert_eq!((web.instances, web.state, web.memory_bytes), (2, State::Failed, Some(65_069_056)));
}

#[test]
fn what_leads_to_a_host_is_not_taken_away() {
    let found = read(SYSTEMD);
    let refused = |change: Change, name: &str, is_guest| change.prepare("h", named(&found, name), &found, is_guest).err();
    for name in ["ssh", "sshd"] {
        assert_eq!(refused(Change::Stop, name, false), Some(ChangeRefusal::WouldCut));
        assert_eq!(refused(Change::Disable, name, false), Some(ChangeRefusal::WouldCut));
        assert_eq!(refused(Change::Stop, name, true), None, "a guest is entered through its host");
        assert_eq!(refused(Change::Restart, name, false), None);
    }
    assert_eq!(refused(Change::Start, "hwclock", false), Some(ChangeRefusal::Masked));
    assert_eq!(refused(Change::Enable, "systemd-tmpfiles-setup", false), Some(ChangeRefusal::NotForBoot));
    let plan = Change::Stop.prepare("h", named(&found, "cron"), &found, false).expect("it can be stopped");
    assert!(plan.warnings.iter().any(|warning| warning.key == "warning.process-at-boot"));
    assert_eq!(plan.steps.len(), 2);
    assert!(plan.steps[1].1.starts_with("set -- systemd is-stopped cron.service\n"));
}

#[test]
fn a_name_is_a_word_of_the_text_and_nothing_more() {
    let hostile = PM2.replace("\"name\":\"web\"", "\"name\":\"a'; reboot; '$(id)\"");
    let found = read(&hostile);
    let process = named(&found, "a'; reboot; '$(id)");
    let plan = Change::Restart.prepare("h", process, &found, true).expect("it can be restarted");
    assert!(
        plan.steps[0].1.starts_with(r#"set -- pm2 restart 'a'\''; reboot; '\''$(id)' root /root openrc"#),
        "{:?}",
        plan.steps[0].1.lines().next()
    );
}

#[test]
fn hostile_answers_are_cleaned_and_bounded() {
    let marked = read("motd\nM end\n\nM begin\nk openrc 1\ns  a\u{1b}[31mb  [ started ]\ns  x  [ started\nM end\n");
    assert_eq!(marked.processes.len(), 1);
    assert_eq!(marked.processes[0].name, "ab");
    let many: String = (0..5000).map(|number| format!("s  n{number}  [ started ]\n")).collect();
    let many = read(&format!("\nM begin\nk openrc 1\n{many}\nM end\n"));
    assert_eq!((many.processes.len(), many.missing[0].why), (4096, Why::Cut));
    assert_eq!(read("\nM begin\nk systemd 252\nu Id=a.serv").missing[0].why, Why::Cut);
    assert!(reading(b"no word of the probe", "M").is_none());
}

proptest! {
    #[test]
    fn no_answer_breaks_it(noise in any::<Vec<u8>>(), cut in 0usize..6000) {
        let text = [SYSTEMD, OPENRC, PM2].concat();
        let mut bytes = text.as_bytes()[..cut.min(text.len())].to_vec();
        bytes.extend(noise);
        drop(reading(&bytes, "M"));
    }
}
