//! What several tests need.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Copied, CopyOptions, LocalRemote, Output, Process, Remote, RemoteError, RunRequest, Transfer};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_yunohost::{
    ActionRecord, Answer, Given, Operation, Outcome, Question, Raw, Refusal, RemoteInvocation, Seen, Verdict, YunohostFacts, survey_part,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A command that was recorded on a real YunoHost 12.1.25.
pub(crate) struct Recording {
    pub(crate) words: Vec<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: Exit,
}

/// What was kept of the real one: its action map, a catalog, and the recordings, see the README there.
pub(crate) fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/yunohost/12.1.25").join(name)
}

/// All recordings, in the order of their numbers.
pub(crate) fn recordings() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(kept("transcripts")).expect("the recordings").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    paths.sort();
    paths
}

/// Reads a recording by its number.
pub(crate) fn recording(number: &str) -> Recording {
    let begin = format!("{number}-");
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
    let path = recordings().into_iter().find(named).expect(number);
    let recorded: Value = serde_json::from_slice(&std::fs::read(path).expect("a recording")).expect("JSON");
    let text = |field: &str| recorded[field].as_str().expect("text").to_owned();
    let words = recorded["cmd"].as_array().expect("words").iter().map(|word| word.as_str().expect("a word").to_owned());
    let status = recorded["exit"].as_u64().and_then(|status| u32::try_from(status).ok()).expect("a status");
    Recording { words: words.collect(), stdout: text("stdout"), stderr: text("stderr"), exit: Exit::Status(status) }
}

/// A recording as an answer of `yunohost.py`.
pub(crate) fn answer(number: &str) -> Value {
    let recorded = recording(number);
    let Exit::Status(status) = recorded.exit else { unreachable!("recordings have a status") };
    json!({"argv": recorded.words[1..], "exit": status, "stdout": recorded.stdout, "stderr": recorded.stderr, "seconds": 0.4, "cut": false,
        "timed_out": false, "added_later": [1]})
}

/// An answer that printed this JSON.
pub(crate) fn printed(json: &str) -> Value {
    json!({"argv": [], "exit": 0, "stdout": format!("{json}\n"), "stderr": "", "seconds": 0.1, "cut": false, "timed_out": false})
}

/// What `yunohost.py` prints.
pub(crate) fn answers(results: Vec<Value>) -> String {
    // Written out: the key comes first, as from Python.
    format!("{{\"yunohost_survey\": 1, \"results\": {}}}\n", Value::from(results))
}

/// What a survey's part finds on a host, with the answers to more questions.
pub(crate) async fn surveyed_with(remote: &dyn Remote, more: &[Question]) -> Option<(YunohostFacts, Vec<Answer>)> {
    let part = survey_part(more);
    let output = remote.run(RunRequest::new(CommandLine::new(["sh", "-c", &part.script]))).await.expect("it runs");
    let Exit::Status(status) = output.exit else { unreachable!("the shell ends by itself") };
    YunohostFacts::from_part(&[output.stderr, output.stdout].concat(), Some(status), output.cut, more.len())
}

/// The answers to questions that are asked alone.
async fn asked(remote: &LocalRemote, questions: &[Question]) -> Vec<Answer> {
    let json = ["--output-as".to_owned(), "json".to_owned()];
    let survey: Vec<Question> = questions.iter().map(|words| [words.as_slice(), &json].concat()).collect();
    let request = json!({"survey": survey, "seconds": 60}).to_string();
    let program = include_str!("../../../../../assets/remote/yunohost.py");
    let command = CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", program]);
    let request = RunRequest::new(command).with_stdin(SecretBytes::new(request.into_bytes()));
    let output = remote.run(request).await.expect("it runs");
    let printed: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    serde_json::from_value(printed["results"].clone()).expect("answers")
}

/// What a survey's part finds on a host.
pub(crate) async fn surveyed_on(remote: &dyn Remote) -> Option<YunohostFacts> {
    surveyed_with(remote, &[]).await.map(|(facts, _)| facts)
}

/// A value for an operation.
pub(crate) fn text(value: &str) -> Raw {
    Raw::Text(value.to_owned())
}

