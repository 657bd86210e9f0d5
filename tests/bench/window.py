"""window: the fleet of 10,000 hosts in the real window: search as one types, scrolling, and a job of a million lines.

A WebDriver drives the window as the tests do (`tests/e2e`), on a virtual screen
and with WebKit's software drawing: a machine with a graphics card is faster. The
page itself takes the times, by its own clock. A search counts from the character
that is typed to the rows laid out anew; frames are those that the page is given
while the fleet is scrolled from its first to its last row. Plain lines are
scrolled the same way afterwards, in a place of the same size: what is left then is
WebKit's drawing, which nothing in a page makes faster.
"""

from __future__ import annotations

import json
import shlex
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import building
from measuring import ROUNDS, BenchError, Mark, Report, Unavailable, version
from vault import HOSTS, SECRETS, Vaults

SEARCH_MS = 16
FRAME_MS = 50
ROWS = 2
"""Times the rows that can be seen."""
_FIGURES = {
    "search p50": "search_p50",
    "search p95": "search_p95",
    "frame p95": "frame_p95",
    "frame, longest": "frame_longest",
    "plain lines p95": "bare_p95",
    "plain lines, longest": "bare_longest",
}
_SCRIPT = Path(__file__).resolve().parent / "window.mjs"


def measure() -> Report:
    missing = [program for program in ("node", "xvfb-run", "dbus-run-session", "WebKitWebDriver") if not shutil.which(program)]
    if missing:
        raise Unavailable(f"{', '.join(missing)} not found (Debian: apt install nodejs xvfb dbus webkit2gtk-driver)")
    if not (building.ROOT / "tests" / "e2e" / "node_modules").is_dir():
        raise Unavailable("no WebDriver client: npm ci --prefix tests/e2e")
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        return _measured(Path(folder))


def _measured(folder: Path) -> Report:
    desktop, vaults = building.desktop(), Vaults(folder, building.beffroi(), building.many())
    report = Report(f"the window on {HOSTS} hosts and {SECRETS} secrets", [version(vaults.program, "--version")])
    place, _, words = vaults.places("full")
    command = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24", "dbus-run-session", "--", "node", str(_SCRIPT), place, words]
    environment = {**vaults.env, "BEFFROI_DESKTOP": desktop}
    runs = [_once(command, environment) for _ in range(ROUNDS)]
    for row, figure in _FIGURES.items():
        report.commands[row] = f"{shlex.join(command[6:])}   # {figure}"
        report.seconds[row] = [run[figure] / 1000 for run in runs]
    most = max(run["rows"] / run["seen"] for run in runs)
    report.marks += [
        Mark("search p95", report.median("search p95") * 1000, SEARCH_MS, "ms"),
        Mark("frame, longest", report.median("frame, longest") * 1000, FRAME_MS, "ms"),
        Mark("rows in the page", most, ROWS, "times those in sight"),
    ]
    frames = statistics.median(run["frames"] for run in runs)
    report.notes.append(f"{frames:.0f} frames while scrolling over all {HOSTS} rows; the vault is opened by its recovery words.")
    return report



def _once(command: List[str], environment: Dict[str, str]) -> Dict[str, Any]:
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr[-3000:]}{done.stdout[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])
