# Ends what another channel runs, of this connection or another one to this host: OpenSSH hands on no signal when root is logged in
# (session_signal_req wants a separated process, which root has none of), and sudo takes none from the account.
#
# On standard input: the mark that the other channel's command was given in its environment, random and used once. Its shell
# is a child of an SSH server's process, as ours is; the mark stands in the shell's arguments, or in the environment of what
# it became. What the command left behind in sessions of its own carries the mark as well, and is none of the server's. sudo
# keeps it in its arguments, also where it runs the command in a session of its own, on a terminal that it records.

process "$$" && own=$session && process "$own" && IFS= read -r server <"/proc/$parent/comm" || exit 1

# serves PID: whether that is an SSH server's process, by the name of ours. Process 1 takes in what others leave behind.
serves() {
    other=
    [ "$1" -gt 1 ] && IFS= read -r other <"/proc/$1/comm" && [ "$other" = "$server" ]
} 2>/dev/null

leaders=' '
# Just after its start, a channel's process is still a copy of sshd, and has no mark yet.
for _ in 1 2 3 4 5; do
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        process "$pid" && [ "$session" = "$pid" ] && [ "$pid" != "$own" ] && serves "$parent" || continue
        if holds "$entry/cmdline" || holds "$entry/environ"; then
            leaders="$leaders$pid "
        fi
    done
    for entry in /proc/[0-9]*; do
        # Session 0 is outside of this container, and not ours.
        holds "$entry/cmdline" && process "${entry#/proc/}" && [ "$session" -gt 0 ] && [ "$session" != "$own" ] || continue
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
