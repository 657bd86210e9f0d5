# What guest-make.sh does with Proxmox VE, as root on the machine that has the container. A root is made as a container of its own
# beside the one that is there, from a template, called GUEST-beffroi-new, with the number that the plan chose. It takes the other
# one's place by its name: mount points go over to it (`pct move-volume`, which moves no root), the one before is called
# GUEST-beffroi-old until the new one is healthy. So a rebuilt guest has another number. A volume is a mount point, and known by
# where it is mounted. Its description says what it was made of (`beffroi-image`, `beffroi-plan`), a tag the specification. Comes after
# guest-place.sh.

# One that is there is given by its number, which it does not keep.
case $guest in
    *[!0-9]*) name=$guest ;;
    *)
        [ -s "$here/name" ] || { config "$guest" hostname >"$here/name.new" && mv "$here/name.new" "$here/name"; }
        name=$(cat "$here/name")
        [ -n "$name" ] || fail "there is no container $guest, and a guest to be made is given a name, not a number" 4
        ;;
esac
new=$name-beffroi-new
old=$name-beffroi-old

# The number of the container that is called so.
called() { # NAME
    for one in "$guest" "$number" $(pct list </dev/null | awk -v name="$1" 'NR > 1 && $NF == name { print $1 }'); do
        case $one in *[!0-9]*) continue ;; esac
        [ "$(config "$one" hostname)" != "$1" ] || { echo "$one" && return 0; }
    done
    return 1
}
id=$(called "$name") || id=

noted() { # ID WHAT
    config "$1" description | sed 's/%0A/\n/g' | sed -n "s/^beffroi-$2=//p"
}

guest_exec() {
    pct exec "$id" --keep-env 0 -- /bin/sh -c 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root; exec "$@"' sh "$@"
}

guest_state() {
    if [ -z "$id" ]; then echo absent; else state_of "$id"; fi
}

stop() { # ID
    [ "$(state_of "$1")" != running ] || pct shutdown "$1" --timeout 30 --forceStop 1 </dev/null || fail "container $1 does not stop"
}

destroy() { # ID, of ours, with what it holds
    follow "$1"
    [ -z "$(config "$1" lock)" ] || pct unlock "$1" </dev/null || return 1
    stop "$1"
    pct destroy "$1" --purge 1 --destroy-unreferenced-disks 1 </dev/null
}

is_ours() {
    [ -n "$(noted "$id" image)" ]
}

refuse_foreign() {
    [ -z "$id" ] || is_ours || fail "a guest $name is there that was made by somebody else" 4
}

# The storage that roots and volumes are made in: the first one that takes them.
pool=$(pvesm status --content rootdir </dev/null 2>/dev/null | awk 'NR > 1 && $3 == "active" { print $1; exit }')
[ -n "$pool" ] || fail 'no storage of this machine takes containers'

# What is asked for among the templates: its volume, and the SHA-256 of its file.
template() {
    [ -z "${template-}" ] || return 0
    for storage in $(pvesm status --content vztmpl </dev/null 2>/dev/null | awk 'NR > 1 && $3 == "active" { print $1 }'); do
        for one in $(pvesm list "$storage" --content vztmpl </dev/null 2>/dev/null | awk 'NR > 1 { print $1 }'); do
            case ${one##*/} in "$image" | "$image".tar | "$image".tar.*) ;; *) continue ;; esac
            sum=$(sha256sum <"$(pvesm path "$one" </dev/null)" | cut -d ' ' -f 1)
            [ -z "$image_sha256" ] || [ "$sum" = "$image_sha256" ] || continue
            template=$one
            return 0
        done
    done
    sum=
    return 1
}

# KEY PATH of the volumes of a container, and KEY - of those that are mounted nowhere.
volumes_of() { # ID
    pct config "$1" </dev/null | awk '/^mp[0-9]+: / {
        at = $0
        sub(/.*,mp=/, "", at)
        sub(/,.*/, "", at)
        sub(/:$/, "", $1)
        print $1 "\t" at
    }
    /^unused[0-9]+: / { sub(/:$/, "", $1); print $1 "\t-" }'
}

has_volume() { # ID PATH
    volumes_of "$1" | cut -f 2 | grep -qxF -- "$2"
}

free_key() { # ID KIND
    key=0
    while [ -n "$(config "$1" "$2$key")" ]; do key=$((key + 1)); done
    echo "$2$key"
}

size_of() { # BYTES: what pct gives a volume without a size
    if [ -n "$1" ]; then gibibytes "$1"; else echo 4; fi
}

