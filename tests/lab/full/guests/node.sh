#!/bin/sh
# Runs once, inside the template's Debian: the image with Python, and Node beside it (/out/node.tar.gz); and pm2 with all it
# stands on (/out/pm2.tar.gz, to be unpacked in /usr/local), for a guest that reaches no network.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get -qq update
apt-get -qq install --yes --no-install-recommends nodejs npm
mkdir -p /scratch/rootfs /scratch/pm2/lib /scratch/pm2/bin
cd /scratch/pm2
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional --cafile /authorities.crt --prefix lib pm2@6
rm -f lib/package.json lib/package-lock.json
for program in pm2 pm2-runtime; do
  ln -s "../lib/node_modules/pm2/bin/$program" "bin/$program"
done
tar --numeric-owner -czf /out/pm2.tar.gz .

cd /scratch/rootfs
tar -xzf /out/app.tar.gz
rm /out/app.tar.gz
cp -aL --parents "$(readlink -f /usr/bin/node)" .
[ -e usr/bin/node ] || ln -s "$(readlink -f /usr/bin/node)" usr/bin/node
mkdir -p usr/share/nodejs
# Modules that Debian's Node loads when it starts are packages of their own.
packages=$(dpkg-query -W -f='${Depends}\n' nodejs libnode108 | grep -o 'node-[a-z0-9-]*' | sort -u)
for module in $(dpkg -L $packages | grep '^/usr/share/nodejs/'); do
  [ ! -f "$module" ] || cp -aL --parents "$module" .
done
ldd "$(readlink -f /usr/bin/node)" | sed -n 's,.*[[:space:]]\(/[^ ]*\) (0x.*,\1,p' | sort -u | while read -r library; do
  [ -e ".$library" ] || cp --parents -L "$library" .
done
sed -i 's/OpenRC and Python of the lab/OpenRC, Python and Node of the lab/' etc/os-release
chroot . /usr/bin/node -e 'require("https")'
tar -C . --numeric-owner -czf /out/node.tar.gz .
