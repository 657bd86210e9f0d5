"""The files of archives, where the environment says where they are: what is sent from host to host."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, Optional

from .context import Context

_OURS = "standin.json"
_KEPT = re.compile(r"apps/([^/]+)/backup/data")


def root() -> Optional[str]:
    """What the paths of this server begin with; none: it has no files."""
    begins = os.environ.get("BEFFROI_ROOT")
    return begins.rstrip("/") if begins else None


def _folder() -> Optional[Path]:
    begins = root()
    return None if begins is None else Path(begins + "/home/yunohost.backup/archives")


def write(context: Context, name: str, archive: Dict[str, Any]) -> None:
    """Write a tar as YunoHost lays it out, and its info beside it; what this program needs to restore it goes along."""
    folder = _folder()
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    files = _files(context, name, archive)
    with tarfile.open(folder / f"{name}.tar", "w") as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    (folder / f"{name}.info.json").write_bytes(files["info.json"])


def lay_out(context: Context, name: str, archive: Dict[str, Any], begins: str, work: Path) -> None:
    """Write the list that says where each file comes from and where it belongs; what an app keeps lies where it always does."""
    rows = []
    for path, data in _files(context, name, archive).items():
        kept = _KEPT.fullmatch(path)
        source = Path(f"{begins}/var/www/{kept.group(1)}/data") if kept else work / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(data)
        rows.append((str(source), path))
    with open(work / "backup.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)


def _files(context: Context, name: str, archive: Dict[str, Any]) -> Dict[str, bytes]:
    content = random.Random(name).randbytes(context.state.get("backup_bytes", 20_000))
    files: Dict[str, bytes] = {}
    for app in archive["saved"].values():
        settings = f"id: {app['id']}\ndomain: {str(app.get('domain_path', '')).split('/')[0]}\n"
        files[f"apps/{app['id']}/settings/settings.yml"] = settings.encode()
        files[f"apps/{app['id']}/backup/data"] = content
    told = {
        "description": archive["description"],
        "created_at": int(datetime.fromisoformat(archive["created_at"]).timestamp()),
        "size": archive["size"],
        "size_details": {"apps": {key: len(content) for key in archive["apps"]}, "system": {}},
        "apps": archive["apps"],
        "system": {key: part["paths"] for key, part in archive["system"].items()},
        "from_yunohost_version": archive["from_yunohost_version"],
    }
    files["backup.csv"] = b""
    files["info.json"] = json.dumps(told).encode()
    files[_OURS] = json.dumps(archive).encode()
    return files


def adopt(context: Context) -> None:
    """Know the archives that somebody put there."""
    folder = _folder()
    for path in sorted(folder.glob("*.tar")) if folder and folder.is_dir() else ():
        if path.stem in context.state["backups"]:
            continue
        with tarfile.open(path) as tar:
            kept = tar.extractfile(_OURS)
            if kept is not None:
                context.state["backups"][path.stem] = json.load(kept)
    if folder and folder.is_dir():
        context.save()


def remove(name: str) -> None:
    folder = _folder()
    for ending in (".tar", ".info.json") if folder else ():
        (folder / f"{name}{ending}").unlink(missing_ok=True)
