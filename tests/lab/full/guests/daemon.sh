#!/bin/sh
# Runs once, inside the template's Debian, over which it makes a layer: a host with the daemon $1, incus or lxd.
. /host.sh
case $1 in
  incus)
    # Incus came after this Debian: its packages are in the backports. Only in here, and only for what is named.
    . /etc/os-release
    mirror=$(sed -n 's/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list | head -n 1)
    printf 'deb %s %s-backports main\n' "$mirror" "$VERSION_CODENAME" >/etc/apt/sources.list.d/backports.list
    add -t "$VERSION_CODENAME-backports" incus-base incus-client
    add dnsmasq-base uidmap xz-utils
    group=incus-admin client=incus init='incus admin init' bridge=incusbr0 network=10.0.4.1/24 ;;
  lxd)
    add lxd lxd-client dnsmasq-base uidmap xz-utils
    group=lxd client=lxc init='lxd init' bridge=lxdbr0 network=10.0.5.1/24 ;;
esac
# A view of /proc for guests that no guest here needs; it takes seconds of each start.
[ ! -e /lib/systemd/system/lxcfs.service ] || systemctl mask --quiet lxcfs.service
# The socket is within reach of ops; admin has to become root first.
adduser --quiet ops "$group"

cat >/usr/local/sbin/lab-ready <<SCRIPT
#!/bin/sh
# At the first boot: the daemon's own bridge and storage, an image, and a guest that runs from then on.
set -eu
cd /
if ! $client image info openrc >/dev/null 2>&1; then
  $init --preseed <<PRESEED
networks:
- name: $bridge
  type: bridge
  config: {ipv4.address: $network, ipv4.nat: "true", ipv6.address: none}
storage_pools:
- name: default
  driver: dir
profiles:
- name: default
  config: {}
  devices:
    root: {path: /, pool: default, type: disk}
    eth0: {name: eth0, network: $bridge, type: nic}
PRESEED
  $client image import --quiet /var/lib/lab/openrc.tar.gz --alias openrc
  $client launch --quiet openrc web --config boot.autostart=true
fi
until [ "\$($client list web --format csv --columns s)" = RUNNING ]; do sleep 0.1; done
: >/run/lab-ready
SCRIPT
chmod 0755 /usr/local/sbin/lab-ready
cat >/etc/systemd/system/lab-ready.service <<UNIT
[Unit]
After=$1.service $1.socket
Requires=$1.service
[Service]
Type=oneshot
Environment=HOME=/root
ExecStart=/usr/local/sbin/lab-ready
TimeoutStartSec=60
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --quiet lab-ready.service
