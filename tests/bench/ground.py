"""What most benchmarks stand on: a lab and a vault of their own, gone at the end."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from building import ROOT
from measuring import BenchError, Side, timed

_LAB = str(ROOT / "tests" / "lab" / "lab")
_SECRET = "bench/key"


class Ground:
    """A folder with a lab, and a vault that holds some of its hosts."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.lab = folder / "lab"
        self.vault = folder / "bench.beffroi"
        self.hosts: List[Dict[str, Any]] = []
        self._program = program
        self._passphrase = folder / "passphrase"
        self._words = folder / "recovery-words"
        self._state = {"XDG_STATE_HOME": str(folder / "state")}
        # No agent: neither side gets keys that the other one lacks.
        self.env = {name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"}

    def start(self, bulk: int) -> Dict[str, Dict[str, Any]]:
        """Bring the lab up; gives its hosts by name."""
        command = [_LAB, "up", "--dir", str(self.lab), "--hosts", str(bulk), "--speed", "0", "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise BenchError("the lab did not come up")
        return {host["name"]: host for host in json.loads(done.stdout)["hosts"]}

    def stop(self) -> None:
        """Stop the lab. The folder is somebody else's to remove."""
        subprocess.run([_LAB, "down", "--dir", str(self.lab)], check=False)

    def make_vault(self, hosts: Sequence[Dict[str, Any]]) -> None:
        """Make the vault, with these hosts and the key to them."""
        self._passphrase.write_text("measured, then forgotten\n", encoding="ascii")
        made = self._ask(["vault", "create", str(self.vault), "--passphrase-file", str(self._passphrase), "--json"])
        self._words.write_text(json.loads(made)["data"]["recovery_words"] + "\n", encoding="ascii")
        self._ask(self.words("secret", "set", _SECRET, "--from-file", self.key))
        for host in hosts:
            access = ["--user", host["user"], "--port", str(host["port"]), "--identity", _SECRET]
            trust = ["--trust", host["host_key_fingerprint"]]
            self._ask(self.words("host", "add", host["name"], host["address"], *access, *trust))
        self.hosts = list(hosts)

    def words(self, *command: str) -> List[str]:
        """The words of a command on the vault opened by its recovery words, which need no key derivation."""
        return ["--vault", str(self.vault), "--recovery-file", str(self._words), *command]

    def words_with_passphrase(self, *command: str) -> List[str]:
        """The words of a command on the vault opened by its passphrase."""
        return ["--vault", str(self.vault), "--passphrase-file", str(self._passphrase), *command]

    def beffroi(self, name: str, words: List[str], expect: Optional[Callable[[str], bool]] = None) -> Side:
        """The side that runs Beffroi with these words."""
        command = [self._program, *words]
        shown = " ".join(f"{key}={value}" for key, value in self._state.items())
        return Side(name, f"{shown} {shlex.join(command)}", lambda: timed(command, {**self.env, **self._state}, expect))

    def side(self, name: str, command: List[str]) -> Side:
        """The side that runs another program."""
        return Side(name, shlex.join(command), lambda: timed(command, self.env))

    @property
    def key(self) -> str:
        """The lab's client key."""
        return str(self.lab / "keys" / "id_ed25519")

    def openssh(self, program: str, host: Dict[str, Any]) -> List[str]:
        """An OpenSSH program with its own defaults, the lab's key and pins, and nobody to ask."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={self.lab / 'known_hosts'}"]
        words = [word for option in [*options, "IdentitiesOnly=yes"] for word in ("-o", option)]
        port = "-p" if program == "ssh" else "-P"
        return [program, "-F", "/dev/null", *words, "-i", self.key, port, str(host["port"])]

    def _ask(self, words: List[str]) -> str:
        done = subprocess.run(
            [self._program, *words], env={**self.env, **self._state}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BenchError(f"beffroi {shlex.join(words)}: exit {done.returncode}\n{done.stderr}{done.stdout}")
        return done.stdout


@contextlib.contextmanager
def ground(program: str, bulk: int = 0) -> Iterator[Ground]:
    """A lab and a vault: the `bulk-*` hosts when any are asked for, else `plain-1` alone."""
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        made = Ground(Path(folder), program)
        try:
            lab = made.start(bulk)
            wanted = [name for name in lab if name.startswith("bulk-")] if bulk else ["plain-1"]
            made.make_vault([lab[name] for name in wanted])
            yield made
        finally:
            made.stop()


def destination(host: Dict[str, Any]) -> str:
    """`user@address`, as OpenSSH wants it."""
    return f"{host['user']}@{host['address']}"
