//! Secrets that must appear nowhere: a whole journey, every process of it traced, every place looked at.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use beffroi_secret::SecretText;
use beffroi_tests::{Lab, Needles, Sandbox, beffroi, fail, files_with, memory_holding, python, until};
use beffroi_vault::{Places, Unlock};
use serde_json::Value;

const TEST: &str = "canaries::a_journey_leaves_no_secret_anywhere";
/// Names the folder in which the traced journey leaves what it knows.
const TRACED: &str = "BEFFROI_TEST_TRACED";

const PASSPHRASE: &str = "canari quartz vielle armoire";
const STAGE_SECRET: &str = "canari-palier-9hq4wz7mx2kd";
const PASSWORD: &str = "Canari-Compte-5531-Zephyr";
const SECRET: &str = "canari-dev-secret-a81f7c20";
const PROD_SECRET: &str = "canari-prod-secret-77d0be41";
const TYPED: &str = "canari-typed-secret-30c5ab9e";
/// Where a detector is tried.
const PLANTED: [&str; 4] = ["planted-in-an-argument-1", "planted-in-an-environment-2", "planted-in-a-file-3", "planted-in-memory-4"];

#[test]
fn a_journey_leaves_no_secret_anywhere() {
    if let Some(folder) = std::env::var_os(TRACED) {
        return journey(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-v", "-s", "65536", "-e", "trace=execve,execveat", "-o"]).arg(&trace);
    strace
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(TRACED, folder.path())
        .env("BEFFROI_CLI", beffroi());
    let done = strace.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| fail(format!("{error}: install strace (Debian, Ubuntu: apt install strace)")));
    let told = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    assert!(done.status.success(), "strace, or the journey under it: {told}");

    let mut needles = Needles::new();
    for line in fs::read_to_string(folder.path().join("needles")).unwrap().lines() {
        let (name, bytes) = line.split_once('\t').unwrap();
        needles.add(name, &BASE64_STANDARD.decode(bytes).unwrap());
    }
    let trace = fs::read(trace).unwrap();
    let text = String::from_utf8_lossy(&trace);
    for started in ["\"agent\", \"--foreground\"", "/bin/yunohost", "sshd", "XDG_RUNTIME_DIR="] {
        assert!(text.contains(started), "{started} was not traced");
    }
    for planted in &PLANTED[..2] {
        let mut needle = Needles::new();
        needle.add_text(planted, planted);
        assert!(!needle.within(&trace).is_empty(), "{planted} was not found: the detector is blind");
    }
    let calls = text.lines().filter(|line| !needles.within(line.as_bytes()).is_empty());
    assert_eq!(calls.collect::<Vec<_>>(), Vec::<&str>::new(), "secrets in argument lists or environments");
}

/// A machine on which everything that is said is kept, at the most talkative.
struct Stage {
    sandbox: Sandbox,
    /// What comes in from files: nothing that is looked at is in there.
    inputs: tempfile::TempDir,
    said: Vec<(String, String)>,
}

impl Stage {
    fn set() -> Self {
        let sandbox = Sandbox::without_vault();
        fs::create_dir(sandbox.root().join("tmp")).expect("as the test needs it");
        Self { sandbox, inputs: tempfile::tempdir().expect("as the test needs it"), said: Vec::new() }
    }

    /// Writes an input; gives its path.
    fn input(&self, name: &str, content: &str) -> String {
        let path = self.inputs.path().join(name);
        fs::write(&path, content).expect("as the test needs it");
        path.to_str().expect("as the test needs it").to_owned()
    }

    fn command(&self, words: &[&str]) -> Command {
        let sandbox = &self.sandbox;
        let mut command = Command::new(beffroi());
        command.args(words).env_clear().current_dir(sandbox.files()).env("PATH", "/usr/bin:/bin").env("LANG", "en_GB.UTF-8");
        command.env("HOME", sandbox.root().join("home")).env("XDG_STATE_HOME", sandbox.state());
        command.env("XDG_RUNTIME_DIR", sandbox.runtime()).env("TMPDIR", sandbox.root().join("tmp")).env("BEFFROI_LOG", "trace");
        command.env("BEFFROI_VAULT", sandbox.vault());
        command
    }

    /// Runs a command that has to succeed; gives its data.
    #[track_caller]
    fn run(&mut self, words: &[&str], input: Option<&str>) -> Value {
        let mut child = self.command(&[&["--json"], words].concat());
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("as the test needs it");
        child.stdin.take().expect("as the test needs it").write_all(input.unwrap_or_default().as_bytes()).expect("as the test needs it");
        let output = child.wait_with_output().expect("as the test needs it");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("as the test needs it"));
        let last = stderr.lines().rev().take(5).collect::<Vec<_>>().join("\n");
        assert!(output.status.success(), "beffroi {}: {:?}\n{stdout}\n{last}", words.join(" "), output.status);
        let mut data = serde_json::from_str::<Value>(&stdout).expect("as the test needs it")["data"].take();
        // What is shown once, and where, is looked at apart.
        let shown = data.get_mut("recovery_words").map(Value::take);
        self.said.push((words.join(" "), format!("{data}\n{stderr}")));
        if let Some(words) = shown {
            data["recovery_words"] = words;
        }
        data
    }

    /// Starts the process that holds the keys. It writes to files that are looked at with the rest.
    fn agent(&self) -> Child {
        let log = |name: &str| File::create(self.sandbox.root().join(name)).expect("as the test needs it");
        let mut command = self.command(&["agent", "--foreground"]);
        command.env_remove("BEFFROI_VAULT").stdin(Stdio::null()).stdout(log("agent.out")).stderr(log("agent.log"));
        command.spawn().expect("as the test needs it")
    }
}

