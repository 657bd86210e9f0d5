#!/usr/bin/env python3
"""Does the stand-in answer as the real YunoHost 12.1.25 did?

Each sequence starts a server from an explicit seed, runs the recorded commands
in their recorded order and compares exit codes, streams and JSON with the
recordings in tests/fixtures/yunohost/12.1.25/transcripts. Every sequence is
run twice: as recorded, then with all names replaced at random (`disguise.py`;
set BEFFROI_TEST_SEED to repeat a run).

What is *not* compared literally, and how it is compared instead:
  - operation names (`20261120-235846-user_create-alice`): the date part by its form;
  - dates and times in ISO form, in JSON or text: by their form;
  - `DEBUG` lines: their presence, not their text or number;
  - the order of keys in JSON objects, and of what the directory keeps as sets: `allowed`, `mail-aliases`, `members`.
Everything else, white space included, must be identical.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, List, Optional, Tuple

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from disguise import Disguise  # noqa: E402 (needs the two lines above)
from harness import Json, Recording, Server  # noqa: E402

_IN_ANY_ORDER = ("allowed", "mail-aliases", "members")
SEED = int(os.environ.get("BEFFROI_TEST_SEED") or random.SystemRandom().randrange(10**9))


def normalised_text(text: str) -> str:
    text = re.sub(r"\b\d{8}-\d{6}-(?=[a-z])", "<when>-", text)
    return re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", "<date>", text)


def normalised_json(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return normalised_text(value)
    if isinstance(value, list):
        items = [normalised_json(item) for item in value]
        return sorted(items) if key in _IN_ANY_ORDER else items
    if isinstance(value, dict):
        return {normalised_text(name): normalised_json(item, name) for name, item in value.items()}
    return value


def split_output(stdout: str) -> Tuple[List[str], Optional[Any]]:
    """The lines of text, and the JSON of the last line if it is JSON."""
    lines = stdout.splitlines()
    if lines and lines[-1][:1] in ("{", "["):
        return lines[:-1], json.loads(lines[-1])
    return lines, None


def comparable(lines: List[str]) -> List[str]:
    """Normalised lines, with any run of debug lines as one."""
    shown: List[str] = []
    for line in lines:
        line = "<debug>" if re.match(r"\d+ +DEBUG ", line) else normalised_text(line)
        if line != "<debug>" or shown[-1:] != ["<debug>"]:
            shown.append(line)
    return shown


class Comparison(unittest.TestCase):
    """Runs sequences, as recorded and in disguise."""

    maxDiff = None

    def disguises(self) -> List[Tuple[str, Disguise]]:
        return [("as recorded", Disguise.none()), (f"seed {SEED}", Disguise.random(random.Random(SEED)))]

    def compare(self, seed: Json, numbers: str) -> None:
        """Replay the recordings named by their numbers on a server made from the seed."""
        for label, disguise in self.disguises():
            with tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(seed))
                for number in numbers.split():
                    recording = Recording(number)
                    with self.subTest(recording=recording.name, names=label):
                        answer = server.run(disguise.value(recording.command))
                        self.check(recording, disguise, answer)

    def check(
        self, recording: Recording, disguise: Disguise, answer: "subprocess.CompletedProcess[str]"
    ) -> None:
        wanted_text, wanted_json = split_output(recording.stdout)
        text, result = split_output(answer.stdout)
        self.assertEqual(comparable(disguise.value(wanted_text)), comparable(text))
        self.assertEqual(normalised_json(disguise.value(wanted_json)), normalised_json(result))
        self.assertEqual(normalised_text(disguise.text(recording.stderr)), normalised_text(answer.stderr))
        self.assertEqual(recording.exit, answer.returncode)
        if result is not None and "plain" not in recording.command:
            self.assertTrue(answer.stdout.isascii() or wanted_text, "JSON is written in ASCII")
            self.assertTrue(answer.stdout.splitlines()[-1].isascii())

    def run_once(
        self, server: Server, disguise: Disguise, command: str
    ) -> "subprocess.CompletedProcess[str]":
        return server.run(disguise.value(command.split()))


ADMIN: Json = {"username": "adminone", "fullname": "Admin One", "mail": "adminone@ynh1.test"}
ALICE: Json = {"username": "alice", "fullname": "Alice L. Liddell", "mail": "alice@ynh1.test"}
DOMAINS = ["second.test", "ynh1.test"]


def app(app_id: str, package: str, name: str, path: str, allowed: List[str], **more: Any) -> Json:
    manifest = {"id": package, "name": name, **more.pop("manifest", {})}
    place = {"domain": "second.test", "path": path}
    return {"id": app_id, "manifest": manifest, "allowed": allowed, **place, **more}


APPS = [
    app("hextris", "hextris", "Hextris", "/hextris", ["visitors", "all_users"]),
    app("hextris__2", "hextris", "Hextris", "/hextris2", ["all_users"]),
    app("hextris__3", "hextris", "Hextris", "/hxproxy", ["all_users", "visitors"]),
    app("my_webapp", "my_webapp", "My Webapp", "/site", ["all_users", "visitors"]),
]


class Users(Comparison):
    def test_a_server_without_a_catalog_fails_after_the_change(self) -> None:
        seed = {"users": [ADMIN], "domains": ["ynh1.test"], "no_catalog": True}
        self.compare(seed, "020 021 023 024 025 028 040 046 047 048")

    def test_creation_groups_permissions_and_update(self) -> None:
        seed = {
            "users": [ADMIN],
            "domains": DOMAINS,
            "main_domain": "ynh1.test",
            "groups": [{"name": "friends"}],
            "apps": APPS,
        }
        self.compare(seed, "065 067 100 101 102 103 104 105 106 107 108 109 110 111 114 115")

    def test_output_options_and_unknown_users(self) -> None:
        seed = {"users": [ADMIN, {**ALICE, "quota": "500M"}], "domains": DOMAINS, "main_domain": "ynh1.test"}
        self.compare(seed, "324 325 326 327 328 329 330 334")

    def test_prompts_passwords_addresses_and_the_last_administrator(self) -> None:
        alice = {**ALICE, "quota": "500M", "mail_aliases": ["alias@second.test"]}
        seed = {"users": [ADMIN, alice], "domains": DOMAINS, "main_domain": "ynh1.test"}
        self.compare(seed, "404 604 605 612 614 619 620 606 640 700 714")

    def test_the_journal_tells_the_same_story(self) -> None:
        told = "024 047 065 103 105 114"
        wanted = [
            (re.sub(r"^\d{8}-\d{6}-", "", entry["name"]), entry["description"], entry["success"])
            for entry in Recording("215").result["operation"]
            if entry["name"].split("-")[2]
            in ("user_create", "user_delete", "user_group_update", "user_update")
        ]
        example = Recording("215").result["operation"][0]
        for label, disguise in self.disguises():
            with self.subTest(names=label), tempfile.TemporaryDirectory() as folder:
                seed = {"users": [ADMIN], "domains": DOMAINS, "main_domain": "ynh1.test", "no_catalog": True}
                server = Server(folder, disguise.value({**seed, "groups": [{"name": "friends"}]}))
                state = Path(folder, "state", "state.json")
                for number in told.split():
                    answer = server.run(disguise.value(Recording(number).command))
                    self.assertEqual(Recording(number).exit, answer.returncode)
                    if number == "047":
                        document = json.loads(state.read_text(encoding="utf-8"))
                        state.write_text(json.dumps({**document, "no_catalog": False}), encoding="utf-8")
                entries = json.loads(server.run("yunohost log list --output-as json".split()).stdout)[
                    "operation"
                ]
                found = [(entry["name"][16:], entry["description"], entry["success"]) for entry in entries]
                self.assertEqual([tuple(disguise.value(list(entry))) for entry in wanted], found)
                for entry in entries:
                    self.assertEqual(set(example), set(entry))
                    self.assertEqual(example["path"].rsplit("/", 1)[0], entry["path"].rsplit("/", 1)[0])
                    self.assertRegex(entry["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")


class Refusals(Comparison):
    """Cases recorded with another command than the one tried here, or read in the published source."""

    SEED_OF_ONE = {"users": [ADMIN], "domains": DOMAINS, "main_domain": "ynh1.test"}

    def refused(self, command: str, error: str) -> None:
        for label, disguise in self.disguises():
            with self.subTest(command=command, names=label), tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(self.SEED_OF_ONE))
                before = server.run("yunohost user list --output-as json".split()).stdout
                answer = self.run_once(server, disguise, command)
                self.assertEqual(f"ERROR {disguise.text(error)}\n", answer.stderr.splitlines(True)[-1])
                self.assertEqual(1, answer.returncode)
                self.assertNotIn("{", answer.stdout)
                after = server.run("yunohost user list --output-as json".split()).stdout
                self.assertEqual(before, after, "nothing changed")

    def test_common_password_in_the_words_of_the_installation(self) -> None:
        wanted = Recording("004").stderr[len("ERROR ") :].rstrip("\n")
        self.refused("yunohost user create bob -F Bob -p weak -d ynh1.test", wanted)

    def test_short_password(self) -> None:
        self.refused(
            "yunohost user create bob -F Bob -p Zx9!kq -d ynh1.test",
            "The password needs to be at least 8 characters long",
        )
        self.refused(
            "yunohost user create bob -F Bob -p ab -d ynh1.test",
            "Invalid argument 'password': Must be at least 3 characters long",
        )

    def test_reserved_names(self) -> None:
        self.refused(
            "yunohost user create admin -F Bob -p Some-Passw0rd-1 -d ynh1.test",
            "Could not create user admin: LDAP attribute 'mail' already exists with value 'admin@ynh1.test'",
        )
        self.refused(
            "yunohost user create admin -F Bob -p Some-Passw0rd-1 -d second.test",
            "This e-mail address is reserved for the admins group",
        )
        self.refused(
            "yunohost user create www_data -F Bob -p Some-Passw0rd-1 -d nowhere.test",
            "Domain 'nowhere.test' unknown",
        )
        self.refused(
            "yunohost user create mail -F Bob -p Some-Passw0rd-1 -d ynh1.test",
            "Username already exists in the list of system users",
        )

    def test_bad_domain_and_bad_quota(self) -> None:
        self.refused(
            "yunohost user create bob -F Bob -p Some-Passw0rd-1 -d not_a_domain",
            "Invalid argument 'domain': Must be a valid domain name (e.g. my-domain.org)",
        )
        self.refused(
            "yunohost user create bob -F Bob -p Some-Passw0rd-1 -d ynh1.test -q 10",
            "Invalid argument 'mailbox_quota': Must be a size with b/k/M/G/T suffix or 0 to not have a quota",
        )

    def test_prompts_in_the_words_of_the_installation(self) -> None:
        wanted = Recording("003").stderr[len("ERROR ") :].rstrip("\n")
        self.refused("yunohost user create bob", wanted)
        self.refused("yunohost user create bob -F Bob", wanted)

    def test_unknown_users_and_addresses(self) -> None:
        self.refused("yunohost user delete bob --output-as json", "Unknown user: bob")
        self.refused("yunohost user update bob -F Bob", "Unknown user: bob")
        self.refused(
            "yunohost user update adminone --add-mailalias x@elsewhere.test",
            "Invalid e-mail address for domain 'elsewhere.test'."
            " Please, use a domain administrated by this server.",
        )


class CommandLine(Comparison):
    def test_usage_errors_and_empty_line(self) -> None:
        self.compare({"users": [ADMIN]}, "031 032 035 329")

    def test_before_the_installation(self) -> None:
        self.compare({"installed": False, "versions": Recording("001").result}, "000 001 002 006")

    def test_versions(self) -> None:
        self.compare({"versions": Recording("240").result}, "000 240")

    def test_what_is_not_imitated_says_so(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            answer = Server(folder, {}).run("yunohost firewall stop".split())
        self.assertEqual(70, answer.returncode)
        self.assertIn("does not imitate `yunohost firewall stop`", answer.stderr)


class Apps(Comparison):
    def test_full_list(self) -> None:
        """Manifest, settings, upgrade and catalog are seeded; the rest has to be worked out from them."""
        apps = []
        for entry in Recording("086").result["apps"]:
            supports = {key[len("supports_") :]: entry[key] for key in entry if key.startswith("supports_")}
            seeded = ("id", "settings", "manifest", "upgrade", "from_catalog", "logo", "is_default")
            apps.append({**{key: entry[key] for key in seeded}, "supports": supports})
        users = [ADMIN, {**ALICE, "fullname": "Alice Liddell"}]
        self.compare({"users": users, "domains": DOMAINS, "apps": apps}, "086")

    def test_short_lists(self) -> None:
        hextris = {
            "version": "2023.06.09~ynh2",
            "description": {"en": "Fast paced puzzle game", "fr": "Jeu de puzzle"},
        }
        self.compare(
            {"apps": [app("hextris", "hextris", "Hextris", "/hextris", [], manifest=hextris)]}, "077"
        )
        seeds = []
        for entry in Recording("634").result["apps"]:
            manifest = {"version": entry["version"], "description": {"en": entry["description"]}}
            label = {"label": entry["name"]} if entry["name"] in ("Puzzle", "Renamed") else {}
            name = "Hextris" if label else entry["name"]
            package = entry["id"].split("__")[0]
            path = entry["domain_path"][len("second.test") :]
            seeds.append(app(entry["id"], package, name, path, [], manifest=manifest, **label))
        self.compare({"apps": seeds[::-1]}, "634")


class Services(Comparison):
    def seed(self) -> Json:
        return {"services": Recording("170").result}

    def test_status_and_actions(self) -> None:
        self.compare(self.seed(), "170 171 172 173 175")

    def test_restart_changes_only_its_service(self) -> None:
        for label, disguise in self.disguises():
            with self.subTest(names=label), tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(self.seed()))
                wanted = disguise.value(Recording("170").result)
                server.run(disguise.value(Recording("173").command))
                found = json.loads(server.run(Recording("170").command).stdout)
                changed = {name for name in wanted if wanted[name] != found[name]}
                self.assertEqual({disguise.text("nginx")}, changed)
                (name,) = changed
                self.assertEqual(set(wanted[name]), set(found[name]))
                self.assertNotEqual(wanted[name]["last_state_change"], found[name]["last_state_change"])

    def test_two_services_by_name(self) -> None:
        services = {**Recording("170").result, **Recording("637").result}
        self.compare({"services": services}, "637")


class Backups(Comparison):
    def test_names_then_details(self) -> None:
        self.compare({"backups": {"hextris-pre-upgrade1": {}}}, "190")
        self.compare({"backups": Recording("193").result["archives"]}, "193")

    def test_sizes_for_people(self) -> None:
        sizes = {"110KB": 113045, "107KB": 109643, "57KB": 58368, "1.1MB": 1128639}
        archives = Recording("608").result["archives"]
        seed = {name: {**archive, "size": sizes[archive["size"]]} for name, archive in archives.items()}
        with tempfile.TemporaryDirectory() as folder:
            recording = Recording("608")
            answer = Server(folder, {"backups": seed}).run(recording.command)
            self.check(recording, Disguise.none(), answer)


if __name__ == "__main__":
    print(f"names drawn with BEFFROI_TEST_SEED={SEED}", file=sys.stderr)
    unittest.main()
