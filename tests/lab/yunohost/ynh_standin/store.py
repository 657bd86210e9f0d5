"""The state of one imitated server, and its one lock.

The state is a JSON document replaced whole and atomically: a reader, which
never takes the lock, always sees a coherent server. The lock is a `flock`, so
it vanishes with its holder, as the stale lock of the real command is ignored;
who holds it stands in a file where the real command has its lock, in the root
that the environment names.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from . import seed
from .console import Console
from .errors import Refused

State = Dict[str, Any]

_POLL_SECONDS = 0.05
_FIRST_WARNING_SECONDS = float(os.environ.get("BEFFROI_LAB_WARNING_SECONDS") or 15)


class Store:
    """The folder that holds a server's state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._document = folder / "state.json"

    @classmethod
    def from_environment(cls) -> "Store":
        """The store of the host this process plays, seeded on first use."""
        folder = os.environ.get("BEFFROI_LAB_STATE")
        if not folder:
            raise SystemExit("yunohost (lab): BEFFROI_LAB_STATE must name the folder of this host's state")
        store = cls(Path(folder))
        store._create_if_missing()
        return store

    def load(self) -> State:
        return json.loads(self._document.read_text(encoding="utf-8"))

    def save(self, state: State) -> None:
        replace_json(self._document, state)

    @contextlib.contextmanager
    def exclusive(self, console: Console, timeout: Optional[int]) -> Iterator[None]:
        """Hold the one lock; wait for ever by default, or give up after `timeout` seconds."""
        with self._locked("operation.lock") as handle:
            self._wait_for(handle, console, timeout)
            with _told():
                yield

    def _create_if_missing(self) -> None:
        if self._document.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked("creation.lock") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not self._document.exists():
                self.save(seed.initial_state(seed.read(os.environ.get("BEFFROI_LAB_SEED"))))

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[int]:
        handle = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield handle
        finally:
            os.close(handle)

    @staticmethod
    def _wait_for(handle: int, console: Console, timeout: Optional[int]) -> None:
        started = time.monotonic()
        warn_after = _FIRST_WARNING_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waited = time.monotonic() - started
            if timeout is not None and waited > timeout:
                raise Refused(
                    "There is already a YunoHost operation running."
                    " Please wait for it to finish before running another one."
                )
            if waited > warn_after:
                first = warn_after == _FIRST_WARNING_SECONDS
                console.warning(
                    "Another YunoHost command is running right now, we are waiting for it to finish"
                    " before running this one"
                    if first
                    else "Still waiting..."
                )
                warn_after *= 4
            time.sleep(_POLL_SECONDS)
        if warn_after != _FIRST_WARNING_SECONDS:
            console.warning("The other command just completed, now starting this command")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Write down who holds the lock, as the real command does."""
    root = os.environ.get("BEFFROI_ROOT")
    if not root:
        yield
        return
    told = Path(root, "run/moulinette_yunohost.lock")
    told.parent.mkdir(parents=True, exist_ok=True)
    told.write_text(str(os.getpid()), encoding="ascii")
    try:
        yield
    finally:
        told.unlink(missing_ok=True)


def replace_json(path: Path, value: Any) -> None:
    """Write a JSON file so that a reader sees the old one or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, path)
