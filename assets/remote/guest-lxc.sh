# Changes a guest of classic LXC (lxc-* of LXC 3 or later).
#   set -- VERB NAME FOLDER ARG…; THIS      FOLDER: where its containers are (-P), empty for the usual one
#     start | stop SECONDS | kill | restart SECONDS (0: at once) | freeze | thaw | rename TO | copy TO | delete [FOLDER…] | set [memory BYTES|none]
#     [cpu THOUSANDTHS|none] [autostart 0|1] | snapshot NAME | restore NAME | forget NAME
#     is STATE | holds [memory …] [cpu …] [autostart …] | may VERB ARG…: changes nothing
# Exits well only when what it is for is so, and may be begun again wherever it was cut: what is half done is finished, what is
# done is left alone. Says each command that changes something, after `+ `, before it is run. POSIX sh, awk. Comes after step.sh.

verb=$1 name=$2 folder=$3
shift 3

# lxc PROGRAM ARG…: of this guest.
lxc() {
    program=$1
    shift
    run "$program" -n "$name" ${folder:+-P "$folder"} "$@"
}
state() {
    lxc-info -n "$name" ${folder:+-P "$folder"} -sH 2>/dev/null || echo ABSENT
}
# await STATE SECONDS
await() {
    [ "$(state)" = "$1" ] || lxc-wait -n "$name" ${folder:+-P "$folder"} -s "$1" -t "$2" 2>/dev/null
    [ "$(state)" = "$1" ]
}
wanted() {
    [ -f "$config" ] || fail "there is no guest $name in $base"
}

base=$folder
[ -n "$base" ] || base=$(lxc-config lxc.lxcpath) || fail 'there is no classic LXC here'
home=$base/$name config=$base/$name/config

start() {
    case $(state) in
        RUNNING) ;;
        FROZEN) lxc lxc-unfreeze ;;
        *) lxc lxc-start -d ;;
    esac
    await RUNNING 30 || fail "$name is $(state)"
}

# stop SECONDS
stop() {
    case $(state) in
        STOPPED) return ;;
        FROZEN) lxc lxc-unfreeze ;;
    esac
    lxc lxc-stop --nokill -t "$1"
    await STOPPED "$1" || fail "$name still runs after $1 s"
}

kill_it() {
    [ "$(state)" = STOPPED ] || lxc lxc-stop -k
    await STOPPED 30 || fail "$name is $(state)"
}

# The value that counts of a key of a configuration: the last.
value() {
    KEY=$1 awk '{ key = $0; sub(/^[ \t]*/, "", key); sub(/[ \t]*=.*$/, "", key) }
        key == ENVIRON["KEY"] && /=/ { value = $0; sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t]+$/, "", value) }
        END { print value }' "$2"
}

# change CONFIG PROGRAM: what the awk program makes of it takes its place at once; what was there is kept beside it.
change() {
    cp -p "$1" "$1.beffroi-new" && awk "$2" "$1" >"$1.beffroi-new" || fail "$1 cannot be written"
    if cmp -s "$1" "$1.beffroi-new"; then
        rm -f "$1.beffroi-new"
    else
        printf '+ edit %s\n' "$1"
        cp -p "$1" "$1.beffroi-before" && sync && mv "$1.beffroi-new" "$1" || fail "$1 cannot be written"
    fi
}

# set_key KEY VALUE: that one key, in its place; an empty value takes it out.
set_key() {
    export KEY="$1" VALUE="$2"
    # shellcheck disable=SC2016
    change "$config" '{ key = $0; sub(/^[ \t]*/, "", key); sub(/[ \t]*=.*$/, "", key) }
        key == ENVIRON["KEY"] && /=/ { if (ENVIRON["VALUE"] != "" && !done) print key " = " ENVIRON["VALUE"]; done = 1; next }
        { print }
        END { if (ENVIRON["VALUE"] != "" && !done) print ENVIRON["KEY"] " = " ENVIRON["VALUE"] }'
}

