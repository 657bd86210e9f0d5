#!/usr/bin/env python3
"""A TCP relay that makes a bad link out of a good one.

    relay.py --to HOST:PORT [--listen HOST:PORT] [--control SOCKET] [NAME=VALUE…]

The port it listens on is the first line it prints. It ends by SIGTERM or SIGINT,
and cuts everything then. What the link is like is told by settings, at the
start or at any time after:

    delay-ms=N     every byte is held so long, in each direction: a round trip grows by twice that
    jitter-ms=N    and up to so much longer, drawn at random; the order stays
    rate-kb=N      at most so many thousand bytes a second in each direction; 0: no limit
    buffer-kb=N    held at most in each direction; past it the sender is no longer read, as on a real link
    drop-every=N   each N-th connection is reset as soon as it is accepted; 0: none
    silent=1       accepts, and says nothing: nobody is connected to
    cut-after=N    resets a connection when so many bytes have gone through it, both directions together; 0: never

With --control, a socket of that name takes one order a line, and answers each
with one line of JSON, the state after it:

    state               nothing changes
    set NAME=VALUE…     settings, for what is sent from now on
    cut                 every connection is reset, at both ends
    finish              every connection is closed in an orderly way, at both ends
    stall up|down|both  nothing is forwarded in that direction (up: to the target), nothing is closed
    resume              goes on where it stalled
    vanish up|down|both the present connections lose what is sent in that direction, their end included: half-open
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import ctypes
import heapq
import itertools
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any, Callable, Deque, Dict, List, Optional, Set, Tuple

_CHUNK = 256 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_DIRECTIONS = {"up": {"up"}, "down": {"down"}, "both": {"up", "down"}}
_IN, _OUT = select.EPOLLIN, select.EPOLLOUT


class Loop:
    """Waits for sockets, and for moments: to the microsecond, where epoll alone knows milliseconds."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._called: Dict[int, Callable[[int], None]] = {}
        self._moments: List[Tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._timer = self._libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._timer < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self.watch(self._timer, _IN, lambda _: None)
        self.over = False

    def watch(self, fd: int, events: int, called: Callable[[int], None]) -> None:
        """Call with what happened, whenever one of these events is there; replaces what was told before."""
        if fd in self._called:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._called[fd] = called

    def forget(self, fd: int) -> None:
        if self._called.pop(fd, None):
            self._epoll.unregister(fd)

    def at(self, moment: float, called: Callable[[], None]) -> None:
        """Call once, when the monotonic clock is past that."""
        heapq.heappush(self._moments, (moment, next(self._order), called))

    def run(self) -> None:
        while not self.over:
            self._arm()
            for fd, events in self._epoll.poll():
                if fd in self._called:
                    self._called[fd](events)
            now = time.monotonic()
            while self._moments and self._moments[0][0] <= now:
                heapq.heappop(self._moments)[2]()

    def _arm(self) -> None:
        # A timer set anew forgets that it went off; one that is never set does not go off.
        moment = max(self._moments[0][0], 1e-9) if self._moments else 0.0
        seconds = int(moment)
        told = struct.pack("qqqq", 0, 0, seconds, int((moment - seconds) * 1e9))
        self._libc.timerfd_settime(self._timer, 1, told, None)  # 1: TFD_TIMER_ABSTIME


class Link:
    """What the link is like now, and what has gone over it; all connections share it."""

    def __init__(self) -> None:
        self.settings: Dict[str, float] = {
            "delay-ms": 0,
            "jitter-ms": 0,
            "rate-kb": 0,
            "buffer-kb": 32768,
            "drop-every": 0,
            "silent": 0,
            "cut-after": 0,
        }
        self.stalled: Set[str] = set()
        self.bytes = {"up": 0, "down": 0}
        self.accepted = 0
        self.cuts = 0

    def set(self, words: List[str]) -> None:
        """Take settings, all of them or none."""
        told = {}
        for word in words:
            name, _, value = word.partition("=")
            if name not in self.settings or not 0 <= float(value) < 1e12:
                raise ValueError(word)
            told[name] = float(value)
        if told.get("buffer-kb") == 0:
            raise ValueError("buffer-kb=0")
        self.settings.update(told)


class End:
    """One socket of a connection, and which events of it are waited for."""

    def __init__(self, loop: Loop, sock: socket.socket, called: Callable[[int], None]) -> None:
        self.sock, self._loop, self._called = sock, loop, called
        self._fd = sock.fileno()
        self._wanted = 0
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def set_called(self, called: Callable[[int], None]) -> None:
        """Another one to call, before anything is wanted."""
        self._called = called

    def want(self, event: int, wanted: bool) -> None:
        events = self._wanted | event if wanted else self._wanted & ~event
        if events != self._wanted:
            self._wanted = events
            # One that nothing is wanted of is not watched: a hang-up, which is always told, would be told for ever.
            if events:
                self._loop.watch(self._fd, events, self._called)
            else:
                self._loop.forget(self._fd)

    def close(self, reset: bool) -> None:
        self._loop.forget(self._fd)
        if reset:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.sock.close()


class Lane:
    """One direction of one connection, and the bytes on their way in it."""

    def __init__(self, name: str, link: Link, loop: Loop) -> None:
        self.name, self._link, self._loop = name, link, loop
        self._held: Deque[Tuple[float, memoryview]] = collections.deque()
        self._size = 0
        self._free_at = self._last_due = 0.0
        self.source: End
        self.target: End
        self.broken: Callable[[], None]
        self.passed: Callable[[int], None]
        self.vanishes = self.ended = False

    def read(self) -> None:
        """Take what has come; no bytes are the end, and are held like others."""
        rate = self._link.settings["rate-kb"] * 1000
        # A hundredth of a second at most, so that a slow link trickles.
        data = self.source.sock.recv(min(_CHUNK, max(1460, int(rate / 100))) if rate else _CHUNK)
        if not data:
            self.source.want(_IN, False)
        if self.vanishes:
            return
        self._size += len(data)
        if self._size >= self._link.settings["buffer-kb"] * 1024:
            self.source.want(_IN, False)
        self._held.append((self._due(len(data), rate), memoryview(data)))
        if len(self._held) == 1:
            self.write()

    def _due(self, size: int, rate: float) -> float:
        settings = self._link.settings
        self._free_at = max(time.monotonic(), self._free_at) + (size / rate if rate else 0)
        due = self._free_at + (settings["delay-ms"] + random.uniform(0, settings["jitter-ms"])) / 1000
        self._last_due = max(due, self._last_due)
        return self._last_due

    def write(self) -> None:
        """Hand on what has been held long enough, as far as the target takes it."""
        try:
            self._write()
        except BlockingIOError:
            self.target.want(_OUT, True)
        except OSError:
            self.broken()

    def _write(self) -> None:
        if self.target.sock.fileno() < 0:
            return
        while self._held and self.name not in self._link.stalled and not self.vanishes:
            due, data = self._held[0]
            if due > time.monotonic():
                self._loop.at(due, self.write)
                break
            if not data:
                self._held.popleft()
                self.ended = True
                self.target.sock.shutdown(socket.SHUT_WR)
                self.passed(0)
                break
            sent = self.target.sock.send(data)
            if sent == len(data):
                self._held.popleft()
            else:
                self._held[0] = (due, data[sent:])
            before, self._size = self._size, self._size - sent
            bound = self._link.settings["buffer-kb"] * 1024
            if before >= bound > self._size:
                self.source.want(_IN, True)
            self._link.bytes[self.name] += sent
            self.passed(sent)
        self.target.want(_OUT, False)

    def vanish(self) -> None:
        """Lose what is held and what comes."""
        self.vanishes = True
        self._held.clear()
        self._size = 0
        self.source.want(_IN, True)
        self.target.want(_OUT, False)


class Connection:
    """One connection and its counterpart."""

    def __init__(self, relay: "Relay", near: socket.socket, target: Tuple[str, int]) -> None:
        self._relay = relay
        self._passed = 0
        self.lanes = [Lane(name, relay.link, relay.loop) for name in ("up", "down")]
        self._up, self._down = self.lanes
        far = socket.socket()
        self._near = End(relay.loop, near, lambda events: self._near_called(events))
        self._far = End(relay.loop, far, self._connected)
        for lane, source, target_end in (
            (self._up, self._near, self._far),
            (self._down, self._far, self._near),
        ):
            lane.source, lane.target = source, target_end
            lane.broken, lane.passed = self._break, self._count
        if relay.link.settings["silent"]:
            self._up.vanishes = True
            self._near.want(_IN, True)
            return
        with contextlib.suppress(BlockingIOError):
            far.connect(target)
        self._far.want(_OUT, True)

    def _connected(self, _: int) -> None:
        self._far.want(_OUT, False)
        if self._far.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.end(reset=True)
            return
        self._far.set_called(lambda events: self._called(self._down, self._up, events))
        self._near.want(_IN, True)
        self._far.want(_IN, True)

    def _near_called(self, events: int) -> None:
        self._called(self._up, self._down, events)

    def _called(self, reading: Lane, writing: Lane, events: int) -> None:
        try:
            if events & _OUT:
                writing.write()
            if events & ~_OUT and reading.source.sock.fileno() >= 0:
                reading.read()
        except BlockingIOError:
            pass
        except OSError:
            reading.source.want(_IN, False)
            self._break()

    def _break(self) -> None:
        # One broken end breaks the other, unless nobody is to hear of it.
        if not any(lane.vanishes for lane in self.lanes):
            self.end(reset=True)

    def _count(self, size: int) -> None:
        self._passed += size
        limit = self._relay.link.settings["cut-after"]
        if limit and self._passed >= limit:
            self.end(reset=True)
        elif self._up.ended and self._down.ended:
            self.end(reset=False)

    def end(self, reset: bool) -> None:
        """Close both ends; reset: without a word of farewell."""
        for end in (self._near, self._far):
            end.close(reset)
        self._relay.connections.discard(self)


class Relay:
    """Listens, and does as it is told."""

    def __init__(self, listener: socket.socket, target: Tuple[str, int], link: Link) -> None:
        self.link, self.loop = link, Loop()
        self.connections: Set[Connection] = set()
        self._listener, self._target = listener, target
        listener.setblocking(False)
        self.loop.watch(listener.fileno(), _IN, self._accept)

    def _accept(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            near, _from = self._listener.accept()
            self.link.accepted += 1
            every = int(self.link.settings["drop-every"])
            if every and self.link.accepted % every == 0:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                near.close()
            else:
                self.connections.add(Connection(self, near, self._target))

    def listen_for_orders(self, path: Path) -> None:
        """Take orders at this socket."""
        control = socket.socket(socket.AF_UNIX)
        control.bind(str(path))
        control.listen()
        self.loop.watch(control.fileno(), _IN, lambda _: self._take_orders(control.accept()[0]))

    def _take_orders(self, caller: socket.socket) -> None:
        read = bytearray()

        def called(_events: int) -> None:
            data = b""
            # Who does not wait for the answer does not get it.
            with contextlib.suppress(OSError):
                data = caller.recv(4096)
                read.extend(data)
                while b"\n" in read:
                    line, _, rest = bytes(read).partition(b"\n")
                    read[:] = rest
                    answer = self.obey(line.decode(errors="replace").split())
                    caller.sendall(json.dumps(answer).encode() + b"\n")
            if not data:
                self.loop.forget(caller.fileno())
                caller.close()

        self.loop.watch(caller.fileno(), _IN, called)

    def obey(self, words: List[str]) -> Dict[str, Any]:
        """One order; gives the state after it."""
        order, *rest = words or ["state"]
        try:
            if order == "set":
                self.link.set(rest)
            elif order in ("cut", "finish"):
                self.end_all(reset=order == "cut")
            elif order == "stall":
                self.link.stalled |= _DIRECTIONS[rest[0]]
            elif order == "resume":
                self.link.stalled.clear()
                for connection in list(self.connections):
                    for lane in connection.lanes:
                        lane.write()
            elif order == "vanish":
                for connection in self.connections:
                    for lane in connection.lanes:
                        if lane.name in _DIRECTIONS[rest[0]]:
                            lane.vanish()
            elif order != "state":
                raise ValueError(order)
        except (ValueError, KeyError, IndexError):
            return {"error": f"not an order: {' '.join(words)}"}
        return self.state()

    def end_all(self, reset: bool) -> None:
        self.link.cuts += reset
        for connection in list(self.connections):
            connection.end(reset)

    def state(self) -> Dict[str, Any]:
        link = self.link
        return {
            **link.settings,
            "stalled": sorted(link.stalled),
            "accepted": link.accepted,
            "open": len(self.connections),
            "cuts": link.cuts,
            "bytes": link.bytes,
        }


def serve(options: argparse.Namespace, link: Link) -> None:
    """Run until told to end."""
    listener = socket.create_server(options.listen, backlog=1024)
    relay = Relay(listener, options.to, link)
    control: Optional[Path] = options.control
    if control:
        relay.listen_for_orders(control)
    # What wakes the loop is the byte that a signal writes.
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(relay.loop, "over", True))
    relay.loop.watch(woken.fileno(), _IN, lambda _: None)
    try:
        print(listener.getsockname()[1], flush=True)
        relay.loop.run()
    finally:
        relay.end_all(reset=True)
        if control:
            control.unlink()


def _endpoint(text: str) -> Tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def main(words: List[str]) -> int:
    parser = argparse.ArgumentParser(prog="relay.py", description="A TCP relay that makes a bad link.")
    parser.add_argument("--listen", type=_endpoint, default=("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument("--to", type=_endpoint, required=True, metavar="HOST:PORT")
    parser.add_argument("--control", type=Path, metavar="SOCKET")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE")
    options = parser.parse_args(words)
    link = Link()
    try:
        link.set(options.settings)
    except ValueError as error:
        parser.error(f"not a setting: {error}")
    serve(options, link)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
