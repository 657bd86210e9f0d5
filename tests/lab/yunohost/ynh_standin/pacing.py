"""How long things take.

The real command is slow, and clients have to live with it; tests have not. One
factor scales every recorded duration, and one variable replaces it by a long,
steady operation for the tests that cut a connection in the middle.
"""

from __future__ import annotations

import os
import time
from typing import Callable, Optional

READ_SECONDS = 0.45
_STEPS = 20


def _number(name: str) -> Optional[float]:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    value = float(text)
    if value < 0:
        raise ValueError(f"{name} must not be negative")
    return value


class Pace:
    """Spends the time of one command, in shares of its whole duration."""

    def __init__(self, seconds: float, progress: Optional[Callable[[str], None]] = None) -> None:
        speed = _number("BEFFROI_LAB_SPEED")
        slow = _number("BEFFROI_LAB_SLOW_SECONDS") if progress else None
        self._progress = progress if slow else None
        self._seconds = slow if slow else seconds * (1.0 if speed is None else speed)
        self._share = 0.0
        self._step = 0

    def reach(self, share: float) -> None:
        """Let time pass until `share` (0 to 1) of the command is behind."""
        if self._progress is None:
            self._sleep((share - self._share) * self._seconds)
        else:
            while self._step < round(share * _STEPS):
                self._sleep(self._seconds / _STEPS)
                self._step += 1
                done, to_do = "#" * (self._step - 1) + "+", "." * (_STEPS - self._step)
                self._progress(f"[{done}{to_do}] > Step {self._step} of {_STEPS}")
        self._share = share

    @staticmethod
    def _sleep(seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)
