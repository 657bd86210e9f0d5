"""What YunoHost keeps of an application: `yunohost app info|map|change-url|change-label|setting|makedefault|…`."""

from __future__ import annotations

from typing import Any, Dict, Optional

from . import apps, server
from .context import Context
from .errors import Refused


def info(context: Context) -> Dict[str, Any]:
    """`app info`; what a package wants to be read before its upgrade only where it is asked for with `--full`."""
    app = apps.find(context, context.args["app"])
    shown = server.app_info(context, app)
    new = context.state["app_catalog"].get(app["manifest"]["id"])
    asked = context.args["with_pre_upgrade_notifications"] and "upgrade" in shown
    if asked and new and app["upgrade"]["status"] not in ("up_to_date", "url_required"):
        notes = new["manifest"]["notifications"].get("PRE_UPGRADE", {})
        if notes:
            told = {name: note["en"] for name, note in notes.items()}
            shown["upgrade"] = {**shown["upgrade"], "notifications": told}
    return shown


def app_map(context: Context) -> Dict[str, Any]:
    """`app map`: which application answers where; with `--raw` by domain and path."""
    shown: Dict[str, Any] = {}
    for app in sorted(context.state["apps"], key=lambda app: app["id"]):
        settings = app["settings"]
        if "domain" not in settings or "path" not in settings:
            continue
        label = settings.get("label") or app["id"].title()
        if context.args["raw"]:
            paths = shown.setdefault(settings["domain"], {})
            paths[settings["path"]] = {"label": label, "id": app["id"]}
        else:
            shown[f"{settings['domain']}{settings['path']}"] = label
    return shown


def change_url(context: Context) -> None:
    """`app change-url`."""
    args, console, app = context.args, context.console, apps.find(context, context.args["app"])
    domain, path, settings = args["domain"], "/" + args["path"].strip("/"), app["settings"]
    if not app["supports"]["change_url"]:
        raise Refused(
            f"The app '{app['id']}' doesn't support URL modification yet. Maybe you should upgrade it."
        )
    if (domain, path) == (settings.get("domain"), settings.get("path")):
        raise Refused(f"The old and new domain/url_path are identical ('{domain}{path}'), nothing to do.")
    if domain not in context.state["domains"]:
        raise Refused(f"Domain '{domain}' unknown")
    apps.conflicts(context, domain, path, app["id"])
    with context.operation("app_change_url", app["id"], "app") as running:
        running.start()
        for _, text in app["package"]["steps"].get("change_url", []):
            console.info(text)
        context.pace.reach(0.5)
        settings.update(domain=domain, path=path)
        context.save()
        fails = app["package"]["fails"].get("change_url")
        if fails:
            console.warning(fails)
            raise Refused(f"Could not change the url for {app['id']}: {fails}")
        console.info(f"[####################] > Change of URL completed for {app['id']}")
        context.refresh_portal()
    console.success("The service 'nginx' was reloaded or restarted")
    console.success(f"{app['id']} URL is now {domain}{path}")


def change_label(context: Context) -> None:
    """`app change-label`."""
    app = apps.find(context, context.args["app"])
    app["settings"]["label"] = context.args["new_label"]
    app["settings"]["_permissions"]["main"].pop("label", None)
    context.save()
    context.refresh_portal()


def setting(context: Context) -> Any:
    """`app setting`: reads, sets or deletes; says nothing of a key that is not there."""
    args, settings = context.args, apps.find(context, context.args["app"])["settings"]
    if args["delete"]:
        settings.pop(args["key"], None)
    elif args["value"] is not None:
        settings[args["key"]] = args["value"]
    else:
        return settings.get(args["key"])
    context.save()
    return None


def make_default(context: Context) -> None:
    """`app makedefault`, which sets `feature.app.default_app` of a domain."""
    args, state = context.args, context.state
    app = apps.find(context, args["app"])
    domain = args["domain"] or app["settings"]["domain"]
    if domain not in state["domains"]:
        raise Refused(f"Domain '{domain}' unknown")
    with context.operation("app_makedefault", app["id"], "app") as running:
        running.start()
        set_default(context, domain, None if args["undo"] else app["id"])
        context.console.info("Saving the new configuration...")
        context.console.success("Config updated as expected")


def set_default(context: Context, domain: str, app_id: Optional[str]) -> None:
    """Have the root of a domain lead to an application, or to none."""
    defaults = context.state["default_apps"]
    if app_id is None:
        defaults.pop(domain, None)
    else:
        defaults[domain] = app_id
    for app in context.state["apps"]:
        if app["settings"].get("domain") == domain:
            app["is_default"] = app["id"] == app_id
    context.save()


def dismiss(context: Context) -> None:
    """`app dismiss-notification`: any other name than the two breaks off."""
    name = context.args["name"].lower()
    assert name in ("post_install", "post_upgrade")
    apps.find(context, context.args["app"])["settings"][f"_dismiss_notification_{name}"] = "1"
    context.save()


def portal(context: Context) -> None:
    """`app ssowatconf`."""
    context.refresh_portal()


def register_url(context: Context) -> None:
    """`app register-url`, for the scripts of packages."""
    app = apps.find(context, context.args["app"])
    if "domain" in app["settings"] and "path" in app["settings"]:
        raise Refused(
            "This app is already installed. The URL cannot be changed just by this function."
            " Check in `app changeurl` if it's available."
        )
    apps.conflicts(context, context.args["domain"], context.args["path"], app["id"])
    app["settings"].update(domain=context.args["domain"], path=context.args["path"])
    context.save()
