"""tree: 5,000 small files to a host and back, against `sftp -r`. Neither side has a connection before."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path
from typing import List

import building
from ground import ground
from measuring import BenchError, Report, Side, version

FILES = 5_000
FOLDERS = 50
BYTES = (100, 4_000)
AT_LEAST = 5


def measure() -> Report:
    program = building.beffroi()
    with ground(program) as here:
        report = Report(f"{FILES} files in {FOLDERS} folders", [version(program, "--version"), version("ssh", "-V")])
        host = here.hosts[0]
        home = here.lab / "hosts" / host["name"] / "home"
        source, up, down = home / "tree", home / "arrived", here.folder / "arrived"
        _plant(source)
        with here.agent():
            puts = [
                here.cold(here.asking("put", "put", str(source), f"{host['name']}:arrived")),
                here.sftp("sftp put -r", host, f"put -r {source} arrived"),
            ]
            report.time([_whole(side, source, up) for side in puts])
            gets = [
                here.cold(here.asking("get", "get", f"{host['name']}:tree", str(down))),
                here.sftp("sftp get -r", host, f"get -r tree {down}"),
            ]
            report.time([_whole(side, source, down) for side in gets])
    for way in ("put", "get"):
        report.mark_faster(way, [f"sftp {way} -r"], AT_LEAST)
    return report


def _plant(root: Path) -> None:
    """Random files of sizes that differ."""
    least, most = BYTES
    for number in range(FILES):
        folder = root / f"folder-{number % FOLDERS:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file-{number:04d}").write_bytes(os.urandom(least + number * (most - least) // FILES))


def _whole(side: Side, source: Path, arrived: Path) -> Side:
    """The same side, from nothing there to all of it there; neither is part of its time."""

    def once() -> float:
        shutil.rmtree(arrived, ignore_errors=True)
        took = side.once()
        if _names(source) != _names(arrived) or not all(_same(source, arrived, name) for name in _names(source)):
            raise BenchError(f"{side.name}: what arrived is not what was sent")
        return took

    return Side(side.name, side.command, once)


def _names(root: Path) -> List[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _same(one: Path, other: Path, name: str) -> bool:
    return filecmp.cmp(one / name, other / name, shallow=False)
