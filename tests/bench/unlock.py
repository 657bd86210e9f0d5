"""unlock: opening a vault by its passphrase, against its key derivation alone.

The derivation is slow on purpose; all the rest must stay unnoticed beside it.
"""

from __future__ import annotations

import json

import building
from ground import Ground, ground
from measuring import Report, version

AT_MOST_MS = 150


def measure() -> Report:
    program, kdf = building.beffroi(), building.kdf()
    with ground(program) as here:
        cost = _cost(here)
        report = Report(
            f"opening a vault: Argon2id, {cost[0]} KiB, {cost[1]} passes, {cost[2]} lanes", [version(program, "--version")]
        )
        sides = [
            here.beffroi("passphrase", here.words_with_passphrase("vault", "info")),
            here.side("argon2 alone", [kdf, *map(str, cost)]),
            here.beffroi("recovery words", here.words("vault", "info")),
        ]
        report.time(sides)
    report.mark_excess("passphrase", "argon2 alone", AT_MOST_MS)
    return report


def _cost(here: Ground) -> "tuple[int, int, int]":
    """Memory in KiB, passes and lanes, from the vault's public header."""
    header = json.loads((here.vault / "header.json").read_text(encoding="utf-8"))
    slot = next(slot for slot in header["slots"] if slot["kind"] == "passphrase")
    return slot["memory_kib"], slot["passes"], slot["lanes"]
