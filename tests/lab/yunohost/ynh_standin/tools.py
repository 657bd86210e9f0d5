"""`yunohost tools ...`, without upgrades and migrations."""

from __future__ import annotations

from typing import Any, Dict, List

from . import passwords, seed
from .context import Context
from .errors import Refused
from .operations import now

_MANAGED = {
    "postfix": ("/etc/postfix/master.cf", "/etc/postfix/main.cf", "/etc/default/postsrsd"),
    "dovecot": ("/etc/dovecot/dovecot.conf",),
    "opendkim": ("/etc/opendkim.conf",),
    "nftables": ("/etc/nftables.conf",),
    "dnsmasq": ("/etc/resolv.dnsmasq.conf", "/etc/dnsmasq.conf"),
    "fail2ban": ("/etc/fail2ban/jail.conf",),
}
"""Files that the first configuration of a category takes over."""
_FIRST_CONFIGURED = (
    "ssh", "yunohost", "ssl", "slapd", "nslcd", "apt", "nginx", "postfix", "dovecot", "opendkim", "mdns",
    "nftables", "dnsmasq", "nsswitch", "fail2ban",
)  # fmt: skip


def postinstall(context: Context) -> None:
    """From a bare system to one with a domain and an administrator."""
    args, state = context.args, context.state
    if state["installed"]:
        raise Refused("YunoHost is already installed")
    if args["username"] in state["system_users"] and args["username"] not in seed.ADMIN_ALIASES:
        raise Refused("Username already exists in the list of system users")
    if args["username"] in seed.ADMIN_ALIASES:
        raise Refused(f"Unfortunately, {args['username']} cannot be used as a username")
    passwords.check(args["password"], state["password_levels"]["admin"])
    with context.operation("tools_postinstall", args["domain"], "domain") as operation:
        operation.start()
        _install(context)


def _install(context: Context) -> None:
    console, args = context.console, context.args
    username, domain = args["username"], args["domain"]
    console.info("Installing YunoHost…")
    console.success(f"Self-signed certificate now installed for the domain '{domain}'")
    console.success("Domain created")
    for alias in seed.ADMIN_ALIASES:
        console.info(f"The email alias '{alias}@{domain}' will be added to the group 'admins'")
    console.info("Updating aliases for group 'admins'")
    console.success("Group 'admins' updated")
    console.success("The main domain has been changed")
    context.pace.reach(0.4)
    console.info(f"The user '{username}' will be added to the group 'admins'")
    console.success("Group 'admins' updated")
    console.info(f"The user '{username}' will be added to the group 'all_users'")
    console.success("User created")
    console.info("root's password was changed")
    console.info("Updating application catalog…")
    if context.state["catalog"]["source"] == "unreachable":
        console.warning(context.catalog_error)
    seed.first_user(context.state, username, args["fullname"].strip(), domain)
    context.state["installed"] = True
    context.save()
    for category in _FIRST_CONFIGURED:
        if category == "ssh" or category == "apt":
            _fail_of_hook(context, category)
        for path in _MANAGED.get(category, ()):
            console.info(
                f"The configuration file '{path}' is now managed by YunoHost (category {category})."
            )
        console.success(f"Configuration updated for '{category}'")
    context.pace.reach(1.0)
    console.success("YunoHost is now configured")
    console.warning(
        "The post-install completed! To finalize your setup, please consider:\n"
        "    - diagnose potential issues through the 'Diagnosis' section of the webadmin"
        " (or 'yunohost diagnosis run' in command-line);\n"
        "    - reading the 'Finalizing your setup' and 'Getting to know YunoHost' parts in the admin"
        " documentation: https://yunohost.org/admindoc."
    )


def _fail_of_hook(context: Context, category: str) -> None:
    """Without a network the hook `apt` cannot fetch a key; the configuration is made all the same."""
    if category == "apt" and not context.state["package_sources"]["reachable"]:
        context.console.warning("gpg: no valid OpenPGP data found.")
        context.console.error("Could not run script: /usr/share/yunohost/hooks/conf_regen/10-apt")


def rootpw(context: Context) -> None:
    passwords.check(context.args["new_password"], context.state["password_levels"]["admin"])
    context.console.info("root's password was changed")


def regen_conf(context: Context) -> Dict[str, Any]:
    """Write configuration anew; what was changed by hand is left alone, unless it is forced.

    Names that are not known are passed by without a word, unless there are no others.
    """
    args, state = context.args, context.state
    asked: List[str] = args["names"] or list(state["hooks"]["conf_regen"])
    names = [name for name in asked if name in state["hooks"]["conf_regen"]]
    pending = state["pending_conf"]
    if args["list_pending"]:
        return {category: files for category, files in pending.items() if category in asked}
    subject = "all" if not args["names"] else asked[0] if len(asked) == 1 else f"{len(asked)}_categories"
    result: Dict[str, Any] = {}
    with context.operation("regen_conf", subject, "configuration") as operation:
        operation.start()
        if not names:
            raise Refused("Could not regenerate the configuration for category(s): ")
        for name in names:
            _fail_of_hook(context, name)
        for name in names:
            files = pending.get(name)
            if not files:
                continue
            result[name] = {"applied": {}, "pending": {}}
            if args["force"]:
                result[name]["applied"] = {path: {"status": "force-updated"} for path in files}
                del pending[name]
                context.console.success(f"Configuration updated for '{name}'")
                continue
            for path in files:
                result[name]["pending"][path] = {"status": "modified"}
                context.console.warning(
                    f"The configuration file '{path}' has been manually modified and will not be updated"
                )
        context.save()
        context.pace.reach(1.0)
    return result


def basic_space_cleanup(context: Context) -> None:
    """What it deletes is not imitated; it says nothing either."""
    context.pace.reach(1.0)


def reboot(context: Context) -> None:
    """Every service that runs starts anew."""
    _confirmed(context)
    with context.operation("tools_reboot", "", "configuration") as operation:
        operation.start()
        context.console.warning("The server will reboot")
        for service in context.state["services"].values():
            if service["status"] == "running":
                service["last_state_change"] = now()
        context.save()


def shutdown(context: Context) -> None:
    """A host that is off is not imitated."""
    _confirmed(context)
    with context.operation("tools_shutdown", "", "configuration") as operation:
        operation.start()
        context.console.warning("The server will shut down")


def _confirmed(context: Context) -> None:
    if not context.args["force"]:
        raise Refused("Not a tty, can't do interactive prompts")


def hooks(context: Context) -> Dict[str, List[str]]:
    """Those of an event; an event that there is not has none."""
    return {"hooks": context.state["hooks"].get(context.args["action"], [])}


def disks(context: Context) -> List[str]:
    names: List[str] = context.state["disks"]
    return names
