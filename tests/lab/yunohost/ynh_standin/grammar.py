"""The shape of the command line: what may be written, and what the usage errors look like.

Parsing itself is argparse's, as in the real command. Usage texts are composed
here because theirs put positional arguments first, and because argparse words
some of them differently from one Python version to the next.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple, Union

from .console import write_line

_WIDTH = 78
_OUTPUTS = ("json", "plain", "none")


@dataclass(frozen=True)
class Pattern:
    """A rule a value must follow, and how the refusal is worded."""

    regex: str
    message: str

    def accepts(self, value: str) -> bool:
        return re.match(self.regex, value) is not None


@dataclass(frozen=True)
class Arg:
    """One argument: a bare name is positional, names with dashes make an option."""

    names: Tuple[str, ...]
    nargs: Optional[str] = None
    default: Any = None
    flag: bool = False
    number: bool = False
    const: Any = None
    choices: Tuple[str, ...] = ()
    asked: bool = False
    """When absent, the real command prompts for it."""
    pattern: Optional[Pattern] = None
    notice: Optional[str] = None
    """Shown as soon as a value is given."""

    @property
    def positional(self) -> bool:
        return not self.names[0].startswith("-")

    @property
    def key(self) -> str:
        long_name = next((name for name in self.names if name.startswith("--")), self.names[0])
        return long_name.lstrip("-").replace("-", "_")

    @property
    def usage(self) -> str:
        value = self.key if self.positional else self.key.upper()
        if self.choices:
            value = "{" + ",".join(self.choices) + "}"
        if self.nargs == "*":
            value = f"[{value} ...]"
        elif self.nargs == "+":
            value = f"{value} [{value} ...]"
        elif self.nargs == "?":
            value = f"[{value}]"
        if self.positional:
            return value
        return f"[{self.names[0]}]" if self.flag else f"[{self.names[0]} {value}]"

    def declare(self, parser: argparse.ArgumentParser) -> None:
        options: Dict[str, Any] = {} if self.positional else {"dest": self.key}
        if self.flag:
            options["action"] = "store_true"
        else:
            options.update(nargs=self.nargs, default=self.default)
            if self.number:
                options["type"] = int
            if self.choices:
                options["choices"] = self.choices
            if self.const is not None:
                options["const"] = self.const
        parser.add_argument(*self.names, **options)


@dataclass(frozen=True)
class Action:
    """A complete command."""

    run: Callable[..., Any]
    seconds: float
    args: Tuple[Arg, ...] = ()
    locks: bool = True


@dataclass(frozen=True)
class Category:
    """A word that must be followed by another; `None` stands for a command this stand-in does not imitate."""

    entries: Dict[str, Union["Category", Action, None]] = field(default_factory=dict)

    @property
    def choices(self) -> str:
        return "{" + ",".join(self.entries) + "}"


@dataclass(frozen=True)
class Globals:
    """The options that may stand anywhere on the line."""

    output_as: Optional[str]
    debug: bool
    quiet: bool
    version: bool
    timeout: Optional[int]


class _Parser(argparse.ArgumentParser):
    """An argparse parser with the usage text given to it."""

    def __init__(self, prog: str, usage_text: str) -> None:
        super().__init__(prog=prog, add_help=False)
        self._usage_text = usage_text

    def format_usage(self) -> str:
        return self._usage_text + "\n"

    def error(self, message: str) -> NoReturn:
        stop(self.prog, self._usage_text, message)


def stop(prog: str, usage_text: str, message: str) -> NoReturn:
    """End on a usage error, as argparse does."""
    write_line(sys.stderr, f"{usage_text}\n{prog}: error: {message}")
    raise SystemExit(2)


def read_globals(words: Sequence[str]) -> Tuple[Globals, List[str]]:
    """Take the global options out of the line, wherever they are."""
    options = [f"[--output-as {{{','.join(_OUTPUTS)}}}]", "[--debug]", "[--quiet]", "[--version]"]
    parser = _Parser("yunohost", usage("yunohost", [], [*options, "[--timeout TIMEOUT]"]))
    parser.add_argument("--output-as", type=_output_format)
    for name in ("--debug", "--quiet", "--version", "--plain", "--json"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--timeout", type=int)
    found, rest = parser.parse_known_args(list(words))
    output_as = "plain" if found.plain else "json" if found.json else found.output_as
    return Globals(output_as, found.debug, found.quiet, found.version, found.timeout), rest


def _output_format(text: str) -> str:
    if text not in _OUTPUTS:
        choices = ", ".join(repr(name) for name in _OUTPUTS)
        raise argparse.ArgumentTypeError(f"invalid choice: {text!r} (choose from {choices})")
    return text


class NotImitated(Exception):
    """The real command exists; this stand-in has nothing for it."""


def find_action(root: Category, words: Sequence[str]) -> Tuple[Action, Dict[str, Any]]:
    """The action a line asks for, with its arguments; usage errors end the program."""
    prog, node, rest, stray = "yunohost", root, list(words), []
    while True:
        usage_text = _category_usage(prog, node, node is root)
        while rest and rest[0].startswith("-"):
            if rest[0] in ("-h", "--help"):
                _help(usage_text)
            stray.append(rest.pop(0))
        if not rest:
            stop(prog, usage_text, f"the following arguments are required: {node.choices}")
        word = rest.pop(0)
        if word not in node.entries:
            names = ", ".join(repr(name) for name in node.entries)
            stop(prog, usage_text, f"argument {node.choices}: invalid choice: {word!r} (choose from {names})")
        prog, entry = f"{prog} {word}", node.entries[word]
        if entry is None:
            raise NotImitated(prog)
        if isinstance(entry, Action):
            values, unknown = _read_arguments(prog, entry, rest)
            if stray or unknown:
                root_usage = _category_usage("yunohost", root, True)
                stop("yunohost", root_usage, f"unrecognized arguments: {' '.join([*stray, *unknown])}")
            return entry, values
        node = entry


def _read_arguments(prog: str, action: Action, words: List[str]) -> Tuple[Dict[str, Any], List[str]]:
    positionals = [arg.usage for arg in action.args if arg.positional]
    options = ["[-h]", *(arg.usage for arg in action.args if not arg.positional)]
    usage_text = usage(prog, positionals, options)
    if "-h" in words or "--help" in words:
        _help(usage_text)
    parser = _Parser(prog, usage_text)
    for arg in action.args:
        arg.declare(parser)
    values, unknown = parser.parse_known_args(words)
    return vars(values), unknown


def _category_usage(prog: str, category: Category, is_root: bool) -> str:
    options = ["[-h]"]
    if is_root:
        options += [f"[--output-as {{{','.join(_OUTPUTS)}}}]", "[--debug]", "[--quiet]", "[--version]"]
        options += ["[--timeout ==SUPPRESS==]"]
    return usage(prog, [category.choices, "..."], options)


def _help(usage_text: str) -> NoReturn:
    write_line(sys.stdout, usage_text)
    raise SystemExit(0)


def usage(prog: str, positionals: List[str], options: List[str]) -> str:
    """A usage line, positional arguments first, wrapped like the real one."""
    prefix = "usage: "
    whole = " ".join([prefix + prog, *positionals, *options])
    if len(whole) <= _WIDTH:
        return whole
    indent = " " * (len(prefix) + len(prog) + 1)
    if positionals:
        lines = _wrap([prog, *positionals], indent) + _wrap(options, indent)
    else:
        lines = _wrap([prog, *options], indent)
    return prefix + "\n".join(lines)[len(indent) :]


def _wrap(parts: List[str], indent: str) -> List[str]:
    """Fill lines with whole parts; the first line's indent stands for what is written before it."""
    lines: List[str] = []
    line: List[str] = []
    length = len(indent) - 1 if not parts[0].startswith("yunohost") else len("usage: ") - 1
    for part in parts:
        if line and length + 1 + len(part) > _WIDTH:
            lines.append(indent + " ".join(line))
            line, length = [], len(indent) - 1
        line.append(part)
        length += len(part) + 1
    return [*lines, indent + " ".join(line)]
