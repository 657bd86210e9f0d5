# Makes an image on a host, of a guest or by debootstrap. Runs as root, from the place that it was sent to:
#   sh PLACE/make pack | publish | build
# `PLACE/spec` says of what: driver, client, project, name, plan; guest and snapshot; suite, mirror, packages, keyring, unsigned.
# What is packed or built comes to PLACE/image with its SHA-256 in PLACE/made, which guest-image.sh keeps. An image has no secret and
# no identity of the guest: see `left_out`. Each call may be repeated. POSIX sh, with GNU find and tar. Comes after guest-place.sh.

# Files of a guest that are its own: what Beffroi gave its service, the marks of what is state, keys and numbers that tell it apart.
left_out='/etc/beffroi/environment /etc/beffroi/base /etc/beffroi/strays
    /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_rsa_key.pub /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ecdsa_key.pub
    /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_dsa_key /etc/ssh/ssh_host_dsa_key.pub
    /var/lib/dbus/machine-id /var/lib/systemd/random-seed'

# One header of a tar: an empty /etc/machine-id, which systemd fills at the first start without taking it for a new system.
empty_machine_id() {
    rm -rf "$here/empty" && mkdir -p "$here/empty/etc" && : >"$here/empty/etc/machine-id" &&
        tar -C "$here/empty" --owner=0 --group=0 --mode=444 --format=ustar -cf - ./etc/machine-id | head -c 512
}

# The folder where this is run, as a tar: what is in it and nothing mounted over it, without what is left out, logs and what every
# start makes anew. `$@`: by which program, so that the ids are the guest's own.
tarred() {
    set -- "$@" sh -c '
        names=
        for one in $1; do names="$names -o -path .$one"; done
        set -f
        find . -xdev \( -path "./dev/*" -o -path "./proc/*" -o -path "./sys/*" -o -path "./run/*" -o -path "./tmp/*" -o -path "./var/tmp/*" \
            -o -path "./var/cache/apt/archives/*.deb" -o -path ./etc/machine-id -o -path "./var/log/*" -type f $names \) -prune -o ! -type s -print0 |
            tar --numeric-owner --no-recursion --null --checkpoint=20480 --checkpoint-action="echo=%u blocks of 10 KiB packed" -T - -cf -' \
        beffroi "$left_out"
    if [ -e etc/machine-id ] || [ -L etc/machine-id ]; then empty_machine_id; fi
    "$@"
}

packed() { # PROGRAM…
    { tarred "$@" || : >"$here/broken"; } | gzip >"$here/image.new" && [ ! -e "$here/broken" ] || fail 'the root could not be packed'
    sync
    mv "$here/image.new" "$here/image" && sha256sum <"$here/image" | cut -d ' ' -f 1 >"$here/made.new" && mv "$here/made.new" "$here/made" ||
        fail 'the image could not be put in its place'
    echo "packed $(wc -c <"$here/image") bytes, SHA-256 $(cat "$here/made")"
}

# The values of a key of a configuration of classic LXC.
values() { # KEY FILE
    KEY=$1 awk '{ key = $0; sub(/^[ \t]*/, "", key); sub(/[ \t]*=.*$/, "", key) }
        key == ENVIRON["KEY"] && /=/ { value = $0; sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t]+$/, "", value); print value }' "$2"
}

is_stopped() {
    [ "$(lxc-info -P "$lxcpath" -n "$guest" -sH 2>/dev/null)" = STOPPED ]
}

part_pack() {
    [ ! -e "$here/made" ] || return 0
    rm -f "$here/broken"
    case $driver in lxc) pack_lxc ;; *) pack_pct ;; esac
}

# Of a stopped guest of Proxmox, which it mounts and locks meanwhile.
pack_pct() {
    # What an earlier try mounted, where it came so far.
    [ ! -e "$here/mounted" ] || ! pct config "$guest" | grep -qx 'lock: mounted' || pct unmount "$guest" || fail "$guest could not be unmounted"
    rm -f "$here/mounted"
    [ "$(pct status "$guest")" = 'status: stopped' ] || fail "$guest runs: stop it" 3
    : >"$here/mounted"
    pct mount "$guest" >/dev/null || { rm "$here/mounted"; fail "$guest could not be mounted"; }
    trap 'cd /; ! pct unmount "$guest" || rm -f "$here/mounted"' EXIT
    cd "/var/lib/lxc/$guest/rootfs" || fail "$guest is not mounted"
    # Whose root it is on the host, is the first of its ids.
    first=$(stat -c %u .)
    set --
    [ "$first" = 0 ] || set -- lxc-usernsexec -m "u:0:$first:65536" -m "g:0:$first:65536" --
    packed "$@"
}

