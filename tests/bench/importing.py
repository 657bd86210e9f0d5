"""importing: a KeePass file of 10,000 entries, taken into an empty vault, and taken again.

The file is made by KeePassXC. Deriving its key costs what the file says, and KeePassXC
as much: a file with one entry and the same cost shows it, and what is left above it is
what 10,000 entries cost. Taking the file again must change nothing. The vault is opened
by its recovery words, which need no key derivation.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

import building
from measuring import BenchError, Report, Side, Unavailable, version

ENTRIES = 10_000
ABOVE_ONE_ENTRY_MS = 3_000
PASSWORD = "measured, then forgotten"


class Ground:
    """A vault that is copied anew for each import, and two files to import."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder, program
        self.env = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen"}
        for name in ("BEFFROI_VAULT", "BEFFROI_PASSPHRASE_FILE", "BEFFROI_AGENT"):
            self.env.pop(name, None)
        (folder / "password").write_text(PASSWORD + "\n", encoding="ascii")
        made = self.run([program, "--json", "--passphrase-file", str(folder / "password"), "vault", "create", str(folder / "empty")])
        (folder / "words").write_text(json.loads(made)["data"]["recovery_words"] + "\n", encoding="ascii")
        shutil.copytree(folder / "state", folder / "empty-state")
        self.keepass("one", 1)
        self.keepass("many", ENTRIES)

    def run(self, command: List[str], given: str = "") -> str:
        done = subprocess.run(command, env=self.env, input=given, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}{done.stdout[-500:]}")
        return done.stdout

    def keepass(self, name: str, entries: int) -> None:
        """Lets KeePassXC make a file of so many entries."""
        rows = "".join(
            f"<Entry><String><Key>Title</Key><Value>server {number}</Value></String><String><Key>UserName</Key><Value>root</Value></String>"
            f"<String><Key>Password</Key><Value Protected='True'>{secrets.token_urlsafe(18)}</Value></String>"
            f"<String><Key>URL</Key><Value>https://host-{number}.example.org</Value></String>"
            f"<String><Key>Notes</Key><Value>rack {number % 40}</Value></String></Entry>"
            for number in range(entries)
        ).replace("Protected='True'", "ProtectInMemory='True'")
        text = f"<?xml version='1.0' encoding='UTF-8'?><KeePassFile><Meta/><Root><Group><Name>Root</Name>{rows}</Group></Root></KeePassFile>"
        (self.folder / f"{name}.xml").write_text(text, encoding="utf-8")
        command = ["keepassxc-cli", "import", "-q", "-p", "-t", "100", str(self.folder / f"{name}.xml"), str(self.folder / f"{name}.kdbx")]
        self.run(command, f"{PASSWORD}\n{PASSWORD}\n")

    def command(self, vault: str, name: str) -> List[str]:
        opened = [self.program, "--vault", str(self.folder / f"{vault}.beffroi"), "--recovery-file", str(self.folder / "words"), "--json"]
        return [*opened, "secret", "import", str(self.folder / f"{name}.kdbx"), "--password-file", str(self.folder / "password"), "--yes"]

    def side(self, row: str, name: str, fresh: bool, added: int) -> Side:
        """The whole run of an import."""
        command = self.command("work", name)

        def once() -> float:
            if fresh:
                # What this machine has seen of the vault, which is not to be older than that, goes along.
                for place, empty in (("work.beffroi", "empty.beffroi"), ("state", "empty-state")):
                    shutil.rmtree(self.folder / place, ignore_errors=True)
                    shutil.copytree(self.folder / empty, self.folder / place)
            began = time.perf_counter()
            done: Dict[str, Any] = json.loads(self.run(command))["data"]["done"]
            took = time.perf_counter() - began
            if (done["added"], done["changed"]) != (added, 0):
                raise BenchError(f"{row}: {done}")
            return took

        return Side(row, shlex.join(command), once)

    def export(self) -> Side:
        """The same file, read and written out by KeePassXC."""
        command = ["keepassxc-cli", "export", "-q", "-f", "xml", str(self.folder / "many.kdbx")]

        def once() -> float:
            began = time.perf_counter()
            self.run(command, f"{PASSWORD}\n")
            return time.perf_counter() - began

        return Side("keepassxc-cli", shlex.join(command), once)


def measure() -> Report:
    if shutil.which("keepassxc-cli") is None:
        raise Unavailable("keepassxc-cli not found (Debian: apt install keepassxc)")
    program = building.beffroi()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-", ignore_cleanup_errors=True) as folder:
        ground = Ground(Path(folder), program)
        versions = [version(program, "--version"), f"KeePassXC {version('keepassxc-cli', '--version')}"]
        report = Report(f"{ENTRIES} entries of a KeePass file, taken into a vault", versions)
        report.time(
            [
                ground.side("one entry", "one", True, 1),
                ground.side("import", "many", True, ENTRIES),
                ground.side("again", "many", False, 0),
                ground.export(),
            ]
        )
    report.mark_excess("import", "one entry", ABOVE_ONE_ENTRY_MS)
    report.notes += [
        "import: read, compared with the vault, sealed one by one, and written durably in one transaction; the start of the program is in it.",
        "again: the same file into the vault that has it; nothing is written. keepassxc-cli only reads, and prints.",
    ]
    return report
