# How a process is known on a host. A part of job.sh, lifeline.sh, kill.sh and guest-kill.sh, which stand behind it; the text is also
# run by the shells that these leave behind.

# process PID: sets state, parent, session and born (its start time); false when there is no such process. proc_pid_stat(5): a
# process may put anything in its name, even ") " and line ends, so what follows the last ") " counts.
# shellcheck disable=SC2016
process_text='
process() {
    stat=
    while IFS= read -r line; do stat="$stat $line"; done <"/proc/$1/stat"
    set -- ${stat##*) }
    [ "$#" -ge 20 ] || return 1
    state=$1 parent=$2 session=$4 born=${20}
} 2>/dev/null
'
eval "$process_text"

