#!/usr/bin/env python3
"""The full lab: are its hosts what they are said to be, and is nothing left of them?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import labfull  # noqa: E402 (needs the two lines above)
from test_lab import DEADLINE, eventually, processes_of, run_lab  # noqa: E402

# A template that is not there yet has to be made first.
TEMPLATE_DEADLINE = 600


def require_containers() -> None:
    """Skip, or fail where nothing may be skipped, on a machine that runs no containers."""
    why = labfull.impossible()
    if why and os.environ.get("BEFFROI_REQUIRE") == "all":
        raise AssertionError(why)
    if why:
        raise unittest.SkipTest(why)


class Machines:
    """A running full lab, and OpenSSH's client to reach it through whatever is before a host."""

    def __init__(self, *words: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="beffroi-full-")) / "lab"
        command = [
            sys.executable,
            str(HERE / "lab"),
            "full",
            "up",
            "--json",
            "--dir",
            str(self.folder),
            *words,
        ]
        up = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=TEMPLATE_DEADLINE, check=False
        )
        assert up.returncode == 0, up.stderr
        self.told = up.stdout
        self.described: Dict[str, Any] = json.loads(up.stdout)
        self._write_client_config()

    def host(self, name: str) -> Dict[str, Any]:
        return next(host for host in self.described["hosts"] if host["name"] == name)

    def _write_client_config(self) -> None:
        lines = []
        for host in self.described["hosts"]:
            known = self.folder.parent / f"known-{host['name']}"
            keys = [Path(file).read_text(encoding="utf-8") for file in host["host_key_files"].values()]
            known.write_text("".join(f"{host['name']} {key}" for key in keys), encoding="utf-8")
            lines += [
                f"Host {host['name']}",
                f"  HostName {host['address']}",
                f"  HostKeyAlias {host['name']}",
                f"  UserKnownHostsFile {known}",
                f"  ProxyJump {host['behind'] or 'none'}",
            ]
        lines += ["Host *", f"  IdentityFile {self.described['client_key']}", "  IdentitiesOnly yes"]
        lines += ["  StrictHostKeyChecking yes", "  BatchMode yes", "  User root", "  LogLevel ERROR"]
        (self.folder.parent / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def ssh(
        self, host: str, text: str, user: str = "root", given: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["ssh", "-F", str(self.folder.parent / "config"), "-l", user, host, text],
            input=given, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False,
        )  # fmt: skip

    def order(self, verb: str, *words: str) -> str:
        answer = run_lab("full", verb, "--dir", str(self.folder), *words)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def password(self, host: str, user: str) -> str:
        files = {account["user"]: account["password_file"] for account in self.host(host)["accounts"]}
        return Path(files[user]).read_text(encoding="utf-8")

    def mark(self) -> str:
        registry = json.loads((self.folder / labfull.REGISTRY).read_text(encoding="utf-8"))
        mark: str = registry["mark"]
        return mark

    def remove(self) -> None:
        run_lab("full", "down", "--dir", str(self.folder))
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def traces_of(mark: str, folder: Path) -> List[str]:
    """Bridges, cgroups, mounts and processes of a lab."""
    groups = [path for hierarchy in Path("/sys/fs/cgroup").iterdir() for path in hierarchy.glob(f"{mark}*")]
    groups += Path("/sys/fs/cgroup").glob(f"{mark}*")
    found = [str(path) for path in groups if path.is_dir()]
    found += [name for name in os.listdir("/sys/class/net") if name.startswith(mark)]
    found += [line for line in Path("/proc/mounts").read_text().splitlines() if str(folder) in line]
    return found + [str(pid) for pid in processes_of(folder)]


class RunningMachines(unittest.TestCase):
    lab: Machines

    @classmethod
    def setUpClass(cls) -> None:
        require_containers()
        cls.lab = Machines("--trace", "deb-1", "busy-1", "busy-2", "deep-1", "inner-a", "inner-b")
        cls.addClassCleanup(cls.lab.remove)

    def sudo(self, user: str, words: str, given: Optional[str] = None) -> "subprocess.CompletedProcess[str]":
        return self.lab.ssh("deb-1", f"sudo {words} id -u", user, given or "")

    def test_description_names_files_and_no_secret(self) -> None:
        for host in self.lab.described["hosts"]:
            self.assertIs(True, host["running"], host["name"])
            self.assertTrue(host["host_key_fingerprint"].startswith("SHA256:"), host["name"])
        for user in ("admin", "nosudo", "tty", "fr", "totp"):
            self.assertNotIn(self.lab.password("deb-1", user), self.lab.told)
        file = self.lab.host("deb-1")["accounts"][1]["password_file"]
        self.assertEqual(0o600, os.stat(file).st_mode & 0o777)

    def test_what_hosts_are(self) -> None:
        told = self.lab.ssh("deb-1", "systemctl is-system-running --wait; hostname; cat /proc/1/comm").stdout
        self.assertEqual(["running", "deb-1", "systemd"], told.split())
        self.assertIn("maxstartups 10:30:100\n", self.lab.ssh("deb-1", "sshd -T").stdout)
        for name in ("busy-1", "busy-2"):
            absent = "for i in bash python3 sudo systemctl; do command -v $i; done; readlink -f /proc/1/exe"
            self.assertEqual("/bin/busybox\n", self.lab.ssh(name, absent).stdout)
        self.assertIn("started", self.lab.ssh("busy-2", "rc-status").stdout)
        self.assertEqual(127, self.lab.ssh("busy-1", "rc-status").returncode)

    def test_ways_to_become_root(self) -> None:
        password = self.lab.password("deb-1", "admin")
        self.assertEqual("0\n", self.sudo("admin", "-k -S", f"{password}\n").stdout)
        self.assertEqual(1, self.sudo("admin", "-n").returncode)
        self.assertEqual("0\n", self.sudo("ops", "-n").stdout)
        self.assertIn("must have a tty", self.sudo("tty", "-n").stderr)
        self.assertIn("mot de passe", self.sudo("fr", "-n").stderr)
        password = self.lab.password("deb-1", "nosudo")
        self.assertIn("not in the sudoers", self.sudo("nosudo", "-k -S", f"{password}\n").stderr)

    def test_passwords_and_codes_are_asked_for_by_the_server(self) -> None:
        address = self.lab.host("deb-1")["address"]
        for user, methods in (("admin", "publickey,password"), ("totp", "keyboard-interactive")):
            command = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"]
            command += ["-o", "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=none"]
            answer = subprocess.run(
                [*command, f"{user}@{address}", "true"],
                capture_output=True,
                encoding="utf-8",
                timeout=DEADLINE,
            )
            self.assertIn(f"Permission denied ({methods})", answer.stderr)

    def test_hosts_behind_hosts(self) -> None:
        self.assertEqual("deep-1\n", self.lab.ssh("deep-1", "hostname").stdout)
        first, second = self.lab.host("inner-a"), self.lab.host("inner-b")
        self.assertEqual(first["address"], second["address"])
        self.assertNotEqual(first["host_key_fingerprint"], second["host_key_fingerprint"])
        for name in ("inner-a", "inner-b"):
            self.assertEqual(f"{name}\n", self.lab.ssh(name, "hostname").stdout)
        own = subprocess.run(
            ["ip", "-o", "address"], capture_output=True, encoding="utf-8", check=True
        ).stdout
        bridges = [line for line in own.splitlines() if self.lab.mark() in line]
        self.assertEqual(1, len(bridges), "this machine has one address, on the outer bridge")

    def test_what_is_started_is_written_down(self) -> None:
        secret = "seen-in-an-environment"
        self.lab.ssh("deb-1", f"systemd-run --quiet --wait -p Environment=SEEN={secret} expr a : a")
        self.lab.ssh("busy-1", f"env SEEN={secret} expr b : b")
        trace = Path(self.lab.described["trace"]).read_bytes()
        for word in ("a", "b"):
            calls = [line for line in trace.split(b"\n") if f"expr\0{word}\0:\0{word}\0".encode() in line]
            self.assertTrue(any(f"SEEN={secret}\0".encode() in line for line in calls), word)

    def test_a_full_and_a_read_only_disk(self) -> None:
        for name in ("deb-1", "busy-1"):
            self.lab.ssh(name, "mkdir -p /srv; echo kept >/srv/kept")
            self.lab.order("fill", name, "/srv")
            full = self.lab.ssh(name, "cat /srv/kept; echo more >/srv/more")
            self.assertEqual("kept\n", full.stdout)
            self.assertIn("No space left", full.stderr)
            self.lab.order("heal", name, "/srv")
            self.lab.order("readonly", name, "/srv")
            self.assertIn("Read-only", self.lab.ssh(name, "echo more >/srv/more").stderr)
            self.lab.order("heal", name, "/srv")
            self.assertEqual(0, self.lab.ssh(name, "echo more >/srv/more").returncode)


class Life(unittest.TestCase):
    def setUp(self) -> None:
        require_containers()

    def machines(self, *names: str) -> Machines:
        lab = Machines(*names)
        self.addCleanup(lab.remove)
        return lab

    def test_reboot_stop_start_and_other_keys(self) -> None:
        lab = self.machines("deb-1", "busy-2")
        for name in ("deb-1", "busy-2"):
            lab.ssh(name, "echo kept >/root/kept; : >/run/gone")
            before = lab.ssh(name, "cat /proc/sys/kernel/random/boot_id").stdout
            lab.order("reboot", name)
            told = lab.ssh(name, "cat /root/kept; ls /run/gone; cat /proc/sys/kernel/random/boot_id").stdout
            self.assertEqual("kept", told.split()[0])
            self.assertEqual(2, len(told.split()))
            self.assertNotEqual(before, told.split()[1])
        lab.order("stop", "deb-1")
        states = {
            host["name"]: host["running"] for host in json.loads(lab.order("status", "--json"))["hosts"]
        }
        self.assertEqual({"deb-1": False, "busy-2": True}, states)
        lab.order("start", "deb-1")
        self.assertEqual("kept\n", lab.ssh("deb-1", "cat /root/kept").stdout)
        for name in ("deb-1", "busy-2"):
            lab.order("rekey", name)
            self.assertIn("REMOTE HOST IDENTIFICATION HAS CHANGED", self.loud(lab, name))
        after = {host["name"]: host for host in json.loads(lab.order("status", "--json"))["hosts"]}
        self.assertNotEqual(
            lab.host("deb-1")["host_key_fingerprints"], after["deb-1"]["host_key_fingerprints"]
        )

    def loud(self, lab: Machines, name: str) -> str:
        command = ["ssh", "-F", str(lab.folder.parent / "config"), "-o", "LogLevel=INFO", name, "true"]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=DEADLINE).stderr

    def test_two_labs_side_by_side_and_nothing_left_of_either(self) -> None:
        first, second = self.machines("busy-1"), self.machines("--trace", "deb-1", "inner-2")
        self.assertNotEqual(
            first.host("busy-1")["address"].rsplit(".", 1)[0],
            second.host("deb-1")["address"].rsplit(".", 1)[0],
        )
        second.ssh("deb-1", "setsid sleep 1000 >/dev/null 2>&1 &")
        marks = [(lab.mark(), lab.folder) for lab in (first, second)]
        self.assertTrue(all(traces_of(*mark) for mark in marks))
        second.order("down")
        self.assertEqual("busy-1\n", first.ssh("busy-1", "hostname").stdout)
        # `lab down` knows which kind of lab it meets.
        self.assertEqual(0, run_lab("down", "--dir", str(first.folder)).returncode)
        for mark, folder in marks:
            eventually(
                lambda mark=mark, folder=folder: not traces_of(mark, folder), f"nothing is left of {folder}"
            )
            self.assertFalse(folder.exists())

    def test_down_after_its_monitors_were_killed(self) -> None:
        lab = self.machines("deb-1", "busy-1")
        mark = lab.mark()
        for pid in processes_of(lab.folder):
            os.kill(pid, signal.SIGKILL)
        lab.order("down")
        eventually(lambda: not traces_of(mark, lab.folder), "nothing is left")

    def test_more_hosts_come_to_a_lab_that_runs(self) -> None:
        lab = self.machines("busy-1")
        before = lab.host("busy-1")
        more = json.loads(lab.order("up", "--json", "bastion"))["hosts"]
        self.assertEqual(["busy-1", "bastion"], [host["name"] for host in more])
        self.assertEqual(before, more[0])

    def test_a_crowd_behind_a_bastion(self) -> None:
        lab = self.machines("crowd")
        crowd = [host for host in lab.described["hosts"] if host["container"] == "crowd"]
        self.assertEqual(100, len({host["address"] for host in crowd}))
        self.assertEqual(100, len({host["host_key_fingerprint"] for host in crowd}))
        for name in ("crowd-001", "crowd-100"):
            self.assertEqual(0, lab.ssh(name, "true").returncode)

    def test_unknown_hosts_and_other_folders_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            answer = run_lab("full", "up", "--dir", f"{folder}/lab", "deb-9")
            self.assertEqual(1, answer.returncode)
            self.assertIn("no host is called deb-9", answer.stderr)
            Path(folder, "precious").write_text("keep", encoding="utf-8")
            self.assertIn("not a lab", run_lab("full", "down", "--dir", folder).stderr)
            self.assertEqual(["precious"], os.listdir(folder))


if __name__ == "__main__":
    unittest.main()
