"""`yunohost diagnosis ...`: the seed says what would be found; reports are what was found at the last run."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Tuple

from .context import Context
from .errors import Refused
from .system_seed import CATEGORIES

_DEPENDENCIES = {"dnsrecords": "ip", "ports": "ip", "web": "ip", "mail": "ip"}
_TROUBLES = ("WARNING", "ERROR")


def list_categories(context: Context) -> Dict[str, List[str]]:
    return {"categories": list(CATEGORIES)}


def show(context: Context) -> Optional[Dict[str, Any]]:
    """The last reports. Before the first, a warning and nothing else."""
    reports = context.state["diagnosis"]["reports"]
    if not reports:
        context.console.warning(
            "It looks like this server was setup recently and there's no diagnosis report to show yet."
            " You should start by running a full diagnosis, either from the webadmin or using"
            " 'yunohost diagnosis run' from the command line."
        )
        return None
    shown = []
    for category in _asked(context):
        report = _report(context, category)
        if report is None:
            context.console.warning(f"No diagnosis cache yet for category '{category}'")
            report = {"id": category, "cached_for": -1, "timestamp": -1, "items": []}
        if not context.args["full"]:
            items = [item for item in report["items"] if not item["ignored"]]
            keys = ("status", "summary", "details")
            items = [{key: item[key] for key in keys if key in item} for item in items]
            report = {"id": category, "items": items}
        if context.args["issues"]:
            report["items"] = [item for item in report["items"] if item["status"] in _TROUBLES]
        if report["items"] or not context.args["issues"]:
            shown.append({**report, "description": CATEGORIES[category]})
    return {"reports": shown}


def run(context: Context) -> None:
    """Look again at each category, but at those that need what is known to be broken."""
    troubled = False
    categories = _asked(context)
    for position, category in enumerate(categories):
        context.pace.reach((position + 1) / len(categories))
        troubled = _run(context, category) or troubled
    if troubled:
        context.console.warning(
            "To see the issues found, you can go to the Diagnosis section of the webadmin, or run"
            " 'yunohost diagnosis show --issues --human-readable' from the command-line."
        )


def _run(context: Context, category: str) -> bool:
    diagnosis, words = context.state["diagnosis"], CATEGORIES[category]
    cached_for = diagnosis["cached_for"].get(category, 300)
    last = diagnosis["reports"].get(category)
    if last and not context.args["force"] and time.time() - last["timestamp"] < cached_for:
        context.console.info(f"(Cache still valid for {words} diagnosis. Won't re-diagnose it yet!)")
        return False
    needed = _DEPENDENCIES.get(category)
    if needed is not None:
        known = diagnosis["reports"].get(needed)
        if known is None or any(item["status"] == "ERROR" for item in known["items"]):
            context.console.error(
                f"Can't run diagnosis for {words} while there are important issues related to"
                f" {CATEGORIES[needed]}."
            )
            return False
    # Reports are told apart by their seconds, which those of a test with no waiting share.
    moment = max(int(time.time()), last["timestamp"] + 1 if last else 0)
    items = diagnosis["found"].get(category, [])
    diagnosis["reports"][category] = {
        "id": category, "cached_for": cached_for, "items": items, "timestamp": moment,
    }  # fmt: skip
    context.save()
    report = _report(context, category)
    assert report is not None
    return _tell(context, words, report["items"])


def _tell(context: Context, words: str, items: List[Dict[str, Any]]) -> bool:
    count = {
        (status, ignored): sum(item["status"] == status and item["ignored"] is ignored for item in items)
        for status in _TROUBLES
        for ignored in (True, False)
    }
    errors, warnings = count["ERROR", False], count["WARNING", False]
    hidden = count["ERROR", True] + count["WARNING", True]
    ignored = f" (+ {hidden} ignored issue(s))" if hidden else ""
    if errors and warnings:
        context.console.error(
            f"Found {errors} significant issue(s) (and {warnings} warning(s)) related to {words}!{ignored}"
        )
    elif errors:
        context.console.error(f"Found {errors} significant issue(s) related to {words}!{ignored}")
    elif warnings:
        context.console.warning(f"Found {warnings} item(s) that could be improved for {words}.{ignored}")
    else:
        context.console.success(f"Everything looks OK for {words}!{ignored}")
    return any(item["status"] in _TROUBLES for item in items)


def ignore(context: Context) -> Optional[Dict[str, Any]]:
    filters = context.state["diagnosis"]["filters"]
    if context.args["list"]:
        return {"ignore_filters": filters}
    if not context.args["filter"]:
        return None
    category, criteria = _parsed(context)
    report = _report(context, category)
    issues = [item for item in report["items"] if item["status"] in _TROUBLES] if report else []
    if not issues:
        # As the real command does where its list of reports is empty.
        raise IndexError("list index out of range")
    if not any(_fits(item, criteria) for item in issues):
        raise _refused(context, "No issues was found matching the given criteria.")
    known = filters.setdefault(category, [])
    if criteria in known:
        context.console.warning(f"(There is already a diagnosis {category} filter with these criterias)")
        return None
    known.append(criteria)
    context.save()
    context.console.success(f"Added a {category} diagnosis filter")
    return None


def unignore(context: Context) -> None:
    if not context.args["filter"]:
        return
    category, criteria = _parsed(context)
    known = context.state["diagnosis"]["filters"].setdefault(category, [])
    if criteria not in known:
        context.console.warning(
            f"(There is no such diagnosis {category} filter with these criterias to remove)"
        )
        return
    known.remove(criteria)
    context.save()
    context.console.success(f"Removed a {category} diagnosis filter")


def _asked(context: Context) -> List[str]:
    asked = context.args["categories"]
    unknown = [category for category in asked if category not in CATEGORIES]
    if unknown:
        raise Refused(f"The following categories are unknown: {', '.join(unknown)}")
    return asked or list(CATEGORIES)


def _report(context: Context, category: str) -> Optional[Dict[str, Any]]:
    """The last report of a category, with what is ignored in it."""
    diagnosis = context.state["diagnosis"]
    report = diagnosis["reports"].get(category)
    if report is None:
        return None
    filters = diagnosis["filters"].get(category, [])
    items = [
        {
            **item,
            "ignored": item["status"] in _TROUBLES and any(_fits(item, criteria) for criteria in filters),
        }
        for item in report["items"]
    ]
    return {**report, "items": items}


def _fits(item: Dict[str, Any], criteria: Dict[str, str]) -> bool:
    return all(str(item["meta"].get(key)) == value for key, value in criteria.items())


def _refused(context: Context, text: str) -> Refused:
    """The real command takes these sentences for keys of its translations."""
    context.console.warning(
        f"unable to retrieve string to translate with key '{text}' for default locale 'locales/en.json' file"
        " (don't panic this is just a warning)"
    )
    return Refused(text)


def _parsed(context: Context) -> Tuple[str, Dict[str, str]]:
    category, criteria = context.args["filter"][0], context.args["filter"][1:]
    if category not in CATEGORIES:
        raise _refused(context, f"{category} is not a diagnosis category")
    if any("=" not in word for word in criteria):
        raise _refused(context, "Criterias should be of the form key=value (e.g. domain=yolo.test)")
    return category, {word.split("=")[0]: word.split("=")[1] for word in criteria}
