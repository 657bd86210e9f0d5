# Changes a guest of Incus or LXD by its client, or by requests to the daemon where there is none (guest-rest.sh): the daemon does
# the work, and goes on when this is cut.
#   set -- VERB CLIENT PROJECT NAME ARG…; THIS      CLIENT: incus, or lxc of LXD; PROJECT: empty for the default one
#     start | stop SECONDS | kill | restart SECONDS (0: at once) | freeze | thaw | rename TO [POOL VOLUME]… | copy TO | delete [POOL VOLUME]…
#     set [was-WORD SEEN] [memory BYTES|none] [cpu COUNT|none] [disk BYTES] [autostart true|false] | snapshot NAME | restore NAME | forget NAME
#     is STATE | holds [memory …] [cpu …] [disk …] [autostart …] | may VERB ARG…: changes nothing
# Exits well only when what it is for is so, and may be begun again wherever it was cut. Says each command that changes
# something, after `+ `, before it is run. POSIX sh, awk. Comes after step.sh.

verb=$1 client=$2 project=${3:-default} name=$4
shift 4

command -v "$client" >/dev/null 2>&1 || by_rest
run() {
    # Requests say themselves what they are.
    [ -n "${socket:-}" ] || printf '+ %s\n' "$*"
    "$@" </dev/null
}
# by ARG…: the client, in the guest's project.
by() {
    run "$client" "$@" --project "$project"
}
ask() {
    "$client" "$@" --project "$project" </dev/null
}
# Of a guest by its name: RUNNING, STOPPED, FROZEN; ABSENT where there is none.
state_of() {
    found=$(ask list "^$1\$" --format csv --columns ns) || fail "$client does not answer"
    found=$(printf '%s\n' "$found" | awk -F, -v name="$1" '$1 == name { print $2 }')
    echo "${found:-ABSENT}"
}
state() {
    state_of "$name"
}
# await STATE SECONDS
await() {
    tries=0
    until [ "$(state)" = "$1" ]; do
        [ "$tries" -lt "$2" ] || return 1
        tries=$((tries + 1))
        sleep 1
    done
}

config() {
    ask config get "$name" "$1"
}
has_snapshot() {
    "$client" query "/1.0/instances/$name/snapshots?project=$project" </dev/null 2>/dev/null |
        NAME=$1 awk -F'"' '{ path = $2; sub(/\?.*$/, "", path); sub(/^.*\/snapshots\//, "", path) } path == ENVIRON["NAME"] { found = 1 } END { exit !found }'
}

start() {
    case $(state) in
        RUNNING) ;;
        *) by start "$name" ;;
    esac
    await RUNNING 30 || fail "$name is $(state)"
}
stop() {
    case $(state) in
        STOPPED) return ;;
        FROZEN) by start "$name" ;;
    esac
    by stop "$name" --timeout "$1"
    await STOPPED 5 || fail "$name still runs after $1 s"
}
kill_it() {
    [ "$(state)" = STOPPED ] || by stop "$name" --force
    await STOPPED 30 || fail "$name is $(state)"
}

# What is set of it now, as its own configuration says it; nothing where it does not.
current() {
    case $1 in
        memory) config limits.memory ;;
        cpu) config limits.cpu ;;
        autostart) config boot.autostart ;;
        # One that a profile gives is not its own.
        disk) ask config device get "$name" root size 2>/dev/null ;;
    esac
}
# Before the first is changed: each `was-WORD VALUE WORD WANTED` is as it was read, or as it is to be already.
unchanged() {
    while [ "$#" -ge 4 ]; do
        case $1 in
            was-*)
                told=$(current "$3")
                [ "${told:-none}" = "$2" ] || [ "${told:-none}" = "$4" ] ||
                    fail "$3 of $name is '${told:-none}' now, and was '$2' when this was planned: somebody else changed it, and nothing was changed here" ;;
        esac
        shift 4
    done
}
set_all() {
    while [ "$#" -ge 2 ]; do
        case $1 in
            was-*)
                # Where requests are sent one by one, each is held against it once more.
                expected=$2
                [ "$2" != none ] || expected=
                shift 2
                continue ;;
            memory) key=limits.memory value=$2 ;;
            cpu) key=limits.cpu value=$2 ;;
            autostart) key=boot.autostart value=$2 ;;
            disk)
                if ask config device list "$name" | grep -qx root; then
                    by config device set "$name" root "size=$2"
                else
                    by config device override "$name" root "size=$2"
                fi || fail "$client does not take the size"
                shift 2
                continue ;;
        esac
        if [ "$value" = none ]; then
            by config unset "$name" "$key"
        else
            by config set "$name" "$key=$value"
        fi || fail "$client does not take $key"
        shift 2
    done
}
holds() {
    while [ "$#" -ge 2 ]; do
        told=$(current "$1")
        [ "$2" = none ] && expected='' || expected=$2
        [ "$told" = "$expected" ] || fail "$1 is '$told'"
        shift 2
    done
}

