"""fleet: one command on 50 hosts at once, cold, against 50 OpenSSH clients at once.

Nothing is shared or kept between runs on either side: 50 connections, 50
handshakes, 50 logins. Unlocking the vault costs about a second by design and
is done once for as many commands as a person likes in the window; so it is
timed apart, and the mark is for the rest. That rest is had in two ways, by
taking the unlocking away from the whole and by opening the vault with its
recovery words, which need no key derivation. Both have to reach the mark.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import time
from typing import Iterator, List, Optional

import building
from ground import Ground, destination, ground
from measuring import BenchError, Report, Side, timed, version

HOSTS = 50
AT_MOST = 0.5
"""Of what OpenSSH takes: less would not be noticed by whoever waits."""
_SAME_KEX = ["-o", "KexAlgorithms=curve25519-sha256"]


def measure() -> Report:
    program = building.beffroi()
    with ground(program, bulk=HOSTS) as here, _masters(here) as warm:
        report = Report(f"`true` on {HOSTS} hosts", [version(program, "--version"), version("ssh", "-V")])
        run = ["run", "--on", "all", "--", "true"]
        sides = [
            here.beffroi("beffroi", here.words_with_passphrase(*run), _all_there),
            here.beffroi("unlock", here.words_with_passphrase("vault", "info")),
            here.beffroi("beffroi no-kdf", here.words(*run), _all_there),
            Side("ssh", _shown(_clients(here)), lambda: _at_once(_clients(here), here)),
            Side("ssh x25519", _shown(_clients(here, _SAME_KEX)), lambda: _at_once(_clients(here, _SAME_KEX), here)),
            Side("ssh warm", _shown(_clients(here, warm)), lambda: _at_once(_clients(here, warm), here)),
        ]
        ansible = _ansible(here)
        if ansible:
            report.versions = [*report.versions, version("ansible", "--version")]
        report.time([*sides, *filter(None, [ansible])])
    report.difference("beffroi - unlock", "beffroi", "unlock")
    report.mark_ratio("beffroi - unlock", "ssh", AT_MOST)
    report.mark_ratio("beffroi no-kdf", "ssh", AT_MOST)
    alike = report.median("beffroi no-kdf") / report.median("ssh x25519")
    report.notes += [
        "ssh x25519: kept to the key exchange that Beffroi uses; by itself it prefers a costlier, post-quantum one.",
        f"beffroi no-kdf / ssh x25519: {alike:.3g} times; to be known, not marked.",
    ]
    report.notes.append("ssh warm: over connections that 50 ControlMasters already hold; to be known, not marked.")
    if not ansible:
        report.notes.append("Ansible is not installed, and so not compared.")
    return report


def _all_there(output: str) -> bool:
    """Exit status 0 says that no host failed; this, that none was left out."""
    return output.count("== bulk-") == HOSTS


def _clients(here: Ground, extra: Optional[List[str]] = None) -> List[List[str]]:
    return [[*here.openssh("ssh", host), *(extra or []), destination(host), "true"] for host in here.hosts]


def _shown(commands: List[List[str]]) -> str:
    return f"{shlex.join(commands[0])} (and {len(commands) - 1} more at once, one for each port)"


def _at_once(commands: List[List[str]], here: Ground) -> float:
    """Start all, then wait for all; every one has to succeed."""
    began = time.perf_counter()
    clients = [
        subprocess.Popen(
            command, env=here.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    failed = sum(client.wait() != 0 for client in clients)
    took = time.perf_counter() - began
    if failed:
        raise BenchError(f"{failed} of {len(commands)} ssh failed")
    return took


@contextlib.contextmanager
def _masters(here: Ground) -> Iterator[List[str]]:
    """One connection to each host, held open; gives the words that make a client use it."""
    words = ["-o", f"ControlPath={here.folder}/%p.master"]
    try:
        for host in here.hosts:
            subprocess.run(
                [*here.openssh("ssh", host), *words, "-M", "-N", "-f", destination(host)], env=here.env, check=True
            )
        yield words
    finally:
        for host in here.hosts:
            ending = [*here.openssh("ssh", host), *words, "-O", "exit", destination(host)]
            subprocess.run(ending, stderr=subprocess.DEVNULL, check=False)


def _ansible(here: Ground) -> Optional[Side]:
    """Ansible with as many forks as hosts, its module that needs no Python there, and no connection kept."""
    if not shutil.which("ansible"):
        return None
    inventory = here.folder / "inventory"
    lines = [
        f"{host['name']} ansible_host={host['address']} ansible_port={host['port']} ansible_user={host['user']}"
        f" ansible_ssh_private_key_file={here.key}"
        for host in here.hosts
    ]
    inventory.write_text("\n".join(lines) + "\n", encoding="ascii")
    # Empty, in the place of the one that this machine may have.
    config = here.folder / "ansible.cfg"
    config.write_text("[defaults]\n", encoding="ascii")
    settings = {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(here.folder / "ansible"),
        "ANSIBLE_SSH_ARGS": f"-F /dev/null -o UserKnownHostsFile={here.lab}/known_hosts -o IdentitiesOnly=yes",
    }
    command = ["ansible", "all", "-i", str(inventory), "-f", str(HOSTS), "-m", "raw", "-a", "true"]
    shown = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
    return Side("ansible", f"{shown} {shlex.join(command)}", lambda: timed(command, {**here.env, **settings}))
