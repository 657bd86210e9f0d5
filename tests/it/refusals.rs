//! What the refusals have in common: a code, an exit status, two languages, and nothing changed.

use beffroi_tests::{Answer, Fleet, Sandbox};
use serde_json::Value;

/// Asserts that these words are refused with this exit status and code, and that a person is told what happened and what to
/// do, in both languages, for people and for programs. Gives the error, in English.
#[track_caller]
pub(crate) fn refused(sandbox: &Sandbox, words: &[&str], exit: i32, code: &str) -> Value {
    refused_by(&|flags| sandbox.beffroi(&[flags, words].concat()), exit, code)
}

/// The same of a run that is not on the sandbox's vault as usual: `run` is given flags to add.
#[track_caller]
pub(crate) fn refused_by(run: &dyn Fn(&[&str]) -> Answer, exit: i32, code: &str) -> Value {
    let [english, french] = ["en", "fr"].map(|language| {
        let error = run(&["--json", "--lang", language]).exit(exit).error();
        assert_eq!(error["code"], code, "{error}");
        let text = run(&["--lang", language]).exit(exit);
        for sentence in ["message", "remedy"] {
            let sentence = error[sentence].as_str().unwrap_or_default();
            assert!(!sentence.trim().is_empty() && !sentence.contains(['{', '}']), "not a whole sentence: {error}");
            assert!(text.stderr.contains(sentence) && !text.stdout.contains(sentence), "“{sentence}” belongs on stderr: {text:?}");
        }
        error
    });
    for sentence in ["message", "remedy"] {
        assert_ne!(english[sentence], french[sentence], "the {sentence} is in one language only");
    }
    english
}

/// What must be the same after a refusal as before.
#[derive(Debug, PartialEq)]
pub(crate) struct Standing {
    header: Vec<u8>,
    hosts: Value,
    secrets: Value,
    users: Vec<String>,
    operations: Value,
    files: Vec<String>,
}

impl Standing {
    /// Looks at the vault through the program, and at the hosts through OpenSSH.
    #[track_caller]
    pub(crate) fn of(fleet: &Fleet) -> Self {
        let mut hosts = fleet.sandbox.json(&["host", "list"]).success().data("host-list");
        for host in hosts["hosts"].as_array_mut().expect("hosts") {
            // Facts that were read in between are not a change.
            for fact in ["role", "summary", "trouble"] {
                host[fact] = Value::Null;
            }
        }
        let list = fleet.lab.ssh("ynh-1", "find \"$HOME\" \"$XDG_STATE_HOME/beffroi\" -mindepth 1 2>/dev/null | sort");
        Self {
            header: std::fs::read(fleet.sandbox.vault().join("header.json")).expect("the vault has a header"),
            hosts,
            secrets: fleet.sandbox.json(&["secret", "list"]).success().data("secret-list"),
            users: fleet.lab.users("ynh-1"),
            operations: fleet.lab.yunohost("ynh-1", "log list"),
            files: list.lines().filter(|line| !line.ends_with("/jobs")).map(str::to_owned).collect(),
        }
    }

    /// Everything is as it was, and the vault is intact.
    #[track_caller]
    pub(crate) fn holds(&self, fleet: &Fleet) {
        let report = fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify");
        assert_eq!(report["intact"], true, "{report}");
        assert_eq!(&Self::of(fleet), self, "something changed");
    }
}
