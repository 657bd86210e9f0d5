"""The hosts of the lab: their files, their sshd, and how to get rid of both.

The rule that shapes this module: what `up` starts, `down` stops, and nothing
else. A process is ours only when it proves it (its command line names our
configuration, it descends from one that does, or its environment carries the
lab's mark), never because of a port or a name.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import fcntl
import json
import os
import pwd
import random
import shlex
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence

import labprocesses

ADDRESS = "127.0.0.1"
STANDIN_PATH = Path(__file__).resolve().parent / "yunohost" / "bin"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Under the range the kernel takes for outgoing connections, so that a port
# chosen once is still free when its host has to be started again.
_PORTS = range(20000, 32000)
_PRIVILEGE_SEPARATION_FOLDER = Path("/run/sshd")
_START_SECONDS = 15.0
_AT_ONCE = 8
_LOCK = "lock"
_TRACER = Path(__file__).resolve().parent / "labtrace.py"
_MARK = "BEFFROI_LAB_MEMBER"
"""Set in every session and nowhere else: a process that has it came out of the lab."""


class LabError(Exception):
    """Something the person running the lab has to know or to do."""


@dataclass(frozen=True)
class Host:
    """One host, as remembered between two commands."""

    name: str
    role: str
    port: int


def planned_hosts(bulk: int) -> Dict[str, str]:
    """Names and roles: the default three, then the plain ones asked for."""
    plan = {"plain-1": "plain", "ynh-1": "yunohost", "ynh-slow": "yunohost"}
    plan.update({f"bulk-{number:02d}": "plain" for number in range(1, bulk + 1)})
    return plan


class Lab:
    """All hosts that live in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client_key = folder / "keys" / "id_ed25519"
        self._registry = folder / "lab.json"
        self._trace = folder / "trace"
        self._traced = False

    def up(self, bulk: int = 0, speed: Optional[float] = None, traced: bool = False) -> None:
        """Create what is missing and start what does not run; on failure, undo what this call started.

        Traced: of servers that are started by this call, every program that comes out of them is written down.
        """
        if bulk < 0 or (speed is not None and speed < 0):
            raise LabError("--hosts and --speed must not be negative")
        tools = _Tools.find()
        with self._alone():
            created = not self._registry.exists()
            if created:
                self._remember(1.0, [], [])
            started: List[Host] = []
            try:
                self._traced = traced
                self._bring_up(tools, bulk, speed, started)
            except BaseException:
                self._stop(started)
                if created:
                    shutil.rmtree(self.folder, ignore_errors=True)
                raise

    def down(self) -> None:
        """Stop every process of the lab and remove its folder."""
        if not self.folder.exists():
            return
        with self._alone():
            self._stop(self._hosts())
            shutil.rmtree(self.folder)

    def describe(self) -> Dict[str, Any]:
        """What `status --json` prints."""
        return {
            "dir": str(self.folder),
            "client_key": str(self.client_key),
            "trace": str(self._trace) if self._trace.exists() else None,
            "hosts": [
                {
                    "name": host.name,
                    "address": ADDRESS,
                    "port": host.port,
                    "user": _user(),
                    "role": host.role,
                    "host_key_fingerprint": self._remembered()["fingerprints"][host.name],
                    "running": self._listener(host) is not None,
                }
                for host in self._hosts()
            ],
        }

    # -- files ---------------------------------------------------------------

    def _check_folder(self) -> None:
        """Refuse a folder that holds something else, since `down` removes it whole.

        Nor may its path hold white space: sshd splits the options of its sftp
        server there and knows no quotes, and sftp would start in the account's
        real home folder.
        """
        if any(character.isspace() for character in str(self.folder)):
            raise LabError(f"{self.folder}: a lab's folder cannot have white space in its path")
        content = set(os.listdir(self.folder)) if self.folder.exists() else set()
        if content - {_LOCK} and self._registry.name not in content:
            raise LabError(f"{self.folder} is not empty and is not a lab (no lab.json); nothing was done")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One `up` or `down` at a time in a folder, even when the folder is removed meanwhile."""
        self._check_folder()
        while True:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.stat(self.folder / _LOCK).st_ino == os.fstat(handle).st_ino:
                    break
            os.close(handle)
        try:
            self._check_folder()
            yield
        finally:
            os.close(handle)

    def _remembered(self) -> Dict[str, Any]:
        if not self._registry.exists():
            return {"speed": 1.0, "hosts": [], "fingerprints": {}}
        return json.loads(self._registry.read_text(encoding="utf-8"))

    def _remember(self, speed: float, hosts: Sequence[Host], fingerprints: Sequence[str]) -> None:
        registry = {
            "speed": speed,
            "hosts": [asdict(host) for host in hosts],
            "fingerprints": {host.name: fingerprint for host, fingerprint in zip(hosts, fingerprints)},
        }
        draft = self._registry.with_suffix(".new")
        draft.write_text(json.dumps(registry, indent=1), encoding="utf-8")
        os.replace(draft, self._registry)

    def _hosts(self) -> List[Host]:
        return [Host(**host) for host in self._remembered()["hosts"]]

    def _path(self, host: Host, *parts: str) -> Path:
        return self.folder.joinpath("hosts", host.name, *parts)

    # -- starting ------------------------------------------------------------

    def _bring_up(self, tools: "_Tools", bulk: int, speed: Optional[float], started: List[Host]) -> None:
        remembered = self._remembered()
        wanted_speed = remembered["speed"] if speed is None else speed
        known = {host.name: host for host in self._hosts()}
        free_ports = _free_ports({host.port for host in known.values()})
        for name, role in planned_hosts(bulk).items():
            if name not in known:
                known[name] = Host(name, role, next(free_ports))
        hosts = [self._with_usable_port(host, free_ports) for host in known.values()]
        _prepare_privilege_separation()
        self._write_client_key(tools)
        with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
            fingerprints = list(pool.map(lambda host: self._write_host(tools, host), hosts))
            self._remember(wanted_speed, hosts, fingerprints)
            self._write_known_hosts(hosts)
            list(pool.map(lambda host: self._start(tools, host, wanted_speed, started), hosts))

    def _with_usable_port(self, host: Host, free_ports: Iterator[int]) -> Host:
        """The same host, moved when someone else took its port while it was down."""
        if self._listener(host) is not None or _is_free(host.port):
            return host
        return Host(host.name, host.role, next(free_ports))

    def _write_client_key(self, tools: "_Tools") -> None:
        if not self.client_key.exists():
            self.client_key.parent.mkdir(mode=0o700, exist_ok=True)
            tools.make_key(self.client_key, "beffroi-lab")
        public = self.client_key.with_suffix(".pub").read_text(encoding="utf-8")
        (self.client_key.parent / "authorized_keys").write_text(public, encoding="utf-8")

    def _write_host(self, tools: "_Tools", host: Host) -> str:
        """Make a host's folder and key; returns the key's fingerprint."""
        for part in ("home", "state"):
            self._path(host, part).mkdir(parents=True, exist_ok=True, mode=0o700)
        # sshd starts every command in the account's real home folder, whatever HOME says.
        self._path(host, "home", ".bashrc").write_text('cd "$HOME" || return\n', encoding="utf-8")
        key = self._path(host, "host_key")
        if not key.exists():
            tools.make_key(key, host.name)
        return tools.fingerprint(key)

    def _write_known_hosts(self, hosts: Iterable[Host]) -> None:
        lines = []
        for host in hosts:
            kind, key = self._path(host, "host_key.pub").read_text(encoding="utf-8").split()[:2]
            lines.append(f"[{ADDRESS}]:{host.port} {kind} {key}\n")
        (self.folder / "known_hosts").write_text("".join(lines), encoding="utf-8")

    def _start(self, tools: "_Tools", host: Host, speed: float, started: List[Host]) -> None:
        config = self._path(host, "sshd_config")
        text = self._configuration(host, speed)
        listener = self._listener(host)
        if listener is not None:
            if config.read_text(encoding="utf-8") == text:
                return
            labprocesses.stop([listener])
        config.write_text(text, encoding="utf-8")
        started.append(host)
        command = [tools.sshd, "-f", str(config), "-E", str(self._path(host, "sshd.log"))]
        if self._traced:
            command = [sys.executable, str(_TRACER), str(self._trace), *command]
        complaints = self._path(host, "start.log")
        with open(complaints, "wb") as file:
            # The server leaves for the background; a tracer stays as long as anything of it does.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd="/", start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while not process.poll() and time.monotonic() < deadline:
            if self._listener(host) is not None and not _is_free(host.port):
                return
            time.sleep(0.02)
        log = self._path(host, "sshd.log")
        told = (
            complaints.read_text(errors="replace")
            + (log.read_text(errors="replace")[-2000:] if log.exists() else "")
        ).strip()
        raise LabError(f"{host.name} did not start on port {host.port}: {told or 'sshd said nothing'}")

    def _configuration(self, host: Host, speed: float) -> str:
        """An sshd_config; what is not set keeps OpenSSH's default, limits included."""
        lines = [
            f"Port {host.port}",
            f"ListenAddress {ADDRESS}",
            f"HostKey {_config_word(self._path(host, 'host_key'))}",
            f"PidFile {_config_word(self._path(host, 'sshd.pid'))}",
            f"AuthorizedKeysFile {_config_word(self.client_key.parent / 'authorized_keys')}",
            f"AllowUsers {_user()}",
            "PermitRootLogin prohibit-password",
            "AuthenticationMethods publickey",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "UsePAM no",
            "StrictModes no",
            "PrintMotd no",
            "PrintLastLog no",
            "AcceptEnv LANG LC_*",
            f"Subsystem sftp internal-sftp -d {self._path(host, 'home')}",
            # All on one line: sshd keeps the first SetEnv only.
            "SetEnv " + " ".join(_config_word(f"{k}={v}") for k, v in self._environment(host, speed).items()),
        ]
        return "\n".join(lines) + "\n"

    def _environment(self, host: Host, speed: float) -> Dict[str, str]:
        environment = {
            "PATH": SYSTEM_PATH,
            "HOME": str(self._path(host, "home")),
            "XDG_STATE_HOME": str(self._path(host, "state")),
            "BEFFROI_LAB_HOST": host.name,
            # What may cost the way in is put back here, not on this machine.
            "BEFFROI_ROOT": str(self._path(host, "state", "root")),
            _MARK: str(self._path(host)),
        }
        if host.role == "yunohost":
            environment["PATH"] = f"{STANDIN_PATH}:{SYSTEM_PATH}"
            environment["BEFFROI_LAB_STATE"] = str(self._path(host, "state", "yunohost"))
            environment["BEFFROI_LAB_SPEED"] = f"{speed:g}"
        if host.name == "ynh-slow":
            environment["BEFFROI_LAB_SLOW_SECONDS"] = "20"
        return environment

    # -- stopping ------------------------------------------------------------

    def _listener(self, host: Host) -> Optional[int]:
        """The process id of a host's server, if it runs and is really ours."""
        try:
            pid = int(self._path(host, "sshd.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return pid if str(self._path(host, "sshd_config")) in labprocesses.command_line(pid) else None

    def _stop(self, hosts: Iterable[Host]) -> None:
        """Stop servers and what came out of them: connections, and commands that outlived theirs."""
        hosts = list(hosts)
        listeners = [pid for pid in map(self._listener, hosts) if pid is not None]
        logs = [str(self._path(host, "sshd.log")) for host in hosts]
        marks = [f"{_MARK}={self._path(host)}" for host in hosts]
        labprocesses.stop(
            [
                *listeners,
                *labprocesses.descendants(listeners),
                *labprocesses.writing_to(logs),
                *labprocesses.marked(marks),
                *labprocesses.naming(str(self._trace)),
            ]
        )


class _Tools:
    """The OpenSSH programs the lab is made of."""

    def __init__(self, sshd: str, keygen: str) -> None:
        self.sshd = sshd
        self._keygen = keygen

    @classmethod
    def find(cls) -> "_Tools":
        where = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
        found = {name: shutil.which(name, path=where) for name in ("sshd", "ssh-keygen")}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise LabError(
                f"{' and '.join(missing)} not found; install OpenSSH"
                " (Debian, Ubuntu: apt install openssh-server openssh-client)"
            )
        # sshd runs itself again for each connection and wants an absolute path.
        return cls(os.path.abspath(str(found["sshd"])), str(found["ssh-keygen"]))

    def make_key(self, path: Path, comment: str) -> None:
        self._run("-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))

    def fingerprint(self, key: Path) -> str:
        return self._run("-l", "-E", "sha256", "-f", f"{key}.pub").split()[1]

    def _run(self, *words: str) -> str:
        done = subprocess.run([self._keygen, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"ssh-keygen {shlex.join(words)}: {done.stderr.strip()}")
        return done.stdout


def _user() -> str:
    """The account the servers run as, hence the only one that can log in."""
    return pwd.getpwuid(os.geteuid()).pw_name


def _prepare_privilege_separation() -> None:
    """sshd started by root wants this folder, which only its system service makes."""
    if os.geteuid() == 0 and not _PRIVILEGE_SEPARATION_FOLDER.exists():
        _PRIVILEGE_SEPARATION_FOLDER.mkdir(parents=True, mode=0o755)


def _config_word(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _free_ports(taken: Iterable[int]) -> Iterator[int]:
    """Ports nobody uses, each one once, in no order two labs would share."""
    candidates = [port for port in _PORTS if port not in set(taken)]
    random.shuffle(candidates)
    for port in candidates:
        if _is_free(port):
            yield port
    raise LabError(f"no free port between {_PORTS.start} and {_PORTS.stop - 1}")
