"""The table of commands: names, arguments, patterns, lock and usual duration."""

from __future__ import annotations

from . import groups, permissions, server, services, users
from .grammar import Action, Arg, Category, Pattern
from .pacing import READ_SECONDS

_USERNAME = Pattern(r"^[a-z0-9_\.]+$", "Must be lower-case alphanumeric and underscore characters only")
_GROUPNAME = Pattern(r"^[a-z0-9_]+$", _USERNAME.message)
_FULLNAME = Pattern(r"^([^\W_]{1,30}[ ,.'-]{0,3})+$", "Must be a valid full name (at least 3 chars)")
_PASSWORD = Pattern(r"^.{3,}$", "Must be at least 3 characters long")
_QUOTA = Pattern(r"^(\d+[bkMGT])|0$", "Must be a size with b/k/M/G/T suffix or 0 to not have a quota")
_DOMAIN_REGEX = r"([^\W_A-Z]+([-]*[^\W_A-Z]+)*\.)+((xn--)?[^\W_]{2,})$"
_DOMAIN = Pattern("^" + _DOMAIN_REGEX, "Must be a valid domain name (e.g. my-domain.org)")
_EMAIL = Pattern(
    r"^[\w.-]+@" + _DOMAIN_REGEX,
    "Must be a valid e-mail address, without '+' symbol (e.g. someone@example.com)",
)
_FORWARD = Pattern(
    r"^[\w\+.-]+@" + _DOMAIN_REGEX,
    "Must be a valid e-mail address, '+' symbol accepted (e.g. someone+tag@example.com)",
)
_PASSWORD_NOTICE = (
    "You are now about to define a new user password. The password should be at least 8 characters"
    " long—though it is good practice to use a longer password (i.e. a passphrase) and/or to a variation"
    " of characters (uppercase, lowercase, digits and special characters)."
)

_SHELL = Arg(("-s", "--loginShell"), default="/bin/bash")
_SERVICES = Arg(("names",), nargs="+")
_GROUP = Arg(("groupname",), pattern=_GROUPNAME)
_MEMBERS = Arg(("usernames",), nargs="*", pattern=_USERNAME)
_GRANTED = (Arg(("permission",)), Arg(("names",), nargs="*", pattern=_USERNAME))

