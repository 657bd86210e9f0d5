"""One container of the lab: its files, its configuration, its life.

Classic LXC, a root file system laid over a template, cgroups of its own. What
LXC needs is in the container's folder; nothing is written to /var/lib/lxc.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set, Tuple

import labguests
import labprocesses
from labhosts import LabError
from labnet import run
from labtemplate import Template

_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_CGROUPS = Path("/sys/fs/cgroup")
_GROUPS = ("host", "monitor", "ended")
_TRACER = Path(__file__).resolve().parent / "labtrace.py"

_PROXMOX = Path(__file__).resolve().parent / "proxmox"
_PROXMOX_NETWORK = """
LXC_BRIDGE="vmbr0"
LXC_ADDR="10.0.6.1"
LXC_NETMASK="255.255.255.0"
LXC_NETWORK="10.0.6.0/24"
LXC_DHCP_RANGE="10.0.6.2,10.0.6.254"
"""

_GUEST_CONFIG = """\
# Template used to create this container: /usr/share/lxc/templates/lxc-local
lxc.include = /usr/share/lxc/config/common.conf
lxc.arch = {machine}
lxc.net.0.type = veth
lxc.net.0.link = lxcbr0
lxc.net.0.flags = up
lxc.apparmor.profile = unconfined
lxc.rootfs.path = dir:/var/lib/lxc/{name}/rootfs
lxc.uts.name = {name}
lxc.start.auto = {boots}
"""

ACCOUNTS = {
    "debian": ("root", "admin", "ops", "nosudo", "tty", "fr", "totp"),
    "busybox": ("root",),
    "openrc": ("root",),
}
WITH_PASSWORD = ("admin", "nosudo", "tty", "fr", "totp")
_KEYS = {"debian": ("ed25519", "ecdsa", "rsa"), "busybox": ("ed25519",), "openrc": ("ed25519",)}


@dataclass(frozen=True)
class Plan:
    """What a host is: its image, its place on each network, the host one has to go through."""

    image: str
    places: Tuple[Tuple[str, int], ...]
    behind: Optional[str] = None
    crowd: int = 0
    """So many SSH servers in one container, each with an address and a key of its own, as if each were a host."""
    guests: Optional[str] = None
    """The driver of the guests it has: `lxc`, `incus`, `lxd`, or `proxmox`, whose stand-in has containers of classic LXC."""

    @property
    def extra(self) -> bool:
        """Not among those that are started when none is named."""
        return bool(self.crowd or self.guests)


class Container:
    """A host of the full lab."""

    def __init__(self, parent: Path, name: str, plan: Plan, mark: str) -> None:
        self.name, self.plan = name, plan
        self.folder = parent / name
        self._parent, self._mark = parent, mark
        self._delta = self.folder / "delta"

    # -- files ---------------------------------------------------------------

    def create(
        self, template: Template, links: Sequence[Tuple[str, str]], key: str, trace: Optional[Path]
    ) -> None:
        """Write everything that is not in the template; `links` are bridges and addresses."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._delta.mkdir(parents=True)
        lower = {
            "debian": f"{template.debian}",
            "busybox": f"{template.busybox}",
            "openrc": f"{template.openrc}:{template.busybox}",
        }[self.plan.image]
        bases = [template.debian if self.plan.image == "debian" else template.busybox]
        if self._daemon:
            bases.insert(0, labguests.layer(self._daemon))
            lower = f"{bases[0]}:{lower}"
        self._write_config(lower, links)
        files = _Layer(bases, self._delta)
        files.write("etc/hostname", f"{self.name}\n")
        files.write("etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n")
        for account in ACCOUNTS[self.plan.image]:
            files.write_home(account, ".ssh/authorized_keys", key)
        self._write_host_keys(files)
        if self.plan.image == "debian":
            self._write_passwords(files)
        if self.plan.crowd:
            self._write_crowd(files, self.addresses(links[0][1]))
        if self.plan.guests:
            self._write_guests(files)
        if trace:
            (self.folder / "traced").symlink_to(trace)

    def _write_config(self, lower: str, links: Sequence[Tuple[str, str]]) -> None:
        lines = [
            "lxc.include = /usr/share/lxc/config/common.conf",
            f"lxc.uts.name = {self.name}",
            f"lxc.rootfs.path = overlay:{lower}:{self._delta}",
            "lxc.apparmor.profile = unconfined",
            "lxc.cap.drop =",
            "lxc.autodev = 1",
            "lxc.tty.max = 0",
            "lxc.mount.auto = proc:rw sys:rw cgroup:rw:force",
            f"lxc.cgroup.dir.container = {self._cgroup('host')}",
            f"lxc.cgroup.dir.monitor = {self._cgroup('monitor')}",
            f"lxc.cgroup.dir.monitor.pivot = {self._cgroup('ended')}",
            f"lxc.log.file = {self.folder / 'lxc.log'}",
            f"lxc.console.logfile = {self.folder / 'console.log'}",
        ]
        for number, (bridge, address) in enumerate(links):
            net = f"lxc.net.{number}"
            lines += [
                f"{net}.type = veth",
                f"{net}.link = {bridge}",
                f"{net}.flags = up",
                f"{net}.name = eth{number}",
                # One that stays over a reboot, as that of a machine does: neighbours remember it for a while.
                f"{net}.hwaddr = {self._hardware_address(number)}",
            ]
            lines += [f"{net}.ipv4.address = {each}/24" for each in self.addresses(address)]
        if self.plan.guests:
            # Guests have file systems laid over others too, and no overlay can be laid over an overlay.
            held = f"var/lib/{self._daemon}"
            lines += [
                f"lxc.mount.entry = {self._held} {held} none bind,create=dir 0 0",
                # A guest in a user namespace is given /proc and /sys only where they are somewhere without a mount over a part.
                "lxc.mount.entry = proc dev/.lxc/proc proc create=dir 0 0",
                "lxc.mount.entry = sys dev/.lxc/sys sysfs create=dir 0 0",
                "lxc.cgroup.devices.allow = a",
                "lxc.cgroup2.devices.allow = a",
            ]
        (self.folder / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def addresses(self, first: str) -> List[str]:
        """All its addresses on a network, from the first one on."""
        network, _, number = first.rpartition(".")
        return [f"{network}.{int(number) + more}" for more in range(max(self.plan.crowd, 1))]

    def _hardware_address(self, number: int) -> str:
        digest = hashlib.sha256(f"{self._mark} {self.name} {number}".encode()).digest()
        return ":".join(f"{byte:02x}" for byte in b"\x02" + digest[:5])

    def _cgroup(self, part: str) -> str:
        return f"{self._mark}-{self.name}-{part}"

    def _write_host_keys(self, files: "_Layer") -> None:
        for kind in _KEYS[self.plan.image]:
            files.write_key(f"etc/ssh/ssh_host_{kind}_key", kind, self.name)

    def _write_crowd(self, files: "_Layer", addresses: Sequence[str]) -> None:
        """A server for each address, started at boot and limited as OpenSSH limits itself."""
        start = ["#!/bin/sh", "mkdir -p /run/sshd"]
        for address in addresses:
            key = f"/etc/ssh/crowd/{address}"
            files.write_key(key[1:], "ed25519", address)
            start.append(
                f"/usr/sbin/sshd -o ListenAddress={address} -o HostKey={key} -o PidFile=none -E /var/log/sshd.log"
            )
        files.write("etc/init.d/rcS", "\n".join(start) + "\n", mode=0o755)
        files.write("etc/inittab", "::sysinit:/etc/init.d/rcS\n::ctrlaltdel:/bin/busybox reboot\n")

    @property
    def _daemon(self) -> Optional[str]:
        return "lxc" if self.plan.guests == "proxmox" else self.plan.guests

    @property
    def _held(self) -> Path:
        """The folder that its guests live in."""
        return self.folder / "guests"

    def _write_guests(self, files: "_Layer") -> None:
        """The guests that are there from the start; those of a daemon are made by itself, of an image that lies there."""
        self._held.mkdir(mode=0o711)
        images = labguests.image("openrc")
        if self.plan.guests == "proxmox":
            self._write_proxmox(files, images["openrc.tar.gz"])
            return
        if self.plan.guests != "lxc":
            shutil.copy(images["openrc-unified.tar.gz"], files.place("var/lib/lab/openrc.tar.gz"))
            return
        for name, boots in (("web", 1), ("old", 0)):
            root = self._held / name / "rootfs"
            root.mkdir(parents=True)
            run("tar", "-C", str(root), "--numeric-owner", "-xzf", str(images["openrc.tar.gz"]))
            (root / "etc/hostname").write_text(f"{name}\n", encoding="ascii")
            config = _GUEST_CONFIG.format(name=name, boots=boots, machine=platform.machine())
            (self._held / name / "config").write_text(config, encoding="ascii")

    def _write_proxmox(self, files: "_Layer", template: Path) -> None:
        """The stand-in, a template, and what makes two containers of it at the first boot."""
        for path in sorted(_PROXMOX.glob("pve_standin/*.py")):
            shutil.copy(path, files.place(f"opt/pve/pve_standin/{path.name}"))
        shutil.copy(_PROXMOX / "bin/pct", files.place("opt/pve/bin/pct"))
        for name in ("pct", "pvesh", "pveam", "pvesm", "pveum", "pveversion", "vzdump"):
            files.place(f"usr/sbin/{name}").symlink_to("/opt/pve/bin/pct")
            if name != "pct":
                (self._delta / f"opt/pve/bin/{name}").symlink_to("pct")
        shutil.copy(template, files.place("var/lib/vz/template/cache/openrc.tar.gz"))
        below = files.template("etc/default/lxc-net").read_text(encoding="utf-8")
        files.write("etc/default/lxc-net", below + _PROXMOX_NETWORK)
        files.write(
            "usr/local/sbin/lab-ready", (_PROXMOX / "ready.sh").read_text(encoding="utf-8"), mode=0o755
        )

    def crowd_key(self, address: str) -> Path:
        """The host key of one of a crowd, its public half."""
        return self._delta / f"etc/ssh/crowd/{address}.pub"

    def _write_passwords(self, files: "_Layer") -> None:
        """Passwords of this run, each in a file of its own; and the secret of one-time codes."""
        hashes = {}
        for account in WITH_PASSWORD:
            password = secrets.token_urlsafe(15)
            _write_secret(self.secret(account), password)
            hashes[account] = run("openssl", "passwd", "-6", "-stdin", given=password).strip()
        lines = []
        for line in files.template("etc/shadow").read_text(encoding="utf-8").splitlines():
            name, _, rest = line.split(":", 2)
            lines.append(f"{name}:{hashes.get(name, '*')}:{rest}\n")
        files.write("etc/shadow", "".join(lines))
        seed = secrets.token_hex(20)
        _write_secret(self.secret("totp-seed"), seed)
        files.write("etc/users.oath", f"HOTP/T30/6 totp - {seed}\n", mode=0o600)

    def secret(self, name: str) -> Path:
        """The file with an account's password."""
        return self.folder / "secrets" / name

    def public_keys(self) -> Dict[str, Path]:
        """The host keys, public halves, by kind."""
        keys = {kind: self._delta / f"etc/ssh/ssh_host_{kind}_key.pub" for kind in _KEYS[self.plan.image]}
        return {kind: path for kind, path in keys.items() if path.exists()}

    # -- life ----------------------------------------------------------------

    def pid(self) -> Optional[int]:
        """The container's first process, when it runs and says so."""
        # A monitor that is asked in the middle of a boot may never answer that question; it answers the next one.
        with contextlib.suppress(subprocess.TimeoutExpired):
            told = self._lxc("lxc-info", "-p", "-H", patience=_ANSWER_SECONDS).stdout.strip()
            return int(told) if told.isdigit() and int(told) > 0 else None
        return None

    def start(self) -> None:
        """Ask it to start; it may take a while until it is ready."""
        if self.pid() is not None:
            return
        command = ["lxc-start", "-P", str(self._parent), "-n", self.name, "-F"]
        if (self.folder / "traced").is_symlink():
            command = [sys.executable, str(_TRACER), str((self.folder / "traced").readlink()), *command]
        # In the foreground of a process that nobody waits for: LXC's own way into the background takes longer.
        with open(self.folder / "start.log", "ab") as log:
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )

    def wait_ready(self) -> None:
        """Until its SSH server listens, people may log in, and the guest that starts with it runs."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            pid = self.pid()
            if (
                pid is not None
                and _listeners(pid) >= max(self.plan.crowd, 1)
                and not os.path.lexists(f"/proc/{pid}/root/run/nologin")
                and (not self.plan.guests or os.path.lexists(f"/proc/{pid}/root/run/lab-ready"))
            ):
                return
            time.sleep(0.02)
        raise LabError(f"{self.name} is not ready after {_START_SECONDS:.0f} s: {self._last_words()}")

    def _last_words(self) -> str:
        for name in ("start.log", "lxc.log", "console.log"):
            with contextlib.suppress(OSError):
                text = (self.folder / name).read_text(encoding="utf-8", errors="replace").strip()
                if text:
                    return f"{name}: {text[-1000:]}"
        return "it said nothing"

    def stop(self) -> None:
        """End it as pulling the plug would; its files stay."""
        self._thaw()
        self._lxc("lxc-stop", "-k")
        # A monitor that was killed cannot be asked; then what is left are the processes of the cgroup.
        for _ in range(100):
            left = self._members()
            if not left:
                break
            labprocesses.kill(left)
            time.sleep(0.02)
        self._remove_cgroups()

    def reboot(self) -> None:
        """Boot again: another boot id, and everything that ran is gone."""
        before = self.pid()
        if before is None:
            raise LabError(f"{self.name} does not run")
        self._thaw()
        self._lxc("lxc-stop", "-r", "-W")
        deadline = time.monotonic() + _START_SECONDS
        while self.pid() in (None, before):
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} did not reboot: {self._last_words()}")
            time.sleep(0.02)
        self.wait_ready()

    def command(self, words: Sequence[str]) -> List[str]:
        """What runs a program inside, as root, whatever its SSH server does."""
        return ["lxc-attach", "-P", str(self._parent), "-n", self.name, "--clear-env", "--", *words]

    def execute(self, *words: str) -> str:
        return run(*self.command(words))

    def rekey(self) -> None:
        """Other host keys, as after a new installation; connections that are open stay."""
        pid = self.pid()
        if pid is None:
            raise LabError(f"{self.name} does not run")
        # Through the container's own root: the layer below must not change under a mount.
        root = Path(f"/proc/{pid}/root")
        for path in self.public_keys().values():
            inside = root / path.relative_to(self._delta)
            inside.unlink()
            inside.with_suffix("").unlink()
        self._write_host_keys(_Layer([root], root))
        self.restart_sshd()

    def restart_sshd(self) -> None:
        """Restart the SSH server, and wait until it listens again."""
        if self.plan.image == "debian":
            self.execute("systemctl", "restart", "ssh")
        elif self.plan.image == "openrc":
            self.execute("rc-service", "sshd", "restart")
        else:
            self.execute("sh", "-c", "kill $(cat /run/sshd.pid)")
        self.wait_ready()

    def _lxc(
        self, program: str, *words: str, patience: Optional[float] = None
    ) -> "subprocess.CompletedProcess[str]":
        command = [program, "-P", str(self._parent), "-n", self.name, *words]
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=patience
        )

    # -- cgroups -------------------------------------------------------------

    def _groups(self) -> List[Path]:
        """Folders of this container in every hierarchy there is."""
        hierarchies = [
            _CGROUPS,
            *(path for path in _CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()),
        ]
        found = [hierarchy / self._cgroup(part) for hierarchy in hierarchies for part in _GROUPS]
        return [path for path in found if path.is_dir()]

    def _members(self) -> List[int]:
        pids: Set[int] = set()
        for group in self._groups():
            for file in group.rglob("cgroup.procs"):
                with contextlib.suppress(OSError):
                    pids.update(int(line) for line in file.read_text(encoding="ascii").split())
        return sorted(pids - {0, os.getpid()})

    def _thaw(self) -> None:
        """Let guests go on that are frozen: no signal ends a frozen process, and its host would wait for it."""
        for group in self._groups():
            for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
                for file in group.rglob(name):
                    with contextlib.suppress(OSError):
                        file.write_text(word, encoding="ascii")

    def _remove_cgroups(self) -> None:
        for group in self._groups():
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


class _Layer:
    """Files that lie over those of a template; folders on the way keep the template's owner and mode."""

    def __init__(self, bases: Sequence[Path], delta: Path) -> None:
        self._bases, self._delta = bases, delta

    def template(self, path: str) -> Path:
        """What lies below, in the topmost layer that has it."""
        return next((base / path for base in self._bases if (base / path).exists()), self._bases[-1] / path)

    def write(self, path: str, text: str, mode: Optional[int] = None) -> Path:
        target = self.place(path)
        target.write_text(text, encoding="utf-8")
        below = self.template(path)
        if below.exists():
            _take_after(target, below)
        if mode is not None:
            target.chmod(mode)
        return target

    def write_home(self, account: str, path: str, text: str) -> None:
        home = "root" if account == "root" else f"home/{account}"
        owner = self.template(home).stat()
        target = self.place(f"{home}/{path}")
        target.write_text(text, encoding="utf-8")
        for made, mode in ((target, 0o600), (target.parent, 0o700)):
            made.chmod(mode)
            os.chown(made, owner.st_uid, owner.st_gid)

    def write_key(self, path: str, kind: str, comment: str) -> None:
        target = self.place(path)
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(target))

    def place(self, path: str) -> Path:
        """Where a file of that path goes; the folders on the way to it are there then."""
        for folder in reversed(list(Path(path).parents)[:-1]):
            target, below = self._delta / folder, self.template(str(folder))
            if not target.exists():
                target.mkdir(mode=0o755)
                if below.exists():
                    _take_after(target, below)
        return self._delta / path


def _take_after(target: Path, model: Path) -> None:
    status = model.stat()
    os.chown(target, status.st_uid, status.st_gid)
    target.chmod(status.st_mode & 0o7777)


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _listeners(pid: int) -> int:
    """How many sockets listen on port 22 where this process lives."""
    found = 0
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/net/{name}").read_text(encoding="ascii").splitlines()[1:]
            found += sum(words[1].endswith(":0016") and words[3] == "0A" for words in map(str.split, lines))
    return found
