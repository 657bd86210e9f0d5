# shellcheck shell=sh
# Read first by the recipes of hosts with guests, inside the template's Debian.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# add WORD…: installs packages, starts nothing, and leaves nothing else.
add() {
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 0755 /usr/sbin/policy-rc.d
  apt-get -qq update
  apt-get -qq install --yes --no-install-recommends "$@"
  rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/*
  apt-get clean
}

# All that systemd can count of a unit is counted from the start. On older control groups it moves every process of the host, guests
# too, whenever a unit is the first to need one more controller, and the groups of the guests are then gone from there.
mkdir -p /etc/systemd/system.conf.d
cat >/etc/systemd/system.conf.d/lab.conf <<'CONFIG'
[Manager]
DefaultCPUAccounting=yes
DefaultIOAccounting=yes
DefaultBlockIOAccounting=yes
DefaultMemoryAccounting=yes
DefaultTasksAccounting=yes
CONFIG
