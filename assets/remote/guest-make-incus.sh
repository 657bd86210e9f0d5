# What guest-make.sh does with Incus and LXD: `client` is `incus` or `lxc`. A root is made beside the one that is there, under
# another name, and takes its place by two renames; the one before is kept as GUEST-beffroi-old until the new one is healthy.
# Volumes are custom volumes GUEST.NAME of the pool that the root lies in, and go with no guest; neither name may have a dot. One
# that nothing was put into yet has `user.beffroi.empty`. The instance's own configuration says what it was made of: `user.beffroi`
# the specification, `user.beffroi.image` the image, `user.beffroi.plan` by which plan. Comes after
# guest-place.sh.

project=${project:-default}
new=$guest-beffroi-new
old=$guest-beffroi-old

ask() {
    "$client" --project "$project" "$@"
}

is_there() {
    ask config show "$1" >/dev/null 2>&1 </dev/null
}

noted() { # KEY of an instance
    ask config get "$1" "$2" 2>/dev/null </dev/null
}

guest_exec() {
    ask exec "$guest" --mode non-interactive --cwd / --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env HOME=/root -- "$@"
}

state_of() {
    ask list "^$1\$" --format csv --columns s 2>/dev/null </dev/null
}

guest_state() {
    is_there "$guest" || {
        echo absent
        return
    }
    case $(state_of "$guest") in RUNNING) echo running ;; *) echo stopped ;; esac
}

stop() {
    [ "$(state_of "$1")" != RUNNING ] || ask stop "$1" --timeout 30 </dev/null || ask stop "$1" --force </dev/null || fail "$1 does not stop"
}

# What the guest's own configuration says, asked once: each call of a client takes its time.
read_now() {
    ask config show "$guest" >"$here/now" 2>/dev/null </dev/null
}
now() { # KEY, of what was read
    KEY=$1 awk '
        /^[^ ]/ { on = $1 == "config:"; next }
        on && index($0, "  " ENVIRON["KEY"] ": ") == 1 {
            value = substr($0, length(ENVIRON["KEY"]) + 5)
            if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
            print value
        }' "$here/now"
}

is_ours() {
    [ -n "$(noted "$guest" user.beffroi.image)" ]
}

pool_of_roots() {
    ask profile device get default root pool 2>/dev/null </dev/null || ask storage list --format csv </dev/null | head -n 1 | cut -d , -f 1
}
case ${1:-} in
    volumes | config | check | see | look)
        pool=$(pool_of_roots)
        [ -n "$pool" ] || fail 'there is no pool to keep the guest in' ;;
esac

part_volumes() {
    ! is_there "$guest" || is_ours || fail "a guest $guest is there that was made by somebody else" 4
    while IFS=$tab read -r name _ size; do
        ask storage volume show "$pool" "$guest.$name" >/dev/null 2>&1 </dev/null ||
            ask storage volume create "$pool" "$guest.$name" user.beffroi.empty=yes ${size:+"size=$size"} </dev/null || fail "the volume $name could not be made"
    done <"$here/volumes"
}

# The fingerprint of the image that is asked for.
fingerprint() {
    found=$(ask image info "$image" 2>/dev/null </dev/null | sed -n 's/^Fingerprint: *//p')
    [ -n "$found" ] || return 1
    if [ -n "$image_sha256" ] && [ "$found" != "$image_sha256" ]; then
        [ "$(ask image get-property "$found" beffroi.sha256 2>/dev/null </dev/null)" = "$image_sha256" ] || return 1
    fi
    echo "$found"
}

