#!/bin/sh
# Lets this Mac trust the certificate that lies beside this folder. Asks for an administrator's password.
# To take it back: sh macos/install.command remove
set -eu

name='@FILE@'
here=$(cd "$(dirname "$0")/.." && pwd)
certificate=$here/$name.crt

if [ "${1:-}" = remove ]; then
    sudo security remove-trusted-cert -d "$certificate"
    sudo security delete-certificate -Z '@SHA1PLAIN@' /Library/Keychains/System.keychain
else
    sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain "$certificate"
fi
