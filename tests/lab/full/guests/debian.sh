#!/bin/sh
# Runs once, inside the template's Debian: a small Debian that systemd starts, as the images that people publish are made:
# /out/debian-rootfs.tar.xz, to which classic LXC takes debian-meta.tar.xz, and Incus and LXD debian-metadata.tar.xz;
# and for these two also unified.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
. /etc/os-release
mirror=$(sed -n 's/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list | head -n 1)
apt-get -qq update
apt-get -qq install --yes --no-install-recommends debootstrap xz-utils
mkdir /scratch
cd /scratch
debootstrap --variant=minbase --include=systemd-sysv,udev,dbus,iproute2 "$VERSION_CODENAME" rootfs "$mirror"
rm -rf rootfs/var/cache/apt/* rootfs/var/lib/apt/lists/* rootfs/usr/share/doc/* rootfs/usr/share/man/* rootfs/usr/share/locale/* \
  rootfs/usr/share/info/* rootfs/var/log/* rootfs/var/lib/dbus/machine-id
: >rootfs/etc/machine-id
: >rootfs/etc/resolv.conf
printf 'debian\n' >rootfs/etc/hostname
printf '127.0.0.1 localhost\n' >rootfs/etc/hosts
printf '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' >rootfs/etc/systemd/network/eth0.network
chroot rootfs systemctl enable --quiet systemd-networkd.service
chroot rootfs systemctl mask --quiet systemd-networkd-wait-online.service console-getty.service getty@.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount

tar -C rootfs --numeric-owner -c . | xz -1 -T0 >/out/debian-rootfs.tar.xz
mkdir templates
printf '{{ container.name }}\n' >templates/hostname.tpl
cat >metadata.yaml <<METADATA
architecture: $(uname -m)
creation_date: 1735689600
properties: {description: Debian $VERSION_CODENAME of the lab, os: debian, release: $VERSION_CODENAME}
templates:
  /etc/hostname: {when: [create, copy], template: hostname.tpl}
METADATA
tar --numeric-owner -cJf /out/debian-metadata.tar.xz metadata.yaml templates
tar --numeric-owner -c metadata.yaml templates rootfs | gzip -1 >/out/debian-unified.tar.gz
mkdir meta
cd meta
printf 'lxc.include = LXC_TEMPLATE_CONFIG/common.conf\nlxc.arch = %s\n' "$(uname -m)" >config
cp config config-user
printf 'Debian of the lab, without an account that has a password.\n' >create-message
printf '/etc/hostname\n/etc/hosts\n' >templates
printf '%s\n' 4294967295 >expiry
tar --numeric-owner -cJf /out/debian-meta.tar.xz .
