#!/bin/sh
# Runs once, inside the template's Debian: the OpenRC image with Python and pip (/out/app.tar.gz), and wheels of Flask, of
# waitress and of what they stand on (/out/wheels), for a guest that reaches no network.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get -qq update
apt-get -qq install --yes --no-install-recommends python3-pip
python3 -m pip --cert /authorities.crt download --quiet --disable-pip-version-check --only-binary :all: \
  --dest /out/wheels flask waitress pip
mkdir -p /scratch/rootfs
cd /scratch/rootfs
tar -xzf /out/openrc.tar.gz
rm /out/openrc.tar.gz

python=$(readlink -f /usr/bin/python3)
mkdir -p usr/lib/python3/dist-packages
cp -a --parents "$python" /usr/bin/python3 "/usr/lib/${python##*/}" .
rm -rf "usr/lib/${python##*/}/EXTERNALLY-MANAGED" "usr/lib/${python##*/}/test"
find usr/lib -name __pycache__ -type d -exec rm -rf {} +
python3 -m zipfile -e /out/wheels/pip-*.whl usr/lib/python3/dist-packages
find "$python" "/usr/lib/${python##*/}/lib-dynload" -type f | xargs ldd |
  sed -n 's,.*[[:space:]]\(/[^ ]*\) (0x.*,\1,p' | sort -u | while read -r library; do
  [ -e ".$library" ] || cp --parents -L "$library" .
done
sed -i 's/OpenRC of the lab/OpenRC and Python of the lab/' etc/os-release
chroot . /usr/bin/python3 -c 'import ssl, sqlite3, zlib, ctypes'
tar -C . --numeric-owner -czf /out/app.tar.gz .
