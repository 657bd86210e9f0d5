"""The table of commands about a server itself: domains, settings, services and the firewall."""

from __future__ import annotations

from . import certificates, domains, dyndns, firewall, server, services, settings
from .grammar import Action, Arg, Category, Pattern
from .pacing import READ_SECONDS

DOMAIN_REGEX = r"([^\W_A-Z]+([-]*[^\W_A-Z]+)*\.)+((xn--)?[^\W_]{2,})$"
DOMAIN = Pattern("^" + DOMAIN_REGEX, "Must be a valid domain name (e.g. my-domain.org)")
PASSWORD = Pattern(r"^.{3,}$", "Must be at least 3 characters long")
_PORT = Pattern(
    r"((^|(?!\A):)([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])){1,2}?$",
    "Must be a valid port number (i.e. 0-65535) or range of ports (e.g. 100:200)",
)

_NAME = Arg(("domain",), pattern=DOMAIN)
_RECOVERY = Arg(("-p", "--recovery-password"), nargs="?", const=0, pattern=PASSWORD)
_DYNDNS_PASSWORD = Arg(("--dyndns-recovery-password",), nargs="?", const=0, pattern=PASSWORD)
_IGNORE_DYNDNS = Arg(("--ignore-dyndns",), flag=True)
_FORCE = Arg(("--force",), flag=True)
_FULL = Arg(("-f", "--full"), flag=True)
_EXPORT = Arg(("-e", "--export"), flag=True)
_KEY = Arg(("key",), nargs="?")
_VALUES = (Arg(("-v", "--value")), Arg(("-a", "--args")))
_DOMAINS = Arg(("domain_list",), nargs="*")
_NO_CHECKS = Arg(("--no-checks",), flag=True)