part_root() {
    if is_there "$guest" && is_ours; then
        [ "$rebuild" = yes ] || return 0
        [ "$(noted "$guest" user.beffroi.plan)" != "$plan" ] || return 0
    fi
    ! is_there "$guest" || is_ours || fail "a guest $guest is there that was made by somebody else" 4
    [ "$(noted "$new" user.beffroi.plan)" != "$plan" ] || return 0
    # The swap was cut short between its renames.
    from=$(fingerprint) || fail "no image $image is on this host: beffroi guest image import" 5
    settled "$new"
    if is_there "$new"; then ask delete "$new" --force </dev/null || fail 'what an earlier try left could not be removed'; fi
    # The plan is noted last: an instance that has it is whole.
    set --
    for pair in $(wanted_config); do
        # What is not set needs no word; no value has a space.
        case $pair in *=) ;; *) set -- "$@" --config "$pair" ;; esac
    done
    ask init --quiet "$from" "$new" --config "user.beffroi.image=$from" "$@" </dev/null || fail 'the root could not be made'
    ask config set "$new" user.beffroi.plan "$plan" </dev/null || fail 'the root could not be noted'
    echo "made a root from $image"
}

part_swap() {
    [ "$(noted "$new" user.beffroi.plan)" = "$plan" ] || return 0
    if is_there "$guest"; then
        stop "$guest"
        # What is aside already is the last that was healthy.
        if is_there "$old"; then
            ask delete "$guest" --force </dev/null || fail 'a root that was not healthy could not be removed'
        else
            ask config set "$guest" boot.autostart false </dev/null && ask rename "$guest" "$old" </dev/null || fail 'the root could not be put aside'
        fi
    fi
    ask rename "$new" "$guest" </dev/null || fail 'the root could not be put in its place'
}

# Volumes that nothing was put into yet: NAME PATH.
empty_volumes() {
    while IFS=$tab read -r name at _; do
        [ "$(ask storage volume get "$pool" "$guest.$name" user.beffroi.empty 2>/dev/null </dev/null)" != yes ] || echo "$name$tab$at"
    done <"$here/volumes"
}

asleep='lxc.init.cmd = /bin/sleep 3600'

# What the image has where a volume is new goes into it, with its owner. Nothing else runs meanwhile: the guest has a sleep in the
# place of its first program, and its volumes lie beside its root, in its devices.
fill_volumes() {
    empty_volumes >"$here/empty"
    if [ ! -s "$here/empty" ] && [ "$(noted "$guest" raw.lxc)" != "$asleep" ]; then return 0; fi
    case $(noted "$guest" raw.lxc) in '' | "$asleep") ;; *) fail 'raw.lxc of the guest is set, which is needed to fill its new volumes: take it off first' 4 ;; esac
    if [ "$(noted "$guest" raw.lxc)" = "$asleep" ]; then
        [ "$(state_of "$guest")" != RUNNING ] || ask stop "$guest" --force </dev/null || fail 'the guest does not stop'
    else
        stop "$guest"
        ask config set "$guest" raw.lxc "$asleep" </dev/null || fail 'the volumes could not be filled'
    fi
    devices_there >"$here/devices"
    while IFS=$tab read -r name _; do
        grep -q "^fill-$name " "$here/devices" ||
            ask config device add "$guest" "fill-$name" disk "pool=$pool" "source=$guest.$name" "path=/dev/beffroi-$name" </dev/null >/dev/null ||
            fail "the volume $name could not be attached"
    done <"$here/empty"
    if [ -s "$here/empty" ]; then
        ask start "$guest" </dev/null || fail 'the guest does not start to have its volumes filled'
        while IFS=$tab read -r name at; do
            inside '
                rm -rf "/dev/beffroi-$2"/* "/dev/beffroi-$2"/.[!.]*
                at= rest=${1#/}/
                while [ -n "$rest" ]; do
                    at=$at/${rest%%/*} rest=${rest#*/}
                    [ -d "$at" ] && [ ! -L "$at" ] || { chmod 755 "/dev/beffroi-$2"; exit; }
                done
                cp -a "$1/." "/dev/beffroi-$2/"' "$at" "$name" </dev/null || fail "the volume $name could not be filled"
        done <"$here/empty"
        # It is asleep, and hears nothing.
        ask stop "$guest" --force </dev/null || fail 'the guest does not stop'
    fi
    devices_there >"$here/devices"
    sed -n 's/^\(fill-[a-z0-9-]*\) type=disk$/\1/p' "$here/devices" | while read -r name; do
        ask config device remove "$guest" "$name" </dev/null >/dev/null || fail "the volume ${name#fill-} could not be detached"
    done || exit 1
    while IFS=$tab read -r name _; do
        ask storage volume unset "$pool" "$guest.$name" user.beffroi.empty </dev/null || fail "the volume $name could not be noted"
    done <"$here/empty"
    ask config unset "$guest" raw.lxc </dev/null || fail 'the guest could not be given its first program again'
}

