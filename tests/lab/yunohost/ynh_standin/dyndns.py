"""`yunohost domain dyndns ...` and `yunohost dyndns ...`: the service that gives names is never reached."""

from __future__ import annotations

from typing import NoReturn

from .context import Context
from .errors import Refused

_ZONES = (".nohost.me", ".noho.st", ".ynh.fr")
_PROVIDER = "dyndns.yunohost.org"


class ConnectionError(Exception):
    """Ends the real command with a traceback, as it does this one."""


ConnectionError.__module__ = "requests.exceptions"


def is_dyndns(name: str) -> bool:
    return name.endswith(_ZONES) and name.count(".") == 2


def ask_the_service(path: str) -> NoReturn:
    raise ConnectionError(
        f"HTTPSConnectionPool(host='{_PROVIDER}', port=443): Max retries exceeded with url: {path}"
        " (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f9af790d010>:"
        " Failed to establish a new connection: [Errno -2] Name or service not known'))"
    )


def subscribe(context: Context) -> None:
    name = context.args["domain"]
    if not name.endswith(_ZONES):
        raise Refused(f"DynDNS provider {_PROVIDER} cannot provide domain {name}.")
    if context.state["dyndns"]:
        raise Refused("You have already subscribed to a DynDNS domain")
    ask_the_service(f"/test/{name}")


def unsubscribe(context: Context) -> None:
    name = context.args["domain"]
    if not context.args["recovery_password"] and name not in context.state["dyndns"]:
        raise Refused("Not a tty, can't do interactive prompts")
    with context.operation("dyndns_unsubscribe", name, "domain") as operation:
        operation.start()
        raise Refused(
            f"Could not unsubscribe DynDNS domain: HTTPSConnectionPool(host='{_PROVIDER}', port=443):"
            f" Max retries exceeded with url: /domains/{name}"
        )


def set_recovery_password(context: Context) -> None:
    if context.args["domain"] not in context.state["dyndns"]:
        raise Refused("DNS key not found for the domain")
    context.console.success("Recovery password set!")


def update(context: Context) -> None:
    """Without a way out it does nothing, and says nothing."""
    name, known = context.args["domain"], context.state["dyndns"]
    if name is None and not known:
        raise Refused("No domain registered with DynDNS")
    if name is not None and name not in known:
        raise Refused("DNS key not found for the domain")
