"""Two or more ways to do one thing, timed in turn, and what must come out of it.

In turn, because a machine's speed drifts: what disturbs one side disturbs the
other as well. A first round is run and not counted, so that no side pays for
files that nobody had read yet.
"""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

ROUNDS = 5
NEAR_FLOOR = 0.6
"""What has to be reached of what a floor allows, where that is less than a mark. A judgement, made once for all (ADR 0013)."""
_PATIENCE_SECONDS = 300.0


class BenchError(Exception):
    """A benchmark that could not be measured; says why."""


class Unavailable(BenchError):
    """This machine lacks what the benchmark needs."""


@dataclass(frozen=True)
class Side:
    """One way to do it."""

    name: str
    command: str
    """As it is run, for the reader."""
    once: Callable[[], float]
    """Does it, and gives how many seconds it took."""


@dataclass(frozen=True)
class Mark:
    """What a benchmark has to reach."""

    what: str
    value: float
    limit: float
    unit: str
    least: bool = False
    """Whether the limit is the least that it may be; else the most."""
    wanted: Optional[float] = None
    """What was asked for, where a floor that was measured in the same run allows less."""
    allowed: Optional[float] = None
    """What that floor allows: how fast whoever takes no longer than the floor would be."""

    def reached(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit

    def text(self) -> str:
        verdict = "reached" if self.reached() else "MISSED"
        side = "at least" if self.least else "at most"
        floor = "" if self.wanted is None else f" (wanted {self.wanted:g}, floor allows {self.allowed:.3g})"
        return f"mark: {self.what} {side} {self.limit:.3g} {self.unit}{floor}: {self.value:.3g} {self.unit}, {verdict}"


@dataclass
class Report:
    """What a benchmark found."""

    title: str
    versions: Sequence[str]
    commands: Dict[str, str] = field(default_factory=dict)
    seconds: Dict[str, List[float]] = field(default_factory=dict)
    marks: List[Mark] = field(default_factory=list)
    floors: Dict[str, float] = field(default_factory=dict)
    """Seconds of what is not the client's work, by the side that they are about."""
    notes: List[str] = field(default_factory=list)
    loads: List[float] = field(default_factory=lambda: [os.getloadavg()[0]])

    def time(self, sides: Sequence[Side], rounds: int = ROUNDS) -> None:
        """Run every side once for nothing, then all of them in turn."""
        for side in sides:
            self.commands[side.name] = side.command
            self.seconds[side.name] = []
            side.once()
        for _ in range(rounds):
            for side in sides:
                self.seconds[side.name].append(side.once())
        self.loads.append(os.getloadavg()[0])

    def difference(self, name: str, total: str, part: str) -> None:
        """Another row: of each round, one side less another."""
        pairs = zip(self.seconds[total], self.seconds[part])
        self.seconds[name] = [whole - less for whole, less in pairs]

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def mark_ratio(self, name: str, other: str, at_most: float) -> None:
        """`name` may take `at_most` times what `other` takes (medians)."""
        ratio = self.median(name) / self.median(other)
        self.marks.append(Mark(f"{name} / {other}", ratio, at_most, "times"))

    def mark_faster(self, name: str, others: Sequence[str], at_least: float) -> None:
        """`name` has to be `at_least` times as fast as the fastest of the others (medians)."""
        other = min(others, key=self.median)
        times = self.median(other) / self.median(name)
        self.marks.append(Mark(f"{name} as fast as {other}", times, at_least, "times", least=True))

    def floor(self, name: str, seconds: float, what: str) -> None:
        """The time that the work around the client of `name` takes, measured in this run."""
        self.floors[name] = seconds
        self.notes.append(f"floor of {name}: {seconds:.3f} s: {what}")

    def mark_faster_or_near(self, name: str, others: Sequence[str], at_least: float) -> None:
        """As `mark_faster`; only where the floor of `name` allows less, it has to reach `NEAR_FLOOR` of what that allows."""
        other = min(others, key=self.median)
        times, allowed = self.median(other) / self.median(name), self.median(other) / self.floors[name]
        if allowed >= at_least:
            return self.mark_faster(name, others, at_least)
        what, limit = f"{name} as fast as {other}", allowed * NEAR_FLOOR
        self.marks.append(Mark(what, times, limit, "times", least=True, wanted=at_least, allowed=allowed))

    def mark_excess(self, name: str, other: str, at_most_ms: float) -> None:
        """`name` may take `at_most_ms` milliseconds more than `other` (medians)."""
        excess = (self.median(name) - self.median(other)) * 1000
        self.marks.append(Mark(f"{name} - {other}", excess, at_most_ms, "ms"))

    def reached(self) -> bool:
        return all(mark.reached() for mark in self.marks)

    def text(self) -> str:
        width = max(map(len, self.seconds)) + 2
        lines = [self.title, *self.versions, ""]
        lines += [f"{name:<{width}}$ {command}" for name, command in self.commands.items()]
        lines += ["", f"{'seconds':<{width}}{'min':>8}{'median':>8}{'max':>8}   runs"]
        for name, seconds in self.seconds.items():
            summary = (min(seconds), statistics.median(seconds), max(seconds))
            runs = " ".join(f"{one:.3f}" for one in seconds)
            lines.append(f"{name:<{width}}{''.join(f'{one:>8.3f}' for one in summary)}   {runs}")
        loads = ", ".join(f"{load:.1f}" for load in self.loads)
        lines += ["", f"load average before and after: {loads}; {os.cpu_count()} processors", *self.notes]
        return "\n".join(lines + [mark.text() for mark in self.marks])

    def data(self) -> Dict[str, Any]:
        """For programs."""
        medians = {name: self.median(name) for name in self.seconds}
        marks = [{**vars(mark), "reached": mark.reached()} for mark in self.marks]
        return {**vars(self), "versions": list(self.versions), "medians": medians, "marks": marks}


def timed(command: Sequence[str], env: Mapping[str, str], expect: Optional[Callable[[str], bool]] = None) -> float:
    """Run a command, and give its seconds from start to end; it must succeed and say what is expected."""
    began = time.perf_counter()
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
    )
    took = time.perf_counter() - began
    if done.returncode != 0 or not (expect is None or expect(done.stdout)):
        raise BenchError(f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}{done.stdout[-500:]}")
    return took


def version(*command: str) -> str:
    """The first line in which a program says its version."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]
