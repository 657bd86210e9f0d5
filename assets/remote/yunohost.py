"""Runs the yunohost command of this host inside this process, as one line of JSON on standard input says.

{"run": ["user", "create", ...]}              becomes that command: same streams, same exit status. What it is
                                              told never stands in an argument list, where `ps` would show it.
{"survey": [["user", "list", ...], ...],      runs commands that only read, side by side, and prints one object:
 "seconds": 40}                               {"yunohost_survey": 1, "results": [{"argv", "exit", "stdout",
                                              "stderr", "seconds", "cut", "timed_out"}, ...]}

Python 3.9 or later, standard library only. Started as: python3 -I -c TEXT
"""

import json
import os
import runpy
import selectors
import shutil
import signal
import sys
import time

MOST_REQUEST_BYTES = 1 << 20
MOST_COMMANDS = 64
MOST_STREAM_BYTES = 4 << 20
SIDE_BY_SIDE = 4


def become(arguments):
    """Runs the command here; its exit is the exit of this process."""
    path = shutil.which("yunohost") or "/usr/bin/yunohost"
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    sys.stdin = open(0, closefd=False)
    say_levels()
    sys.argv = [path] + arguments
    runpy.run_path(path, run_name="__main__")


def say_levels():
    """Has each line of the log begin with its level, as from YunoHost 12 on: 11 leaves it out where nobody looks at a terminal."""
    try:
        from moulinette.interfaces.cli import TTYHandler
    except Exception:
        return
    said = TTYHandler.format

    def format(self, record):
        text, level = said(self, record), record.levelname + " "
        return text if self.supports_color() or text.startswith(level) else level + text

    TTYHandler.format = format


class Child:
    """A command in a forked process, its streams on pipes."""

    def __init__(self, arguments, limit):
        self.arguments = arguments
        self.began = time.monotonic()
        self.deadline = self.began + limit
        self.streams = {}
        self.cut = False
        self.exit = None
        self.timed_out = False
        self.ended = None

    def fork(self):
        """True in the child, which then becomes the command."""
        pipes = [os.pipe(), os.pipe()]
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            for number, (_, write) in enumerate(pipes, start=1):
                os.dup2(write, number)
            return True
        for read, write in pipes:
            os.close(write)
            os.set_blocking(read, False)
            self.streams[read] = bytearray()
        self.open = set(self.streams)
        return False

    def take(self, stream):
        """Takes what the pipe holds; False at its end."""
        try:
            piece = os.read(stream, 1 << 16)
        except BlockingIOError:
            return True
        kept = self.streams[stream]
        room = MOST_STREAM_BYTES - len(kept)
        self.cut = self.cut or len(piece) > room
        kept.extend(piece[:room])
        return bool(piece)

    def reap(self, now):
        """Whether it is over: ended with both pipes closed, or out of time."""
        if now > self.deadline and not self.timed_out:
            self.timed_out = True
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.open and not self.timed_out:
            return False
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        # A process that waits for a dead disk does not even die when killed: it is left behind, its exit unknown.
        if pid == 0 and now < self.deadline + 2:
            return False
        if pid != 0:
            self.exit = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        self.ended = now
        return True

    def result(self):
        stdout, stderr = (kept.decode("utf-8", "replace") for kept in self.streams.values())
        return {
            "argv": self.arguments,
            "exit": self.exit,
            "stdout": stdout,
            "stderr": stderr,
            "seconds": round(self.ended - self.began, 3),
            "cut": self.cut,
            "timed_out": self.timed_out,
        }


def load_once():
    """Imports what every command needs, so that the children share it. A host may have neither."""
    try:
        import moulinette  # noqa: F401
        import yunohost  # noqa: F401
    except Exception:
        pass


def survey(commands, limit):
    load_once()
    children, running, waiting = [], [], list(commands)
    selector = selectors.DefaultSelector()
    while waiting or running:
        while waiting and len(running) < SIDE_BY_SIDE:
            child = Child(waiting.pop(0), limit)
            if child.fork():
                # No handler stands above this call: the command ends the child as it would end its own process.
                return become(child.arguments)
            for stream in child.streams:
                selector.register(stream, selectors.EVENT_READ, child)
            children.append(child)
            running.append(child)
        for key, _ in selector.select(timeout=0.02 if any(not child.open for child in running) else 0.2):
            if not key.data.take(key.fd):
                selector.unregister(key.fd)
                key.data.open.discard(key.fd)
        now = time.monotonic()
        for child in [child for child in running if child.reap(now)]:
            running.remove(child)
            for stream in child.streams:
                if stream in child.open:
                    selector.unregister(stream)
                os.close(stream)
    answer = {"yunohost_survey": 1, "results": [child.result() for child in children]}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def words(value):
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def main():
    line = sys.stdin.buffer.readline(MOST_REQUEST_BYTES + 1)
    request = json.loads(line) if len(line) <= MOST_REQUEST_BYTES else None
    if isinstance(request, dict) and words(request.get("run")):
        return become(request["run"])
    commands = request.get("survey") if isinstance(request, dict) else None
    if isinstance(commands, list) and len(commands) <= MOST_COMMANDS and all(words(command) for command in commands):
        return survey(commands, float(request.get("seconds", 40)))
    sys.exit("beffroi: the request is not understood")


main()
