# What guest-make.sh does with classic LXC. Beside the root, in the guest's folder:
#   rootfs.new   a root that is being unpacked       rootfs.made  one that is whole and not in place yet
#   rootfs.old   the one before, until the new one is healthy
#   .beffroi/    `image` what the root was made from, `root` and `made` by which plan, `base` the moment from which on what is
#                written is state, `strays` what was written before that moment was moved, `ids` what its root's numbers stand for
# Volumes lie in PATH/.volumes/GUEST/, which goes with no guest. Comes after
# guest-place.sh.

lxcpath=${project:-$(lxc-config lxc.lxcpath 2>/dev/null)}
lxcpath=${lxcpath:-/var/lib/lxc}
home=$lxcpath/$guest
own=$home/.beffroi
volumes=$lxcpath/.volumes/$guest
store=${store:-/var/lib/beffroi/images}

# The first number of the ids that the guest's root stands for, and how many: those that it was made with; else root's own
# range, else one that is nobody's yet.
subids=${subids:-/etc}
ids() {
    range=$(cat "$own/ids" 2>/dev/null)
    [ -n "$range" ] || range=$(sed -n 's/^root:\([0-9]*\):\([0-9]*\)$/\1 \2/p' "$subids/subuid" 2>/dev/null | head -n 1)
    [ -n "$range" ] || range=$(sed -n 's/^root:\([0-9]*\):\([0-9]*\)$/\1 \2/p' "$subids/subgid" 2>/dev/null | head -n 1)
    [ -n "$range" ] || range="$(cat "$subids/subuid" "$subids/subgid" 2>/dev/null | awk -F : 'BEGIN { end = 100000 } $2 + $3 > end { end = $2 + $3 } END { print end }') 65536"
    first=${range% *} count=${range#* }
}
ids

ids_are_there() { # FILE
    awk -F : -v first="$first" -v count="$count" '$1 == "root" && $2 <= first && $2 + $3 >= first + count { found = 1 } END { exit !found }' "$1" 2>/dev/null
}

# Where newuidmap decides who may use which, root too needs a range: one that nobody else has.
part_ids() {
    for file in "$subids/subuid" "$subids/subgid"; do
        ids_are_there "$file" && continue
        ! awk -F : -v first="$first" -v count="$count" '$1 != "root" && $2 < first + count && $2 + $3 > first { found = 1 } END { exit !found }' "$file" 2>/dev/null ||
            fail "$file gives numbers from $first to $((first + count - 1)) to somebody else: give root a range of its own there, root:FIRST:65536"
        # What was written without the end of its line stays a line of its own.
        [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo >>"$file"
        echo "root:$first:$count" >>"$file" || fail "$file could not be written"
        echo "wrote root:$first:$count into $file"
    done
}

guest_exec() {
    lxc-attach -P "$lxcpath" -n "$guest" --clear-env -v PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin -v HOME=/root -- "$@"
}

guest_state() {
    if [ ! -e "$home/config" ]; then echo absent
    elif [ "$(lxc-info -P "$lxcpath" -n "$guest" -sH 2>/dev/null)" = RUNNING ]; then echo running
    else echo stopped; fi
}

guest_stop() {
    [ "$(guest_state)" != running ] || lxc-stop -P "$lxcpath" -n "$guest" -t 30 || fail 'the guest does not stop'
}

is_ours() {
    [ -d "$own" ]
}

# What everybody on the host may do with the folders of a guest. One whose root is the host's could leave a program there that
# runs as root for whoever starts it.
open_to() {
    if [ "$unprivileged" = yes ]; then echo 711; else echo 700; fi
}

part_volumes() {
    [ ! -e "$home/config" ] || is_ours || fail "a guest $guest is there that was made by somebody else" 4
    [ -d "$lxcpath" ] || mkdir -p -m 711 "$lxcpath" || fail 'the folder of guests could not be made'
    mkdir -p -m 700 "$home" && chmod "$(open_to)" "$home" && mkdir -p -m 700 "$own" || fail 'the folder of the guest could not be made'
    if [ "$unprivileged" = yes ] && [ ! -e "$own/ids" ]; then
        echo "$first $count" >"$own/ids.new" && mv "$own/ids.new" "$own/ids" || fail 'the folder of the guest could not be written'
    fi
    # From here on it is listed, and can be deleted.
    if [ ! -e "$home/config" ]; then
        printf 'lxc.uts.name = %s\nlxc.rootfs.path = dir:%s\nlxc.start.auto = 0\n' "$guest" "$home/rootfs" >"$home/config.new" &&
            mv "$home/config.new" "$home/config" || fail 'the configuration could not be written'
    fi
    mkdir -p -m 711 "$lxcpath/.volumes" "$volumes" && chmod "$(open_to)" "$volumes" ||
        fail 'the folder of volumes could not be made'
    while IFS=$tab read -r name _ _; do
        # The mark first: what is cut between the two is filled all the same.
        [ -d "$volumes/$name" ] || { : >"$volumes/.$name.empty" && mkdir "$volumes/$name"; } ||
            fail "the volume $name could not be made"
    done <"$here/volumes"
}

# The folder of the image that is asked for.
image_folder() {
    for folder in "$store"/*; do
        [ -e "$folder/image" ] || continue
        [ "$(cat "$folder/name" 2>/dev/null)" = "$image" ] || continue
        [ -z "$image_sha256" ] || [ "${folder##*/}" = "$image_sha256" ] || continue
        echo "$folder"
        return 0
    done
    return 1
}

part_root() {
    if [ -d "$home/rootfs" ] && [ -d "$own" ]; then
        # Only a rebuild takes another root, and only once.
        [ "$rebuild" = yes ] || return 0
        [ "$(cat "$own/root" 2>/dev/null)" != "$plan" ] || return 0
    fi
    if [ -d "$home/rootfs.made" ] && [ "$(cat "$own/made" 2>/dev/null)" = "$plan" ]; then return 0; fi
    # Its swap was cut short after the last step but one.
    if [ -d "$home/rootfs" ] && [ ! -d "$home/rootfs.made" ] && [ "$(cat "$own/made" 2>/dev/null)" = "$plan" ]; then return 0; fi
    [ ! -e "$home/config" ] || is_ours || fail "a guest $guest is there that was made by somebody else" 4
    from=$(image_folder) || fail "no image $image is on this host: beffroi guest image import" 5
    . "$from/info" || exit 1
    rm -f "$own/made" "$own/image.new"
    rm -rf "$home/rootfs.new" "$home/rootfs.made" "$home/rootfs.inner"
    mkdir "$home/rootfs.new" || fail 'the folder of the root could not be made'
    unpack "$from/image" || fail 'the image could not be unpacked'
    if [ -n "$prefix" ]; then
        is_folder "$home/rootfs.new/$prefix" && mv "$home/rootfs.new/$prefix" "$home/rootfs.inner" && rm -rf "$home/rootfs.new" &&
            mv "$home/rootfs.inner" "$home/rootfs.new" || fail 'the image holds no root file system'
    fi
    is_folder "$home/rootfs.new/etc" || fail 'the image holds no root file system'
    run_mapped mkdir -p dev proc sys
    printf '%s\n' "$guest" >"$own/hostname"
    run_mapped sh -c 'rm -f etc/hostname && cat >etc/hostname' <"$own/hostname" || fail 'the name of the guest could not be written'
    echo "${from##*/}" >"$own/image.new"
    # Other disks are none of its.
    sync -f "$home" 2>/dev/null || sync
    mv "$home/rootfs.new" "$home/rootfs.made" || fail 'the root could not be put aside'
    # Written last: without it the root is made anew.
    echo "$plan" >"$own/made"
    echo "unpacked $image"
}

is_folder() {
    [ -d "$1" ] && [ ! -L "$1" ]
}

# Whether a path of the root is a folder without any link on the way, which could lead out of it.
is_folder_inside() {
    at_now=$home/rootfs at_rest=${1#/}/
    while [ -n "$at_rest" ]; do
        at_now=$at_now/${at_rest%%/*} at_rest=${at_rest#*/}
        is_folder "$at_now" || return 1
    done
}

# A command in the folder of the new root, as the guest's own root.
run_mapped() {
    if [ "$unprivileged" = yes ]; then
        (cd "$home/rootfs.new" && lxc-usernsexec -m "u:0:$first:$count" -m "g:0:$first:$count" -- "$@")
    else
        (cd "$home/rootfs.new" && "$@")
    fi
}

unpack() {
    [ "$unprivileged" != yes ] || chown "$first:$first" "$home/rootfs.new" || return 1
    case $compression in
        gzip) set -- gzip -dc "$1" ;;
        xz) set -- xz -dc "$1" ;;
        zstd) set -- zstd -dcq "$1" ;;
        bzip2) set -- bzip2 -dc "$1" ;;
        squashfs) fail 'classic LXC unpacks no squashfs: bring the image as a tar' ;;
        *) set -- cat "$1" ;;
    esac
    # Devices are the host's to give.
    "$@" | run_mapped tar --numeric-owner --exclude='./dev/*' --exclude='dev/*' --exclude="${prefix:-.}/dev/*" -xpf -
}

