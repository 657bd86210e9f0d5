"""What reaches the two output streams, and in which dress.

Kept apart because clients depend on it most: levels go to fixed streams, each
line is flushed alone, and a reader that has gone away must never stop the work.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Callable, List, Optional

_COLOURS = {"DEBUG": 37, "INFO": 36, "SUCCESS": 32, "WARNING": 33, "ERROR": 31}
_TERMINAL_LABELS = {"INFO": "Info:", "SUCCESS": "Success!", "WARNING": "Warning:", "ERROR": "Error:"}


class Console:
    """Writes log lines, bare notices and the final result."""

    def __init__(self, output_as: Optional[str], quiet: bool, debug: bool) -> None:
        self.output_as = output_as
        self.quiet = quiet
        self.verbose = debug
        self._started = time.monotonic()
        self._listeners: List[Callable[[str, str], None]] = []

    def listen(self, listener: Callable[[str, str], None]) -> None:
        """Have every log line also told to `listener(level, text)`, whatever is displayed."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[str, str], None]) -> None:
        self._listeners.remove(listener)

    def debug(self, text: str) -> None:
        self._log("DEBUG", text)

    def info(self, text: str) -> None:
        self._log("INFO", text)

    def success(self, text: str) -> None:
        self._log("SUCCESS", text)

    def warning(self, text: str) -> None:
        self._log("WARNING", text)

    def error(self, text: str) -> None:
        self._log("ERROR", text)

    def notice(self, text: str) -> None:
        """A bare line on standard output, shown even with --quiet as the real command does."""
        write_line(sys.stdout, text)

    def result(self, value: Any) -> None:
        """Print what an action returned; nothing at all when it returned nothing."""
        if value is None or self.output_as == "none":
            return
        if self.output_as == "json":
            write_line(sys.stdout, json.dumps(value))
        elif self.output_as == "plain":
            for line in _plain(value):
                write_line(sys.stdout, line)
        else:
            for line in _pretty(value):
                write_line(sys.stdout, line)

    def _log(self, level: str, text: str) -> None:
        for listener in self._listeners:
            listener(level, text)
        if self.quiet or (level == "DEBUG" and not self.verbose):
            return
        stream = sys.stderr if level in ("WARNING", "ERROR") else sys.stdout
        label = level
        if _is_terminal(stream):
            shown = level if self.verbose else _TERMINAL_LABELS.get(level, level)
            label = f"\033[{_COLOURS[level]}m\033[1m{shown}\033[m"
        if self.verbose:
            elapsed = int((time.monotonic() - self._started) * 1000)
            label = f"{elapsed:<4d} {label}"
        write_line(stream, f"{label} {text}")


def write_line(stream: Any, text: str) -> None:
    """Write and flush one line; a closed pipe is not this program's problem."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        _discard(stream)


def _discard(stream: Any) -> None:
    """Point a broken stream at nowhere so that the interpreter's last flush stays silent."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
    except (OSError, ValueError, AttributeError):
        pass


def _is_terminal(stream: Any) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def _plain(value: Any, depth: int = 0) -> List[str]:
    """The `plain` format: `#` signs for keys; a single top-level key is left out."""
    if depth == 0 and isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    if isinstance(value, list):
        return [line for item in value for line in _plain(item, depth + 1)]
    if isinstance(value, dict):
        lines: List[str] = []
        for key, item in value.items():
            lines.append("#" * (depth + 1) + str(key))
            lines += _plain(item, depth + 1)
        return lines
    return [str(value)]


def _pretty(value: Any, depth: int = 0) -> List[str]:
    """The default format, for people."""
    if not isinstance(value, dict):
        return [str(value)]
    margin = "  " * depth
    lines: List[str] = []
    keys = list(value) if isinstance(value, Ordered) else sorted(value, key=str)
    for key in keys:
        item = value[key]
        if isinstance(item, list) and len(item) == 1:
            item = item[0]
        if isinstance(item, dict):
            lines.append(f"{margin}{key}: ")
            lines += _pretty(item, depth + 1)
        elif isinstance(item, list):
            lines.append(f"{margin}{key}: ")
            for position, entry in enumerate(item):
                if isinstance(entry, dict):
                    lines += _pretty({position: entry}, depth + 1)
                else:
                    lines.append(f"{margin}  - {entry}")
        else:
            lines.append(f"{margin}{key}: {item}")
    return lines


class Ordered(dict):
    """A result whose keys keep their order in the default format (others are sorted)."""
