"""guests: 50 containers of classic LXC on one host listed, against `lxc-info` for each of them over ssh.

The host is `lxc-1` of the full lab. Connections are warm on both sides: OpenSSH
keeps one open and shares it, the agent has its own. The other side asks what one
needs for the same list: names, then state, process, addresses and use of each.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator

import building
from ground import Ground, destination
from measuring import BenchError, Report, Side, Unavailable, timed, version
from rivals import masters

GUESTS = 50
AT_LEAST = 5
_LAB = [str(building.ROOT / "tests" / "lab" / "lab"), "full"]
_LIST = ["guest", "list", "--on", "lxc-1", "--refresh", "--json"]


def measure() -> Report:
    program = building.beffroi()
    with guest_ground(program, "lxc-1") as here, here.agent(), masters(here) as kept:
        host = here.hosts[0]
        in_lab(here, "lxc-1", "lab-guests", str(GUESTS))
        ssh = [*here.openssh("ssh", host), *kept, destination(host)]
        there = subprocess.run([*ssh, "lxc-info --version"], stdout=subprocess.PIPE, text=True, check=True, env=here.env)
        versions = [version(program, "--version"), version("ssh", "-V"), f"lxc-info {there.stdout.strip()}"]
        report = Report(f"a list of {GUESTS} guests", versions)
        report.time([here.asking("guest list", *_LIST, expect=_all_there), _one_by_one(here, ssh)])
    report.mark_faster("guest list", ["lxc-info"], AT_LEAST)
    return report


def _all_there(output: str) -> bool:
    return all(f'"lxc-1/tiny-{number:03d}"' in output for number in range(1, GUESTS + 1))


def _one_by_one(here: Ground, ssh: Any) -> Side:
    script = f"{shlex.join(ssh)} lxc-ls -1 | grep ^tiny- | while read -r name; do {shlex.join(ssh)} lxc-info -H -n \"$name\" </dev/null; done"
    expect = lambda output: output.count("RUNNING") == GUESTS  # noqa: E731
    return Side("lxc-info", script, lambda: timed(["sh", "-c", script], here.env, expect))


@contextlib.contextmanager
def guest_ground(program: str, name: str) -> Iterator[Ground]:
    """A host of the full lab with guests, known to a vault."""
    why = subprocess.run([*_LAB, "possible"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    if why:
        raise Unavailable(why)
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        made = Ground(Path(folder), program)
        lab = ["--dir", str(made.lab)]
        try:
            up = subprocess.run([*_LAB, "up", name, *lab, "--json"], stdout=subprocess.PIPE, text=True, check=False)
            if up.returncode != 0:
                raise BenchError("the lab did not come up")
            host: Dict[str, Any] = json.loads(up.stdout)["hosts"][0]
            # It is behind nothing, and needs no other name for its key.
            del host["behind"]
            keys = [Path(file).read_text(encoding="ascii").split()[:2] for file in host["host_key_files"].values()]
            lines = [f"{host['address']} {kind} {key}\n" for kind, key in keys]
            (made.lab / "known_hosts").write_text("".join(lines), encoding="ascii")
            made.make_vault([host])
            yield made
        finally:
            subprocess.run([*_LAB, "down", *lab], check=False)


def in_lab(here: Ground, name: str, *command: str) -> str:
    """Runs a command on a host of the lab, past its server; gives what it says."""
    words = [*_LAB, "exec", "--dir", str(here.lab), name, "--", *command]
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def images(*names: str) -> Dict[str, str]:
    """Files of the lab's images, by their names."""
    made = subprocess.run([*_LAB, "images", *names], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0:
        raise Unavailable("the images of the lab cannot be made")
    return json.loads(made.stdout)
