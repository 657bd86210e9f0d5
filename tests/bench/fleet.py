"""fleet: one command on 50 hosts at once, against Ansible with 50 forks and 50 OpenSSH clients at once.

The vault is open in the process that holds the keys. Cold: nothing is shared or
kept between runs on any side, and each makes 50 connections, 50 handshakes, 50
logins. Warm: every side uses 50 connections that it has, OpenSSH and Ansible
those of 50 ControlMasters.

Without that process there is one run for each opening of the vault, which costs
about a second by design. The marks of that are for the rest, which is had in two
ways: by taking the unlocking away from the whole, and by opening the vault with
its recovery words, which need no key derivation.

All hosts are on this machine: what their servers do takes processors from both
sides. That time, divided by the processors, is a floor. Where it allows less than
a mark, the mark is a share of what it allows (ADR 0013).
"""

from __future__ import annotations

import os

import building
from ground import Ground, ground
from measuring import ROUNDS, Report, Side, version
from rivals import ansible, masters, require_ansible, ssh_at_once, ssh_at_once_alike

HOSTS = 50
COLD_AT_LEAST = 8
WARM_AT_LEAST = 20
ALONE_AT_MOST = 0.5
"""Of what OpenSSH takes: less would not be noticed by whoever waits."""
_RUN = ["run", "--on", "all", "--parallel", str(HOSTS), "--", "true"]
_RAW = ["-m", "raw", "-a", "true"]


def measure() -> Report:
    require_ansible()
    program = building.beffroi()
    with ground(program, bulk=HOSTS) as here:
        versions = [version(program, "--version"), version("ssh", "-V"), version("ansible", "--version")]
        report = Report(f"`true` on {HOSTS} hosts", versions)
        with here.agent():
            cold = [
                here.cold(here.asking("cold", *_RUN, expect=_all_there)),
                ssh_at_once(here, "ssh cold"),
                ssh_at_once_alike(here, "ssh cold x25519"),
                ansible(here, "ansible cold", _RAW),
            ]
            report.time(cold)
            _floor(report, here, cold[0])
            with masters(here) as kept:
                warm = [
                    here.asking("warm", *_RUN, expect=_all_there),
                    ssh_at_once(here, "ssh warm", kept),
                    ansible(here, "ansible warm", _RAW, kept),
                ]
                report.time(warm)
                _floor(report, here, warm[0])
        alone = [
            here.beffroi("alone", here.words_with_passphrase(*_RUN), _all_there),
            here.beffroi("unlock", here.words_with_passphrase("vault", "info")),
            here.beffroi("alone no-kdf", here.words(*_RUN), _all_there),
        ]
        report.time(alone)
    for rival in ("ansible cold", "ssh cold"):
        report.mark_faster_or_near("cold", [rival], COLD_AT_LEAST)
    for rival in ("ansible warm", "ssh warm"):
        report.mark_faster_or_near("warm", [rival], WARM_AT_LEAST)
    report.difference("alone - unlock", "alone", "unlock")
    report.mark_ratio("alone - unlock", "ssh cold", ALONE_AT_MOST)
    report.mark_ratio("alone no-kdf", "ssh cold", ALONE_AT_MOST)
    report.notes.append("ssh cold x25519: kept to the key exchange that Beffroi uses; to be known, not marked.")
    return report


def _floor(report: Report, here: Ground, side: Side) -> None:
    processors = os.cpu_count() or 1
    own = here.servers_own(side, ROUNDS) / processors
    report.floor(side.name, own, f"the servers' own processor time, divided by {processors} processors")


def _all_there(output: str) -> bool:
    """Exit status 0 says that no host failed; this, that none was left out."""
    return f"bulk-{HOSTS:02d}" in output and output.count("bulk-") >= HOSTS