# may rename TO [POOL VOLUME]…: says why it would not be done, and changes nothing: `there VOLUME`, kept of an earlier guest of that name.
may() {
    to=$2
    shift 2
    while [ "$#" -ge 2 ]; do
        ! ask storage volume show "$1" "$to.${2#"$name."}" >/dev/null 2>&1 || echo "there $to.${2#"$name."}"
        shift 2
    done
}
rename_to() {
    if [ "$(state)" != ABSENT ]; then
        [ "$(state_of "$1")" = ABSENT ] || fail "$1 is there already"
        taken=$(may rename "$@")
        [ -z "$taken" ] || fail "${taken#there } is there already"
        by rename "$name" "$1"
    fi
    to=$1
    shift
    # Volumes that were made for it bear its name; the daemon tells its devices.
    while [ "$#" -ge 2 ]; do
        if ask storage volume show "$1" "$2" >/dev/null 2>&1; then
            by storage volume rename "$1" "$2" "$to.${2#"$name."}" || fail "the volume $2 of $1 is not renamed"
        fi
        shift 2
    done
    set -- "$to"
    [ "$(state_of "$1")" != ABSENT ] && [ "$(state)" = ABSENT ] || fail "$name is not renamed"
}

# Made under a name of its own, which nobody uses, and renamed once it is whole: what was cut is begun again.
copy_to() {
    half=$1-beffroi-copy
    settled "$half"
    if [ "$(state_of "$1")" != ABSENT ]; then
        [ "$(ask config get "$1" user.beffroi-copy)" = "of $name" ] || fail "$1 is there already"
        return
    fi
    [ "$(state_of "$half")" = ABSENT ] || by delete "$half" || fail "$half is there"
    by copy "$name" "$half" --config "user.beffroi-copy=of $name" || fail "$name is not copied"
    by rename "$half" "$1" || fail "$half is not renamed"
}

# A guest made from a specification knows from when on what is written is state. Restoring may write all of it, so that a
# snapshot has in it what was state by then.
is_made() {
    [ -n "$(config user.beffroi.image)" ]
}
keep_state() {
    if [ "$(state)" = RUNNING ]; then
        # shellcheck disable=SC2154
        ask exec "$name" --mode non-interactive -- /bin/sh -c "$written_text"'
            cd /etc/beffroi 2>/dev/null && [ -e base ] || exit 0
            { [ ! -e strays ] || cat strays; written / /etc/beffroi/base; } | sort -u >state.new && mv state.new state'
    elif [ -n "$(ask file pull "$name/etc/beffroi/state" - 2>/dev/null | head -c 1)" ]; then
        # Of another moment, and nothing of a guest that does not run tells what it is now.
        by file delete "$name/etc/beffroi/state"
    fi
}
# Of a guest that does not run.
restore_state() {
    strays=$(ask file pull "$name/etc/beffroi/state" - 2>/dev/null | head -c 16777216)
    [ -n "$strays" ] || return 0
    printf '%s\n' "$strays" |
        "$client" file push - "$name/etc/beffroi/strays" --uid 0 --gid 0 --mode 600 --project "$project" >/dev/null || return 1
    ask file delete "$name/etc/beffroi/base"
    ask file push - "$name/etc/beffroi/base" --uid 0 --gid 0 --mode 600 >/dev/null
}

