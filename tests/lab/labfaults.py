"""What goes wrong on a host: a full disk, a disk that cannot be written to."""

from __future__ import annotations

from labcontainers import Container

_SPARE_KB = 64

_FILL = """
set -e
held=$(du -sk "$1" | cut -f 1)
mkdir -p /run/lab/full
mount -t tmpfs -o "size=$((held + $2))k,mode=$(stat -c %a "$1")" lab-full /run/lab/full
chown "$(stat -c %u:%g "$1")" /run/lab/full
cp -a "$1/." /run/lab/full/
mount --bind /run/lab/full "$1"
dd if=/dev/zero of="$1/.filler" bs=1024 2>/dev/null || true
"""

_READ_ONLY = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
"""

_HEAL = """
for path; do
    while grep -q "^[^ ]* $path " /proc/mounts && umount -l "$path" 2>/dev/null; do :; done
done
umount -l /run/lab/full 2>/dev/null || true
"""


def fill(host: Container, path: str) -> None:
    """Leave no room on the disk that holds this folder; what is in it stays. Until the host is healed or boots."""
    host.execute("sh", "-c", _FILL, "sh", path, str(_SPARE_KB))


def make_read_only(host: Container, path: str) -> None:
    """Make a folder one that nobody can write to, root included. Until the host is healed or boots."""
    host.execute("sh", "-c", _READ_ONLY, "sh", path)


def heal(host: Container, path: str) -> None:
    """Undo both for this folder; what was written over the full disk is gone."""
    host.execute("sh", "-c", _HEAL, "sh", path)
