"""The root file systems that containers of the lab are laid over: made once, kept outside the clone.

A template is named by a hash of everything it is made from, so that a change of
the recipe makes a new one and never touches what a running lab stands on.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional

from labhosts import LabError

_RECIPE = Path(__file__).resolve().parent / "full"
_PARTS = ("packages", "debian.sh", "busybox.sh")
_OPENRC = ("openrc", "librc1", "libeinfo1")
"""Unpacked, never installed: a Debian with systemd has no room for them."""
_KEPT = 2
"""How many templates stay: the one in use, and the one of another branch."""


@dataclass(frozen=True)
class Template:
    """Roots that nobody writes to; `openrc` is a layer over `busybox`."""

    debian: Path
    busybox: Path
    openrc: Path


def cache() -> Path:
    """Where templates are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beffroi" / "lab"


def template() -> Template:
    """The template of this recipe; made first, in a minute or two, when it is not there."""
    folder = cache() / f"template-{_digest()}"
    with _alone(cache()):
        if not folder.exists():
            _make(folder)
            _forget_old(folder)
        os.utime(folder)
    return Template(folder / "debian", folder / "busybox", folder / "openrc")


def _digest() -> str:
    parts = [(_RECIPE / name).read_bytes() for name in _PARTS]
    release = _release()
    parts.append(f"{release.get('ID')} {release.get('VERSION_CODENAME')} {platform.machine()}".encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _release() -> Dict[str, str]:
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One maker at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path) -> None:
    draft = folder.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    root = draft / "debian"
    draft.mkdir()
    packages = (_RECIPE / "packages").read_text(encoding="ascii").split()
    suite = _release()["VERSION_CODENAME"]
    _run(
        [
            "debootstrap",
            "--variant=minbase",
            f"--include={','.join(packages)}",
            suite,
            str(root),
            _mirror(suite),
        ],
        draft / "log",
    )
    (root / "packages").mkdir()
    _run(["apt-get", "download", *_OPENRC], draft / "log", root / "packages")
    for script in ("debian.sh", "busybox.sh"):
        shutil.copy(_RECIPE / script, root / "recipe.sh")
        _run(["chroot", str(root), "/bin/sh", "/recipe.sh"], draft / "log")
        (root / "recipe.sh").unlink()
    shutil.rmtree(root / "packages")
    for layer in ("busybox", "openrc"):
        (root / layer).rename(draft / layer)
    draft.rename(folder)


def _mirror(suite: str) -> str:
    """The mirror this machine's own apt takes this suite from."""
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(CODENAME) $(COMPONENT)",
        "Created-By: Packages",
    ]
    for attempt in range(2):
        told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        for line in told.splitlines():
            uri, codename, component = line.split()[:3]
            if (codename, component) == (suite, "main"):
                return uri
        if attempt == 0:
            subprocess.run(["apt-get", "-qq", "update"], capture_output=True, check=False)
    raise LabError(
        f"apt on this machine knows no source for {suite} main, and the lab's Debian comes from there"
    )


def _run(command: List[str], log: Path, folder: Optional[Path] = None) -> None:
    environment = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    with open(log, "ab") as file:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=environment,
            cwd=folder,
            check=False,
        )
    if done.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        raise LabError(f"{command[0]} failed: {' / '.join(last)}")


def _forget_old(newest: Path) -> None:
    """Templates of older recipes go, unless a mount stands on them."""
    mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    others = [
        path for path in cache().glob("template-*") if path not in (newest, newest.with_suffix(".draft"))
    ]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        if str(path) not in mounts:
            shutil.rmtree(path, ignore_errors=True)
