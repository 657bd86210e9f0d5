"""start: from starting the desktop to its window on the screen, against an empty Tauri window.

What GTK, WebKit and Tauri take is in both; what is left is Beffroi's own. On a
virtual screen, both with an empty home folder. A window counts from the moment
the X server shows it, which is before the page in it has been painted. Looking
for it takes a few milliseconds each time: that is how exact the figures are.

Memory is what both take a moment later, every vault locked: the proportional
share (PSS) of the program and of WebKit's processes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import building
from measuring import ROUNDS, BenchError, Mark, Report, Side, Unavailable

AT_MOST = 1.3
_ROUNDS = 15
"""More than elsewhere: one takes a fifth of a second, of which much is chance."""
_PATIENCE_SECONDS = 60.0
_SETTLED_SECONDS = 3.0
"""After which nothing more is loaded."""
_BARE_LOCK = "tests/bench/bare-window/Cargo.lock"


def measure() -> Report:
    _check_needs()
    programs = {"beffroi-desktop": building.desktop(), "bare window": building.bare_window()}
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        with _screen() as display:
            report = Report("from start to a window on the screen", _versions())
            env = {**_home(Path(folder)), "DISPLAY": display}
            report.time([_side(name, program, env) for name, program in programs.items()], _ROUNDS)
            taken = {name: [_memory(program, env) for _ in range(ROUNDS)] for name, program in programs.items()}
    report.mark_ratio("beffroi-desktop", "bare window", AT_MOST)
    locked, bare = (statistics.median(taken[name]) for name in programs)
    report.marks.append(Mark("memory, locked / bare window", locked / bare, AT_MOST, "times"))
    for name, runs in taken.items():
        report.notes.append(f"memory of {name}: {statistics.median(runs) / 1024:.1f} MiB ({' '.join(f'{one / 1024:.1f}' for one in runs)})")
    return report


def _versions() -> List[str]:
    """The desktop does not say its version: it is the workspace's. Nor does the window: it is Tauri's."""
    desktop, tauri = _locked("Cargo.lock", "beffroi-desktop"), _locked(_BARE_LOCK, "tauri")
    return [f"beffroi-desktop {desktop}", f"bare window: tauri {tauri}"]


def _locked(lock: str, package: str) -> str:
    text = (building.ROOT / lock).read_text(encoding="utf-8")
    found = re.search(rf'^name = "{package}"\nversion = "([^"]+)"', text, re.MULTILINE)
    return found.group(1) if found else "?"


def _check_needs() -> None:
    missing = [program for program in ("Xvfb", "xdotool") if not shutil.which(program)]
    if missing:
        raise Unavailable(f"{' and '.join(missing)} not found (Debian: apt install xvfb xdotool)")
    page = building.ROOT / "ui" / "dist" / "index.html"
    if "BEFFROI_DESKTOP" not in os.environ and not (page.exists() and page.stat().st_size):
        raise Unavailable("there is no page to put into the window: npm run --prefix ui build")


def _side(name: str, program: str, env: Dict[str, str]) -> Side:
    return Side(name, shlex.join([program]), lambda: _until_shown(program, env))


def _until_shown(program: str, env: Dict[str, str]) -> float:
    with _shown(program, env) as (_, seconds):
        return seconds


def _memory(program: str, env: Dict[str, str]) -> int:
    """In KiB, with everything that the program started."""
    with _shown(program, env) as (pid, _):
        time.sleep(_SETTLED_SECONDS)
        return sum(_share(other) for other in os.listdir("/proc") if other.isdigit() and _session(other) == pid)


def _session(pid: str) -> int:
    """0 for a process that is gone."""
    try:
        return int(Path("/proc", pid, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[3])
    except OSError:
        return 0


def _share(pid: str) -> int:
    try:
        lines = Path("/proc", pid, "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


@contextlib.contextmanager
def _shown(program: str, env: Dict[str, str]) -> Iterator[Tuple[int, float]]:
    """A program whose window is on the screen: its process, and the seconds until then."""
    said = tempfile.TemporaryFile("w+", errors="replace")
    began = time.perf_counter()
    # A session of its own, so that what it starts can be ended with it.
    process = subprocess.Popen(
        [program], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
    )
    try:
        look = ["xdotool", "search", "--onlyvisible", "--pid", str(process.pid)]
        while not subprocess.run(look, env=env, capture_output=True, check=False).stdout.strip():
            if process.poll() is not None:
                said.seek(0)
                raise BenchError(f"{program} ended (exit {process.returncode}) without a window\n{said.read(2000)}")
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise BenchError(f"{program} shows no window")
        yield process.pid, time.perf_counter() - began
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        said.close()


def _home(folder: Path) -> Dict[str, str]:
    """An environment in which nothing was ever kept, and no session bus is asked for anything."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
    home = {name: str(folder / name.lower()) for name in names}
    for path in home.values():
        os.mkdir(path, 0o700)
    return {**home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "NO_AT_BRIDGE": "1"}


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """A virtual screen; gives its DISPLAY.

    Not reset when its last client leaves: the next one would be thrown out while that goes on.
    """
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as answer:
            number = answer.readline().strip()
        if not number:
            raise BenchError("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
