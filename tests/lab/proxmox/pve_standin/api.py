"""`pvesh`: paths of the API, and what answers there."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List, Tuple

from . import backing, guests, tasks, told
from .config import Values, known, load
from .place import NODE, PveError, settings

Answer = Callable[..., Any]
_HERE = f"/nodes/{NODE}"
_CT = rf"{_HERE}/lxc/(\d+)"


def _status(action: str) -> Answer:
    def answer(vmid: str, given: Values) -> str:
        number, seconds = int(vmid), int(given.get("timeout", 60))
        if action == "shutdown":
            return guests.shutdown(number, seconds, given.get("forceStop") == "1")
        if action == "reboot":
            return guests.reboot(number, seconds)
        return {
            "start": guests.start,
            "stop": guests.stop,
            "suspend": guests.suspend,
            "resume": guests.resume,
        }[action](number)

    return answer


def _set(vmid: str, given: Values) -> None:
    given = dict(given)
    without = [name for name in given.pop("delete", "").replace(";", ",").split(",") if name]
    digest = given.pop("digest", None)
    guests.change(int(vmid), given, without, digest)


def _config(vmid: str, given: Values) -> Any:
    config = load(int(vmid))
    if "snapshot" in given:
        if given["snapshot"] not in config.snapshots:
            raise PveError(f"snapshot '{given['snapshot']}' does not exist")
        return told.config(config, config.snapshots[given["snapshot"]])
    return told.config(config, config.current)


def _interfaces(vmid: str, given: Values) -> Any:
    config = load(int(vmid))
    return backing.interfaces(config) if backing.pid(int(vmid)) is not None else []


def _move(vmid: str, given: Values) -> str:
    volume = given["volume"]
    return guests.move(int(vmid), volume, int(given["target-vmid"]), given.get("target-volume", volume))


def _migrate(vmid: str, given: Values) -> str:
    load(int(vmid)).check_lock()
    if given["target"] == NODE:
        raise PveError("400 Parameter verification failed.\ntarget: target is local node.")
    raise PveError(f"400 Parameter verification failed.\ntarget: no such cluster node '{given['target']}'")


def _clone(vmid: str, given: Values) -> str:
    given = dict(given)
    return guests.clone(int(vmid), int(given.pop("newid")), given)


_ROUTES: List[Tuple[str, str, Answer]] = [
    ("get", r"/version", lambda given: told.version()),
    ("get", r"/cluster/resources", lambda given: told.resources(given.get("type", ""))),
    ("get", r"/cluster/nextid", lambda given: str(guests.next_id())),
    ("get", r"/nodes", lambda given: [{"id": f"node/{NODE}", "type": "node", "level": "", **told.node()}]),
    ("get", rf"{_HERE}/status", lambda given: told.node_status()),
    ("get", rf"{_HERE}/storage", lambda given: told.storages()),
    (
        "get",
        rf"{_HERE}/storage/([\w-]+)/content",
        lambda store, given: told.content(store, given.get("content", "")),
    ),
    (
        "get",
        rf"{_HERE}/tasks",
        lambda given: tasks.listed(
            given.get("source", "archive"), given.get("vmid", ""), given.get("typefilter", "")
        ),
    ),
    ("get", rf"{_HERE}/tasks/([^/]+)/status", lambda upid, given: tasks.status(upid)),
    (
        "get",
        rf"{_HERE}/tasks/([^/]+)/log",
        lambda upid, given: tasks.log(upid, int(given.get("start", 0)), int(given.get("limit", 50))),
    ),
    ("get", rf"{_HERE}/lxc", lambda given: [told.status(load(vmid), listed=True) for vmid in known()]),
    ("create", rf"{_HERE}/lxc", lambda given: guests.create(int(given.pop("vmid")), given)),
    (
        "get",
        _CT,
        lambda vmid, given: [
            {"subdir": name}
            for name in ("config", "pending", "status", "snapshot", "interfaces", "rrddata", "feature")
        ],
    ),
    ("get", rf"{_CT}/rrddata", lambda vmid, given: told.rrd(load(int(vmid)))),
    ("get", rf"{_CT}/feature", lambda vmid, given: told.feature(given["feature"])),
    ("create", rf"{_CT}/template", lambda vmid, given: guests.template(int(vmid))),
    ("create", rf"{_CT}/migrate", _migrate),
    ("create", rf"{_CT}/move_volume", _move),
    ("delete", _CT, lambda vmid, given: guests.destroy(int(vmid), given.get("force") == "1")),
    ("get", rf"{_CT}/config", _config),
    ("set", rf"{_CT}/config", _set),
    ("get", rf"{_CT}/pending", lambda vmid, given: told.pending(load(int(vmid)))),
    ("get", rf"{_CT}/status/current", lambda vmid, given: told.status(load(int(vmid)))),
    *(
        ("create", rf"{_CT}/status/{name}", _status(name))
        for name in ("start", "stop", "shutdown", "reboot", "suspend", "resume")
    ),
    ("get", rf"{_CT}/snapshot", lambda vmid, given: told.snapshots(load(int(vmid)))),
    (
        "create",
        rf"{_CT}/snapshot",
        lambda vmid, given: guests.snapshot(int(vmid), given["snapname"], given.get("description", "")),
    ),
    (
        "delete",
        rf"{_CT}/snapshot/([\w-]+)",
        lambda vmid, name, given: guests.forget_snapshot(int(vmid), name),
    ),
    ("get", rf"{_CT}/snapshot/([\w-]+)/config", lambda vmid, name, given: _config(vmid, {"snapshot": name})),
    (
        "create",
        rf"{_CT}/snapshot/([\w-]+)/rollback",
        lambda vmid, name, given: guests.rollback(int(vmid), name, given.get("start") == "1"),
    ),
    ("get", rf"{_CT}/interfaces", _interfaces),
    ("create", rf"{_CT}/clone", _clone),
    (
        "set",
        rf"{_CT}/resize",
        lambda vmid, given: guests.resize(int(vmid), given["disk"], given["size"], given.get("digest")),
    ),
]


def pvesh(words: List[str]) -> int:
    """`pvesh get|set|create|delete|ls|usage PATH [--OPTION VALUE…]`."""
    if len(words) < 2 or words[0] not in ("get", "set", "create", "delete", "ls", "usage"):
        raise PveError("ERROR: unknown command\nUSAGE: pvesh <COMMAND> [ARGS] [OPTIONS]")
    verb, path, given = words[0], "/" + words[1].strip("/"), options(words[2:])
    form = given.pop("output-format", "text")
    for name in ("noproxy", "human-readable", "quiet"):
        given.pop(name, None)
    path = re.sub(r"^/nodes/localhost(?=/|$)", _HERE, path)
    if verb in ("ls", "usage"):
        return _about(verb, path)
    seen = False
    for method, pattern, answer in _ROUTES:
        matched = re.fullmatch(pattern, path)
        seen = seen or matched is not None
        if matched and method == verb:
            try:
                result = answer(*matched.groups(), given)
            except KeyError as missing:
                name = missing.args[0]
                raise PveError(
                    f"400 not enough arguments\n{name}: property is missing and it is not optional"
                ) from missing
            _print(result, form)
            return 0
    raise PveError(f"no '{verb}' handler for '{path[1:]}'" if seen else f"no such resource '{path[1:]}'")


def _about(verb: str, path: str) -> int:
    """What lies below a path, with what can be done there; or what can be done with the path itself."""
    tried = [(method, re.match(f"(?:{pattern})$", path)) for method, pattern, _ in _ROUTES]
    methods = sorted({method for method, matched in tried if matched})
    if verb == "usage":
        if not methods:
            raise PveError(f"no such resource '{path[1:]}'")
        print("\n".join(f"USAGE: pvesh {method} {path} [OPTIONS]" for method in methods))
        return 0
    below = re.escape(path.rstrip("/")) + r"/([\w-]+)"
    names = {matched[1] for matched in (re.match(below, route.replace("\\", "")) for _, route, _ in _ROUTES) if matched}
    if path == f"/nodes/{NODE}/lxc":
        names = {str(vmid) for vmid in known()}
    if not names:
        raise PveError(f"no such resource '{path[1:]}'")
    for name in sorted(names):
        print(f"Dr---        {name}")
    return 0


def options(words: List[str]) -> Values:
    """`--name value`, `--name=value`; one without a value is 1."""
    given: Values = {}
    position = 0
    while position < len(words):
        word = words[position]
        if not word.startswith("-"):
            raise PveError(f"400 too many arguments\n{word}")
        name, equals, value = word.lstrip("-").partition("=")
        position += 1
        if not equals:
            value = "1"
            if position < len(words) and not words[position].startswith("--"):
                value = words[position]
                position += 1
        given[name] = value
    return given


def _print(result: Any, form: str) -> None:
    result = told.lenient(result, bool(settings().get("old")))
    if form in ("json", "json-pretty"):
        if result is not None:
            pretty = form == "json-pretty"
            print(json.dumps(result, indent=3) if pretty else json.dumps(result, separators=(",", ":")))
    elif form == "yaml":
        # YAML has JSON in it.
        print("---\n" + json.dumps(result))
    elif isinstance(result, (dict, list)):
        rows: List[Dict[str, Any]] = result if isinstance(result, list) else [result]
        for row in rows:
            print(" ".join(f"{key}={value}" for key, value in row.items()))
    elif result is not None:
        print(result)
