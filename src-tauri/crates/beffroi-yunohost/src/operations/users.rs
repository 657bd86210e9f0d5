//! `user create|update|delete`.

use beffroi_domain::Message;
use serde_json::Value;

use super::Elsewhere;
use super::permissions::{warn_of_rights_from_before, warn_of_rights_that_stay};
use crate::Cause;
use crate::facts::{Domains, User, YunohostFacts, groups, users};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, WayBack, Weight, differs, missing, need,
    operation, question, still_there,
};
use crate::survey::{GROUP_LIST, USER_LIST};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("user list", "survey: users; judge of the operations on users"),
    ("user info", "read before user-edit, and judge of the login shell in user-add and user-edit; the rest of it is in the survey"),
    ("user export", "survey: users; a list for a spreadsheet is written where Beffroi runs"),
    (
        "user import",
        "user-add and user-edit for each person of a list, each planned and checked: YunoHost wants the file on the host, with the passwords in it",
    ),
];

/// `ADMIN_ALIASES` of YunoHost 12 (`src/user.py`): what comes before the `@` of the addresses of `admins`.
pub(super) const RESERVED_ADDRESSES: &[&str] = &["root", "admin", "admins", "webmaster", "postmaster", "abuse"];

/// The groups of a Debian with YunoHost that no account of the same name goes with (`group.master` of base-passwd, systemd,
/// the packages that YunoHost depends on). YunoHost deletes such a group when it makes a user of that name.
const SYSTEM_GROUPS: &str = "adm audio cdrom crontab dialout dip disk fax floppy input kmem kvm netdev nogroup operator plugdev \
    policyd-spf postdrop postsrsd render sasl sftp.app sgx shadow src ssh.app staff sudo systemd-journal tape tty users utmp video voice";

/// What YunoHost sets whenever none is said, also where the user has another.
const DEFAULT_SHELL: &str = "/bin/bash";

/// Whether somebody with this login shell can work on the host. Shells of Debian; any other program only runs, and ends.
#[must_use]
pub fn is_login_shell(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name, "sh" | "bash" | "dash" | "zsh" | "fish" | "ksh" | "ksh93" | "mksh" | "csh" | "tcsh" | "busybox")
}

/// Whether Debian has a group of that name that belongs to no account.
pub(super) fn is_system_group(name: &str) -> bool {
    SYSTEM_GROUPS.split(' ').any(|group| group == name)
}

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["user", "create"],
        params: &[
            Param::place("username", Kind::NewUsername),
            Param::option("fullname", Kind::Fullname, "--fullname").required(true),
            Param::option("password", Kind::Password, "--password").required(true),
            Param::option("domain", Kind::Domain, "--domain"),
            Param::option("mailbox-quota", Kind::Quota, "--mailbox-quota"),
            Param::option("shell", Kind::Shell, "--loginShell"),
        ],
        guard: guard_add,
        warns: |given, seen| warn_of_rights_from_before(given.text("username"), given, seen),
        proof: read_person,
        judge: judge_add,
        ..operation!("user-add")
    },
    Operation {
        command: &["user", "update"],
        params: &[
            Param::place("username", Kind::Username),
            Param::option("fullname", Kind::Fullname, "--fullname"),
            Param::option("password", Kind::Password, "--change-password"),
            Param::option("mail", Kind::Address, "--mail"),
            Param::option("mailbox-quota", Kind::Quota, "--mailbox-quota"),
            Param::option("add-mailalias", Kind::Addresses, "--add-mailalias"),
            Param::option("remove-mailalias", Kind::Addresses, "--remove-mailalias"),
            Param::option("add-mailforward", Kind::Addresses, "--add-mailforward"),
            Param::option("remove-mailforward", Kind::Addresses, "--remove-mailforward"),
            Param::option("shell", Kind::Shell, "--loginShell"),
        ],
        needs_a_change: true,
        asks: |given| if given.has("shell") { Vec::new() } else { vec![read_user(given)] },
        guard: guard_edit,
        warns: warn_edit,
        proof: read_person,
        judge: judge_edit,
        ..operation!("user-edit")
    },
    Operation {
        command: &["user", "delete"],
        params: &[Param::place("username", Kind::Username), Param::option("purge", Kind::Switch, "--purge")],
        way_back: WayBack::Unless(|given| Some(if given.is_on("purge") { "undo.ynh-user-purge" } else { "undo.ynh-user-remove" })),
        weight: Weight::Destroys,
        guard: guard_remove,
        warns: |given, seen| warn_of_rights_that_stay(given.text("username"), given, seen),
        proof: read_people,
        judge: judge_remove,
        ..operation!("user-remove")
    },
];