# Whether the limit called $1 is one of control groups of version 2: their files are called otherwise.
unified() {
    grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

# limit memory|cpu WHAT: sets files, keys and values of a limit, one of each line.
limit() {
    case $1 in
        memory)
            if unified memory; then prefix=lxc.cgroup2 files=memory.max none=max; else prefix=lxc.cgroup files=memory.limit_in_bytes none=-1; fi
            values=$2 ;;
        cpu)
            quota=none
            [ "$2" = none ] || quota=$(($2 * 100))
            if unified cpu; then
                prefix=lxc.cgroup2 files=cpu.max none='max 100000' values="$quota 100000"
            else
                prefix=lxc.cgroup files=cpu.cfs_quota_us none=-1 values=$quota
            fi ;;
    esac
    [ "$2" = none ] || none=
}

set_all() {
    while [ "$#" -ge 2 ]; do
        case $1 in
            autostart) set_key lxc.start.auto "$2" ;;
            *)
                limit "$1" "$2"
                # First where it takes effect: what the kernel refuses is not written down.
                if [ "$(state)" != STOPPED ]; then
                    lxc lxc-cgroup "$files" "${none:-$values}" || fail "the kernel does not take $files ${none:-$values}"
                fi
                if [ "$2" = none ]; then set_key "$prefix.$files" ''; else set_key "$prefix.$files" "$values"; fi ;;
        esac
        shift 2
    done
}

# Whether it is as `set` was to make it: written down, and in effect where it runs.
holds() {
    while [ "$#" -ge 2 ]; do
        case $1 in
            autostart) [ "$(value lxc.start.auto "$config")" = "$2" ] || fail "lxc.start.auto is not $2" ;;
            *)
                limit "$1" "$2"
                written=$(value "$prefix.$files" "$config")
                [ "$2" = none ] && expected='' || expected=$values
                [ "$written" = "$expected" ] || fail "$prefix.$files is '$written'"
                if [ "$(state)" != STOPPED ] && [ "$2" != none ]; then
                    told=$(lxc-cgroup -n "$name" ${folder:+-P "$folder"} "$files")
                    # The kernel counts memory by pages.
                    if [ "$1" = memory ]; then values=$(($2 / 4096 * 4096)); fi
                    [ "$told" = "$values" ] || fail "$files is $told"
                fi ;;
        esac
        shift 2
    done
}

# What is written below the guest's root: its folder, or the upper one of an overlay.
data() {
    root=$(value lxc.rootfs.path "$1")
    case $root in
        overlay:* | overlayfs:* | dir:* | /*) data=${root##*:} ;;
        *) fail "the root of $name is $root, which are no files" ;;
    esac
}

# moved CONFIG DATA: the configuration on standard output, its root's data elsewhere.
moved() {
    DATA=$2 awk '{ key = $0; sub(/^[ \t]*/, "", key); sub(/[ \t]*=.*$/, "", key) }
        key == "lxc.rootfs.path" { value = $0; sub(/^[^=]*=[ \t]*/, "", value); at = 0
            for (i = 1; i <= length(value); i++) if (substr(value, i, 1) == ":") at = i
            print key " = " substr(value, 1, at) ENVIRON["DATA"]; next }
        { print }' "$1"
}

# A guest that runs is held still while it is copied. Who finds the mark after a cut lets it go.
hold() {
    [ "$(state)" != RUNNING ] || { : >"$home/.beffroi-held" && lxc lxc-freeze && await FROZEN 30; } || fail "$name cannot be frozen"
}
let_go() {
    [ ! -e "$home/.beffroi-held" ] || { lxc lxc-unfreeze && await RUNNING 30 && rm -f "$home/.beffroi-held"; }
}

