# The detached-job protocol of beffroi_remote::job, where it is described.
#
#   sh -c THIS beffroi-job start|follow|state|cancel|remove JOB.STEP [OUT_OFFSET ERR_OFFSET]
#   sh -c THIS beffroi-job list
#
# POSIX sh (dash, bash --posix, busybox ash) with GNU or busybox tools, on Linux. It holds no backslash before a
# backslash or a quote, so that a login shell which is not POSIX, such as fish, hands it over unharmed too.

mask=$(umask)
umask 077
verb=$1
name=${2:-}

say() {
    printf '%s\n' "$1" || exit 0
}

fail() {
    say "error $1"
    exit 0
}

say 'beffroi-job 1'

case ${XDG_STATE_HOME:-} in
    /*) base=$XDG_STATE_HOME/beffroi ;;
    *) if [ "$(id -u)" = 0 ]; then
        base=/var/lib/beffroi
    elif [ -n "${HOME:-}" ]; then
        base=$HOME/.local/state/beffroi
    else
        fail 'missing HOME'
    fi ;;
esac
jobs=$base/jobs
dir=$jobs/$name
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || fail 'missing /proc'

# process PID: sets state, parent, session and born (its start time); false when there is no such process.
# A process may put anything in its name, even ") " and line ends, so what follows the last ") " counts.
process() {
    stat=
    while IFS= read -r line; do
        stat="$stat $line"
    done <"/proc/$1/stat"
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [ "$#" -ge 20 ] || return 1
    state=$1 parent=$2 session=$4 born=${20}
} 2>/dev/null

# Whether the runner lives: the process of that number that began at that time, since the same boot.
alive() {
    { read -r pid its_born its_boot its_token <"$dir/pid"; } 2>/dev/null || return 1
    [ "$its_boot" = "$boot" ] && process "$pid" && [ "$born" = "$its_born" ] && [ "$state" != Z ]
}

# Whether the exit is recorded; sets how.
ended() {
    { read -r how <"$dir/exit"; } 2>/dev/null && [ -n "$how" ]
}

# Sets now to where the step stands. The exit is looked at again once the runner is gone: it may have just ended.
look() {
    if [ ! -d "$dir" ]; then
        now=absent
    elif ended; then
        now="ended $how"
    elif [ ! -e "$dir/pid" ]; then
        now=staged
    elif alive; then
        now=running
    elif ended; then
        now="ended $how"
    else
        now=vanished
    fi
}

pause() {
    sleep 0.1 2>/dev/null || sleep 1
}

# Sets shm to a folder in memory that can be written: what goes there never reaches a disk, but for swap.
memory() {
    shm=
    while read -r _ point kind _; do
        case "$kind $point" in
            'tmpfs /run') [ -w /run ] && [ "$(id -u)" = 0 ] && shm=/run && return ;;
            'tmpfs /dev/shm') [ -w /dev/shm ] && shm=/dev/shm ;;
        esac
    done </proc/mounts
    [ -n "$shm" ]
}

# What becomes the leader of a session of its own and runs the command. It opens and removes its input, then claims the
# step by linking its pid file, which only one can do, and only then runs: so whatever died before, the command runs at
# most once. The place for the exit is written beforehand, so that a full disk does not hide it.
# shellcheck disable=SC2016
runner='
dir=$1 secret=$2 mask=$3 token=$4
mine=$dir/.$$
if [ -n "$secret" ]; then
    exec <"$secret"
    rm -f "$secret"
fi
stat=
while IFS= read -r line; do stat="$stat $line"; done </proc/$$/stat
set -- ${stat##*) }
read -r boot </proc/sys/kernel/random/boot_id
printf "%-31s\n" "" >"$mine.exit" && printf "%s %s %s %s\n" "$$" "${20}" "$boot" "$token" >"$mine.pid" || exit 1
if ! ln "$mine.pid" "$dir/pid"; then
    rm -f "$mine.pid" "$mine.exit"
    exit 1
fi
rm -f "$mine.pid"
date +%s >"$dir/started"
(umask "$mask" && exec sh "$dir/command") >>"$dir/out" 2>>"$dir/err"
status=$?
how=$status
if [ "$status" -gt 128 ]; then
    signal=$(kill -l "$((status - 128))")
    case $signal in
        "" | *[!A-Z0-9+-]*) ;;
        [A-Z]*) how="signal $signal" ;;
    esac
fi
if [ -s "$dir/cancel" ]; then
    read -r signal <"$dir/cancel"
    how="signal $signal"
fi
tries=0
until printf "%-31s\n" "$how" 1<>"$mine.exit" && mv "$mine.exit" "$dir/exit"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 1
    sleep 1
done
'

start() {
    if [ -e "$dir/pid" ]; then
        say already
        return
    fi
    # All of the input is here before anything is written.
    IFS= read -r command && IFS= read -r input && read -r last && [ "$last" = end ] || fail cut
    for tool in setsid base64 ln mv date; do
        command -v "$tool" >/dev/null || fail "missing $tool"
    done
    mine=$dir/.$$
    mkdir -p "$dir" && : >>"$dir/out" && : >>"$dir/err" || fail folder
    printf '%s' "$command" | base64 -d >"$mine.command" && mv "$mine.command" "$dir/command" || fail folder
    secret=
    if [ -n "$input" ]; then
        memory || fail tmpfs
        secret=$shm/beffroi-$name.$$
        trap 'rm -f "$secret"' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        (set -C && printf '%s' "$input" | base64 -d >"$secret") || fail tmpfs
    fi
    setsid sh -c "$runner" beffroi-job-runner "$dir" "$secret" "$mask" "$$" </dev/null >/dev/null 2>&1 &
    tries=0
    while [ ! -e "$dir/pid" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || fail unstarted
        sleep 0.02 2>/dev/null || { sleep 1 && tries=$((tries + 49)); }
    done
    its_token=
    read -r pid its_born its_boot its_token <"$dir/pid"
    if [ "$its_token" = "$$" ]; then say now; else say already; fi
}

# give LETTER DESCRIPTOR OFFSET SIZE: sends the next bytes; false when there are none.
give() {
    length=$(($4 - $3))
    [ "$length" -gt 0 ] || return 1
    [ "$length" -le 65536 ] || length=65536
    say "$1 $3 $length"
    dd bs="$length" count=1 <&"$2" 2>/dev/null || exit 0
    left=$((left - length))
}

sizes() {
    stat -c %s "$dir/out" "$dir/err" 2>/dev/null || { wc -c <"$dir/out" && wc -c <"$dir/err"; } 2>/dev/null
}

follow() {
    out_at=$1 err_at=$2 left=8388608 quiet=0
    look
    case $now in
        absent | staged) say "$now" && return ;;
    esac
    [ -r "$dir/out" ] && [ -r "$dir/err" ] || fail folder
    exec 3<"$dir/out" 4<"$dir/err"
    # Moves the shell's own descriptors, which every later dd shares.
    dd bs=1 skip="$out_at" count=0 <&3 2>/dev/null
    dd bs=1 skip="$err_at" count=0 <&4 2>/dev/null
    tick=1 beat=5
    sleep 0.01 2>/dev/null && tick=0.1 beat=50
    while :; do
        # Before the sizes: what was written before the end was recorded is then seen.
        look
        # shellcheck disable=SC2046
        set -- $(sizes)
        [ "$#" -eq 2 ] || { say absent && return; }
        [ "$out_at" -le "$1" ] && [ "$err_at" -le "$2" ] || fail offset
        gave=
        give O 3 "$out_at" "$1" && out_at=$((out_at + length)) && gave=yes
        give E 4 "$err_at" "$2" && err_at=$((err_at + length)) && gave=yes
        if [ "$left" -le 0 ]; then
            say more
            return
        elif [ -n "$gave" ]; then
            quiet=0
        elif [ "$now" != running ]; then
            say "$now"
            return
        else
            quiet=$((quiet + 1))
            # A sign of life, and the way to notice that nobody listens any more.
            [ "$((quiet % beat))" -ne 0 ] || say alive
            sleep "$tick"
        fi
    done
}

# family LEADER: sets family to the processes of its session and all their descendants, without itself.
family() {
    known=" $1 " family='' grown=yes
    while [ -n "$grown" ]; do
        grown=
        for entry in /proc/[0-9]*; do
            other=${entry#/proc/}
            case $known in *" $other "*) continue ;; esac
            process "$other" && [ "$state" != Z ] && [ "$other" != "$$" ] || continue
            case $known in
                *" $parent "* | *" $session "*)
                    known="$known$other " family="$family $other" grown=yes ;;
            esac
        done
    done
}

strike() {
    family "$pid"
    # shellcheck disable=SC2086
    [ -z "$family" ] || kill -s "$1" $family 2>/dev/null
}

cancel() {
    look
    if [ "$now" = staged ]; then
        # Takes the claim, so that it never starts.
        mine=$dir/.$$
        printf '%-31s\n' 'signal TERM' >"$mine.exit" && printf '0 0 none none\n' >"$mine.pid" || fail folder
        if ln "$mine.pid" "$dir/pid" 2>/dev/null; then
            mv "$mine.exit" "$dir/exit" || fail folder
        fi
        rm -f "$mine.exit" "$mine.pid"
        look
    fi
    for signal in TERM KILL; do
        [ "$now" = running ] || break
        # The runner is spared, so that it records the end.
        say "$signal" >"$dir/cancel"
        strike "$signal"
        tries=0
        while [ "$now" = running ] && [ "$tries" -lt 50 ]; do
            pause
            tries=$((tries + 1))
            [ "$signal" = TERM ] || strike KILL
            look
        done
    done
    case $now in
        running) fail alive ;;
        vanished)
            # What its runner left behind, unless the number went to another process since.
            { read -r pid its_born its_boot its_token <"$dir/pid"; } 2>/dev/null
            if [ "$its_boot" = "$boot" ] && { ! process "$pid" || [ "$born" = "$its_born" ]; }; then
                strike KILL
            fi ;;
    esac
    say "$now"
}

remove() {
    look
    case $now in
        running) fail running ;;
        absent) ;;
        *)
            gone=$jobs/.gone-$name.$$
            mv "$dir" "$gone" && rm -rf "$gone" || fail folder ;;
    esac
    rm -f /run/beffroi-"$name".* /dev/shm/beffroi-"$name".* 2>/dev/null
    say absent
}

list() {
    for dir in "$jobs"/*; do
        look
        [ "$now" = absent ] || say "${dir##*/} $now"
    done
    say end
}

case $verb in
    start | cancel | remove | list) "$verb" ;;
    follow) follow "$3" "$4" ;;
    state) look && say "$now" ;;
    *) fail verb ;;
esac
