"""`yunohost user group ...`."""

from __future__ import annotations

from typing import Any, Dict, List

from . import directory, permissions
from .context import Context
from .errors import Refused


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
    if name in state["system_users"]:
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


def remove_members(context: Context, name: str, usernames: List[str], force: bool) -> None:
    """Take users out of a group, the last administrator excepted unless forced."""
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
    if name == "admins" and members and not set(members) - set(usernames):
        raise Refused(
            f"The user '{usernames[0]}' is the last user in the group 'admins'"
            " and will not be removed from it."
        )


def _check_editable(context: Context, name: str) -> None:
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
