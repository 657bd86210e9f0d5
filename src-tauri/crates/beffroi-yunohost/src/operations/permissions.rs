//! `user permission …`

use beffroi_domain::Message;
use serde_json::Value;

use super::Elsewhere;
use super::groups::judge_list;
use crate::Cause;
use crate::facts::{Permission, permissions};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, differs, missing, need, operation, question,
};
use crate::survey::PERMISSION_LIST;

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("user permission list", "survey: permissions; judge of the operations on permissions"),
    ("user permission info", "survey: permissions, which has the same of all of them; read before permission-update for its picture"),
    (
        "user permission ldapsync",
        "each operation on groups and permissions does it; by itself it is only for settings that were edited by hand",
    ),
];

const PERMISSION: Param = Param::place("permission", Kind::Permission);
const NAMES: Param = Param::place("names", Kind::Members);
/// As YunoHost writes them.
const TRUE_OR_FALSE: Kind = Kind::Choice(&["True", "False"]);
/// Those that are not of an application; `xmpp` is one of YunoHost 11.
const SYSTEM: &[&str] = &["mail.main", "sftp.main", "ssh.main", "xmpp.main"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["user", "permission", "add"],
        params: &[PERMISSION, NAMES],
        guard: guard_add,
        warns: warn_add,
        proof: read_permissions,
        judge: |given, _, answers| judge_allowed(given, answers, true),
        ..operation!("permission-add")
    },
    Operation {
        command: &["user", "permission", "remove"],
        params: &[PERMISSION, NAMES],
        guard: guard_remove,
        warns: warn_remove,
        proof: read_permissions,
        judge: |given, _, answers| judge_allowed(given, answers, false),
        ..operation!("permission-remove")
    },
    Operation {
        command: &["user", "permission", "update"],
        params: &[
            PERMISSION,
            Param::option("label", Kind::Line(128), "--label"),
            Param::option("show-tile", TRUE_OR_FALSE, "--show_tile"),
            Param::option("description", Kind::Line(256), "--description"),
            Param::option("order", Kind::Number(100_000), "--order"),
            Param::option("hide-from-public", TRUE_OR_FALSE, "--hide_from_public"),
            Param::option("logo", Kind::Path, "--logo"),
        ],
        needs_a_change: true,
        asks: |given| {
            if given.has("logo") { vec![question(&["user", "permission", "info", given.text("permission")])] } else { Vec::new() }
        },
        guard: guard_update,
        remembers: picture_before,
        proof: read_permissions,
        judge: judge_update,
        ..operation!("permission-update")
    },
];

fn read_permissions(_: &Given) -> Vec<Question> {
    vec![question(PERMISSION_LIST)]
}

fn known<'a>(given: &Given, seen: &Seen<'a>) -> Result<&'a Permission, Refusal> {
    let name = given.text("permission");
    need(&seen.facts.permissions, "permissions")?.get(name).ok_or_else(|| Refusal::because(Cause::PermissionUnknown, name))
}

fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_remove(given, seen)?;
    let (permission, names) = (given.text("permission"), given.list("names"));
    if matches!(permission, "ssh.main" | "sftp.main") && names.iter().any(|name| name == "all_users") {
        return Err(Refusal::because(Cause::PermissionProtected, permission));
    }
    let (groups, users) = (need(&seen.facts.groups, "groups")?, need(&seen.facts.users, "users")?);
    match names.iter().find(|name| !groups.contains_key(*name) && !users.contains_key(*name)) {
        Some(unknown) => Err(Refusal::because(Cause::GroupUnknown, unknown)),
        None => Ok(()),
    }
}

/// That nobody has the permission any more is no reason to refuse, and neither is a name that is gone.
fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let protected = known(given, seen)?.protected;
    let visitors = given.list("names").iter().any(|name| name == "visitors");
    if protected && visitors { Err(Refusal::because(Cause::PermissionProtected, given.text("permission"))) } else { Ok(()) }
}

/// Whoever is added has it already when everybody has it: it must be taken from everybody to mean something.
fn warn_add(given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let everybody = before(given, seen).is_some_and(|permission| permission.allowed.iter().any(|name| name == "all_users"));
    let others = given.list("names").iter().any(|name| name != "all_users" && name != "visitors");
    if everybody && others { vec![given.message("warning.ynh-permission-of-all")] } else { Vec::new() }
}

