//! The state of the host after an action, and the verdict.

mod common;

use beffroi_domain::Exit;
use beffroi_yunohost::{ActionRecord, Cause, CheckError, CheckResult, Outcome, Verdict};
use common::{ON, Scripted, answer, answers, given, printed, record, recording, secret, text};

fn outcome(number: &str) -> Outcome {
    let recorded = recording(number);
    Outcome::read(recorded.stdout.as_bytes(), recorded.stderr.as_bytes(), &recorded.exit)
}

fn add(fullname: &str, domain: &str, quota: Option<&str>) -> ActionRecord {
    let mut raw =
        vec![("username", text("alice")), ("fullname", text(fullname)), ("password", secret("canary-1")), ("domain", text(domain))];
    raw.extend(quota.map(|quota| ("mailbox-quota", text(quota))));
    record(&given("user-add", raw))
}

fn alice() -> ActionRecord {
    add("Alice Liddell", "ynh1.test", None)
}

fn edit(fullname: &str, password: bool) -> ActionRecord {
    let mut raw = vec![("username", text("alice")), ("fullname", text(fullname)), ("remove-mailalias", common::list(&["gone@x.test"]))];
    raw.extend(password.then(|| ("password", secret("canary-1"))));
    record(&given("user-edit", raw))
}

/// What it comes to that is no success, by the key of its sentence.
fn why(check: &CheckResult) -> &str {
    match check {
        CheckResult::NotHeld(message) | CheckResult::Half(message) | CheckResult::NotKnown(message) => message.key,
        CheckResult::Held => "held",
    }
}

fn host(users: &[&str], all_users: &[&str]) -> Scripted {
    let users: serde_json::Map<_, _> = users
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                serde_json::json!({"fullname": "Alice Liddell", "mail": format!("{name}@ynh1.test"), "mailbox-quota": "0"}),
            )
        })
        .collect();
    let users = serde_json::json!({"users": users}).to_string();
    let groups = serde_json::json!({"groups": {"all_users": {"members": all_users}}}).to_string();
    Scripted::new(answers(vec![printed(&users), printed(&groups)]))
}

#[tokio::test]
async fn a_user_that_a_failed_command_made_is_found() {
    let remote = host(&["alice"], &["alice"]);
    let check = alice().check(&remote).await.expect("a check");
    assert_eq!(check, CheckResult::Held);
    assert_eq!(Verdict::of(&outcome("024"), &check), Verdict::HeldThoughFailed);
    assert_eq!(Verdict::of(&outcome("065"), &check), Verdict::Done);
    assert_eq!(remote.only_stdin()["survey"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn users_made_or_removed_by_half_are_told() {
    let check = alice().check(&host(&["alice"], &[])).await.expect("a check");
    assert_eq!(why(&check), "found.user-outside-all-users");
    assert_eq!(Verdict::of(&outcome("024"), &check), Verdict::HalfDone);

    let check = alice().check(&host(&[], &[])).await.expect("a check");
    assert_eq!(why(&check), "found.missing");
    assert_eq!(Verdict::of(&outcome("004"), &check), Verdict::NotDone);
    assert_eq!(Verdict::of(&outcome("065"), &check), Verdict::NotHeldThoughSaid);

    // What recording 606 left behind.
    let remove = record(&given("user-remove", vec![("username", text("adminone"))]));
    let check = remove.check(&host(&["adminone"], &[])).await.expect("a check");
    assert_eq!(Verdict::of(&outcome("606"), &check), Verdict::HalfDone);
    // What recording 047 did although it failed.
    let remove = record(&given("user-remove", vec![("username", text("alice")), ("purge", ON)]));
    let check = remove.check(&host(&[], &[])).await.expect("a check");
    assert_eq!(Verdict::of(&outcome("047"), &check), Verdict::HeldThoughFailed);
}

#[tokio::test]
async fn a_user_of_that_name_made_otherwise_is_told() {
    let check = add("Other", "second.test", Some("1G")).check(&host(&["alice"], &["alice"])).await.expect("a check");
    let CheckResult::Half(message) = &check else { unreachable!("{check:?}") };
    assert_eq!(message.values, [("fields", "fullname, domain, mailbox-quota".to_owned())]);
    assert_eq!(Verdict::of(&outcome("024"), &check), Verdict::HalfDone);
}

#[tokio::test]
async fn an_edit_is_looked_for_in_the_fields() {
    let users = || host(&["alice"], &["alice"]);
    assert_eq!(edit("Alice  Liddell", false).check(&users()).await.expect("a check"), CheckResult::Held);
    let unseen = edit("Alice Liddell", true).check(&users()).await.expect("a check");
    assert_eq!(why(&unseen), "found.not-shown", "a password is not to be seen");
    let other = edit("Alice B", true).check(&users()).await.expect("a check");
    assert_eq!(why(&other), "found.differs");
    assert_eq!(why(&edit("Alice", false).check(&host(&[], &[])).await.expect("a check")), "found.missing");
}

#[tokio::test]
async fn an_operation_of_a_newer_program_is_not_judged() {
    let newer = ActionRecord { operation: "moon-land".to_owned(), ..alice() };
    assert!(matches!(newer.check(&host(&[], &[])).await, Err(CheckError::Unknown { .. })));
}

#[tokio::test]
async fn a_service_is_checked_by_itself() {
    let restart =
        |before: &str| ActionRecord { before: before.into(), ..record(&given("service-restart", vec![("service", text("nginx"))])) };
    let remote = Scripted::new(answers(vec![answer("171")]));
    assert_eq!(restart("2026-11-21T00:10:00+00:00").check(&remote).await.expect("a check"), CheckResult::Held);
    assert_eq!(remote.only_stdin()["survey"][0][2], "nginx");
    let remote = Scripted::new(answers(vec![answer("171")]));
    let same = restart("2026-11-21T00:10:26.758409+00:00").check(&remote).await.expect("a check");
    assert_eq!(why(&same), "found.service-not-restarted");
    let remote = Scripted::new(answers(vec![answer("172")]));
    let gone = restart("2026-11-21T00:10:00+00:00").check(&remote).await.expect("a check");
    assert_eq!(why(&gone), "found.missing");
}

#[tokio::test]
async fn no_answer_is_no_verdict() {
    let refused = alice().check(&Scripted::new(answers(vec![answer("302"), answer("302")]))).await;
    assert!(matches!(refused, Err(CheckError::NotAnswered { cause: Cause::NotRoot, .. })));
    let nothing = alice().check(&Scripted::with("", "env: ‘python3’: No such file or directory\n", Exit::Status(127))).await;
    assert!(matches!(nothing, Err(CheckError::NotAnswered { cause: Cause::ProgramMissing, .. })));
    let garbage = alice().check(&Scripted::new(answers(vec![printed("5"), printed("{}")]))).await;
    assert!(matches!(garbage, Err(CheckError::NotAnswered { cause: Cause::AnswerNotUnderstood, .. })));
}
