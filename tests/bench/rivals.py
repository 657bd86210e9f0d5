"""The programs that do it today, each as fast as its own settings let it be."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import time
from typing import Iterator, List, Sequence

from ground import Ground, destination
from measuring import BenchError, Side, Unavailable, timed

_SAME_KEX = ["-o", "KexAlgorithms=curve25519-sha256"]
"""The key exchange that Beffroi uses; by itself OpenSSH prefers a costlier, post-quantum one."""


def require_ansible() -> None:
    """Ansible has to be here."""
    if not shutil.which("ansible"):
        raise Unavailable("ansible not found (Debian: apt install ansible-core)")


def ssh_at_once(here: Ground, name: str, extra: Sequence[str] = ()) -> Side:
    """One OpenSSH client for each host, all started before the first is waited for."""
    commands = [[*here.openssh("ssh", host), *extra, destination(host), "true"] for host in here.hosts]

    def once() -> float:
        began = time.perf_counter()
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        clients = [subprocess.Popen(command, env=here.env, **quiet) for command in commands]
        failed = sum(client.wait() != 0 for client in clients)
        took = time.perf_counter() - began
        if failed:
            raise BenchError(f"{failed} of {len(commands)} ssh failed")
        return took

    return Side(name, f"{shlex.join(commands[0])} (and {len(commands) - 1} more at once, one for each port)", once)


def ssh_at_once_alike(here: Ground, name: str) -> Side:
    """The same, kept to the key exchange that Beffroi uses."""
    return ssh_at_once(here, name, _SAME_KEX)


@contextlib.contextmanager
def masters(here: Ground) -> Iterator[List[str]]:
    """One connection to each host, held open; gives the words that make a client use it."""
    words = ["-o", f"ControlPath={here.folder}/%p.master"]
    try:
        for host in here.hosts:
            holding = ["-o", "ControlPersist=3600", "-M", "-N", "-f", destination(host)]
            subprocess.run([*here.openssh("ssh", host), *words, *holding], env=here.env, check=True)
        yield words
    finally:
        for host in here.hosts:
            ending = [*here.openssh("ssh", host), *words, "-O", "exit", destination(host)]
            subprocess.run(ending, stderr=subprocess.DEVNULL, check=False)


def ansible(here: Ground, name: str, module: Sequence[str], warm: Sequence[str] = ()) -> Side:
    """Ansible with a fork for each host and pipelining; over the masters' connections when given their words, else none is kept."""
    inventory = here.folder / "inventory"
    lines = [
        f"{host['name']} ansible_host={host['address']} ansible_port={host['port']} ansible_user={host['user']}"
        f" ansible_ssh_private_key_file={here.key} ansible_python_interpreter=/usr/bin/python3"
        for host in here.hosts
    ]
    inventory.write_text("\n".join(lines) + "\n", encoding="ascii")
    # Empty, in the place of the one that this machine may have.
    config = here.folder / "ansible.cfg"
    config.write_text("[defaults]\n", encoding="ascii")
    options = ["-F", "/dev/null", "-o", f"UserKnownHostsFile={here.lab}/known_hosts", "-o", "IdentitiesOnly=yes"]
    kept = ["-o", "ControlMaster=auto", "-o", "ControlPersist=3600", *warm] if warm else []
    settings = {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(here.folder / "ansible"),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": shlex.join([*options, *kept]),
    }
    command = ["ansible", "all", "-i", str(inventory), "-f", str(len(here.hosts)), *module]
    shown = " ".join(f"{key}={shlex.quote(value)}" for key, value in settings.items())
    return Side(name, f"{shown} {shlex.join(command)}", lambda: timed(command, {**here.env, **settings}))
