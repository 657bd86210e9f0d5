# Ends what another channel of this connection runs: OpenSSH hands on no signal when root is logged in
# (session_signal_req wants a separated process, which root has none of), and sudo takes none from the account.
#
# On standard input: the mark that the other channel's command was given in its environment. Its shell is a child of the
# same sshd process as this one; the mark stands in the shell's arguments, or in the environment of what it became. sudo
# keeps it in its arguments, also where it runs the command in a session of its own, on a terminal that it records.

IFS= read -r mark && [ -n "$mark" ] || exit 2

# process PID: sets parent and session; false when there is no such process. See job.sh.
process() {
    stat=
    while IFS= read -r line; do
        stat="$stat $line"
    done <"/proc/$1/stat"
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [ "$#" -ge 20 ] || return 1
    parent=$2 session=$4
} 2>/dev/null

process "$$" && own=$session && process "$own" && connection=$parent || exit 1
leaders=' '
# Just after its start, a channel's process is still a copy of sshd, and has no mark yet.
for _ in 1 2 3 4 5; do
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        process "$pid" && [ "$parent" = "$connection" ] && [ "$session" = "$pid" ] && [ "$pid" != "$own" ] || continue
        if grep -q -F -e "$mark" "$entry/cmdline" "$entry/environ" 2>/dev/null; then
            leaders="$leaders$pid "
        fi
    done
    for entry in $(grep -l -F -e "$mark" /proc/[0-9]*/cmdline 2>/dev/null); do
        entry=${entry#/proc/}
        # Session 0 is outside of this container, and not ours; our own has the arguments of this grep.
        process "${entry%/cmdline}" && [ "$session" -gt 0 ] && [ "$session" != "$own" ] || continue
        leaders="$leaders$session "
    done
    [ "$leaders" = ' ' ] || break
    sleep 0.2 2>/dev/null || sleep 1
done
[ "$leaders" != ' ' ] || exit 0
for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    process "$pid" || continue
    case $leaders in
        *" $session "*) kill -s KILL "$pid" 2>/dev/null ;;
    esac
done
