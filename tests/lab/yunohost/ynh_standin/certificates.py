"""`yunohost domain cert ...`.

Let's Encrypt is never there. Whether the diagnosis found it could reach a domain is in the state, by domain:
true, false, or nothing where there was no diagnosis.
"""

from __future__ import annotations

from typing import Any, Dict, List

from .context import Context
from .errors import Refused

_RENEWS_AT_DAYS = 15
_NEW = {"selfsigned": 3649, "letsencrypt": 89}
_CHECKS = "(If you know what you are doing, use '--no-checks' to turn off these checks.)"


def status(context: Context) -> Dict[str, Any]:
    """Of all domains, or of those that are named."""
    names = context.args["domain_list"] or context.state["domains"]
    for name in names:
        check_known(context, name)
    return {"certificates": {name: describe(context, name, context.args["full"]) for name in sorted(names)}}


def check_known(context: Context, name: str) -> None:
    if name not in context.state["domains"]:
        raise Refused(f"Domain '{name}' unknown")


def describe(context: Context, name: str, full: bool) -> Dict[str, Any]:
    """What the certificate of a domain is; in full, also what the diagnosis said of the domain."""
    issuer, days = _of(context, name)["CA_type"], _of(context, name)["validity"]
    style, summary = _summary(issuer, days)
    told: Dict[str, Any] = {"CA_type": issuer, "validity": days, "style": style, "summary": summary}
    if full:
        if name not in context.state["reachable"]:
            context.console.warning("No diagnosis cache yet for category 'dnsrecords'")
        told["subject"] = name
        told["CA_name"] = context.state["main_domain"] if issuer == "selfsigned" else "R11"
        told["ACME_eligible"] = context.state["reachable"].get(name)
        told["has_wildcards"] = False
    return told


def _summary(issuer: str, days: int) -> tuple[str, str]:
    if days <= 0:
        return "danger", "expired"
    if issuer == "selfsigned":
        return "warning", "selfsigned"
    if days < _RENEWS_AT_DAYS:
        return "warning", "abouttoexpire"
    return "success", "letsencrypt" if issuer == "letsencrypt" else "ok"


def _of(context: Context, name: str) -> Dict[str, Any]:
    return context.state["certificates"].setdefault(name, {"CA_type": "selfsigned", "validity": 3649})


def install(context: Context) -> None:
    args = context.args
    names: List[str] = args["domain_list"]
    if args["self_signed"]:
        # Without names there is nothing to do for it, and it says nothing.
        for name in names:
            self_sign(context, name, args["force"])
        return
    names = names or [name for name in context.state["domains"] if _of(context, name)["CA_type"] == "selfsigned"]
    for name in names:
        check_known(context, name)
        if _of(context, name)["CA_type"] != "selfsigned" and not args["force"]:
            raise Refused(
                f"The certificate for domain {name} is not self-signed. Are you sure you want to replace it?"
                " (Use '--force' to do so.)"
            )
    _ask_lets_encrypt(context, names, "install")


def self_sign(context: Context, name: str, force: bool) -> None:
    if name in context.state["domains"] and not force and describe(context, name, False)["style"] == "success":
        raise Refused(
            f"You are attempting to overwrite a good and valid certificate for domain {name}! (Use --force to bypass)"
        )
    with context.operation("selfsigned_cert_install", name, "domain") as operation:
        operation.start()
        context.state["certificates"][name] = {"CA_type": "selfsigned", "validity": _NEW["selfsigned"]}
        context.save()
        context.console.success("Configuration updated for 'postfix'")
        context.console.success(f"Self-signed certificate now installed for the domain '{name}'")


def renew(context: Context) -> None:
    args = context.args
    names = args["domain_list"]
    for name in names:
        check_known(context, name)
        if _of(context, name)["validity"] > _RENEWS_AT_DAYS and not args["force"]:
            raise Refused(
                f"The certificate for the domain '{name}' is not about to expire!"
                " (You may use --force if you know what you're doing)"
            )
        if _of(context, name)["CA_type"] != "letsencrypt":
            raise Refused(
                f"The certificate for the domain '{name}' is not issued by Let's Encrypt."
                " Cannot renew it automatically!"
            )
    _ask_lets_encrypt(context, names, "renew")


def _ask_lets_encrypt(context: Context, names: List[str], verb: str) -> None:
    """A domain that is not ready is passed over with an error, and the command ends well."""
    failed = []
    for name in names:
        reachable = context.state["reachable"].get(name)
        if not context.args["no_checks"] and not reachable:
            context.console.error(_not_ready(name, reachable))
            continue
        context.console.info(f"Now attempting {verb} of certificate for domain {name}!")
        with context.operation(f"letsencrypt_cert_{verb}", name, "domain") as operation:
            operation.start()
            if not reachable:
                context.console.error(f"Certificate installation for {name} failed !\nException: unreachable")
                failed.append(name)
                continue
            context.state["certificates"][name] = {"CA_type": "letsencrypt", "validity": _NEW["letsencrypt"]}
            context.save()
            done = "renewed" if verb == "renew" else "now installed"
            context.console.success(f"Let's Encrypt certificate {done} for the domain '{name}'")
    if failed:
        raise Refused(f"Let's Encrypt certificate {verb} failed for {','.join(failed)}")


def _not_ready(name: str, reachable: Any) -> str:
    if reachable is None:
        return (
            f"There is no diagnosis result for domain {name} yet. Please re-run a diagnosis for categories"
            " 'DNS records' and 'Web' in the diagnosis section to check if the domain is ready for Let's Encrypt."
            " (Or if you know what you are doing, use '--no-checks' to turn off these checks.)"
        )
    return (
        f"Domain {name} does not seem to be accessible through HTTP."
        f" Please check the 'Web' category in the diagnosis for more info. {_CHECKS}"
    )
