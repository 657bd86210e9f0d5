#!/usr/bin/env python3
"""The lab itself: do its hosts answer as promised, and does it leave nothing behind?

Uses the OpenSSH client, so it also proves that the hosts suit any client. With
BEFFROI_REQUIRE=all a missing program is a failure instead of a skip.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional
from unittest import mock

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import labhosts  # noqa: E402 (needs the two lines above)
import labprocesses  # noqa: E402
from test_relay import relay_to  # noqa: E402

LAB = HERE / "lab"
DEADLINE = 90

Json = Dict[str, Any]
Completed = subprocess.CompletedProcess[str]


def require(*programs: str) -> None:
    """Skip, or fail where nothing may be skipped, when a program is missing."""
    missing = [name for name in programs if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if not missing and sys.platform == "linux":
        return
    reason = f"needs Linux and {', '.join(missing)}"
    if os.environ.get("BEFFROI_REQUIRE") == "all":
        raise AssertionError(reason)
    raise unittest.SkipTest(reason)


def run_lab(*words: str) -> Completed:
    return subprocess.run(
        [sys.executable, str(LAB), *words],
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


def processes_of(folder: Path) -> List[int]:
    """Every process that shows any sign of the lab in `folder`, in its arguments or its environment."""
    sign, found = f"{folder}/".encode(), []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if any(sign in Path("/proc", name, what).read_bytes() for what in ("cmdline", "environ")):
                found.append(int(name))
    return found


def eventually(condition: Any, what: str) -> None:
    """Wait for something that is bound to happen."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.05)


