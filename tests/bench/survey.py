"""survey: what is known of 30 hosts read anew, against Ansible's facts, and against the shell text that does it alone.

Connections are warm on both sides. That shell text is taken from a host to which
it was sent, and run on this machine without SSH, as many times at once as there
are hosts: the processor time of all these runs, divided by the processors, is
the least that any program could take here that asks the same. Connecting,
reading, storing and showing have to fit in what is above it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import building
from ground import Ground, ground
from measuring import BenchError, Report, Side, version
from rivals import ansible, masters, require_ansible

HOSTS = 30
AT_LEAST = 10
ABOVE_PROBES = 1.2
_SURVEY = ["host", "survey", "all", "--refresh", "--json"]
# The shell of a host keeps what it is sent, and goes on as if nothing were.
_KEEPING = 'cd "$HOME" || return\nsh() { tee "$HOME/probe" | command sh "$@"; }\n'


def measure() -> Report:
    require_ansible()
    program = building.beffroi()
    with ground(program, bulk=HOSTS) as here, here.agent(), masters(here) as kept:
        versions = [version(program, "--version"), version("ansible", "--version")]
        report = Report(f"a survey of {HOSTS} hosts", versions)
        survey = here.asking("survey", *_SURVEY, expect=_all_there)
        # The first one asks package managers, and what they say is known from then on.
        survey.once()
        probe = _probe(here, survey)
        report.time([survey, _alone(here, probe), ansible(here, "ansible setup", ["-m", "setup"], kept)])
    report.mark_faster("survey", ["ansible setup"], AT_LEAST)
    report.mark_ratio("survey", "probes", ABOVE_PROBES)
    report.notes.append(f"probes: processor time of {HOSTS} of them, divided by {os.cpu_count()} processors.")
    return report


def _all_there(output: str) -> bool:
    return all(f'"bulk-{number:02d}"' in output for number in range(1, HOSTS + 1))


def _probe(here: Ground, survey: Side) -> Path:
    """What a host is sent, once its upgradable packages are known."""
    home = here.lab / "hosts" / here.hosts[0]["name"] / "home"
    before = (home / ".bashrc").read_text(encoding="utf-8")
    (home / ".bashrc").write_text(_KEEPING, encoding="utf-8")
    survey.once()
    (home / ".bashrc").write_text(before, encoding="utf-8")
    probe = here.folder / "probe"
    if not (home / "probe").exists():
        raise BenchError("the host kept no probe")
    return (home / "probe").replace(probe)


def _alone(here: Ground, probe: Path) -> Side:
    """All probes at once, by this machine's shell; their time is the processors'."""
    words = ["sh", "-c", 'eval "$(cat)"']

    def once() -> float:
        before = os.times()
        running = []
        for _ in here.hosts:
            with probe.open("rb") as text:
                running.append(subprocess.Popen(words, stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        failed = sum(one.wait() != 0 for one in running)
        if failed:
            raise BenchError(f"{failed} of {len(running)} probes failed")
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return used / (os.cpu_count() or 1)

    return Side("probes", f"sh -c 'eval \"$(cat)\"' < probe   # {HOSTS} at once, processor time / processors", once)
