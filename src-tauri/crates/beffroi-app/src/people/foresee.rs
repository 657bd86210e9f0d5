//! What a host will be like once something is done there, as far as the guards of what comes after it look.

use beffroi_yunohost::Given;
use beffroi_yunohost::YunohostFacts;
use beffroi_yunohost::facts::{Group, Part, User};

use super::access::EVERYBODY;

/// Puts the effect of an operation on people into what was read of a host. Others change nothing that guards of these look at.
pub(crate) fn foresee(operation: &str, given: &Given, facts: &mut YunohostFacts) {
    let (username, group) = (given.text("username"), given.text("group"));
    match operation {
        "user-add" => {
            let mail = format!("{username}@{}", given.text("domain"));
            let user = User { fullname: given.text("fullname").to_owned(), mail, ..User::default() };
            edit(&mut facts.users, |users| drop(users.insert(username.to_owned(), user)));
            edit(&mut facts.groups, |groups| groups.entry(EVERYBODY.to_owned()).or_default().members.push(username.to_owned()));
        }
        "user-edit" => edit(&mut facts.users, |users| {
            if let Some(user) = users.get_mut(username) {
                user.mail = given.maybe("mail").map_or_else(|| std::mem::take(&mut user.mail), str::to_owned);
                user.mail_aliases.extend(given.list("add-mailalias").iter().cloned());
            }
        }),
        "user-remove" => {
            edit(&mut facts.users, |users| drop(users.remove(username)));
            edit(&mut facts.groups, |groups| groups.values_mut().for_each(|group| group.members.retain(|member| member != username)));
        }
        "group-create" => edit(&mut facts.groups, |groups| drop(groups.insert(group.to_owned(), Group::default()))),
        "group-delete" => edit(&mut facts.groups, |groups| drop(groups.remove(group))),
        "group-add" => edit(&mut facts.groups, |groups| {
            groups.entry(group.to_owned()).or_default().members.extend(given.list("users").iter().cloned());
        }),
        "group-remove" => edit(&mut facts.groups, |groups| {
            groups.entry(group.to_owned()).or_default().members.retain(|member| !given.list("users").contains(member));
        }),
        "permission-add" => edit(&mut facts.permissions, |permissions| {
            let allowed = permissions.get_mut(given.text("permission")).map(|permission| &mut permission.allowed);
            allowed.into_iter().for_each(|allowed| allowed.extend(given.list("names").iter().cloned()));
        }),
        "permission-remove" => edit(&mut facts.permissions, |permissions| {
            let allowed = permissions.get_mut(given.text("permission")).map(|permission| &mut permission.allowed);
            allowed.into_iter().for_each(|allowed| allowed.retain(|name| !given.list("names").contains(name)));
        }),
        _ => {}
    }
}

fn edit<T>(part: &mut Part<T>, change: impl FnOnce(&mut T)) {
    if let Part::Read { value } = part {
        change(value);
    }
}
