"""What an action is given to work with."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Optional

from .console import Console
from .errors import Refused
from .operations import Journal, Operation
from .pacing import Pace
from .store import State, Store

_CATALOG_ERROR = (
    "Unable to download the default app catalog: Failed to connect to"
    " https://app.yunohost.org/default/v3/apps.json... maybe the service is down,"
    " or you are not properly connected to the Internet in IPv4/IPv6."
)


@dataclass
class Context:
    """One command being run: its arguments, the server's state, and the ways to tell and to wait."""

    console: Console
    store: Store
    state: State
    pace: Pace
    journal: Journal
    args: Dict[str, Any]
    last_operation: Optional[Operation] = None

    def save(self) -> None:
        self.store.save(self.state)

    @contextlib.contextmanager
    def operation(self, kind: str, subject: str, entity: str) -> Iterator[Operation]:
        """Record the action in the journal; secrets among its arguments are left out."""
        shown = {key: value for key, value in self.args.items() if "password" not in key and key != "args"}
        version = self.state["versions"]["yunohost"]["version"]
        with self.journal.operation(self.console, kind, subject, entity, shown, version) as running:
            self.last_operation = running
            yield running

    @property
    def last_failure(self) -> str:
        """What was said when the last operation could not be completed: applications fail with these words."""
        return self.last_operation.failure if self.last_operation else ""

    @property
    def catalog_error(self) -> str:
        """What is said where the catalog of applications cannot be fetched."""
        return _CATALOG_ERROR

    def refresh_portal(self) -> None:
        """Regenerate the access rules, which needs the application catalog.

        Without one this fails *after* the change itself, which stays done: the
        real command exits 1 and the user exists.
        """
        if self.state["no_catalog"]:
            self.console.info("The app catalog cache is empty or obsolete.")
            self.console.info("Updating application catalog…")
            raise Refused(_CATALOG_ERROR)
