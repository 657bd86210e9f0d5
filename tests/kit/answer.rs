//! What a run of the program gave.

use std::process::Output;

use serde_json::Value;

use crate::fail;

/// What a run of the program gave. Say what is expected of it: [`Answer::success`] or [`Answer::exit`].
#[must_use = "an exit status that is not looked at hides a failure"]
#[derive(Debug, Clone)]
pub struct Answer {
    /// The words it was called with.
    pub words: String,
    /// Its exit status; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Answer {
    pub(crate) fn new(words: &[&str], output: &Output) -> Self {
        Self {
            words: words.join(" "),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It ended with exit status 0.
    #[track_caller]
    pub fn success(self) -> Self {
        self.exit(0)
    }

    /// It ended with this exit status.
    #[track_caller]
    pub fn exit(self, code: i32) -> Self {
        if self.code != Some(code) {
            let Self { words, stdout, stderr, .. } = &self;
            fail(format!("beffroi {words}\nexpected exit {code}, got {:?}\nstdout: {stdout}\nstderr: {stderr}", self.code));
        }
        self
    }

    /// The one JSON object on standard output: `{"schema": "beffroi/…/1", "data": …}` or `{"schema": "beffroi/error/1", "error": …}`,
    /// and nothing beside it.
    #[track_caller]
    pub fn json(&self) -> Value {
        let Ok(object) = serde_json::from_str::<Value>(&self.stdout) else {
            fail(format!("beffroi {}\nnot one JSON object: {}\nstderr: {}", self.words, self.stdout, self.stderr));
        };
        let schema = object["schema"].as_str().unwrap_or_default();
        let content = if schema == "beffroi/error/1" { "error" } else { "data" };
        let fields: Vec<&String> = object.as_object().map(|fields| fields.keys().collect()).unwrap_or_default();
        let named = schema.strip_prefix("beffroi/").and_then(|rest| rest.strip_suffix("/1")).is_some_and(|name| !name.is_empty());
        assert!(named && fields.len() == 2 && object.get(content).is_some(), "beffroi {}\nnot of the contract: {object}", self.words);
        object
    }

    /// `data` of the JSON object, whose schema has to be `beffroi/<command>/1`.
    #[track_caller]
    pub fn data(&self, command: &str) -> Value {
        let mut object = self.json();
        assert_eq!(object["schema"], format!("beffroi/{command}/1"), "beffroi {}: {object}", self.words);
        object["data"].take()
    }

    /// The error of the JSON object: its own, or that of its only result or failed step.
    #[track_caller]
    pub fn error(&self) -> Value {
        let object = self.json();
        let listed = ["results", "steps", "refused"].iter().filter_map(|list| object["data"][list].as_array()).flatten();
        let mut errors = listed.map(|item| &item["error"]).chain([&object["error"]]).filter(|error| error.is_object());
        match (errors.next(), errors.next()) {
            (Some(error), None) => error.clone(),
            _ => fail(format!("beffroi {}\nnot exactly one error: {object}", self.words)),
        }
    }
}
