"""`yunohost user group ...`."""

from __future__ import annotations

from typing import Any, Dict, List

from . import directory, permissions
from .context import Context
from .errors import Refused
from .seed import ADMIN_ALIASES


def list_groups(context: Context) -> Dict[str, Any]:
    state = context.state
    usernames = {user["username"] for user in state["users"]}
    groups: Dict[str, Dict[str, Any]] = {
        group["name"]: {"members": group["members"]}
        for group in state["groups"]
        if context.args["include_primary_groups"] or group["name"] not in usernames
    }
    if context.args["full"]:
        granted = permissions.every_permission(state)
        for name, entry in groups.items():
            entry["permissions"] = [key for key, given in granted.items() if name in given["allowed"]]
    return {"groups": groups}


def info(context: Context) -> Dict[str, Any]:
    return _info(context, context.args["groupname"])


def create(context: Context) -> Dict[str, Any]:
    state, name = context.state, context.args["groupname"]
    if directory.group(state, name):
        raise Refused(f"Group {name} already exists")
    if name in state["system_users"] or name in state["system_groups"]:
        raise Refused(f"Group {name} already exists in the system groups")
    with context.operation("user_group_create", name, "group") as operation:
        operation.start()
        context.pace.reach(0.5)
        state["groups"].append({"name": name, "members": [], "mail_aliases": []})
        context.save()
        context.pace.reach(1.0)
        context.console.success(f"Group '{name}' created")
    return {"name": name}


def delete(context: Context) -> None:
    state, name = context.state, context.args["groupname"]
    directory.known_group(state, name)
    if name in directory.SPECIAL_GROUPS or directory.user(state, name):
        raise Refused(f"The group {name} cannot be deleted manually.")
    with context.operation("user_group_delete", name, "group") as operation:
        operation.start()
        context.pace.reach(0.5)
        state["groups"] = [group for group in state["groups"] if group["name"] != name]
        permissions.forget_who_is_gone(state)
        context.save()
        context.pace.reach(1.0)
        context.console.success(f"Group '{name}' deleted")


def add(context: Context) -> Dict[str, Any]:
    state, name, usernames = context.state, context.args["groupname"], context.args["usernames"]
    _check_editable(context, name)
    with context.operation("user_group_update", name, "group") as operation:
        group = directory.known_group(state, name)
        for username in usernames:
            directory.known_user(state, username)
            if username in group["members"]:
                context.console.warning(f"User {username} is already in group {name}")
            else:
                context.console.info(f"The user '{username}' will be added to the group '{name}'")
        wanted = [*group["members"], *(user for user in usernames if user not in group["members"])]
        if wanted == group["members"]:
            context.console.info(f"Nothing to change for group '{name}'")
        else:
            operation.start()
            context.pace.reach(0.5)
            group["members"] = wanted
            context.save()
            context.pace.reach(1.0)
            context.console.success(f"Group '{name}' updated")
    return _info(context, name)


def remove(context: Context) -> Dict[str, Any]:
    name, usernames = context.args["groupname"], context.args["usernames"]
    _check_editable(context, name)
    with context.operation("user_group_update", name, "group") as operation:
        if not set(usernames) & set(directory.known_group(context.state, name)["members"]):
            for username in usernames:
                context.console.warning(f"User {username} is not in group {name}")
            context.console.info(f"Nothing to change for group '{name}'")
        else:
            _check_an_admin_stays(context, name, usernames)
            operation.start()
            context.pace.reach(0.5)
            remove_members(context, name, usernames, force=False)
            context.pace.reach(1.0)
            context.console.success(f"Group '{name}' updated")
    return _info(context, name)