class Hosts:
    """A running lab, and the OpenSSH client to reach it."""

    def __init__(self, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="beffroi-lab-")) / "lab"
        self.up(*options)

    def up(self, *options: str) -> Json:
        answer = run_lab("up", "--dir", str(self.folder), "--json", *options)
        assert answer.returncode == 0, answer.stderr
        self.described: Json = json.loads(answer.stdout)
        return self.described

    def host(self, name: str) -> Json:
        return next(host for host in self.described["hosts"] if host["name"] == name)

    def client(self, program: str, name: str, port: Optional[int] = None) -> List[str]:
        """The start of an ssh or sftp command line, with strict checking of the host key."""
        host = self.host(name)
        options = {
            "IdentityFile": f'"{self.described["client_key"]}"',
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": f'"{self.folder / "known_hosts"}"',
            "HostKeyAlias": f"[{host['address']}]:{host['port']}",
            "LogLevel": "ERROR",
            "Port": str(port or host["port"]),
            "User": host["user"],
        }
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return [program, "-F", "/dev/null", *flags, host["address"]]

    def ssh(self, name: str, command: str, port: Optional[int] = None) -> Completed:
        return subprocess.run(
            [*self.client("ssh", name, port), command],
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False,
        )  # fmt: skip

    def begin(self, name: str, command: str, port: Optional[int] = None) -> "subprocess.Popen[str]":
        """Start a command over ssh and come back with its first line read."""
        process = subprocess.Popen(
            [*self.client("ssh", name, port), command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        process.stdout.readline()
        return process

    def down(self) -> Completed:
        return run_lab("down", "--dir", str(self.folder))

    def remove(self) -> None:
        self.down()
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


class RunningLab(unittest.TestCase):
    hosts: Hosts

    @classmethod
    def setUpClass(cls) -> None:
        require("sshd", "ssh", "sftp", "ssh-keygen", "ssh-keyscan")
        cls.hosts = Hosts("--hosts", "2", "--speed", "0")
        cls.addClassCleanup(cls.hosts.remove)

    def test_description(self) -> None:
        described = json.loads(run_lab("status", "--dir", str(self.hosts.folder), "--json").stdout)
        self.assertEqual({"dir", "client_key", "trace", "hosts"}, set(described))
        roles = {host["name"]: host["role"] for host in described["hosts"]}
        wanted = {
            "plain-1": "plain",
            "ynh-1": "yunohost",
            "ynh-slow": "yunohost",
            "bulk-01": "plain",
            "bulk-02": "plain",
        }
        self.assertEqual(wanted, roles)
        for host in described["hosts"]:
            self.assertIs(True, host["running"])
            scan = ["ssh-keyscan", "-t", "ed25519", "-p", str(host["port"]), host["address"]]
            offered = subprocess.run(scan, capture_output=True, check=True, timeout=DEADLINE).stdout
            shown = subprocess.run(
                ["ssh-keygen", "-lf", "-"], input=offered, capture_output=True, check=True
            ).stdout
            self.assertEqual(host["host_key_fingerprint"], shown.decode().split()[1])

    def test_every_host_runs_commands(self) -> None:
        for host in self.hosts.described["hosts"]:
            answer = self.hosts.ssh(host["name"], "true")
            self.assertEqual((0, ""), (answer.returncode, answer.stderr), host["name"])

    def test_a_stranger_is_refused(self) -> None:
        host = self.hosts.host("plain-1")
        command = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentityFile=/dev/null"]
        command += [
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "IdentitiesOnly=yes",
        ]
        command += ["-p", str(host["port"]), f"{host['user']}@{host['address']}", "true"]
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False)
        self.assertEqual(255, answer.returncode)
        self.assertIn("Permission denied (publickey)", answer.stderr)

    def test_environment_of_commands(self) -> None:
        for name, has_yunohost in (
            ("plain-1", False),
            ("bulk-01", False),
            ("ynh-1", True),
            ("ynh-slow", True),
        ):
            folder = self.hosts.folder / "hosts" / name
            told = self.hosts.ssh(
                name, 'command -v yunohost; echo "$HOME|$XDG_STATE_HOME|$PATH"; command -v env'
            ).stdout
            *found, variables, env = told.splitlines()
            home, state, path = variables.split("|")
            self.assertEqual([str(labhosts.STANDIN_PATH / "yunohost")] if has_yunohost else [], found)
            self.assertEqual((f"{folder}/home", f"{folder}/state"), (home, state))
            self.assertTrue(path.endswith(labhosts.SYSTEM_PATH), path)
            self.assertIn(env, ("/usr/bin/env", "/bin/env"))

    def test_limits_are_those_of_openssh(self) -> None:
        config = self.hosts.folder / "hosts" / "plain-1" / "sshd_config"
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        told = subprocess.run(
            [str(sshd), "-T", "-f", str(config)], capture_output=True, encoding="utf-8", check=True
        )
        self.assertIn("maxstartups 10:30:100\n", told.stdout)
        self.assertIn("maxsessions 10\n", told.stdout)

    def test_sftp(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sent, received = Path(folder, "sent"), Path(folder, "received")
            sent.write_bytes(os.urandom(300_000))
            batch = f"put {sent} copy\nget copy {received}\n"
            command = [*self.hosts.client("sftp", "plain-1")]
            command[1:1] = ["-b", "-"]
            answer = subprocess.run(
                command, input=batch, capture_output=True, encoding="utf-8", timeout=DEADLINE
            )
            self.assertEqual(0, answer.returncode, answer.stderr)
            self.assertEqual(sent.read_bytes(), received.read_bytes())
            self.assertTrue((self.hosts.folder / "hosts" / "plain-1" / "home" / "copy").exists())

    def test_yunohost_over_ssh(self) -> None:
        users = json.loads(self.hosts.ssh("ynh-1", "yunohost user list --output-as json").stdout)["users"]
        self.assertIn("camille", users)
        domain = users["camille"]["mail"].split("@")[1]
        line = (
            f"yunohost user create newcomer -F Newcomer -d {domain} -p A-Passw0rd-for-tests --output-as json"
        )
        answer = self.hosts.ssh("ynh-1", line)
        self.assertEqual(0, answer.returncode, answer.stderr)
        self.assertIn("newcomer", self.hosts.ssh("ynh-1", "yunohost user list --output-as json").stdout)
        self.assertNotIn("newcomer", self.hosts.ssh("ynh-slow", "yunohost user list --output-as json").stdout)

    def test_an_operation_outlives_its_connection(self) -> None:
        with relay_to(self.hosts.host("ynh-1")["port"]) as relay:
            line = (
                "BEFFROI_LAB_SLOW_SECONDS=8 yunohost user create outliver -F Outliver -p A-Passw0rd-for-tests"
            )
            ssh = self.hosts.begin("ynh-1", f"{line} -d atelier-dubois.example 2>&1", relay.port)
            self.addCleanup(end, ssh)
            relay.order("cut")
            self.assertEqual(255, ssh.wait(DEADLINE))
        eventually(self.outliver_is_done, "the operation ends without its client")

    def outliver_is_done(self) -> bool:
        told = self.hosts.ssh("ynh-1", "yunohost log list --output-as json").stdout
        outcomes = [
            entry["success"] for entry in json.loads(told)["operation"] if "outliver" in entry["name"]
        ]
        return outcomes == [True]


class Life(unittest.TestCase):
    def setUp(self) -> None:
        require("sshd", "ssh", "ssh-keygen")

    def test_up_again_keeps_what_runs_and_repairs_what_does_not(self) -> None:
        hosts = Hosts("--speed", "0")
        self.addCleanup(hosts.remove)
        before = self.listeners(hosts)
        self.assertEqual(before, (hosts.up(), self.listeners(hosts))[1])
        ports = [host["port"] for host in hosts.described["hosts"]]
        os.kill(before["plain-1"], signal.SIGKILL)
        eventually(lambda: not labprocesses.command_line(before["plain-1"]), "the server is dead")
        told = json.loads(run_lab("status", "--dir", str(hosts.folder), "--json").stdout)
        self.assertEqual([False, True, True], [host["running"] for host in told["hosts"]])
        repaired = hosts.up("--hosts", "1")["hosts"]
        self.assertEqual([True] * 4, [host["running"] for host in repaired])
        self.assertEqual(ports, [host["port"] for host in repaired][:3])
        after = self.listeners(hosts)
        self.assertEqual({"plain-1", "bulk-01"}, {name for name in after if after[name] != before.get(name)})
        self.assertEqual(0, hosts.ssh("plain-1", "true").returncode)

    def listeners(self, hosts: Hosts) -> Dict[str, int]:
        folder = hosts.folder / "hosts"
        return {path.name: int((path / "sshd.pid").read_text(encoding="ascii")) for path in folder.iterdir()}

    def test_down_leaves_nothing(self) -> None:
        bystander = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(bystander.wait)
        self.addCleanup(bystander.kill)
        hosts = Hosts("--speed", "1")
        self.addCleanup(hosts.remove)
        for name, command in (
            ("plain-1", "echo begun; exec sleep 1000"),
            ("plain-1", "setsid sleep 1000 >/dev/null 2>&1 & echo begun"),
            ("ynh-slow", "yunohost user delete scanner 2>&1"),
        ):
            self.addCleanup(end, hosts.begin(name, command))
        # Three servers, two sleeps, one yunohost, and the shells around them.
        self.assertGreaterEqual(len(processes_of(hosts.folder)), 6)
        answer = hosts.down()
        self.assertEqual((0, ""), (answer.returncode, answer.stderr))
        self.assertEqual([], processes_of(hosts.folder))
        self.assertFalse(hosts.folder.exists())
        for host in hosts.described["hosts"]:
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection((host["address"], host["port"]), timeout=DEADLINE)
        self.assertIsNone(bystander.poll())
        self.assertEqual(0, hosts.down().returncode, "down twice is fine")
        told = json.loads(run_lab("status", "--dir", str(hosts.folder), "--json").stdout)
        self.assertEqual([], told["hosts"])

    def test_what_is_started_on_a_traced_host_is_written_down(self) -> None:
        hosts = Hosts("--speed", "0", "--trace")
        self.addCleanup(hosts.remove)
        self.assertEqual(0, hosts.ssh("plain-1", "env -i expr shown : shown").returncode)
        hosts.ssh("plain-1", "env SHOWN=in-its-environment expr 1 : 1")
        trace = Path(hosts.described["trace"]).read_bytes()
        self.assertIn(b"argv\0expr\0shown\0:\0shown\0env\0\n", trace)
        self.assertIn(b"\0SHOWN=in-its-environment\0", trace)
        hosts.down()
        self.assertEqual([], processes_of(hosts.folder))

    def test_a_failed_start_is_undone(self) -> None:
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent, "lab")
            genuine = labhosts.Lab._configuration

            def spoiled(lab: labhosts.Lab, host: labhosts.Host, speed: float) -> str:
                return genuine(lab, host, speed) + ("NoSuchOption yes\n" if host.name == "ynh-slow" else "")

            told = self.assertRaisesRegex(labhosts.LabError, "ynh-slow did not start.*NoSuchOption")
            with mock.patch.object(labhosts.Lab, "_configuration", spoiled), told:
                labhosts.Lab(folder).up()
            self.assertEqual([], processes_of(folder))
            self.assertFalse(folder.exists())

    def test_other_folders_are_left_alone(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "precious").write_text("keep", encoding="utf-8")
            for command, complaint in (("up", "not a lab"), ("down", "not a lab")):
                answer = run_lab(command, "--dir", folder)
                self.assertEqual(1, answer.returncode)
                self.assertIn(complaint, answer.stderr)
            self.assertEqual(["precious"], os.listdir(folder))

    def test_white_space_in_the_path_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            answer = run_lab("up", "--dir", f"{folder}/two words")
            self.assertEqual(1, answer.returncode)
            self.assertIn("white space", answer.stderr)
            self.assertEqual([], os.listdir(folder))

    def test_missing_programs_are_named(self) -> None:
        with (
            mock.patch.object(labhosts.shutil, "which", return_value=None),
            tempfile.TemporaryDirectory() as folder,
            self.assertRaisesRegex(
                labhosts.LabError, "sshd and ssh-keygen not found; install OpenSSH.*openssh-server"
            ),
        ):
            labhosts.Lab(Path(folder, "lab")).up()


if __name__ == "__main__":
    unittest.main()
