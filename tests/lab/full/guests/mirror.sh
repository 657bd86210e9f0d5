#!/bin/sh
# Runs once, inside the template's Debian: a mirror (/out/mirror) that has what the smallest Debian of its own suite is made of, with
# systemd and nothing else, signed by a key of its own (/out/mirror.gpg); and debootstrap as packages (/out/tools), with what it stands
# on, for a host that reaches no network. /out/mirror/suite says which suite it is.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get -qq update
mkdir -p /out/tools/partial
apt-get -qq install --yes --no-install-recommends --download-only -o Dir::Cache::archives=/out/tools debootstrap wget
rm -rf /out/tools/partial /out/tools/lock
apt-get -qq install --yes --no-install-recommends debootstrap apt-utils gpg gpg-agent
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
from=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
architecture=$(dpkg --print-architecture)
packages=$(debootstrap --print-debs --variant=minbase --include=systemd-sysv "$suite" /scratch "$from" | grep -v "^[A-Z]: ")
mkdir -p "/out/mirror/pool" "/out/mirror/dists/$suite/main/binary-$architecture"
cd /out/mirror/pool
# The package manager reads them as a user of its own.
chmod 777 .
apt-get download $packages
chmod 755 .
cd /out/mirror
apt-ftparchive packages pool >"dists/$suite/main/binary-$architecture/Packages"
gzip -k "dists/$suite/main/binary-$architecture/Packages"
cd "dists/$suite"
apt-ftparchive -o "APT::FTPArchive::Release::Suite=$suite" -o "APT::FTPArchive::Release::Codename=$suite" \
  -o "APT::FTPArchive::Release::Components=main" -o "APT::FTPArchive::Release::Architectures=$architecture" release . >/Release
mv /Release Release
export GNUPGHOME=/root/.gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-gen-key 'Mirror of the lab <mirror@lab.test>' ed25519 sign never
gpg --batch --quiet --armor --detach-sign --output Release.gpg Release
gpg --batch --quiet --clearsign --output InRelease Release
gpg --batch --quiet --export >/out/mirror.gpg
echo "$suite" >/out/mirror/suite