fn journey(folder: &Path) {
    prove_the_detectors(folder);
    let mut stage = Stage::set();
    let lab = Lab::up();
    let mut needles = Needles::new();
    for (name, text) in [
        ("the passphrase", PASSPHRASE),
        ("the stage's secret", STAGE_SECRET),
        ("the job's password", PASSWORD),
        ("a secret", SECRET),
        ("a secret of prod", PROD_SECRET),
        ("a typed secret", TYPED),
    ] {
        needles.add_text(name, text);
    }
    let key = lab.client_key();
    add_private_key(&mut needles, &fs::read_to_string(&key).expect("as the test needs it"));

    let passphrase = stage.input("passphrase", &format!("{PASSPHRASE}\n"));
    let stage_secret = stage.input("stage", &format!("{STAGE_SECRET}\n"));
    let made = stage.run(&["--passphrase-file", &passphrase, "vault", "create", "vault"], None);
    add_words(&mut needles, "the first recovery words", made["recovery_words"].as_str().expect("as the test needs it"));

    let mut agent = stage.agent();
    let socket = stage.sandbox.runtime().join("beffroi/agent.sock");
    until("the agent", || socket.exists().then_some(()));
    // From here on the agent answers every command.
    stage.run(&["--passphrase-file", &passphrase, "vault", "unlock"], None);
    let secret = stage.input("secret", &format!("{SECRET}\n"));
    stage.run(&["secret", "set", "canary", "--from-file", &secret], None);
    stage.run(&["secret", "set", "typed", "--from-file", "-"], Some(TYPED));
    stage.run(&["secret", "set", "key", "--from-file", key.to_str().expect("as the test needs it")], None);
    stage.run(&["stage", "add", "prod"], None);
    let secret = stage.input("secret-of-prod", &format!("{PROD_SECRET}\n"));
    stage.run(&["secret", "set", "prod/canary", "--stage", "prod", "--from-file", &secret], None);
    let given = format!("prod={stage_secret}");
    stage.run(&["--yes", "--stage-secret", &given, "stage", "protect", "prod"], None);

    let host = lab.host("ynh-1").clone();
    let port = host.port.to_string();
    let reached = ["--port", &port, "--user", &host.user, "--identity", "key", "--trust", &host.fingerprint];
    stage.run(&[&["host", "add", "ynh-1", &host.address], &reached[..]].concat(), None);
    stage.run(&["host", "survey", "all"], None);
    let password = stage.input("password", &format!("{PASSWORD}\n"));
    let add = ["ynh", "user", "add", "marie", "--fullname", "Marie Curie", "--password-file", &password, "--on", "ynh-1"];
    stage.run(&[&add[..], &["--plan"]].concat(), None);
    stage.run(&[&["--yes"], &add[..]].concat(), None);
    assert!(lab.users("ynh-1").contains(&"marie".to_owned()));
    stage.run(&["run", "--on", "ynh-1", "--", "true"], None);

    stage.run(&["stage", "seal", "prod"], None);
    stage.run(&["--stage-secret", &given, "stage", "unseal", "prod", "--for", "10m"], None);
    stage.run(&["vault", "copy", "copies"], None);
    stage.run(&["journal", "export", "journal.jsonl"], None);
    let rekeyed = stage.run(&["--yes", "--passphrase-file", &passphrase, "vault", "rekey"], None);
    let words = rekeyed["recovery_words"].as_str().expect("as the test needs it").to_owned();
    add_words(&mut needles, "the second recovery words", &words);
    stage.run(&["secret", "list"], None);
    stage.run(&["host", "survey", "all", "--refresh"], None);
    stage.run(&["vault", "lock"], None);

    assert!(agent.try_wait().expect("as the test needs it").is_none(), "the agent goes on after a lock");
    add_database_key(&mut needles, &stage.sandbox, &words);
    let mut found: Vec<String> = memory_holding(agent.id(), &needles).into_iter().map(|found| format!("memory: {found}")).collect();
    // A run of its own, without the agent, too.
    beffroi_tests::send("TERM", agent.id());
    assert!(agent.wait().expect("as the test needs it").success());
    stage.run(&["--passphrase-file", &passphrase, "--stage-secret", &given, "vault", "verify"], None);

    found.extend(files_with(stage.sandbox.root(), &needles));
    let log = fs::read_to_string(stage.sandbox.root().join("agent.log")).expect("as the test needs it");
    assert!(log.contains("logged in"), "the agent was to write everything down: {log}");
    for (words, said) in &stage.said {
        found.extend(needles.within(said.as_bytes()).into_iter().map(|(needle, _)| format!("{needle} in what was said by {words}")));
    }
    let listed: Vec<String> = needles.all().map(|(name, bytes)| format!("{name}\t{}\n", BASE64_STANDARD.encode(bytes))).collect();
    fs::write(folder.join("needles"), listed.concat()).expect("as the test needs it");
    let few: Vec<&str> = found.iter().take(40).map(String::as_str).collect();
    assert!(found.is_empty(), "{} places, among them:\n{}", found.len(), few.join("\n"));
}