/// Who is there, and who is in which group.
fn read_people(_: &Given) -> Vec<Question> {
    vec![question(USER_LIST), question(GROUP_LIST)]
}

/// The same, and the login shell, which is not in a list of users.
fn read_person(given: &Given) -> Vec<Question> {
    let mut questions = read_people(given);
    if given.has("shell") {
        questions.push(read_user(given));
    }
    questions
}

fn read_user(given: &Given) -> Question {
    question(&["user", "info", given.text("username")])
}

fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let username = given.text("username").to_owned();
    let users = need(&seen.facts.users, "users")?;
    if users.contains_key(&username) || need(&seen.facts.groups, "groups")?.contains_key(&username) {
        return Err(Refusal::because(Cause::UserExists, username));
    }
    if users.values().any(|user| user.fullname.eq_ignore_ascii_case(&username)) {
        return Err(Refusal::because(Cause::FullnameTaken, username));
    }
    if is_system_group(&username) {
        return Err(Refusal::because(Cause::SystemNameTaken, username));
    }
    let domains = need(&seen.facts.domains, "domains")?;
    if let Some(main) = &domains.main {
        given.put("domain", main);
    }
    let domain = given.maybe("domain").ok_or_else(|| Refusal::because(Cause::DomainUnknown, ""))?;
    guard_address(seen.facts, &format!("{username}@{domain}"), "", false)
}

fn guard_edit(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let username = given.text("username");
    let Some(user) = need(&seen.facts.users, "users")?.get(username) else {
        return Err(Refusal::because(Cause::UserUnknown, username));
    };
    let mut new = given.list("add-mailalias").iter().map(String::as_str).chain(given.maybe("mail"));
    new.try_for_each(|address| guard_address(seen.facts, address, username, false))?;
    for (old, has) in [("remove-mailalias", &user.mail_aliases), ("remove-mailforward", &user.mail_forwards)] {
        if let Some(unknown) = given.list(old).iter().find(|address| !has.contains(address)) {
            return Err(Refusal::because(Cause::AddressUnknown, unknown));
        }
    }
    if given.maybe("shell").is_some_and(|shell| !is_login_shell(shell)) {
        refuse_last_admin(username, seen)?;
    }
    if given.has("add-mailforward") && given.has("remove-mailforward") {
        return Err(Refusal::because(Cause::NotTogether, "add-mailforward, remove-mailforward"));
    }
    keep_shell(given, seen)
}

/// YunoHost puts a new main address in the place of the former, which then reaches nobody.
fn warn_edit(given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let user = seen.facts.users.value().and_then(|users| users.get(given.text("username")));
    let former = user.map(|user| user.mail.as_str()).filter(|former| given.maybe("mail").is_some_and(|mail| mail != *former));
    former.map(|former| given.message("warning.ynh-address-given-up").with("former", former)).into_iter().collect()
}

/// Says the login shell that the user has, as YunoHost would set the usual one instead; unless one is said.
fn keep_shell(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    if given.has("shell") {
        return Ok(());
    }
    let user = seen.answer(0, "user info")?;
    if let Some(shell) = shell(&user).filter(|shell| *shell != DEFAULT_SHELL && Kind::Shell.fits(shell)) {
        given.put("shell", shell);
    }
    Ok(())
}

/// Of `user info`.
fn shell(user: &Value) -> Option<&str> {
    user.get("loginShell").and_then(Value::as_str)
}

fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let username = given.text("username");
    must_exist(seen.facts, username)?;
    refuse_last_admin(username, seen)
}

fn refuse_last_admin(username: &str, seen: &Seen<'_>) -> Result<(), Refusal> {
    let admins = need(&seen.facts.groups, "groups")?.get("admins");
    let last = admins.is_some_and(|admins| !admins.members.is_empty() && admins.members.iter().all(|member| member == username));
    if last { Err(Refusal::because(Cause::LastAdmin, username)) } else { Ok(()) }
}

/// The user must be there.
pub(super) fn must_exist(facts: &YunohostFacts, username: &str) -> Result<(), Refusal> {
    let exists = need(&facts.users, "users")?.contains_key(username);
    if exists { Ok(()) } else { Err(Refusal::because(Cause::UserUnknown, username)) }
}

fn guard_domain(domains: &Domains, domain: &str) -> Result<(), Refusal> {
    let known = domains.names.iter().any(|name| name == domain);
    if known { Ok(()) } else { Err(Refusal::because(Cause::DomainUnknown, domain)) }
}

