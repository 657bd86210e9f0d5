#!/usr/bin/env python3
"""The same as `test_fidelity.py`, for backups, tools, hooks, disks and the diagnosis.

Ages and moments that are numbers (`last_apt_update`, `timestamp`) are compared
by their form.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from disguise import Disguise  # noqa: E402 (needs the two lines above)
from harness import Json, Recording, Server  # noqa: E402
from test_fidelity import ADMIN, DOMAINS, SEED, Comparison, app, normalised_json, split_output  # noqa: E402

_NEVER = 99999 * 3600
_MOMENTS = ("last_apt_update", "last_apps_catalog_update", "timestamp")
_SOURCES = "lines, which might help identify problematic lines: \n"


def without_moments(value: Any) -> Any:
    """The same, each age or moment as 0; what stands for never stays."""
    if isinstance(value, list):
        return [without_moments(item) for item in value]
    if isinstance(value, dict):
        return {
            key: 0 if key in _MOMENTS and item not in (-1, _NEVER) else without_moments(item)
            for key, item in value.items()
        }
    return value


class SystemComparison(Comparison):
    """A comparison in which sizes and names of services are those of the recording: sentences hold them."""

    def disguises(self) -> List[Tuple[str, Disguise]]:
        disguise = Disguise.random(random.Random(SEED)).keeping("nginx", numbers=True)
        return [("as recorded", Disguise.none()), (f"seed {SEED}", disguise)]

    def check(
        self, recording: Recording, disguise: Disguise, answer: "subprocess.CompletedProcess[str]"
    ) -> None:
        wanted_text, wanted = split_output(recording.stdout)
        text, found = split_output(answer.stdout)
        wanted, found = (normalised_json(without_moments(value)) for value in (disguise.value(wanted), found))
        self.assertEqual(wanted, found)
        recording.stdout = "\n".join(wanted_text)
        answer.stdout = "\n".join(text)
        super().check(recording, disguise, answer)


def change(server: Server, **changes: Any) -> None:
    """Make the state of a server what another command would have made it."""
    path = server.folder / "state.json"
    state: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    state.update(changes)
    path.write_text(json.dumps(state), encoding="utf-8")


MY_WEBAPP: Json = app(
    "my_webapp",
    "my_webapp",
    "My Webapp",
    "/site",
    ["all_users"],
    manifest={
        "version": Recording("195").result["apps"]["my_webapp"]["version"],
        "description": {"en": Recording("195").result["apps"]["my_webapp"]["description"]},
        "resources": {"system_user": {}, "install_dir": {}, "permissions": {}, "apt": {}},
    },
)


class Backups(SystemComparison):
    def test_made_looked_into_and_restored(self) -> None:
        """What the scripts of an app print is the app's: the seed says it."""
        restored = Recording("201")
        lines = [line[len("INFO ") :] for line in restored.stdout.splitlines() if line.startswith("INFO [")]
        warnings = [line[len("WARNING ") :] for line in restored.stderr.splitlines()]
        seed: Json = {
            "users": [ADMIN],
            "domains": DOMAINS,
            "apps": [MY_WEBAPP],
            "backups": {"hextris-pre-upgrade1": Recording("193").result["archives"]["hextris-pre-upgrade1"]},
            "backup_sizes": {
                "my_webapp": {"told": 109165, "archived": 109643},
                "conf_ynh_settings": {"told": 0, "archived": 27871},
            },
            "app_scripts": {"my_webapp": {"restore": {"lines": lines, "warnings": warnings}}},
            "versions": Recording("240").result,
        }
        for label, disguise in self.disguises():
            with tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(seed))
                for number in "190 191 192 193 194 195 196 197 201".split():
                    recording = Recording(number)
                    if number == "201":
                        change(server, apps=[])
                    with self.subTest(recording=recording.name, names=label):
                        self.check(recording, disguise, server.run(disguise.value(recording.command)))

    def test_what_is_not_known_is_left_out(self) -> None:
        info, restored = Recording("s03").result, Recording("s14").stdout.splitlines()
        lines = [line[len("INFO ") :] for line in restored if line.startswith("INFO [")]
        manifest = {key: info["apps"]["vitrine"][key] for key in ("version", "name")}
        manifest["description"] = {"en": info["apps"]["vitrine"]["description"]}
        says = {"backup": {"lines": ["Declaring files to be backed up..."]}, "restore": {"lines": lines}}
        told = info["apps"]["vitrine"]["size"]
        archived = Recording("s04").result["size"]
        seed: Json = {
            "apps": [app("vitrine", "vitrine", "Vitrine", "/vitrine", [], manifest=manifest)],
            "backup_sizes": {
                "vitrine": {"told": told, "archived": archived},
                "conf_ynh_settings": {"told": 0, "archived": info["size"] - archived},
            },
            "app_scripts": {"vitrine": says},
            "versions": Recording("240").result,
        }
        made = "s02 s03 s04 s05 s06 s07 s08 s09 s10 s12"
        for label, disguise in self.disguises():
            with tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(seed))
                for number in f"{made} s14 s15 s16 s17".split():
                    recording = Recording(number)
                    if number == "s14":
                        change(server, apps=[])
                    with self.subTest(recording=recording.name, names=label):
                        self.check(recording, disguise, server.run(disguise.value(recording.command)))

    def test_stored_by_a_script_that_somebody_brought(self) -> None:
        """One that keeps it, one that fails, none at all; the paths are those of a server that is in a folder."""
        keeper = '[ "$1" = backup ] || exit 1\necho "of no interest"\necho "kept elsewhere" >&2\nfind "$2" -type f >../../../../found\n'
        loser = '[ "$1" = backup ] || exit 1\necho "nowhere to put it" >&2\nexit 7\n'
        size = Recording("s76").result["size"]
        seed: Json = {
            "apps": [app("vitrine", "vitrine", "Vitrine", "/vitrine", [])],
            "backup_sizes": {"vitrine": {"told": size, "archived": size}},
            "app_scripts": {"vitrine": {"backup": {"lines": ["Declaring files to be backed up..."]}}},
        }
        for label, disguise in self.disguises():
            with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as root:
                server = Server(folder, disguise.value(seed))
                server.environment["BEFFROI_ROOT"] = root
                hooks = Path(root, "etc/yunohost/hooks.d/backup_method")
                hooks.mkdir(parents=True)
                Path(hooks, "50-keeper").write_text(keeper, encoding="utf-8")
                Path(hooks, "50-loser").write_text(loser, encoding="utf-8")
                for number in "s76 s77 s78 s79".split():
                    recording = Recording(number)
                    with self.subTest(recording=recording.name, names=label):
                        self.check(recording, disguise, server.run(disguise.value(recording.command)))
                self.assertEqual({"archives": []}, server.query("backup", "list"))
                found = Path(root, "found").read_text(encoding="utf-8")
                name = disguise.text("vitrine")
                self.assertIn(f"{root}/home/yunohost.backup/tmp/held/apps/{name}/settings/settings.yml\n", found)
                self.assertEqual([], list(Path(root, "home/yunohost.backup/tmp").iterdir()))

    def test_not_over_an_installed_app(self) -> None:
        archive = {"apps": {"labapp": {}}}
        labapp = app("labapp", "labapp", "Lab App", "/lab", [])
        self.compare({"apps": [labapp], "backups": {"labapp-pre-upgrade1": archive}}, "610 710")


