"""Archives of a YunoHost: listed, read, made while they are sent, taken in, made at their times.

Reads one line of JSON, {"do": VERB, ...}; what follows it is the content that "take" takes. Gives one line of JSON,
{"beffroi_backup": 1, ...}; what follows that is the content that "read" and "make" give, at most 8 MiB ahead of whoever
reads it: each byte of input gives leave for another MiB.

{"do": "list"}                          the archives, as YunoHost finds them, and what is made at its times
{"do": "read", "name", "from"}          an archive from a byte on; the line has the SHA-256 of what is before it
{"do": "make", "name", "description", "apps", "system"}
                                        made by YunoHost with a method of ours that writes into a pipe: nothing of it is
                                        stored here. null means none of the kind, [] all; both null means everything
{"do": "take", "name", "size", "sha256", "packed"}
                                        stores an archive, whole or not at all
{"do": "schedule", "unit", ...}         makes archives at a calendar time; "calendar": null takes it all away

Exit 0, or the line {"error": CODE, "about": TEXT} and exit 9. Python 3.9 or later, standard library only, as root.
Started as: python3 -I -c TEXT
"""

import calendar
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# The root of a host that is none.
ROOT = os.environ.get("BEFFROI_ROOT", "")
ARCHIVES = ROOT + "/home/yunohost.backup/archives"
HOOKS = ROOT + "/etc/yunohost/hooks.d/backup_method"
KEPT = "/usr/local/lib/beffroi-backup"
STATE = "/var/lib/beffroi-backup"
UNITS = "/etc/systemd/system"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}\Z")
PIECE = 1 << 18
MOST_AHEAD = 8 << 20
MOST_ARCHIVES = 2000
MOST_INFO = 1 << 20

# YunoHost calls its methods with: action, folder, name, repository, size, description. Only "backup" is done; refusing
# "need_mount" says that nothing needs to be mounted. What is packed is what YunoHost's own method packs.
HOOK = """#!/bin/bash
[ "$1" = backup ] || exit 1
exec python3 -I "$FOLDER/pack.py" "$2" "$FOLDER/pipe"
"""
# Without a reader the pipe cannot be opened: what nobody waits for any more fails, and YunoHost cleans up after itself.
PACK = """
import csv, os, sys, tarfile
work, pipe = sys.argv[1:3]
handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
os.set_blocking(handle, True)
with os.fdopen(handle, "wb", 0) as out, tarfile.open(fileobj=out, mode="w|", bufsize=1 << 18) as tar:
    with open(os.path.join(work, "backup.csv"), newline="") as rows:
        for row in csv.reader(rows):
            tar.add(row[0], arcname=row[1])
"""


class Refused(Exception):
    def __init__(self, code, about=""):
        super().__init__(code)
        self.code, self.about = code, about


def say(**answer):
    line = json.dumps(dict(answer, beffroi_backup=1)) + "\n"
    send(line.encode())


def send(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


class Ahead:
    """How much content may be on its way: who reads it gives leave for another MiB, a byte of input for each."""

    def __init__(self):
        self.leave = MOST_AHEAD

    def give(self, data):
        while self.leave <= 0:
            granted = sys.stdin.buffer.read1(PIECE)
            if not granted:
                # Nobody reads any more.
                sys.exit(5)
            self.leave += len(granted) << 20
        self.leave -= len(data)
        send(data)


def named(name):
    if not isinstance(name, str) or not NAME.match(name):
        raise Refused("name", str(name)[:60])
    return name


def path_of(name):
    for ending in (".tar", ".tar.gz"):
        path = os.path.join(ARCHIVES, named(name) + ending)
        if os.path.exists(path):
            return os.path.realpath(path)
    raise Refused("absent", name)


def info_of(name):
    try:
        with open(os.path.join(ARCHIVES, name + ".info.json"), "rb") as file:
            return json.loads(file.read(MOST_INFO))
    except (OSError, ValueError):
        return None


def listed(order):
    archives = []
    found = glob.glob(ARCHIVES + "/*.tar") + glob.glob(ARCHIVES + "/*.tar.gz")
    for path in sorted(found)[:MOST_ARCHIVES]:
        name = re.sub(r"\.tar(\.gz)?\Z", "", os.path.basename(path))
        try:
            found = os.stat(path)
        except OSError:
            continue
        archives.append(
            {"name": name, "bytes": found.st_size, "modified_s": int(found.st_mtime), "packed": path.endswith(".gz"), "info": info_of(name)}
        )
    room = shutil.disk_usage(ARCHIVES if os.path.isdir(ARCHIVES) else "/home")
    say(archives=archives, free=room.free, schedule=schedule_state())


def show(unit, *properties):
    command = ["systemctl", "show", unit] + ["--property=" + name for name in properties]
    universal = dict(os.environ, TZ="UTC", LC_ALL="C")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, env=universal)
    said = done.stdout.decode(errors="replace")
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def seconds(text):
    try:
        return calendar.timegm(time.strptime(text or "", "%a %Y-%m-%d %H:%M:%S UTC"))
    except ValueError:
        return None


