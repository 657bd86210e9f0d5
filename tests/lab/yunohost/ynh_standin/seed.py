"""From a seed (what a server should hold) to the state the commands work on.

A seed is one JSON object, described in `tests/lab/README.md`; everything has a
default, so that a test names only what it is about.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from . import system_seed

Document = Dict[str, Any]

DEMO = Path(__file__).resolve().parent.parent / "seeds" / "demo.json"

ADMIN_ALIASES = ("root", "admin", "admins", "webmaster", "postmaster", "abuse")

# Accounts every Debian server with YunoHost has; their names cannot be taken.
SYSTEM_USERS = (
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
    "www-data", "backup", "list", "irc", "nobody", "_apt", "messagebus", "sshd", "openldap",
    "postfix", "dovecot", "dovenull", "vmail", "opendkim", "dnsmasq", "redis", "nslcd", "ntpsec",
)  # fmt: skip

# Groups of a Debian server that no account of the same name goes with.
SYSTEM_GROUPS = (
    "adm", "tty", "disk", "kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio",
    "dip", "operator", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff", "users", "nogroup",
    "systemd-journal", "input", "sgx", "kvm", "render", "ssl-cert", "postdrop", "crontab", "ssh.app", "sftp.app",
)  # fmt: skip

_SYSTEM_PERMISSIONS: Dict[str, Document] = {
    "mail": {"allowed": ["all_users"], "label": "Email", "protected": True},
    "sftp": {"allowed": [], "label": "SFTP", "protected": True},
    "ssh": {"allowed": ["admins"], "label": "SSH", "protected": True},
}
_VERSIONS = {
    "yunohost": "12.1.25",
    "yunohost-admin": "12.1.10",
    "yunohost-portal": "12.1.4",
    "moulinette": "12.1.3",
    "ssowat": "12.1.1",
}


def _rule(comment: str, upnp: bool) -> Document:
    return {"open": True, "upnp": upnp, "comment": comment}


_FIREWALL: Document = {
    "router_forwarding_upnp": False,
    "tcp": {
        "22": _rule("Default SSH port", True),
        "25": _rule("SMTP email server (postfix)", True),
        "80": _rule("HTTP server (nginx)", True),
        "443": _rule("HTTPS server (nginx)", True),
        "587": _rule("SMTP MSA email server (postfix)", True),
        "993": _rule("IMAP email server (dovecot)", True),
    },
    "udp": {
        "53": _rule("DNS server (dnsmasq)", False),
        "1900": _rule("UPnP services", False),
        "5353": _rule("mDNS (yunomdns)", False),
        "55354": _rule("YunoHost UPnP firewall configurator", False),
    },
}
_SUPPORTS = ("change_url", "backup_restore", "multi_instance", "config_panel", "purge")
_UPGRADE_MESSAGES = {
    "up_to_date": (
        "Force-upgrading the app (to the same version) can sometimes be useful"
        " to rebuild the app and configurations."
    ),
    "upgradable": "The app can be upgraded from version {current_version} to {new_version}",
}


def read(path: Optional[str]) -> Document:
    """The seed at `path`, or the demonstration one."""
    return json.loads(Path(path or DEMO).read_text(encoding="utf-8"))


def initial_state(seed: Document) -> Document:
    """Complete a seed into a state; see the README for the meaning of each key."""
    domains = list(seed.get("domains") or ["lab.test"])
    main_domain = seed.get("main_domain", domains[0])
    users = [_user(user, main_domain) for user in seed.get("users", [])]
    rules = copy.deepcopy(seed.get("firewall", _FIREWALL))
    return _as_old_as(seed.get("version", ""), {
        "installed": seed.get("installed", True),
        "no_catalog": seed.get("no_catalog", False),
        "password_levels": {"user": 1, "admin": 1, **seed.get("password_levels", {})},
        "system_users": sorted({*SYSTEM_USERS, *seed.get("system_users", [])}),
        "system_groups": sorted({*SYSTEM_GROUPS, *seed.get("system_groups", [])}),
        "domains": domains,
        "main_domain": main_domain,
        "users": users,
        "groups": _groups(seed.get("groups", []), [user["username"] for user in users], main_domain),
        "system_permissions": _system_permissions(seed.get("system_permissions", {})),
        "apps": [installed_app(app) for app in seed.get("apps", [])],
        "app_catalog": {name: package(name, given) for name, given in seed.get("app_catalog", {}).items()},
        "app_categories": list(seed.get("app_categories", [])),
        "app_folders": {
            path: package(given["manifest"]["id"], given)
            for path, given in seed.get("app_folders", {}).items()
        },
        "default_apps": {app["domain"]: app["id"] for app in seed.get("apps", []) if app.get("is_default")},
        "services": {name: _service(given) for name, given in seed.get("services", {}).items()},
        "units": list(seed.get("units", ["cron"])),
        "offline": seed.get("offline", False),
        "settings": dict(seed.get("settings", {})),
        "domain_settings": dict(seed.get("domain_settings", {})),
        "certificates": dict(seed.get("certificates", {})),
        "reachable": dict(seed.get("reachable", {})),
        "registrars": dict(seed.get("registrars", {})),
        "dovecot_domains": list(seed.get("dovecot_domains", domains)),
        "dyndns": list(seed.get("dyndns", [])),
        "firewall": rules,
        "firewall_loaded": {
            kind: [port for port, rule in rules[kind].items() if rule["open"]] for kind in ("tcp", "udp")
        },
        "versions": seed.get("versions")
        or {name: {"version": seed.get("version", version), "repo": "stable"} for name, version in _VERSIONS.items()},
        "backups": {name: archive(name, given) for name, given in seed.get("backups", {}).items()},
        **system_seed.state(seed),
    })


def _as_old_as(version: str, state: Document) -> Document:
    """What a server with YunoHost 11 holds otherwise; how it answers is in `older.py`."""
    if version.startswith("11."):
        del state["versions"]["yunohost-portal"]
        state["system_permissions"]["xmpp"] = {"allowed": ["all_users"], "label": "XMPP", "protected": True}
        if "nftables" in state["services"]:
            state["services"]["yunohost-firewall"] = state["services"].pop("nftables")
    return state


def first_user(state: Document, username: str, fullname: str, domain: str) -> None:
    """The domain and the administrator of a server that is being installed."""
    state["domains"], state["main_domain"] = [domain], domain
    state["users"] = [_user({"username": username, "fullname": fullname}, domain)]
    state["groups"] = _groups([], [username], domain)


def _user(given: Document, main_domain: str) -> Document:
    username = given["username"]
    return {
        "username": username,
        "fullname": given.get("fullname", username.title()),
        "mail": given.get("mail", f"{username}@{main_domain}"),
        "mail_aliases": list(given.get("mail_aliases", [])),
        "mail_forward": list(given.get("mail_forward", [])),
        "quota": given.get("quota", "0"),
        "login_shell": given.get("login_shell", "/bin/bash"),
        "mail_used_kb": given.get("mail_used_kb", 0),
        "authorized_keys": given.get("authorized_keys"),
    }


def _groups(given: List[Document], usernames: List[str], main_domain: str) -> List[Document]:
    """The groups in creation order: the three special ones exist on every server, and one per user."""
    nothing: Document = {"members": [], "mail_aliases": []}
    by_name: Dict[str, Document] = {
        "admins": {
            "members": usernames[:1],
            "mail_aliases": [f"{alias}@{main_domain}" for alias in ADMIN_ALIASES],
        },
        "all_users": {"members": list(usernames), "mail_aliases": []},
        "visitors": {"members": [], "mail_aliases": []},
    }
    for group in given:
        known = by_name.get(group["name"], nothing)
        by_name[group["name"]] = {
            "members": list(group.get("members", known["members"])),
            "mail_aliases": list(group.get("mail_aliases", known["mail_aliases"])),
        }
    for username in usernames:
        primary = by_name.setdefault(username, {"members": [], "mail_aliases": []})
        primary["members"] = [username]
    return [{"name": name, **group} for name, group in by_name.items()]


def _system_permissions(allowed: Dict[str, List[str]]) -> Dict[str, Document]:
    permissions = copy.deepcopy(_SYSTEM_PERMISSIONS)
    for name, groups in allowed.items():
        permissions[name]["allowed"] = list(groups)
    return permissions


def installed_app(given: Document) -> Document:
    """An installed app: what `app list --full` is computed from."""
    app_id = given["id"]
    manifest = _manifest(given.get("manifest", {}), app_id.split("__")[0])
    settings: Document = {
        "_permissions": {
            "main": {
                "additional_urls": [],
                "allowed": list(given.get("allowed", ["visitors", "all_users"])),
                "auth_header": True,
                "protected": False,
                "show_tile": True,
                "url": "/",
            }
        },
        "app": app_id,
        "current_revision": "?",
        "id": app_id,
        "install_dir": f"/var/www/{app_id}",
        "install_time": 1767225600,
        **given.get("settings", {}),
    }
    for key in ("domain", "path", "label"):
        if key in given:
            settings[key] = given[key]
    return {
        "id": app_id,
        "settings": settings,
        "manifest": manifest,
        "upgrade": upgrade_state(given.get("upgrade", {}), manifest["version"]),
        "from_catalog": given.get("from_catalog") or _catalog_entry(manifest),
        "logo": given.get("logo"),
        "is_default": given.get("is_default", False),
        "supports": {
            name: given.get("supports", {}).get(name, name in ("change_url", "backup_restore"))
            for name in _SUPPORTS
        },
        "panel": copy.deepcopy(given.get("panel", [])),
        "actions": dict(given.get("actions", {})),
        "package": package(manifest["id"], {**given.get("package", {}), "manifest": manifest}),
    }


def package(name: str, given: Document) -> Document:
    """What an app is installed from; an entry of the catalog is one."""
    manifest = _manifest(given.get("manifest", {}), name)
    return {
        **_catalog_entry(manifest),
        "manifest": manifest,
        "repository_missing": False,
        "sources_missing": None,
        "steps": {},
        "fails": {},
        "panel": [],
        "actions": {},
        "supports": {},
        "size": 58368,
        **{key: value for key, value in given.items() if key != "manifest"},
    }


def _manifest(given: Document, package: str) -> Document:
    return {
        "packaging_format": 2.0,
        "id": package,
        "name": package.replace("_", " ").title(),
        "description": {"en": f"{package} application"},
        "version": "1.0~ynh1",
        "maintainers": [],
        "upstream": {"license": "free"},
        "integration": {
            "yunohost": ">= 12.0.9",
            "helpers_version": "2.1",
            "architectures": "all",
            "multi_instance": True,
            "ldap": False,
            "sso": False,
            "disk": "50M",
            "ram": {"build": "50M", "runtime": "50M"},
        },
        "install": {},
        "resources": {"system_user": {}, "install_dir": {}, "permissions": {"main": {"url": "/"}}},
        "doc": {},
        "notifications": {"PRE_INSTALL": {}, "POST_INSTALL": {}, "PRE_UPGRADE": {}},
        **given,
    }


def _catalog_entry(manifest: Document) -> Document:
    package = manifest["id"]
    return {
        "added_in_catalog": 1674232499,
        "antifeatures": [],
        "branch": "master",
        "category": "synchronization",
        "featured": False,
        "git": {"branch": "master", "revision": "0" * 40, "url": f"https://code.example/{package}_ynh"},
        "high_quality": False,
        "id": package,
        "lastUpdate": 1767225600,
        "level": 8,
        "logo_hash": None,
        "maintained": True,
        "manifest": {key: value for key, value in manifest.items() if key not in ("doc", "notifications")},
        "potential_alternative_to": [],
        "state": "working",
        "subtags": [],
        "repository": "default",
    }


def upgrade_state(given: Document, version: str) -> Document:
    status = given.get("status", "up_to_date")
    new_version = given.get("new_version", version)
    message = _UPGRADE_MESSAGES.get(status, "").format(current_version=version, new_version=new_version)
    return {
        "status": status,
        "message": message,
        "url": None,
        "current_version": version,
        "new_version": new_version,
        "new_revision": "0" * 40,
        "requirements": None,
        "specific_channel": None,
        "specific_channel_message": None,
        **given,
    }


def _service(given: Document) -> Document:
    return {
        "status": given.get("status", "running"),
        "start_on_boot": given.get("start_on_boot", "enabled"),
        "last_state_change": given.get("last_state_change", "2026-01-05T06:12:44.250310+00:00"),
        "description": given.get("description", ""),
        "configuration": given.get("configuration", "unknown"),
        "journal": list(given.get("journal", [])),
        "logs": dict(given.get("logs", {})),
        "broken": given.get("broken", False),
        "own": given.get("own", True),
    }


def archive(name: str, given: Document) -> Document:
    return {
        "path": f"/home/yunohost.backup/archives/{name}.tar",
        "created_at": given.get("created_at", "2026-01-05T03:00:00+00:00"),
        "description": given.get("description", ""),
        "size": given.get("size", 0),
        **system_seed.backup(given),
    }
