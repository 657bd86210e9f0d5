#!/usr/bin/env python3
"""The stand-in of Proxmox VE: do its answers have the documented shapes, and do its tasks outlive who asked for them?

Containers are folders here; on `pve-1` of the full lab they are real ones (`test_guests.py`).
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
DEADLINE = 60
LXC = "/nodes/pve/lxc"
NUMBERS = (
    "vmid",
    "cpus",
    "mem",
    "maxmem",
    "swap",
    "maxswap",
    "disk",
    "maxdisk",
    "uptime",
    "netin",
    "netout",
    "diskread",
    "diskwrite",
)


class StandInTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        templates = self.root / "var/lib/vz/template/cache"
        templates.mkdir(parents=True)
        with tarfile.open(templates / "small.tar.gz", "w:gz") as archive:
            for name, text in (("./etc/os-release", b"ID=small\n"), ("./root/kept", b"kept\n")):
                member = tarfile.TarInfo(name)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))
        (self.root / "etc").mkdir()
        self.environment = {
            "PATH": f"{HERE / 'bin'}:{os.environ['PATH']}",
            "PVE_STANDIN_ROOT": folder.name,
            "SEEN": "outside",
        }

    def run_(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False
        )  # fmt: skip

    def ok(self, *words: str) -> str:
        done = self.run_(*words)
        self.assertEqual(0, done.returncode, f"{words}: {done.stderr}")
        return done.stdout

    def refused(self, told: str, *words: str) -> None:
        done = self.run_(*words)
        self.assertNotEqual(0, done.returncode, words)
        self.assertIn(told, done.stderr)

    def api(self, verb: str, path: str, *words: str) -> Any:
        """The JSON in the last line: what a task says comes before it."""
        lines = self.ok("pvesh", verb, path, *words, "--output-format", "json").splitlines()
        return json.loads(lines[-1]) if lines else None

    def settings(self, **values: Any) -> None:
        (self.root / "etc/pve-standin.json").write_text(json.dumps(values), encoding="utf-8")

    def make(self, vmid: int = 101, *words: str) -> None:
        net = "name=eth0,bridge=vmbr0,ip=192.0.2.5/24"
        self.ok("pct", "create", str(vmid), "local:vztmpl/small.tar.gz", "--hostname", f"ct{vmid}", "--cores", "1",
                "--memory", "256", "--unprivileged", "1", "--rootfs", "local-zfs:2", "--net0", net, *words)  # fmt: skip

    def file(self, path: str) -> Path:
        return self.root / "rpool/data/subvol-101-disk-0" / path

    # -- shapes ----------------------------------------------------------------

    def test_a_container_from_its_template_to_its_end(self) -> None:
        self.make()
        self.assertEqual("status: stopped\n", self.ok("pct", "status", "101"))
        told = self.ok("pct", "list").splitlines()
        self.assertEqual(["VMID", "Status", "Lock", "Name"], told[0].split())
        self.assertEqual(["101", "stopped", "ct101"], told[1].split())
        upid = self.api("create", f"{LXC}/101/status/start")
        self.assertRegex(upid, r"^UPID:pve:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:vzstart:101:root@pam:$")
        self.refused("CT 101 already running", "pct", "start", "101")
        self.refused("container is running", "pct", "destroy", "101")
        self.ok("pct", "shutdown", "101")
        self.refused("CT 101 not running", "pct", "stop", "101")
        self.ok("pct", "destroy", "101")
        done = self.run_("pct", "status", "101")
        self.assertEqual(
            (2, "Configuration file 'nodes/pve/lxc/101.conf' does not exist\n"),
            (done.returncode, done.stderr),
        )
        self.assertEqual([], os.listdir(self.root / "rpool/data"))

    def test_resources_are_those_of_the_cluster_and_have_a_cpu(self) -> None:
        self.make()
        self.ok("pct", "start", "101")
        everything = self.api("get", "/cluster/resources")
        self.assertEqual({"lxc", "node", "storage"}, {each["type"] for each in everything})
        (container,) = self.api("get", "/cluster/resources", "--type", "vm")
        self.assertEqual(
            ("lxc/101", 101, "ct101", "pve", "running"),
            tuple(container[key] for key in ("id", "vmid", "name", "node", "status")),
        )
        self.assertEqual(
            (0, 1, 256 * 2**20, 2 * 2**30),
            tuple(container[key] for key in ("template", "maxcpu", "maxmem", "maxdisk")),
        )
        self.assertGreater(container["cpu"], 0)
        for path in (f"{LXC}/101/status/current", LXC):
            answer = self.api("get", path)
            status = answer[0] if isinstance(answer, list) else answer
            self.assertEqual(0, status["cpu"], "a process of its own has no earlier sample")
            self.assertTrue(all(isinstance(status[key], int) for key in NUMBERS), status)

    def test_old_versions_answer_numbers_as_strings(self) -> None:
        self.make()
        self.settings(old=True)
        status = self.api("get", f"{LXC}/101/status/current")
        self.assertEqual("101", status["vmid"])
        self.assertTrue(all(isinstance(status[key], str) for key in NUMBERS), status)
        self.assertEqual("1", self.api("get", f"{LXC}/101/config")["cores"])

    def test_configuration_and_its_digest(self) -> None:
        self.make(101, "--description", "first: 50 %\nsecond")
        config = self.api("get", f"{LXC}/101/config")
        self.assertEqual(
            (1, 256, 1, "first: 50 %\nsecond\n"),
            tuple(config[key] for key in ("cores", "memory", "unprivileged", "description")),
        )
        self.assertRegex(
            config["net0"],
            r"^name=eth0,bridge=vmbr0,hwaddr=BC:24:11(:[0-9A-F]{2}){3},ip=192.0.2.5/24,type=veth$",
        )
        self.assertIsNone(
            self.api("set", f"{LXC}/101/config", "--memory", "512", "--digest", config["digest"])
        )
        self.refused(
            "detected modified configuration",
            "pct",
            "set",
            "101",
            "--memory",
            "1",
            "--digest",
            config["digest"],
        )
        self.ok("pct", "set", "101", "--delete", "description", "--onboot", "1")
        now = self.api("get", f"{LXC}/101/config")
        self.assertEqual((512, 1, False), (now["memory"], now["onboot"], "description" in now))
        self.refused("Unknown option: colour", "pct", "set", "101", "--colour", "red")
        self.assertIn("cores: 1\n", self.ok("pct", "config", "101"))
        file = (self.root / "etc/pve/nodes/pve/lxc/101.conf").read_text(encoding="utf-8")
        self.assertIn("memory: 512\n", file)

    def test_snapshots_keep_files_and_configuration(self) -> None:
        self.make()
        self.api("create", f"{LXC}/101/snapshot", "--snapname", "before", "--description", "of the update")
        self.file("root/kept").write_text("changed\n", encoding="utf-8")
        self.ok("pct", "set", "101", "--memory", "999")
        self.refused("already used", "pct", "snapshot", "101", "before")
        self.ok("pct", "snapshot", "101", "later")
        told = {each["name"]: each for each in self.api("get", f"{LXC}/101/snapshot")}
        self.assertEqual(
            ("of the update\n", "before", "later"),
            (told["before"]["description"], told["later"]["parent"], told["current"]["parent"]),
        )
        self.assertEqual((0, True), (told["current"]["running"], "digest" in told["current"]))
        self.assertIsInstance(told["before"]["snaptime"], int)
        self.refused("is not most recent snapshot", "pct", "rollback", "101", "before")
        self.ok("pct", "delsnapshot", "101", "later")
        self.api("create", f"{LXC}/101/snapshot/before/rollback")
        self.assertEqual("kept\n", self.file("root/kept").read_text(encoding="utf-8"))
        self.assertEqual(256, self.api("get", f"{LXC}/101/config")["memory"])
        self.api("delete", f"{LXC}/101/snapshot/before")
        self.assertEqual(["current"], [each["name"] for each in self.api("get", f"{LXC}/101/snapshot")])
        self.refused("does not exist", "pct", "rollback", "101", "before")

    def test_clones_sizes_and_volumes_of_their_own(self) -> None:
        self.make(101, "--mp0", "local-zfs:1,mp=/srv/data")
        self.assertRegex(
            self.api("get", f"{LXC}/101/config")["mp0"], r"^local-zfs:subvol-101-disk-1,mp=/srv/data,size=1G$"
        )
        self.assertEqual("100", self.api("get", "/cluster/nextid"))
        self.ok("pct", "clone", "101", "102", "--hostname", "second")
        self.file("root/kept").write_text("changed\n", encoding="utf-8")
        copy = self.root / "rpool/data/subvol-102-disk-0/root/kept"
        self.assertEqual("kept\n", copy.read_text(encoding="utf-8"))
        self.assertEqual("second", self.api("get", f"{LXC}/102/config")["hostname"])
        self.refused("already exists", "pct", "clone", "101", "102")
        self.ok("pct", "resize", "101", "rootfs", "+3G")
        self.assertIn("size=5G", self.api("get", f"{LXC}/101/config")["rootfs"])
        self.refused("unable to shrink", "pct", "resize", "101", "rootfs", "1G")

    def test_interfaces_of_one_that_runs(self) -> None:
        self.make()
        self.assertEqual([], self.api("get", f"{LXC}/101/interfaces"))
        self.ok("pct", "start", "101")
        links = {each["name"]: each for each in self.api("get", f"{LXC}/101/interfaces")}
        self.assertEqual(
            [{"ip-address": "192.0.2.5", "ip-address-type": "inet", "prefix": 24}],
            links["eth0"]["ip-addresses"],
        )
        self.assertEqual(
            ("192.0.2.5/24", links["eth0"]["hwaddr"]),
            (links["eth0"]["inet"], links["eth0"]["hardware-address"]),
        )

    def test_programs_inside(self) -> None:
        self.make()
        self.refused("not running", "pct", "exec", "101", "--", "true")
        self.ok("pct", "start", "101")
        script = 'printf "%s|%s|%s" "$1" "${SEEN-none}" "$(cat kept)"; exit 7'
        done = self.run_("pct", "exec", "101", "--keep-env", "0", "--", "sh", "-c", script, "sh", "a b;c")
        self.assertEqual((7, "a b;c|none|kept"), (done.returncode, done.stdout))
        self.assertIn(
            "|outside|", self.run_("pct", "exec", "101", "--", "sh", "-c", script, "sh", "x").stdout
        )
        source = self.root / "carried"
        source.write_text("carried\n", encoding="utf-8")
        self.ok("pct", "push", "101", str(source), "/root/here")
        self.ok("pct", "pull", "101", "/root/here", str(self.root / "back"))
        self.assertEqual("carried\n", (self.root / "back").read_text(encoding="utf-8"))

    def test_storages_and_templates(self) -> None:
        self.make()
        stores = {each["storage"]: each for each in self.api("get", "/nodes/pve/storage")}
        self.assertEqual(("dir", "zfspool"), (stores["local"]["type"], stores["local-zfs"]["type"]))
        (template,) = self.api("get", "/nodes/pve/storage/local/content", "--content", "vztmpl")
        self.assertEqual(("local:vztmpl/small.tar.gz", "tgz"), (template["volid"], template["format"]))
        self.assertIn("local:vztmpl/small.tar.gz", self.ok("pveam", "list", "local"))
        self.assertEqual("local", self.ok("pvesm", "status").splitlines()[1].split()[0])
        path = self.ok("pvesm", "path", "local:vztmpl/small.tar.gz").strip()
        self.assertTrue(Path(path).is_file())
        self.refused("does not exist", "pct", "create", "103", "local:vztmpl/absent.tar.gz")
        self.assertRegex(self.ok("pveversion"), r"^pve-manager/8\.\d")

    def test_what_is_not_there(self) -> None:
        self.refused("no such resource", "pvesh", "get", "/nodes/other/lxc")
        self.refused("no 'set' handler", "pvesh", "set", LXC)
        self.refused("not enough arguments", "pvesh", "create", LXC, "--vmid", "101")
        self.refused(
            "no such task",
            "pvesh",
            "get",
            "/nodes/pve/tasks/UPID:pve:00000001:00000001:00000001:vzstart:101:root@pam:/status",
        )

    # -- every documented shape ------------------------------------------------

    STATUS = {
        **{key: int for key in NUMBERS},
        **{"name": str, "status": str, "cpu": (int, float), "netin": int, "diskread": int, "type": str},
    }
    READ = {
        "/cluster/resources": [{"id": str, "type": str}],
        "/cluster/nextid": str,
        f"{LXC}": [STATUS],
        f"{LXC}/101/config": {"hostname": str, "cores": int, "memory": int, "rootfs": str, "net0": str, "digest": str},
        f"{LXC}/101/pending": [{"key": str}],
        f"{LXC}/101/status/current": {**STATUS, "ha": dict, "pressure": {"cpu": {"some": int, "full": int}, "io": dict, "memory": dict}},
        f"{LXC}/101/snapshot": [{"name": str}],
        f"{LXC}/101/interfaces": [{"name": str, "hardware-address": str, "hwaddr": str, "ip-addresses": list}],
        f"{LXC}/101/rrddata": [{"time": int}],
        f"{LXC}/101/feature --feature snapshot": {"hasFeature": bool, "nodes": list},
        "/nodes/pve/tasks --source all": [{"upid": str, "type": str, "id": str, "user": str, "starttime": int}],
        "/nodes/pve/storage": [{"storage": str, "type": str, "content": str, "active": int, "avail": int}],
    }
    """What is read: a path with its options, and of what kind each field of the answer is."""

    def test_every_path_that_is_read_has_its_shape_in_each_format(self) -> None:
        self.make(101, "--tags", "one;two")
        self.ok("pct", "start", "101")
        for asked, shape in self.READ.items():
            with self.subTest(asked):
                path, *words = asked.split()
                answer = self.api("get", path, *words, "--noproxy", "1")
                self.shaped(answer, shape)
                pretty = self.ok("pvesh", "get", path, *words, "--output-format", "json-pretty")
                self.assertEqual(type(answer), type(json.loads(pretty)))
                self.assertTrue(self.ok("pvesh", "get", path, *words, "--output-format", "yaml").startswith("---\n"))
        resource = self.api("get", "/cluster/resources", "--type", "vm")[0]
        for key in ("vmid name node status template cpu maxcpu mem maxmem disk maxdisk uptime tags netin netout diskread diskwrite").split():
            self.assertIn(key, resource)
        self.assertIn("101", self.ok("pvesh", "ls", LXC))
        self.assertIn("USAGE: pvesh get", self.ok("pvesh", "usage", f"{LXC}/101/config"))

    def shaped(self, answer: Any, shape: Any) -> None:
        if isinstance(shape, dict):
            self.assertIsInstance(answer, dict)
            for key, kind in shape.items():
                self.assertIn(key, answer)
                self.shaped(answer[key], kind)
        elif isinstance(shape, list):
            self.assertIsInstance(answer, list)
            self.assertTrue(answer)
            for each in answer:
                self.shaped(each, shape[0])
        else:
            self.assertIsInstance(answer, shape)

    def test_every_change_has_its_path_its_command_and_its_task(self) -> None:
        self.make(101, "--mp0", "local-zfs:1,mp=/srv/data")
        here = f"{LXC}/101"
        for task, path, words in (
            ("vzstart", f"{here}/status/start", ()),
            ("vzsuspend", f"{here}/status/suspend", ()),
            ("vzresume", f"{here}/status/resume", ()),
            ("vzreboot", f"{here}/status/reboot", ()),
            ("vzshutdown", f"{here}/status/shutdown", ("--timeout", "5")),
            ("vzsnapshot", f"{here}/snapshot", ("--snapname", "one")),
            ("vzrollback", f"{here}/snapshot/one/rollback", ("--start", "1")),
            ("vzstop", f"{here}/status/stop", ()),
            ("vzclone", f"{here}/clone", ("--newid", "102", "--hostname", "two")),
            ("vztemplate", f"{LXC}/102/template", ()),
        ):
            with self.subTest(path):
                self.assertRegex(self.api("create", path, *words), rf"^UPID:pve:[0-9A-F]{{8}}:[0-9A-F]{{8}}:[0-9A-F]{{8}}:{task}:10[12]:root@pam:$")
        self.assertRegex(self.api("set", f"{here}/resize", "--disk", "rootfs", "--size", "+1G"), ":resize:101:")
        self.refused("target is local node", "pvesh", "create", f"{here}/migrate", "--target", "pve")
        self.ok("pct", "delsnapshot", "101", "one")
        self.assertIn("mp0", self.ok("pct", "df", "101"))
        token = json.loads(self.ok("pveum", "user", "token", "add", "root@pam", "one", "--privsep", "1"))
        self.assertEqual(("root@pam!one", "1"), (token["full-tokenid"], token["info"]["privsep"]))

    def test_a_volume_goes_to_another_container_and_a_deleted_one_is_kept_unused(self) -> None:
        self.make(101, "--mp0", "local-zfs:1,mp=/root")
        data = self.root / "rpool/data"
        self.assertEqual("kept\n", (data / "subvol-101-disk-1/kept").read_text(encoding="utf-8"), "filled from the template")
        self.make(102)
        for words in (("rootfs", "--target-volume", "mp1"), ("mp0", "--target-volume", "rootfs")):
            self.refused("rootfs", "pct", "move-volume", "101", words[0], "--target-vmid", "102", *words[1:])
        self.ok("pct", "snapshot", "101", "one")
        self.refused("used by a snapshot", "pct", "move-volume", "101", "mp0", "--target-vmid", "102")
        self.ok("pct", "delsnapshot", "101", "one")
        self.ok("pct", "move-volume", "101", "mp0", "--target-vmid", "102", "--target-volume", "mp3")
        self.assertIn("subvol-102-disk-1,mp=/root", self.api("get", f"{LXC}/102/config")["mp3"])
        self.assertNotIn("mp0", self.api("get", f"{LXC}/101/config"))
        self.ok("pct", "destroy", "101")
        self.assertEqual("kept\n", (data / "subvol-102-disk-1/kept").read_text(encoding="utf-8"))
        self.ok("pct", "set", "102", "--delete", "mp3")
        self.assertEqual("local-zfs:subvol-102-disk-1", self.api("get", f"{LXC}/102/config")["unused0"])
        self.ok("pct", "set", "102", "--delete", "unused0")
        self.assertFalse((data / "subvol-102-disk-1").exists())

    def test_a_backup_is_restored_as_another_container(self) -> None:
        self.make(101, "--mp0", "local-zfs:1,mp=/srv/data")
        self.file("root/kept").write_text("changed\n", encoding="utf-8")
        self.ok("vzdump", "101", "--mode", "stop", "--compress", "gzip", "--dumpdir", str(self.root))
        (archive,) = self.root.glob("vzdump-lxc-101-*.tar.gz")
        self.ok("pct", "restore", "105", str(archive), "--storage", "local-zfs", "--unique", "1")
        restored = self.root / "rpool/data/subvol-105-disk-0"
        self.assertEqual("changed\n", (restored / "root/kept").read_text(encoding="utf-8"))
        old, new = (self.api("get", f"{LXC}/{vmid}/config") for vmid in (101, 105))
        self.assertEqual((old["hostname"], old["memory"]), (new["hostname"], new["memory"]))
        self.assertNotEqual(old["net0"], new["net0"], "another hardware address")
        self.ok("pct", "mount", "101")
        self.refused("CT is locked (mounted)", "pct", "start", "101")
        self.assertTrue((self.root / "var/lib/lxc/101/rootfs/etc/os-release").is_file())
        self.ok("pct", "unmount", "101")
        self.ok("pct", "start", "101")

    # -- tasks -----------------------------------------------------------------

    def test_a_task_is_followed_by_its_name(self) -> None:
        self.make()
        upid = self.api("create", f"{LXC}/101/status/start")
        status = self.api("get", f"/nodes/pve/tasks/{upid}/status")
        self.assertEqual(
            ("stopped", "OK", "vzstart", "101"),
            tuple(status[key] for key in ("status", "exitstatus", "type", "id")),
        )
        log = self.api("get", f"/nodes/pve/tasks/{upid}/log", "--start", "0")
        self.assertEqual("TASK OK", log[-1]["t"])
        listed = self.api("get", "/nodes/pve/tasks", "--vmid", "101")
        self.assertEqual({"vzcreate", "vzstart"}, {task["type"] for task in listed})

    def test_a_task_outlives_who_asked_for_it_and_holds_its_lock(self) -> None:
        self.make()
        self.settings(slow_seconds=1)
        asked = subprocess.Popen(
            ["pct", "snapshot", "101", "alone"], env=self.environment, start_new_session=True
        )
        running = self.eventually(
            lambda: self.api("get", "/nodes/pve/tasks", "--source", "active", "--vmid", "101")
        )
        os.killpg(asked.pid, signal.SIGKILL)
        asked.wait(DEADLINE)
        upid = running[0]["upid"]
        self.eventually(lambda: self.api("get", f"/nodes/pve/tasks/{upid}/status")["status"] == "stopped")
        self.assertEqual("OK", self.api("get", f"/nodes/pve/tasks/{upid}/status")["exitstatus"])
        self.assertIn("alone", [each["name"] for each in self.api("get", f"{LXC}/101/snapshot")])

    def test_a_task_that_died_leaves_its_lock(self) -> None:
        self.make()
        config = self.root / "etc/pve/nodes/pve/lxc/101.conf"
        config.write_text(config.read_text(encoding="utf-8") + "lock: backup\n", encoding="utf-8")
        for words in (
            ("start", "101"),
            ("snapshot", "101", "one"),
            ("destroy", "101"),
            ("set", "101", "--cores", "2"),
        ):
            self.refused("CT is locked (backup)", "pct", *words)
        self.assertEqual("backup", self.api("get", "/cluster/resources", "--type", "vm")[0]["lock"])
        self.ok("pct", "unlock", "101")
        self.ok("pct", "start", "101")

    def test_a_task_that_fails_says_why(self) -> None:
        (self.root / "var/lib/vz/template/cache/broken.tar.gz").write_text("no archive", encoding="utf-8")
        self.refused("command 'tar' failed", "pct", "create", "105", "local:vztmpl/broken.tar.gz")
        (task,) = self.api("get", "/nodes/pve/tasks")
        self.assertRegex(task["status"], r"unable to create CT 105 - command 'tar' failed")
        self.assertEqual("", self.ok("pct", "list"))

    def eventually(self, look: Any) -> Any:
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.02)
        self.fail("it did not happen")


if __name__ == "__main__":
    unittest.main()
