"""`yunohost user ssh ...`: the text of each user's `authorized_keys`, treated as carelessly as the real command does."""

from __future__ import annotations

from typing import Any, Dict, List

from . import directory
from .context import Context
from .errors import Refused


def list_keys(context: Context) -> Dict[str, Any]:
    """Every line that is no comment is a key; the comment line before it is its name."""
    user = directory.known_user(context.state, context.args["username"])
    keys: List[Dict[str, str]] = []
    name = ""
    for line in map(str.strip, (user.get("authorized_keys") or "").split("\n")):
        if line.startswith("#"):
            name = line.lstrip("#").strip()
        elif line:
            keys.append({"key": line, "name": name})
            name = ""
    return {"keys": keys}


def add_key(context: Context) -> None:
    """Append it, be it there already or not."""
    args = context.args
    user = directory.known_user(context.state, args["username"])
    comment = (args["comment"] or "").replace("\n", " ").strip()
    if comment and not comment.startswith("#"):
        comment = f"# {comment}"
    added = "".join(f"{line}\n" for line in (comment, args["key"].strip()) if line)
    user["authorized_keys"] = f"{user.get('authorized_keys') or ''}\n\n{added}"
    context.save()
    context.pace.reach(1.0)


def remove_key(context: Context) -> None:
    """Take the text out wherever it stands, in the middle of another line too."""
    key, username = context.args["key"], context.args["username"]
    user = directory.known_user(context.state, username)
    if user.get("authorized_keys") is None:
        path = f"/home/{username}/.ssh/authorized_keys"
        raise Refused(f"this key doesn't exists ({path} dosesn't exists)")
    if key not in user["authorized_keys"]:
        raise Refused(f"Key '{key}' is not present in authorized_keys")
    user["authorized_keys"] = user["authorized_keys"].replace(key, "")
    context.save()
    context.pace.reach(1.0)
