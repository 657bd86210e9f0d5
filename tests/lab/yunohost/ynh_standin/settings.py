"""`yunohost settings ...`: the server's configuration panel."""

from __future__ import annotations

import traceback
from typing import Any, Dict

from . import firewall, panels
from .context import Context

_CONFIGURES = {
    "ssh_compatibility": ("ssh",),
    "ssh_password_authentication": ("ssh",),
    "ssh_port": ("ssh", "fail2ban"),
    "nginx_redirect_to_https": ("nginx",),
    "nginx_compatibility": ("nginx",),
    "webadmin_allowlist_enabled": ("nginx",),
    "webadmin_allowlist": ("nginx",),
    "security_experimental_enabled": ("nginx", "yunohost"),
    "postfix_compatibility": ("postfix",),
    "smtp_allow_ipv6": ("postfix",),
    "smtp_relay_host": ("postfix",),
    "smtp_relay_port": ("postfix",),
    "smtp_relay_user": ("postfix",),
}
"""Whose configuration is written anew when a setting changes."""


def get(context: Context) -> Any:
    args = context.args
    return _get(context, args["key"], args["full"], args["export"])


def list_all(context: Context) -> Dict[str, Any]:
    told = _get(context, None, context.args["full"])
    if context.args["full"]:
        return told
    return {key: entry for key, entry in told.items() if not key.startswith("security.root_access")}


def _get(context: Context, key: Any, full: bool, export: bool = False) -> Any:
    return panels.get(panels.definition("settings"), context.state["settings"], key, full, export)


def set_values(context: Context) -> None:
    values = context.state["settings"]
    changed = panels.change(context, panels.definition("settings"), values)
    with context.operation("settings_set", "", "") as operation:
        operation.start()
        context.pace.reach(0.4)
        _apply(context, changed)
        context.pace.reach(1.0)
        context.console.success("Config updated as expected")


def reset(context: Context) -> None:
    _reset(context, "settings_reset", context.args["key"])


def reset_all(context: Context) -> None:
    _reset(context, "settings_reset_all", None)


def _reset(context: Context, kind: str, key: Any) -> None:
    kept = panels.keep(panels.definition("settings"), key)
    defaults = {
        option["id"]: panels.default_of(option)
        for _, _, option in panels.options(kept)
        if "redact" in option and not option["readonly"]
    }
    with context.operation(kind, "", "") as operation:
        operation.start()
        context.pace.reach(0.4)
        _apply(context, defaults)
        context.pace.reach(1.0)
        context.console.success("Reset global settings")


def _apply(context: Context, values: Dict[str, Any]) -> None:
    """Write the values, then act on each that is another: what is written stays whatever becomes of the acts."""
    tree, state = panels.definition("settings"), context.state
    before = dict(state["settings"])
    panels.saved(context)
    state["settings"].update(values)
    context.save()
    try:
        for name, value in values.items():
            if panels.value_of(panels.find(tree, name), before) == value:
                continue
            try:
                _after(context, name, value)
            except Exception as error:
                context.console.error(f"Post-change hook for setting failed : {error}")
                raise
    except Exception:
        told = f"Something unexpected went wrong: \n{traceback.format_exc()}"
        context.console.error(f"Applying the new configuration failed: {told}")
        raise


def _after(context: Context, name: str, value: Any) -> None:
    if name == "smtp_relay_password":
        return
    for configured in _CONFIGURES.get(name, ()):
        context.console.success(f"Configuration updated for '{configured}'")
    if name == "ssh_port":
        _move_ssh(context, int(value))


def _move_ssh(context: Context, port: int) -> None:
    """SSH moves at once, wherever to; the firewall comes after it, if it knows the port."""
    if not 0 < port < 65536:
        ssh = context.state["services"].get("ssh")
        if ssh is not None:
            ssh["status"] = "failed"
        context.save()
        context.console.warning("Job for ssh.service failed because the control process exited with error code.")
        context.console.warning(
            'See "systemctl status ssh.service" and "journalctl -xeu ssh.service" for details.'
        )
        context.console.error("Could not run script: /usr/share/yunohost/hooks/conf_regen/03-ssh")
    firewall.apply(context)
    context.console.success("Firewall reloaded")


