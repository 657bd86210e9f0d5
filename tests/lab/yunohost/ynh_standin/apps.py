"""`yunohost app install|remove|upgrade`: what its scripts do is told by the package, see `apps_packages`."""

from __future__ import annotations

import copy
import sys
import time
from typing import Any, Dict, List, Optional

from . import apps_packages, seed
from .console import write_line
from .context import Context
from .errors import Refused
from .operations import now

App = Dict[str, Any]
Package = Dict[str, Any]

_CATALOG_KEYS = (
    "added_in_catalog", "antifeatures", "branch", "category", "featured", "git", "high_quality", "id",
    "lastUpdate", "level", "logo_hash", "maintained", "manifest", "potential_alternative_to", "state", "subtags",
)  # fmt: skip


def find(context: Context, app_id: str) -> App:
    """An installed application."""
    apps = context.state["apps"]
    found = next((app for app in apps if app["id"] == app_id), None)
    if found is None:
        names = "\n - ".join(sorted(app["id"] for app in apps))
        raise Refused(f"Could not find {app_id} in the list of installed apps: \n - {names}")
    return found


def conflicts(context: Context, domain: str, path: str, but: str = "") -> None:
    """Refuse an address that another application has."""
    taken = []
    for app in context.state["apps"]:
        settings = app["settings"]
        if app["id"] == but or settings.get("domain") != domain or "path" not in settings:
            continue
        if settings["path"] == path or "/" in (settings["path"], path):
            name = settings.get("label") or app["id"].title()
            taken.append(f" * {domain}{settings['path']} → {name} ({app['id']})")
    if taken:
        raise Refused(
            "This URL is either unavailable, or conflicts with the already installed app(s):\n" + "\n".join(taken)
        )


def install(context: Context) -> None:
    """`app install`."""
    args, console = context.args, context.console
    apps_packages.confirm(context, args["app"], args["force"])
    package, from_catalog = apps_packages.find(context, args["app"])
    manifest = package["manifest"]
    for text in _notes(manifest, "PRE_INSTALL"):
        _show(text)
    app_id = _next_instance(context, manifest["id"])
    for check in apps_packages.requirements(context, manifest):
        excused = check["id"] == "required_yunohost_version" and args["ignore_yunohost_version"]
        excused = excused or (check["id"] == "ram" and args["force"]) or check["id"] in ("install", "disk")
        if not check["passed"] and not excused:
            raise Refused(check["error"])
    answers = apps_packages.answers(apps_packages.questions(context, manifest), args["args"])
    if "domain" in answers and "path" in answers:
        conflicts(context, answers["domain"], answers["path"])
    app = _new_app(context, app_id, package, from_catalog, answers)
    try:
        with context.operation("app_install", manifest["id"], "app") as running:
            running.start()
            console.info(f"Installing {manifest['id']}…")
            _provision(context, package, app_id)
            context.pace.reach(0.3)
            context.state["apps"].append(app)
            context.save()
            fails = package["fails"].get("install") or (answers.get("fail") and "Failing on purpose")
            _run(context, package, "install", f"Installation of {app_id} completed", fails)
            context.refresh_portal()
    except _ScriptFailed as failure:
        _after_failed_install(context, app, str(failure))
    except _SourcesMissing:
        raise Refused(context.last_failure) from None
    context.pace.reach(1.0)
    console.success("Installation completed")
    for text in _notes(manifest, "POST_INSTALL"):
        values = {**answers, "app": app_id}
        for name, value in values.items():
            text = text.replace(f"__{name.upper()}__", str(value))
        _show(text)


class _ScriptFailed(Refused):
    """A script of a package ended badly."""


class _SourcesMissing(Refused):
    """What a package is made of could not be downloaded."""


