"""Replacing every name in a recording by another one, consistently.

A stand-in that only repeated recordings would pass a comparison with them. So
the comparison is also made with names nobody recorded: in the seed, in the
commands and in the expected answers alike.
"""

from __future__ import annotations

import random
import re
import string
from typing import Any, Callable, Dict, List, Sequence


class Disguise:
    """A replacement of words by words (and of numbers by numbers), or of nothing."""

    def __init__(self, words: Dict[str, str], numbers: Dict[int, int]) -> None:
        self._words, self._numbers = words, numbers
        longest_first = sorted(words, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if words else None

    @classmethod
    def none(cls) -> "Disguise":
        return cls({}, {})

    @classmethod
    def random(cls, source: random.Random) -> "Disguise":
        words: Dict[str, str] = {}
        for family, invent in _FAMILIES:
            # The order of names shows in the answers: keep it.
            invented = sorted({invent(source) for _ in range(4 * len(family))})
            chosen = sorted(source.sample(invented, len(family)))
            words.update(zip(sorted(family), chosen))
        for package, title, name in _PACKAGES:
            words[title] = words[name] = words[package].title()
        return cls(words, {number: source.randrange(2000, 10**9) for number in _NUMBERS})

    def keeping(self, *words: str, numbers: bool) -> "Disguise":
        """The same, but these words stay as they are, and the numbers if that is wanted."""
        kept = {word: other for word, other in self._words.items() if word not in words}
        return Disguise(kept, {} if numbers else self._numbers)

    def changed(self, keep: Sequence[str], words: Dict[str, str], numbers: Dict[int, int]) -> "Disguise":
        """The same, but for words that mean something else in a test, and with words and numbers of its own."""
        kept = {word: other for word, other in self._words.items() if word not in keep}
        return Disguise({**kept, **words}, {**self._numbers, **numbers})

    def text(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._words[found.group()], text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The same for everything inside a JSON value, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            return self._numbers.get(value, value)
        return value


def _letters(source: random.Random, length: int) -> str:
    return "".join(source.choices(string.ascii_lowercase, k=length))


def _username(source: random.Random) -> str:
    return _letters(source, 5) + source.choice(("", "_", ".", "7")) + _letters(source, 3)


def _groupname(source: random.Random) -> str:
    return f"{_letters(source, 6)}_{source.randrange(10, 99)}"


def _domain(source: random.Random) -> str:
    return f"{_letters(source, 9)}.example"


def _fullname(source: random.Random) -> str:
    first = source.choice("ÀÉÎÔÜÇÑ") + _letters(source, 5)
    return f"{first} {source.choice(string.ascii_uppercase)}{_letters(source, 7)}"


def _not_a_username(source: random.Random) -> str:
    return _fullname(source) + "!"


def _package(source: random.Random) -> str:
    return _letters(source, 9)


def _sentence(source: random.Random) -> str:
    return " ".join(_letters(source, source.randrange(2, 9)) for _ in range(6)) + " “é”"


def _version(source: random.Random) -> str:
    return f"{source.randrange(3, 99)}.{source.randrange(99)}~ynh{source.randrange(3, 20)}"


def _archive(source: random.Random) -> str:
    return f"{_letters(source, 8)}-{source.randrange(10, 99)}"


_FAMILIES: List[tuple[Sequence[str], Callable[[random.Random], str]]] = [
    (("adminone", "alice", "bob", "carol", "nobody"), _username),
    (("friends", "g2", "g3"), _groupname),
    (("maison.test", "second.test", "ynh1.test"), _domain),
    (
        (
            "Admin One", "Alice Liddell", "Alice Again", "Alice L. Liddell",
            "Bob Bobby", "Bob B", "Carol C", "Élise Dûpont",
        ),
        _fullname,
    ),
    (("Bob Upper",), _not_a_username),
    (("hextris", "labapp", "my_webapp", "vitrine"), _package),
    (("Puzzle", "Renamed"), _sentence),
    (("A page that stands still", "Avant la visite", "Fast paced puzzle game", "Tiny app used to exercise a remote administration client"), _sentence),
    (("2023.06.09~ynh2", "1.0~ynh21", "12.1.25", "12.1.2+labstub"), _version),
    (("alias@",), lambda source: f"{_letters(source, 7)}@"),
    (("nginx", "nope", "yunohost-api", "yunohost-portal-api"), _archive),
    (("evening", "ghost", "hextris-pre-upgrade1", "lab1", "lab2", "labapp-pre-upgrade1"), _archive),
    (("Handles domain name resolution (DNS)", "Used to send and receive e-mails"), _sentence),
]  # fmt: skip
_PACKAGES = [
    ("hextris", "Hextris", "Hextris"),
    ("labapp", "Labapp", "Lab App"),
    ("my_webapp", "My_Webapp", "My Webapp"),
    ("vitrine", "Vitrine", "Vitrine"),
]
_NUMBERS = (113045, 109643, 27871)
