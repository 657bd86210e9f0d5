"""Networks of the containers: bridges of one run, on addresses nobody else on this machine has.

The addresses are those reserved for measuring (198.18.0.0/15, RFC 2544): no
real network uses them, so nothing here can hide a host that exists.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any, Iterator, List

from labhosts import LabError

_LOCK = Path("/run/lock/beffroi-lab")
# The last two are for networks that this machine has no address on.
_OUTER = [f"198.{18 + number // 256}.{number % 256}" for number in range(510)]
INNER = "198.19.255"
DEEP = "198.19.254"


def run(*command: str, given: str = "") -> str:
    """Run a program that has to succeed; gives what it printed."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One choice of a network at a time on this machine."""
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_outer(name: str) -> str:
    """A bridge with this machine on it; gives its network, such as `198.18.7`."""
    with _alone():
        taken = {
            address["local"].rpartition(".")[0]
            for link in _ip("-4", "address", "show")
            for address in link["addr_info"]
        }
        free = [network for network in _OUTER if network not in taken]
        if not free:
            raise LabError("every network of the lab is in use")
        network = random.choice(free)
        _make(name)
        run("ip", "address", "add", f"{network}.1/24", "dev", name)
    return network


def make_inner(name: str) -> None:
    """A bridge that this machine has no address on, of either version of IP."""
    if not exists(name):
        _make(name)


def _make(name: str) -> None:
    run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0")
    with contextlib.suppress(OSError):
        Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", encoding="ascii")
    run("ip", "link", "set", name, "up")


def exists(name: str) -> bool:
    return Path("/sys/class/net", name).exists()


def remove(name: str) -> None:
    if exists(name):
        run("ip", "link", "delete", name)


def _ip(*words: str) -> List[Any]:
    told: List[Any] = json.loads(run("ip", "-j", *words) or "[]")
    return [link for link in told if link]
