"""The journal of what was done: one metadata file and one log file per operation.

It is how a client that lost its connection finds out how things ended, so both
are written while the operation runs, not at its end.
"""

from __future__ import annotations

import contextlib
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from .console import Console
from .store import replace_json

FOLDER = "/var/log/yunohost/operations"

_DESCRIPTIONS = {
    "user_create": "Add '{}' user",
    "user_delete": "Delete '{}' user",
    "user_update": "Update info for user '{}'",
    "user_group_create": "Create '{}' group",
    "user_group_delete": "Delete '{}' group",
    "user_group_update": "Update '{}' group",
    "app_install": "Install the '{}' app",
    "app_upgrade": "Upgrade the '{}' app",
    "app_remove": "Remove the '{}' app",
    "app_change_url": "Change the URL of the '{}' app",
    "app_config_set": "Apply config to the '{}' app",
    "app_action_run": "Run action of the '{}' app",
    "app_makedefault": "Make '{}' the default app",
    "app_upgrade": "Upgrade the '{}' app",
    "backup_create": "Create a backup archive",
    "backup_restore_app": "Restore '{}' from a backup archive",
    "backup_restore_system": "Restore system from a backup archive",
    "regen_conf": "Regenerate system configurations '{}'",
    "tools_migrations_migrate_forward": "Run migrations",
    "tools_postinstall": "Postinstall your YunoHost server",
    "tools_reboot": "Reboot your server",
    "tools_shutdown": "Shutdown your server",
    "tools_upgrade": "Upgrade system packages",
    "domain_add": "Add domain '{}'",
    "domain_remove": "Remove domain '{}'",
    "domain_main_domain": "Make '{}' the main domain",
    "domain_config_set": "Update configuration for domain '{}'",
    "domain_dns_push": "Push DNS records for domain '{}'",
    "selfsigned_cert_install": "Install self-signed certificate on '{}' domain",
    "letsencrypt_cert_install": "Install a Let's Encrypt certificate on '{}' domain",
    "letsencrypt_cert_renew": "Renew '{}' Let's Encrypt certificate",
    "dyndns_unsubscribe": "Unregister YunoHost subdomain '{}'",
    "settings_set": "Apply settings",
    "settings_reset": "Reset setting",
    "settings_reset_all": "Reset all settings",
}


def now() -> str:
    """The present, in the form YunoHost prints."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


class Journal:
    """The operations of one server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "operations"

    @contextlib.contextmanager
    def operation(
        self, console: Console, kind: str, subject: str, entity: str, args: Dict[str, Any], version: str
    ) -> Iterator["Operation"]:
        """Surround an action; nothing is recorded until it calls `start`."""
        running = Operation(self._folder, console, kind, subject, entity, args, version)
        try:
            yield running
        except Exception as error:
            running.close(str(error))
            raise
        running.close(None)

    def names(self) -> List[str]:
        """Every operation, oldest first."""
        return sorted(path.stem for path in self._folder.glob("[0-9]*.json"))

    def metadata(self, name: str) -> Optional[Dict[str, Any]]:
        path = self._folder / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def lines(self, name: str) -> List[str]:
        path = self._folder / f"{name}.log"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


class Operation:
    """One change of the system, from its start to its success or failure."""

    def __init__(
        self, folder: Path, console: Console, kind: str, subject: str, entity: str,
        args: Dict[str, Any], version: str,
    ) -> None:  # fmt: skip
        self._folder, self._console, self._subject = folder, console, subject
        self._kind = kind
        self._name: Optional[str] = None
        self.failure = ""
        self._failure: Optional[str] = None
        self._metadata: Dict[str, Any] = {
            "operation": kind,
            "parent": None,
            "yunohost_version": version,
            "interface": "cli",
            "related_to": [[entity, subject]],
            "started_by": "root",
            "args": args,
        }

    def start(self) -> None:
        started = self._moment()
        self._name = "-".join(filter(None, (f"{started:%Y%m%d-%H%M%S}", self._kind, self._subject)))
        self._metadata = {"started_at": started.isoformat(timespec="microseconds"), **self._metadata}
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{self._name}.log").write_text("", encoding="utf-8")
        self._flush()
        self._console.listen(self._append)

    def _moment(self) -> datetime:
        """The present, or the second after the latest operation.

        Names are made of seconds and order the journal. Real operations last
        longer than one; those of a test with no waiting do not.
        """
        present = datetime.now(timezone.utc)
        names = sorted(path.stem for path in self._folder.glob("[0-9]*.json"))
        if not names or names[-1][:15] < f"{present:%Y%m%d-%H%M%S}":
            return present
        latest = datetime.strptime(names[-1][:15], "%Y%m%d-%H%M%S").replace(tzinfo=timezone.utc)
        return latest + timedelta(seconds=1)

    def fail(self, error: str) -> None:
        """Have it written down as failed, though the command goes on."""
        self._failure = error

    def abandon(self) -> None:
        """Leave it without an end, as the real command does with some that fail: its success stays unknown."""
        self._console.unlisten(self._append)
        self._name = None

    def close(self, error: Optional[str]) -> None:
        if self._name is None:
            return
        error = error or self._failure
        self._console.unlisten(self._append)
        self._metadata.update(ended_at=now(), success=error is None)
        if error is not None:
            self._metadata["error"] = error
            self.failure = (
                f"The operation '{description(self._name)}' could not be completed. Please share the full log"
                f" of this operation using the command 'yunohost log share {self._name}' to get help"
            )
            self._console.info(self.failure)
        self._flush()

    def _append(self, level: str, text: str) -> None:
        stamp = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S,%f}"[:-3]
        with open(self._folder / f"{self._name}.log", "a", encoding="utf-8") as log:
            log.write(f"{stamp}: {level} - {text}\n")

    def _flush(self) -> None:
        replace_json(self._folder / f"{self._name}.json", self._metadata)


def description(name: str) -> str:
    """The sentence for an operation, found from its name as the real command does."""
    kind, _, subject = name[len("20260101-000000-") :].partition("-")
    return _DESCRIPTIONS[kind].format(subject)


def started_at(name: str) -> str:
    """When an operation began, to the second, from its name."""
    year, month, day, hour, minute, second = re.findall(r"..", name[2:8] + name[9:15])
    return f"20{year}-{month}-{day}T{hour}:{minute}:{second}+00:00"