# KEY=VALUE of the configuration that is wanted, an empty value for what is not set.
wanted_config() {
    case $autostart in 1) echo boot.autostart=true ;; *) echo boot.autostart=false ;; esac
    case $unprivileged in yes) echo security.privileged=false ;; *) echo security.privileged=true ;; esac
    case $nesting in yes) echo security.nesting=true ;; *) echo security.nesting=false ;; esac
    echo "limits.memory=${memory_mib:+${memory_mib}MiB}"
    if [ -n "$cpus" ]; then echo "limits.cpu.allowance=$((cpus / 10))ms/100ms"; else echo limits.cpu.allowance=; fi
}

# NAME and the words of each device that is wanted.
wanted_devices() {
    while IFS=$tab read -r name at _; do
        echo "$name disk pool=$pool source=$guest.$name path=$at"
    done <"$here/volumes"
    while IFS=$tab read -r protocol listen inner; do
        echo "port-$protocol-$(echo "$listen" | tr -c 'a-z0-9\n' -) proxy listen=$protocol:$listen connect=$protocol:127.0.0.1:$inner"
    done <"$here/ports"
    case $network in
        off) for name in $(nics); do echo "$name none"; done ;;
        bridge)
            for name in $(nics); do [ "$name" = eth0 ] || echo "$name none"; done
            echo "eth0 nic nictype=bridged parent=$bridge name=eth0"
            ;;
    esac
    [ -z "$disk" ] || echo "root disk path=/ pool=$pool size=$disk"
}

# Devices of the profiles that are network interfaces.
nics() {
    ask profile show default </dev/null 2>/dev/null | awk '/^devices:/ { on = 1; next } /^[^ ]/ { on = 0 }
        on && /^  [^ ].*:$/ { sub(/^  /, ""); sub(/:$/, ""); name = $0 } on && /^    type: nic$/ { print name }'
}