# A guest made from a specification knows from when on what is written is state. A copy is written later than all that is in it,
# so that a snapshot keeps what was state by then, and what the root was made from.
own=$home/.beffroi
keep_state() { # INTO
    [ -e "$own/base" ] || return 0
    mkdir "$1" || return 1
    for one in image root config; do [ ! -e "$own/$one" ] || cp -p "$own/$one" "$1/$one" || return 1; done
    { [ ! -e "$own/strays" ] || cat "$own/strays"; written "$data" "$own/base"; } | sort -u | head -c 16777216 >"$1/strays"
}
restore_state() { # FROM
    { [ -d "$1" ] && [ -d "$own" ]; } || return 0
    # Another root that was being made is not the one that is there now.
    rm -f "$own/made" "$own/image.new"
    for one in image root config strays; do
        [ ! -e "$1/$one" ] || { cp -p "$1/$one" "$own/$one.new" && mv "$own/$one.new" "$own/$one"; } || return 1
    done
    rm -f "$own/base" && : >"$own/base"
}

# Bytes in KiB: what a folder holds, what is free where it lies.
held() {
    du -sk "$1" 2>/dev/null | awk '{ print $1 }'
}
free() {
    df -Pk "$1" | awk 'END { print $4 }'
}
# room FOLDER: whether what it holds fits here once more, with a twentieth to spare.
room() {
    wanted_kib=$(held "$1") left_kib=$(free "$base")
    wanted_kib=$((${wanted_kib:-0} + ${wanted_kib:-0} / 20))
    [ "${left_kib:-0}" -gt "$wanted_kib" ]
}
# may rename TO | copy TO | snapshot NAME | restore NAME: says why it would not be done, and changes nothing.
#   there PATH | room FOLDER BYTES BYTES: what is wanted, and what is free
may() {
    case $1 in
        rename) [ ! -e "$base/.volumes/$2" ] || [ ! -d "$base/.volumes/$name" ] || echo "there $base/.volumes/$2" ;;
        restore) data "$home/snaps/$2/config" ;;
        *) data "$config" ;;
    esac
    [ "$1" = rename ] || room "$data" || echo "room $base $((wanted_kib * 1024)) $((left_kib * 1024))"
}

snapshot() {
    snap=$home/snaps/$1 part=$home/snaps/.beffroi-$1
    if [ ! -f "$snap/config" ]; then
        run rm -rf "$part"
        data "$config"
        room "$data" || fail "the snapshot takes $wanted_kib KiB, and $left_kib KiB are free in $base"
        mkdir -p "$part" || fail "$part cannot be made"
        trap let_go EXIT
        hold
        run cp -a "$data" "$part/${data##*/}" || fail "$data cannot be copied"
        keep_state "$part/.beffroi" || fail "$part cannot be written"
        trap - EXIT
        moved "$config" "$snap/${data##*/}" >"$part/config" && date '+%Y:%m:%d %H:%M:%S' >"$part/ts" || fail "$part cannot be written"
        sync
        run mv "$part" "$snap" || fail "$snap cannot be made"
    fi
    let_go
}

# Everything of it is copied first, then takes the place of what is there, in two moves: cut anywhere, it is begun again. Between
# the moves there is no root, and what was copied is whole.
restore() {
    snap=$home/snaps/$1 note=$home/.beffroi-restore
    [ -f "$snap/config" ] || fail "$name has no snapshot $1"
    if [ ! -e "$note" ]; then
        case $(state) in STOPPED) echo stopped ;; *) echo running ;; esac >"$note.new" && mv "$note.new" "$note" || fail "$note cannot be written"
    fi
    read -r before <"$note"
    data "$snap/config"
    saved=$data
    data "$config"
    if [ -e "$data" ] || [ ! -e "$data.beffroi-new" ]; then
        # What an earlier try left is no room.
        [ ! -e "$data.beffroi-new" ] || run rm -rf "$data.beffroi-new"
        [ ! -e "$data" ] || [ ! -e "$data.beffroi-old" ] || run rm -rf "$data.beffroi-old"
        room "$saved" || fail "the snapshot takes $wanted_kib KiB, and $left_kib KiB are free in $base"
        stop 60
        run rm -rf "$data.beffroi-new" || fail "$data.beffroi-new cannot be removed"
        run cp -a "$saved" "$data.beffroi-new" || fail "$saved cannot be copied"
        sync
    fi
    if [ -e "$data" ]; then
        run rm -rf "$data.beffroi-old"
        run mv "$data" "$data.beffroi-old" || fail "$data cannot be moved"
    fi
    run mv "$data.beffroi-new" "$data" || fail "$data cannot be made"
    restore_state "$snap/.beffroi" || fail "$own cannot be written"
    moved "$snap/config" "$data" >"$config.beffroi-new" && cp -p "$config" "$config.beffroi-before" || fail "$config cannot be written"
    sync
    run mv "$config.beffroi-new" "$config" || fail "$config cannot be written"
    run rm -rf "$data.beffroi-old" || fail "$data.beffroi-old cannot be removed"
    [ "$before" = stopped ] || start
    rm -f "$note"
}