/// Nobody, not even an administrator, opens an application that nobody is allowed to.
fn warn_remove(given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let nobody = before(given, seen).is_some_and(|permission| permission.allowed.iter().all(|name| given.list("names").contains(name)));
    if nobody { vec![given.message("warning.ynh-permission-of-nobody")] } else { Vec::new() }
}

/// Applications forget a name that is gone, the permissions of the system do not: whoever gets the name next has them.
pub(super) fn warn_of_rights_that_stay(name: &str, given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    warn_of(&rights(name, seen, |permission| SYSTEM.contains(&permission)), given, "warning.ynh-rights-stay")
}

/// What a new account or group has from the first moment, because a former one of the same name had it.
pub(super) fn warn_of_rights_from_before(name: &str, given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    warn_of(&rights(name, seen, |_| true), given, "warning.ynh-rights-from-before")
}

fn rights<'a>(name: &str, seen: &Seen<'a>, of: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let all = seen.facts.permissions.value().into_iter().flatten();
    let named = all.filter(|(permission, entry)| of(permission) && entry.allowed.iter().any(|allowed| allowed == name));
    named.map(|(permission, _)| permission.as_str()).collect()
}

fn warn_of(permissions: &[&str], given: &Given, key: &'static str) -> Vec<Message> {
    if permissions.is_empty() { Vec::new() } else { vec![given.message(key).with("permissions", permissions.join(", "))] }
}

fn before<'a>(given: &Given, seen: &Seen<'a>) -> Option<&'a Permission> {
    seen.facts.permissions.value()?.get(given.text("permission"))
}

fn guard_update(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (permission, name) = (known(given, seen)?, given.text("permission"));
    if SYSTEM.contains(&name) {
        return Err(Refusal::because(Cause::PermissionProtected, name));
    }
    // An empty one brings the name of the application back, which no reading tells from any other.
    if given.maybe("label").is_some_and(str::is_empty) {
        return Err(Refusal::because(Cause::InvalidArgument, "label"));
    }
    let address = permission.url.as_deref().is_some_and(|url| !url.starts_with("re:"));
    // YunoHost only warns, and shows none.
    if given.text("show-tile") == "True" && !address { Err(Refusal::because(Cause::TileImpossible, name)) } else { Ok(()) }
}

/// What its picture is called, a digest of it; `null` where it has none.
fn picture_before(given: &Given, seen: &Seen<'_>) -> Value {
    if !given.has("logo") {
        return Value::Null;
    }
    seen.answer(0, "user permission info").ok().and_then(|entry| entry.get("logo_hash").cloned()).unwrap_or_default()
}

fn judge_allowed(given: &Given, answers: &Answers, should: bool) -> Result<CheckResult, CheckError> {
    let name = given.text("permission");
    match answers.read(0, permissions)?.get(name) {
        None => Ok(missing(name)),
        Some(permission) => Ok(judge_list(given.list("names"), |name| permission.allowed.contains(name), should)),
    }
}

fn judge_update(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("permission");
    let entry = answers.read(0, |json| Some(json.get("permissions")?.as_object()?.get(name).cloned().unwrap_or_default()))?;
    if !entry.is_object() {
        return Ok(missing(name));
    }
    let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
    let flag = |field: &str| if entry.get(field).and_then(Value::as_bool).unwrap_or_default() { "True" } else { "False" };
    let order = entry.get("order").and_then(Value::as_u64);
    let label = |label: &str| if name.ends_with(".main") { label == text("label") } else { text("label").ends_with(&format!("({label})")) };
    let checks = [
        ("label", given.maybe("label").is_none_or(label)),
        ("show-tile", given.maybe("show-tile").is_none_or(|shown| shown == flag("show_tile"))),
        ("description", given.maybe("description").is_none_or(|description| description == text("description"))),
        ("order", given.maybe("order").is_none_or(|wanted| wanted.parse().ok() == order)),
        ("hide-from-public", given.maybe("hide-from-public").is_none_or(|hidden| hidden == flag("hide_from_public"))),
        ("logo", !given.has("logo") || !text("logo_hash").is_empty()),
    ];
    let fields: Vec<&str> = checks.iter().filter(|(_, holds)| !holds).map(|(field, _)| *field).collect();
    Ok(match fields.as_slice() {
        // The same picture as before, or the one before.
        [] if given.has("logo") && before.as_str() == Some(text("logo_hash")) => CheckResult::NotKnown(Message::new("found.not-shown")),
        [] => CheckResult::Held,
        _ => CheckResult::NotHeld(differs(&fields)),
    })
}
