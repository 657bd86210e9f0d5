"""What the lab's hosts with guests are made of: a layer over the template for each driver, and images of guests.

As the template: each made once, when something first asks for it, and named by
a hash of everything it is made from.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Optional, Tuple

from labhosts import LabError
from labtemplate import digest_of, kept, run_logged, template

_RECIPE = Path(__file__).resolve().parent / "full" / "guests"

_INSIDE = """
set -eu
base=$1 root=$2/root out=$2/out script=$3
mount -t overlay overlay -o "lowerdir=$base/debian,upperdir=$2/upper,workdir=$2/work" "$root"
shift 3
mkdir "$root/out" "$root/base"
mount --bind "$out" "$root/out"
mount --bind -o ro "$base" "$root/base"
mount -t proc proc "$root/proc"
mount --bind -o ro "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
cp "$script" "$root/recipe.sh"
cp "${script%/*}/host.sh" "$root/host.sh"
cp /etc/ssl/certs/ca-certificates.crt "$root/authorities.crt"
chroot "$root" /bin/sh /recipe.sh "$@"
rm "$root/recipe.sh" "$root/host.sh" "$root/authorities.crt" "$root/etc/dpkg/dpkg.cfg.d/lab"
"""
"""Mounts of its own, so that nothing stays mounted whatever ends it."""


@dataclass(frozen=True)
class _Part:
    """One thing that is made: the script that makes it, run in the template's Debian, and what the script is told."""

    script: str
    words: Tuple[str, ...] = ()
    over: Optional[str] = None
    """The image whose root file system it adds to."""


LAYERS: Dict[str, _Part] = {
    "lxc": _Part("lxc.sh"),
    "incus": _Part("daemon.sh", ("incus",)),
    "lxd": _Part("daemon.sh", ("lxd",)),
}
"""Hosts with guests, by driver."""
IMAGES: Dict[str, _Part] = {
    "openrc": _Part("openrc.sh"),
    "debian": _Part("debian.sh"),
    "app": _Part("app.sh", over="openrc"),
    "node": _Part("node.sh", over="app"),
    "mirror": _Part("mirror.sh"),
}
"""What guests are made from; each is several files."""


def layer(driver: str) -> Path:
    """The files that a host with this driver has over those of a Debian."""
    return _made("layer", driver, LAYERS[driver]) / "upper"


def image(name: str) -> Dict[str, Path]:
    """The files of an image, by their names."""
    if name not in IMAGES:
        raise LabError(f"no image is called {name}; there are {', '.join(IMAGES)}")
    folder = _made("image", name, IMAGES[name]) / "out"
    return {path.name: path for path in sorted(folder.iterdir())}


def _made(kind: str, name: str, part: _Part) -> Path:
    base = template()
    script = _RECIPE / part.script
    ground = base.debian.parent.name
    below = image(part.over)[f"{part.over}.tar.gz"] if part.over else None
    named = [ground, _INSIDE, below.parent.parent.name if below else "", *part.words]
    named += [(_RECIPE / "host.sh").read_text(encoding="utf-8")] if kind == "layer" else []
    digest = digest_of([script.read_bytes(), *(word.encode() for word in named)])

    def make(draft: Path) -> None:
        for folder in ("upper", "work", "root", "out"):
            (draft / folder).mkdir()
        if below:
            shutil.copy(below, draft / "out")
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _INSIDE, "sh"]
        command += [str(base.debian.parent), str(draft), str(script), *part.words]
        run_logged(command, draft / "log")
        for mounted in ("root", "upper/out", "upper/base"):
            (draft / mounted).rmdir()
        shutil.rmtree(draft / "work")
        if kind == "image":
            shutil.rmtree(draft / "upper")

    return kept(f"{kind}-{name}", digest, make)
