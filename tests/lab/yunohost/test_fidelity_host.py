#!/usr/bin/env python3
"""Do the stand-in's domains, settings, services and firewall answer as the real YunoHost 12.1.25 did?

As `test_fidelity.py`, whose comparison this uses: sequences of recorded commands, each run twice, the second time with
names replaced at random.

Not compared literally, beside what is told there:
  - the frames of a traceback: that there is one, and its last line;
  - the order of lines that the real command takes from a set (the addresses of the administrators).
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import List, Tuple

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from disguise import Disguise  # noqa: E402 (needs the two lines above)
from harness import Json, Recording, Server  # noqa: E402
from test_fidelity import ADMIN, APPS, DOMAINS, SEED, Comparison, app, normalised_text  # noqa: E402

HOST: Json = {"users": [ADMIN], "domains": DOMAINS, "main_domain": "ynh1.test"}


def sketched(text: str) -> List[str]:
    """The lines of a stream, with the frames of a traceback and lines that come from a set in no order."""
    lines = normalised_text(re.sub(r"0x[0-9a-f]+", "<address>", text)).splitlines()
    shown = [line for line in lines if not line.startswith((" ", "\t"))]
    kept: List[str] = []
    in_traceback = False
    for line in shown:
        if line.startswith("Traceback (most recent call last)"):
            in_traceback = True
        elif in_traceback and re.match(r"[\w.]+(Error|Exception|gaierror)\b", line):
            in_traceback = False
            kept.append(line)
        elif not in_traceback and line and not line.startswith("During handling"):
            kept.append(line)
    # Of causes that led to one another, the last is what is told.
    if kept and not kept[-1].startswith(("ERROR", "WARNING", "INFO", "SUCCESS")):
        kept = [line for line in kept[:-1] if re.match(r"(ERROR|WARNING|INFO|SUCCESS) ", line)] + [kept[-1]]
    return sorted(kept)


class HostComparison(Comparison):
    """Sequences in which `nginx` is not the name of a service that a test made up."""

    def disguises(self) -> List[Tuple[str, Disguise]]:
        (recorded, none), (label, disguise) = super().disguises()
        source = random.Random(SEED)
        port, theme = source.randrange(1100, 1900), source.choice(("halloween", "valentine"))
        words = {"third.test": f"t{source.randrange(10**6)}.test", "8888": str(port), "lab port": f"for {theme}"}
        keep = ("nginx", "nope", "yunohost-api", "yunohost-portal-api", "second.test", "ynh1.test")
        # The zone of a domain decides whether it has DNS records: a name of the same kind.
        words.update({"second.test": f"s{source.randrange(10**6)}.test", "ynh1.test": f"y{source.randrange(10**6)}.test"})
        return [(recorded, none), (label, disguise.changed(keep, words, {8888: port}))]


class Sketched(HostComparison):
    """Comparisons of what is not the same from one run to the next."""

    def check(
        self, recording: Recording, disguise: Disguise, answer: "subprocess.CompletedProcess[str]"
    ) -> None:
        self.assertEqual(sketched(disguise.text(recording.stdout)), sketched(answer.stdout))
        self.assertEqual(sketched(disguise.text(recording.stderr)), sketched(answer.stderr))
        self.assertEqual(recording.exit, answer.returncode)


class Domains(HostComparison):
    def test_readings(self) -> None:
        hextris = {**APPS[0], "label": "Puzzle"}
        seed = {**HOST, "apps": [*APPS[1:], hextris]}
        self.compare(seed, "121 122 123 124 125 127 128 129 133")

    def test_adding_after_an_addition_that_was_rolled_back(self) -> None:
        one = {"users": [ADMIN], "domains": ["ynh1.test"]}
        self.compare({**one, "no_catalog": True}, "045 046")
        self.compare({**one, "dovecot_domains": DOMAINS}, "066 067")
        self.compare(one, "600")

    def test_refusals(self) -> None:
        hextris = {**APPS[0], "label": "Puzzle"}
        seed = {**HOST, "apps": [*APPS[1:], hextris]}
        self.compare(seed, "135 136 137 132")

    def test_removal_with_its_application(self) -> None:
        resources = {"resources": {"system_user": {}, "install_dir": {}, "permissions": {}}}
        lab = {**app("labapp__3", "labapp", "Lab App", "/", [], manifest=resources), "domain": "third.test"}
        self.compare({**HOST, "domains": [*DOMAINS, "third.test"], "apps": [lab]}, "602 603")

    def test_the_panel(self) -> None:
        self.compare({**HOST, "apps": [APPS[0]]}, "126")

    def test_certificates(self) -> None:
        self.compare(HOST, "128 130 131")

    def test_dyndns(self) -> None:
        self.compare(HOST, "617")


class DomainsInNoOrder(Sketched):
    def test_main_domain_without_a_way_out(self) -> None:
        self.compare({**HOST, "offline": True}, "615")

    def test_a_name_of_the_dyndns_service(self) -> None:
        self.compare(HOST, "138")


class Settings(HostComparison):
    def test_readings(self) -> None:
        self.compare(HOST, "160 161 162 163")

    def test_changes(self) -> None:
        self.compare(HOST, "164 165 167 160 310 312")


class SettingsThatBreak(Sketched):
    def test_a_port_that_is_none(self) -> None:
        services = {"services": {"ssh": {}}}
        self.compare({**HOST, **services}, "166")
        for label, disguise in self.disguises():
            with self.subTest(names=label), tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value({**HOST, **services}))
                server.run(disguise.value(Recording("166").command))
                self.assertEqual(99999999, json.loads(server.run(Recording("161").command).stdout))
                self.assertEqual("failed", server.query("service", "status", "ssh")["status"])


class Firewall(HostComparison):
    def test_opening_and_closing(self) -> None:
        self.compare(HOST, "180 181 182 183 184 180 187")

    def test_no_router_answers(self) -> None:
        self.compare(HOST, "188")

    def test_what_was_measured_of_closing_again(self) -> None:
        """Tried on a real 12.1.25; no recording."""
        for command, out, error in (
            ("firewall close 22", "SUCCESS Firewall reloaded\n", ""),
            ("firewall close 8888", "SUCCESS Firewall reloaded\n", "WARNING Port 8888 is already closed\n"),
        ):
            with self.subTest(command=command), tempfile.TemporaryDirectory() as folder:
                server = Server(folder, HOST)
                answer = server.run(f"yunohost {command}".split())
                self.assertEqual((0, out, error), (answer.returncode, answer.stdout, answer.stderr))
                self.assertTrue(server.query("firewall", "list", "--raw")["tcp"]["22"]["open"])


if __name__ == "__main__":
    print(f"names drawn with BEFFROI_TEST_SEED={SEED}", file=sys.stderr)
    unittest.main()
