"""The table of commands: names, arguments, patterns, lock and usual duration."""

from __future__ import annotations

from . import groups, host_commands, permissions, server, ssh_keys, system_commands, users
from .apps_commands import APP
from .grammar import Action, Arg, Category, Pattern
from .pacing import READ_SECONDS

_USERNAME = Pattern(r"^[a-z0-9_\.]+$", "Must be lower-case alphanumeric and underscore characters only")
_GROUPNAME = Pattern(r"^[a-z0-9_]+$", _USERNAME.message)
_FULLNAME = Pattern(r"^([^\W_]{1,30}[ ,.'-]{0,3})+$", "Must be a valid full name (at least 3 chars)")
_PASSWORD = host_commands.PASSWORD
_QUOTA = Pattern(r"^(\d+[bkMGT])|0$", "Must be a size with b/k/M/G/T suffix or 0 to not have a quota")
_DOMAIN_REGEX, _DOMAIN = host_commands.DOMAIN_REGEX, host_commands.DOMAIN
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
_GROUP = Arg(("groupname",), pattern=_GROUPNAME)
_MEMBERS = Arg(("usernames",), nargs="*", pattern=_USERNAME)
_ALIASES = (_GROUP, Arg(("aliases",), nargs="+", pattern=_EMAIL), Arg(("--force",), flag=True))
_FORGOTTEN_ALIASES = (_GROUP, Arg(("aliases",), nargs="+"), Arg(("--force",), flag=True))
_TRUE_OR_FALSE = ("True", "False")
_KEY_OWNER = Arg(("username",), pattern=_USERNAME)
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
        "add-mailalias": Action(groups.add_mailalias, 1.4, _ALIASES),
        "remove-mailalias": Action(groups.remove_mailalias, 1.4, _FORGOTTEN_ALIASES),
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
        "update": Action(
            permissions.update,
            2.5,
            (
                Arg(("permission",)),
                Arg(("-l", "--label")),
                Arg(("-s", "--show_tile"), choices=_TRUE_OR_FALSE),
                Arg(("-L", "--logo")),
                Arg(("-d", "--description")),
                Arg(("-o", "--order"), number=True),
                Arg(("-H", "--hide_from_public"), choices=_TRUE_OR_FALSE),
            ),
        ),
        "add": Action(permissions.add, 2.5, _GRANTED),
        "remove": Action(permissions.remove, 2.5, _GRANTED),
        "ldapsync": None,
    }
)
_KEY_COMMANDS = Category(
    {
        "list-keys": Action(ssh_keys.list_keys, READ_SECONDS, (_KEY_OWNER,), locks=False),
        "add-key": Action(ssh_keys.add_key, 0.7, (_KEY_OWNER, Arg(("key",)), Arg(("-c", "--comment")))),
        "remove-key": Action(ssh_keys.remove_key, 0.7, (_KEY_OWNER, Arg(("key",)))),
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
        "ssh": _KEY_COMMANDS,
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

VERSIONS = system_commands.VERSIONS



def _mostly_foreign(words: str, **imitated: Action) -> Category:
    """A category of which few commands are imitated; the others are known by name only."""
    return Category({word: imitated.get(word) for word in words.split()})


ROOT = Category(
    {
        "user": _USER_COMMANDS,
        "domain": host_commands.DOMAINS,
        "app": APP,
        "backup": system_commands.BACKUP,
        "settings": host_commands.SETTINGS,
        "service": host_commands.SERVICES,
        "firewall": host_commands.FIREWALL,
        "dyndns": host_commands.DYNDNS,
        "tools": system_commands.tools_commands(_PASSWORD, _DOMAIN, _USERNAME, _FULLNAME),
        "hook": system_commands.HOOK,
        "log": _LOG_COMMANDS,
        "diagnosis": system_commands.DIAGNOSIS,
        "storage": system_commands.STORAGE,
    }
)