/// Leaks that are planted are found: an argument, an environment, a file, the memory of a process. The trace is looked at
/// by whoever reads it.
fn prove_the_detectors(folder: &Path) {
    let [argument, environment, file, memory] = PLANTED;
    assert!(Command::new("true").arg(argument).env("PLANTED", environment).status().expect("as the test needs it").success());

    let mut needles = Needles::new();
    needles.add_text("planted", file);
    let planted = folder.join("planted");
    fs::create_dir(&planted).expect("as the test needs it");
    fs::write(planted.join("one"), format!("before {file} after")).expect("as the test needs it");
    fs::write(planted.join("two"), BASE64_STANDARD.encode(format!("x{file}y"))).expect("as the test needs it");
    fs::write(planted.join(file), "").expect("as the test needs it");
    assert_eq!(files_with(&planted, &needles).len(), 3);

    let mut needles = Needles::new();
    needles.add_text("planted", memory);
    const HOLDS: &str = "import sys; held = sys.stdin.readline(); print(len(held), flush=True); sys.stdin.readline()";
    let mut holder = python();
    let mut holder = holder.args(["-c", HOLDS]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("as the test needs it");
    let (mut stdin, stdout) = (holder.stdin.take().expect("as the test needs it"), holder.stdout.take().expect("as the test needs it"));
    writeln!(stdin, "{memory}").expect("as the test needs it");
    BufReader::new(stdout).read_line(&mut String::new()).expect("as the test needs it");
    let found = memory_holding(holder.id(), &needles);
    drop(stdin);
    holder.wait().expect("as the test needs it");
    assert!(!found.is_empty(), "{memory} was not found: the detector is blind");
}

/// The words, four at a time, and the 32 bytes that they stand for.
fn add_words(needles: &mut Needles, name: &str, words: &str) {
    needles.add_text(name, words);
    let several: Vec<&str> = words.split(' ').collect();
    for part in several.chunks(4) {
        needles.add(name, part.join(" ").as_bytes());
    }
    let entropy = bip39::Mnemonic::parse(words).expect("as the test needs it").to_entropy();
    needles.add(&format!("{name}, their bytes"), &entropy);
}

/// A line of the file, and the 32 bytes of the key itself (OpenSSH, PROTOCOL.key).
fn add_private_key(needles: &mut Needles, text: &str) {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("-----")).collect();
    needles.add("the private key", lines[lines.len() - 2].as_bytes());
    let decoded = BASE64_STANDARD.decode(lines.concat()).expect("as the test needs it");
    let at = decoded.windows(4).position(|length| length == [0, 0, 0, 64]).expect("as the test needs it") + 4;
    needles.add("the private key, its bytes", &decoded[at..at + 32]);
}

/// The key of the database, as it is and in the two spellings of hexadecimal.
fn add_database_key(needles: &mut Needles, sandbox: &Sandbox, words: &str) {
    let places = Places { anchors: sandbox.state().join("beffroi/anchors") };
    let words = SecretText::new(words.to_owned());
    let vault = beffroi_vault::open(&sandbox.vault(), Unlock::RecoveryWords(&words), &places).expect("as the test needs it");
    let key = vault.database_key().expose();
    needles.add("the database's key", key);
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    needles.add("the database's key in hexadecimal", hex.as_bytes());
    needles.add("the database's key in hexadecimal", hex.to_uppercase().as_bytes());
}
