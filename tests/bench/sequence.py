"""sequence: 200 commands on one host, one after the other, against `ssh` over a ControlMaster.

The connection is there already, and the vault is open in the process that holds
the keys. One by one: each is a process of its own, as in somebody's script. In
recipes: the same commands, each with its own exit status, as steps of recipes.
"""

from __future__ import annotations

from dataclasses import replace

import building
from ground import Ground, destination, ground
from measuring import Report, Side, version
from rivals import masters

COMMANDS = 200
STEPS = 25
AT_LEAST = 3
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
        report.time(sides)
    for name in ("one by one", "in recipes"):
        report.mark_faster(name, ["ssh ControlMaster"], AT_LEAST)
    return report


def _recipe(here: Ground, host: str) -> Side:
    """The side of which one run is many commands."""
    recipe = here.folder / "recipe.toml"
    recipe.write_text('name = "nothing"\n' + STEPS * _STEP, encoding="utf-8")
    here.asking("recipe", "recipe", "set", str(recipe)).once()
    return here.asking("in recipes", "recipe", "run", "nothing", "--on", host)


def _repeated(side: Side, times: int) -> Side:
    return replace(side, command=f"{side.command}   # {times} times", once=lambda: sum(side.once() for _ in range(times)))
