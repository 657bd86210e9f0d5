//! A key gets a new value on five hosts, and the work is cut short at each step that is recorded.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use beffroi_app::{App, AppError, Change, HostOrder, Places, RotationError, RotationFacts, RotationOrder, RotationStep, RotationWay};
use beffroi_secret::SecretText;

use crate::kit::{Ears, Ground, Host, text};

pub(crate) const KEY: &str = "shared/key";
pub(crate) const NEXT: &str = "shared/key.next";

/// Five hosts that take one key, and a vault that knows them.
pub(crate) struct Five {
    pub(crate) ground: Ground,
    pub(crate) hosts: Vec<Host>,
    pub(crate) app: App,
    ears: Arc<Ears>,
}

pub(crate) fn order(way: RotationWay) -> RotationOrder {
    RotationOrder { name: KEY.to_owned(), on: None, way, typed: None }
}

pub(crate) const BEGIN: RotationWay = RotationWay::Begin { keep_old: false };

impl Five {
    pub(crate) async fn up() -> Self {
        let ground = Ground::new();
        let (key, line) = first_key(ground.root());
        let hosts: Vec<Host> = (0..5).map(|_| Host::taking(&format!("# ours\n{line}"))).collect();
        let ears = Arc::new(Ears::default());
        let app = App::new(Places::new(ground.root().join("state")), Arc::clone(&ears) as Arc<dyn beffroi_app::Listener>);
        app.unlock_vault(&ground.path(), ground.authority()).await.expect("it opens");
        app.set_secret(KEY, key, None).await.expect("a new secret");
        for (number, host) in hosts.iter().enumerate() {
            app.add_host(&format!("host-{number}"), host.as_new("dev", KEY)).await.expect("a new host");
        }
        Self { ground, hosts, app, ears }
    }

    fn steps(&self) -> Vec<RotationStep> {
        let step = |change: Change| if let Change::Rotation { step, .. } = change { Some(step) } else { None };
        self.ears.heard().into_iter().filter_map(step).collect()
    }

    /// Does something about the rotation, and drops it once so many steps were recorded, or lets it end.
    pub(crate) async fn cut_after(&self, way: RotationWay, steps: usize) -> Option<Result<RotationFacts, AppError>> {
        let wanted = self.steps().len() + steps;
        let heard = async {
            while self.steps().len() < wanted {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            biased;
            () = heard => None,
            ended = self.app.rotate_secret(order(way)) => Some(ended),
        }
    }

    /// The values that the vault has, each in a file that OpenSSH takes.
    async fn values(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for (number, name) in [KEY, NEXT].into_iter().enumerate() {
            let Ok((_, value)) = self.app.reveal_secret(name).await else { continue };
            let path = self.ground.root().join(format!("value-{number}"));
            drop(fs::remove_file(&path));
            fs::write(&path, value.expose()).expect("a file");
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("permissions");
            files.push(path);
        }
        files
    }

    /// Every host lets in somebody who has what the vault has.
    pub(crate) async fn nobody_is_locked_out(&self, when: &str) {
        let values = self.values().await;
        for (number, host) in self.hosts.iter().enumerate() {
            assert!(values.iter().any(|key| opens(host, key)), "locked out of host-{number}, {when}");
        }
    }

    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let lines = |host: &Host| fs::read_to_string(host.home().join(".ssh/authorized_keys")).expect("keys");
        self.hosts.iter().map(|host| lines(host).lines().map(str::to_owned).collect()).collect()
    }
}

fn first_key(folder: &Path) -> (SecretText, String) {
    let path = folder.join("first");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "somebody's words", "-f"]).arg(&path).status();
    assert!(made.expect("ssh-keygen").success());
    (text(&fs::read_to_string(&path).expect("a key")), fs::read_to_string(path.with_extension("pub")).expect("a key"))
}

