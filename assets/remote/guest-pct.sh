# Changes a container of Proxmox VE by `pct`, as root, on the machine that has it.
#   set -- VERB ID ARG…; THIS
#     start | stop SECONDS | kill | restart SECONDS (0: at once) | rename TO | copy ID TO | delete | set [memory BYTES] [cpu COUNT|none]
#     [disk BYTES] [autostart 0|1] | snapshot NAME | restore NAME running|stopped | forget NAME
#     is STATE | holds [memory …] [cpu …] [disk …] [autostart …] [name TO]: changes nothing
# Exits well only when what it is for is so, and may be begun again wherever it was cut: a task of Proxmox that goes on is
# followed by its UPID, and no second one begun. A lock that was left behind is never taken off here. Says each command that
# changes something, after `+ `, before it is run. POSIX sh, awk. Comes after step.sh.

verb=$1 id=$2
shift 2

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
has_snapshot() {
    ask "lxc/$id/snapshot" | values name | grep -qxF -- "$1"
}
# Nothing that Proxmox does: `pct suspend` writes its processes into a file. Somebody held it.
frozen() {
    [ "$(lxc-info -n "$id" -sH 2>/dev/null)" = FROZEN ]
}

start() {
    if [ "$(state)" != running ]; then run pct start "$id"; elif frozen; then run lxc-unfreeze -n "$id"; fi
    await running 30 || fail "$id is $(state)"
}
stop() {
    ! frozen || run lxc-unfreeze -n "$id"
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
            memory) told=$(config "$id" memory) expected=$(($2 / 1048576)) ;;
            cpu) told=$(config "$id" cores) ;;
            autostart) told=$(config "$id" onboot) ;;
            name) told=$(config "$id" hostname) ;;
            disk) told=$(config "$id" rootfs | sed -n 's/.*size=\([0-9]*\)G.*/\1/p') expected=$(gibibytes "$2") ;;
        esac
        [ "$2" != none ] || expected=
        [ "$told" = "$expected" ] || fail "$1 is '$told'"
        shift 2
    done
)
# Proxmox stops it for that, and leaves it stopped. What it rolled back to is its parent.
restore() {
    case "$ended $(config "$id" parent)" in *" vzrollback  $1") ;; *) run pct rollback "$id" "$1" || fail "$id is not as $1" ;; esac
    [ "$2" = stopped ] || start
}
# copy ID TO: the new one has its name once it is whole; what has it not is made again.
copy_to() {
    follow "$1"
    if [ "$(state_of "$1")" != absent ]; then
        case $(config "$1" lock) in
            create | disk) fail "a copy to $1 was cut: look at it, then pct unlock $1 and pct destroy $1" ;;
        esac
        [ "$(config "$1" hostname)" = "$2" ] || fail "$1 is there already"
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
        absent) [ "$(state)" = absent ] ;;
        there) [ "$(state)" != absent ] ;;
        snapshot) has_snapshot "$2" ;;
        no-snapshot) ! has_snapshot "$2" ;;
        restored) [ "$(state)" = "$2" ] && [ -z "$(config "$id" lock)" ] && [ "$(config "$id" parent)" = "$3" ] ;;
        *) fail "$1 is not understood" ;;
    esac || fail "$id: it is not $1, but $(state)"
    echo "$id: $1"
}

case $verb in is | holds) ;; *) follow "$id" ;; esac
case $verb in
    delete) delete ;;
    is) is "$@" ;;
    *)
        [ "$(state)" != absent ] || fail "there is no container $id"
        case $verb in
            start) start ;;
            stop) stop "$1" ;;
            kill) kill_it ;;
            restart) case $ended in *' vzst'* | *' vzshutdown '*) ;; *) if [ "$1" = 0 ]; then kill_it; else stop "$1"; fi ;; esac; start ;;
            rename) run pct set "$id" --hostname "$1" && holds name "$1" ;;
            copy) copy_to "$1" "$2" ;;
            set) set_all "$@" ;;
            holds) holds "$@" ;;
            snapshot) has_snapshot "$1" || run pct snapshot "$id" "$1"; has_snapshot "$1" || fail "$id has no snapshot $1" ;;
            restore) restore "$1" "$2" ;;
            forget) ! has_snapshot "$1" || run pct delsnapshot "$id" "$1"; ! has_snapshot "$1" || fail "the snapshot $1 is still there" ;;
            *) fail "$verb is not understood" ;;
        esac ;;
esac