part_swap() {
    if [ -d "$home/rootfs.made" ] && [ "$(cat "$own/made" 2>/dev/null)" = "$plan" ]; then
        guest_stop
        if [ -d "$home/rootfs" ]; then
            # What is aside already is the last that was healthy.
            if [ -d "$home/rootfs.old" ]; then rm -rf "$home/rootfs"; else mv "$home/rootfs" "$home/rootfs.old"; fi
        fi
        rm -f "$own/base" "$own/strays"
        mv "$home/rootfs.made" "$home/rootfs" || fail 'the root could not be put in its place'
    fi
    # What was cut short after it was put in its place.
    if [ -e "$own/made" ] && [ ! -d "$home/rootfs.made" ] && [ -d "$home/rootfs" ]; then
        [ ! -e "$own/image.new" ] || mv "$own/image.new" "$own/image"
        mv "$own/made" "$own/root"
    fi
    fill_volumes
}

# What the image has where a volume is new goes into it, with its owner. Not while the guest runs: it could put a link in the way.
fill_volumes() {
    while IFS=$tab read -r name at _; do
        [ -e "$volumes/.$name.empty" ] || continue
        guest_stop </dev/null
        rm -rf "$volumes/$name.new"
        if is_folder_inside "$at"; then
            cp -a "$home/rootfs$at" "$volumes/$name.new"
        else
            mkdir -m 755 "$volumes/$name.new"
            [ "$unprivileged" != yes ] || chown "$first:$first" "$volumes/$name.new"
        fi || fail "the volume $name could not be filled"
        rm -rf "${volumes:?}/$name"
        mv "$volumes/$name.new" "$volumes/$name" && rm "$volumes/.$name.empty" || fail "the volume $name could not be filled"
    done <"$here/volumes"
}

