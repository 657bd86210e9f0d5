# What was written into a root after a moment, for texts that keep, replace or restore one. The text is also run in guests.
written_text='
# written FOLDER MOMENT: the paths of files and links below a folder that were written after a file was, from the folder on; not what
# every system writes for itself. Where nothing tells when a file was last changed, when it was last written has to do.
written() {
    newer=-cnewer
    find "$2" -cnewer "$2" >/dev/null 2>&1 || newer=-newer
    (cd "$1" && find . -xdev \( -path ./dev -o -path ./proc -o -path ./sys -o -path ./run -o -path ./tmp -o -path ./var/tmp \
        -o -path ./var/cache -o -path ./var/run -o -path ./var/lock -o -path ./var/lib/systemd -o -path ./var/lib/misc \
        -o -path ./lib/rc/cache -o -name __pycache__ \) -prune -o \( -type f -o -type l \) "$newer" "$2" -print 2>/dev/null) | sed "s/^\.//" |
        head -n 100000 | grep -vxE "/etc/(resolv\.conf|mtab|hostname|hosts|machine-id|adjtime|\.updated|ld\.so\.cache|\.pwd\.lock)|/var/\.updated|/root/\.(ash|bash)_history|/var/lib/dbus/machine-id|/var/lib/dhcp.*/.*|/var/spool/cron/crontabs/?"
    return 0
}
'
eval "$written_text"
