#!/bin/bash
# Stands for lxc-attach: "-n NAME --clear-env -- COMMAND..." runs the command right here, with nothing of the environment, with
# the shell of %DIR%/tools and what is in %PATH%, and where no sftp-server is found.
while [ "$1" != -- ]; do shift; done
shift
usual=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
words=()
for word; do
    word=${word//\/sftp-server/\/no-such-server}
    word=${word//"$usual"/PATH=%PATH%}
    word=${word//HOME=\/root/HOME=%DIR%\/home}
    words+=("${word//\/bin\/sh/%DIR%\/tools\/sh}")
done
exec env -i "${words[@]}"