# A hardware address of this guest on this host, in the range that LXC uses.
hwaddr() {
    { cat /etc/machine-id 2>/dev/null; echo "$guest"; } | sha256sum | sed 's/^\(..\)\(..\)\(..\).*/00:16:3e:\1:\2:\3/'
}

wanted_config() {
    echo 'lxc.include = /usr/share/lxc/config/common.conf'
    if [ "$unprivileged" = yes ]; then
        echo 'lxc.include = /usr/share/lxc/config/userns.conf'
        echo "lxc.idmap = u 0 $first $count"
        echo "lxc.idmap = g 0 $first $count"
    fi
    [ "$nesting" != yes ] || echo 'lxc.include = /usr/share/lxc/config/nesting.conf'
    echo "lxc.uts.name = $guest"
    echo "lxc.rootfs.path = dir:$home/rootfs"
    echo "lxc.start.auto = $autostart"
    case $network in
        off) echo 'lxc.net.0.type = empty' ;;
        bridge)
            printf 'lxc.net.0.type = veth\nlxc.net.0.link = %s\nlxc.net.0.flags = up\nlxc.net.0.name = eth0\nlxc.net.0.hwaddr = %s\n' "$bridge" "$(hwaddr)"
            for version in 4 6; do
                case $address in *:*) is=6 ;; '') is=0 ;; *) is=4 ;; esac
                [ "$is" != "$version" ] || echo "lxc.net.0.ipv$version.address = $address"
                case $gateway in *:*) is=6 ;; '') is=0 ;; *) is=4 ;; esac
                [ "$is" != "$version" ] || echo "lxc.net.0.ipv$version.gateway = $gateway"
            done
            ;;
        # The address of a card stays the same from one start to the next.
        *) sed -n 's/^[ \t]*\(lxc\.net\..*\)/\1/p' /etc/lxc/default.conf 2>/dev/null | sed "s/\\(hwaddr[ \t]*=[ \t]*\\).*[xX].*/\\1$(hwaddr)/" ;;
    esac
    # What the host does for all, but for what needs AppArmor where there is none.
    if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
        sed -n 's/^[ \t]*\(lxc\.apparmor\..*\)/\1/p' /etc/lxc/default.conf 2>/dev/null
    fi
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        [ -z "$memory" ] || echo "lxc.cgroup2.memory.max = $memory"
        [ -z "$cpus" ] || echo "lxc.cgroup2.cpu.max = $((cpus * 100)) 100000"
    else
        [ -z "$memory" ] || echo "lxc.cgroup.memory.limit_in_bytes = $memory"
        [ -z "$cpus" ] || printf 'lxc.cgroup.cpu.cfs_period_us = 100000\nlxc.cgroup.cpu.cfs_quota_us = %s\n' "$((cpus * 100))"
    fi
    while IFS=$tab read -r name at _; do
        echo "lxc.mount.entry = $volumes/$name ${at#/} none bind,create=dir 0 0"
    done <"$here/volumes"
}