class Installation(SystemComparison):
    def test_refused_done_and_not_done_again(self) -> None:
        seed = {
            "installed": False,
            "no_catalog": True,
            "package_sources": {"reachable": False},
            "versions": Recording("001").result,
        }
        self.compare(seed, "003 004 005 010 252")

    def test_nobody_is_there_to_be_asked(self) -> None:
        self.compare({"users": [ADMIN]}, "253 254 s71 s72")

    def test_configuration_changed_by_hand(self) -> None:
        """Recording s52 is of a file that was changed between it and the one before."""
        self.compare({}, "s50 s58")
        self.compare({"pending_conf": Recording("s53").result}, "s52 s53 s54 s55 s56 s57")


class Upgrades(SystemComparison):
    def test_without_a_catalog(self) -> None:
        self.compare({"no_catalog": True}, "044")
        self.compare({"no_catalog": True, "catalog_updated": 1}, "064 401")
        self.compare({"catalog": {"source": "none"}}, "525")

    def test_packages_that_wait_and_sources_that_do_not_answer(self) -> None:
        for number in ("241", "400"):
            errors = Recording(number).stderr
            dump = errors.split(_SOURCES)[1].split("\nERROR ")[0].splitlines()
            warnings = [line[len("WARNING ") :] for line in errors.splitlines() if line.startswith("WARNING ")]
            seed = {
                "catalog": {"source": "unreachable"},
                "packages": Recording("242").result["system"],
                "package_sources": {"reachable": False, "warnings": warnings, "dump": dump},
            }
            self.compare(seed, f"242 {number} 242 243")

    def test_migrations(self) -> None:
        self.compare({"migrations": Recording("246").result["migrations"]}, "246 247 248")

    def test_migrations_run_and_left(self) -> None:
        """What a migration itself has to say is the migration's: the seed says it."""
        says = {"0034_fix_missing_admins_aliases": ["Nothing to change for group 'admins'"]}
        migrations = Recording("s60").result["migrations"]
        seed = {"migrations": migrations, "migration_says": says}
        self.compare(seed, "s60 s61 s62 s64 s65 s66 s63")
        waiting = {one["id"]: one for one in Recording("s67").result["migrations"]}
        self.compare({**seed, "migrations": [waiting.get(one["id"], one) for one in migrations]}, "s67 s68 s69 s70")


