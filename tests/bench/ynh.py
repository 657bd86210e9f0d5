"""ynh: 50 YunoHosts refreshed, against the shell text that asks them, alone.

The hosts are stand-ins for YunoHost behind real OpenSSH servers. That text is
taken from a host to which it was sent, and run on this machine without SSH, as
many times at once as there are hosts: the processor time of all these runs,
divided by the processors, is the least that any program could take here that
asks the same. Connecting, reading, storing and showing have to fit in what is
above it. A stand-in costs less than a YunoHost, so that the share of the program
is larger here than there.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import building
from building import ROOT
from ground import Ground, ground
from measuring import BenchError, Report, Side, version

HOSTS = 50
ABOVE_PROBES = 1.2
_SURVEY = ["host", "survey", "all", "--refresh", "--json"]
_STANDIN = ROOT / "tests" / "lab" / "yunohost" / "bin"
# The shell of a host keeps what it is sent, and goes on as if nothing were.
_KEEPING = 'cd "$HOME" || return\nsh() { tee "$HOME/probe" | command sh "$@"; }\n'


def measure() -> Report:
    program = building.beffroi()
    with ground(program, bulk=HOSTS) as here, here.agent():
        environment = {host["name"]: give_yunohost(here, host["name"]) for host in here.hosts}
        report = Report(f"{HOSTS} YunoHosts refreshed", [version(program, "--version")])
        survey = here.asking("refresh", *_SURVEY, expect=_all_there)
        # The first one makes each stand-in's state; package managers are asked once.
        survey.once()
        probe = _probe(here, survey)
        report.time([survey, _alone(here, probe, environment)])
        offline = here.asking("fleet from what is stored", "ynh", "fleet", "apps", "--json")
        report.time([offline])
    report.mark_ratio("refresh", "probes", ABOVE_PROBES)
    report.notes.append(f"probes: processor time of {HOSTS} of them, divided by {os.cpu_count()} processors.")
    return report


def _all_there(output: str) -> bool:
    return all(f'"bulk-{number:02d}"' in output for number in range(1, HOSTS + 1)) and output.count('"certificates"') >= HOSTS


def give_yunohost(here: Ground, name: str) -> dict[str, str]:
    """Puts the stand-in on a host's PATH; what its environment then has."""
    folder = here.lab / "hosts" / name
    added = {
        "BEFFROI_LAB_STATE": str(folder / "yunohost"),
        "BEFFROI_LAB_CACHE": str(here.folder / "pycache"),
        "BEFFROI_LAB_SPEED": "0",
    }
    lines = "".join(f"export {variable}={shlex.quote(value)}\n" for variable, value in added.items())
    with (folder / "home" / ".bashrc").open("a", encoding="utf-8") as file:
        file.write(f'{lines}export PATH={shlex.quote(str(_STANDIN))}:"$PATH"\n')
    return {**added, "PATH": f"{_STANDIN}:{os.environ['PATH']}"}


def _probe(here: Ground, survey: Side) -> Path:
    """What a host is sent, once its upgradable packages are known."""
    home = here.lab / "hosts" / here.hosts[0]["name"] / "home"
    before = (home / ".bashrc").read_text(encoding="utf-8")
    (home / ".bashrc").write_text(before + _KEEPING, encoding="utf-8")
    survey.once()
    (home / ".bashrc").write_text(before, encoding="utf-8")
    probe = here.folder / "probe"
    if not (home / "probe").exists():
        raise BenchError("the host kept no probe")
    return (home / "probe").replace(probe)


def _alone(here: Ground, probe: Path, environment: dict[str, dict[str, str]]) -> Side:
    """All probes at once, by this machine's shell; their time is the processors'."""
    words = ["sh", "-c", 'eval "$(cat)"']

    def once() -> float:
        before = os.times()
        running = []
        for host in here.hosts:
            env = {**os.environ, **environment[host["name"]]}
            with probe.open("rb") as text:
                running.append(subprocess.Popen(words, stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env))
        failed = sum(one.wait() != 0 for one in running)
        if failed:
            raise BenchError(f"{failed} of {len(running)} probes failed")
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return used / (os.cpu_count() or 1)

    return Side("probes", f"sh -c 'eval \"$(cat)\"' < probe   # {HOSTS} at once, processor time / processors", once)