def _after_failed_install(context: Context, app: App, why: str) -> None:
    console, package_id = context.console, app["manifest"]["id"]
    console.warning(why)
    error = f"Unable to install {package_id}: An error occurred inside the app installation script : {why}"
    console.error(error)
    console.warning("Here's an extract of the logs before the crash. It might help debugging the error:")
    console.info("DEBUG - + ynh_die")
    if context.args["no_remove_on_failure"]:
        raise Refused(
            f"The installation of {package_id} failed, but was not cleaned up as requested by"
            " --no-remove-on-failure."
        )
    console.warning("Removing the app after installation failure…")
    _run(context, app["package"], "remove", f"Removal of {app['id']} completed", None)
    _deprovision(context, app["manifest"])
    context.state["apps"].remove(app)
    context.save()
    raise Refused(context.last_failure)


def _provision(context: Context, package: Package, app_id: str) -> None:
    """One line for each resource; sources that cannot be downloaded end it."""
    for name in package["manifest"]["resources"]:
        context.console.info(f"Provisioning {name}...")
        if name == "sources" and package["sources_missing"]:
            why = package["sources_missing"].replace("{app}", app_id)
            context.console.warning(f"Failed to provision sources : {why}")
            context.console.info("Deprovisioning sources...")
            context.console.error(
                f"Provisioning, deprovisioning, or updating resources for {app_id} failed: {why}"
            )
            raise _SourcesMissing(why)


def _deprovision(context: Context, manifest: Dict[str, Any]) -> None:
    for name in reversed(list(manifest["resources"])):
        context.console.info(f"Deprovisioning {name}...")


def _run(context: Context, package: Package, script: str, done: str, fails: Optional[str]) -> None:
    """The lines of a script, then its end."""
    steps = package["steps"].get(script, [])
    for level, text in steps:
        (context.console.warning if level == "WARNING" else context.console.info)(text)
    if fails:
        raise _ScriptFailed(fails)
    if not any(text.startswith(f"[{'#' * 20}]") for _, text in steps):
        context.console.info(f"[####################] > {done}")


def _show(text: str) -> None:
    """A note of a package, between bars."""
    for line in ("==========", text, "=========="):
        write_line(sys.stdout, line)


def _notes(manifest: Dict[str, Any], moment: str) -> List[str]:
    return [note["en"] for note in manifest["notifications"].get(moment, {}).values()]


def _next_instance(context: Context, package_id: str) -> str:
    names = {app["id"] for app in context.state["apps"]}
    number = 1
    while (package_id if number == 1 else f"{package_id}__{number}") in names:
        number += 1
    return package_id if number == 1 else f"{package_id}__{number}"


def _new_app(
    context: Context, app_id: str, package: Package, from_catalog: bool, answers: Dict[str, Any]
) -> App:
    given: Dict[str, Any] = {
        "id": app_id,
        "manifest": package["manifest"],
        "allowed": {"visitors": ["all_users", "visitors"], None: []}.get(
            answers.get("init_main_permission"), [answers.get("init_main_permission")]
        ),
        "settings": {
            key: value
            for key, value in answers.items()
            if key not in ("password", "init_main_permission", "domain", "path")
        },
        "supports": package["supports"],
        "panel": package["panel"],
        "actions": package["actions"],
        **{key: answers[key] for key in ("domain", "path") if key in answers},
    }
    if context.args["label"]:
        given["label"] = context.args["label"]
    app = seed.installed_app(given)
    app["settings"]["install_time"] = int(time.time())
    app["package"] = package
    refresh_upgrade(context, app)
    return app


def refresh_upgrade(context: Context, app: App) -> None:
    """What an upgrade would do, by the catalog."""
    version = app["manifest"]["version"]
    known = context.state["app_catalog"].get(app["manifest"]["id"])
    if known is None:
        app["upgrade"] = seed.upgrade_state({"status": "url_required"}, version)
        return
    app["from_catalog"] = {key: known[key] for key in _CATALOG_KEYS if key in known}
    new = known["manifest"]["version"]
    status = "up_to_date" if new == version else "upgradable"
    if (known["level"] or 0) < 5 and status == "upgradable":
        status = "bad_quality"
    app["upgrade"] = seed.upgrade_state({"status": status, "new_version": new}, version)


