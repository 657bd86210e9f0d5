# The detached-job protocol of beffroi_remote::job, where it is described.
#
#   sh -c THIS beffroi-job start JOB.STEP KEPT
#   sh -c THIS beffroi-job follow JOB.STEP OUT_OFFSET ERR_OFFSET
#   sh -c THIS beffroi-job state|boot|cancel|remove JOB.STEP
#   sh -c THIS beffroi-job list | clean SECONDS MOST
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

# What the runner needs too.
# this_boot: sets boot, which differs after a reboot; in a container, whose kernel goes on, by the start of its init.
# shellcheck disable=SC2016
common=$process_text'
this_boot() {
    read -r boot </proc/sys/kernel/random/boot_id || return 1
    ! process 1 || boot=$boot/$born
} 2>/dev/null

pause() {
    sleep "$1" 2>/dev/null || sleep 1
}

size_of() {
    stat -c %s "$1" 2>/dev/null || wc -c <"$1"
}
'
eval "$common"

state_base || fail 'missing HOME'
user=$(id -u)
jobs=$base/jobs
dir=$jobs/$name
this_boot || fail 'missing /proc'

# Whether the runner lives: the process of that number that began at that time, since the same boot.
alive() {
    its_boot='' its_token=''
    { read -r pid its_born its_boot its_token out_keeper err_keeper _ <"$dir/pid"; } 2>/dev/null || return 1
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
    elif [ "$its_boot" = "$boot" ]; then
        now=vanished
    else
        now='vanished rebooted'
    fi
}

# Fails with why the folder cannot be used, in the words of the system, which only a program tells in every shell.
fail_folder() {
    said=$({ mkdir -p "$dir" && dd if=/dev/zero of="$dir/.probe.$$" bs=16384 count=1; } 2>&1)
    rm -f "$dir/.probe.$$"
    unstage
    case $said in
        *'ead-only'*) fail 'folder read-only' ;;
        *'o space left'*|*'uota exceeded'*) fail 'folder full' ;;
        *'ermission denied'*|*'not permitted'*) fail 'folder not-allowed' ;;
        *) fail 'folder other' ;;
    esac
} 2>/dev/null

# Removes what this call put into the folder, and the folder unless another call has put something there.
unstage() {
    rm -f "$dir/.systemd.$me".* "$dir/.setsid.$me".*
    [ -e "$dir/command" ] || [ -e "$dir/pid" ] || rm -f "$dir"/out "$dir"/err "$dir"/dropped-* "$dir"/cancel
    rmdir "$dir" && rmdir "$jobs" && rmdir "$base"
} 2>/dev/null

# Sets shm to a folder in memory that can be written: what goes there never reaches a disk, but for swap.
memory() {
    shm=
    while read -r _ point kind _; do
        case "$kind $point" in
            'tmpfs /run') [ -w /run ] && [ "$user" = 0 ] && shm=/run && return ;;
            'tmpfs /dev/shm') [ -w /dev/shm ] && shm=/dev/shm ;;
        esac
    done </proc/mounts
    [ -n "$shm" ]
}

# What runs the command. It opens and removes its input, then claims the step by linking its pid file, which only one can
# do, and only then runs: so whatever died before, the command runs at most once.
# Two keepers read the streams, as long as anybody holds their other ends: each keeps the first bytes, then counts and
# drops. The places for the exit and the counts are written beforehand, so that a full disk does not hide them.
# shellcheck disable=SC2016
runner=$common'
dir=$1 token=$2 secret=$3 mask=$4 kept=$5
mine=$dir/.$token
umask 077
[ -z "$6" ] || cd "$6" || cd /
[ -z "$secret" ] || { exec <"$secret" && rm -f "$secret"; }

# note COUNT counted|uncounted
note() {
    printf "%-31s\n" "$1 $2" 1<>"$dir/dropped-$stream"
}

