"""`pct`, `pveam`, `pvesm` and `pveversion`: the commands that people type."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Callable, Dict, List, Optional
from urllib.parse import quote

from . import backing, backups, guests, told
from .api import options, pvesh
from .config import Config, known, load, numbered, properties
from .place import PveError, templates


_ARGUMENTS = {
    "create": 1,
    "clone": 1,
    "resize": 2,
    "snapshot": 1,
    "rollback": 1,
    "delsnapshot": 1,
    "push": 2,
    "pull": 2,
    "restore": 1,
}
"""How many words without a name follow the number of the container."""


def main(program: str, words: List[str]) -> int:
    """One command line; gives the status to end with."""
    commands: Dict[str, Callable[[List[str]], int]] = {
        "pct": _pct,
        "pvesh": pvesh,
        "pveam": _pveam,
        "pvesm": _pvesm,
        "pveum": _pveum,
        "pveversion": _pveversion,
        "vzdump": _vzdump,
    }
    try:
        return commands[program](words)
    except PveError as error:
        print(error, file=sys.stderr)
        return error.status


def _pct(words: List[str]) -> int:
    if not words:
        raise PveError("ERROR: no command specified\nUSAGE: pct <COMMAND> [ARGS] [OPTIONS]")
    verb, rest = words[0], words[1:]
    if verb == "list":
        return _list()
    if not rest or not rest[0].isdigit():
        raise PveError("400 not enough arguments\nvmid: property is missing and it is not optional")
    vmid, rest = int(rest[0]), rest[1:]
    if verb == "exec":
        return _execute(vmid, rest)
    if verb == "console":
        if backing.pid(load(vmid).vmid) is None:
            raise PveError(f"container '{vmid}' not running!")
        backing.console(vmid)
    if verb in ("move-volume", "move_volume"):
        return _move(vmid, rest)
    named = _leading(rest, _ARGUMENTS.get(verb, 0))
    given = options(rest[len(named) :])
    if verb == "create":
        guests.create(vmid, {"ostemplate": named[0], **given})
    elif verb == "set":
        without = [name for name in given.pop("delete", "").split(",") if name]
        guests.change(vmid, given, without, given.pop("digest", None))
    elif verb == "config":
        _show(load(vmid), given.get("snapshot"))
    elif verb == "status":
        _say_status(load(vmid), given.get("verbose") == "1")
    elif verb == "listsnapshot":
        for each in told.snapshots(load(vmid)):
            print(f"`-> {each['name']:<27} {each.get('description', '')}")
    elif verb in ("push", "pull"):
        _carry(load(vmid), verb, named)
    elif verb == "unlock":
        guests.unlock(vmid)
    elif verb == "mount":
        guests.mount(vmid)
    elif verb == "unmount":
        guests.unmount(vmid)
    elif verb == "df":
        _room(load(vmid))
    else:
        _begin(verb, vmid, named, given)
    return 0


def _move(vmid: int, rest: List[str]) -> int:
    """`move-volume ID VOLUME [STORAGE [TARGET [TARGET-VOLUME]]]`; what comes after VOLUME also by name."""
    named = rest[: next((at for at, word in enumerate(rest) if word.startswith("-")), len(rest))]
    given = options(rest[len(named) :])
    given.update(zip(("volume", "storage", "target-vmid", "target-volume"), named))
    if "target-vmid" not in given:
        raise PveError("there is one storage for containers here")
    guests.move(vmid, given["volume"], int(given["target-vmid"]), given.get("target-volume", given["volume"]))
    return 0


def _room(config: Config) -> None:
    print(f"{'MP':<8} {'Volume':<40} {'Size':>8} {'Used':>8} {'Avail':>8} {'Use%':>5} Path")
    for key in ("rootfs", *numbered(config.current, "mp")):
        parts = properties(config.current[key], "volume")
        size = parts.get("size", "0G")
        print(f"{key:<8} {parts['volume']:<40} {size:>8} {'8.0M':>8} {size:>8} {0.0:>5} {parts.get('mp', '/')}")


def _begin(verb: str, vmid: int, named: List[str], given: Dict[str, str]) -> None:
    seconds = int(given.get("timeout", 60))
    orders: Dict[str, Callable[[], str]] = {
        "start": lambda: guests.start(vmid),
        "stop": lambda: guests.stop(vmid),
        "shutdown": lambda: guests.shutdown(vmid, seconds, given.get("forceStop") == "1"),
        "reboot": lambda: guests.reboot(vmid, seconds),
        "suspend": lambda: guests.suspend(vmid),
        "resume": lambda: guests.resume(vmid),
        "clone": lambda: guests.clone(vmid, int(named[0]), given),
        "resize": lambda: guests.resize(vmid, named[0], named[1], given.get("digest")),
        "snapshot": lambda: guests.snapshot(vmid, named[0], given.get("description", "")),
        "rollback": lambda: guests.rollback(vmid, named[0], given.get("start") == "1"),
        "delsnapshot": lambda: guests.forget_snapshot(vmid, named[0]),
        "destroy": lambda: guests.destroy(vmid, given.get("force") == "1"),
        "restore": lambda: backups.restore(vmid, named[0], given),
        "template": lambda: guests.template(vmid),
    }
    if verb not in orders:
        raise PveError(f"ERROR: unknown command 'pct {verb}'")
    orders[verb]()


def _leading(words: List[str], number: int) -> List[str]:
    named = words[:number]
    if len(named) < number or any(word.startswith("-") for word in named):
        raise PveError("400 not enough arguments")
    return named


def _list() -> int:
    if known():
        print(f"{'VMID':<10} {'Status':<10} {'Lock':<12} {'Name':<20}")
    for vmid in known():
        status = told.status(load(vmid), listed=True)
        print(f"{vmid:<10} {status['status']:<10} {status.get('lock', ''):<12} {status['name']:<20}")
    return 0


def _show(config: Config, snapshot: Optional[str]) -> None:
    values = config.snapshots[snapshot] if snapshot else config.current
    for key, value in sorted(values.items()):
        print(f"{key}: {quote(value, safe=' /:,.;!?()=@+-_') if key == 'description' else value}")


def _say_status(config: Config, verbose: bool) -> None:
    status = told.status(config)
    if not verbose:
        print(f"status: {status['status']}")
        return
    for key, value in sorted(status.items()):
        if not isinstance(value, dict):
            print(f"{key}: {value}")


def _execute(vmid: int, rest: List[str]) -> int:
    clean = False
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        if word in ("--keep-env", "-keep-env"):
            clean = rest.pop(0) == "0"
        elif word.startswith("--keep-env="):
            clean = word.endswith("=0")
        else:
            raise PveError(f"Unknown option: {word.lstrip('-')}\n400 unable to parse option")
    config = load(vmid)
    if backing.pid(vmid) is None:
        raise PveError(f"container '{vmid}' not running!")
    if not rest:
        raise PveError("missing command")
    sys.stdout.flush()
    backing.execute(config, rest, clean)


def _carry(config: Config, verb: str, named: List[str]) -> None:
    """`push` and `pull`: a file to or from a container that runs."""
    if backing.pid(config.vmid) is None:
        raise PveError(f"container '{config.vmid}' not running!")
    inside = backing.rootfs(config) / (named[1] if verb == "push" else named[0]).lstrip("/")
    outside = Path(named[0] if verb == "push" else named[1])
    source, target = (outside, inside) if verb == "push" else (inside, outside)
    if not source.is_file():
        raise PveError(f"failed to open {source.name} for reading: No such file or directory", 2)
    if not target.parent.is_dir():
        raise PveError("failed to create file: No such file or directory", 2)
    shutil.copyfile(source, target)


def _pveam(words: List[str]) -> int:
    if words[:1] == ["list"] and len(words) == 2:
        print(f"{'NAME':<60} SIZE")
        for each in told.content(words[1], "vztmpl"):
            print(f"{each['volid']:<60} {each['size'] / 2**20:.2f}MB")
        return 0
    if words[:1] == ["available"]:
        return 0
    if words[:1] == ["remove"] and len(words) == 2:
        guests.path_of(words[1]).unlink()
        return 0
    raise PveError("ERROR: unknown command 'pveam " + " ".join(words) + "'")


def _pvesm(words: List[str]) -> int:
    if words[:1] == ["path"] and len(words) == 2:
        storage, _, name = words[1].partition(":")
        # The path of a template that is not there yet is asked for, to copy it there.
        print(
            templates() / name[len("vztmpl/") :]
            if storage == "local" and name.startswith("vztmpl/")
            else guests.path_of(words[1])
        )
    elif words[:1] == ["status"]:
        kind = options(words[1:]).get("content", "")
        print(
            f"{'Name':<12} {'Type':>10} {'Status':>10} {'Total':>15} {'Used':>15} {'Available':>15} {'%':>8}"
        )
        for each in told.storages():
            if kind and kind not in each["content"].split(","):
                continue
            sizes = " ".join(f"{each[key] // 1024:>15}" for key in ("total", "used", "avail"))
            print(
                f"{each['storage']:<12} {each['type']:>10} {'active':>10} {sizes} {each['used_fraction']:>8.2%}"
            )
    elif words[:1] == ["list"] and len(words) >= 2:
        print(f"{'Volid':<40} {'Format':<8} {'Type':<10} {'Size':>15} VMID")
        for each in told.content(words[1]):
            print(
                f"{each['volid']:<40} {each['format']:<8} {each['content']:<10} {each['size']:>15} {each.get('vmid', '')}"
            )
    else:
        raise PveError("ERROR: unknown command 'pvesm " + " ".join(words) + "'")
    return 0


def _vzdump(words: List[str]) -> int:
    named = words[: next((at for at, word in enumerate(words) if word.startswith("-")), len(words))]
    backups.dump(named, options(words[len(named) :]))
    return 0


def _pveum(words: List[str]) -> int:
    """Tokens: their value is shown once, and nothing here takes one."""
    if words[:3] != ["user", "token", "add"] or len(words) < 5:
        raise PveError("ERROR: unknown command 'pveum " + " ".join(words) + "'")
    given = options(words[5:])
    told_once = {"full-tokenid": f"{words[3]}!{words[4]}", "info": {"privsep": given.get("privsep", "1")}}
    print(json.dumps({**told_once, "value": str(uuid.uuid4())}))
    return 0


def _pveversion(words: List[str]) -> int:
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"pve-manager/8.2.2/9355359cd7afbae4 (running kernel: {kernel})")
    return 0
