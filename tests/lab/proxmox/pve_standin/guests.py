"""What is done to containers. Each change begins a task and dies of what the real one dies of."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Dict, Iterator, List, Optional

from . import backing, tasks
from .config import Config, Values, is_option, known, load, numbered, properties
from .place import NODE, PveError, alone, configs, templates, volume

_CREATION = ("bwlimit", "force", "password", "pool", "restore", "ssh-public-keys", "start", "storage", "unique")


def next_id() -> int:
    taken = known()
    return next(number for number in range(100, 1_000_000_000) if number not in taken)


def create(vmid: int, given: Values) -> str:
    given = dict(given)
    template = given.pop("ostemplate", None)
    if template is None:
        raise PveError("400 not enough arguments\nostemplate: property is missing and it is not optional")
    extra = {name: given.pop(name) for name in _CREATION if name in given}
    _check_options(given)
    _check_free(vmid)
    archive = Path(template) if extra.get("restore") == "1" else path_of(template)
    keys = _authorized(extra.get("ssh-public-keys"))

    def work() -> None:
        values: Values = {"arch": "amd64", "memory": "512", "ostype": "unmanaged", "swap": "512"}
        values.update(given)
        values["rootfs"] = _allocate(vmid, given.get("rootfs", "local-zfs:4"))
        for key in numbered(given, "mp"):
            values[key] = _allocate(vmid, given[key])
        for key in numbered(given, "net"):
            values[key] = _net(given[key])
        config = Config(vmid, {**values, "lock": "create"}, {})
        with alone():
            _check_free(vmid)
            config.write()
        print(f"extracting archive '{archive}'", flush=True)
        root = backing.rootfs(config)
        done = subprocess.run(
            ["tar", "-C", str(root), "--numeric-owner", "-xf", str(archive)], capture_output=True, text=True
        )
        if done.returncode != 0:
            config.path.unlink()
            _discard(config)
            raise PveError(f"unable to create CT {vmid} - command 'tar' failed: exit code {done.returncode}")
        # Its volumes are mounted while it is unpacked.
        for key in numbered(values, "mp"):
            held = _held(values[key])
            inside = root / properties(values[key], "volume")["mp"].lstrip("/")
            if held is not None and inside.is_dir() and not inside.is_symlink():
                shutil.rmtree(volume(held))
                shutil.move(str(inside), str(volume(held)))
                inside.mkdir()
        if keys:
            (root / "root/.ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / "root/.ssh/authorized_keys").write_text(keys, encoding="utf-8")
        with _changed(vmid) as config:
            del config.current["lock"]

    upid = tasks.run("vzcreate", str(vmid), work)
    if extra.get("start") == "1":
        start(vmid)
    return upid


def start(vmid: int) -> str:
    config = load(vmid)
    config.check_lock()
    if backing.pid(vmid) is not None:
        raise PveError(f"CT {vmid} already running")
    return tasks.run("vzstart", str(vmid), lambda: backing.start(config))


def stop(vmid: int) -> str:
    return _end(vmid, "vzstop", False, 0)


def shutdown(vmid: int, seconds: int = 60, force: bool = False) -> str:
    return _end(vmid, "vzshutdown", not force, seconds)


def _end(vmid: int, kind: str, kindly: bool, seconds: int) -> str:
    load(vmid).check_lock()
    if backing.pid(vmid) is None:
        raise PveError(f"CT {vmid} not running")
    return tasks.run(kind, str(vmid), lambda: backing.stop(vmid, kindly, seconds))


def reboot(vmid: int, seconds: int = 60) -> str:
    config = load(vmid)
    config.check_lock()
    if backing.pid(vmid) is None:
        raise PveError(f"CT {vmid} not running")

    def work() -> None:
        backing.stop(vmid, True, seconds)
        backing.start(load(vmid))

    return tasks.run("vzreboot", str(vmid), work)


def suspend(vmid: int) -> str:
    load(vmid).check_lock()
    return tasks.run("vzsuspend", str(vmid), lambda: backing.freeze(vmid, True))


def resume(vmid: int) -> str:
    load(vmid)
    return tasks.run("vzresume", str(vmid), lambda: backing.freeze(vmid, False))


def change(vmid: int, given: Values, without: List[str], digest: Optional[str]) -> None:
    """`pct set`: no task."""
    _check_options(given)
    for name in without:
        if not is_option(name):
            raise PveError(
                f"400 Parameter verification failed.\ndelete: unable to delete unknown option '{name}'"
            )
    with _changed(vmid, digest) as config:
        if without != ["lock"]:
            config.check_lock()
        for name in without:
            gone = config.current.pop(name, None)
            held = _held(gone) if gone and re.match(r"(mp|unused)\d", name) else None
            if held is not None and name.startswith("mp"):
                config.current[_free(config.current, "unused")] = gone.split(",")[0]
            elif held is not None:
                shutil.rmtree(volume(held), ignore_errors=True)
        for key, value in given.items():
            if key in numbered(given, "net"):
                config.current[key] = _net(value)
            elif key in numbered(given, "mp"):
                config.current[key] = _allocate(vmid, value)
            else:
                config.current[key] = value


def unlock(vmid: int) -> None:
    with _changed(vmid) as config:
        config.current.pop("lock", None)


def move(vmid: int, key: str, target: int, target_key: str) -> str:
    """A volume becomes one of another container."""
    config, other = load(vmid), load(target)
    config.check_lock()
    other.check_lock()
    if "rootfs" in (key, target_key):
        raise PveError("Cannot move to/from 'rootfs'")
    if key not in config.current:
        raise PveError(f"volume '{key}' for container '{vmid}' does not exist")
    if target_key in other.current:
        raise PveError(f"Target volume key '{target_key}' is already in use for container '{target}'")
    held = _held(config.current[key])
    if held is None:
        raise PveError("Cannot move a bindmount or device mount to another container")
    if any(held in _volumes(values) for values in config.snapshots.values()):
        raise PveError("Cannot move volume used by a snapshot to another container")
    if backing.pid(vmid) is not None and not key.startswith("unused"):
        raise PveError(
            "Cannot move in-use volume while the source CT is running - detach or shutdown first"
        )

    def work() -> None:
        new = _free_volume(target)
        volume(held).rename(volume(new))
        with _changed(vmid) as config:
            text = config.current.pop(key)
        with _changed(target) as config:
            config.current[target_key] = text.replace(held, new, 1)

    return tasks.run("move_volume", f"{vmid}", work)


def template(vmid: int) -> str:
    load(vmid).check_lock()
    if backing.pid(vmid) is not None:
        raise PveError("you can't convert a CT to template if the CT is running")

    def work() -> None:
        with _changed(vmid) as config:
            config.current["template"] = "1"

    return tasks.run("vztemplate", str(vmid), work)


def mount(vmid: int) -> None:
    """Its root where the real one mounts it, and the lock that holds it meanwhile."""
    with _changed(vmid) as config:
        config.check_lock()
        config.current["lock"] = "mounted"
    place = backing.mounted(vmid)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(backing.rootfs(config))
    print(f"mounted CT {vmid} in '{place}'")


def unmount(vmid: int) -> None:
    if load(vmid).current.get("lock") != "mounted":
        raise PveError("no lock found trying to remove 'mounted'  lock")
    backing.mounted(vmid).unlink(missing_ok=True)
    unlock(vmid)


def resize(vmid: int, disk: str, size: str, digest: Optional[str] = None) -> str:
    config = load(vmid)
    config.check_digest(digest)
    config.check_lock()
    if disk not in config.current:
        raise PveError(f"no such volume '{disk}'")
    matched = re.fullmatch(r"(\+?)(\d+(?:\.\d+)?)([KMGT]?)", size)
    if not matched:
        raise PveError("400 Parameter verification failed.\nsize: value does not match the regex pattern")
    before = _bytes(properties(config.current[disk], "volume")["size"])
    asked = _bytes(matched[2] + matched[3]) + (before if matched[1] else 0)
    if asked < before:
        raise PveError("unable to shrink disk size")

    def work() -> None:
        with _changed(vmid) as config:
            config.current[disk] = re.sub(r"size=[^,]+", f"size={asked // 2**30}G", config.current[disk])

    return tasks.run("resize", str(vmid), work)


def snapshot(vmid: int, name: str, description: str = "") -> str:
    config = load(vmid)
    config.check_lock()
    if name in config.snapshots or name == "current":
        raise PveError(f"snapshot name '{name}' already used")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]+", name):
        raise PveError(
            "400 Parameter verification failed.\nsnapname: invalid format - invalid configuration ID '"
            + name
            + "'"
        )

    def work() -> None:
        with locked(vmid, "snapshot"):
            for held in _volumes(config.current):
                _copy(volume(held), volume(f"{held}@{name}"))
            with _changed(vmid) as now:
                kept = {
                    key: value for key, value in now.current.items() if key not in ("lock", "description")
                }
                kept["snaptime"] = str(int(time.time()))
                now.snapshots[name] = {**kept, **({"description": description} if description else {})}
                now.current["parent"] = name

    return tasks.run("vzsnapshot", str(vmid), work)


def rollback(vmid: int, name: str, begin: bool = False) -> str:
    config = _with_snapshot(vmid, name)
    later = [other for other, values in config.snapshots.items() if values.get("parent") == name]
    if later:
        raise PveError(
            f"can't rollback, '{name}' is not most recent snapshot on '{config.current['rootfs'].split(',')[0]}'"
        )

    def work() -> None:
        with locked(vmid, "rollback"):
            if backing.pid(vmid) is not None:
                backing.stop(vmid, False)
            for held in _volumes(config.snapshots[name]):
                shutil.rmtree(volume(held), ignore_errors=True)
                _copy(volume(f"{held}@{name}"), volume(held))
            with _changed(vmid) as now:
                now.current = {key: value for key, value in now.snapshots[name].items() if key != "snaptime"}
                now.current.update(parent=name, lock="rollback")
        if begin:
            backing.start(load(vmid))

    return tasks.run("vzrollback", str(vmid), work)


def forget_snapshot(vmid: int, name: str) -> str:
    _with_snapshot(vmid, name)

    def work() -> None:
        with locked(vmid, "snapshot-delete"), _changed(vmid) as now:
            gone = now.snapshots.pop(name)
            for held in _volumes(gone):
                shutil.rmtree(volume(f"{held}@{name}"), ignore_errors=True)
            for values in (now.current, *now.snapshots.values()):
                if values.pop("parent", None) == name and "parent" in gone:
                    values["parent"] = gone["parent"]

    return tasks.run("vzdelsnapshot", str(vmid), work)


def clone(vmid: int, new: int, given: Values) -> str:
    config = load(vmid)
    config.check_lock()
    source = config.current
    if "snapname" in given:
        source = _with_snapshot(vmid, given["snapname"]).snapshots[given["snapname"]]
    if backing.pid(vmid) is not None and "snapname" not in given:
        raise PveError("Cannot do full clones on a running container without snapshots")
    _check_free(new)

    def work() -> None:
        values = {
            key: value
            for key, value in source.items()
            if key not in ("parent", "snaptime", "lock", "description")
        }
        values.update({key: given[key] for key in ("hostname", "description") if key in given})
        for key in ("rootfs", *numbered(values, "mp")):
            held = _held(values[key])
            if held is not None:
                suffix = f"@{given['snapname']}" if "snapname" in given else ""
                values[key] = values[key].replace(held, held.replace(str(vmid), str(new), 1))
                _copy(volume(held + suffix), volume(backing.volume_name(values[key])))
        for key in numbered(values, "net"):
            values[key] = _net(re.sub(r",?hwaddr=[^,]*", "", values[key]))
        with alone():
            _check_free(new)
            Config(new, values, {}).write()

    return tasks.run("vzclone", str(vmid), work)


def destroy(vmid: int, force: bool = False) -> str:
    config = load(vmid)
    config.check_lock()
    if config.current.get("protection") == "1":
        raise PveError(f"can't remove CT {vmid} - protection mode enabled")
    if backing.pid(vmid) is not None and not force:
        raise PveError(f"unable to destroy CT {vmid} - container is running")

    def work() -> None:
        if backing.pid(vmid) is not None:
            backing.stop(vmid, False)
        _discard(config)
        backing.forget(vmid)
        config.path.unlink()

    return tasks.run("vzdestroy", str(vmid), work)


def path_of(volid: str) -> Path:
    """Where a volume lies, as `pvesm path` says."""
    storage, _, name = volid.partition(":")
    if storage == "local" and name.startswith("vztmpl/") and "/" not in name[len("vztmpl/") :]:
        path = templates() / name[len("vztmpl/") :]
    elif storage == "local-zfs" and "/" not in name:
        path = volume(name)
    elif storage in ("local", "local-zfs"):
        raise PveError(f"unable to parse volume ID '{volid}'")
    else:
        raise PveError(f"storage '{storage}' does not exist")
    if not path.exists():
        raise PveError(f"volume '{volid}' does not exist")
    return path


# -- parts ---------------------------------------------------------------------


@contextlib.contextmanager
def _changed(vmid: int, digest: Optional[str] = None) -> Iterator[Config]:
    with alone():
        config = load(vmid)
        config.check_digest(digest)
        yield config
        config.write()


@contextlib.contextmanager
def locked(vmid: int, lock: str) -> Iterator[None]:
    with _changed(vmid) as config:
        config.check_lock()
        config.current["lock"] = lock
    yield
    unlock(vmid)


def _check_options(given: Values) -> None:
    for name in given:
        if not is_option(name):
            raise PveError(f"Unknown option: {name}\n400 unable to parse option")


def _check_free(vmid: int) -> None:
    if (configs() / f"{vmid}.conf").exists():
        raise PveError(f"unable to create CT {vmid} - CT {vmid} already exists on node '{NODE}'")


def _with_snapshot(vmid: int, name: str) -> Config:
    config = load(vmid)
    config.check_lock()
    if name not in config.snapshots:
        raise PveError(f"snapshot '{name}' does not exist")
    return config


def _authorized(file: Optional[str]) -> str:
    return Path(file).read_text(encoding="utf-8") if file else ""


def _net(text: str) -> str:
    net = {"type": "veth", **properties(text)}
    if "name" not in net:
        raise PveError(
            "400 Parameter verification failed.\nnet0: invalid format - format error\nnet0.name: property is missing"
        )
    net.setdefault("hwaddr", "BC:24:11:" + ":".join(f"{random.randrange(256):02X}" for _ in range(3)))
    return ",".join(
        f"{key}={value}" for key, value in sorted(net.items(), key=lambda item: (item[0] != "name", item[0]))
    )


def _allocate(vmid: int, text: str) -> str:
    """`local-zfs:8` becomes a new volume of 8 GiB; one that is there, or a folder of the host, stays what it is."""
    parts = properties(text, "volume")
    storage, _, size = parts.pop("volume").partition(":")
    if storage.startswith("/") or not re.fullmatch(r"\d+(\.\d+)?", size):
        return text
    if storage != "local-zfs":
        raise PveError(f"storage '{storage}' does not support container directories")
    name = _free_volume(vmid)
    volume(name).mkdir(parents=True)
    rest: Dict[str, str] = {**parts, "size": f"{size}G"}
    return ",".join([f"{storage}:{name}", *(f"{key}={value}" for key, value in rest.items())])


def _free_volume(vmid: int) -> str:
    names = (f"subvol-{vmid}-disk-{number}" for number in range(1000))
    return next(name for name in names if not volume(name).exists())


def _free(values: Values, kind: str) -> str:
    return next(f"{kind}{number}" for number in range(256) if f"{kind}{number}" not in values)


def _held(option: str) -> Optional[str]:
    """The volume of an option; none: a folder of the host."""
    return None if option.startswith("/") else backing.volume_name(option)


def _volumes(values: Values) -> List[str]:
    held = [_held(values[key]) for key in ("rootfs", *numbered(values, "mp"), *numbered(values, "unused"))]
    return [name for name in held if name is not None]


def _discard(config: Config) -> None:
    for held in _volumes(config.current):
        for path in volume(held).parent.glob(f"{held}*"):
            if path.name == held or path.name.startswith(f"{held}@"):
                shutil.rmtree(path, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _bytes(text: str) -> int:
    unit = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}.get(text[-1], 1)
    return int(float(text.rstrip("KMGT")) * unit)
