"""`yunohost service ...`."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Callable, Dict, List

from .context import Context
from .errors import Refused
from .operations import now

_NOT_A_UNIT = "Error: failed to get information for this service, it doesn't exists for systemd"
_SHOWN = ("status", "start_on_boot", "last_state_change", "description", "configuration")


def status(context: Context) -> Dict[str, Any]:
    """All services, or those named, in the server's order; one alone is told without its name."""
    services, names = context.state["services"], context.args["names"]
    for name in names:
        _known(context, name)
    shown = {
        name: {key: service[key] for key in _SHOWN}
        for name, service in services.items()
        if not names or name in names
    }
    return shown[names[0]] if len(names) == 1 else shown


def log(context: Context) -> Dict[str, List[str]]:
    name, number = context.args["name"], context.args["number"]
    service = _known(context, name)
    logs = {"journalctl": service["journal"], **service["logs"]}
    return {path: lines[-number:] if number else [] for path, lines in logs.items()}


def start(context: Context) -> None:
    _each(context, lambda name: _bring_up(context, name, "start", "Service '{}' started"))


def restart(context: Context) -> None:
    _each(context, lambda name: _bring_up(context, name, "restart", "Service '{}' restarted"))


def stop(context: Context) -> None:
    def stop_one(name: str) -> None:
        _record(context, name, "dead", f"Stopped {name}.service.")
        context.console.success(f"Service '{name}' stopped")

    _each(context, stop_one)


def reload(context: Context) -> None:
    _each(context, lambda name: _read_again(context, name, "Service '{}' reloaded"))


def reload_or_restart(context: Context) -> None:
    """Leaves a service alone whose configuration is broken, and ends well."""

    def act(name: str) -> None:
        if _known(context, name)["configuration"] == "broken":
            context.console.error(
                f"Not reloading/restarting service '{name}' because its configuration is broken: ['...']"
            )
        else:
            _read_again(context, name, "The service '{}' was reloaded or restarted")

    _each(context, act)


def add(context: Context) -> None:
    """Note a service; one that is there already is replaced without a word."""
    args, services = context.args, context.state["services"]
    name, description = args["name"], args["description"]
    before = services.get(name, {})
    known_to_systemd = name in context.state["units"] or bool(before)
    own = before.get("own", False)
    services[name] = {
        "status": "running" if known_to_systemd else "unknown",
        "start_on_boot": "enabled" if known_to_systemd else "unknown",
        "last_state_change": now() if known_to_systemd else "unknown",
        "description": (description or f"{name} unit") if known_to_systemd else _NOT_A_UNIT,
        "configuration": "unknown",
        "journal": [],
        "logs": {path: [] for path in args["log"] or []},
        "broken": False,
        "own": own,
    }
    context.save()
    context.pace.reach(1.0)
    context.console.success(f"The service '{name}' was added")


def remove(context: Context) -> None:
    """Forget a service; YunoHost's own are back at the next command, though it says otherwise."""
    name = context.args["name"]
    if not _known(context, name)["own"]:
        del context.state["services"][name]
        context.save()
    context.pace.reach(1.0)
    context.console.success(f"Service '{name}' removed")


def enable(context: Context) -> None:
    def enable_one(name: str) -> None:
        _set_at_boot(context, name, "enabled")
        # The real command also lifts a diagnosis filter that is usually not there.
        context.console.warning("(There is no such diagnosis services filter with these criterias to remove)")
        context.console.success(
            f"The service '{name}' will now be automatically started during system boots."
        )

    _each(context, enable_one)


def disable(context: Context) -> None:
    def disable_one(name: str) -> None:
        _set_at_boot(context, name, "disabled")
        # The real command then silences the diagnosis of a stopped service, and
        # fails when there is no such problem, although the service is disabled.
        if _known(context, name)["status"] == "running":
            raise Refused("No issues was found matching the given criteria.")
        context.console.success(f"The service '{name}' will not be started anymore when system boots.")

    _each(context, disable_one)


def _each(context: Context, act: Callable[[str], None]) -> None:
    """Act on the named services one after the other; the first that cannot be ends the command."""
    names = context.args["names"]
    for position, name in enumerate(names):
        _known(context, name)
        context.pace.reach((position + 0.7) / len(names))
        act(name)
    context.pace.reach(1.0)


def _known(context: Context, name: str) -> Dict[str, Any]:
    service = context.state["services"].get(name)
    if service is None:
        raise Refused(f"Unknown service '{name}'")
    return service


def _bring_up(context: Context, name: str, verb: str, done: str) -> None:
    service = _known(context, name)
    if service["broken"]:
        _record(context, name, "failed", f"Failed to start {name}.service.")
        context.console.warning(f"Could not execute the command 'systemctl {verb} {name}'")
        context.console.error("\n".join(service["journal"][-25:]))
        raise Refused(f"Could not {verb} the service '{name}'")
    _record(context, name, "running", f"Started {name}.service.")
    context.console.success(done.format(name))


def _read_again(context: Context, name: str, done: str) -> None:
    if _known(context, name)["status"] != "running":
        _bring_up(context, name, "restart", done)
        return
    _record(context, name, "running", f"Reloaded {name}.service.")
    context.console.success(done.format(name))


def _record(context: Context, name: str, new_status: str, journal_line: str) -> None:
    service = _known(context, name)
    service["status"] = new_status
    service["last_state_change"] = now()
    service["journal"].append(f"{datetime.now(timezone.utc):%b %d %H:%M:%S} systemd[1]: {journal_line}")
    context.save()


def _set_at_boot(context: Context, name: str, value: str) -> None:
    _known(context, name)["start_on_boot"] = value
    context.save()
