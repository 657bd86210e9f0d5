"""The part of the state that backups, tools, hooks, disks and the diagnosis work on."""

from __future__ import annotations

import time
from typing import Any, Dict, List

Document = Dict[str, Any]

BACKUP_PARTS = (
    "data_mail", "conf_ldap", "conf_ynh_settings", "conf_ynh_certs", "data_multimedia",
    "conf_manually_modified_files", "data_home",
)  # fmt: skip
CONFIGURED = (
    "opendkim", "nsswitch", "fail2ban", "ssl", "postgresql", "nftables", "dnsmasq", "ssh", "nslcd", "apt",
    "postfix", "slapd", "nginx", "mdns", "dovecot", "yunohost", "mysql",
)  # fmt: skip
CATEGORIES = {
    "basesystem": "Base system",
    "ip": "Internet connectivity",
    "dnsrecords": "DNS records",
    "ports": "Ports exposure",
    "web": "Web",
    "mail": "Email",
    "services": "Services status check",
    "systemresources": "System resources",
    "regenconf": "System configurations",
    "apps": "Applications",
}
"""Every category of the diagnosis and its description, in the order in which they are looked at."""

_MIGRATIONS = (
    (27, "migrate_to_bookworm", "manual", "Upgrade the system to Debian Bookworm and YunoHost 12"),
    (28, "delete_legacy_xmpp_permission", "auto", "Delete the old XMPP permissions, Metronome is now an app"),
    (29, "postgresql_13_to_15", "auto", "Migrate databases from PostgreSQL 13 to 15"),
    (30, "rebuild_python_venv_in_bookworm", "auto", "Repair Python app after bookworm migration"),
    (32, "firewall_config", "auto", "Internal firewall config file migration"),
    (33, "rework_permission_infos", "auto", "Rework the way app permissions are stored"),
    (34, "fix_missing_admins_aliases", "auto", "Fix missing mail aliases for the admins group"),
    (35, "fix_apps_nodejs_version", "auto", "Fix nodejs versions in app systemd configurations"),
)


def state(seed: Document) -> Document:
    """What the seed says of it, completed."""
    reachable = not seed.get("no_catalog", False)
    given = seed.get("diagnosis", {})
    return {
        "hooks": {"backup": list(BACKUP_PARTS), "conf_regen": list(CONFIGURED), **seed.get("hooks", {})},
        "disks": list(seed.get("disks", ["QEMU_HARDDISK_1"])),
        "backup_sizes": dict(seed.get("backup_sizes", {})),
        "failing": {"backup": [], "restore": [], "upgrade": [], "migration": [], **seed.get("failing", {})},
        "app_scripts": dict(seed.get("app_scripts", {})),
        "migration_says": dict(seed.get("migration_says", {})),
        "packages": dict(seed.get("packages", {})),
        "package_sources": {"reachable": True, "warnings": [], "dump": [], **seed.get("package_sources", {})},
        "catalog": {"source": "there" if reachable else "unreachable", **seed.get("catalog", {})},
        "packages_updated": seed.get("packages_updated", int(time.time()) - 3600),
        "catalog_updated": seed.get("catalog_updated", int(time.time()) - 3600 if reachable else None),
        "migrations": _migrations(seed),
        "pending_conf": dict(seed.get("pending_conf", {})),
        "diagnosis": {
            "found": dict(given.get("found", _found(seed))),
            "reports": dict(given.get("reports", {})),
            "filters": dict(given.get("filters", {})),
            "cached_for": {"basesystem": 600, "ip": 600, **given.get("cached_for", {})},
        },
    }


def backup(given: Document) -> Document:
    """What an archive holds."""
    return {
        "apps": dict(given.get("apps", {})),
        "system": dict(given.get("system", {})),
        "from_yunohost_version": given.get("from_yunohost_version", "12.1.25"),
        "saved": dict(given.get("saved", {})),
    }


def _migrations(seed: Document) -> List[Document]:
    """Those of the seed, or those of a new server, which has no need of any."""
    if "migrations" in seed:
        return [dict(migration) for migration in seed["migrations"]]
    return [
        {
            "id": f"{number:04}_{name}",
            "number": number,
            "name": name,
            "mode": mode,
            "state": "skipped",
            "description": description,
            "disclaimer": None,
        }
        for number, name, mode, description in _MIGRATIONS
    ]


def _found(seed: Document) -> Document:
    """What a diagnosis finds on a server that is well."""
    well: Document = {category: [] for category in CATEGORIES}
    well["ip"] = [
        {
            "meta": {"test": "ipv4"},
            "status": "SUCCESS",
            "summary": "The server is connected to the Internet through IPv4!",
        }
    ]
    well["services"] = [
        {"meta": {"service": name}, "status": "SUCCESS", "summary": f"Service {name} is running!"}
        for name in seed.get("services", {})
    ]
    return well
