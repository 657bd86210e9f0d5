# What guest-make.sh does with Incus and LXD: `client` is `incus` or `lxc`. A root is made beside the one that is there, under
# another name, and takes its place by two renames; the one before is kept as GUEST-beffroi-old until the new one is healthy.
# Volumes are custom volumes GUEST-NAME of the pool that the root lies in, and go with no guest. The instance's own configuration
# says what it was made of: `user.beffroi` the specification, `user.beffroi.image` the image, `user.beffroi.plan` by which plan.
set -u
# A guest outlives the step that started it.
unset BEFFROI_STEP
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export PATH LC_ALL=C
fail() {
    echo "beffroi-guest: $1" >&2
    exit "${2:-1}"
}
here=${0%/*}
. "$here/spec" || exit 1
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

is_ours() {
    [ -n "$(noted "$guest" user.beffroi.image)" ]
}

pool_of_roots() {
    ask profile device get default root pool 2>/dev/null </dev/null || ask storage list --format csv </dev/null | head -n 1 | cut -d , -f 1
}
pool=$(pool_of_roots)
[ -n "$pool" ] || fail 'there is no pool to keep the guest in'

part_volumes() {
    ! is_there "$guest" || is_ours || fail "a guest $guest is there that was made by somebody else" 4
    while IFS=$tab read -r name _ size; do
        ask storage volume show "$pool" "$guest-$name" >/dev/null 2>&1 </dev/null ||
            ask storage volume create "$pool" "$guest-$name" ${size:+"size=$size"} </dev/null || fail "the volume $name could not be made"
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
    if is_there "$new"; then ask delete "$new" --force </dev/null || fail 'what an earlier try left could not be removed'; fi
    # The plan is noted last: an instance that has it is whole.
    ask init "$from" "$new" --config "user.beffroi.image=$from" </dev/null || fail 'the root could not be made'
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
        echo "$name disk pool=$pool source=$guest-$name path=$at"
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
    noted "$guest" user.beffroi.devices | tr ' ' '\n' | grep .
}

config_is_there() {
    wanted_config >"$here/wanted-config"
    while IFS= read -r line; do
        [ "$(noted "$guest" "${line%%=*}")" = "${line#*=}" ] || return 1
    done <"$here/wanted-config"
    wanted_devices >"$here/wanted-devices"
    devices_there >"$here/devices"
    while read -r name kind words; do
        # Words of ours, as below.
        has_device "$name" "$kind" $words || return 1
    done <"$here/wanted-devices"
    [ "$(ours | sort)" = "$(cut -d ' ' -f 1 "$here/wanted-devices" | sort)" ]
}

# What is as it is wanted is left alone: a volume is not taken from under a service because a limit changed.
part_config() {
    config_is_there && return 0
    # Processors, memory and devices are changed while it runs; what the root's ids are is not.
    privileged=$(noted "$guest" security.privileged)
    [ "${privileged:-false}" = "$(sed -n 's/^security.privileged=//p' "$here/wanted-config")" ] || stop "$guest"
    while IFS= read -r line; do
        [ "$(noted "$guest" "${line%%=*}")" = "${line#*=}" ] ||
            ask config set "$guest" "${line%%=*}" "${line#*=}" </dev/null || fail "${line%%=*} could not be set"
    done <"$here/wanted-config"
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

strays() {
    [ "$(guest_state)" = running ] || fail 'what lies in its root can be seen while the guest runs: start it first'
    told /dev/null '
        [ ! -e /etc/beffroi/strays ] || while read -r one; do [ ! -e "$one" ] || echo "$one"; done </etc/beffroi/strays
        if [ ! -e /etc/beffroi/base ]; then
            echo unknown
        else
            newer=-cnewer
            find /etc/beffroi -cnewer /etc/beffroi/base >/dev/null 2>&1 || newer=-newer
            find / -xdev \( -path /dev -o -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/cache \
                -o -path /var/run -o -path /var/lock -o -path /var/lib/systemd -o -path /var/lib/misc -o -path /lib/rc/cache \
                -o -name __pycache__ \) -prune -o \( -type f -o -type l \) $newer /etc/beffroi/base -print 2>/dev/null | head -n 100000 |
                grep -vxE "/etc/(resolv\.conf|mtab|hostname|hosts|machine-id|adjtime|\.updated|ld\.so\.cache|\.pwd\.lock)|/var/\.updated|/root/\.(ash|bash)_history|/var/lib/dbus/machine-id|/var/lib/dhcp.*/.*"
        fi' >"$here/newer" || return 1
    ! grep -qx unknown "$here/newer" ||
        fail 'what is state in its root is not known, since it was not made to its end: end that first (beffroi guest create)' 3
    not_in_volumes <"$here/newer" | head -n 1000
}

before_change() {
    (strays) >"$here/strays.new" 2>/dev/null || return 0
    inside '[ -e /etc/beffroi/base ] || exit 0; cat >/etc/beffroi/strays; rm -f /etc/beffroi/base' <"$here/strays.new"
}

mark_base() {
    inside '[ -e /etc/beffroi/base ] || { mkdir -p /etc/beffroi && : >/etc/beffroi/base; }' </dev/null
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
        ask storage volume show "$pool" "$guest-$name" >/dev/null 2>&1 </dev/null || missing=1
    done <"$here/volumes"
    say volumes $missing
    [ "$(noted "$guest" user.beffroi.image)" = "$from" ]
    say root $?
    config_is_there
    say config $?
    [ "$(noted "$guest" user.beffroi)" = "$digest" ] && ! is_there "$old"
    say mark $?
}
