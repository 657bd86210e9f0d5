"""vault: a vault of 10,000 hosts and 20,000 secrets, against an empty one.

Opening it may take no longer than an empty one but for what a person does not
notice; searching has to keep up with typing; checking all of it, and asking the
process that holds the keys, have marks of their own. The vaults are opened by
their recovery words, which need no key derivation: it is the same for both, and
`unlock` measures it.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

import building
from measuring import ROUNDS, BenchError, Mark, Report, Side, version

HOSTS = 10_000
SECRETS = 20_000
OPENING_MS = 50
SEARCH_MS = 16
VERIFY_S = 2
ASK_MS = 2
_SECRETS = {"search": "secret", "after a change": "changed"}
"""Searches among secrets, by what stands beside their values: row to figure."""
AT_ONCE = 50
CALLS = 100


class Vaults:
    """A machine with two vaults, a full one and an empty one."""

    def __init__(self, folder: Path, program: str, many: str) -> None:
        self.folder = folder
        self.program, self.many = program, many
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.env = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(runtime)}
        for name in ("BEFFROI_VAULT", "BEFFROI_PASSPHRASE_FILE", "BEFFROI_AGENT"):
            self.env.pop(name, None)
        (folder / "passphrase").write_text("measured, then forgotten\n", encoding="ascii")
        for name in ("empty", "full"):
            words = ["--passphrase-file", str(folder / "passphrase"), "vault", "create", str(folder / name)]
            made = self.ask([program, "--json", *words])["data"]
            (folder / f"{name}.words").write_text(made["recovery_words"] + "\n", encoding="ascii")
        self.ask([many, "fill", *self.places("full"), str(HOSTS), str(SECRETS)])

    def places(self, name: str) -> List[str]:
        """Vault, state and words, as `many` wants them."""
        return [str(self.folder / f"{name}.beffroi"), str(self.folder / "state" / "beffroi"), str(self.folder / f"{name}.words")]

    def beffroi(self, name: str, *command: str) -> List[str]:
        vault, _, words = self.places(name)
        return [self.program, "--vault", vault, "--recovery-file", words, "--json", *command]

    def ask(self, command: List[str]) -> Dict[str, Any]:
        done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}{done.stdout[-500:]}")
        return json.loads(done.stdout)

    def side(self, name: str, command: List[str]) -> Side:
        """The whole run of a program."""

        def once() -> float:
            began = time.perf_counter()
            self.ask(command)
            return time.perf_counter() - began

        return Side(name, shlex.join(command), once)

    def figures(self, report: Report, command: List[str], figures: Dict[str, str]) -> None:
        """Rows of what a program measures itself, several in one run: row to figure. The first run does not count."""
        runs = [self.ask(command) for _ in range(1 + ROUNDS)][1:]
        for row, figure in figures.items():
            report.commands[row] = f"{shlex.join(command)}   # {figure}"
            report.seconds[row] = [float(run[figure]) for run in runs]

    def at_once(self, name: str, command: List[str]) -> Side:
        """Many runs of a program, all of which have to succeed."""

        def once() -> float:
            began = time.perf_counter()
            running = [
                subprocess.Popen(
                    command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                for _ in range(AT_ONCE)
            ]
            failed = sum(one.wait() != 0 for one in running)
            took = time.perf_counter() - began
            if failed:
                raise BenchError(f"{failed} of {AT_ONCE} failed: {shlex.join(command)}")
            return took

        return Side(name, f"{shlex.join(command)}   # {AT_ONCE} at once", once)


def measure() -> Report:
    program, many = building.beffroi(), building.many()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        vaults = Vaults(Path(folder), program, many)
        report = Report(f"a vault of {HOSTS} hosts and {SECRETS} secrets", [version(program, "--version")])
        report.time(
            [
                vaults.side("info", vaults.beffroi("full", "vault", "info")),
                vaults.side("info, empty", vaults.beffroi("empty", "vault", "info")),
                vaults.side("verify", vaults.beffroi("full", "vault", "verify")),
            ]
        )
        inside = {"unlock inside": "unlock", "verify inside": "verify", "search p50": "search_p50", "search p95": "search_p95"}
        inside.update({f"secrets, {row} {part}": f"{name}_{part}" for row, name in _SECRETS.items() for part in ("p50", "p95")})
        vaults.figures(report, [many, "measure", *vaults.places("full")], inside)
        vaults.figures(report, [many, "measure", *vaults.places("empty")], {"unlock inside, empty": "unlock"})
        _ask_the_agent(vaults, report)
    report.mark_excess("info", "info, empty", OPENING_MS)
    _mark(report, "search p95", SEARCH_MS / 1000)
    for row in _SECRETS:
        _mark(report, f"secrets, {row} p95", SEARCH_MS / 1000)
    _mark(report, "verify", VERIFY_S)
    _mark(report, "agent status p95", ASK_MS / 1000)
    _mark(report, "agent info p95", ASK_MS / 1000)
    report.notes += [
        "opened by the recovery words: no key derivation is in these figures, and its second comes on top of each.",
        "secrets: half of them have an account, an address and tags, by which they are found; the first search, which reads all, is one of 500.",
        "info: a whole run of the command line, its start included; inside: App::unlock_vault alone, in a running process.",
    ]
    return report


def _ask_the_agent(vaults: Vaults, report: Report) -> None:
    """The full vault is held by an agent; a client asks it over its socket, and so do many command lines at once."""
    vaults.ask(vaults.beffroi("full", "vault", "unlock"))
    try:
        rows = {f"agent {what} {part}": f"{what}_{part}" for what in ("status", "info") for part in ("p50", "p95")}
        vaults.figures(report, [vaults.many, "ask", str(CALLS)], rows)
        search = [vaults.program, "--json", "search", "host-0001"]
        sides = [vaults.side("search, agent", search), vaults.at_once(f"{AT_ONCE} searches, agent", search)]
        report.time(sides)
    finally:
        subprocess.run([vaults.program, "agent", "stop"], env=vaults.env, stderr=subprocess.DEVNULL, check=False)


def _mark(report: Report, name: str, at_most_seconds: float) -> None:
    report.marks.append(Mark(name, report.median(name) * 1000, at_most_seconds * 1000, "ms"))
