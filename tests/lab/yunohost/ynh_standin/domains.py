"""`yunohost domain ...`, without its certificates and DynDNS."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from . import apps_place, certificates, dyndns, panels, server
from .context import Context
from .errors import Refused, prompt_needed
from .seed import ADMIN_ALIASES

_SPECIAL_ZONES = ("home.arpa", "internal", "local", "localhost", "onion", "test")
_SPECIAL = (
    "This domain is based on a special-use top-level domain (TLD) such as .local or .test"
    " and is therefore not expected to have actual DNS records."
)
_SELF_SIGNED = "WARNING: Current certificate is self-signed. Browsers will display a spooky warning to new visitors!"


def info(context: Context) -> Dict[str, Any]:
    state, name = context.state, context.args["domain"]
    certificates.check_known(context, name)
    return {
        "certificate": certificates.describe(context, name, True),
        "registrar": _registrar(context, name),
        "apps": [
            {"id": app["id"], "name": _label(app), "path": app["settings"].get("path", "")}
            for app in _apps_on(context, name)
        ],
        "main": state["main_domain"] == name,
        "topest_parent": _parent(context, name),
    }


def _apps_on(context: Context, name: str) -> List[Dict[str, Any]]:
    return [app for app in context.state["apps"] if app["settings"].get("domain") == name]


def _label(app: Dict[str, Any]) -> str:
    return server._app_label(app)


def _parent(context: Context, name: str) -> Optional[str]:
    above = [other for other in context.state["domains"] if name.endswith(f".{other}")]
    return min(above, key=len) if above else None


def add(context: Context) -> None:
    state, name = context.state, context.args["domain"].lower()
    if name in state["domains"]:
        context.console.info(f"attribute 'virtualdomain' with value '{name}' is not unique")
        raise Refused("The domain already exists")
    with context.operation("domain_add", name, "domain") as operation:
        operation.start()
        if dyndns.is_dyndns(name) and not context.args["ignore_dyndns"]:
            dyndns.ask_the_service(f"/test/{name}")
        context.pace.reach(0.2)
        certificates.self_sign(context, name, True)
        state["domains"].append(name)
        context.save()
        context.pace.reach(0.6)
        for configured in ("nginx", "postfix"):
            context.console.success(f"Configuration updated for '{configured}'")
        if name not in state["dovecot_domains"]:
            # It is not written anew when a domain goes: what it was told once stays there.
            state["dovecot_domains"].append(name)
            context.console.success("Configuration updated for 'dovecot'")
        context.console.success("Configuration updated for 'dnsmasq'")
        try:
            context.refresh_portal()
        except Refused:
            _undo_add(context, name)
            raise
        if context.args["install_letsencrypt_cert"]:
            context.console.warning(
                "Skipping Let's Encrypt certificate attempt because there's no wildcard configured"
                " on the parent domain's DNS records."
            )
        context.pace.reach(1.0)
        context.console.success("Domain created")
        if context.args["install_letsencrypt_cert"]:
            context.console.warning(f"Let's Encrypt certificate install failed for {name}")


def _undo_add(context: Context, name: str) -> None:
    try:
        with context.operation("domain_remove", name, "domain") as operation:
            operation.start()
            _forget(context, name)
    except Refused:
        pass


def _forget(context: Context, name: str) -> None:
    state = context.state
    state["domains"].remove(name)
    for kept in ("certificates", "domain_settings", "reachable"):
        state[kept].pop(name, None)
    context.save()
    for configured in ("nginx", "postfix", "dnsmasq"):
        context.console.success(f"Configuration updated for '{configured}'")
    context.refresh_portal()


def remove(context: Context) -> None:
    args, state, name = context.args, context.state, context.args["domain"]
    if not args["force"]:
        certificates.check_known(context, name)
    if name == state["main_domain"]:
        others = "\n * ".join(sorted(other for other in state["domains"] if other != name))
        raise Refused(
            f"You cannot remove '{name}' since it's the main domain, you first need to set another domain"
            " as the main domain using 'yunohost domain main-domain -n <another-domain>';"
            f" here is the list of candidate domains: \n * {others}"
        )
    apps = _apps_on(context, name)
    if apps and not args["remove_apps"]:
        places = (f'{app["id"]} "{_label(app)}" on https://{name}{app["settings"]["path"]}' for app in apps)
        raise Refused(
            "Those applications are still installed on your domain:\n"
            + "\n".join(f"    - {place}" for place in places)
            + "\n\nPlease uninstall them using 'yunohost app remove the_app_id' or move them to another domain"
            " using 'yunohost app change-url the_app_id' before proceeding to domain removal"
        )
    if apps and not args["force"]:
        raise prompt_needed()
    for app in apps:
        _remove_app(context, app)
    with context.operation("domain_remove", name, "domain") as operation:
        operation.start()
        if name not in state["domains"]:
            raise Refused(f"Unable to delete domain {name}: error during LDAP delete operation")
        context.pace.reach(0.5)
        _forget(context, name)
        context.pace.reach(1.0)
        context.console.success("Domain deleted")


def _remove_app(context: Context, app: Dict[str, Any]) -> None:
    """As the scripts of a small application do it."""
    console, app_id = context.console, app["id"]
    console.info(f"Removing {app_id}…")
    console.info("[++++++++++..........] > Removing NGINX web server configuration...")
    console.info(f"[####################] > Removal of {app_id} completed")
    for resource in reversed(list(app["manifest"].get("resources", {}))):
        console.info(f"Deprovisioning {resource}...")
    context.state["apps"].remove(app)
    context.save()
    console.success(f"{app_id} uninstalled")


def main_domain(context: Context) -> Optional[Dict[str, str]]:
    state, name, old = context.state, context.args["new_main_domain"], context.state["main_domain"]
    if not name:
        return {"current_main_domain": old}
    certificates.check_known(context, name)
    with context.operation("domain_main_domain", name, "domain") as operation:
        operation.start()
        state["main_domain"] = name
        context.save()
        context.pace.reach(0.6)
        if state["offline"]:
            # The configuration of apt wants a key from the Internet.
            context.console.warning("gpg: no valid OpenPGP data found.")
            context.console.error("Could not run script: /usr/share/yunohost/hooks/conf_regen/10-apt")
        if name != old:
            _move_admins(context, old, name)
        context.pace.reach(1.0)
        context.console.success("The main domain has been changed")
    return None


def _move_admins(context: Context, old: str, new: str) -> None:
    console = context.console
    for configured in ("postfix", "dovecot", "dnsmasq"):
        console.success(f"Configuration updated for '{configured}'")
    admins = next(group for group in context.state["groups"] if group["name"] == "admins")
    for alias in ADMIN_ALIASES:
        console.info(f"The email alias '{alias}@{new}' will be added to the group 'admins'")
    for alias in ADMIN_ALIASES:
        console.info(f"The email alias '{alias}@{old}' will be removed from the group 'admins'")
    gone = [f"{alias}@{old}" for alias in ADMIN_ALIASES]
    kept = [address for address in admins["mail_aliases"] if address not in gone]
    admins["mail_aliases"] = [*kept, *(f"{alias}@{new}" for alias in ADMIN_ALIASES)]
    context.save()
    console.info("Updating aliases for group 'admins'")
    console.success("Group 'admins' updated")


def url_available(context: Context) -> bool:
    """Whether no application answers there, above or below."""
    domain, path = context.args["domain"], context.args["path"].rstrip("/") + "/"
    certificates.check_known(context, domain)
    taken = [app["settings"]["path"].rstrip("/") + "/" for app in _apps_on(context, domain) if "path" in app["settings"]]
    return not any(place.startswith(path) or path.startswith(place) for place in taken)


def config_get(context: Context) -> Any:
    args = context.args
    tree = _tree(context, args["domain"], args["key"])
    return panels.get(tree, _values(context, args["domain"]), args["key"], args["full"], args["export"])


def config_set(context: Context) -> None:
    state, name = context.state, context.args["domain"]
    tree, values = _tree(context, name, context.args["key"]), _values(context, name)
    changed = panels.change(context, tree, values)
    with context.operation("domain_config_set", name, "domain") as operation:
        operation.start()
        context.pace.reach(0.5)
        if "default_app" in changed and any(app["settings"].get("path") == "/" for app in _apps_on(context, name)):
            other = next(app["id"] for app in _apps_on(context, name) if app["settings"].get("path") == "/")
            raise Refused(
                f"Unable to make '{changed['default_app']}' the default app on the domain,"
                f" '{name}' is already in use by '{other}'"
            )
        panels.saved(context)
        before = state["domain_settings"].setdefault(name, {})
        mail = any(changed.get(key, before.get(key, 1)) != before.get(key, 1) for key in ("mail_in", "mail_out"))
        default = changed.pop("default_app", None)
        before.update(changed)
        context.save()
        if default is not None:
            apps_place.set_default(context, name, None if default == "_none" else default)
        if mail:
            for configured in ("postfix", "dnsmasq"):
                context.console.success(f"Configuration updated for '{configured}'")
        context.pace.reach(1.0)
        context.console.success("Config updated as expected")


def _tree(context: Context, name: str, key: Optional[str]) -> panels.Tree:
    """The panel of one domain, of which only some is worked out when only some is asked for.

    Only its certificate asks whether there is such a domain: what is set of another one is kept (measured on 12.1.25).
    """
    tree = panels.definition("domain")
    panel = key.split(".")[0] if key else None
    webapps = [app for app in _apps_on(context, name) if "path" in app["settings"]]
    places = {app["id"]: f"{_label(app)} ({name}{app['settings']['path']})" for app in webapps}
    panels.find(tree, "default_app")["choices"] = {"_none": "---", **dict(sorted(places.items()))}
    if _parent(context, name) is not None:
        feature = tree["panels"][0]
        feature["sections"] = [section for section in feature["sections"] if section["id"] != "portal"]
    infos = panels.find(tree, "infos")
    infos.update(ask=_SPECIAL, style="info")
    if not _is_special(name):
        infos.update(
            ask="YunoHost could not automatically detect the registrar handling this domain."
            " You should manually configure your DNS records following the documentation at https://yunohost.org/dns.",
            style="warning",
        )
    if panel in (None, "cert"):
        status = certificates.describe(context, name, True)
        panels.find(tree, "cert_summary").update(ask=_SELF_SIGNED, style=status["style"])
        for option, of in (("cert_validity", "validity"), ("cert_issuer", "CA_type"), ("acme_eligible", "ACME_eligible")):
            if status[of] is not None:
                panels.find(tree, option)["default"] = status[of]
    return tree


def _values(context: Context, name: str) -> Dict[str, Any]:
    registrar, default = _registrar(context, name), context.state["default_apps"].get(name)
    return {
        **context.state["domain_settings"].get(name, {}),
        **({"registrar": registrar} if registrar else {}),
        **({"default_app": default} if default else {}),
    }


def _is_special(name: str) -> bool:
    return any(name.endswith(f".{zone}") for zone in _SPECIAL_ZONES)


def _registrar(context: Context, name: str) -> Optional[str]:
    given = context.state["registrars"].get(name)
    return given["name"] if given else None


def dns_suggest(context: Context) -> str:
    name = context.args["domain"]
    certificates.check_known(context, name)
    if _is_special(name):
        return _SPECIAL
    lines = [f"{record['name']} 3600 IN {record['type']} {record['content']}" for record in _wanted(context, name)]
    return "\n".join(["; Basic ipv4/ipv6 records", *lines]) + "\n"


def _wanted(context: Context, name: str) -> List[Dict[str, str]]:
    values = context.state["domain_settings"].get(name, {})
    records = [{"name": "@", "type": "A", "content": "192.0.2.10"}, {"name": "*", "type": "A", "content": "192.0.2.10"}]
    if values.get("mail_in", 1):
        records.append({"name": "@", "type": "MX", "content": f"10 {name}."})
    return records


def dns_push(context: Context) -> Dict[str, Any]:
    """Writes the records at an imitated registrar, which keeps them in the state."""
    args, name = context.args, context.args["domain"]
    certificates.check_known(context, name)
    if _is_special(name):
        raise Refused(_SPECIAL)
    registrar = context.state["registrars"].get(name)
    if registrar is None:
        raise Refused(
            f"The automatic DNS configuration feature is not applicable to domain {name}. You should manually"
            " configure your DNS records following the documentation at https://yunohost.org/dns_config."
        )
    wanted = [] if args["purge"] else _wanted(context, name)
    records = registrar["records"]
    create = [record for record in wanted if record not in records]
    foreign = [record for record in records if record not in wanted]
    if args["dry_run"]:
        force = args["force"] or args["purge"]
        return {
            "delete": [_line(record, not force) for record in foreign],
            "create": [_line(record, False) for record in create],
            "update": [],
            "unchanged": [_line(record, False) for record in records if record in wanted],
        }
    with context.operation("domain_dns_push", name, "domain") as operation:
        operation.start()
        context.pace.reach(0.5)
        context.console.info("Pushing DNS records…")
        if not (args["force"] or args["purge"]):
            wanted = [*records, *create]
        registrar["records"] = wanted
        context.save()
        context.pace.reach(1.0)
        context.console.success("DNS records updated!")
    return {}


def _line(record: Dict[str, str], ignored: bool) -> str:
    note = "(ignored, won't be changed by Yunohost unless forced)" if ignored else ""
    return f"{record['name']:>20} [{record['type']:^5}] {record['content']:^30}  {note}"
