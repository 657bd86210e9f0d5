"""The programs that are measured, built as they would be shipped."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from measuring import BenchError

ROOT = Path(__file__).resolve().parents[2]
BARE_WINDOW = Path(__file__).resolve().parent / "bare-window"


def beffroi() -> str:
    """The command line."""
    return os.environ.get("BEFFROI_BIN") or _release(ROOT, "beffroi", "--package", "beffroi-cli")


def kdf() -> str:
    """Argon2id and nothing else (`kdf.rs`)."""
    return _release(ROOT, "examples/kdf", "--package", "beffroi-tests", "--example", "kdf")


def many() -> str:
    """A vault of many hosts, made and measured (`many.rs`)."""
    return _release(ROOT, "examples/many", "--package", "beffroi-tests", "--example", "many")


def desktop() -> str:
    """The window; the page inside is the one in ui/dist."""
    return os.environ.get("BEFFROI_DESKTOP") or _release(ROOT, "beffroi-desktop", "--package", "beffroi-desktop")


def bare_window() -> str:
    """An empty Tauri window."""
    return _release(BARE_WINDOW, "bare-window")


def _release(folder: Path, program: str, *what: str) -> str:
    """Build in release mode, next to everything else that is built; gives the program's path."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or os.environ.get("BEFFROI_TARGET") or f"{cache}/beffroi/target")
    built = target / "release" / program
    if not built.exists():
        print(f"building {built.name} in release mode: this takes minutes, the first time", flush=True)
    command = ["cargo", "build", "--quiet", "--release", "--locked", *what]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode != 0:
        raise BenchError(f"{built.name} cannot be built")
    return str(built)