fn opens(host: &Host, key: &Path) -> bool {
    let mut command = Command::new("ssh");
    for option in ["BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
    {
        command.args(["-o", option]);
    }
    command.args(["-F", "none", "-o", "LogLevel=ERROR", "-p", &host.port.to_string(), "-i"]).arg(key).args(["127.0.0.1", "true"]);
    command.stdin(Stdio::null()).status().expect("ssh").success()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_step_it_is_cut_short_at_nobody_is_locked_out_and_the_next_one_ends_it() {
    let five = Five::up().await;
    let mut steps = 0;
    for cut in (1..).step_by(2) {
        let before = five.steps().len();
        match five.cut_after(BEGIN, cut).await {
            // As many as there are.
            Some(ended) => {
                let ended = ended.expect("it ends");
                assert!(ended.over && ended.hosts.iter().all(|host| host.step == RotationStep::Done), "{ended:?}");
                break;
            }
            None => five.nobody_is_locked_out(&format!("after {:?}", five.steps().get(before..))).await,
        }
        steps = cut;
        let gone_on = five.app.rotate_secret(order(RotationWay::Resume)).await;
        // All of it may have been recorded when it was cut.
        assert!(
            matches!(&gone_on, Ok(facts) if facts.over) || matches!(&gone_on, Err(AppError::Rotation(RotationError::None { .. }))),
            "{gone_on:?}"
        );
        five.nobody_is_locked_out("rotated").await;
        for lines in five.lines() {
            assert_eq!((lines.len(), lines[0].as_str()), (2, "# ours"), "{lines:?}");
        }
    }
    assert!(steps >= 23, "{steps}");
    assert!(five.app.reveal_secret(NEXT).await.is_err());
    let found = five.app.secret_where(KEY).await.expect("it is there");
    assert!(found.rotation.is_none() && found.places.len() == 5, "{found:?}");
    assert!(found.places.iter().all(|place| place.taken_ms.is_some() && place.refused_ms.is_none() && !place.next), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_open_until_a_key_was_taken_away() {
    let five = Five::up().await;
    let before = five.lines();
    for cut in [1, 6, 12] {
        assert!(five.cut_after(BEGIN, cut).await.is_none());
        assert!(five.cut_after(RotationWay::Back, cut / 2 + 1).await.is_none());
        five.nobody_is_locked_out("on the way back").await;
        let ended = five.app.rotate_secret(order(RotationWay::Resume)).await.expect("it goes back");
        assert!(ended.over && ended.back, "{ended:?}");
        assert_eq!(five.lines(), before);
    }
    // The last five of all steps: by the first of them a key may be gone.
    assert!(five.cut_after(BEGIN, 21).await.is_none());
    let refused = five.app.rotate_secret(order(RotationWay::Back)).await;
    assert!(matches!(refused, Err(AppError::Rotation(RotationError::NoWayBack { .. }))), "{refused:?}");
    assert!(five.app.rotate_secret(order(RotationWay::Resume)).await.expect("it ends").over);
    five.nobody_is_locked_out("in the end").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_stays_and_what_a_host_lacks_is_told() {
    let five = Five::up().await;
    let file = five.hosts[2].home().join(".ssh/authorized_keys");
    let lines = fs::read_to_string(&file).expect("keys");
    let key = lines.lines().last().expect("a line").to_owned();
    // Somebody's own line of the same key, with options; and a host that no key gets in to any more.
    fs::write(&file, format!("{lines}restrict {key}\n")).expect("a file");
    let lost = five.hosts[4].home().join(".ssh/authorized_keys");
    let kept = fs::read_to_string(&lost).expect("keys");
    fs::write(&lost, "").expect("a file");

    // What one host refuses is offered to none that did not take it before, so those that do take it go first.
    let first = RotationOrder { on: Some("host-0,host-1,host-2,host-3".to_owned()), ..order(BEGIN) };
    assert!(!five.app.rotate_secret(first).await.expect("as far as it goes").over);
    let stands = five.app.rotate_secret(order(RotationWay::Resume)).await.expect("as far as it goes");
    let at = |facts: &RotationFacts, number: usize| (facts.hosts[number].step, facts.hosts[number].failed.is_some());
    assert_eq!((stands.over, at(&stands, 3), at(&stands, 4)), (false, (RotationStep::Switched, false), (RotationStep::Waiting, true)));
    let found = five.app.secret_where(KEY).await.expect("it is there");
    let refused: Vec<&str> = found.places.iter().filter(|place| place.refused_ms.is_some()).map(|place| place.host.as_str()).collect();
    assert_eq!((refused, found.places.iter().filter(|place| place.next).count()), (vec!["host-4"], 4), "{found:?}");
    // Both values are needed: neither is replaced nor removed.
    for name in [KEY, NEXT] {
        let refused = five.app.set_secret(name, text("another"), None).await;
        assert!(matches!(refused, Err(AppError::Rotation(RotationError::GoesOn { .. }))), "{name}: {refused:?}");
        assert!(five.app.remove_secret(name).await.is_err());
    }

    fs::write(&lost, kept).expect("a file");
    five.app.allow_credential(KEY).await.expect("allowed");
    let stands = five.app.rotate_secret(order(RotationWay::Resume)).await.expect("as far as it goes");
    assert_eq!((stands.over, at(&stands, 2), at(&stands, 4)), (false, (RotationStep::Revoking, true), (RotationStep::Done, false)));
    let left = fs::read_to_string(&file).expect("keys");
    assert!(left.contains(&format!("restrict {key}")) && !left.contains(&format!("\n{key}")), "{left}");
    // Its owner takes it away.
    fs::write(&file, left.replace(&format!("restrict {key}\n"), "")).expect("a file");
    assert!(five.app.rotate_secret(order(RotationWay::Resume)).await.expect("it ends").over);
    five.nobody_is_locked_out("in the end").await;
}

/// The name of a password, as long as names get.
fn word() -> String {
    format!("shared/{}", "w".repeat(121))
}

fn word_order(way: RotationWay) -> RotationOrder {
    RotationOrder { name: word(), ..order(way) }
}

/// Sets no password of this machine: notes what it is told, and says no while there is a file that tells it to.
const PASSWD: &str = "#!/bin/sh\ncat >\"$HOME/told\"\n[ ! -e \"$HOME/refuse\" ] || { echo 'BAD PASSWORD: no' >&2; exit 1; }\n";

/// A host that never asks for the password that it is said to take: keys alone get in. Its programs that set passwords are ours.
fn never_asking(line: &str) -> Host {
    let host = Host::with(
        "Match all\nAuthorizedKeysFile {at}/home/.ssh/authorized_keys\n\
         SetEnv HOME={at}/home XDG_STATE_HOME={at}/state PATH={at}/home/bin:/usr/bin:/bin",
    );
    let home = host.home();
    for folder in [".ssh", "bin"] {
        fs::create_dir(home.join(folder)).expect("a folder");
    }
    fs::write(home.join(".ssh/authorized_keys"), line).expect("a file");
    for name in ["passwd", "chpasswd"] {
        let path = home.join("bin").join(name);
        fs::write(&path, PASSWD).expect("a program");
        fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("permissions");
    }
    host
}

/// What the host runs when it is told to run a program of this name.
fn found_there(host: &Host, key: &Path, name: &str) -> String {
    let options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
    let mut command = Command::new("ssh");
    command.args(options.iter().flat_map(|option| ["-o", option])).args(["-F", "none", "-p", &host.port.to_string(), "-i"]).arg(key);
    let output = command.args(["127.0.0.1", "command", "-v", name]).stdin(Stdio::null()).output().expect("ssh");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_no_login_asks_for_is_not_taken_as_proven() {
    let ground = Ground::new();
    let (key, line) = first_key(ground.root());
    let host = never_asking(&line);
    for name in ["passwd", "chpasswd"] {
        let there = found_there(&host, &ground.root().join("first"), name);
        assert_eq!(there, host.home().join("bin").join(name).display().to_string(), "nothing of this machine is set");
    }
    let app = ground.open().await;
    app.set_secret(KEY, key, None).await.expect("a new secret");
    app.set_secret(&word(), text("two\nlines"), None).await.expect("a new secret");
    // Two records of one machine, and of one account.
    for name in ["host", "same-host"] {
        let order = HostOrder { password: Some(word()), ..host.as_new("dev", KEY) };
        app.add_host(name, order).await.expect("a new host");
    }
    let refused = app.rotate_secret(word_order(BEGIN)).await;
    assert!(matches!(refused, Err(AppError::Remote(_))), "{refused:?}");
    app.set_secret(&word(), text("the old one"), None).await.expect("another value");

    let refuse = host.home().join("refuse");
    fs::write(&refuse, "").expect("a file");
    for way in [BEGIN, RotationWay::Resume] {
        let stands = app.rotate_secret(word_order(way)).await.expect("as far as it goes");
        assert!(!stands.over, "{stands:?}");
        for host in &stands.hosts {
            assert_eq!((host.step, host.failed.is_some()), (RotationStep::Deploying, true), "{stands:?}");
        }
    }
    assert_eq!(app.reveal_secret(&word()).await.expect("a value").1.expose(), "the old one");
    let next = app.secrets().await.expect("secrets").into_iter().find(|secret| secret.name.ends_with(".next")).expect("the new value");
    assert!(next.name.len() <= 128);
    // What codes are made from is neither of the two values.
    let codes = |secret: &str| HostOrder { one_time: Some(secret.to_owned()), ..HostOrder::default() };
    app.edit_host("same-host", None, codes(&next.name)).await.expect("edited");
    let refused = app.rotate_secret(word_order(RotationWay::Resume)).await;
    assert!(matches!(refused, Err(AppError::Rotation(RotationError::OneTime { .. }))), "{refused:?}");
    app.edit_host("same-host", None, codes("")).await.expect("edited");

    fs::remove_file(&refuse).expect("a file");
    let ended = app.rotate_secret(word_order(RotationWay::Resume)).await.expect("it ends");
    assert!(ended.over, "{ended:?}");
    let now = app.reveal_secret(&word()).await.expect("a value").1;
    assert_ne!(now.expose(), "the old one");
    assert!(fs::read_to_string(host.home().join("told")).expect("what it was told").contains(now.expose().as_str()));
    let found = app.secret_where(&word()).await.expect("it is there");
    assert!(found.rotation.is_none() && found.places.len() == 2, "{found:?}");
}
