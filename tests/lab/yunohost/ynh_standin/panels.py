"""Configuration panels: of the server (`settings`) and of a domain (`domain config`).

A panel's definition is a tree of panels, sections and options kept in `definitions/`, in which what most options have in
common is left out. Values are kept apart, by the name of their option.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import passwords
from .context import Context
from .errors import Refused

Tree = Dict[str, Any]

_FOLDER = Path(__file__).resolve().parent / "definitions"
_OPTION: Tree = {"mode": "bash", "readonly": False, "visible": True}
_INPUT: Tree = {"redact": False, "optional": True}
_SECTION: Tree = {
    "services": [],
    "visible": True,
    "optional": True,
    "collapsed": False,
    "is_action_section": False,
}
_PANEL: Tree = {"services": [], "actions": {"apply": {"en": "Apply"}}}
_WITHOUT_VALUE = ("alert", "button", "markdown", "display_text")
_YES, _NO = ("1", "yes", "y", "true", "t", "on"), ("0", "no", "n", "false", "f", "off")
_MASKED = "**************"


def definition(name: str) -> Tree:
    """The whole tree of a panel."""
    tree: Tree = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    tree["panels"] = [{**_PANEL, **panel} for panel in tree["panels"]]
    for panel in tree["panels"]:
        panel["sections"] = [{**_SECTION, **section} for section in panel["sections"]]
        for section in panel["sections"]:
            section["options"] = [_option(option) for option in section["options"]]
    return tree


def _option(given: Tree) -> Tree:
    common = _OPTION if given["type"] in _WITHOUT_VALUE else {**_OPTION, **_INPUT}
    more = {"yes": 1, "no": 0} if given["type"] == "boolean" else {}
    return {**common, **more, **given}


def options(tree: Tree) -> Iterator[Tuple[str, Tree, Tree]]:
    """Every option with its whole key and its section."""
    for panel in tree["panels"]:
        for section in panel["sections"]:
            for option in section["options"]:
                yield f"{panel['id']}.{section['id']}.{option['id']}", section, option


def find(tree: Tree, name: str) -> Tree:
    """An option by its name, which is unique in a panel."""
    return next(option for _, _, option in options(tree) if option["id"] == name)


def keep(tree: Tree, key: Optional[str]) -> Tree:
    """The part of a tree that a key of one to three words names; all of it without one."""
    words = key.split(".") if key else []
    if len(words) > 3:
        raise Refused(f"The filter key {key} has too many sub-levels, the max is 3.")
    wanted: List[Optional[str]] = [*words, None, None, None]
    kept = {**tree, "panels": []}
    for panel in tree["panels"]:
        if wanted[0] not in (None, panel["id"]):
            continue
        sections = []
        for section in panel["sections"]:
            if wanted[1] not in (None, section["id"]):
                continue
            chosen = [option for option in section["options"] if wanted[2] in (None, option["id"])]
            if chosen:
                sections.append({**section, "options": chosen})
        if sections:
            kept["panels"].append({**panel, "sections": sections})
    if not kept["panels"]:
        raise Refused(f"The filter key '{key}' is incorrect.")
    return kept


def get(tree: Tree, values: Tree, key: Optional[str], full: bool = False, export: bool = False) -> Any:
    """What `config get` answers: one value, a flat map, or the tree."""
    if full and export:
        raise Refused("You can't use --full and --export together.")
    kept = keep(tree, key)
    if full:
        return _in_full(kept, values)
    if key and key.count(".") == 2 and not export:
        ((_, _, option),) = options(kept)
        return None if option["type"] in _WITHOUT_VALUE else value_of(option, values)
    result: Dict[str, Any] = {}
    for name, section, option in options(kept):
        has_value = option["type"] not in _WITHOUT_VALUE
        if section["is_action_section"]:
            continue
        if not export:
            result[name] = {"ask": option["ask"]}
            if has_value:
                result[name]["value"] = _shown(option, values)
        elif has_value:
            value = value_of(option, values)
            raw = bool(value) if option["type"] == "boolean" and value is not None else value
            result[option["id"]] = None if raw == "" else raw
    return result


def _in_full(tree: Tree, values: Tree) -> Tree:
    told = copy.deepcopy(tree)
    for _, _, option in options(told):
        if option["type"] not in _WITHOUT_VALUE:
            option["value"] = value_of(option, values)
        option.pop("empty", None)
    return told


def value_of(option: Tree, values: Tree) -> Any:
    """The value, in the form in which YunoHost keeps it."""
    if option["id"] in values:
        return values[option["id"]]
    return default_of(option)


def default_of(option: Tree) -> Any:
    default = option.get("default", option.get("empty"))
    return int(default) if isinstance(default, bool) else default


def _shown(option: Tree, values: Tree) -> str:
    if option["type"] == "password":
        return _MASKED
    value = value_of(option, values)
    if option["type"] == "boolean":
        return {1: "yes", 0: "no", None: ""}[value]
    return "" if value is None else str(value)


def change(context: Context, tree: Tree, values: Tree) -> Dict[str, Any]:
    """Read what `config set` was given: the new values by name, of which YunoHost silently takes only the visible ones."""
    key, value, args = context.args["key"], context.args["value"], context.args["args"]
    if args is not None and value is not None:
        raise Refused(
            "You should either provide a value, or a serie of args/args_file,"
            " but not both at the same time"
        )
    words = key.split(".") if key else []
    if len(words) < 3 and value is not None:
        raise Refused("You can't set a single value on an entire config section.")
    kept = keep(tree, key)
    given = {words[2]: value} if value is not None else _pairs(args)
    changed = {}
    for _, _, option in options(kept):
        visible = is_visible(option, {**values, **changed}, kept)
        if option["id"] in given and not option["readonly"] and visible:
            changed[option["id"]] = _checked(option, given[option["id"]])
    return changed


def _pairs(args: Optional[str]) -> Dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(args or "", keep_blank_values=True))


def is_visible(option: Tree, values: Tree, tree: Tree) -> bool:
    """Whether an option is shown, which may depend on the value of another in the same part of the tree.

    The real command breaks off when that other one is not in the part (recorded: `KeyError`).
    """
    condition = option["visible"]
    if isinstance(condition, bool) or condition.lower() == "false":
        return condition is True
    name = condition.split()[0]
    others = {found["id"]: found for _, _, found in options(tree)}
    return bool(value_of(others[name], values))


def _checked(option: Tree, text: str) -> Any:
    kind, name = option["type"], option["id"]
    if kind == "boolean":
        if text.lower() in _YES + _NO:
            return int(text.lower() in _YES)
        raise Refused(
            f"Pick a valid value for argument '{name}': '{text.lower()}' is not among the available choices (yes/no)"
        )
    if kind == "number":
        try:
            return int(text)
        except ValueError:
            raise Refused(f"Pick a valid value for the argument '{name}': Must be a number")
    if kind == "password":
        passwords.check(text, 1)
    if "choices" in option and text not in option["choices"]:
        choices = ", ".join(f"'{choice}'" for choice in option["choices"])
        raise Refused(
            f"Pick a valid value for the argument '{name}': Unexpected value; choose between {choices}"
        )
    return text.strip() or option.get("empty")


def saved(context: Context) -> None:
    """What is said when values were written."""
    context.console.info("Saving the new configuration...")
