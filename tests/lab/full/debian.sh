#!/bin/sh
# Runs once, inside the new Debian of the template: what every Debian host of the lab has, whatever the run.
# Nothing here is secret, and nothing belongs to one run: passwords, keys and addresses come with the container.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

printf 'en_US.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n' >/etc/locale.gen
locale-gen >/dev/null

# No devices to wait for, no terminal to log in at, and a start that is over within a second.
systemctl mask --quiet systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
  systemd-udev-trigger.service systemd-networkd-wait-online.service systemd-networkd.service \
  console-getty.service getty@.service getty-static.service \
  systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  e2scrub_reap.service sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  dev-hugepages.mount dev-mqueue.mount systemd-journal-flush.service
systemctl set-default --quiet multi-user.target
# There for those tests that start them: elsewhere nobody is banned for a password that is wrong on purpose.
systemctl disable --quiet fail2ban.service nftables.service
# The directory of accounts too: it is filled and asked where a test says so (`directory.sh`).
systemctl disable --quiet slapd.service nslcd.service
pam-auth-update --package --remove ldap
sed -i 's/ ldap$//' /etc/nsswitch.conf
# Debian's jail reads a file that only syslog would write, and names a port that nothing here knows the number of.
printf '[sshd]\nport = 22\nbackend = systemd\nbanaction = nftables\n' >/etc/fail2ban/jail.d/lab.conf

# Accounts, each a way to become root or not. They have no password here: a run gives them one.
for account in admin ops nosudo fr totp; do
  useradd --create-home --shell /bin/bash "$account"
done
# Debian has a group of that name already.
useradd --create-home --shell /bin/bash --gid users tty
cat >/etc/sudoers.d/lab <<'RULES'
admin ALL=(ALL:ALL) ALL
ops   ALL=(ALL:ALL) NOPASSWD: ALL
tty   ALL=(ALL:ALL) ALL
fr    ALL=(ALL:ALL) ALL
totp  ALL=(ALL:ALL) ALL
Defaults:tty requiretty
RULES
chmod 0440 /etc/sudoers.d/lab
# sudo and PAM speak French to this one: bash reads this file for commands that come over SSH too.
sed -i '1i export LANG=fr_FR.UTF-8 LC_ALL=fr_FR.UTF-8' /home/fr/.bashrc

# One account needs a one-time code, then its password, and takes no key. For all others sshd is as Debian ships it.
cat >/etc/ssh/sshd_config.d/lab.conf <<'CONFIG'
Match User totp
    KbdInteractiveAuthentication yes
    AuthenticationMethods keyboard-interactive
CONFIG
sed -i '1i auth [success=1 default=ignore] pam_succeed_if.so quiet user != totp\
auth required pam_oath.so usersfile=/etc/users.oath digits=6 window=5' /etc/pam.d/sshd

# Each host makes a machine id and host keys of its own.
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id
apt-get clean
