"""Where things lie, what was set for a test, and the lock that changes are made under."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from pathlib import Path
from typing import Any, Dict, Iterator


class PveError(Exception):
    """What a command dies of; its text, and the status it ends with."""

    def __init__(self, text: str, status: int = 255) -> None:
        super().__init__(text)
        self.status = status


ROOT = Path(os.environ.get("PVE_STANDIN_ROOT", "/"))
"""Everything lies below it; `/` on a machine that is one."""
NODE = "pve"


def settings() -> Dict[str, Any]:
    """`old`: numbers as strings, as old versions answer; `slow_seconds`: how long each task takes at least."""
    file = ROOT / "etc/pve-standin.json"
    told: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return told


def configs() -> Path:
    """The folder of the containers' configurations."""
    folder = ROOT / f"etc/pve/nodes/{NODE}/lxc"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def templates() -> Path:
    """The folder of the templates of the storage `local`."""
    folder = ROOT / "var/lib/vz/template/cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def volume(name: str) -> Path:
    """The folder of a volume of the storage `local-zfs`."""
    return ROOT / "rpool/data" / name


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One change at a time."""
    folder = ROOT / "run/lock"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "pve-standin", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
