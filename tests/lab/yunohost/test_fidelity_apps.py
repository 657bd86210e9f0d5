#!/usr/bin/env python3
"""The same as `test_fidelity.py`, for applications: packages, questions, addresses, panels and actions.

The recordings whose number begins with `a` come from a second host of the same
version, with packages and a catalog of its own.

Beside what `test_fidelity.py` says, these are not compared: the lines that
YunoHost takes out of the log of a script that failed, and what `app manifest`
says of the documents and the age of a package.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import test_fidelity  # noqa: E402 (needs the two lines above)
from disguise import Disguise  # noqa: E402
from harness import Json, Recording, Server  # noqa: E402
from test_fidelity import ADMIN, ALICE, DOMAINS, Comparison  # noqa: E402

_EXTRACT = re.compile(r"^INFO (DEBUG|WARNING|ERROR) - ")

_PLACE = {"domain": {"type": "domain"}, "path": {"type": "path", "default": "/hextris"}}
_GROUP = {"init_main_permission": {"type": "group", "default": "visitors"}}
RESOURCES: Json = {
    "system_user": {},
    "install_dir": {"group": "www-data:r-x"},
    "permissions": {"main": {"url": "/"}},
}


def step(done: int, now: int, text: str) -> List[str]:
    return ["INFO", f"[{'#' * done}{'+' * now}{'.' * (20 - done - now)}] > {text}"]


HEXTRIS_MANIFEST: Json = {
    "id": "hextris",
    "name": "Hextris",
    "description": {"en": "Fast paced puzzle game", "fr": "Jeu de puzzle"},
    "version": "2023.06.09~ynh2",
    "install": {**_PLACE, **_GROUP},
    "resources": {"sources": {}, **RESOURCES},
}
HEXTRIS_STEPS: Json = {
    "install": [
        step(0, 6, "Setting up source files..."),
        step(6, 7, "Configuring NGINX web server..."),
    ],
    "backup": [
        ["INFO", "Declaring files to be backed up..."],
        [
            "INFO",
            "Backup script completed for hextris. (YunoHost will then actually copy those files to the archive).",
        ],
    ],
    "upgrade": [step(0, 6, "Upgrading source files...")],
    "remove": [step(0, 10, "Removing NGINX web server configuration...")],
    "restore": [
        step(0, 5, "Restoring the app main directory..."),
        step(5, 5, "Restoring the NGINX web server configuration..."),
        step(10, 5, "Reloading NGINX web server..."),
        ["INFO", "[####################] > Restoration completed for hextris"],
    ],
    "change_url": [step(0, 10, "Updating NGINX web server configuration...")],
}
HEXTRIS: Json = {"manifest": HEXTRIS_MANIFEST, "steps": HEXTRIS_STEPS, "size": 112800}

LABAPP_QUESTIONS: Json = {
    "domain": {"type": "domain"},
    "path": {"type": "path", "default": "/lab"},
    **_GROUP,
    "admin": {"type": "user"},
    "password": {"type": "password"},
    "greeting": {"ask": {"en": "Greeting text"}, "type": "string", "default": "hello", "example": "hello"},
    "colour": {
        "ask": {"en": "Colour"},
        "type": "select",
        "choices": ["red", "green"],
        "default": "red",
    },
    "count": {"ask": {"en": "A number"}, "type": "number", "default": 3, "min": 1, "max": 9},
    "optional_note": {"ask": {"en": "Optional note"}, "type": "string", "optional": True},
    "fail": {"ask": {"en": "Fail on purpose?"}, "type": "boolean", "default": False},
    "sleep": {"ask": {"en": "Seconds to sleep between steps"}, "type": "number", "default": 0},
}
LABAPP_STEPS: Json = {
    "install": [
        ["WARNING", "This is a packager warning"],
        step(0, 6, "Preparing..."),
        step(6, 7, "Configuring NGINX web server..."),
    ],
    "backup": [["INFO", "Declaring files to be backed up..."]],
    "upgrade": [step(0, 10, "Upgrading NGINX web server configuration...")],
    "remove": [step(0, 10, "Removing NGINX web server configuration...")],
}


def option(kind: str, name: str, ask: str, **more: Any) -> Json:
    return {"type": kind, "id": name, "mode": "bash", "ask": ask, "readonly": False, **more}


GENERAL: List[Json] = [
    option("string", "greeting", "Greeting"),
    option("select", "colour", "Colour", choices=["red", "green"]),
    option("number", "count", "A number", min=1, max=9),
    option("boolean", "enabled", "Enabled"),
    option("password", "secret", "Secret"),
]


def panel(options: List[Json], section: str = "general", name: str = "main") -> Json:
    return {"id": name, "name": name, "sections": [{"id": section, "options": options}]}


def labapp(version: str = "1.0~ynh1", **more: Any) -> Json:
    manifest = {
        "id": "labapp",
        "name": "Lab App",
        "description": {"en": "Tiny app used to exercise a remote administration client"},
        "version": version,
        "maintainers": ["lab"],
        "upstream": {"license": "MIT"},
        "install": LABAPP_QUESTIONS,
        "resources": RESOURCES,
        "integration": {
            "yunohost": ">= 12.0.9",
            "helpers_version": "2.1",
            "architectures": "all",
            "multi_instance": True,
            "ldap": False,
            "sso": False,
            "disk": "1M",
            "ram": {"build": "1M", "runtime": "1M"},
        },
        "notifications": {
            "PRE_INSTALL": {"main": {"en": "Read this before installing."}},
            "POST_INSTALL": {"main": {"en": "Installed at __DOMAIN____PATH__ as __APP__. Do the thing."}},
            "PRE_UPGRADE": {},
            "POST_UPGRADE": {},
        },
    }
    return {"manifest": manifest, "steps": LABAPP_STEPS, "panel": [panel(GENERAL)], **more}


def installed(app_id: str, path: str, package: Json, **more: Any) -> Json:
    """An application that was installed from a package."""
    place = {"domain": "second.test", "path": path, "allowed": []}
    return {"id": app_id, "manifest": package["manifest"], "package": package, **place, **more}


class Packages(Comparison):
    """Names that are made of another one, and a service that has one name everywhere."""

    def disguises(self) -> List[Tuple[str, Disguise]]:
        drawn = Disguise.random(random.Random(test_fidelity.SEED))
        archives = [f"{package}-pre-upgrade1" for package in ("hextris", "labapp")]
        disguise = drawn.keeping("nginx", *archives, numbers=True)
        return [("as recorded", Disguise.none()), (f"seed {test_fidelity.SEED}", disguise)]


class Apps(Packages):
    def check(
        self, recording: Recording, disguise: Disguise, answer: "subprocess.CompletedProcess[str]"
    ) -> None:
        recording.stdout = _without_extract(recording.stdout)
        answer.stdout = _without_extract(answer.stdout)
        super().check(recording, disguise, answer)

    SERVER: Json = {"users": [ADMIN, ALICE], "domains": DOMAINS, "main_domain": "ynh1.test"}

    def test_install_with_the_answers_it_wants(self) -> None:
        far = {**HEXTRIS, "repository_missing": True}
        far["git"] = {"branch": "master", "revision": "0" * 40, "url": "https://github.com/YunoHost-Apps/hextris_ynh"}
        missing = (
            "Failed to download asset 'main' (https://github.com/Hextris/hextris/archive/"
            "3f4847dc8fd7dab3d1c87e6324b9159d92fbd396.tar.gz) for {app}: wget: unable to resolve host address"
            " ‘github.com’\n"
        )
        folders = {
            "/root/apps/hextris_ynh": {**HEXTRIS, "sources_missing": missing},
            "/root/apps/hextrisB_ynh": HEXTRIS,
        }
        seed = {**self.SERVER, "app_catalog": {"hextris": far}, "app_folders": folders}
        self.compare(seed, "068 070 074 076 077 078 079 080 081 082 083 140 144 145")

    def test_questions_of_every_type(self) -> None:
        seed = {**self.SERVER, "app_folders": {"/root/apps/labapp_ynh": labapp()}}
        self.compare(seed, "501 502 503 504 506")

    def test_manifest_with_questions_worked_out(self) -> None:
        groups = [{"name": "friends"}, {"name": "g2"}]
        seed = {**self.SERVER, "groups": groups, "app_folders": {"/root/apps/labapp_ynh": labapp()}}
        recording = Recording("500")
        seed["apps"] = [installed("labapp", "/x", labapp())]
        with tempfile.TemporaryDirectory() as folder:
            answer = Server(folder, seed).run(recording.command)
        wanted, found = recording.result, _last_json(answer.stdout)
        for key in ("doc", "lastUpdate"):
            wanted.pop(key), found.pop(key)
        self.assertEqual(_measured(wanted), _measured(found))

    def test_an_upgrade_that_is_rolled_back_ends_with_status_0(self) -> None:
        fails = {"upgrade": "wget: unable to resolve host address ‘github.com’"}
        hextris = installed("hextris", "/hextris", HEXTRIS, is_default=True)
        folders = {"/root/apps/hextrisB_ynh": {**HEXTRIS, "fails": fails}}
        self.compare({**self.SERVER, "apps": [hextris], "app_folders": folders}, "148 149")

    def test_an_upgrade_from_the_catalog(self) -> None:
        upgrade = {"status": "upgradable", "new_version": "1.1~ynh1"}
        old = installed("labapp", "/lab", labapp(), upgrade=upgrade)
        catalog = {"labapp": labapp("1.1~ynh1")}
        self.compare({**self.SERVER, "apps": [old], "app_catalog": catalog}, "522 523 524")

    def test_change_of_address_and_label(self) -> None:
        second = installed("hextris__2", "/hextris2", HEXTRIS)
        self.compare({**self.SERVER, "apps": [second]}, "147 152")

    def test_a_panel(self) -> None:
        values = {"greeting": "hello", "colour": "green", "count": 5, "enabled": "1", "secret": "x"}
        lab = installed("labapp", "/lab", labapp(), settings=values, panel=[panel(GENERAL)])
        self.compare({**self.SERVER, "apps": [lab]}, "508 509 510")

    def test_removal(self) -> None:
        broken = installed("labapp__2", "/brk", labapp())
        self.compare({**self.SERVER, "apps": [broken]}, "635")


class House(Packages):
    """The second host."""

    def house(self, **more: Any) -> Json:
        admin = {**ADMIN, "mail": "adminone@maison.test"}
        return {"users": [admin], "domains": ["maison.test"], **more}

    def lab(self, **more: Any) -> Json:
        buttons = [
            option("string", "who", "Whom to greet", default="world"),
            option("button", "greet", "Greet"),
            option("button", "break_it", "Fail"),
        ]
        note = option("text", "note", "Note", visible="enabled")
        return {
            **installed("labapp", "/lab", labapp()),
            "domain": "maison.test",
            "supports": {"change_url": False},
            "settings": {"greeting": "hello", "colour": "red", "count": 3, "enabled": "1", "note": "", "secret": "x"},
            "panel": [panel([*GENERAL[:4], note, GENERAL[4]]), panel(buttons, "page", "actions")],
            "actions": {
                "greet": {"says": "Greeting {who}"},
                "break_it": {"fails": "The action fails on purpose"},
            },
            **more,
        }

    def test_settings_actions_and_what_is_unknown(self) -> None:
        told = "a07 a09 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a23 a26 a27 a28 a31 a42 a43 a45 a47"
        self.compare(self.house(apps=[self.lab()]), told)

    def test_the_catalog_is_searched(self) -> None:
        seed = self.house(app_catalog={"hextris": HEXTRIS, "labapp": labapp()})
        self.compare(seed, "a04")
        # What is searched for is a part of a sentence, which a disguise replaces as a whole.
        with tempfile.TemporaryDirectory() as folder:
            recording = Recording("a55")
            self.check(recording, Disguise.none(), Server(folder, seed).run(recording.command))

    def test_some_upgrades_fail(self) -> None:
        steps = {
            "backup": [["INFO", "Declaring files to be backed up..."]],
            "upgrade": [step(0, 6, "Updating the page...")],
            "remove": [step(0, 10, "Removing NGINX web server configuration...")],
            "restore": [
                step(0, 6, "Restoring the page..."),
                step(6, 7, "Restoring the NGINX web server configuration..."),
            ],
        }
        apps, catalog = [], {}
        for name in ("fragile", "vitrine", "labapp"):
            manifest = {"id": name, "name": name.title(), "version": "1.0~ynh1", "resources": RESOURCES}
            package = {"manifest": manifest, "steps": steps}
            upgrade = {"status": "upgradable", "new_version": "1.1~ynh1"}
            apps.append(installed(name, f"/{name}", package, upgrade=upgrade))
            fails = {"upgrade": "The upgrade fails on purpose"} if name == "fragile" else {}
            catalog[name] = {"manifest": {**manifest, "version": "1.1~ynh1"}, "steps": steps, "fails": fails}
        for number, versions in (("a38", "1.0 1.0 1.0"), ("a40", "1.0 1.1 1.1")):
            with self.subTest(number), tempfile.TemporaryDirectory() as folder:
                recording, server = Recording(number), Server(folder, self.house(apps=apps, app_catalog=catalog))
                answer = server.run(recording.command)
                self.assertEqual(test_fidelity.normalised_text(recording.stderr), test_fidelity.normalised_text(answer.stderr))
                wanted, found = recording.result, _last_json(answer.stdout)
                self.assertEqual(test_fidelity.normalised_json(wanted), test_fidelity.normalised_json(found))
                self.assertEqual(recording.exit, answer.returncode)
                shown = {entry["id"]: entry["version"] for entry in server.query("app", "list")["apps"]}
                by_name = dict(zip(("fragile", "vitrine", "labapp"), versions.split()))
                self.assertEqual({name: f"{version}~ynh1" for name, version in by_name.items()}, shown)


def _without_extract(stdout: str) -> str:
    return "".join(line for line in stdout.splitlines(True) if not _EXTRACT.match(line))


def _last_json(stdout: str) -> Dict[str, Any]:
    found: Dict[str, Any] = test_fidelity.split_output(stdout)[1]
    return found


def _measured(manifest: Json) -> Json:
    """Without the memory that is free at the time."""
    ram = manifest["requirements"]["ram"]
    ram["error"] = re.sub(r"only \S+ is", "only <some> is", ram["error"])
    return manifest


if __name__ == "__main__":
    print(f"names drawn with BEFFROI_TEST_SEED={test_fidelity.SEED}", file=sys.stderr)
    unittest.main()
