"""Tasks: each a process of its own that goes on when who asked for it is gone; a file has what it said and how it ended."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Callable, Dict, List

from .place import NODE, ROOT, PveError, settings

_KEYS = ("node", "pid", "pstart", "starttime", "type", "id", "user")


def _file(upid: str) -> Path:
    if upid.count(":") != 8 or not upid.startswith("UPID:") or "/" in upid:
        raise PveError(f"unable to parse worker upid '{upid}'", 255)
    return ROOT / "var/log/pve/tasks" / upid.split(":")[4][-1] / upid


def run(kind: str, about: str, work: Callable[[], None]) -> str:
    """Begin a task, repeat what it says, and give its UPID when it has ended; on failure, die of what it died of."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        _work(kind, about, work, told)
    os.close(told)
    with os.fdopen(ready) as pipe:
        upid = pipe.readline().strip()
    shown = 0
    while True:
        ended, _ = os.waitpid(pid, os.WNOHANG)
        lines = _file(upid).read_text(encoding="utf-8").splitlines()
        for line in lines[shown:]:
            if not line.startswith("TASK "):
                print(line, flush=True)
        shown = len(lines)
        if ended:
            break
        time.sleep(0.02)
    error = status(upid)["exitstatus"]
    if error != "OK":
        raise PveError(error)
    return upid


def _work(kind: str, about: str, work: Callable[[], None], told: int) -> None:
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    pid, now = os.getpid(), int(time.time())
    upid = f"UPID:{NODE}:{pid:08X}:{int(time.monotonic() * 100) & 0xFFFFFFFF:08X}:{now:08X}:{kind}:{about}:root@pam:"
    file = _file(upid)
    file.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.write(told, f"{upid}\n".encode())
    os.close(told)
    try:
        time.sleep(float(settings().get("slow_seconds", 0)))
        work()
        end = "OK"
    except PveError as error:
        end = f"ERROR: {error}"
    except BaseException:
        traceback.print_exc()
        end = "ERROR: unexpected"
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, f"TASK {end}\n".encode())
    os._exit(0)


def status(upid: str) -> Dict[str, Any]:
    file = _file(upid)
    if not file.exists():
        raise PveError("no such task", 2)
    _, node, pid, pstart, start, kind, about, user, _ = upid.split(":")
    told: Dict[str, Any] = dict(
        zip(_KEYS, (node, int(pid, 16), int(pstart, 16), int(start, 16), kind, about, user))
    )
    told["upid"] = upid
    lines = file.read_text(encoding="utf-8").splitlines()
    if lines and lines[-1].startswith("TASK "):
        end = lines[-1][len("TASK ") :]
        return {
            **told,
            "status": "stopped",
            "exitstatus": end[len("ERROR: ") :] if end.startswith("ERROR: ") else end,
        }
    if os.path.exists(f"/proc/{told['pid']}"):
        return {**told, "status": "running"}
    return {**told, "status": "stopped", "exitstatus": "unexpected status"}


def log(upid: str, start: int, limit: int) -> List[Dict[str, Any]]:
    status(upid)
    lines = _file(upid).read_text(encoding="utf-8").splitlines()
    told = [{"n": number, "t": line} for number, line in enumerate(lines, 1)][
        start : start + limit if limit else None
    ]
    return told if lines else [{"n": 1, "t": "no content"}]


def listed(source: str = "archive", vmid: str = "", kind: str = "") -> List[Dict[str, Any]]:
    """Those that have ended, those that have not (`active`), or `all`; the newest first."""
    files = [path for path in (ROOT / "var/log/pve/tasks").glob("*/UPID:*")]
    told = []
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        task = status(path.name)
        ended = task.pop("status") == "stopped"
        if ended:
            task["endtime"], task["status"] = int(path.stat().st_mtime), task.pop("exitstatus")
        if source in ("all", "archive" if ended else "active") and vmid in ("", task["id"]) and kind in ("", task["type"]):
            told.append(task)
    return told
