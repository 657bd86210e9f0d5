"""What the tests of the stand-in share: a server to run commands on, and the recordings."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List

HERE = Path(__file__).resolve().parent
COMMAND = HERE / "bin" / "yunohost"
RECORDINGS = HERE.parents[1] / "fixtures" / "yunohost" / "12.1.25" / "transcripts"

DEADLINE = 120
"""Seconds after which a command is taken for stuck; nothing is ever this slow."""

Json = Dict[str, Any]


class Recording:
    """One recorded command and what it answered."""

    def __init__(self, number: str) -> None:
        (path,) = RECORDINGS.glob(f"{number}-*.json")
        self.name = path.stem
        recorded = json.loads(path.read_text(encoding="utf-8"))
        self.command: List[str] = recorded["cmd"]
        self.exit: int = recorded["exit"]
        self.stdout: str = recorded["stdout"]
        self.stderr: str = recorded["stderr"]

    @property
    def result(self) -> Any:
        """The JSON it printed."""
        return json.loads(self.stdout.splitlines()[-1])


class Server:
    """A stand-in with its own state."""

    def __init__(self, folder: str, seed: Json) -> None:
        seed_file = Path(folder, "seed.json")
        seed_file.write_text(json.dumps(seed), encoding="utf-8")
        self.folder = Path(folder, "state")
        self.environment = {
            "PATH": f"{HERE / 'bin'}:{os.environ['PATH']}",
            "BEFFROI_LAB_STATE": str(self.folder),
            "BEFFROI_LAB_SEED": str(seed_file),
            "BEFFROI_LAB_SPEED": "0",
            "LANG": "C.UTF-8",
        }

    def run(self, command: List[str]) -> "subprocess.CompletedProcess[str]":
        """Run a command line; a single word is a line for the shell, as over SSH."""
        words = ["sh", "-c", command[0]] if len(command) == 1 and " " in command[0] else command
        return subprocess.run(
            words,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )

    def start(self, *words: str, **variables: str) -> "subprocess.Popen[str]":
        """Begin a command and leave it running, in a session of its own as under sshd."""
        return subprocess.Popen(
            ["yunohost", *words],
            env={**self.environment, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def query(self, *words: str) -> Any:
        """The JSON a read-only command answers."""
        answer = self.run(["yunohost", *words, "--output-as", "json"])
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout.splitlines()[-1])