# dd writes each read at once. Its reads get smaller as the room does, so that it never writes too much.
keep() {
    stream=$1 size=0 lost=0 counted=counted
    while room=$((kept - size)) && [ "$room" -gt 0 ]; do
        block=$((room / 64))
        [ "$block" -ge 1 ] || block=1
        [ "$block" -le 65536 ] || block=65536
        count=$((room / block))
        if ! said=$(LC_ALL=C dd bs="$block" count="$count" 2>&1 >>"$dir/$stream"); then
            counted=uncounted
            note 0 "$counted"
            break
        fi
        reads=${said%% records in*}
        reads=${reads##*[!0-9+]}
        # shellcheck disable=SC2004
        [ "$(($reads))" -eq "$count" ] || return
        size=$(size_of "$dir/$stream")
    done
    count=1
    while :; do
        more=$(dd bs=65536 count="$count" 2>/dev/null | wc -c)
        [ "${more:-1}" -ne 0 ] || return
        [ -n "$more" ] || sleep 1
        lost=$((lost + more))
        note "$lost" "$counted"
        [ "$count" -ge 256 ] || count=$((count * 2))
    done
}

gone() {
    ! process "$1" || [ "$state" = Z ]
}

# Sets busy to whether a process below the keepers works, and below to their numbers. All asleep, they wait for bytes.
below() {
    below=" $out_keeper $err_keeper " busy=
    for entry in /proc/[0-9]*; do
        other=${entry#/proc/}
        process "$other" || continue
        case $below in
            *" $parent "*) below="$below$other " ;;
            *" $other "*) ;;
            *) continue ;;
        esac
        case $state in S|Z) ;; *) busy=yes ;; esac
    done
}

# Waits until the keepers have all that the command wrote: they ended, or wait for what a process that it left behind
# may write; twice the same, as a look takes its time.
settle() {
    before='' tries=0
    until gone "$out_keeper" && gone "$err_keeper"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || return
        pause 0.01
        [ "$tries" -gt 3 ] || continue
        below
        [ -n "$busy" ] || [ "$below" != "$before" ] || return
        before=$below
    done
}

[ -p "$mine.out" ] && [ -p "$mine.err" ] || exit 1
exec 5<>"$mine.out" 6<>"$mine.err" 7<"$mine.out" 8<"$mine.err" 3>"$mine.out" 4>"$mine.err" 5>&- 6>&-
# With exec, as a shell holds copies of what it closes for a function only.
(exec <&7 3>&- 4>&- 7<&- 8<&- && keep out) &
out_keeper=$!
(exec <&8 3>&- 4>&- 7<&- 8<&- && keep err) &
err_keeper=$!
exec 7<&- 8<&-
this_boot && process $$ || exit 1
printf "%-191s\n" "$$ $born $boot $token $out_keeper $err_keeper $(date +%s)" 1<>"$mine.pid" || exit 1
# Whatever removing says: busybox complains of a file that whoever started this one removes at the same time.
ln "$mine.pid" "$dir/pid" || { rm -f "$mine".*; exit 1; }
rm -f "$mine.pid" "$mine.out" "$mine.err" "$mine.run"
(umask "$mask" && export BEFFROI_STEP="${dir##*/}" && exec sh "$dir/command") >&3 2>&4 3>&- 4>&-
status=$?
exec 3>&- 4>&-
at=$(date +%s)
how=$status
if [ "$status" -gt 128 ]; then
    signal=$(kill -l "$((status - 128))")
    case $signal in
        "" | *[!A-Z0-9+-]*) ;;
        [A-Z]*) how="signal $signal" ;;
    esac
fi
settle
read -r signal <"$dir/cancel"
[ -z "$signal" ] || how="signal $signal"
tries=0
until printf "%-31s\n%-15s\n" "$how" "$at" 1<>"$mine.exit" && mv "$mine.exit" "$dir/exit"; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 1
    sleep 1
done
'

# Whether this account can have units of a systemd that sees the same files.
has_systemd() {
    [ "$user" = 0 ] && [ -d /run/systemd/system ] && [ /proc/1/root/. -ef /. ] && command -v systemd-run >/dev/null || return 1
    # What systemd would replace in an argument.
    case $dir$PWD in *[$%]*) return 1 ;; esac
}

# stage LAUNCHER: everything that the runner needs room for.
stage() {
    token=$1.$me mine=$dir/.$1.$me
    mkdir -p "$dir" && printf '' >>"$dir/out" && printf '' >>"$dir/err" || return 1
    for place in cancel: dropped-out:'0 counted' dropped-err:'0 counted'; do
        printf '%-31s\n' "${place#*:}" >>"$dir/${place%%:*}" || return 1
    done
    printf '%-191s\n' '' >"$mine.pid" && printf '%-31s\n%-15s\n' '' '' >"$mine.exit" || return 1
    mkfifo "$mine.out" "$mine.err" || return 1
    [ "$1" != systemd ] || { export -p && printf '%s\n' "$runner"; } >"$mine.run" || return 1
    printf '%s' "$command" | base64 -d >"$mine.command" && mv "$mine.command" "$dir/command"
} 2>/dev/null

# A unit of its own: no logout ends it, and its control group tells all its processes. What the command leaves behind when
# it ends lives on, as it does without systemd.
launch_systemd() {
    systemd-run --quiet --collect --unit="beffroi-$name.service" --description="Beffroi step $name" \
        -p KillMode=process -p IgnoreSIGPIPE=no -p OOMPolicy=continue -p TasksMax=infinity \
        -p StandardOutput=null -p StandardError=null \
        "$(command -v sh)" "$mine.run" "$dir" "$token" "$secret" "$mask" "$kept" "$PWD" </dev/null >/dev/null 2>&1
}

