"""`yunohost firewall ...`: the ports that are let through."""

from __future__ import annotations

from typing import Any, Dict, List, Union

from . import panels
from .context import Context
from .errors import Refused
from .operations import now


def list_rules(context: Context) -> Dict[str, Any]:
    args, rules = context.args, context.state["firewall"]
    if args["raw"]:
        return rules
    shown = "upnp" if args["forwarded"] else "open"
    protocol = args["protocol"] or "tcp"
    return {protocol: [_number(port) for port, rule in rules[protocol].items() if rule[shown]]}


def is_open(context: Context) -> bool:
    """Compares the text of a port with numbers, as the real command does: never equal."""
    return False


def open_port(context: Context) -> None:
    args = context.args
    port, rules = _key(args["port"]), context.state["firewall"][args["protocol"]]
    comment = args["comment"] or "Manually set without comment"
    rule = rules.setdefault(port, {"open": False, "upnp": False, "comment": comment})
    rule["comment"] = comment
    changed = (rule["open"], rule["upnp"]) != (True, args["upnp"])
    rule.update(open=True, upnp=args["upnp"])
    _written(context)
    if not changed:
        context.console.warning(f"Port {args['port']} is already opened")
    _reload(context)


def close_port(context: Context) -> None:
    args = context.args
    rule = context.state["firewall"][args["protocol"]].get(_key(args["port"]))
    changed = False
    if rule is not None:
        rule["upnp"] = False
        if not args["upnp_only"]:
            changed, rule["open"] = rule["open"], False
    _written(context)
    if not changed:
        context.console.warning(f"Port {args['port']} is already closed")
    _reload(context)


def delete_port(context: Context) -> None:
    args = context.args
    known = context.state["firewall"][args["protocol"]].pop(_key(args["port"]), None) is not None
    _written(context)
    if not known:
        context.console.warning(f"Port {args['port']} is already closed")
    _reload(context)


def reload(context: Context) -> None:
    apply(context)
    context.pace.reach(1.0)
    context.console.success("Firewall reloaded")


def upnp(context: Context) -> Dict[str, bool]:
    """No router here answers."""
    action, rules = context.args["action"], context.state["firewall"]
    if action == "disable":
        if rules["router_forwarding_upnp"]:
            _no_device(context)
            rules["router_forwarding_upnp"] = False
            context.save()
        return {"enabled": False}
    if action == "enable":
        _no_device(context)
        context.console.error("Not enabling UPnP because no UPnP device was found")
    if not context.args["no_refresh"]:
        _no_device(context)
        raise Refused("Could not open port via UPnP")
    return {"enabled": rules["router_forwarding_upnp"]}


def _no_device(context: Context) -> None:
    context.console.warning("Failed to find any UPnP device on the network")
    context.console.error("No UPnP device found")


def apply(context: Context) -> None:
    """Load the rules. Opens the port of SSH when it is closed, and breaks off when there is no rule for it."""
    state = context.state
    values, tree = state["settings"], panels.definition("settings")
    ssh = panels.value_of(panels.find(tree, "ssh_port"), values)
    rules: Dict[Union[int, str], Any] = {_number(port): rule for port, rule in state["firewall"]["tcp"].items()}
    if not rules[int(ssh)]["open"]:
        rules[int(ssh)].update(open=True, comment="SSH port", upnp=False)
    if state["firewall_loaded"] != loaded(state["firewall"]):
        state["firewall_loaded"] = loaded(state["firewall"])
        context.console.success("Configuration updated for 'nftables'")
        if "nftables" in state["services"]:
            state["services"]["nftables"]["last_state_change"] = now()
    context.save()


def loaded(rules: Dict[str, Any]) -> Dict[str, List[str]]:
    """What the kernel is given of the rules."""
    return {kind: [port for port, rule in rules[kind].items() if rule["open"]] for kind in ("tcp", "udp")}


def _reload(context: Context) -> None:
    if not context.args["no_reload"]:
        apply(context)
        context.pace.reach(1.0)
        context.console.success("Firewall reloaded")


def _written(context: Context) -> None:
    for protocol in ("tcp", "udp"):
        rules = context.state["firewall"][protocol]
        context.state["firewall"][protocol] = dict(sorted(rules.items(), key=lambda rule: _order(rule[0])))
    context.save()
    context.pace.reach(0.4)


def _order(port: str) -> List[int]:
    return [int(number) for number in port.split("-")]


def _key(port: str) -> str:
    return port.replace(":", "-") if ":" in port else str(int(port))


def _number(port: str) -> Union[int, str]:
    return int(port) if port.isdigit() else port
