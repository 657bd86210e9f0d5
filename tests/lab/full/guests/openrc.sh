#!/bin/sh
# Runs once, inside the template's Debian: makes /out/openrc.tar.gz, the root file system of a guest as an operator brings it.
# BusyBox and OpenRC, started as Alpine starts them; no SSH server, no Python. And the same as an image of Incus and LXD.
set -eu
root=/scratch/rootfs
mkdir -p $root
cd $root
mkdir -p bin sbin usr/bin usr/sbin lib dev proc sys run tmp mnt root home srv opt var/log var/lib var/cache var/empty \
  usr/local/bin usr/local/sbin usr/local/lib etc/network etc/udhcpc var/spool/cron/crontabs
ln -s ../run var/run
chmod 0700 root
chmod 1777 tmp
cp /bin/busybox bin/busybox
cp -a /base/openrc/. .
for applet in $(bin/busybox --list-full); do
  [ -e "$applet" ] || ln -s /bin/busybox "$applet"
done
# OpenRC comes with the libraries that BusyBox' hosts do not have; the others are this Debian's.
for program in sbin/openrc sbin/openrc-run sbin/rc-service sbin/rc-update sbin/supervise-daemon bin/rc-status; do
  LD_LIBRARY_PATH=$root/lib/$(uname -m)-linux-gnu ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    case $library in "$root"/*) ;; *) [ -e ".$library" ] || cp --parents -L "$library" . ;; esac
  done
done
rm -f etc/init.d/sshd etc/runlevels/default/sshd sbin/init
ln -s /bin/busybox sbin/init

printf 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:2:2:daemon:/sbin:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >etc/passwd
printf 'root:*:20000::::::\ndaemon:*:20000::::::\nnobody:*:20000::::::\n' >etc/shadow
printf 'root:x:0:\ndaemon:x:2:\nuucp:x:10:\nnogroup:x:65534:\n' >etc/group
chmod 0600 etc/shadow
printf '/bin/sh\n' >etc/shells
printf 'NAME="OpenRC of the lab"\nID=busybox\nVERSION_ID=1\nPRETTY_NAME="OpenRC of the lab"\n' >etc/os-release
printf 'openrc\n' >etc/hostname
printf '127.0.0.1 localhost\n' >etc/hosts
printf 'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n  udhcpc_opts -t 5 -T 1\n' >etc/network/interfaces
cat >etc/udhcpc/default.script <<'SCRIPT'
#!/bin/sh
case $1 in
  deconfig) ip address flush dev "$interface"; ip link set "$interface" up ;;
  bound | renew)
    ip address replace "$ip/${mask:-24}" dev "$interface"
    [ -z "${router:-}" ] || ip route replace default via "${router%% *}" dev "$interface"
    [ -z "${dns:-}" ] || for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf ;;
esac
SCRIPT
chmod 0755 etc/udhcpc/default.script

cat >etc/init.d/networking <<'SERVICE'
#!/sbin/openrc-run
description="Brings the network interfaces up"
depend() { provide net; after hostname; }
start() { mkdir -p /var/run; : >/var/run/ifstate; ifup -a -f; return 0; }
stop() { ifdown -a -f; return 0; }
SERVICE
cat >etc/init.d/localmount <<'SERVICE'
#!/sbin/openrc-run
description="Mounts what /etc/fstab names"
start() { [ ! -e /etc/fstab ] || mount -a; }
SERVICE
cat >etc/init.d/syslog <<'SERVICE'
#!/sbin/openrc-run
description="Writes messages to /var/log/messages"
command=/sbin/syslogd
command_args="-n"
command_background=true
pidfile=/run/syslog.pid
depend() { provide logger; }
SERVICE
cat >etc/init.d/crond <<'SERVICE'
#!/sbin/openrc-run
description="Runs programs at set times"
command=/usr/sbin/crond
command_args="-f"
command_background=true
pidfile=/run/crond.pid
depend() { after logger; }
SERVICE
chmod 0755 etc/init.d/*
ln -s /etc/init.d/localmount etc/runlevels/boot/localmount
ln -s /etc/init.d/networking etc/runlevels/boot/networking
ln -s /etc/init.d/syslog etc/runlevels/boot/syslog
ln -s /etc/init.d/crond etc/runlevels/default/crond

# The root as it is, and unified with what Incus and LXD want to know of it.
cd /scratch
mkdir templates
printf '{{ container.name }}\n' >templates/hostname.tpl
cat >metadata.yaml <<METADATA
architecture: $(uname -m)
creation_date: 1735689600
properties: {description: OpenRC of the lab, os: busybox, release: "1"}
templates:
  /etc/hostname: {when: [create, copy], template: hostname.tpl}
METADATA
tar -C rootfs --numeric-owner -czf /out/openrc.tar.gz .
tar --numeric-owner -czf /out/openrc-unified.tar.gz metadata.yaml templates rootfs