/// Several values for an operation.
pub(crate) fn list(values: &[&str]) -> Raw {
    Raw::List(values.iter().map(|value| (*value).to_owned()).collect())
}

/// A secret for an operation.
pub(crate) fn secret(value: &str) -> Raw {
    Raw::Secret(SecretText::new(value.to_owned()))
}

/// A switch that is on.
pub(crate) const ON: Raw = Raw::Switch(true);

/// An operation and what it is given, checked.
pub(crate) fn given(operation: &str, raw: Vec<(&str, Raw)>) -> (&'static Operation, Given) {
    let operation = Operation::find(operation).expect("an operation");
    let raw = raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    (operation, Given::read(operation, raw).expect("it fits"))
}

/// What is kept of an operation where nothing of before is remembered.
pub(crate) fn record((operation, given): &(&'static Operation, Given)) -> ActionRecord {
    ActionRecord { operation: operation.id.to_owned(), given: given.without_secrets(), before: Value::Null }
}

/// The lab's stand-in for a YunoHost, which keeps its state in a folder.
pub(crate) struct StandIn {
    pub(crate) remote: LocalRemote,
    /// What a survey found, until something may have changed.
    known: Mutex<Option<YunohostFacts>>,
    _folder: TempDir,
}

impl StandIn {
    /// A fresh one.
    pub(crate) fn new() -> Self {
        Self::seeded(&json!({}))
    }

    /// A fresh one that holds something else than the lab's demonstration under these keys of its seed.
    pub(crate) fn seeded(changes: &Value) -> Self {
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/lab/yunohost");
        let folder = tempfile::tempdir().expect("a folder");
        let demo = std::fs::read(lab.join("seeds/demo.json")).expect("the demonstration");
        let mut seed: Value = serde_json::from_slice(&demo).expect("JSON");
        for (key, value) in changes.as_object().expect("keys") {
            seed[key] = value.clone();
        }
        let seed_file = folder.path().join("seed.json");
        std::fs::write(&seed_file, seed.to_string()).expect("written");
        let path = format!("{}:{}", lab.join("bin").display(), std::env::var("PATH").expect("PATH"));
        let remote = LocalRemote::new(folder.path())
            .with_variable("PATH", &path)
            .with_variable("BEFFROI_LAB_STATE", folder.path().join("state").to_str().expect("text"))
            .with_variable("BEFFROI_LAB_SEED", seed_file.to_str().expect("text"))
            .with_variable("BEFFROI_LAB_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/pycache"))
            .with_variable("BEFFROI_LAB_SPEED", "0");
        Self { remote, known: Mutex::default(), _folder: folder }
    }

    /// Sees an operation through from its guard to its check, which must come to this verdict.
    #[track_caller]
    pub(crate) fn through(&self, operation: &str, raw: Vec<(&str, Raw)>, expected: Verdict) -> impl Future<Output = ActionRecord> {
        let (operation, mut given) = given(operation, raw);
        let place = std::panic::Location::caller();
        async move {
            let more = (operation.asks)(&given);
            let (facts, answers) = self.seen(&more).await;
            let seen = Seen { facts: &facts, answers: &answers };
            assert_eq!(operation.guard(&mut given, &seen), Ok(()), "{place}");
            let record = ActionRecord::of(operation, &given, &seen);
            *self.known.lock().expect("not poisoned") = None;
            let output = run(&self.remote, operation.command(&given, &facts.lacks)).await;
            let outcome = outcome(&output);
            let check = record.check(&self.remote).await.expect("a check");
            assert_eq!(Verdict::of(&outcome, &check), expected, "{place}: {outcome:?} {check:?}");
            record
        }
    }

    /// What a guard sees. A survey is many commands: only what is asked beside it is asked again while nothing changed.
    async fn seen(&self, more: &[Question]) -> (YunohostFacts, Vec<Answer>) {
        let known = self.known.lock().expect("not poisoned").clone();
        if let Some(facts) = known {
            let answers = if more.is_empty() { Vec::new() } else { asked(&self.remote, more).await };
            return (facts, answers);
        }
        let (facts, answers) = surveyed_with(&self.remote, more).await.expect("a YunoHost");
        *self.known.lock().expect("not poisoned") = Some(facts.clone());
        (facts, answers)
    }

    /// What speaks against an operation, or is to be read before it.
    pub(crate) async fn warned(&self, operation: &str, raw: Vec<(&str, Raw)>) -> Vec<beffroi_domain::Message> {
        let (operation, mut given) = given(operation, raw);
        let more = (operation.asks)(&given);
        let (facts, answers) = self.seen(&more).await;
        let seen = Seen { facts: &facts, answers: &answers };
        assert_eq!(operation.guard(&mut given, &seen), Ok(()));
        operation.warnings(&given, &seen)
    }

    /// Why a guard says no to an operation.
    pub(crate) async fn refused(&self, operation: &str, raw: Vec<(&str, Raw)>) -> Refusal {
        let (operation, mut given) = given(operation, raw);
        let more = (operation.asks)(&given);
        let (facts, answers) = self.seen(&more).await;
        let guarded = operation.guard(&mut given, &Seen { facts: &facts, answers: &answers });
        guarded.expect_err("a guard says no")
    }

    /// What YunoHost says to an operation that no guard looked at.
    pub(crate) async fn unguarded(&self, operation: &str, raw: Vec<(&str, Raw)>) -> Outcome {
        *self.known.lock().expect("not poisoned") = None;
        let (operation, given) = given(operation, raw);
        outcome(&run(&self.remote, operation.command(&given, &BTreeSet::new())).await)
    }
}

