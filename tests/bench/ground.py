"""What most benchmarks stand on: a lab and a vault of their own, gone at the end.

All of it is in memory where the system lets it be: a disk would be what is measured.
"""

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
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        # No process that holds keys is found but the one that a benchmark starts.
        self._state = {"XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(runtime)}
        # No agent: neither side gets keys that the other one lacks.
        without = ("SSH_AUTH_SOCK", "BEFFROI_VAULT", "BEFFROI_AGENT", "BEFFROI_PASSPHRASE_FILE")
        self.env = {name: value for name, value in os.environ.items() if name not in without}

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
            self.add(host)
        self.hosts = list(hosts)

    def add(self, host: Dict[str, Any]) -> None:
        """Put a host into the vault."""
        access = ["--user", host["user"], "--port", str(host["port"]), "--identity", _SECRET]
        trust = ["--trust", host["host_key_fingerprint"]]
        self._ask(self.words("host", "add", host["name"], host["address"], *access, *trust))

    @contextlib.contextmanager
    def agent(self) -> Iterator[None]:
        """The vault is open in the process that holds the keys."""
        try:
            self._ask(self.words("vault", "unlock"))
            yield
        finally:
            ending = [self._program, "agent", "stop"]
            subprocess.run(ending, env={**self.env, **self._state}, stderr=subprocess.DEVNULL, check=False)

    def asking(self, name: str, *command: str, expect: Optional[Callable[[str], bool]] = None) -> Side:
        """The side that asks the process that holds the keys, over connections that it has."""
        return self.beffroi(name, list(command), expect)

    def cold(self, side: Side) -> Side:
        """The same side without a connection: locking closes them all. Neither locking nor opening is part of its time."""

        def once() -> float:
            self._ask(["vault", "lock"])
            self._ask(self.words("vault", "unlock"))
            return side.once()

        return Side(side.name, side.command, once)

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

    def servers_own(self, side: Side, times: int) -> float:
        """Processor time that the servers, and what they start, take for one more run of a side; of so many runs the mean."""
        before = self._servers_seconds()
        for _ in range(times):
            side.once()
        return (self._servers_seconds() - before) / times

    def _servers_seconds(self) -> float:
        """Processor time of the lab's servers, of all that they started, and of all of those that ended."""
        inside = {int((self.lab / "hosts" / host["name"] / "sshd.pid").read_text(encoding="ascii")) for host in self.hosts}
        parents, seconds = {}, {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                # Its own to the nanosecond (these have one thread), those of its ended children to the tick.
                own = int((folder / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
                parents[int(folder.name)] = int(fields[1])
                seconds[int(folder.name)] = own + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        more = inside
        while more:
            more = {process for process, parent in parents.items() if parent in inside} - inside
            inside |= more
        return sum(seconds.get(process, 0.0) for process in inside)

    @property
    def key(self) -> str:
        """The lab's client key."""
        return str(self.lab / "keys" / "id_ed25519")

    def openssh(self, program: str, host: Dict[str, Any]) -> List[str]:
        """An OpenSSH program with its own defaults, the lab's key and pins, and nobody to ask."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={self.lab / 'known_hosts'}"]
        words = [word for option in [*options, "IdentitiesOnly=yes"] for word in ("-o", option)]
        # One behind a relay has the key of the one that the relay leads to.
        alias = ["-o", f"HostKeyAlias=[{host['address']}]:{host['behind']}"] if "behind" in host else []
        port = "-p" if program == "ssh" else "-P"
        return [program, "-F", "/dev/null", *words, *alias, "-i", self.key, port, str(host["port"])]

    def sftp(self, name: str, host: Dict[str, Any], request: str, extra: Sequence[str] = ()) -> Side:
        """The side that has sftp do one thing; it takes from a file what it is to do."""
        batch = self.folder / f"{name.replace(' ', '-')}.batch"
        batch.write_text(f"{request}\n", encoding="utf-8")
        side = self.side(name, [*self.openssh("sftp", host), *extra, "-q", "-b", str(batch), destination(host)])
        return Side(name, f"{side.command}   # {shlex.quote(request)}", side.once)

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
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", dir=memory, ignore_cleanup_errors=True) as folder:
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
