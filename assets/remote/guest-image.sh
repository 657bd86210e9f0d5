# Keeps and removes images that guests are made from. Runs on a host, as root, from the place that the image was sent to:
#   sh PLACE/keep keep | check         sh -c THIS beffroi-image list | remove NAME
# `PLACE/spec` says which: driver, client, project, name, sha256 (of PLACE/image), prefix, compression. `PLACE/metadata` is there
# where the image came in two files. Classic LXC has no images of its own: they lie in /var/lib/beffroi/images/SHA256/. Nothing
# is unpacked here. Each call may be repeated. POSIX sh with GNU or busybox tools.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export PATH LC_ALL=C
store=/var/lib/beffroi/images
fail() {
    echo "beffroi-image: $1" >&2
    exit "${2:-1}"
}

# The folder of an image of classic LXC.
kept() {
    for folder in "$store"/*; do
        if [ -e "$folder/image" ] && [ "$(cat "$folder/name" 2>/dev/null)" = "$1" ]; then
            echo "$folder"
            return 0
        fi
    done
    return 1
}

names() {
    case $compression in
        gzip) gzip -dc "$1" ;;
        xz) xz -dc "$1" ;;
        zstd) zstd -dcq "$1" ;;
        bzip2) bzip2 -dc "$1" ;;
        *) cat "$1" ;;
    esac 2>/dev/null | tar -tf - 2>/dev/null | sed 's,^\./,,' | head -n 200000
}

# Before anything is made of it: no name leads out, and where its root begins.
look_into() {
    [ "$(sha256sum <"$here/image" | cut -d ' ' -f 1)" = "$sha256" ] || fail 'what lies there is not what was sent'
    if [ "$compression" = squashfs ]; then
        prefix=
        return 0
    fi
    names "$here/image" >"$here/names"
    [ -s "$here/names" ] || fail 'the image is no archive that this host can read'
    ! grep -qE '^/|(^|/)\.\.(/|$)' "$here/names" || fail 'a name in the image leads out of it'
    if grep -q '^rootfs/' "$here/names"; then prefix=rootfs
    elif grep -qE '^etc/?$' "$here/names"; then prefix=
    else fail 'the image holds no root file system'; fi
}

keep_lxc() {
    [ "$compression" != squashfs ] || fail 'classic LXC unpacks no squashfs: bring the image as a tar'
    new=$store/.new-$sha256
    rm -rf "$new"
    mkdir -p -m 700 "$store" && mkdir -m 700 "$new" || fail 'the folder of images could not be made'
    # The place keeps its own until the job is over: what is cut here begins again.
    ln "$here/image" "$new/image" 2>/dev/null || cp "$here/image" "$new/image" || fail 'the image could not be kept'
    printf '%s\n' "$name" >"$new/name"
    printf 'compression=%s\nprefix=%s\n' "$compression" "$prefix" >"$new/info"
    sync
    # Another one of this name is not asked for any more.
    while old=$(kept "$name") && [ "$old" != "$store/$sha256" ]; do rm -rf "$old"; done
    rm -rf "${store:?}/$sha256"
    mv "$new" "$store/$sha256" || fail 'the image could not be put in its place'
}

ask() {
    "$client" --project "${project:-default}" "$@" </dev/null
}

keep_daemon() {
    ! check_daemon || return 0
    if [ ! -e "$here/metadata" ] && [ "$prefix" != rootfs ]; then
        rm -rf "$here/made" && mkdir "$here/made"
        printf 'architecture: %s\ncreation_date: %s\nproperties:\n  description: "%s"\n  name: "%s"\n' \
            "$(uname -m)" "$(date +%s)" "$name" "$name" >"$here/made/metadata.yaml"
        tar -C "$here/made" -czf "$here/metadata" metadata.yaml || fail 'the description of the image could not be made'
    fi
    ! ask image alias list --format csv 2>/dev/null | grep -q "^$name," || ask image alias delete "$name" || fail 'the name could not be freed'
    said=$(ask image import $([ ! -e "$here/metadata" ] || echo "$here/metadata") "$here/image" --alias "$name" "beffroi.sha256=$sha256" 2>&1) || {
        # The same image is there under no name.
        print=$(printf '%s\n' "$said" | sed -n 's/.*fingerprint[^0-9a-f]*\([0-9a-f]\{64\}\).*/\1/p')
        [ -n "$print" ] && ask image alias create "$name" "$print" || { printf '%s\n' "$said" >&2; fail 'the image was not taken'; }
    }
    print=$(ask image info "$name" | sed -n 's/^Fingerprint: *//p')
    ask image set-property "$print" beffroi.sha256 "$sha256" 2>/dev/null
    ask image show "$print" >/dev/null || fail 'the image is not there'
}

check_daemon() {
    print=$(ask image info "$name" 2>/dev/null | sed -n 's/^Fingerprint: *//p')
    [ -n "$print" ] && [ "$(ask image get-property "$print" beffroi.sha256 2>/dev/null)" = "$sha256" ]
}

case ${1:-} in
    keep)
        here=${0%/*}
        . "$here/spec" || exit 1
        look_into
        case $driver in lxc) keep_lxc ;; incus | lxd) keep_daemon ;; *) fail 'this driver keeps no images' ;; esac
        ;;
    check)
        here=${0%/*}
        . "$here/spec" || exit 1
        case $driver in
            lxc) [ "$(kept "$name")" = "$store/$sha256" ] ;;
            *) check_daemon ;;
        esac || fail 'the image is not there'
        echo "$name $sha256"
        ;;
    list)
        echo 'beffroi-image 1'
        for folder in "$store"/*; do
            [ -e "$folder/image" ] || continue
            printf '%s %s %s\n' "${folder##*/}" "$(($(du -k "$folder/image" | cut -f 1) * 1024))" "$(cat "$folder/name")"
        done
        ;;
    remove)
        case ${2:-} in '' | *[!A-Za-z0-9._-]*) fail 'not a name' 64 ;; esac
        while old=$(kept "$2"); do rm -rf "$old" || fail 'the image could not be removed'; done
        for client in incus lxc; do
            command -v "$client" >/dev/null 2>&1 || continue
            if ask image info "$2" >/dev/null 2>&1; then ask image delete "$2" || fail 'the image could not be removed'; fi
        done
        ;;
    *) fail 'not understood' 64 ;;
esac