launch_setsid() {
    setsid sh -c "$runner" beffroi-job-runner "$dir" "$token" "$secret" "$mask" "$kept" '' </dev/null >/dev/null 2>&1 &
}

# True once the step is claimed, by whomever.
claimed() {
    tries=0
    until [ -e "$dir/pid" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt "$1" ] || return 1
        sleep 0.01 2>/dev/null || { sleep 1 && tries=$((tries + 99)); }
    done
}

start() {
    [ ! -e "$dir/pid" ] || { say already && return; }
    kept=$1
    # All of the input is here before anything is written.
    IFS= read -r command && IFS= read -r input && read -r last && [ "$last" = end ] || fail cut
    for tool in setsid base64 ln mv date mkfifo dd wc; do
        command -v "$tool" >/dev/null || fail "missing $tool"
    done
    process $$
    me=$$.$born secret='' launcher=setsid
    [ -z "$input" ] || memory || fail tmpfs
    ! has_systemd || launcher=systemd
    stage "$launcher" || fail_folder
    if [ -n "$input" ]; then
        secret=$shm/beffroi-$name.$me
        trap 'rm -f "$secret"' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        (set -C && printf '%s' "$input" | base64 -d >"$secret") 2>/dev/null || { unstage; fail tmpfs; }
    fi
    if [ "$launcher" = systemd ]; then
        # When another call has the unit, its runner is about to claim.
        if ! launch_systemd && ! claimed 100; then
            rm -f "$mine".*
            stage setsid || fail_folder
            launch_setsid
        fi
    else
        launch_setsid
    fi
    claimed 1000 || fail unstarted
    its_token=
    read -r _ _ _ its_token _ <"$dir/pid"
    case $its_token in
        *".$me") say "started ${its_token%%.*}" ;;
        *)
            # Another call has it; no runner may have come to remove these.
            rm -f "$mine".*
            say already ;;
    esac
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

# Whether the system is on its way down, where systemd or OpenRC says so: what runs is ended then, in the same boot still. At the
# very end systemd answers nobody, and is another program; accounts other than root it may never have answered.
going_down() {
    first='' level=
    read -r first </proc/1/comm
    case $first in
        systemd-shutdow*) return 0 ;;
        systemd)
            said=$(systemctl is-system-running)
            case $said$user in
                stopping* | unknown* | 0) return 0 ;;
            esac
            return 1 ;;
    esac
    read -r level </run/openrc/softlevel
    [ "$level" = shutdown ] || [ "$level" = reboot ]
} 2>/dev/null

sizes() {
    stat -c %s "$dir/out" "$dir/err" 2>/dev/null || { wc -c <"$dir/out" && wc -c <"$dir/err"; } 2>/dev/null
}

# Tells what is missing of the output, when something is.
dropped() {
    lost_out=0 lost_err=0 out_counted=counted err_counted=counted
    { read -r lost_out out_counted <"$dir/dropped-out"; read -r lost_err err_counted <"$dir/dropped-err"; } 2>/dev/null
    case "$out_counted $err_counted" in *uncounted*) out_counted=uncounted ;; esac
    [ "$lost_out $lost_err $out_counted" = '0 0 counted' ] || say "dropped $lost_out $lost_err $out_counted"
}

follow() {
    out_at=$1 err_at=$2 left=8388608 quiet=0 waited=0
    look
    case $now in
        absent | staged) say "$now" && return ;;
    esac
    [ -r "$dir/out" ] && [ -r "$dir/err" ] || fail 'folder other'
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
        elif [ "$now" = vanished ] && [ "$waited" -lt 600 ] && going_down; then
            # Told after the boot, to whoever asks again; until then a link may last, into a guest through its host.
            waited=$((waited + 1))
            say alive
            sleep "$tick"
        elif [ "$now" != running ]; then
            dropped
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

# The processes of the step's unit, and those that have its mark in their environment, as lines /proc/PID/FILE.
marked() {
    grep -lsF "/beffroi-$name.service" /proc/[0-9]*/cgroup
    if printf 'a' | grep -qzxF a 2>/dev/null; then
        grep -lszxF "BEFFROI_STEP=$name" /proc/[0-9]*/environ
        return
    fi
    for entry in /proc/[0-9]*; do
        { tr '\0' '\n' <"$entry/environ" | grep -qxF "BEFFROI_STEP=$name"; } 2>/dev/null && say "$entry/environ"
    done
}

