//! `user ssh …`
//!
//! YunoHost appends and cuts out text without looking at it: a key that is there already is added once more, and one that
//! is also the beginning of another line is cut out of that line too, which is then no key any more.

use serde_json::Value;

use super::Elsewhere;
use super::users::must_exist;
use crate::Cause;
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, Weight, missing, operation, question,
    still_there,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[("user ssh list-keys", "read before, and judge of, ssh-add-key and ssh-remove-key")];

const USERNAME: Param = Param::place("username", Kind::Username);

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["user", "ssh", "add-key"],
        params: &[USERNAME, Param::place("key", Kind::PublicKey), Param::option("comment", Kind::Line(128), "--comment")],
        asks: read_keys,
        guard: guard_add,
        proof: read_keys,
        judge: judge_add,
        ..operation!("ssh-add-key")
    },
    Operation {
        command: &["user", "ssh", "remove-key"],
        // The whole line, which need not be one that Beffroi would add.
        params: &[USERNAME, Param::place("key", Kind::Line(16_384))],
        weight: Weight::LocksOut,
        asks: read_keys,
        guard: guard_remove,
        proof: read_keys,
        judge: judge_remove,
        ..operation!("ssh-remove-key")
    },
];

fn read_keys(given: &Given) -> Vec<Question> {
    vec![question(&["user", "ssh", "list-keys", given.text("username")])]
}

/// Of `user ssh list-keys`: `{"keys": [{"key": "ssh-ed25519 AAAA… comment", "name": "comment line before it"}]}`.
fn keys(json: &Value) -> Option<Vec<String>> {
    let entries = json.get("keys")?.as_array()?;
    Some(entries.iter().filter_map(|entry| entry.get("key")?.as_str()).map(str::to_owned).collect())
}

/// The keys of a user that is there. Not of root: YunoHost then reads and writes `/.ssh`, which nothing uses.
fn keys_before(given: &Given, seen: &Seen<'_>) -> Result<Vec<String>, Refusal> {
    must_exist(seen.facts, given.text("username"))?;
    let json = seen.answer(0, "user ssh list-keys")?;
    let not_understood =
        || Refusal::NotRead { what: "user ssh list-keys".to_owned(), cause: Cause::AnswerNotUnderstood, message: String::new() };
    keys(&json).ok_or_else(not_understood)
}

fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let before = keys_before(given, seen)?;
    let material = given.text("key").split(' ').nth(1).unwrap_or_default();
    let there = before.iter().any(|line| line.split_whitespace().any(|word| word == material));
    if there { Err(Refusal::because(Cause::KeyExists, given.text("username"))) } else { Ok(()) }
}

fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (before, key) = (keys_before(given, seen)?, given.text("key"));
    if !before.iter().any(|line| line == key) {
        return Err(Refusal::because(Cause::KeyUnknown, given.text("username")));
    }
    let inside = before.iter().find(|line| *line != key && line.contains(key));
    inside.map_or(Ok(()), |line| Err(Refusal::because(Cause::KeyInsideAnother, line)))
}

fn judge_add(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    judge(given, answers, |there| if there { CheckResult::Held } else { missing(given.text("key")) })
}

fn judge_remove(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    judge(given, answers, |there| if there { still_there(given.text("key")) } else { CheckResult::Held })
}

fn judge(given: &Given, answers: &Answers, of: impl FnOnce(bool) -> CheckResult) -> Result<CheckResult, CheckError> {
    match answers.or_cause(0)? {
        Ok(_) => Ok(of(answers.read(0, keys)?.iter().any(|line| line == given.text("key").trim_end()))),
        Err(_) => Ok(missing(given.text("username"))),
    }
}
