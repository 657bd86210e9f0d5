"""`yunohost backup ...`."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Optional

from . import archives, backup_methods
from .context import Context
from .errors import Refused
from .operations import now
from .users import human_size

_NUMBERS = {
    "data_home": "17", "conf_ynh_certs": "21", "data_mail": "23", "conf_manually_modified_files": "50",
    "conf_ldap": "05", "conf_ynh_settings": "20", "data_multimedia": "18",
}  # fmt: skip
"""What the files of the hooks that save the system begin with."""
_SHOWN = ("path", "created_at", "description", "size")
_SIZE = {"told": 50_000, "archived": 50_400}
"""Of what is saved: the bytes that are told of it, and those that the archive grows by."""


def list_archives(context: Context) -> Dict[str, Any]:
    """The archives, oldest first."""
    archives.adopt(context)
    known = context.state["backups"]
    names = sorted(known, key=lambda name: known[name]["created_at"])
    if not context.args["with_info"]:
        return {"archives": names}
    return {"archives": {name: _shown(context, known[name]) for name in names}}


def info(context: Context) -> Dict[str, Any]:
    archive = _known(context)
    shown = _shown(context, archive)
    if context.args["with_details"]:
        shown.update({key: archive[key] for key in ("apps", "system", "from_yunohost_version")})
    return shown


def create(context: Context) -> Dict[str, Any]:
    """Save what is asked for; what is not known or fails is told, and the archive made without it."""
    args, state = context.args, context.state
    if args["name"] in state["backups"]:
        raise Refused(f"A backup archive with the name '{args['name']}' already exists.")
    methods = args["methods"] or ["tar"]
    if "copy" in methods:
        raise Refused("You must provide an output directory for the backup")
    name = args["name"] or f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
    every = args["system"] is None and args["apps"] is None
    with context.operation("backup_create", "", "app") as operation:
        operation.start()
        installed = {app["id"]: app for app in state["apps"]}
        system = _wanted([] if every else args["system"], state["hooks"]["backup"])
        apps = _wanted([] if every else args["apps"], list(installed))
        results: Dict[str, Dict[str, str]] = {"system": {}, "apps": {}}
        for part in system:
            if part not in state["hooks"]["backup"]:
                context.console.error(f"The backup hook '{part}' is unknown")
                results["system"][part] = "Skipped"
            else:
                results["system"][part] = _collect_part(context, part)
        for app in apps:
            if app not in installed:
                context.console.error(f"{app} will not be saved")
                results["apps"][app] = "Skipped"
            else:
                results["apps"][app] = _collect_app(context, app)
        context.pace.reach(0.6)
        saved = {
            kind: [key for key, end in each.items() if end == "Success"] for kind, each in results.items()
        }
        if not saved["system"] and not saved["apps"]:
            raise Refused("Failed to collect files to be backed up")
        archive = _archive(context, name, saved)
        context.console.info("Creating a backup archive from the collected files…")
        context.console.info(f"The archive will contain about {human_size(archive['size'])}B of data.")
        for method in methods:
            if method == "tar":
                state["backups"][name] = archive
                archives.write(context, name, archive)
                context.save()
            else:
                backup_methods.save(context, method, name, archive)
        context.pace.reach(1.0)
        context.console.success(f"Backup created: {name}")
    return {"name": name, "size": archive["size"], "results": results}


def delete(context: Context) -> None:
    _known(context)
    name = context.args["name"]
    del context.state["backups"][name]
    archives.remove(name)
    context.save()
    context.console.success(f"Backup deleted: {name}")


def restore(context: Context) -> Dict[str, Any]:
    """Bring back parts of the system, and applications that are not installed."""
    args, state = context.args, context.state
    archive = _known(context)
    every = args["system"] is None and args["apps"] is None
    system = _from_archive(
        context, [] if every else args["system"], archive["system"],
        "System part '{}' unavailable in this backup",
    )  # fmt: skip
    apps = _from_archive(
        context, [] if every else args["apps"], archive["apps"], "Could not find {} in the backup archive"
    )
    installed = [app for app in apps if any(known["id"] == app for known in state["apps"])]
    if installed:
        raise Refused(
            f"The following apps can't be restored because they are already installed: {', '.join(installed)}"
        )
    if system:
        context.console.warning("YunoHost is already installed")
        if not args["force"]:
            raise Refused("Not a tty, can't do interactive prompts")
    context.console.info("Preparing archive for restoration…")
    results: Dict[str, Dict[str, str]] = {
        "system": {name: "Skipped" for name in args["system"] or () if name not in system},
        "apps": {name: "Skipped" for name in args["apps"] or () if name not in apps},
    }
    if system:
        _restore_system(context, system, results["system"])
    for app in apps:
        results["apps"][app] = _restore_app(context, archive, app)
    context.pace.reach(1.0)
    if "Success" not in (*results["system"].values(), *results["apps"].values()):
        raise Refused("Nothing was restored")
    context.console.success("Restoration completed")
    return results


def _known(context: Context) -> Dict[str, Any]:
    archives.adopt(context)
    name = context.args["name"]
    archive = context.state["backups"].get(name)
    if archive is None:
        raise Refused(f"Unknown local backup archive named '{name}'")
    return archive


def _shown(context: Context, archive: Dict[str, Any]) -> Dict[str, Any]:
    shown = {key: archive[key] for key in _SHOWN}
    if context.args["human_readable"]:
        shown["size"] = f"{human_size(shown['size'])}B"
    return shown


def _wanted(asked: Optional[List[str]], available: List[str]) -> List[str]:
    """Nothing where the kind was not asked for, everything where it was without names."""
    return [] if asked is None else asked or list(available)


def _from_archive(
    context: Context, asked: Optional[List[str]], held: Dict[str, Any], unknown: str
) -> List[str]:
    wanted = _wanted(asked, list(held))
    for name in wanted:
        if name not in held:
            context.console.error(unknown.format(name))
    return [name for name in wanted if name in held]


def _collect_part(context: Context, part: str) -> str:
    if part in context.state["failing"]["backup"]:
        context.console.error(f"Could not backup the '{part}' system part")
        return "Error"
    return "Success"


def _collect_app(context: Context, app: str) -> str:
    context.console.info(f"Collecting files to be backed up for {app}…")
    if app in context.state["failing"]["backup"]:
        context.console.error(f"Failed to collect files to backed up for {app}.")
        return "Error"
    completed = (
        f"Backup script completed for {app}. (YunoHost will then actually copy those files to the archive)."
    )
    says = context.state["app_scripts"].get(app, {}).get("backup", {})
    for line in says.get("lines", ("Declaring files to be backed up...", completed)):
        context.console.info(line)
    return "Success"


def _archive(context: Context, name: str, saved: Dict[str, List[str]]) -> Dict[str, Any]:
    state = context.state
    apps = [app for app in state["apps"] if app["id"] in saved["apps"]]
    sizes = {key: state["backup_sizes"].get(key, _SIZE) for key in (*saved["system"], *saved["apps"])}
    return {
        "path": f"/home/yunohost.backup/archives/{name}.tar",
        "created_at": now()[:19] + "+00:00",
        "description": context.args["description"] or "",
        "size": sum(size["archived"] for size in sizes.values()),
        "apps": {
            app["id"]: {
                "version": app["manifest"]["version"],
                "name": app["manifest"]["name"],
                "description": app["manifest"]["description"]["en"],
                "size": sizes[app["id"]]["told"],
            }
            for app in apps
        },
        "system": {
            part: {
                "paths": [f"/usr/share/yunohost/hooks/backup/{_NUMBERS[part]}-{part}"],
                "size": sizes[part]["told"],
            }
            for part in saved["system"]
        },
        "from_yunohost_version": state["versions"]["yunohost"]["version"],
        "saved": {app["id"]: app for app in apps},
    }


def _restore_system(context: Context, parts: List[str], results: Dict[str, str]) -> None:
    failing = [part for part in parts if part in context.state["failing"]["restore"]]
    with context.operation("backup_restore_system", "", "configuration") as operation:
        operation.start()
        for part in parts:
            results[part] = "Error" if part in failing else "Success"
            if part in failing:
                context.console.error(f"Could not restore the '{part}' system part")
        if failing:
            operation.fail(f"Could not restore the '{', '.join(failing)}' system part")


def _restore_app(context: Context, archive: Dict[str, Any], app: str) -> str:
    state, says = context.state, context.state["app_scripts"].get(app, {}).get("restore", {})
    with context.operation("backup_restore_app", app, "app") as operation:
        operation.start()
        context.console.info(f"Restoring {app}…")
        saved = archive["saved"].get(app)
        for resource in saved["manifest"]["resources"] if saved else ():
            context.console.info(f"Provisioning {resource}...")
        for warning in says.get("warnings", ()):
            context.console.warning(warning)
        for line in says.get("lines", ()):
            context.console.info(line)
        if saved is None or app in state["failing"]["restore"]:
            reason = f"Could not restore {app}: An error occured inside the app restore script"
            context.console.error(reason)
            operation.fail(reason)
            return "Error"
        state["apps"].append(saved)
        context.save()
    return "Success"