# family: sets family to the step's processes: the runner's session, all their descendants, and what is marked. Without
# the runner and its keepers while it lives, so that it records the end and what is said until then.
family() {
    table='' known=' ' spared=" $$ " family=''
    # shellcheck disable=SC2086
    for entry in $(marked); do
        entry=${entry#/proc/}
        known="$known${entry%%/*} "
    done
    for entry in /proc/[0-9]*; do
        other=${entry#/proc/}
        process "$other" && [ "$state" != Z ] || continue
        table="$table $other:$parent:$session"
        case "$other $parent" in
            "$out_keeper $pid" | "$err_keeper $pid") spared="$spared$other " ;;
        esac
    done
    # Unless the number went to another process since.
    leader=
    [ "$its_boot" = "$boot" ] && { ! process "$pid" || [ "$born" = "$its_born" ]; } && leader=$pid && known="$known$pid "
    grown=yes
    while [ -n "$grown" ]; do
        grown=
        for row in $table; do
            parent=${row#*:}
            case $spared in *" ${row%%:*} "*) continue ;; *" ${parent%:*} "*) spared="$spared${row%%:*} " grown=yes ;; esac
        done
    done
    grown=yes
    while [ -n "$grown" ]; do
        grown=
        for row in $table; do
            other=${row%%:*} parent=${row#*:}
            case $known in
                *" $other "*) continue ;;
                *" ${parent%:*} "*) ;;
                *) [ -n "$leader" ] && [ "${row##*:}" = "$leader" ] || continue ;;
            esac
            known="$known$other " grown=yes
        done
    done
    for row in $table; do
        other=${row%%:*}
        [ "$other" != "$leader" ] || continue
        case $spared in *" $other "*) continue ;; esac
        case $known in *" $other "*) family="$family $other" ;; esac
    done
}

# Whether the host started again since the step began.
boot() {
    its_boot=
    { read -r _ _ its_boot _ <"$dir/pid"; } 2>/dev/null
    case $its_boot in
        '') say absent ;;
        "$boot") say running ;;
        *) say 'vanished rebooted' ;;
    esac
}

strike() {
    family
    # shellcheck disable=SC2086
    [ -z "$family" ] || kill -s "$1" $family 2>/dev/null
}

cancel() {
    look
    if [ "$now" = staged ]; then
        # Takes the claim, so that it never starts.
        process $$
        me=$$.$born mine=$dir/.setsid.$$.$born
        { printf '%-31s\n' 'signal TERM' >"$mine.exit" && date +%s >>"$mine.exit" && printf '0 0 none none 0 0 -\n' >"$mine.pid"; } 2>/dev/null || fail_folder
        if ln "$mine.pid" "$dir/pid" 2>/dev/null; then
            mv "$mine.exit" "$dir/exit" || fail_folder
        fi
        rm -f "$mine".*
        look
    fi
    case $now in
        vanished*) strike KILL ;;
        running)
            for signal in TERM KILL; do
                { printf '%-31s\n' "$signal" 1<>"$dir/cancel"; } 2>/dev/null
                strike "$signal"
                tries=0
                # What ignores a TERM may outlive the runner.
                while [ "$now" = running ] || [ -n "$family" ]; do
                    tries=$((tries + 1))
                    [ "$tries" -le 50 ] || break
                    pause 0.1
                    look
                    if [ "$signal" = TERM ]; then family; else strike KILL; fi
                done
                [ "$now" = running ] || [ -n "$family" ] || break
            done
            [ "$now" != running ] && [ -z "$family" ] || fail alive ;;
    esac
    say "$now"
}

# Takes the folder away, at once for whoever looks.
discard() {
    process $$
    gone=$jobs/.gone-${dir##*/}.$$.$born
    mv "$dir" "$gone" 2>/dev/null && rm -rf "$gone" 2>/dev/null
}

# Whether the step's lifeline may still put something back, for which it needs the folder.
tied() {
    [ -e "$dir/lifeline/armed" ] && [ ! -e "$dir/lifeline/released" ] && [ ! -e "$dir/lifeline/restored" ] || return 1
    case $(readlink "$dir/lifeline/decided" 2>/dev/null) in let-go | refused) return 1 ;; esac
}

remove() {
    look
    tied && fail running
    case $now in
        running) fail running ;;
        absent) ;;
        *) me=none && discard || fail_folder ;;
    esac
    rm -f /run/beffroi-"$name".* /dev/shm/beffroi-"$name".* 2>/dev/null
    say absent
}

case $verb in
    start) start "$3" ;;
    boot | cancel | remove | list) "$verb" ;;
    clean) clean "$2" "$3" ;;
    follow) follow "$3" "$4" ;;
    state) look && say "$now" ;;
    *) fail verb ;;
esac