forget() {
    [ ! -f "$home/snaps/$1/config" ] || lxc lxc-snapshot -d "$1" || [ ! -f "$home/snaps/$1/config" ] || fail "the snapshot $1 is still there"
    run rm -rf "$home/snaps/$1" "$home/snaps/.beffroi-$1"
}

# Others are laid over it, and would lose what is below them.
refuse_below() {
    [ ! -s "$home/lxc_rdepends" ] || fail "other guests are laid over $name: $(tr '\n' ' ' <"$home/lxc_rdepends")"
}

# In one move, as it stands. Its configuration and those of its snapshots name its folder.
rename_to() {
    there=$base/$1
    if [ -f "$config" ]; then
        [ ! -e "$there" ] || fail "$there is there already"
        [ "$(state)" = STOPPED ] || fail "$name runs"
        refuse_below
        # Kept of an earlier guest of that name: looked for before anything is moved.
        [ ! -e "$base/.volumes/$1" ] || [ ! -d "$base/.volumes/$name" ] || fail "$base/.volumes/$1 is there already"
        echo "$name" >"$home/.beffroi-was" || fail "$home cannot be written"
        run mv "$home" "$there" || fail "$home cannot be moved"
    fi
    [ -f "$there/config" ] || fail "there is no guest $name"
    if [ -e "$there/.beffroi-was" ]; then
        read -r was <"$there/.beffroi-was"
        export FROM="$base/$was/" TO="$there/" OLD="$base/.volumes/$was/" NEW="$base/.volumes/$1/" WAS="$was" NAME="$1"
        # Volumes that were made for it bear its name.
        if [ -d "$base/.volumes/$was" ]; then
            [ ! -e "$base/.volumes/$1" ] || fail "$base/.volumes/$1 is there already"
            run mv "$base/.volumes/$was" "$base/.volumes/$1" || fail "$base/.volumes/$was cannot be moved"
        fi
        for file in "$there/config" "$there"/snaps/*/config; do
            # shellcheck disable=SC2016
            [ ! -f "$file" ] || change "$file" '/^[ \t]*lxc\.uts\.name[ \t]*=/ { value = $0; sub(/^[^=]*=[ \t]*/, "", value)
                if (value == ENVIRON["WAS"]) { print "lxc.uts.name = " ENVIRON["NAME"]; next } }
                function put(text, from, to,    out, i) {
                  while (i = index(text, from)) { out = out substr(text, 1, i - 1) to; text = substr(text, i + length(from)) }
                  return out text }
                { print put(put($0, ENVIRON["FROM"], ENVIRON["TO"]), ENVIRON["OLD"], ENVIRON["NEW"]) }'
        done
        rm -f "$there/.beffroi-was"
    fi
}

