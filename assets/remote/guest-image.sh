# Keeps, gives and removes images that guests are made from. Runs on a host, as root, from the place that the image was sent to:
#   sh PLACE/keep keep | check | give         sh -c THIS beffroi-image list | remove DRIVER NAME ID PROJECT
# `PLACE/spec` says which: driver, client, project, name, sha256 (of PLACE/image; empty for one that was made here: PLACE/made has
# it), compression, plan. `PLACE/metadata` is there where the image came in two files. Classic LXC has no images of its own: they
# lie in /var/lib/beffroi/images/SHA256/. `PLACE/published` is the fingerprint of one that a daemon made itself. Nothing is unpacked here. Each call may be repeated. POSIX sh with GNU or busybox tools.
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
    mkdir -p -m 700 "$store" || fail 'the folder of images could not be made'
    if [ ! -e "$store/$sha256/image" ]; then
        new=$store/.new-$sha256
        rm -rf "$new" "${store:?}/$sha256"
        mkdir -m 700 "$new" || fail 'the folder of the image could not be made'
        # The place keeps its own until the job is over: what is cut here begins again.
        ln "$here/image" "$new/image" 2>/dev/null || cp "$here/image" "$new/image" || fail 'the image could not be kept'
        printf '%s\n' "$name" >"$new/name"
        printf 'compression=%s\nprefix=%s\n' "$compression" "$prefix" >"$new/info"
        sync
        mv "$new" "$store/$sha256" || fail 'the image could not be put in its place'
    fi
    # The very image may have been there by another name.
    printf '%s\n' "$name" >"$store/$sha256/name.new" && mv "$store/$sha256/name.new" "$store/$sha256/name" || fail 'the image could not be named'
    # Another one of this name is not asked for any more.
    for old in "$store"/*; do
        [ "$(cat "$old/name" 2>/dev/null)" != "$name" ] || [ "$old" = "$store/$sha256" ] || rm -rf "$old"
    done
}

ask() {
    "$client" --project "${project:-default}" "$@" </dev/null
}

# The fingerprint that a name stands for. Names are whole: a client takes the beginning of a fingerprint for one.
print_of() {
    "$client" query "/1.0/images/aliases/$1?project=${project:-default}" 2>/dev/null </dev/null | sed -n 's/.*"target": *"\([0-9a-f]\{64\}\)".*/\1/p'
}

property() { # FINGERPRINT KEY
    ask image get-property "$1" "$2" 2>/dev/null
}

names_of() { # FINGERPRINT
    ask image info "$1" | awk '/^Aliases:/ { on = 1; next } /^[^ ]/ { on = 0 } on && $1 == "-" { print $2 }'
}

# Gives the name to an image that is there. The one that had it before is let go last: ours is removed where it has no other name.
name_it() { # FINGERPRINT
    was=$(print_of "$name")
    if [ "$was" != "$1" ]; then
        [ -z "$was" ] || { echo "$was" >"$here/was" && ask image alias delete "$name"; } || fail 'the name could not be freed'
        ask image alias create "$name" "$1" || fail 'the image could not be named'
    fi
    [ -z "$(print_of "$name.beffroi-new")" ] || ask image alias delete "$name.beffroi-new" || fail 'the name that it had meanwhile could not be taken away'
    was=$(cat "$here/was" 2>/dev/null)
    if [ -n "$was" ] && [ "$was" != "$1" ] && [ -n "$(property "$was" beffroi.sha256)$(property "$was" beffroi.plan)" ] && [ -z "$(names_of "$was")" ]; then
        ask image delete "$was" || fail 'the image that had this name before could not be removed'
    fi
    rm -f "$here/was"
}

keep_daemon() {
    ! check_daemon || {
        name_it "$(print_of "$name")"
        return 0
    }
    if [ ! -e "$here/metadata" ] && [ "$prefix" != rootfs ]; then
        rm -rf "$here/about" && mkdir "$here/about"
        printf 'architecture: %s\ncreation_date: %s\nproperties:\n  description: "%s"\n  name: "%s"\n' \
            "$(uname -m)" "$(date +%s)" "$name" "$name" >"$here/about/metadata.yaml"
        tar -C "$here/about" -czf "$here/metadata" metadata.yaml || fail 'the description of the image could not be made'
    fi
    # What an earlier try took in is taken; then under a name of its own, so that the image before stays until this one is there.
    print=$(print_of "$name.beffroi-new")
    if [ -n "$print" ] && [ "$(property "$print" beffroi.sha256)" != "$sha256" ]; then
        ask image alias delete "$name.beffroi-new" || fail 'what an earlier try left could not be removed'
        print=
    fi
    if [ -z "$print" ]; then
        said=$(ask image import $([ ! -e "$here/metadata" ] || echo "$here/metadata") "$here/image" --alias "$name.beffroi-new" "beffroi.sha256=$sha256" 2>&1)
        print=$(print_of "$name.beffroi-new")
        # The same image is there under another name, or none.
        [ -n "$print" ] || print=$(printf '%s\n' "$said" | sed -n 's/.*fingerprint[^0-9a-f]*\([0-9a-f]\{64\}\).*/\1/p' | head -n 1)
        [ -n "$print" ] && ask image show "$print" >/dev/null 2>&1 || { printf '%s\n' "$said" >&2; fail 'the image was not taken'; }
    fi
    [ "$(property "$print" beffroi.sha256)" = "$sha256" ] || ask image set-property "$print" beffroi.sha256 "$sha256" || fail 'the image could not be marked'
    name_it "$print"
}

