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
from typing import Callable, Dict, Iterator, List, Optional

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
    folder = kept("template", _digest(), _make)
    return Template(folder / "debian", folder / "busybox", folder / "openrc")


def kept(kind: str, digest: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once, by what fills an empty one, and stays until newer ones of its kind came."""
    folder = cache() / f"{kind}-{digest}"
    with _alone(cache()):
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
            _forget_old(kind, folder)
        os.utime(folder)
    return folder


def _digest() -> str:
    parts = [(_RECIPE / name).read_bytes() for name in _PARTS]
    release = _release()
    parts.append(f"{release.get('ID')} {release.get('VERSION_CODENAME')} {platform.machine()}".encode())
    return digest_of(parts)


def digest_of(parts: List[bytes]) -> str:
    """What a folder is named by that is made from these."""
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


def _make(draft: Path) -> None:
    root = draft / "debian"
    packages = (_RECIPE / "packages").read_text(encoding="ascii").split()
    suite = _release()["VERSION_CODENAME"]
    run_logged(
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
    run_logged(["apt-get", "download", *_OPENRC], draft / "log", root / "packages")
    for script in ("debian.sh", "busybox.sh"):
        shutil.copy(_RECIPE / script, root / "recipe.sh")
        run_logged(["chroot", str(root), "/bin/sh", "/recipe.sh"], draft / "log")
        (root / "recipe.sh").unlink()
    shutil.rmtree(root / "packages")
    for layer in ("busybox", "openrc"):
        (root / layer).rename(draft / layer)


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


def run_logged(command: List[str], log: Path, folder: Optional[Path] = None) -> None:
    """Run a program that has to succeed; what it says goes to a file."""
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


def _forget_old(kind: str, newest: Path) -> None:
    """What older recipes made goes, unless a mount stands on it."""
    mounts = _all_mounts()
    others = [
        path for path in cache().glob(f"{kind}-*") if path not in (newest, newest.with_suffix(".draft"))
    ]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        if str(path) not in mounts:
            shutil.rmtree(path, ignore_errors=True)


def _all_mounts() -> str:
    """The mounts of every process: those that a container stands on are its own."""
    told = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            space = os.readlink(process / "ns/mnt")
            if space not in told:
                told[space] = (process / "mounts").read_text(encoding="utf-8", errors="replace")
    return "".join(told.values())
