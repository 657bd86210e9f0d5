"""What can be installed: packages of a catalog or in a folder, the questions they ask, and the answers.

A package is a manifest and what its scripts do: `steps` (the lines each script
tells), `fails` (a script that ends badly, and on what), `sources_missing` (what
cannot be downloaded), `panel` and `actions` of its configuration.
"""

from __future__ import annotations

import copy
import os
import re
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import parse_qsl

try:
    import tomllib
except ImportError:  # Python before 3.11: a folder then is no package
    tomllib = None  # type: ignore[assignment]

from . import seed
from .context import Context
from .errors import Refused, prompt_needed

Package = Dict[str, Any]
Question = Dict[str, Any]

_ASKS = {
    "domain": "Choose the domain where this app should be installed",
    "path": "Choose the URL path (after the domain) where this app should be installed",
    "init_main_permission": "Who should have access to this app? (This can later be changed)",
    "admin": "Choose an administrator user for this app",
    "password": "Choose an administration password for this app",
}
_GROUP_LABELS = {"admins": "Admins", "all_users": "All YunoHost users", "visitors": "Visitors"}
_FREE_MEMORY, _ARCHITECTURE = "22G", "amd64"
_YES, _NO = ("1", "yes", "y", "true", "t", "on"), ("0", "no", "n", "false", "f", "off")


def catalog(context: Context) -> Dict[str, Any]:
    """The catalog, which must be there."""
    context.refresh_portal()
    return context.state["app_catalog"]


def find(context: Context, source: str) -> Tuple[Package, bool]:
    """The package at a source, and whether it comes from the catalog."""
    state = context.state
    if not source.startswith("/"):
        catalog(context)
    if source in state["app_catalog"]:
        package = state["app_catalog"][source]
        if package["repository_missing"]:
            context.console.error(
                f"Command '['git', 'ls-remote', '--symref', '{package['git']['url']}', 'HEAD']'"
                " returned non-zero exit status 128."
            )
            raise Refused("Could not fetch source files, is the URL correct?")
        return package, True
    if source.rstrip("/") in state["app_folders"]:
        return state["app_folders"][source.rstrip("/")], False
    if is_folder(source):
        return from_folder(source), False
    raise Refused("Unknown app")


def is_folder(source: str) -> bool:
    """Whether a package lies on this machine."""
    return tomllib is not None and source.startswith("/") and os.path.isfile(os.path.join(source, "manifest.toml"))


def from_folder(folder: str) -> Package:
    """A package as its folder has it: a script that has a line `ynh_die TEXT` fails with that text."""
    with open(os.path.join(folder, "manifest.toml"), "rb") as file:
        manifest = tomllib.load(file)
    fails = {}
    for script in ("install", "remove", "upgrade", "change_url", "config"):
        path = os.path.join(folder, "scripts", script)
        lines = open(path, encoding="utf-8").read().splitlines() if os.path.exists(path) else []
        told = next((line.partition(" ")[2].strip("\"'") for line in lines if line.startswith("ynh_die ")), None)
        if told:
            fails[script] = told
    note = os.path.join(folder, "doc", "PRE_UPGRADE.md")
    notes = {"main": {"en": open(note, encoding="utf-8").read().strip()}} if os.path.exists(note) else {}
    manifest["notifications"] = {"PRE_INSTALL": {}, "POST_INSTALL": {}, "PRE_UPGRADE": notes, "POST_UPGRADE": {}}
    return seed.package(manifest["id"], {"manifest": manifest, "fails": fails})


def confirm(context: Context, source: str, force: bool) -> None:
    """What nobody vouches for wants a question answered, which takes a terminal."""
    state = context.state
    if not source.startswith("/"):
        catalog(context)
    if source not in state["app_catalog"] and source.rstrip("/") not in state["app_folders"] and not is_folder(source):
        raise Refused("Unknown app")
    known = state["app_catalog"].get(source)
    if not force and (known is None or known["state"] != "working" or (known["level"] or 0) <= 0):
        raise prompt_needed()