/// A new address for `owner` (empty for none that is there): of a domain of the host, nobody else's, without a `+`, and not
/// one of the administrators' unless it is for them. What other groups have is not in a survey; YunoHost refuses it.
pub(super) fn guard_address(facts: &YunohostFacts, address: &str, owner: &str, for_admins: bool) -> Result<(), Refusal> {
    let (local, domain) = address.split_once('@').unwrap_or_default();
    guard_domain(need(&facts.domains, "domains")?, domain)?;
    let mut others = need(&facts.users, "users")?.iter().filter(|(name, _)| name.as_str() != owner);
    let taken = others.any(|(_, user)| user.mail == address || user.mail_aliases.iter().any(|alias| alias == address));
    let cause = match local {
        _ if local.contains('+') => Cause::InvalidArgument,
        _ if RESERVED_ADDRESSES.contains(&local) && !for_admins => Cause::ReservedName,
        _ if taken => Cause::AddressTaken,
        _ => return Ok(()),
    };
    Err(Refusal::because(cause, address))
}

/// What became of a user.
enum Found {
    /// Not there.
    Gone,
    /// There, but not in `all_users`: made by half, or removed by half.
    Outside,
    /// There.
    Whole(User),
}

fn found(given: &Given, answers: &Answers) -> Result<Found, CheckError> {
    let (mut users, groups) = (answers.read(0, users)?, answers.read(1, groups)?);
    let username = given.text("username");
    let inside = groups.get("all_users").is_some_and(|group| group.members.iter().any(|member| member == username));
    Ok(match users.remove(username) {
        None => Found::Gone,
        Some(_) if !inside => Found::Outside,
        Some(user) => Found::Whole(user),
    })
}

fn outside(given: &Given) -> CheckResult {
    CheckResult::Half(Message::new("found.user-outside-all-users").with("username", given.text("username")))
}

fn judge_add(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let user = match found(given, answers)? {
        Found::Gone => return Ok(missing(given.text("username"))),
        Found::Outside => return Ok(outside(given)),
        Found::Whole(user) => user,
    };
    let mut fields = Vec::new();
    expect(&mut fields, "fullname", same_words(given.text("fullname"), &user.fullname));
    expect(&mut fields, "shell", shell_holds(given, answers)?);
    expect(&mut fields, "domain", given.maybe("domain").is_none_or(|domain| user.mail == format!("{}@{domain}", given.text("username"))));
    expect(&mut fields, "mailbox-quota", given.maybe("mailbox-quota").is_none_or(|quota| quota == user.mailbox_quota));
    // A user of that name who is another was made by half, or by somebody else.
    Ok(if fields.is_empty() { CheckResult::Held } else { CheckResult::Half(differs(&fields)) })
}

fn judge_edit(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let user = match found(given, answers)? {
        Found::Gone => return Ok(missing(given.text("username"))),
        Found::Outside => return Ok(outside(given)),
        Found::Whole(user) => user,
    };
    let mut fields = Vec::new();
    expect(&mut fields, "fullname", given.maybe("fullname").is_none_or(|name| same_words(name, &user.fullname)));
    expect(&mut fields, "shell", shell_holds(given, answers)?);
    expect(&mut fields, "mail", given.maybe("mail").is_none_or(|mail| mail == user.mail));
    expect(&mut fields, "mailbox-quota", given.maybe("mailbox-quota").is_none_or(|quota| quota == user.mailbox_quota));
    expect(&mut fields, "add-mailalias", given.list("add-mailalias").iter().all(|address| user.mail_aliases.contains(address)));
    expect(&mut fields, "remove-mailalias", !given.list("remove-mailalias").iter().any(|address| user.mail_aliases.contains(address)));
    expect(&mut fields, "add-mailforward", given.list("add-mailforward").iter().all(|address| user.mail_forwards.contains(address)));
    expect(&mut fields, "remove-mailforward", !given.list("remove-mailforward").iter().any(|address| user.mail_forwards.contains(address)));
    Ok(match fields.as_slice() {
        [] if given.has("password") => CheckResult::NotKnown(Message::new("found.not-shown")),
        [] => CheckResult::Held,
        _ => CheckResult::NotHeld(differs(&fields)),
    })
}

fn judge_remove(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    Ok(match found(given, answers)? {
        Found::Gone => CheckResult::Held,
        Found::Outside => outside(given),
        Found::Whole(_) => still_there(given.text("username")),
    })
}

/// Whether the user has the login shell that was said, if one was.
fn shell_holds(given: &Given, answers: &Answers) -> Result<bool, CheckError> {
    match given.maybe("shell") {
        None => Ok(true),
        Some(wanted) => Ok(answers.or_cause(2)?.is_ok_and(|user| shell(&user) == Some(wanted))),
    }
}

fn expect(fields: &mut Vec<&'static str>, field: &'static str, holds: bool) {
    if !holds {
        fields.push(field);
    }
}

/// YunoHost parts a full name into words and joins them with one space.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}
