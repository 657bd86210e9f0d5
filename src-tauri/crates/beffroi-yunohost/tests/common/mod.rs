//! What several tests need.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Copied, CopyOptions, Process, Remote, RemoteError, RunRequest, Transfer};
use beffroi_yunohost::{YunohostFacts, survey_part};
use serde_json::{Value, json};

/// A command that was recorded on a real YunoHost 12.1.25.
pub(crate) struct Recording {
    pub(crate) words: Vec<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: Exit,
}

/// Reads a recording by its number.
pub(crate) fn recording(number: &str) -> Recording {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut entries = std::fs::read_dir(folder).expect("the folder of fixtures").map(|entry| entry.expect("an entry").path());
    let path =
        entries.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{number}-")))).expect(number);
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

/// What a survey's part finds on a host.
pub(crate) async fn surveyed_on(remote: &dyn Remote) -> Option<YunohostFacts> {
    let part = survey_part();
    let output = remote.run(RunRequest::new(CommandLine::new(["sh", "-c", &part.script]))).await.expect("it runs");
    let Exit::Status(status) = output.exit else { unreachable!("the shell ends by itself") };
    YunohostFacts::from_part(&[output.stderr, output.stdout].concat(), Some(status), output.cut)
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