# New volumes are made with a new root, which fills them from the template. One of a guest that is there is filled through the guest.
part_volumes() {
    refuse_foreign
    if [ -z "$id" ] || [ "$rebuild" = yes ]; then return 0; fi
    mkdir -p "$here/fill"
    while IFS=$tab read -r volume at size; do
        kept=$here/fill/$volume.tar
        has_volume "$id" "$at" && [ ! -e "$kept" ] && continue
        if [ ! -e "$kept" ]; then
            started
            inside 'mkdir -p "$1" && cd "$1" && tar -cf - .' "$at" </dev/null >"$kept.new" && mv "$kept.new" "$kept" ||
                fail "what the guest has in $at could not be read"
        fi
        if ! has_volume "$id" "$at"; then
            stop "$id"
            pct set "$id" "--$(free_key "$id" mp)" "$pool:$(size_of "$size"),mp=$at,backup=1" </dev/null || fail "the volume $volume could not be made"
        fi
        started
        inside 'cd "$1" && tar -xpf -' "$at" <"$kept" || fail "the volume $volume could not be filled"
        rm "$kept"
    done <"$here/volumes"
}

# Whether the new container is whole: what is still being made is locked.
is_made() { # ID
    [ "$(noted "$1" plan)" = "$plan" ] && [ -z "$(config "$1" lock)" ]
}

part_root() {
    refuse_foreign
    if [ -n "$id" ]; then
        [ "$rebuild" = yes ] || return 0
        [ "$(noted "$id" plan)" != "$plan" ] || return 0
    fi
    follow "$number"
    if [ "$(state_of "$number")" != absent ]; then
        ! is_made "$number" || return 0
        # Cut in the middle it has nothing but its lock, or our note.
        if [ "$(noted "$number" plan)" = "$plan" ] || [ -z "$(pct config "$number" </dev/null | grep -v '^lock: create$')" ]; then
            destroy "$number" || fail 'what an earlier try left could not be removed'
        else
            fail "there is a container $number by now, which is not ours: make the plan again" 4
        fi
    fi
    # Of another plan, which never took its place.
    if left=$(called "$new") && [ -n "$(noted "$left" plan)" ]; then
        destroy "$left" || fail 'what an earlier try left could not be removed'
    fi
    template || fail "no image $image is on this host: beffroi guest image import" 5
    set -- --hostname "$new" --rootfs "$pool:$(size_of "$disk")" --memory "${memory_mib:-512}" --onboot 0 --description "beffroi-image=$sum
beffroi-plan=$plan"
    case $unprivileged in yes) set -- "$@" --unprivileged 1 ;; *) set -- "$@" --unprivileged 0 ;; esac
    [ "$nesting" != yes ] || set -- "$@" --features nesting=1
    [ -z "$cpus" ] || set -- "$@" --cpulimit "$(processors)"
    # Its address on the network stays its own.
    kept=$(config "$id" net0 | tr , '\n' | grep '^hwaddr=')
    [ "$network" = off ] || set -- "$@" --net0 "$(wanted_network)${kept:+,$kept}"
    key=0
    while IFS=$tab read -r _ at size; do
        if [ -z "$id" ] || ! has_volume "$id" "$at"; then
            set -- "$@" "--mp$key" "$pool:$(size_of "$size"),mp=$at,backup=1"
            key=$((key + 1))
        fi
    done <"$here/volumes"
    pct create "$number" "$template" "$@" </dev/null || fail 'the root could not be made'
    echo "made container $number from $image"
}

