"""From a command line to an exit code."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Any, Dict, Iterator, List, Sequence

from . import commands, grammar, older
from .console import Console, write_line
from .context import Context
from .errors import Refused, prompt_needed
from .operations import Journal
from .pacing import Pace
from .store import Store

_NOT_IMITATED = 70
_BEFORE_INSTALLATION = (["tools", "versions"], ["tools", "postinstall"])
_NOT_INSTALLED = "Error: YunoHost is not correctly installed. Please run 'yunohost tools postinstall'"


def main(words: Sequence[str]) -> int:
    """Run one command; usage errors leave through SystemExit, as with argparse."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    with _outliving_the_connection():
        store = Store.from_environment()
        options, rest = grammar.read_globals(words)
        console = Console(options.output_as, options.quiet, options.debug)
        may_run = options.version or rest[:2] in _BEFORE_INSTALLATION
        if not may_run and not store.load()["installed"]:
            write_line(sys.stdout, _NOT_INSTALLED)
            return 1
        try:
            return _run(store, console, options, rest)
        except Refused as refusal:
            console.error(str(refusal))
            return 1
        except grammar.NotImitated as command:
            write_line(sys.stderr, f"yunohost (lab): the stand-in does not imitate `{command}`")
            return _NOT_IMITATED


def _run(store: Store, console: Console, options: grammar.Globals, words: List[str]) -> int:
    values: Dict[str, Any] = {}
    if options.version:
        action = commands.VERSIONS
    elif not words:
        raise Refused("Invalid usage, pass --help to see help")
    else:
        root = older.commands(commands.ROOT) if older.is_older(store.load()) else commands.ROOT
        action, values = grammar.find_action(root, words)
    _check_arguments(console, action, values)
    pace = Pace(action.seconds, console.info if action.locks else None)
    with contextlib.ExitStack() as stack:
        if action.locks:
            stack.enter_context(store.exclusive(console, options.timeout))
        context = Context(console, store, store.load(), pace, Journal(store.folder), values)
        result = action.run(context)
        console.debug("action executed")
    if not action.locks:
        pace.reach(1.0)
    console.result(result)
    return 0


def _check_arguments(console: Console, action: grammar.Action, values: Dict[str, Any]) -> None:
    """Notices, prompts and patterns, argument by argument, before anything is locked."""
    for arg in action.args:
        value = values[arg.key]
        if arg.notice and value is not None:
            console.notice(arg.notice)
        if arg.asked and not value:
            raise prompt_needed()
        if arg.pattern:
            for each in value if isinstance(value, list) else [value]:
                if each and not arg.pattern.accepts(each):
                    console.warning(
                        f"argument value '{each}' for '{arg.key}' doesn't match pattern '{arg.pattern.regex}'"
                    )
                    raise Refused(f"Invalid argument '{arg.key}': {arg.pattern.message}")


@contextlib.contextmanager
def _outliving_the_connection() -> Iterator[None]:
    """Go on when the terminal or the connection that started the command is gone."""
    try:
        previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    except ValueError:  # not the main thread: the host process decides
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, previous)
