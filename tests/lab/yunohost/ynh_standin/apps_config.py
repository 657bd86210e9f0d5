"""Configuration panels of applications and their actions: `yunohost app config|action`.

A panel is kept as `app config get --full` shows it, without values: these are
the settings of the application.
"""

from __future__ import annotations

import copy
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import parse_qsl

from . import apps, apps_packages
from .context import Context
from .errors import Refused

Option = Dict[str, Any]

_HIDDEN = "**************"
_SHOWN_ONLY = ("button", "display_text", "markdown", "alert")


def get(context: Context) -> Any:
    """`app config get`: passwords stand in clear with `--full` and `--export`."""
    app = _with_panel(context)
    key, settings = context.args["key"] or "", app["settings"]
    if context.args["full"]:
        panels = copy.deepcopy(app["panel"])
        for _, option in _options(panels):
            if option["type"] not in _SHOWN_ONLY:
                option["value"] = _value(option, settings)
        return {"version": 1.0, "panels": panels}
    found = _filtered(app, key)
    if len(found) == 1 and found[0][0] == key:
        return _as_text(found[0][1], settings)
    if context.args["export"]:
        return {option["id"]: _exported(option, settings) for _, option in found}
    return {full: {"ask": option["ask"], "value": _as_text(option, settings)} for full, option in found}


def set_values(context: Context) -> None:
    """`app config set`: one value, or several as a query string."""
    args, console, app = context.args, context.console, _with_panel(context)
    key = args["key"] or ""
    found = _filtered(app, key)
    if args["value"] is not None:
        if len(found) != 1 or found[0][0] != key:
            raise Refused(f"The filter key '{_as_tuple(key)}' is incorrect.")
        given = {found[0][1]["id"]: args["value"]}
    else:
        given = dict(parse_qsl(args["args"] or "", keep_blank_values=True))
    new = {
        option["id"]: apps_packages.answer({**option, "default": None, "optional": True}, given[option["id"]])
        for _, option in found
        if option["id"] in given and option["type"] not in _SHOWN_ONLY
    }
    with context.operation("app_config_set", app["id"], "app") as running:
        running.start()
        for step, text in enumerate(_STEPS):
            console.info(f"[{'#' * (step * 5)}+++++{'.' * (15 - step * 5)}] > {text}")
        context.pace.reach(0.5)
        fails = app["package"]["fails"].get("config")
        for name, value in new.items():
            if app["settings"].get(name) != value:
                app["settings"][name] = value
                console.info(f"Configuration key '{name}' edited in app settings")
                context.save()
            if fails:
                console.warning(fails)
                raise Refused(f"Applying the new configuration failed: {fails}")
        console.info(f"[####################] > Configuration of {app['id']} completed")
    console.success("Config updated as expected")


_STEPS = (
    "Reading config panel description and current configuration...",
    "Checking what changed in the new configuration...",
    "Validating the new configuration...",
    "Applying the new configuration...",
)


def actions(context: Context) -> Dict[str, Any]:
    """`app action list`."""
    panels = apps.find(context, context.args["app"])["panel"]
    return {full: option["ask"] for full, option in _options(panels) if option["type"] == "button"}


def run_action(context: Context) -> None:
    """`app action run`: what it does is told by the package."""
    app, name = _with_panel(context), context.args["action"]
    button = next((o for full, o in _options(app["panel"]) if full == name and o["type"] == "button"), None)
    if button is None:
        raise Refused(f"The filter key '{_as_tuple(name)}' is incorrect.")
    part = name.rpartition(".")[0]
    given = dict(parse_qsl(context.args["args"] or "", keep_blank_values=True))
    values = {
        option["id"]: apps_packages.answer(option, given.get(option["id"]))
        for full, option in _options(app["panel"])
        if full.rpartition(".")[0] == part and option["type"] not in _SHOWN_ONLY
    }
    told = app["actions"].get(button["id"], {})
    with context.operation("app_action_run", app["id"], "app") as running:
        running.start()
        if "fails" in told:
            running.abandon()
        else:
            context.console.info(told.get("says", "").format(**values))
    if "fails" in told:
        context.console.warning(told["fails"])
        raise Refused(f"Failed to run action {button['id']} for app {app['id']}")
    context.console.success(f"Action {button['id']} successful")


def _with_panel(context: Context) -> Dict[str, Any]:
    app = apps.find(context, context.args["app"])
    if not app["panel"]:
        raise Refused("No config panel found.")
    return app


def _options(panels: List[Dict[str, Any]]) -> Iterator[Tuple[str, Option]]:
    for panel in panels:
        for section in panel["sections"]:
            for option in section["options"]:
                yield f"{panel['id']}.{section['id']}.{option['id']}", option


def _filtered(app: Dict[str, Any], key: str) -> List[Tuple[str, Option]]:
    """The options under a key, those of actions left out."""
    found = [
        (full, option)
        for full, option in _options(app["panel"])
        if option["type"] not in _SHOWN_ONLY and (not key or full == key or full.startswith(f"{key}."))
    ]
    if not found:
        raise Refused(f"The filter key '{_as_tuple(key)}' is incorrect.")
    action_parts = {full.rpartition(".")[0] for full, o in _options(app["panel"]) if o["type"] == "button"}
    return [(full, option) for full, option in found if full.rpartition(".")[0] not in action_parts]


def _as_tuple(key: str) -> str:
    parts: List[Optional[str]] = [*key.split("."), None, None]
    return str(tuple(parts[:3]))


def _value(option: Option, settings: Dict[str, Any]) -> Any:
    return settings.get(option["id"], option.get("default"))


def _as_text(option: Option, settings: Dict[str, Any]) -> str:
    value = _value(option, settings)
    if option["type"] == "password":
        return _HIDDEN if value else ""
    if option["type"] == "boolean":
        return "yes" if str(value) in ("1", "True") else "no"
    return "" if value is None else str(value)


def _exported(option: Option, settings: Dict[str, Any]) -> Optional[str]:
    value = _value(option, settings)
    return None if value is None else str(value)
