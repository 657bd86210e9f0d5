#!/bin/sh
# Runs once, inside the template's Debian, over which it makes a layer: a host with classic LXC, as Debian ships it.
. /host.sh
add lxc lxc-templates uidmap xz-utils nginx-light
# A web server that leads into guests; off until somebody wants it.
systemctl disable --quiet nginx.service

# What Debian gives a new container, but for AppArmor, which the kernels of this lab need not have.
cat >/etc/lxc/default.conf <<'CONFIG'
lxc.net.0.type = veth
lxc.net.0.link = lxcbr0
lxc.net.0.flags = up
lxc.apparmor.profile = unconfined
CONFIG
systemctl enable --quiet lxc-net.service lxc.service
# Addresses at once: without this each is tried for three seconds before it is given.
printf 'LXC_DHCP_CONFILE=/etc/lxc/dnsmasq.conf\n' >>/etc/default/lxc-net
printf 'no-ping\n' >/etc/lxc/dnsmasq.conf
# Its bridge is not made in a container, because most have one from outside; this one has not.
mkdir -p /etc/systemd/system/lxc-net.service.d
printf '[Unit]\nConditionVirtualization=\n' >/etc/systemd/system/lxc-net.service.d/lab.conf

# Guests that do next to nothing, in any number: what a list of many costs is measured with them.
cat >/usr/local/sbin/lab-guests <<'SCRIPT'
#!/bin/sh
# lab-guests NUMBER: guests tiny-001 and so on, running, each over the files of `old` and with one process that sleeps.
set -eu
number=0
while [ "$number" -lt "$1" ]; do
  number=$((number + 1))
  name=$(printf 'tiny-%03d' "$number")
  home=/var/lib/lxc/$name
  [ ! -d "$home" ] || continue
  mkdir -p "$home/delta0"
  cat >"$home/config" <<CONFIG
lxc.include = /usr/share/lxc/config/common.conf
lxc.uts.name = $name
lxc.arch = $(uname -m)
lxc.rootfs.path = overlay:/var/lib/lxc/old/rootfs:$home/delta0
lxc.apparmor.profile = unconfined
lxc.net.0.type = veth
lxc.net.0.link = lxcbr0
lxc.net.0.flags = up
lxc.net.0.ipv4.address = 10.0.3.$number/24
lxc.init.cmd = /bin/busybox sleep 1000000000
lxc.signal.halt = SIGKILL
CONFIG
  lxc-start -n "$name"
done
SCRIPT
chmod 0755 /usr/local/sbin/lab-guests

cat >/usr/local/sbin/lab-ready <<'SCRIPT'
#!/bin/sh
# The guest that starts with the host runs.
lxc-wait -n web -s RUNNING -t 60 && : >/run/lab-ready
SCRIPT
chmod 0755 /usr/local/sbin/lab-ready
cat >/etc/systemd/system/lab-ready.service <<'UNIT'
[Unit]
After=lxc.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/lab-ready
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --quiet lab-ready.service
