#!/usr/bin/env python3
"""`yunohost` on a Debian of the full tier: the stand-in, whose settings of SSH count here.

The stand-in answers and remembers; what its settings say of SSH is then given to this machine's own server, as YunoHost does:
the port, and whether passwords are taken; and passwords of users go into the directory, where the machine has one
(`directory.sh`). A reboot is one. Lies at /usr/bin/yunohost, beside the stand-in in /opt/standin.
"""

import os
import runpy
import subprocess
import sys

SSH = {
    "security.ssh.ssh_port": lambda value: f"Port {value}",
    "security.ssh.ssh_password_authentication": lambda value: f"PasswordAuthentication {value}",
}


def apply(key, value):
    line = SSH[key](value)
    with open(f"/etc/ssh/sshd_config.d/00-{key}.conf", "w", encoding="utf-8") as file:
        file.write(line + "\n")
    subprocess.run(["systemctl", "restart", "ssh"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


os.environ.update(BEFFROI_LAB_STATE="/var/lib/standin", BEFFROI_LAB_SPEED="0", BEFFROI_ROOT="/")
if os.path.exists("/etc/ldap/slapd.conf"):
    os.environ.update(BEFFROI_LAB_DIRECTORY="ldapi:///", BEFFROI_LAB_SEED="/etc/ldap/accounts.json")
words = list(sys.argv[1:])
try:
    runpy.run_path("/opt/standin/bin/yunohost", run_name="__main__")
finally:
    if words[:2] == ["tools", "reboot"]:
        subprocess.run(["systemctl", "reboot"], check=False)
    if words[:2] == ["settings", "set"] and words[2] in SSH:
        value = [word for word in words[3:] if not word.startswith("-")][0]
        apply(words[2], value)