def schedule_state():
    try:
        with open(KEPT + "/order.json") as file:
            order = json.load(file)
    except (OSError, ValueError):
        return None
    state = {"order": order, "next_s": None, "last": None, "active": False}
    try:
        timer = show("beffroi-backup.timer", "ActiveState", "NextElapseUSecRealtime")
        state["active"] = timer.get("ActiveState") == "active"
        state["next_s"] = seconds(timer.get("NextElapseUSecRealtime"))
    except (OSError, subprocess.SubprocessError):
        pass
    state["last"] = kept("last")
    return state


def read(order):
    path, start = path_of(order["name"]), int(order.get("from") or 0)
    with open(path, "rb", 0) as file:
        before = os.fstat(file.fileno())
        if start > before.st_size:
            raise Refused("changed", order["name"])
        digest = hashlib.sha256()
        left = start
        while left:
            piece = file.read(min(left, PIECE))
            if not piece:
                raise Refused("changed", order["name"])
            digest.update(piece)
            left -= len(piece)
        about = {"size": before.st_size, "modified_s": int(before.st_mtime), "packed": path.endswith(".gz")}
        say(before=digest.hexdigest(), lacks=(kept("lacks") or {}).get(order["name"], []), **about)
        left, ahead = before.st_size - start, Ahead()
        while left:
            piece = file.read(min(left, PIECE))
            if not piece:
                return 3
            ahead.give(piece)
            left -= len(piece)
        after = os.fstat(file.fileno())
        return 3 if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) else 0


def write(path, text, mode=0o600):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w") as file:
        os.fchmod(handle, mode)
        file.write(text)


def choice(order):
    words = []
    for option, chosen in (("--apps", order.get("apps")), ("--system", order.get("system"))):
        if chosen is not None:
            words += [option] + [named(name) for name in chosen]
    return words


def create(words, name, description, out=None, err=None):
    command = ["yunohost", "--timeout", "600", "backup", "create", "--name", name, "--output-as", "json"]
    command += ["--description", description] if description else []
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root"}
    return subprocess.run(command + words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, cwd="/").returncode


def results(said):
    for line in reversed(said.splitlines()):
        if line.startswith(b"{"):
            try:
                return json.loads(line).get("results")
            except ValueError:
                return None
    return None


def make(order):
    name, words = named(order["name"]), choice(order)
    folder = tempfile.mkdtemp(prefix="beffroi-backup-", dir="/run")
    method = "beffroi" + re.sub("[^a-z0-9]", "", os.path.basename(folder)[15:])
    hook = os.path.join(HOOKS, "50-" + method)
    made = not os.path.isdir(HOOKS)
    os.mkfifo(folder + "/pipe", 0o600)
    write(folder + "/pack.py", PACK)
    os.makedirs(HOOKS, exist_ok=True)
    write(hook, HOOK.replace("$FOLDER", folder), 0o700)
    pipe = os.open(folder + "/pipe", os.O_RDONLY | os.O_NONBLOCK)
    us = os.getpid()
    maker = os.fork()
    if maker == 0:
        # On its own: who stops listening must not kill a script of an application in its middle.
        os.setsid()
        os.close(pipe)
        for number in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        exit_status = 99
        try:
            with open(folder + "/out", "wb") as out, open(folder + "/err", "wb") as err:
                exit_status = create(["--methods", method] + words, name, order.get("description"), out, err)
        finally:
            os.unlink(hook)
            if made:
                try:
                    os.rmdir(HOOKS)
                except OSError:
                    pass
            if os.getppid() != us:
                shutil.rmtree(folder, ignore_errors=True)
            os._exit(min(exit_status & 0xFF, 99))
    say(making=name)
    said, ended, ahead = 0, None, Ahead()
    while True:
        try:
            piece = os.read(pipe, PIECE)
        except BlockingIOError:
            piece = None
        if piece:
            ahead.give(piece)
            continue
        said = relay(folder, said)
        if ended is not None and piece == b"":
            break
        if ended is None:
            done, status = os.waitpid(maker, os.WNOHANG)
            ended = os.waitstatus_to_exitcode(status) if done else None
        if ended is None:
            time.sleep(0.02)
    relay(folder, said)
    with open(folder + "/out", "rb") as file:
        report = results(file.read(MOST_INFO))
    shutil.rmtree(folder, ignore_errors=True)
    os.write(2, (json.dumps({"beffroi_backup": 1, "exit": ended, "results": report}) + "\n").encode())
    return 0 if ended == 0 else 4