def remove(context: Context) -> None:
    """`app remove`."""
    app = find(context, context.args["app"])
    with context.operation("app_remove", app["id"], "app") as running:
        running.start()
        _remove(context, app)
        context.refresh_portal()


def _remove(context: Context, app: App) -> None:
    context.console.info(f"Removing {app['id']}…")
    context.pace.reach(0.3)
    _run(context, app["package"], "remove", f"Removal of {app['id']} completed", None)
    _deprovision(context, app["manifest"])
    context.state["apps"].remove(app)
    context.save()
    defaults = context.state["default_apps"]
    for domain in [domain for domain, default in defaults.items() if default == app["id"]]:
        del defaults[domain]
        context.save()
        context.console.info("Saving the new configuration...")
        context.console.success("Config updated as expected")
    context.console.success(f"{app['id']} uninstalled")


def upgrade(context: Context) -> Optional[Dict[str, Any]]:
    """`app upgrade`: ends with status 0 also when a script failed and the safety backup was put back."""
    args, console = context.args, context.console
    named = list(dict.fromkeys(args["app"] or []))
    for app_id in named:
        find(context, app_id)
    targets = [app for app in (find(context, name) for name in named or _all(context)) if _wanted(context, app)]
    if not targets and not named:
        console.success("All apps are already up-to-date")
        return None
    if not targets:
        raise Refused("No apps can be upgraded")
    if len(named) != 1:
        lines = [f"\n  - {_plan(app)}" for app in targets]
        console.info(f"The following apps will be upgraded: {''.join(lines)}")
    success: List[str] = []
    failed: Dict[str, str] = {}
    pending = [app["id"] for app in targets]
    for number, app in enumerate(targets):
        pending.remove(app["id"])
        try:
            _upgrade_one(context, app)
            success.append(app["id"])
        except Refused as failure:
            console.error(str(failure))
            failed[app["id"]] = str(failure)
            if pending and args["continue_on_failure"]:
                console.warning(
                    f"Failed to upgrade {app['id']}, but continuing with the upgrade of other apps anyway"
                    " (because `--continue-on-failure` was used)"
                )
                continue
            if pending:
                console.warning(
                    "Upgrades were still pending for several other apps but their upgrade was cancelled"
                    f" (use `--continue-on-failure` to continue anyway): {', '.join(pending)}"
                )
            break
        context.pace.reach((number + 1) / len(targets))
    if len(targets) == 1:
        return None
    shown = {"success": success, "failed": failed, "cancelled": pending}
    return {key: value for key, value in shown.items() if value}


def _all(context: Context) -> List[str]:
    return [app["id"] for app in context.state["apps"]]


def _plan(app: App) -> str:
    version, new = app["manifest"]["version"], app["upgrade"]["new_version"]
    if app["upgrade"]["status"] == "up_to_date":
        return f"{app['id']} will be force-upgraded ({version})"
    return f"{app['id']} will be upgraded from {version} to {new}"


def _wanted(context: Context, app: App) -> bool:
    """Whether there is something to upgrade; says why not."""
    args, console, status = context.args, context.console, app["upgrade"]["status"]
    if args["url"] or args["file"]:
        return True
    if status == "up_to_date" and not args["force"]:
        console.info(f"{app['id']} is already up to date ({app['manifest']['version']})")
        return False
    if status == "url_required":
        console.warning(
            f"{app['id']} is not in the catalog (anymore?) and therefore cannot be upgraded automatically."
            f" You should use `yunohost app upgrade {app['id']}` to provide the url of the repo using the"
            " `-u` option."
        )
        return False
    if status == "bad_quality":
        console.warning(
            f"Skipping upgrades for {app['id']} because it is currently flagged as broken on YunoHost's"
            " application catalog."
        )
        return False
    return True


