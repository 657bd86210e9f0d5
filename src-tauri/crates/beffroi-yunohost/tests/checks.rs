//! The state of the host after an action, and the verdict.

mod common;

use beffroi_domain::Exit;
use beffroi_yunohost::{ActionRecord, Cause, CheckError, CheckResult, NotHeld, Outcome, Verdict};
use common::{Scripted, answer, answers, printed, recording};

fn outcome(number: &str) -> Outcome {
    let recorded = recording(number);
    Outcome::read(recorded.stdout.as_bytes(), recorded.stderr.as_bytes(), &recorded.exit)
}

fn alice() -> ActionRecord {
    let domain = Some("ynh1.test".to_owned());
    ActionRecord::UserAdd { username: "alice".to_owned(), fullname: "Alice Liddell".to_owned(), domain, mailbox_quota: None }
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
    assert_eq!(check, CheckResult::NotHeld { why: NotHeld::UserOutsideAllUsers });
    assert_eq!(Verdict::of(&outcome("024"), &check), Verdict::HalfDone);

    let check = alice().check(&host(&[], &[])).await.expect("a check");
    assert_eq!(check, CheckResult::NotHeld { why: NotHeld::UserMissing });
    assert_eq!(Verdict::of(&outcome("004"), &check), Verdict::NotDone);
    assert_eq!(Verdict::of(&outcome("065"), &check), Verdict::NotHeldThoughSaid);

    // What recording 606 left behind.
    let remove = ActionRecord::UserRemove { username: "adminone".to_owned(), purge: false };
    let check = remove.check(&host(&["adminone"], &[])).await.expect("a check");
    assert_eq!(Verdict::of(&outcome("606"), &check), Verdict::HalfDone);
    // What recording 047 did although it failed.
    let remove = ActionRecord::UserRemove { username: "alice".to_owned(), purge: true };
    let check = remove.check(&host(&[], &[])).await.expect("a check");
    assert_eq!(Verdict::of(&outcome("047"), &check), Verdict::HeldThoughFailed);
}

#[tokio::test]
async fn a_user_of_that_name_made_otherwise_is_told() {
    let domain = Some("second.test".to_owned());
    let record =
        ActionRecord::UserAdd { username: "alice".to_owned(), fullname: "Other".to_owned(), domain, mailbox_quota: Some("1G".to_owned()) };
    let check = record.check(&host(&["alice"], &["alice"])).await.expect("a check");
    assert_eq!(check, CheckResult::NotHeld { why: NotHeld::UserOtherwise { fields: vec!["fullname", "domain", "mailbox-quota"] } });
    assert_eq!(Verdict::of(&outcome("024"), &check), Verdict::HalfDone);
}

#[tokio::test]
async fn a_service_is_checked_by_itself() {
    let restart = |before: &str| ActionRecord::ServiceRestart { name: "nginx".to_owned(), changed_before: Some(before.to_owned()) };
    let remote = Scripted::new(answers(vec![answer("171")]));
    assert_eq!(restart("2026-11-21T00:10:00+00:00").check(&remote).await.expect("a check"), CheckResult::Held);
    assert_eq!(remote.only_stdin()["survey"][0][2], "nginx");
    let remote = Scripted::new(answers(vec![answer("171")]));
    let same = restart("2026-11-21T00:10:26.758409+00:00").check(&remote).await.expect("a check");
    assert_eq!(same, CheckResult::NotHeld { why: NotHeld::ServiceNotRestarted });
    let remote = Scripted::new(answers(vec![answer("172")]));
    let gone = restart("2026-11-21T00:10:00+00:00").check(&remote).await.expect("a check");
    assert_eq!(gone, CheckResult::NotHeld { why: NotHeld::ServiceMissing });
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
