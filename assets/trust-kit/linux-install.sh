#!/bin/sh
# Lets this computer trust the certificate that lies beside this folder. As root: sudo sh linux/install.sh
# To take it back: sudo sh linux/install.sh remove
set -eu

name='@FILE@'
here=$(cd "$(dirname "$0")/.." && pwd)
certificate=$here/$name.crt

if [ "$(id -u)" != 0 ]; then
    echo "sudo sh $0" >&2
    exit 1
fi
# What is trusted is what was compared: the fingerprint stands in this file too.
if command -v openssl >/dev/null; then
    seen=$(openssl x509 -in "$certificate" -noout -fingerprint -sha256 | cut -d = -f 2)
    if [ "$seen" != '@SHA256@' ]; then
        echo "$certificate: $seen != @SHA256@" >&2
        exit 1
    fi
fi

if [ -d /usr/local/share/ca-certificates ] && command -v update-ca-certificates >/dev/null; then
    # Debian, Ubuntu, Alpine
    place=/usr/local/share/ca-certificates/$name.crt
    update='update-ca-certificates'
elif [ -d /etc/pki/ca-trust/source/anchors ]; then
    # Fedora, Red Hat, Alma, Rocky
    place=/etc/pki/ca-trust/source/anchors/$name.pem
    update='update-ca-trust extract'
elif [ -d /etc/ca-certificates/trust-source/anchors ]; then
    # Arch, Manjaro
    place=/etc/ca-certificates/trust-source/anchors/$name.crt
    update='update-ca-trust'
elif [ -d /etc/pki/trust/anchors ]; then
    # openSUSE
    place=/etc/pki/trust/anchors/$name.pem
    update='update-ca-certificates'
elif command -v trust >/dev/null; then
    # p11-kit, wherever its store is
    if [ "${1:-}" = remove ]; then trust anchor --remove "$certificate"; else trust anchor --store "$certificate"; fi
    exit 0
else
    echo 'update-ca-certificates? update-ca-trust? trust?' >&2
    exit 1
fi

if [ "${1:-}" = remove ]; then
    rm -f "$place"
else
    cp "$certificate" "$place"
    chmod 644 "$place"
fi
$update