class Hooks(SystemComparison):
    def test_hooks_and_disks(self) -> None:
        seed = {"hooks": {"conf_regen": Recording("250").result["hooks"]}, "disks": Recording("251").result}
        self.compare(seed, "250 251 s75")


class DiagnosisReports(SystemComparison):
    def test_an_isolated_host(self) -> None:
        reports = Recording("226").result["reports"]
        ran = ("basesystem", "ip", "services", "systemresources", "regenconf", "apps")
        items = {report["id"]: report["items"] for report in reports if report["id"] in ran}
        found = {
            category: [{key: item[key] for key in item if key != "ignored"} for item in listed]
            for category, listed in items.items()
        }
        self.compare({"diagnosis": {"found": found}}, "221 229 232")
        known = {report["id"]: report for report in reports if report["id"] == "basesystem"}
        known = {"basesystem": {**known["basesystem"], "items": found["basesystem"]}}
        self.compare({"diagnosis": {"found": found, "reports": known}}, "223 224 225 226 231")

    def test_findings_that_are_ignored(self) -> None:
        found = {
            report["id"]: [{key: item[key] for key in item if key != "ignored"} for item in report["items"]]
            for report in Recording("s33").result["reports"]
        }
        seed = {"diagnosis": {"found": found}}
        for label, disguise in self.disguises():
            with tempfile.TemporaryDirectory() as folder:
                server = Server(folder, disguise.value(seed))
                server.run(disguise.value(Recording("s32").command))
                filters = "s34 s35 s36 s37 s38 s39 s40 s41 s43 s44 s45"
                for number in f"s30 s33 {filters}".split():
                    recording = Recording(number)
                    with self.subTest(recording=recording.name, names=label):
                        self.check(recording, disguise, server.run(disguise.value(recording.command)))


if __name__ == "__main__":
    print(f"names drawn with BEFFROI_TEST_SEED={SEED}", file=sys.stderr)
    unittest.main()
