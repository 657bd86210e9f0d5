"""exec: one command on one host, against `ssh`.

The mark is ssh's own time: whoever types one for the other should not wait
longer. Beffroi has a vault to open and a journal to write on top, and has to
make up for it. The vault is opened by its recovery words; what the passphrase
adds is what `unlock` measures.
"""

from __future__ import annotations

import building
from ground import destination, ground
from measuring import Report, version

AT_MOST = 1.0


def measure() -> Report:
    program = building.beffroi()
    with ground(program) as here:
        host = here.hosts[0]
        report = Report("`true` on one host", [version(program, "--version"), version("ssh", "-V")])
        sides = [
            here.beffroi("beffroi", here.words("run", "--on", host["name"], "--", "true")),
            here.side("ssh", [*here.openssh("ssh", host), destination(host), "true"]),
        ]
        report.time(sides)
    report.mark_ratio("beffroi", "ssh", AT_MOST)
    return report
