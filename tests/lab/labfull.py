"""The full tier of the lab: containers with systemd, sudo and passwords, or with BusyBox alone; hosts behind hosts.

One folder is one lab; several labs live side by side, each on networks of its
own. As in the small lab, what `up` starts `down` stops, and nothing else.
"""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

import labnet
from labcontainers import ACCOUNTS, Container, Plan
from labhosts import SYSTEM_PATH, LabError
from labnet import run
from labtemplate import Template, template

REGISTRY = "full.json"
_LOCK = "lock"

PLANS: Dict[str, Plan] = {
    "deb-1": Plan("debian", (("outer", 11),)),
    "deb-2": Plan("debian", (("outer", 12),)),
    "busy-1": Plan("busybox", (("outer", 13),)),
    "busy-2": Plan("openrc", (("outer", 14),)),
    # A bastion, a host behind it, one more, and one behind that.
    "bastion": Plan("busybox", (("outer", 15), ("inner", 1))),
    "inner-1": Plan("debian", (("inner", 10),), "bastion"),
    "inner-2": Plan("busybox", (("inner", 11), ("deep", 1)), "bastion"),
    "deep-1": Plan("busybox", (("deep", 10),), "inner-2"),
    # A hundred hosts behind the bastion, crowd-001 and so on. Not among those that are started when none is named.
    "crowd": Plan("busybox", (("inner", 100),), "bastion", crowd=100),
    # Debians with guests, by driver. They too only when named.
    "lxc-1": Plan("debian", (("outer", 18),), guests="lxc"),
    "incus-1": Plan("debian", (("outer", 19),), guests="incus"),
    "lxd-1": Plan("debian", (("outer", 20),), guests="lxd"),
    "pve-1": Plan("debian", (("outer", 21),), guests="proxmox"),
    # Two clients, each with a bastion and one host: both hosts have the same address.
    "bastion-a": Plan("busybox", (("outer", 16), ("inner-a", 1))),
    "inner-a": Plan("busybox", (("inner-a", 10),), "bastion-a"),
    "bastion-b": Plan("busybox", (("outer", 17), ("inner-b", 1))),
    "inner-b": Plan("busybox", (("inner-b", 10),), "bastion-b"),
}
_LETTERS = {"outer": "o", "inner": "i", "deep": "d", "inner-a": "a", "inner-b": "b"}