devices_there() {
    ask config device show "$guest" </dev/null | awk '/^[^ ].*:( *\{\})?$/ { sub(/:.*/, ""); name = $0; next }
        /^  [^ ]/ { key = $1; sub(/:$/, "", key); value = $2; gsub(/"/, "", value); print name " " key "=" value }'
}

# NAME KIND KEY=VALUE…: whether the guest has the device as it is wanted.
has_device() {
    grep -qxF "$1 type=$2" "$here/devices" || return 1
    device=$1
    shift 2
    for word in "$@"; do grep -qxF "$device $word" "$here/devices" || return 1; done
}

# Devices that were added by this program. Others are somebody's, and stay.
ours() {
    now user.beffroi.devices | tr ' ' '\n' | grep .
}

config_is_there() {
    read_now || return 1
    wanted_config >"$here/wanted-config"
    while IFS= read -r line; do
        [ "$(now "${line%%=*}")" = "${line#*=}" ] || return 1
    done <"$here/wanted-config"
    wanted_devices >"$here/wanted-devices"
    devices_there >"$here/devices"
    while read -r name kind words; do
        # Words of ours, as below.
        has_device "$name" "$kind" $words || return 1
    done <"$here/wanted-devices"
    [ "$(ours | sort)" = "$(cut -d ' ' -f 1 "$here/wanted-devices" | sort)" ] && [ "$(now raw.lxc)" != "$asleep" ]
}

# What is as it is wanted is left alone: a volume is not taken from under a service because a limit changed.
part_config() {
    fill_volumes
    config_is_there && return 0
    # Processors, memory and devices are changed while it runs; what the root's ids are is not.
    privileged=$(now security.privileged)
    [ "${privileged:-false}" = "$(sed -n 's/^security.privileged=//p' "$here/wanted-config")" ] || stop "$guest"
    set --
    while IFS= read -r line; do
        [ "$(now "${line%%=*}")" = "${line#*=}" ] || set -- "$@" "$line"
    done <"$here/wanted-config"
    [ "$#" -eq 0 ] || ask config set "$guest" "$@" </dev/null || fail 'the configuration could not be set'
    wanted_devices >"$here/wanted-devices"
    devices_there >"$here/devices"
    ours >"$here/ours"
    while read -r name; do
        grep -q "^$name " "$here/wanted-devices" || ! grep -q "^$name " "$here/devices" || {
            # A volume that goes is not in use by then.
            ! grep -qxF "$name type=disk" "$here/devices" || stop "$guest"
            ask config device remove "$guest" "$name" </dev/null >/dev/null || fail "the device $name could not be removed"
        }
    done <"$here/ours"
    while read -r name kind words; do
        # Words of ours: values were held against what they may be.
        has_device "$name" "$kind" $words && continue
        if grep -q "^$name " "$here/devices"; then
            case $name in
                root | eth*) ;;
                *) grep -qx "$name" "$here/ours" || fail "a device $name is there that was added by somebody else" 4 ;;
            esac
            if [ "$name" = root ]; then
                ask config device set "$guest" root size "$disk" </dev/null >/dev/null || fail 'the size of the root could not be set'
                continue
            fi
            [ "$kind" != disk ] || stop "$guest"
            ask config device remove "$guest" "$name" </dev/null >/dev/null || fail "the device $name could not be removed"
        fi
        ask config device add "$guest" "$name" "$kind" $words </dev/null >/dev/null || fail "the device $name could not be added"
    done <"$here/wanted-devices"
    ask config set "$guest" user.beffroi.devices "$(cut -d ' ' -f 1 "$here/wanted-devices" | tr '\n' ' ' | sed 's/ *$//')" </dev/null ||
        fail 'the devices could not be noted'
    echo 'set the configuration'
}

part_start() {
    [ "$(guest_state)" = running ] || ask start "$guest" </dev/null || {
        ask info "$guest" --show-log </dev/null 2>/dev/null | tail -n 20 >&2
        fail 'the guest does not start'
    }
    wait_for_boot
}

part_done() {
    mark_base || fail 'the mark could not be written'
    ask config set "$guest" user.beffroi "$digest" </dev/null || fail 'the mark could not be written'
    for one in "$old" "$new"; do
        if is_there "$one"; then ask delete "$one" --force </dev/null || fail "$one could not be removed"; fi
    done
}

guest_look() {
    echo "state $(guest_state)"
    from=$(fingerprint)
    say image $?
    is_there "$guest" || is_there "$new" || is_there "$old" || {
        echo 'guest absent'
        return 0
    }
    if ! is_there "$guest"; then
        echo 'root absent'
        return 0
    fi
    is_ours || {
        echo 'guest foreign'
        return 0
    }
    missing=0
    while IFS=$tab read -r name _ _; do
        ask storage volume show "$pool" "$guest.$name" >/dev/null 2>&1 </dev/null || missing=1
    done <"$here/volumes"
    [ -z "$(empty_volumes)" ] || missing=1
    say volumes $missing
    config_is_there
    config=$?
    [ "$(now user.beffroi.image)" = "$from" ]
    say root $?
    say config $config
    [ "$(now user.beffroi)" = "$digest" ] && ! is_there "$old"
    say mark $?
}