def _upgrade_one(context: Context, app: App) -> None:
    console, source = context.console, context.args["url"] or context.args["file"]
    package = _new_package(context, app, source)
    console.info(f"Now upgrading {app['id']}…")
    if not context.args["no_safety_backup"]:
        _safety_backup(context, app)
    before = copy.deepcopy(app)
    try:
        with context.operation("app_upgrade", app["id"], "app") as running:
            running.start()
            for name in package["manifest"]["resources"]:
                console.info(f"Updating {name}...")
            app["manifest"] = copy.deepcopy(package["manifest"])
            context.save()
            context.pace.reach(0.3)
            _run(context, package, "upgrade", f"Upgrade of {app['id']} completed", package["fails"].get("upgrade"))
    except _ScriptFailed as failure:
        _put_back(context, app, before, str(failure))
    app["package"] = package
    app["panel"], app["actions"] = package["panel"], package["actions"]
    refresh_upgrade(context, app) if app["manifest"]["id"] in context.state["app_catalog"] else _settle(app)
    context.save()
    console.success(f"{app['id']} upgraded")
    for text in _notes(package["manifest"], "POST_UPGRADE"):
        _show(text)
    context.refresh_portal()


def _new_package(context: Context, app: App, source: Optional[str]) -> Package:
    if source:
        return apps_packages.find(context, source)[0]
    if app["manifest"]["id"] in context.state["app_catalog"]:
        return apps_packages.find(context, app["manifest"]["id"])[0]
    package = copy.deepcopy(app["package"])
    package["manifest"] = {**app["manifest"], "version": app["upgrade"]["new_version"]}
    return package


def _settle(app: App) -> None:
    app["upgrade"] = seed.upgrade_state({"status": "up_to_date"}, app["manifest"]["version"])


def _safety_backup(context: Context, app: App) -> None:
    console, backups = context.console, context.state["backups"]
    console.info("Creating a safety backup prior to the upgrade")
    console.info(f"Collecting files to be backed up for {app['id']}…")
    for level, text in app["package"]["steps"].get("backup", []):
        (console.warning if level == "WARNING" else console.info)(text)
    console.info("Creating a backup archive from the collected files…")
    size = app["package"]["size"]
    console.info(f"The archive will contain about {size // 1024}KB of data.")
    first, second = f"{app['id']}-pre-upgrade1", f"{app['id']}-pre-upgrade2"
    name, other = (second, first) if first in backups else (first, second)
    backups[name] = seed.archive(name, {"size": size, "created_at": now()})
    console.success(f"Backup created: {name}")
    if other in backups:
        del backups[other]
        console.info(f"Backup {other} was deleted because it is replaced by a newer backup {name}")
    context.save()


def _put_back(context: Context, app: App, before: App, why: str) -> None:
    """What YunoHost does after a failed script: it removes the application and restores the safety backup."""
    console = context.console
    console.warning(why)
    console.error(f"Failed to upgrade {app['id']}: An error occurred inside the app upgrade script : {why}")
    console.warning("Here's an extract of the logs before the crash. It might help debugging the error:")
    console.info("DEBUG - + ynh_die")
    failure = context.last_failure
    if context.args["no_safety_backup"]:
        raise Refused(failure)
    console.warning(
        "Upgrade failed ... attempting to restore the safety backup"
        " (Yunohost first need to remove the app for this) ..."
    )
    _remove(context, app)
    console.info("Preparing archive for restoration…")
    console.info(f"Restoring {before['id']}…")
    if before["package"]["fails"].get("restore"):
        console.error(f"Could not restore {before['id']}: {before['package']['fails']['restore']}")
        raise Refused(failure)
    for name in before["manifest"]["resources"]:
        console.info(f"Provisioning {name}...")
    _run(context, before["package"], "restore", f"Restoration of {before['id']} completed", None)
    context.state["apps"].append(before)
    context.save()
    console.success("Restoration completed")
    raise Refused(failure)