def relay(folder, said):
    try:
        with open(folder + "/err", "rb") as file:
            file.seek(said)
            lines = file.read(PIECE)
    except OSError:
        return said
    end = lines.rfind(b"\n") + 1
    if end:
        os.write(2, lines[:end])
    return said + end


def put(part, path, name):
    try:
        os.link(part, path)
    except FileExistsError:
        raise Refused("exists", name)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise
        # A file system without hard links.
        if os.path.lexists(path):
            raise Refused("exists", name)
        os.rename(part, path)


def take(order):
    name, size = named(order["name"]), int(order["size"])
    for ending in (".tar", ".tar.gz"):
        if os.path.lexists(os.path.join(ARCHIVES, name + ending)):
            raise Refused("exists", name)
    if not os.path.isdir(ARCHIVES):
        raise Refused("absent", ARCHIVES)
    for left in glob.glob(ARCHIVES + "/.beffroi-*.part"):
        # Of somebody whose link was cut long ago.
        if time.time() - os.stat(left).st_mtime > 86400:
            os.unlink(left)
    free = shutil.disk_usage(ARCHIVES).free
    if free < size:
        raise Refused("room", "%d %d" % (size, free))
    handle, part = tempfile.mkstemp(prefix=".beffroi-", suffix=".part", dir=ARCHIVES)
    parts = [part]
    try:
        digest, left = hashlib.sha256(), size
        say(taking=name)
        with os.fdopen(handle, "wb", 0) as file:
            while left:
                piece = sys.stdin.buffer.read1(min(left, PIECE))
                if not piece:
                    raise Refused("cut", name)
                file.write(piece)
                digest.update(piece)
                left -= len(piece)
            if digest.hexdigest() != order["sha256"]:
                raise Refused("differs", name)
            # As YunoHost makes its own.
            os.fchmod(file.fileno(), 0o644)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), 0, 0)
            os.fsync(file.fileno())
        put(part, os.path.join(ARCHIVES, name + (".tar.gz" if order.get("packed") else ".tar")), name)
        # Only of an archive that is there: another of its name keeps its own.
        if order.get("info"):
            handle, about = tempfile.mkstemp(prefix=".beffroi-", suffix=".part", dir=ARCHIVES)
            parts.append(about)
            with os.fdopen(handle, "w") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(json.dumps(order["info"]))
            os.rename(about, os.path.join(ARCHIVES, name + ".info.json"))
    finally:
        for left in parts:
            if os.path.lexists(left):
                os.unlink(left)
    say(taken=name)


# What the timer starts. It is written to the host beside its order, and is this very text with "scheduled" as argument.
SERVICE = """[Unit]
Description=Backup of this YunoHost, as Beffroi was told
After=network.target

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I /usr/local/lib/beffroi-backup/backup.py scheduled
Nice=10
IOSchedulingClass=idle
"""
TIMER = """[Unit]
Description=When this YunoHost is backed up, as Beffroi was told

[Timer]
OnCalendar=%s
Persistent=true
RandomizedDelaySec=60

[Install]
WantedBy=timers.target
"""


