"""far: 200 MB to a host and back over links of 0, 10, 50 and 100 ms, against sftp.

The link is the lab's relay on either side: the delay is the round trip's, half
of it each way, and no rate is limited. sftp is run as it comes, and with more
and larger requests on the way; the faster of the two is what counts. Neither
side has a connection before.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import building
from files import fill, whole
from ground import Ground, ground
from measuring import BenchError, Report, Side, version

SIZE = 200_000_000
DELAYS_MS = (0, 10, 50, 100)
AT_LEAST = 1.0
FAR_MS = 50
FAR_AT_LEAST = 1.3
_RELAY = str(building.ROOT / "tests" / "lab" / "relay.py")
_BUFFER_KB = 16384
_RAISED = ["-R", "1024", "-B", "261120"]
"""Requests on the way, and bytes in each: as many as its window can hold, and the most that its server takes."""


def measure() -> Report:
    program = building.beffroi()
    with ground(program) as here, contextlib.ExitStack() as relays:
        report = Report(f"{SIZE // 10**6} MB over links", [version(program, "--version"), version("ssh", "-V")])
        hosts = [(delay, relays.enter_context(_link(here, delay))) for delay in DELAYS_MS]
        near = here.lab / "hosts" / here.hosts[0]["name"] / "home" / "there"
        fill(near, SIZE)
        with here.agent():
            for delay, host in hosts:
                report.time(_up(here, delay, host, near))
                report.time(_down(here, delay, host, near))
    for delay in DELAYS_MS:
        for way in ("put", "get"):
            rivals = [f"{name} {way} {delay}" for name in ("sftp", "sftp -R -B")]
            report.mark_faster(f"{way} {delay}", rivals, FAR_AT_LEAST if delay >= FAR_MS else AT_LEAST)
    report.notes.append(f"the relay: {shlex.join([_RELAY, *_settings('N/2')])}")
    return report


def _settings(delay: Any) -> List[str]:
    return [f"delay-ms={delay}", f"buffer-kb={_BUFFER_KB}"]


@contextlib.contextmanager
def _link(here: Ground, delay_ms: int) -> Iterator[Dict[str, Any]]:
    """The lab's host behind a relay, known to the vault."""
    near = here.hosts[0]
    command = [sys.executable, _RELAY, "--to", f"{near['address']}:{near['port']}", *_settings(delay_ms / 2)]
    relay = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        port = relay.stdout.readline().strip() if relay.stdout else ""
        if not port:
            raise BenchError("the relay did not start")
        host = {**near, "name": f"far-{delay_ms}", "port": int(port), "behind": near["port"]}
        here.add(host)
        yield host
    finally:
        relay.terminate()
        relay.wait()


def _up(here: Ground, delay: int, host: Dict[str, Any], source: Path) -> List[Side]:
    arrived = source.with_name("arrived")
    asked = here.asking(f"put {delay}", "put", str(source), f"{host['name']}:arrived")
    return _sides(here, f"put {delay}", host, asked, f"put {source} arrived", (source, arrived))


def _down(here: Ground, delay: int, host: Dict[str, Any], source: Path) -> List[Side]:
    arrived = here.folder / "arrived"
    asked = here.asking(f"get {delay}", "get", f"{host['name']}:{source.name}", str(arrived))
    return _sides(here, f"get {delay}", host, asked, f"get {source.name} {arrived}", (source, arrived))


def _sides(
    here: Ground, name: str, host: Dict[str, Any], asked: Side, request: str, ends: Tuple[Path, Path]
) -> List[Side]:
    sides = [
        here.cold(asked),
        here.sftp(f"sftp {name}", host, request),
        here.sftp(f"sftp -R -B {name}", host, request, _RAISED),
    ]
    return [whole(side, *ends) for side in sides]