config_is_there() {
    [ -e "$home/config" ] && wanted_config | cmp -s - "$own/config" && grep -v '^# beffroi: ' "$home/config" | cmp -s - "$own/config"
}

part_config() {
    config_is_there && return 0
    if [ "$network" = host ]; then
        for link in $(sed -n 's/^[ \t]*lxc\.net\.[0-9]*\.link[ \t]*=[ \t]*//p' /etc/lxc/default.conf 2>/dev/null); do
            [ -e "/sys/class/net/$link" ] || fail "the host has no bridge $link, which /etc/lxc/default.conf names: say network.bridge, or network.off = true"
        done
    fi
    wanted_config >"$own/config.new" || fail 'the configuration could not be written'
    guest_stop
    cp "$own/config.new" "$home/config.new" && mv "$home/config.new" "$home/config" && mv "$own/config.new" "$own/config" ||
        fail 'the configuration could not be put in its place'
    echo 'wrote the configuration'
}

part_start() {
    # A guest whose root is nobody has to find its root.
    if [ "$unprivileged" = yes ]; then
        case $(stat -c %a "$lxcpath") in *[02468]) chmod o+x "$lxcpath" ;; esac
    fi
    [ "$(guest_state)" = running ] || lxc-start -P "$lxcpath" -n "$guest" -d -o "$here/start.log" -l INFO </dev/null >/dev/null 2>&1 || {
        grep -E ' (ERROR|FATAL) ' "$here/start.log" | head -n 20 >&2
        fail 'the guest does not start'
    }
    lxc-wait -P "$lxcpath" -n "$guest" -s RUNNING -t 60 || fail 'the guest does not run'
    wait_for_boot
}

strays() {
    [ ! -e "$own/strays" ] || while IFS= read -r one; do [ ! -e "$home/rootfs$one" ] || echo "$one"; done <"$own/strays" | not_in_volumes
    [ -d "$home/rootfs" ] || return 0
    [ -e "$own/base" ] || fail 'what is state in its root is not known, since it was not made to its end: end that first (beffroi guest create)' 3
    written "$home/rootfs" "$own/base" | not_in_volumes | head -n 1000
    return 0
}

# Before a part writes into a root that is in use: what is there by then is remembered.
before_change() {
    [ -e "$own/base" ] || return 0
    strays | sort -u >"$own/strays.new" && mv "$own/strays.new" "$own/strays"
    rm -f "$own/base"
}

mark_base() {
    [ -e "$own/base" ] || : >"$own/base"
}

part_done() {
    [ -e "$own/base" ] || mark_base
    { grep -v '^# beffroi: ' "$home/config"; echo "# beffroi: $digest"; } >"$home/config.new" && mv "$home/config.new" "$home/config" || fail 'the mark could not be written'
    rm -rf "$home/rootfs.old" "$home/rootfs.new" "$home/rootfs.made" "$home/rootfs.inner"
    rm -f "$own/made" "$own/image.new"
}

guest_look() {
    echo "state $(guest_state)"
    image_folder >/dev/null
    say image $?
    [ "$unprivileged" != yes ] || { ids_are_there "$subids/subuid" && ids_are_there "$subids/subgid"; }
    say ids $?
    if [ ! -e "$home/config" ] && [ ! -d "$own" ]; then
        echo 'guest absent'
        return 0
    fi
    is_ours || {
        echo 'guest foreign'
        return 0
    }
    missing=0
    while IFS=$tab read -r name _ _; do [ -d "$volumes/$name" ] && [ ! -e "$volumes/.$name.empty" ] || missing=1; done <"$here/volumes"
    say volumes $missing
    if [ ! -d "$home/rootfs" ]; then echo 'root absent'
    elif [ -e "$own/made" ] && [ ! -d "$home/rootfs.made" ]; then echo 'root cut'
    elif from=$(image_folder) && [ "${from##*/}" = "$(cat "$own/image" 2>/dev/null)" ]; then echo 'root same'
    else echo 'root differs'; fi
    config_is_there
    say config $?
    grep -qxF "# beffroi: $digest" "$home/config" 2>/dev/null && [ ! -d "$home/rootfs.old" ]
    say mark $?
}
