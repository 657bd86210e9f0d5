"""A server with YunoHost 11: what it has not, and what it answers in another form.

Held to the sources of 11.3.0.2: none was run. The real one leaves the level of a log line out where nobody looks at a
terminal; Beffroi has its helper on the host put it there, and here it stands there by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Union

from . import firewall, panels
from .context import Context
from .grammar import Action, Arg, Category

_Change = Callable[[Context, Any], Any]

_LATER_COMMANDS = (
    "firewall open", "firewall close", "firewall delete", "firewall is-open", "storage", "tools update_norefresh",
    "user permission ldapsync",
)  # fmt: skip
_LATER_ARGUMENTS = {
    "app info": ("with_pre_upgrade_notifications",),
    "app install": ("ignore_yunohost_version",),
    "app upgrade": ("ignore_yunohost_version",),
    "domain add": ("install_letsencrypt_cert",),
    "firewall list": ("protocol", "forwarded"),
    "tools postinstall": ("i_have_read_terms_of_services",),
    "tools update": ("no_refresh",),
    "user delete": ("force",),
    "user permission update": ("logo", "description", "order", "hide_from_public"),
}
_UPGRADABLE = {"up_to_date": "no", "upgradable": "yes", "fail_requirements": "yes"}


def is_older(state: Dict[str, Any]) -> bool:
    return state["versions"]["yunohost"]["version"].startswith("11.")


def commands(root: Category) -> Category:
    """The commands of such a server, made of those of a newer one."""
    kept = _without(root, "")
    entries = dict(kept.entries)
    rules: Dict[str, Any] = dict(entries["firewall"].entries)  # type: ignore[union-attr]
    protocol, port = Arg(("protocol",), choices=("TCP", "UDP", "Both")), Arg(("port",))
    flags = tuple(Arg((name,), flag=True) for name in ("--ipv4-only", "--ipv6-only", "--no-reload"))
    rules["allow"] = Action(_allow, 4.0, (protocol, port, *flags, Arg(("--no-upnp",), flag=True)))
    rules["disallow"] = Action(_disallow, 4.0, (protocol, port, *flags, Arg(("--upnp-only",), flag=True)))
    entries["firewall"] = Category(rules)
    return Category(entries)


def _without(node: Category, words: str) -> Category:
    entries: Dict[str, Union[Category, Action, None]] = {}
    for word, entry in node.entries.items():
        name = f"{words} {word}".strip()
        if name in _LATER_COMMANDS:
            continue
        if isinstance(entry, Category):
            entry = _without(entry, name)
        elif isinstance(entry, Action):
            entry = _older(entry, name)
        entries[word] = entry
    return Category(entries)


def _older(action: Action, name: str) -> Action:
    gone = _LATER_ARGUMENTS.get(name, ())
    change = _ANSWERS.get(name)

    def run(context: Context) -> Any:
        context.args.update({key: False if key != "order" else None for key in gone})
        if name == "firewall list":
            context.args["protocol"] = "tcp"
        if name == "user permission update":
            context.args.update(dict.fromkeys(gone))
        answer = _INSTEAD[name](context) if name in _INSTEAD else action.run(context)
        return change(context, answer) if change else answer

    return replace(action, run=run, args=tuple(arg for arg in action.args if arg.key not in gone))


def _app(app: Dict[str, Any]) -> Dict[str, Any]:
    told = dict(app)
    upgrade = told.pop("upgrade", None)
    if upgrade is not None:
        told["upgradable"] = _UPGRADABLE.get(upgrade["status"], upgrade["status"])
        if told["upgradable"] == "yes":
            told["current_version"], told["new_version"] = upgrade["current_version"], upgrade["new_version"]
    return told


def _in_full(context: Context, tree: Any) -> Any:
    """An option's value has another name in a whole panel."""
    if context.args.get("full") and isinstance(tree, dict):
        for _, _, option in panels.options(tree):
            if "value" in option:
                option["current_value"] = option.pop("value")
    return tree


def _operations(context: Context, listed: Dict[str, Any]) -> Dict[str, Any]:
    for entry in listed["operation"]:
        entry.pop("started_by", None)
        if not context.args["with_details"]:
            entry.pop("success")
    return listed


def _rules(context: Context, rules: Dict[str, Any]) -> Dict[str, Any]:
    def ports(kind: str, what: str) -> List[Union[int, str]]:
        known = context.state["firewall"][kind].items()
        return [int(port) if port.isdigit() else port.replace("-", ":") for port, rule in known if rule[what]]

    if not context.args["raw"]:
        return {"opened_ports": ports("tcp", "open") + ports("udp", "open")}
    opened = {kind.upper(): ports(kind, "open") for kind in ("tcp", "udp")}
    forwarded = {kind.upper(): ports(kind, "upnp") for kind in ("tcp", "udp")}
    return {"ipv4": opened, "ipv6": opened, "uPnP": {"enabled": rules["router_forwarding_upnp"], **forwarded}}


_ANSWERS: Dict[str, _Change] = {
    "app list": lambda _, answer: {"apps": [_app(app) for app in answer["apps"]]},
    "app info": lambda _, answer: _app(answer),
    "app config get": _in_full,
    "domain config get": _in_full,
    "firewall list": _rules,
    "log list": _operations,
    "settings get": _in_full,
    "settings list": _in_full,
}


def _allow(context: Context) -> None:
    for protocol in _protocols(context):
        context.args.update(protocol=protocol, upnp=not context.args["no_upnp"], comment="")
        firewall.open_port(context)


def _disallow(context: Context) -> None:
    """Of a port that is closed nothing is left."""
    for protocol in _protocols(context):
        context.args.update(protocol=protocol)
        (firewall.close_port if context.args["upnp_only"] else firewall.delete_port)(context)


def _protocols(context: Context) -> List[str]:
    protocol = context.args["protocol"]
    return ["tcp", "udp"] if protocol == "Both" else [protocol.lower()]


def _forget_settings(context: Context) -> None:
    """Whatever is named, all that was set is forgotten, and nothing is configured anew."""
    panels.keep(panels.definition("settings"), context.args.get("key"))
    context.state["settings"] = {}
    context.save()
    context.console.success("Reset global settings")


_INSTEAD: Dict[str, Callable[[Context], Any]] = {
    "settings reset": _forget_settings,
    "settings reset-all": _forget_settings,
}
