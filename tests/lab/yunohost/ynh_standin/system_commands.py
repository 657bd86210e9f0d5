"""The table of commands about backups, the system, hooks, disks and the diagnosis."""

from __future__ import annotations

from . import backups, diagnosis, server, tools, upgrades
from .grammar import Action, Arg, Category, Pattern
from .pacing import READ_SECONDS

_ARCHIVE = Pattern(
    r"^[\w\-\._]{1,50}(?<!\.)$",
    "Must be a valid filename with max 30 characters, alphanumeric and -_. characters only",
)
_ADMIN_NOTICE = (
    "You are now about to define a new administration password. The password should be at least 8 characters"
    " long—though it is good practice to use a longer password (i.e. a passphrase) and/or to use a variation"
    " of characters (uppercase, lowercase, digits and special characters)."
)
_HUMAN = Arg(("-H", "--human-readable"), flag=True)
_CATEGORIES = Arg(("categories",), nargs="*", default=())
_FORCE = Arg(("-f", "--force"), flag=True)
_FILTER = Arg(("--filter",), nargs="*")

VERSIONS = Action(server.versions, READ_SECONDS, locks=False)

BACKUP = Category(
    {
        "create": Action(
            backups.create,
            3.8,
            (
                Arg(("-n", "--name"), pattern=_ARCHIVE),
                Arg(("-d", "--description")),
                Arg(("--methods",), nargs="*"),
                Arg(("--system",), nargs="*"),
                Arg(("--apps",), nargs="*"),
            ),
        ),
        "restore": Action(
            backups.restore,
            14.0,
            (
                Arg(("name",)),
                Arg(("--system",), nargs="*"),
                Arg(("--apps",), nargs="*"),
                Arg(("--force",), flag=True),
            ),
        ),
        "list": Action(
            backups.list_archives, READ_SECONDS, (Arg(("-i", "--with-info"), flag=True), _HUMAN), locks=False
        ),
        "info": Action(
            backups.info,
            READ_SECONDS,
            (Arg(("name",)), Arg(("-d", "--with-details"), flag=True), _HUMAN),
            locks=False,
        ),
        "download": None,
        "delete": Action(backups.delete, 0.6, (Arg(("name",), pattern=_ARCHIVE),)),
    }
)


def tools_commands(password: Pattern, domain: Pattern, username: Pattern, fullname: Pattern) -> Category:
    """The category `tools`, whose arguments follow the rules of accounts and domains."""
    return Category(
        {
            "rootpw": Action(
                tools.rootpw,
                0.6,
                (Arg(("-n", "--new-password"), asked=True, pattern=password, notice=_ADMIN_NOTICE),),
            ),
            "maindomain": None,
            "postinstall": Action(
                tools.postinstall,
                32.0,
                (
                    Arg(("-d", "--domain"), asked=True, pattern=domain),
                    Arg(("-u", "--username"), asked=True, pattern=username),
                    Arg(("-F", "--fullname"), asked=True, pattern=fullname),
                    Arg(("-p", "--password"), asked=True, pattern=password, notice=_ADMIN_NOTICE),
                    Arg(("--ignore-dyndns",), flag=True),
                    Arg(("--dyndns-recovery-password",), nargs="?", const=0, pattern=password),
                    Arg(("--force-diskspace",), flag=True),
                    Arg(("--i-have-read-terms-of-services",), flag=True),
                ),
            ),
            "update_norefresh": Action(upgrades.update_norefresh, 0.8, locks=False),
            "update": Action(
                upgrades.update,
                10.0,
                (
                    Arg(("target",), nargs="?", default="all", choices=("apps", "system", "all")),
                    Arg(("--no-refresh",), flag=True),
                ),
            ),
            "upgrade": Action(
                upgrades.upgrade, 30.0, (Arg(("target",), nargs="?", choices=("apps", "system")),)
            ),
            "shell": None,
            "basic-space-cleanup": Action(tools.basic_space_cleanup, 1.5),
            "shutdown": Action(tools.shutdown, 0.5, (_FORCE,)),
            "reboot": Action(tools.reboot, 0.5, (_FORCE,)),
            "regen-conf": Action(
                tools.regen_conf,
                8.0,
                (
                    Arg(("names",), nargs="*"),
                    Arg(("-d", "--with-diff"), flag=True),
                    _FORCE,
                    Arg(("-n", "--dry-run"), flag=True),
                    Arg(("-p", "--list-pending"), flag=True),
                ),
            ),
            "versions": VERSIONS,
            "migrations": _MIGRATIONS,
        }
    )


_MIGRATIONS = Category(
    {
        "list": Action(
            upgrades.migrations_list,
            READ_SECONDS,
            (Arg(("--pending",), flag=True), Arg(("--done",), flag=True)),
            locks=False,
        ),
        "run": Action(
            upgrades.migrations_run,
            5.0,
            (
                Arg(("targets",), nargs="*"),
                Arg(("--skip",), flag=True),
                Arg(("--force-rerun",), flag=True),
                Arg(("--auto",), flag=True),
                Arg(("--accept-disclaimer",), flag=True),
            ),
        ),
        "state": Action(upgrades.migrations_state, READ_SECONDS),
    }
)
DIAGNOSIS = Category(
    {
        "list": Action(diagnosis.list_categories, READ_SECONDS, locks=False),
        "show": Action(
            diagnosis.show,
            READ_SECONDS,
            (
                _CATEGORIES,
                Arg(("--full",), flag=True),
                Arg(("--issues",), flag=True),
                Arg(("--human-readable",), flag=True),
            ),
            locks=False,
        ),
        "get": None,
        "run": Action(
            diagnosis.run,
            6.0,
            (
                _CATEGORIES,
                Arg(("--force",), flag=True),
                Arg(("--except-if-never-ran-yet",), flag=True),
                Arg(("--email",), flag=True),
            ),
        ),
        "ignore": Action(diagnosis.ignore, 0.8, (_FILTER, Arg(("--list",), flag=True))),
        "unignore": Action(diagnosis.unignore, 0.8, (_FILTER,)),
    }
)
HOOK = Category(
    {
        "add": None,
        "remove": None,
        "info": None,
        "list": Action(
            tools.hooks,
            READ_SECONDS,
            (
                Arg(("action",)),
                Arg(("-l", "--list-by"), default="name"),
                Arg(("-i", "--show-info"), flag=True),
            ),
            locks=False,
        ),
        "callback": None,
        "exec": None,
    }
)
STORAGE = Category(
    {
        "disk": Category(
            {
                "list": Action(
                    tools.disks,
                    READ_SECONDS,
                    (
                        _HUMAN,
                        Arg(("--human-readable-size",), flag=True),
                        Arg(("-i", "--with-info"), flag=True),
                    ),
                    locks=False,
                ),
                "info": None,
            }
        )
    }
)
