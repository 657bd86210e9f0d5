#!/usr/bin/env python3
"""Hosts with guests, in the full lab: are they what they are said to be, are the images guests of every driver, and is nothing left?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from test_full import TEMPLATE_DEADLINE, Machines, require_containers, traces_of  # noqa: E402 (needs the lines above)
from test_lab import DEADLINE, eventually, run_lab  # noqa: E402

CLIENTS = {"incus-1": "incus", "lxd-1": "lxc"}
ALL = ("lxc-1", "incus-1", "lxd-1", "pve-1")
FLASK = """
from flask import Flask
app = Flask(__name__)
@app.route("/")
def hello():
    return "from a guest"
app.run(host="0.0.0.0", port=8000)
"""
WEB = """
export HOME=/root PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
set -e
python3 -m pip install --quiet --root-user-action ignore --no-index --find-links /opt/wheels flask
pm2 start --silent /opt/app.py --interpreter python3
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  wget -q -O - http://127.0.0.1:8000/ && exit
  sleep 1
done
exit 1
"""


def images(*names: str) -> Dict[str, str]:
    """The files of images, which are made where they are not there yet."""
    command = [sys.executable, str(HERE / "lab"), "full", "images", *names]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=TEMPLATE_DEADLINE, check=False
    )
    assert done.returncode == 0, done.stderr
    found: Dict[str, str] = json.loads(done.stdout)
    return found


class Guests(unittest.TestCase):
    lab: Machines

    @classmethod
    def setUpClass(cls) -> None:
        require_containers()
        cls.lab = Machines("--trace", *ALL)
        cls.addClassCleanup(cls.lab.remove)

    def said(self, host: str, text: str, user: str = "root") -> str:
        done = self.lab.ssh(host, text, user)
        self.assertEqual(0, done.returncode, f"{host}: {text}: {done.stderr}")
        return done.stdout

    def send(self, host: str, file: str, target: str) -> None:
        """A file, or a folder and what is in it."""
        source = Path(file)
        config = str(self.lab.folder.parent / "config")
        unpack = ["ssh", "-F", config, host, f"mkdir -p {target} && tar -x -C {target}"]
        pack = ["tar", "-c", "-C", str(source.parent), source.name]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
            subprocess.run(unpack, stdin=packed.stdout, timeout=DEADLINE, check=True)
            self.assertEqual(0, packed.wait(DEADLINE))

    def test_they_are_described_and_start_only_when_named(self) -> None:
        told = {host["name"]: host["guests"] for host in self.lab.described["hosts"]}
        self.assertEqual({"lxc-1": "lxc", "incus-1": "incus", "lxd-1": "lxd", "pve-1": "proxmox"}, told)
        for host in ALL:
            self.assertEqual("running\n", self.said(host, "systemctl is-system-running --wait"))

    def test_classic_containers_run_with_their_host(self) -> None:
        self.assertLessEqual({"old", "web"}, set(self.said("lxc-1", "lxc-ls -1").split()))
        inside = "lxc-attach -n web --clear-env -- sh -c 'cat /etc/hostname /proc/1/comm; exit 7'"
        done = self.lab.ssh("lxc-1", inside)
        self.assertEqual((7, "web\ninit\n"), (done.returncode, done.stdout))
        eventually(
            lambda: "crond" in self.said("lxc-1", "lxc-attach -n web --clear-env -- rc-status default"),
            "OpenRC has started",
        )
        eventually(lambda: self.said("lxc-1", "lxc-info -n web -iH").strip(), "it was given an address")
        self.assertEqual("0\n", self.said("lxc-1", "sudo lxc-attach -n web --clear-env -- id -u", "ops"))
        self.assertNotEqual(0, self.lab.ssh("lxc-1", "lxc-attach -n web -- id", "ops").returncode)

    def test_many_guests_that_do_next_to_nothing(self) -> None:
        self.said("lxc-1", "lab-guests 20")
        self.assertEqual(20, self.said("lxc-1", "lxc-ls -1 --running --filter '^tiny-'").count("tiny-"))
        self.said(
            "lxc-1", "for i in $(lxc-ls -1 --filter '^tiny-'); do lxc-stop -n $i; lxc-destroy -n $i; done"
        )
        self.assertNotIn("tiny", self.said("lxc-1", "lxc-ls -1"))

    def test_daemons_have_a_guest_and_a_socket_for_ops(self) -> None:
        for host, client in CLIENTS.items():
            for user, within in (("ops", True), ("admin", False)):
                answer = self.lab.ssh(host, f"{client} query '/1.0/instances?recursion=2'", user)
                self.assertEqual(within, answer.returncode == 0, f"{user} on {host}: {answer.stderr}")
            (web,) = json.loads(self.said(host, f"{client} query '/1.0/instances?recursion=2'", "ops"))
            self.assertEqual(("web", "Running"), (web["name"], web["status"]))
            self.assertIn("volatile.idmap.current", web["config"])
            done = self.lab.ssh(host, f"{client} exec web -- sh -c 'hostname; exit 7'", "ops")
            self.assertEqual((7, "web\n"), (done.returncode, done.stdout))
            password = self.lab.password(host, "admin")
            told = self.lab.ssh(
                host, f"sudo -k -S -p '' {client} list --format csv --columns ns", "admin", f"{password}\n"
            )
            self.assertIn("web,RUNNING", told.stdout)

    def test_guests_stay_reachable_when_systemd_needs_one_more_controller(self) -> None:
        limits = "-p CPUWeight=50 -p MemoryMax=100M -p IOWeight=50 -p TasksMax=20 -p DevicePolicy=closed"
        for host, inside in (
            ("lxc-1", "lxc-attach -n web --"),
            ("incus-1", "incus exec web --"),
            ("lxd-1", "lxc exec web --"),
        ):
            self.said(
                host, f"systemd-run --quiet {limits} sleep 60 && systemctl daemon-reload && {inside} true"
            )
            cgroups = self.said(host, "cat /proc/$(pgrep -f -n '^/sbin/syslogd')/cgroup")
            self.assertTrue(all("lxc.payload" in line for line in cgroups.splitlines()), cgroups)

    def test_debian_is_a_guest_of_every_driver(self) -> None:
        files = images("debian")
        self.send("lxc-1", files["debian-meta.tar.xz"], "/root/debian")
        self.send("lxc-1", files["debian-rootfs.tar.xz"], "/root/debian")
        create = "lxc-create -n debian -t local -- --metadata /root/debian/debian-meta.tar.xz --fstree /root/debian/debian-rootfs.tar.xz"
        self.said("lxc-1", f"{create} && lxc-start -n debian")
        inside = {"lxc-1": "lxc-attach -n debian --clear-env --"}
        self.send("incus-1", files["debian-unified.tar.gz"], "/root/debian")
        self.said("incus-1", "incus image import --quiet /root/debian/debian-unified.tar.gz --alias debian")
        for name in ("debian-metadata.tar.xz", "debian-rootfs.tar.xz"):
            self.send("lxd-1", files[name], "/root/debian")
        self.said(
            "lxd-1",
            "cd /root/debian && lxc image import debian-metadata.tar.xz debian-rootfs.tar.xz --alias debian >/dev/null",
        )
        for host, client in CLIENTS.items():
            self.said(host, f"{client} launch --quiet debian debian </dev/null")
            inside[host] = f"{client} exec debian --"
        for host, words in inside.items():
            ready = lambda host=host, words=words: (
                self.lab.ssh(host, f"{words} systemctl is-system-running").stdout == "running\n"
            )
            eventually(ready, f"systemd runs in a guest of {host}")
            address = lambda host=host, words=words: (
                "inet " in self.lab.ssh(host, f"{words} ip -4 -o address show eth0").stdout
            )
            eventually(address, f"the guest of {host} has an address")

    def test_a_web_application_without_a_network(self) -> None:
        files = images("app", "node")
        for name in ("node.tar.gz", "pm2.tar.gz", "wheels"):
            self.send("lxc-1", files[name], "/root/app")
        root = "/var/lib/lxc/app/rootfs"
        self.said(
            "lxc-1",
            f"mkdir -p {root} && tar -x -f /root/app/node.tar.gz -C {root} && tar -x -f /root/app/pm2.tar.gz -C {root}/usr/local"
            f" && cp -r /root/app/wheels {root}/opt/"
            " && sed -e '/lxc.net/d' -e 's/web/app/' /var/lib/lxc/web/config >/var/lib/lxc/app/config"
            " && echo lxc.net.0.type = empty >>/var/lib/lxc/app/config",
        )
        self.lab.ssh("lxc-1", f"cat >{root}/opt/app.py", given=FLASK)
        self.said("lxc-1", "lxc-start -n app && lxc-attach -n app --clear-env -- ip link set lo up")
        done = self.lab.ssh("lxc-1", "lxc-attach -n app --clear-env -- sh -s", given=WEB)
        self.assertEqual(
            (0, True), (done.returncode, done.stdout.endswith("from a guest")), done.stdout + done.stderr
        )
        listed = json.loads(
            self.said(
                "lxc-1",
                "lxc-attach -n app --clear-env -v HOME=/root -v PATH=/usr/local/bin:/usr/bin:/bin -- pm2 jlist",
            )
        )
        self.assertEqual(["app"], [process["name"] for process in listed])

    def test_proxmox_has_containers_that_are_real(self) -> None:
        told: List[Dict[str, Any]] = json.loads(
            self.said("pve-1", "pvesh get /cluster/resources --type vm --output-format json")
        )
        self.assertEqual(
            [("web", "running"), ("old", "stopped")], [(each["name"], each["status"]) for each in told]
        )
        done = self.lab.ssh("pve-1", "pct exec 101 --keep-env 0 -- sh -c 'cat /etc/hostname; exit 7'")
        self.assertEqual((7, "web\n"), (done.returncode, done.stdout))

        def addresses() -> List[str]:
            links = json.loads(
                self.said("pve-1", "pvesh get /nodes/pve/lxc/101/interfaces --output-format json")
            )
            return [
                each["ip-address"]
                for link in links
                for each in link["ip-addresses"]
                if each["ip-address"].startswith("10.0.6.")
            ]

        eventually(addresses, "it was given an address")
        self.said(
            "pve-1",
            "pct snapshot 101 one && pct exec 101 -- rm /etc/hostname && pct rollback 101 one --start 1",
        )
        self.assertEqual("web\n", self.said("pve-1", "pct exec 101 -- cat /etc/hostname"))
        self.said(
            "pve-1", "pct clone 102 103 --hostname third && pct start 103 && pct stop 103 && pct destroy 103"
        )
        self.assertEqual(
            ["101", "102"], [line.split()[0] for line in self.said("pve-1", "pct list").splitlines()[1:]]
        )

    def test_images_are_named_by_what_they_are(self) -> None:
        self.assertEqual({"openrc.tar.gz", "openrc-unified.tar.gz"}, set(images("openrc")))
        with tempfile.TemporaryDirectory() as folder:
            answer = run_lab("full", "images", "--dir", folder, "windows")
            self.assertEqual(1, answer.returncode)
            self.assertIn("no image is called windows", answer.stderr)


class Life(unittest.TestCase):
    def test_reboot_and_end_with_guests_that_run_and_that_are_frozen(self) -> None:
        require_containers()
        lab = Machines("lxc-1", "incus-1")
        self.addCleanup(lab.remove)
        for host, freeze, state in (
            ("lxc-1", "lxc-freeze -n web", "lxc-info -n web -sH"),
            ("incus-1", "incus pause web", "incus list web --format csv --columns s"),
        ):
            self.assertEqual(0, lab.ssh(host, freeze).returncode)
            self.assertEqual("FROZEN\n", lab.ssh(host, state).stdout)
            lab.order("reboot", host)
            self.assertEqual("RUNNING\n", lab.ssh(host, state).stdout)
            self.assertEqual(0, lab.ssh(host, freeze).returncode)
        mark = lab.mark()
        lab.order("down")
        eventually(lambda: not traces_of(mark, lab.folder), "nothing is left")
        self.assertFalse(os.path.exists(lab.folder))


if __name__ == "__main__":
    unittest.main()
