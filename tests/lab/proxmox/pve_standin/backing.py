"""What a container of the stand-in really is: one of classic LXC on a machine that has it, elsewhere a folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional, Sequence

from .config import Config, numbered, properties
from .place import ROOT, PveError, volume

_LXC = ROOT / "var/lib/lxc"
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container": "lxc"}


def real() -> bool:
    return str(ROOT) == "/" and shutil.which("lxc-start") is not None


def rootfs(config: Config) -> Path:
    return volume(volume_name(config.current["rootfs"]))


def volume_name(option: str) -> str:
    """`subvol-101-disk-0` of `local-zfs:subvol-101-disk-0,size=8G`."""
    return properties(option, "volume")["volume"].partition(":")[2]


def _running_file(vmid: int) -> Path:
    return ROOT / f"run/pve-standin/{vmid}"


def mounted(vmid: int) -> Path:
    """Where `pct mount` shows its root."""
    return _LXC / str(vmid) / "rootfs"


def pid(vmid: int) -> Optional[int]:
    """Its first process; 0 where it has none of its own."""
    if not real():
        return 0 if _running_file(vmid).exists() else None
    told = _lxc("lxc-info", vmid, "-p", "-H").stdout.strip()
    return int(told) if told.isdigit() and int(told) > 0 else None


def started(vmid: int) -> float:
    """When it was started, in seconds since the epoch."""
    file = _running_file(vmid)
    return file.stat().st_mtime if file.exists() else time.time()


def start(config: Config) -> None:
    vmid = config.vmid
    with contextlib.suppress(OSError):
        (rootfs(config) / "etc/hostname").write_text(
            config.current.get("hostname", f"CT{vmid}") + "\n", encoding="utf-8"
        )
    if real():
        folder = _LXC / str(vmid)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text(_lxc_config(config), encoding="utf-8")
        log = Path(f"/var/log/lxc/{vmid}.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        done = _lxc("lxc-start", vmid, "--logfile", str(log))
        if done.returncode != 0:
            raise PveError(f"startup for container '{vmid}' failed")
    file = _running_file(vmid)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def stop(vmid: int, kindly: bool, seconds: int = 60) -> None:
    if real():
        _lxc("lxc-stop", vmid, *(["--nokill", "-t", str(seconds)] if kindly else ["-k"]))
        if pid(vmid) is not None:
            raise PveError("command 'lxc-stop' failed: exit code 1")
    _running_file(vmid).unlink(missing_ok=True)


def freeze(vmid: int, frozen: bool) -> None:
    if real():
        _lxc("lxc-freeze" if frozen else "lxc-unfreeze", vmid)


def forget(vmid: int) -> None:
    shutil.rmtree(_LXC / str(vmid), ignore_errors=True)


def console(vmid: int) -> NoReturn:
    """Become its console."""
    os.execvp("lxc-console", ["lxc-console", "-P", str(_LXC), "-n", str(vmid), "-e", "-1"])


def execute(config: Config, words: Sequence[str], clean: bool) -> NoReturn:
    """Become a program inside."""
    if real():
        kept = "--clear-env" if clean else "--keep-env"
        os.execvp("lxc-attach", ["lxc-attach", "-n", str(config.vmid), kept, "--", *words])
    home = rootfs(config) / "root"
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    environment = dict(_ENVIRONMENT) if clean else dict(os.environ)
    os.execvpe(words[0], list(words), {**environment, "HOME": str(home)})


def interfaces(config: Config) -> List[Dict[str, Any]]:
    """Its network interfaces, as `ip` tells them."""
    first = pid(config.vmid)
    if first:
        told = subprocess.run(
            ["nsenter", "-t", str(first), "-n", "ip", "-j", "address"],
            capture_output=True,
            text=True,
            check=True,
        )
        return [_interface(link) for link in json.loads(told.stdout)]
    links = [
        {
            "ifname": "lo",
            "address": "00:00:00:00:00:00",
            "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}],
        }
    ]
    for key in numbered(config.current, "net"):
        net = properties(config.current[key])
        address, _, length = net.get("ip", "").partition("/")
        found = [{"family": "inet", "local": address, "prefixlen": int(length)}] if length else []
        links.append({"ifname": net["name"], "address": net.get("hwaddr", ""), "addr_info": found})
    return [_interface(link) for link in links]


def _interface(link: Dict[str, Any]) -> Dict[str, Any]:
    addresses = [
        {"ip-address": each["local"], "ip-address-type": each["family"], "prefix": each["prefixlen"]}
        for each in link["addr_info"]
    ]
    told = {
        "name": link["ifname"],
        "hardware-address": link["address"],
        "hwaddr": link["address"],
        "ip-addresses": addresses,
    }
    for each in link["addr_info"]:
        told.setdefault(each["family"], f"{each['local']}/{each['prefixlen']}")
    return told


def memory(vmid: int) -> int:
    if real():
        for line in _lxc("lxc-info", vmid, "-H", "-S").stdout.splitlines():
            if line.startswith("Memory use:"):
                return int(line.split()[-1])
    return 12 * 1024 * 1024


def _lxc(program: str, vmid: int, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [program, "-P", str(_LXC), "-n", str(vmid), *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def _lxc_config(config: Config) -> str:
    values = config.current
    lines = [
        "lxc.include = /usr/share/lxc/config/common.conf",
        f"lxc.uts.name = {values.get('hostname', f'CT{config.vmid}')}",
        f"lxc.rootfs.path = dir:{rootfs(config)}",
        "lxc.apparmor.profile = unconfined",
        f"lxc.cgroup.memory.limit_in_bytes = {values.get('memory', '512')}M",
    ]
    for number, key in enumerate(numbered(values, "net")):
        net = properties(values[key])
        lines += [f"lxc.net.{number}.type = veth", f"lxc.net.{number}.link = {net.get('bridge', 'vmbr0')}"]
        lines += [f"lxc.net.{number}.flags = up", f"lxc.net.{number}.name = {net['name']}"]
        lines += [f"lxc.net.{number}.hwaddr = {net['hwaddr']}"] if "hwaddr" in net else []
        lines += [f"lxc.net.{number}.ipv4.address = {net['ip']}"] if "/" in net.get("ip", "") else []
        lines += [f"lxc.net.{number}.ipv4.gateway = {net['gw']}"] if "gw" in net else []
    for key in numbered(values, "mp"):
        mount = properties(values[key], "volume")
        source = mount["volume"] if mount["volume"].startswith("/") else volume(volume_name(values[key]))
        lines.append(f"lxc.mount.entry = {source} {mount['mp'].lstrip('/')} none bind,create=dir 0 0")
    return "\n".join(lines) + "\n"
