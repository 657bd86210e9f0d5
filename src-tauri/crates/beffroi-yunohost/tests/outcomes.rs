//! What recorded commands are taken for.

mod common;

use beffroi_yunohost::{Cause, Outcome};
use common::recording;

fn outcome(number: &str) -> Outcome {
    let recorded = recording(number);
    Outcome::read(recorded.stdout.as_bytes(), recorded.stderr.as_bytes(), &recorded.exit)
}

#[test]
fn failures_are_recognised_whatever_their_exit_status() {
    for (number, cause) in [
        ("002", Cause::NotPostInstalled),
        ("004", Cause::PasswordListed),
        ("005", Cause::ReservedName),
        ("024", Cause::CatalogUnreachable),
        ("025", Cause::UserExists),
        ("028", Cause::InvalidArgument),
        ("031", Cause::WrongUsage),
        ("047", Cause::CatalogUnreachable),
        // These two, with exit status 0.
        ("130", Cause::NotReadyForLetsEncrypt),
        ("149", Cause::AppScriptFailed),
        ("138", Cause::NetworkUnreachable),
        ("172", Cause::ServiceUnknown),
        ("175", Cause::ServiceUnknown),
        ("302", Cause::NotRoot),
        ("326", Cause::Other),
        // The recording's own status is that of the shell around it.
        ("331", Cause::LockHeld),
        ("404", Cause::NeedsTerminal),
        ("606", Cause::LastAdmin),
    ] {
        let outcome = outcome(number);
        assert!(!outcome.succeeded, "{number}");
        assert_eq!(outcome.cause, Some(cause), "{number}: {:?}", outcome.errors);
    }
}

#[test]
fn successes_are_recognised_with_or_without_json() {
    for number in ["065", "067", "114", "170", "171", "173", "190", "240", "605", "614"] {
        let outcome = outcome(number);
        assert!(outcome.succeeded && outcome.cause.is_none() && outcome.errors.is_empty(), "{number}: {outcome:?}");
    }
    assert_eq!(outcome("065").json.expect("JSON")["username"], "alice");
    assert_eq!(outcome("605").json, None);
    assert_eq!(outcome("173").json, None);
}

#[test]
fn what_was_said_is_kept() {
    assert_eq!(outcome("025").errors, ["The user 'alice' already exists"]);
    assert_eq!(outcome("302").errors, ["yunohost command must be run as root or with sudo."]);
    assert_eq!(outcome("028").warnings, [r"argument value 'Bob Upper' for 'username' doesn't match pattern '^[a-z0-9_\.]+$'"]);
    assert_eq!(outcome("326").errors, Vec::<String>::new());
    let broken = outcome("138").errors;
    assert_eq!(broken.len(), 1, "the last line of a traceback, not all of it: {broken:?}");
    // Another language than was asked for is still a failure.
    assert_eq!(outcome("333").cause, Some(Cause::Other));
}

#[test]
fn messages_of_which_there_is_no_recording() {
    for (message, cause) in [
        ("The password needs to be at least 8 characters long and contain a digit, upper and lower characters", Cause::PasswordTooSimple),
        ("Please choose a password shorter than 127 characters", Cause::PasswordTooLong),
        ("Username already exists in the list of system users", Cause::SystemNameTaken),
        ("This e-mail address is reserved for the admins group", Cause::ReservedName),
        ("Domain 'nope.test' unknown", Cause::DomainUnknown),
        ("Unknown user: nobody", Cause::UserUnknown),
    ] {
        let outcome = Outcome::read(b"", format!("ERROR {message}\n").as_bytes(), &beffroi_domain::Exit::Status(1));
        assert_eq!(outcome.cause, Some(cause), "{message}");
    }
}
