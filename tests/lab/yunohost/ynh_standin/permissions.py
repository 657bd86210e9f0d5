"""`yunohost user permission ...`: who may use what."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import Any, Dict, List, Sequence

from . import directory
from .context import Context
from .errors import Refused
from .grammar import stop
from .store import State

_KEPT_WHEN_SHORT = ("label", "url", "allowed", "description", "hide_from_public")
_ONLY_WHEN_GIVEN = ("description", "hide_from_public", "order", "logo_hash")


def every_permission(state: State, apps: Sequence[str] = (), absolute_urls: bool = False) -> Dict[str, Any]:
    """The permissions of the apps by name, then those of the system; only some when apps are named."""
    _check_installed(state, [app for app in apps if app not in state["system_permissions"]])
    found: Dict[str, Any] = {}
    for app in sorted(state["apps"], key=lambda app: app["id"]):
        if apps and app["id"] not in apps:
            continue
        settings = app["settings"]
        subpermissions = settings["_permissions"]
        app_label = subpermissions["main"].get("label") or settings.get("label") or app["id"].title()
        base = settings.get("domain", "") + settings.get("path", "")
        for name, given in subpermissions.items():
            entry = {
                "label": app_label if name == "main" else f"{app_label} ({given.get('label') or name})",
                "url": given.get("url"),
                "additional_urls": list(given.get("additional_urls", [])),
                "auth_header": given.get("auth_header", True),
                "show_tile": given.get("show_tile", given.get("url") is not None),
                "protected": given.get("protected", False),
                "allowed": list(given.get("allowed", [])),
                **{key: given[key] for key in _ONLY_WHEN_GIVEN if key in given},
            }
            if absolute_urls and entry["url"] is not None:
                entry["url"] = _absolute(entry["url"], base)
                entry["additional_urls"] = [_absolute(url, base) for url in entry["additional_urls"]]
            found[f"{app['id']}.{name}"] = entry
    for name, given in state["system_permissions"].items():
        if not apps or name in apps:
            found[f"{name}.main"] = copy.deepcopy(given)
    return found


def with_users(state: State, permissions: Dict[str, Any]) -> Dict[str, Any]:
    """The same, with the users each permission reaches through its groups."""
    members = {group["name"]: group["members"] for group in state["groups"]}
    for entry in permissions.values():
        reached = {user for group in entry["allowed"] for user in members.get(group, [])}
        entry["corresponding_users"] = sorted(reached)
    return permissions


def list_permissions(context: Context) -> Dict[str, Any]:
    found = every_permission(context.state, context.args["apps"] or (), absolute_urls=True)
    if context.args["full"]:
        return {"permissions": with_users(context.state, found)}
    short = {
        name: {key: value for key, value in entry.items() if key in _KEPT_WHEN_SHORT}
        for name, entry in found.items()
    }
    return {"permissions": short}


def info(context: Context) -> Dict[str, Any]:
    return _info(context, _full_name(context.args["permission"]))


def add(context: Context) -> Dict[str, Any]:
    permission, names = _full_name(context.args["permission"]), context.args["names"]
    current = _info(context, permission)
    app = permission.split(".")[0]
    if app in context.state["system_permissions"]:
        if "visitors" in names:
            raise Refused(
                f"Permission {permission} only makes sense for users having an account,"
                " and therefore cannot be enabled for visitors."
            )
        if app in ("ssh", "sftp") and "all_users" in names:
            raise Refused(f"The permission {permission} can not be added to all users.")
    _check_visitors_allowed(permission, current, names)
    allowed = list(current["allowed"])
    for name in names:
        directory.known_group(context.state, name)
        if name in current["allowed"]:
            context.console.warning(f"Group '{name}' already has permission '{permission}' enabled")
        else:
            allowed.append(name)
    return _grant(context, permission, allowed)


def remove(context: Context) -> Dict[str, Any]:
    permission, names = _full_name(context.args["permission"]), context.args["names"]
    current = _info(context, permission)
    _check_visitors_allowed(permission, current, names)
    for name in names:
        if name not in current["allowed"]:
            context.console.warning(f"Group '{name}' already has permission '{permission}' disabled")
    return _grant(context, permission, [name for name in current["allowed"] if name not in names])


def update(context: Context) -> Dict[str, Any]:
    """How the permission of an application looks in the portal."""
    args, state = context.args, context.state
    permission = _full_name(args["permission"])
    app_id, name = permission.split(".", 1)
    _check_installed(state, [app_id])
    settings = next(app for app in state["apps"] if app["id"] == app_id)["settings"]
    if name not in settings["_permissions"]:
        raise Refused(f"Unknown permission {name} for app {app_id}")
    given = settings["_permissions"][name]
    for key in ("label", "description", "order"):
        if args[key] is not None:
            given[key] = args[key]
    if args["hide_from_public"] is not None:
        given["hide_from_public"] = args["hide_from_public"] == "True"
    if args["show_tile"] is not None:
        given["show_tile"] = args["show_tile"] == "True" and _may_have_a_tile(context, permission, given)
    if args["logo"] is not None:
        given["logo_hash"] = _logo_hash(args["logo"])
    if args["label"] is not None and name == "main":
        settings["label"] = args["label"]
    context.pace.reach(0.5)
    context.save()
    context.refresh_portal()
    context.pace.reach(1.0)
    context.console.success(f"Permission '{permission}' updated")
    return given


def forget_who_is_gone(state: State) -> None:
    """Take groups that are gone out of what applications allow; those of the system keep them (recorded)."""
    groups = {group["name"] for group in state["groups"]}
    for app in state["apps"]:
        for given in app["settings"]["_permissions"].values():
            given["allowed"] = [name for name in given.get("allowed", []) if name in groups]


def _may_have_a_tile(context: Context, permission: str, given: Dict[str, Any]) -> bool:
    url = given.get("url")
    if url and not url.startswith("re:"):
        return True
    reason = (
        f"because the URL for the permission '{permission}' is a regex"
        if url
        else f"because you must first define an URL for the permission '{permission}'"
    )
    context.console.warning(f"You cannot enable 'show_tile' right now, {reason}")
    return False


def _logo_hash(path: str) -> str:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        prog = "yunohost user permission update"
        stop(prog, f"usage: {prog} permission ...", f"argument -L/--logo: can't open '{path}': {error}")
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refused("The provided logo file doesn't seem to be a PNG file. Only PNG logos are supported.")
    return hashlib.sha256(content).hexdigest()


def _check_installed(state: State, apps: Sequence[str]) -> None:
    installed = sorted(app["id"] for app in state["apps"])
    for app in apps:
        if app not in installed:
            names = "".join(f"\n - {name}" for name in installed)
            raise Refused(f"Could not find {app} in the list of installed apps: {names}")


def _full_name(permission: str) -> str:
    return permission if "." in permission else f"{permission}.main"


def _info(context: Context, permission: str) -> Dict[str, Any]:
    found = every_permission(context.state, [permission.split(".")[0]])
    if permission not in found:
        raise Refused(f"Permission '{permission}' not found")
    return with_users(context.state, {permission: found[permission]})[permission]


def _check_visitors_allowed(permission: str, current: Dict[str, Any], names: List[str]) -> None:
    if "visitors" in names and current["protected"]:
        raise Refused(
            f"Permission {permission} is protected. You cannot add or remove the visitors group"
            " to/from this permission."
        )


def _grant(context: Context, permission: str, allowed: List[str]) -> Dict[str, Any]:
    others = [name for name in allowed if name not in ("all_users", "visitors")]
    if "all_users" in allowed and others:
        context.console.warning(
            "This permission is currently granted to all users in addition to other groups."
            " You probably want to either remove the 'all_users' permission"
            " or remove the other groups it is currently granted to."
        )
    app_id, name = permission.split(".")
    context.pace.reach(0.3)
    if app_id in context.state["system_permissions"]:
        context.state["system_permissions"][app_id]["allowed"] = sorted(allowed)
        context.save()
    else:
        app = next(app for app in context.state["apps"] if app["id"] == app_id)
        app["settings"]["_permissions"][name]["allowed"] = allowed
        context.save()
        context.refresh_portal()
    context.pace.reach(1.0)
    context.console.success(f"Permission '{permission}' updated")
    return _info(context, permission)


def _absolute(url: str, base: str) -> str:
    """A permission's address under its app's, never with a slash at its end."""
    base = base.rstrip("/")
    if url.startswith("/"):
        return base + url.rstrip("/")
    if url.startswith("re:/"):
        return "re:" + base.replace(".", "\\.") + url[len("re:") :]
    return url.rstrip("/")
