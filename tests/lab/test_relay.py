#!/usr/bin/env python3
"""The relay: does it carry everything, delay it, and break links only when told?

Delays are only checked from below (nothing may come too early); the rest is
about order.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Iterator

RELAY = Path(__file__).resolve().parent / "relay.py"
DEADLINE = 90


@contextlib.contextmanager
def relay_to(port: int, *options: str) -> Iterator[Any]:
    """A relay to a local port: its process and the port it listens on."""
    command = [sys.executable, str(RELAY), "--to", f"127.0.0.1:{port}", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=DEADLINE)
        assert (process.returncode, complaints) == (0, ""), complaints


class Echo:
    """A server that sends back what it gets."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    @staticmethod
    def _serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65536):
                connection.sendall(data)

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

    def test_everything_arrives_in_order_and_ends(self) -> None:
        data = os.urandom(5_000_000)
        with relay_to(self.echo.port, "--delay-ms", "5", "--buffer-kb", "64") as (_, port):
            link = self.connect(port)

            def send() -> None:
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=send)
            sender.start()
            received = bytearray()
            while chunk := link.recv(65536):
                received += chunk
            sender.join()
        self.assertEqual(data, bytes(received))

    def test_each_direction_is_delayed(self) -> None:
        with relay_to(self.echo.port, "--delay-ms", "60") as (_, port):
            link = self.connect(port)
            begun = time.monotonic()
            for _ in range(3):
                link.sendall(b"x")
                self.assertEqual(b"x", link.recv(1))
            self.assertGreaterEqual(time.monotonic() - begun, 3 * 2 * 0.060)

    def test_cut_resets_both_sides_and_the_relay_goes_on(self) -> None:
        with relay_to(self.echo.port) as (relay, port):
            link = self.connect(port)
            link.sendall(b"x")
            link.recv(1)
            relay.send_signal(signal.SIGUSR1)
            with self.assertRaises(ConnectionResetError):
                link.recv(1)
            again = self.connect(port)
            again.sendall(b"y")
            self.assertEqual(b"y", again.recv(1))

    def test_stall_holds_everything_until_told_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            control = Path(folder, "control")
            with relay_to(self.echo.port, "--control", str(control)) as (relay, port):
                told = {"pid": relay.pid, "port": port, "stalled": False, "cuts": 0}
                self.assertEqual(told, json.loads(control.read_text(encoding="utf-8")))
                link = self.connect(port)
                link.sendall(b"a")
                self.assertEqual(b"a", link.recv(1))
                relay.send_signal(signal.SIGUSR2)
                while not json.loads(control.read_text(encoding="utf-8"))["stalled"]:
                    time.sleep(0.01)
                link.sendall(b"bc")
                link.settimeout(0.5)
                with self.assertRaises(socket.timeout):
                    link.recv(1)
                relay.send_signal(signal.SIGUSR2)
                link.settimeout(DEADLINE)
                self.assertEqual(b"b", link.recv(1))
                self.assertEqual(b"c", link.recv(1))
            self.assertFalse(control.exists())

    def test_an_unreachable_target_resets_the_caller(self) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            with relay_to(silent.getsockname()[1]) as (_, port), self.assertRaises(ConnectionResetError):
                self.connect(port).recv(1)


if __name__ == "__main__":
    unittest.main()
