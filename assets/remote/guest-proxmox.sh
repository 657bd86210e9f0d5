# What is asked of Proxmox VE by every text that changes its containers. Its tasks go on when the call that began them is cut.

# config ID KEY: one line of `pct config`.
config() {
    pct config "$1" 2>/dev/null </dev/null | awk -v key="$2:" '$1 == key { sub(/^[^:]*: */, ""); print; exit }'
}
# state_of ID: running, stopped or absent.
state_of() {
    told_state=$(pct status "$1" 2>/dev/null </dev/null) || { echo absent && return; }
    echo "${told_state#status: }"
}
# ask PATH OPTION…: of this node, as JSON.
ask() {
    asked=$1
    shift
    pvesh get "/nodes/localhost/$asked" "$@" --output-format json 2>/dev/null </dev/null
}
# values KEY: the texts that a key has in JSON, one on each line.
values() {
    tr ',{}' '\n\n\n' | sed -n "s/^[[:space:]]*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"
}
# follow ID: waits for each task that works on a container, by its UPID. `ended` has the kinds of those that ended well.
ended=
follow() {
    for upid in $(ask tasks --source active --vmid "$1" | values upid); do
        kind=${upid#UPID:*:*:*:*:} kind=${kind%%:*} said=
        while [ "$(ask "tasks/$upid/status" | values status)" = running ]; do
            [ -n "$said" ] || echo "follows $upid"
            said=yes
            sleep 1
        done
        [ "$(ask "tasks/$upid/status" | values exitstatus)" != OK ] || ended="$ended $kind "
    done
}
# In the GiB that pct takes, rounded up.
gibibytes() {
    echo $((($1 + 1073741823) / 1073741824))
}
