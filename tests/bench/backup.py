"""backup: an archive of 200 MB brought from a host, against scp, sftp and rsync of the same file.

Over loopback, into memory. Theirs lies there as it was on the host. Ours is
sealed, read as an archive while it comes, and in the catalog; that it can be
opened and is whole is looked at after each round, and is no part of its time.
"""

from __future__ import annotations

import io
import json
import shlex
import shutil
import tarfile
from pathlib import Path
from typing import List

import building
from files import fill, whole
from ground import Ground, destination, ground
from measuring import BenchError, Report, Side, Unavailable, version
from ynh import give_yunohost

SIZE = 200_000_000
AT_MOST = 1.1
"""Of the fastest of the others: it is enciphered and hashed here as well, and made durable, which they do not do."""
_NAME = "harvest"


def measure() -> Report:
    if not shutil.which("rsync"):
        raise Unavailable("rsync not found (Debian: apt install rsync)")
    program = building.beffroi()
    versions = [version(program, "--version"), version("ssh", "-V"), version("rsync", "--version")]
    with ground(program) as here:
        give_yunohost(here, here.hosts[0]["name"])
        archive = _archive(here)
        report = Report(f"an archive of {SIZE // 10**6} MB brought here", versions)
        report.time([_pull(here), *_rivals(here, archive)])
    report.mark_ratio("pull", min(("scp", "sftp", "rsync"), key=report.median), AT_MOST)
    report.notes.append("beffroi opens the vault by its recovery words: no key derivation is in these figures.")
    return report


def _archive(here: Ground) -> Path:
    """An archive as YunoHost makes them, of bytes that nothing makes smaller."""
    folder = here.lab / "hosts" / here.hosts[0]["name"] / "state" / "root" / "home" / "yunohost.backup" / "archives"
    folder.mkdir(parents=True)
    fill(here.folder / "data", SIZE)
    told = {"description": "", "created_at": 1700000000, "size": SIZE, "apps": {}, "system": {}, "from_yunohost_version": "12.1.25"}
    info = json.dumps(told).encode()
    archive = folder / f"{_NAME}.tar"
    with tarfile.open(archive, "w") as tar:
        entry = tarfile.TarInfo("info.json")
        entry.size = len(info)
        tar.addfile(entry, io.BytesIO(info))
        tar.add(here.folder / "data", "apps/harvest/backup/data")
    (here.folder / "data").unlink()
    return archive


def _pull(here: Ground) -> Side:
    place = here.folder / "stick"
    words = ["ynh", "backup", "pull", here.hosts[0]["name"], _NAME, str(place)]
    side = here.beffroi("pull", here.words(*words))
    checked = here.beffroi("verify", here.words("ynh", "backup", "verify", str(place)))

    def once() -> float:
        shutil.rmtree(place, ignore_errors=True)
        took = side.once()
        brought = sum(file.stat().st_size for file in place.glob("*/[0-9]*"))
        if brought < SIZE:
            raise BenchError(f"pull: {brought} bytes were brought")
        # Fails when a part of it cannot be opened.
        checked.once()
        return took

    return Side("pull", side.command, once)


def _rivals(here: Ground, archive: Path) -> List[Side]:
    host, arrived = here.hosts[0], here.folder / "arrived"
    there = f"{destination(host)}:{archive}"
    shell = shlex.join(here.openssh("ssh", host))
    sides = [
        here.side("scp", [*here.openssh("scp", host), "-q", there, str(arrived)]),
        here.sftp("sftp", host, f"get {archive} {arrived}"),
        here.side("rsync", ["rsync", "-e", shell, "--whole-file", "--inplace", there, str(arrived)]),
    ]
    return [whole(side, archive, arrived) for side in sides]
