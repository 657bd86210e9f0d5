"""The commands of `yunohost app`: names, arguments, lock and usual duration."""

from __future__ import annotations

from . import apps, apps_config, apps_packages, apps_place, server
from .grammar import Action, Arg, Category
from .pacing import READ_SECONDS

_APP = Arg(("app",))
_ARGS = Arg(("-a", "--args"))
_FORCE = Arg(("-f", "--force"), flag=True)
_ANY_VERSION = Arg(("-i", "--ignore-yunohost-version"), flag=True)
_FULL = Arg(("-f", "--full"), flag=True)

APP = Category(
    {
        "catalog": Action(
            apps_packages.list_catalog,
            READ_SECONDS,
            (_FULL, Arg(("-c", "--with-categories"), flag=True), Arg(("-a", "--with-antifeatures"), flag=True)),
            locks=False,
        ),
        "search": Action(apps_packages.search, READ_SECONDS, (Arg(("string",)),)),
        "manifest": Action(
            apps_packages.manifest,
            1.3,
            (_APP, Arg(("-s", "--with-screenshot"), flag=True)),
            locks=False,
        ),
        "list": Action(server.apps, READ_SECONDS, (_FULL,), locks=False),
        "info": Action(
            apps_place.info,
            READ_SECONDS,
            (_APP, _FULL, Arg(("--with-pre-upgrade-notifications",), flag=True)),
            locks=False,
        ),
        "map": Action(
            apps_place.app_map,
            READ_SECONDS,
            (Arg(("-a", "--app")), Arg(("-r", "--raw"), flag=True), Arg(("-u", "--user"))),
            locks=False,
        ),
        "install": Action(
            apps.install,
            8.0,
            (
                _APP,
                Arg(("-l", "--label")),
                _ARGS,
                Arg(("-n", "--no-remove-on-failure"), flag=True),
                _FORCE,
                _ANY_VERSION,
            ),
        ),
        "remove": Action(apps.remove, 6.0, (_APP, Arg(("-p", "--purge"), flag=True))),
        "upgrade": Action(
            apps.upgrade,
            9.0,
            (
                Arg(("app",), nargs="*"),
                Arg(("-u", "--url")),
                Arg(("-f", "--file")),
                Arg(("-F", "--force"), flag=True),
                Arg(("-b", "--no-safety-backup"), flag=True),
                Arg(("-c", "--continue-on-failure"), flag=True),
                _ANY_VERSION,
            ),
        ),
        "change-url": Action(
            apps_place.change_url,
            5.0,
            (_APP, Arg(("-d", "--domain"), asked=True), Arg(("-p", "--path"), asked=True)),
        ),
        "setting": Action(
            apps_place.setting,
            READ_SECONDS,
            (_APP, Arg(("key",)), Arg(("-v", "--value")), Arg(("-d", "--delete"), flag=True)),
            locks=False,
        ),
        "shell": None,
        "register-url": Action(apps_place.register_url, 1.0, (_APP, Arg(("domain",)), Arg(("path",)))),
        "makedefault": Action(
            apps_place.make_default,
            1.6,
            (_APP, Arg(("-d", "--domain")), Arg(("-u", "--undo"), flag=True)),
        ),
        "dismiss-notification": Action(apps_place.dismiss, 1.7, (_APP, Arg(("name",)))),
        "ssowatconf": Action(apps_place.portal, 0.6),
        "change-label": Action(apps_place.change_label, 1.5, (_APP, Arg(("new_label",)))),
        "action": Category(
            {
                "list": Action(apps_config.actions, READ_SECONDS, (_APP,), locks=False),
                "run": Action(apps_config.run_action, 2.0, (_APP, Arg(("action",)), _ARGS)),
            }
        ),
        "config": Category(
            {
                "get": Action(
                    apps_config.get,
                    1.9,
                    (_APP, Arg(("key",), nargs="?"), _FULL, Arg(("-e", "--export"), flag=True)),
                    locks=False,
                ),
                "set": Action(
                    apps_config.set_values,
                    2.5,
                    (_APP, Arg(("key",), nargs="?"), Arg(("-v", "--value")), _ARGS),
                ),
            }
        ),
    }
)
