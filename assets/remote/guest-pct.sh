# Changes a container of Proxmox VE by `pct`, as root, on the machine that has it.
#   set -- VERB ID ARG…; THIS
#     start | stop SECONDS | kill | restart SECONDS (0: at once) | freeze | thaw | rename TO | copy ID TO | delete | set [memory BYTES] [cpu COUNT|none]
#     [disk BYTES] [autostart 0|1] | snapshot NAME | restore NAME | forget NAME
#     is STATE | holds [memory …] [cpu …] [disk …] [autostart …] [name TO]: changes nothing
# Exits well only when what it is for is so, and may be begun again wherever it was cut. A lock that was left behind is never
# taken off here. Says each command that changes something, after `+ `, before it is run. POSIX sh, awk.

set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
unset BEFFROI_STEP
verb=$1 id=$2
shift 2

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
run() {
    printf '+ %s\n' "$*"
    "$@" </dev/null
}
state_of() {
    told=$(pct status "$1" 2>/dev/null) || { echo absent && return; }
    echo "${told#status: }"
}
state() {
    state_of "$id"
}
await() {
    tries=0
    until [ "$(state)" = "$1" ]; do
        [ "$tries" -lt "$2" ] || return 1
        tries=$((tries + 1))
        sleep 1
    done
}
# A line of `pct config`.
config() {
    pct config "$id" | awk -v key="$1:" '$1 == key { sub(/^[^:]*: */, ""); print; exit }'
}
has_snapshot() {
    pvesh get "/nodes/$(uname -n | cut -d . -f 1)/lxc/$id/snapshot" --output-format json 2>/dev/null | grep -qE "\"name\" *: *\"$(printf %s "$1" | sed 's/[.]/\\./g')\""
}
frozen() {
    grep -qsx 1 "/sys/fs/cgroup/lxc/$id/cgroup.freeze" || [ "$(lxc-info -n "$id" -sH 2>/dev/null)" = FROZEN ]
}
# In the GiB that pct takes, rounded up.
gibibytes() {
    echo $((($1 + 1073741823) / 1073741824))
}

start() {
    if [ "$(state)" != running ]; then run pct start "$id"; elif frozen; then run pct resume "$id"; fi
    await running 30 || fail "$id is $(state)"
}
stop() {
    ! frozen || run pct resume "$id"
    [ "$(state)" = stopped ] || run pct shutdown "$id" --timeout "$1" --forceStop 0
    await stopped 5 || fail "$id still runs after $1 s"
}
kill_it() {
    [ "$(state)" = stopped ] || run pct stop "$id"
    await stopped 30 || fail "$id is $(state)"
}
set_all() {
    while [ "$#" -ge 2 ]; do
        case $1 in
            memory) run pct set "$id" --memory $(($2 / 1048576)) ;;
            cpu) if [ "$2" = none ]; then run pct set "$id" --delete cores; else run pct set "$id" --cores "$2"; fi ;;
            autostart) run pct set "$id" --onboot "$2" ;;
            disk) holds disk "$2" 2>/dev/null || run pct resize "$id" rootfs "$(gibibytes "$2")G" ;;
        esac || fail "pct does not take $1 $2"
        shift 2
    done
}
holds() (
    while [ "$#" -ge 2 ]; do
        expected=$2
        case $1 in
            memory) told=$(config memory) expected=$(($2 / 1048576)) ;;
            cpu) told=$(config cores) ;;
            autostart) told=$(config onboot) ;;
            name) told=$(config hostname) ;;
            disk) told=$(config rootfs | sed -n 's/.*size=\([0-9]*\)G.*/\1/p') expected=$(gibibytes "$2") ;;
        esac
        [ "$2" != none ] || expected=
        [ "$told" = "$expected" ] || fail "$1 is '$told'"
        shift 2
    done
)
# copy ID TO: the new one has its name once it is whole; what has it not is made again.
copy_to() {
    if [ "$(state_of "$1")" != absent ]; then
        case $(pct config "$1" | awk '$1 == "lock:" { print $2 }') in
            create | disk) fail "a copy to $1 was cut: look at it, then pct unlock $1 and pct destroy $1" ;;
        esac
        [ "$(pct config "$1" | awk '$1 == "hostname:" { print $2 }')" = "$2" ] || fail "$1 is there already"
        return
    fi
    run pct clone "$id" "$1" --hostname "$2" --full 1 || fail "$id is not copied"
}
delete() {
    case $(state) in
        absent) ;;
        stopped) run pct destroy "$id" --purge 1 ;;
        *) fail "$id runs" ;;
    esac
    [ "$(state)" = absent ] || fail "$id is still there"
}
is() {
    case $1 in
        running) await running 5 && ! frozen ;;
        stopped) await stopped 5 ;;
        frozen) frozen ;;
        absent) [ "$(state)" = absent ] ;;
        there) [ "$(state)" != absent ] ;;
        snapshot) has_snapshot "$2" ;;
        no-snapshot) ! has_snapshot "$2" ;;
        restored) [ "$(state)" != absent ] && [ -z "$(config lock)" ] ;;
        *) fail "$1 is not understood" ;;
    esac || fail "$id: it is not $1, but $(state)"
    echo "$id: $1"
}

case $verb in
    delete) delete ;;
    is) is "$@" ;;
    *)
        [ "$(state)" != absent ] || fail "there is no container $id"
        case $verb in
            start) start ;;
            stop) stop "$1" ;;
            kill) kill_it ;;
            restart) if [ "$1" = 0 ]; then kill_it; else stop "$1"; fi; start ;;
            freeze) frozen || run pct suspend "$id"; frozen || fail "$id is $(state)" ;;
            thaw) ! frozen || run pct resume "$id"; ! frozen || fail "$id is frozen" ;;
            rename) run pct set "$id" --hostname "$1" && holds name "$1" ;;
            copy) copy_to "$1" "$2" ;;
            set) set_all "$@" ;;
            holds) holds "$@" ;;
            snapshot) has_snapshot "$1" || run pct snapshot "$id" "$1"; has_snapshot "$1" || fail "$id has no snapshot $1" ;;
            restore) run pct rollback "$id" "$1" || fail "$id is not as $1" ;;
            forget) ! has_snapshot "$1" || run pct delsnapshot "$id" "$1"; ! has_snapshot "$1" || fail "the snapshot $1 is still there" ;;
            *) fail "$verb is not understood" ;;
        esac ;;
esac
