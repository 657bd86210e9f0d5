"""guest-create: a Debian guest from an image that its host has, against the driver's own command over ssh.

Both sides end with a guest that has booted, and find that out alike: systemd is asked in the guest every tenth of a second
until it says `running` or `degraded`, for a minute at most; a guest that does not get there fails the run. Beffroi's is the
whole command: what is there is looked at, the plan is made and run as a job on the host, and what came of it is recorded; its
guest has a volume for its logs besides, which the other one has not. Connections are warm on both sides. What either side made
is removed before the next run, and not timed.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Callable, List

import building
from ground import Ground, destination
from guests import guest_ground, images, in_lab
from measuring import Report, Side, timed, version
from rivals import masters

AT_MOST = 1.2
_SPEC = 'image = "bench"\n'
# As wait_for_boot of assets/remote/guest-make.sh does.
_BOOTED = (
    "tries=0; until case $(systemctl is-system-running 2>/dev/null) in running | degraded) true ;; *) false ;; esac; "
    'do tries=$((tries + 1)); [ "$tries" -lt 600 ] || exit 1; sleep 0.1; done'
)
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OURS, _THEIRS = "ours", "theirs"


def measure() -> Report:
    program = building.beffroi()
    files = images("debian")
    report = Report("a Debian guest made from an image that is there", [version(program, "--version"), version("ssh", "-V")])
    _classic(report, program, files["debian-rootfs.tar.xz"], files["debian-meta.tar.xz"])
    _incus(report, program, files["debian-unified.tar.gz"])
    return report


def _classic(report: Report, program: str, rootfs: str, metadata: str) -> None:
    with guest_ground(program, "lxc-1") as here, here.agent(), masters(here) as kept:
        for file, name in ((rootfs, "rootfs.tar.xz"), (metadata, "meta.tar.xz")):
            _copy(here, "lxc-1", file, f"/root/{name}")
        _import(here, program, "lxc-1", rootfs)
        report.versions = [*report.versions, f"lxc {in_lab(here, 'lxc-1', 'lxc-create', '--version').strip()}"]
        create = f"lxc-create -n {_THEIRS} -t local -- --metadata /root/meta.tar.xz --fstree /root/rootfs.tar.xz"
        inside = f"lxc-attach -n {_THEIRS} --clear-env -v {_PATH} -- /bin/sh -c {shlex.quote(_BOOTED)}"
        wait = f"lxc-wait -n {_THEIRS} -s RUNNING && {inside}"
        script = f"{create} && lxc-start -d -n {_THEIRS} && {wait}"
        gone = "lxc-destroy -f -n {0} 2>/dev/null; rm -rf /var/lib/lxc/{0} /var/lib/lxc/.volumes/{0}"
        sides = [_side(here, "classic, beffroi", _ours(here, "lxc-1"), lambda: _forget(here, "lxc-1", gone))]
        theirs = [*here.openssh("ssh", here.hosts[0]), *kept, destination(here.hosts[0]), script]
        sides.append(_side(here, "lxc-create", here.side("lxc-create", theirs), lambda: _forget(here, "lxc-1", gone)))
        report.time(sides)
    report.mark_ratio("classic, beffroi", "lxc-create", AT_MOST)


def _incus(report: Report, program: str, unified: str) -> None:
    with guest_ground(program, "incus-1") as here, here.agent(), masters(here) as kept:
        _import(here, program, "incus-1", unified)
        report.versions = [*report.versions, f"incus {in_lab(here, 'incus-1', 'incus', '--version').strip()}"]
        script = f"incus launch bench {_THEIRS} && incus exec {_THEIRS} --env {_PATH} -- /bin/sh -c {shlex.quote(_BOOTED)}"
        # A volume that was kept is not filled again, which is part of making a guest.
        gone = "incus delete --force {0} >/dev/null 2>&1; incus storage volume delete default {0}.logs >/dev/null 2>&1 || true"
        sides = [_side(here, "incus, beffroi", _ours(here, "incus-1"), lambda: _forget(here, "incus-1", gone))]
        theirs = [*here.openssh("ssh", here.hosts[0]), *kept, destination(here.hosts[0]), script]
        sides.append(_side(here, "incus launch", here.side("incus launch", theirs), lambda: _forget(here, "incus-1", gone)))
        report.time(sides)
    report.mark_ratio("incus, beffroi", "incus launch", AT_MOST)


def _ours(here: Ground, host: str) -> Side:
    spec = Path(here.folder) / "bench.toml"
    spec.write_text(_SPEC, encoding="ascii")
    return here.asking("guest create", "--yes", "guest", "create", f"{host}/{_OURS}", "--spec", str(spec))


def _side(here: Ground, name: str, side: Side, before: Callable[[], None]) -> Side:
    def once() -> float:
        before()
        return side.once()

    return Side(name, side.command, once)


def _forget(here: Ground, host: str, gone: str) -> None:
    for name in (_OURS, _THEIRS):
        in_lab(here, host, "sh", "-c", gone.format(name))


def _import(here: Ground, program: str, host: str, file: str) -> None:
    here.asking("import", "--yes", "guest", "image", "import", file, "--on", host, "--name", "bench").once()


def _copy(here: Ground, host: str, file: str, to: str) -> None:
    words: List[str] = [*here.openssh("scp", here.hosts[0]), "-q", file, f"{destination(here.hosts[0])}:{to}"]
    subprocess.run(words, env=here.env, check=True)
