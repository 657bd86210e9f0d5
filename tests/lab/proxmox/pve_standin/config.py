"""Configurations of containers, in the text that Proxmox keeps them in: `key: value`, a comment first, a section for each snapshot."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Dict, Iterable, List, Optional
from urllib.parse import quote, unquote

from .place import NODE, PveError, configs

Values = Dict[str, str]

NUMBERS = (
    "cores",
    "cpuunits",
    "memory",
    "swap",
    "onboot",
    "unprivileged",
    "template",
    "protection",
    "console",
    "tty",
    "snaptime",
)
_OPTIONS = {
    *NUMBERS,
    *("arch", "cmode", "cpulimit", "description", "features", "hookscript", "hostname", "lock", "nameserver"),
    *("ostype", "rootfs", "searchdomain", "startup", "tags", "timezone", "parent", "snapstate", "debug"),
}


def is_option(name: str) -> bool:
    return name in _OPTIONS or re.fullmatch(r"(net|mp|unused|dev)\d+", name) is not None


class Config:
    """One container's: the values of now, and those of each snapshot."""

    def __init__(self, vmid: int, current: Values, snapshots: Dict[str, Values]) -> None:
        self.vmid, self.current, self.snapshots = vmid, current, snapshots

    @property
    def path(self) -> Path:
        return configs() / f"{self.vmid}.conf"

    @property
    def digest(self) -> str:
        return hashlib.sha1(self.text().encode()).hexdigest()

    def text(self) -> str:
        parts = [_text(self.current)]
        parts += [f"[{name}]\n{_text(values)}" for name, values in self.snapshots.items()]
        return "\n".join(parts)

    def write(self) -> None:
        draft = self.path.with_suffix(".tmp")
        draft.write_text(self.text(), encoding="utf-8")
        os.replace(draft, self.path)

    def check_digest(self, digest: Optional[str]) -> None:
        if digest and digest != self.digest:
            raise PveError("detected modified configuration - file changed by other user? Try again.")

    def check_lock(self) -> None:
        if "lock" in self.current:
            raise PveError(f"CT is locked ({self.current['lock']})")


def load(vmid: int) -> Config:
    path = configs() / f"{vmid}.conf"
    if not path.exists():
        raise PveError(f"Configuration file 'nodes/{NODE}/lxc/{vmid}.conf' does not exist", 2)
    current: Values = {}
    snapshots: Dict[str, Values] = {}
    values = current
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            values = snapshots.setdefault(line[1:-1], {})
        elif line.startswith("#"):
            values["description"] = values.get("description", "") + unquote(line[1:]) + "\n"
        elif ": " in line:
            key, _, value = line.partition(": ")
            values[key] = value
    return Config(vmid, current, snapshots)


def known() -> List[int]:
    return sorted(int(path.stem) for path in configs().glob("*.conf") if path.stem.isdigit())


def properties(text: str, first: str = "") -> Values:
    """`a,b=c` as values; a part without a name is called `first`."""
    parts = (part.partition("=") for part in text.split(",") if part)
    return {name if equals else first: value if equals else name for name, equals, value in parts}


def numbered(values: Values, kind: str) -> Iterable[str]:
    """The keys `net0`, `net1` … of a kind, in order."""
    return sorted(
        (key for key in values if re.fullmatch(kind + r"\d+", key)), key=lambda key: int(key[len(kind) :])
    )


def _text(values: Values) -> str:
    lines = [f"#{quote(line, safe=' /:,.;!?()=@+-_')}" for line in values.get("description", "").splitlines()]
    lines += [f"{key}: {value}" for key, value in sorted(values.items()) if key != "description"]
    return "".join(line + "\n" for line in lines)
