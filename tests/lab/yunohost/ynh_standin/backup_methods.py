"""Ways to store a backup that somebody brought: scripts in a folder of hooks, where the environment says where that is."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List

from . import archives
from .context import Context
from .errors import Refused

_HOOKS = "/etc/yunohost/hooks.d/backup_method"
_BESIDE = "7>&1"
"""The trace of a script, which its log gets too."""


def save(context: Context, method: str, name: str, archive: Dict[str, Any]) -> None:
    """Lay out what is saved, and have the scripts of a method take it.

    Where no script is called so, nothing is stored and nothing is said: the real
    command tells of a backup that was created.
    """
    root = archives.root()
    scripts = _scripts(root, method) if root is not None else []
    if root is None or not scripts:
        return
    work = Path(f"{root}/home/yunohost.backup/tmp/{name}")
    shutil.rmtree(work, ignore_errors=True)
    archives.lay_out(context, name, archive, root, work)
    told = [str(work), name, f"{root}/home/yunohost.backup/archives", str(archive["size"]), archive["description"]]
    try:
        for script in scripts:
            # Refused by those that take the files from where they lie; here they lie in the folder already.
            _call(context, script, root, ["need_mount", *told])
        if not all([_call(context, script, root, ["backup", *told]) for script in scripts]):
            raise Refused("Custom backup method could not get past the 'backup' step")
    finally:
        shutil.rmtree(work)


def _scripts(root: str, method: str) -> List[Path]:
    """Those of a method, in their order: `50-name`, and `50-name_more`."""
    found = Path(root + _HOOKS).glob("*")
    return sorted(
        path for path in found if f"{path.stem.partition('-')[2] or path.stem}_".startswith(f"{method}_")
    )


def _call(context: Context, script: Path, root: str, words: List[str]) -> bool:
    """Run a script beside the others; whether it succeeded. Only what it complains of is shown."""
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    environment.update(YNH_CWD=str(script.parent), YNH_INTERFACE="cli", BASH_XTRACEFD="7")
    done = subprocess.run(
        ["sh", "-c", f"/bin/bash -x ./{shlex.quote(script.name)} {shlex.join(words)} {_BESIDE}"],
        cwd=script.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    for line in done.stdout.splitlines():
        context.console.debug(line)
    for line in filter(None, done.stderr.splitlines()):
        context.console.warning(line)
    if done.returncode != 0:
        context.console.error(f"Could not run script: {str(script)[len(root) :]}")
    return done.returncode == 0
