"""The one way an action ends badly."""

from __future__ import annotations


class Refused(Exception):
    """The action stops here: its text becomes the `ERROR` line and the exit code is 1."""


NOT_A_TTY = "Not a tty, can't do interactive prompts"


def prompt_needed() -> Refused:
    """What the real command answers when it would have to ask and nobody is there."""
    return Refused(NOT_A_TTY)
