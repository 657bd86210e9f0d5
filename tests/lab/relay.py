#!/usr/bin/env python3
"""A TCP relay that makes a bad link out of a good one.

    relay.py --listen 127.0.0.1:0 --to 127.0.0.1:PORT [--delay-ms N] [--control FILE]

The port it listens on is the first line it prints. Every byte is held for the
delay, in each direction, so a round trip grows by twice that. What is held is
bounded: past the bound the sender is no longer read, as on a real link.

    SIGUSR1  cuts every connection now (both sides see a reset)
    SIGUSR2  stalls: nothing is forwarded, nothing is closed; again: goes on
    SIGTERM, SIGINT  cut everything and end

With --control, FILE holds {"pid", "port", "stalled", "cuts"} as JSON while the
relay runs: whom to signal, and whether the last signal has been obeyed.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, Callable, Coroutine, Deque, Dict, Iterable, List, Optional, Set, Tuple

_CHUNK = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class DelayLine:
    """Bytes on their way: what goes in comes out after the delay, in order, within a bound."""

    def __init__(self, delay: float, bound: int) -> None:
        self._delay, self._bound = delay, bound
        self._held: Deque[Tuple[float, bytes]] = collections.deque()
        self._size = 0
        self._changed = asyncio.Condition()

    async def put(self, data: bytes) -> None:
        """Add bytes, or an empty string for the end; waits while the line is full."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._size < self._bound)
            self._held.append((asyncio.get_running_loop().time() + self._delay, data))
            self._size += len(data)
            self._changed.notify_all()

    async def get(self) -> bytes:
        """The next bytes that have been held long enough."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._held))
            due, data = self._held.popleft()
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        async with self._changed:
            self._size -= len(data)
            self._changed.notify_all()
        return data


class Relay:
    """Listens, connects, forwards, and can be told to misbehave."""

    def __init__(self, target: Tuple[str, int], delay: float, bound: int) -> None:
        self._target, self._delay, self._bound = target, delay, bound
        self._writers: Set[asyncio.StreamWriter] = set()
        self._links: Set["asyncio.Task[None]"] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cuts = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until both directions have ended or it is cut."""
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        ends = [writer]
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            ends.append(far_writer)
            self._writers.add(far_writer)
            for end in ends:
                end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await _together(self._carry(reader, far_writer), self._carry(far_reader, writer))
            for end in ends:
                end.close()
        except (OSError, asyncio.CancelledError):
            _reset(ends)
        finally:
            self._writers.difference_update(ends)
            self._links.discard(task)

    def cut(self) -> None:
        """Reset every connection."""
        self._cuts += 1
        _reset(self._writers)
        for link in list(self._links):
            link.cancel()

    def toggle_stall(self) -> None:
        if self._flowing.is_set():
            self._flowing.clear()
        else:
            self._flowing.set()

    def describe(self) -> Dict[str, Any]:
        """What a signal can have changed."""
        return {"stalled": not self._flowing.is_set(), "cuts": self._cuts}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = DelayLine(self._delay, self._bound)
        await _together(self._fill(reader, line), self._drain(line, writer))

    @staticmethod
    async def _fill(reader: asyncio.StreamReader, line: DelayLine) -> None:
        data = b"more"
        while data:
            data = await reader.read(_CHUNK)
            await line.put(data)

    async def _drain(self, line: DelayLine, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await line.get()
            await self._flowing.wait()
            if not data:
                break
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _together(*halves: Coroutine[Any, Any, None]) -> None:
    """Run halves of one thing: when one fails, the others have no reason to go on."""
    tasks = [asyncio.ensure_future(half) for half in halves]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _reset(writers: Iterable[asyncio.StreamWriter]) -> None:
    for writer in list(writers):
        with contextlib.suppress(OSError, AttributeError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        writer.transport.abort()


async def serve(options: argparse.Namespace) -> None:
    """Run until told to end."""
    relay = Relay(options.to, options.delay_ms / 1000, options.buffer_kb * 1024)
    server = await asyncio.start_server(relay.accept, *options.listen)
    port = server.sockets[0].getsockname()[1]
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    control: Optional[Path] = options.control

    def tell() -> None:
        if control:
            draft = control.with_name(f".{control.name}.{os.getpid()}")
            told = {"pid": os.getpid(), "port": port, **relay.describe()}
            draft.write_text(json.dumps(told), encoding="utf-8")
            draft.replace(control)

    def obey(order: Callable[[], None]) -> None:
        order()
        tell()

    loop.add_signal_handler(signal.SIGUSR1, obey, relay.cut)
    loop.add_signal_handler(signal.SIGUSR2, obey, relay.toggle_stall)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        tell()
        print(port, flush=True)
        await ended.wait()
    finally:
        server.close()
        relay.cut()
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
    parser.add_argument("--delay-ms", type=float, default=0.0, metavar="N", help="for each direction")
    parser.add_argument(
        "--buffer-kb", type=int, default=4096, metavar="N", help="held at most, each direction"
    )
    parser.add_argument("--control", type=Path, metavar="FILE")
    options = parser.parse_args(words)
    if options.delay_ms < 0 or options.buffer_kb < 1:
        parser.error("--delay-ms and --buffer-kb must be positive")
    asyncio.run(serve(options))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