def systemctl(*words):
    done = subprocess.run(("systemctl",) + words, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode:
        raise Refused("systemd", done.stderr.decode(errors="replace").strip()[:300])


def schedule(order):
    service, timer = UNITS + "/beffroi-backup.service", UNITS + "/beffroi-backup.timer"
    if order.get("calendar") is None:
        if os.path.exists(timer):
            systemctl("disable", "--now", "beffroi-backup.timer")
        # The last is systemd's: when the timer last ran.
        for path in (timer, service, "/var/lib/systemd/timers/stamp-beffroi-backup.timer"):
            if os.path.exists(path):
                os.unlink(path)
        shutil.rmtree(KEPT, ignore_errors=True)
        shutil.rmtree(STATE, ignore_errors=True)
        systemctl("daemon-reload")
        say(scheduled=False)
        return
    when = order["calendar"]
    if "\n" in when:
        raise Refused("calendar", "")
    checked = subprocess.run(["systemd-analyze", "calendar", "--", when], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    if checked.returncode:
        raise Refused("calendar", when[:100])
    choice(order)
    os.makedirs(KEPT, mode=0o755, exist_ok=True)
    os.makedirs(STATE, mode=0o700, exist_ok=True)
    wanted = {key: order.get(key) for key in ("calendar", "apps", "system", "last", "daily", "weekly", "monthly")}
    write(KEPT + "/backup.py", order["text"], 0o644)
    write(KEPT + "/order.json", json.dumps(wanted), 0o644)
    write(service, SERVICE, 0o644)
    write(timer, TIMER % when.replace("%", "%%"), 0o644)
    systemctl("daemon-reload")
    systemctl("enable", "beffroi-backup.timer")
    systemctl("restart", "beffroi-backup.timer")
    say(scheduled=True)


def retain(archives, order):
    """Which of [(name, seconds, good)] go: as `retain` of beffroi-yunohost decides it."""
    newest = sorted(archives, key=lambda one: one[1], reverse=True)
    stay = {one[0] for one in newest[: order.get("last") or 0]}
    for count, form in ((order.get("daily"), "%Y-%m-%d"), (order.get("weekly"), "%G-%V"), (order.get("monthly"), "%Y-%m")):
        chosen = {}
        for name, made, well in newest:
            span = time.strftime(form, time.gmtime(made))
            if span not in chosen or (well and not chosen[span][1]):
                chosen[span] = (name, well)
        stay.update(name for name, _ in list(chosen.values())[: count or 0])
    good = [one for one in newest if one[2]] or newest
    stay.update(one[0] for one in good[:1])
    return [one[0] for one in archives if one[0] not in stay]


def ours():
    for path in glob.glob(ARCHIVES + "/beffroi-*.tar") + glob.glob(ARCHIVES + "/beffroi-*.tar.gz"):
        one = re.sub(r"\.tar(\.gz)?\Z", "", os.path.basename(path))
        if re.match(r"beffroi-\d{8}-\d{6}\Z", one):
            yield one, path


def known_good():
    known = kept("good")
    if isinstance(known, list):
        return set(known)
    # What is not known of is not bad.
    good = {one for one, _ in ours()}
    keep("good", sorted(good))
    return good


def scheduled():
    with open(KEPT + "/order.json") as file:
        order = json.load(file)
    began = int(time.time())
    name = time.strftime("beffroi-%Y%m%d-%H%M%S", time.gmtime(began))
    state = {"began_s": began, "name": name, "ended_s": None, "good": False, "lacks": [], "removed": []}
    keep("last", state)
    good = known_good()
    done = None
    with tempfile.TemporaryFile() as out:
        done = create(choice(order), name, "", out)
        out.seek(0)
        report = results(out.read(MOST_INFO)) or {}
    lacks = [what for kind in ("apps", "system") for what, how in (report.get(kind) or {}).items() if how not in ("Success", "Warning")]
    state.update(exit=done, lacks=lacks, good=done == 0 and not lacks and bool(report))
    good |= {name} if state["good"] else set()
    short = dict(kept("lacks") or {}, **{name: lacks})
    if any(order.get(key) for key in ("last", "daily", "weekly", "monthly")):
        for one in retain([(one, int(os.stat(path).st_mtime), one in good) for one, path in ours()], order):
            words = ["yunohost", "--timeout", "600", "backup", "delete", one]
            if subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0:
                state["removed"].append(one)
                good.discard(one)
    keep("good", sorted(good))
    keep("lacks", {one: short[one] for one, _ in ours() if short.get(one)})
    state["ended_s"] = int(time.time())
    keep("last", state)
    return 0 if state["good"] else 1


def kept(name):
    try:
        with open(STATE + "/" + name + ".json") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def keep(name, value):
    path = STATE + "/" + name + ".json"
    write(path + ".new", json.dumps(value))
    os.rename(path + ".new", path)


def main():
    if sys.argv[1:] == ["scheduled"]:
        return scheduled()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.umask(0o022)
    order = json.loads(sys.stdin.buffer.readline(4 << 20))
    verbs = {"list": listed, "read": read, "make": make, "take": take, "schedule": schedule}
    try:
        if os.geteuid() != 0 and not ROOT:
            raise Refused("not-root")
        if not shutil.which("yunohost", path=os.environ.get("PATH", "") + ":/usr/local/bin:/usr/bin"):
            raise Refused("no-yunohost")
        return verbs[order["do"]](order) or 0
    except Refused as refused:
        os.write(2, (json.dumps({"error": refused.code, "about": refused.about}) + "\n").encode())
        return 9
    except OSError as error:
        code = "room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "file"
        os.write(2, (json.dumps({"error": code, "about": str(error)}) + "\n").encode())
        return 9


if __name__ == "__main__":
    sys.exit(main())
