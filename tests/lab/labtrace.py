#!/usr/bin/env python3
"""Writes down every program that a command and its descendants start: arguments and environment.

    labtrace.py FILE COMMAND…

A secret on a command line or in an environment is there for a moment only; this
sees each one, because a process that has just begun a program is stopped until
both lists were read. Unlike a tracer of system calls it stops nothing else, so
a machine that boots under it hardly slows down, and set-user-ID programs keep
working when it runs as root.

FILE grows by one line for each program: `argv`, a NUL, the arguments each
followed by a NUL, `env`, a NUL, the variables each followed by a NUL. Bytes are
as they are; a line feed within them is kept too.

It ends when the last descendant has. When it is killed itself, what it followed
goes on, unseen.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from typing import BinaryIO, List

# From <linux/ptrace.h>.
_CONT, _SEIZE, _LISTEN = 7, 0x4206, 0x4208
_FOLLOW_ALL = 0x02 | 0x04 | 0x08  # fork, vfork, clone
_TELL_EXEC = 0x10
_EVENT_EXEC, _EVENT_STOP = 4, 128
_ANY_KIND = 0x40000000  # __WALL: threads and clones too
_GROUP_STOPS = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, pid: int, data: int = 0) -> None:
    """One request; a process that is gone meanwhile needs none."""
    if _libc.ptrace(request, pid, None, data) == -1 and ctypes.get_errno() != errno.ESRCH:
        raise OSError(ctypes.get_errno(), f"ptrace: {os.strerror(ctypes.get_errno())}")


def follow(file: BinaryIO, command: List[str]) -> None:
    """Start the command and write down what it and its descendants start, until all are gone."""
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(go)
            os.read(ready, 1)
            # Python ignores this one, and what is ignored stays so in a new program.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    os.close(ready)
    _ptrace(_SEIZE, child, _FOLLOW_ALL | _TELL_EXEC)
    os.close(go)
    while True:
        try:
            pid, status = os.waitpid(-1, _ANY_KIND)
        except ChildProcessError:
            return
        if os.WIFSTOPPED(status):
            _go_on(file, pid, status)


def _go_on(file: BinaryIO, pid: int, status: int) -> None:
    event, number = status >> 16, os.WSTOPSIG(status)
    if event == _EVENT_EXEC:
        _write(file, pid)
    if event == _EVENT_STOP and number in _GROUP_STOPS:
        _ptrace(_LISTEN, pid)
    else:
        _ptrace(_CONT, pid, 0 if event else number)


def _write(file: BinaryIO, pid: int) -> None:
    parts = []
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as source:
                parts.append(source.read())
        except OSError:
            parts.append(b"")
    file.write(b"argv\0" + parts[0] + b"env\0" + parts[1] + b"\n")
    file.flush()


def main(words: List[str]) -> int:
    if len(words) < 2:
        print("labtrace.py FILE COMMAND…", file=sys.stderr)
        return 2
    descriptor = os.open(words[0], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        follow(file, words[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
