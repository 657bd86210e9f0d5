"""Look-ups in the users and groups of a state, shared by every action that needs them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .errors import Refused
from .store import State

Entry = Dict[str, Any]

SPECIAL_GROUPS = ("all_users", "visitors", "admins")


def user(state: State, username: str) -> Optional[Entry]:
    return next((user for user in state["users"] if user["username"] == username), None)


def known_user(state: State, username: str) -> Entry:
    found = user(state, username)
    if found is None:
        raise Refused(f"Unknown user: {username}")
    return found


def user_by_mail(state: State, address: str) -> Optional[Entry]:
    return next((user for user in state["users"] if address in addresses(user)), None)


def addresses(user: Entry) -> List[str]:
    """Every address that delivers to a user, the main one first."""
    return [user["mail"], *user["mail_aliases"]]


def group(state: State, name: str) -> Optional[Entry]:
    return next((group for group in state["groups"] if group["name"] == name), None)


def known_group(state: State, name: str) -> Entry:
    found = group(state, name)
    if found is None:
        raise Refused(f"The group '{name}' is unknown")
    return found


def groups_of(state: State, username: str) -> List[str]:
    """The groups a user was put in: neither everyone's nor the user's own."""
    return [
        group["name"]
        for group in state["groups"]
        if username in group["members"] and group["name"] not in ("all_users", username)
    ]


def conflict(state: State, attribute: str, value: str) -> bool:
    """Whether the directory already has an entry with this attribute (compared without case)."""
    wanted = value.lower()
    if attribute == "uid":
        taken = [user["username"] for user in state["users"]]
    elif attribute == "cn":
        taken = [user["fullname"] for user in state["users"]] + [group["name"] for group in state["groups"]]
    else:
        taken = [address for user in state["users"] for address in addresses(user)]
        taken += [address for group in state["groups"] for address in group["mail_aliases"]]
    return wanted in (name.lower() for name in taken)