def manifest(context: Context) -> Dict[str, Any]:
    """`app manifest`: the manifest with its questions worked out for this server."""
    source = context.args["app"]
    package, from_catalog = find(context, source)
    shown = copy.deepcopy(package["manifest"])
    shown["install"] = [_serialised(question) for question in questions(context, package["manifest"])]
    shown.setdefault("doc", {})
    shown["lastUpdate"] = package["lastUpdate"]
    if from_catalog:
        git = package["git"]
        shown["remote"] = {
            "type": "git",
            "url": git["url"],
            "branch": git["branch"],
            "revision": git["revision"],
        }
        shown["quality"] = {"level": package["level"], "state": package["state"]}
    else:
        slash = "" if source.endswith((".tar.gz", ".zip")) else "/"
        shown["remote"] = {"type": "file", "path": source.rstrip("/") + slash}
        shown["quality"] = {"level": -1, "state": "thirdparty"}
    shown["antifeatures"] = list(package["antifeatures"])
    shown["potential_alternative_to"] = []
    shown["requirements"] = {entry["id"]: entry for entry in requirements(context, package["manifest"])}
    return shown


def requirements(context: Context, manifest: Dict[str, Any]) -> List[Dict[str, Any]]:
    """What a package needs of its server; the sentence is there when it is met, too."""
    wants, current = manifest["integration"], context.state["versions"]["yunohost"]["version"]
    needed = wants["yunohost"].strip(">= ")
    architectures = wants["architectures"]
    installed = any(app["id"].split("__")[0] == manifest["id"] for app in context.state["apps"])
    named = "all" if architectures == "all" else ", ".join(architectures)
    checks = [
        (
            "required_yunohost_version",
            _numbers(needed) <= _numbers(current),
            f"This app requires YunoHost >= {needed} but current installed version is {current}.",
        ),
        (
            "arch",
            architectures in ("all", "?") or _ARCHITECTURE in architectures,
            f"This app can only be installed on architectures {named} but your server architecture"
            f" is {_ARCHITECTURE}",
        ),
        ("install", wants["multi_instance"] is True or not installed, f"{manifest['id']} is already installed"),
        ("disk", True, f"This app requires {wants['disk']} free space."),
        (
            "ram",
            not wants["ram"]["build"].endswith("T"),
            f"This app requires {wants['ram']['build']} RAM to install/upgrade but only {_FREE_MEMORY}"
            " is available right now.",
        ),
    ]
    return [{"id": name, "passed": passed, "error": error} for name, passed, error in checks]