def add_mailalias(context: Context) -> Dict[str, Any]:
    state, name, wanted = context.state, context.args["groupname"], context.args["aliases"]
    _check_editable(context, name, context.args["force"])
    group = directory.known_group(state, name)
    aliases = list(group["mail_aliases"])
    for address in wanted:
        local, _, domain = address.partition("@")
        if local in ADMIN_ALIASES and name != "admins":
            raise Refused("This e-mail address is reserved for the admins group")
        if address in group["mail_aliases"]:
            continue
        if directory.conflict(state, "mail", address):
            context.console.info(f"attribute 'mail' with value '{address}' is not unique")
            raise Refused(
                f"Could not update the group '{name}': LDAP attribute 'mail' already exists with value '{address}'"
            )
        if domain not in state["domains"]:
            raise Refused(
                f"Invalid e-mail address for domain '{domain}'."
                " Please, use a domain administrated by this server."
            )
        aliases.append(address)
        context.console.info(f"The email alias '{address}' will be added to the group '{name}'")
    return _change_aliases(context, group, aliases)


def remove_mailalias(context: Context) -> Dict[str, Any]:
    state, name = context.state, context.args["groupname"]
    _check_editable(context, name, context.args["force"])
    group = directory.known_group(state, name)
    aliases = list(group["mail_aliases"])
    for address in context.args["aliases"]:
        local, _, domain = address.partition("@")
        if name == "admins" and local in ADMIN_ALIASES and domain == state["main_domain"]:
            raise Refused(f"The alias {address} can not be removed from the 'admins' group")
        if address not in aliases:
            raise Refused(f"Could not remove e-mail alias '{address}'")
        aliases.remove(address)
        context.console.info(f"The email alias '{address}' will be removed from the group '{name}'")
    return _change_aliases(context, group, aliases)


def _change_aliases(context: Context, group: directory.Entry, aliases: List[str]) -> Dict[str, Any]:
    """Says nothing of its success for the group of everybody."""
    name = group["name"]
    with context.operation("user_group_update", name, "group") as operation:
        changed = aliases != group["mail_aliases"]
        if changed:
            context.console.info(f"Updating aliases for group '{name}'")
            operation.start()
            context.pace.reach(0.5)
            group["mail_aliases"] = aliases
            context.save()
        context.pace.reach(1.0)
        if name == "all_users":
            pass
        elif changed:
            context.console.success(f"Group '{name}' updated")
        else:
            context.console.info(f"Nothing to change for group '{name}'")
    return _info(context, name)


def remove_members(context: Context, name: str, usernames: List[str], force: bool) -> None:
    """Take users out of a group, the last administrator excepted unless forced; YunoHost 11 lets him go too."""
    if not force:
        _check_an_admin_stays(context, name, usernames)
    group = directory.known_group(context.state, name)
    for username in usernames:
        if username in group["members"]:
            context.console.info(f"The user '{username}' will be removed from the group '{name}'")
        else:
            context.console.warning(f"User {username} is not in group {name}")
    group["members"] = [member for member in group["members"] if member not in usernames]
    context.save()


def _check_an_admin_stays(context: Context, name: str, usernames: List[str]) -> None:
    members = directory.known_group(context.state, name)["members"]
    older = context.state["versions"]["yunohost"]["version"].startswith("11.")
    if name == "admins" and members and not set(members) - set(usernames) and not older:
        raise Refused(
            f"The user '{usernames[0]}' is the last user in the group 'admins'"
            " and will not be removed from it."
        )


def _check_editable(context: Context, name: str, force: bool = False) -> None:
    if force:
        return
    if name == "all_users":
        raise Refused(
            "The group 'all_users' cannot be edited manually."
            " It is a special group meant to contain all users registered in YunoHost"
        )
    if name == "visitors":
        raise Refused(
            "The group 'visitors' cannot be edited manually."
            " It is a special group representing anonymous visitors"
        )
    if directory.user(context.state, name):
        raise Refused(
            f"The group '{name}' cannot be edited manually."
            " It is the primary group meant to contain only one specific user."
        )


def _info(context: Context, name: str) -> Dict[str, Any]:
    """A group; its permissions are always told empty (a quirk of the real command, recorded)."""
    group = directory.known_group(context.state, name)
    return {"members": group["members"], "permissions": [], "mail-aliases": group["mail_aliases"]}
