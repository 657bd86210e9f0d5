"""files: copying a file to a host and back, against scp and sftp.

Over loopback, where the encryption and the copying of bytes show, and no line
hides them. The big file must be no slower than scp by more than measuring can
tell apart on a busy machine; the small one is all start and handshake.
"""

from __future__ import annotations

import filecmp
import os
from pathlib import Path
from typing import List

import building
from ground import Ground, destination, ground
from measuring import BenchError, Report, Side, version

BIG = 200_000_000
SMALL = 1_000
AT_MOST = 1.15
GET_AT_MOST = 1.3
"""A file that comes in is made durable (fsync) before it takes its name, which scp does not do: about a tenth of the time."""


def measure() -> Report:
    program = building.beffroi()
    with ground(program) as here:
        report = Report(
            f"one file of {BIG // 10**6} MB and one of {SMALL // 10**3} kB, each way",
            [version(program, "--version"), version("ssh", "-V")],
        )
        for name, size in (("big", BIG), ("small", SMALL)):
            source = here.folder / name
            fill(source, size)
            report.time(_up(here, source))
            report.time(_down(here, source))
    for way in ("put", "get"):
        report.mark_ratio(f"{way} big", f"scp {way} big", GET_AT_MOST if way == "get" else AT_MOST)
        report.mark_ratio(f"{way} small", f"scp {way} small", AT_MOST)
    report.notes.append("beffroi opens the vault by its recovery words: no key derivation is in these figures.")
    return report


def _up(here: Ground, source: Path) -> List[Side]:
    host = here.hosts[0]
    arrived = here.lab / "hosts" / host["name"] / "home" / "arrived"
    local, there = str(source), f"{destination(host)}:arrived"
    sides = [
        here.beffroi(f"put {source.name}", here.words("put", local, f"{host['name']}:arrived")),
        here.side(f"scp put {source.name}", [*here.openssh("scp", host), "-q", local, there]),
        here.sftp(f"sftp put {source.name}", host, f"put {local} arrived"),
    ]
    return [whole(side, source, arrived) for side in sides]


def _down(here: Ground, source: Path) -> List[Side]:
    host = here.hosts[0]
    there = here.lab / "hosts" / host["name"] / "home" / "there"
    os.replace(source, there)
    arrived = here.folder / "arrived"
    sides = [
        here.beffroi(f"get {source.name}", here.words("get", f"{host['name']}:there", str(arrived))),
        here.side(f"scp get {source.name}", [*here.openssh("scp", host), "-q", f"{destination(host)}:there", str(arrived)]),
        here.sftp(f"sftp get {source.name}", host, f"get there {arrived}"),
    ]
    return [whole(side, there, arrived) for side in sides]


def whole(side: Side, source: Path, arrived: Path) -> Side:
    """The same side, from nothing there to all of it there; neither is part of its time."""

    def once() -> float:
        arrived.unlink(missing_ok=True)
        took = side.once()
        if not filecmp.cmp(source, arrived, shallow=False):
            raise BenchError(f"{side.name}: what arrived is not what was sent")
        return took

    return Side(side.name, side.command, once)


def fill(path: Path, size: int) -> None:
    """Random bytes: nothing on the way can make them smaller."""
    with path.open("wb") as file:
        for begin in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - begin)))