part_swap() {
    made=$(called "$new") && is_made "$made" || return 0
    if [ -n "$id" ]; then
        stop "$id"
        # Noted before any of them moves: what is on its way is missed on neither side.
        [ -e "$here/moves" ] || { volumes_of "$id" >"$here/moves.new" && mv "$here/moves.new" "$here/moves"; } || exit 1
        while IFS=$tab read -r key at; do
            case $at in -) kind=unused ;; *) kind=mp ;; esac
            follow "$id"
            value=$(config "$id" "$key")
            # It is there already.
            [ -n "$value" ] || continue
            case $value in
                # A folder of the host is nobody's.
                /*) has_volume "$made" "$at" || pct set "$made" "--$(free_key "$made" mp)" "$value" </dev/null ;;
                *) pct move-volume "$id" "$key" --target-vmid "$made" --target-volume "$(free_key "$made" "$kind")" </dev/null ;;
            esac || fail "the volume $at could not be moved from container $id to $made"
        done <"$here/moves"
        cut -f 2 "$here/moves" | grep -vx -- - | while IFS= read -r at; do
            has_volume "$made" "$at" || fail "the volume $at is in neither container: pct rescan --vmid $made finds it, then give it its place with pct set"
        done || exit 1
        if called "$old" >/dev/null; then
            # What is aside already is the last that was healthy.
            destroy "$id" || fail 'a root that was not healthy could not be removed'
        else
            pct set "$id" --onboot 0 --hostname "$old" </dev/null || fail 'the root could not be put aside'
        fi
    fi
    pct set "$made" --hostname "$name" </dev/null || fail 'the root could not be put in its place'
    echo "container $made is $name now"
}

processors() {
    awk -v thousandths="$cpus" 'BEGIN { printf "%g", thousandths / 1000 }'
}

wanted_network() {
    printf 'name=eth0,bridge=%s' "${bridge:-vmbr0}"
    case $address in
        '') printf ',ip=dhcp' ;;
        *:*) printf ',ip6=%s' "$address" ;;
        *) printf ',ip=%s' "$address" ;;
    esac
    case $gateway in '') ;; *:*) printf ',gw6=%s' "$gateway" ;; *) printf ',gw=%s' "$gateway" ;; esac
}

# Whether the network is as it is wanted; its hardware address is its own.
network_is_there() {
    is=$(config "$id" net0)
    [ "$network" != off ] || { [ -z "$is" ] && return; }
    [ "$(echo "$is" | tr , '\n' | grep -vE '^(hwaddr|type|firewall)=' | sort)" = "$(wanted_network | tr , '\n' | sort)" ]
}

has_nesting() {
    case ,$(config "$id" features), in *,nesting=1,*) echo yes ;; *) echo no ;; esac
}

config_is_there() {
    [ "$(config "$id" memory)" = "${memory_mib:-512}" ] && [ "$(config "$id" cpulimit)" = "${cpus:+$(processors)}" ] &&
        [ "$(config "$id" onboot)" = "$autostart" ] && [ "$(has_nesting)" = "$nesting" ] && network_is_there && privilege_is_there && room_is_there
}

privilege_is_there() {
    case $unprivileged in yes) wanted=1 ;; *) wanted=0 ;; esac
    is=$(config "$id" unprivileged)
    [ "${is:-0}" = "$wanted" ]
}

# A root only grows.
room_is_there() {
    [ -n "$disk" ] || return 0
    is=$(config "$id" rootfs | sed -n 's/.*size=\([0-9]*\)G.*/\1/p')
    [ "${is:-0}" -ge "$(gibibytes "$disk")" ]
}

part_config() {
    config_is_there && return 0
    privilege_is_there || fail 'Proxmox sets whether a container is privileged when it is made: beffroi guest rebuild'
    room_is_there || pct resize "$id" rootfs "$(gibibytes "$disk")G" </dev/null || fail 'the root could not be made larger'
    # Changed while it runs but for these.
    [ "$(has_nesting)" = "$nesting" ] && network_is_there || stop "$id"
    set -- --memory "${memory_mib:-512}" --onboot "$autostart"
    without=
    if [ -n "$cpus" ]; then set -- "$@" --cpulimit "$(processors)"; elif [ -n "$(config "$id" cpulimit)" ]; then without=cpulimit; fi
    if [ "$(has_nesting)" != "$nesting" ]; then
        if [ "$nesting" = yes ]; then set -- "$@" --features nesting=1; else without=${without:+$without,}features; fi
    fi
    if ! network_is_there; then
        if [ "$network" = off ]; then without=${without:+$without,}net0; else
            kept=$(config "$id" net0 | tr , '\n' | grep '^hwaddr=')
            set -- "$@" --net0 "$(wanted_network)${kept:+,$kept}"
        fi
    fi
    pct set "$id" "$@" ${without:+--delete "$without"} </dev/null || fail 'the configuration could not be set'
    echo 'set the configuration'
}

started() {
    [ "$(guest_state)" = running ] || pct start "$id" </dev/null || fail 'the guest does not start'
    wait_for_boot
}

part_start() {
    follow "$id"
    started
}

# A volume that a snapshot holds goes to no other container.
refuse_snapshots() {
    [ -z "$(config "$id" parent)" ] || fail "the snapshots of $name hold its volumes, which Proxmox moves to no new root then: beffroi guest snapshot delete them first"
}

part_done() {
    mark_base || fail 'the mark could not be written'
    tags=$(config "$id" tags | tr ';, ' '\n\n\n' | grep -v '^beffroi-' | grep . | tr '\n' ';')
    pct set "$id" --tags "${tags}beffroi-$digest" </dev/null || fail 'the mark could not be written'
    for one in "$old" "$new"; do
        if left=$(called "$one") && [ -n "$(noted "$left" image)" ]; then destroy "$left" || fail "$one could not be removed"; fi
    done
}

guest_look() {
    echo "state $(guest_state)"
    template
    say image $?
    if [ -z "$id" ]; then
        if called "$new" >/dev/null || called "$old" >/dev/null; then echo 'root absent'; else echo 'guest absent'; fi
        return 0
    fi
    is_ours || {
        echo 'guest foreign'
        return 0
    }
    [ "$rebuild" != yes ] || refuse_snapshots
    missing=0
    while IFS=$tab read -r _ at _; do has_volume "$id" "$at" || missing=1; done <"$here/volumes"
    say volumes $missing
    [ "$(noted "$id" image)" = "${sum-}" ]
    say root $?
    config_is_there
    say config $?
    config "$id" tags | tr ';, ' '\n\n\n' | grep -qxF "beffroi-$digest" && ! called "$old" >/dev/null
    say mark $?
}
