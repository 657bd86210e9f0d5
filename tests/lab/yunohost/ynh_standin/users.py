"""`yunohost user ...`, without its sub-categories."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List

from . import directory, groups, ldap, passwords, permissions
from .context import Context
from .errors import Refused, prompt_needed
from .seed import ADMIN_ALIASES

_SHELLS = [
    f"{folder}/{shell}" for folder in ("/bin", "/usr/bin") for shell in ("sh", "bash", "rbash", "dash")
]

_DEFAULT_FIELDS = ("username", "fullname", "mail", "mailbox-quota")


def list_users(context: Context) -> Dict[str, Any]:
    state = context.state
    readers: Dict[str, Callable[[directory.Entry], Any]] = {
        "username": lambda user: user["username"],
        "password": lambda user: "",
        "fullname": lambda user: user["fullname"],
        "firstname": lambda user: user["fullname"].split()[0],
        "lastname": lambda user: " ".join(user["fullname"].split()[1:]) or " ",
        "mail": lambda user: user["mail"],
        "mail-alias": lambda user: user["mail_aliases"],
        "mail-forward": lambda user: user["mail_forward"],
        "mailbox-quota": lambda user: user["quota"],
        "groups": lambda user: directory.groups_of(state, user["username"]),
        "shell": lambda user: user["login_shell"] == "/bin/false",
        "home-path": lambda user: f"/home/{user['username']}",
    }
    fields = context.args["fields"] or _DEFAULT_FIELDS
    for field in fields:
        if field not in readers:
            raise Refused(f"Invalid field '{field}'")
    return {
        "users": {
            user["username"]: {field: readers[field](user) for field in fields} for user in state["users"]
        }
    }


def info(context: Context) -> Dict[str, Any]:
    return _info(context, context.args["username"])


def create(context: Context) -> Dict[str, Any]:
    args, state = context.args, context.state
    username, fullname = args["username"], args["fullname"].strip()
    passwords.check(args["password"], state["password_levels"]["user"])
    domain = args["domain"]
    if domain is None:
        context.console.notice("Available domains:")
        for available in sorted(state["domains"]):
            context.console.notice(f"- {available}")
        raise prompt_needed()
    if domain not in state["domains"]:
        raise Refused(f"Domain '{domain}' unknown")
    mail = f"{username}@{domain}"
    _check_name_is_free(context, username, mail)
    with context.operation("user_create", username, "user") as operation:
        operation.start()
        _check_shell(args["loginShell"])
        context.pace.reach(0.3)
        state["users"].append(
            {
                "username": username,
                "fullname": fullname,
                "mail": mail,
                "mail_aliases": [],
                "mail_forward": [],
                "quota": args["mailbox_quota"],
                "login_shell": args["loginShell"],
                "mail_used_kb": 0,
            }
        )
        if username in state["system_groups"]:
            context.console.warning(
                f"Group {username} already exists in the system groups, but YunoHost will remove it…"
            )
            state["system_groups"].remove(username)
        state["groups"].append({"name": username, "members": [username], "mail_aliases": []})
        directory.known_group(state, "all_users")["members"].append(username)
        context.save()
        context.console.info(f"The user '{username}' will be added to the group 'all_users'")
        context.pace.reach(0.6)
        context.refresh_portal()
        context.pace.reach(1.0)
        context.console.success("User created")
    return {"fullname": fullname, "username": username, "mail": mail}


def delete(context: Context) -> None:
    """Remove a user; its groups go first, one by one, so a refusal half-way leaves a half-removed user."""
    state, username = context.state, context.args["username"]
    directory.known_user(state, username)
    with context.operation("user_delete", username, "user") as operation:
        operation.start()
        context.pace.reach(0.3)
        context.console.info(f"The user '{username}' will be removed from the group 'all_users'")
        _remove_member(state, "all_users", username)
        context.save()
        for group in directory.groups_of(state, username):
            groups.remove_members(context, group, [username], force=context.args["force"])
            context.console.success(f"Group '{group}' updated")
        state["groups"] = [group for group in state["groups"] if group["name"] != username]
        state["users"] = [user for user in state["users"] if user["username"] != username]
        permissions.forget_who_is_gone(state)
        context.save()
        context.pace.reach(0.6)
        context.refresh_portal()
        context.pace.reach(1.0)
        context.console.success("User deleted")


def update(context: Context) -> Dict[str, Any]:
    args, state = context.args, context.state
    username = args["username"]
    user = directory.known_user(state, username)
    changed = dict(user, mail_aliases=list(user["mail_aliases"]), mail_forward=list(user["mail_forward"]))
    if args["fullname"] and args["fullname"].strip():
        changed["fullname"] = " ".join(args["fullname"].split())
    if args["change_password"] is not None and args["change_password"] != "":
        if not args["change_password"]:
            raise prompt_needed()
        level = "admin" if username in directory.known_group(state, "admins")["members"] else "user"
        passwords.check(args["change_password"], state["password_levels"][level])
    _change_addresses(context, changed)
    if args["mailbox_quota"] is not None:
        changed["quota"] = args["mailbox_quota"]
    _check_shell(args["loginShell"])
    changed["login_shell"] = args["loginShell"]
    with context.operation("user_update", username, "user") as operation:
        operation.start()
        context.pace.reach(0.3)
        user.update(changed)
        context.save()
        ldap.change(username, changed["login_shell"], args["change_password"])
        if args["change_password"]:
            context.console.info("Invalidating sessions")
        context.pace.reach(0.6)
        context.refresh_portal()
        context.pace.reach(1.0)
        context.console.success("User info changed")
    return _info(context, username)


def _info(context: Context, wanted: str) -> Dict[str, Any]:
    """A user by name or by any of its addresses."""
    state = context.state
    user = directory.user_by_mail(state, wanted) if wanted.count("@") == 1 else directory.user(state, wanted)
    if user is None:
        raise Refused(f"Unknown user: {wanted}")
    limited = not re.match("0[bkMGT]?", user["quota"])
    return {
        "username": user["username"],
        "fullname": user["fullname"],
        "mail": user["mail"],
        "loginShell": user["login_shell"],
        "mail-aliases": user["mail_aliases"],
        "mail-forward": user["mail_forward"],
        "mailbox-quota": {
            "limit": user["quota"] if limited else "No quota",
            "use": _mailbox_use(context, user, wanted, limited),
        },
    }


def _mailbox_use(context: Context, user: directory.Entry, wanted: str, limited: bool) -> str:
    """How full the mailbox is; unknown when asked by address (a quirk of the real command, recorded)."""
    state = context.state
    dovecot = state["services"].get("dovecot")
    if dovecot and dovecot["status"] != "running":
        context.console.warning(
            "The Dovecot mailbox service needs to be up if you want to fetch used mailbox space"
        )
        return "?"
    if wanted != user["username"] or not _has_mail(context, wanted):
        return "?"
    used = user["mail_used_kb"] * 1000
    text = human_size(used)
    if limited:
        match = re.match(r"(\d+)([bkMGT])", user["quota"])
        factor = {"b": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
        limit = int(match.group(1)) * factor[match.group(2)] if match else 0
        text += f" ({100 * used // limit if limit else 0}%)"
    return text


def _has_mail(context: Context, username: str) -> bool:
    allowed = context.state["system_permissions"]["mail"]["allowed"]
    return any(username in group["members"] for group in context.state["groups"] if group["name"] in allowed)


def human_size(size: int) -> str:
    """A size in powers of 1024, with one decimal under 10."""
    for power, symbol in reversed(list(enumerate("KMGTPEZY", start=1))):
        if size >= 1024**power:
            value = size / 1024**power
            return f"{value:.1f}{symbol}" if value < 10 else f"{value:.0f}{symbol}"
    return str(size)


def _check_name_is_free(context: Context, username: str, mail: str) -> None:
    state = context.state
    if directory.user(state, username):
        raise Refused(f"The user '{username}' already exists")
    for attribute, value in (("uid", username), ("mail", mail), ("cn", username)):
        _check_unique(context, attribute, value, f"Could not create user {username}")
    apps = [app["id"] for app in state["apps"]]
    if username in state["system_users"] or username in apps:
        raise Refused("Username already exists in the list of system users")
    if mail.split("@")[0] in ADMIN_ALIASES:
        raise Refused("This e-mail address is reserved for the admins group")


def _check_unique(context: Context, attribute: str, value: str, failure: str) -> None:
    if directory.conflict(context.state, attribute, value):
        context.console.info(f"attribute '{attribute}' with value '{value}' is not unique")
        raise Refused(f"{failure}: LDAP attribute '{attribute}' already exists with value '{value}'")


def _check_shell(shell: str) -> None:
    if shell not in _SHELLS:
        raise Refused(f"Invalid shell: {shell}")


def _change_addresses(context: Context, user: directory.Entry) -> None:
    args = context.args
    failure = f"Could not update user {user['username']}"
    if args["mail"]:
        if args["mail"] in user["mail_aliases"]:
            user["mail_aliases"].remove(args["mail"])
        elif args["mail"] != user["mail"]:
            _check_unique(context, "mail", args["mail"], failure)
        check_address(context, args["mail"])
        user["mail"] = args["mail"]
    for alias in args["add_mailalias"] or []:
        if alias in directory.addresses(user):
            continue
        if alias.split("@")[0] not in ADMIN_ALIASES:
            _check_unique(context, "mail", alias, failure)
        check_address(context, alias)
        user["mail_aliases"].append(alias)
    for alias in args["remove_mailalias"] or []:
        if alias not in user["mail_aliases"]:
            raise Refused(f"Could not remove e-mail alias '{alias}'")
        user["mail_aliases"].remove(alias)
    _change_forwards(args, user)


def _change_forwards(args: Dict[str, Any], user: directory.Entry) -> None:
    """With some to remove, those to add are forgotten, and a refusal names another address (recorded)."""
    to_add, to_remove = args["add_mailforward"] or [], args["remove_mailforward"] or []
    before = list(user["mail_forward"])
    if to_remove:
        if not set(to_remove) <= set(before):
            last = [args["mail"], *(args["add_mailalias"] or []), *(args["remove_mailalias"] or [])][-1]
            raise Refused(f"Could not remove e-mail forwarding '{last}'")
        user["mail_forward"] = [forward for forward in before if forward not in to_remove]
    else:
        user["mail_forward"] = before + [forward for forward in to_add if forward not in before]


def check_address(context: Context, address: str) -> None:
    name, _, domain = address.partition("@")
    if name in ADMIN_ALIASES:
        raise Refused("This e-mail address is reserved for the admins group")
    if domain not in context.state["domains"]:
        raise Refused(
            f"Invalid e-mail address for domain '{domain}'."
            " Please, use a domain administrated by this server."
        )


def _remove_member(state: Dict[str, Any], group_name: str, username: str) -> None:
    members: List[str] = directory.known_group(state, group_name)["members"]
    if username in members:
        members.remove(username)
