"""sequence: 200 commands on one host, one after the other, against `ssh` over a ControlMaster.

The connection is there already, and the vault is open in the process that holds
the keys. One by one: each is a process of its own, as in somebody's script. In
recipes: the same commands, each with its own exit status, as steps of recipes.

The floor is programs that do nothing, started as the measured ones are, and a shell
for each command, one after the other, without any SSH and without servers. Where it
allows less than a mark, the mark is a share of what it allows (ADR 0013).
"""

from __future__ import annotations

import pwd
from dataclasses import replace

import building
from ground import Ground, destination, ground
from measuring import Report, Side, version
from rivals import masters

COMMANDS = 200
STEPS = 25
AT_LEAST = 3
_SHELLS = f"i={COMMANDS}; while [ $i -gt 0 ]; do $0 -c true; i=$((i - 1)); done"
_STEP = '[[steps]]\ntitle = "Nothing"\ncommand = "true"\n'


def measure() -> Report:
    program = building.beffroi()
    with ground(program) as here, here.agent(), masters(here) as kept:
        host = here.hosts[0]
        report = Report(f"`true` {COMMANDS} times on one host", [version(program, "--version"), version("ssh", "-V")])
        sides = [
            _repeated(here.asking("one by one", "run", "--on", host["name"], "--", "true"), COMMANDS),
            _repeated(_recipe(here, host["name"]), COMMANDS // STEPS),
            _repeated(here.side("ssh ControlMaster", [*here.openssh("ssh", host), *kept, destination(host), "true"]), COMMANDS),
        ]
        nothing = _repeated(here.side("nothing", ["true"]), COMMANDS)
        shells = here.side("shells", ["sh", "-c", _SHELLS, pwd.getpwnam(host["user"]).pw_shell])
        report.time([*sides, nothing, shells])
    for side, starts in ((sides[0], COMMANDS), (sides[1], COMMANDS // STEPS)):
        starting = report.median(nothing.name) * starts / COMMANDS
        what = f"{starts} programs that do nothing, then {COMMANDS} shells"
        report.floor(side.name, starting + report.median(shells.name), what)
    for side in sides[:2]:
        report.mark_faster_or_near(side.name, ["ssh ControlMaster"], AT_LEAST)
    return report


def _recipe(here: Ground, host: str) -> Side:
    """The side of which one run is many commands."""
    recipe = here.folder / "recipe.toml"
    recipe.write_text('name = "nothing"\n' + STEPS * _STEP, encoding="utf-8")
    here.asking("recipe", "recipe", "set", str(recipe)).once()
    return here.asking("in recipes", "recipe", "run", "nothing", "--on", host)


def _repeated(side: Side, times: int) -> Side:
    return replace(side, command=f"{side.command}   # {times} times", once=lambda: sum(side.once() for _ in range(times)))