DOMAINS = Category(
    {
        "list": Action(server.domains, READ_SECONDS, (Arg(("--exclude-subdomains",), flag=True),), locks=False),
        "info": Action(domains.info, 2.0, (_NAME,), locks=False),
        "add": Action(
            domains.add,
            16.0,
            (_NAME, _IGNORE_DYNDNS, _DYNDNS_PASSWORD, Arg(("--install-letsencrypt-cert",), flag=True)),
        ),
        "remove": Action(
            domains.remove,
            14.0,
            (
                _NAME,
                Arg(("-r", "--remove-apps"), flag=True),
                Arg(("-f", "--force"), flag=True),
                _IGNORE_DYNDNS,
                _DYNDNS_PASSWORD,
            ),
        ),
        "main-domain": Action(
            domains.main_domain, 20.0, (Arg(("-n", "--new-main-domain"), pattern=DOMAIN),)
        ),
        "url-available": Action(domains.url_available, 1.3, (_NAME, Arg(("path",))), locks=False),
        "action-run": None,
        "dyndns": Category(
            {
                "subscribe": Action(dyndns.subscribe, 1.0, (_NAME, _RECOVERY)),
                "unsubscribe": Action(dyndns.unsubscribe, 1.0, (_NAME, _RECOVERY)),
                "set-recovery-password": Action(
                    dyndns.set_recovery_password,
                    1.0,
                    (_NAME, Arg(("-p", "--recovery-password"), asked=True, pattern=PASSWORD)),
                ),
            }
        ),
        "config": Category(
            {
                "get": Action(
                    domains.config_get, 2.5, (Arg(("domain",)), _KEY, _FULL, _EXPORT), locks=False
                ),
                "set": Action(domains.config_set, 3.2, (Arg(("domain",)), _KEY, *_VALUES)),
            }
        ),
        "dns": Category(
            {
                "suggest": Action(domains.dns_suggest, 1.0, (_NAME,), locks=False),
                "push": Action(
                    domains.dns_push,
                    2.0,
                    (_NAME, Arg(("-d", "--dry-run"), flag=True), _FORCE, Arg(("--purge",), flag=True)),
                ),
            }
        ),
        "cert": Category(
            {
                "status": Action(
                    certificates.status, 0.7, (_DOMAINS, Arg(("--full",), flag=True)), locks=False
                ),
                "install": Action(
                    certificates.install,
                    9.0,
                    (_DOMAINS, _FORCE, _NO_CHECKS, Arg(("--self-signed",), flag=True)),
                ),
                "renew": Action(
                    certificates.renew, 9.0, (_DOMAINS, _FORCE, Arg(("--email",), flag=True), _NO_CHECKS)
                ),
            }
        ),
    }
)
DYNDNS = Category(
    {
        "subscribe": None,
        "update": Action(
            dyndns.update,
            0.6,
            (
                Arg(("-d", "--domain"), pattern=DOMAIN),
                Arg(("-f", "--force"), flag=True),
                Arg(("-D", "--dry-run"), flag=True),
            ),
        ),
    }
)
SETTINGS = Category(
    {
        "list": Action(settings.list_all, 1.6, (_FULL,), locks=False),
        "get": Action(settings.get, 1.0, (Arg(("key",)), _FULL, _EXPORT), locks=False),
        "set": Action(settings.set_values, 2.4, (_KEY, *_VALUES)),
        "reset-all": Action(settings.reset_all, 2.6),
        "reset": Action(settings.reset, 2.6, (Arg(("key",)),)),
    }
)
_SERVICES = Arg(("names",), nargs="+")
SERVICES = Category(
    {
        "add": Action(
            services.add,
            0.5,
            (
                Arg(("name",)),
                Arg(("-d", "--description")),
                Arg(("-l", "--log"), nargs="+"),
                Arg(("--test_status",)),
                Arg(("--test_conf",)),
                Arg(("--needs_exposed_ports",), nargs="+"),
                Arg(("-n", "--need_lock"), flag=True),
            ),
        ),
        "remove": Action(services.remove, 0.4, (Arg(("name",)),)),
        "start": Action(services.start, 2.0, (_SERVICES,)),
        "stop": Action(services.stop, 2.0, (_SERVICES,)),
        "reload": Action(services.reload, 0.6, (_SERVICES,)),
        "restart": Action(services.restart, 2.0, (_SERVICES,)),
        "reload_or_restart": Action(services.reload_or_restart, 0.7, (_SERVICES,)),
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
_PORT_ARG = Arg(("port",), pattern=_PORT)
_PROTOCOL = Arg(("-p", "--protocol"), choices=("tcp", "udp"), default="tcp")
_NO_RELOAD = Arg(("--no-reload",), flag=True)
FIREWALL = Category(
    {
        "list": Action(
            firewall.list_rules,
            READ_SECONDS,
            (Arg(("-r", "--raw"), flag=True), _PROTOCOL, Arg(("-f", "--forwarded"), flag=True)),
            locks=False,
        ),
        "is-open": Action(firewall.is_open, READ_SECONDS, (_PORT_ARG, _PROTOCOL), locks=False),
        "open": Action(
            firewall.open_port,
            4.0,
            (_PORT_ARG, _PROTOCOL, Arg(("comment",)), Arg(("--upnp",), flag=True), _NO_RELOAD),
        ),
        "close": Action(
            firewall.close_port,
            4.0,
            (_PORT_ARG, _PROTOCOL, Arg(("--upnp-only",), flag=True), _NO_RELOAD),
        ),
        "delete": Action(firewall.delete_port, 4.0, (_PORT_ARG, _PROTOCOL, _NO_RELOAD)),
        "allow": None,
        "disallow": None,
        "upnp": Action(
            firewall.upnp,
            12.0,
            (
                Arg(("action",), nargs="?", choices=("enable", "disable", "status"), default="status"),
                Arg(("--no-refresh",), flag=True),
            ),
        ),
        "reload": Action(firewall.reload, 3.6, (Arg(("--skip-upnp",), flag=True),)),
        "stop": None,
    }
)
