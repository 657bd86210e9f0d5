"""`vzdump` and `pct restore`: a container as one file, and one made from such a file."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import List

from . import backing, guests, tasks
from .config import Values, load, numbered, properties
from .place import PveError, volume

_PACKED = {"0": ("", ".tar"), "1": ("--zstd", ".tar.zst"), "gzip": ("--gzip", ".tar.gz"), "zstd": ("--zstd", ".tar.zst")}
_INSIDE = "etc/vzdump/pct.conf"


def dump(words: List[str], given: Values) -> None:
    """`vzdump ID --dumpdir FOLDER --mode stop|suspend|snapshot --compress gzip|zstd|0`, or `--stdout`."""
    if len(words) != 1 or not words[0].isdigit():
        raise PveError("400 not enough arguments\nvmid: property is missing and it is not optional")
    vmid, mode = int(words[0]), given.get("mode", "snapshot")
    compress = given.get("compress", "0")
    if compress not in _PACKED or mode not in ("stop", "suspend", "snapshot"):
        raise PveError("400 Parameter verification failed.")
    config = load(vmid)
    config.check_lock()
    if given.get("stdout") == "1":
        sys.stdout.flush()
        _pack(vmid, "-", _PACKED[compress][0])
        return
    folder = Path(given.get("dumpdir", "/var/lib/vz/dump"))
    if not folder.is_dir():
        raise PveError(f"dumpdir '{folder}' does not exist")
    archive = folder / f"vzdump-lxc-{vmid}-{time.strftime('%Y_%m_%d-%H_%M_%S')}{_PACKED[compress][1]}"

    def work() -> None:
        runs = backing.pid(vmid) is not None
        print(f"INFO: starting new backup job: vzdump {vmid} --mode {mode}", flush=True)
        with guests.locked(vmid, "backup"):
            if runs and mode == "stop":
                backing.stop(vmid, True)
            try:
                _pack(vmid, str(archive.with_suffix(".dat")), _PACKED[compress][0])
                archive.with_suffix(".dat").rename(archive)
            finally:
                if runs and mode == "stop":
                    backing.start(load(vmid))
        print(f"INFO: creating vzdump archive '{archive}'", flush=True)
        print(f"INFO: archive file size: {archive.stat().st_size // 2**20}MB", flush=True)

    tasks.run("vzdump", str(vmid), work)


def restore(vmid: int, archive: str, given: Values) -> str:
    """From an archive that `vzdump` wrote: what it says, and what is given instead."""
    path = Path(archive)
    if not path.is_file():
        raise PveError(f"unable to restore CT {vmid} - '{archive}' does not exist")
    told = subprocess.run(["tar", "-xOf", str(path), f"./{_INSIDE}"], capture_output=True, text=True)
    if told.returncode != 0:
        raise PveError(f"unable to restore CT {vmid} - archive does not contain container configuration data")
    kept: Values = {}
    for line in told.stdout.splitlines():
        key, _, value = line.partition(": ")
        if key not in ("lock", "parent", "digest", "description", ""):
            kept[key] = value
    storage = given.get("storage", "local-zfs")
    for key in ("rootfs", *numbered(kept, "mp")):
        parts = properties(kept[key], "volume")
        size, at = parts.get("size", "4G").rstrip("G"), parts.get("mp")
        kept[key] = f"{storage}:{size}" + (f",mp={at}" if at else "")
    if given.get("unique") == "1":
        for key in numbered(kept, "net"):
            kept[key] = ",".join(part for part in kept[key].split(",") if not part.startswith("hwaddr="))
    return guests.create(vmid, {**kept, **given, "ostemplate": str(path), "restore": "1"})


def _pack(vmid: int, to: str, how: str) -> None:
    config = load(vmid)
    root = backing.rootfs(config)
    note = root / _INSIDE
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text("".join(f"{key}: {value}\n" for key, value in config.current.items()), encoding="utf-8")
    command = ["tar", "--numeric-owner", "-C", str(root), *([how] if how else []), "-cf", to, "."]
    for key in numbered(config.current, "mp"):
        parts = properties(config.current[key], "volume")
        # Only what says so is in a backup besides the root.
        if parts.get("backup") == "1" and not parts["volume"].startswith("/"):
            inside = parts["mp"].lstrip("/")
            held = volume(backing.volume_name(config.current[key]))
            command += [f"--transform=s,^{str(held).lstrip('/')},./{inside},", str(held)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    note.unlink(missing_ok=True)
    if done.returncode != 0:
        raise PveError(f"Backup of VM {vmid} failed - command 'tar' failed: exit code {done.returncode}")
