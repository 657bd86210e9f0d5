"""`yunohost tools update|upgrade` and `yunohost tools migrations ...`."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

from .context import Context
from .errors import Refused

_NEVER = 99999 * 3600
_SOURCES = (
    "Something went wrong while updating the cache of APT (Debian's package manager). Here is a dump of the"
    " sources.list lines, which might help identify problematic lines: \n"
)


def update_norefresh(context: Context) -> Dict[str, Any]:
    return _available(context, "all")


def update(context: Context) -> Dict[str, Any]:
    """Fetch what can be fetched: what cannot is an `ERROR` line of a command that ends well."""
    target = context.args["target"]
    if context.args["no_refresh"]:
        return _available(context, target)
    if target in ("system", "all"):
        _update_packages(context)
    context.pace.reach(0.7)
    if target in ("apps", "all"):
        _update_catalog(context)
    context.save()
    context.pace.reach(1.0)
    available = _available(context, target)
    if not available["system"] and not any(_is_upgradable(app) for app in available["apps"]):
        context.console.info("Nothing to do. Everything is already up-to-date.")
    return available


def _update_packages(context: Context) -> None:
    sources = context.state["package_sources"]
    context.console.info("Fetching available upgrades for system packages…")
    # The cache is written anew even when nothing could be fetched.
    context.state["packages_updated"] = int(time.time())
    for warning in sources["warnings"]:
        context.console.warning(warning)
    if sources["warnings"] or not sources["reachable"]:
        context.console.error(_SOURCES + "\n".join(sources["dump"]))


def _update_catalog(context: Context) -> None:
    context.console.info("Updating application catalog…")
    source = context.state["catalog"]["source"]
    if source == "unreachable":
        context.console.error(context.catalog_error)
        return
    if source == "there":
        context.state["catalog_updated"] = int(time.time())
    context.console.success("The application catalog has been updated!")


def _available(context: Context, target: str) -> Dict[str, Any]:
    state = context.state
    pending = [migration for migration in state["migrations"] if migration["state"] == "pending"]
    packages = {group: list(listed) for group, listed in state["packages"].items() if listed}
    apps = [_app(app) for app in state["apps"] if app["upgrade"]["status"] != "up_to_date"]
    answer = {
        "system": packages if target != "apps" else {},
        "apps": apps if target != "system" else [],
        "important_yunohost_upgrade": target != "apps" and _is_important(packages),
        "pending_migrations": pending,
        "last_apt_update": int(time.time()) - state["packages_updated"],
    }
    updated = state["catalog_updated"]
    if updated is None:
        context.console.warning(
            "Failed to compute last apps catalog update time ? [Errno 2] No such file or directory:"
            " '/var/cache/yunohost/repo/default.json'"
        )
    answer["last_apps_catalog_update"] = _NEVER if updated is None else int(time.time()) - updated
    return answer


def _app(app: Dict[str, Any]) -> Dict[str, Any]:
    settings, manifest = app["settings"], app["manifest"]
    return {
        "id": app["id"],
        "name": settings.get("label") or manifest["name"],
        "description": manifest["description"]["en"],
        "version": manifest["version"],
        "domain_path": f"{settings.get('domain', '')}{settings.get('path', '')}",
        "upgrade": app["upgrade"],
    }


def _is_upgradable(app: Dict[str, Any]) -> bool:
    return app["upgrade"]["status"] in ("upgradable", "fail_requirements")


def _is_important(packages: Dict[str, List[Dict[str, str]]]) -> bool:
    numbers = [
        [package[key].split(".")[:2] for key in ("current_version", "new_version")]
        for listed in packages.values()
        for package in listed
        if package["name"] == "yunohost"
    ]
    return any(current != new for current, new in numbers)


def upgrade(context: Context) -> None:
    if context.args["target"] not in ("apps", "system"):
        raise Refused("Uhoh ?! tools_upgrade should have 'apps' or 'system' value for argument target")
    if context.args["target"] == "apps":
        _upgrade_apps(context)
    else:
        _upgrade_packages(context)


def _upgrade_apps(context: Context) -> None:
    """Those that fail stay as they were; the command ends well."""
    state = context.state
    apps = [app for app in state["apps"] if _is_upgradable(app)]
    if not apps:
        context.console.info("All apps are already up-to-date")
        return
    for app in apps:
        with context.operation("app_upgrade", app["id"], "app") as operation:
            operation.start()
            context.console.info(f"Upgrading {app['id']}…")
            if app["id"] in state["failing"]["upgrade"]:
                reason = f"Failed to upgrade {app['id']}: An error occured inside the app upgrade script"
                context.console.error(reason)
                operation.fail(reason)
                continue
            new_version = app["upgrade"]["new_version"]
            app["manifest"]["version"] = new_version
            app["upgrade"].update(status="up_to_date", current_version=new_version)
            context.save()
            context.console.success(f"{app['id']} upgraded")


def _upgrade_packages(context: Context) -> None:
    """Packages that cannot be fetched or set up are told in warnings; the command ends well."""
    state, console = context.state, context.console
    names = [package["name"] for listed in state["packages"].values() for package in listed]
    failing = state["failing"]["upgrade"]
    if not names:
        console.info("Nothing to do. Everything is already up-to-date.")
    console.info("Upgrading packages…")
    with context.operation("tools_upgrade", "", "configuration") as operation:
        operation.start()
        console.info("Upgrading system packages")
        context.pace.reach(0.8)
        if not state["package_sources"]["reachable"] and names:
            console.warning(
                "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?"
            )
            failing = names
        state["packages"] = {
            group: [package for package in listed if package["name"] in failing]
            for group, listed in state["packages"].items()
        }
        left = [name for name in names if name in failing]
        if left:
            console.warning(f"Could not upgrade packages: {', '.join(left)}")
        context.save()
        context.pace.reach(1.0)
        console.success("System upgraded")


def migrations_list(context: Context) -> Dict[str, Any]:
    pending, done = context.args["pending"], context.args["done"]
    states = ["pending"] if pending else ["done", "skipped"] if done else None
    known = context.state["migrations"]
    return {"migrations": [one for one in known if states is None or one["state"] in states]}


def migrations_state(context: Context) -> Dict[str, Any]:
    return {"migrations": {one["id"]: one["state"] for one in context.state["migrations"]}}


def migrations_run(context: Context) -> None:
    """Run those that wait. One that needs to be accepted, or fails, is told and passed by."""
    args, state = context.args, context.state
    if args["auto"] + args["skip"] + args["force_rerun"] > 1:
        raise Refused("'--auto', '--skip', and '--force-rerun' are mutually exclusive options.")
    chosen = _chosen(context)
    if not chosen:
        context.console.info("No migrations to run")
    accepted = args["accept_disclaimer"]
    for one in chosen:
        name = one["id"]
        if args["auto"] and one["mode"] == "manual":
            context.console.warning(
                f"Migration {name} has to be run manually. Please go to Tools → Migrations on the webadmin"
                " page, or run `yunohost tools migrations run`."
            )
            continue
        if one["disclaimer"] and not args["skip"]:
            if not accepted:
                context.console.warning(
                    f"To run the migration {name}, your must accept the following disclaimer:\n---\n"
                    f"{one['disclaimer']}\n---\nIf you accept to run the migration, please re-run the command"
                    " with the option '--accept-disclaimer'."
                )
                continue
            accepted = False
        with context.operation("tools_migrations_migrate_forward", "", "configuration") as operation:
            operation.start()
            if args["skip"]:
                context.console.warning(f"Skipping migration {name}…")
                one["state"] = "skipped"
            elif name in state["failing"]["migration"]:
                context.console.info(f"Running migration {name}…")
                reason = f"Migration {name} did not complete, aborting. Error: it did not work"
                context.console.error(reason)
                operation.fail(reason)
            else:
                context.console.info(f"Running migration {name}…")
                for line in state["migration_says"].get(name, ()):
                    context.console.info(line)
                context.console.success(f"Migration {name} completed")
                one["state"] = "done"
            context.save()


def _chosen(context: Context) -> List[Dict[str, Any]]:
    args, known = context.args, context.state["migrations"]
    if not args["targets"]:
        if args["skip"] or args["force_rerun"]:
            raise Refused("You must provide explicit targets when using '--skip' or '--force-rerun'")
        return [one for one in known if one["state"] == "pending"]
    chosen = []
    for target in args["targets"]:
        found: Optional[Dict[str, Any]] = next(
            (one for one in known if target in (one["id"], one["name"], one["id"].split("_")[0])), None
        )
        if found is None:
            raise Refused(f"There is no migration called '{target}'")
        chosen.append(found)
    done = ", ".join(one["id"] for one in chosen if one["state"] != "pending")
    pending = ", ".join(one["id"] for one in chosen if one["state"] == "pending")
    if args["skip"] and done:
        raise Refused(f"These migrations are not pending, so cannot be skipped: {done}")
    if args["force_rerun"] and pending:
        raise Refused(f"These migrations are still pending, so cannot be run again: {pending}")
    if done and not args["skip"] and not args["force_rerun"]:
        raise Refused(f"Those migrations are already done: {done}")
    return chosen