class FullLab:
    """All containers that live in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client_key = folder / "keys" / "id_ed25519"
        self._registry = folder / REGISTRY

    def up(self, names: Sequence[str], traced: bool = False) -> None:
        """Create and start these hosts, and those on the way to them; on failure, undo what this call made."""
        why = impossible()
        if why:
            raise LabError(why)
        wanted = _with_those_before(names or [name for name, plan in PLANS.items() if not plan.extra])
        ground = template()
        with self._alone():
            fresh = not self._registry.exists()
            if fresh:
                self._remember(
                    {"mark": f"bl{secrets.token_hex(4)}", "network": None, "traced": traced, "hosts": []}
                )
            try:
                self._bring_up(wanted, ground)
            except BaseException:
                if fresh:
                    self._take_down()
                raise

    def down(self) -> None:
        """Stop every container, remove the networks and the folder."""
        if self.folder.exists():
            with self._alone():
                self._take_down()

    def describe(self) -> Dict[str, Any]:
        """What `status --json` prints. Files are named that hold secrets; no secret is printed."""
        hosts = [self._container(name) for name in self._remembered()["hosts"]]
        return {
            "dir": str(self.folder),
            "client_key": str(self.client_key),
            "trace": str(self._trace) if self._remembered()["traced"] else None,
            "hosts": [told for host in hosts for told in self._describe_all(host)],
        }

    def host(self, name: str) -> Container:
        """One of its hosts."""
        if name not in self._remembered()["hosts"]:
            raise LabError(f"no host {name} in {self.folder}")
        return self._container(name)

    # -- parts ---------------------------------------------------------------

    @property
    def _trace(self) -> Path:
        return self.folder / "trace"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One `up` or `down` at a time in a folder, and only in a folder that is a lab's or empty."""
        self._check_folder()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._check_folder()
            yield
        finally:
            os.close(handle)

    def _check_folder(self) -> None:
        if any(character.isspace() or character == ":" for character in str(self.folder)):
            raise LabError(f"{self.folder}: a lab's folder cannot have white space or a colon in its path")
        content = set(os.listdir(self.folder)) if self.folder.exists() else set()
        if content - {_LOCK} and REGISTRY not in content:
            raise LabError(f"{self.folder} is not empty and is not a lab (no {REGISTRY}); nothing was done")

    def _remembered(self) -> Dict[str, Any]:
        if not self._registry.exists():
            return {"mark": "", "network": None, "traced": False, "hosts": []}
        remembered: Dict[str, Any] = json.loads(self._registry.read_text(encoding="utf-8"))
        return remembered

    def _remember(self, registry: Dict[str, Any]) -> None:
        draft = self._registry.with_suffix(".new")
        draft.write_text(json.dumps(registry, indent=1), encoding="utf-8")
        os.replace(draft, self._registry)

    def _container(self, name: str) -> Container:
        return Container(self.folder / "hosts", name, PLANS[name], self._remembered()["mark"])

    def _bridge(self, network: str) -> str:
        return f"{self._remembered()['mark']}{_LETTERS[network]}"

    def _bring_up(self, wanted: Sequence[str], ground: Template) -> None:
        registry = self._remembered()
        new = [name for name in wanted if name not in registry["hosts"]]
        # Remembered before they exist: what a killed `up` began, `down` finds.
        registry["hosts"] += new
        self._remember(registry)
        self._make_networks()
        if not self.client_key.exists():
            self.client_key.parent.mkdir(mode=0o700, exist_ok=True)
            run(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "beffroi-lab", "-f", str(self.client_key)
            )
        key = self.client_key.with_suffix(".pub").read_text(encoding="utf-8")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:

            def begin(name: str) -> None:
                host = self._container(name)
                if name in new:
                    links = [
                        (self._bridge(network), self._address(network, number))
                        for network, number in host.plan.places
                    ]
                    host.create(ground, links, key, self._trace if registry["traced"] else None)
                host.start()

            list(pool.map(begin, wanted))
            list(pool.map(lambda name: self._container(name).wait_ready(), wanted))

    def _make_networks(self) -> None:
        registry = self._remembered()
        needed = {network for name in registry["hosts"] for network, _ in PLANS[name].places}
        for network in sorted(needed):
            if network != "outer":
                labnet.make_inner(self._bridge(network))
            elif not registry["network"]:
                registry["network"] = labnet.make_outer(self._bridge(network))
                self._remember(registry)

    def _address(self, network: str, number: int) -> str:
        if network == "outer":
            return f"{self._remembered()['network']}.{number}"
        return f"{labnet.DEEP if network == 'deep' else labnet.INNER}.{number}"

    def _take_down(self) -> None:
        registry = self._remembered()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self._container(name).stop(), registry["hosts"]))
        for network in _LETTERS if registry["mark"] else ():
            labnet.remove(self._bridge(network))
        shutil.rmtree(self.folder)

    def _describe(self, host: Container) -> Dict[str, Any]:
        network, number = host.plan.places[0]
        accounts: List[Dict[str, Any]] = []
        for account in ACCOUNTS[host.plan.image]:
            password = host.secret(account)
            accounts.append({"user": account, "password_file": str(password) if password.exists() else None})
        seed = host.secret("totp-seed")
        return {
            "name": host.name,
            "container": host.name,
            "image": host.plan.image,
            "address": self._address(network, number),
            "port": 22,
            "user": "root",
            "behind": host.plan.behind,
            "guests": host.plan.guests,
            "accounts": accounts,
            "totp_seed_file": str(seed) if seed.exists() else None,
            **_describe_keys(host.public_keys()),
            "running": host.pid() is not None,
        }

    def _describe_all(self, host: Container) -> List[Dict[str, Any]]:
        """The host, or each of a crowd."""
        whole = self._describe(host)
        if not host.plan.crowd:
            return [whole]
        addresses = host.addresses(whole["address"])
        return [
            {
                **whole,
                "name": f"{host.name}-{number:03d}",
                "address": address,
                **_describe_keys({"ed25519": host.crowd_key(address)}),
            }
            for number, address in enumerate(addresses, 1)
        ]


def _describe_keys(keys: Mapping[str, Path]) -> Dict[str, Any]:
    fingerprints = {kind: _fingerprint(path) for kind, path in keys.items()}
    return {
        "host_key_fingerprint": fingerprints.get("ed25519"),
        "host_key_fingerprints": fingerprints,
        "host_key_files": {kind: str(path) for kind, path in keys.items()},
    }


def _fingerprint(path: Path) -> str:
    """As ssh-keygen shows it: the hash of the key, in base64 without its padding."""
    key = base64.b64decode(path.read_text(encoding="ascii").split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def impossible() -> Optional[str]:
    """Why containers cannot run on this machine, when they cannot."""
    wanted = ("lxc-start", "debootstrap", "ip", "openssl", "ssh-keygen")
    missing = [
        name for name in wanted if not shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    ]
    if missing:
        return (
            f"{', '.join(missing)} not found; install lxc, debootstrap, iproute2, openssl and openssh-client"
        )
    if os.geteuid() != 0:
        return "containers of the lab need root"
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii"):
        return "the kernel has no overlay file system"
    probe = f"bl{secrets.token_hex(4)}p"
    made = subprocess.run(
        ["ip", "link", "add", probe, "type", "bridge"], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        return f"no bridge can be made here: {made.stderr.strip()}"
    labnet.remove(probe)
    return None


def _with_those_before(names: Sequence[str]) -> List[str]:
    """These hosts, and before each the ones it stands behind."""
    ordered: List[str] = []

    def add(name: str) -> None:
        if name not in PLANS:
            raise LabError(f"no host is called {name}; there are {', '.join(PLANS)}")
        behind = PLANS[name].behind
        if behind:
            add(behind)
        if name not in ordered:
            ordered.append(name)

    for name in names:
        add(name)
    return ordered