_GROUP_COMMANDS = Category(
    {
        "list": Action(
            groups.list_groups,
            READ_SECONDS,
            (Arg(("-f", "--full"), flag=True), Arg(("-p", "--include-primary-groups"), flag=True)),
            locks=False,
        ),
        "create": Action(groups.create, 1.6, (_GROUP,)),
        "delete": Action(groups.delete, 1.6, (_GROUP,)),
        "info": Action(groups.info, READ_SECONDS, (Arg(("groupname",), pattern=_USERNAME),), locks=False),
        "add": Action(groups.add, 1.6, (_GROUP, _MEMBERS)),
        "remove": Action(groups.remove, 1.6, (_GROUP, _MEMBERS)),
        "add-mailalias": None,
        "remove-mailalias": None,
    }
)
_PERMISSION_COMMANDS = Category(
    {
        "list": Action(
            permissions.list_permissions,
            READ_SECONDS,
            (Arg(("apps",), nargs="*"), Arg(("-f", "--full"), flag=True)),
            locks=False,
        ),
        "info": Action(permissions.info, READ_SECONDS, (Arg(("permission",)),), locks=False),
        "update": None,
        "add": Action(permissions.add, 2.5, _GRANTED),
        "remove": Action(permissions.remove, 2.5, _GRANTED),
        "ldapsync": None,
    }
)
_USER_COMMANDS = Category(
    {
        "list": Action(users.list_users, READ_SECONDS, (Arg(("--fields",), nargs="+"),), locks=False),
        "create": Action(
            users.create,
            2.6,
            (
                Arg(("username",), pattern=_USERNAME),
                Arg(("-F", "--fullname"), asked=True, pattern=_FULLNAME),
                Arg(("-p", "--password"), asked=True, pattern=_PASSWORD, notice=_PASSWORD_NOTICE),
                Arg(("-d", "--domain"), pattern=_DOMAIN),
                Arg(("-q", "--mailbox-quota"), default="0", pattern=_QUOTA),
                _SHELL,
            ),
        ),
        "delete": Action(
            users.delete,
            2.4,
            (
                Arg(("username",), pattern=_USERNAME),
                Arg(("--purge",), flag=True),
                Arg(("--force",), flag=True),
            ),
        ),
        "update": Action(
            users.update,
            2.9,
            (
                Arg(("username",)),
                Arg(("-F", "--fullname"), pattern=_FULLNAME),
                Arg(("-m", "--mail"), pattern=_EMAIL),
                Arg(
                    ("-p", "--change-password"),
                    nargs="?",
                    const=0,
                    pattern=_PASSWORD,
                    notice=_PASSWORD_NOTICE,
                ),
                Arg(("--add-mailforward",), nargs="*", pattern=_FORWARD),
                Arg(("--remove-mailforward",), nargs="*"),
                Arg(("--add-mailalias",), nargs="*", pattern=_EMAIL),
                Arg(("--remove-mailalias",), nargs="*"),
                Arg(("-q", "--mailbox-quota"), pattern=_QUOTA),
                _SHELL,
            ),
        ),
        "info": Action(users.info, READ_SECONDS, (Arg(("username",)),), locks=False),
        "export": None,
        "import": None,
        "group": _GROUP_COMMANDS,
        "permission": _PERMISSION_COMMANDS,
        "ssh": None,
    }
)
_SERVICE_COMMANDS = Category(
    {
        "add": None,
        "remove": None,
        "start": Action(services.start, 2.0, (_SERVICES,)),
        "stop": Action(services.stop, 2.0, (_SERVICES,)),
        "reload": None,
        "restart": Action(services.restart, 2.0, (_SERVICES,)),
        "reload_or_restart": None,
        "enable": Action(services.enable, 1.6, (_SERVICES,)),
        "disable": Action(services.disable, 1.6, (_SERVICES,)),
        "status": Action(services.status, 0.7, (Arg(("names",), nargs="*"),), locks=False),
        "log": Action(
            services.log,
            READ_SECONDS,
            (Arg(("name",)), Arg(("-n", "--number"), number=True, default=50)),
            locks=False,
        ),
    }
)
_LOG_COMMANDS = Category(
    {
        "list": Action(
            server.operation_list,
            0.65,
            (
                Arg(("-l", "--limit"), number=True, default=50),
                Arg(("-d", "--with-details"), flag=True),
                Arg(("-s", "--with-suboperations"), flag=True),
            ),
            locks=False,
        ),
        "show": Action(
            server.operation_show,
            READ_SECONDS,
            (
                Arg(("path",)),
                Arg(("-n", "--number"), number=True, default=50),
                Arg(("-i", "--filter-irrelevant"), flag=True),
                Arg(("-s", "--with-suboperations"), flag=True),
            ),
            locks=False,
        ),
        "share": None,
    }
)

VERSIONS = Action(server.versions, READ_SECONDS, locks=False)

_DOMAIN_LIST = Action(server.domains, READ_SECONDS, (Arg(("--exclude-subdomains",), flag=True),), locks=False)
_APP_LIST = Action(server.apps, READ_SECONDS, (Arg(("-f", "--full"), flag=True),), locks=False)
_BACKUP_LIST = Action(
    server.backups,
    READ_SECONDS,
    (Arg(("-i", "--with-info"), flag=True), Arg(("-H", "--human-readable"), flag=True)),
    locks=False,
)


def _mostly_foreign(words: str, **imitated: Action) -> Category:
    """A category of which few commands are imitated; the others are known by name only."""
    return Category({word: imitated.get(word) for word in words.split()})


ROOT = Category(
    {
        "user": _USER_COMMANDS,
        "domain": _mostly_foreign(
            "list info add remove main-domain url-available action-run dyndns config dns cert",
            list=_DOMAIN_LIST,
        ),
        "app": _mostly_foreign(
            "catalog search manifest list info map install remove upgrade change-url setting shell"
            " register-url makedefault dismiss-notification ssowatconf change-label action config",
            list=_APP_LIST,
        ),
        "backup": _mostly_foreign("create restore list info download delete", list=_BACKUP_LIST),
        "settings": None,
        "service": _SERVICE_COMMANDS,
        "firewall": None,
        "dyndns": None,
        "tools": _mostly_foreign(
            "rootpw maindomain postinstall update_norefresh update upgrade shell basic-space-cleanup"
            " shutdown reboot regen-conf versions migrations",
            versions=VERSIONS,
        ),
        "hook": None,
        "log": _LOG_COMMANDS,
        "diagnosis": None,
        "storage": None,
    }
)
