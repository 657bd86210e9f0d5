"""What is told of the host and its containers, in the shapes of the API."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any, Dict, List

from . import backing
from .config import NUMBERS, Config, Values, known, load, properties
from .place import NODE, ROOT, templates

Json = Dict[str, Any]


def version() -> Json:
    return {"version": "8.2.2", "release": "8.2", "repoid": "9355359cd7afbae4"}


def resources(kind: str = "") -> List[Json]:
    """`/cluster/resources`: the one place whose figures of the processor are not always 0."""
    host = {"id": f"node/{NODE}", "type": "node", "level": "", "cgroup-mode": 2, **node()}
    told = [{"id": f"lxc/{vmid}", "type": "lxc", "node": NODE, **_resource(load(vmid))} for vmid in known()]
    stores = [_store(each) for each in storages()]
    return {"vm": told, "node": [host], "storage": stores}.get(kind, [*told, host, *stores])


def node() -> Json:
    size = shutil.disk_usage(ROOT)
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    memory = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return {
        "node": NODE,
        "status": "online",
        "cpu": 0.0213,
        "maxcpu": os.cpu_count() or 1,
        "mem": memory["MemTotal"] - memory["MemAvailable"],
        "maxmem": memory["MemTotal"],
        "disk": size.used,
        "maxdisk": size.total,
        "uptime": int(float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])),
    }


def node_status() -> Json:
    whole = node()
    return {
        "cpu": whole["cpu"],
        "uptime": whole["uptime"],
        "wait": 0.0001,
        "loadavg": [f"{load:.2f}" for load in os.getloadavg()],
        "memory": {"total": whole["maxmem"], "used": whole["mem"], "free": whole["maxmem"] - whole["mem"]},
        "swap": {"total": 0, "used": 0, "free": 0},
        "rootfs": {
            "total": whole["maxdisk"],
            "used": whole["disk"],
            "avail": whole["maxdisk"] - whole["disk"],
        },
        "cpuinfo": {
            "cpus": whole["maxcpu"],
            "sockets": 1,
            "cores": whole["maxcpu"],
            "model": "QEMU Virtual CPU",
        },
        "pveversion": "pve-manager/8.2.2/9355359cd7afbae4",
        "kversion": "Linux 6.8.4-2-pve #1 SMP PREEMPT_DYNAMIC PMX 6.8.4-2",
    }


def status(config: Config, listed: bool = False) -> Json:
    """`/status/current`, or the entry of the list."""
    values, vmid = config.current, config.vmid
    runs = backing.pid(vmid) is not None
    told: Json = {
        "vmid": vmid,
        "type": "lxc",
        "name": values.get("hostname", f"CT{vmid}"),
        "status": "running" if runs else "stopped",
        "cpu": 0,
        "cpus": int(values.get("cores", os.cpu_count() or 1)),
        "swap": 0,
        "maxswap": int(values.get("swap", 512)) * 2**20,
        "mem": backing.memory(vmid) if runs else 0,
        "maxmem": int(values.get("memory", 512)) * 2**20,
        "disk": 8 * 2**20 if runs else 0,
        "maxdisk": _size(values["rootfs"]),
        "uptime": max(int(time.time() - backing.started(vmid)), 1) if runs else 0,
        "netin": 1024 if runs else 0,
        "netout": 2048 if runs else 0,
        "diskread": 4096 if runs else 0,
        "diskwrite": 0,
    }
    if runs and backing.pid(vmid):
        told["pid"] = backing.pid(vmid)
    told.update({key: values[key] for key in ("lock", "tags") if key in values})
    if values.get("template") == "1":
        told["template"] = 1
    if not listed:
        some = {"some": 0, "full": 0}
        told["ha"] = {"managed": 0}
        told["pressure"] = {"cpu": dict(some), "io": dict(some), "memory": dict(some)}
    return told


def config(config: Config, values: Values) -> Json:
    """`/config`: numbers are numbers, as far as Proxmox knows them to be."""
    told: Json = {
        key: int(value) if key in NUMBERS and value.isdigit() else value for key, value in values.items()
    }
    return {**told, "digest": config.digest}


def pending(config: Config) -> List[Json]:
    values = {**dict(sorted(config.current.items())), "digest": config.digest}
    return [{"key": key, "value": value} for key, value in values.items()]


def snapshots(config: Config) -> List[Json]:
    told: List[Json] = []
    for name, values in config.snapshots.items():
        entry: Json = {"name": name, "snaptime": int(values["snaptime"])}
        entry["description"] = values.get("description", "")
        entry.update({key: values[key] for key in ("parent", "snapstate") if key in values})
        told.append(entry)
    here: Json = {"name": "current", "description": "You are here!", "digest": config.digest}
    here["running"] = 1 if backing.pid(config.vmid) is not None else 0
    if "parent" in config.current:
        here["parent"] = config.current["parent"]
    return [*told, here]


def rrd(config: Config) -> List[Json]:
    """Samples of the last minutes; those of a container that did not run have times only."""
    now = int(time.time()) // 60 * 60
    runs = backing.pid(config.vmid) is not None
    of_one: Json = {"cpu": 0.0125, "maxcpu": 1, "mem": 2**23, "maxmem": 2**29} if runs else {}
    return [{"time": now - 60 * ago, **of_one} for ago in (2, 1, 0)]


def feature(name: str) -> Json:
    return {"hasFeature": name in ("snapshot", "clone", "copy"), "nodes": [NODE]}


def storages() -> List[Json]:
    size = shutil.disk_usage(ROOT)
    shared: Json = {
        "active": 1,
        "enabled": 1,
        "shared": 0,
        "total": size.total,
        "used": size.used,
        "avail": size.free,
    }
    shared["used_fraction"] = round(size.used / size.total, 4)
    return [
        {"storage": "local", "type": "dir", "content": "backup,iso,vztmpl", **shared},
        {"storage": "local-zfs", "type": "zfspool", "content": "images,rootdir", **shared},
    ]


def content(storage: str, kind: str = "") -> List[Json]:
    if storage == "local":
        found = [
            {
                "volid": f"local:vztmpl/{path.name}",
                "content": "vztmpl",
                "format": "t" + path.suffix.lstrip("."),
                "size": path.stat().st_size,
            }
            for path in sorted(templates().iterdir())
            if path.name.endswith((".tar.gz", ".tar.xz", ".tar.zst"))
        ]
    else:
        found = [
            {
                "volid": values["rootfs"].split(",")[0],
                "content": "rootdir",
                "format": "subvol",
                "size": _size(values["rootfs"]),
                "vmid": vmid,
            }
            for vmid, values in ((vmid, load(vmid).current) for vmid in known())
        ]
    return [each for each in found if kind in ("", each["content"])]


def lenient(value: Any, old: bool) -> Any:
    """As old versions answer: numbers as strings."""
    if not old:
        return value
    if isinstance(value, dict):
        return {key: lenient(each, old) for key, each in value.items()}
    if isinstance(value, list):
        return [lenient(each, old) for each in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _resource(config: Config) -> Json:
    told = status(config, listed=True)
    kept = (
        *("vmid", "name", "status", "mem", "maxmem", "disk", "maxdisk", "uptime"),
        *("netin", "netout", "diskread", "diskwrite", "tags", "lock"),
    )
    runs = told["status"] == "running"
    return {
        **{key: told[key] for key in kept if key in told},
        **{"template": told.get("template", 0), "cpu": 0.0125 if runs else 0, "maxcpu": told["cpus"]},
    }


def _store(each: Json) -> Json:
    return {
        "id": f"storage/{NODE}/{each['storage']}",
        "type": "storage",
        "node": NODE,
        "storage": each["storage"],
        "plugintype": each["type"],
        "content": each["content"],
        "shared": 0,
        "status": "available",
        "disk": each["used"],
        "maxdisk": each["total"],
    }


def _size(option: str) -> int:
    size = properties(option, "volume").get("size", "0")
    unit = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}.get(size[-1:], 1)
    return int(float(size.rstrip("KMGT")) * unit)