/// Runs the command of an operation.
pub(crate) async fn run(remote: &LocalRemote, invocation: RemoteInvocation) -> Output {
    remote.run(RunRequest::new(invocation.command).with_stdin(invocation.stdin)).await.expect("it runs")
}

/// What a command gave.
pub(crate) fn outcome(output: &Output) -> Outcome {
    Outcome::read(&output.stdout, &output.stderr, &output.exit)
}

/// A host that gives prepared answers, in order, and remembers what it was asked.
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<(String, String, Exit)>>,
    pub(crate) asked: Mutex<Vec<RunRequest>>,
}

impl Scripted {
    pub(crate) fn new(stdout: impl Into<String>) -> Self {
        Self::with(stdout, "", Exit::Status(0))
    }

    pub(crate) fn with(stdout: impl Into<String>, stderr: &str, exit: Exit) -> Self {
        Self { answers: Mutex::new(VecDeque::from([(stdout.into(), stderr.to_owned(), exit)])), asked: Mutex::default() }
    }

    /// The standard input of the only command that was run.
    pub(crate) fn only_stdin(&self) -> Value {
        let asked = self.asked.lock().expect("not poisoned");
        assert_eq!(asked.len(), 1, "one round trip");
        // Looked at by the test.
        serde_json::from_slice(asked[0].stdin.as_ref().expect("standard input").expose()).expect("JSON")
    }
}

#[async_trait]
impl Remote for Scripted {
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError> {
        self.asked.lock().expect("not poisoned").push(request);
        let (stdout, stderr, exit) = self.answers.lock().expect("not poisoned").pop_front().expect("a prepared answer");
        Ok(Box::new(Told(VecDeque::from([Chunk::Exit(exit), Chunk::Stderr(stderr.into()), Chunk::Stdout(stdout.into())]))))
    }

    async fn put(&self, _: &Path, _: &str, _: &CopyOptions, _: &mut (dyn FnMut(Transfer) + Send)) -> Result<Copied, RemoteError> {
        Err(RemoteError::Refused { reason: "not in this test".to_owned() })
    }

    async fn get(&self, _: &str, _: &Path, _: &CopyOptions, _: &mut (dyn FnMut(Transfer) + Send)) -> Result<Copied, RemoteError> {
        Err(RemoteError::Refused { reason: "not in this test".to_owned() })
    }
}

struct Told(VecDeque<Chunk>);

#[async_trait]
impl Process for Told {
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError> {
        Ok(self.0.pop_front())
    }

    async fn cancel(&mut self) {}
}