# Made under a name of its own, which nobody uses, and renamed once it is whole: what was cut is begun again.
copy_to() {
    there=$base/$1 half=$1.beffroi-copy
    if [ -e "$there" ]; then
        [ "$(cat "$there/.beffroi-copy" 2>/dev/null)" = "$name" ] || fail "$there is there already"
    elif [ ! -e "$base/$half/.beffroi-copy" ]; then
        [ "$(state)" = STOPPED ] || fail "$name runs"
        if [ -e "$base/$half" ]; then
            run lxc-destroy -n "$half" ${folder:+-P "$folder"}
            run rm -rf "$base/$half"
        fi
        case $(value lxc.rootfs.path "$config") in
            overlay*) snap=-s ;;
            *)
                snap=
                data "$config"
                room "$data" || fail "the copy takes $wanted_kib KiB, and $left_kib KiB are free in $base" ;;
        esac
        lxc lxc-copy -N "$half" ${folder:+-p "$folder"} $snap || fail "$name is not copied"
        # Not what was noted of what was copied.
        rm -f "$base/$half"/.beffroi-*
        data "$base/$half/config"
        named=$data/etc/hostname
        if [ ! -L "$data/etc" ] && [ -f "$named" ] && [ ! -L "$named" ] && [ "$(cat "$named")" = "$half" ]; then
            printf '%s\n' "$1" >"$named"
        fi
        sync
        echo "$name" >"$base/$half/.beffroi-copy" || fail "$base cannot be written"
    fi
    name=$half home=$base/$half config=$base/$half/config
    rename_to "$1"
}

# delete [FOLDER…]: the guest with its snapshots; of what is mounted into it only the folders that are named.
delete() {
    if [ -f "$config" ] || [ -e "$home/.beffroi-gone" ]; then
        case $(state) in STOPPED | ABSENT) ;; *) fail "$name runs" ;; esac
        refuse_below
        ! grep -q " $home/" /proc/mounts || fail "something is mounted below $home"
        : >"$home/.beffroi-gone" || fail "$home cannot be written"
        for snap in "$home"/snaps/*/config; do
            [ ! -f "$snap" ] || { snap=${snap%/config} && lxc lxc-snapshot -d "${snap##*/}" && rm -rf "$snap"; }
        done
        # One whose making was cut has no root yet.
        [ ! -f "$config" ] || { [ -d "$own" ] && [ ! -d "$home/rootfs" ]; } || lxc lxc-destroy || [ ! -f "$config" ] || fail "$name is still there"
        [ ! -e "$home" ] || run rm -rf "$home" || fail "$home cannot be removed"
    fi
    for volume; do
        ! grep -q " $volume[ /]" /proc/mounts || fail "something is mounted at $volume"
        run rm -rf "$volume" || fail "$volume cannot be removed"
    done
}

is() {
    case $1 in
        running) await RUNNING 5 ;;
        stopped) await STOPPED 5 ;;
        frozen) await FROZEN 5 ;;
        absent) [ ! -e "$home" ] ;;
        there) [ -f "$config" ] && [ ! -e "$home/.beffroi-was" ] ;;
        snapshot) [ -f "$home/snaps/$2/config" ] ;;
        no-snapshot) [ ! -e "$home/snaps/$2" ] ;;
        restored) data "$config" && [ -e "$data" ] && [ ! -e "$home/.beffroi-restore" ] ;;
        *) fail "$1 is not understood" ;;
    esac || fail "$name: it is not $1, but $(state)"
    echo "$name: $1"
}

case $verb in
    delete) delete "$@" ;;
    rename) rename_to "$1" ;;
    is) is "$@" ;;
    *)
        wanted
        case $verb in
            start) start ;;
            stop) stop "$1" ;;
            kill) kill_it ;;
            restart) if [ "$1" = 0 ]; then kill_it; else stop "$1"; fi; start ;;
            freeze) [ "$(state)" = FROZEN ] || lxc lxc-freeze; await FROZEN 30 || fail "$name is $(state)" ;;
            thaw) [ "$(state)" = RUNNING ] || lxc lxc-unfreeze; await RUNNING 30 || fail "$name is $(state)" ;;
            copy) copy_to "$1" ;;
            set) set_all "$@" ;;
            holds) holds "$@" ;;
            may) may "$@" ;;
            snapshot) snapshot "$1" ;;
            restore) restore "$1" ;;
            forget) forget "$1" ;;
            *) fail "$verb is not understood" ;;
        esac ;;
esac
