//! `user group …`

use serde_json::Value;

use super::Elsewhere;
use super::permissions::{warn_of_rights_from_before, warn_of_rights_that_stay};
use super::users::{RESERVED_ADDRESSES, guard_address, is_system_group, must_exist};
use crate::Cause;
use crate::facts::{YunohostFacts, groups};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, WayBack, Weight, held_or, missing, need,
    operation, question, still_there,
};
use crate::survey::GROUP_LIST;

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("user group list", "survey: groups; judge of the operations on groups"),
    ("user group info", "read before group-remove-mailalias, and judge of it and of group-add-mailalias"),
];

const GROUP: Param = Param::place("group", Kind::Group);
const USERS: Param = Param::place("users", Kind::Members);
const ALIASES: Param = Param::place("aliases", Kind::Addresses);

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["user", "group", "create"],
        params: &[GROUP.making()],
        guard: guard_create,
        warns: |given, seen| warn_of_rights_from_before(given.text("group"), given, seen),
        proof: read_groups,
        judge: judge_create,
        ..operation!("group-create")
    },
    Operation {
        command: &["user", "group", "delete"],
        params: &[GROUP],
        // Its members, addresses and permissions are not kept anywhere.
        way_back: WayBack::Lost,
        weight: Weight::Destroys,
        guard: guard_delete,
        warns: |given, seen| warn_of_rights_that_stay(given.text("group"), given, seen),
        proof: read_groups,
        judge: judge_delete,
        ..operation!("group-delete")
    },
    Operation {
        command: &["user", "group", "add"],
        params: &[GROUP, USERS],
        guard: guard_add,
        proof: read_groups,
        judge: |given, _, answers| judge_members(given, answers, true),
        ..operation!("group-add")
    },
    Operation {
        command: &["user", "group", "remove"],
        params: &[GROUP, USERS],
        heavier: |given| (given.text("group") == "admins").then_some(Weight::LocksOut),
        guard: guard_remove,
        proof: read_groups,
        judge: |given, _, answers| judge_members(given, answers, false),
        ..operation!("group-remove")
    },
    Operation {
        command: &["user", "group", "add-mailalias"],
        // Without it, the group of everybody has no address: the guard refuses the others that it would let through.
        always: &["--force"],
        params: &[GROUP, ALIASES],
        guard: guard_add_mailalias,
        proof: read_group,
        judge: |given, _, answers| judge_aliases(given, answers, true),
        ..operation!("group-add-mailalias")
    },
    Operation {
        command: &["user", "group", "remove-mailalias"],
        always: &["--force"],
        params: &[GROUP, ALIASES],
        asks: read_group,
        guard: guard_remove_mailalias,
        proof: read_group,
        judge: |given, _, answers| judge_aliases(given, answers, false),
        ..operation!("group-remove-mailalias")
    },
];

fn read_groups(_: &Given) -> Vec<Question> {
    vec![question(GROUP_LIST)]
}

/// The list of groups does not tell their addresses.
fn read_group(given: &Given) -> Vec<Question> {
    vec![question(&["user", "group", "info", given.text("group")])]
}

fn guard_create(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("group");
    if need(&seen.facts.groups, "groups")?.contains_key(name) || need(&seen.facts.users, "users")?.contains_key(name) {
        return Err(Refusal::because(Cause::GroupExists, name));
    }
    if is_system_group(name) { Err(Refusal::because(Cause::SystemNameTaken, name)) } else { Ok(()) }
}

fn guard_delete(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("group");
    guard_members(seen.facts, name)?;
    if name == "admins" { Err(Refusal::because(Cause::GroupProtected, name)) } else { Ok(()) }
}

fn guard_add(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_members(seen.facts, given.text("group"))?;
    given.list("users").iter().try_for_each(|username| must_exist(seen.facts, username))
}

fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (name, leaving) = (given.text("group"), given.list("users"));
    guard_members(seen.facts, name)?;
    let members = need(&seen.facts.groups, "groups")?.get(name).map(|group| group.members.as_slice()).unwrap_or_default();
    let last = name == "admins" && !members.is_empty() && members.iter().all(|member| leaving.contains(member));
    if last { Err(Refusal::because(Cause::LastAdmin, members.join(" "))) } else { Ok(()) }
}

/// The members of the groups of everybody, of anybody and of a single user are not for administrators to change.
fn guard_members(facts: &YunohostFacts, name: &str) -> Result<(), Refusal> {
    if name == "all_users" { Err(Refusal::because(Cause::GroupProtected, name)) } else { guard_addresses(facts, name) }
}

/// The group of everybody may have an address, those of anybody and of a single user may not.
fn guard_addresses(facts: &YunohostFacts, name: &str) -> Result<(), Refusal> {
    if name == "visitors" || need(&facts.users, "users")?.contains_key(name) {
        return Err(Refusal::because(Cause::GroupProtected, name));
    }
    let known = need(&facts.groups, "groups")?.contains_key(name);
    if known { Ok(()) } else { Err(Refusal::because(Cause::GroupUnknown, name)) }
}

fn guard_add_mailalias(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("group");
    guard_addresses(seen.facts, name)?;
    given.list("aliases").iter().try_for_each(|address| guard_address(seen.facts, address, "", name == "admins"))
}

fn guard_remove_mailalias(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("group");
    guard_addresses(seen.facts, name)?;
    let (group, domains) = (seen.answer(0, "user group info")?, need(&seen.facts.domains, "domains")?);
    let kept = |address: &str| {
        address
            .split_once('@')
            .is_some_and(|(local, domain)| RESERVED_ADDRESSES.contains(&local) && domains.main.as_deref() == Some(domain))
    };
    given.list("aliases").iter().try_for_each(|address| {
        if name == "admins" && kept(address) {
            Err(Refusal::because(Cause::ReservedName, address))
        } else if aliases(&group).any(|alias| alias == address) {
            Ok(())
        } else {
            Err(Refusal::because(Cause::AddressUnknown, address))
        }
    })
}

/// Of `user group info`: `{"members": [], "permissions": [], "mail-aliases": []}`.
fn aliases(group: &Value) -> impl Iterator<Item = &str> {
    group.get("mail-aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn judge_create(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("group");
    Ok(if answers.read(0, groups)?.contains_key(name) { CheckResult::Held } else { missing(name) })
}

fn judge_delete(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("group");
    Ok(if answers.read(0, groups)?.contains_key(name) { still_there(name) } else { CheckResult::Held })
}

fn judge_members(given: &Given, answers: &Answers, inside: bool) -> Result<CheckResult, CheckError> {
    let name = given.text("group");
    match answers.read(0, groups)?.get(name) {
        None => Ok(missing(name)),
        Some(group) => Ok(judge_list(given.list("users"), |user| group.members.contains(user), inside)),
    }
}

fn judge_aliases(given: &Given, answers: &Answers, there: bool) -> Result<CheckResult, CheckError> {
    match answers.or_cause(0)? {
        Ok(group) => Ok(judge_list(given.list("aliases"), |address| aliases(&group).any(|alias| alias == address), there)),
        Err(_) => Ok(missing(given.text("group"))),
    }
}

/// Whether all of a list are there as they should be, or none.
pub(super) fn judge_list(list: &[String], is_there: impl Fn(&String) -> bool, should: bool) -> CheckResult {
    let wrong: Vec<&str> = list.iter().filter(|item| is_there(item) != should).map(String::as_str).collect();
    let key = if should { "found.missing" } else { "found.still-there" };
    held_or(wrong.is_empty(), || beffroi_domain::Message::new(key).with("what", wrong.join(", ")))
}