snapshot() {
    settled "$name"
    has_snapshot "$1" || ! is_made || keep_state || fail "what is state in $name cannot be noted"
    has_snapshot "$1" || case $client in
        incus) by snapshot create "$name" "$1" ;;
        *) by snapshot "$name" "$1" ;;
    esac
    has_snapshot "$1" || fail "$name has no snapshot $1"
}
restore() {
    settled "$name"
    has_snapshot "$1" || fail "$name has no snapshot $1"
    # Whether it ran, for who finds the note after a cut.
    state_base || fail 'this account has no home'
    note=$base/restore-$client-$project-$name
    if is_made; then
        if [ ! -e "$note" ]; then
            case $(state) in STOPPED) was=stopped ;; *) was=running ;; esac
            mkdir -p "$base" && echo "$was" >"$note.new" && mv "$note.new" "$note" || fail "$note cannot be written"
        fi
        stop 60
    fi
    case $client in
        incus) by snapshot restore "$name" "$1" ;;
        *) by restore "$name" "$1" ;;
    esac || fail "$name is not as $1"
    [ -e "$note" ] || return 0
    restore_state || fail "what is state in $name cannot be noted"
    read -r was <"$note"
    [ "$was" = stopped ] || start
    rm -f "$note"
}
forget() {
    settled "$name"
    ! has_snapshot "$1" || case $client in
        incus) by snapshot delete "$name" "$1" ;;
        *) by delete "$name/$1" ;;
    esac
    ! has_snapshot "$1" || fail "the snapshot $1 is still there"
}

# delete [POOL VOLUME]…: the guest with its snapshots; of the volumes in it only those that are named.
delete() {
    settled "$name"
    case $(state) in
        ABSENT) ;;
        STOPPED | ERROR) by delete "$name" ;;
        *) fail "$name runs" ;;
    esac
    [ "$(state)" = ABSENT ] || fail "$name is still there"
    while [ "$#" -ge 2 ]; do
        if ask storage volume show "$1" "$2" >/dev/null 2>&1; then
            by storage volume delete "$1" "$2" || fail "the volume $2 of $1 is still there"
        fi
        shift 2
    done
}

is() {
    case $1 in
        running) await RUNNING 5 ;;
        stopped) await STOPPED 5 ;;
        frozen) await FROZEN 5 ;;
        absent) [ "$(state)" = ABSENT ] ;;
        there) [ "$(state)" != ABSENT ] ;;
        snapshot) has_snapshot "$2" ;;
        no-snapshot) ! has_snapshot "$2" ;;
        restored) settled "$name" && [ "$(state)" != ABSENT ] && state_base && [ ! -e "$base/restore-$client-$project-$name" ] ;;
        *) fail "$1 is not understood" ;;
    esac || fail "$name: it is not $1, but $(state)"
    echo "$name: $1"
}

case $verb in
    delete) delete "$@" ;;
    rename) rename_to "$@" ;;
    is) is "$@" ;;
    *)
        [ "$(state)" != ABSENT ] || fail "there is no guest $name"
        case $verb in
            start) start ;;
            stop) stop "$1" ;;
            kill) kill_it ;;
            restart) if [ "$1" = 0 ]; then kill_it; else stop "$1"; fi; start ;;
            freeze) [ "$(state)" = FROZEN ] || by pause "$name"; await FROZEN 30 || fail "$name is $(state)" ;;
            thaw) [ "$(state)" = RUNNING ] || by start "$name"; await RUNNING 30 || fail "$name is $(state)" ;;
            copy) copy_to "$1" ;;
            set)
                # Words of ours: pairs of pairs.
                unchanged "$@"
                set_all "$@" ;;
            holds) holds "$@" ;;
            may) may "$@" ;;
            snapshot) snapshot "$1" ;;
            restore) restore "$1" ;;
            forget) forget "$1" ;;
            *) fail "$verb is not understood" ;;
        esac ;;
esac
