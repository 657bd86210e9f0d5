"""The read-only commands about a server: versions, domains, apps, operations."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from . import operations, permissions
from .console import Ordered
from .context import Context
from .errors import Refused


def versions(context: Context) -> Dict[str, Any]:
    return Ordered(context.state["versions"])


def domains(context: Context) -> Dict[str, Any]:
    """Every domain, those of a same registered name together."""
    state = context.state
    names = sorted(state["domains"], key=_domain_order)
    if context.args["exclude_subdomains"]:
        names = [name for name in names if not any(name.endswith(f".{other}") for other in names)]
    return {"domains": names, "main": state["main_domain"]}


def _domain_order(name: str) -> List[str]:
    labels = name.split(".")
    return [labels[-2] + labels[-1], *reversed(labels[:-2])]


def apps(context: Context) -> Dict[str, Any]:
    describe = _app_in_full if context.args["full"] else _app
    ordered = sorted(context.state["apps"], key=lambda app: app["id"])
    return {"apps": [describe(context, app) for app in ordered]}


def app_info(context: Context, app: Dict[str, Any]) -> Dict[str, Any]:
    """`app info` of one application."""
    return _app_in_full(context, app) if context.args["full"] else _app(context, app)


def _app(context: Context, app: Dict[str, Any]) -> Dict[str, Any]:
    settings, manifest = app["settings"], app["manifest"]
    main = settings["_permissions"]["main"]
    description = manifest["description"]
    entry = {
        "id": app["id"],
        "name": _app_label(app),
        "description": main.get("description") or description.get("en") or next(iter(description.values())),
        "version": manifest.get("version", "-"),
    }
    if "domain" in settings and "path" in settings:
        entry["domain_path"] = settings["domain"] + settings["path"]
    return entry


def _app_in_full(context: Context, app: Dict[str, Any]) -> Dict[str, Any]:
    own = permissions.every_permission(context.state, [app["id"]], absolute_urls=True)
    return {
        **_app(context, app),
        "upgrade": app["upgrade"],
        "settings": app["settings"],
        "manifest": app["manifest"],
        "from_catalog": app["from_catalog"],
        "logo": app["logo"],
        "is_webapp": "domain" in app["settings"] and "path" in app["settings"],
        "is_default": app["is_default"],
        **{f"supports_{name}": supported for name, supported in app["supports"].items()},
        "permissions": permissions.with_users(context.state, own),
        "label": _app_label(app),
    }


def _app_label(app: Dict[str, Any]) -> str:
    settings = app["settings"]
    label = settings["_permissions"]["main"].get("label") or settings.get("label")
    return label or app["manifest"]["name"]


def operation_list(context: Context) -> Dict[str, Any]:
    """The latest operations, oldest first."""
    names = context.journal.names()[-context.args["limit"] :] if context.args["limit"] else []
    return {"operation": [_operation(context, name) for name in names]}


def _operation(context: Context, name: str) -> Dict[str, Any]:
    metadata = context.journal.metadata(name) or {}
    entry = {
        "name": name,
        "path": f"{operations.FOLDER}/{name}.yml",
        "description": operations.description(name),
        "success": metadata.get("success", "?"),
        "started_at": operations.started_at(name),
    }
    if context.args["with_details"]:
        entry["parent"] = metadata.get("parent")
        entry["started_by"] = metadata.get("started_by")
    if context.args["with_suboperations"]:
        entry["parent"] = metadata.get("parent")
        entry["suboperations"] = []
    return entry


def operation_show(context: Context) -> Dict[str, Any]:
    name = _operation_name(context, context.args["path"])
    metadata = context.journal.metadata(name)
    if metadata is None:
        raise Refused(
            f"There is no operation log with the name '{context.args['path']}',"
            " use 'yunohost log list' to see all available operation logs"
        )
    if context.args["with_suboperations"]:
        metadata["suboperations"] = []
    lines = context.journal.lines(name)
    number = context.args["number"]
    return {
        "description": operations.description(name),
        "name": name,
        "metadata_path": f"{operations.FOLDER}/{name}.yml",
        "metadata": metadata,
        "log_path": f"{operations.FOLDER}/{name}.log",
        "logs": lines[-number:] if number else lines,
    }


def _operation_name(context: Context, path: str) -> str:
    """An operation by its name, by the path of one of its files, or counted from the last one."""
    counted = re.match(r"last(?:-(?P<back>[0-9]{1,6}))?$", path)
    if not counted:
        return re.sub(r"\.(yml|log)$", "", path.rsplit("/", 1)[-1])
    position = 1 + int(counted.group("back") or 0)
    names = context.journal.names()
    if position > len(names):
        raise Refused("There isn't that many logs")
    return names[-position]
