#!/usr/bin/env python3
"""The relay: does it carry everything, delay it, and break links only when told?

Delays are only checked from below (nothing may come too early); the rest is
about order.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

RELAY = Path(__file__).resolve().parent / "relay.py"
DEADLINE = 90


class Running:
    """A relay that runs: its port, and a way to give it orders."""

    def __init__(self, port: int, control: Path) -> None:
        self.port = port
        self._control = control

    def order(self, *words: str) -> Dict[str, Any]:
        """Give one order; the state after it."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(DEADLINE)
            caller.connect(str(self._control))
            caller.sendall(" ".join(words).encode() + b"\n")
            told: Dict[str, Any] = json.loads(caller.makefile().readline())
            return told


@contextlib.contextmanager
def relay_to(port: int, *settings: str) -> Iterator[Running]:
    """A relay to a local port."""
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder, "control")
        command = [
            sys.executable,
            str(RELAY),
            "--to",
            f"127.0.0.1:{port}",
            "--control",
            str(control),
            *settings,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        try:
            yield Running(int(process.stdout.readline()), control)
        finally:
            process.terminate()
            _, complaints = process.communicate(timeout=DEADLINE)
            assert (process.returncode, complaints) == (0, ""), complaints


class Echo:
    """A server that sends back what it gets; `ends` tells how each connection went."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.ends: "queue.Queue[Optional[OSError]]" = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
                self.ends.put(None)
            except OSError as error:
                self.ends.put(error)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Relay(unittest.TestCase):
    def setUp(self) -> None:
        self.echo = Echo()
        self.addCleanup(self.echo.close)

    def connect(self, port: int) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.addCleanup(link.close)
        return link

    def ask(self, link: socket.socket, data: bytes = b"x") -> None:
        """Send something, and wait for its echo."""
        link.sendall(data)
        self.assertEqual(data, link.recv(len(data)))

    def test_everything_arrives_in_order_and_ends(self) -> None:
        data = os.urandom(5_000_000)
        with relay_to(self.echo.port, "delay-ms=5", "jitter-ms=5", "buffer-kb=64") as relay:
            link = self.connect(relay.port)

            def send() -> None:
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=send)
            sender.start()
            received = bytearray()
            while chunk := link.recv(65536):
                received += chunk
            sender.join()
            self.assertEqual({"up": len(data), "down": len(data)}, relay.order("state")["bytes"])
        self.assertEqual(data, bytes(received))

    def test_each_direction_is_delayed_as_it_is_told_meanwhile(self) -> None:
        with relay_to(self.echo.port) as relay:
            link = self.connect(relay.port)
            self.ask(link)
            relay.order("set", "delay-ms=60")
            begun = time.monotonic()
            for _ in range(3):
                self.ask(link)
            self.assertGreaterEqual(time.monotonic() - begun, 3 * 2 * 0.060)

    def test_a_slow_link_is_slow(self) -> None:
        with relay_to(self.echo.port, "rate-kb=500") as relay:
            link = self.connect(relay.port)
            begun = time.monotonic()
            link.sendall(bytes(200_000))
            received = 0
            while received < 200_000:
                received += len(link.recv(65536))
            self.assertGreaterEqual(time.monotonic() - begun, 0.4)

    def test_cut_resets_both_sides_and_the_relay_goes_on(self) -> None:
        with relay_to(self.echo.port) as relay:
            link = self.connect(relay.port)
            self.ask(link)
            self.assertEqual((1, 0), (relay.order("cut")["cuts"], relay.order("state")["open"]))
            with self.assertRaises(ConnectionResetError):
                link.recv(1)
            self.assertIsInstance(self.echo.ends.get(timeout=DEADLINE), ConnectionResetError)
            self.ask(self.connect(relay.port))

    def test_finish_ends_both_sides_without_an_error(self) -> None:
        with relay_to(self.echo.port) as relay:
            link = self.connect(relay.port)
            self.ask(link)
            relay.order("finish")
            self.assertEqual(b"", link.recv(1))
            self.assertIsNone(self.echo.ends.get(timeout=DEADLINE))

    def test_a_connection_is_cut_after_so_many_bytes(self) -> None:
        with relay_to(self.echo.port, "cut-after=100000") as relay:
            link = self.connect(relay.port)
            self.ask(link)
            with self.assertRaises(ConnectionError):
                while True:
                    link.sendall(bytes(10_000))
                    link.recv(10_000)
            self.assertGreaterEqual(sum(relay.order("state")["bytes"].values()), 100_000)

    def test_stall_holds_a_direction_until_told_again(self) -> None:
        with relay_to(self.echo.port) as relay:
            link = self.connect(relay.port)
            self.ask(link)
            self.assertEqual(["down"], relay.order("stall", "down")["stalled"])
            link.sendall(b"bc")
            while relay.order("state")["bytes"]["up"] < 3:
                time.sleep(0.01)
            link.settimeout(0.3)
            with self.assertRaises(socket.timeout):
                link.recv(1)
            relay.order("resume")
            link.settimeout(DEADLINE)
            self.assertEqual(b"b", link.recv(1))
            self.assertEqual(b"c", link.recv(1))

    def test_what_vanishes_is_lost_and_so_is_the_end(self) -> None:
        with relay_to(self.echo.port) as relay:
            link = self.connect(relay.port)
            self.ask(link)
            relay.order("vanish", "both")
            link.sendall(b"lost")
            self.ask(self.connect(relay.port))
            link.close()
            # The first connection has ended here, and nobody has told the server.
            self.assertEqual(2, relay.order("state")["open"])
            self.assertTrue(self.echo.ends.empty())

    def test_one_connection_of_three_is_dropped(self) -> None:
        with relay_to(self.echo.port, "drop-every=3") as relay:
            outcomes = []
            for _ in range(6):
                try:
                    # The reset may come while the caller is still connecting.
                    self.ask(self.connect(relay.port))
                    outcomes.append("echo")
                except ConnectionError:
                    outcomes.append("dropped")
            self.assertEqual(["echo", "echo", "dropped"] * 2, outcomes)

    def test_a_silent_one_accepts_and_says_nothing(self) -> None:
        with relay_to(self.echo.port, "silent=1") as relay:
            link = self.connect(relay.port)
            link.sendall(b"x")
            link.settimeout(0.3)
            with self.assertRaises(socket.timeout):
                link.recv(1)
            self.assertEqual(1, relay.order("state")["open"])

    def test_what_is_no_order_changes_nothing(self) -> None:
        with relay_to(self.echo.port) as relay:
            before = relay.order("state")
            for words in ("dance", "set", "set speed=1", "set delay-ms=-1 rate-kb=5", "stall sideways"):
                told = relay.order(*words.split())
                self.assertTrue(words == "set" or "error" in told, words)
            self.assertEqual(before, relay.order("state"))

    def test_an_unreachable_target_resets_the_caller(self) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            with relay_to(silent.getsockname()[1]) as relay, self.assertRaises(ConnectionResetError):
                self.connect(relay.port).recv(1)


if __name__ == "__main__":
    unittest.main()