# Of a guest of classic LXC that is stopped, or of a snapshot.
pack_lxc() {
    lxcpath=${project:-$(lxc-config lxc.lxcpath)}
    home=$lxcpath/$guest
    if [ -n "$snapshot" ]; then config=$home/snaps/$snapshot/config; else config=$home/config; fi
    [ -f "$config" ] || fail "there is no ${snapshot:-guest} of $guest" 5
    [ -n "$snapshot" ] || is_stopped || fail "$guest runs: stop it, or name one of its snapshots" 3
    data=$(values lxc.rootfs.path "$config" | tail -n 1)
    data=${data#dir:}
    case $data in
        "$home"/*) ;;
        *) fail "the root of $guest is no folder of its own: $data" ;;
    esac
    cd "$data" 2>/dev/null && [ "$(pwd -P)" = "$data" ] || fail "$data is no folder"
    set --
    for map in $(values lxc.idmap "$config" | awk '{ print $1 ":" $2 ":" $3 ":" $4 }'); do set -- "$@" -m "$map"; done
    [ $# = 0 ] || set -- lxc-usernsexec "$@" --
    packed "$@"
    # A start meanwhile would have been packed halfway.
    [ -n "$snapshot" ] || is_stopped || { rm -f "$here/made"; fail "$guest was started meanwhile" 3; }
}

[ "$driver" = lxc ] || project=${project:-default}
ask() {
    "$client" --project "$project" "$@" </dev/null
}

# without FILE: takes it out of the copy; false where it is not there, and for no other reason.
without() {
    said=$(ask file delete "$copy$1" 2>&1) && return
    case $said in
        *[Nn]ot\ [Ff]ound* | *'does not exist'* | *[Nn]'o such file'*) return 1 ;;
    esac
    fail "$1 could not be left out: $said"
}
published() {
    ask image list "beffroi.plan=$plan" --format csv --columns F 2>/dev/null | head -n 1
}

# Removes the copy, and no guest that somebody else called so.
drop_copy() {
    ask config show "$copy" >/dev/null 2>&1 || return 0
    [ "$(ask config get "$copy" user.beffroi.copy)" = yes ] || fail "there is another guest $copy: rename it, or remove it" 3
    ask delete "$copy" --force || fail "$copy could not be removed"
}

# Of a guest of Incus or LXD: of a copy, which is never started, so that the guest itself is not touched.
part_publish() {
    copy=$guest-beffroi-image
    if [ -z "$(published)" ]; then
        # What an earlier try left may still be worked on.
        settled "$copy"
        drop_copy
        [ -n "$snapshot" ] || [ "$(ask list "^$guest\$" --format csv --columns s)" = STOPPED ] || fail "$guest runs: stop it, or name one of its snapshots" 3
        ask copy "$guest${snapshot:+/$snapshot}" "$copy" --instance-only --config user.beffroi.copy=yes || fail "$guest could not be copied"
        for file in $left_out; do
            without "$file" || :
        done
        ! without /etc/machine-id || ask file push --mode 444 - "$copy/etc/machine-id" || fail 'the number of the machine could not be left out'
        ask publish --quiet "$copy" "beffroi.plan=$plan" "description=$name" || fail 'the image could not be published'
    fi
    drop_copy
    print=$(published)
    [ -n "$print" ] || fail 'the image was not published'
    echo "$print" >"$here/published"
}

# Debian, of packages that a mirror has. In a mount namespace of its own: what it mounts goes with it, however it ends.
part_build() {
    [ ! -e "$here/made" ] || return 0
    rm -f "$here/broken"
    command -v debootstrap >/dev/null || fail 'debootstrap is not on this host: install it there (apt install debootstrap), or bring an image as a file' 5
    command -v unshare >/dev/null || fail 'unshare is not on this host: install util-linux there' 5
    case $mirror in file:///*) [ -d "${mirror#file://}/dists" ] || fail "${mirror#file://} is no mirror: it has no folder dists" 5 ;; esac
    [ -z "$keyring" ] || [ -f "$keyring" ] || fail "there is no keyring $keyring on this host" 5
    rm -rf "$here/root"
    mkdir -m 755 "$here/root" || fail 'the folder of the root could not be made'
    set -- --variant=minbase "--include=$packages"
    if [ "$unsigned" = yes ]; then set -- "$@" --no-check-gpg; else set -- "$@" --force-check-gpg; fi
    [ -z "$keyring" ] || set -- "$@" "--keyring=$keyring"
    unshare --mount --propagation private debootstrap "$@" "$suite" "$here/root" "$mirror" </dev/null || {
        tail -n 20 "$here/root/debootstrap/debootstrap.log" 2>/dev/null >&2
        fail 'debootstrap did not end well'
    }
    # What is the host's, or of this one making.
    rm -f "$here/root/etc/resolv.conf" "$here/root/etc/hostname"
    rm -rf "$here/root/debootstrap"
    case $mirror in file:*) : >"$here/root/etc/apt/sources.list" ;; esac
    cd "$here/root" || exit 1
    packed
    cd "$here" && rm -rf "$here/root"
}

case ${1:-} in
    pack | publish | build) "part_$1" ;;
    *) fail 'not understood' 64 ;;
esac
