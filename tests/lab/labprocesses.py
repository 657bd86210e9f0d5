"""Finding and ending processes that belong to the lab (Linux: read from /proc)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Dict, Iterable, Iterator, List

_TERM_SECONDS = 3.0
_KILL_SECONDS = 5.0


def command_line(pid: int) -> str:
    """How a process was started, or nothing when there is no such process."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode(errors="replace")
    return ""


def descendants(ancestors: Iterable[int]) -> List[int]:
    """Children, grandchildren and so on of some processes."""
    children: Dict[int, List[int]] = {}
    for pid in _processes():
        children.setdefault(_parent(pid), []).append(pid)
    found: List[int] = []
    waiting = list(ancestors)
    while waiting:
        offspring = children.get(waiting.pop(), [])
        found += offspring
        waiting += offspring
    return found


def marked(variables: Iterable[str]) -> List[int]:
    """Processes whose environment holds one of these `NAME=value` exactly."""
    marks = {variable.encode() for variable in variables}
    found = []
    for pid in _processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if marks.intersection(file.read().split(b"\0")):
                found.append(pid)
    return found


def writing_to(logs: Iterable[str]) -> List[int]:
    """Processes whose standard error is one of these files: servers of ended listeners keep it."""
    wanted = set(logs)
    found = []
    for pid in _processes():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/2") in wanted:
                found.append(pid)
    return found


def naming(word: str) -> List[int]:
    """Processes that were started with exactly this word."""
    found = []
    for pid in _processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            if word.encode() in file.read().split(b"\0"):
                found.append(pid)
    return found


def stop(pids: Iterable[int]) -> None:
    """Ask politely, then insist, and return once they are gone. The caller itself is spared."""
    alive = {pid for pid in pids if pid != os.getpid()}
    for number, patience in ((signal.SIGTERM, _TERM_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while alive and time.monotonic() < deadline:
            alive = {pid for pid in alive if _is_alive(pid)}
            if alive:
                time.sleep(0.02)
        if not alive:
            return


def kill(pids: Iterable[int]) -> None:
    """End processes at once, without asking and without waiting."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _status(pid: int) -> List[str]:
    """The fields of /proc/PID/stat that follow the program's name, which may hold anything."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()
    return []


def _parent(pid: int) -> int:
    fields = _status(pid)
    return int(fields[1]) if fields else 0


def _is_alive(pid: int) -> bool:
    fields = _status(pid)
    return bool(fields) and fields[0] != "Z"
