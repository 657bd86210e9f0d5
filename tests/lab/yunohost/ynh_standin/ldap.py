"""The directory of accounts (LDAP), where the server that is imitated has a real one."""

from __future__ import annotations

import os
import subprocess
from typing import Optional

_SUFFIX = "ou=users,dc=yunohost,dc=org"


def change(username: str, shell: str, password: Optional[str]) -> None:
    """Write what changed of an account, its password hashed as the real command does; nothing without a directory."""
    server = os.environ.get("BEFFROI_LAB_DIRECTORY")
    if not server:
        return
    changes = [f"replace: loginShell\nloginShell: {shell}\n"]
    if password:
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True
        ).stdout.strip()
        changes.append(f"replace: userPassword\nuserPassword: {{CRYPT}}{hashed}\n")
    text = f"dn: uid={username},{_SUFFIX}\nchangetype: modify\n" + "-\n".join(changes)
    command = ["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", server]
    subprocess.run(command, input=text, capture_output=True, text=True, check=True)