check_daemon() {
    print=$(print_of "$name")
    [ -n "$print" ] || return 1
    if [ -n "$sha256" ]; then [ "$(property "$print" beffroi.sha256)" = "$sha256" ]; else [ "$(property "$print" beffroi.plan)" = "$plan" ]; fi
}

# Templates of Proxmox are files of a storage.
template() {
    case $compression in
        gzip) ending=tar.gz ;;
        xz) ending=tar.xz ;;
        zstd) ending=tar.zst ;;
        *) fail 'Proxmox takes templates as .tar.gz, .tar.xz or .tar.zst' ;;
    esac
    pvesm path "local:vztmpl/$name.$ending" || fail 'the storage local of Proxmox keeps no templates'
}

keep_proxmox() {
    ! check_proxmox || return 0
    [ -z "$prefix" ] && [ ! -e "$here/metadata" ] || fail 'Proxmox takes a root file system from its top on'
    to=$(template) || exit 1
    mkdir -p "${to%/*}" && cp "$here/image" "$to.beffroi-new" && sync && mv "$to.beffroi-new" "$to" || fail 'the template could not be kept'
}

check_proxmox() {
    to=$(template) || exit 1
    [ -e "$to" ] && [ "$(sha256sum <"$to" | cut -d ' ' -f 1)" = "$sha256" ]
}

# Of an image of Incus or LXD the one or two files that it is made of, in PLACE/given: `root`, `metadata`.
give_daemon() {
    rm -rf "$here/given" && mkdir "$here/given" "$here/given/all" || fail 'no folder could be made for the image'
    [ "$(print_of "$name")" = "$id" ] || fail "there is no image $name any more" 5
    ask image export "$id" "$here/given/all" >/dev/null || fail 'the image could not be given out'
    for file in "$here/given/all"/*; do
        case ${file##*/} in
            meta-*) mv "$file" "$here/given/metadata" ;;
            *) mv "$file" "$here/given/root" ;;
        esac || fail 'the image could not be given out'
    done
    rmdir "$here/given/all"
}

remove_daemon() { # NAME FINGERPRINT
    [ "$(print_of "$1")" != "$2" ] || ask image alias delete "$1" || fail 'the name could not be taken away'
    if ask image show "$2" >/dev/null 2>&1; then
        # An image that goes by other names too stays.
        [ -n "$(names_of "$2")" ] || ask image delete "$2" || fail 'the image could not be removed'
    fi
}

case ${1:-} in
    keep | check | give)
        here=${0%/*}
        . "$here/spec" || exit 1
        if [ -z "$sha256" ] && [ -e "$here/made" ]; then sha256=$(cat "$here/made"); fi
        ;;
esac
case ${1:-} in
    keep)
        if [ -e "$here/published" ]; then
            name_it "$(cat "$here/published")"
            exit 0
        fi
        look_into
        case $driver in lxc) keep_lxc ;; incus | lxd) keep_daemon ;; *) keep_proxmox ;; esac
        ;;
    check)
        case $driver in
            lxc) [ -n "$sha256" ] && [ "$(kept "$name")" = "$store/$sha256" ] ;;
            incus | lxd) check_daemon ;;
            *) check_proxmox ;;
        esac || fail 'the image is not there'
        echo "$name $sha256"
        ;;
    give)
        give_daemon
        echo 'beffroi-image 1'
        for file in root metadata; do
            [ ! -e "$here/given/$file" ] || echo "$(wc -c <"$here/given/$file") $file"
        done
        ;;
    list)
        echo 'beffroi-image 1'
        for folder in "$store"/*; do
            [ -e "$folder/image" ] || continue
            printf '%s %s %s\n' "${folder##*/}" "$(($(wc -c <"$folder/image")))" "$(cat "$folder/name")"
        done
        ;;
    remove)
        case ${3:-} in '' | *[!A-Za-z0-9._-]*) fail 'not a name' 64 ;; esac
        case ${4:-} in '' | *[!A-Za-z0-9._:/-]*) fail 'not an image' 64 ;; esac
        case $2 in
            lxc) [ "$(kept "$3")" != "$store/$4" ] || rm -rf "${store:?}/$4" || fail 'the image could not be removed' ;;
            incus) client=incus project=${5:-} && remove_daemon "$3" "$4" ;;
            lxd) client=lxc project=${5:-} && remove_daemon "$3" "$4" ;;
            proxmox) ! [ -e "$(pvesm path "$4" 2>/dev/null)" ] || pveam remove "$4" || fail 'the template could not be removed' ;;
            *) fail 'not understood' 64 ;;
        esac
        ;;
    *) fail 'not understood' 64 ;;
esac
