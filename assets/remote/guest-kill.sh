# Ends what another command runs in this guest: signals do not reach through what leads in.
#
# On standard input: the mark that stands in the arguments of that command's own shell, random and used once. That shell and all
# that descends from it are killed; what left for good, with process 1 as its parent, is not.

# marked PID: whether it is a shell whose arguments hold the mark. The name goes first, since a shell reads byte by byte.
marked() {
    IFS= read -r name <"/proc/$1/comm" && [ "$name" = sh ] && holds "/proc/$1/cmdline"
} 2>/dev/null

for _ in 1 2 3 4 5; do
    found=' '
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        [ "$pid" = "$$" ] || ! marked "$pid" || found="$found$pid "
    done
    [ "$found" = ' ' ] || break
    sleep 0.2 2>/dev/null || sleep 1
done
[ "$found" != ' ' ] || exit 0

# Stopped first, so that nothing is born between the look and the blow.
before=
while [ "$found" != "$before" ]; do
    before=$found
    for pid in $found; do
        kill -s STOP "$pid" 2>/dev/null
    done
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        case $found in
            *" $pid "*) continue ;;
        esac
        process "$pid" || continue
        case $found in
            *" $parent "*) found="$found$pid " ;;
        esac
    done
done
for pid in $found; do
    kill -s KILL "$pid" 2>/dev/null
done