def _numbers(version: str) -> List[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def questions(context: Context, manifest: Dict[str, Any]) -> List[Question]:
    """The questions of a manifest with the choices of this server."""
    return [_question(context, name, given) for name, given in manifest["install"].items()]


def _question(context: Context, name: str, given: Question) -> Question:
    state, kind = context.state, given.get("type", "string")
    ask = given.get("ask", _ASKS.get(name, name))
    question = {
        "type": kind,
        "id": name,
        "ask": ask if isinstance(ask, str) else ask["en"],
        "optional": given.get("optional", False),
        "default": given.get("default"),
        **{key: given[key] for key in ("choices", "min", "max", "example", "help") if key in given},
    }
    if kind == "domain":
        main = state["main_domain"]
        question["default"] = main
        question["choices"] = {
            domain: f"{domain} ★" if domain == main else domain for domain in sorted(state["domains"])
        }
    elif kind == "user":
        users = sorted(state["users"], key=lambda user: user["username"])
        admins = next(group for group in state["groups"] if group["name"] == "admins")["members"]
        question["default"] = next((name for name in admins), None)
        question["choices"] = {user["username"]: f"{user['fullname']} ({user['mail']})" for user in users}
    elif kind == "group":
        primary = [user["username"] for user in state["users"]]
        names = [group["name"] for group in state["groups"] if group["name"] not in primary]
        names.sort(key=lambda name: (name not in _GROUP_LABELS, name))
        question["choices"] = {name: _GROUP_LABELS.get(name, name) for name in names}
    return question


def _serialised(question: Question) -> Dict[str, Any]:
    """A question as `app manifest` writes it, with everything that it leaves out."""
    kind = question["type"]
    shown = {
        "type": kind,
        "id": question["id"],
        "mode": "bash",
        "ask": question["ask"],
        "readonly": False,
        "visible": True,
        "bind": None,
        "name": None,
        "help": question.get("help"),
        "example": question.get("example"),
        "placeholder": None,
        "redact": kind == "password",
        "optional": question["optional"],
        "default": question["default"],
    }
    if kind in ("domain", "user", "group", "select"):
        shown.update(filter=None, choices=question.get("choices"))
    elif kind in ("string", "path", "text"):
        shown["pattern"] = None
    elif kind == "number":
        shown.update(min=question.get("min"), max=question.get("max"), step=None)
    elif kind == "boolean":
        shown.update(yes=1, no=0)
    return shown


def answers(asked: List[Question], line: Optional[str]) -> Dict[str, Any]:
    """The answers in a query string, checked; what is missing takes its default, without a word."""
    given = dict(parse_qsl(line or "", keep_blank_values=True))
    return {question["id"]: answer(question, given.get(question["id"])) for question in asked}


def answer(question: Question, text: Optional[str]) -> Any:
    """One answer, as the scripts of the package will see it."""
    value = question.get("default") if text in (None, "") else text
    if value in (None, ""):
        if not question.get("optional") and question["type"] != "boolean":
            raise _unfit(question, "Value is required.")
        return 0 if question["type"] == "boolean" else ""
    choices = question.get("choices")
    if choices and str(value) not in choices:
        named = ", ".join(f"'{choice}'" for choice in choices)
        raise _unfit(question, f"Unexpected value; choose between {named}")
    if question["type"] == "number":
        return _number(question, value)
    if question["type"] == "boolean":
        word = str(int(value) if isinstance(value, bool) else value).lower()
        if word not in _YES + _NO:
            raise _unfit(question, f"Invalid value '{value}' for boolean")
        return int(word in _YES)
    if question["type"] == "path":
        return "/" + str(value).strip("/")
    return value


def _number(question: Question, value: Any) -> int:
    try:
        number = int(value)
    except ValueError:
        raise _unfit(question, "Value is not a valid integer.") from None
    if question.get("min") is not None and number < question["min"]:
        raise _unfit(question, f"Value must be greater than or equal to {question['min']}.")
    if question.get("max") is not None and number > question["max"]:
        raise _unfit(question, f"Value must be less than or equal to {question['max']}.")
    return number


def _unfit(question: Question, why: str) -> Refused:
    return Refused(f"Pick a valid value for the argument '{question['id']}': {why}")


def list_catalog(context: Context) -> Dict[str, Any]:
    """`app catalog`."""
    known = catalog(context)
    if not context.args["full"]:
        return {"apps": {name: _short(package) for name, package in known.items()}}
    hidden = ("repository_missing", "steps", "fails", "sources_missing", "panel", "actions", "supports")
    apps = {}
    for name, package in known.items():
        entry = {key: value for key, value in package.items() if key not in hidden}
        entry["manifest"] = {**package["manifest"], "description": _in_english(package)}
        apps[name] = entry
    shown: Dict[str, Any] = {"apps": apps}
    if context.args["with_categories"]:
        shown["categories"] = context.state["app_categories"]
    if context.args["with_antifeatures"]:
        shown["antifeatures"] = []
    return shown


def search(context: Context) -> Dict[str, Any]:
    """`app search`."""
    wanted = context.args["string"]
    found = {
        name: _short(package)
        for name, package in catalog(context).items()
        if re.search(wanted, name, flags=re.IGNORECASE)
        or re.search(wanted, _in_english(package), flags=re.IGNORECASE)
    }
    return {"apps": found}


def _short(package: Package) -> Dict[str, Any]:
    return {"description": _in_english(package), "level": package["level"]}


def _in_english(package: Package) -> str:
    description = package["manifest"]["description"]
    return description if isinstance(description, str) else description["en"]
